-- A day's spend on models that is reached is an alert too. The list holds every kind that this release raises.
alter table public.alerts drop constraint alerts_kind;
alter table public.alerts add constraint alerts_kind check (kind in ('author_limit', 'bill_drift', 'budget',
    'connection_lost', 'day_spend', 'dead_letter', 'error_budget', 'figma_quota', 'isolation', 'no_worker', 'queue_stuck',
    'test', 'unbilled', 'unpriced', 'webhook_paused', 'weekly_report')) not valid;

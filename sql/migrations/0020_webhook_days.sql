-- Deliveries by day: what a month of deliveries is, read from some rows instead of from every hour of every webhook.

create table public.webhook_daily (
    webhook_id uuid not null,
    day date not null,
    outcome text not null,
    deliveries bigint not null,
    redeliveries bigint not null,
    primary key (webhook_id, day, outcome)
);
create index webhook_daily_day on public.webhook_daily (day);
comment on table public.webhook_daily is 'webhook_hourly by reporting day, of each webhook and of all; a day is counted once it is over. Days later than the last one here are read from webhook_hourly. Kept 92 days.';
comment on column public.webhook_daily.webhook_id is 'The webhook, in user_webhooks; zeros: all of them.';
comment on column public.webhook_daily.day is 'Day in the reporting time zone, of the start of its hours.';
comment on column public.webhook_daily.outcome is 'As in webhook_deliveries.';
comment on column public.webhook_daily.deliveries is 'Deliveries that arrived, redeliveries included.';
comment on column public.webhook_daily.redeliveries is 'Those of them that had been delivered before.';

alter table public.webhook_daily enable row level security;
revoke all on public.webhook_daily from public, anon, authenticated;
grant select, insert, update, delete on public.webhook_daily to service_role;
grant select on public.webhook_daily to authenticated;
create policy webhook_daily_select on public.webhook_daily for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

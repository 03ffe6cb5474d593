-- The nightly watch over the isolation of accounts: what was tried, and whether it held.

create table public.isolation_runs (
    id bigint generated always as identity primary key,
    started_at timestamptz not null default now(),
    ended_at timestamptz,
    state text not null default 'running',
    tried integer not null default 0,
    holes jsonb not null default '[]'::jsonb,
    by_visitor jsonb not null default '[]'::jsonb,
    problem text not null default '',
    constraint isolation_runs_state check (state in ('running', 'green', 'red', 'failed')),
    constraint isolation_runs_ended check ((state = 'running') = (ended_at is null))
);
create index isolation_runs_started_at on public.isolation_runs (started_at desc);
comment on table public.isolation_runs is 'Runs of the watch that tries, as a stranger and in every role, to read and change another account''s rows.';
comment on column public.isolation_runs.id is 'Our number.';
comment on column public.isolation_runs.started_at is 'When.';
comment on column public.isolation_runs.ended_at is 'When it was over; NULL: at work.';
comment on column public.isolation_runs.state is 'running; green: everything held; red: something did not; failed: not everything could be tried.';
comment on column public.isolation_runs.tried is 'How many attempts were made.';
comment on column public.isolation_runs.holes is 'What did not hold: [{visitor, what}].';
comment on column public.isolation_runs.by_visitor is 'Attempts by who made them: [{visitor, tried, holes}].';
comment on column public.isolation_runs.problem is 'Why not everything could be tried.';
alter table public.isolation_runs enable row level security;
revoke all on public.isolation_runs from public, anon, authenticated;
grant select, insert, update, delete on public.isolation_runs to service_role;
grant select on public.isolation_runs to authenticated;
create policy isolation_runs_select on public.isolation_runs for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
-- Who wanted to hear of everything still does.
update public.alert_channels set kinds = kinds || array['bill_drift', 'isolation']
where kinds @> array['budget', 'dead_letter', 'error_budget', 'queue_stuck', 'no_worker', 'figma_quota', 'unpriced',
    'webhook_paused', 'author_limit', 'unbilled', 'connection_lost'] and not kinds && array['bill_drift', 'isolation'];
alter table public.alerts validate constraint alerts_kind;

-- What became of advice by guidance and UTC day: hours have a row for each person. A day is counted once it is over, by upkeep;
-- until then it is read by hour, so that nothing is missing while a deploy goes on.

create table public.advice_contexts_daily (
    day date not null,
    name text not null,
    plan_code text not null,
    outcome text not null,
    answers bigint not null,
    constraint advice_contexts_daily_pkey primary key (day, name, plan_code, outcome),
    constraint advice_contexts_daily_outcome check (outcome in ('taken', 'ignored', 'disputed', 'unknown'))
);
comment on table public.advice_contexts_daily is 'Sums of advice_hourly of everybody by context and UTC day. A day is counted once it is over; later days than the last one here are read by hour, and so are single teams. Kept for 400 days.';
comment on column public.advice_contexts_daily.day is 'UTC day on which the answers were settled.';
comment on column public.advice_contexts_daily.name is 'Person and version of a context, as in advice_hourly.';
comment on column public.advice_contexts_daily.plan_code is 'Plan at that moment.';
comment on column public.advice_contexts_daily.outcome is 'As in advice_outcomes.';
comment on column public.advice_contexts_daily.answers is 'How many.';
alter table public.advice_contexts_daily enable row level security;
revoke all on public.advice_contexts_daily from public, anon, authenticated;
grant select, insert, update, delete on public.advice_contexts_daily to service_role;
grant select on public.advice_contexts_daily to authenticated;
create policy advice_contexts_daily_select on public.advice_contexts_daily for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

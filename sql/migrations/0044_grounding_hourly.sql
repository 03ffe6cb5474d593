-- The rollup behind the share of grounded answers, written in the ledger's own transaction.
create table public.grounding_hourly (
    team_id uuid not null,
    hour timestamptz not null,
    plan_code text not null,
    grounding text not null,
    answers bigint not null default 0,
    primary key (team_id, hour, plan_code, grounding),
    constraint grounding_hourly_grounding check (grounding in ('grounded', 'repaired', 'fell_back', 'no_numbers'))
);
comment on table public.grounding_hourly is 'Answers that a model wrote, by what became of their numbers and by UTC hour, of everybody and of each team; kept in the ledger''s own transaction.';
comment on column public.grounding_hourly.team_id is 'Team of the payer at the time of use; zeros: everybody, with a team or without. No foreign key: the row outlives the team.';
comment on column public.grounding_hourly.hour is 'Start of the UTC hour.';
comment on column public.grounding_hourly.plan_code is 'Plan at that moment.';
comment on column public.grounding_hourly.grounding is 'As in answers.grounding.';
comment on column public.grounding_hourly.answers is 'How many were posted.';
alter table public.grounding_hourly enable row level security;
revoke all on public.grounding_hourly from public, anon, authenticated;
grant select, insert, update, delete on public.grounding_hourly to service_role;
grant select on public.grounding_hourly to authenticated;
create policy grounding_hourly_select on public.grounding_hourly for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);
alter table public.answers validate constraint answers_grounding;

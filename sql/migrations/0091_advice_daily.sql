-- What became of advice by UTC day, beside the hours: a year of them is read on one page. The trigger comes with the
-- first days, so that no hour is missed while a deploy goes on.

create table public.advice_daily (
    team_id uuid not null,
    kind text not null,
    day date not null,
    plan_code text not null,
    name text not null,
    outcome text not null,
    answers bigint not null,
    constraint advice_daily_pkey primary key (team_id, kind, day, plan_code, name, outcome),
    constraint advice_daily_kind check (kind in ('rule', 'model')),
    constraint advice_daily_outcome check (outcome in ('taken', 'ignored', 'disputed', 'unknown'))
);
comment on table public.advice_daily is 'Answers by what became of their advice and by UTC day, by rule and by model: the sums of advice_hourly, kept up by its trigger. Kept for 400 days.';
comment on column public.advice_daily.team_id is 'As in advice_hourly.';
comment on column public.advice_daily.kind is 'By what: rule, model.';
comment on column public.advice_daily.day is 'UTC day on which the answers were settled.';
comment on column public.advice_daily.plan_code is 'Plan at that moment.';
comment on column public.advice_daily.name is 'Rule; provider and model.';
comment on column public.advice_daily.outcome is 'As in advice_outcomes.';
comment on column public.advice_daily.answers is 'How many; of a rule: answers that told of its problems.';
alter table public.advice_daily enable row level security;
revoke all on public.advice_daily from public, anon, authenticated;
grant all on public.advice_daily to service_role;
grant select on public.advice_daily to authenticated;
create policy advice_daily_select on public.advice_daily for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

create function private.add_advice_day() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    insert into public.advice_daily as d (team_id, kind, day, plan_code, name, outcome, answers)
    values (
        new.team_id, new.kind, (new.hour at time zone 'UTC')::date, new.plan_code, new.name, new.outcome,
        new.answers - case tg_op when 'UPDATE' then old.answers else 0 end
    )
    on conflict (team_id, kind, day, plan_code, name, outcome) do update set answers = d.answers + excluded.answers;
    return null;
end;
$$;
create trigger advice_hourly_days after insert or update on public.advice_hourly
    for each row when (new.kind in ('rule', 'model')) execute function private.add_advice_day();

insert into public.advice_daily (team_id, kind, day, plan_code, name, outcome, answers)
select team_id, kind, (hour at time zone 'UTC')::date, plan_code, name, outcome, sum(answers)
from public.advice_hourly where kind in ('rule', 'model')
group by 1, 2, 3, 4, 5, 6;

-- Pipelines by reporting day, of each plan and of all: a year of hours has millions of rows. A day is counted once it is over,
-- by upkeep; until then it is read from the hours, so that nothing is missing while a deploy goes on.

create table public.pipeline_daily (
    plan_code text not null,
    day date not null,
    outcome text not null,
    cause text not null,
    stage text not null,
    pipelines bigint not null,
    with_model bigint not null,
    constraint pipeline_daily_pkey primary key (plan_code, day, outcome, cause, stage)
);
comment on table public.pipeline_daily is 'Sums of pipeline_hourly by reporting day. A day is counted once it is over; later days than the last one here are read by hour. Kept 400 days.';
comment on column public.pipeline_daily.plan_code is 'As in pipeline_hourly; *: of all plans.';
comment on column public.pipeline_daily.day is 'Day in the reporting time zone.';
comment on column public.pipeline_daily.outcome is 'As in pipeline_hourly.';
comment on column public.pipeline_daily.cause is 'As in pipeline_hourly.';
comment on column public.pipeline_daily.stage is 'As in pipeline_hourly.';
comment on column public.pipeline_daily.pipelines is 'How many.';
comment on column public.pipeline_daily.with_model is 'As in pipeline_hourly.';
alter table public.pipeline_daily enable row level security;
revoke all on public.pipeline_daily from public, anon, authenticated;
grant select, insert, update, delete on public.pipeline_daily to service_role;
grant select on public.pipeline_daily to authenticated;
create policy pipeline_daily_select on public.pipeline_daily for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

create table public.pipeline_measures_daily (
    plan_code text not null,
    day date not null,
    measure text not null,
    bucket smallint not null,
    cases bigint not null,
    total double precision not null,
    constraint pipeline_measures_daily_pkey primary key (plan_code, day, measure, bucket)
);
comment on table public.pipeline_measures_daily is 'Sums of pipeline_measures_hourly by reporting day, counted with pipeline_daily. Kept 400 days.';
comment on column public.pipeline_measures_daily.plan_code is 'As in pipeline_daily.';
comment on column public.pipeline_measures_daily.day is 'As in pipeline_daily.';
comment on column public.pipeline_measures_daily.measure is 'As in pipeline_measures_hourly.';
comment on column public.pipeline_measures_daily.bucket is 'As in pipeline_measures_hourly.';
comment on column public.pipeline_measures_daily.cases is 'As in pipeline_measures_hourly.';
comment on column public.pipeline_measures_daily.total is 'As in pipeline_measures_hourly.';
alter table public.pipeline_measures_daily enable row level security;
revoke all on public.pipeline_measures_daily from public, anon, authenticated;
grant select, insert, update, delete on public.pipeline_measures_daily to service_role;
-- What runs cost is for founders alone, as by hour.
grant select on public.pipeline_measures_daily to authenticated;
create policy pipeline_measures_daily_select on public.pipeline_measures_daily for select to authenticated
    using (case (select private.operator_role()) when 'founder' then true when 'support' then measure <> 'cost' else false end);

-- In the form in which Postgres knows that an operator sees every row: the other looks like one in a hundred, so the newest runs
-- were found by sorting all of the period.

alter policy pipeline_history_select on public.pipeline_history
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

-- A day's measures of components in one row each, histogram and quantiles with it: read by bucket, a month had ten thousand rows,
-- and the more the more was measured. No version that was released reads the table; it is filled by the functions that come next.

drop table public.pipeline_measures_daily;
create table public.pipeline_measures_daily (
    plan_code text not null,
    day date not null,
    measure text not null,
    cases bigint not null,
    total double precision not null,
    buckets integer[] not null,
    uses bigint[] not null,
    p50 bigint,
    p95 bigint,
    constraint pipeline_measures_daily_pkey primary key (plan_code, day, measure),
    constraint pipeline_measures_daily_histogram check (cardinality(buckets) = cardinality(uses))
);
comment on table public.pipeline_measures_daily is 'Sums of pipeline_measures_hourly by reporting day, counted with pipeline_daily. Kept 400 days.';
comment on column public.pipeline_measures_daily.plan_code is 'As in pipeline_daily.';
comment on column public.pipeline_measures_daily.day is 'As in pipeline_daily.';
comment on column public.pipeline_measures_daily.measure is 'As in pipeline_measures_hourly.';
comment on column public.pipeline_measures_daily.cases is 'As in pipeline_measures_hourly.';
comment on column public.pipeline_measures_daily.total is 'As in pipeline_measures_hourly.';
comment on column public.pipeline_measures_daily.buckets is 'The buckets of the day as in pipeline_measures_hourly, rising.';
comment on column public.pipeline_measures_daily.uses is 'How many were measured in each of the buckets.';
comment on column public.pipeline_measures_daily.p50 is 'Their median, as private.bucket_quantile has it; NULL for figures of quality.';
comment on column public.pipeline_measures_daily.p95 is 'Their 95th percentile, likewise.';
alter table public.pipeline_measures_daily enable row level security;
revoke all on public.pipeline_measures_daily from public, anon, authenticated;
grant select, insert, update, delete on public.pipeline_measures_daily to service_role;
-- What runs cost is for founders alone, as by hour.
grant select on public.pipeline_measures_daily to authenticated;
create policy pipeline_measures_daily_select on public.pipeline_measures_daily for select to authenticated
    using (case (select private.operator_role()) when 'founder' then true when 'support' then measure <> 'cost' else false end);

-- In which time zone days are counted, the day a week starts on, and the rollups by such days and by team.

create table public.reporting_settings (
    id text primary key default 'reporting',
    time_zone text not null default 'UTC',
    week_start text not null default 'monday',
    updated_at timestamptz not null default now(),
    constraint reporting_settings_only check (id = 'reporting'),
    constraint reporting_settings_week_start check (week_start in ('monday', 'sunday'))
);
comment on table public.reporting_settings is 'One row: the time zone and the week start of every figure by day, week or month. Changed with set_reporting().';
comment on column public.reporting_settings.id is 'Always "reporting".';
comment on column public.reporting_settings.time_zone is 'An IANA name whose offset is whole hours, since the rollups are by whole UTC hours.';
comment on column public.reporting_settings.week_start is '"monday" or "sunday".';
comment on column public.reporting_settings.updated_at is 'When it was last changed.';
insert into public.reporting_settings default values;
create trigger reporting_settings_audit after insert or update or delete on public.reporting_settings
    for each row execute function private.audit();

create table public.usage_daily (
    day date not null,
    plan_code text not null,
    feature text not null,
    provider text not null,
    model text not null,
    status text not null,
    error_code text not null,
    uses bigint not null default 0,
    unpriced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    latency_ms_sum bigint not null default 0,
    model_latency_ms_sum bigint not null default 0,
    latency_histogram bigint[] not null,
    model_latency_histogram bigint[] not null,
    primary key (day, plan_code, feature, provider, model, status, error_code)
);
comment on table public.usage_daily is 'usage_hourly by reporting day, kept in the ledger''s own transaction: long periods are read from here.';

create table public.usage_hourly_teams (
    team_id uuid not null,
    hour timestamptz not null,
    plan_code text not null,
    feature text not null,
    status text not null,
    uses bigint not null default 0,
    unpriced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    latency_ms_sum bigint not null default 0,
    model_latency_ms_sum bigint not null default 0,
    latency_histogram bigint[] not null,
    primary key (team_id, hour, plan_code, feature, status)
);
comment on table public.usage_hourly_teams is 'The ledger by hour (UTC) and team of the payer at the time of use: figures narrowed to a team.';

-- The columns mean what they mean in usage_hourly, and say so.
do $$
declare
    v_column record;
begin
    for v_column in
        select attribute.attrelid::regclass as target, attribute.attname as name,
            coalesce(pg_catalog.col_description('public.usage_hourly'::regclass, source.attnum), '') as meaning
        from pg_catalog.pg_attribute as attribute
        join pg_catalog.pg_attribute as source
            on source.attrelid = 'public.usage_hourly'::regclass and source.attname = attribute.attname
        where attribute.attrelid in ('public.usage_daily'::regclass, 'public.usage_hourly_teams'::regclass)
            and attribute.attnum > 0
    loop
        execute format('comment on column %s.%I is %L', v_column.target, v_column.name, v_column.meaning);
    end loop;
end;
$$;
comment on column public.usage_daily.day is 'Day in the reporting time zone.';
comment on column public.usage_hourly_teams.team_id is 'Team of the payer at the time of use. No foreign key: the row outlives the team.';
comment on column public.usage_daily_users.day is 'Day in the reporting time zone.';
comment on table public.usage_daily_users is 'The ledger by reporting day and paying user, kept in the ledger''s own transaction.';

-- What nearly used-up plans are found by. Not on `used`, so that a use stays a cheap (HOT) update.
create index use_balances_period on public.use_balances (period_start, plan_code);

-- A subscription has the price in force at each moment: a new price of its plan starts a new interval.
create view private.paid_intervals with (security_invoker = true) as
select s.id as subscription_id, s.user_id, s.team_id, s.plan_code, s.seats, p.price_microusd,
    s.seats * p.price_microusd as mrr_microusd,
    greatest(s.starts_at, p.valid_from) as from_at,
    least(coalesce(s.ends_at, 'infinity'), p.valid_to) as to_at
from public.subscriptions as s
join (
    select code, price_microusd, valid_from,
        coalesce(lead(valid_from) over (partition by code order by valid_from), 'infinity') as valid_to
    from public.plans
) as p on p.code = s.plan_code and p.valid_from < coalesce(s.ends_at, 'infinity') and p.valid_to > s.starts_at
where p.price_microusd > 0;
comment on view private.paid_intervals is 'MRR: seats × monthly price of each subscription in [from_at, to_at). Free plans, tax and one-off amounts are not in it.';
revoke all on private.paid_intervals from public, anon, authenticated;
grant select on private.paid_intervals to authenticated, service_role;

do $$
declare
    v_table text;
begin
    foreach v_table in array array['reporting_settings', 'usage_daily', 'usage_hourly_teams'] loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('revoke all on public.%I from anon, authenticated', v_table);
        execute format('grant select, insert, update, delete on public.%I to service_role', v_table);
        execute format('grant select on public.%I to authenticated', v_table);
        execute format(
            'create policy %I on public.%I for select to authenticated'
            ' using ((select private.operator_role()) is not null)', v_table || '_select', v_table
        );
    end loop;
end;
$$;

-- What was recorded before there was a rollup by day: while the zone is UTC its days are UTC days.
insert into public.usage_daily
select days.*, histograms.latency, histograms.model_latency
from (
    select (hour at time zone 'UTC')::date as day, plan_code, feature, provider, model, status, error_code,
        sum(uses) as uses, sum(unpriced), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens),
        sum(reasoning_tokens), sum(cost_microusd), sum(latency_ms_sum), sum(model_latency_ms_sum)
    from public.usage_hourly
    group by 1, 2, 3, 4, 5, 6, 7
) as days
join (
    select day, plan_code, feature, provider, model, status, error_code,
        array_agg(latency order by bucket) as latency, array_agg(model_latency order by bucket) as model_latency
    from (
        select (hour at time zone 'UTC')::date as day, plan_code, feature, provider, model, status, error_code,
            b.bucket, sum(b.latency)::bigint as latency, sum(b.model_latency)::bigint as model_latency
        from public.usage_hourly,
            unnest(latency_histogram, model_latency_histogram) with ordinality as b (latency, model_latency, bucket)
        group by 1, 2, 3, 4, 5, 6, 7, 8
    ) as counts
    group by 1, 2, 3, 4, 5, 6, 7
) as histograms using (day, plan_code, feature, provider, model, status, error_code);

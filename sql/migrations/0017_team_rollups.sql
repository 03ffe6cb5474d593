-- AI cost and reliability by day and by team: pages narrowed to a team, and long periods, are read from here.

create table public.ai_cost_daily (
    day date not null,
    plan_code text not null,
    feature text not null,
    provider text not null,
    model text not null,
    calls bigint not null default 0,
    reported bigint not null default 0,
    unpriced bigint not null default 0,
    newly_priced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    reported_microusd bigint not null default 0,
    adjustment_microusd bigint not null default 0,
    primary key (day, plan_code, feature, provider, model)
);
comment on table public.ai_cost_daily is 'ai_cost_hourly by day of the reporting time zone: whole days of long periods are read from here.';

create table public.ai_cost_hourly_teams (
    team_id uuid not null,
    hour timestamptz not null,
    plan_code text not null,
    feature text not null,
    provider text not null,
    model text not null,
    calls bigint not null default 0,
    reported bigint not null default 0,
    unpriced bigint not null default 0,
    newly_priced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    reported_microusd bigint not null default 0,
    adjustment_microusd bigint not null default 0,
    primary key (team_id, hour, plan_code, feature, provider, model)
);
comment on table public.ai_cost_hourly_teams is 'ai_cost_hourly by team of the payer at the time of use. Calls of people without a team are left out.';

create table public.reliability_daily (
    team_id uuid not null,
    day date not null,
    plan_code text not null,
    error_code text not null,
    answered bigint not null default 0,
    without_model bigint not null default 0,
    failed bigint not null default 0,
    latency_histogram bigint[] not null,
    model_latency_histogram bigint[] not null,
    figma_latency_histogram bigint[] not null,
    primary key (team_id, day, plan_code, error_code)
    -- Histograms are mostly zeros: compressed, all three of them, a row is a quarter as long.
) with (toast_tuple_target = 1000);
comment on table public.reliability_daily is 'Comments answered and failed by reporting day, of everybody and of each team, with the times of the answered ones; kept in the ledger''s own transaction.';
comment on column public.reliability_daily.team_id is 'Team of the payer at the time of use; zeros: everybody, with a team or without.';
comment on column public.reliability_daily.day is 'Day in the reporting time zone.';

create table public.reliability_hourly_teams (
    team_id uuid not null,
    hour timestamptz not null,
    plan_code text not null,
    error_code text not null,
    answered bigint not null default 0,
    without_model bigint not null default 0,
    failed bigint not null default 0,
    latency_histogram bigint[] not null,
    model_latency_histogram bigint[] not null,
    figma_latency_histogram bigint[] not null,
    primary key (team_id, hour, plan_code, error_code)
) with (toast_tuple_target = 1000);
comment on table public.reliability_hourly_teams is 'As reliability_daily, by UTC hour and team. The hours of everybody are in usage_hourly.';
comment on column public.reliability_hourly_teams.team_id is 'Team of the payer at the time of use. No foreign key: the row outlives the team.';
comment on column public.reliability_hourly_teams.hour is 'Start of the UTC hour.';

create table public.queue_hourly (
    hour timestamptz primary key,
    waiting integer not null,
    deferred integer not null,
    dead_letters integer not null,
    oldest_seconds double precision not null,
    workers integer not null,
    samples bigint not null
);
comment on table public.queue_hourly is 'queue_samples by UTC hour, kept as they are written: the deepest queue of an hour. Longer periods are read from here.';
comment on column public.queue_hourly.hour is 'Start of the UTC hour.';
comment on column public.queue_hourly.waiting is 'Most answers waiting and in work at once.';
comment on column public.queue_hourly.deferred is 'Most answers put off until a quota opens.';
comment on column public.queue_hourly.dead_letters is 'Most answers that had ended without a reply.';
comment on column public.queue_hourly.oldest_seconds is 'Greatest age of the oldest answer queued or in work, in seconds.';
comment on column public.queue_hourly.workers is 'Fewest live workers.';
comment on column public.queue_hourly.samples is 'Minutes that were sampled.';

do $$
declare
    v_table text;
    v_column record;
begin
    -- The columns mean what they mean in ai_cost_hourly, and say so.
    for v_column in
        select attribute.attrelid::regclass as target, attribute.attname as name,
            pg_catalog.col_description(source.attrelid, source.attnum) as meaning
        from pg_catalog.pg_attribute as attribute
        join pg_catalog.pg_attribute as source
            on source.attrelid = 'public.ai_cost_hourly'::regclass and source.attname = attribute.attname
        where attribute.attrelid in ('public.ai_cost_daily'::regclass, 'public.ai_cost_hourly_teams'::regclass)
            and attribute.attnum > 0
    loop
        execute format('comment on column %s.%I is %L', v_column.target, v_column.name, v_column.meaning);
    end loop;
    foreach v_table in array array['reliability_daily', 'reliability_hourly_teams'] loop
        for v_column in
            select * from (values
                ('plan_code', 'Plan at that moment.'),
                ('error_code', 'Why it failed; empty for the answered ones.'),
                ('answered', 'Comments answered.'),
                ('without_model', 'Those of them answered from measured facts alone.'),
                ('failed', 'Runs that ended without a reply and without a charge.'),
                ('latency_histogram', 'From webhook to reply, of the answered ones: 84 counts, buckets as in usage_hourly.'),
                ('model_latency_histogram', 'Time spent waiting for models, likewise; zero times are left out.'),
                ('figma_latency_histogram', 'Time spent in calls to Figma, likewise; zero times are left out.')
            ) as columns (name, meaning)
        loop
            execute format('comment on column public.%I.%I is %L', v_table, v_column.name, v_column.meaning);
        end loop;
    end loop;
    foreach v_table in array array[
        'ai_cost_daily', 'ai_cost_hourly_teams', 'reliability_daily', 'reliability_hourly_teams', 'queue_hourly'
    ] loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('revoke all on public.%I from public, anon, authenticated', v_table);
        execute format('grant select, insert, update, delete on public.%I to service_role', v_table);
        execute format('grant select on public.%I to authenticated', v_table);
        execute format(
            'create policy %I on public.%I for select to authenticated using ((select private.operator_role()) %s)',
            v_table || '_select', v_table,
            case when v_table like 'ai_cost%' then 'is not null' else $roles$in ('founder', 'support')$roles$ end
        );
    end loop;
end;
$$;
comment on column public.ai_cost_daily.day is 'Day in the reporting time zone.';
comment on column public.ai_cost_hourly_teams.team_id is 'Team of the payer at the time of use. No foreign key: the row outlives the team.';

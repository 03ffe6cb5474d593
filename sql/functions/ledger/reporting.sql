-- Days, weeks and money as every page counts them: the reporting zone, the rollups by it, and one definition of MRR.

create or replace function private.reporting_zone() returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return coalesce((select time_zone from public.reporting_settings), 'UTC');
end;
$$;
comment on function private.reporting_zone is 'The time zone in which days are counted.';
revoke execute on function private.reporting_zone from public, anon;
grant execute on function private.reporting_zone to authenticated, service_role;

create or replace function private.reporting_day(p_at timestamptz) returns date
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return (p_at at time zone private.reporting_zone())::date;
end;
$$;
comment on function private.reporting_day is 'The day, in the reporting time zone, in which a moment lies.';
revoke execute on function private.reporting_day from public, anon;
grant execute on function private.reporting_day to authenticated, service_role;

create or replace function private.reporting_start(p_day date) returns timestamptz
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return p_day::timestamp at time zone private.reporting_zone();
end;
$$;
comment on function private.reporting_start is 'The first moment of a reporting day.';
revoke execute on function private.reporting_start from public, anon;
grant execute on function private.reporting_start to authenticated, service_role;

-- For callers that read whole days by day and only the rest by hour, so that a long period stays cheap.
create or replace function private.whole_days(
    p_from timestamptz, p_to timestamptz, p_before date,
    out first_day date, out end_day date, out starts timestamptz, out ends timestamptz
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_zone text := private.reporting_zone();
begin
    first_day := (p_from at time zone v_zone)::date;
    if first_day::timestamp at time zone v_zone < p_from then
        first_day := first_day + 1;
    end if;
    end_day := least((p_to at time zone v_zone)::date, p_before);
    if first_day < end_day then
        starts := first_day::timestamp at time zone v_zone;
        ends := end_day::timestamp at time zone v_zone;
    else
        end_day := first_day;
        starts := p_to;
        ends := p_to;
    end if;
end;
$$;
comment on function private.whole_days is 'The reporting days that lie whole in [p_from, p_to) and before p_before (null: whenever): first_day up to but without end_day, from starts to ends; what is left are the hours in [p_from, starts) and [ends, p_to). Without such a day starts = ends = p_to.';
revoke execute on function private.whole_days from public, anon;
grant execute on function private.whole_days to authenticated, service_role;

create or replace function private.reporting_week(p_day date) returns date
language sql
stable
security invoker
set search_path = ''
as $$
    select case (select week_start from public.reporting_settings)
        when 'sunday' then p_day - extract(dow from p_day)::integer
        else p_day - (extract(isodow from p_day)::integer - 1) end
$$;
comment on function private.reporting_week is 'The first day of the week of a day, by the week start of the settings.';
revoke execute on function private.reporting_week from public, anon;
grant execute on function private.reporting_week to authenticated, service_role;

-- Hours and days of use are counted by the same statement.
create or replace function private.rebuild_usage_rows(p_by_day boolean) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    -- One sum per bucket: 84 counters over few rows, where an unnest would make 84 rows of each.
    v_latency text := (
        select string_agg(format('coalesce(sum(uses) filter (where bucket = %s), 0)::bigint', b), ', ' order by b)
        from generate_series(1, 84) as b
    );
begin
    execute format(
        $sql$
        with buckets as materialized (
            select ms, private.latency_bucket(ms) as bucket
            from (
                select latency_ms from public.usage_logs
                union select model_latency_ms from public.usage_logs
                union select figma_latency_ms from public.usage_logs
            ) as times (ms)
        ), counted as (
            select %1$s as at, plan_code, feature, provider, model, status, error_code, total.bucket as bucket,
                case when model_latency_ms > 0 then model.bucket end as model_bucket,
                %5$s as figma_bucket, count(*) as uses, count(*) filter (where cost_state = 'unpriced') as unpriced,
                sum(input_tokens) as input_tokens, sum(cached_input_tokens) as cached_input_tokens,
                sum(output_tokens) as output_tokens, sum(reasoning_tokens) as reasoning_tokens,
                sum(cache_write_tokens) as cache_write_tokens,
                coalesce(sum(cost_microusd), 0) as cost_microusd, sum(latency_ms) as latency_ms_sum,
                sum(model_latency_ms) as model_latency_ms_sum, sum(figma_latency_ms) as figma_latency_ms_sum
            from public.usage_logs
            join buckets as total on total.ms = latency_ms
            join buckets as model on model.ms = model_latency_ms
            join buckets as figma on figma.ms = figma_latency_ms
            group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
        )
        insert into public.%2$I
        select at, plan_code, feature, provider, model, status, error_code, sum(uses), sum(unpriced),
            sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens),
            sum(cost_microusd), sum(latency_ms_sum), sum(model_latency_ms_sum), array[%3$s], array[%4$s]
            %6$s, sum(cache_write_tokens)
        from counted
        group by 1, 2, 3, 4, 5, 6, 7
        $sql$,
        case when p_by_day then format('(at at time zone %L)::date', private.reporting_zone())
            else $hour$date_trunc('hour', at, 'UTC')$hour$ end,
        case when p_by_day then 'usage_daily' else 'usage_hourly' end,
        v_latency, replace(v_latency, 'bucket', 'model_bucket'),
        -- Only hours keep the time spent in Figma.
        case when p_by_day then 'null::integer' else 'case when figma_latency_ms > 0 then figma.bucket end' end,
        case when p_by_day then '' else format(
            ', sum(figma_latency_ms_sum), array[%s]', replace(v_latency, 'bucket', 'figma_bucket')
        ) end
    );
end;
$$;
comment on function private.rebuild_usage_rows is 'Fills the empty usage_daily (true) or usage_hourly (false) from the ledger.';
revoke execute on function private.rebuild_usage_rows from public, anon, authenticated;
grant execute on function private.rebuild_usage_rows to service_role;

create or replace function private.rebuild_usage_teams() returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_latency text := (
        select string_agg(format('coalesce(sum(uses) filter (where bucket = %s), 0)::bigint', b), ', ' order by b)
        from generate_series(1, 84) as b
    );
begin
    lock table public.usage_hourly_teams in exclusive mode;
    delete from public.usage_hourly_teams;
    execute format(
        $sql$
        with buckets as materialized (
            select ms, private.latency_bucket(ms) as bucket
            from (select distinct latency_ms from public.usage_logs where team_id is not null) as times (ms)
        ), counted as (
            select team_id, date_trunc('hour', at, 'UTC') as hour, plan_code, feature, status, bucket,
                count(*) as uses, count(*) filter (where cost_state = 'unpriced') as unpriced,
                sum(input_tokens) as input_tokens, sum(cached_input_tokens) as cached_input_tokens,
                sum(output_tokens) as output_tokens, sum(reasoning_tokens) as reasoning_tokens,
                sum(cache_write_tokens) as cache_write_tokens,
                coalesce(sum(cost_microusd), 0) as cost_microusd, sum(latency_ms) as latency_ms_sum,
                sum(model_latency_ms) as model_latency_ms_sum
            from public.usage_logs join buckets on buckets.ms = latency_ms
            where team_id is not null
            group by 1, 2, 3, 4, 5, 6
        )
        insert into public.usage_hourly_teams
        select team_id, hour, plan_code, feature, status, sum(uses), sum(unpriced), sum(input_tokens),
            sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens), sum(cost_microusd),
            sum(latency_ms_sum), sum(model_latency_ms_sum), array[%s], sum(cache_write_tokens)
        from counted
        group by 1, 2, 3, 4, 5
        $sql$,
        v_latency
    );
end;
$$;
comment on function private.rebuild_usage_teams is 'usage_hourly_teams anew from the ledger.';
revoke execute on function private.rebuild_usage_teams from public, anon, authenticated;
grant execute on function private.rebuild_usage_teams to service_role;

create or replace function private.rebuild_usage_daily() returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_zone text := private.reporting_zone();
begin
    lock table public.usage_daily in exclusive mode;
    delete from public.usage_daily;
    perform private.rebuild_usage_rows(true);
    lock table public.usage_daily_users in exclusive mode;
    delete from public.usage_daily_users;
    insert into public.usage_daily_users (
        day, user_id, plan_code, answered, refused, failed, unpriced, input_tokens, output_tokens, cost_microusd
    )
    select (at at time zone v_zone)::date, user_id, plan_code,
        count(*) filter (where status = 'answered' and feature not in ('pipeline', 'rehearsal')),
        count(*) filter (where status = 'refused'),
        count(*) filter (where status = 'failed' and feature not in ('pipeline', 'rehearsal')),
        count(*) filter (where cost_state = 'unpriced'), sum(input_tokens), sum(output_tokens),
        coalesce(sum(cost_microusd), 0)
    from public.usage_logs
    where user_id is not null
    group by 1, 2, 3;
end;
$$;
comment on function private.rebuild_usage_daily is 'usage_daily and usage_daily_users anew from the ledger, by days of the reporting zone now in force.';
revoke execute on function private.rebuild_usage_daily from public, anon, authenticated;
grant execute on function private.rebuild_usage_daily to service_role;

create or replace function private.rebuild_usage_hourly() returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    lock table public.usage_hourly in exclusive mode;
    delete from public.usage_hourly;
    perform private.rebuild_usage_rows(false);
end;
$$;
comment on function private.rebuild_usage_hourly is 'usage_hourly anew from the ledger.';
revoke execute on function private.rebuild_usage_hourly from public, anon, authenticated;
grant execute on function private.rebuild_usage_hourly to service_role;

-- Security definer: operators may not write rollups themselves. The tables are locked in the order in which write_usage
-- fills them. So a use that is being written is either in the ledger that this reads, or added afterwards.
create or replace function public.set_reporting(p_time_zone text, p_week_start text, p_reason text) returns jsonb
language plpgsql
security definer
set search_path = ''
set statement_timeout = '10min'
as $$
declare
    v_before text := private.reporting_zone();
begin
    if private.operator_role() is distinct from 'founder' then
        raise exception using errcode = '42501', message = 'only_founders_change_how_days_are_counted';
    end if;
    if length(trim(coalesce(p_reason, ''))) < 3 then
        raise exception using errcode = '22023', message = 'say_why';
    end if;
    if not exists (select from pg_catalog.pg_timezone_names where name = p_time_zone) then
        raise exception using errcode = '22023', message = 'no_such_time_zone',
            detail = jsonb_build_object('time_zone', p_time_zone)::text;
    end if;
    if exists (
        select from generate_series(now() - interval '1 year', now() + interval '1 year', '1 month') as at
        where extract(minute from at at time zone p_time_zone) <> extract(minute from at at time zone 'UTC')
    ) then
        raise exception using errcode = '22023', message = 'time_zone_with_half_hours',
            detail = jsonb_build_object('time_zone', p_time_zone)::text;
    end if;
    if p_week_start is null or p_week_start not in ('monday', 'sunday') then
        raise exception using errcode = '22023', message = 'week_starts_on_monday_or_sunday';
    end if;
    perform set_config('app.reason', trim(p_reason), true);
    update public.reporting_settings set time_zone = p_time_zone, week_start = p_week_start, updated_at = now()
    where id = 'reporting';
    if p_time_zone <> v_before then
        perform private.rebuild_usage_daily();
    end if;
    return jsonb_build_object('time_zone', p_time_zone, 'week_start', p_week_start);
end;
$$;
comment on function public.set_reporting is 'Founders: the reporting time zone and week start. A new zone counts every day anew from the ledger.';
revoke execute on function public.set_reporting from public, anon, authenticated;
grant execute on function public.set_reporting to authenticated;

create or replace function public.reporting() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'time_zone', settings.time_zone, 'week_start', settings.week_start,
        'plans', (
            select jsonb_object_agg(code, name)
            from (select distinct on (code) code, name from public.plans order by code, valid_from desc) as named
        ),
        'teams', coalesce((select jsonb_object_agg(id, name) from public.teams), '{}'::jsonb)
    )
    from public.reporting_settings as settings
$$;
comment on function public.reporting is 'What the pickers of a page need: time zone, week start, names of plans by code and of teams by id.';
revoke execute on function public.reporting from public, anon, authenticated;
grant execute on function public.reporting to authenticated;

-- Reads whole days by day and only the rest by hour, so that a long period stays cheap.
create or replace function private.refused_between(
    p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_by_hour boolean
) returns table (at timestamptz, uses bigint)
language plpgsql
stable
security invoker
set search_path = ''
as $$
#variable_conflict use_column
declare
    v_zone text := private.reporting_zone();
    v_days record;
begin
    if p_team is not null then
        return query
            select hour, uses from public.usage_hourly_teams
            where team_id = p_team and hour >= p_from and hour < p_to and status = 'refused'
                and feature <> 'analysis' and (p_plans is null or plan_code = any (p_plans));
        return;
    end if;
    select * into v_days from private.whole_days(p_from, p_to, case when p_by_hour then '-infinity'::date end);
    return query
        select day::timestamp at time zone v_zone, uses from public.usage_daily
        where day >= v_days.first_day and day < v_days.end_day and status = 'refused'
            and feature <> 'analysis' and (p_plans is null or plan_code = any (p_plans));
    return query
        select hour, uses from public.usage_hourly
        where ((hour >= p_from and hour < v_days.starts) or (hour >= v_days.ends and hour < p_to)) and status = 'refused'
            and feature <> 'analysis' and (p_plans is null or plan_code = any (p_plans));
end;
$$;
comment on function private.refused_between is 'Comments refused in [p_from, p_to), whole UTC hours: whole reporting days from usage_daily unless hours are asked for, the rest from usage_hourly; with a team from usage_hourly_teams.';
revoke execute on function private.refused_between from public, anon;
grant execute on function private.refused_between to authenticated, service_role;

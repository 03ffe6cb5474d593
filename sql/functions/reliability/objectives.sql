-- Service level objectives: what is promised, how fast its error budget burns, and changing it.

create or replace function private.within_limit(p_histogram bigint[], p_limit_ms bigint) returns double precision
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
    v_bucket integer := private.fine_bucket(p_limit_ms);
    v_low double precision := power(2.0::double precision, (v_bucket - 102) / 24.0);
    v_high double precision := power(2.0::double precision, (v_bucket - 101) / 24.0);
    v_share double precision := least(1, (p_limit_ms - v_low) / (v_high - v_low));
begin
    return (
        select coalesce(sum(case when bucket < v_bucket then uses else uses * v_share end), 0)
        from (
            select case when place < 101 then 6 * place + 92 else place end as bucket, uses
            from (
                select generate_subscripts(p_histogram, 1) as place, unnest(p_histogram) as uses
            ) as places
        ) as counted
        where bucket <= v_bucket and uses > 0
    );
end;
$$;
comment on function private.within_limit is 'How many of a latency histogram took at most so many milliseconds; of the bucket that holds the limit the share below it, as if its uses were spread evenly.';
revoke execute on function private.within_limit from public, anon;
grant execute on function private.within_limit to authenticated, service_role;

-- Service level objectives and error budget: https://sre.google/workbook/alerting-on-slos/
create or replace function public.slo_windows()
returns table (
    code text, target numeric, threshold_ms bigint, hours integer, cases bigint, good bigint, burn_rate double precision
)
language sql
stable
security invoker
set search_path = ''
as $$
    with windows (hours) as (
        values (1), (6), (72), (720)
    ), found as materialized (
        select windows.hours, rows.answered, rows.failed, rows.latency_histogram
        from windows
        cross join lateral private.reliability_between(
            date_trunc('hour', now(), 'UTC') - make_interval(hours => windows.hours), now(), null, null, false
        ) as rows
    ), cases as (
        select windows.hours, coalesce(sum(found.answered), 0)::bigint as answered,
            coalesce(sum(found.answered + found.failed), 0)::bigint as cases
        from windows left join found on found.hours = windows.hours
        group by windows.hours
    ), quick as (
        select found.hours, floor(sum(private.within_limit(found.latency_histogram, t.threshold_ms))) as in_time
        from found
        join public.reliability_targets as t on t.code = 'in_time'
        where found.answered > 0
        group by found.hours
    ), counted as (
        select t.code, t.target, t.threshold_ms, cases.hours, cases.cases,
            case t.code when 'answered' then cases.answered else coalesce(quick.in_time, 0)::bigint end as good
        from public.reliability_targets as t
        cross join cases
        left join quick on quick.hours = cases.hours
    )
    select counted.*, ((counted.cases - counted.good)::double precision / nullif(counted.cases, 0)) / (1 - counted.target)::double precision
    from counted where private.require_support()
    order by counted.code, counted.hours
$$;
comment on function public.slo_windows is 'Per objective and window (so many whole hours and the current one): cases = answered + failed, of the comments that were to be answered, as private.reliability_between counts them; good = answered, or answered in time (linear inside the bucket that holds the limit); burn_rate = (bad / cases) / (1 - target), 1 uses the budget up in just 30 days.';
revoke execute on function public.slo_windows from public, anon, authenticated;
grant execute on function public.slo_windows to authenticated, service_role;

create or replace function public.slo_course()
returns table (code text, day date, cases bigint, good bigint, bad bigint, budget_left double precision)
language sql
stable
security invoker
set search_path = ''
as $$
    with days as (
        select day::date as day
        from generate_series(private.reporting_day(now()) - 29, private.reporting_day(now()), interval '1 day') as day
    ), kept as (
        select days.day, coalesce(sum(r.answered), 0)::bigint as answered,
            coalesce(sum(r.answered + r.failed), 0)::bigint as cases,
            coalesce(floor(sum(private.within_limit(r.latency_histogram, t.threshold_ms))
                filter (where r.answered > 0)), 0)::bigint as in_time
        from days
        join public.reliability_targets as t on t.code = 'in_time'
        left join public.reliability_daily as r
            on r.day = days.day and r.team_id = '00000000-0000-0000-0000-000000000000'
        group by days.day
    ), judged as (
        select t.code, t.target, kept.day, kept.cases,
            case t.code when 'answered' then kept.answered else kept.in_time end as good
        from kept cross join public.reliability_targets as t
    )
    select code, day, cases, good, cases - good,
        (1 - sum(cases - good) over (partition by code order by day)
            / nullif((1 - target) * sum(cases) over (partition by code), 0))::double precision
    from judged where private.require_support()
    order by code, day
$$;
comment on function public.slo_course is 'How the error budget of the last 30 reporting days (today included) was used up: per objective and day cases, good and bad as in slo_windows; budget_left = 1 - bad up to that day / ((1 - target) * cases of all 30 days), NULL without any case.';
revoke execute on function public.slo_course from public, anon, authenticated;
grant execute on function public.slo_course to authenticated, service_role;

create or replace function public.set_reliability_target(
    p_code text, p_target numeric, p_threshold_ms bigint, p_reason text
) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.demand_role(array['founder'], p_reason);
    if p_target is null or p_target <= 0 or p_target >= 1 then
        raise exception using errcode = 'PT422', message = 'target_not_between_0_and_100';
    end if;
    if p_code = 'in_time' and coalesce(p_threshold_ms, 0) not between 1000 and 1440000 then
        raise exception using errcode = 'PT422', message = 'time_not_between_1_and_1440_seconds';
    end if;
    update public.reliability_targets
    set target = p_target, threshold_ms = case when code = 'in_time' then p_threshold_ms end, updated_at = now()
    where code = p_code;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_objective';
    end if;
end;
$$;
comment on function public.set_reliability_target is 'Founders set an objective: its share and, for in_time, its limit in milliseconds: at most 24 minutes.';
revoke execute on function public.set_reliability_target from public, anon, authenticated;
grant execute on function public.set_reliability_target to authenticated;

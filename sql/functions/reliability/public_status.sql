-- What anybody may know of how the service is: the page /status. No count, name, file or word of a customer.

-- Days are judged by the objective "answered" of the page Reliability: within it; missed up to tenfold; more.
create or replace function private.day_level(p_cases bigint, p_bad bigint) returns text
language sql
stable
security invoker
set search_path = ''
as $$
    select case
        when coalesce(p_cases, 0) = 0 then 'none'
        -- One failure among few cases says nothing.
        when p_bad < 3 and p_cases < 100 or p_bad <= (1 - t.target) * p_cases then 'ok'
        when p_bad <= least(0.5, 10 * (1 - t.target)) * p_cases then 'degraded'
        else 'down'
    end
    from public.reliability_targets as t where t.code = 'answered'
$$;
comment on function private.day_level is 'ok, degraded, down or none (no case) of a day, by its cases and those that went wrong.';
revoke execute on function private.day_level from public, anon, authenticated;
grant execute on function private.day_level to service_role;

-- Rollups alone are read, and what the watch over the service has raised: a few milliseconds, whatever is in the ledger.
create or replace function public.public_status() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with days as (
        select (now() at time zone 'UTC')::date - back as day from generate_series(89, 0, -1) as back
    ), counted as (
        select 'comments' as code, day, sum(answered + failed)::bigint as cases, sum(failed)::bigint as bad
        from public.reliability_daily
        where team_id = '00000000-0000-0000-0000-000000000000' and day > (now() at time zone 'UTC')::date - 90
        group by day
        union all
        select case feature when 'analysis' then 'analyses' else 'builds' end, day,
            sum(uses)::bigint, coalesce(sum(uses) filter (where status = 'failed'), 0)::bigint
        from public.usage_daily
        where feature in ('analysis', 'pipeline_run') and status in ('answered', 'failed')
            and day > (now() at time zone 'UTC')::date - 90
        group by 1, 2
        union all
        -- Minutes in which worker and database were seen alive: sign-in needs no more of us. What was before the
        -- first whole hour was none of ours.
        select 'sign_in', (hour at time zone 'UTC')::date, 60 * count(*), greatest(0, 60 * count(*) - sum(samples))::bigint
        from (
            select steps.hour, coalesce(known.samples, 0) as samples
            from generate_series(
                (select min(hour) + interval '1 hour' from public.queue_hourly where hour > now() - interval '90 days'),
                now() - interval '1 hour', interval '1 hour') as steps (hour)
            left join public.queue_hourly as known on known.hour = date_trunc('hour', steps.hour, 'UTC')
        ) as alive
        group by 2
    ), raised as (
        select kind, subject, subject in ('pipelines', 'builds') as is_build, at, ended_at from public.alerts
        where kind in ('error_budget', 'no_worker', 'queue_stuck') and at > now() - interval '90 days'
    ), live as (
        select status.workers, status.builders, status.builds_waiting
        from jsonb_to_record(public.queue_status()) as status (workers integer, builders integer, builds_waiting integer)
    ), lately as (
        select feature, coalesce(sum(uses) filter (where status = 'failed'), 0) as failed, sum(uses) as cases
        from public.usage_hourly
        where hour >= date_trunc('hour', now(), 'UTC') - interval '1 hour' and feature in ('analysis', 'pipeline_run')
            and status in ('answered', 'failed')
        group by feature
    ), states as (
        select 'comments' as code, case
            when live.workers = 0 or exists (
                select from raised where ended_at is null and kind = 'no_worker' and not is_build) then 'down'
            when exists (select from raised where ended_at is null and not is_build) then 'degraded'
            else 'ok' end as state
        from live
        union all
        select 'analyses', case
            when live.workers = 0 then 'degraded'
            when exists (select from lately where feature = 'analysis' and failed >= 3 and failed > 0.1 * cases) then 'degraded'
            else 'ok' end
        from live
        union all
        select 'builds', case
            when live.workers = 0 or exists (
                select from raised where ended_at is null and kind = 'no_worker' and is_build) then 'down'
            when exists (select from raised where ended_at is null and is_build) then 'degraded'
            when exists (select from lately where feature = 'pipeline_run' and failed >= 3 and failed > 0.2 * cases)
                then 'degraded'
            else 'ok' end
        from live
        union all
        select 'sign_in', 'ok'
    )
    select jsonb_build_object(
        'at', now(),
        'components', (
            select jsonb_agg(jsonb_build_object('code', states.code, 'state', states.state, 'days', (
                select jsonb_agg(jsonb_build_object('day', days.day, 'level', coalesce(private.day_level(c.cases, c.bad), 'none'))
                    order by days.day)
                from days left join counted as c on c.code = states.code and c.day = days.day
            )) order by array_position(array['comments', 'analyses', 'builds', 'sign_in'], states.code))
            from states
        ),
        'incidents', coalesce((
            select jsonb_agg(jsonb_build_object('kind', last.kind, 'is_build', last.is_build, 'at', last.at,
                'ended_at', last.ended_at) order by last.at desc)
            from (select * from raised order by at desc limit 20) as last
        ), '[]'::jsonb)
    )
$$;
comment on function public.public_status is 'For the page /status, which anybody may read: each component (comments, analyses, builds, sign_in) with its state now and a level for each of 90 UTC days (ok, degraded, down, none), and the last 20 times that the watch over the service raised an alarm: kind and times alone.';
revoke execute on function public.public_status from public, anon, authenticated;
grant execute on function public.public_status to service_role;

create or replace function public.public_plans() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'code', code, 'name', name, 'price_microusd', price_microusd, 'per', per, 'uses', uses, 'period', period,
        'is_unlimited', is_unlimited, 'overage_microusd', overage_microusd
    ) order by price_microusd, code), '[]'::jsonb)
    from (
        select distinct on (code) * from public.plans where valid_from <= now() order by code, valid_from desc
    ) as known
$$;
comment on function public.public_plans is 'The price list as it is now, the cheapest first, for the page /help.';
revoke execute on function public.public_plans from public, anon, authenticated;
grant execute on function public.public_plans to service_role;

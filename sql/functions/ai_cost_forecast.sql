-- Where the month's AI cost is heading.

create or replace function public.ai_cost_forecast(p_now timestamptz default now()) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with dates as (
        select private.reporting_day(p_now) as today,
            date_trunc('month', private.reporting_day(p_now)::timestamp)::date as month
    ), daily as materialized (
        select day, sum(cost_microusd + adjustment_microusd)::bigint as cost
        from public.ai_cost_daily_users, dates
        where day >= least(today - 56, month) and day <= today
        group by day
    ), history as (
        select days.day::date as day, coalesce(daily.cost, 0) as cost
        from dates
        cross join lateral generate_series(
            greatest(today - 56, (select min(day) from public.ai_cost_daily_users))::timestamp,
            (today - 1)::timestamp, '1 day'
        ) as days (day)
        left join daily on daily.day = days.day::date
    ), weekdays as (
        select extract(isodow from day) as weekday, avg(cost) as mean,
            percentile_cont(0.1) within group (order by cost) as low,
            percentile_cont(0.9) within group (order by cost) as high
        from history group by 1
    ), spent as (
        select coalesce(sum(daily.cost) filter (where day < today), 0) as before_today,
            coalesce(sum(daily.cost) filter (where day = today), 0) as today_so_far
        from dates left join daily on daily.day >= dates.month
    ), ahead as (
        select sum(greatest(weekdays.mean, case when coming.day = today then today_so_far else 0 end)) as mean,
            sum(greatest(weekdays.low, case when coming.day = today then today_so_far else 0 end)) as low,
            sum(greatest(weekdays.high, case when coming.day = today then today_so_far else 0 end)) as high
        from dates, spent, lateral generate_series(
            today::timestamp, (month + interval '1 month' - interval '1 day')::timestamp, '1 day'
        ) as coming (day)
        join weekdays on weekdays.weekday = extract(isodow from coming.day)
    )
    select jsonb_build_object(
        'month', month, 'today', today, 'spent_microusd', before_today + today_so_far,
        'days_left', (month + interval '1 month')::date - today,
        'history_days', (select count(*) from history),
        'forecast_microusd', case when (select count(*) from history) >= 14 then round(before_today + mean)::bigint end,
        'low_microusd', case when (select count(*) from history) >= 14 then round(before_today + low)::bigint end,
        'high_microusd', case when (select count(*) from history) >= 14 then round(before_today + high)::bigint end
    )
    from dates, spent, ahead
$$;
comment on function public.ai_cost_forecast is 'AI cost at the end of the month: finished days + for each day left (today included, never below what today has cost) the mean of the same weekdays of the last 56 finished days; the range adds up their 10 % and 90 % quantiles, as if all days went the same way. NULL before 14 finished days.';
revoke execute on function public.ai_cost_forecast from public, anon, authenticated;
grant execute on function public.ai_cost_forecast to authenticated, service_role;

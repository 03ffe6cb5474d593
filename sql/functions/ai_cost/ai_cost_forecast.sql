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
        from public.ai_cost_daily, dates
        where day >= least(today - 56, month) and day <= today
        group by day
    ), history as (
        select days.day::date as day, coalesce(daily.cost, 0) as cost
        from dates
        cross join lateral generate_series(
            greatest(today - 56, (select min(day) from public.ai_cost_daily))::timestamp,
            (today - 1)::timestamp, '1 day'
        ) as days (day)
        left join daily on daily.day = days.day::date
    ), weekdays as (
        select extract(isodow from day) as weekday, avg(cost) as mean,
            percentile_cont(0.1) within group (order by cost) as low,
            percentile_cont(0.9) within group (order by cost) as high
        from history group by 1
    ), days as materialized (
        -- Each day is rounded to whole micro-dollars, so that the month is exactly the sum of its days.
        select coming.day::date as day, coming.day < today as is_over, coalesce(daily.cost, 0) as spent,
            case when coming.day < today then coalesce(daily.cost, 0)
                else greatest(round(weekdays.mean)::bigint, coalesce(daily.cost, 0)) end as expected,
            case when coming.day < today then coalesce(daily.cost, 0)
                else greatest(round(weekdays.low)::bigint, coalesce(daily.cost, 0)) end as low,
            case when coming.day < today then coalesce(daily.cost, 0)
                else greatest(round(weekdays.high)::bigint, coalesce(daily.cost, 0)) end as high
        from dates
        cross join lateral generate_series(
            month::timestamp, (month + interval '1 month' - interval '1 day')::timestamp, '1 day'
        ) as coming (day)
        left join daily on daily.day = coming.day::date
        left join weekdays on weekdays.weekday = extract(isodow from coming.day)
    ), sums as (
        select (select count(*) from history) as history_days, sum(spent)::bigint as spent,
            sum(expected)::bigint as expected, sum(low)::bigint as low, sum(high)::bigint as high
        from days
    )
    select jsonb_build_object(
        'month', month, 'today', today, 'spent_microusd', sums.spent,
        'days_left', (month + interval '1 month')::date - today, 'history_days', sums.history_days,
        'forecast_microusd', case when sums.history_days >= 14 then sums.expected end,
        'low_microusd', case when sums.history_days >= 14 then sums.low end,
        'high_microusd', case when sums.history_days >= 14 then sums.high end,
        'days', (
            select jsonb_agg(jsonb_build_object(
                'day', days.day, 'is_over', days.is_over, 'spent_microusd', days.spent,
                'forecast_microusd', case when sums.history_days >= 14 then days.expected end,
                'low_microusd', case when sums.history_days >= 14 then days.low end,
                'high_microusd', case when sums.history_days >= 14 then days.high end
            ) order by days.day)
            from days
        )
    )
    from dates, sums
    where private.require_finance()
$$;
comment on function public.ai_cost_forecast is 'AI cost at the end of the month, the sum of its days: what finished days have cost, and for each day left (today included, never below what today has cost) the mean of the same weekdays of the last 56 finished days; low and high take their 10 % and 90 % quantiles, as if all days went the same way. NULL before 14 finished days.';
revoke execute on function public.ai_cost_forecast from public, anon, authenticated;
grant execute on function public.ai_cost_forecast to authenticated, service_role;

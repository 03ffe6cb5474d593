-- Budgets of AI cost: they warn at 50, 80 and 100 % of a month and refuse nobody.

-- One pass over the month, however many budgets there are.
create or replace function private.budget_costs(p_month date)
returns table (scope text, scope_key text, spent_microusd bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select case grouping(plan_code) when 1 then 'global' else 'plan' end, coalesce(plan_code, ''),
        sum(cost_microusd + adjustment_microusd)::bigint
    from public.ai_cost_daily
    where day >= p_month and day < p_month + interval '1 month'
    group by grouping sets ((), (plan_code))
    union all
    select 'model', budgets.scope_key, sum(costs.cost_microusd + costs.adjustment_microusd)::bigint
    from public.budgets
    join public.ai_cost_daily as costs on budgets.scope_key = costs.provider || '/' || costs.model
    where budgets.ended_at is null and budgets.scope = 'model'
        and costs.day >= p_month and costs.day < p_month + interval '1 month'
    group by budgets.scope_key
    union all
    select budgets.scope, budgets.scope_key, sum(costs.cost_microusd + costs.adjustment_microusd)::bigint
    from public.budgets
    join public.ai_cost_daily_users as costs
        on budgets.scope_key = case budgets.scope when 'user' then costs.user_id else costs.team_id end::text
    where budgets.ended_at is null and budgets.scope in ('user', 'team')
        and costs.day >= p_month and costs.day < p_month + interval '1 month'
    group by 1, 2
$$;
comment on function private.budget_costs is 'AI cost (ledger + adjustments) of a month of the reporting zone, of everything, by plan, and of the users, teams and models that have a budget.';
revoke execute on function private.budget_costs from public, anon;
grant execute on function private.budget_costs to authenticated, service_role;

create or replace function public.budget_standing(p_now timestamptz default now()) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with dates as (
        select date_trunc('month', private.reporting_day(p_now)::timestamp)::date as month
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'id', budgets.id, 'scope', budgets.scope, 'scope_key', budgets.scope_key, 'version', budgets.version,
        'name', case budgets.scope
            when 'user' then coalesce((select handle from private.payer_names where id::text = budgets.scope_key), 'Unknown person')
            when 'team' then coalesce((select name from public.teams where id::text = budgets.scope_key), 'Unknown team')
            when 'plan' then budgets.scope_key when 'model' then budgets.scope_key else 'Everything' end,
        'monthly_microusd', budgets.monthly_microusd, 'month', dates.month,
        'spent_microusd', coalesce(costs.spent_microusd, 0),
        'alerts', coalesce((
            select jsonb_agg(jsonb_build_object('threshold', threshold, 'at', at) order by threshold)
            from public.budget_alerts where budget_id = budgets.id and budget_alerts.month = dates.month
        ), '[]')
    ) order by array_position(array['global', 'model', 'plan', 'team', 'user'], budgets.scope), budgets.created_at), '[]')
    from public.budgets
    cross join dates
    left join private.budget_costs((select month from dates)) as costs
        on costs.scope = budgets.scope and costs.scope_key = budgets.scope_key
    where budgets.ended_at is null and private.require_finance()
$$;
comment on function public.budget_standing is 'Every budget in force with what its month has cost so far and the alerts given.';
revoke execute on function public.budget_standing from public, anon, authenticated;
grant execute on function public.budget_standing to authenticated, service_role;

-- Any number of workers may call this at once: the unique key lets only one of them raise each alert.
create or replace function public.check_budgets() returns jsonb
language sql
security invoker
set search_path = ''
as $$
    with standing as (
        select (each ->> 'id')::uuid as id, (each ->> 'month')::date as month, each ->> 'name' as name,
            each ->> 'scope' as scope, (each ->> 'spent_microusd')::bigint as spent,
            (each ->> 'monthly_microusd')::bigint as monthly
        from jsonb_array_elements(public.budget_standing()) as each
    ), said as (
        insert into public.budget_alerts (budget_id, month, threshold, spent_microusd, monthly_microusd)
        select id, month, reached.threshold, spent, monthly
        from standing
        cross join lateral (
            select max(threshold) as threshold from unnest(array[50, 80, 100]) as threshold
            where spent * 100 >= monthly * threshold
        ) as reached
        -- A cost that passes several at once is one alert, of the highest.
        where reached.threshold > coalesce((
            select max(before.threshold) from public.budget_alerts as before
            where before.budget_id = standing.id and before.month = standing.month
        ), 0)
        on conflict (budget_id, month, threshold) do nothing
        returning *
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'scope', standing.scope, 'threshold', said.threshold, 'spent_microusd', said.spent_microusd,
        'monthly_microusd', said.monthly_microusd
    ) order by said.id), '[]')
    from said join standing on standing.id = said.budget_id
$$;
comment on function public.check_budgets is 'Writes an alert for each budget that has reached 50, 80 or 100 % this month: the highest alone, and only where it is higher than those before; returns the new ones.';
revoke execute on function public.check_budgets from public, anon, authenticated;
grant execute on function public.check_budgets to service_role;

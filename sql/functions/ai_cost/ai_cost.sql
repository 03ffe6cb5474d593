-- AI cost: where it comes from. Total = ledger + adjustments, everywhere.

-- Reads whole days by day and only the rest by hour, so that a long period stays cheap.
create or replace function private.ai_cost_between(
    p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_by_hour boolean
) returns table (
    at timestamptz, plan_code text, feature text, provider text, model text, calls bigint, reported bigint,
    unpriced bigint, newly_priced bigint, input_tokens bigint, cached_input_tokens bigint, output_tokens bigint,
    reasoning_tokens bigint, cache_write_tokens bigint, cost_microusd bigint, reported_microusd bigint,
    adjustment_microusd bigint
)
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
            select hour, plan_code, feature, provider, model, calls, reported, unpriced, newly_priced, input_tokens,
                cached_input_tokens, output_tokens, reasoning_tokens, cache_write_tokens, cost_microusd,
                reported_microusd, adjustment_microusd
            from public.ai_cost_hourly_teams
            where team_id = p_team and hour >= p_from and hour < p_to
                and (p_plans is null or plan_code = any (p_plans));
        return;
    end if;
    select * into v_days from private.whole_days(p_from, p_to, case when p_by_hour then '-infinity'::date end);
    return query
        select day::timestamp at time zone v_zone, plan_code, feature, provider, model, calls, reported, unpriced,
            newly_priced, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, cache_write_tokens,
            cost_microusd, reported_microusd, adjustment_microusd
        from public.ai_cost_daily
        where day >= v_days.first_day and day < v_days.end_day and (p_plans is null or plan_code = any (p_plans));
    return query
        select hour, plan_code, feature, provider, model, calls, reported, unpriced, newly_priced, input_tokens,
            cached_input_tokens, output_tokens, reasoning_tokens, cache_write_tokens, cost_microusd, reported_microusd,
            adjustment_microusd
        from public.ai_cost_hourly
        where ((hour >= p_from and hour < v_days.starts) or (hour >= v_days.ends and hour < p_to))
            and (p_plans is null or plan_code = any (p_plans));
end;
$$;
comment on function private.ai_cost_between is 'The rollups of AI cost in [p_from, p_to), whole UTC hours: whole reporting days from ai_cost_daily unless hours are asked for, the rest from ai_cost_hourly; of a team from ai_cost_hourly_teams.';
revoke execute on function private.ai_cost_between from public, anon;
grant execute on function private.ai_cost_between to authenticated, service_role;

-- The one definition of every AI cost figure.
create or replace function private.ai_cost_grouped(
    p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_step text
) returns table (
    at timestamptz, plan_code text, feature text, provider text, model text, calls bigint,
    reported bigint, priced bigint, unpriced bigint, input_tokens bigint, cached_input_tokens bigint,
    output_tokens bigint, reasoning_tokens bigint, cache_write_tokens bigint, ledger_microusd bigint,
    adjustment_microusd bigint, total_microusd bigint, reported_microusd bigint, priced_microusd bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
    with zone as materialized (
        select private.reporting_zone() as name
    ), found as materialized (
        select * from private.ai_cost_between(p_from, p_to, p_plans, p_team, p_step in ('hour', 'hour_of_day'))
    ), weeks as materialized (
        select array_agg(day::timestamp at time zone zone.name order by day) as starts
        from zone, generate_series(
            private.reporting_week(private.reporting_day(p_from)), private.reporting_day(p_to), interval '7 days'
        ) as day
        where p_step = 'week'
    ), placed as materialized (
        select moments.at,
            case p_step
                when 'hour_of_day' then '2000-01-01T00:00Z'::timestamptz
                    + make_interval(hours => extract(hour from moments.at at time zone zone.name)::integer)
                when 'hour' then moments.at
                when 'week' then weeks.starts[width_bucket(moments.at, weeks.starts)]
                else date_trunc(p_step, moments.at, zone.name)
            end as step
        from (select distinct found.at from found) as moments, zone, weeks
    )
    select placed.step, f.plan_code, f.feature, f.provider, f.model, sum(f.calls)::bigint, sum(f.reported)::bigint,
        sum(f.calls - f.reported - f.unpriced + f.newly_priced)::bigint, sum(f.unpriced - f.newly_priced)::bigint,
        sum(f.input_tokens)::bigint, sum(f.cached_input_tokens)::bigint, sum(f.output_tokens)::bigint,
        sum(f.reasoning_tokens)::bigint, sum(f.cache_write_tokens)::bigint, sum(f.cost_microusd)::bigint,
        sum(f.adjustment_microusd)::bigint,
        sum(f.cost_microusd + f.adjustment_microusd)::bigint, sum(f.reported_microusd)::bigint,
        sum(f.cost_microusd - f.reported_microusd + f.adjustment_microusd)::bigint
    from found as f join placed on placed.at = f.at
    group by 1, 2, 3, 4, 5
$$;
comment on function private.ai_cost_grouped is 'Calls by cost state, tokens by kind, and cost of whole UTC hours in [p_from, p_to), by step of the reporting zone: hour, day, week, month, or hour_of_day (at is then that hour of 1 January 2000, UTC). total = ledger + adjustments = reported + priced; unpriced calls are in no amount.';
revoke execute on function private.ai_cost_grouped from public, anon;
grant execute on function private.ai_cost_grouped to authenticated, service_role;

create or replace function public.ai_cost(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null,
    p_step text default 'day'
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with steps as (
        select grouping(at, plan_code, feature, provider, model) as kind, at, plan_code, feature, provider, model,
            jsonb_build_object(
                'calls', coalesce(sum(calls), 0), 'reported', coalesce(sum(reported), 0),
                'priced', coalesce(sum(priced), 0), 'unpriced', coalesce(sum(unpriced), 0),
                'input_tokens', coalesce(sum(input_tokens), 0),
                'cached_input_tokens', coalesce(sum(cached_input_tokens), 0),
                'output_tokens', coalesce(sum(output_tokens), 0),
                'reasoning_tokens', coalesce(sum(reasoning_tokens), 0),
                'cache_write_tokens', coalesce(sum(cache_write_tokens), 0),
                'ledger_microusd', coalesce(sum(ledger_microusd), 0),
                'adjustment_microusd', coalesce(sum(adjustment_microusd), 0),
                'total_microusd', coalesce(sum(total_microusd), 0),
                'reported_microusd', coalesce(sum(reported_microusd), 0),
                'priced_microusd', coalesce(sum(priced_microusd), 0)
            ) as measures
        from private.ai_cost_grouped(p_from, p_to, p_plans, p_team, p_step)
        group by grouping sets ((), (at), (plan_code), (feature), (provider), (model))
    )
    select jsonb_build_object(
        'total', (select measures from steps where kind = 31),
        'course', coalesce((
            select jsonb_agg(measures || jsonb_build_object('at', at) order by at) from steps where kind = 15), '[]'),
        'plan', coalesce((
            select jsonb_agg(measures || jsonb_build_object('name', plan_code)
                order by (measures ->> 'total_microusd')::bigint desc, plan_code) from steps where kind = 23), '[]'),
        'feature', coalesce((
            select jsonb_agg(measures || jsonb_build_object('name', feature)
                order by (measures ->> 'total_microusd')::bigint desc, feature) from steps where kind = 27), '[]'),
        'provider', coalesce((
            select jsonb_agg(measures || jsonb_build_object('name', provider)
                order by (measures ->> 'total_microusd')::bigint desc, provider) from steps where kind = 29), '[]'),
        'model', coalesce((
            select jsonb_agg(measures || jsonb_build_object('name', model)
                order by (measures ->> 'total_microusd')::bigint desc, model) from steps where kind = 30), '[]')
    )
    where private.require_finance()
$$;
comment on function public.ai_cost is 'AI cost in [p_from, p_to), whole UTC hours: of these plans and this team (null: all): total, course by step, and by plan, feature, provider, model. Each list adds up to the total. Measures as in private.ai_cost_grouped.';
revoke execute on function public.ai_cost from public, anon, authenticated;
grant execute on function public.ai_cost to authenticated, service_role;

create or replace function public.ai_cost_rows(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null,
    p_step text default 'day'
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(rows) order by at, provider, model, feature, plan_code), '[]')
    from private.ai_cost_grouped(p_from, p_to, p_plans, p_team, p_step) as rows
    where private.require_finance()
$$;
comment on function public.ai_cost_rows is 'The rows behind public.ai_cost: one per step, provider, model, feature and plan.';
revoke execute on function public.ai_cost_rows from public, anon, authenticated;
grant execute on function public.ai_cost_rows to authenticated, service_role;

-- A function of its own, because it reads hours however long the period is.
create or replace function public.ai_cost_hours(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(summed) - 'at' order by at), '[]')
    from (
        select at, to_char(at at time zone 'UTC', 'HH24:MI') as name, sum(calls) as calls, sum(reported) as reported,
            sum(priced) as priced, sum(unpriced) as unpriced, sum(input_tokens) as input_tokens,
            sum(cached_input_tokens) as cached_input_tokens, sum(output_tokens) as output_tokens,
            sum(reasoning_tokens) as reasoning_tokens, sum(cache_write_tokens) as cache_write_tokens,
            sum(ledger_microusd) as ledger_microusd,
            sum(adjustment_microusd) as adjustment_microusd, sum(total_microusd) as total_microusd,
            sum(reported_microusd) as reported_microusd, sum(priced_microusd) as priced_microusd
        from private.ai_cost_grouped(p_from, p_to, p_plans, p_team, 'hour_of_day')
        group by at
    ) as summed
    where private.require_finance()
$$;
comment on function public.ai_cost_hours is 'AI cost in [p_from, p_to) by hour of the day in the reporting zone; adds up to the total of public.ai_cost.';
revoke execute on function public.ai_cost_hours from public, anon, authenticated;
grant execute on function public.ai_cost_hours to authenticated, service_role;

-- By payer. Whole reporting days only, because use by person is kept by day.
create or replace function public.ai_cost_people(
    p_first date, p_last date, p_plans text[] default null, p_team uuid default null, p_by text default 'user'
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with summed as (
        select case p_by when 'team' then team_id else user_id end as id, sum(calls) as calls,
            sum(unpriced - newly_priced) as unpriced, sum(input_tokens) as input_tokens,
            sum(cached_input_tokens) as cached_input_tokens, sum(output_tokens) as output_tokens,
            sum(reasoning_tokens) as reasoning_tokens, sum(cache_write_tokens) as cache_write_tokens,
            sum(cost_microusd) as ledger_microusd,
            sum(adjustment_microusd) as adjustment_microusd, sum(cost_microusd + adjustment_microusd) as total_microusd
        from public.ai_cost_daily_users
        where day between p_first and p_last and (p_plans is null or plan_code = any (p_plans))
            and (p_team is null or team_id = p_team)
        group by 1
    )
    select coalesce(jsonb_agg(
        to_jsonb(summed) || jsonb_build_object('name', case
            when p_by = 'team' then coalesce(teams.name, 'No team')
            when summed.id = '00000000-0000-0000-0000-000000000000' then 'Nobody (no account)'
            else coalesce(users.handle, 'Unknown person') end)
        order by summed.total_microusd desc, summed.id
    ), '[]')
    from summed
    left join private.payer_names as users on p_by <> 'team' and users.id = summed.id
    left join public.teams on p_by = 'team' and teams.id = summed.id
    where private.require_finance()
$$;
comment on function public.ai_cost_people is 'AI cost of the reporting days p_first to p_last, of these plans and this team (null: all), by payer (p_by user) or their team at the time (p_by team), dearest first. total = ledger + adjustments.';
revoke execute on function public.ai_cost_people from public, anon, authenticated;
grant execute on function public.ai_cost_people to authenticated, service_role;

-- Security definer: outcomes of providers are for support, how often each was asked for finance too.
create or replace function public.model_call_counts(p_starts timestamptz[], p_to timestamptz)
returns table (at timestamptz, provider text, model text, answered bigint, failed bigint)
language sql
stable
security definer
set search_path = ''
as $$
    select p_starts[width_bucket(h.hour, p_starts)], h.provider, h.model,
        coalesce(sum(h.calls) filter (where h.outcome = 'answered'), 0)::bigint,
        coalesce(sum(h.calls) filter (where h.outcome = 'failed'), 0)::bigint
    from public.provider_hourly as h
    where h.hour >= p_starts[1] and h.hour < p_to and h.outcome in ('answered', 'failed')
        and h.provider <> 'measured-review' and private.require_finance()
    group by 1, 2, 3
    order by 1, 2, 3
$$;
comment on function public.model_call_counts is 'Calls of models in [p_starts[1], p_to), whole UTC hours, per step, provider and model, by whether the model answered; each attempt is one, also a second one for the same answer. Of everybody. Calls that were passed over were not made.';
revoke execute on function public.model_call_counts from public, anon, authenticated;
grant execute on function public.model_call_counts to authenticated, service_role;

-- AI cost: where it comes from. Total = ledger + adjustments, everywhere.

create or replace function private.rebuild_ai_cost_daily(p_zone text) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    lock table public.ai_cost_daily_users in exclusive mode;
    delete from public.ai_cost_daily_users;
    insert into public.ai_cost_daily_users
    select day, user_id, team_id, plan_code, sum(calls), sum(reported), sum(unpriced), sum(newly_priced),
        sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens), sum(cost_microusd),
        sum(reported_microusd), sum(adjustment_microusd)
    from (
        select (at at time zone p_zone)::date as day,
            coalesce(user_id, '00000000-0000-0000-0000-000000000000') as user_id,
            coalesce(team_id, '00000000-0000-0000-0000-000000000000') as team_id, plan_code, count(*) as calls,
            count(*) filter (where cost_state = 'reported') as reported,
            count(*) filter (where cost_state = 'unpriced') as unpriced, 0 as newly_priced,
            sum(input_tokens) as input_tokens, sum(cached_input_tokens) as cached_input_tokens,
            sum(output_tokens) as output_tokens, sum(reasoning_tokens) as reasoning_tokens,
            coalesce(sum(cost_microusd), 0) as cost_microusd,
            coalesce(sum(cost_microusd) filter (where cost_state = 'reported'), 0) as reported_microusd,
            0 as adjustment_microusd
        from public.usage_logs where provider <> '' or cost_microusd is distinct from 0
        group by 1, 2, 3, 4
        union all
        select (for_at at time zone p_zone)::date, coalesce(user_id, '00000000-0000-0000-0000-000000000000'),
            coalesce(team_id, '00000000-0000-0000-0000-000000000000'), plan_code, 0, 0, 0, sum(newly_priced),
            0, 0, 0, 0, 0, 0, sum(amount_microusd)
        from public.adjustments where kind = 'ai_cost'
        group by 1, 2, 3, 4
    ) as both_sources
    group by 1, 2, 3, 4;
end;
$$;
comment on function private.rebuild_ai_cost_daily is 'ai_cost_daily_users anew from ledger and adjustments, by the days of a time zone.';
revoke execute on function private.rebuild_ai_cost_daily from public, anon, authenticated;
grant execute on function private.rebuild_ai_cost_daily to service_role;

create or replace function private.rebuild_ai_cost() returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform private.rebuild_ai_cost_daily(private.reporting_zone());
    lock table public.ai_cost_hourly in exclusive mode;
    delete from public.ai_cost_hourly;
    insert into public.ai_cost_hourly
    select hour, plan_code, feature, provider, model, sum(calls), sum(reported), sum(unpriced), sum(newly_priced),
        sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens), sum(cost_microusd),
        sum(reported_microusd), sum(adjustment_microusd)
    from (
        select date_trunc('hour', at, 'UTC') as hour, plan_code, feature, provider, model, count(*) as calls,
            count(*) filter (where cost_state = 'reported') as reported,
            count(*) filter (where cost_state = 'unpriced') as unpriced, 0 as newly_priced,
            sum(input_tokens) as input_tokens, sum(cached_input_tokens) as cached_input_tokens,
            sum(output_tokens) as output_tokens, sum(reasoning_tokens) as reasoning_tokens,
            coalesce(sum(cost_microusd), 0) as cost_microusd,
            coalesce(sum(cost_microusd) filter (where cost_state = 'reported'), 0) as reported_microusd,
            0 as adjustment_microusd
        from public.usage_logs where provider <> '' or cost_microusd is distinct from 0
        group by 1, 2, 3, 4, 5
        union all
        select date_trunc('hour', for_at, 'UTC'), plan_code, feature, provider, model, 0, 0, 0, sum(newly_priced),
            0, 0, 0, 0, 0, 0, sum(amount_microusd)
        from public.adjustments where kind = 'ai_cost'
        group by 1, 2, 3, 4, 5
    ) as both_sources
    group by 1, 2, 3, 4, 5;
end;
$$;
comment on function private.rebuild_ai_cost is 'ai_cost_hourly and ai_cost_daily_users anew from ledger and adjustments.';
revoke execute on function private.rebuild_ai_cost from public, anon, authenticated;
grant execute on function private.rebuild_ai_cost to service_role;

-- The one definition of every AI cost figure by hour; the people's rollup has the same measures by day.
create or replace view private.ai_cost with (security_invoker = true) as
select hour, plan_code, feature, provider, model, calls, reported,
    calls - reported - unpriced + newly_priced as priced, unpriced - newly_priced as unpriced,
    input_tokens, cached_input_tokens, output_tokens, reasoning_tokens,
    cost_microusd as ledger_microusd, adjustment_microusd, cost_microusd + adjustment_microusd as total_microusd,
    reported_microusd, cost_microusd - reported_microusd + adjustment_microusd as priced_microusd
from public.ai_cost_hourly;
comment on view private.ai_cost is 'Calls by cost state, tokens by kind, and cost: total = ledger + adjustments = reported + priced. Unpriced calls are in no amount.';
revoke all on private.ai_cost from public, anon, authenticated;
grant select on private.ai_cost to authenticated, service_role;

create or replace function private.ai_cost_grouped(
    p_from timestamptz, p_to timestamptz, p_plans text[], p_step text
) returns table (
    at timestamptz, plan_code text, feature text, provider text, model text, calls bigint,
    reported bigint, priced bigint, unpriced bigint, input_tokens bigint, cached_input_tokens bigint,
    output_tokens bigint, reasoning_tokens bigint, ledger_microusd bigint, adjustment_microusd bigint,
    total_microusd bigint, reported_microusd bigint, priced_microusd bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
    with zone as materialized (
        select private.reporting_zone() as name
    ), hours as (
        select distinct hour from public.ai_cost_hourly where hour >= p_from and hour < p_to
    ), placed as materialized (
        select hours.hour,
            case p_step
                when 'hour_of_day' then '2000-01-01T00:00Z'::timestamptz
                    + make_interval(hours => extract(hour from hours.hour at time zone zone.name)::integer)
                when 'hour' then hours.hour
                when 'week' then private.reporting_start(private.reporting_week(private.reporting_day(hours.hour)))
                else date_trunc(p_step, hours.hour, zone.name)
            end as at
        from hours, zone
    )
    select placed.at, c.plan_code, c.feature, c.provider, c.model, sum(c.calls)::bigint,
        sum(c.reported)::bigint, sum(c.priced)::bigint, sum(c.unpriced)::bigint, sum(c.input_tokens)::bigint,
        sum(c.cached_input_tokens)::bigint, sum(c.output_tokens)::bigint, sum(c.reasoning_tokens)::bigint,
        sum(c.ledger_microusd)::bigint, sum(c.adjustment_microusd)::bigint, sum(c.total_microusd)::bigint,
        sum(c.reported_microusd)::bigint, sum(c.priced_microusd)::bigint
    from private.ai_cost as c join placed on placed.hour = c.hour
    where c.hour >= p_from and c.hour < p_to and (p_plans is null or c.plan_code = any (p_plans))
    group by 1, 2, 3, 4, 5
$$;
comment on function private.ai_cost_grouped is 'private.ai_cost of whole UTC hours in [p_from, p_to), by step of the reporting zone: hour, day, week, month, or hour_of_day (at is then that hour of 1 January 2000, UTC).';
revoke execute on function private.ai_cost_grouped from public, anon;
grant execute on function private.ai_cost_grouped to authenticated, service_role;

create or replace function public.ai_cost(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_step text default 'day'
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with rows as materialized (
        select false as is_clock, * from private.ai_cost_grouped(p_from, p_to, p_plans, p_step)
        union all
        select true, * from private.ai_cost_grouped(p_from, p_to, p_plans, 'hour_of_day')
    ), sums as (
        select is_clock, grouping(at, plan_code, feature, provider, model) as kind,
            at, plan_code, feature, provider, model,
            jsonb_build_object(
                'calls', coalesce(sum(calls), 0), 'reported', coalesce(sum(reported), 0),
                'priced', coalesce(sum(priced), 0), 'unpriced', coalesce(sum(unpriced), 0),
                'input_tokens', coalesce(sum(input_tokens), 0),
                'cached_input_tokens', coalesce(sum(cached_input_tokens), 0),
                'output_tokens', coalesce(sum(output_tokens), 0),
                'reasoning_tokens', coalesce(sum(reasoning_tokens), 0),
                'ledger_microusd', coalesce(sum(ledger_microusd), 0),
                'adjustment_microusd', coalesce(sum(adjustment_microusd), 0),
                'total_microusd', coalesce(sum(total_microusd), 0),
                'reported_microusd', coalesce(sum(reported_microusd), 0),
                'priced_microusd', coalesce(sum(priced_microusd), 0)
            ) as measures
        from rows
        group by grouping sets ((is_clock), (is_clock, at), (is_clock, plan_code), (is_clock, feature),
            (is_clock, provider), (is_clock, model))
    ), steps as (
        select * from sums where not is_clock
    )
    select jsonb_build_object(
        'total', coalesce((select measures from steps where kind = 31), (
            select jsonb_object_agg(name, 0) from unnest(array[
                'calls', 'reported', 'priced', 'unpriced', 'input_tokens', 'cached_input_tokens', 'output_tokens',
                'reasoning_tokens', 'ledger_microusd', 'adjustment_microusd', 'total_microusd', 'reported_microusd',
                'priced_microusd'
            ]) as name)),
        'course', coalesce((
            select jsonb_agg(measures || jsonb_build_object('at', at) order by at) from steps where kind = 15), '[]'),
        'hour', coalesce((
            select jsonb_agg(measures || jsonb_build_object('name', to_char(at at time zone 'UTC', 'HH24:MI'))
                order by at) from sums where is_clock and kind = 15), '[]'),
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
$$;
comment on function public.ai_cost is 'AI cost in [p_from, p_to), whole UTC hours: total, course by step, and by hour of the day, plan, feature, provider, model. Each list adds up to the total. Measures as in private.ai_cost.';
revoke execute on function public.ai_cost from public, anon, authenticated;
grant execute on function public.ai_cost to authenticated, service_role;

create or replace function public.ai_cost_rows(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_step text default 'day'
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(summed) order by at, provider, model, feature, plan_code), '[]')
    from (
        select at, provider, model, feature, plan_code, sum(calls) as calls, sum(reported) as reported,
            sum(priced) as priced, sum(unpriced) as unpriced, sum(input_tokens) as input_tokens,
            sum(cached_input_tokens) as cached_input_tokens, sum(output_tokens) as output_tokens,
            sum(reasoning_tokens) as reasoning_tokens, sum(ledger_microusd) as ledger_microusd,
            sum(adjustment_microusd) as adjustment_microusd, sum(total_microusd) as total_microusd,
            sum(reported_microusd) as reported_microusd, sum(priced_microusd) as priced_microusd
        from private.ai_cost_grouped(p_from, p_to, p_plans, p_step)
        group by at, provider, model, feature, plan_code
    ) as summed
$$;
comment on function public.ai_cost_rows is 'The rows behind public.ai_cost: one per step, provider, model, feature and plan.';
revoke execute on function public.ai_cost_rows from public, anon, authenticated;
grant execute on function public.ai_cost_rows to authenticated, service_role;

-- By who paid. Whole reporting days, since that is how far use is kept by person.
create or replace function public.ai_cost_people(
    p_first date, p_last date, p_plans text[] default null, p_by text default 'user'
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
            sum(reasoning_tokens) as reasoning_tokens, sum(cost_microusd) as ledger_microusd,
            sum(adjustment_microusd) as adjustment_microusd, sum(cost_microusd + adjustment_microusd) as total_microusd
        from public.ai_cost_daily_users
        where day between p_first and p_last and (p_plans is null or plan_code = any (p_plans))
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
    left join public.users on p_by <> 'team' and users.id = summed.id
    left join public.teams on p_by = 'team' and teams.id = summed.id
$$;
comment on function public.ai_cost_people is 'AI cost of the reporting days p_first to p_last by payer (p_by user) or their team at the time (p_by team), dearest first. total = ledger + adjustments.';
revoke execute on function public.ai_cost_people from public, anon, authenticated;
grant execute on function public.ai_cost_people to authenticated, service_role;

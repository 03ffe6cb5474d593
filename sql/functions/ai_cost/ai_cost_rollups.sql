-- Keeps the rollups of AI cost: updated in the transaction of the ledger row or adjustment, or rebuilt from both.

-- Ledger rows and adjustments in one shape, each with its hour, not added up yet.
create or replace view private.ai_cost_facts with (security_invoker = true) as
select date_trunc('hour', at, 'UTC') as hour, user_id, team_id, plan_code, feature, provider, model, 1::bigint as calls,
    (cost_state = 'reported')::integer::bigint as reported, (cost_state = 'unpriced')::integer::bigint as unpriced,
    0::bigint as newly_priced, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens,
    coalesce(cost_microusd, 0) as cost_microusd,
    case cost_state when 'reported' then coalesce(cost_microusd, 0) else 0 end as reported_microusd,
    0::bigint as adjustment_microusd, cache_write_tokens
from public.usage_logs
where provider <> '' or cost_microusd is distinct from 0
union all
select date_trunc('hour', for_at, 'UTC'), user_id, team_id, plan_code, feature, provider, model, 0, 0, 0, newly_priced,
    0, 0, 0, 0, 0, 0, amount_microusd, 0
from public.adjustments
where kind = 'ai_cost';
comment on view private.ai_cost_facts is 'What AI cost is counted from: ledger rows with a provider or a cost, and adjustments, each by its UTC hour.';
revoke all on private.ai_cost_facts from public, anon, authenticated;
grant select on private.ai_cost_facts to service_role;

-- plpgsql keeps the plans of its statements between calls. The rows of each rollup are locked in one order, so that two
-- answers at once cannot deadlock.
create or replace function private.add_ai_cost(p_facts private.ai_cost_facts[]) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_zone text;
begin
    -- A change of the reporting zone holds this lock while it rebuilds the days. The zone read below is then the new
    -- one.
    lock table public.ai_cost_daily_users in row exclusive mode;
    select coalesce((select time_zone from public.reporting_settings), 'UTC') into v_zone;
    insert into public.ai_cost_hourly as r (
        hour, plan_code, feature, provider, model, calls, reported, unpriced, newly_priced, input_tokens,
        cached_input_tokens, output_tokens, reasoning_tokens, cost_microusd, reported_microusd,
        adjustment_microusd, cache_write_tokens
    )
    select hour, plan_code, feature, provider, model, sum(calls), sum(reported), sum(unpriced),
        sum(newly_priced), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens),
        sum(reasoning_tokens), sum(cost_microusd), sum(reported_microusd), sum(adjustment_microusd),
        sum(cache_write_tokens)
    from unnest(p_facts)
    group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict (hour, plan_code, feature, provider, model) do update
        set calls = r.calls + excluded.calls, reported = r.reported + excluded.reported,
            unpriced = r.unpriced + excluded.unpriced, newly_priced = r.newly_priced + excluded.newly_priced,
            input_tokens = r.input_tokens + excluded.input_tokens,
            cached_input_tokens = r.cached_input_tokens + excluded.cached_input_tokens,
            output_tokens = r.output_tokens + excluded.output_tokens,
            reasoning_tokens = r.reasoning_tokens + excluded.reasoning_tokens,
            cache_write_tokens = r.cache_write_tokens + excluded.cache_write_tokens,
            cost_microusd = r.cost_microusd + excluded.cost_microusd,
            reported_microusd = r.reported_microusd + excluded.reported_microusd,
            adjustment_microusd = r.adjustment_microusd + excluded.adjustment_microusd;

    insert into public.ai_cost_daily_users as r (
        day, user_id, team_id, plan_code, calls, reported, unpriced, newly_priced, input_tokens,
        cached_input_tokens, output_tokens, reasoning_tokens, cost_microusd, reported_microusd,
        adjustment_microusd, cache_write_tokens
    )
    select (hour at time zone v_zone)::date, coalesce(user_id, '00000000-0000-0000-0000-000000000000'),
        coalesce(team_id, '00000000-0000-0000-0000-000000000000'), plan_code, sum(calls), sum(reported),
        sum(unpriced), sum(newly_priced), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens),
        sum(reasoning_tokens), sum(cost_microusd), sum(reported_microusd), sum(adjustment_microusd),
        sum(cache_write_tokens)
    from unnest(p_facts)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (day, user_id, team_id, plan_code) do update
        set calls = r.calls + excluded.calls, reported = r.reported + excluded.reported,
            unpriced = r.unpriced + excluded.unpriced, newly_priced = r.newly_priced + excluded.newly_priced,
            input_tokens = r.input_tokens + excluded.input_tokens,
            cached_input_tokens = r.cached_input_tokens + excluded.cached_input_tokens,
            output_tokens = r.output_tokens + excluded.output_tokens,
            reasoning_tokens = r.reasoning_tokens + excluded.reasoning_tokens,
            cache_write_tokens = r.cache_write_tokens + excluded.cache_write_tokens,
            cost_microusd = r.cost_microusd + excluded.cost_microusd,
            reported_microusd = r.reported_microusd + excluded.reported_microusd,
            adjustment_microusd = r.adjustment_microusd + excluded.adjustment_microusd;

    insert into public.ai_cost_daily as r (
        day, plan_code, feature, provider, model, calls, reported, unpriced, newly_priced, input_tokens,
        cached_input_tokens, output_tokens, reasoning_tokens, cost_microusd, reported_microusd,
        adjustment_microusd, cache_write_tokens
    )
    select (hour at time zone v_zone)::date, plan_code, feature, provider, model, sum(calls), sum(reported),
        sum(unpriced), sum(newly_priced), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens),
        sum(reasoning_tokens), sum(cost_microusd), sum(reported_microusd), sum(adjustment_microusd),
        sum(cache_write_tokens)
    from unnest(p_facts)
    group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict (day, plan_code, feature, provider, model) do update
        set calls = r.calls + excluded.calls, reported = r.reported + excluded.reported,
            unpriced = r.unpriced + excluded.unpriced, newly_priced = r.newly_priced + excluded.newly_priced,
            input_tokens = r.input_tokens + excluded.input_tokens,
            cached_input_tokens = r.cached_input_tokens + excluded.cached_input_tokens,
            output_tokens = r.output_tokens + excluded.output_tokens,
            reasoning_tokens = r.reasoning_tokens + excluded.reasoning_tokens,
            cache_write_tokens = r.cache_write_tokens + excluded.cache_write_tokens,
            cost_microusd = r.cost_microusd + excluded.cost_microusd,
            reported_microusd = r.reported_microusd + excluded.reported_microusd,
            adjustment_microusd = r.adjustment_microusd + excluded.adjustment_microusd;

    insert into public.ai_cost_hourly_teams as r (
        team_id, hour, plan_code, feature, provider, model, calls, reported, unpriced, newly_priced,
        input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, cost_microusd, reported_microusd,
        adjustment_microusd, cache_write_tokens
    )
    select team_id, hour, plan_code, feature, provider, model, sum(calls), sum(reported), sum(unpriced),
        sum(newly_priced), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens),
        sum(reasoning_tokens), sum(cost_microusd), sum(reported_microusd), sum(adjustment_microusd),
        sum(cache_write_tokens)
    from unnest(p_facts) where team_id is not null
    group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
    on conflict (team_id, hour, plan_code, feature, provider, model) do update
        set calls = r.calls + excluded.calls, reported = r.reported + excluded.reported,
            unpriced = r.unpriced + excluded.unpriced, newly_priced = r.newly_priced + excluded.newly_priced,
            input_tokens = r.input_tokens + excluded.input_tokens,
            cached_input_tokens = r.cached_input_tokens + excluded.cached_input_tokens,
            output_tokens = r.output_tokens + excluded.output_tokens,
            reasoning_tokens = r.reasoning_tokens + excluded.reasoning_tokens,
            cache_write_tokens = r.cache_write_tokens + excluded.cache_write_tokens,
            cost_microusd = r.cost_microusd + excluded.cost_microusd,
            reported_microusd = r.reported_microusd + excluded.reported_microusd,
            adjustment_microusd = r.adjustment_microusd + excluded.adjustment_microusd;
end;
$$;
comment on function private.add_ai_cost is 'Adds facts to the four rollups of AI cost.';
revoke execute on function private.add_ai_cost from public, anon, authenticated;
grant execute on function private.add_ai_cost to service_role;

-- Statement triggers with transition tables: one upsert per rollup, for one answer as for a million rows at once.
create or replace function private.roll_up_ai_cost() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_facts private.ai_cost_facts[];
begin
    select array_agg(row(
        hour, user_id, team_id, plan_code, feature, provider, model, calls, reported, unpriced, 0, input_tokens,
        cached_input_tokens, output_tokens, reasoning_tokens, cost_microusd, reported_microusd, 0, cache_write_tokens
    )::private.ai_cost_facts) into v_facts
    from (
        select date_trunc('hour', at, 'UTC') as hour, user_id, team_id, plan_code, feature, provider, model,
            count(*) as calls, count(*) filter (where cost_state = 'reported') as reported,
            count(*) filter (where cost_state = 'unpriced') as unpriced, sum(input_tokens) as input_tokens,
            sum(cached_input_tokens) as cached_input_tokens, sum(output_tokens) as output_tokens,
            sum(reasoning_tokens) as reasoning_tokens, sum(cache_write_tokens) as cache_write_tokens,
            coalesce(sum(cost_microusd), 0) as cost_microusd,
            coalesce(sum(cost_microusd) filter (where cost_state = 'reported'), 0) as reported_microusd
        from written
        where provider <> '' or cost_microusd is distinct from 0
        group by 1, 2, 3, 4, 5, 6, 7
    ) as counted;
    if v_facts is not null then
        perform private.add_ai_cost(v_facts);
    end if;
    return null;
end;
$$;
comment on function private.roll_up_ai_cost() is 'Trigger: adds new ledger rows to the rollups of AI cost.';
revoke execute on function private.roll_up_ai_cost() from public, anon, authenticated;

create or replace function private.roll_up_adjustments() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_facts private.ai_cost_facts[];
begin
    select array_agg(row(
        hour, user_id, team_id, plan_code, feature, provider, model, 0, 0, 0, newly_priced, 0, 0, 0, 0, 0, 0, amount, 0
    )::private.ai_cost_facts) into v_facts
    from (
        select date_trunc('hour', for_at, 'UTC') as hour, user_id, team_id, plan_code, feature, provider, model,
            sum(newly_priced) as newly_priced, sum(amount_microusd) as amount
        from written
        where kind = 'ai_cost'
        group by 1, 2, 3, 4, 5, 6, 7
    ) as counted;
    if v_facts is not null then
        perform private.add_ai_cost(v_facts);
    end if;
    return null;
end;
$$;
comment on function private.roll_up_adjustments() is 'Trigger: adds new adjustments to the rollups of AI cost.';
revoke execute on function private.roll_up_adjustments() from public, anon, authenticated;

create or replace function private.rebuild_ai_cost_daily(p_zone text) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    lock table public.ai_cost_daily_users in exclusive mode;
    delete from public.ai_cost_daily_users;
    insert into public.ai_cost_daily_users (
        day, user_id, team_id, plan_code, calls, reported, unpriced, newly_priced, input_tokens,
        cached_input_tokens, output_tokens, reasoning_tokens, cost_microusd, reported_microusd,
        adjustment_microusd, cache_write_tokens
    )
    select (hour at time zone p_zone)::date, coalesce(user_id, '00000000-0000-0000-0000-000000000000'),
        coalesce(team_id, '00000000-0000-0000-0000-000000000000'), plan_code, sum(calls), sum(reported),
        sum(unpriced), sum(newly_priced), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens),
        sum(reasoning_tokens), sum(cost_microusd), sum(reported_microusd), sum(adjustment_microusd),
        sum(cache_write_tokens)
    from private.ai_cost_facts
    group by 1, 2, 3, 4;
    delete from public.ai_cost_daily;
    insert into public.ai_cost_daily (
        day, plan_code, feature, provider, model, calls, reported, unpriced, newly_priced, input_tokens,
        cached_input_tokens, output_tokens, reasoning_tokens, cost_microusd, reported_microusd,
        adjustment_microusd, cache_write_tokens
    )
    select (hour at time zone p_zone)::date, plan_code, feature, provider, model, sum(calls), sum(reported),
        sum(unpriced), sum(newly_priced), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens),
        sum(reasoning_tokens), sum(cost_microusd), sum(reported_microusd), sum(adjustment_microusd),
        sum(cache_write_tokens)
    from private.ai_cost_facts
    group by 1, 2, 3, 4, 5;
end;
$$;
comment on function private.rebuild_ai_cost_daily is 'ai_cost_daily_users and ai_cost_daily anew from ledger and adjustments, by the days of a time zone.';
revoke execute on function private.rebuild_ai_cost_daily from public, anon, authenticated;
grant execute on function private.rebuild_ai_cost_daily to service_role;

create or replace function private.rebuild_ai_cost() returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform private.rebuild_ai_cost_daily((select coalesce((select time_zone from public.reporting_settings), 'UTC')));
    lock table public.ai_cost_hourly in exclusive mode;
    delete from public.ai_cost_hourly;
    insert into public.ai_cost_hourly (
        hour, plan_code, feature, provider, model, calls, reported, unpriced, newly_priced, input_tokens,
        cached_input_tokens, output_tokens, reasoning_tokens, cost_microusd, reported_microusd,
        adjustment_microusd, cache_write_tokens
    )
    select hour, plan_code, feature, provider, model, sum(calls), sum(reported), sum(unpriced),
        sum(newly_priced), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens),
        sum(reasoning_tokens), sum(cost_microusd), sum(reported_microusd), sum(adjustment_microusd),
        sum(cache_write_tokens)
    from private.ai_cost_facts
    group by 1, 2, 3, 4, 5;
    delete from public.ai_cost_hourly_teams;
    insert into public.ai_cost_hourly_teams (
        team_id, hour, plan_code, feature, provider, model, calls, reported, unpriced, newly_priced,
        input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, cost_microusd, reported_microusd,
        adjustment_microusd, cache_write_tokens
    )
    select team_id, hour, plan_code, feature, provider, model, sum(calls), sum(reported), sum(unpriced),
        sum(newly_priced), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens),
        sum(reasoning_tokens), sum(cost_microusd), sum(reported_microusd), sum(adjustment_microusd),
        sum(cache_write_tokens)
    from private.ai_cost_facts where team_id is not null
    group by 1, 2, 3, 4, 5, 6;
end;
$$;
comment on function private.rebuild_ai_cost is 'The four rollups of AI cost anew from ledger and adjustments.';
revoke execute on function private.rebuild_ai_cost from public, anon, authenticated;
grant execute on function private.rebuild_ai_cost to service_role;

-- A ledger that is older than the rollups by day and by team is counted into them once, by the deploy that adds them.
do $$
begin
    if not exists (select from public.ai_cost_daily) and exists (select from public.ai_cost_hourly) then
        perform private.rebuild_ai_cost();
    end if;
end;
$$;

-- Each call of a model by itself, from what the run that made it used, in the transaction that writes the ledger.

-- A run of an older process tells its calls together only: they become one call without an id.
create or replace function private.calls_of(p_line public.usage_logs, p_used jsonb) returns setof jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
    select jsonb_array_elements(case
        when jsonb_typeof(p_used -> 'calls') = 'array' then p_used -> 'calls'
        when p_line.provider in ('', 'measured-review') then '[]'
        else jsonb_build_array(jsonb_build_object(
            'provider', p_line.provider, 'model', p_line.model, 'outcome', p_line.status,
            'service_tier', p_line.service_tier, 'input_tokens', p_line.input_tokens,
            'cached_input_tokens', p_line.cached_input_tokens, 'cache_write_tokens', p_line.cache_write_tokens,
            'output_tokens', p_line.output_tokens, 'cost_state', p_line.cost_state,
            'cost_microusd', p_line.cost_microusd))
    end)
$$;
comment on function private.calls_of is 'The calls of models that one row of the ledger stands for, by what its run used.';
revoke execute on function private.calls_of from public, anon, authenticated;
grant execute on function private.calls_of to service_role;

-- Rows of the days are locked in one order. The callers hold the lock of the ledger anyway.
create or replace function private.keep_calls(p_written public.usage_logs[], p_ids uuid[], p_usages jsonb[])
returns void
language sql
security invoker
set search_path = ''
as $$
    with kept as (
        insert into public.model_calls (
            at, usage_id, answer_id, feature, provider, model, call_id, outcome, service_tier, input_tokens,
            cached_input_tokens, cache_write_tokens, output_tokens, cost_state, cost_microusd
        )
        select coalesce((call ->> 'at')::timestamptz, line.at), line.id, line.answer_id, line.feature,
            coalesce(call ->> 'provider', ''), coalesce(call ->> 'model', ''), coalesce(call ->> 'call_id', ''),
            coalesce(call ->> 'outcome', ''), coalesce(call ->> 'service_tier', 'standard'),
            coalesce((call ->> 'input_tokens')::bigint, 0), coalesce((call ->> 'cached_input_tokens')::bigint, 0),
            coalesce((call ->> 'cache_write_tokens')::bigint, 0), coalesce((call ->> 'output_tokens')::bigint, 0),
            coalesce(call ->> 'cost_state', 'unknown'), (call ->> 'cost_microusd')::bigint
        from unnest(p_written) as line
        join unnest(p_ids, p_usages) as closed (id, used) on closed.id = line.answer_id
        cross join lateral private.calls_of(line, closed.used) as call
        returning *
    )
    insert into public.model_call_days as d (
        day, provider, model, service_tier, calls, unpriced, unknown, input_tokens, cached_input_tokens,
        cache_write_tokens, output_tokens, cost_microusd
    )
    select (at at time zone 'UTC')::date, provider, model, service_tier, count(*),
        count(*) filter (where cost_state = 'unpriced'), count(*) filter (where cost_state = 'unknown'),
        sum(input_tokens), sum(cached_input_tokens), sum(cache_write_tokens), sum(output_tokens),
        coalesce(sum(cost_microusd), 0)
    from kept
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (day, provider, model, service_tier) do update
        set calls = d.calls + excluded.calls, unpriced = d.unpriced + excluded.unpriced,
            unknown = d.unknown + excluded.unknown, input_tokens = d.input_tokens + excluded.input_tokens,
            cached_input_tokens = d.cached_input_tokens + excluded.cached_input_tokens,
            cache_write_tokens = d.cache_write_tokens + excluded.cache_write_tokens,
            output_tokens = d.output_tokens + excluded.output_tokens,
            cost_microusd = d.cost_microusd + excluded.cost_microusd
$$;
comment on function private.keep_calls is 'Keeps each call of rows just written to the ledger, and counts it into its UTC day.';
revoke execute on function private.keep_calls from public, anon, authenticated;
grant execute on function private.keep_calls to service_role;

-- A ledger that is older than this table is counted into its days once, by run, with the model that wrote in the end.
do $$
begin
    if not exists (select from public.model_call_days) and exists (select from public.ai_cost_hourly) then
        insert into public.model_call_days (
            day, provider, model, service_tier, calls, unpriced, input_tokens, cached_input_tokens, cache_write_tokens,
            output_tokens, cost_microusd
        )
        select (hour at time zone 'UTC')::date, provider, model, '', sum(calls), sum(unpriced), sum(input_tokens),
            sum(cached_input_tokens), sum(cache_write_tokens), sum(output_tokens), sum(cost_microusd)
        from public.ai_cost_hourly
        where provider not in ('', 'measured-review')
        group by 1, 2, 3;
    end if;
end;
$$;

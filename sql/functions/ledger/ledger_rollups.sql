-- Adds new rows of the ledger to the rollups of use. They are of one transaction, thus of one hour and day.

-- Works group by group (mostly there is one), so that a histogram is counted up in place.
create or replace function private.roll_up_usage(p_lines public.usage_logs[]) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_hour timestamptz := date_trunc('hour', now(), 'UTC');
    v_day date := private.reporting_day(now());
    v_none bigint[] := array_fill(0::bigint, array[84]);
    v_group record;
begin
    for v_group in
        select plan_code, feature, provider, model, status, error_code, count(*) as uses,
            count(*) filter (where cost_state = 'unpriced') as unpriced, sum(input_tokens) as input_tokens,
            sum(cached_input_tokens) as cached_input_tokens, sum(output_tokens) as output_tokens,
            sum(reasoning_tokens) as reasoning_tokens, sum(cache_write_tokens) as cache_write_tokens,
            coalesce(sum(cost_microusd), 0) as cost_microusd,
            sum(latency_ms) as latency_ms, sum(model_latency_ms) as model_latency_ms,
            sum(figma_latency_ms) as figma_latency_ms, array_agg(private.latency_bucket(latency_ms)) as latencies,
            array_agg(private.latency_bucket(model_latency_ms)) filter (where model_latency_ms > 0) as model_latencies,
            array_agg(private.latency_bucket(figma_latency_ms)) filter (where figma_latency_ms > 0) as figma_latencies
        from unnest(p_lines)
        group by 1, 2, 3, 4, 5, 6
    loop
        insert into public.usage_hourly as h (
            hour, plan_code, feature, provider, model, status, error_code, uses, unpriced, input_tokens,
            cached_input_tokens, output_tokens, reasoning_tokens, cache_write_tokens, cost_microusd, latency_ms_sum,
            model_latency_ms_sum,
            figma_latency_ms_sum, latency_histogram, model_latency_histogram, figma_latency_histogram
        ) values (
            v_hour, v_group.plan_code, v_group.feature, v_group.provider, v_group.model, v_group.status,
            v_group.error_code, v_group.uses, v_group.unpriced, v_group.input_tokens, v_group.cached_input_tokens,
            v_group.output_tokens, v_group.reasoning_tokens, v_group.cache_write_tokens, v_group.cost_microusd,
            v_group.latency_ms,
            v_group.model_latency_ms, v_group.figma_latency_ms, private.count_up(v_none, v_group.latencies),
            private.count_up(v_none, v_group.model_latencies), private.count_up(v_none, v_group.figma_latencies)
        )
        on conflict (hour, plan_code, feature, provider, model, status, error_code) do update
            set uses = h.uses + excluded.uses, unpriced = h.unpriced + excluded.unpriced,
                input_tokens = h.input_tokens + excluded.input_tokens,
                cached_input_tokens = h.cached_input_tokens + excluded.cached_input_tokens,
                output_tokens = h.output_tokens + excluded.output_tokens,
                reasoning_tokens = h.reasoning_tokens + excluded.reasoning_tokens,
                cache_write_tokens = h.cache_write_tokens + excluded.cache_write_tokens,
                cost_microusd = h.cost_microusd + excluded.cost_microusd,
                latency_ms_sum = h.latency_ms_sum + excluded.latency_ms_sum,
                model_latency_ms_sum = h.model_latency_ms_sum + excluded.model_latency_ms_sum,
                figma_latency_ms_sum = h.figma_latency_ms_sum + excluded.figma_latency_ms_sum,
                latency_histogram = private.count_up(h.latency_histogram, v_group.latencies),
                model_latency_histogram = private.count_up(h.model_latency_histogram, v_group.model_latencies),
                figma_latency_histogram = private.count_up(h.figma_latency_histogram, v_group.figma_latencies);
        insert into public.usage_daily as d (
            day, plan_code, feature, provider, model, status, error_code, uses, unpriced, input_tokens,
            cached_input_tokens, output_tokens, reasoning_tokens, cache_write_tokens, cost_microusd, latency_ms_sum,
            model_latency_ms_sum,
            latency_histogram, model_latency_histogram
        ) values (
            v_day, v_group.plan_code, v_group.feature, v_group.provider, v_group.model, v_group.status,
            v_group.error_code, v_group.uses, v_group.unpriced, v_group.input_tokens, v_group.cached_input_tokens,
            v_group.output_tokens, v_group.reasoning_tokens, v_group.cache_write_tokens, v_group.cost_microusd,
            v_group.latency_ms,
            v_group.model_latency_ms, private.count_up(v_none, v_group.latencies),
            private.count_up(v_none, v_group.model_latencies)
        )
        on conflict (day, plan_code, feature, provider, model, status, error_code) do update
            set uses = d.uses + excluded.uses, unpriced = d.unpriced + excluded.unpriced,
                input_tokens = d.input_tokens + excluded.input_tokens,
                cached_input_tokens = d.cached_input_tokens + excluded.cached_input_tokens,
                output_tokens = d.output_tokens + excluded.output_tokens,
                reasoning_tokens = d.reasoning_tokens + excluded.reasoning_tokens,
                cache_write_tokens = d.cache_write_tokens + excluded.cache_write_tokens,
                cost_microusd = d.cost_microusd + excluded.cost_microusd,
                latency_ms_sum = d.latency_ms_sum + excluded.latency_ms_sum,
                model_latency_ms_sum = d.model_latency_ms_sum + excluded.model_latency_ms_sum,
                latency_histogram = private.count_up(d.latency_histogram, v_group.latencies),
                model_latency_histogram = private.count_up(d.model_latency_histogram, v_group.model_latencies);
    end loop;
end;
$$;
comment on function private.roll_up_usage is 'Adds ledger rows just written to usage_hourly and usage_daily.';
revoke execute on function private.roll_up_usage from public, anon, authenticated;
grant execute on function private.roll_up_usage to service_role;

create or replace function private.roll_up_usage_of_teams(p_lines public.usage_logs[]) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_none bigint[] := array_fill(0::bigint, array[84]);
    v_group record;
begin
    for v_group in
        select team_id, plan_code, feature, status, count(*) as uses,
            count(*) filter (where cost_state = 'unpriced') as unpriced, sum(input_tokens) as input_tokens,
            sum(cached_input_tokens) as cached_input_tokens, sum(output_tokens) as output_tokens,
            sum(reasoning_tokens) as reasoning_tokens, sum(cache_write_tokens) as cache_write_tokens,
            coalesce(sum(cost_microusd), 0) as cost_microusd,
            sum(latency_ms) as latency_ms, sum(model_latency_ms) as model_latency_ms,
            array_agg(private.latency_bucket(latency_ms)) as latencies
        from unnest(p_lines)
        where team_id is not null
        group by 1, 2, 3, 4
    loop
        insert into public.usage_hourly_teams as t (
            team_id, hour, plan_code, feature, status, uses, unpriced, input_tokens, cached_input_tokens,
            output_tokens, reasoning_tokens, cache_write_tokens, cost_microusd, latency_ms_sum, model_latency_ms_sum,
            latency_histogram
        ) values (
            v_group.team_id, date_trunc('hour', now(), 'UTC'), v_group.plan_code, v_group.feature, v_group.status,
            v_group.uses, v_group.unpriced, v_group.input_tokens, v_group.cached_input_tokens, v_group.output_tokens,
            v_group.reasoning_tokens, v_group.cache_write_tokens, v_group.cost_microusd, v_group.latency_ms,
            v_group.model_latency_ms,
            private.count_up(v_none, v_group.latencies)
        )
        on conflict (team_id, hour, plan_code, feature, status) do update
            set uses = t.uses + excluded.uses, unpriced = t.unpriced + excluded.unpriced,
                input_tokens = t.input_tokens + excluded.input_tokens,
                cached_input_tokens = t.cached_input_tokens + excluded.cached_input_tokens,
                output_tokens = t.output_tokens + excluded.output_tokens,
                reasoning_tokens = t.reasoning_tokens + excluded.reasoning_tokens,
                cache_write_tokens = t.cache_write_tokens + excluded.cache_write_tokens,
                cost_microusd = t.cost_microusd + excluded.cost_microusd,
                latency_ms_sum = t.latency_ms_sum + excluded.latency_ms_sum,
                model_latency_ms_sum = t.model_latency_ms_sum + excluded.model_latency_ms_sum,
                latency_histogram = private.count_up(t.latency_histogram, v_group.latencies);
    end loop;
end;
$$;
comment on function private.roll_up_usage_of_teams is 'Adds ledger rows just written to usage_hourly_teams.';
revoke execute on function private.roll_up_usage_of_teams from public, anon, authenticated;
grant execute on function private.roll_up_usage_of_teams to service_role;

create or replace function private.roll_up_usage_of_people(p_lines public.usage_logs[]) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    insert into public.usage_daily_users as d (
        day, user_id, plan_code, answered, refused, failed, unpriced, input_tokens, output_tokens, cost_microusd
    )
    select private.reporting_day(now()), user_id, plan_code,
        count(*) filter (where status = 'answered' and feature not in ('pipeline', 'rehearsal')),
        count(*) filter (where status = 'refused'),
        count(*) filter (where status = 'failed' and feature not in ('pipeline', 'rehearsal')),
        count(*) filter (where cost_state = 'unpriced'), sum(input_tokens), sum(output_tokens),
        coalesce(sum(cost_microusd), 0)
    from unnest(p_lines)
    where user_id is not null
    group by user_id, plan_code
    on conflict (day, user_id, plan_code) do update
        set answered = d.answered + excluded.answered, refused = d.refused + excluded.refused,
            failed = d.failed + excluded.failed, unpriced = d.unpriced + excluded.unpriced,
            input_tokens = d.input_tokens + excluded.input_tokens,
            output_tokens = d.output_tokens + excluded.output_tokens,
            cost_microusd = d.cost_microusd + excluded.cost_microusd;
end;
$$;
comment on function private.roll_up_usage_of_people is 'Adds ledger rows just written to usage_daily_users.';
revoke execute on function private.roll_up_usage_of_people from public, anon, authenticated;
grant execute on function private.roll_up_usage_of_people to service_role;

-- Plans, balances and the ledger with its rollups. Called by answers.sql; one transaction with what it records.
-- What runs for each answer is plpgsql, which keeps its plans: a SQL function is planned again at each call.

-- The plan somebody is on: their own subscription, else their team's, else the trial.
create or replace function private.plan_in_force(p_user_id uuid, p_at timestamptz default now())
returns table (code text, name text, uses integer, period text, is_unlimited boolean, period_start date)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return query
    with chosen as (
        select coalesce((
            select subscriptions.plan_code from public.subscriptions
            where (subscriptions.user_id = p_user_id
                    or subscriptions.team_id = (select users.team_id from public.users where users.id = p_user_id))
                and subscriptions.starts_at <= p_at and (subscriptions.ends_at is null or subscriptions.ends_at > p_at)
            order by (subscriptions.user_id is not null) desc, subscriptions.starts_at desc
            limit 1
        ), 'trial') as plan_code
    )
    select plans.code, plans.name, plans.uses, plans.period, plans.is_unlimited,
        case plans.period when 'month' then date_trunc('month', p_at at time zone 'UTC')::date else '-infinity'::date end
    from public.plans join chosen on plans.code = chosen.plan_code
    where plans.valid_from <= p_at
    order by plans.valid_from desc
    limit 1;
end;
$$;
comment on function private.plan_in_force is 'The plan a user is on at a moment, and the start (UTC) of its current period.';
revoke execute on function private.plan_in_force from public, anon, authenticated;
grant execute on function private.plan_in_force to service_role;

create or replace function private.granted_uses(p_user_id uuid, p_plan_code text, p_period_start date) returns integer
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return (
        select coalesce(sum(uses), 0)::integer from public.use_grants
        where user_id = p_user_id and plan_code = p_plan_code and period_start = p_period_start and revoked_at is null
    );
end;
$$;
comment on function private.granted_uses is 'Uses that operators gave on top of a plan in one of its periods.';
revoke execute on function private.granted_uses from public, anon, authenticated;
grant execute on function private.granted_uses to service_role;

create or replace function private.usage_summary(p_user_id uuid) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return (
        select jsonb_build_object(
            'plan_code', plan.code, 'plan_name', plan.name, 'limit', plan.uses + granted.uses,
            'is_unlimited', plan.is_unlimited,
            'used', coalesce(balance.used, 0), 'reserved', coalesce(balance.reserved, 0),
            'left', greatest(0, plan.uses + granted.uses - coalesce(balance.used, 0) - coalesce(balance.reserved, 0)),
            'resets_at', case plan.period when 'month'
                then ((plan.period_start + interval '1 month')::timestamp at time zone 'UTC') end
        )
        from private.plan_in_force(p_user_id) as plan
        cross join lateral private.granted_uses(p_user_id, plan.code, plan.period_start) as granted (uses)
        left join public.use_balances as balance
            on balance.user_id = p_user_id and balance.plan_code = plan.code and balance.period_start = plan.period_start
    );
end;
$$;
comment on function private.usage_summary is 'Plan, limit (granted uses included), used, reserved, left and when the count starts again (null: never).';
revoke execute on function private.usage_summary from public, anon, authenticated;
grant execute on function private.usage_summary to service_role;

-- Which of the 84 buckets a latency falls into: bucket b holds up to 2^((b-1)/4) ms, an error of at most 9 %.
create or replace function private.latency_bucket(p_ms bigint) returns integer
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
    return least(84, greatest(1, ceil(4 * log(2.0, greatest(p_ms, 1)::numeric))::integer + 1));
end;
$$;
comment on function private.latency_bucket is 'Histogram bucket (1-84) of a latency in milliseconds, four per doubling.';
revoke execute on function private.latency_bucket from public, anon, authenticated;
grant execute on function private.latency_bucket to service_role;

create or replace function private.histogram_with(p_bucket integer) returns bigint[]
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
    return array_fill(0::bigint, array[p_bucket - 1])
        || case when p_bucket between 1 and 84 then array[1::bigint] else '{}'::bigint[] end
        || array_fill(0::bigint, array[84 - p_bucket]);
end;
$$;
comment on function private.histogram_with is 'An empty histogram with one count in the given bucket.';
revoke execute on function private.histogram_with from public, anon, authenticated;
grant execute on function private.histogram_with to service_role;

-- One ledger row for one run of an answer, and its rollups. Written again for the same run it does nothing,
-- so a lost reply of the database cannot double a cost.
create or replace function private.write_usage(
    p_answer public.answers, p_status text, p_error_code text, p_usage jsonb, p_receipt_id uuid
) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_row public.usage_logs;
    v_bucket integer;
    v_model_bucket integer;
    v_day date;
    v_figma_bucket integer;
begin
    -- One writer at a time until it commits. Nearly all meet in the same row of the hour anyway, and a batch of
    -- answers updates many rows in an order of its own (see private.take_batch).
    perform pg_advisory_xact_lock(hashtextextended('usage_logs', 0));
    insert into public.usage_logs (
        answer_id, run, feature, status, error_code, user_id, team_id, plan_code, receipt_id, file_key, provider, model,
        input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, cost_microusd, cost_state, price_name,
        latency_ms, model_latency_ms, figma_latency_ms, fallbacks, context_version, prompt_version, request_id
    ) values (
        p_answer.id, p_answer.run,
        case p_answer.decision when 'command' then 'command' when 'invite' then 'invite' else 'comment' end,
        p_status, p_error_code, p_answer.payer_id,
        (select users.team_id from public.users where users.id = p_answer.payer_id),
        p_answer.plan_code, p_receipt_id, p_answer.file_key,
        coalesce(p_usage ->> 'provider', ''), coalesce(p_usage ->> 'model', ''),
        coalesce((p_usage ->> 'input_tokens')::bigint, 0), coalesce((p_usage ->> 'cached_input_tokens')::bigint, 0),
        coalesce((p_usage ->> 'output_tokens')::bigint, 0), coalesce((p_usage ->> 'reasoning_tokens')::bigint, 0),
        case when p_usage ->> 'cost_state' = 'unpriced' then null
            else coalesce((p_usage ->> 'cost_microusd')::bigint, 0) end,
        coalesce(p_usage ->> 'cost_state', 'priced'), coalesce(p_usage ->> 'price_name', 'no model call'),
        greatest(0, extract(epoch from clock_timestamp() - p_answer.received_at) * 1000)::bigint,
        coalesce((p_usage ->> 'model_latency_ms')::bigint, 0), coalesce((p_usage ->> 'figma_latency_ms')::bigint, 0),
        coalesce((p_usage ->> 'fallbacks')::integer, 0), p_answer.context_version,
        coalesce(p_usage ->> 'prompt_version', ''), p_answer.request_id
    )
    on conflict (answer_id, run) do nothing
    returning * into v_row;
    if not found then
        return;
    end if;

    v_day := private.reporting_day(v_row.at);
    v_bucket := private.latency_bucket(v_row.latency_ms);
    v_model_bucket := case when v_row.model_latency_ms > 0 then private.latency_bucket(v_row.model_latency_ms) end;
    v_figma_bucket := case when v_row.figma_latency_ms > 0 then private.latency_bucket(v_row.figma_latency_ms) end;
    insert into public.usage_hourly as h (
        hour, plan_code, feature, provider, model, status, error_code, uses, unpriced, input_tokens,
        cached_input_tokens, output_tokens, reasoning_tokens, cost_microusd, latency_ms_sum, model_latency_ms_sum,
        latency_histogram, model_latency_histogram, figma_latency_ms_sum, figma_latency_histogram
    ) values (
        date_trunc('hour', v_row.at, 'UTC'), v_row.plan_code, v_row.feature, v_row.provider, v_row.model, v_row.status,
        v_row.error_code, 1, (v_row.cost_state = 'unpriced')::integer, v_row.input_tokens, v_row.cached_input_tokens,
        v_row.output_tokens, v_row.reasoning_tokens, coalesce(v_row.cost_microusd, 0), v_row.latency_ms,
        v_row.model_latency_ms, private.histogram_with(v_bucket),
        case when v_model_bucket is null then array_fill(0::bigint, array[84])
            else private.histogram_with(v_model_bucket) end,
        v_row.figma_latency_ms,
        case when v_figma_bucket is null then array_fill(0::bigint, array[84])
            else private.histogram_with(v_figma_bucket) end
    )
    on conflict (hour, plan_code, feature, provider, model, status, error_code) do update
        set uses = h.uses + 1, unpriced = h.unpriced + excluded.unpriced,
            input_tokens = h.input_tokens + excluded.input_tokens,
            cached_input_tokens = h.cached_input_tokens + excluded.cached_input_tokens,
            output_tokens = h.output_tokens + excluded.output_tokens,
            reasoning_tokens = h.reasoning_tokens + excluded.reasoning_tokens,
            cost_microusd = h.cost_microusd + excluded.cost_microusd,
            latency_ms_sum = h.latency_ms_sum + excluded.latency_ms_sum,
            model_latency_ms_sum = h.model_latency_ms_sum + excluded.model_latency_ms_sum,
            latency_histogram[v_bucket] = h.latency_histogram[v_bucket] + 1,
            model_latency_histogram[coalesce(v_model_bucket, 1)] =
                h.model_latency_histogram[coalesce(v_model_bucket, 1)] + (v_model_bucket is not null)::integer,
            figma_latency_ms_sum = h.figma_latency_ms_sum + excluded.figma_latency_ms_sum,
            figma_latency_histogram[coalesce(v_figma_bucket, 1)] =
                h.figma_latency_histogram[coalesce(v_figma_bucket, 1)] + (v_figma_bucket is not null)::integer;
    perform private.count_providers(date_trunc('hour', v_row.at, 'UTC'), p_usage -> 'attempts');

    insert into public.usage_daily as d (
        day, plan_code, feature, provider, model, status, error_code, uses, unpriced, input_tokens,
        cached_input_tokens, output_tokens, reasoning_tokens, cost_microusd, latency_ms_sum, model_latency_ms_sum,
        latency_histogram, model_latency_histogram
    ) values (
        v_day, v_row.plan_code, v_row.feature, v_row.provider, v_row.model, v_row.status,
        v_row.error_code, 1, (v_row.cost_state = 'unpriced')::integer, v_row.input_tokens, v_row.cached_input_tokens,
        v_row.output_tokens, v_row.reasoning_tokens, coalesce(v_row.cost_microusd, 0), v_row.latency_ms,
        v_row.model_latency_ms, private.histogram_with(v_bucket),
        case when v_model_bucket is null then array_fill(0::bigint, array[84])
            else private.histogram_with(v_model_bucket) end
    )
    on conflict (day, plan_code, feature, provider, model, status, error_code) do update
        set uses = d.uses + 1, unpriced = d.unpriced + excluded.unpriced,
            input_tokens = d.input_tokens + excluded.input_tokens,
            cached_input_tokens = d.cached_input_tokens + excluded.cached_input_tokens,
            output_tokens = d.output_tokens + excluded.output_tokens,
            reasoning_tokens = d.reasoning_tokens + excluded.reasoning_tokens,
            cost_microusd = d.cost_microusd + excluded.cost_microusd,
            latency_ms_sum = d.latency_ms_sum + excluded.latency_ms_sum,
            model_latency_ms_sum = d.model_latency_ms_sum + excluded.model_latency_ms_sum,
            latency_histogram[v_bucket] = d.latency_histogram[v_bucket] + 1,
            model_latency_histogram[coalesce(v_model_bucket, 1)] =
                d.model_latency_histogram[coalesce(v_model_bucket, 1)] + (v_model_bucket is not null)::integer;

    if v_row.team_id is not null then
        insert into public.usage_hourly_teams as t (
            team_id, hour, plan_code, feature, status, uses, unpriced, input_tokens, cached_input_tokens,
            output_tokens, reasoning_tokens, cost_microusd, latency_ms_sum, model_latency_ms_sum, latency_histogram
        ) values (
            v_row.team_id, date_trunc('hour', v_row.at, 'UTC'), v_row.plan_code, v_row.feature, v_row.status, 1,
            (v_row.cost_state = 'unpriced')::integer, v_row.input_tokens, v_row.cached_input_tokens,
            v_row.output_tokens, v_row.reasoning_tokens, coalesce(v_row.cost_microusd, 0), v_row.latency_ms,
            v_row.model_latency_ms, private.histogram_with(v_bucket)
        )
        on conflict (team_id, hour, plan_code, feature, status) do update
            set uses = t.uses + 1, unpriced = t.unpriced + excluded.unpriced,
                input_tokens = t.input_tokens + excluded.input_tokens,
                cached_input_tokens = t.cached_input_tokens + excluded.cached_input_tokens,
                output_tokens = t.output_tokens + excluded.output_tokens,
                reasoning_tokens = t.reasoning_tokens + excluded.reasoning_tokens,
                cost_microusd = t.cost_microusd + excluded.cost_microusd,
                latency_ms_sum = t.latency_ms_sum + excluded.latency_ms_sum,
                model_latency_ms_sum = t.model_latency_ms_sum + excluded.model_latency_ms_sum,
                latency_histogram[v_bucket] = t.latency_histogram[v_bucket] + 1;
    end if;

    if v_row.user_id is not null then
        insert into public.usage_daily_users as d (
            day, user_id, plan_code, answered, refused, failed, unpriced, input_tokens, output_tokens, cost_microusd
        ) values (
            v_day, v_row.user_id, v_row.plan_code, (p_status = 'answered')::integer,
            (p_status = 'refused')::integer, (p_status = 'failed')::integer, (v_row.cost_state = 'unpriced')::integer,
            v_row.input_tokens, v_row.output_tokens, coalesce(v_row.cost_microusd, 0)
        )
        on conflict (day, user_id, plan_code) do update
            set answered = d.answered + excluded.answered, refused = d.refused + excluded.refused,
                failed = d.failed + excluded.failed, unpriced = d.unpriced + excluded.unpriced,
                input_tokens = d.input_tokens + excluded.input_tokens,
                output_tokens = d.output_tokens + excluded.output_tokens,
                cost_microusd = d.cost_microusd + excluded.cost_microusd;
    end if;
end;
$$;
comment on function private.write_usage is 'Ledger row and rollups of one run of an answer, once.';
revoke execute on function private.write_usage from public, anon, authenticated;
grant execute on function private.write_usage to service_role;

create or replace function public.price_overrides() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(model_prices) order by model_prices.valid_from), '[]'::jsonb)
    from public.model_prices
$$;
comment on function public.price_overrides is 'All effective-dated price overrides.';
revoke execute on function public.price_overrides from public, anon, authenticated;
grant execute on function public.price_overrides to service_role;

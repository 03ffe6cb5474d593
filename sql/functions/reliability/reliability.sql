-- Errors, answer times, providers and objectives. Everything comes from rollups.

-- Called by write_usage. Rows are locked in one order, so that two answers at once cannot deadlock.
create or replace function private.count_providers(p_hour timestamptz, p_attempts jsonb[]) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    insert into public.provider_hourly as h (hour, provider, model, outcome, reason, calls, latency_ms_sum)
    select p_hour, coalesce(attempt.provider, ''), coalesce(attempt.model, ''), attempt.outcome,
        coalesce(attempt.reason, ''), count(*), coalesce(sum(attempt.latency_ms), 0)
    from unnest(p_attempts) as attempts (of_answer)
    cross join lateral jsonb_to_recordset(coalesce(nullif(attempts.of_answer, 'null'::jsonb), '[]'::jsonb))
        as attempt (provider text, model text, outcome text, reason text, latency_ms bigint)
    group by 1, 2, 3, 4, 5
    order by 1, 2, 3, 4, 5
    on conflict (hour, provider, model, outcome, reason) do update
        set calls = h.calls + excluded.calls, latency_ms_sum = h.latency_ms_sum + excluded.latency_ms_sum;
end;
$$;
comment on function private.count_providers is 'Count the providers that answers asked or passed over, each [{provider, model, outcome, reason, latency_ms}] or null.';
revoke execute on function private.count_providers from public, anon, authenticated;
grant execute on function private.count_providers to service_role;

-- Every figure of the page is counted from this. It reads whole days by day and only the rest by hour.
-- Not coalesce: under row level security Postgres takes an index only for conditions that cannot leak, as CASE is.
create or replace function private.reliability_between(
    p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_by_hour boolean
) returns table (
    at timestamptz, error_code text, answered bigint, without_model bigint, failed bigint,
    latency_histogram bigint[], model_latency_histogram bigint[], figma_latency_histogram bigint[]
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
    select * into v_days from private.whole_days(p_from, p_to, case when p_by_hour then '-infinity'::date end);
    return query
        select day::timestamp at time zone v_zone, error_code, answered, without_model, failed, latency_histogram,
            model_latency_histogram, figma_latency_histogram
        from public.reliability_daily
        where team_id = case when p_team is null then '00000000-0000-0000-0000-000000000000' else p_team end and day >= v_days.first_day
            and day < v_days.end_day and (p_plans is null or plan_code = any (p_plans));
    return query
        select hour, error_code, answered, without_model, failed, latency_histogram, model_latency_histogram,
            figma_latency_histogram
        from public.reliability_hourly_teams
        where team_id = case when p_team is null then '00000000-0000-0000-0000-000000000000' else p_team end
            and ((hour >= p_from and hour < v_days.starts) or (hour >= v_days.ends and hour < p_to))
            and (p_plans is null or plan_code = any (p_plans));
end;
$$;
comment on function private.reliability_between is 'Of the comments that were to be answered (a use was reserved for each) those answered and failed in [p_from, p_to), whole UTC hours, of these plans and this team (null: all): whole reporting days from reliability_daily unless hours are asked for, the rest from reliability_hourly_teams. Commands, refusals and invitations are in neither.';
revoke execute on function private.reliability_between from public, anon;
grant execute on function private.reliability_between to authenticated, service_role;

-- One pass over the rollups: the row without a step is the whole period.
create or replace function public.reliability(
    p_starts timestamptz[], p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with found as materialized (
        select p_starts[width_bucket(rows.at, p_starts)] as step, rows.*
        from private.reliability_between(
            p_starts[1], p_to, p_plans, p_team, coalesce(p_starts[2] - p_starts[1] <= interval '1 hour', false)
        ) as rows
    ), sums as (
        select step, coalesce(sum(answered), 0)::bigint as answered,
            coalesce(sum(without_model), 0)::bigint as without_model, coalesce(sum(failed), 0)::bigint as failed
        from found group by grouping sets ((step), ())
    ), of_steps as materialized (
        -- Grouped once, which Postgres does by hash, and the whole period from these few: at once it would sort them all.
        select b.step, b.kind, case when b.place < 101 then 6 * b.place + 92 else b.place end as bucket, sum(b.uses)::bigint as uses
        from (
            -- Unnested side by side here and not in "from", where each row would be stored first: this takes half the
            -- time.
            -- Most rows of a day are a few failures of one cause, and have no times.
            select step, 'total' as kind, generate_subscripts(latency_histogram, 1) as place,
                unnest(latency_histogram) as uses
            from found where answered > 0
            union all
            select step, 'model', generate_subscripts(model_latency_histogram, 1), unnest(model_latency_histogram)
            from found where answered > 0
            union all
            select step, 'figma', generate_subscripts(figma_latency_histogram, 1), unnest(figma_latency_histogram)
            from found where answered > 0
        ) as b
        where b.uses > 0
        group by 1, 2, 3
    ), counts as materialized (
        select step, kind, bucket, sum(uses)::bigint as uses from of_steps group by grouping sets ((1, 2, 3), (2, 3))
    ), merged as (
        select step, kind, sum(uses)::bigint as calls, array_agg(bucket order by bucket) as buckets,
            array_agg(uses order by bucket) as uses
        from counts
        group by 1, 2
    ), quantiles as materialized (
        select step, kind, calls, private.bucket_quantile(buckets, uses, 0.95) as p95,
            case when step is null or kind = 'total' then private.bucket_quantile(buckets, uses, 0.5) end as p50,
            case when step is null then private.bucket_quantile(buckets, uses, 0.9) end as p90,
            case when step is null then private.bucket_quantile(buckets, uses, 0.99) end as p99
        from merged
    ), causes as (
        select error_code, sum(failed)::bigint as failed from found where failed > 0 group by error_code
    )
    select jsonb_build_object(
        'answered', whole.answered, 'failed', whole.failed, 'without_model', whole.without_model,
        'causes', coalesce((
            select jsonb_agg(to_jsonb(causes) order by causes.failed desc, causes.error_code) from causes), '[]'),
        'latencies', coalesce((
            select jsonb_agg(jsonb_build_object(
                'kind', kind, 'calls', calls, 'p50_ms', p50, 'p90_ms', p90, 'p95_ms', p95, 'p99_ms', p99
            ) order by array_position(array['total', 'model', 'figma'], kind))
            from quantiles where step is null), '[]'),
        'course', coalesce((
            select jsonb_agg(jsonb_build_object(
                'at', sums.step, 'answered', sums.answered, 'failed', sums.failed, 'without_model', sums.without_model,
                'total_p50_ms', total.p50, 'total_p95_ms', total.p95, 'model_p95_ms', model.p95,
                'figma_p95_ms', figma.p95
            ) order by sums.step)
            from sums
            left join quantiles as total on total.step = sums.step and total.kind = 'total'
            left join quantiles as model on model.step = sums.step and model.kind = 'model'
            left join quantiles as figma on figma.step = sums.step and figma.kind = 'figma'
            where sums.step is not null), '[]')
    )
    from sums as whole where whole.step is null and private.require_support()
$$;
comment on function public.reliability is 'Of the comments that were to be answered in [p_starts[1], p_to) those answered (without_model: from measured facts alone) and failed, as private.reliability_between counts them; error rate = failed / (answered + failed), as on the overview. causes: failures by error code, adding up to failed. latencies: percentiles in ms of answered comments: total (webhook to reply), model (whole chain), figma (all calls to Figma of the last attempt); calls counts answers with such a time; from histograms, within 2 %, see private.bucket_quantile. course: the same per step; p_starts: the first moments of the steps, in order; steps without any use are left out.';
revoke execute on function public.reliability from public, anon, authenticated;
grant execute on function public.reliability to authenticated, service_role;

create or replace function public.provider_calls(p_from timestamptz, p_to timestamptz)
returns table (provider text, model text, outcome text, reason text, calls bigint, latency_ms_sum bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select h.provider, h.model, h.outcome, h.reason, sum(h.calls)::bigint, sum(h.latency_ms_sum)::bigint
    from public.provider_hourly as h
    where h.hour >= p_from and h.hour < p_to and private.require_support()
    group by 1, 2, 3, 4
    order by 1, 2, 5 desc, 3, 4
$$;
comment on function public.provider_calls is 'Model providers asked in [p_from, p_to), by outcome and reason. Availability = answered / (answered + failed); fallbacks = failed + skipped.';
revoke execute on function public.provider_calls from public, anon, authenticated;
grant execute on function public.provider_calls to authenticated, service_role;

-- Rebuilds what can be known after rows were inserted without the functions: demo data and benchmarks.
create or replace function private.rebuild_watch() returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.provider_hourly (hour, provider, model, outcome, reason, calls, latency_ms_sum)
    select date_trunc('hour', at, 'UTC'), provider, model, 'answered', 'ok', count(*), sum(model_latency_ms)
    from public.usage_logs
    where status = 'answered' and feature in ('comment', 'analysis', 'pipeline') and provider not in ('', 'measured-review')
    group by 1, 2, 3
    on conflict do nothing;
    insert into public.webhook_hourly (hour, webhook_id, outcome, deliveries, redeliveries)
    select date_trunc('hour', received_at, 'UTC'), webhook_id, outcome, count(*) + sum(redelivered), sum(redelivered)
    from public.webhook_deliveries
    group by 1, 2, 3
    on conflict do nothing;
    delete from public.webhook_daily;
    select private.count_webhook_days(private.reporting_zone());
    select private.measure_pauses();
$$;
comment on function private.rebuild_watch is 'provider_hourly from the ledger and webhook_hourly from the deliveries where they have no rows, and webhook_daily anew. Failed calls of providers are not in the ledger.';
revoke execute on function private.rebuild_watch from public, anon, authenticated;
grant execute on function private.rebuild_watch to service_role;

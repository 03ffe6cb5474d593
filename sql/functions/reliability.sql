-- Errors, answer times, providers and objectives. Everything comes from rollups; periods are whole UTC hours.

grant execute on function private.latency_bucket to authenticated;

-- Called by write_usage. In one order, so that two answers at once never wait for each other in a circle.
create or replace function private.count_providers(p_hour timestamptz, p_attempts jsonb) returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.provider_hourly as h (hour, provider, model, outcome, reason, calls, latency_ms_sum)
    select p_hour, coalesce(attempt.provider, ''), coalesce(attempt.model, ''), attempt.outcome,
        coalesce(attempt.reason, ''), count(*), coalesce(sum(attempt.latency_ms), 0)
    from jsonb_to_recordset(coalesce(nullif(p_attempts, 'null'::jsonb), '[]'::jsonb))
        as attempt (provider text, model text, outcome text, reason text, latency_ms bigint)
    group by 1, 2, 3, 4, 5
    order by 1, 2, 3, 4, 5
    on conflict (hour, provider, model, outcome, reason) do update
        set calls = h.calls + excluded.calls, latency_ms_sum = h.latency_ms_sum + excluded.latency_ms_sum
$$;
comment on function private.count_providers is 'Count the providers one answer asked or passed over: [{provider, model, outcome, reason, latency_ms}].';
revoke execute on function private.count_providers from public, anon, authenticated;
grant execute on function private.count_providers to service_role;

create or replace function private.reliability_hours(p_from timestamptz, p_to timestamptz, p_plans text[])
returns setof public.usage_hourly
language sql
stable
security invoker
set search_path = ''
as $$
    select * from public.usage_hourly
    where hour >= p_from and hour < p_to and (p_plans is null or plan_code = any (p_plans))
$$;
comment on function private.reliability_hours is 'The hours of a period, of these plans or (null) of all: what every figure of the reliability page is counted from.';
revoke execute on function private.reliability_hours from public, anon;
grant execute on function private.reliability_hours to authenticated, service_role;

-- Rows of empty buckets are dropped before they are summed: most of the 84 are empty.
create or replace function private.latency_counts(
    p_starts timestamptz[], p_to timestamptz, p_plans text[], p_kinds text[]
) returns table (at timestamptz, kind text, bucket integer, uses bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select p_starts[width_bucket(h.hour, p_starts)], kinds.kind, counts.bucket::integer, sum(counts.uses)::bigint
    from private.reliability_hours(p_starts[1], p_to, p_plans) as h
    cross join lateral (values
        ('total', h.latency_histogram), ('model', h.model_latency_histogram), ('figma', h.figma_latency_histogram)
    ) as kinds (kind, histogram)
    cross join lateral unnest(kinds.histogram) with ordinality as counts (uses, bucket)
    where h.status = 'answered' and h.feature = 'comment' and kinds.kind = any (p_kinds) and counts.uses > 0
    group by 1, 2, 3
$$;
comment on function private.latency_counts is 'Answered comments per step, kind of latency (total, model, figma) and histogram bucket; p_starts: first moments of the steps.';
revoke execute on function private.latency_counts from public, anon;
grant execute on function private.latency_counts to authenticated, service_role;

create or replace function private.dense_histogram(p_buckets integer[], p_uses bigint[]) returns bigint[]
language sql
immutable
security invoker
set search_path = ''
as $$
    select array(
        select coalesce(counts.uses, 0)
        from generate_series(1, 84) as place
        left join unnest(p_buckets, p_uses) as counts (bucket, uses) on counts.bucket = place
        order by place
    )
$$;
comment on function private.dense_histogram is 'The 84 counts of a histogram given as two lists: the buckets and their uses.';
revoke execute on function private.dense_histogram from public, anon;
grant execute on function private.dense_histogram to authenticated, service_role;

create or replace function private.bucket_quantile(p_buckets integer[], p_uses bigint[], p_share double precision)
returns bigint
language sql
immutable
security invoker
set search_path = ''
as $$
    select private.histogram_quantile(private.dense_histogram(p_buckets, p_uses), p_share)
$$;
comment on function private.bucket_quantile is 'histogram_quantile of counts given as two lists: the buckets and their uses.';
revoke execute on function private.bucket_quantile from public, anon;
grant execute on function private.bucket_quantile to authenticated, service_role;

create or replace function public.reliability_totals(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'answered', coalesce(sum(uses) filter (where status = 'answered' and feature = 'comment'), 0),
        'failed', coalesce(sum(uses) filter (where status = 'failed'), 0),
        'without_model', coalesce(sum(uses) filter (
            where status = 'answered' and feature = 'comment' and provider = 'measured-review'), 0)
    )
    from private.reliability_hours(p_from, p_to, p_plans)
$$;
comment on function public.reliability_totals is 'Comments answered and failed in [p_from, p_to); error rate = failed / (answered + failed), as on the overview. without_model: answers from measured facts alone.';
revoke execute on function public.reliability_totals from public, anon, authenticated;
grant execute on function public.reliability_totals to authenticated, service_role;

create or replace function public.reliability_causes(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null
) returns table (error_code text, failed bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select h.error_code, sum(h.uses)::bigint
    from private.reliability_hours(p_from, p_to, p_plans) as h
    where h.status = 'failed'
    group by h.error_code
    order by 2 desc, 1
$$;
comment on function public.reliability_causes is 'Failures by cause, most frequent first; they add up to failed of reliability_totals.';
revoke execute on function public.reliability_causes from public, anon, authenticated;
grant execute on function public.reliability_causes to authenticated, service_role;

create or replace function public.reliability_latencies(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null
) returns table (kind text, calls bigint, p50_ms bigint, p90_ms bigint, p95_ms bigint, p99_ms bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    with merged as (
        select counts.kind, sum(counts.uses)::bigint as calls, array_agg(counts.bucket) as buckets,
            array_agg(counts.uses) as uses
        from private.latency_counts(array[p_from], p_to, p_plans, array['total', 'model', 'figma']) as counts
        group by counts.kind
    )
    select merged.kind, merged.calls,
        private.bucket_quantile(buckets, uses, 0.5), private.bucket_quantile(buckets, uses, 0.9),
        private.bucket_quantile(buckets, uses, 0.95), private.bucket_quantile(buckets, uses, 0.99)
    from merged
    order by array_position(array['total', 'model', 'figma'], merged.kind)
$$;
comment on function public.reliability_latencies is 'Percentiles in ms of answered comments: total (webhook to reply), model (whole chain), figma (all calls to Figma of the last attempt); calls counts answers with such a time. From histograms: see private.histogram_quantile.';
revoke execute on function public.reliability_latencies from public, anon, authenticated;
grant execute on function public.reliability_latencies to authenticated, service_role;

create or replace function public.reliability_course(
    p_starts timestamptz[], p_to timestamptz, p_plans text[] default null
) returns table (
    at timestamptz, answered bigint, failed bigint, total_p50_ms bigint, total_p95_ms bigint, model_p95_ms bigint,
    figma_p95_ms bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
    with uses as (
        select p_starts[width_bucket(h.hour, p_starts)] as step,
            coalesce(sum(h.uses) filter (where h.status = 'answered' and h.feature = 'comment'), 0)::bigint as answered,
            coalesce(sum(h.uses) filter (where h.status = 'failed'), 0)::bigint as failed
        from private.reliability_hours(p_starts[1], p_to, p_plans) as h
        group by 1
    ), merged as (
        select counts.at as step, counts.kind, array_agg(counts.bucket) as buckets, array_agg(counts.uses) as uses
        from private.latency_counts(p_starts, p_to, p_plans, array['total', 'model', 'figma']) as counts
        group by 1, 2
    ), quantiles as (
        select merged.step, merged.kind, private.bucket_quantile(merged.buckets, merged.uses, 0.95) as p95,
            case merged.kind when 'total' then private.bucket_quantile(merged.buckets, merged.uses, 0.5) end as p50
        from merged
    )
    select uses.step, uses.answered, uses.failed, max(p50), max(p95) filter (where kind = 'total'),
        max(p95) filter (where kind = 'model'), max(p95) filter (where kind = 'figma')
    from uses left join quantiles using (step)
    group by 1, 2, 3
    order by 1
$$;
comment on function public.reliability_course is 'reliability_totals and percentiles per step; p_starts: the first moments of the steps, in order. Steps without any use are left out.';
revoke execute on function public.reliability_course from public, anon, authenticated;
grant execute on function public.reliability_course to authenticated, service_role;

create or replace function public.provider_calls(p_from timestamptz, p_to timestamptz)
returns table (provider text, model text, outcome text, reason text, calls bigint, latency_ms_sum bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select h.provider, h.model, h.outcome, h.reason, sum(h.calls)::bigint, sum(h.latency_ms_sum)::bigint
    from public.provider_hourly as h
    where h.hour >= p_from and h.hour < p_to
    group by 1, 2, 3, 4
    order by 1, 2, 5 desc, 3, 4
$$;
comment on function public.provider_calls is 'Model providers asked in [p_from, p_to), by outcome and reason. Availability = answered / (answered + failed); fallbacks = failed + skipped.';
revoke execute on function public.provider_calls from public, anon, authenticated;
grant execute on function public.provider_calls to authenticated, service_role;

-- Service level objectives and error budget: https://sre.google/workbook/alerting-on-slos/
create or replace function public.slo_windows()
returns table (
    code text, target numeric, threshold_ms bigint, hours integer, cases bigint, good bigint, burn_rate double precision
)
language sql
stable
security invoker
set search_path = ''
as $$
    with windows (hours, starts) as (
        select size, date_trunc('hour', now(), 'UTC') - make_interval(hours => size)
        from unnest(array[1, 6, 72, 720]) as size
    ), period as (
        select h.hour, sum(h.uses) filter (where h.status = 'answered' and h.feature = 'comment') as answered,
            sum(h.uses) filter (where h.status = 'failed') as failed
        from private.reliability_hours((select min(starts) from windows), now(), null) as h
        group by h.hour
    ), timed as (
        select t.threshold_ms, private.latency_bucket(t.threshold_ms) as bucket
        from public.reliability_targets as t where t.code = 'in_time'
    ), slow as (
        select windows.hours,
            coalesce(sum(counts.uses) filter (where counts.bucket < timed.bucket), 0)
                + floor(coalesce(sum(counts.uses) filter (where counts.bucket = timed.bucket), 0)
                    * (timed.threshold_ms - power(2.0, (timed.bucket - 2) / 4.0))
                    / (power(2.0, (timed.bucket - 1) / 4.0) - power(2.0, (timed.bucket - 2) / 4.0))) as in_time
        from windows
        cross join timed
        join private.latency_counts(
            array(select starts from windows order by starts), now(), null, array['total']
        ) as counts on counts.at >= windows.starts
        group by windows.hours, timed.bucket, timed.threshold_ms
    ), cases as (
        select windows.hours, coalesce(sum(period.answered), 0)::bigint as answered,
            coalesce(sum(period.answered), 0)::bigint + coalesce(sum(period.failed), 0)::bigint as cases
        from windows left join period on period.hour >= windows.starts
        group by windows.hours
    ), counted as (
        select t.code, t.target, t.threshold_ms, cases.hours, cases.cases,
            case t.code when 'answered' then cases.answered else coalesce(slow.in_time, 0)::bigint end as good
        from public.reliability_targets as t
        cross join cases
        left join slow on slow.hours = cases.hours
    )
    select counted.*, ((counted.cases - counted.good)::double precision / nullif(counted.cases, 0)) / (1 - counted.target)::double precision
    from counted
    order by counted.code, counted.hours
$$;
comment on function public.slo_windows is 'Per objective and window (so many whole hours and the current one): cases = answered + failed; good = answered, or answered in time (linear inside the bucket that holds the limit); burn_rate = (bad / cases) / (1 - target), 1 uses the budget up in just 30 days.';
revoke execute on function public.slo_windows from public, anon, authenticated;
grant execute on function public.slo_windows to authenticated, service_role;

create or replace function public.set_reliability_target(
    p_code text, p_target numeric, p_threshold_ms bigint, p_reason text
) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.demand_role(array['founder'], p_reason);
    if p_target is null or p_target <= 0 or p_target >= 1 or p_code = 'in_time' and coalesce(p_threshold_ms, 0) < 1000 then
        raise exception 'A target lies between 0 and 100 per cent, and a time is at least one second.' using errcode = 'PT422';
    end if;
    update public.reliability_targets
    set target = p_target, threshold_ms = case when code = 'in_time' then p_threshold_ms end, updated_at = now()
    where code = p_code;
    if not found then
        raise exception 'There is no such objective.' using errcode = 'PT404';
    end if;
end;
$$;
comment on function public.set_reliability_target is 'Founders set an objective: its share and, for in_time, its limit in milliseconds.';
revoke execute on function public.set_reliability_target from public, anon, authenticated;
grant execute on function public.set_reliability_target to authenticated;

-- What can be known again after rows were put in past the functions: demo data and benchmarks.
create or replace function private.rebuild_watch() returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.provider_hourly (hour, provider, model, outcome, reason, calls, latency_ms_sum)
    select date_trunc('hour', at, 'UTC'), provider, model, 'answered', 'ok', count(*), sum(model_latency_ms)
    from public.usage_logs
    where status = 'answered' and feature = 'comment' and provider not in ('', 'measured-review')
    group by 1, 2, 3
    on conflict do nothing;
    insert into public.webhook_hourly (hour, webhook_id, outcome, deliveries, redeliveries)
    select date_trunc('hour', received_at, 'UTC'), webhook_id, outcome, count(*) + sum(redelivered), sum(redelivered)
    from public.webhook_deliveries
    group by 1, 2, 3
    on conflict do nothing;
    with buckets as materialized (
        select ms, private.latency_bucket(ms) as bucket
        from (select distinct figma_latency_ms from public.usage_logs where figma_latency_ms > 0) as times (ms)
    ), counted as (
        select date_trunc('hour', at, 'UTC') as hour, plan_code, feature, provider, model, status, error_code, bucket,
            count(*) as uses, sum(figma_latency_ms) as ms
        from public.usage_logs join buckets on buckets.ms = figma_latency_ms
        group by 1, 2, 3, 4, 5, 6, 7, 8
    ), merged as (
        select hour, plan_code, feature, provider, model, status, error_code, sum(ms) as ms,
            array_agg(bucket) as buckets, array_agg(uses) as uses
        from counted group by 1, 2, 3, 4, 5, 6, 7
    )
    update public.usage_hourly as h
    set figma_latency_ms_sum = merged.ms, figma_latency_histogram = private.dense_histogram(merged.buckets, merged.uses)
    from merged
    where (h.hour, h.plan_code, h.feature, h.provider, h.model, h.status, h.error_code)
        = (merged.hour, merged.plan_code, merged.feature, merged.provider, merged.model, merged.status, merged.error_code);
$$;
comment on function private.rebuild_watch is 'Figma''s histograms in usage_hourly from the ledger; provider_hourly from the ledger and webhook_hourly from the deliveries where they have no rows. Failed calls of providers are not in the ledger.';
revoke execute on function private.rebuild_watch from public, anon, authenticated;
grant execute on function private.rebuild_watch to service_role;

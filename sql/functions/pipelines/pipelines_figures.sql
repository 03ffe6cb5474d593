-- The page Pipelines: what became of them, how long they took, what they cost, and how good the components are. Counted
-- from rollups: whole days by day, the rest by hour; of one team, which has few, from the history itself.

create or replace function private.pipeline_days(
    p_starts timestamptz[], p_to timestamptz,
    out first_day date, out end_day date, out starts timestamptz, out ends timestamptz
)
language sql
stable
security invoker
set search_path = ''
as $$
    select days.* from private.whole_days(p_starts[1], p_to, case
        when p_starts[2] - p_starts[1] <= interval '1 hour' then '-infinity' else private.pipeline_days_end() end) as days
$$;
comment on function private.pipeline_days is 'The days in [p_starts[1], p_to) that are read from the rollups of pipelines by day, as private.whole_days has them: none of steps of an hour.';
revoke execute on function private.pipeline_days from public, anon;
grant execute on function private.pipeline_days to authenticated, service_role;

create or replace function private.pipelines_by_step(
    p_starts timestamptz[], p_to timestamptz, p_plans text[], p_team uuid
) returns table (step timestamptz, outcome text, cause text, stage text, pipelines bigint, with_model bigint)
language plpgsql
stable
security invoker
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    v_zone text := private.reporting_zone();
    v_days record;
begin
    if p_team is null then
        select * into v_days from private.pipeline_days(p_starts, p_to);
        return query
            select p_starts[width_bucket(rows.at, p_starts)], outcome, cause, stage, sum(pipelines)::bigint,
                sum(with_model)::bigint
            from (
                select day::timestamp at time zone v_zone as at, outcome, cause, stage, pipelines, with_model
                from public.pipeline_daily
                where plan_code = any (case when p_plans is null then '{*}' else p_plans end)
                    and day >= v_days.first_day and day < v_days.end_day
                union all
                select hour, outcome, cause, stage, pipelines, with_model from public.pipeline_hourly
                where ((hour >= p_starts[1] and hour < v_days.starts) or (hour >= v_days.ends and hour < p_to))
                    and (p_plans is null or plan_code = any (p_plans))
            ) as rows
            group by 1, 2, 3, 4;
        return;
    end if;
    return query
        select p_starts[width_bucket(date_trunc('hour', ended_at, 'UTC'), p_starts)], outcome, cause, stage, count(*),
            count(*) filter (where with_model)
        from public.pipeline_history
        where team_id = p_team and ended_at >= p_starts[1] and ended_at < p_to
            and (p_plans is null or plan_code = any (p_plans))
        group by 1, 2, 3, 4
        union all
        select p_starts[width_bucket(date_trunc('hour', started_at, 'UTC'), p_starts)], 'started', '', '', count(*), 0
        from public.pipeline_history
        where team_id = p_team and started_at >= p_starts[1] and started_at < p_to
            and (p_plans is null or plan_code = any (p_plans))
        group by 1;
end;
$$;
comment on function private.pipelines_by_step is 'Pipelines that started (outcome started) or last ended in [p_starts[1], p_to), whole UTC hours, by step, outcome, cause and stage.';
revoke execute on function private.pipelines_by_step from public, anon;
grant execute on function private.pipelines_by_step to authenticated, service_role;

-- Every count of the page is a sum of these rows.
create or replace function public.pipeline_course(
    p_starts timestamptz[], p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (at timestamptz, outcome text, cause text, stage text, pipelines bigint, with_model bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select rows.step, rows.outcome, rows.cause, rows.stage, rows.pipelines, rows.with_model
    from private.pipelines_by_step(p_starts, p_to, p_plans, p_team) as rows
    where rows.pipelines > 0 and private.require_support()
    order by 1, 2, 3, 4
$$;
comment on function public.pipeline_course is 'Pipelines in [p_starts[1], p_to), whole UTC hours, per step: outcome started (asked for in the step), else how they last ended in it: gated, not_passed, untested, failed, refused (by Figma), cancelled, with cause and stage. Each counts once, with its last end. ended = all but started; success = gated ÷ (gated + not_passed + untested + failed); model result used = with_model of the gated ÷ gated. p_starts: the first moments of the steps, in order.';
revoke execute on function public.pipeline_course from public, anon, authenticated;
grant execute on function public.pipeline_course to authenticated, service_role;

create or replace function private.pipeline_measured(
    p_outcome text, p_run_ms bigint, p_stage_ms jsonb, p_quality jsonb, p_cost_microusd bigint
) returns table (measure text, bucket smallint, cases bigint, total double precision)
language sql
immutable
security invoker
set search_path = ''
as $$
    select 'run', private.fine_bucket(p_run_ms)::smallint, 1::bigint, p_run_ms::double precision
    where p_outcome in ('gated', 'not_passed', 'untested')
    union all
    select 'cost', private.fine_bucket(p_cost_microusd)::smallint, 1, p_cost_microusd
    where p_outcome is not null and p_cost_microusd is not null
    union all
    select each.key, private.fine_bucket(each.value::bigint)::smallint, 1, each.value::bigint
    from jsonb_each_text(p_stage_ms) as each where p_outcome is not null
    union all
    select each.key, 0, 1, (each.value #>> '{}')::double precision
    from jsonb_each(p_quality) as each
    where p_outcome = 'gated' and jsonb_typeof(each.value) = 'number' and each.key in (
        'geometry_share', 'text_share', 'mae', 'ssim', 'rur', 'apr', 'str', 'avu', 'single_use_tokens'
    )
    union all
    select kinds.kind || '_killed', 0, (p_quality ->> (kinds.kind || '_mutants'))::bigint,
        (p_quality ->> (kinds.kind || '_killed'))::double precision
    from (values ('behaviour'), ('style')) as kinds (kind)
    where p_outcome = 'gated' and (p_quality ->> (kinds.kind || '_mutants'))::bigint > 0
$$;
comment on function private.pipeline_measured is 'What one ended pipeline adds to pipeline_measures_hourly: the time to a component, its cost (none where NULL), the time of each stage, and of a gated one the figures of its quality row.';
revoke execute on function private.pipeline_measured from public, anon;
grant execute on function private.pipeline_measured to authenticated, service_role;

-- The first bucket holds 0 and 1: a run without a model call costs nothing, and not a millionth of a dollar.
create or replace function private.pipeline_quantile(
    p_measure text, p_buckets integer[], p_uses bigint[], p_share double precision
) returns bigint
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
    v_value bigint := private.bucket_quantile(p_buckets, p_uses, p_share);
begin
    return case when p_measure = 'cost' and v_value <= 1 then 0 else v_value end;
end;
$$;
comment on function private.pipeline_quantile is 'private.bucket_quantile, of costs with 0 for the lowest bucket.';
revoke execute on function private.pipeline_quantile from public, anon;
grant execute on function private.pipeline_quantile to authenticated, service_role;

-- A day is one row of each measure, its histogram in arrays: by bucket, a year has a million rows.
create or replace function private.pipeline_measures_packed(
    p_starts timestamptz[], p_to timestamptz, p_plans text[], p_team uuid
) returns table (
    step timestamptz, measure text, cases bigint, total double precision, buckets integer[], uses bigint[], p50 bigint,
    p95 bigint
)
language plpgsql
stable
security invoker
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    v_zone text := private.reporting_zone();
    v_days record;
begin
    select * into v_days from private.pipeline_days(p_starts, p_to);
    return query
        select days.step, rows.measure, rows.cases, rows.total, rows.buckets, rows.uses, rows.p50, rows.p95
        from (
            select each::date as day, p_starts[width_bucket(each at time zone v_zone, p_starts)] as step
            from generate_series(v_days.first_day::timestamp, v_days.end_day - 1, interval '1 day') as each
        ) as days
        join public.pipeline_measures_daily as rows on rows.day = days.day
        where p_team is null and rows.day >= v_days.first_day and rows.day < v_days.end_day
            and rows.plan_code = any (case when p_plans is null then '{*}' else p_plans end);
    return query
        select counted.step, counted.measure, sum(counted.cases)::bigint, sum(counted.total),
            array_agg(counted.bucket::integer order by counted.bucket),
            array_agg(counted.cases order by counted.bucket), null::bigint, null::bigint
        from (
            select p_starts[width_bucket(rows.at, p_starts)] as step, measure, bucket, sum(cases)::bigint as cases,
                sum(total) as total
            from (
                select hour as at, measure, bucket, cases, total from public.pipeline_measures_hourly
                where p_team is null and (p_plans is null or plan_code = any (p_plans))
                    and ((hour >= p_starts[1] and hour < v_days.starts) or (hour >= v_days.ends and hour < p_to))
                union all
                select date_trunc('hour', history.ended_at, 'UTC'), one.measure, one.bucket, one.cases, one.total
                from public.pipeline_history as history
                left join private.pipeline_spending as spent on spent.pipeline_id = history.pipeline_id
                cross join lateral private.pipeline_measured(
                    history.outcome, history.run_ms, history.stage_ms, history.quality, spent.cost_microusd) as one
                where history.team_id = p_team and history.ended_at >= p_starts[1] and history.ended_at < p_to
                    and (p_plans is null or history.plan_code = any (p_plans))
            ) as rows
            group by 1, 2, 3
        ) as counted
        where counted.cases > 0
        group by 1, 2;
end;
$$;
comment on function private.pipeline_measures_packed is 'What was measured of pipelines that last ended in [p_starts[1], p_to), whole UTC hours, per step and measure: rows whose sums, and whose histograms, are those of the step. p50 and p95 of a row stand there where they were counted with it. What runs cost only for founders.';
revoke execute on function private.pipeline_measures_packed from public, anon;
grant execute on function private.pipeline_measures_packed to authenticated, service_role;

create or replace function public.pipeline_measures(
    p_starts timestamptz[], p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (
    at timestamptz, measure text, cases bigint, total double precision, mean double precision, p50 bigint, p95 bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
    with packed as materialized (
        select rows.*, rows.p50 is not null and count(*) over (partition by rows.step, rows.measure) = 1 as is_told
        from private.pipeline_measures_packed(p_starts, p_to, p_plans, p_team) as rows
        where private.require_support()
    ), summed as (
        select step, measure, sum(cases)::bigint as cases, sum(total) as total
        from packed
        group by grouping sets ((step, measure), (measure))
    ), opened as not materialized (
        select packed.step, packed.measure, packed.is_told, each.bucket, each.uses
        from packed cross join lateral unnest(packed.buckets, packed.uses) as each (bucket, uses)
        where packed.buckets[1] > 0
    ), counted as (
        select step, measure, bucket, sum(uses)::bigint as uses from opened where not is_told group by 1, 2, 3
    ), histograms as (
        select step, measure, array_agg(bucket order by bucket) as buckets, array_agg(uses order by bucket) as uses
        from counted
        group by step, measure
        union all
        select null, measure, array_agg(bucket order by bucket), array_agg(uses order by bucket)
        from (
            select measure, bucket, sum(uses)::bigint as uses
            from (
                select measure, bucket, uses from counted
                union all
                select measure, bucket, uses from opened where is_told
            ) as rows
            group by 1, 2
        ) as whole
        group by measure
    ), quantiles as (
        select step, measure, private.pipeline_quantile(measure, buckets, uses, 0.5) as p50,
            private.pipeline_quantile(measure, buckets, uses, 0.95) as p95
        from histograms
        union all
        select step, measure, p50, p95 from packed where is_told
    )
    select summed.step, summed.measure, summed.cases, summed.total, summed.total / summed.cases, quantiles.p50, quantiles.p95
    from summed left join quantiles on quantiles.measure = summed.measure
        and coalesce(quantiles.step, '-infinity') = coalesce(summed.step, '-infinity')
    order by summed.step nulls first, summed.measure
$$;
comment on function public.pipeline_measures is 'What was measured of pipelines that last ended in [p_starts[1], p_to), whole UTC hours, per step, and in the rows without a step of the whole period. measure: run (ms from the request to a component, gated or not), a stage (ms of work in a run), cost (micro-dollars of model calls of a run, founders alone), of gated ones a figure of the quality row. mean = total ÷ cases, of kill rates killed ÷ mutants; p50 and p95 of times and costs come from histograms, within 2 %, and are no sum of the steps.';
revoke execute on function public.pipeline_measures from public, anon, authenticated;
grant execute on function public.pipeline_measures to authenticated, service_role;

create or replace function public.pipeline_costs(
    p_starts timestamptz[], p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (at timestamptz, provider text, model text, calls bigint, unpriced bigint, cost_microusd bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select p_starts[width_bucket(cost.at, p_starts)], cost.provider, cost.model, sum(cost.calls)::bigint,
        sum(cost.unpriced - cost.newly_priced)::bigint, sum(cost.cost_microusd + cost.adjustment_microusd)::bigint
    from private.ai_cost_between(
        p_starts[1], p_to, p_plans, p_team, coalesce(p_starts[2] - p_starts[1] <= interval '1 hour', false)
    ) as cost
    where cost.feature = 'pipeline' and private.require_founder()
    group by 1, 2, 3
    order by 1, 2, 3
$$;
comment on function public.pipeline_costs is 'AI cost of pipelines in [p_starts[1], p_to), whole UTC hours, per step, provider and model: ledger + adjustments, as public.ai_cost has it for the feature pipeline; unpriced calls are in no amount.';
revoke execute on function public.pipeline_costs from public, anon, authenticated;
grant execute on function public.pipeline_costs to authenticated, service_role;

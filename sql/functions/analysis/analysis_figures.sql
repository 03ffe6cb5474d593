-- The page Analyses: what became of them, how long they took, what they cost, and what people made of suggestions. Each
-- function reads analysis_ends itself: Postgres does not look into a function with a search path, and would copy its rows.

-- Every count of the page is a sum of these rows.
create or replace function public.analysis_course(
    p_starts timestamptz[], p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (at timestamptz, type text, outcome text, reason text, analyses bigint, in_batches bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select rows.step, rows.type, rows.outcome, rows.reason, sum(rows.analyses)::bigint, sum(rows.in_batches)::bigint
    from (
        select p_starts[width_bucket(ends.at, p_starts)] as step, ends.type,
            case when ends.state <> 'done' then ends.state when ends.is_cached then 'cached' else ends.source end as outcome,
            ends.reason, count(*) as analyses, count(ends.batch_id) as in_batches
        from public.analysis_ends as ends
        where ends.at >= p_starts[1] and ends.at < p_to
            and (p_plans is null or ends.plan_code = any (p_plans)) and (p_team is null or ends.team_id = p_team)
        group by 1, 2, 3, 4
        union all
        select p_starts[width_bucket(limited.hour, p_starts)], '', 'refused', 'rate_limited', sum(limited.refused), 0
        from public.analysis_limited as limited
        where limited.hour >= p_starts[1] and limited.hour < p_to
            and (p_plans is null or limited.plan_code = any (p_plans)) and (p_team is null or limited.team_id = p_team)
        group by 1
    ) as rows
    where private.require_support()
    group by 1, 2, 3, 4
    order by 1, 2, 3, 4
$$;
comment on function public.analysis_course is 'Analyses that ended in [p_starts[1], p_to), whole UTC hours, per step, type, outcome and reason. Outcomes: model (a model wrote it), measured (rules alone, because no model answered), cached (the result of an equal request), refused, failed, cancelled; a run of a replay counts by itself. done = model + measured + cached; cache share = cached ÷ done; fallback share = measured ÷ (model + measured); error rate = failed ÷ (model + measured + failed). rate_limited: asked for too many within the window, of no known type. Measuring alone is in none. p_starts: the first moments of the steps, in order.';
revoke execute on function public.analysis_course from public, anon, authenticated;
grant execute on function public.analysis_course to authenticated, service_role;

create or replace function public.analysis_times(
    p_starts timestamptz[], p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (at timestamptz, analyses bigint, p50_ms bigint, p95_ms bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select rows.step, count(*), (percentile_disc(0.5) within group (order by rows.latency_ms))::bigint,
        (percentile_disc(0.95) within group (order by rows.latency_ms))::bigint
    from (
        select p_starts[width_bucket(ends.at, p_starts)] as step, ends.latency_ms
        from public.analysis_ends as ends
        where ends.at >= p_starts[1] and ends.at < p_to
            and (p_plans is null or ends.plan_code = any (p_plans)) and (p_team is null or ends.team_id = p_team)
            and ends.state = 'done' and ends.source = 'model' and not ends.is_cached and ends.batch_id is null
    ) as rows
    where private.require_support()
    group by grouping sets ((rows.step), ())
    having count(*) > 0
    order by 1 nulls first
$$;
comment on function public.analysis_times is 'Percentiles of the time from the request (or its replay) to the stored result in ms, of analyses that a model wrote and that were asked for one at a time; per step, and in the row without a step of the whole period. Each is the time of one analysis (percentile_disc), and no sum of the steps.';
revoke execute on function public.analysis_times from public, anon, authenticated;
grant execute on function public.analysis_times to authenticated, service_role;

create or replace function public.analysis_costs(
    p_starts timestamptz[], p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (at timestamptz, provider text, model text, unpriced bigint, cost_microusd bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select p_starts[width_bucket(cost.at, p_starts)], cost.provider, cost.model,
        sum(cost.unpriced - cost.newly_priced)::bigint, sum(cost.cost_microusd + cost.adjustment_microusd)::bigint
    from private.ai_cost_between(
        p_starts[1], p_to, p_plans, p_team, coalesce(p_starts[2] - p_starts[1] <= interval '1 hour', false)
    ) as cost
    where cost.feature = 'analysis' and private.require_founder()
    group by 1, 2, 3
    order by 1, 2, 3
$$;
comment on function public.analysis_costs is 'AI cost of analyses in [p_starts[1], p_to), whole UTC hours, per step, provider and model: ledger + adjustments, as public.ai_cost has it for the feature analysis; unpriced calls are in no amount. Cost per analysis = cost ÷ (analyses that a model wrote − unpriced): what is cached or measured alone costs nothing.';
revoke execute on function public.analysis_costs from public, anon, authenticated;
grant execute on function public.analysis_costs to authenticated, service_role;

create or replace function public.analysis_batch_rows(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (
    at timestamptz, batch_id uuid, plan_code text, items bigint, model bigint, measured bigint, cached bigint,
    refused bigint, failed bigint, cancelled bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
    select min(ends.at), ends.batch_id, min(ends.plan_code), count(*),
        count(*) filter (where ends.state = 'done' and not ends.is_cached and ends.source = 'model'),
        count(*) filter (where ends.state = 'done' and not ends.is_cached and ends.source = 'measured'),
        count(*) filter (where ends.state = 'done' and ends.is_cached),
        count(*) filter (where ends.state = 'refused'), count(*) filter (where ends.state = 'failed'),
        count(*) filter (where ends.state = 'cancelled')
    from public.analysis_ends as ends
    where ends.at >= p_from and ends.at < p_to
        and (p_plans is null or ends.plan_code = any (p_plans)) and (p_team is null or ends.team_id = p_team)
        and ends.batch_id is not null and private.require_support()
    group by ends.batch_id
    order by 1 desc, 2
$$;
comment on function public.analysis_batch_rows is 'Batches of which an analysis ended in [p_from, p_to), newest first, with how their analyses ended there; at: the first of these ends.';
revoke execute on function public.analysis_batch_rows from public, anon, authenticated;
grant execute on function public.analysis_batch_rows to authenticated, service_role;

-- An outcome counts in the period of its analysis, so that a part never exceeds its whole.
create or replace function public.analysis_suggestions(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (
    rule text, source text, shown bigint, with_change bigint, applied bigint, undone bigint, ignored bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
    -- Nothing that is done is run again: one row for each analysis.
    with ends as not materialized (
        select ends.analysis_id, ends.source, ends.shown
        from public.analysis_ends as ends
        where ends.at >= p_from and ends.at < p_to
            and (p_plans is null or ends.plan_code = any (p_plans)) and (p_team is null or ends.team_id = p_team)
            and ends.state = 'done' and ends.shown is not null
    ), facts as (
        select counted.rule, ends.source, sum((counted.numbers ->> 0)::bigint) as shown,
            sum((counted.numbers ->> 1)::bigint) as with_change, 0 as applied, 0 as undone, 0 as ignored
        from ends cross join lateral jsonb_each(ends.shown) as counted (rule, numbers)
        group by 1, 2
        union all
        select outcomes.rule, ends.source, 0, 0, count(*) filter (where outcomes.outcome = 'applied'),
            count(*) filter (where outcomes.outcome = 'undone'), count(*) filter (where outcomes.outcome = 'ignored')
        from ends join public.suggestion_outcomes as outcomes on outcomes.analysis_id = ends.analysis_id
        where ends.shown ? outcomes.rule
        group by 1, 2
    )
    select facts.rule, facts.source, sum(facts.shown)::bigint, sum(facts.with_change)::bigint,
        sum(facts.applied)::bigint, sum(facts.undone)::bigint, sum(facts.ignored)::bigint
    from facts
    where private.require_support()
    group by 1, 2
    order by 1, 2
$$;
comment on function public.analysis_suggestions is 'Suggestions of analyses that ended in [p_from, p_to), by rule and by who wrote them (model, measured): shown; with_change, of which one can be applied; and the latest word on each, whenever it came: applied, undone, ignored. Taken = applied ÷ with_change. Left out: reviews that were measured at once, which are not stored, and words that came when the analysis was forgotten, which name no rule.';
revoke execute on function public.analysis_suggestions from public, anon, authenticated;
grant execute on function public.analysis_suggestions to authenticated, service_role;

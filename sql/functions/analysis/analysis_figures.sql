-- The page Analyses: what became of them, how long they took, what they cost, and what people made of suggestions. Days that
-- are counted come from the rollups, hours, the latest of them and single teams (which have few) from the ends themselves.

create or replace function private.analysis_days(
    p_from timestamptz, p_to timestamptz, p_team uuid, p_by_hour boolean,
    out first_day date, out end_day date, out starts timestamptz, out ends timestamptz
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_zone text := private.reporting_zone();
    v_until timestamptz;
    v_day date;
    v_begins timestamptz;
begin
    if not p_by_hour and p_team is null then
        select counted.moment, counted.day into v_until, v_day from private.analyses_counted_until() as counted;
    end if;
    select days.* into first_day, end_day, starts, ends
    from private.whole_days(p_from, p_to, coalesce(v_day, '-infinity')) as days;
    v_begins := v_day::timestamp at time zone v_zone;
    if v_until > v_begins and p_from <= v_begins and p_to >= v_until then
        starts := first_day::timestamp at time zone v_zone;
        ends := v_until;
        end_day := v_day + 1;
    end if;
end;
$$;
comment on function private.analysis_days is 'The days in [p_from, p_to) that are read from the rollups of analyses, as private.whole_days has them: none of a team or by hour. Of the newest day that is counted only the hours up to ends are in there.';
revoke execute on function private.analysis_days from public, anon;
grant execute on function private.analysis_days to authenticated, service_role;

-- Every count of the page is a sum of these rows.
create or replace function public.analysis_course(
    p_starts timestamptz[], p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (at timestamptz, type text, outcome text, reason text, analyses bigint, in_batches bigint)
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
    perform private.require_support();
    select * into v_days from private.analysis_days(
        p_starts[1], p_to, p_team, coalesce(p_starts[2] - p_starts[1] <= interval '1 hour', false));
    return query
        select rows.step, rows.type, rows.outcome, rows.reason, sum(rows.analyses)::bigint, sum(rows.in_batches)::bigint
        from (
            select p_starts[width_bucket(daily.day::timestamp at time zone v_zone, p_starts)] as step, daily.type,
                daily.outcome, daily.reason, daily.analyses, daily.in_batches
            from public.analysis_daily as daily
            where daily.day >= v_days.first_day and daily.day < v_days.end_day
                and (p_plans is null or daily.plan_code = any (p_plans))
            union all
            select p_starts[width_bucket(facts.at, p_starts)], facts.type, facts.outcome, facts.reason, count(*),
                count(facts.batch_id)
            from private.analysis_facts as facts
            where ((facts.at >= p_starts[1] and facts.at < v_days.starts) or (facts.at >= v_days.ends and facts.at < p_to))
                and (p_plans is null or facts.plan_code = any (p_plans)) and (p_team is null or facts.team_id = p_team)
            group by 1, 2, 3, 4
            union all
            select p_starts[width_bucket(limited.hour, p_starts)], '', 'refused', 'rate_limited', limited.refused, 0
            from public.analysis_limited as limited
            where limited.hour >= p_starts[1] and limited.hour < p_to
                and (p_plans is null or limited.plan_code = any (p_plans)) and (p_team is null or limited.team_id = p_team)
        ) as rows
        group by 1, 2, 3, 4
        order by 1, 2, 3, 4;
end;
$$;
comment on function public.analysis_course is 'Analyses that ended in [p_starts[1], p_to), whole UTC hours, per step, type, outcome and reason. Outcomes: model (a model wrote it), measured (rules alone, because no model answered), cached (the result of an equal request), refused, failed, cancelled; a run of a replay counts by itself. done = model + measured + cached; cache share = cached ÷ done; fallback share = measured ÷ (model + measured); error rate = failed ÷ (model + measured + failed). rate_limited: asked for too many within the window, of no known type. Measuring alone is in none. p_starts: the first moments of the steps, in order.';
revoke execute on function public.analysis_course from public, anon, authenticated;
grant execute on function public.analysis_course to authenticated, service_role;

create or replace function public.analysis_times(
    p_starts timestamptz[], p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (at timestamptz, analyses bigint, p50_ms bigint, p95_ms bigint)
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
    perform private.require_support();
    select * into v_days from private.analysis_days(
        p_starts[1], p_to, p_team, coalesce(p_starts[2] - p_starts[1] <= interval '1 hour', false));
    return query
        with counted as materialized (
            select rows.step, rows.bucket, sum(rows.analyses)::bigint as analyses
            from (
                select p_starts[width_bucket(daily.day::timestamp at time zone v_zone, p_starts)] as step,
                    daily.bucket::integer as bucket, daily.analyses
                from public.analysis_times_daily as daily
                where daily.plan_code = any (case when p_plans is null then '{*}' else p_plans end)
                    and daily.day >= v_days.first_day and daily.day < v_days.end_day
                union all
                select p_starts[width_bucket(facts.at, p_starts)], private.fine_bucket(facts.latency_ms), 1
                from private.analysis_facts as facts
                where ((facts.at >= p_starts[1] and facts.at < v_days.starts)
                        or (facts.at >= v_days.ends and facts.at < p_to))
                    and facts.is_timed
                    and (p_plans is null or facts.plan_code = any (p_plans)) and (p_team is null or facts.team_id = p_team)
            ) as rows
            group by 1, 2
        ), merged as (
            select step, sum(analyses)::bigint as analyses, array_agg(bucket order by bucket) as buckets,
                array_agg(analyses order by bucket) as uses
            from (
                select step, bucket, sum(analyses)::bigint as analyses from counted group by grouping sets ((1, 2), (2))
            ) as sums
            group by step
        )
        select step, analyses, private.bucket_quantile(buckets, uses, 0.5), private.bucket_quantile(buckets, uses, 0.95)
        from merged
        order by step nulls first;
end;
$$;
comment on function public.analysis_times is 'Percentiles of the time from the request (or its replay) to the stored result in ms, of analyses that a model wrote and that were asked for one at a time; per step, and in the row without a step of the whole period. From histograms, within 2 %, see private.bucket_quantile, and no sum of the steps.';
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

create or replace function public.analysis_suggestions(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (
    rule text, source text, shown bigint, with_change bigint, applied bigint, undone bigint, ignored bigint
)
language plpgsql
stable
security invoker
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    v_days record;
begin
    perform private.require_support();
    select * into v_days from private.analysis_days(p_from, p_to, p_team, false);
    return query
        select rows.rule, rows.source, sum(rows.shown)::bigint, sum(rows.with_change)::bigint, sum(rows.applied)::bigint,
            sum(rows.undone)::bigint, sum(rows.ignored)::bigint
        from (
            select daily.rule, daily.source, daily.shown, daily.with_change, daily.applied, daily.undone, daily.ignored
            from public.analysis_rules_daily as daily
            where daily.day >= v_days.first_day and daily.day < v_days.end_day
                and (p_plans is null or daily.plan_code = any (p_plans))
            union all
            select facts.rule, facts.source, facts.shown, facts.with_change, facts.applied, facts.undone, facts.ignored
            from private.suggestion_facts as facts
            where ((facts.at >= p_from and facts.at < v_days.starts) or (facts.at >= v_days.ends and facts.at < p_to))
                and (p_plans is null or facts.plan_code = any (p_plans)) and (p_team is null or facts.team_id = p_team)
        ) as rows
        group by 1, 2
        order by 1, 2;
end;
$$;
comment on function public.analysis_suggestions is 'Suggestions of analyses that ended in [p_from, p_to), by rule and by who wrote them (model, measured): shown; with_change, of which one can be applied; and the latest word on each, whenever it came: applied, undone, ignored. Taken = applied ÷ with_change. Left out: reviews that were measured at once, which are not stored, and words that came when the analysis was forgotten, which name no rule.';
revoke execute on function public.analysis_suggestions from public, anon, authenticated;
grant execute on function public.analysis_suggestions to authenticated, service_role;

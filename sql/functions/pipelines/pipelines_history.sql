-- What stays of a pipeline for the figures: how it last ended, and the sums by hour, in the transaction that ends it.

-- Not our failure: Figma gave no access, no longer knows the layer or the connection, or has no quota left.
create or replace function private.is_refused_by_figma(p_code text) returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
    select p_code in (
        'figma_forbidden', 'figma_not_found', 'figma_rate_limited', 'figma_scope_missing', 'figma_token_expired',
        'figma_token_invalid', 'figma_token_refused', 'no_account', 'node_gone'
    )
$$;
comment on function private.is_refused_by_figma is 'Whether a pipeline that failed with this code was refused by Figma, and so counts neither for nor against success.';
revoke execute on function private.is_refused_by_figma from public, anon;
grant execute on function private.is_refused_by_figma to authenticated, service_role;

create or replace function private.is_by_model(p_mine public.pipelines) returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
    select p_mine.state = 'done'
        and coalesce((p_mine.facts ->> 'is_by_model')::boolean, p_mine.facts ->> 'model' = 'edited', false)
$$;
comment on function private.is_by_model is 'Whether the component of a pipeline is what a model made of the draft, as its stages told: the gate (is_by_model), or where nothing was gated the stage that wrote it (model).';
revoke execute on function private.is_by_model from public, anon, authenticated;
grant execute on function private.is_by_model to service_role;

create or replace function private.pipeline_cause(p_mine public.pipelines) returns text
language sql
immutable
security invoker
set search_path = ''
as $$
    select case when p_mine.state <> 'done' then p_mine.code
        when p_mine.verdict = 'not_passed' then 'not_gated'
        when p_mine.verdict = 'not_tested' then coalesce(p_mine.facts ->> 'untested', 'sandbox_unavailable')
        else '' end
$$;
comment on function private.pipeline_cause is 'Code of why a pipeline failed or was cancelled, or has a component that is not proven; empty for one that passed.';
revoke execute on function private.pipeline_cause from public, anon, authenticated;
grant execute on function private.pipeline_cause to service_role;

create or replace function private.pipeline_now(p_mine public.pipelines) returns public.pipeline_history
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_now public.pipeline_history;
begin
    if private.is_pushed_later(p_mine) then
        p_mine.state := 'done';
        p_mine.verdict := private.verdict_of(p_mine.id);
    end if;
    v_now.pipeline_id := p_mine.id;
    v_now.started_at := p_mine.created_at;
    v_now.outcome := case
        when p_mine.state = 'cancelled' then 'cancelled'
        when p_mine.state = 'failed' then case when private.is_refused_by_figma(p_mine.code) then 'refused' else 'failed' end
        when p_mine.state = 'done' then case p_mine.verdict
            when 'passed' then 'gated' when 'not_passed' then 'not_passed' else 'untested' end
    end;
    v_now.ended_at := case when v_now.outcome is not null then coalesce(p_mine.ended_at, now()) end;
    v_now.cause := case when v_now.outcome is null then '' else private.pipeline_cause(p_mine) end;
    v_now.stage := case when p_mine.state = 'failed' then coalesce((
        select stages.stage from public.pipeline_stages as stages
        where stages.pipeline_id = p_mine.id and stages.state in ('failed', 'lost')
        order by stages.began_at desc, stages.attempt desc limit 1), '') else '' end;
    v_now.source := p_mine.source;
    v_now.plan_code := p_mine.plan_code;
    v_now.team_id := p_mine.team_id;
    v_now.rounds := p_mine.round;
    v_now.calls := p_mine.model_calls;
    v_now.cost_microusd := p_mine.cost_microusd;
    v_now.unpriced := p_mine.unknown_calls;
    v_now.run_ms := case when v_now.ended_at is null then 0
        else greatest(0, extract(epoch from v_now.ended_at - p_mine.queued_at) * 1000)::bigint end;
    v_now.stage_ms := coalesce((
        select jsonb_object_agg(worked.stage, worked.ms) from (
            select stages.stage,
                greatest(0, sum(extract(epoch from stages.ended_at - stages.began_at)) * 1000)::bigint as ms
            from public.pipeline_stages as stages
            where stages.pipeline_id = p_mine.id and stages.ended_at is not null
            group by stages.stage
        ) as worked), '{}');
    v_now.quality := coalesce((
        select jsonb_strip_nulls(to_jsonb(rows) - array[
            'pipeline_id', 'round', 'at', 'is_passed', 'is_chosen', 'seed', 'model_calls', 'input_tokens',
            'output_tokens', 'cost_microusd', 'seconds'])
        from public.pipeline_quality as rows where rows.pipeline_id = p_mine.id and rows.is_chosen), '{}');
    v_now.with_model := private.is_by_model(p_mine);
    return v_now;
end;
$$;
comment on function private.pipeline_now is 'The row of pipeline_history that a pipeline has as it is now.';
revoke execute on function private.pipeline_now from public, anon, authenticated;
grant execute on function private.pipeline_now to service_role;

create or replace function private.pipeline_days_end() returns date
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return coalesce((select max(day) + 1 from public.pipeline_daily where plan_code = '*'), '-infinity');
end;
$$;
comment on function private.pipeline_days_end is 'The first reporting day that is not in pipeline_daily yet: -infinity when none is.';
revoke execute on function private.pipeline_days_end from public, anon;
grant execute on function private.pipeline_days_end to authenticated, service_role;

-- The caller holds the lock of the history. A day that is counted already gets what comes late.
create or replace function private.count_pipeline_at(
    p_at timestamptz, p_plan_code text, p_outcome text, p_cause text, p_stage text, p_pipelines integer, p_with_model integer
) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_day date := p_at at time zone private.reporting_zone();
begin
    insert into public.pipeline_hourly as h (hour, plan_code, outcome, cause, stage, pipelines, with_model)
    values (date_trunc('hour', p_at, 'UTC'), p_plan_code, p_outcome, p_cause, p_stage, p_pipelines, p_with_model)
    on conflict (hour, plan_code, outcome, cause, stage) do update
        set pipelines = h.pipelines + excluded.pipelines, with_model = h.with_model + excluded.with_model;
    if v_day < private.pipeline_days_end() then
        insert into public.pipeline_daily as d (plan_code, day, outcome, cause, stage, pipelines, with_model)
        select scope.plan_code, v_day, p_outcome, p_cause, p_stage, p_pipelines, p_with_model
        from unnest(array[p_plan_code, '*']) as scope (plan_code)
        on conflict (plan_code, day, outcome, cause, stage) do update
            set pipelines = d.pipelines + excluded.pipelines, with_model = d.with_model + excluded.with_model;
    end if;
end;
$$;
comment on function private.count_pipeline_at is 'Count pipelines that started or ended at a moment into their hour, and into their day if that is counted.';
revoke execute on function private.count_pipeline_at from public, anon, authenticated;
grant execute on function private.count_pipeline_at to service_role;

create or replace function private.count_pipeline(p_row public.pipeline_history, p_sign integer) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_day date := p_row.ended_at at time zone private.reporting_zone();
begin
    if p_row.outcome is null then
        return;
    end if;
    perform private.count_pipeline_at(
        p_row.ended_at, p_row.plan_code, p_row.outcome, p_row.cause, p_row.stage, p_sign,
        p_sign * p_row.with_model::integer);
    insert into public.pipeline_measures_hourly as m (hour, plan_code, measure, bucket, cases, total)
    select date_trunc('hour', p_row.ended_at, 'UTC'), p_row.plan_code, one.measure, one.bucket, p_sign * one.cases,
        p_sign * one.total
    from private.pipeline_measured(
        p_row.outcome, p_row.run_ms, p_row.stage_ms, p_row.quality, p_row.cost_microusd) as one
    on conflict (hour, plan_code, measure, bucket) do update
        set cases = m.cases + excluded.cases, total = m.total + excluded.total;
    if v_day < private.pipeline_days_end() then
        delete from public.pipeline_measures_daily where day = v_day;
        perform private.count_pipeline_measures(v_day, v_day + 1);
    end if;
end;
$$;
comment on function private.count_pipeline is 'Count how a pipeline ended up (p_sign 1) or, when it goes on after all, down again (-1).';
revoke execute on function private.count_pipeline from public, anon, authenticated;
grant execute on function private.count_pipeline to service_role;

-- Security definer: at the commit the rights are again those of whoever began the transaction, an operator too.
create or replace function private.note_pipeline() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_mine public.pipelines;
    v_old public.pipeline_history;
    v_new public.pipeline_history;
begin
    select * into v_mine from public.pipelines where id = new.id;
    if not found then
        return null;
    end if;
    -- One at a time until the commit is over: each updates the rows of the same hour anyway.
    perform pg_advisory_xact_lock(hashtextextended('pipeline_history', 0));
    select * into v_old from public.pipeline_history where pipeline_id = new.id;
    v_new := private.pipeline_now(v_mine);
    if v_old.pipeline_id is null then
        insert into public.pipeline_history select v_new.*;
        perform private.count_pipeline_at(v_new.started_at, v_new.plan_code, 'started', '', '', 1, 0);
    elsif v_new is not distinct from v_old then
        return null;
    else
        update public.pipeline_history
        set ended_at = v_new.ended_at, outcome = v_new.outcome, cause = v_new.cause, stage = v_new.stage,
            with_model = v_new.with_model, rounds = v_new.rounds, calls = v_new.calls,
            cost_microusd = v_new.cost_microusd, unpriced = v_new.unpriced, run_ms = v_new.run_ms,
            stage_ms = v_new.stage_ms, quality = v_new.quality
        where pipeline_id = new.id;
        perform private.count_pipeline(v_old, -1);
    end if;
    perform private.count_pipeline(v_new, 1);
    return null;
end;
$$;
comment on function private.note_pipeline is 'Trigger: keeps pipeline_history and the sums by hour when a pipeline starts, ends, or goes on after its end.';
revoke execute on function private.note_pipeline from public, anon, authenticated;

create or replace function private.count_pipeline_measures(p_from date, p_to date) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_zone text := private.reporting_zone();
begin
    insert into public.pipeline_measures_daily (plan_code, day, measure, cases, total, buckets, uses, p50, p95)
    select packed.plan_code, packed.day, packed.measure, packed.cases, packed.total, packed.buckets, packed.uses,
        case when packed.buckets[1] > 0 then private.pipeline_quantile(packed.measure, packed.buckets, packed.uses, 0.5) end,
        case when packed.buckets[1] > 0 then private.pipeline_quantile(packed.measure, packed.buckets, packed.uses, 0.95) end
    from (
        select plan_code, day, measure, sum(cases)::bigint as cases, sum(total) as total,
            array_agg(bucket::integer order by bucket) as buckets, array_agg(cases order by bucket) as uses
        from (
            select coalesce(hours.plan_code, '*') as plan_code, hours.day, hours.measure, hours.bucket,
                sum(hours.cases)::bigint as cases, sum(hours.total) as total
            from (
                select (hour at time zone v_zone)::date as day, plan_code, measure, bucket, cases, total
                from public.pipeline_measures_hourly
                where hour >= p_from::timestamp at time zone v_zone and hour < p_to::timestamp at time zone v_zone
            ) as hours
            group by grouping sets (
                (hours.plan_code, hours.day, hours.measure, hours.bucket), (hours.day, hours.measure, hours.bucket))
            having sum(hours.cases) > 0
        ) as counted
        group by plan_code, day, measure
    ) as packed;
end;
$$;
comment on function private.count_pipeline_measures is 'Add what was measured of pipelines to the rollup by day, for the reporting days from p_from up to but without p_to.';
revoke execute on function private.count_pipeline_measures from public, anon, authenticated;
grant execute on function private.count_pipeline_measures to service_role;

-- Only days that have been over for an hour, and so many of them that whoever ends a pipeline waits shortly.
create or replace function private.count_pipeline_days(p_zone text, p_days integer) returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_over date := (now() - interval '1 hour') at time zone p_zone;
    v_first date;
    v_from timestamptz;
    v_to timestamptz;
begin
    perform pg_advisory_xact_lock(hashtextextended('pipeline_history', 0));
    v_first := (
        select (min(hours.hour) at time zone p_zone)::date from public.pipeline_hourly as hours
        where hours.hour >= private.pipeline_days_end()::timestamp at time zone p_zone
    );
    if v_first is null or v_first >= v_over then
        return false;
    end if;
    v_from := v_first::timestamp at time zone p_zone;
    v_to := least(v_first + p_days, v_over)::timestamp at time zone p_zone;
    insert into public.pipeline_daily (plan_code, day, outcome, cause, stage, pipelines, with_model)
    select coalesce(hours.plan_code, '*'), hours.day, hours.outcome, hours.cause, hours.stage, sum(hours.pipelines),
        sum(hours.with_model)
    from (
        select (hour at time zone p_zone)::date as day, plan_code, outcome, cause, stage, pipelines, with_model
        from public.pipeline_hourly where hour >= v_from and hour < v_to
    ) as hours
    group by grouping sets (
        (hours.plan_code, hours.day, hours.outcome, hours.cause, hours.stage),
        (hours.day, hours.outcome, hours.cause, hours.stage));
    perform private.count_pipeline_measures(v_first, least(v_first + p_days, v_over));
    return v_first + p_days < v_over;
end;
$$;
comment on function private.count_pipeline_days is 'Add days that are over to the rollups of pipelines, by the days of this zone, at most p_days of them: whether there may be more.';
revoke execute on function private.count_pipeline_days from public, anon, authenticated;
grant execute on function private.count_pipeline_days to service_role;

create or replace function private.count_pipelines_by_day() returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('pipeline_history', 0));
    delete from public.pipeline_daily;
    delete from public.pipeline_measures_daily;
    while private.count_pipeline_days(private.reporting_zone(), 400) loop
    end loop;
end;
$$;
comment on function private.count_pipelines_by_day is 'The rollups of pipelines by day anew from their hours, of all days that are over.';
revoke execute on function private.count_pipelines_by_day from public, anon, authenticated;
grant execute on function private.count_pipelines_by_day to service_role;

create or replace function private.recount_pipeline_days() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform private.count_pipelines_by_day();
    return null;
end;
$$;
comment on function private.recount_pipeline_days() is 'Trigger: the rollups of pipelines by the days of a new reporting zone.';
revoke execute on function private.recount_pipeline_days() from public, anon, authenticated;
create or replace trigger reporting_settings_pipelines after update on public.reporting_settings
    for each row when (old.time_zone is distinct from new.time_zone)
    execute function private.recount_pipeline_days();

create or replace function private.rebuild_pipelines() returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('pipeline_history', 0));
    delete from public.pipeline_hourly;
    delete from public.pipeline_measures_hourly;
    insert into public.pipeline_hourly (hour, plan_code, outcome, cause, stage, pipelines, with_model)
    select date_trunc('hour', started_at, 'UTC'), plan_code, 'started', '', '', count(*), 0
    from public.pipeline_history group by 1, 2
    union all
    select date_trunc('hour', ended_at, 'UTC'), plan_code, outcome, cause, stage, count(*),
        count(*) filter (where with_model)
    from public.pipeline_history where outcome is not null group by 1, 2, 3, 4, 5;
    insert into public.pipeline_measures_hourly (hour, plan_code, measure, bucket, cases, total)
    select date_trunc('hour', history.ended_at, 'UTC'), history.plan_code, one.measure, one.bucket, sum(one.cases),
        sum(one.total)
    from public.pipeline_history as history
    cross join lateral private.pipeline_measured(
        history.outcome, history.run_ms, history.stage_ms, history.quality, history.cost_microusd) as one
    where history.outcome is not null
    group by 1, 2, 3, 4
    -- As they would have come: one hour is read from few pages.
    order by 1;
    perform private.count_pipelines_by_day();
end;
$$;
comment on function private.rebuild_pipelines is 'Count the pipelines by hour and day anew from pipeline_history.';
revoke execute on function private.rebuild_pipelines from public, anon, authenticated;
grant execute on function private.rebuild_pipelines to service_role;

-- Sums by hour from before there were fine buckets are rebuilt once, by the deploy that adds them; so are the measures by day.
do $$
begin
    if exists (select from public.pipeline_measures_hourly where bucket between 1 and 100) then
        perform private.rebuild_pipelines();
    elsif exists (select from public.pipeline_daily) and not exists (select from public.pipeline_measures_daily) then
        perform private.count_pipelines_by_day();
    end if;
end;
$$;

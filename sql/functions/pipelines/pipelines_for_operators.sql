-- Pipelines for operators: who waits, the runs of a period, one as a whole, and ending or retrying one.

-- A view with its owner's rights rather than a function: it is planned as part of the query that reads it.
create or replace view private.pipeline_spending with (security_invoker = false) as
select pipeline_id, cost_microusd, unpriced
from public.pipeline_history
where (select private.has_role('{founder}'));
comment on view private.pipeline_spending is 'What pipelines cost, where many are looked at: for founders.';
revoke all on private.pipeline_spending from public, anon, authenticated;
grant select on private.pipeline_spending to authenticated, service_role;

create or replace function public.pipeline_queue() returns table (
    owner_id uuid, team_id uuid, name text, waiting bigint, running bigint, waits_since timestamptz
)
language sql
stable
security invoker
set search_path = ''
as $$
    with open as (
        select pipelines.owner_id, pipelines.team_id, pipelines.user_id, pipelines.queued_at, true as waits
        from public.pipelines where pipelines.state = 'queued'
        union all
        select pipelines.owner_id, pipelines.team_id, pipelines.user_id, pipelines.queued_at, false
        from public.pipelines where pipelines.state not in ('queued', 'done', 'failed', 'cancelled')
    ), owners as (
        select open.owner_id, max(open.team_id::text)::uuid as team_id, max(open.user_id::text)::uuid as user_id,
            count(*) filter (where waits) as waiting, count(*) filter (where not waits) as running,
            min(open.queued_at) filter (where waits) as waits_since
        from open
        where private.require_support()
        group by open.owner_id
    )
    select owners.owner_id, owners.team_id, coalesce(teams.name, users.handle, ''), owners.waiting, owners.running,
        owners.waits_since
    from owners
    left join public.teams on teams.id = owners.team_id
    left join public.users on users.id = owners.user_id
    order by owners.waits_since nulls last, owners.running desc, owners.owner_id
$$;
comment on function public.pipeline_queue is 'Pipelines that wait or are in a stage now, by team (people without one stand for themselves), those who wait longest first; waits_since: when the oldest waiting one was asked for or retried.';
revoke execute on function public.pipeline_queue from public, anon, authenticated;
grant execute on function public.pipeline_queue to authenticated, service_role;

-- From the history, so that the runs of a period are as many as the tile says, also after an account is deleted.
create or replace function public.pipeline_rows(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null,
    p_states text[] default null, p_causes text[] default null, p_person text default '',
    p_before timestamptz default null, p_before_id uuid default null, p_limit integer default 50
) returns table (
    id uuid, started_at timestamptz, ended_at timestamptz, state text, cause text, stage text, with_model boolean,
    source text, component text, user_id uuid, handle text, team text, plan_code text, rounds integer, calls integer,
    run_ms bigint, cost_microusd bigint, unpriced integer
)
language plpgsql
stable
security invoker
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    v_person text := btrim(coalesce(p_person, ''));
    v_ids uuid[];
begin
    perform private.require_support();
    if v_person <> '' then
        v_ids := array(
            select mine.id from public.pipelines as mine
            where mine.created_at >= p_from and mine.created_at < p_to and mine.user_id in (
                -- Asked as the index has it.
                (select users.id from public.users
                where lower(users.handle) ~>=~ lower(v_person)
                    and lower(users.handle) ~<~ (lower(v_person) || chr(1114111))
                limit 200)
                union all
                select users.id from public.users where users.figma_user_id = v_person
                union all
                select users.id from public.users
                where users.id = case when v_person ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then v_person::uuid end
            )
            order by mine.created_at desc limit 10000
        );
    end if;
    return query
        select history.pipeline_id, history.started_at, history.ended_at,
            coalesce(history.outcome, mine.state, 'queued'), history.cause, history.stage, history.with_model,
            history.source, coalesce(mine.component, ''), mine.user_id, coalesce(users.handle, ''),
            coalesce(teams.name, ''), history.plan_code, history.rounds, history.calls, history.run_ms,
            spent.cost_microusd, spent.unpriced
        from public.pipeline_history as history
        left join public.pipelines as mine on mine.id = history.pipeline_id
        left join public.users on users.id = mine.user_id
        left join public.teams on teams.id = history.team_id
        left join private.pipeline_spending as spent on spent.pipeline_id = history.pipeline_id
        where history.started_at >= p_from and history.started_at < p_to
            and (p_plans is null or history.plan_code = any (p_plans))
            and (p_team is null or history.team_id = p_team)
            and (v_ids is null or history.pipeline_id = any (v_ids))
            and (p_causes is null or history.cause = any (p_causes))
            and (p_states is null or case
                when history.outcome is not null then history.outcome = any (p_states)
                when mine.state = 'queued' then 'queued' = any (p_states)
                else 'running' = any (p_states) end)
            and (p_before is null or (history.started_at, history.pipeline_id) < (p_before, p_before_id))
        order by history.started_at desc, history.pipeline_id desc
        limit least(p_limit, 1000);
end;
$$;
comment on function public.pipeline_rows is 'Pipelines asked for in [p_from, p_to), newest first, p_limit after the one that p_before and p_before_id name. state: how it last ended, as in pipeline_history; queued; or the stage it is in, which p_states calls running. p_person: a handle or its beginning, a whole Figma id, or our id. cost_microusd and unpriced for founders alone.';
revoke execute on function public.pipeline_rows from public, anon, authenticated;
grant execute on function public.pipeline_rows to authenticated, service_role;

-- Security definer: operators read neither ledger nor audit log whole. Nothing of the design or the code leaves it.
create or replace function public.pipeline_detail(p_pipeline_id uuid) returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object(
        'id', mine.id, 'user_id', mine.user_id, 'handle', users.handle, 'team', teams.name, 'source', mine.source,
        'component', mine.component, 'file_key', mine.file_key, 'node_id', mine.node_id, 'state', mine.state,
        'outcome', (private.pipeline_now(mine)).outcome, 'run', mine.run, 'round', mine.round, 'code', private.pipeline_cause(mine),
        'params', case mine.verdict when 'not_tested' then coalesce(mine.facts -> 'untested_params', '{}') else mine.params end, 'with_model', private.is_by_model(mine), 'is_charged', mine.is_charged,
        'plan_code', mine.plan_code, 'created_at', mine.created_at, 'queued_at', mine.queued_at,
        'started_at', mine.started_at, 'ended_at', mine.ended_at, 'files_until', mine.files_until,
        'ceiling_microusd', mine.ceiling_microusd, 'spent_microusd', mine.spent_microusd,
        'cost_microusd', mine.cost_microusd, 'unknown_calls', mine.unknown_calls, 'model_calls', mine.model_calls,
        'input_tokens', mine.input_tokens, 'output_tokens', mine.output_tokens, 'request_id', mine.request_id,
        'trace_id', split_part(mine.trace_parent, '-', 2),
        'stages', coalesce((
            select jsonb_agg(jsonb_build_object(
                'stage', each.stage, 'round', each.round, 'attempt', each.attempt, 'run', each.run, 'state', each.state,
                'began_at', each.began_at, 'ended_at', each.ended_at, 'retry_at', each.retry_at, 'code', each.code,
                'params', each.params, 'cost_microusd', each.cost_microusd, 'runner', each.runner
            ) order by each.began_at, each.round, each.attempt)
            from public.pipeline_stages as each where each.pipeline_id = mine.id), '[]'),
        'quality', coalesce((
            select jsonb_agg(to_jsonb(each) - array['pipeline_id'] order by each.round)
            from public.pipeline_quality as each where each.pipeline_id = mine.id), '[]'),
        'artifacts', coalesce((
            select jsonb_agg(jsonb_build_object(
                'kind', each.kind, 'round', each.round, 'name', each.name, 'bytes', each.bytes, 'sha256', each.sha256,
                'media_type', each.media_type, 'created_at', each.created_at
            ) order by each.created_at, each.kind, each.round, each.name)
            from public.pipeline_artifacts as each where each.pipeline_id = mine.id), '[]'),
        'ledger', coalesce((
            select jsonb_agg(jsonb_build_object(
                'row', used.run, 'at', used.at, 'feature', used.feature, 'status', used.status,
                'error_code', used.error_code, 'provider', used.provider, 'model', used.model,
                'cost_microusd', used.cost_microusd, 'cost_state', used.cost_state, 'latency_ms', used.latency_ms
            ) order by used.run)
            from private.support_ledger as used where used.answer_id = mine.id), '[]'),
        'audit', coalesce((
            select jsonb_agg(jsonb_build_object(
                'at', log.at, 'actor', log.actor, 'operation', log.operation, 'before', log.before ->> 'state',
                'after', log.after ->> 'state', 'reason', log.reason
            ) order by log.id)
            from public.audit_log as log
            where log.table_name = 'pipelines' and log.row_key = mine.id::text), '[]')
    )
    from public.pipelines as mine
    left join public.users on users.id = mine.user_id
    left join public.teams on teams.id = mine.team_id
    where mine.id = p_pipeline_id and private.require_support()
$$;
comment on function public.pipeline_detail is 'One pipeline, without its design and code: each attempt of each stage, the quality row of each round, its files by name, size and hash, its rows of the ledger, and what was done to it by hand; null: it is not kept.';
revoke execute on function public.pipeline_detail from public, anon, authenticated;
grant execute on function public.pipeline_detail to authenticated, service_role;

-- Security definer: operators may not write pipelines past this check.
create or replace function public.operator_cancel_pipeline(p_pipeline_id uuid, p_reason text) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_mine public.pipelines;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    v_mine := private.lock_pipeline(p_pipeline_id);
    if private.is_pipeline_over(v_mine.state) then
        raise exception using errcode = 'PT409', message = 'pipeline_has_ended';
    end if;
    perform private.stop_stages(p_pipeline_id);
    v_mine := private.close_pipeline(v_mine, 'cancelled', 'cancelled', '{}');
    return jsonb_build_object('state', v_mine.state, 'code', '', 'params', '{}'::jsonb);
end;
$$;
comment on function public.operator_cancel_pipeline is 'Founders and support end a pipeline for whoever asked for it, with a reason that is logged; its use goes back: {state, code (empty), params}.';
revoke execute on function public.operator_cancel_pipeline from public, anon, authenticated;
grant execute on function public.operator_cancel_pipeline to authenticated;

-- Somebody may have left the team whose pipeline it is: whoever is in it may let it go on. The asker's use is taken.
create or replace function public.operator_retry_pipeline(p_pipeline_id uuid, p_reason text) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user_id uuid;
    v_done jsonb;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    select users.id into v_user_id
    from public.pipelines
    join public.users on pipelines.owner_id in (users.team_id, users.id) and users.state <> 'deleted'
    where pipelines.id = p_pipeline_id
    order by users.id = pipelines.user_id desc limit 1;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_pipeline';
    end if;
    v_done := public.retry_pipeline(v_user_id, p_pipeline_id);
    return jsonb_build_object('state', v_done -> 'state', 'code', v_done -> 'code', 'params', v_done -> 'params');
end;
$$;
comment on function public.operator_retry_pipeline is 'Founders and support let a failed pipeline go on from the stage that failed, with a use of whoever asked for it and a reason that is logged: {state, code, params}. A code: it cannot, as public.retry_pipeline says.';
revoke execute on function public.operator_retry_pipeline from public, anon, authenticated;
grant execute on function public.operator_retry_pipeline to authenticated;

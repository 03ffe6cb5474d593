-- Pipelines as their people see them: the list, one opened whole, and where a file of it is.

create or replace function private.quality_json(p_quality public.pipeline_quality) returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
    select to_jsonb(p_quality) - 'pipeline_id'
$$;
comment on function private.quality_json is 'A row of public.pipeline_quality without its pipeline.';
revoke execute on function private.quality_json from public, anon, authenticated;
grant execute on function private.quality_json to service_role;

create or replace function private.pipeline_summary(p_pipeline public.pipelines) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'id', p_pipeline.id, 'user_id', p_pipeline.user_id, 'team_id', p_pipeline.team_id,
        'source', p_pipeline.source, 'file_key', p_pipeline.file_key, 'node_id', p_pipeline.node_id,
        'component', p_pipeline.component, 'options', p_pipeline.options, 'state', p_pipeline.state,
        'round', p_pipeline.round, 'run', p_pipeline.run, 'verdict', p_pipeline.verdict, 'code', p_pipeline.code,
        'params', p_pipeline.params, 'facts', p_pipeline.facts, 'failed_stage',
        case p_pipeline.state when 'failed' then p_pipeline.next_stage end,
        'before', case p_pipeline.state when 'queued' then (
            select count(*) from public.pipelines as others
            where others.owner_id = p_pipeline.owner_id and others.state = 'queued'
                and (others.queued_at, others.id) < (p_pipeline.queued_at, p_pipeline.id)
        ) end,
        'is_charged', p_pipeline.is_charged, 'ceiling_microusd', p_pipeline.ceiling_microusd,
        'cost_microusd', p_pipeline.cost_microusd, 'unknown_calls', p_pipeline.unknown_calls,
        'model_calls', p_pipeline.model_calls, 'input_tokens', p_pipeline.input_tokens,
        'output_tokens', p_pipeline.output_tokens, 'request_id', p_pipeline.request_id,
        'created_at', p_pipeline.created_at, 'started_at', p_pipeline.started_at, 'moved_at', p_pipeline.moved_at,
        'ended_at', p_pipeline.ended_at, 'files_until', p_pipeline.files_until,
        'quality', (
            select private.quality_json(quality) from public.pipeline_quality as quality
            where quality.pipeline_id = p_pipeline.id and quality.is_chosen
        )
    )
$$;
comment on function private.pipeline_summary is 'A pipeline in a list: how it stands, what it cost, the quality row of the chosen candidate; before: how many of its owner wait before it.';
revoke execute on function private.pipeline_summary from public, anon, authenticated;
grant execute on function private.pipeline_summary to service_role;

create or replace function public.list_pipelines(
    p_user_id uuid, p_before timestamptz default null, p_before_id uuid default null, p_limit integer default 50
) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_user public.users;
begin
    select * into v_user from public.users where id = p_user_id and state <> 'deleted';
    return (
        select coalesce(jsonb_agg(private.pipeline_summary(page) order by page.created_at desc, page.id desc), '[]')
        from (
            select * from public.pipelines
            where owner_id in (v_user.team_id, v_user.id)
                and (p_before is null or (created_at, id) < (p_before, coalesce(
                    p_before_id, '00000000-0000-0000-0000-000000000000')))
            order by created_at desc, id desc limit least(greatest(1, p_limit), 200)
        ) as page
    );
end;
$$;
comment on function public.list_pipelines is 'Pipelines of somebody and of their team, the newest first, those before a moment and an id: a list of private.pipeline_summary.';
revoke execute on function public.list_pipelines from public, anon, authenticated;
grant execute on function public.list_pipelines to service_role;

create or replace function private.pipeline_opened(p_pipeline public.pipelines) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select private.pipeline_summary(p_pipeline) || jsonb_build_object(
        'stages', coalesce((
            select jsonb_agg(jsonb_build_object(
                'stage', stage, 'round', round, 'attempt', attempt, 'run', run, 'state', state, 'began_at', began_at,
                'ended_at', ended_at, 'retry_at', retry_at, 'code', code, 'params', params, 'facts', facts,
                'cost_microusd', cost_microusd
            ) order by began_at, round, attempt)
            from public.pipeline_stages where pipeline_id = p_pipeline.id
        ), '[]'),
        'qualities', coalesce((
            select jsonb_agg(private.quality_json(quality) order by quality.round)
            from public.pipeline_quality as quality where quality.pipeline_id = p_pipeline.id
        ), '[]'),
        'artifacts', private.artifacts_of(p_pipeline.id, false),
        'calls', coalesce((
            select jsonb_agg(jsonb_build_object(
                'stage', stage, 'round', round, 'attempt', attempt, 'number', number, 'at', at, 'outcome', outcome,
                'provider', provider, 'model', model, 'input_tokens', input_tokens, 'output_tokens', output_tokens,
                'cost_microusd', cost_microusd, 'latency_ms', latency_ms
            ) order by ledger_run)
            from public.pipeline_calls where pipeline_id = p_pipeline.id
        ), '[]')
    )
$$;
comment on function private.pipeline_opened is 'A pipeline whole: private.pipeline_summary, and stages, qualities, artifacts (without paths), calls.';
revoke execute on function private.pipeline_opened from public, anon, authenticated;
grant execute on function private.pipeline_opened to service_role;

create or replace function public.show_pipeline(p_user_id uuid, p_id uuid) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines;
begin
    select * into v_pipeline from public.pipelines where id = p_id;
    if not found or not private.may_see_pipeline(p_user_id, v_pipeline.owner_id) then
        return null;
    end if;
    return private.pipeline_opened(v_pipeline);
end;
$$;
comment on function public.show_pipeline is 'One pipeline of somebody or of their team: private.pipeline_opened, or NULL.';
revoke execute on function public.show_pipeline from public, anon, authenticated;
grant execute on function public.show_pipeline to service_role;

create or replace function public.find_artifact(
    p_user_id uuid, p_id uuid, p_kind text, p_round integer default null, p_name text default ''
) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines;
begin
    select * into v_pipeline from public.pipelines where id = p_id;
    if not found or not private.may_see_pipeline(p_user_id, v_pipeline.owner_id) then
        return null;
    end if;
    return (
        select jsonb_build_object('path', path, 'bytes', bytes, 'sha256', sha256, 'media_type', media_type,
            'round', round, 'created_at', created_at, 'component', v_pipeline.component)
        from public.pipeline_artifacts
        where pipeline_id = p_id and kind = p_kind and name = p_name and (p_round is null or round = p_round)
        order by coalesce(round = (
            select round from public.pipeline_quality where pipeline_id = p_id and is_chosen), false) desc,
            round desc, created_at desc, path
        limit 1
    );
end;
$$;
comment on function public.find_artifact is 'A file of a pipeline of somebody or of their team: {path, bytes, sha256, media_type, round, created_at, component}, or NULL. Without p_round: of the chosen candidate, else of the newest.';
revoke execute on function public.find_artifact from public, anon, authenticated;
grant execute on function public.find_artifact to service_role;

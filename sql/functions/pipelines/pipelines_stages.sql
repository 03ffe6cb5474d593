-- The stages: begun, kept alive, ended, failed. The next stage's job is queued in the same transaction.

create or replace function private.may_follow(p_stage text, p_next text, p_round integer) returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
    select case p_stage
        when 'read' then p_next = 'spec'
        when 'spec' then p_next = 'generate'
        when 'generate' then p_next = 'test'
        when 'test' then p_next = 'gate'
        when 'gate' then p_next = 'package' or p_next = 'repair' and p_round < 2
        when 'repair' then p_next in ('test', 'package')
        when 'package' then p_next in ('push', 'done')
        when 'push' then p_next = 'done'
        else false
    end
$$;
comment on function private.may_follow is 'Whether a stage may be followed by another (or by done). At most two repairs.';
revoke execute on function private.may_follow from public, anon, authenticated;
grant execute on function private.may_follow to service_role;

create or replace function private.stage_task(p_pipeline public.pipelines, p_stage public.pipeline_stages) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'id', p_pipeline.id, 'user_id', p_pipeline.user_id, 'team_id', p_pipeline.team_id,
        'owner_id', p_pipeline.owner_id, 'source', p_pipeline.source, 'file_key', p_pipeline.file_key,
        'node_id', p_pipeline.node_id, 'component', p_pipeline.component, 'options', p_pipeline.options,
        'run', p_pipeline.run, 'stage', p_stage.stage, 'round', p_stage.round, 'attempt', p_stage.attempt,
        'failures', tried.failures, 'lost', tried.lost,
        'artifacts', private.artifacts_of(p_pipeline.id, true),
        'chosen_round', (
            select round from public.pipeline_quality where pipeline_id = p_pipeline.id and is_chosen
        ),
        'facts', p_pipeline.facts, 'cost_microusd', p_pipeline.cost_microusd,
        'unknown_calls', p_pipeline.unknown_calls, 'model_calls', p_pipeline.model_calls,
        'input_tokens', p_pipeline.input_tokens, 'output_tokens', p_pipeline.output_tokens, 'ceiling_microusd', p_pipeline.ceiling_microusd,
        'left_microusd', greatest(0,
            p_pipeline.ceiling_microusd - p_pipeline.spent_microusd - p_pipeline.reserved_microusd),
        'model', coalesce((private.pipeline_limits_of(p_pipeline.owner_id)).model, ''),
        -- A build in a comment is of a design where somebody may have switched the buddy on for another team.
        'flags', private.flags_of(p_pipeline.user_id, (
            select webhooks.user_id
            from public.answers join public.user_webhooks as webhooks on webhooks.id = answers.webhook_id
            where p_pipeline.source = 'comment' and p_pipeline.idempotency_key = 'answer:' || answers.id
                and answers.id = substr(p_pipeline.idempotency_key, 8)::uuid
        )), 'created_at', p_pipeline.created_at,
        -- A push that is asked for later has a day of its own to be tried in.
        'queued_at', case when private.is_pushed_later(p_pipeline) then tried.since else p_pipeline.queued_at end,
        'started_at', p_pipeline.started_at, 'moved_at', p_pipeline.moved_at,
        'request_id', p_pipeline.request_id, 'trace_parent', p_pipeline.trace_parent
    )
    from (
        select count(*) filter (where state = 'failed' and not is_excused) as failures, count(*) filter (where state = 'lost') as lost,
            min(began_at) as since
        from public.pipeline_stages
        where pipeline_id = p_pipeline.id and run = p_pipeline.run and stage = p_stage.stage
            and round = p_stage.round
    ) as tried
$$;
comment on function private.stage_task is 'All that a runner needs to know of an attempt that it begins.';
revoke execute on function private.stage_task from public, anon, authenticated;
grant execute on function private.stage_task to service_role;

create or replace function public.begin_stage(
    p_pipeline_id uuid, p_stage text, p_round integer, p_lease_seconds double precision, p_runner text
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines;
    v_stage public.pipeline_stages;
    v_attempt integer;
begin
    select * into v_pipeline from public.pipelines where id = p_pipeline_id for update;
    if not found or v_pipeline.state <> p_stage or v_pipeline.round <> p_round then
        return null;
    end if;
    select * into v_stage from public.pipeline_stages
    where pipeline_id = p_pipeline_id and stage = p_stage and round = p_round order by attempt desc limit 1 for update;
    v_attempt := coalesce(v_stage.attempt, 0) + 1;
    if v_stage.state = 'running' then
        if v_stage.lease_until > now() then
            -- The same call again, because its answer was lost.
            return case when v_stage.runner = p_runner then private.stage_task(v_pipeline, v_stage) end;
        end if;
        perform private.lose_stage(v_stage);
        select * into v_pipeline from public.pipelines where id = p_pipeline_id;
    end if;
    insert into public.pipeline_stages (pipeline_id, stage, round, attempt, run, runner, lease_until)
    values (p_pipeline_id, p_stage, p_round, v_attempt, v_pipeline.run, p_runner,
        now() + make_interval(secs => p_lease_seconds))
    returning * into v_stage;
    return private.stage_task(v_pipeline, v_stage);
end;
$$;
comment on function public.begin_stage is 'Take the next attempt at a stage: private.stage_task, or NULL where there is nothing to do: the pipeline is elsewhere, has ended, or another runner holds the stage. p_runner: a name of this taking alone, so that the call may be sent again.';
revoke execute on function public.begin_stage from public, anon, authenticated;
grant execute on function public.begin_stage to service_role;

create or replace function public.beat_stage(
    p_pipeline_id uuid, p_stage text, p_round integer, p_attempt integer, p_lease_seconds double precision
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_is_mine boolean;
begin
    update public.pipeline_stages set lease_until = now() + make_interval(secs => p_lease_seconds)
    where pipeline_id = p_pipeline_id and stage = p_stage and round = p_round and attempt = p_attempt
        and state = 'running';
    v_is_mine := found;
    return jsonb_build_object('is_mine', v_is_mine, 'is_cancelled', not v_is_mine and exists (
        select from public.pipelines where id = p_pipeline_id and state = 'cancelled'));
end;
$$;
comment on function public.beat_stage is 'Keep the lease of an attempt: {is_mine (false: stop), is_cancelled}.';
revoke execute on function public.beat_stage from public, anon, authenticated;
grant execute on function public.beat_stage to service_role;

-- Of an end that was stored before, or of a pipeline that has ended: how it stands. An attempt that was taken for lost
-- may not end the stage any more.
create or replace function private.is_ended_before(p_pipeline public.pipelines, p_stage public.pipeline_stages)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    if p_stage.state = 'running' and p_pipeline.state = p_stage.stage and p_pipeline.round = p_stage.round then
        return false;
    elsif p_stage.state in ('done', 'failed', 'cancelled') or private.is_pipeline_over(p_pipeline.state) then
        return true;
    end if;
    raise exception using errcode = 'PT409', message = 'another_attempt_has_taken_over';
end;
$$;
comment on function private.is_ended_before is 'Whether an attempt has ended before; raises PT409 where another has taken over.';
revoke execute on function private.is_ended_before from public, anon, authenticated;
grant execute on function private.is_ended_before to service_role;

-- p_result: {next, artifacts: [{kind, path, bytes, sha256, media_type, name?, round?}], quality: {…, is_passed,
-- is_chosen} or null, facts: {…}, stage_facts: {…}}.
create or replace function public.end_stage(
    p_pipeline_id uuid, p_stage text, p_round integer, p_attempt integer, p_result jsonb
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines := private.lock_pipeline(p_pipeline_id);
    v_stage public.pipeline_stages := private.stage_attempt(p_pipeline_id, p_stage, p_round, p_attempt);
    v_next text := p_result ->> 'next';
begin
    if private.is_ended_before(v_pipeline, v_stage) then
        return jsonb_build_object('state', v_pipeline.state, 'round', v_pipeline.round);
    end if;
    if not coalesce(private.may_follow(p_stage, v_next, p_round), false) then
        raise exception using errcode = '22023', message = 'stage_cannot_follow';
    end if;
    perform private.keep_artifacts(v_pipeline, p_round, coalesce(p_result -> 'artifacts', '[]'));
    if jsonb_typeof(p_result -> 'quality') = 'object' then
        perform private.keep_quality(v_pipeline, p_round, p_result -> 'quality');
    end if;
    perform private.free_reservation(v_stage);
    update public.pipeline_stages
    set state = 'done', ended_at = now(), facts = coalesce(p_result -> 'stage_facts', '{}')
    where pipeline_id = p_pipeline_id and stage = p_stage and round = p_round and attempt = p_attempt;
    update public.pipelines
    set facts = facts || coalesce(p_result -> 'facts', '{}'), moved_at = now(),
        state = case v_next when 'done' then state else v_next end,
        next_stage = case v_next when 'done' then next_stage else v_next end,
        round = case v_next when 'repair' then round + 1 else round end
    where id = p_pipeline_id returning * into v_pipeline;
    if v_next = 'done' then
        v_pipeline := private.close_pipeline(
            v_pipeline, 'done',
            case private.verdict_of(p_pipeline_id) when 'not_tested' then coalesce(v_pipeline.facts ->> 'untested', '')
                when 'not_passed' then 'not_gated' else '' end,
            case private.verdict_of(p_pipeline_id) when 'not_tested'
                then coalesce(v_pipeline.facts -> 'untested_params', '{}') else '{}' end);
    else
        perform private.queue_stage(p_pipeline_id, v_next, v_pipeline.round);
    end if;
    return jsonb_build_object('state', v_pipeline.state, 'round', v_pipeline.round);
end;
$$;
comment on function public.end_stage is 'End an attempt: its files, what was measured, and the next stage''s job, or the end of the pipeline with its receipt. {state, round} of the pipeline. Called again it changes nothing; raises PT409 where another attempt has taken over.';
revoke execute on function public.end_stage from public, anon, authenticated;
grant execute on function public.end_stage to service_role;

create or replace function public.fail_stage(
    p_pipeline_id uuid, p_stage text, p_round integer, p_attempt integer, p_code text, p_params jsonb default '{}',
    p_retry_at timestamptz default null, p_is_excused boolean default false
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines := private.lock_pipeline(p_pipeline_id);
    v_stage public.pipeline_stages := private.stage_attempt(p_pipeline_id, p_stage, p_round, p_attempt);
begin
    if private.is_ended_before(v_pipeline, v_stage) then
        return jsonb_build_object('state', v_pipeline.state, 'round', v_pipeline.round);
    end if;
    -- What is still reserved may have been spent: whoever failed or was stopped did not book it. At the end of the
    -- pipeline public.recover_stages books it, as the ledger comes after the balance.
    if p_retry_at is not null then
        perform private.lose_stage(v_stage);
    end if;
    update public.pipeline_stages
    set state = 'failed', ended_at = now(), code = p_code, params = p_params, retry_at = p_retry_at,
        is_excused = p_is_excused
    where pipeline_id = p_pipeline_id and stage = p_stage and round = p_round and attempt = p_attempt;
    select * into v_pipeline from public.pipelines where id = p_pipeline_id;
    if p_retry_at is null then
        v_pipeline := private.close_pipeline(v_pipeline, 'failed', p_code, p_params);
    else
        perform private.queue_stage(p_pipeline_id, p_stage, p_round, p_retry_at);
    end if;
    return jsonb_build_object('state', v_pipeline.state, 'round', v_pipeline.round);
end;
$$;
comment on function public.fail_stage is 'An attempt failed: it is tried again at p_retry_at, or (NULL) the pipeline fails and its use goes back. p_is_excused: it was not this attempt''s fault, and does not count. {state, round} of the pipeline. Called again it changes nothing; raises PT409 where another attempt has taken over.';
revoke execute on function public.fail_stage from public, anon, authenticated;
grant execute on function public.fail_stage to service_role;

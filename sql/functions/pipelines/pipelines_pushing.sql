-- A run that is done is pushed later: only the push is made, and nothing else of it changes.

-- A run that is done and is pushed afterwards has an end already.
create or replace function private.is_pushed_later(p_pipeline public.pipelines) returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
    select p_pipeline.state = 'push' and p_pipeline.ended_at is not null
$$;
comment on function private.is_pushed_later is 'Whether a run that had ended is being pushed: its receipt, its cost and its history stay as they are.';
revoke execute on function private.is_pushed_later from public, anon, authenticated;
grant execute on function private.is_pushed_later to service_role;

-- The component is there either way. Why it was not pushed is told beside it.
create or replace function private.close_push(
    p_pipeline public.pipelines, p_state text, p_code text, p_params jsonb
) returns public.pipelines
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines;
begin
    perform private.wake_answer(p_pipeline);
    update public.pipelines
    set state = 'done', verdict = private.verdict_of(id), moved_at = now(),
        facts = case when p_state = 'done' and p_code = '' then facts - 'push_failed'
            else facts || jsonb_build_object('push_failed', jsonb_build_object(
                'code', case p_state when 'cancelled' then 'push_cancelled' else p_code end, 'params', p_params)) end
    where id = p_pipeline.id returning * into v_pipeline;
    perform private.promote_pipelines(p_pipeline.owner_id);
    return v_pipeline;
end;
$$;
comment on function private.close_push is 'A run that was pushed after its end is done again; facts.push_failed says why it could not be pushed.';
revoke execute on function private.close_push from public, anon, authenticated;
grant execute on function private.close_push to service_role;

-- Only the push is made: how the run ended, its cost and its time stay as they are (private.is_pushed_later).
create or replace function public.push_pipeline(p_user_id uuid, p_id uuid) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines := private.own_pipeline(p_user_id, p_id);
    v_user public.users;
begin
    if v_pipeline.state = 'push' then
        return jsonb_build_object('id', p_id, 'state', 'push', 'is_new', false, 'code', '', 'params', '{}'::jsonb);
    elsif v_pipeline.state = 'failed' and v_pipeline.next_stage = 'push' then
        return public.retry_pipeline(p_user_id, p_id);
    elsif v_pipeline.state <> 'done' or v_pipeline.verdict <> 'passed' then
        return private.pipeline_refused('nothing_to_push');
    elsif v_pipeline.files_until < now() then
        return private.pipeline_refused('files_are_gone');
    end if;
    select * into v_user from public.users where id = p_user_id;
    if v_user.state = 'suspended' then
        return private.pipeline_refused('suspended');
    elsif not (private.team_flags(v_user.team_id) ->> 'pipelines')::boolean then
        return private.pipeline_refused('pipelines_off');
    end if;
    -- The audit log names whoever asked, who may be a teammate of whoever started the run.
    perform set_config('app.reason', p_user_id::text, true);
    update public.pipelines
    set run = run + 1, state = 'push', next_stage = 'push', verdict = null, moved_at = now(),
        options = options || '{"push": true}', facts = facts - 'push_failed'
    where id = p_id;
    perform private.queue_stage(p_id, 'push', v_pipeline.round);
    return jsonb_build_object('id', p_id, 'state', 'push', 'is_new', true, 'code', '', 'params', '{}'::jsonb);
end;
$$;
comment on function public.push_pipeline is 'Push the component of a run that has passed, for whoever asked for it or somebody of their team; one that failed at its push goes on from there. While it is pushed, and again afterwards, there is one pull request. As public.start_pipeline; refused with nothing_to_push, files_are_gone, suspended or pipelines_off.';
revoke execute on function public.push_pipeline from public, anon, authenticated;
grant execute on function public.push_pipeline to service_role;

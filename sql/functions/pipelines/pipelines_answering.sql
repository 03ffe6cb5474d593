-- A "build" in a comment: its answer waits for the run, and hears of its end once.

create or replace function private.key_of_answer(p_answer_id uuid) returns text
language sql
immutable
security invoker
set search_path = ''
as $$
    select 'answer:' || p_answer_id
$$;
comment on function private.key_of_answer is 'The idempotency key of the run that an answer starts: one for all its attempts and replays.';
revoke execute on function private.key_of_answer from public, anon, authenticated;
grant execute on function private.key_of_answer to service_role;

-- The run is locked before the answer, as by whatever ends a run: so either the end is seen here, or whoever ends the
-- run sees that the answer waits, and none is forgotten in between.
create or replace function public.await_pipeline(p_answer_id uuid, p_attempt integer, p_until timestamptz) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines;
begin
    select * into v_pipeline from public.pipelines
    where user_id = (select payer_id from public.answers where id = p_answer_id)
        and idempotency_key = private.key_of_answer(p_answer_id)
    for share;
    if v_pipeline.id is not null and not private.is_pipeline_over(v_pipeline.state) then
        perform public.defer_answer(p_answer_id, p_attempt, p_until, 'pipeline_runs', null, null);
    end if;
    return jsonb_build_object('pipeline_id', v_pipeline.id, 'state', v_pipeline.state);
end;
$$;
comment on function public.await_pipeline is 'How the run stands that an answer has started: {pipeline_id, state}, NULLs without one. While it goes on, the answer is put off until a time, or until the run ends.';
revoke execute on function public.await_pipeline from public, anon, authenticated;
grant execute on function public.await_pipeline to service_role;

-- The job that was scheduled for later then finds the answer done.
create or replace function private.wake_answer(p_pipeline public.pipelines) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_id uuid;
begin
    if p_pipeline.source <> 'comment' then
        return;
    end if;
    update public.answers set deferred_until = now(), queued_at = now()
    where id = (substring(p_pipeline.idempotency_key from '^answer:([0-9a-f-]{36})$'))::uuid
        and payer_id = p_pipeline.user_id and state = 'deferred' and failure_message = 'pipeline_runs'
    returning id into v_id;
    if v_id is not null then
        perform private.queue_answers(array[v_id]);
    end if;
end;
$$;
comment on function private.wake_answer is 'Queue the answer that waits for a run, which ends in the same transaction.';
revoke execute on function private.wake_answer from public, anon, authenticated;
grant execute on function private.wake_answer to service_role;

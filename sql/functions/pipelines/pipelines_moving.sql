-- How a pipeline moves: its share, the next stage's job, its end. Whatever changes how many of an owner run holds the
-- owner's lock. Locks in this order, so that nobody deadlocks: the owner, the pipeline, its stages, the balance, the
-- ledger.

create or replace function private.lock_pipelines(p_owner_id uuid) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('pipelines ' || p_owner_id, 0));
end;
$$;
comment on function private.lock_pipelines is 'Hold the lock on how many pipelines of an owner run, until the transaction ends.';
revoke execute on function private.lock_pipelines from public, anon, authenticated;
grant execute on function private.lock_pipelines to service_role;

create or replace function private.lock_pipeline(p_id uuid) returns public.pipelines
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines;
begin
    select * into v_pipeline from public.pipelines where id = p_id;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_pipeline';
    end if;
    perform private.lock_pipelines(v_pipeline.owner_id);
    select * into v_pipeline from public.pipelines where id = p_id for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_pipeline';
    end if;
    return v_pipeline;
end;
$$;
comment on function private.lock_pipeline is 'Lock the owner of a pipeline, then the pipeline.';
revoke execute on function private.lock_pipeline from public, anon, authenticated;
grant execute on function private.lock_pipeline to service_role;

create or replace function private.is_pipeline_over(p_state text) returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
    select p_state in ('done', 'failed', 'cancelled')
$$;
comment on function private.is_pipeline_over is 'Whether a pipeline in this state has ended.';
revoke execute on function private.is_pipeline_over from public, anon, authenticated;
grant execute on function private.is_pipeline_over to service_role;

-- Generated code runs in the builder, which has no secrets. What needs one runs in the worker.
-- Only the first gate takes long. What is short, and what brings a run to its end, goes before the first gates of
-- others: else all runs of a burst would end together, when the last of them was gated.
create or replace function private.queue_stage(
    p_pipeline_id uuid, p_stage text, p_round integer, p_at timestamptz default null
) returns void
language plpgsql
security invoker
set search_path = queue, pg_temp
as $$
declare
    v_jobs queue.procrastinate_job_to_defer_v1[] := array[row(
        case when p_stage in ('spec', 'test', 'gate', 'package') then 'builds' else 'pipelines' end, 'run_stage',
        case when p_stage = 'gate' and p_round = 0 then -1 else 0 end, null, null,
        jsonb_build_object('pipeline_id', p_pipeline_id, 'stage', p_stage, 'round', p_round), p_at
    )::queue.procrastinate_job_to_defer_v1];
begin
    perform queue.procrastinate_defer_jobs_v1(v_jobs);
end;
$$;
comment on function private.queue_stage is 'Queue the job of a stage, for now or for a moment to come.';
revoke execute on function private.queue_stage from public, anon, authenticated;
grant execute on function private.queue_stage to service_role;

create or replace function private.pipeline_limits_of(p_owner_id uuid) returns public.pipeline_limits
language sql
stable
security invoker
set search_path = ''
as $$
    select limits from public.pipeline_limits as limits where limits.team_id = p_owner_id
$$;
comment on function private.pipeline_limits_of is 'What is set for the pipelines of an owner; NULLs where nothing is.';
revoke execute on function private.pipeline_limits_of from public, anon, authenticated;
grant execute on function private.pipeline_limits_of to service_role;

-- The caller holds the owner's lock.
create or replace function private.promote_pipelines(p_owner_id uuid) returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_limits public.pipeline_limits := private.pipeline_limits_of(p_owner_id);
    v_running integer;
    v_next public.pipelines;
    v_promoted integer := 0;
begin
    select count(*) into v_running from public.pipelines
    where owner_id = p_owner_id and state not in ('queued', 'done', 'failed', 'cancelled');
    loop
        select * into v_next from public.pipelines
        where owner_id = p_owner_id and state = 'queued' order by queued_at, id limit 1
        for update skip locked;
        exit when not found or v_running >= coalesce(v_limits.at_once, v_next.at_once);
        update public.pipelines set state = next_stage, started_at = now(), moved_at = now() where id = v_next.id;
        perform private.queue_stage(v_next.id, v_next.next_stage, v_next.round);
        v_running := v_running + 1;
        v_promoted := v_promoted + 1;
    end loop;
    return v_promoted;
end;
$$;
comment on function private.promote_pipelines is 'Begin the oldest waiting pipelines of an owner for which there is room: how many.';
revoke execute on function private.promote_pipelines from public, anon, authenticated;
grant execute on function private.promote_pipelines to service_role;

create or replace function private.close_pipeline_use(
    p_pipeline public.pipelines, p_is_taken boolean, p_reason text
) returns uuid
language sql
security invoker
set search_path = ''
as $$
    select private.close_use(p_pipeline.id, p_pipeline.run, p_is_taken, p_reason)
$$;
comment on function private.close_pipeline_use is 'Take the reserved use of a pipeline, or give it back with a reason: the id of its receipt.';
revoke execute on function private.close_pipeline_use from public, anon, authenticated;
grant execute on function private.close_pipeline_use to service_role;

create or replace function private.verdict_of(p_pipeline_id uuid) returns text
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce((
        select case when is_passed then 'passed' else 'not_passed' end
        from public.pipeline_quality where pipeline_id = p_pipeline_id and is_chosen
    ), 'not_tested')
$$;
comment on function private.verdict_of is 'What the gate said of the candidate that the customer gets.';
revoke execute on function private.verdict_of from public, anon, authenticated;
grant execute on function private.verdict_of to service_role;

-- The caller holds owner and pipeline. A use is taken for a component that passed its gate and for nothing else; also
-- where it could not be pushed then, as it is there to be downloaded: a retry of the push takes no other. A cancelled
-- run has no row in the ledger but those of its calls. The row of the pipeline is written last: its trigger
-- may write the audit log.
create or replace function private.close_pipeline(
    p_pipeline public.pipelines, p_state text, p_code text, p_params jsonb
) returns public.pipelines
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines := p_pipeline;
    v_days integer := (private.pipeline_limits_of(p_pipeline.owner_id)).retention_days;
    v_verdict text := case p_state when 'done' then private.verdict_of(p_pipeline.id) end;
    v_is_charged boolean := not p_pipeline.is_charged
        and (p_state = 'done' or p_state = 'failed' and p_pipeline.next_stage = 'push')
        and private.verdict_of(p_pipeline.id) = 'passed';
    v_receipt uuid;
    v_rows integer := p_pipeline.ledger_rows;
begin
    if private.is_pushed_later(p_pipeline) then
        return private.close_push(p_pipeline, p_state, p_code, p_params);
    end if;
    -- Before the balance: whoever begins an answer locks the answer first.
    perform private.wake_answer(p_pipeline);
    v_receipt := private.close_pipeline_use(
        p_pipeline, v_is_charged,
        case when v_is_charged then '' else coalesce(v_verdict, nullif(p_code, ''), p_state) end);
    -- Of somebody who leaves nothing is counted any more, and nothing may be locked that workers want.
    if not v_is_charged and not p_pipeline.is_charged and p_code <> 'account_deleted' then
        perform private.note_unbilled(
            private.asker_of((select users from public.users where users.id = p_pipeline.user_id)),
            p_pipeline.spent_microusd);
    end if;
    if p_state <> 'cancelled' then
        v_rows := v_rows + 1;
        v_pipeline.ledger_rows := v_rows;
        v_pipeline.code := p_code;
        perform private.write_pipeline_usage(
            v_pipeline, 'pipeline_run', case p_state when 'done' then 'answered' else 'failed' end, '{}',
            case when v_is_charged then v_receipt end,
            greatest(0, extract(epoch from clock_timestamp() - p_pipeline.queued_at) * 1000)::bigint);
        perform private.note_built(case when v_is_charged then v_receipt end);
    end if;
    update public.pipelines
    set state = p_state, verdict = v_verdict, code = p_code, params = p_params, is_charged = is_charged or v_is_charged,
        ledger_rows = v_rows, moved_at = now(), ended_at = now(),
        files_until = now() + make_interval(days => coalesce(v_days, 30))
    where id = p_pipeline.id returning * into v_pipeline;
    perform private.promote_pipelines(p_pipeline.owner_id);
    return v_pipeline;
end;
$$;
comment on function private.close_pipeline is 'End a pipeline: receipt, ledger, retention of its files, and the next of its owner begins.';
revoke execute on function private.close_pipeline from public, anon, authenticated;
grant execute on function private.close_pipeline to service_role;

create or replace function private.note_built(p_receipt_id uuid) returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.activity (user_id, kind, detail)
    select receipts.user_id, 'trial_used_up', '{}'
    from public.use_receipts as receipts
    join public.use_balances as balances on balances.user_id = receipts.user_id
        and balances.plan_code = receipts.plan_code and balances.period_start = receipts.period_start
    where receipts.id = p_receipt_id and receipts.plan_code = 'trial'
        and balances.used = private.granted_uses(receipts.user_id, 'trial', receipts.period_start)
            + (select uses from private.plan_in_force(receipts.user_id) where code = 'trial')
$$;
comment on function private.note_built is 'The activity that a taken use may be: the last of a trial.';
revoke execute on function private.note_built from public, anon, authenticated;
grant execute on function private.note_built to service_role;

-- What is done about runners that died: stages that lost their job, money that was never booked.

create or replace function private.has_stage_job(p_pipeline_id uuid) returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
    select exists (
        select from queue.procrastinate_jobs as jobs
        where jobs.status in ('todo', 'doing') and jobs.args ->> 'pipeline_id' = p_pipeline_id::text
    )
$$;
comment on function private.has_stage_job is 'Whether a pipeline has a job in the queue.';
revoke execute on function private.has_stage_job from public, anon, authenticated;
grant execute on function private.has_stage_job to service_role;

-- Any number of runners may call this at once; rows another is recovering are skipped.
create or replace function public.recover_stages(p_lease_seconds double precision) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_silent timestamptz := now() - make_interval(secs => p_lease_seconds);
    v_pipeline public.pipelines;
    v_stage public.pipeline_stages;
    v_owner_id uuid;
    v_stages integer := 0;
    v_promoted integer := 0;
begin
    for v_pipeline in
        select * from public.pipelines
        where state not in ('queued', 'done', 'failed', 'cancelled')
            and greatest(moved_at, (
                select max(lease_until) from public.pipeline_stages
                where pipeline_id = pipelines.id and stage = pipelines.state and round = pipelines.round
                    and pipeline_stages.state = 'running'
            )) < v_silent
            and not private.has_stage_job(id)
        for update skip locked
    loop
        perform private.queue_stage(v_pipeline.id, v_pipeline.state, v_pipeline.round);
        v_stages := v_stages + 1;
    end loop;
    -- What a runner had reserved when its pipeline was cancelled, and never booked.
    for v_stage in
        select stages.* from public.pipeline_stages as stages
        where stages.state <> 'running' and stages.reserved_microusd > 0 and stages.lease_until < v_silent
        order by stages.pipeline_id
    loop
        select * into v_pipeline from public.pipelines where id = v_stage.pipeline_id for update skip locked;
        continue when not found;
        v_stage := private.stage_attempt(v_stage.pipeline_id, v_stage.stage, v_stage.round, v_stage.attempt);
        if v_stage.reserved_microusd > 0 then
            perform private.lose_stage(v_stage);
        end if;
    end loop;
    delete from public.pipeline_runners
    where worker_id not in (select id from queue.procrastinate_workers);
    for v_owner_id in select distinct owner_id from public.pipelines where state = 'queued' loop
        -- Whoever holds the lock promotes by themselves.
        if pg_try_advisory_xact_lock(hashtextextended('pipelines ' || v_owner_id, 0)) then
            v_promoted := v_promoted + private.promote_pipelines(v_owner_id);
        end if;
    end loop;
    return jsonb_build_object('stages', v_stages, 'promoted', v_promoted);
end;
$$;
comment on function public.recover_stages is 'Queue stages that have lost their job, book what cancelled attempts left reserved, and begin what waits although there is room: {stages, promoted}.';
revoke execute on function public.recover_stages from public, anon, authenticated;
grant execute on function public.recover_stages to service_role;

-- What workers do beside their jobs: recover what a killed worker left, forget what is old, report the state.

-- Jobs of workers whose heartbeat stopped go back to the queue, and answers that lost their job get a new one.
-- Any number of workers may call this at once; rows another is recovering are skipped.
create or replace function public.recover_stalled(p_seconds double precision) returns jsonb
language plpgsql
security invoker
set search_path = queue, pg_temp
as $$
declare
    v_job_id bigint;
    v_answer record;
    v_analysis record;
    v_rehearsal_id uuid;
    v_jobs integer := 0;
    v_answers integer := 0;
    v_analyses integer := 0;
    v_rehearsals integer := 0;
begin
    for v_job_id in
        select jobs.id from queue.procrastinate_jobs as jobs
        left join queue.procrastinate_workers as workers on workers.id = jobs.worker_id
        where jobs.status = 'doing'
            and (workers.id is null or workers.last_heartbeat < now() - make_interval(secs => p_seconds))
        for update of jobs skip locked
    loop
        perform queue.procrastinate_retry_job_v2(v_job_id, now(), null, null, null);
        v_jobs := v_jobs + 1;
    end loop;

    for v_answer in
        select answers.id from public.answers
        where answers.state in ('queued', 'working', 'deferred')
            and greatest(
                answers.received_at, answers.lease_until, answers.deferred_until, answers.decided_at
            ) < now() - interval '1 minute'
            and not exists (
                select from queue.procrastinate_jobs as jobs
                where jobs.status in ('todo', 'doing') and jobs.args ->> 'answer_id' = answers.id::text
            )
        for update of answers skip locked
    loop
        perform private.queue_answers(array[v_answer.id]);
        v_answers := v_answers + 1;
    end loop;

    for v_analysis in
        select analyses.id from public.analyses
        where analyses.state in ('queued', 'working') and analyses.leader_id is null
            and greatest(analyses.queued_at, analyses.lease_until) < now() - interval '1 minute'
            and not exists (
                select from queue.procrastinate_jobs as jobs
                where jobs.status in ('todo', 'doing') and jobs.args ->> 'analysis_id' = analyses.id::text
            )
        for update of analyses skip locked
    loop
        perform private.queue_analyses(array[v_analysis.id]);
        v_analyses := v_analyses + 1;
    end loop;

    for v_rehearsal_id in
        select rehearsals.id from public.rehearsals
        where rehearsals.state <> 'done' and rehearsals.created_at < now() - interval '1 minute'
            and not exists (
                select from queue.procrastinate_jobs as jobs
                where jobs.status in ('todo', 'doing') and jobs.args ->> 'rehearsal_id' = rehearsals.id::text
            )
        for update of rehearsals skip locked
    loop
        perform private.queue_rehearsal(v_rehearsal_id);
        v_rehearsals := v_rehearsals + 1;
    end loop;
    return jsonb_build_object(
        'jobs', v_jobs, 'answers', v_answers, 'analyses', v_analyses, 'rehearsals', v_rehearsals);
end;
$$;
comment on function public.recover_stalled is 'Requeue jobs of dead workers, and answers, analyses and rehearsals without a job: {jobs, answers, analyses, rehearsals} recovered.';
revoke execute on function public.recover_stalled from public, anon, authenticated;
grant execute on function public.recover_stalled to service_role;

-- Deletes at most p_limit rows of one table: after workers were away for long, all at once would take longer than a
-- statement may. Rows that another worker is deleting are left to it. The condition is asked twice: in another partition
-- another row may have the same place.
create or replace function private.delete_some(p_table regclass, p_condition text, p_limit integer) returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_deleted integer;
begin
    execute format(
        'delete from %1$s where ctid = any (array(select ctid from %1$s where %2$s limit $1 for update skip locked))'
        ' and (%2$s)',
        p_table, p_condition
    ) using p_limit;
    get diagnostics v_deleted = row_count;
    return v_deleted;
end;
$$;
comment on function private.delete_some is 'Delete at most p_limit rows that fulfil a condition (SQL of our own, never a caller''s): how many.';
revoke execute on function private.delete_some from public, anon, authenticated;
grant execute on function private.delete_some to service_role;

create or replace function public.purge_expired(p_limit integer default 5000) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_kind record;
    v_deleted integer;
    v_result jsonb := '{}';
    v_is_more boolean := false;
begin
    for v_kind in
        select * from (values
            ('deliveries', 'public.webhook_deliveries', 'received_at < now() - interval ''30 days'''),
            ('sessions', 'public.sessions', 'expires_at < now()'),
            ('windows', 'public.rate_windows', 'ends_at < now()'),
            ('handovers', 'public.plugin_handovers', 'expires_at < now() - interval ''1 hour'''),
            ('quotas', 'public.figma_quotas', 'limited_until < now() - interval ''30 days'''),
            ('samples', 'public.queue_samples', 'at < now() - interval ''92 days'''),
            ('hours', 'public.webhook_hourly', 'hour < now() - interval ''92 days'''),
            ('refusals', 'public.webhook_refusals', 'hour < now() - interval ''92 days'''),
            ('files', 'public.webhook_files', 'checked_at < now() - interval ''7 days'''),
            ('limits', 'public.author_limits', 'reached_at < now() - interval ''30 days'''),
            ('spending', 'public.unbilled_spending', 'day < (now() - interval ''92 days'')::date'),
            ('days', 'public.webhook_daily', 'day < private.reporting_day(now() - interval ''92 days'')'),
            ('alerts', 'public.alerts', 'at < now() - interval ''400 days'''),
            -- An hour longer than results are promised for: others may show the result of one for five minutes.
            ('analyses', 'public.analyses', 'settled_at < now() - interval ''25 hours'''
                ' and (state <> ''failed'' or settled_at < now() - interval ''30 days'')'),
            ('batches', 'public.analysis_batches', 'created_at < now() - interval ''25 hours'''
                ' and not exists (select from public.analyses where batch_id = analysis_batches.id'
                ' and state in (''queued'', ''working''))'),
            ('claims', 'public.analysis_claims', 'coalesce(expires_at, renew_by) < now() - interval ''1 hour'''),
            ('counters', 'public.analysis_windows', 'slot < extract(epoch from now()) / 900 - 96'),
            ('traces', 'public.answer_traces', 'at < now() - interval ''30 days'''),
            ('analysis_traces', 'public.answer_traces',
                'feature = ''analysis'' and at < now() - interval ''25 hours'''),
            ('reservations', 'public.spend_reservations', 'at < now() - interval ''8 days'''),
            ('stops', 'public.spend_stops', 'day < (now() - interval ''400 days'')::date'),
            ('outcomes', 'public.suggestion_outcomes', 'at < now() - interval ''400 days'''),
            ('advice', 'public.advice_outcomes', 'settled_at < now() - interval ''400 days'''),
            ('advice_hours', 'public.advice_hourly', 'hour < now() - interval ''400 days'''),
            ('advice_days', 'public.advice_daily', 'day < (now() - interval ''400 days'')::date'),
            ('context_days', 'public.advice_contexts_daily', 'day < (now() - interval ''400 days'')::date'),
            ('thumbs', 'public.advice_thumbs', 'at < now() - interval ''400 days'''),
            ('rehearsals', 'public.rehearsals', 'created_at < now() - interval ''7 days'''),
            ('ends', 'public.analysis_ends', 'at < now() - interval ''400 days'''),
            ('end_days', 'public.analysis_daily', 'day < private.reporting_day(now() - interval ''400 days'')'),
            ('time_days', 'public.analysis_times_daily', 'day < private.reporting_day(now() - interval ''400 days'')'),
            ('rule_days', 'public.analysis_rules_daily', 'day < private.reporting_day(now() - interval ''400 days'')'),
            ('limited', 'public.analysis_limited', 'hour < now() - interval ''400 days'''),
            -- Somebody who left is forgotten a day later: until then a runner may book what a model cost.
            ('pipelines', 'public.pipelines', 'ended_at < now() - case when file_key = '''' then interval ''1 day'''
                ' else interval ''400 days'' end'
                ' and not exists (select from public.pipeline_artifacts where pipeline_id = pipelines.id)'),
            ('runs', 'public.pipeline_history', 'ended_at < now() - interval ''400 days'''),
            ('built', 'public.pipeline_hourly', 'hour < now() - interval ''400 days'''),
            ('measures', 'public.pipeline_measures_hourly', 'hour < now() - interval ''400 days'''),
            ('built_days', 'public.pipeline_daily', 'day < private.reporting_day(now() - interval ''400 days'')'),
            ('measure_days', 'public.pipeline_measures_daily', 'day < private.reporting_day(now() - interval ''400 days'')'),
            ('renewals', 'public.refresh_failures', 'at < now() - interval ''1 day'''),
            ('facts', 'public.health_facts', 'told_at < now() - interval ''7 days'''),
            ('calls', 'public.model_calls', 'at < now() - interval ''400 days'''),
            ('uploads', 'public.provider_bills', 'state = ''loading'' and uploaded_at < now() - interval ''1 day'''
                ' or uploaded_at < now() - interval ''800 days''')
        ) as kinds (name, source, condition)
    loop
        v_deleted := private.delete_some(v_kind.source::regclass, v_kind.condition, p_limit);
        v_result := v_result || jsonb_build_object(v_kind.name, v_deleted);
        v_is_more := v_is_more or v_deleted >= p_limit;
    end loop;
    v_deleted := private.empty_payloads(null, p_limit);
    v_result := v_result || jsonb_build_object('payloads', v_deleted);
    -- Nobody waits for another's removal: of two that remove at once, one notes that it did.
    if pg_try_advisory_xact_lock(hashtextextended('note_retention', 0)) then
        perform private.note_retention(v_result);
    end if;
    v_is_more := v_is_more or v_deleted >= p_limit;
    -- Only when all old hours are deleted: days are counted from the hours that stay.
    if not v_is_more then
        perform private.count_webhook_days(private.reporting_zone());
        perform private.measure_pauses();
        perform private.tend_departures();
        v_is_more := private.count_analysis_days(private.reporting_zone(), 60);
        v_is_more := private.count_context_days(60) or v_is_more;
        v_is_more := private.count_pipeline_days(private.reporting_zone(), 20) or v_is_more;
    end if;
    return v_result || jsonb_build_object('is_more', v_is_more);
end;
$$;
comment on function public.purge_expired is 'Forget deliveries and what was sent to models after 30 days, what was delivered for deleted people, sessions, hand-overs and counts of rate limits that are over, analyses after 25 hours (dead letters of them after 30 days), and old rollups and alerts, at most p_limit rows of each kind: how many of each, and is_more: call again. Once nothing is left: count days of deliveries and pipelines that are over, and hours of analyses, measure the pauses of quiet webhooks, tend what deleted people left. Each kind is noted in retention_runs.';
revoke execute on function public.purge_expired from public, anon, authenticated;
grant execute on function public.purge_expired to service_role;

create or replace function private.waiting_stages() returns table (queue text, stages bigint, since timestamptz)
language sql
stable
security invoker
set search_path = ''
as $$
    select ready.queue_name::text, count(*), min(ready.since)
    from (
        select jobs.queue_name, coalesce(jobs.scheduled_at, (
            select max(events.at) from queue.procrastinate_events as events
            where events.job_id = jobs.id and events.type = 'deferred'
        )) as since
        from queue.procrastinate_jobs as jobs
        -- The job of a run that was cancelled stays until somebody looks at it.
        join public.pipelines as mine on mine.id = (jobs.args ->> 'pipeline_id')::uuid
            and mine.state = jobs.args ->> 'stage' and mine.round = (jobs.args ->> 'round')::integer
        where jobs.status = 'todo' and jobs.task_name = 'run_stage'
    ) as ready
    where ready.since <= now()
    group by ready.queue_name
$$;
comment on function private.waiting_stages is 'Stages of pipelines that a runner could take now, by queue (pipelines, builds): how many, and since when the oldest could be taken.';
revoke execute on function private.waiting_stages from public, anon, authenticated;
grant execute on function private.waiting_stages to service_role;

-- For /readyz and /metrics. Security definer with a check inside: operators may ask too, and cannot read the queue.
create or replace function public.queue_status() returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if current_setting('request.jwt.claims', true) is not null
        and coalesce((select auth.role()), '') <> 'service_role' and private.operator_role() is null
    then
        raise exception using errcode = '42501', message = 'only_operators_may_see_the_queue';
    end if;
    return (
        select jsonb_build_object(
            'queued', count(*) filter (where state = 'queued'),
            'working', count(*) filter (where state = 'working'),
            'deferred', count(*) filter (where state = 'deferred'),
            'dead_letters', (select count(*) from public.answers where state = 'failed')
                + (select count(*) from public.analyses where state = 'failed'),
            -- A worker whose clock is ahead may begin an answer before its time. It then counts as waiting since now.
            'oldest_seconds', greatest(0, coalesce(extract(epoch from now() - min(queued_at) filter (
                where state in ('queued', 'working'))), 0)),
            'workers', (
                select count(*) from queue.procrastinate_workers
                where last_heartbeat > now() - interval '30 seconds'
                    and id not in (select worker_id from public.pipeline_runners)
            ),
            'figma_limits', (select count(*) from public.figma_quotas where limited_until > now()),
            'builds_waiting', builds.waiting,
            'builds_working', (
                select count(*) from public.pipeline_stages
                where state = 'running' and stage in ('spec', 'test', 'gate', 'package')
            ),
            'builds_oldest_seconds', greatest(0, coalesce(extract(epoch from now() - builds.since), 0)),
            'builders', (
                select count(*) from queue.procrastinate_workers as alive
                join public.pipeline_runners as runners on runners.worker_id = alive.id
                where alive.last_heartbeat > now() - interval '30 seconds' and runners.queue in ('builds', '')
            )
        )
        from (select coalesce(sum(stages), 0) as waiting, min(since) as since from private.waiting_stages() where queue = 'builds')
            as builds
        left join (
            select state, queued_at from public.answers where state in ('queued', 'working', 'deferred')
            union all
            select state, queued_at from public.analyses
            where state in ('queued', 'working') and leader_id is null
        ) as open on true
        group by builds.waiting, builds.since
    );
end;
$$;
comment on function public.queue_status is 'Answers and analyses by state (those that wait for an equal analysis are left out), seconds since the oldest answer or analysis queued or in work could be taken (it arrived, was replayed, or its deferral ended: queued_at), dead letters, live workers. builds_…: stages that a builder could take now and those in work, seconds since the oldest could be taken, live builders.';
revoke execute on function public.queue_status from public, anon, authenticated;
grant execute on function public.queue_status to authenticated, service_role;

-- Each worker calls this; only the first call in a minute writes.
create or replace function public.sample_queue() returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.queue_samples (at, queued, working, deferred, dead_letters, oldest_seconds, workers)
    select date_trunc('minute', now()), now_.queued, now_.working, now_.deferred, now_.dead_letters,
        now_.oldest_seconds, now_.workers
    from jsonb_to_record(public.queue_status()) as now_ (
        queued integer, working integer, deferred integer, dead_letters integer, oldest_seconds double precision,
        workers integer
    )
    on conflict (at) do nothing
$$;
comment on function public.sample_queue is 'Write the state of the queue down, once a minute however many workers ask.';
revoke execute on function public.sample_queue from public, anon, authenticated;
grant execute on function public.sample_queue to service_role;

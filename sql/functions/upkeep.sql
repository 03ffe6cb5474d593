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
    v_jobs integer := 0;
    v_answers integer := 0;
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
    return jsonb_build_object('jobs', v_jobs, 'answers', v_answers);
end;
$$;
comment on function public.recover_stalled is 'Requeue jobs of dead workers and answers without a job: {jobs, answers} recovered.';
revoke execute on function public.recover_stalled from public, anon, authenticated;
grant execute on function public.recover_stalled to service_role;

create or replace function public.purge_expired() returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_deliveries integer;
    v_sessions integer;
begin
    delete from public.webhook_deliveries where received_at < now() - interval '30 days';
    get diagnostics v_deliveries = row_count;
    delete from public.sessions where expires_at < now();
    get diagnostics v_sessions = row_count;
    delete from public.plugin_handovers where expires_at < now() - interval '1 hour';
    delete from public.figma_quotas where limited_until < now() - interval '30 days';
    delete from public.queue_samples where at < now() - interval '92 days';
    delete from public.webhook_hourly where hour < now() - interval '92 days';
    delete from public.webhook_daily where day < private.reporting_day(now() - interval '92 days');
    perform private.count_webhook_days(private.reporting_zone());
    perform private.measure_pauses();
    delete from public.alerts where at < now() - interval '400 days';
    perform private.tend_departures();
    return jsonb_build_object('deliveries', v_deliveries, 'sessions', v_sessions);
end;
$$;
comment on function public.purge_expired is 'Forget deliveries after 30 days, and sessions and hand-overs that are over; count days of deliveries that are over and measure the pauses of quiet webhooks; tend what deleted people left.';
revoke execute on function public.purge_expired from public, anon, authenticated;
grant execute on function public.purge_expired to service_role;

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
        raise exception 'Only operators may see the queue.' using errcode = '42501';
    end if;
    return (
        select jsonb_build_object(
            'queued', count(*) filter (where state = 'queued'),
            'working', count(*) filter (where state = 'working'),
            'deferred', count(*) filter (where state = 'deferred'),
            'dead_letters', (select count(*) from public.answers where state = 'failed'),
            'oldest_seconds', coalesce(extract(epoch from now() - min(received_at) filter (
                where state in ('queued', 'working'))), 0),
            'workers', (
                select count(*) from queue.procrastinate_workers
                where last_heartbeat > now() - interval '30 seconds'
            ),
            'figma_limits', (select count(*) from public.figma_quotas where limited_until > now())
        )
        from public.answers where state in ('queued', 'working', 'deferred')
    );
end;
$$;
comment on function public.queue_status is 'Queue depth by state, age of the oldest open answer in seconds, dead letters, live workers.';
revoke execute on function public.queue_status from public, anon, authenticated;
grant execute on function public.queue_status to authenticated, service_role;

-- Each worker calls this; the first of a minute writes.
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

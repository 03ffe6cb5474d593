-- The queue and Figma's quotas over time, each from its own rollup.

create or replace function private.roll_up_queue() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    insert into public.queue_hourly as h (hour, waiting, deferred, dead_letters, oldest_seconds, workers, samples)
    select date_trunc('hour', at, 'UTC'), max(queued + working), max(deferred), max(dead_letters),
        max(oldest_seconds), min(workers), count(*)
    from written
    group by 1
    order by 1
    on conflict (hour) do update
        set waiting = greatest(h.waiting, excluded.waiting), deferred = greatest(h.deferred, excluded.deferred),
            dead_letters = greatest(h.dead_letters, excluded.dead_letters),
            oldest_seconds = greatest(h.oldest_seconds, excluded.oldest_seconds),
            workers = least(h.workers, excluded.workers), samples = h.samples + excluded.samples;
    return null;
end;
$$;
comment on function private.roll_up_queue() is 'Trigger: adds new samples of the queue to their hours.';
revoke execute on function private.roll_up_queue() from public, anon, authenticated;
create or replace trigger queue_samples_hourly after insert on public.queue_samples
    referencing new table as written for each statement execute function private.roll_up_queue();

create or replace function private.rebuild_queue() returns void
language sql
security invoker
set search_path = ''
as $$
    delete from public.queue_hourly where hour >= (select date_trunc('hour', min(at), 'UTC') from public.queue_samples);
    insert into public.queue_hourly
    select date_trunc('hour', at, 'UTC'), max(queued + working), max(deferred), max(dead_letters),
        max(oldest_seconds), min(workers), count(*)
    from public.queue_samples
    group by 1
    on conflict (hour) do nothing;
$$;
comment on function private.rebuild_queue is 'queue_hourly anew, as far back as there are samples.';
revoke execute on function private.rebuild_queue from public, anon, authenticated;
grant execute on function private.rebuild_queue to service_role;

create or replace function public.queue_course(p_starts timestamptz[], p_to timestamptz)
returns table (
    at timestamptz, waiting integer, deferred integer, dead_letters integer, oldest_seconds double precision,
    workers integer, samples bigint
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
#variable_conflict use_column
begin
    perform private.require_support();
    if coalesce(p_starts[2], p_to) - p_starts[1] >= interval '1 hour' then
        return query
            select p_starts[width_bucket(h.hour, p_starts)], max(h.waiting), max(h.deferred), max(h.dead_letters),
                max(h.oldest_seconds), min(h.workers), sum(h.samples)::bigint
            from public.queue_hourly as h
            where h.hour >= p_starts[1] and h.hour < p_to
            group by 1
            order by 1;
        return;
    end if;
    return query
        select p_starts[width_bucket(s.at, p_starts)], max(s.queued + s.working), max(s.deferred), max(s.dead_letters),
            max(s.oldest_seconds), min(s.workers), count(*)
        from public.queue_samples as s
        where s.at >= p_starts[1] and s.at < p_to
        group by 1
        order by 1;
end;
$$;
comment on function public.queue_course is 'Per step the deepest queue (waiting and in work), its oldest answer in seconds, and the fewest workers, from one sample a minute: of steps shorter than an hour from queue_samples, else from queue_hourly, whole UTC hours.';
revoke execute on function public.queue_course from public, anon, authenticated;
grant execute on function public.queue_course to authenticated, service_role;

create or replace function public.figma_quota_list()
returns table (
    figma_user_id text, handle text, file_key text, file_name text, tier smallint, plan_tier text, limit_type text,
    limited_until timestamptz, refusals integer, upgrade_link text, updated_at timestamptz, reads_7d bigint,
    put_off bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
    select q.figma_user_id, users.handle, q.file_key, coalesce(latest.file_name, ''), q.tier, q.plan_tier,
        q.limit_type, q.limited_until, q.refusals, q.upgrade_link, q.updated_at, counted.reads, counted.put_off
    from public.figma_quotas as q
    left join public.users on users.figma_user_id = q.figma_user_id
    left join lateral (
        select a.file_name from public.answers as a
        where a.file_key = q.file_key and a.file_name <> '' order by a.received_at desc limit 1
    ) as latest on true
    cross join lateral (
        select (
            select count(*) from public.answers as a
            where a.file_key = q.file_key and a.received_at > now() - interval '7 days' and a.design_state = 'read'
        ) as reads, (
            select count(*) from public.answers as a where a.file_key = q.file_key and a.state = 'deferred'
        ) as put_off
    ) as counted
    where private.require_support()
    order by q.limited_until desc
    limit 500
$$;
comment on function public.figma_quota_list is 'What Figma said when a quota was used up, longest first; reads_7d: answers of seven days that read the design of that file (one tier 1 call each); put_off: answers waiting there now.';
revoke execute on function public.figma_quota_list from public, anon, authenticated;
grant execute on function public.figma_quota_list to authenticated, service_role;

-- Samples that are older than their rollup by hour are counted into it once, by the deploy that adds it.
do $$
begin
    if not exists (select from public.queue_hourly) and exists (select from public.queue_samples) then
        perform private.rebuild_queue();
    end if;
end;
$$;

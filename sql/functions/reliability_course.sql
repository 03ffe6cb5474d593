-- The queue, the deliveries of webhooks and Figma's quotas over time, each from its own rollup.

create or replace function public.queue_course(p_starts timestamptz[], p_to timestamptz)
returns table (
    at timestamptz, waiting integer, deferred integer, dead_letters integer, oldest_seconds double precision,
    workers integer, samples bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
    select p_starts[width_bucket(s.at, p_starts)], max(s.queued + s.working), max(s.deferred), max(s.dead_letters),
        max(s.oldest_seconds), min(s.workers), count(*)
    from public.queue_samples as s
    where s.at >= p_starts[1] and s.at < p_to
    group by 1
    order by 1
$$;
comment on function public.queue_course is 'Per step the deepest queue (waiting and in work), its oldest answer in seconds, and the fewest workers, from one sample a minute.';
revoke execute on function public.queue_course from public, anon, authenticated;
grant execute on function public.queue_course to authenticated, service_role;

create or replace function public.delivery_course(
    p_starts timestamptz[], p_to timestamptz, p_webhook_id uuid default null
) returns table (at timestamptz, outcome text, deliveries bigint, redeliveries bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select p_starts[width_bucket(h.hour, p_starts)], h.outcome, sum(h.deliveries)::bigint, sum(h.redeliveries)::bigint
    from public.webhook_hourly as h
    where h.hour >= p_starts[1] and h.hour < p_to and (p_webhook_id is null or h.webhook_id = p_webhook_id)
    group by 1, 2
    order by 1, 2
$$;
comment on function public.delivery_course is 'Deliveries (redeliveries included) per step and outcome, of one webhook or of all.';
revoke execute on function public.delivery_course from public, anon, authenticated;
grant execute on function public.delivery_course to authenticated, service_role;

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
        select count(*) filter (where a.design_state = 'read' and a.received_at > now() - interval '7 days') as reads,
            count(*) filter (where a.state = 'deferred') as put_off
        from public.answers as a where a.file_key = q.file_key
    ) as counted
    order by q.limited_until desc
    limit 500
$$;
comment on function public.figma_quota_list is 'What Figma said when a quota was used up, longest first; reads_7d: answers of seven days that read the design of that file (one tier 1 call each); put_off: answers waiting there now.';
revoke execute on function public.figma_quota_list from public, anon, authenticated;
grant execute on function public.figma_quota_list to authenticated, service_role;

-- After an account is deleted, a job of the worker removes its webhooks at Figma too, and then the connection. The same
-- job removes a webhook that its owner removed while Figma could not be reached. A problem is a sentence, not a code: it
-- is mostly Figma's answer in words of the service, and is kept and exported as it was.

-- The queue's own function names its tables without a schema, hence the search path.
create or replace function private.queue_departure(p_user_id uuid) returns void
language sql
security invoker
set search_path = queue, pg_temp
as $$
    select queue.procrastinate_defer_jobs_v1(array[row(
        'answers', 'remove_webhooks', 0, 'departure:' || p_user_id, null, jsonb_build_object('user_id', p_user_id), null
    )::queue.procrastinate_job_to_defer_v1])
$$;
comment on function private.queue_departure is 'Queue the job that removes at Figma what a person has left to be removed there.';
revoke execute on function private.queue_departure from public, anon, authenticated;
grant execute on function private.queue_departure to service_role;

-- Called while the webhooks are still unchanged. Without a usable connection, only their owner can remove them.
create or replace function private.start_departure(p_user_id uuid) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_is_usable boolean := exists (
        select from public.figma_tokens where user_id = p_user_id and revoked_at is null
    );
begin
    insert into public.webhook_removals (id, user_id, problem, outcome, closed_at)
    select w.id, p_user_id,
        case when v_is_usable then '' else 'Figma no longer accepted their connection.' end,
        case when not v_is_usable then 'left' end, case when not v_is_usable then now() end
    from public.user_webhooks as w
    where w.user_id = p_user_id and w.state <> 'deleted' and w.figma_webhook_id is not null
    on conflict (id) do nothing;
    if exists (select from public.webhook_removals where user_id = p_user_id and outcome is null) then
        perform private.queue_departure(p_user_id);
    else
        delete from public.figma_tokens where user_id = p_user_id;
    end if;
end;
$$;
comment on function private.start_departure is 'Note which webhooks of a person have to be removed at Figma and queue it; without any, forget the connection at once.';
revoke execute on function private.start_departure from public, anon, authenticated;
grant execute on function private.start_departure to service_role;

create or replace function public.leave_webhook(p_user_id uuid, p_webhook_id uuid, p_problem text) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_webhook jsonb := public.change_webhook(p_user_id, p_webhook_id, 'deleted', null);
begin
    insert into public.webhook_removals (id, user_id, problem) values (p_webhook_id, p_user_id, p_problem)
    on conflict (id) do nothing;
    if found then
        perform private.queue_departure(p_user_id);
    end if;
    return v_webhook;
end;
$$;
comment on function public.leave_webhook is 'Delete one''s own webhook here, and queue its removal at Figma, which failed for now because of p_problem. Safe to call again.';
revoke execute on function public.leave_webhook from public, anon, authenticated;
grant execute on function public.leave_webhook to service_role;

create or replace function private.forget_departed(p_user_id uuid) returns void
language sql
security invoker
set search_path = ''
as $$
    delete from public.figma_tokens as t
    using public.users
    where t.user_id = p_user_id and users.id = t.user_id and users.state = 'deleted'
        and not exists (select from public.webhook_removals as r where r.user_id = t.user_id and r.outcome is null)
$$;
comment on function private.forget_departed is 'Destroy the connection of a deleted person of whom nothing is left to be removed at Figma.';
revoke execute on function private.forget_departed from public, anon, authenticated;
grant execute on function private.forget_departed to service_role;

create or replace function private.close_departures(p_user_id uuid) returns void
language sql
security invoker
set search_path = ''
as $$
    -- In one order, so that a person's own job and the daily check of everybody cannot deadlock.
    with closing as (
        select r.id, w.figma_webhook_id is null as is_taken_over
        from public.webhook_removals as r join public.user_webhooks as w on w.id = r.id
        where r.outcome is null and (p_user_id is null or r.user_id = p_user_id)
            and (w.figma_webhook_id is null or r.asked_at < now() - interval '7 days')
        order by r.id for update of r
    )
    update public.webhook_removals as r
    set closed_at = now(), outcome = case when is_taken_over then 'taken_over' else 'left' end,
        problem = case when is_taken_over then '' else 'Given up after seven days. ' || r.problem end
    from closing where r.id = closing.id
$$;
comment on function private.close_departures is 'Close removals that are no longer needed (the webhook belongs to a newer row) or too old; NULL: of everybody.';
revoke execute on function private.close_departures from public, anon, authenticated;
grant execute on function private.close_departures to service_role;

create or replace function public.departing_webhooks(p_user_id uuid) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform private.close_departures(p_user_id);
    perform private.forget_departed(p_user_id);
    return jsonb_build_object(
        'token', (
            select jsonb_build_object(
                'user_id', t.user_id, 'access_token_encrypted', t.access_token_encrypted, 'expires_at', t.expires_at,
                'version', t.version, 'is_revoked', t.revoked_at is not null
            )
            from public.figma_tokens as t where t.user_id = p_user_id
        ),
        'webhooks', coalesce((
            select jsonb_agg(jsonb_build_object('id', r.id, 'figma_webhook_id', w.figma_webhook_id, 'tries', r.tries)
                order by r.id)
            from public.webhook_removals as r join public.user_webhooks as w on w.id = r.id
            where r.user_id = p_user_id and r.outcome is null
        ), '[]'::jsonb)
    );
end;
$$;
comment on function public.departing_webhooks is 'What is left to be removed at Figma for a person, with the connection to do it: {token, webhooks: [{id, figma_webhook_id, tries}]}. Older than seven days is given up first.';
revoke execute on function public.departing_webhooks from public, anon, authenticated;
grant execute on function public.departing_webhooks to service_role;

create or replace function public.note_departed_webhook(p_webhook_id uuid, p_outcome text, p_problem text) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_user_id uuid;
begin
    update public.webhook_removals
    set outcome = p_outcome, problem = p_problem, closed_at = case when p_outcome is not null then now() end,
        tries = tries + case when p_outcome is null then 1 else 0 end
    where id = p_webhook_id and outcome is null
    returning user_id into v_user_id;
    perform private.forget_departed(v_user_id);
end;
$$;
comment on function public.note_departed_webhook is 'What came of one removal: removed, left, or NULL for "try again". After the last one the connection is destroyed. Safe to call again.';
revoke execute on function public.note_departed_webhook from public, anon, authenticated;
grant execute on function public.note_departed_webhook to service_role;

-- A job can get lost when an older worker, which does not know its task, takes it.
create or replace function private.tend_departures() returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_user_id uuid;
begin
    perform private.close_departures(null);
    for v_user_id in
        select users.id from public.users
        where users.state = 'deleted' and exists (select from public.figma_tokens as t where t.user_id = users.id)
            or exists (select from public.webhook_removals as r where r.user_id = users.id and r.outcome is null)
        order by users.id
    loop
        perform private.forget_departed(v_user_id);
        if exists (select from public.webhook_removals as r where r.user_id = v_user_id and r.outcome is null)
            and not exists (
                select from queue.procrastinate_jobs as jobs
                where jobs.status in ('todo', 'doing') and jobs.args ->> 'user_id' = v_user_id::text
            )
        then
            perform private.queue_departure(v_user_id);
        end if;
    end loop;
end;
$$;
comment on function private.tend_departures is 'Daily and when a worker starts: give up what is too old, queue again what lost its job, forget connections that are no longer needed.';
revoke execute on function private.tend_departures from public, anon, authenticated;
grant execute on function private.tend_departures to service_role;

-- "Ask me first": the owner of a webhook sees a drafted reply before it is posted. It keeps its reserved use while it
-- waits, and is posted by the same job, once, as every other.

create or replace function private.preview_of(p_answer public.answers, p_webhook public.user_webhooks) returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_preview public.answer_previews;
begin
    if p_answer.decision <> 'answer' then
        return null;
    end if;
    select * into v_preview from public.answer_previews where answer_id = p_answer.id;
    if found then
        return case when v_preview.state = 'waiting' and v_preview.until <= now() then 'expired' else v_preview.state end;
    end if;
    if p_webhook.preview = 'always' or p_webhook.preview = 'first' and not exists (
        select from public.answers as others
        where others.file_key = p_answer.file_key and others.decision = 'answer' and others.state = 'answered'
    ) then
        return 'ask';
    end if;
    return null;
end;
$$;
comment on function private.preview_of is 'What becomes of a draft: ask (the owner looks first), waiting, post, drop, expired; NULL: it is posted at once.';
revoke execute on function private.preview_of from public, anon, authenticated;
grant execute on function private.preview_of to service_role;

-- Called again for a draft that waits, it keeps the time.
create or replace function public.hold_answer(
    p_answer_id uuid, p_attempt integer, p_draft jsonb, p_seconds double precision, p_notice_comment_id text
) returns timestamptz
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_until timestamptz;
    v_webhook_id uuid;
begin
    select webhook_id into v_webhook_id from public.answers
    where id = p_answer_id and attempt = p_attempt and state = 'working' for update;
    if v_webhook_id is null then
        raise exception using errcode = 'PT409', message = 'another_attempt_has_taken_over';
    end if;
    insert into public.answer_previews (answer_id, webhook_id, until)
    values (p_answer_id, v_webhook_id, now() + make_interval(secs => p_seconds))
    on conflict (answer_id) do nothing;
    select until into v_until from public.answer_previews where answer_id = p_answer_id;
    perform public.defer_answer(p_answer_id, p_attempt, v_until, 'awaiting_owner', p_draft, p_notice_comment_id);
    return v_until;
end;
$$;
comment on function public.hold_answer is 'Keep a drafted reply and its reserved use until the owner of its webhook decides, at most p_seconds: when it expires.';
revoke execute on function public.hold_answer from public, anon, authenticated;
grant execute on function public.hold_answer to service_role;

create or replace function public.list_previews(p_user_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'answer_id', answers.id, 'author_handle', answers.author_handle, 'question', answers.question,
        'file_key', answers.file_key, 'file_name', answers.file_name, 'root_comment_id', answers.root_comment_id,
        'body', coalesce(answers.draft ->> 'body', ''),
        'links', coalesce(answers.draft -> 'links', '[]'), 'asked_at', previews.asked_at, 'until', previews.until
    ) order by previews.asked_at, answers.id), '[]'::jsonb)
    from public.user_webhooks as webhooks
    join public.answer_previews as previews on previews.webhook_id = webhooks.id
    join public.answers on answers.id = previews.answer_id
    where webhooks.user_id = p_user_id and webhooks.state <> 'deleted' and previews.state = 'waiting'
        and previews.until > now() and answers.state = 'deferred'
$$;
comment on function public.list_previews is 'Drafted replies that wait for a person to post, edit or drop them, oldest first.';
revoke execute on function public.list_previews from public, anon, authenticated;
grant execute on function public.list_previews to service_role;

-- The text of an edited draft is composed anew by the worker, by the rules of every reply. The job that was scheduled
-- for the end of the wait then finds the answer done.
create or replace function public.decide_preview(
    p_user_id uuid, p_answer_id uuid, p_choice text, p_body text default null
) returns text
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_answer public.answers;
    v_preview public.answer_previews;
begin
    select * into v_answer from public.answers where id = p_answer_id for update;
    select previews.* into v_preview
    from public.answer_previews as previews
    join public.user_webhooks as webhooks on webhooks.id = previews.webhook_id
    where previews.answer_id = p_answer_id and webhooks.user_id = p_user_id and webhooks.state <> 'deleted'
    for update of previews;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_preview';
    end if;
    if v_preview.state = p_choice then
        return v_preview.state;
    end if;
    if v_preview.state <> 'waiting' or v_preview.until <= now() or v_answer.state <> 'deferred' then
        raise exception using errcode = 'PT409', message = 'preview_over';
    end if;
    update public.answer_previews
    set state = p_choice, decided_at = now(),
        is_edited = p_choice = 'post' and p_body is not null and p_body <> v_answer.draft ->> 'body'
    where answer_id = p_answer_id returning * into v_preview;
    update public.answers
    set deferred_until = now(), queued_at = now(),
        draft = case when v_preview.is_edited then draft || jsonb_build_object('body', p_body, 'text', '') else draft end
    where id = p_answer_id;
    perform private.queue_answers(array[p_answer_id]);
    return v_preview.state;
end;
$$;
comment on function public.decide_preview is 'The owner of its webhook lets a drafted reply be posted (post, with p_body in other words) or not (drop). Safe to call again. PT409 where it is decided otherwise or has expired.';
revoke execute on function public.decide_preview from public, anon, authenticated;
grant execute on function public.decide_preview to service_role;

create or replace function private.drop_previews(p_webhook_id uuid) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_ids uuid[] := array(
        select answers.id from public.answers
        where id in (select answer_id from public.answer_previews where webhook_id = p_webhook_id and state = 'waiting')
        order by id for update
    );
begin
    update public.answer_previews set state = 'drop', decided_at = now()
    where answer_id = any (v_ids) and state = 'waiting';
    update public.answers set deferred_until = now(), queued_at = now() where id = any (v_ids) and state = 'deferred';
    perform private.queue_answers(array(select id from public.answers where id = any (v_ids) and state = 'deferred'));
end;
$$;
comment on function private.drop_previews is 'Drop the drafts that wait for the owner of a webhook that is removed: their uses are given back.';
revoke execute on function private.drop_previews from public, anon, authenticated;
grant execute on function private.drop_previews to service_role;

create or replace function public.set_webhook_preview(
    p_user_id uuid, p_webhook_id uuid, p_preview text
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_webhook public.user_webhooks;
begin
    update public.user_webhooks set preview = p_preview
    where id = p_webhook_id and user_id = p_user_id and state <> 'deleted'
    returning * into v_webhook;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_webhook_of_yours';
    end if;
    return private.webhook_json(v_webhook);
end;
$$;
comment on function public.set_webhook_preview is 'Choose whether answers of one''s own webhook wait for their owner: off, first (the first one of each file) or always.';
revoke execute on function public.set_webhook_preview from public, anon, authenticated;
grant execute on function public.set_webhook_preview to service_role;

-- One owner at a time, and each at most once an hour: what comes meanwhile is told in the next mail, if it still waits.
create or replace function public.take_preview_mail() returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_user_id uuid;
    v_mail jsonb;
begin
    select webhooks.user_id, jsonb_build_object(
        'email', min(users.email), 'drafts', count(*), 'until', min(previews.until))
    into v_user_id, v_mail
    from public.user_webhooks as webhooks
    join public.users on users.id = webhooks.user_id and users.state = 'active' and users.email <> ''
    join public.answer_previews as previews
        on previews.webhook_id = webhooks.id and previews.asked_at > now() - interval '1 day'
    left join public.preview_mails as told on told.user_id = webhooks.user_id
    where webhooks.state <> 'deleted' and previews.state = 'waiting' and previews.until > now()
        and coalesce(told.at, '-infinity') < now() - interval '1 hour'
    group by webhooks.user_id, told.at
    -- One that they know of is told again only beside a new one.
    having max(previews.asked_at) > coalesce(told.at, '-infinity')
    order by min(previews.asked_at)
    limit 1;
    if not found then
        return null;
    end if;
    insert into public.preview_mails as told (user_id) values (v_user_id)
    on conflict (user_id) do update set at = now() where told.at < now() - interval '1 hour';
    return case when found then v_mail end;
end;
$$;
comment on function public.take_preview_mail is 'Whom to tell next by mail that drafted replies wait: {email, drafts, until: when the first of them expires}; null: nobody. Each is given out once.';
revoke execute on function public.take_preview_mail from public, anon, authenticated;
grant execute on function public.take_preview_mail to service_role;

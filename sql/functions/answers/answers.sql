-- The start of an answer: decide once, reserve a use, take an attempt, and return what the worker needs.

-- Whoever wrote "stop" is still told that it took effect.
create or replace function private.is_muted(p_answer public.answers) returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return p_answer.command is distinct from 'stop' and exists (
        select from public.thread_mutes
        where file_key = p_answer.file_key and root_comment_id = p_answer.root_comment_id
    );
end;
$$;
comment on function private.is_muted is 'Whether the thread of an answer gets no replies now, but for the one to "stop" itself.';
revoke execute on function private.is_muted from public, anon, authenticated;
grant execute on function private.is_muted to service_role;

-- Start or restart the job of an answer. Nothing is decided before Figma has confirmed the comment. Until p_comment
-- brings Figma's own text (private.confirm_comment), the result says where to look. Its decision is "done", so that a
-- worker that does not know how to look stops there.
-- The first attempt decides and reserves. Later ones get the same decision back, unless the thread was muted while the
-- answer was deferred. That is checked here and not when "stop" is decided: whoever begins an answer locks the answer
-- and its payer's balance, so the order of private.lock_steps holds.
-- If an earlier attempt was allowed to post, its reply may already be in the thread: the worker looks for it first.
-- Each attempt gets a higher fencing number. A call for a finished answer only says so and changes nothing.
create or replace function public.begin_answer(
    p_answer_id uuid, p_answers_per_minute integer, p_loop_replies integer, p_loop_window_seconds integer,
    p_lease_seconds double precision, p_comment jsonb default null, p_author_replies integer default 50,
    p_unbilled_microusd bigint default 1000000
) returns jsonb
language plpgsql
security invoker
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
declare
    v_answer public.answers;
begin
    select * into v_answer from public.answers where id = p_answer_id for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_answer';
    end if;
    if v_answer.state in ('answered', 'refused', 'ignored', 'failed') then
        return jsonb_build_object('decision', 'done', 'state', v_answer.state, 'reason', v_answer.reason);
    end if;

    if v_answer.decision is null then
        if v_answer.confirmed_at is null then
            if p_comment is null then
                return jsonb_build_object('decision', 'done', 'state', v_answer.state, 'reason', '', 'look',
                    private.look_of(v_answer, (select context from public.user_webhooks where id = v_answer.webhook_id)));
            end if;
            v_answer := private.confirm_comment(v_answer, p_comment);
        end if;
        v_answer := private.decide_answer(
            v_answer, p_answers_per_minute, p_loop_replies, p_loop_window_seconds, p_author_replies, p_unbilled_microusd);
        v_answer := private.hold_back(v_answer, p_answers_per_minute);
    elsif v_answer.posting_until is null and private.is_muted(v_answer) then
        perform public.release_use(p_answer_id, v_answer.attempt, 'thread_muted', '', '{}');
        select * into v_answer from public.answers where id = p_answer_id;
        return private.answer_job(v_answer, p_loop_replies, p_loop_window_seconds);
    end if;
    v_answer.attempt := v_answer.attempt + 1;
    v_answer.state := case
        when v_answer.decision <> 'ignore' then 'working'
        when v_answer.reason = 'loop_breaker' then 'refused'
        else 'ignored'
    end;
    v_answer.lease_until := now() + make_interval(secs => p_lease_seconds);
    update public.answers
    set state = v_answer.state, decision = v_answer.decision, decided_at = v_answer.decided_at,
        reason = v_answer.reason, attempt = v_answer.attempt, lease_until = v_answer.lease_until,
        payer_id = v_answer.payer_id, plan_code = v_answer.plan_code, context_user_id = v_answer.context_user_id,
        context_version = v_answer.context_version, deferred_until = null,
        settled_at = case when v_answer.decision = 'ignore' then now() end,
        author_figma_id = v_answer.author_figma_id, author_handle = v_answer.author_handle,
        root_comment_id = v_answer.root_comment_id, question = v_answer.question, command = v_answer.command,
        asked_at = v_answer.asked_at, confirmed_at = v_answer.confirmed_at, hint = v_answer.hint,
        failures = v_answer.failures
    where id = p_answer_id;
    if v_answer.state = 'refused' then
        perform private.write_usage(array[p_answer_id], array['{}'::jsonb], array[null::uuid]);
    end if;
    return private.answer_job(v_answer, p_loop_replies, p_loop_window_seconds);
end;
$$;
comment on function public.begin_answer is 'Decide once, reserve a use, take the next attempt: everything a worker needs to do the job; {decision: done, look} where Figma has to be asked first.';
revoke execute on function public.begin_answer from public, anon, authenticated;
grant execute on function public.begin_answer to service_role;

create or replace function private.answer_job(
    p_answer public.answers, p_loop_replies integer, p_loop_window_seconds integer
) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return (
        select jsonb_build_object(
            'decision', p_answer.decision, 'state', p_answer.state, 'reason', p_answer.reason, 'id', p_answer.id,
            'run', p_answer.run, 'attempt', p_answer.attempt, 'failures', p_answer.failures, 'excused', p_answer.excused,
            'file_key', p_answer.file_key,
            'file_name', p_answer.file_name, 'comment_id', p_answer.comment_id,
            'root_comment_id', p_answer.root_comment_id, 'author_figma_id', p_answer.author_figma_id,
            'author_handle', p_answer.author_handle, 'question', p_answer.question, 'command', p_answer.command,
            'asked_at', p_answer.asked_at, 'received_at', p_answer.received_at, 'decided_at', p_answer.decided_at,
            'request_id', p_answer.request_id,
            'trace_parent', p_answer.trace_parent, 'draft', p_answer.draft,
            'notice_comment_id', p_answer.notice_comment_id, 'context_user_id', p_answer.context_user_id,
            'context_version', p_answer.context_version, 'payer_id', p_answer.payer_id,
            'author_is_connected', coalesce(author.id = p_answer.payer_id, false),
            'usage', case when p_answer.payer_id is not null then private.usage_summary(p_answer.payer_id) end,
            'flags', private.flags_of(p_answer.payer_id, webhook.user_id),
            'replies_in_thread', private.replies_in_a_row(
                p_answer, p_loop_replies, p_loop_window_seconds,
                greatest(coalesce(p_answer.asked_at, p_answer.received_at), now() - interval '10 minutes'), 'infinity'
            ),
            'preview', case when webhook.preview <> 'off' or p_answer.failure_message = 'awaiting_owner'
                then private.preview_of(p_answer, webhook) end,
            'is_muted', private.is_muted(p_answer),
            'thread_is_told', exists (
                select from public.answers as others
                where others.file_key = p_answer.file_key and others.root_comment_id = p_answer.root_comment_id
                    and others.notice_comment_id is not null and others.deferred_until > now()
            ),
            'tokens', coalesce((
                select jsonb_agg(
                    public.get_figma_token(users.id)
                        || jsonb_build_object('is_owner', users.id = webhook.user_id)
                    order by (users.id = webhook.user_id) desc
                )
                from public.users
                join public.figma_tokens on figma_tokens.user_id = users.id and figma_tokens.revoked_at is null
                where users.id in (webhook.user_id, author.id) and users.state <> 'deleted'
            ), '[]'::jsonb),
            'figma_limits', coalesce((
                select jsonb_agg(to_jsonb(figma_quotas))
                from public.figma_quotas
                where figma_quotas.file_key = p_answer.file_key and figma_quotas.limited_until > now()
            ), '[]'::jsonb),
            'ignored', private.ignored_in_file(p_answer.context_user_id, p_answer.file_key),
            -- How many calls of Figma an account has: as Figma last said with a 429, or by how many were made.
            'figma_seats', coalesce((
                select jsonb_agg(jsonb_build_object(
                    'figma_user_id', q.figma_user_id, 'limit_type', q.limit_type, 'plan_tier', q.plan_tier
                ) order by q.updated_at)
                from public.figma_quotas as q
                where q.file_key = p_answer.file_key and q.limit_type <> ''
            ), '[]'::jsonb),
            'design_reads', (
                select count(*) from (
                    select from public.answers as others
                    where others.file_key = p_answer.file_key and others.design_state = 'read'
                        and others.received_at > now() - interval '28 days'
                    limit 100
                ) as counted
            )
        )
        from (select 1) as one
        left join public.user_webhooks as webhook on webhook.id = p_answer.webhook_id
        left join public.users as author
            on author.figma_user_id = p_answer.author_figma_id and author.state <> 'deleted'
    );
end;
$$;
comment on function private.answer_job is 'What a worker needs to know about one answer, in one object.';
revoke execute on function private.answer_job from public, anon, authenticated;
grant execute on function private.answer_job to service_role;

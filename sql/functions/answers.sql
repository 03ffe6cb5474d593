-- The life of an answer: decide and reserve, draft, post, settle, or release with a reason.

-- Take one use of the payer's plan, or say why not. The balance row is updated only while a use is left, so
-- fifty comments at once with one use left reserve one.
create or replace function private.reserve_use(p_answer public.answers, p_answers_per_minute integer)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_plan record;
    v_left integer;
    v_recent integer;
begin
    select * into v_plan from private.plan_in_force(p_answer.payer_id);
    v_plan.uses := v_plan.uses + private.granted_uses(p_answer.payer_id, v_plan.code, v_plan.period_start);
    insert into public.use_balances (user_id, plan_code, period_start)
    values (p_answer.payer_id, v_plan.code, v_plan.period_start)
    on conflict do nothing;
    update public.use_balances set reserved = reserved + 1
    where user_id = p_answer.payer_id and plan_code = v_plan.code and period_start = v_plan.period_start
        and used + reserved < v_plan.uses
    returning v_plan.uses - used - reserved into v_left;
    if not found then
        return jsonb_build_object(
            'plan_code', v_plan.code,
            'reason', case v_plan.code when 'trial' then 'trial_used_up' else 'plan_used_up' end
        );
    end if;

    select count(*) into v_recent from public.answers
    where author_figma_id = p_answer.author_figma_id and decision = 'answer'
        and decided_at > now() - interval '1 minute';
    if v_recent >= p_answers_per_minute then
        update public.use_balances set reserved = reserved - 1
        where user_id = p_answer.payer_id and plan_code = v_plan.code and period_start = v_plan.period_start;
        return jsonb_build_object('plan_code', v_plan.code, 'reason', 'too_fast');
    end if;

    insert into public.use_receipts (answer_id, run, user_id, plan_code, period_start)
    values (p_answer.id, p_answer.run, p_answer.payer_id, v_plan.code, v_plan.period_start);
    return jsonb_build_object('plan_code', v_plan.code);
end;
$$;
comment on function private.reserve_use is 'Reserve one use of the payer''s plan: {plan_code} or {plan_code, reason} when refused.';
revoke execute on function private.reserve_use from public, anon, authenticated;
grant execute on function private.reserve_use to service_role;

-- What to do with one addressed comment: {decision, reason} and who pays, in one step.
create or replace function private.decide_answer(
    p_answer public.answers, p_answers_per_minute integer, p_loop_replies integer, p_loop_window_seconds integer
) returns public.answers
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_answer public.answers := p_answer;
    v_author public.users;
    v_owner public.users;
    v_webhook public.user_webhooks;
    v_asked_at timestamptz := coalesce(p_answer.asked_at, p_answer.received_at);
    v_replies integer;
    v_reserved jsonb;
begin
    v_answer.decided_at := now();
    if p_answer.command is distinct from 'resume' and exists (
        select from public.thread_mutes
        where file_key = p_answer.file_key and root_comment_id = p_answer.root_comment_id
    ) then
        v_answer.decision := 'ignore';
        v_answer.reason := 'thread_muted';
        return v_answer;
    end if;

    -- Replies that were there before this comment was written: two bots in conversation reach the limit, people
    -- who all ask at once do not. Figma's times have whole seconds.
    select count(*) into v_replies from public.answers
    where file_key = p_answer.file_key and root_comment_id = p_answer.root_comment_id
        and reply_created_at > v_asked_at - make_interval(secs => p_loop_window_seconds)
        and date_trunc('second', reply_created_at) <= v_asked_at;
    if v_replies >= p_loop_replies then
        v_answer.decision := 'ignore';
        v_answer.reason := 'loop_breaker';
        return v_answer;
    end if;

    select * into v_author from public.users where figma_user_id = p_answer.author_figma_id and state <> 'deleted';
    select * into v_webhook from public.user_webhooks where id = p_answer.webhook_id;
    select * into v_owner from public.users where id = v_webhook.user_id and state <> 'deleted';

    if p_answer.command is not null then
        if p_answer.command = 'stop' then
            insert into public.thread_mutes (file_key, root_comment_id, muted_by)
            values (p_answer.file_key, p_answer.root_comment_id, p_answer.author_figma_id)
            on conflict do nothing;
        elsif p_answer.command = 'resume' then
            delete from public.thread_mutes
            where file_key = p_answer.file_key and root_comment_id = p_answer.root_comment_id;
        end if;
        v_answer.decision := 'command';
        v_answer.payer_id := v_author.id;
        v_answer.plan_code := coalesce((select code from private.plan_in_force(v_author.id)
            where v_author.id is not null), '');
        return v_answer;
    end if;

    if v_author.id is not null then
        v_answer.payer_id := v_author.id;
    elsif v_webhook.guest_rule = 'owner_pays' and v_owner.id is not null then
        v_answer.payer_id := v_owner.id;
    elsif v_webhook.guest_rule = 'ignore' then
        v_answer.decision := 'ignore';
        v_answer.reason := 'guest_ignored';
        return v_answer;
    else
        insert into public.guest_invites (file_key, author_figma_id, answer_id)
        values (p_answer.file_key, p_answer.author_figma_id, p_answer.id)
        on conflict do nothing;
        v_answer.decision := case when found then 'invite' else 'ignore' end;
        v_answer.reason := case when found then 'guest_invited' else 'guest_already_invited' end;
        return v_answer;
    end if;

    v_answer.context_user_id := v_answer.payer_id;
    v_answer.context_version := coalesce(
        (select version from public.user_contexts where user_id = v_answer.payer_id), 0);
    if 'suspended' in (v_author.state, v_owner.state) and (v_author.id is null or v_author.state = 'suspended') then
        v_answer.decision := 'refuse';
        v_answer.reason := 'suspended';
        v_answer.plan_code := (select code from private.plan_in_force(v_answer.payer_id));
        return v_answer;
    end if;
    v_reserved := private.reserve_use(v_answer, p_answers_per_minute);
    v_answer.plan_code := v_reserved ->> 'plan_code';
    v_answer.decision := case when v_reserved ? 'reason' then 'refuse' else 'answer' end;
    v_answer.reason := coalesce(v_reserved ->> 'reason', '');
    return v_answer;
end;
$$;
comment on function private.decide_answer is 'Muted, looping, a command, who pays, is a use left: the one decision per run of an answer.';
revoke execute on function private.decide_answer from public, anon, authenticated;
grant execute on function private.decide_answer to service_role;

-- Start or restart the job of an answer. The first attempt decides and reserves; later ones get the same
-- decision back. Each attempt gets a higher fencing number. Finished answers say so and nothing changes.
create or replace function public.begin_answer(
    p_answer_id uuid, p_answers_per_minute integer, p_loop_replies integer, p_loop_window_seconds integer,
    p_lease_seconds double precision
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_answer public.answers;
begin
    select * into v_answer from public.answers where id = p_answer_id for update;
    if not found then
        raise exception 'There is no such answer.' using errcode = 'PT404';
    end if;
    if v_answer.state in ('answered', 'refused', 'ignored', 'failed') then
        return jsonb_build_object('decision', 'done', 'state', v_answer.state, 'reason', v_answer.reason);
    end if;

    if v_answer.decision is null then
        v_answer := private.decide_answer(v_answer, p_answers_per_minute, p_loop_replies, p_loop_window_seconds);
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
        settled_at = case when v_answer.decision = 'ignore' then now() end
    where id = p_answer_id;
    if v_answer.state = 'refused' then
        perform private.write_usage(v_answer, 'refused', v_answer.reason, '{}'::jsonb, null);
    end if;
    return private.answer_job(v_answer, p_loop_window_seconds);
end;
$$;
comment on function public.begin_answer is 'Decide once, reserve a use, take the next attempt: everything a worker needs to do the job.';
revoke execute on function public.begin_answer from public, anon, authenticated;
grant execute on function public.begin_answer to service_role;

create or replace function private.answer_job(p_answer public.answers, p_loop_window_seconds integer) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'decision', p_answer.decision, 'state', p_answer.state, 'reason', p_answer.reason, 'id', p_answer.id,
        'run', p_answer.run, 'attempt', p_answer.attempt, 'failures', p_answer.failures, 'excused', p_answer.excused,
        'file_key', p_answer.file_key,
        'file_name', p_answer.file_name, 'comment_id', p_answer.comment_id,
        'root_comment_id', p_answer.root_comment_id, 'author_figma_id', p_answer.author_figma_id,
        'author_handle', p_answer.author_handle, 'question', p_answer.question, 'command', p_answer.command,
        'asked_at', p_answer.asked_at, 'received_at', p_answer.received_at, 'request_id', p_answer.request_id,
        'trace_parent', p_answer.trace_parent, 'draft', p_answer.draft,
        'notice_comment_id', p_answer.notice_comment_id, 'context_user_id', p_answer.context_user_id,
        'context_version', p_answer.context_version, 'payer_id', p_answer.payer_id,
        'author_is_connected', coalesce(author.id = p_answer.payer_id, false),
        'usage', case when p_answer.payer_id is not null then private.usage_summary(p_answer.payer_id) end,
        'replies_in_thread', (
            select count(*) from public.answers as others
            where others.file_key = p_answer.file_key and others.root_comment_id = p_answer.root_comment_id
                and others.reply_created_at > now() - make_interval(secs => p_loop_window_seconds)
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
        ), '[]'::jsonb)
    )
    from (select 1) as one
    left join public.user_webhooks as webhook on webhook.id = p_answer.webhook_id
    left join public.users as author
        on author.figma_user_id = p_answer.author_figma_id and author.state <> 'deleted'
$$;
comment on function private.answer_job is 'What a worker needs to know about one answer, in one object.';
revoke execute on function private.answer_job from public, anon, authenticated;
grant execute on function private.answer_job to service_role;

-- Keep the draft and open the window in which this attempt may post. Refused (PT409) when a newer attempt has
-- taken over. While an earlier attempt's window is open, wait_ms says how long to hold back.
create or replace function public.start_posting(
    p_answer_id uuid, p_attempt integer, p_draft jsonb, p_seconds double precision
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_answer public.answers;
begin
    select * into v_answer from public.answers where id = p_answer_id for update;
    if not found or v_answer.attempt <> p_attempt or v_answer.state <> 'working' then
        raise exception 'Another attempt has taken over this answer.' using errcode = 'PT409';
    end if;
    if v_answer.posting_until > now() and (v_answer.draft ->> 'attempt')::integer is distinct from p_attempt then
        return jsonb_build_object(
            'may_post', false,
            'wait_ms', ceil(extract(epoch from v_answer.posting_until - now()) * 1000)::bigint
        );
    end if;
    update public.answers
    set draft = p_draft || jsonb_build_object('attempt', p_attempt),
        posting_until = now() + make_interval(secs => p_seconds),
        lease_until = greatest(lease_until, now() + make_interval(secs => p_seconds))
    where id = p_answer_id;
    return jsonb_build_object('may_post', true, 'wait_ms', 0);
end;
$$;
comment on function public.start_posting is 'Keep the drafted reply and let this attempt, and only this one, post it: {may_post, wait_ms}.';
revoke execute on function public.start_posting from public, anon, authenticated;
grant execute on function public.start_posting to service_role;

-- The reply stands in the thread: settle the receipt against it, write the ledger, close the answer.
-- Safe to call again, and by a later attempt that found the earlier one's reply.
create or replace function public.settle_answer(p_answer_id uuid, p_reply jsonb, p_usage jsonb) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_answer public.answers;
    v_receipt public.use_receipts;
    v_used integer;
begin
    select * into v_answer from public.answers where id = p_answer_id for update;
    if not found then
        raise exception 'There is no such answer.' using errcode = 'PT404';
    end if;
    if v_answer.reply_comment_id is not null then
        return jsonb_build_object('state', v_answer.state, 'reply_comment_id', v_answer.reply_comment_id);
    end if;
    if v_answer.state = 'failed' then
        raise exception 'This answer was given up; replay it instead.' using errcode = 'PT409';
    end if;

    update public.use_receipts
    set state = 'settled', reply_comment_id = p_reply ->> 'comment_id', closed_at = now()
    where answer_id = p_answer_id and run = v_answer.run and state = 'reserved'
    returning * into v_receipt;
    if found then
        update public.use_balances set reserved = reserved - 1, used = used + 1
        where user_id = v_receipt.user_id and plan_code = v_receipt.plan_code
            and period_start = v_receipt.period_start
        returning used into v_used;
    end if;

    update public.answers
    set state = case decision when 'answer' then 'answered' when 'command' then 'answered' else 'refused' end,
        reply_comment_id = p_reply ->> 'comment_id',
        reply_created_at = coalesce((p_reply ->> 'created_at')::timestamptz, now()),
        settled_at = now(), lease_until = null, posting_until = null,
        provider = coalesce(p_usage ->> 'provider', ''), model = coalesce(p_usage ->> 'model', ''),
        prompt_version = coalesce(p_usage ->> 'prompt_version', ''), node_id = p_usage ->> 'node_id',
        design_state = coalesce(p_usage ->> 'design_state', ''), facts = p_usage -> 'facts'
    where id = p_answer_id
    returning * into v_answer;
    perform private.write_usage(
        v_answer, v_answer.state, case v_answer.state when 'refused' then v_answer.reason else '' end, p_usage,
        v_receipt.id
    );

    if v_answer.payer_id is not null and v_answer.decision in ('answer', 'refuse') then
        if v_answer.state = 'answered' and not exists (
            select from public.activity where user_id = v_answer.payer_id and kind = 'first_answer'
        ) then
            insert into public.activity (user_id, kind) values (v_answer.payer_id, 'first_answer');
        end if;
        insert into public.activity (user_id, kind, detail)
        values (v_answer.payer_id, v_answer.state, jsonb_build_object('reason', v_answer.reason));
        if v_receipt.plan_code = 'trial'
            and v_used = private.granted_uses(v_receipt.user_id, 'trial', v_receipt.period_start)
                + (select uses from private.plan_in_force(v_receipt.user_id) where code = 'trial')
        then
            insert into public.activity (user_id, kind) values (v_answer.payer_id, 'trial_used_up');
        end if;
    end if;
    return jsonb_build_object('state', v_answer.state, 'reply_comment_id', v_answer.reply_comment_id);
end;
$$;
comment on function public.settle_answer is 'Close an answer whose reply is posted: receipt, ledger row and rollups in one transaction.';
revoke execute on function public.settle_answer from public, anon, authenticated;
grant execute on function public.settle_answer to service_role;

-- Give up for good: the use goes back, the ledger gets a failed row, the answer joins the dead letters.
create or replace function public.release_use(
    p_answer_id uuid, p_attempt integer, p_reason text, p_message text, p_usage jsonb
) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_answer public.answers;
    v_receipt public.use_receipts;
begin
    select * into v_answer from public.answers where id = p_answer_id for update;
    if not found or v_answer.state in ('answered', 'refused', 'ignored', 'failed') then
        return;
    end if;
    if v_answer.attempt <> p_attempt then
        raise exception 'Another attempt has taken over this answer.' using errcode = 'PT409';
    end if;
    update public.use_receipts set state = 'released', reason = p_reason, closed_at = now()
    where answer_id = p_answer_id and run = v_answer.run and state = 'reserved'
    returning * into v_receipt;
    if found then
        update public.use_balances set reserved = reserved - 1
        where user_id = v_receipt.user_id and plan_code = v_receipt.plan_code
            and period_start = v_receipt.period_start;
    end if;
    update public.answers
    set state = 'failed', reason = p_reason, failure_message = left(p_message, 1000), settled_at = now(),
        -- The attempt that held the window ends here, so a replay need not wait for it.
        lease_until = null, posting_until = null, draft = draft - 'usage',
        provider = coalesce(p_usage ->> 'provider', ''), model = coalesce(p_usage ->> 'model', '')
    where id = p_answer_id
    returning * into v_answer;
    perform private.write_usage(v_answer, 'failed', p_reason, p_usage, v_receipt.id);
end;
$$;
comment on function public.release_use is 'End an answer as a dead letter with a plain reason; its use is released.';
revoke execute on function public.release_use from public, anon, authenticated;
grant execute on function public.release_use to service_role;

-- Wait for Figma (its quota can be shut for days). The job itself is rescheduled by the worker.
create or replace function public.defer_answer(
    p_answer_id uuid, p_attempt integer, p_until timestamptz, p_reason text, p_draft jsonb, p_notice_comment_id text
) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    update public.answers
    set state = 'deferred', deferred_until = p_until, failure_message = left(p_reason, 1000), lease_until = null,
        excused = excused + 1, draft = coalesce(p_draft, draft), notice_comment_id = coalesce(p_notice_comment_id, notice_comment_id)
    where id = p_answer_id and attempt = p_attempt and state = 'working';
    if not found then
        raise exception 'Another attempt has taken over this answer.' using errcode = 'PT409';
    end if;
end;
$$;
comment on function public.defer_answer is 'Put an answer off until a time, keeping its draft and its reserved use.';
revoke execute on function public.defer_answer from public, anon, authenticated;
grant execute on function public.defer_answer to service_role;

-- Count a failed attempt and free the answer for the next one. The job itself is rescheduled by the worker.
create or replace function public.fail_attempt(
    p_answer_id uuid, p_attempt integer, p_reason text, p_message text
) returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_failures integer;
begin
    update public.answers
    set failures = failures + 1, failure_message = left(p_reason || ': ' || p_message, 1000), lease_until = null
    where id = p_answer_id and attempt = p_attempt and state = 'working'
    returning failures into v_failures;
    if not found then
        raise exception 'Another attempt has taken over this answer.' using errcode = 'PT409';
    end if;
    return v_failures;
end;
$$;
comment on function public.fail_attempt is 'Count a failed attempt of an answer; how many failed in this run.';
revoke execute on function public.fail_attempt from public, anon, authenticated;
grant execute on function public.fail_attempt to service_role;

-- Do a dead letter again. The keys stay, so nothing already posted or charged happens twice.
create or replace function public.replay_answer(p_answer_id uuid) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_answer public.answers;
begin
    update public.answers
    set state = 'queued', run = run + 1, decision = null, decided_at = null, reason = '', failure_message = '',
        settled_at = null, failures = 0, excused = attempt
    where id = p_answer_id and state = 'failed'
    returning * into v_answer;
    if not found then
        return jsonb_build_object('queued', false);
    end if;
    perform private.queue_answers(array[v_answer.id]);
    return jsonb_build_object('queued', true, 'run', v_answer.run);
end;
$$;
comment on function public.replay_answer is 'Queue a dead letter again as its next run; {queued: false} when it is not a dead letter.';
revoke execute on function public.replay_answer from public, anon, authenticated;
grant execute on function public.replay_answer to service_role;

create or replace function public.note_figma_limit(
    p_figma_user_id text, p_file_key text, p_tier integer, p_retry_after_seconds integer, p_plan_tier text,
    p_limit_type text, p_upgrade_link text
) returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.figma_quotas as q (
        figma_user_id, file_key, tier, limited_until, plan_tier, limit_type, upgrade_link
    ) values (
        p_figma_user_id, p_file_key, p_tier, now() + make_interval(secs => p_retry_after_seconds), p_plan_tier,
        p_limit_type, p_upgrade_link
    )
    on conflict (figma_user_id, file_key, tier) do update
        set limited_until = excluded.limited_until, plan_tier = excluded.plan_tier,
            limit_type = excluded.limit_type, upgrade_link = excluded.upgrade_link, refusals = q.refusals + 1,
            updated_at = now()
$$;
comment on function public.note_figma_limit is 'Remember a 429 of Figma''s until it ends, so that no call is wasted before.';
revoke execute on function public.note_figma_limit from public, anon, authenticated;
grant execute on function public.note_figma_limit to service_role;

-- The end of an answer: settled against its reply, released with a reason, put off, or replayed.

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

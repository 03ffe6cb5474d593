-- Other ends of an answer than its reply: released with a reason, put off, or replayed.

-- Give up for good: the use goes back, the ledger gets a failed row, the answer joins the dead letters. One whose
-- thread was muted meanwhile is nobody's failure: it is closed as ignored, and the ledger has a row where a use was
-- reserved for it.
create or replace function public.release_use(
    p_answer_id uuid, p_attempt integer, p_reason text, p_message text, p_usage jsonb
) returns void
language plpgsql
security invoker
set search_path = ''
set plan_cache_mode = force_generic_plan
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
    -- Said in this way, no plan reads the whole index of those that are reserved.
    where answer_id = p_answer_id and run = v_answer.run and state not in ('settled', 'released')
    returning * into v_receipt;
    if found then
        update public.use_balances set reserved = reserved - 1
        where user_id = v_receipt.user_id and plan_code = v_receipt.plan_code
            and period_start = v_receipt.period_start;
    end if;
    update public.answers
    set state = case p_reason when 'thread_muted' then 'ignored' else 'failed' end,
        decision = case p_reason when 'thread_muted' then 'ignore' else decision end,
        reason = p_reason, failure_message = left(p_message, 1000), settled_at = now(), deferred_until = null,
        -- The attempt that held the window ends here, so a replay need not wait for it.
        lease_until = null, posting_until = null, draft = draft - 'usage',
        provider = coalesce(p_usage ->> 'provider', ''), model = coalesce(p_usage ->> 'model', '')
    where id = p_answer_id;
    if p_reason <> 'thread_muted' or v_receipt.id is not null then
        perform private.write_usage(array[p_answer_id], array[p_usage], array[v_receipt.id]);
    end if;
end;
$$;
comment on function public.release_use is 'End an answer without a reply, as a dead letter with a plain reason or as ignored (thread_muted); its use is released.';
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
    set state = 'deferred', deferred_until = p_until, queued_at = p_until, failure_message = left(p_reason, 1000), lease_until = null,
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
    set state = 'queued', queued_at = now(), run = run + 1, decision = null, decided_at = null, reason = '', failure_message = '',
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

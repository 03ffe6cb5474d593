-- How an answer goes on or ends without a reply: released with a reason, deferred, or replayed.

create or replace function private.unknown_call_microusd() returns bigint
language sql
immutable
security invoker
set search_path = ''
as $$
    select 20000::bigint
$$;
comment on function private.unknown_call_microusd is 'What a model call whose cost is not known counts as where spending is bounded: two cents. The ledger never says so.';
revoke execute on function private.unknown_call_microusd from public, anon, authenticated;
grant execute on function private.unknown_call_microusd to service_role;

-- A call counts as paid for if tokens were billed, or if that cannot be known.
create or replace function private.paid_microusd(p_usage jsonb) returns bigint
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
    return coalesce((p_usage ->> 'cost_microusd')::bigint, 0)
        + private.unknown_call_microusd() * greatest(
            coalesce((p_usage ->> 'unknown_calls')::integer, 0), (p_usage ->> 'cost_state' = 'unpriced')::integer, 0);
end;
$$;
comment on function private.paid_microusd is 'What the model calls of a usage have cost, unknown ones at private.unknown_call_microusd(); 0 when no model was paid.';
revoke execute on function private.paid_microusd from public, anon, authenticated;
grant execute on function private.paid_microusd to service_role;

-- Cost that no use pays for, counted by author, file and webhook.
create or replace function private.note_unbilled(p_answer public.answers, p_microusd bigint) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    if p_microusd <= 0 then
        return;
    end if;
    insert into public.unbilled_spending as spent (day, scope, scope_key, calls, cost_microusd)
    select (now() at time zone 'UTC')::date, scope, scope_key, 1, p_microusd
    from (values
        ('author', p_answer.author_figma_id), ('file', p_answer.file_key), ('webhook', p_answer.webhook_id::text)
    ) as scopes (scope, scope_key)
    where scope_key is not null
    order by scope, scope_key
    on conflict (day, scope, scope_key) do update
        set calls = spent.calls + 1, cost_microusd = spent.cost_microusd + excluded.cost_microusd, last_at = now();
end;
$$;
comment on function private.note_unbilled is 'Count micro-dollars that a model call cost without a use being taken.';
revoke execute on function private.note_unbilled from public, anon, authenticated;
grant execute on function private.note_unbilled to service_role;

-- The cost is booked with the dead letter, so a replay may book it no more. How the draft was made stays true.
create or replace function private.unpaid_draft(p_draft jsonb) returns jsonb
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
    if p_draft ? 'about' or jsonb_typeof(p_draft -> 'usage') is distinct from 'object' then
        return p_draft - 'usage';
    end if;
    return (p_draft - 'usage') || jsonb_build_object('about', (
        select jsonb_object_agg(key, value) from jsonb_each(p_draft -> 'usage')
        where key in (
            'provider', 'model', 'prompt_version', 'node_id', 'design_state', 'facts', 'guidance', 'grounding',
            'is_free')
    ));
end;
$$;
comment on function private.unpaid_draft is 'A draft without the usage that is booked now: "about" tells how it was made (model, prompt, design, facts).';
revoke execute on function private.unpaid_draft from public, anon, authenticated;
grant execute on function private.unpaid_draft to service_role;

-- End without a reply. Who pays for a model call without a reply depends on the reason:
-- * the comment was withdrawn (deleted, resolved, "stop" in its thread) after the model was called: a use is taken.
--   Otherwise asking would be free for everybody who deletes the comment in time;
-- * it was withdrawn before that: nobody pays, nothing was spent;
-- * anything else (posting refused, the file gone, a worker lost): the use goes back, and we pay the cost. How much of
--   it one author, webhook or file may cause in a day is limited (private.has_cost_us_enough).
-- The ledger gets a row with the cost in each case. An answer that was not withdrawn becomes a dead letter.
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
    v_paid bigint := private.paid_microusd(p_usage);
    v_is_withdrawn boolean;
    -- Ends that are nobody's failure.
    v_is_quiet boolean := p_reason in ('thread_muted', 'dropped_by_owner', 'preview_expired');
begin
    select * into v_answer from public.answers where id = p_answer_id for update;
    if not found or v_answer.state in ('answered', 'refused', 'ignored', 'failed') then
        return;
    end if;
    if v_answer.attempt <> p_attempt then
        raise exception using errcode = 'PT409', message = 'another_attempt_has_taken_over';
    end if;
    v_is_withdrawn := v_paid > 0 and p_reason in ('comment_deleted', 'comment_resolved', 'thread_muted');
    update public.use_receipts
    set state = case when v_is_withdrawn then 'withdrawn' else 'released' end, reason = p_reason, closed_at = now()
    -- Written with "not in", so that no plan reads the whole index of reserved receipts.
    where answer_id = p_answer_id and run = v_answer.run and state not in ('settled', 'released', 'withdrawn')
    returning * into v_receipt;
    if found then
        update public.use_balances set reserved = reserved - 1, used = used + v_is_withdrawn::integer
        where user_id = v_receipt.user_id and plan_code = v_receipt.plan_code
            and period_start = v_receipt.period_start;
    end if;
    v_is_withdrawn := v_is_withdrawn and v_receipt.id is not null;
    perform private.keep_traces(
        array[p_answer_id], array[p_attempt], array[p_usage -> 'trace'], 'given_up', p_reason);
    update public.answers
    set state = case when v_is_withdrawn or v_is_quiet then 'ignored' else 'failed' end,
        decision = case when v_is_withdrawn or v_is_quiet then 'ignore' else decision end,
        reason = case when v_is_withdrawn then 'withdrawn' else p_reason end,
        failure_message = left(p_message, 1000), settled_at = now(), deferred_until = null,
        -- The attempt that held the window ends here, so a replay need not wait for it.
        lease_until = null, posting_until = null, draft = private.unpaid_draft(draft),
        provider = coalesce(p_usage ->> 'provider', ''), model = coalesce(p_usage ->> 'model', '')
    where id = p_answer_id;
    if not v_is_withdrawn then
        perform private.note_unbilled(v_answer, v_paid);
    end if;
    if p_reason <> 'thread_muted' or v_receipt.id is not null then
        perform private.write_usage(array[p_answer_id], array[p_usage], array[v_receipt.id]);
    end if;
end;
$$;
comment on function public.release_use is 'End an answer without a reply: as a dead letter with a plain reason, or as ignored (thread_muted, dropped_by_owner, preview_expired); its use is released, or taken where the comment was withdrawn after the model had been asked.';
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
        excused = excused + 1, draft = coalesce(p_draft - 'trace', draft), notice_comment_id = coalesce(p_notice_comment_id, notice_comment_id)
    where id = p_answer_id and attempt = p_attempt and state = 'working';
    if not found then
        raise exception using errcode = 'PT409', message = 'another_attempt_has_taken_over';
    end if;
    perform private.keep_traces(
        array[p_answer_id], array[p_attempt], array[coalesce(p_draft -> 'trace', '{}')], 'deferred', p_reason);
end;
$$;
comment on function public.defer_answer is 'Put an answer off until a time, keeping its draft and its reserved use.';
revoke execute on function public.defer_answer from public, anon, authenticated;
grant execute on function public.defer_answer to service_role;

-- Count a failed attempt and free the answer for the next one. The job itself is rescheduled by the worker. p_usage:
-- the usage of a model call whose draft could not be kept. The next attempt books it together with its own.
create or replace function public.fail_attempt(
    p_answer_id uuid, p_attempt integer, p_reason text, p_message text, p_usage jsonb default null
) returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_answer public.answers;
begin
    update public.answers
    set failures = failures + 1, failure_message = left(p_reason || ': ' || p_message, 1000), lease_until = null,
        draft = case when private.paid_microusd(p_usage) > 0 and draft is null
            then jsonb_build_object('run', run, 'usage', p_usage - 'trace') else draft end
    where id = p_answer_id and attempt = p_attempt and state = 'working'
    returning * into v_answer;
    if not found then
        raise exception using errcode = 'PT409', message = 'another_attempt_has_taken_over';
    end if;
    perform private.keep_traces(
        array[p_answer_id], array[p_attempt], array[coalesce(p_usage -> 'trace', '{}')], 'failed', p_reason);
    return v_answer.failures;
end;
$$;
comment on function public.fail_attempt is 'Count a failed attempt of an answer; how many failed in this run.';
revoke execute on function public.fail_attempt from public, anon, authenticated;
grant execute on function public.fail_attempt to service_role;

-- Run a dead letter again. The keys stay the same, so nothing that was already posted or charged happens twice.
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
        settled_at = null, failures = 0, excused = attempt,
        hint = case when confirmed_at is null then coalesce(hint, '{}') || jsonb_build_object('replayed_at', now()) end
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

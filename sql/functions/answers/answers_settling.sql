-- Settling: the reply is in the thread, so its receipt is settled, the ledger is written and the answer is closed.

-- A use is given back where no model could be asked (is_free) for a reason of ours, or none may be (free_reason:
-- model_sharing).
-- Settles many answers at once, always in this order: the answers, their receipts and balances, the ledger, the log of
-- activity. An answer that is settled already, or named twice, is settled once. Rows are looked up by key, even before
-- Postgres has statistics about the tables.
create or replace function private.settle_answers(p_answer_ids uuid[], p_replies jsonb[], p_usages jsonb[]) returns jsonb[]
language plpgsql
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
    v_found bigint;
    v_is_given_up boolean;
    v_ids uuid[];
    v_usages jsonb[];
    v_receipts uuid[];
begin
    select count(*), bool_or(state in ('failed', 'ignored') and reply_comment_id is null) into v_found, v_is_given_up
    from (select state, reply_comment_id from public.answers where id = any (p_answer_ids) order by id for update) as locked;
    if v_found < (select count(*) from (select distinct unnest(p_answer_ids)) as asked) then
        raise exception using errcode = 'PT404', message = 'no_such_answer';
    elsif v_is_given_up then
        raise exception using errcode = 'PT409', message = 'answer_was_given_up';
    end if;

    with asked as (
        select distinct on (answer_id) answer_id, reply, used, place
        from unnest(p_answer_ids, p_replies, p_usages) with ordinality as asked (answer_id, reply, used, place)
        order by answer_id, place
    ), closed as (
        update public.answers
        set state = case when coalesce((used ->> 'is_free')::boolean, false) then 'refused'
                when decision in ('answer', 'command') then 'answered' else 'refused' end,
            reason = case when coalesce((used ->> 'is_free')::boolean, false) then coalesce(used ->> 'free_reason', 'day_spend')
                else reason end,
            reply_comment_id = reply ->> 'comment_id',
            reply_created_at = coalesce((reply ->> 'created_at')::timestamptz, now()),
            settled_at = now(), lease_until = null, posting_until = null,
            provider = coalesce(used ->> 'provider', ''), model = coalesce(used ->> 'model', ''),
            prompt_version = coalesce(used ->> 'prompt_version', ''), node_id = used ->> 'node_id',
            design_state = coalesce(used ->> 'design_state', ''), facts = used -> 'facts',
            guidance = case when jsonb_typeof(used -> 'guidance') = 'array'
                then array(select jsonb_array_elements_text(used -> 'guidance')) end,
            grounding = used ->> 'grounding'
        from asked
        where answers.id = asked.answer_id and answers.reply_comment_id is null
        returning answers.id, answers.run, answers.reply_comment_id, used, place,
            coalesce((used ->> 'is_free')::boolean, false) as is_free
    ), receipts as (
        update public.use_receipts
        set state = case when is_free then 'released' else 'settled' end,
            reason = case when is_free then coalesce(used ->> 'free_reason', 'day_spend') else use_receipts.reason end,
            reply_comment_id = closed.reply_comment_id, closed_at = now()
        from closed
        where use_receipts.answer_id = closed.id and use_receipts.run = closed.run
            -- Written with "not in", so that no plan reads the whole index of reserved receipts.
            and use_receipts.state not in ('settled', 'released', 'withdrawn')
        returning use_receipts.id, use_receipts.answer_id, user_id, plan_code, period_start, is_free
    ), balances as (
        update public.use_balances set reserved = reserved - taken.closed, used = used + taken.uses
        from (
            select user_id, plan_code, period_start, count(*) as closed, count(*) filter (where not is_free) as uses
            from receipts group by 1, 2, 3
        ) as taken
        where use_balances.user_id = taken.user_id and use_balances.plan_code = taken.plan_code
            and use_balances.period_start = taken.period_start
    )
    select array_agg(closed.id order by place), array_agg(closed.used order by place),
        array_agg(case when not receipts.is_free then receipts.id end order by place)
    into v_ids, v_usages, v_receipts
    from closed left join receipts on receipts.answer_id = closed.id;
    if v_ids is not null then
        perform private.write_usage(v_ids, v_usages, v_receipts);
        perform private.note_settled(v_ids, v_receipts);
        perform private.follow_advice(v_ids);
    end if;
    return array(
        select jsonb_build_object('state', answers.state, 'reply_comment_id', answers.reply_comment_id)
        from unnest(p_answer_ids) with ordinality as asked (answer_id, place)
        join public.answers on answers.id = asked.answer_id
        order by place
    );
end;
$$;
comment on function private.settle_answers is 'Close answers whose replies are posted: receipts, ledger rows and rollups in one transaction; {state, reply_comment_id} of each, in the order given.';
revoke execute on function private.settle_answers from public, anon, authenticated;
grant execute on function private.settle_answers to service_role;

-- Safe to call again, and by a later attempt that found the earlier one's reply.
create or replace function public.settle_answer(p_answer_id uuid, p_reply jsonb, p_usage jsonb) returns jsonb
language plpgsql
security invoker
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
    return (private.settle_answers(array[p_answer_id], array[p_reply], array[p_usage]))[1];
end;
$$;
comment on function public.settle_answer is 'Close an answer whose reply is posted: receipt, ledger row and rollups in one transaction.';
revoke execute on function public.settle_answer from public, anon, authenticated;
grant execute on function public.settle_answer to service_role;

-- The balances already include all uses of this call. So the number of a receipt's use is the balance minus the
-- receipts that come after it.
create or replace function private.note_settled(p_answer_ids uuid[], p_receipt_ids uuid[]) returns void
language plpgsql
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
    insert into public.activity (user_id, kind, detail)
    select settled.payer_id, told.kind, told.detail
    from (
        select answers.payer_id, answers.state, answers.reason, place, trials.user_id, trials.period_start,
            row_number() over (partition by answers.payer_id, answers.state order by place) as turn,
            balances.used + 1 - count(*) over (partition by trials.user_id, trials.period_start order by place desc) as used
        from unnest(p_answer_ids, p_receipt_ids) with ordinality as closed (answer_id, receipt_id, place)
        cross join lateral (
            select payer_id, decision, state, reason from public.answers where id = closed.answer_id offset 0
        ) as answers
        left join public.use_receipts as trials on trials.id = closed.receipt_id and trials.plan_code = 'trial'
        left join lateral (
            select used from public.use_balances
            where user_id = trials.user_id and plan_code = trials.plan_code and period_start = trials.period_start
            offset 0
        ) as balances on true
        where answers.payer_id is not null and answers.decision in ('answer', 'refuse')
    ) as settled
    cross join lateral (values
        (1, 'first_answer', '{}'::jsonb, settled.state = 'answered' and settled.turn = 1 and not exists (
            select from public.activity where activity.user_id = settled.payer_id and activity.kind = 'first_answer'
        )),
        (2, settled.state, jsonb_build_object('reason', settled.reason), true),
        (3, 'trial_used_up', '{}'::jsonb, case when settled.user_id is not null then
            settled.used = private.granted_uses(settled.user_id, 'trial', settled.period_start)
                + (select uses from private.plan_in_force(settled.user_id) where code = 'trial')
        end)
    ) as told (turn, kind, detail, is_so)
    where told.is_so
    order by settled.place, told.turn;
end;
$$;
comment on function private.note_settled is 'The activity that settled answers are: the first answer of somebody, each answer or refusal, the last use of a trial.';
revoke execute on function private.note_settled from public, anon, authenticated;
grant execute on function private.note_settled to service_role;

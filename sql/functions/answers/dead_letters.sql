-- Dead letters: what they are, replay and discard. Checked, with a reason, audited. What a replay would do: dry_runs.sql.

create or replace function public.dead_letter_causes()
returns table (reason text, letters bigint, oldest_at timestamptz, newest_at timestamptz)
language sql
stable
security invoker
set search_path = ''
as $$
    select letters.reason, count(*), min(letters.received_at), max(letters.received_at)
    from (
        select answers.reason, answers.received_at from public.answers where answers.state = 'failed'
        union all
        select analyses.reason, analyses.received_at from public.analyses where analyses.state = 'failed'
    ) as letters
    where private.require_support()
    group by letters.reason
    order by 2 desc, 1
$$;
comment on function public.dead_letter_causes is 'How many answers and analyses ended without a reply, by cause, now.';
revoke execute on function public.dead_letter_causes from public, anon, authenticated;
grant execute on function public.dead_letter_causes to authenticated, service_role;

create or replace function public.dead_letters(p_reasons text[] default null, p_limit integer default 200)
returns table (
    id uuid, received_at timestamptz, settled_at timestamptz, author_handle text, file_key text, file_name text,
    command text, reason text, failure_message text, run integer, attempt integer, plan_code text,
    spent_microusd bigint, request_id text
)
language sql
stable
security invoker
set search_path = ''
as $$
    select a.id, a.received_at, a.settled_at, a.author_handle, a.file_key, a.file_name, a.command, a.reason,
        a.failure_message, a.run, a.attempt, a.plan_code,
        (select case when count(*) = count(u.cost_microusd) then sum(u.cost_microusd)::bigint end from private.support_ledger as u where u.answer_id = a.id), a.request_id
    from (
        select answers.id, answers.received_at, answers.settled_at, answers.author_handle, answers.file_key,
            answers.file_name, answers.command, answers.reason, answers.failure_message, answers.run, answers.attempt,
            answers.plan_code, answers.request_id
        from public.answers where answers.state = 'failed'
        union all
        select analyses.id, analyses.received_at, analyses.settled_at, users.handle, '', '',
            null, analyses.reason, analyses.failure_message, analyses.run, analyses.attempt, analyses.plan_code,
            analyses.request_id
        from public.analyses join public.users on users.id = analyses.user_id
        where analyses.state = 'failed'
    ) as a
    where (p_reasons is null or a.reason = any (p_reasons)) and private.require_support()
    order by a.received_at desc
    limit least(p_limit, 1000)
$$;
comment on function public.dead_letters is 'Answers that ended without a reply, and analyses without a result (they have no file), newest first; spent_microusd: what their runs cost us so far, NULL when a call had no known price.';
revoke execute on function public.dead_letters from public, anon, authenticated;
grant execute on function public.dead_letters to authenticated, service_role;

create or replace function public.replay_answers(p_answer_ids uuid[], p_cost_cap_microusd bigint, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_answer public.answers;
    v_analysis public.analyses;
    v_plan jsonb;
    v_id uuid;
    v_cost bigint;
    v_sum bigint := 0;
    v_outcome text;
    v_results jsonb[] := '{}';
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    if coalesce(cardinality(p_answer_ids), 0) not between 1 and 200 then
        raise exception using errcode = 'PT422', message = 'pick_1_to_200_answers';
    end if;
    -- In one order, so that two operators cannot deadlock.
    perform from public.answers where id = any (p_answer_ids) order by id for update;
    perform from public.analyses where id = any (p_answer_ids) order by id for update;
    perform from public.use_balances
    where user_id in (select user_id from public.analyses where id = any (p_answer_ids))
    order by user_id, plan_code, period_start for update;
    foreach v_id in array p_answer_ids loop
        select * into v_answer from public.answers where id = v_id;
        select * into v_analysis from public.analyses where id = v_id;
        v_outcome := case when v_answer.id is null and v_analysis.id is null then 'not_found'
            when coalesce(v_answer.state, v_analysis.state) <> 'failed' then 'nothing_to_do' end;
        if v_outcome is null then
            v_plan := case when v_analysis.id is not null then private.analysis_replay_plan(v_analysis)
                else private.planned_replay(v_answer) end;
            v_cost := (v_plan ->> 'estimated_microusd')::bigint;
            v_outcome := case
                when p_cost_cap_microusd is null then 'queued'
                when v_cost is null then 'no_estimate'
                when v_sum + v_cost > p_cost_cap_microusd then 'over_cap'
                else 'queued'
            end;
        end if;
        if v_outcome = 'queued' then
            if v_analysis.id is not null then
                perform private.replay_analysis(v_analysis);
            else
                perform public.replay_answer(v_id);
            end if;
            v_sum := v_sum + coalesce(v_cost, 0);
        end if;
        v_results := v_results || jsonb_build_object('id', v_id, 'outcome', v_outcome);
    end loop;
    -- A replay is refused at once where no use is left.
    perform private.book_placed(array(
        select id from public.analyses where id = any (p_answer_ids) and state = 'refused'));
    return jsonb_build_object('estimated_microusd', v_sum, 'results', to_jsonb(v_results));
end;
$$;
comment on function public.replay_answers is 'Founders and support queue dead letters again, in the order given, while their estimated cost stays within the cap (NULL: no cap): {estimated_microusd, results: [{id, outcome: queued, nothing_to_do, over_cap, no_estimate or not_found}]}.';
revoke execute on function public.replay_answers from public, anon, authenticated;
grant execute on function public.replay_answers to authenticated;

create or replace function public.discard_answer(p_answer_id uuid, p_reason text) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_is_discarded boolean;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    update public.answers set state = 'ignored', reason = 'discarded' where id = p_answer_id and state = 'failed';
    v_is_discarded := found;
    update public.analyses
    set state = 'cancelled', reason = 'discarded', request = null
    where id = p_answer_id and state = 'failed';
    return jsonb_build_object('discarded', found or v_is_discarded);
end;
$$;
comment on function public.discard_answer is 'Founders and support close a dead letter for good; {discarded: false} when it is none. The ledger keeps its failure.';
revoke execute on function public.discard_answer from public, anon, authenticated;
grant execute on function public.discard_answer to authenticated;

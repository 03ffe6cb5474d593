-- Dead letters of analyses: what a replay would do, and the replay. Only an operator asks for one: nobody waits for the
-- result any more, but whoever asked can still read it, and equal requests are answered by it.

create or replace function private.analysis_replay_plan(p_analysis public.analyses) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_usage jsonb := private.usage_summary(p_analysis.user_id);
    v_handle text := (select handle from public.users where id = p_analysis.user_id);
    v_usual bigint := private.expected_cost('analysis', p_analysis.user_id);
    v_is_left boolean := (v_usage ->> 'left')::integer > 0;
begin
    if p_analysis.state <> 'failed' or p_analysis.request is null then
        return jsonb_build_object(
            'id', p_analysis.id, 'state', p_analysis.state, 'can_replay', false, 'decision', 'answer',
            'takes_use', false, 'posts', false, 'asks_model', false, 'estimated_microusd', 0,
            'steps', jsonb_build_array(case
                when p_analysis.state = 'done' then private.planned_step('Everything', 'done', 'result_is_stored')
                when p_analysis.reason = 'discarded' then private.planned_step('Everything', 'done', 'was_discarded')
                when p_analysis.state in ('queued', 'working')
                    then private.planned_step('Everything', 'done', 'is_queued_already')
                when p_analysis.state = 'failed'
                    then private.planned_step('Everything', 'done', 'design_is_no_longer_kept')
                else private.planned_step(
                    'Everything', 'done', 'is_closed', jsonb_build_object('state', p_analysis.state)) end)
        );
    end if;
    return jsonb_build_object(
        'id', p_analysis.id, 'state', p_analysis.state, 'can_replay', true,
        'decision', case when v_is_left then 'answer' else 'refuse' end, 'takes_use', v_is_left, 'posts', false,
        'asks_model', v_is_left, 'estimated_microusd', case when v_is_left then v_usual else 0 end,
        'steps', jsonb_build_array(private.planned_step('Selection', 'done', 'selection_is_stored')) || case
            when v_is_left then jsonb_build_array(
                private.planned_step('Use', 'charge', 'reserves_a_use_for_words', jsonb_build_object(
                    'payer', v_handle, 'plan', v_usage -> 'plan_name', 'left', v_usage -> 'left')),
                private.planned_step('Model', 'charge', 'measures_and_asks_the_model'),
                private.planned_step('Result', 'do', 'stores_the_result'))
            else jsonb_build_array(
                private.planned_step('Use', 'none', 'no_use_is_left'), private.planned_step('Model', 'none', 'not_needed'))
        end || private.planned_step(
            'Books', 'do', 'writes_one_ledger_row', jsonb_build_object('run', p_analysis.run + 1))
    );
end;
$$;
comment on function private.analysis_replay_plan is 'What a replay of an analysis would do, step by step, as private.planned_replay says it of answers.';
revoke execute on function private.analysis_replay_plan from public, anon, authenticated;
grant execute on function private.analysis_replay_plan to service_role;

-- The caller has locked the balance, and writes the ledger at its end.
create or replace function private.replay_analysis(p_analysis public.analyses) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_taken record;
begin
    if p_analysis.state <> 'failed' or p_analysis.request is null then
        return;
    end if;
    select * into v_taken from private.take_use(p_analysis.user_id);
    update public.analyses
    set run = run + 1, state = case v_taken.reason when '' then 'queued' else 'refused' end, reason = v_taken.reason,
        failure_message = '', failures = 0, excused = attempt, queued_at = now(), plan_code = v_taken.plan_code,
        settled_at = case v_taken.reason when '' then null else now() end
    where id = p_analysis.id;
    if v_taken.reason = '' then
        insert into public.use_receipts (answer_id, run, user_id, plan_code, period_start)
        values (p_analysis.id, p_analysis.run + 1, p_analysis.user_id, v_taken.plan_code, v_taken.period_start);
        perform private.queue_analyses(array[p_analysis.id]);
    end if;
end;
$$;
comment on function private.replay_analysis is 'Queue a dead letter among analyses again as its next run, with a use reserved, or close it as refused where none is left.';
revoke execute on function private.replay_analysis from public, anon, authenticated;
grant execute on function private.replay_analysis to service_role;

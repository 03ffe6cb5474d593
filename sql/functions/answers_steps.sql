-- Group commit for workers: steps of many answers in one call and one transaction.

create or replace function private.take_step(p_step jsonb) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
    case p_step ->> 'step'
        when 'begin_answer' then
            return public.begin_answer(
                (p_step ->> 'answer_id')::uuid, (p_step ->> 'answers_per_minute')::integer,
                (p_step ->> 'loop_replies')::integer, (p_step ->> 'loop_window_seconds')::integer,
                (p_step ->> 'lease_seconds')::double precision
            );
        when 'start_posting' then
            return public.start_posting(
                (p_step ->> 'answer_id')::uuid, (p_step ->> 'attempt')::integer, p_step -> 'draft',
                (p_step ->> 'seconds')::double precision
            );
        when 'settle_answer' then
            return public.settle_answer((p_step ->> 'answer_id')::uuid, p_step -> 'reply', p_step -> 'usage');
    end case;
end;
$$;
comment on function private.take_step is 'One step of one answer, by the name of its function, with the parameters of that function.';
revoke execute on function private.take_step from public, anon, authenticated;
grant execute on function private.take_step to service_role;

-- Two batches never wait for each other in a circle: every answer first, then every balance, each in order, then
-- the ledger, which lets in one writer at a time. A savepoint for each step costs a third more: they are taken
-- only to find the step that is refused.
create or replace function private.take_batch(p_steps jsonb, p_isolate boolean) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_results jsonb[] := array_fill(null::jsonb, array[jsonb_array_length(p_steps)]);
    v_ids uuid[] := array(select (value ->> 'answer_id')::uuid from jsonb_array_elements(p_steps));
    v_step record;
begin
    perform from public.answers where id = any (v_ids) order by id for update;
    perform from public.use_balances
    where user_id in (
        select payer_id from public.answers where id = any (v_ids)
        union all
        select users.id from public.answers
        join public.users on users.figma_user_id = answers.author_figma_id
        where answers.id = any (v_ids) and answers.decision is null
        union all
        select user_webhooks.user_id from public.answers
        join public.user_webhooks on user_webhooks.id = answers.webhook_id
        where answers.id = any (v_ids) and answers.decision is null
    )
    order by user_id, plan_code, period_start for update;

    for v_step in
        select value, ordinality from jsonb_array_elements(p_steps) with ordinality
        -- The ledger last: its writers hold up those of other workers until they commit.
        order by value ->> 'step' = 'settle_answer', ordinality
    loop
        if p_isolate then
            begin
                v_results[v_step.ordinality] := jsonb_build_object('value', private.take_step(v_step.value));
            exception when others then
                v_results[v_step.ordinality] :=
                    jsonb_build_object('refused', jsonb_build_object('code', sqlstate, 'message', sqlerrm));
            end;
        else
            v_results[v_step.ordinality] := jsonb_build_object('value', private.take_step(v_step.value));
        end if;
    end loop;
    return to_jsonb(v_results);
end;
$$;
comment on function private.take_batch is 'Steps of many answers; p_isolate: one that is refused leaves the others alone.';
revoke execute on function private.take_batch from public, anon, authenticated;
grant execute on function private.take_batch to service_role;

-- Each step is {step, …}: begin_answer, start_posting or settle_answer, with its parameters. Each result, in the
-- order given, is {value} or {refused: {code, message}}, as if the step had been called alone.
create or replace function public.take_steps(p_steps jsonb) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
    begin
        return private.take_batch(p_steps, false);
    exception when others then
        return private.take_batch(p_steps, true);
    end;
end;
$$;
comment on function public.take_steps is 'Begin, post and settle many answers in one transaction; answers each, in the order given.';
revoke execute on function public.take_steps from public, anon, authenticated;
grant execute on function public.take_steps to service_role;

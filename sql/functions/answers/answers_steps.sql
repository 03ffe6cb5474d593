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
                (p_step ->> 'lease_seconds')::double precision, nullif(p_step -> 'comment', 'null'),
                coalesce((p_step ->> 'author_replies')::integer, 50),
                coalesce((p_step ->> 'unbilled_microusd')::bigint, 1000000)
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

-- Locks in an order in which two batches cannot deadlock: every answer first, then every balance, each sorted, then the
-- ledger, which allows one writer at a time. Drafts touch no balance.
create or replace function private.lock_steps(p_steps jsonb) returns void
language plpgsql
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
    v_counted uuid[];
begin
    perform from public.answers
    where id = any (array(select (step ->> 'answer_id')::uuid from jsonb_array_elements(p_steps) as step))
    order by id for update;
    v_counted := array(
        select (step ->> 'answer_id')::uuid from jsonb_array_elements(p_steps) as step
        where step ->> 'step' in ('begin_answer', 'settle_answer')
    );
    if v_counted <> '{}' then
        perform from public.use_balances
        where user_id = any (array(
            select unnest(array[answers.payer_id, author.id, webhook.user_id])
            from jsonb_array_elements(p_steps) as step
            join public.answers on answers.id = (step ->> 'answer_id')::uuid
            left join public.users as author
                on author.figma_user_id = coalesce(step -> 'comment' ->> 'author_figma_id', answers.author_figma_id)
                and answers.decision is null
            left join public.user_webhooks as webhook
                on webhook.id = answers.webhook_id and answers.decision is null
            where answers.id = any (v_counted)
        ))
        order by user_id, plan_code, period_start for update;
    end if;
end;
$$;
comment on function private.lock_steps is 'Locks what the steps of a batch will change, in the one order of all batches.';
revoke execute on function private.lock_steps from public, anon, authenticated;
grant execute on function private.lock_steps to service_role;

-- Drafts are stored together. Answers are settled together and last, because a writer of the ledger blocks other
-- workers' writers until it commits. A rollup is then written once for all of them.
create or replace function private.take_together(p_steps jsonb) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_results jsonb[] := array_fill(null::jsonb, array[jsonb_array_length(p_steps)]);
    v_step record;
    v_group record;
    v_values jsonb[];
begin
    perform private.lock_steps(p_steps);
    for v_step in
        select value, ordinality from jsonb_array_elements(p_steps) with ordinality
        where coalesce(value ->> 'step', '') not in ('start_posting', 'settle_answer')
        order by ordinality
    loop
        v_results[v_step.ordinality] := jsonb_build_object('value', private.take_step(v_step.value));
    end loop;
    for v_group in
        select value ->> 'step' as step, array_agg(ordinality order by ordinality) as places,
            array_agg((value ->> 'answer_id')::uuid order by ordinality) as answer_ids,
            array_agg((value ->> 'attempt')::integer order by ordinality) as attempts,
            array_agg(value -> 'draft' order by ordinality) as drafts,
            array_agg((value ->> 'seconds')::double precision order by ordinality) as seconds,
            array_agg(value -> 'reply' order by ordinality) as replies,
            array_agg(value -> 'usage' order by ordinality) as usages
        from jsonb_array_elements(p_steps) with ordinality
        where value ->> 'step' in ('start_posting', 'settle_answer')
        group by 1
        order by value ->> 'step' = 'settle_answer'
    loop
        v_values := case v_group.step
            when 'start_posting' then private.start_postings(
                v_group.answer_ids, v_group.attempts, v_group.drafts, v_group.seconds)
            else private.settle_answers(v_group.answer_ids, v_group.replies, v_group.usages)
        end;
        for v_turn in 1..cardinality(v_values) loop
            v_results[v_group.places[v_turn]] := jsonb_build_object('value', v_values[v_turn]);
        end loop;
    end loop;
    return to_jsonb(v_results);
end;
$$;
comment on function private.take_together is 'Steps of many answers; one that is refused undoes all.';
revoke execute on function private.take_together from public, anon, authenticated;
grant execute on function private.take_together to service_role;

-- A savepoint for each step costs a third more, so savepoints are used only to find the step that is refused.
create or replace function private.take_apart(p_steps jsonb) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_results jsonb[] := array_fill(null::jsonb, array[jsonb_array_length(p_steps)]);
    v_step record;
begin
    perform private.lock_steps(p_steps);
    for v_step in
        select value, ordinality from jsonb_array_elements(p_steps) with ordinality
        order by value ->> 'step' = 'settle_answer', ordinality
    loop
        begin
            v_results[v_step.ordinality] := jsonb_build_object('value', private.take_step(v_step.value));
        exception when others then
            v_results[v_step.ordinality] :=
                jsonb_build_object('refused', jsonb_build_object('code', sqlstate, 'message', sqlerrm));
        end;
    end loop;
    return to_jsonb(v_results);
end;
$$;
comment on function private.take_apart is 'Steps of many answers; one that is refused leaves the others alone.';
revoke execute on function private.take_apart from public, anon, authenticated;
grant execute on function private.take_apart to service_role;

-- Each step is {step, …}: begin_answer, start_posting or settle_answer, with its parameters. Each result, in the order
-- given, is {value} or {refused: {code, message}}, as if the step had been called alone.
-- Plans are made once for a connection: by default Postgres makes each of them five times before it keeps one.
create or replace function public.take_steps(p_steps jsonb) returns jsonb
language plpgsql
security invoker
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
    begin
        return private.take_together(p_steps);
    exception when others then
        return private.take_apart(p_steps);
    end;
end;
$$;
comment on function public.take_steps is 'Begin, post and settle many answers in one transaction; answers each, in the order given.';
revoke execute on function public.take_steps from public, anon, authenticated;
grant execute on function public.take_steps to service_role;

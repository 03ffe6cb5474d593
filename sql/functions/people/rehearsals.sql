-- "What would it have said?": latest questions answered anew with a guidance that is not saved yet. Nothing is posted
-- and no use is taken. Each question asks models at most once: what an attempt that died may have spent is in the ledger.

create or replace function private.rehearsal_questions(p_user public.users, p_most integer)
returns setof public.answers
language sql
stable
security invoker
set search_path = ''
as $$
    select * from public.answers
    where author_figma_id = p_user.figma_user_id and payer_id = p_user.id and decision = 'answer'
        and state = 'answered' and question <> ''
    order by received_at desc, id
    limit least(p_most, 20)
$$;
comment on function private.rehearsal_questions is 'The latest answered questions of a person, newest first, at most 20: their own alone, not those of guests that they paid for.';
revoke execute on function private.rehearsal_questions from public, anon, authenticated;
grant execute on function private.rehearsal_questions to service_role;

create or replace function private.rehearsals_left(p_user_id uuid) returns integer
language sql
stable
security invoker
set search_path = ''
as $$
    select greatest(0, 5 - count(*))::integer from public.rehearsals
    where user_id = p_user_id and created_at > now() - interval '24 hours'
$$;
comment on function private.rehearsals_left is 'How many more rehearsals of a person may begin now: five in any 24 hours, those of operators for them included.';
revoke execute on function private.rehearsals_left from public, anon, authenticated;
grant execute on function private.rehearsals_left to service_role;

-- The estimate is what the answers of then cost. An answer without a known cost counts as the mean of the others.
create or replace function private.rehearsal_offer(p_user_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with asked as materialized (
        select questions.id, questions.received_at, used.cost_microusd
        from public.users as person
        cross join lateral private.rehearsal_questions(person, 20) as questions
        left join public.usage_logs as used on used.answer_id = questions.id and used.run = questions.run
            and used.provider <> 'measured-review'
        where person.id = p_user_id and person.state <> 'deleted'
    )
    select jsonb_build_object(
        'left', private.rehearsals_left(p_user_id),
        'costs_microusd', coalesce(jsonb_agg(
            coalesce(cost_microusd, (select round(avg(cost_microusd))::bigint from asked)) order by received_at desc, id
        ), '[]')
    )
    from asked
$$;
comment on function private.rehearsal_offer is 'What a rehearsal may be made of: {left (rehearsals in these 24 hours), costs_microusd (of each question, latest first; NULL: no cost is known)}.';
revoke execute on function private.rehearsal_offer from public, anon, authenticated;
grant execute on function private.rehearsal_offer to service_role;

create or replace function public.offer_rehearsal(p_user_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select private.rehearsal_offer(p_user_id)
$$;
comment on function public.offer_rehearsal is 'For a person: {left, costs_microusd}, as private.rehearsal_offer gives it.';
revoke execute on function public.offer_rehearsal from public, anon, authenticated;
grant execute on function public.offer_rehearsal to service_role;

-- The queue's own function names its tables without a schema, hence the search path.
create or replace function private.queue_rehearsal(p_id uuid) returns void
language sql
security invoker
set search_path = queue, pg_temp
as $$
    select queue.procrastinate_defer_jobs_v1(array[row(
        'answers', 'rehearse', 0, 'rehearsal:' || p_id, null, jsonb_build_object('rehearsal_id', p_id), null
    )::queue.procrastinate_job_to_defer_v1])
$$;
comment on function private.queue_rehearsal is 'Queue the job of a rehearsal.';
revoke execute on function private.queue_rehearsal from public, anon, authenticated;
grant execute on function private.queue_rehearsal to service_role;

create or replace function private.place_rehearsal(
    p_user_id uuid, p_operator_id uuid, p_content jsonb, p_questions integer, p_ceiling_microusd bigint,
    p_request_id text
) returns uuid
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_user public.users;
    v_id uuid;
begin
    -- Locked: two at once would both find one left.
    v_user := private.demand_person(p_user_id);
    if v_user.state = 'suspended' then
        raise exception using errcode = 'PT409', message = 'rehearsal_suspended';
    end if;
    if private.rehearsals_left(p_user_id) = 0 then
        raise exception using errcode = 'PT409', message = 'rehearsals_used_up';
    end if;
    insert into public.rehearsals (user_id, operator_id, content, ceiling_microusd, request_id)
    values (p_user_id, p_operator_id, private.whole_content(p_content), p_ceiling_microusd, p_request_id)
    returning id into v_id;
    insert into public.rehearsed_answers (rehearsal_id, number, answer_id)
    select v_id, row_number() over (order by asked.received_at desc, asked.id), asked.id
    from private.rehearsal_questions(v_user, greatest(1, p_questions)) as asked;
    if not found then
        raise exception using errcode = 'PT409', message = 'nothing_to_rehearse';
    end if;
    perform private.queue_rehearsal(v_id);
    return v_id;
end;
$$;
comment on function private.place_rehearsal is 'Store a rehearsal and queue its job. Refused (PT409): rehearsal_suspended, rehearsals_used_up, nothing_to_rehearse.';
revoke execute on function private.place_rehearsal from public, anon, authenticated;
grant execute on function private.place_rehearsal to service_role;

create or replace function private.rehearsal_json(p_rehearsal public.rehearsals) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'id', p_rehearsal.id, 'state', p_rehearsal.state, 'created_at', p_rehearsal.created_at,
        'ended_at', p_rehearsal.ended_at, 'ceiling_microusd', p_rehearsal.ceiling_microusd,
        'cost_microusd', coalesce(sum(mine.cost_microusd), 0),
        'unpriced', count(*) filter (where mine.state in ('done', 'failed') and mine.cost_microusd is null),
        'answers', jsonb_agg(jsonb_build_object(
            'number', mine.number, 'answer_id', mine.answer_id, 'state', mine.state, 'code', mine.code,
            'question', answers.question, 'asked_at', answers.received_at, 'file_name', answers.file_name,
            'said', coalesce(answers.draft ->> 'body', ''), 'said_version', answers.context_version,
            'said_model', answers.model, 'would_say', mine.body, 'source', mine.source, 'provider', mine.provider,
            'model', mine.model, 'cost_microusd', mine.cost_microusd, 'latency_ms', mine.latency_ms
        ) order by mine.number)
    )
    from public.rehearsed_answers as mine join public.answers on answers.id = mine.answer_id
    where mine.rehearsal_id = p_rehearsal.id
$$;
comment on function private.rehearsal_json is 'A rehearsal as its asker sees it: what was said beside what would be said. Micro-dollars; unpriced: questions whose cost is not known.';
revoke execute on function private.rehearsal_json from public, anon, authenticated;
grant execute on function private.rehearsal_json to service_role;

create or replace function public.start_rehearsal(
    p_user_id uuid, p_content jsonb, p_questions integer, p_ceiling_microusd bigint, p_request_id text
) returns uuid
language sql
security invoker
set search_path = ''
as $$
    select private.place_rehearsal(p_user_id, null, p_content, p_questions, p_ceiling_microusd, p_request_id)
$$;
comment on function public.start_rehearsal is 'A person rehearses a guidance with their latest questions: the id. Refused (PT409): rehearsal_suspended, rehearsals_used_up, nothing_to_rehearse.';
revoke execute on function public.start_rehearsal from public, anon, authenticated;
grant execute on function public.start_rehearsal to service_role;

create or replace function public.get_rehearsal(p_user_id uuid, p_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select private.rehearsal_json(rehearsals) from public.rehearsals
    where id = p_id and user_id = p_user_id and operator_id is null
$$;
comment on function public.get_rehearsal is 'A rehearsal that the person asked for, as private.rehearsal_json gives it; NULL: none of theirs.';
revoke execute on function public.get_rehearsal from public, anon, authenticated;
grant execute on function public.get_rehearsal to service_role;

-- The worker's side

create or replace function public.begin_rehearsal(p_id uuid) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_rehearsal public.rehearsals;
    v_lost integer;
begin
    select * into v_rehearsal from public.rehearsals where id = p_id for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_rehearsal';
    end if;
    if v_rehearsal.state <> 'done' then
        update public.rehearsals set state = 'working', attempt = attempt + 1 where id = p_id;
        for v_lost in
            select number from public.rehearsed_answers where rehearsal_id = p_id and state = 'asking' order by number
        loop
            -- Its attempt died with the question at a model, which may bill it.
            perform private.close_rehearsed(p_id, v_lost, '', null, 'worker_lost',
                '{"cost_state": "unpriced", "price_name": "", "unknown_calls": 1}');
        end loop;
        perform private.end_rehearsal(p_id);
        select * into v_rehearsal from public.rehearsals where id = p_id;
    end if;
    return jsonb_build_object(
        'id', v_rehearsal.id, 'is_over', v_rehearsal.state = 'done', 'attempt', v_rehearsal.attempt,
        'content', v_rehearsal.content, 'request_id', v_rehearsal.request_id,
        'flags', private.flags_of(v_rehearsal.user_id),
        'questions', coalesce((
            select jsonb_agg(jsonb_build_object(
                'id', mine.id, 'number', mine.number, 'question', answers.question, 'author_handle', answers.author_handle,
                'file_name', answers.file_name, 'node_id', answers.node_id, 'design_state', answers.design_state,
                'facts', answers.facts,
                -- The design is of a file where somebody else may have switched the buddy on.
                'flags', private.flags_of(v_rehearsal.user_id, webhooks.user_id)
            ) order by mine.number)
            from public.rehearsed_answers as mine join public.answers on answers.id = mine.answer_id
            left join public.user_webhooks as webhooks on webhooks.id = answers.webhook_id
            where mine.rehearsal_id = p_id and mine.state = 'waiting'
        ), '[]'::jsonb)
    );
end;
$$;
comment on function public.begin_rehearsal is 'Take the next attempt at a rehearsal: {id, is_over, attempt, content, request_id, flags, questions that wait, each with the flags of its file}. A question that an attempt before died over is closed as worker_lost.';
revoke execute on function public.begin_rehearsal from public, anon, authenticated;
grant execute on function public.begin_rehearsal to service_role;

create or replace function public.take_rehearsed(p_id uuid, p_attempt integer, p_number integer) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_rehearsal public.rehearsals;
begin
    select * into v_rehearsal from public.rehearsals where id = p_id for update;
    if not found or v_rehearsal.attempt <> p_attempt or v_rehearsal.state <> 'working' then
        return jsonb_build_object('is_mine', false, 'left_microusd', 0);
    end if;
    update public.rehearsed_answers set state = 'asking'
    where rehearsal_id = p_id and number = p_number and state in ('waiting', 'asking');
    return jsonb_build_object(
        'is_mine', found, 'left_microusd', greatest(0, v_rehearsal.ceiling_microusd - v_rehearsal.spent_microusd)
    );
end;
$$;
comment on function public.take_rehearsed is 'Before models are asked a question of a rehearsal: {is_mine (false: another attempt has taken over, or it is closed), left_microusd (what may still be spent)}.';
revoke execute on function public.take_rehearsed from public, anon, authenticated;
grant execute on function public.take_rehearsed to service_role;

create or replace function private.close_rehearsed(
    p_id uuid, p_number integer, p_body text, p_source text, p_code text, p_usage jsonb
) returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_item public.rehearsed_answers;
    v_rehearsal public.rehearsals;
    v_cost bigint := case when p_usage ->> 'cost_state' = 'unpriced' then null
        else coalesce((p_usage ->> 'cost_microusd')::bigint, 0) end;
    v_written public.usage_logs[];
begin
    update public.rehearsed_answers
    set state = case p_code when '' then 'done' else 'failed' end, code = p_code, source = p_source,
        -- Of somebody who left meanwhile no words are kept.
        body = case when exists (select from public.rehearsals where id = p_id and content <> '{}') then p_body else '' end,
        provider = coalesce(p_usage ->> 'provider', ''), model = coalesce(p_usage ->> 'model', ''),
        cost_microusd = v_cost, latency_ms = coalesce((p_usage ->> 'model_latency_ms')::bigint, 0),
        grounding = p_usage ->> 'grounding', ended_at = now()
    where rehearsal_id = p_id and number = p_number and state = 'asking'
    returning * into v_item;
    if not found then
        return false;
    end if;
    update public.rehearsals
    set spent_microusd = spent_microusd + coalesce(v_cost, (p_usage ->> 'most_microusd')::bigint, ceiling_microusd)
    where id = p_id returning * into v_rehearsal;
    -- One writer at a time, as in private.write_usage.
    perform pg_advisory_xact_lock(hashtextextended('usage_logs', 0));
    with written as (
        insert into public.usage_logs (
            answer_id, run, feature, status, error_code, user_id, team_id, plan_code, file_key, provider, model,
            input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, cache_write_tokens, token_classes,
            service_tier, cost_microusd, cost_state, price_name, latency_ms, model_latency_ms, fallbacks,
            prompt_version, request_id, unknown_calls
        )
        select v_item.id, 1, 'rehearsal', case p_code when '' then 'answered' else 'failed' end, p_code,
            users.id, users.team_id, coalesce((select code from private.plan_in_force(users.id)), ''), '', v_item.provider, v_item.model,
            coalesce((p_usage ->> 'input_tokens')::bigint, 0), coalesce((p_usage ->> 'cached_input_tokens')::bigint, 0),
            coalesce((p_usage ->> 'output_tokens')::bigint, 0), coalesce((p_usage ->> 'reasoning_tokens')::bigint, 0),
            coalesce((p_usage ->> 'cache_write_tokens')::bigint, 0), coalesce(p_usage -> 'token_classes', '{}'),
            coalesce(p_usage ->> 'service_tier', 'standard'), v_cost, coalesce(p_usage ->> 'cost_state', 'priced'),
            coalesce(p_usage ->> 'price_name', 'no model call'), v_item.latency_ms, v_item.latency_ms,
            coalesce((p_usage ->> 'fallbacks')::integer, 0), coalesce(p_usage ->> 'prompt_version', ''),
            v_rehearsal.request_id, coalesce((p_usage ->> 'unknown_calls')::integer, 0)
        from public.users where users.id = v_rehearsal.user_id
        on conflict do nothing
        returning usage_logs as line
    )
    select array_agg(line) into v_written from written;
    perform private.roll_up_written(v_written, array[v_item.id], array[p_usage]);
    return true;
end;
$$;
comment on function private.close_rehearsed is 'Close a question of a rehearsal that is being asked, with its row of the ledger: whether that was done now. The caller holds the rehearsal.';
revoke execute on function private.close_rehearsed from public, anon, authenticated;
grant execute on function private.close_rehearsed to service_role;

create or replace function private.end_rehearsal(p_id uuid) returns void
language sql
security invoker
set search_path = ''
as $$
    update public.rehearsals set state = 'done', ended_at = now()
    where id = p_id and state <> 'done' and not exists (
        select from public.rehearsed_answers where rehearsal_id = p_id and state in ('waiting', 'asking')
    )
$$;
comment on function private.end_rehearsal is 'A rehearsal is done when none of its questions is open.';
revoke execute on function private.end_rehearsal from public, anon, authenticated;
grant execute on function private.end_rehearsal to service_role;

create or replace function public.book_rehearsed(
    p_id uuid, p_number integer, p_body text, p_source text, p_code text, p_usage jsonb
) returns text
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform from public.rehearsals where id = p_id for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_rehearsal';
    end if;
    perform private.close_rehearsed(p_id, p_number, p_body, p_source, p_code, p_usage);
    perform private.end_rehearsal(p_id);
    return (select state from public.rehearsals where id = p_id);
end;
$$;
comment on function public.book_rehearsed is 'Close a question of a rehearsal: what would be said (p_source: model, measured), or why it failed (p_code), and what that cost. Safe to call again. The rehearsal''s state.';
revoke execute on function public.book_rehearsed from public, anon, authenticated;
grant execute on function public.book_rehearsed to service_role;

create or replace function private.forget_rehearsals(p_user_id uuid) returns void
language sql
security invoker
set search_path = ''
as $$
    update public.rehearsed_answers set body = ''
    where rehearsal_id in (select id from public.rehearsals where user_id = p_user_id);
    update public.rehearsed_answers set state = 'failed', code = 'forgotten', ended_at = now()
    where state = 'waiting' and rehearsal_id in (select id from public.rehearsals where user_id = p_user_id);
    update public.rehearsals set content = '{}', request_id = '' where user_id = p_user_id;
    select private.end_rehearsal(id) from public.rehearsals where user_id = p_user_id
$$;
comment on function private.forget_rehearsals is 'Part of deleting an account: no words stay. The rows do for some days, so that a call under way is still booked.';
revoke execute on function private.forget_rehearsals from public, anon, authenticated;
grant execute on function private.forget_rehearsals to service_role;

-- For operators

create or replace function public.operator_offer_rehearsal(p_user_id uuid) returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if coalesce(private.operator_role(), '') <> all (array['founder', 'support']) then
        raise exception using errcode = '42501', message = 'your_role_may_not_do_this';
    end if;
    return private.rehearsal_offer(p_user_id);
end;
$$;
comment on function public.operator_offer_rehearsal is 'Founders and support: what a rehearsal of a person may be made of, and what it would cost: {left, costs_microusd}.';
revoke execute on function public.operator_offer_rehearsal from public, anon, authenticated;
grant execute on function public.operator_offer_rehearsal to authenticated;

create or replace function public.operator_start_rehearsal(
    p_user_id uuid, p_content jsonb, p_questions integer, p_reason text
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id uuid;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    perform private.check_context(p_content);
    v_id := private.place_rehearsal(p_user_id, (select auth.uid()), p_content, p_questions, 500000, '');
    perform private.note_access('REVEAL', 'rehearsals', v_id::text, p_user_id, array['questions', 'replies']);
    return jsonb_build_object('id', v_id);
end;
$$;
comment on function public.operator_start_rehearsal is 'Founders and support: rehearse a guidance with a person''s latest questions, whose words the operator then sees; with a reason that is logged. {id}. Refused as public.start_rehearsal.';
revoke execute on function public.operator_start_rehearsal from public, anon, authenticated;
grant execute on function public.operator_start_rehearsal to authenticated;

create or replace function public.operator_read_rehearsal(p_id uuid) returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_rehearsal public.rehearsals;
begin
    if coalesce(private.operator_role(), '') <> all (array['founder', 'support']) then
        raise exception using errcode = '42501', message = 'your_role_may_not_do_this';
    end if;
    select * into v_rehearsal from public.rehearsals where id = p_id and operator_id = (select auth.uid());
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_rehearsal';
    end if;
    return private.rehearsal_json(v_rehearsal);
end;
$$;
comment on function public.operator_read_rehearsal is 'Founders and support: a rehearsal that they started themselves, as private.rehearsal_json gives it.';
revoke execute on function public.operator_read_rehearsal from public, anon, authenticated;
grant execute on function public.operator_read_rehearsal to authenticated;

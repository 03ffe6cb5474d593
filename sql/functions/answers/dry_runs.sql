-- What a replay of dead letters would do, step by step, and what it would probably cost. Nothing is changed.

-- What founders set is known here. The rest are the product's defaults: only the service knows what its environment
-- sets.
create or replace function private.decision_limits() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_object_agg(defaults.code, coalesce(settings.value #>> '{}', defaults.value::text)::bigint)
    from (values
        ('answers_per_minute', 10), ('loop_breaker_replies', 3), ('loop_breaker_window_seconds', 300),
        ('author_replies_per_day', 50), ('unbilled_microusd_per_day', 1000000)
    ) as defaults (code, value)
    left join public.product_settings as settings on settings.code = defaults.code and settings.value <> 'null'
$$;
comment on function private.decision_limits is 'The limits by which comments are decided upon, by name: as founders set them, else as the service has them by default.';
revoke execute on function private.decision_limits from public, anon, authenticated;

-- Takes the decision as a replay would, with decide_answer, and undoes it.
create or replace function private.expect_decision(p_answer public.answers) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_answer public.answers := p_answer;
    v_limits jsonb := private.decision_limits();
    v_payer jsonb := '{}';
begin
    if p_answer.confirmed_at is null and p_answer.author_figma_id = '' then
        return jsonb_build_object('decision', 'look', 'reason', '');
    end if;
    v_answer.run := p_answer.run + 1;
    v_answer.decision := null;
    v_answer.reason := '';
    begin
        -- Its decision of the run before must not count against its author.
        update public.answers set decision = null where id = p_answer.id;
        v_answer := private.decide_answer(
            v_answer, (v_limits -> 'answers_per_minute')::integer, (v_limits -> 'loop_breaker_replies')::integer,
            (v_limits -> 'loop_breaker_window_seconds')::integer, (v_limits -> 'author_replies_per_day')::integer,
            (v_limits -> 'unbilled_microusd_per_day')::bigint);
        v_answer := private.hold_back(v_answer, (v_limits -> 'answers_per_minute')::integer);
        raise exception sqlstate 'UNDO0';
    exception when sqlstate 'UNDO0' then
        null;
    end;
    if v_answer.payer_id is not null then
        v_payer := private.usage_summary(v_answer.payer_id)
            || jsonb_build_object('payer', (select handle from public.users where id = v_answer.payer_id));
    end if;
    return v_payer || jsonb_build_object('decision', v_answer.decision, 'reason', v_answer.reason);
end;
$$;
comment on function private.expect_decision is 'What a replay would decide now: {decision, reason} and, with a payer, their usage. What the decision writes is undone.';
revoke execute on function private.expect_decision from public, anon, authenticated;

-- The one that the person chose, where it is set up and their team may choose, else the first of the chain, as the worker
-- that started last told it; before one did, the model that answered last. As in service/llm/chain.py.
create or replace function private.expected_model(p_user_id uuid) returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_chain jsonb := (select coalesce(jsonb_agg(id order by place), '[]') from public.chain_models);
    v_chosen text := (
        select contexts.model from public.user_contexts as contexts
        join public.users on users.id = contexts.user_id
        left join public.teams on teams.id = users.team_id
        where contexts.user_id = p_user_id and coalesce((teams.feature_flags ->> 'model_choice')::boolean,
            (select is_on from public.feature_flags where code = 'model_choice')));
begin
    -- No worker has told yet which it is set up with.
    if v_chain = '[]' and not exists (select from public.service_profile) then
        return (
            select provider || '/' || model from public.usage_logs
            where status = 'answered' and provider not in ('', 'measured-review')
            order by at desc limit 1
        );
    end if;
    return case when v_chain ? v_chosen then v_chosen else v_chain ->> 0 end;
end;
$$;
comment on function private.expected_model is 'provider/model that would be asked first for this person''s guidance; NULL: none.';
revoke execute on function private.expected_model from public, anon, authenticated;

create or replace function private.expected_cost(p_feature text, p_user_id uuid) returns bigint
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_model text := private.expected_model(p_user_id);
begin
    return (
        select ceil(sum(cost_microusd)::numeric / nullif(sum(uses - unpriced), 0))::bigint
        from public.usage_hourly
        where hour >= now() - interval '30 days' and status = 'answered' and feature = p_feature
            and provider = split_part(v_model, '/', 1)
            and model = substr(v_model, strpos(v_model, '/') + 1)
    );
end;
$$;
comment on function private.expected_cost is 'Mean cost in micro-dollars of an answer (feature comment or analysis) by the model that would be asked for this person, where its price was known, last 30 days; NULL without any.';
revoke execute on function private.expected_cost from public, anon, authenticated;

create or replace function private.usual_cost_of_builds() returns bigint
language sql
stable
security invoker
set search_path = ''
as $$
    select ceil(avg(cost_microusd))::bigint from public.pipeline_history
    where ended_at >= now() - interval '30 days' and unpriced = 0
$$;
comment on function private.usual_cost_of_builds is 'Mean cost in micro-dollars of the models of a pipeline whose calls all have a price, last 30 days; NULL without any.';
revoke execute on function private.usual_cost_of_builds from public, anon, authenticated;

-- Its sentences stand in dashboard/dead_letters/step_sentences.py. Detail: for dashboards of the version before.
create or replace function private.planned_step(
    p_step text, p_status text, p_code text, p_parameters jsonb default '{}'
) returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'step', p_step, 'status', p_status, 'code', p_code, 'parameters', p_parameters,
        'detail', replace(p_code, '_', ' ')
    )
$$;
comment on function private.planned_step is 'One line of a dry run: what happens is a code with the parameters of its sentence; status: done, do, charge, post or none (not needed).';
revoke execute on function private.planned_step from public, anon, authenticated;

create or replace function private.begun_build(p_answer public.answers) returns uuid
language sql
stable
security invoker
set search_path = ''
as $$
    select id from public.pipelines
    where user_id = p_answer.payer_id and idempotency_key = private.key_of_answer(p_answer.id)
$$;
comment on function private.begun_build is 'The run that a "build" in a comment has begun before, or NULL.';
revoke execute on function private.begun_build from public, anon, authenticated;

-- The run of the first time is told of again, and no other begins.
create or replace function private.planned_build(p_answer public.answers, p_expected jsonb) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select case
        when p_expected ->> 'payer' is null then private.planned_step('Use', 'none', 'build_asks_to_connect')
        when private.begun_build(p_answer) is not null then private.planned_step(
            'Use', 'none', 'build_is_begun', jsonb_build_object('pipeline_id', private.begun_build(p_answer)))
        when (p_expected ->> 'left')::integer < 1 then private.planned_step('Use', 'none', 'build_has_no_use')
        else private.planned_step('Use', 'charge', 'build_reserves_a_use', jsonb_build_object(
            'payer', p_expected -> 'payer', 'plan', p_expected -> 'plan_name', 'left', p_expected -> 'left'))
    end
$$;
comment on function private.planned_build is 'The line of a dry run that says what a "build" takes.';
revoke execute on function private.planned_build from public, anon, authenticated;

create or replace function private.planned_use(p_answer public.answers, p_expected jsonb) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select case p_expected ->> 'decision'
        when 'answer' then private.planned_step(
            'Use', 'charge',
            case when exists (
                select from public.use_receipts where answer_id = p_answer.id and state = 'released'
            ) then 'reserves_the_use_again' else 'reserves_a_use' end,
            jsonb_build_object(
                'payer', p_expected -> 'payer', 'plan', p_expected -> 'plan_name', 'left', p_expected -> 'left'))
        when 'command' then case when p_answer.command = 'build' then private.planned_build(p_answer, p_expected)
            else private.planned_step('Use', 'none', 'commands_are_free') end
        when 'invite' then private.planned_step('Use', 'none', 'invitations_are_free')
        else private.planned_step(
            'Use', 'none', 'nothing_is_reserved', jsonb_build_object('reason', p_expected -> 'reason'))
    end
$$;
comment on function private.planned_use is 'The line of a dry run that says who pays.';
revoke execute on function private.planned_use from public, anon, authenticated;

create or replace function private.planned_reply(p_expected jsonb) returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
    select case p_expected ->> 'decision'
        when 'ignore' then private.planned_step('Reply', 'none', 'nothing_is_posted', jsonb_build_object(
            'state', case p_expected ->> 'reason' when 'loop_breaker' then 'refused' else 'ignored' end))
        when 'refuse' then private.planned_step(
            'Reply', 'post', 'posts_the_refusal', jsonb_build_object('reason', p_expected -> 'reason'))
        when 'invite' then private.planned_step('Reply', 'post', 'posts_the_invitation')
        when 'command' then private.planned_step('Reply', 'post', 'answers_the_command')
        else private.planned_step('Reply', 'post', 'posts_one_reply')
    end
$$;
comment on function private.planned_reply is 'The line of a dry run that says what is posted.';
revoke execute on function private.planned_reply from public, anon, authenticated;

-- The steps of a replay in the order in which the worker takes them, derived from what is stored.
create or replace function private.planned_replay(p_answer public.answers) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_expected jsonb := private.expect_decision(p_answer);
    v_decision text := v_expected ->> 'decision';
    v_is_kept boolean := coalesce(
        p_answer.draft ->> 'decision' = v_decision
        and coalesce(p_answer.draft ->> 'reason', '') = v_expected ->> 'reason', false);
    v_asks boolean := v_decision = 'answer' and not v_is_kept;
    v_builds boolean := v_decision = 'command' and p_answer.command = 'build'
        and private.planned_build(p_answer, v_expected) ->> 'status' = 'charge';
    v_usual bigint := private.expected_cost('comment', coalesce(p_answer.context_user_id, p_answer.payer_id));
    v_steps jsonb;
begin
    if v_decision = 'look' then
        return jsonb_build_object(
            'id', p_answer.id, 'state', p_answer.state, 'can_replay', true, 'decision', v_decision, 'takes_use', false,
            'posts', true, 'asks_model', true, 'estimated_microusd', v_usual,
            'steps', jsonb_build_array(
                private.planned_step('Comment', 'do', 'asks_figma_who_wrote_it'),
                private.planned_step('Use', 'charge', 'payer_is_not_known_yet'),
                private.planned_step('Model', 'charge', 'asks_the_model_if_it_is_a_question'),
                private.planned_step('Reply', 'post', 'posts_one_reply_if_the_comment_exists')
            )
        );
    end if;
    v_steps := jsonb_build_array(
        private.planned_step('Comment', 'done', 'comment_is_stored'), private.planned_use(p_answer, v_expected));
    if v_decision <> 'ignore' then
        v_steps := v_steps || case
            when v_asks then jsonb_build_array(
                private.planned_step('Design', 'do', 'reads_thread_and_design'),
                private.planned_step('Model', 'charge', 'asks_the_model'))
            when v_decision = 'answer' then jsonb_build_array(
                private.planned_step('Design', 'done', 'design_was_read'),
                private.planned_step('Model', 'done', 'draft_is_kept'))
            when v_builds then jsonb_build_array(
                private.planned_step('Design', 'do', 'build_reads_the_frame'),
                private.planned_step('Model', 'charge', 'build_may_ask_models'))
            else jsonb_build_array(
                private.planned_step('Design', 'none', 'not_needed'), private.planned_step('Model', 'none', 'not_needed'))
        end || private.planned_step('Look', 'do', 'looks_for_our_reply');
    end if;
    v_steps := v_steps || private.planned_reply(v_expected);
    if v_decision <> 'ignore' then
        v_steps := v_steps || private.planned_step(
            'Books', 'do', 'writes_one_ledger_row', jsonb_build_object('run', p_answer.run + 1));
    end if;
    return jsonb_build_object(
        'id', p_answer.id, 'state', p_answer.state, 'can_replay', true, 'decision', v_decision,
        'takes_use', v_decision = 'answer' or v_builds, 'posts', v_decision <> 'ignore', 'asks_model', v_asks or v_builds,
        'estimated_microusd', case when v_asks then v_usual
            when v_builds then private.usual_cost_of_builds() else 0 end, 'steps', v_steps
    );
end;
$$;
comment on function private.planned_replay is 'What a replay of one dead letter would do, step by step, and what it would probably cost (NULL: not known).';
revoke execute on function private.planned_replay from public, anon, authenticated;

create or replace function private.finished_plan(p_answer public.answers) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'id', p_answer.id, 'state', p_answer.state, 'can_replay', false, 'decision', p_answer.decision,
        'takes_use', false, 'posts', false, 'asks_model', false, 'estimated_microusd', 0,
        'steps', jsonb_build_array(case
            when p_answer.reply_comment_id is not null then private.planned_step(
                'Everything', 'done',
                case when exists (
                    select from public.use_receipts where answer_id = p_answer.id and state = 'settled'
                ) then 'reply_stands_and_use_is_settled' else 'reply_stands' end,
                jsonb_build_object('reply_id', p_answer.reply_comment_id))
            when p_answer.reason = 'discarded' then private.planned_step('Everything', 'done', 'was_discarded')
            when p_answer.state in ('queued', 'working', 'deferred')
                then private.planned_step('Everything', 'done', 'is_queued_already')
            else private.planned_step('Everything', 'done', 'is_closed', jsonb_build_object('state', p_answer.state))
        end)
    )
$$;
comment on function private.finished_plan is 'The dry run of an answer that is no dead letter: nothing to do, and why.';
revoke execute on function private.finished_plan from public, anon, authenticated;

-- Security definer with a check: drafts hold people's words and are closed to operators.
create or replace function public.plan_replay(p_answer_ids uuid[]) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
    if coalesce(private.operator_role(), '') not in ('founder', 'support') then
        raise exception using errcode = '42501', message = 'your_role_may_not_see_dead_letters';
    end if;
    if coalesce(cardinality(p_answer_ids), 0) not between 1 and 200 then
        raise exception using errcode = 'PT422', message = 'pick_1_to_200_answers';
    end if;
    return (
        select coalesce(jsonb_agg(plans.plan order by array_position(p_answer_ids, plans.id)), '[]'::jsonb)
        from (
            select a.id, case when a.state = 'failed' then private.planned_replay(a)
                else private.finished_plan(a) end as plan
            from public.answers as a where a.id = any (p_answer_ids)
            union all
            select a.id, private.analysis_replay_plan(a) from public.analyses as a where a.id = any (p_answer_ids)
        ) as plans
    );
end;
$$;
comment on function public.plan_replay is 'Dry run for founders and support: what a replay of each answer would do, charge and post. Nothing that it writes stays.';
revoke execute on function public.plan_replay from public, anon, authenticated;
grant execute on function public.plan_replay to authenticated;

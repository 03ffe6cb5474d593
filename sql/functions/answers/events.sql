-- The webhook receiver's one call: store deliveries and queue their jobs, each exactly once.

-- What a worker needs to look at Figma before it knows anything else of an answer.
create or replace function private.look_of(p_answer public.answers, p_context text) returns jsonb
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
    return jsonb_build_object(
        'webhook_id', p_answer.webhook_id, 'context', p_context, 'file_key', p_answer.file_key,
        'comment_id', p_answer.comment_id, 'root_comment_id', p_answer.root_comment_id,
        'received_at', p_answer.received_at, 'request_id', p_answer.request_id,
        'trace_parent', p_answer.trace_parent,
        'since', coalesce(p_answer.hint ->> 'replayed_at', to_jsonb(p_answer.received_at) #>> '{}'),
        'mentions', coalesce(p_answer.hint -> 'mentions', '[[]]'::jsonb)
    );
end;
$$;
comment on function private.look_of is 'Where to look for a comment, and what its delivery claimed: {webhook_id, context, file_key, comment_id, root_comment_id, received_at, since, request_id, trace_parent, mentions}.';
revoke execute on function private.look_of from public, anon, authenticated;
grant execute on function private.look_of to service_role;

-- One call for all jobs of a batch, in the order given. procrastinate's own function names its tables without a schema,
-- hence the search path. A job that has to look first gets the place in its arguments, so that it need not call the
-- database before Figma. The place is text, because procrastinate copies and prints a job's arguments many times.
-- Answers are looked up by key, even by plans that were made while there were few.
create or replace function private.queue_answers(p_answer_ids uuid[]) returns void
language plpgsql
security invoker
set search_path = queue, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
    v_jobs queue.procrastinate_job_to_defer_v1[];
begin
    select array_agg(
        row(
            'answers', 'answer_comment', 0, 'thread:' || answers.file_key || ':' || answers.root_comment_id, null,
            jsonb_build_object('answer_id', answers.id) || case
                when answers.decision is null and answers.confirmed_at is null
                then jsonb_build_object('look', private.look_of(answers, webhooks.context)::text) else '{}' end,
            null
        )::queue.procrastinate_job_to_defer_v1
        order by asked.place
    )
    into v_jobs
    from unnest(p_answer_ids) with ordinality as asked (id, place)
    join public.answers on answers.id = asked.id
    left join public.user_webhooks as webhooks on webhooks.id = answers.webhook_id;
    if v_jobs is not null then
        perform queue.procrastinate_defer_jobs_v1(v_jobs);
    end if;
end;
$$;
comment on function private.queue_answers is 'Queue the jobs of answers; a lock per thread keeps the replies of a thread in order, until one has to wait for long: the worker gives that one a lock of its own.';
revoke execute on function private.queue_answers from public, anon, authenticated;
grant execute on function private.queue_answers to service_role;
grant execute on all functions in schema queue to service_role;

create or replace function private.hint_of(p_event jsonb) returns jsonb
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
    return jsonb_build_object(
        'author_id', p_event ->> 'author_figma_id',
        'mentions', jsonb_build_array(coalesce(p_event -> 'mentions', '[]'::jsonb))
    );
end;
$$;
comment on function private.hint_of is 'What a delivery claims and the worker needs to look: {author_id, mentions: the one list that it gives}.';
revoke execute on function private.hint_of from public, anon, authenticated;
grant execute on function private.hint_of to service_role;

-- Store one delivery; the caller queues the job when the outcome is 'queued'. Redeliveries, overlapping webhooks and
-- concurrent duplicates meet in the unique keys of webhook_deliveries and answers, so that one comment has one answer
-- and one job.
-- Nothing that a delivery says about its author, text or thread is trusted: it is a hint where to look. A file's
-- webhook covers that file alone. For a team's or project's webhook, the worker asks Figma which files it covers.
create or replace function private.record_event(p_event jsonb) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_webhook public.user_webhooks;
    v_outcome text := p_event ->> 'outcome';
    v_answer_id uuid;
    v_delivery_id bigint;
    v_is_new boolean;
    v_addressed boolean := (p_event ->> 'is_addressed')::boolean;
begin
    select * into v_webhook from public.user_webhooks where id = (p_event ->> 'webhook_id')::uuid;
    if not found then
        return jsonb_build_object('outcome', 'gone');
    end if;
    if v_webhook.paused_because = 'unconfirmed_deliveries' then
        -- Counted and not kept: a flood must not fill the database either.
        return jsonb_build_object('outcome', 'paused', 'is_redelivery', false);
    end if;
    -- Not at every delivery: a busy webhook's row would be rewritten for each comment.
    if v_webhook.state = 'creating' or v_webhook.last_event_at is null
        or v_webhook.last_event_at < now() - interval '5 seconds' or p_event ->> 'event_type' = 'PING'
    then
        update public.user_webhooks
        set last_event_at = now(),
            confirmed_at = case when p_event ->> 'event_type' = 'PING' then now() else confirmed_at end,
            figma_webhook_id = coalesce(figma_webhook_id, p_event ->> 'figma_webhook_id'),
            state = case when state = 'creating' then 'active' else state end
        where id = v_webhook.id
        returning * into v_webhook;
    end if;

    if v_outcome is null and v_webhook.state in ('paused', 'deleted') then
        v_outcome := 'paused';
    end if;
    if coalesce(v_outcome, '') <> 'paused' and v_webhook.context = 'file' and p_event ->> 'event_type' = 'FILE_COMMENT'
        and p_event ->> 'file_key' <> v_webhook.context_id
    then
        v_outcome := 'foreign_file';
        perform private.count_refusal(v_webhook.id, 'foreign_file');
    end if;
    if v_outcome is null and not v_addressed then
        v_addressed := exists (select from public.bot_identity where p_event -> 'mention_ids' ? figma_user_id);
    end if;
    -- Two look-ups: one with "or" would read all answers of the file while a new table is not analyzed yet.
    if v_outcome is null and (
        exists (
            select from public.answers
            where file_key = p_event ->> 'file_key' and reply_comment_id = p_event ->> 'comment_id'
        )
        or exists (
            select from public.answers
            where file_key = p_event ->> 'file_key' and notice_comment_id = p_event ->> 'comment_id'
        )
    ) then
        v_outcome := 'own_reply';
    end if;
    if v_outcome is null and not v_addressed then
        v_outcome := 'ignored';
    end if;

    if v_outcome is null then
        insert into public.answers (
            webhook_id, file_key, file_name, comment_id, root_comment_id, author_figma_id, asked_at, request_id,
            trace_parent, hint
        ) values (
            v_webhook.id, p_event ->> 'file_key', p_event ->> 'file_name', p_event ->> 'comment_id',
            p_event ->> 'root_comment_id', '', (p_event ->> 'asked_at')::timestamptz,
            coalesce(p_event ->> 'request_id', ''), coalesce(p_event ->> 'trace_parent', ''), private.hint_of(p_event)
        )
        -- Of whatever key: partitions have no index over all of them (private.claim_answer).
        on conflict do nothing
        returning id into v_answer_id;
        if v_answer_id is not null then
            v_outcome := 'queued';
        else
            v_outcome := 'duplicate';
            select id into v_answer_id from public.answers
            where file_key = p_event ->> 'file_key' and comment_id = p_event ->> 'comment_id';
        end if;
    end if;

    insert into public.webhook_deliveries as d (
        webhook_id, event_type, event_key, outcome, payload, answer_id, request_id
    ) values (
        v_webhook.id, p_event ->> 'event_type', p_event ->> 'event_key', v_outcome, p_event -> 'payload', v_answer_id,
        coalesce(p_event ->> 'request_id', '')
    )
    on conflict do nothing
    returning d.id into v_delivery_id;
    v_is_new := found;
    if not v_is_new then
        update public.webhook_deliveries as d
        set redelivered = d.redelivered + 1, last_received_at = now(),
            -- A forged delivery may have come first. What counts is that a comment was to be answered.
            outcome = case when d.answer_id is null and v_answer_id is not null then v_outcome else d.outcome end,
            answer_id = coalesce(d.answer_id, v_answer_id)
        where d.webhook_id = v_webhook.id and d.event_type = p_event ->> 'event_type'
            and d.event_key = p_event ->> 'event_key'
        returning d.id into v_delivery_id;
        if not found then
            -- Removed at this very moment, or its number is another's. Figma sends it again.
            raise exception using errcode = 'PT409', message = 'delivery_was_not_stored';
        end if;
    end if;
    return jsonb_build_object(
        'outcome', v_outcome, 'answer_id', v_answer_id, 'delivery_id', v_delivery_id, 'is_redelivery', not v_is_new
    );
end;
$$;
comment on function private.record_event is 'Store one delivery, and its answer if it is new and addressed: {outcome, answer_id, delivery_id, is_redelivery}.';
revoke execute on function private.record_event from public, anon, authenticated;
grant execute on function private.record_event to service_role;

-- A delivery that Figma does not confirm must not block the true one for the same comment, whichever comes first. An
-- answer that was closed as not confirmed is looked at again, as the newest delivery says. This runs after all
-- deliveries of a batch are stored, and locks in the order of private.lock_steps. Whoever closes an answer as not
-- confirmed holds the same lock, and counts its deliveries after that (private.close_look): so one of the two sees the
-- other.
create or replace function private.look_again(p_answer_ids uuid[], p_webhook_ids uuid[], p_hints jsonb[]) returns uuid[]
language plpgsql
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
    v_closed uuid[];
begin
    perform from public.answers where id = any (p_answer_ids) and confirmed_at is null order by id for update;
    with newest as (
        select distinct on (answer_id) answer_id, webhook_id, hint
        from unnest(p_answer_ids, p_webhook_ids, p_hints) with ordinality as told (answer_id, webhook_id, hint, place)
        order by answer_id, place desc
    ), opened as (
        update public.answers
        set state = 'queued', queued_at = now(), reason = '', failure_message = '', failures = 0, settled_at = null,
            webhook_id = newest.webhook_id,
            hint = newest.hint || jsonb_strip_nulls(jsonb_build_object('replayed_at', now()))
        from newest
        where answers.id = newest.answer_id and answers.state = 'ignored' and answers.decision is null
            and answers.reason in ('not_confirmed', 'foreign_file', 'webhook_paused')
        returning answers.id
    )
    select coalesce(array_agg(id), '{}') into v_closed from opened;
    -- Keep the mentions of several deliveries: the claims of one must not hide what another shows.
    update public.answers
    set hint = jsonb_set(answers.hint, '{mentions}', (answers.hint -> 'mentions') || (told.hint -> 'mentions'))
    from unnest(p_answer_ids, p_hints) as told (answer_id, hint)
    where answers.id = told.answer_id and answers.confirmed_at is null and answers.decision is null
        and answers.state in ('queued', 'deferred') and jsonb_array_length(answers.hint -> 'mentions') < 4
        and not answers.hint -> 'mentions' @> (told.hint -> 'mentions');
    return v_closed;
end;
$$;
comment on function private.look_again is 'Open the answers among these again that were closed as not confirmed: their ids, to be queued.';
revoke execute on function private.look_again from public, anon, authenticated;
grant execute on function private.look_again to service_role;

-- Called once per batch and last in it, so that the counters of a busy webhook are locked only until the commit.
-- plpgsql keeps the plan of its statement between calls.
create or replace function private.count_deliveries(p_webhook_ids uuid[], p_results jsonb[]) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    insert into public.webhook_hourly as h (hour, webhook_id, outcome, deliveries, redeliveries)
    select date_trunc('hour', now(), 'UTC'), delivery.webhook_id, delivery.result ->> 'outcome', count(*),
        count(*) filter (where (delivery.result ->> 'is_redelivery')::boolean)
    from unnest(p_webhook_ids, p_results) as delivery (webhook_id, result)
    where delivery.result ->> 'outcome' not in ('gone', 'unstorable')
    group by 1, 2, 3
    order by 1, 2, 3
    on conflict (hour, webhook_id, outcome) do update
        set deliveries = h.deliveries + excluded.deliveries, redeliveries = h.redeliveries + excluded.redeliveries;
end;
$$;
comment on function private.count_deliveries is 'Count the deliveries of a batch by webhook and outcome in webhook_hourly; p_results: of record_event, in the order of p_webhook_ids.';
revoke execute on function private.count_deliveries from public, anon, authenticated;
grant execute on function private.count_deliveries to service_role;

-- The deliveries are sorted by webhook and comment, so that two batches cannot deadlock. A savepoint for each makes it
-- a third slower: savepoints are used only to find the delivery that cannot be stored.
create or replace function private.record_batch(p_events jsonb, p_isolate boolean) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_results jsonb[] := array_fill(null::jsonb, array[jsonb_array_length(p_events)]);
    v_webhook_ids uuid[] := array_fill(null::uuid, array[jsonb_array_length(p_events)]);
    v_event record;
    v_result jsonb;
    v_queued uuid[] := '{}';
    v_again uuid[] := '{}';
    v_hooks uuid[] := '{}';
    v_hints jsonb[] := '{}';
begin
    for v_event in
        select value, ordinality from jsonb_array_elements(p_events) with ordinality
        order by value ->> 'webhook_id', value ->> 'file_key', value ->> 'comment_id', ordinality
    loop
        if p_isolate then
            begin
                v_result := private.record_event(v_event.value);
            exception
                when data_exception or integrity_constraint_violation or program_limit_exceeded then
                    v_result := jsonb_build_object('outcome', 'unstorable', 'detail', sqlstate);
            end;
        else
            v_result := private.record_event(v_event.value);
        end if;
        if v_result ->> 'outcome' = 'queued' then
            v_queued := v_queued || (v_result ->> 'answer_id')::uuid;
        elsif v_result ->> 'outcome' = 'duplicate' then
            v_again := v_again || (v_result ->> 'answer_id')::uuid;
            v_hooks := v_hooks || (v_event.value ->> 'webhook_id')::uuid;
            v_hints := v_hints || private.hint_of(v_event.value);
        end if;
        v_results[v_event.ordinality] := v_result;
        v_webhook_ids[v_event.ordinality] := (v_event.value ->> 'webhook_id')::uuid;
    end loop;
    if v_again <> '{}' then
        v_queued := v_queued || private.look_again(v_again, v_hooks, v_hints);
    end if;
    perform private.queue_answers(v_queued);
    perform private.count_deliveries(v_webhook_ids, v_results);
    return to_jsonb(v_results);
end;
$$;
comment on function private.record_batch is 'Store deliveries and queue their jobs; p_isolate: one that cannot be stored leaves the others alone.';
revoke execute on function private.record_batch from public, anon, authenticated;
grant execute on function private.record_batch to service_role;

-- Group commit: all in one transaction. One that cannot be stored does not fail the others.
create or replace function public.record_events(p_events jsonb) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
    begin
        return private.record_batch(p_events, false);
    exception
        when data_exception or integrity_constraint_violation or program_limit_exceeded then
            return private.record_batch(p_events, true);
    end;
end;
$$;
comment on function public.record_events is 'Store deliveries and queue their jobs in one transaction; answers each, in the order given.';
revoke execute on function public.record_events from public, anon, authenticated;
grant execute on function public.record_events to service_role;

create or replace function public.register_bot(p_figma_user_id text, p_handle text) returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.bot_identity (figma_user_id, handle) values (p_figma_user_id, p_handle)
    on conflict (is_only) do update
        set figma_user_id = excluded.figma_user_id, handle = excluded.handle, updated_at = now()
$$;
comment on function public.register_bot is 'Whose mention addresses the buddy: the account behind FIGMA_BOT_TOKEN.';
revoke execute on function public.register_bot from public, anon, authenticated;
grant execute on function public.register_bot to service_role;

-- What attempts sent to models and what they took, and one answer opened whole.

-- p_traces by place: what a worker tells of its attempt, NULL where it tells nothing. Whoever has deleted the account
-- meanwhile leaves no words behind. Answers are looked up by key.
create or replace function private.keep_traces(
    p_answer_ids uuid[], p_attempts integer[], p_traces jsonb[], p_ended text, p_reason text
) returns void
language plpgsql
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
    insert into public.answer_traces (
        answer_id, run, attempt, ended, reason, rules, prompt, followed, saw_picture, calls, steps
    )
    select told.answer_id, mine.run, told.attempt, p_ended, p_reason, coalesce(told.trace ->> 'rules', ''),
        case when not mine.is_gone then told.trace ->> 'prompt' end,
        case when not mine.is_gone then nullif(told.trace -> 'followed', 'null') end,
        coalesce((told.trace ->> 'saw_picture')::boolean, false), coalesce(told.trace -> 'calls', '[]'),
        coalesce(told.trace -> 'steps', '[]')
    from unnest(p_answer_ids, p_attempts, p_traces) as told (answer_id, attempt, trace)
    cross join lateral (
        select answers.run, answers.author_figma_id like 'deleted:%' as is_gone
        from public.answers where answers.id = told.answer_id offset 0
    ) as mine
    where told.trace is not null
    -- An attempt that fails after its draft keeps what it sent.
    on conflict (answer_id, run, attempt) do update
        set ended = excluded.ended, reason = excluded.reason, steps = excluded.steps
        where excluded.ended <> 'drafted';
end;
$$;
comment on function private.keep_traces is 'Keep what these attempts at answers sent to models and what they took, once each.';
revoke execute on function private.keep_traces from public, anon, authenticated;
grant execute on function private.keep_traces to service_role;

create or replace function private.keep_analysis_trace(p_analysis public.analyses, p_trace jsonb, p_ended text, p_reason text)
returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    if p_trace is null or exists (select from public.users where id = p_analysis.user_id and state = 'deleted') then
        return;
    end if;
    insert into public.answer_traces (
        answer_id, run, attempt, feature, ended, reason, rules, prompt, followed, saw_picture, calls, steps
    ) values (
        p_analysis.id, p_analysis.run, p_analysis.attempt, 'analysis', p_ended, p_reason,
        coalesce(p_trace ->> 'rules', ''), p_trace ->> 'prompt', nullif(p_trace -> 'followed', 'null'), false,
        coalesce(p_trace -> 'calls', '[]'), coalesce(p_trace -> 'steps', '[]')
    ) on conflict (answer_id, run, attempt) do nothing;
end;
$$;
comment on function private.keep_analysis_trace is 'Keep what an attempt at an analysis sent to models and what it took, once; nothing of somebody who left.';
revoke execute on function private.keep_analysis_trace from public, anon, authenticated;
grant execute on function private.keep_analysis_trace to service_role;

create or replace function public.announce_prompts(p_prompts jsonb) returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.prompt_rules (hash, version, rules)
    select encode(sha256(convert_to(told.rules, 'UTF8')), 'hex'), told.version, told.rules
    from jsonb_to_recordset(p_prompts) as told (version text, rules text)
    order by 1
    on conflict (hash) do nothing
$$;
comment on function public.announce_prompts is 'A worker at its start: the fixed first message of its prompts, [{version, rules}].';
revoke execute on function public.announce_prompts from public, anon, authenticated;
grant execute on function public.announce_prompts to service_role;

-- Somebody's words stand in the prompts of what they asked, of what was answered with their guidance, and of others'
-- questions in files where they wrote. p_files: those, as deliveries tell before they are emptied.
create or replace function private.forget_traces(p_user_id uuid, p_files text[]) returns void
language sql
security invoker
set search_path = ''
as $$
    delete from public.answer_traces
    where answer_id in (
        select id from public.answers where author_figma_id = 'deleted:' || p_user_id
        union all
        select id from public.answers where payer_id = p_user_id
        union all
        select id from public.answers where file_key = any (p_files)
        union all
        select others.id from public.answers as mine join public.answers as others on others.file_key = mine.file_key
        where mine.author_figma_id = 'deleted:' || p_user_id
        union all
        select id from public.analyses where user_id = p_user_id
    )
$$;
comment on function private.forget_traces is 'Remove what was sent to models with words of somebody who is being deleted: their questions, their guidance, and the threads of files where they wrote.';
revoke execute on function private.forget_traces from public, anon, authenticated;
grant execute on function private.forget_traces to service_role;

create or replace function private.traces_of(p_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'run', run, 'attempt', attempt, 'at', at, 'ended', ended, 'reason', reason, 'has_prompt', prompt is not null,
        'saw_picture', saw_picture, 'calls', calls, 'steps', steps
    ) order by run, attempt), '[]')
    from public.answer_traces where answer_id = p_id
$$;
comment on function private.traces_of is 'The attempts at an answer or analysis that are kept, with each model call, without anybody''s words.';
revoke execute on function private.traces_of from public, anon, authenticated;
grant execute on function private.traces_of to service_role;

create or replace function private.prompts_of(p_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'run', traces.run, 'attempt', traces.attempt,
        'messages', jsonb_build_array(
            jsonb_build_object('role', 'system', 'content', rules.rules),
            jsonb_build_object('role', 'user', 'content', traces.prompt)
        ) || coalesce(traces.followed, '[]')
    ) order by traces.run, traces.attempt), '[]')
    from public.answer_traces as traces
    left join public.prompt_rules as rules on rules.hash = traces.rules
    where traces.answer_id = p_id and traces.prompt is not null
$$;
comment on function private.prompts_of is 'What was sent to models for an answer or analysis, attempt by attempt: [{run, attempt, messages}]. People''s words.';
revoke execute on function private.prompts_of from public, anon, authenticated;
grant execute on function private.prompts_of to service_role;

create or replace function private.ledger_of(p_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'run', used.run, 'at', used.at, 'status', used.status, 'error_code', used.error_code,
        'provider', used.provider, 'model', used.model, 'input_tokens', used.input_tokens,
        'cached_input_tokens', used.cached_input_tokens, 'cache_write_tokens', used.cache_write_tokens,
        'output_tokens', used.output_tokens, 'reasoning_tokens', used.reasoning_tokens,
        'token_classes', used.token_classes, 'service_tier', used.service_tier, 'cost_microusd', used.cost_microusd,
        'cost_state', used.cost_state, 'price_name', used.price_name, 'latency_ms', used.latency_ms,
        'model_latency_ms', used.model_latency_ms, 'figma_latency_ms', used.figma_latency_ms,
        'fallbacks', used.fallbacks, 'unknown_calls', used.unknown_calls
    ) order by used.run), '[]')
    from public.usage_logs as used where used.answer_id = p_id
$$;
comment on function private.ledger_of is 'The lines of the ledger of one answer or analysis, tokens by kind. The ledger itself is for founders and finance.';
revoke execute on function private.ledger_of from public, anon, authenticated;
grant execute on function private.ledger_of to service_role;

-- Security definer: the parts of one answer lie in tables that support does not read as a whole.
create or replace function public.answer_detail(p_answer_id uuid) returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object(
        'id', mine.id, 'state', mine.state, 'decision', mine.decision, 'command', mine.command, 'reason', mine.reason,
        'failure_message', mine.failure_message, 'run', mine.run, 'attempt', mine.attempt, 'failures', mine.failures,
        'request_id', mine.request_id, 'trace_id', split_part(mine.trace_parent, '-', 2),
        'asked_at', mine.asked_at, 'received_at', mine.received_at, 'confirmed_at', mine.confirmed_at,
        'decided_at', mine.decided_at, 'deferred_until', mine.deferred_until,
        'reply_created_at', mine.reply_created_at, 'settled_at', mine.settled_at,
        'file_key', mine.file_key, 'file_name', mine.file_name, 'comment_id', mine.comment_id,
        'root_comment_id', mine.root_comment_id, 'reply_comment_id', mine.reply_comment_id, 'node_id', mine.node_id,
        'author', mine.author_handle, 'author_id', author.id,
        'payer', payer.handle, 'payer_id', mine.payer_id, 'team', teams.name, 'team_id', payer.team_id,
        'plan_code', mine.plan_code,
        'context_user_id', mine.context_user_id, 'context_version', mine.context_version,
        'guidance', to_jsonb(mine.guidance), 'provider', mine.provider, 'model', mine.model,
        'prompt_version', mine.prompt_version, 'design_state', mine.design_state, 'grounding', mine.grounding,
        'facts', (mine.facts ->> 'count')::integer,
        'webhook', case when webhook.id is not null then jsonb_build_object(
            'figma_webhook_id', webhook.figma_webhook_id, 'context', webhook.context, 'label', webhook.label,
            'state', webhook.state, 'owner', owner.handle, 'owner_id', owner.id, 'guest_rule', webhook.guest_rule) end,
        'receipts', coalesce((
            select jsonb_agg(jsonb_build_object(
                'run', r.run, 'state', r.state, 'reason', r.reason, 'plan_code', r.plan_code,
                'reserved_at', r.reserved_at, 'closed_at', r.closed_at) order by r.run)
            from public.use_receipts as r where r.answer_id = mine.id), '[]'),
        'deliveries', coalesce((
            select jsonb_agg(jsonb_build_object(
                'received_at', d.received_at, 'outcome', d.outcome, 'redelivered', d.redelivered,
                'request_id', d.request_id) order by d.received_at, d.id)
            from public.webhook_deliveries as d where d.answer_id = mine.id), '[]'),
        'audit', coalesce((
            select jsonb_agg(jsonb_build_object(
                'at', log.at, 'actor', log.actor, 'operation', log.operation, 'reason', log.reason) order by log.id)
            from public.audit_log as log
            where log.table_name = 'answers' and log.row_key = mine.id::text), '[]'),
        'ledger', private.ledger_of(mine.id),
        'attempts', private.traces_of(mine.id)
    )
    from public.answers as mine
    left join public.users as author on author.figma_user_id = mine.author_figma_id
    left join public.users as payer on payer.id = mine.payer_id
    left join public.teams on teams.id = payer.team_id
    left join public.user_webhooks as webhook on webhook.id = mine.webhook_id
    left join public.users as owner on owner.id = webhook.user_id
    where mine.id = p_answer_id and private.require_support()
$$;
comment on function public.answer_detail is 'One answer as a whole, without anybody''s words: who asked and paid, its webhook and deliveries, each attempt with each model call, tokens and cost, its receipts, its lines in the ledger, and what operators did to it; null: there is none.';
revoke execute on function public.answer_detail from public, anon, authenticated;
grant execute on function public.answer_detail to authenticated, service_role;

-- One person's whole story on one time line, read page by page, newest first, without anybody's words.

-- Each kind of event is found by its own index and limited to a page, so a page costs the same however much somebody
-- uses the product. "between", and the order by person as well, leave the planner no other index, even when most of the
-- ledger is theirs. Pages follow on by (at, key); keys start with a letter per kind and compare byte by byte.
create or replace function public.person_story(
    p_user_id uuid, p_kinds text[] default null, p_before_at timestamptz default null, p_before_key text default null,
    p_limit integer default 50
) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
-- A generic plan would have to expect the worst case of every person and page. And the planner cannot know that row
-- level security hides nothing from those who may ask: it expects one row in a hundred to be visible, and would rather
-- sort all.
set plan_cache_mode = force_custom_plan
set enable_bitmapscan = off
as $$
declare
    v_figma_id text := (select figma_user_id from public.users where id = p_user_id);
    v_at timestamptz := coalesce(p_before_at, 'infinity');
    v_key text := coalesce(p_before_key, '~');
    v_limit integer := least(greatest(p_limit, 1), 200);
    v_kinds text[] := coalesce(
        p_kinds, array['sign_in', 'webhook', 'question', 'answer', 'receipt', 'error', 'edit']
    );
begin
    perform private.require_support();
    return (
        with recursive guests (figma_id) as (
            select min(a.author_figma_id) from public.answers as a where a.payer_id = p_user_id
            union all
            select (
                select min(a.author_figma_id) from public.answers as a
                where a.payer_id = p_user_id and a.author_figma_id > guests.figma_id
            )
            from guests where guests.figma_id is not null
        )
        select coalesce(jsonb_agg(to_jsonb(page) order by page.at desc, page.key desc), '[]'::jsonb)
        from (
            select events.* from (
                (select a.at, 'a' || lpad(a.id::text, 19, '0') collate "C" as key,
                    case when a.kind in ('sign_up', 'sign_in') then 'sign_in'
                        when a.kind like 'webhook%' then 'webhook'
                        when a.kind = 'trial_used_up' then 'receipt' else 'edit' end as kind,
                    a.kind as what, a.detail
                from public.activity as a
                where a.user_id = p_user_id and a.at <= v_at
                    -- These are in the ledger too and would be most of the rows: the index activity_story leaves them
                    -- out.
                    and a.kind not in ('answered', 'refused')
                    and (a.at, 'a' || lpad(a.id::text, 19, '0') collate "C") < (v_at, v_key)
                    and (
                        (a.kind in ('sign_up', 'sign_in') and 'sign_in' = any (v_kinds))
                        or (a.kind like 'webhook%' and 'webhook' = any (v_kinds))
                        or (a.kind = 'trial_used_up' and 'receipt' = any (v_kinds))
                        or (a.kind in ('plan_changed', 'account_deleted') and 'edit' = any (v_kinds))
                    )
                order by a.at desc, 2 desc limit v_limit)
                union all
                (select asked.received_at, 'd' || lpad(d.id::text, 19, '0') collate "C", 'webhook', 'delivery',
                    jsonb_build_object('outcome', d.outcome, 'redelivered', d.redelivered,
                        'received_at', d.received_at, 'request_id', d.request_id, 'file_key', asked.file_key)
                from (
                    select id, received_at, file_key from public.answers
                    where author_figma_id between v_figma_id and v_figma_id and received_at <= v_at
                    order by author_figma_id, received_at desc limit v_limit + 200
                ) as asked
                join public.webhook_deliveries as d on d.answer_id = asked.id
                where 'webhook' = any (v_kinds)
                    and (asked.received_at, 'd' || lpad(d.id::text, 19, '0') collate "C") < (v_at, v_key)
                order by asked.received_at desc, 2 desc limit v_limit)
                union all
                (select q.received_at, 'q' || q.id::text collate "C", 'question', coalesce(q.command, 'question'),
                    private.story_question(q.id, q.file_key, q.file_name, q.state, q.reason, q.author_figma_id,
                        q.author_handle, v_figma_id)
                from public.answers as q
                where 'question' = any (v_kinds) and q.author_figma_id between v_figma_id and v_figma_id
                    and q.received_at <= v_at
                    and (q.received_at, 'q' || q.id::text collate "C") < (v_at, v_key)
                order by q.author_figma_id, q.received_at desc, 2 desc limit v_limit)
                union all
                (select q.received_at, 'q' || q.id::text collate "C", 'question', coalesce(q.command, 'question'),
                    private.story_question(q.id, q.file_key, q.file_name, q.state, q.reason, q.author_figma_id,
                        q.author_handle, v_figma_id)
                from guests
                cross join lateral (
                    select paid.id, paid.received_at, paid.command, paid.file_key, paid.file_name, paid.state,
                        paid.reason, paid.author_figma_id, paid.author_handle
                    from public.answers as paid
                    where paid.payer_id = p_user_id and paid.author_figma_id = guests.figma_id
                        and paid.received_at <= v_at
                        and (paid.received_at, 'q' || paid.id::text collate "C") < (v_at, v_key)
                    order by paid.received_at desc, 'q' || paid.id::text collate "C" desc limit v_limit
                ) as q
                where 'question' = any (v_kinds) and guests.figma_id <> v_figma_id
                order by q.received_at desc, 2 desc limit v_limit)
                union all
                (select u.at, 'u' || lpad(u.id::text, 19, '0') collate "C",
                    case u.status when 'failed' then 'error' else 'answer' end, u.status,
                    jsonb_build_object('answer_id', u.answer_id, 'run', u.run, 'feature', u.feature,
                        'error_code', u.error_code, 'file_key', u.file_key, 'provider', u.provider, 'model', u.model,
                        'cost_microusd', u.cost_microusd, 'cost_state', u.cost_state, 'latency_ms', u.latency_ms,
                        'context_version', u.context_version, 'request_id', u.request_id,
                        'type', case u.feature when 'analysis' then
                            (select ends.type from public.analysis_ends as ends
                                where ends.analysis_id = u.answer_id and ends.run = u.run) end,
                        'source', case u.feature when 'analysis' then
                            (select case when ends.is_cached then 'cached' else ends.source end from public.analysis_ends as ends
                                where ends.analysis_id = u.answer_id and ends.run = u.run) end,
                        'file_name', (select answers.file_name from public.answers where answers.id = u.answer_id),
                        'guidance', (select to_jsonb(answers.guidance) from public.answers
                            where answers.id = u.answer_id and answers.run = u.run),
                        'outcome', case u.feature when 'pipeline_run' then coalesce(
                            (select history.outcome from public.pipeline_history as history
                                where history.pipeline_id = u.answer_id), '') else '' end,
                        'failure_message', case u.status when 'failed' then
                            coalesce(
                                (select answers.failure_message from public.answers where answers.id = u.answer_id),
                                (select analyses.failure_message from public.analyses where analyses.id = u.answer_id)
                            ) end)
                from private.support_ledger as u
                where u.user_id between p_user_id and p_user_id and u.at <= v_at and u.feature not in ('pipeline', 'rehearsal')
                    and (u.at, 'u' || lpad(u.id::text, 19, '0') collate "C") < (v_at, v_key)
                    and ((u.status = 'failed' and 'error' = any (v_kinds))
                        or (u.status <> 'failed' and 'answer' = any (v_kinds)))
                order by u.user_id, u.at desc, 2 desc limit v_limit)
                union all
                (select r.reserved_at, 'r' || r.id::text collate "C", 'receipt', r.state,
                    jsonb_build_object('answer_id', r.answer_id, 'run', r.run, 'plan_code', r.plan_code,
                        'reason', r.reason, 'closed_at', r.closed_at, 'reply_comment_id', r.reply_comment_id)
                from public.use_receipts as r
                where 'receipt' = any (v_kinds) and r.user_id between p_user_id and p_user_id
                    and r.reserved_at <= v_at
                    and (r.reserved_at, 'r' || r.id::text collate "C") < (v_at, v_key)
                order by r.user_id, r.reserved_at desc, 2 desc limit v_limit)
                union all
                (select v.saved_at, 'v' || lpad(v.version::text, 19, '0') collate "C", 'edit', 'context',
                    jsonb_build_object('version', v.version, 'actor', v.saved_by, 'reason', v.reason)
                from public.user_context_versions as v
                where 'edit' = any (v_kinds) and v.user_id = p_user_id
                    and (v.saved_at, 'v' || lpad(v.version::text, 19, '0') collate "C") < (v_at, v_key)
                order by v.saved_at desc, 2 desc limit v_limit)
                union all
                (select l.at, 'w' || lpad(l.id::text, 19, '0') collate "C", 'edit', l.table_name,
                    jsonb_build_object('audit_id', l.id, 'operation', l.operation, 'actor', l.actor,
                        'reason', l.reason, 'row_key', l.row_key, 'before', l.before, 'after', l.after)
                from private.support_audit as l
                where 'edit' = any (v_kinds) and l.person_id = p_user_id and l.at <= v_at
                    and l.table_name <> 'user_contexts'
                    and (l.at, 'w' || lpad(l.id::text, 19, '0') collate "C") < (v_at, v_key)
                order by l.at desc, 2 desc limit v_limit)
            ) as events
            order by events.at desc, events.key desc
            limit v_limit
        ) as page
    );
end;
$$;
comment on function public.person_story is 'Events of one person before (p_before_at, p_before_key), newest first: [{at, key, kind, what, detail}]. Kinds: sign_in, webhook (made, paused …, and each delivery of their comments), question, answer, receipt, error, edit (context versions, plan changes, the audit log). No text of a comment.';
revoke execute on function public.person_story from public, anon, authenticated;
grant execute on function public.person_story to authenticated;

create or replace function private.story_question(
    p_id uuid, p_file_key text, p_file_name text, p_state text, p_reason text, p_author text, p_author_handle text,
    p_person text
) returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'answer_id', p_id, 'file_key', p_file_key, 'file_name', p_file_name, 'state', p_state, 'reason', p_reason,
        'guest', case when p_author <> p_person then p_author_handle end
    )
$$;
comment on function private.story_question is 'A question on the time line; guest names who asked when this person only paid.';
revoke execute on function private.story_question from public, anon;
grant execute on function private.story_question to authenticated, service_role;

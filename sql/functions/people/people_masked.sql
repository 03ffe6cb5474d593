-- What people wrote and where they can be reached. Only these three functions return it, and each leaves a trace.

create or replace function private.note_access(
    p_operation text, p_table text, p_row_key text, p_person uuid, p_what text[]
) returns void
language sql
security definer
set search_path = ''
as $$
    insert into public.audit_log (actor, table_name, row_key, operation, after, reason)
    values (
        (select email from public.operators where user_id = (select auth.uid())), p_table, p_row_key, p_operation,
        jsonb_build_object('user_id', p_person, 'what', p_what), coalesce(current_setting('app.reason', true), '')
    )
$$;
comment on function private.note_access is 'Write into the audit log that an operator looked at something masked; never what it was.';
revoke execute on function private.note_access from public, anon, authenticated;

create or replace function public.reveal_person(p_user_id uuid, p_reason text) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user public.users;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    select * into v_user from public.users where id = p_user_id;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_person';
    end if;
    perform private.note_access('REVEAL', 'users', p_user_id::text, p_user_id, array['email']);
    return jsonb_build_object('user_id', v_user.id, 'email', v_user.email);
end;
$$;
comment on function public.reveal_person is 'Founders and support: a person''s e-mail address, with a reason that is logged.';
revoke execute on function public.reveal_person from public, anon, authenticated;
grant execute on function public.reveal_person to authenticated;

create or replace function public.reveal_answer(p_answer_id uuid, p_reason text) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_answer public.answers;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    select * into v_answer from public.answers where id = p_answer_id;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_answer';
    end if;
    perform private.note_access(
        'REVEAL', 'answers', p_answer_id::text,
        coalesce((select id from public.users where figma_user_id = v_answer.author_figma_id), v_answer.payer_id),
        array['question', 'reply', 'prompt', 'facts']
    );
    return jsonb_build_object(
        'answer_id', v_answer.id, 'question', v_answer.question, 'reply', v_answer.draft ->> 'text',
        'facts', v_answer.facts, 'prompts', private.prompts_of(v_answer.id)
    );
end;
$$;
comment on function public.reveal_answer is 'Founders and support: the words of a question and of its reply, what was measured, and what was sent to models (kept 30 days), with a reason that is logged.';
revoke execute on function public.reveal_answer from public, anon, authenticated;
grant execute on function public.reveal_answer to authenticated;

create or replace function public.operator_export_person(p_user_id uuid, p_reason text) returns jsonb
language plpgsql
security definer
set search_path = ''
set statement_timeout = '2min'
as $$
declare
    v_user public.users;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    select * into v_user from public.users where id = p_user_id;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_person';
    end if;
    perform private.note_access('EXPORT', 'users', p_user_id::text, p_user_id, array['everything']);
    return jsonb_build_object('exported_at', now(), 'person', to_jsonb(v_user) - 'figma_user_hash',
        'team', (select name from public.teams where id = v_user.team_id))
        || private.exported_account(v_user) || private.exported_words(v_user) || private.exported_books(v_user);
end;
$$;
comment on function public.operator_export_person is 'Founders and support: everything kept about a person, except tokens, passcodes and hashes, for them to take away; sums that follow from the rows are left out. Logged as EXPORT.';
revoke execute on function public.operator_export_person from public, anon, authenticated;
grant execute on function public.operator_export_person to authenticated;

create or replace function private.exported_account(p_user public.users) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'connection', (select jsonb_build_object('scopes', t.scopes, 'expires_at', t.expires_at,
                'updated_at', t.updated_at, 'revoked_at', t.revoked_at)
            from public.figma_tokens as t where t.user_id = p_user.id),
        'sessions', coalesce((select jsonb_agg(jsonb_build_object('kind', s.kind, 'label', s.label,
                'created_at', s.created_at, 'last_used_at', s.last_used_at, 'expires_at', s.expires_at) order by s.created_at)
            from public.sessions as s where s.user_id = p_user.id), '[]'::jsonb),
        'plugin_handovers', coalesce((select jsonb_agg(to_jsonb(h) - 'challenge' - 'user_id' order by h.created_at)
            from public.plugin_handovers as h where h.user_id = p_user.id), '[]'::jsonb),
        'context', (select to_jsonb(user_contexts) from public.user_contexts where user_id = p_user.id),
        'context_versions', coalesce((select jsonb_agg(to_jsonb(v) || jsonb_build_object('saved_by',
                case v.saved_by when 'user' then 'you' else 'support' end) order by v.version)
            from public.user_context_versions as v where v.user_id = p_user.id), '[]'::jsonb),
        'webhooks', coalesce((select jsonb_agg(private.webhook_json(w) || jsonb_build_object('removal', (
                select to_jsonb(r) - 'id' - 'user_id' from public.webhook_removals as r where r.id = w.id))
                order by w.created_at)
            from public.user_webhooks as w where w.user_id = p_user.id), '[]'::jsonb),
        'activity', coalesce((select jsonb_agg(to_jsonb(a) order by a.id)
            from public.activity as a where a.user_id = p_user.id), '[]'::jsonb),
        'changes', coalesce((select jsonb_agg(jsonb_build_object('at', l.at, 'what', l.operation,
                'where', l.table_name, 'before', l.before - array['granted_by', 'revoked_by'],
                'after', l.after - array['granted_by', 'revoked_by'], 'reason', l.reason) order by l.id)
            from public.audit_log as l where l.person_id = p_user.id), '[]'::jsonb),
        'figma_limits', coalesce((select jsonb_agg(to_jsonb(q) - 'figma_user_id' order by q.updated_at)
            from public.figma_quotas as q where q.figma_user_id = p_user.figma_user_id), '[]'::jsonb),
        'model_sharing', (select to_jsonb(s) from public.model_sharing as s
            where s.id = p_user.id or s.id = p_user.team_id and s.user_id = p_user.id),
        'sharing_choices', coalesce((select jsonb_agg(to_jsonb(c) - 'chooser_id' order by c.set_at)
            from public.sharing_choices as c where c.chooser_id = p_user.id), '[]'::jsonb),
        'push_targets', coalesce((select jsonb_agg(to_jsonb(t) - 'token_encrypted' - 'user_id' order by t.set_at)
            from public.pipeline_targets as t where t.user_id = p_user.id), '[]'::jsonb)
    )
$$;
comment on function private.exported_account is 'Part of operator_export_person(): the account, its connection and what was changed. Who of us changed or looked at it is left out: that is about them.';
revoke execute on function private.exported_account from public, anon, authenticated;

create or replace function private.exported_words(p_user public.users) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'comments', coalesce((select jsonb_agg(jsonb_build_object(
                'id', a.id, 'file_key', a.file_key, 'file_name', a.file_name, 'comment_id', a.comment_id,
                'asked_at', a.asked_at, 'received_at', a.received_at, 'question', a.question, 'state', a.state,
                'reply', a.draft ->> 'text', 'facts', a.facts, 'reply_comment_id', a.reply_comment_id,
                'settled_at', a.settled_at, 'context_version', a.context_version, 'reason', a.reason)
                order by a.received_at)
            from public.answers as a where a.author_figma_id = p_user.figma_user_id), '[]'::jsonb),
        'analyses', coalesce((select jsonb_agg(to_jsonb(a) - 'user_id' - 'kept_usage' order by a.received_at)
            from public.analyses as a where a.user_id = p_user.id), '[]'::jsonb),
        'analysis_batches', coalesce((select jsonb_agg(to_jsonb(b) - 'user_id' order by b.created_at)
            from public.analysis_batches as b where b.user_id = p_user.id), '[]'::jsonb),
        'suggestion_outcomes', coalesce((select jsonb_agg(to_jsonb(o) - 'user_id' order by o.at)
            from public.suggestion_outcomes as o where o.user_id = p_user.id), '[]'::jsonb),
        'rehearsals', coalesce((select jsonb_agg(jsonb_build_object('guidance', r.content,
                'rehearsed', private.rehearsal_json(r)) order by r.created_at)
            from public.rehearsals as r where r.user_id = p_user.id), '[]'::jsonb),
        'ignored_findings', coalesce((select jsonb_agg(to_jsonb(i) - 'user_id' order by i.ignored_at)
            from public.ignored_findings as i where i.user_id = p_user.id), '[]'::jsonb),
        'pipelines', coalesce((select jsonb_agg(
                to_jsonb(p) - array['user_id', 'owner_id', 'reserved_microusd', 'ledger_rows', 'trace_parent']
                || jsonb_build_object(
                    'quality', coalesce((select jsonb_agg(to_jsonb(q) - 'pipeline_id' order by q.round)
                        from public.pipeline_quality as q where q.pipeline_id = p.id), '[]'::jsonb),
                    'files', coalesce((select jsonb_agg(jsonb_build_object('kind', f.kind, 'round', f.round,
                            'name', f.name, 'bytes', f.bytes, 'sha256', f.sha256) order by f.kind, f.round, f.name)
                        from public.pipeline_artifacts as f where f.pipeline_id = p.id), '[]'::jsonb))
                order by p.created_at)
            from public.pipelines as p where p.user_id = p_user.id), '[]'::jsonb),
        'deliveries', coalesce((select jsonb_agg(jsonb_build_object(
                'received_at', d.received_at, 'event_type', d.event_type, 'outcome', d.outcome,
                'payload', d.payload) order by d.id)
            from public.webhook_deliveries as d
            where d.payload -> 'triggered_by' ->> 'id' = p_user.figma_user_id), '[]'::jsonb),
        'paid_for_others', coalesce((select jsonb_agg(jsonb_build_object(
                'id', a.id, 'file_key', a.file_key, 'received_at', a.received_at, 'state', a.state)
                order by a.received_at)
            from public.answers as a
            where a.payer_id = p_user.id and a.author_figma_id <> p_user.figma_user_id), '[]'::jsonb),
        'invitations', coalesce((select jsonb_agg(jsonb_build_object('file_key', g.file_key,
                'invited_at', g.invited_at) order by g.invited_at)
            from public.guest_invites as g where g.author_figma_id = p_user.figma_user_id), '[]'::jsonb),
        'silences', coalesce((select jsonb_agg(to_jsonb(l) order by l.reached_at)
            from public.author_limits as l where l.author_figma_id = p_user.figma_user_id), '[]'::jsonb),
        'muted_threads', coalesce((select jsonb_agg(to_jsonb(m) - 'muted_by' order by m.muted_at)
            from public.thread_mutes as m where m.muted_by = p_user.figma_user_id), '[]'::jsonb),
        'thumbs', coalesce((select jsonb_agg(to_jsonb(t) - 'author_figma_id' order by t.at)
            from public.advice_thumbs as t where t.author_figma_id = p_user.figma_user_id), '[]'::jsonb)
    )
$$;
comment on function private.exported_words is 'Part of operator_export_person(): what they wrote and were told. What was sent to models is left out: it repeats that, beside others'' words. Of comments they only paid for, not the words: those are somebody else''s.';
revoke execute on function private.exported_words from public, anon, authenticated;

create or replace function private.exported_books(p_user public.users) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'usage', coalesce((select jsonb_agg(to_jsonb(u) order by u.id)
            from public.usage_logs as u where u.user_id = p_user.id), '[]'::jsonb),
        'receipts', coalesce((select jsonb_agg(to_jsonb(r) order by r.reserved_at)
            from public.use_receipts as r where r.user_id = p_user.id), '[]'::jsonb),
        'balances', coalesce((select jsonb_agg(to_jsonb(b) order by b.period_start)
            from public.use_balances as b where b.user_id = p_user.id), '[]'::jsonb),
        'subscriptions', coalesce((select jsonb_agg(to_jsonb(s) order by s.starts_at)
            from public.subscriptions as s where s.user_id = p_user.id), '[]'::jsonb),
        'grants', coalesce((select jsonb_agg(to_jsonb(g) - 'granted_by' - 'revoked_by' order by g.granted_at)
            from public.use_grants as g where g.user_id = p_user.id), '[]'::jsonb),
        'notes', coalesce((select jsonb_agg(to_jsonb(n) - 'written_by' - 'changed_by' order by n.written_at, n.id)
            from public.person_notes as n where n.user_id = p_user.id), '[]'::jsonb),
        'follow_ups', coalesce((select jsonb_agg(to_jsonb(f) - 'written_by' - 'assigned_to' order by f.id)
            from public.follow_ups as f where f.user_id = p_user.id), '[]'::jsonb),
        'statements', coalesce((select jsonb_agg(to_jsonb(s) order by s.month, s.plan_code)
            from public.billing_statements as s where s.payer_kind = 'user' and s.payer_id = p_user.id), '[]'::jsonb),
        'billing_adjustments', coalesce((select jsonb_agg(to_jsonb(a) - 'actor' order by a.written_at, a.id)
            from public.billing_adjustments as a
            where a.payer_kind = 'user' and a.payer_id = p_user.id or a.user_id = p_user.id), '[]'::jsonb),
        'cost_adjustments', coalesce((select jsonb_agg(to_jsonb(a) - 'actor' order by a.id)
            from public.adjustments as a where a.user_id = p_user.id), '[]'::jsonb)
    )
$$;
comment on function private.exported_books is 'Part of operator_export_person(): every use, receipt and statement, and what was booked for them.';
revoke execute on function private.exported_books from public, anon, authenticated;

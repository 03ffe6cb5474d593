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
        raise exception 'There is no such person.' using errcode = 'PT404';
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
        raise exception 'There is no such answer.' using errcode = 'PT404';
    end if;
    perform private.note_access(
        'REVEAL', 'answers', p_answer_id::text,
        coalesce((select id from public.users where figma_user_id = v_answer.author_figma_id), v_answer.payer_id),
        array['question', 'reply']
    );
    return jsonb_build_object(
        'answer_id', v_answer.id, 'question', v_answer.question, 'reply', v_answer.draft ->> 'text'
    );
end;
$$;
comment on function public.reveal_answer is 'Founders and support: the words of a question and of its reply, with a reason that is logged.';
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
        raise exception 'There is no such person.' using errcode = 'PT404';
    end if;
    perform private.note_access('EXPORT', 'users', p_user_id::text, p_user_id, array['everything']);
    return jsonb_build_object(
        'exported_at', now(),
        'person', to_jsonb(v_user) - 'figma_user_hash',
        'team', (select name from public.teams where id = v_user.team_id),
        'context', (select to_jsonb(user_contexts) from public.user_contexts where user_id = p_user_id),
        'context_versions', coalesce((select jsonb_agg(to_jsonb(v) order by v.version)
            from public.user_context_versions as v where v.user_id = p_user_id), '[]'::jsonb),
        'webhooks', coalesce((select jsonb_agg(private.webhook_json(w) order by w.created_at)
            from public.user_webhooks as w where w.user_id = p_user_id), '[]'::jsonb),
        'comments', coalesce((select jsonb_agg(jsonb_build_object(
                'id', a.id, 'file_key', a.file_key, 'file_name', a.file_name, 'comment_id', a.comment_id,
                'asked_at', a.asked_at, 'received_at', a.received_at, 'question', a.question, 'state', a.state,
                'reply', a.draft ->> 'text', 'reply_comment_id', a.reply_comment_id, 'settled_at', a.settled_at,
                'context_version', a.context_version) order by a.received_at)
            from public.answers as a where a.author_figma_id = v_user.figma_user_id), '[]'::jsonb),
        'usage', coalesce((select jsonb_agg(to_jsonb(u) order by u.id)
            from public.usage_logs as u where u.user_id = p_user_id), '[]'::jsonb),
        'receipts', coalesce((select jsonb_agg(to_jsonb(r) order by r.reserved_at)
            from public.use_receipts as r where r.user_id = p_user_id), '[]'::jsonb),
        'subscriptions', coalesce((select jsonb_agg(to_jsonb(s) order by s.starts_at)
            from public.subscriptions as s where s.user_id = p_user_id), '[]'::jsonb),
        'grants', coalesce((select jsonb_agg(to_jsonb(g) - 'granted_by' - 'revoked_by' order by g.granted_at)
            from public.use_grants as g where g.user_id = p_user_id), '[]'::jsonb),
        'activity', coalesce((select jsonb_agg(to_jsonb(a) order by a.id)
            from public.activity as a where a.user_id = p_user_id), '[]'::jsonb)
    );
end;
$$;
comment on function public.operator_export_person is 'Founders and support: everything kept about a person, except tokens and passcodes, for them to take away. Logged as EXPORT.';
revoke execute on function public.operator_export_person from public, anon, authenticated;
grant execute on function public.operator_export_person to authenticated;

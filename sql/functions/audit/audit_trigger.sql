-- The trigger of the audit log, as in migration 0009, with one fix. Without arguments tg_argv is NULL, and anything
-- minus NULL is NULL: so changes in tables without secrets were logged without before and after.

create or replace function private.audit() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_hidden text[] := coalesce(tg_argv, '{}');
    v_before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    v_after jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    v_row jsonb := coalesce(v_after, v_before);
begin
    -- A team's repository is the team's, and everybody in it sees who set it. One's own is personal, and the log is for
    -- ever.
    if tg_table_name = 'pipeline_targets' and not (v_row ->> 'is_team')::boolean then
        v_hidden := v_hidden || array['repository', 'base_branch', 'folder'];
    end if;
    insert into public.audit_log (actor, table_name, row_key, operation, before, after, reason)
    values (
        coalesce(
            (select operators.email from public.operators where operators.user_id = (select auth.uid())),
            nullif(current_setting('app.actor', true), ''), 'service'
        ),
        private.table_of(tg_relid),
        coalesce(v_row ->> 'id', v_row ->> 'user_id', v_row ->> 'code', v_row ->> 'team_id'),
        tg_op,
        v_before - v_hidden,
        v_after - v_hidden,
        coalesce(current_setting('app.reason', true), '')
    );
    return null;
end;
$$;
comment on function private.audit() is 'Trigger: writes one audit_log row per changed row, without the columns named as its arguments.';
revoke execute on function private.audit() from public, anon, authenticated;

-- As in migration 0013, with the tables that came later. An answer belongs to the person who pays for it. When somebody
-- looked at an answer, the log row itself says whose it is. Existing rows keep the value that they were hashed with.
create or replace function private.audit_person(p_table text, p_key text, p_row jsonb) returns uuid
language sql
immutable
security invoker
set search_path = ''
as $$
    select case
        when p_table = 'users' then p_key::uuid
        when p_table = 'answers' then coalesce(p_row ->> 'user_id', p_row ->> 'payer_id')::uuid
        when p_table in ('analyses', 'pipelines', 'pipeline_targets', 'rehearsals', 'subscriptions', 'user_contexts', 'user_webhooks',
                'use_grants', 'webhook_removals', 'person_notes', 'follow_ups')
            then (p_row ->> 'user_id')::uuid
        when p_table = 'model_sharing' and not (p_row ->> 'is_team')::boolean then p_key::uuid
    end
$$;
comment on function private.audit_person is 'The designer that a changed row belongs to, or NULL.';
revoke execute on function private.audit_person from public, anon, authenticated;

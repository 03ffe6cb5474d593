-- Nothing is open to anon; operators get what their role needs; service_role is the service.

comment on schema private is 'What no API role may read: row level security helpers and the migration history.';
grant usage on schema public to anon, authenticated, service_role;
grant usage on schema private to authenticated, service_role;

-- Supabase's default privileges give new tables and functions to the API roles. Take them back for what is made from
-- here on (the built-in EXECUTE of PUBLIC can only be revoked without a schema).
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke execute on functions from anon, authenticated;

-- Tokens, sessions, passcodes and the text of comments are granted to nobody but the service. A table's policy is for the
-- roles whose pages need its rows; what other roles need of its columns they get from the views in sql/functions, as row
-- level security cannot hide columns from a role. With "is not null" in a policy the planner takes nearly all rows for
-- visible, as they are for who may ask. With "=" it would take one in two hundred, and plan joins for that few.

-- Security definer: an operator cannot read public.operators before this function has said that they are one.
create function private.operator_role() returns text
language sql
stable
security definer
set search_path = ''
as $$
    select operators.role from public.operators
    where operators.user_id = (select auth.uid()) and operators.disabled_at is null
$$;
comment on function private.operator_role() is 'The dashboard role of the signed-in person, or NULL. Takes effect at once when the row changes.';
revoke execute on function private.operator_role from public, anon, authenticated;
grant execute on function private.operator_role to authenticated, service_role;

create function private.refuse_change() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception 'Rows of % never change; write a new one instead.', tg_table_name using errcode = '42501';
end;
$$;
comment on function private.refuse_change() is 'Keeps the ledger and the audit log append-only, for every role.';
revoke execute on function private.refuse_change from public, anon, authenticated;

-- As triggers need it to begin with: sql/functions puts today's in its place.
-- Security definer: those who change a row may not write into the log themselves. Arguments: the columns that
-- are left out, because they are secrets, or words of a person who may later ask to be forgotten.
create function private.audit() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    v_after jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    v_row jsonb := coalesce(v_after, v_before);
begin
    insert into public.audit_log (actor, table_name, row_key, operation, before, after, reason)
    values (
        coalesce(
            (select operators.email from public.operators where operators.user_id = (select auth.uid())),
            nullif(current_setting('app.actor', true), ''), 'service'
        ),
        tg_table_name,
        coalesce(v_row ->> 'id', v_row ->> 'user_id', v_row ->> 'code'),
        tg_op,
        v_before - tg_argv,
        v_after - tg_argv,
        coalesce(current_setting('app.reason', true), '')
    );
    return null;
end;
$$;
comment on function private.audit() is 'Trigger: writes one audit_log row per changed row, without the columns named as its arguments.';
revoke execute on function private.audit from public, anon, authenticated;

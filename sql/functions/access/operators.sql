-- Operators of the dashboard.

-- Security definer: an operator cannot read public.operators before this function has said that they are one.
-- Supabase Auth keeps second factors in auth.mfa_factors and says in the token whether a code was given (aal2):
-- https://supabase.com/docs/guides/auth/auth-mfa#enforce-rules-for-mfa-logins. Local stacks do not have that table.
-- That is no error, because the statement that reads it is only checked when it runs.
create or replace function private.operator_role() returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_role text;
begin
    select operators.role into v_role from public.operators
    where operators.user_id = (select auth.uid()) and operators.disabled_at is null;
    if v_role is null or coalesce(auth.jwt() ->> 'aal', '') = 'aal2'
        or to_regclass('auth.mfa_factors') is null
        or not has_table_privilege(to_regclass('auth.mfa_factors'), 'select')
    then
        return v_role;
    end if;
    if exists (
        select from auth.mfa_factors as factors
        where factors.user_id = (select auth.uid()) and factors.status::text = 'verified'
    ) then
        return null;
    end if;
    return v_role;
end;
$$;
comment on function private.operator_role() is 'The dashboard role of the signed-in person, or NULL: for nobody, and for an operator with a second factor whose session was made without it. Takes effect at once when the row changes.';
revoke execute on function private.operator_role() from public, anon;
grant execute on function private.operator_role() to authenticated, service_role;

-- One e-mail address is one operator: somebody who needed a new account keeps the row, and the audit log has both ids.
create or replace function public.set_operator(p_user_id uuid, p_email text, p_role text) returns void
language sql
security invoker
set search_path = ''
as $$
    update public.operators set user_id = p_user_id where email = lower(p_email) and user_id <> p_user_id;
    insert into public.operators (user_id, email, role) values (p_user_id, lower(p_email), p_role)
    on conflict (user_id) do update set email = excluded.email, role = excluded.role, disabled_at = null;
    update public.operator_invitations
    set state = 'accepted', token_hash = null, version = version + 1, closed_at = now()
    where email = lower(p_email) and state in ('sending', 'sent', 'failed')
$$;
comment on function public.set_operator is 'Make a Supabase Auth user an operator with a role, or change the role. An operator of this e-mail address with another account goes over to this one. An open invitation of the address is accepted with it.';
revoke execute on function public.set_operator from public, anon, authenticated;
grant execute on function public.set_operator to service_role;

create or replace function public.current_operator() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object('user_id', user_id, 'email', email, 'role', role)
    from public.operators where user_id = (select auth.uid()) and disabled_at is null
$$;
comment on function public.current_operator is 'The signed-in operator {user_id, email, role}, or null for everybody else.';
revoke execute on function public.current_operator from public, anon, authenticated;
grant execute on function public.current_operator to authenticated;

create or replace function private.demand_role(p_roles text[], p_reason text) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    if coalesce(private.operator_role(), '') <> all (p_roles) then
        raise exception using errcode = '42501', message = 'your_role_may_not_do_this';
    end if;
    if length(btrim(coalesce(p_reason, ''))) < 3 then
        raise exception using errcode = 'PT422', message = 'reason_too_short';
    end if;
    perform set_config('app.reason', left(btrim(p_reason), 500), true);
end;
$$;
comment on function private.demand_role is 'Refuse (42501, PT422) unless the signed-in operator has one of the roles and gives a reason; the audit log gets it.';
revoke execute on function private.demand_role from public, anon, authenticated;

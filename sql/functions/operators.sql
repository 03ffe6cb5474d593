-- Operators of the dashboard.

-- One e-mail address is one operator: who had to be given a new account keeps the row, and the audit log has both ids.
create or replace function public.set_operator(p_user_id uuid, p_email text, p_role text) returns void
language sql
security invoker
set search_path = ''
as $$
    update public.operators set user_id = p_user_id where email = lower(p_email) and user_id <> p_user_id;
    insert into public.operators (user_id, email, role) values (p_user_id, lower(p_email), p_role)
    on conflict (user_id) do update set email = excluded.email, role = excluded.role, disabled_at = null
$$;
comment on function public.set_operator is 'Make a Supabase Auth user an operator with a role, or change the role. An operator of this e-mail address with another account goes over to this one.';
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

-- Invitations to the dashboard: asked for by founders, sent by workers, accepted by who was invited.

create or replace function public.invite_operator(
    p_id uuid, p_email text, p_role text, p_address text, p_reason text
) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_email text := lower(trim(coalesce(p_email, '')));
    v_founder text := private.founder_edit(p_reason);
begin
    if p_role is null or p_role not in ('founder', 'support', 'finance') then
        raise exception using errcode = '22023', message = 'no_such_role';
    end if;
    if v_email !~ '^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:]]+$' or length(v_email) > 254 then
        raise exception using errcode = '22023', message = 'not_an_email_address';
    end if;
    if coalesce(p_address, '') !~ '^(https://[^/[:space:]]+|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?)(/[^[:space:]?#]*)?$' then
        raise exception using errcode = '22023', message = 'dashboard_address_not_https';
    end if;
    if exists (select from public.operator_invitations where id = p_id) then
        return;
    end if;
    if exists (select from public.operators where email = v_email) then
        raise exception using errcode = 'PT409', message = 'is_an_operator_already';
    end if;
    update public.operator_invitations set state = 'expired', closed_at = expires_at, version = version + 1
    where email = v_email and state in ('sending', 'sent', 'failed') and expires_at <= now();
    insert into public.operator_invitations (id, email, role, address, invited_by, expires_at)
    values (p_id, v_email, p_role, p_address, v_founder, now() + interval '7 days')
    on conflict do nothing;
    if not found then
        raise exception using errcode = 'PT409', message = 'is_invited_already';
    end if;
end;
$$;
comment on function public.invite_operator is 'Founders: invite an address with a role. A worker sends the mail; the invitation is open for seven days. p_address: where the dashboard is. A repeated p_id invites once.';
revoke execute on function public.invite_operator from public, anon, authenticated;
grant execute on function public.invite_operator to authenticated;

create or replace function private.open_invitation(p_id uuid, p_version integer) returns public.operator_invitations
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_row public.operator_invitations;
begin
    select * into v_row from public.operator_invitations where id = p_id for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_invitation';
    end if;
    if v_row.version <> p_version then
        raise exception using errcode = 'PT409', message = 'invitation_changed_meanwhile';
    end if;
    if v_row.state not in ('sending', 'sent', 'failed') then
        raise exception using errcode = 'PT409', message = 'invitation_is_over';
    end if;
    return v_row;
end;
$$;
comment on function private.open_invitation is 'An invitation that a founder changes, locked. Refuses one that is over, and one that changed since it was seen.';
revoke execute on function private.open_invitation from public, anon, authenticated;

create or replace function public.resend_invitation(p_id uuid, p_version integer, p_reason text) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_row public.operator_invitations;
begin
    perform private.founder_edit(p_reason);
    v_row := private.open_invitation(p_id, p_version);
    if v_row.state = 'sending' then
        raise exception using errcode = 'PT409', message = 'invitation_is_being_sent';
    end if;
    if v_row.sends >= 5 then
        raise exception using errcode = 'PT409', message = 'invitation_sent_too_often';
    end if;
    if v_row.requested_at > now() - interval '1 minute' then
        raise exception using errcode = 'PT409', message = 'invitation_sent_just_now';
    end if;
    if exists (select from public.operators where email = v_row.email) then
        raise exception using errcode = 'PT409', message = 'is_an_operator_already';
    end if;
    update public.operator_invitations
    set state = 'sending', problem = '', sends = sends + 1, version = version + 1, requested_at = now(),
        taken_at = null, expires_at = now() + interval '7 days'
    where id = p_id;
end;
$$;
comment on function public.resend_invitation is 'Founders: send an open invitation once more, with a new link and seven days more. At most five mails, a minute apart.';
revoke execute on function public.resend_invitation from public, anon, authenticated;
grant execute on function public.resend_invitation to authenticated;

create or replace function public.remove_invitation(p_id uuid, p_version integer, p_reason text) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.founder_edit(p_reason);
    perform private.open_invitation(p_id, p_version);
    update public.operator_invitations
    set state = 'removed', token_hash = null, version = version + 1, closed_at = now()
    where id = p_id;
end;
$$;
comment on function public.remove_invitation is 'Founders: withdraw an open invitation. A link that was sent leads nowhere from then on.';
revoke execute on function public.remove_invitation from public, anon, authenticated;
grant execute on function public.remove_invitation to authenticated;

-- A mail is begun once. Whether a worker that was lost had sent it, nobody knows: so it is failed, and a founder decides.
create or replace function public.take_invitation() returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
    v_row public.operator_invitations;
begin
    update public.operator_invitations set state = 'failed', problem = 'send_unknown'
    where state = 'sending' and taken_at < now() - interval '5 minutes';
    select * into v_row from public.operator_invitations
    where state = 'sending' and taken_at is null and expires_at > now()
    order by requested_at limit 1 for update skip locked;
    if not found then
        return null;
    end if;
    update public.operator_invitations
    set taken_at = now(), token_hash = encode(sha256(v_token::bytea), 'hex')
    where id = v_row.id;
    return jsonb_build_object(
        'id', v_row.id, 'send', v_row.sends, 'email', v_row.email, 'address', v_row.address, 'token', v_token
    );
end;
$$;
comment on function public.take_invitation is 'The next mail to send: {id, send, email, address, token}, or null. Each is given out once; token is the secret for its link. What was given out five minutes ago and never closed is failed.';
revoke execute on function public.take_invitation from public, anon, authenticated;
grant execute on function public.take_invitation to service_role;

create or replace function public.close_invitation_send(p_id uuid, p_send integer, p_problem text) returns void
language sql
security invoker
set search_path = ''
as $$
    update public.operator_invitations
    set state = case when p_problem = '' then 'sent' else 'failed' end, problem = left(p_problem, 60),
        sent_at = case when p_problem = '' then now() else sent_at end
    where id = p_id and sends = p_send and state = 'sending' and taken_at is not null
$$;
comment on function public.close_invitation_send is 'What became of a mail: sent, or failed with the code of its problem. Nothing happens when the invitation was removed or a later mail asked for.';
revoke execute on function public.close_invitation_send from public, anon, authenticated;
grant execute on function public.close_invitation_send to service_role;

-- The secret proves that the mail was read, whatever Supabase Auth confirms by itself; the address of the token that it
-- was the one invited. Everybody else gets the same answer, whatever was wrong.
create or replace function public.accept_invitation(p_token text) returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_row public.operator_invitations;
    v_email text := lower(coalesce(auth.jwt() ->> 'email', ''));
begin
    select * into v_row from public.operator_invitations
    where token_hash = encode(sha256(convert_to(coalesce(p_token, ''), 'UTF8')), 'hex')
        and email = v_email and state in ('sending', 'sent', 'failed') and expires_at > now()
    for update;
    if not found or (select auth.uid()) is null
        or exists (select from public.operators where user_id = (select auth.uid()) or email = v_email)
    then
        return false;
    end if;
    insert into public.operators (user_id, email, role) values ((select auth.uid()), v_email, v_row.role);
    update public.operator_invitations
    set state = 'accepted', token_hash = null, version = version + 1, closed_at = now()
    where id = v_row.id;
    return true;
end;
$$;
comment on function public.accept_invitation is 'Whoever is signed in: become an operator with the role of the open invitation whose link this secret is from, if it was sent to one''s own address. False for everybody else.';
revoke execute on function public.accept_invitation from public, anon, authenticated;
grant execute on function public.accept_invitation to authenticated;

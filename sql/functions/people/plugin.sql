-- The plugin's way in: a person agrees or declines in the browser, and the plugin collects its session, once.

-- If two people approve one challenge, it belongs to the first. Safe to call again while the session can be collected,
-- and just after.
create or replace function public.approve_handover(p_challenge text, p_user_id uuid, p_lifetime_seconds integer)
returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
begin
    insert into public.plugin_handovers (challenge, user_id, approved_at, expires_at)
    values (p_challenge, p_user_id, now(), now() + make_interval(secs => p_lifetime_seconds))
    on conflict (challenge) do nothing;
    return exists (
        select from public.plugin_handovers
        where challenge = p_challenge and user_id = p_user_id and expires_at > now()
    );
end;
$$;
comment on function public.approve_handover is 'Let the plugin that knows the secret behind this challenge collect one session: whether it can. False: declined, over, or somebody else''s.';
revoke execute on function public.approve_handover from public, anon, authenticated;
grant execute on function public.approve_handover to service_role;

-- Stored as a hand-over that is over, so that the plugin stops asking. It also takes back an approval that was not
-- collected yet.
create or replace function public.decline_handover(p_challenge text, p_user_id uuid) returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
begin
    insert into public.plugin_handovers as h (challenge, user_id, expires_at) values (p_challenge, p_user_id, now())
    on conflict (challenge) do update set expires_at = least(h.expires_at, now())
    where h.user_id = excluded.user_id and h.collected_at is null;
    return not exists (
        select from public.plugin_handovers
        where challenge = p_challenge and user_id = p_user_id and collected_at is not null
    );
end;
$$;
comment on function public.decline_handover is 'Let nobody collect a session with this challenge. False: the plugin has collected it already.';
revoke execute on function public.decline_handover from public, anon, authenticated;
grant execute on function public.decline_handover to service_role;

-- The plugin shows its secret (already turned into the challenge) and gets its session, once. The expiry is compared
-- with the clock, not with the start of the transaction: while this waits for the row, somebody may decline or sign
-- out.
create or replace function public.collect_handover(
    p_challenge text, p_session_hash text, p_session_expires_at timestamptz, p_session_label text default ''
) returns text
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_user_id uuid;
begin
    update public.plugin_handovers set collected_at = now()
    where challenge = p_challenge and approved_at is not null and collected_at is null
        and expires_at > clock_timestamp()
    returning user_id into v_user_id;
    if found then
        insert into public.sessions (token_hash, user_id, kind, expires_at, label)
        values (p_session_hash, v_user_id, 'plugin', p_session_expires_at, left(p_session_label, 80));
        return 'collected';
    end if;
    return case
        when exists (
            select from public.plugin_handovers
            where challenge = p_challenge and (collected_at is not null or expires_at <= clock_timestamp())
        ) then 'over'
        else 'waiting'
    end;
end;
$$;
comment on function public.collect_handover is 'collected (a session was opened), waiting (not answered yet) or over (used, declined or expired).';
revoke execute on function public.collect_handover from public, anon, authenticated;
grant execute on function public.collect_handover to service_role;

-- Signing in and out, and the account page.

-- Queue again the questions that no connection could read or answer and that wait for a sign-in (defer_look,
-- defer_answer). The job that was scheduled for later then finds them done.
create or replace function private.resume_waiting(p_user_id uuid, p_figma_user_id text) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_ids uuid[] := array(
        select answers.id from public.answers
        left join public.user_webhooks as webhooks on webhooks.id = answers.webhook_id
        where answers.state = 'deferred' and answers.failure_message = 'no_account'
            and answers.received_at > now() - interval '1 day'
            and (webhooks.user_id = p_user_id or answers.author_figma_id = p_figma_user_id
                or answers.hint ->> 'author_id' = p_figma_user_id)
        order by answers.id
        for update of answers
    );
begin
    update public.answers set deferred_until = now(), queued_at = now() where id = any (v_ids);
    perform private.queue_answers(v_ids);
end;
$$;
comment on function private.resume_waiting is 'Queue the questions of the last day that waited for this person to sign in again.';
revoke execute on function private.resume_waiting from public, anon, authenticated;
grant execute on function private.resume_waiting to service_role;

-- First sign-in makes the account, each later one replaces the tokens (Figma keeps one per app and user).
-- Safe to call again with the same session: nothing is doubled.
create or replace function public.sign_in(
    p_figma_user_id text, p_figma_user_hash text, p_handle text, p_email text, p_image_url text,
    p_access_token_encrypted text, p_refresh_token_encrypted text, p_scopes text[], p_expires_at timestamptz,
    p_session_hash text, p_session_expires_at timestamptz, p_session_label text default ''
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_user_id uuid;
    v_is_new boolean;
    v_trial_uses integer;
begin
    insert into public.users as u (figma_user_id, figma_user_hash, handle, email, image_url)
    values (p_figma_user_id, p_figma_user_hash, left(p_handle, 500), p_email, p_image_url)
    on conflict (figma_user_id) do update
        set handle = excluded.handle, email = excluded.email, image_url = excluded.image_url,
            figma_user_hash = excluded.figma_user_hash, last_seen_at = now()
    returning u.id, (u.xmax = 0) into v_user_id, v_is_new;

    insert into public.figma_tokens as t (
        user_id, access_token_encrypted, refresh_token_encrypted, scopes, expires_at
    ) values (v_user_id, p_access_token_encrypted, p_refresh_token_encrypted, p_scopes, p_expires_at)
    on conflict (user_id) do update
        set access_token_encrypted = excluded.access_token_encrypted,
            refresh_token_encrypted = coalesce(excluded.refresh_token_encrypted, t.refresh_token_encrypted),
            scopes = excluded.scopes, expires_at = excluded.expires_at, version = t.version + 1,
            refresh_lease_until = null, revoked_at = null, updated_at = now();

    insert into public.sessions (token_hash, user_id, expires_at, label)
    values (p_session_hash, v_user_id, p_session_expires_at, left(p_session_label, 80))
    on conflict (token_hash) do nothing;

    if v_is_new then
        insert into public.user_contexts (user_id) values (v_user_id);
        insert into public.user_context_versions (user_id, version, content, saved_by)
        values (v_user_id, 1, private.context_content(v_user_id), 'user');
        delete from public.deleted_accounts where figma_user_hash = p_figma_user_hash
        returning trial_uses into v_trial_uses;
        if v_trial_uses > 0 then
            insert into public.use_balances (user_id, plan_code, period_start, used)
            values (v_user_id, 'trial', '-infinity', v_trial_uses);
        end if;
        insert into public.activity (user_id, kind) values (v_user_id, 'sign_up');
    end if;
    insert into public.activity (user_id, kind) values (v_user_id, 'sign_in');
    perform private.resume_waiting(v_user_id, p_figma_user_id);
    return jsonb_build_object('user_id', v_user_id, 'is_new', v_is_new);
end;
$$;
comment on function public.sign_in is 'Make or update the account, keep its encrypted tokens, open a session: {user_id, is_new}.';
revoke execute on function public.sign_in from public, anon, authenticated;
grant execute on function public.sign_in to service_role;

-- Who holds this session, or null. To save writes, it marks the person as seen at most once a minute, and the session
-- as used at most every ten minutes. So a session may end up to ten minutes sooner than p_idle_seconds after its last
-- use.
create or replace function public.get_session(p_session_hash text, p_idle_seconds integer default 1209600)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_found record;
begin
    select users.*, sessions.kind, sessions.id as session_id, sessions.last_used_at into v_found
    from public.sessions join public.users on users.id = sessions.user_id
    where sessions.token_hash = p_session_hash and sessions.expires_at > now()
        and sessions.last_used_at > now() - make_interval(secs => p_idle_seconds) and users.state <> 'deleted';
    if not found then
        return null;
    end if;
    update public.users set last_seen_at = now()
    where id = v_found.id and last_seen_at < now() - interval '1 minute';
    if v_found.last_used_at < now() - interval '10 minutes' then
        update public.sessions set last_used_at = now() where token_hash = p_session_hash;
    end if;
    return jsonb_build_object(
        'user_id', v_found.id, 'figma_user_id', v_found.figma_user_id, 'handle', v_found.handle,
        'email', v_found.email, 'image_url', v_found.image_url, 'state', v_found.state, 'kind', v_found.kind,
        'session_id', v_found.session_id
    );
end;
$$;
comment on function public.get_session is 'The signed-in user of a session token''s hash, and kind and session_id of it (browser or plugin), or null when it is unknown, over, or was not used for p_idle_seconds.';
revoke execute on function public.get_session from public, anon, authenticated;
grant execute on function public.get_session to service_role;

create or replace function public.list_sessions(p_user_id uuid, p_idle_seconds integer) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'id', id, 'kind', kind, 'label', label, 'created_at', created_at, 'last_used_at', last_used_at,
        'ends_at', least(expires_at, last_used_at + make_interval(secs => p_idle_seconds))
    ) order by last_used_at desc, created_at desc, id), '[]'::jsonb)
    from public.sessions
    where user_id = p_user_id and expires_at > now()
        and last_used_at > now() - make_interval(secs => p_idle_seconds)
$$;
comment on function public.list_sessions is 'One person''s sessions that are not over, the latest used first; ends_at: when each ends if it is not used again.';
revoke execute on function public.list_sessions from public, anon, authenticated;
grant execute on function public.list_sessions to service_role;

-- If a plugin is just collecting its session, this waits for the row of its hand-over. So the new session ends too.
create or replace function public.end_session(p_session_hash text, p_with_plugins boolean default false) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_user_id uuid;
begin
    delete from public.sessions where token_hash = p_session_hash returning user_id into v_user_id;
    if p_with_plugins and v_user_id is not null then
        update public.plugin_handovers set expires_at = now() where user_id = v_user_id and expires_at > now();
        delete from public.sessions where user_id = v_user_id and kind = 'plugin';
    end if;
end;
$$;
comment on function public.end_session is 'Sign out one browser or plugin, and with p_with_plugins every plugin of the same person; already signed out is fine.';
revoke execute on function public.end_session from public, anon, authenticated;
grant execute on function public.end_session to service_role;

create or replace function public.end_own_session(p_user_id uuid, p_session_id uuid) returns void
language sql
security invoker
set search_path = ''
as $$
    delete from public.sessions where user_id = p_user_id and id = p_session_id
$$;
comment on function public.end_own_session is 'Sign out one of a person''s browsers or plugins; already signed out, or not theirs, is fine and changes nothing.';
revoke execute on function public.end_own_session from public, anon, authenticated;
grant execute on function public.end_own_session to service_role;

-- Waits for plugins that are just collecting their session, as end_session does.
create or replace function public.end_other_sessions(p_user_id uuid, p_session_hash text) returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_ended integer;
begin
    update public.plugin_handovers set expires_at = now() where user_id = p_user_id and expires_at > now();
    delete from public.sessions where user_id = p_user_id and token_hash <> p_session_hash;
    get diagnostics v_ended = row_count;
    return v_ended;
end;
$$;
comment on function public.end_other_sessions is 'Sign out every browser and plugin of a person but the one with this token''s hash: how many.';
revoke execute on function public.end_other_sessions from public, anon, authenticated;
grant execute on function public.end_other_sessions to service_role;

-- Everything the account page shows but the sessions, in one round trip.
create or replace function public.get_account(p_user_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'user', jsonb_build_object(
            'user_id', users.id, 'figma_user_id', users.figma_user_id, 'handle', users.handle,
            'email', users.email, 'image_url', users.image_url, 'state', users.state,
            'first_seen_at', users.first_seen_at
        ),
        'usage', private.usage_summary(users.id),
        'flags', private.flags_of(users.id),
        'sharing', public.show_model_sharing(users.id),
        'context', public.get_context(users.id),
        'webhooks', public.list_webhooks(users.id),
        'waiting_for_sign_in', (
            select count(*) from public.answers
            join public.user_webhooks as hooks on hooks.id = answers.webhook_id
            where answers.state = 'deferred' and answers.failure_message = 'no_account' and hooks.user_id = users.id
        ),
        'needs_sign_in', not exists (
            select from public.figma_tokens where figma_tokens.user_id = users.id and figma_tokens.revoked_at is null
        ),
        'answers', coalesce((
            select jsonb_agg(to_jsonb(latest) order by latest.received_at desc)
            from (
                -- Each half finds its ten by an index; one condition with "or" would read every answer.
                select answers.id, answers.file_key, answers.file_name, answers.question, answers.command,
                    answers.state, answers.decision, answers.reason, answers.failure_message, answers.received_at,
                    answers.settled_at, answers.root_comment_id, answers.reply_comment_id,
                    answers.context_version,
                    -- A draft that was not posted is no reply.
                    case when answers.reply_comment_id is not null then answers.draft ->> 'text' end as reply, exists (
                        select from public.use_receipts as receipts
                        where receipts.answer_id = answers.id and receipts.state = 'withdrawn'
                    ) as is_withdrawn
                from public.answers
                where answers.id in (
                    (select mine.id from public.answers as mine
                    where mine.author_figma_id = users.figma_user_id order by mine.received_at desc limit 10)
                    union
                    (select paid.id from public.answers as paid
                    where paid.payer_id = users.id order by paid.received_at desc limit 10)
                )
                order by answers.received_at desc
                limit 10
            ) as latest
        ), '[]'::jsonb)
    )
    from public.users where users.id = p_user_id and users.state <> 'deleted'
$$;
comment on function public.get_account is 'One designer''s account page: user, usage, flags of the team, what may leave for models, context, webhooks, last ten answers.';
revoke execute on function public.get_account from public, anon, authenticated;
grant execute on function public.get_account to service_role;

-- Figma tokens: one refresh at a time per user, because each refresh kills the token before it.

-- Ask to refresh a token. 'fresh': somebody already did it, use what is returned. 'claimed': refresh it now and call
-- save_refreshed_token. 'busy': another process is refreshing it, ask again. 'revoked': the person must sign in again.
create or replace function public.claim_token_refresh(p_user_id uuid, p_version bigint, p_lease_seconds integer)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_token public.figma_tokens;
    v_outcome text;
begin
    select * into v_token from public.figma_tokens where user_id = p_user_id for update;
    v_outcome := case
        when not found or v_token.revoked_at is not null or v_token.refresh_token_encrypted is null then 'revoked'
        when v_token.version > p_version then 'fresh'
        when v_token.refresh_lease_until > now() then 'busy'
        else 'claimed'
    end;
    if v_outcome = 'claimed' then
        update public.figma_tokens set refresh_lease_until = now() + make_interval(secs => p_lease_seconds)
        where user_id = p_user_id;
    end if;
    return jsonb_build_object(
        'outcome', v_outcome, 'version', v_token.version,
        'access_token_encrypted', v_token.access_token_encrypted,
        'refresh_token_encrypted', v_token.refresh_token_encrypted, 'expires_at', v_token.expires_at
    );
end;
$$;
comment on function public.claim_token_refresh is 'Serialise refreshes of one user''s Figma token: fresh, claimed, busy or revoked.';
revoke execute on function public.claim_token_refresh from public, anon, authenticated;
grant execute on function public.claim_token_refresh to service_role;

-- Figma sends no new refresh token today (developers.figma.com/docs/rest-api/oauth-apps), but RFC 6749 section 6 allows
-- it: then the old one is dead.
create or replace function public.save_refreshed_token(
    p_user_id uuid, p_version bigint, p_access_token_encrypted text, p_expires_at timestamptz,
    p_refresh_token_encrypted text default null
) returns bigint
language sql
security invoker
set search_path = ''
as $$
    with saved as (
        update public.figma_tokens
        set access_token_encrypted = p_access_token_encrypted, expires_at = p_expires_at, version = version + 1,
            refresh_token_encrypted = coalesce(p_refresh_token_encrypted, refresh_token_encrypted),
            refresh_lease_until = null, updated_at = now()
        where user_id = p_user_id and version = p_version
        returning user_id, version
    ), recovered as (
        delete from public.refresh_failures as f using saved where f.user_id = saved.user_id
    )
    select version from saved
$$;
comment on function public.save_refreshed_token is 'Keep a refreshed access token, and a new refresh token if there is one; null when a newer one is already there.';
revoke execute on function public.save_refreshed_token from public, anon, authenticated;
grant execute on function public.save_refreshed_token to service_role;

-- Figma refused the refresh. p_final: for good, so the person must sign in again. Otherwise this only frees the lease.
create or replace function public.fail_token_refresh(p_user_id uuid, p_version bigint, p_final boolean) returns void
language sql
security invoker
set search_path = ''
as $$
    with failed as (
        update public.figma_tokens
        set refresh_lease_until = null, revoked_at = case when p_final then now() else revoked_at end
        where user_id = p_user_id and version = p_version
        returning user_id
    )
    insert into public.refresh_failures as f (user_id, is_final) select user_id, p_final from failed
    on conflict (user_id) do update set at = now(), is_final = excluded.is_final
$$;
comment on function public.fail_token_refresh is 'Free the refresh lease, mark the token revoked when Figma refused for good, and write down that it failed: alerts are raised of many.';
revoke execute on function public.fail_token_refresh from public, anon, authenticated;
grant execute on function public.fail_token_refresh to service_role;

-- What a caller needs to act as one user at Figma.
create or replace function public.get_figma_token(p_user_id uuid) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return (
        select jsonb_build_object(
            'user_id', figma_tokens.user_id, 'figma_user_id', users.figma_user_id,
            'access_token_encrypted', figma_tokens.access_token_encrypted, 'expires_at', figma_tokens.expires_at,
            'version', figma_tokens.version, 'scopes', figma_tokens.scopes,
            'is_revoked', figma_tokens.revoked_at is not null
        )
        from public.figma_tokens join public.users on users.id = figma_tokens.user_id
        where figma_tokens.user_id = p_user_id and users.state <> 'deleted'
    );
end;
$$;
comment on function public.get_figma_token is 'One user''s encrypted Figma token and its version, or null. A deleted person''s is only for departing_webhooks().';
revoke execute on function public.get_figma_token from public, anon, authenticated;
grant execute on function public.get_figma_token to service_role;

create or replace function public.reencryption_batch(p_after uuid, p_limit integer) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(batch)), '[]'::jsonb)
    from (
        select user_id, version, access_token_encrypted, refresh_token_encrypted from public.figma_tokens
        where revoked_at is null and (p_after is null or user_id > p_after) order by user_id limit p_limit
    ) as batch
$$;
comment on function public.reencryption_batch is 'Tokens in id order, for rotating the encryption key; nobody reads those again that Figma has ended.';
revoke execute on function public.reencryption_batch from public, anon, authenticated;
grant execute on function public.reencryption_batch to service_role;

create or replace function public.save_reencrypted_token(
    p_user_id uuid, p_version bigint, p_access_token_encrypted text, p_refresh_token_encrypted text
) returns boolean
language sql
security invoker
set search_path = ''
as $$
    with saved as (
        update public.figma_tokens
        set access_token_encrypted = p_access_token_encrypted, refresh_token_encrypted = p_refresh_token_encrypted
        where user_id = p_user_id and version = p_version
        returning 1
    )
    select exists (select from saved)
$$;
comment on function public.save_reencrypted_token is 'Keep the same token under the newest key; false when it changed meanwhile.';
revoke execute on function public.save_reencrypted_token from public, anon, authenticated;
grant execute on function public.save_reencrypted_token to service_role;

-- For /readyz: the oldest secret was most likely written with the key that is missing. Nobody needs the connections
-- that Figma has ended, or the passcodes of webhooks that are gone. Every Fernet token begins with its version and the
-- zeros of its time (github.com/fernet/spec). A value that does not, such as made-up data, says nothing about keys.
create or replace function public.oldest_secrets() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(oldest.secret), '[]'::jsonb)
    from (
        (select access_token_encrypted as secret from public.figma_tokens
        where revoked_at is null and access_token_encrypted like 'gAAAA%' order by updated_at limit 1)
        union all
        (select passcode_encrypted from public.user_webhooks
        where state <> 'deleted' and passcode_encrypted like 'gAAAA%' order by created_at limit 1)
        union all
        (select token_encrypted from public.pipeline_targets
        where token_encrypted like 'gAAAA%' order by set_at limit 1)
    ) as oldest
$$;
comment on function public.oldest_secrets is 'The token, the passcode and the token of GitHub in use that were written longest ago, encrypted: up to three texts.';
revoke execute on function public.oldest_secrets from public, anon, authenticated;
grant execute on function public.oldest_secrets to service_role;

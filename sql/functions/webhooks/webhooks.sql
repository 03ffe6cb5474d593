-- Webhooks of designers: made in two steps, because Figma's PING may arrive before its answer does.

create or replace function private.webhook_json(p_webhook public.user_webhooks) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'id', p_webhook.id, 'user_id', p_webhook.user_id, 'figma_webhook_id', p_webhook.figma_webhook_id,
        'context', p_webhook.context, 'context_id', p_webhook.context_id, 'label', p_webhook.label,
        'state', p_webhook.state, 'guest_rule', p_webhook.guest_rule, 'preview', p_webhook.preview,
        'created_at', p_webhook.created_at,
        'confirmed_at', p_webhook.confirmed_at, 'last_event_at', p_webhook.last_event_at,
        'is_paused_by_operator', p_webhook.operator_paused_at is not null,
        'paused_because', p_webhook.paused_because,
        'contact', case
            when p_webhook.confirmed_at is not null or p_webhook.last_event_at is not null then 'heard'
            when p_webhook.created_at > now() - interval '1 minute' then 'waiting'
            else 'none'
        end
    )
$$;
comment on function private.webhook_json is 'A webhook as its owner may see it: without passcode. contact: whether Figma has reached us for it yet: heard (by any event), waiting (in its first minute) or none.';
revoke execute on function private.webhook_json from public, anon, authenticated;
grant execute on function private.webhook_json to service_role;

create or replace function private.is_abandoned(p_webhook public.user_webhooks) returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
    select p_webhook.state = 'creating' and p_webhook.created_at < now() - interval '1 minute'
$$;
comment on function private.is_abandoned is 'A row whose creation was begun, never confirmed, and is past the time that takes.';
revoke execute on function private.is_abandoned from public, anon, authenticated;
grant execute on function private.is_abandoned to service_role;

create or replace function private.is_being_made(p_webhook public.user_webhooks) returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
    select p_webhook.state = 'creating' and not private.is_abandoned(p_webhook)
$$;
comment on function private.is_being_made is 'A row whose creation is under way: its place belongs to that call alone.';
revoke execute on function private.is_being_made from public, anon, authenticated;
grant execute on function private.is_being_made to service_role;

-- Reserve the one live row that a user may have per context. Called again, it returns the row that is there. A row that
-- is still being created belongs for a minute to the call that made it; if that call died, the next one takes it over.
-- Nothing is reserved while somebody else creates a webhook in the same place. We do not have Figma's id of their
-- webhook yet, so it would look like one that was left behind. The lock decides which of two calls at once is first.
-- An operator's pause belongs to the place: neither pasting the link again nor removing the webhook first ends it.
create or replace function public.start_webhook(
    p_user_id uuid, p_context text, p_context_id text, p_label text, p_guest_rule text,
    p_passcode_encrypted text, p_passcode_hash text
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_webhook public.user_webhooks;
begin
    if exists (
        select from public.user_webhooks as w
        where w.user_id = p_user_id and w.context = p_context and w.context_id = p_context_id
            and w.operator_paused_at is not null
    ) then
        raise exception using errcode = 'PT409', message = 'paused_by_operator';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('webhook:' || p_context || ':' || p_context_id, 0));
    if exists (
        select from public.user_webhooks as w
        where w.context = p_context and w.context_id = p_context_id and w.user_id <> p_user_id
            and private.is_being_made(w)
    ) then
        return jsonb_build_object('state', 'creating', 'is_mine', false);
    end if;
    insert into public.user_webhooks as w (
        user_id, context, context_id, label, guest_rule, passcode_encrypted, passcode_hash
    ) values (
        p_user_id, p_context, p_context_id, left(p_label, 200), p_guest_rule, p_passcode_encrypted, p_passcode_hash
    )
    on conflict (user_id, context, context_id) where state <> 'deleted' do update
        set passcode_encrypted = case when private.is_abandoned(w) then excluded.passcode_encrypted else w.passcode_encrypted end,
            passcode_hash = case when private.is_abandoned(w) then excluded.passcode_hash else w.passcode_hash end,
            guest_rule = case when private.is_abandoned(w) then excluded.guest_rule else w.guest_rule end,
            created_at = case when private.is_abandoned(w) then now() else w.created_at end,
            label = case when excluded.label <> '' then excluded.label else w.label end
    returning * into v_webhook;
    return private.webhook_json(v_webhook) || jsonb_build_object('is_mine', v_webhook.passcode_hash = p_passcode_hash);
end;
$$;
comment on function public.start_webhook is 'Reserve a webhook row before Figma is asked; is_mine says whether this call''s passcode is the one in force. Only {state: creating, is_mine: false} while somebody else makes one there. PT409 while an operator''s pause holds there.';
revoke execute on function public.start_webhook from public, anon, authenticated;
grant execute on function public.start_webhook to service_role;

create or replace function public.confirm_webhook(p_webhook_id uuid, p_figma_webhook_id text) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_webhook public.user_webhooks;
    v_was_creating boolean;
begin
    select state = 'creating' into v_was_creating from public.user_webhooks where id = p_webhook_id for update;
    -- A webhook that a deleted row left behind at Figma, now taken over.
    update public.user_webhooks set figma_webhook_id = null
    where figma_webhook_id = p_figma_webhook_id and state = 'deleted' and id <> p_webhook_id;
    begin
        update public.user_webhooks
        set figma_webhook_id = p_figma_webhook_id, state = case when state = 'creating' then 'active' else state end
        where id = p_webhook_id
        returning * into v_webhook;
    exception
        when unique_violation then
            raise exception using errcode = 'PT409', message = 'switched_on_meanwhile';
    end;
    if v_webhook.id is null then
        raise exception using errcode = 'PT404', message = 'webhook_is_gone';
    end if;
    if v_was_creating then
        insert into public.activity (user_id, kind, detail)
        values (v_webhook.user_id, 'webhook_made', jsonb_build_object('context', v_webhook.context));
    end if;
    return private.webhook_json(v_webhook);
end;
$$;
comment on function public.confirm_webhook is 'Figma made the webhook: keep its id and switch it on. PT409 when it has become another live row''s meanwhile.';
revoke execute on function public.confirm_webhook from public, anon, authenticated;
grant execute on function public.confirm_webhook to service_role;

-- Pause, resume or delete; guest rule too. Null leaves a field as it is. Only an operator ends an operator's pause,
-- which therefore outlives what the owner does, deleting included.
create or replace function public.change_webhook(
    p_user_id uuid, p_webhook_id uuid, p_state text, p_guest_rule text
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_before public.user_webhooks;
    v_after public.user_webhooks;
begin
    select * into v_before from public.user_webhooks
    where id = p_webhook_id and user_id = p_user_id and (state <> 'deleted' or p_state = 'deleted') for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_webhook_of_yours';
    end if;
    if p_state = 'active' and v_before.operator_paused_at is not null then
        raise exception using errcode = 'PT409', message = 'paused_by_operator';
    end if;
    update public.user_webhooks
    set state = coalesce(p_state, state), guest_rule = coalesce(p_guest_rule, guest_rule),
        deleted_at = case when p_state = 'deleted' then coalesce(deleted_at, now()) else deleted_at end
    where id = p_webhook_id
    returning * into v_after;
    if v_after.state = 'deleted' then
        perform private.drop_previews(p_webhook_id);
    end if;
    if v_after.state <> v_before.state and v_before.state <> 'creating' and v_after.state in ('paused', 'active', 'deleted') then
        insert into public.activity (user_id, kind, detail)
        values (
            p_user_id,
            'webhook_' || case v_after.state when 'active' then 'resumed' else v_after.state end,
            jsonb_build_object('context', v_after.context)
        );
    end if;
    return private.webhook_json(v_after);
end;
$$;
comment on function public.change_webhook is 'Set the state (active, paused, deleted) or guest rule of one''s own webhook. PT409 for resuming what an operator paused.';
revoke execute on function public.change_webhook from public, anon, authenticated;
grant execute on function public.change_webhook to service_role;

create or replace function public.list_webhooks(p_user_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(private.webhook_json(w) order by w.created_at), '[]'::jsonb)
    from public.user_webhooks as w where w.user_id = p_user_id and w.state <> 'deleted'
$$;
comment on function public.list_webhooks is 'One user''s webhooks, oldest first, without the deleted ones.';
revoke execute on function public.list_webhooks from public, anon, authenticated;
grant execute on function public.list_webhooks to service_role;

-- The receiver's look-up, cached by its caller: by Figma's id, or by the passcode while the row has no id yet.
create or replace function public.find_webhook(p_figma_webhook_id text, p_passcode_hash text) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select private.webhook_json(w) || jsonb_build_object('passcode_encrypted', w.passcode_encrypted)
    from public.user_webhooks as w
    where w.figma_webhook_id = p_figma_webhook_id
        or (w.figma_webhook_id is null and w.state = 'creating' and w.passcode_hash = p_passcode_hash)
    order by (w.figma_webhook_id = p_figma_webhook_id) desc nulls last
    limit 1
$$;
comment on function public.find_webhook is 'The webhook a delivery claims to come from, with its encrypted passcode, or null.';
revoke execute on function public.find_webhook from public, anon, authenticated;
grant execute on function public.find_webhook to service_role;

-- Which live webhooks of ours already cover a file, team or project, whoever owns them.
create or replace function public.webhooks_of_context(p_context text, p_context_id text) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(private.webhook_json(w) || jsonb_build_object(
        'owner_handle', users.handle, 'is_being_made', private.is_being_made(w)
    )), '[]'::jsonb)
    from public.user_webhooks as w join public.users on users.id = w.user_id
    where w.context = p_context and w.context_id = p_context_id and w.state <> 'deleted'
$$;
comment on function public.webhooks_of_context is 'Live webhooks on one team, project or file, with their owner''s name, and whether they are being made right now.';
revoke execute on function public.webhooks_of_context from public, anon, authenticated;
grant execute on function public.webhooks_of_context to service_role;

-- Webhooks of every state: a deleted one may still be delivering, and an interrupted one may be taken over.
create or replace function public.passcode_batch(p_after uuid, p_limit integer) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(batch)), '[]'::jsonb)
    from (
        select id as webhook_id, user_id, state, passcode_encrypted from public.user_webhooks
        where p_after is null or id > p_after order by id limit p_limit
    ) as batch
$$;
comment on function public.passcode_batch is 'Passcodes of webhooks in id order, for rotating the encryption key: [{webhook_id, user_id, state, passcode_encrypted}].';
revoke execute on function public.passcode_batch from public, anon, authenticated;
grant execute on function public.passcode_batch to service_role;

create or replace function public.save_reencrypted_passcode(p_webhook_id uuid, p_seen text, p_passcode_encrypted text)
returns boolean
language sql
security invoker
set search_path = ''
as $$
    with saved as (
        update public.user_webhooks set passcode_encrypted = p_passcode_encrypted
        where id = p_webhook_id and passcode_encrypted = p_seen
        returning 1
    )
    select exists (select from saved)
$$;
comment on function public.save_reencrypted_passcode is 'Keep the same passcode under the newest key; false when it is no longer the one seen.';
revoke execute on function public.save_reencrypted_passcode from public, anon, authenticated;
grant execute on function public.save_reencrypted_passcode to service_role;

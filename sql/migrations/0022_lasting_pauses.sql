-- Pauses by operators that their owners cannot end, deleting an account in a busy project, and /readyz.

-- What one person wrote, found without reading a month of everybody's deliveries: for deleting their account.
create index webhook_deliveries_author on public.webhook_deliveries ((payload -> 'triggered_by' ->> 'id'));
-- For /readyz: the secrets in use that were written longest ago.
create index figma_tokens_oldest on public.figma_tokens (updated_at) where revoked_at is null;
create index user_webhooks_oldest on public.user_webhooks (created_at) where state <> 'deleted';

-- A pause now holds until an operator ends it, also where the webhook is deleted meanwhile: that is logged as well.
comment on column public.user_webhooks.operator_paused_at is 'When an operator paused it here; Figma goes on sending. Only an operator ends it: deleting the webhook does not. Null when its owner paused it, or nobody.';
drop trigger user_webhooks_audit on public.user_webhooks;
create trigger user_webhooks_audit after update on public.user_webhooks
    for each row when (
        old.state is distinct from new.state or old.guest_rule is distinct from new.guest_rule
        or old.operator_paused_at is distinct from new.operator_paused_at
    )
    execute function private.audit('passcode_encrypted', 'passcode_hash', 'label');

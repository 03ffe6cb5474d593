-- The constraint is validated in the next file.

alter table public.user_webhooks add constraint user_webhooks_preview
    check (preview in ('off', 'first', 'always')) not valid;

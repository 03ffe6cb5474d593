alter table public.user_webhooks validate constraint user_webhooks_preview;

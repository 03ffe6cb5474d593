-- Owners choose whether they see answers of a webhook before they are posted.

alter table public.user_webhooks add column preview text not null default 'off';
comment on column public.user_webhooks.preview is 'Whether its owner looks at answers before they are posted: off, first (the first one of each file) or always.';
grant select (preview) on public.user_webhooks to authenticated;

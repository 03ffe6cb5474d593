-- When somebody was last told by mail that drafts wait for them.

create table public.preview_mails (
    user_id uuid not null primary key references public.users (id) on delete cascade,
    at timestamptz not null default now()
);
comment on table public.preview_mails is 'Owners of webhooks who were told by mail that drafted replies wait for them: at most once an hour.';
comment on column public.preview_mails.user_id is 'Who.';
comment on column public.preview_mails.at is 'When last.';
alter table public.preview_mails enable row level security;
revoke all on public.preview_mails from public, anon, authenticated;
grant select, insert, update, delete on public.preview_mails to service_role;

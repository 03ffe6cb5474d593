-- Whose connection to Figma could not be renewed: one person's is theirs, many at once are ours.

create table public.refresh_failures (
    user_id uuid not null primary key references public.users (id) on delete cascade,
    at timestamptz not null default now(),
    is_final boolean not null
);
create index refresh_failures_at on public.refresh_failures (at);
comment on table public.refresh_failures is 'The last time that Figma did not renew somebody''s connection; gone when it did. Kept a day.';
comment on column public.refresh_failures.user_id is 'Whose.';
comment on column public.refresh_failures.at is 'When.';
comment on column public.refresh_failures.is_final is 'Refused for good: the person must sign in again. Else Figma was away.';
alter table public.refresh_failures enable row level security;
revoke all on public.refresh_failures from public, anon, authenticated;
grant select, insert, update, delete on public.refresh_failures to service_role;

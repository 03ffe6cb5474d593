-- People see their own sessions and end them; what one address or person may do is counted for all web processes.

-- What is signed in already counts as used now, and has the whole idle time from here.
alter table public.sessions
    add column id uuid not null default gen_random_uuid(),
    add column label text not null default '',
    add column last_used_at timestamptz not null default now(),
    add constraint sessions_label check (length(label) <= 80);
create unique index sessions_id on public.sessions (id);
comment on column public.sessions.id is 'How its owner names it, for instance to end it; opens nothing.';
comment on column public.sessions.label is 'The device in a few words, such as "Firefox on Windows", from what the browser said of itself; empty: it said nothing known.';
comment on column public.sessions.last_used_at is 'Last request with it, to within ten minutes.';

-- Unlogged: what a crash forgets is at most a day of counting.
create unlogged table public.rate_windows (
    key_hash text primary key,
    hits bigint not null,
    ends_at timestamptz not null,
    constraint rate_windows_hash_length check (length(key_hash) = 64)
);
create index rate_windows_ends_at on public.rate_windows (ends_at);
alter table public.rate_windows enable row level security;
revoke all on public.rate_windows from anon, authenticated;
grant select, insert, update, delete on public.rate_windows to service_role;
comment on table public.rate_windows is 'How often something limited was done in a window of time, counted for all web processes together. No dashboard role can read this table.';
comment on column public.rate_windows.key_hash is 'A keyed hash of the limit and of the address or person it counts for.';
comment on column public.rate_windows.hits is 'How often since the window began.';
comment on column public.rate_windows.ends_at is 'When the window is over and the count starts again.';

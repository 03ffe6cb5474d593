-- Who uses the product: teams, designers, their Figma tokens and sessions, and the operators of the dashboard.

create table public.teams (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    settings jsonb not null default '{}'::jsonb,
    feature_flags jsonb not null default '{}'::jsonb,
    created_at timestamptz not null default now(),
    constraint teams_name_length check ((length(name) >= 1) and (length(name) <= 200))
);
comment on table public.teams is 'An organisation that pays for several designers: its settings and feature flags.';
comment on column public.teams.id is 'Our id.';
comment on column public.teams.name is 'Name on screen.';
comment on column public.teams.settings is 'Settings of the team.';
comment on column public.teams.feature_flags is 'Flags set for this team, by code: true or false. Those left out are as in feature_flags.';
comment on column public.teams.created_at is 'Since when.';
create trigger teams_audit after insert or delete or update on public.teams
    for each row execute function private.audit();
alter table public.teams enable row level security;
revoke all on public.teams from public, anon, authenticated;
grant select, insert, update, delete on public.teams to service_role;
-- Names to narrow a page to, and the flags that founders set. When teams came is growth, and nobody reads it here.
grant select (id, name, feature_flags) on public.teams to authenticated;
create policy teams_select on public.teams for select to authenticated
    using ((select private.operator_role()) is not null);

create table public.users (
    id uuid primary key default gen_random_uuid(),
    figma_user_id text not null unique,
    handle text not null,
    email text,
    image_url text,
    team_id uuid references public.teams (id) on delete set null,
    state text not null default 'active',
    first_seen_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    figma_user_hash text,
    constraint users_handle_length check (length(handle) <= 500),
    constraint users_state check (state in ('active', 'suspended', 'deleted'))
);
create index users_email on public.users (lower(email)) where email is not null;
create index users_first_seen_at on public.users (first_seen_at);
-- Search: the start of a name by its letters, the start of any word of it, the whole e-mail address.
create index users_handle_start on public.users (lower(handle) text_pattern_ops);
create index users_handle_words on public.users using gin (to_tsvector('simple'::regconfig, handle));
create index users_team_id on public.users (team_id);
comment on table public.users is 'A designer who signed in with Figma. A deleted one keeps an anonymous row, so that the ledger still adds up.';
comment on column public.users.id is 'Our id.';
comment on column public.users.figma_user_id is 'Figma''s id as text (it exceeds 2^53); "deleted:<id>" after deletion.';
comment on column public.users.handle is 'Display name at Figma; not unique.';
comment on column public.users.email is 'Address at Figma; granted to no operator.';
comment on column public.users.image_url is 'Avatar at Figma.';
comment on column public.users.team_id is 'Their organisation, if any.';
comment on column public.users.state is 'active, suspended or deleted.';
comment on column public.users.first_seen_at is 'Sign-up.';
comment on column public.users.last_seen_at is 'Last request with a session, to within a minute.';
comment on column public.users.figma_user_hash is 'Keyed hash of the Figma id since their last sign-in; NULL after deletion. Granted to no operator.';
create trigger users_audit after update on public.users
    for each row when (((old.state is distinct from new.state) or (old.team_id is distinct from new.team_id)))
    execute function private.audit('handle', 'email', 'image_url', 'figma_user_id', 'figma_user_hash');
alter table public.users enable row level security;
revoke all on public.users from public, anon, authenticated;
grant select, insert, update, delete on public.users to service_role;
grant select (id, figma_user_id, handle, team_id, state, first_seen_at, last_seen_at) on public.users
    to authenticated;
create policy users_select on public.users for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

create table public.figma_tokens (
    user_id uuid primary key references public.users (id) on delete cascade,
    access_token_encrypted text not null,
    refresh_token_encrypted text,
    scopes text[] not null default '{}'::text[],
    expires_at timestamptz not null,
    version bigint not null default 1,
    refresh_lease_until timestamptz,
    revoked_at timestamptz,
    updated_at timestamptz not null default now()
);
-- For /readyz: the secrets in use that were written longest ago.
create index figma_tokens_oldest on public.figma_tokens (updated_at) where revoked_at is null;
comment on table public.figma_tokens is 'Encrypted Figma tokens. No dashboard role can read this table.';
comment on column public.figma_tokens.user_id is 'Whose token.';
comment on column public.figma_tokens.access_token_encrypted is 'Fernet token under one of TOKEN_ENCRYPTION_KEYS.';
comment on column public.figma_tokens.refresh_token_encrypted is 'The same for the refresh token, which Figma lets us use again and again.';
comment on column public.figma_tokens.scopes is 'Scopes asked for at sign-in (Figma does not say which it gave).';
comment on column public.figma_tokens.expires_at is 'When the access token ends.';
comment on column public.figma_tokens.version is 'Grows with each new access token: a caller that met a 403 says which one it used.';
comment on column public.figma_tokens.refresh_lease_until is 'While set and in the future one process is refreshing: Figma kills the old token on each refresh.';
comment on column public.figma_tokens.revoked_at is 'When Figma last refused both the token and its refresh; the user must sign in again.';
comment on column public.figma_tokens.updated_at is 'When it was last replaced.';
alter table public.figma_tokens enable row level security;
revoke all on public.figma_tokens from public, anon, authenticated;
grant select, insert, update, delete on public.figma_tokens to service_role;

create table public.sessions (
    token_hash text primary key,
    user_id uuid not null references public.users (id) on delete cascade,
    kind text not null default 'browser',
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    id uuid not null default gen_random_uuid(),
    label text not null default '',
    last_used_at timestamptz not null default now(),
    constraint sessions_kind check (kind in ('browser', 'plugin')),
    constraint sessions_label check (length(label) <= 80)
);
create index sessions_expires_at on public.sessions (expires_at);
create unique index sessions_id on public.sessions (id);
create index sessions_user_id on public.sessions (user_id);
comment on table public.sessions is 'Signed-in browsers and plugins. Only a hash of each token is kept.';
comment on column public.sessions.token_hash is 'SHA-256 of the random session token.';
comment on column public.sessions.user_id is 'Whose session.';
comment on column public.sessions.kind is 'browser or plugin.';
comment on column public.sessions.created_at is 'When it was opened.';
comment on column public.sessions.expires_at is 'When it ends.';
comment on column public.sessions.id is 'How its owner names it, for instance to end it; opens nothing.';
comment on column public.sessions.label is 'The device in a few words, such as "Firefox on Windows", from what the browser said of itself; empty: it said nothing known.';
comment on column public.sessions.last_used_at is 'Last request with it, to within ten minutes.';
alter table public.sessions enable row level security;
revoke all on public.sessions from public, anon, authenticated;
grant select, insert, update, delete on public.sessions to service_role;

create table public.plugin_handovers (
    challenge text primary key,
    user_id uuid references public.users (id) on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    approved_at timestamptz,
    collected_at timestamptz,
    constraint plugin_handovers_challenge_length check (length(challenge) = 43)
);
create index plugin_handovers_expires_at on public.plugin_handovers (expires_at);
create index plugin_handovers_user_id on public.plugin_handovers (user_id);
comment on table public.plugin_handovers is 'A Figma plugin cannot receive the OAuth redirect: it opens the browser with a challenge and collects its session with the secret behind it, once.';
comment on column public.plugin_handovers.challenge is 'base64url(sha256(secret)) of the plugin''s own secret, as in RFC 7636 S256.';
comment on column public.plugin_handovers.user_id is 'Who answered it: agreed or declined.';
comment on column public.plugin_handovers.created_at is 'When the browser opened it.';
comment on column public.plugin_handovers.expires_at is 'When it can no longer be collected; at once where it was declined.';
comment on column public.plugin_handovers.approved_at is 'When the person agreed.';
comment on column public.plugin_handovers.collected_at is 'When the plugin took its session.';
alter table public.plugin_handovers enable row level security;
revoke all on public.plugin_handovers from public, anon, authenticated;
grant select, insert, update, delete on public.plugin_handovers to service_role;

create table public.deleted_accounts (
    figma_user_hash text primary key,
    trial_uses integer not null,
    deleted_at timestamptz not null default now()
);
comment on table public.deleted_accounts is 'How many free uses a deleted person had taken, under a hash of the Figma id, so that deletion does not refill the trial.';
comment on column public.deleted_accounts.figma_user_hash is 'Keyed hash of the Figma id.';
comment on column public.deleted_accounts.trial_uses is 'Free uses taken before the deletion.';
comment on column public.deleted_accounts.deleted_at is 'When the account was deleted.';
alter table public.deleted_accounts enable row level security;
revoke all on public.deleted_accounts from public, anon, authenticated;
grant select, insert, update, delete on public.deleted_accounts to service_role;

create table public.operators (
    user_id uuid primary key,
    email text not null unique,
    role text not null,
    created_at timestamptz not null default now(),
    disabled_at timestamptz,
    constraint operators_role check (role in ('founder', 'support', 'finance'))
);
comment on table public.operators is 'Who may use the dashboard, in which role. user_id is the Supabase Auth user.';
comment on column public.operators.user_id is 'Supabase Auth user id.';
comment on column public.operators.email is 'Sign-in address, lower case.';
comment on column public.operators.role is 'founder, support or finance.';
comment on column public.operators.created_at is 'Since when.';
comment on column public.operators.disabled_at is 'Set: no longer an operator; takes effect at once.';
create trigger operators_audit after insert or delete or update on public.operators
    for each row execute function private.audit();
alter table public.operators enable row level security;
revoke all on public.operators from public, anon, authenticated;
grant select, insert, update, delete on public.operators to service_role;
grant select on public.operators to authenticated;
create policy operators_select on public.operators for select to authenticated
    using ((user_id = (select auth.uid())) or ((select private.operator_role()) = 'founder'));

-- Unlogged: what a crash forgets is at most a day of counting.
create unlogged table public.rate_windows (
    key_hash text primary key,
    hits bigint not null,
    ends_at timestamptz not null,
    constraint rate_windows_hash_length check (length(key_hash) = 64)
);
create index rate_windows_ends_at on public.rate_windows (ends_at);
comment on table public.rate_windows is 'How often something limited was done in a window of time, counted for all web processes together. No dashboard role can read this table.';
comment on column public.rate_windows.key_hash is 'A keyed hash of the limit and of the address or person it counts for.';
comment on column public.rate_windows.hits is 'How often since the window began.';
comment on column public.rate_windows.ends_at is 'When the window is over and the count starts again.';
alter table public.rate_windows enable row level security;
revoke all on public.rate_windows from public, anon, authenticated;
grant select, insert, update, delete on public.rate_windows to service_role;

create table public.activity (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    user_id uuid,
    kind text not null,
    detail jsonb not null default '{}'::jsonb,
    constraint activity_kind check (kind in ('sign_up', 'sign_in', 'webhook_made', 'webhook_paused',
        'webhook_resumed', 'webhook_deleted', 'context_saved', 'first_answer', 'answered', 'refused', 'trial_used_up',
        'plan_changed', 'account_deleted'))
);
create index activity_kind_at on public.activity (kind, at desc);
-- What people did, without what the ledger tells too: most of the log of somebody who asks often is not in it.
create index activity_story on public.activity (user_id, at desc) where kind <> all (array['answered', 'refused']);
create index activity_user on public.activity (user_id, at desc);
comment on table public.activity is 'What people did and when: growth and retention are counted from here.';
comment on column public.activity.id is 'Order of writing.';
comment on column public.activity.at is 'When it happened.';
comment on column public.activity.user_id is 'Who did it; no foreign key, the row outlives the account.';
comment on column public.activity.kind is 'What happened, from the listed kinds.';
comment on column public.activity.detail is 'Facts about it, without anybody''s words.';
alter table public.activity enable row level security;
revoke all on public.activity from public, anon, authenticated;
grant select, insert, update, delete on public.activity to service_role;
grant select on public.activity to authenticated;
create policy activity_select on public.activity for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

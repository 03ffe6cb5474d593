-- Who uses the product: teams, designers, their Figma tokens and sessions, and the operators of the dashboard.

create schema if not exists private;
comment on schema private is 'What no API role may read: row level security helpers and the migration history.';

create table public.teams (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    settings jsonb not null default '{}'::jsonb,
    feature_flags jsonb not null default '{}'::jsonb,
    created_at timestamptz not null default now(),
    constraint teams_name_length check (length(name) between 1 and 200)
);
comment on table public.teams is 'An organisation that pays for several designers: its settings and feature flags.';

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
    constraint users_state check (state in ('active', 'suspended', 'deleted')),
    constraint users_handle_length check (length(handle) <= 500)
);
create index users_team_id on public.users (team_id);
create index users_first_seen_at on public.users (first_seen_at);
comment on table public.users is 'A designer who signed in with Figma. A deleted one keeps an anonymous row, so that the ledger still adds up.';
comment on column public.users.figma_user_id is 'Figma''s id as text (it exceeds 2^53); "deleted:<id>" after deletion.';

create table public.figma_tokens (
    user_id uuid primary key references public.users (id) on delete cascade,
    access_token_encrypted text not null,
    refresh_token_encrypted text,
    scopes text[] not null default '{}',
    expires_at timestamptz not null,
    version bigint not null default 1,
    refresh_lease_until timestamptz,
    revoked_at timestamptz,
    updated_at timestamptz not null default now()
);
comment on table public.figma_tokens is 'Encrypted Figma tokens. No dashboard role can read this table.';
comment on column public.figma_tokens.version is 'Grows with each new access token: a caller that met a 403 says which one it used.';
comment on column public.figma_tokens.refresh_lease_until is 'While set and in the future one process is refreshing: Figma kills the old token on each refresh.';
comment on column public.figma_tokens.revoked_at is 'When Figma last refused both the token and its refresh; the user must sign in again.';

create table public.sessions (
    token_hash text primary key,
    user_id uuid not null references public.users (id) on delete cascade,
    kind text not null default 'browser',
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    constraint sessions_kind check (kind in ('browser', 'plugin'))
);
create index sessions_user_id on public.sessions (user_id);
create index sessions_expires_at on public.sessions (expires_at);
comment on table public.sessions is 'Signed-in browsers and plugins. Only a hash of each token is kept.';

create table public.plugin_handovers (
    challenge text primary key,
    user_id uuid references public.users (id) on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    approved_at timestamptz,
    collected_at timestamptz,
    constraint plugin_handovers_challenge_length check (length(challenge) = 43)
);
create index plugin_handovers_user_id on public.plugin_handovers (user_id);
create index plugin_handovers_expires_at on public.plugin_handovers (expires_at);
comment on table public.plugin_handovers is 'A Figma plugin cannot receive the OAuth redirect: it opens the browser with a challenge and collects its session with the secret behind it, once.';
comment on column public.plugin_handovers.challenge is 'base64url(sha256(secret)) of the plugin''s own secret, as in RFC 7636 S256.';

create table public.deleted_accounts (
    figma_user_hash text primary key,
    trial_uses integer not null,
    deleted_at timestamptz not null default now()
);
comment on table public.deleted_accounts is 'How many free uses a deleted person had taken, under a hash of the Figma id, so that deletion does not refill the trial.';

create table public.operators (
    user_id uuid primary key,
    email text not null unique,
    role text not null,
    created_at timestamptz not null default now(),
    disabled_at timestamptz,
    constraint operators_role check (role in ('founder', 'support', 'finance'))
);
comment on table public.operators is 'Who may use the dashboard, in which role. user_id is the Supabase Auth user.';

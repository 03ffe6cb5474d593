-- file: 0001_people.sql
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
-- file: 0002_contexts.sql
-- The guidance each designer gives the model, and every version of it that was ever in force.

create table public.user_contexts (
    user_id uuid primary key references public.users (id) on delete cascade,
    version integer not null default 1,
    instructions text not null default '',
    tone text not null default '',
    brand text not null default '',
    design_system_rules text not null default '',
    language text not null default '',
    focus_areas text[] not null default '{}',
    model text not null default '',
    updated_at timestamptz not null default now(),
    constraint user_contexts_sizes check (
        length(instructions) <= 4000 and length(tone) <= 500 and length(brand) <= 4000
        and length(design_system_rules) <= 8000 and length(language) <= 35 and length(model) <= 100
    ),
    constraint user_contexts_focus_areas check (cardinality(focus_areas) <= 12)
);
comment on table public.user_contexts is 'The guidance now in force for a designer: brand, tone, design-system rules.';

create table public.user_context_versions (
    user_id uuid not null references public.users (id) on delete cascade,
    version integer not null,
    content jsonb not null,
    saved_by text not null,
    reason text not null default '',
    saved_at timestamptz not null default now(),
    primary key (user_id, version)
);
comment on table public.user_context_versions is 'Every version of a context that was ever in force. Rows never change, so a worker may cache them for ever.';
comment on column public.user_context_versions.saved_by is '"user" for the designer, else the operator''s e-mail address.';
-- file: 0003_webhooks.sql
-- Figma webhooks made for designers, and every delivery that reached us.

create table public.user_webhooks (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    figma_webhook_id text unique,
    context text not null,
    context_id text not null,
    label text not null default '',
    passcode_encrypted text not null,
    passcode_hash text not null unique,
    state text not null default 'creating',
    guest_rule text not null default 'invite',
    created_at timestamptz not null default now(),
    confirmed_at timestamptz,
    last_event_at timestamptz,
    deleted_at timestamptz,
    constraint user_webhooks_context check (context in ('team', 'project', 'file')),
    constraint user_webhooks_state check (state in ('creating', 'active', 'paused', 'deleted')),
    constraint user_webhooks_guest_rule check (guest_rule in ('invite', 'owner_pays', 'ignore'))
);
create unique index user_webhooks_one_each on public.user_webhooks (user_id, context, context_id)
    where state <> 'deleted';
create index user_webhooks_context_id on public.user_webhooks (context_id);
comment on table public.user_webhooks is 'A Figma webhook a designer switched on: where, its state, and who pays for guests.';
comment on column public.user_webhooks.passcode_hash is 'Keyed hash of the passcode: finds a webhook whose PING arrives before Figma told us its id.';
comment on column public.user_webhooks.confirmed_at is 'When Figma''s PING with the right passcode arrived.';
comment on column public.user_webhooks.guest_rule is 'What happens when somebody who is not connected asks: invite, owner_pays or ignore.';

create table public.webhook_deliveries (
    id bigint generated always as identity primary key,
    webhook_id uuid not null references public.user_webhooks (id) on delete cascade,
    event_type text not null,
    event_key text not null,
    outcome text not null,
    payload jsonb not null,
    redelivered integer not null default 0,
    answer_id uuid,
    request_id text not null default '',
    received_at timestamptz not null default now(),
    last_received_at timestamptz not null default now(),
    constraint webhook_deliveries_once unique (webhook_id, event_type, event_key),
    constraint webhook_deliveries_outcome check (
        outcome in ('queued', 'duplicate', 'ignored', 'own_reply', 'ping', 'paused', 'other_event', 'unreadable')
    )
);
create index webhook_deliveries_received_at on public.webhook_deliveries (received_at desc);
create index webhook_deliveries_answer_id on public.webhook_deliveries (answer_id);
comment on table public.webhook_deliveries is 'Every delivery of a known webhook, without its passcode, and what became of it. Kept 30 days.';
comment on column public.webhook_deliveries.event_key is 'What makes a redelivery the same event: the comment id, else the event''s timestamp.';
comment on column public.webhook_deliveries.outcome is 'queued: job made; duplicate: another delivery had made it; ignored: not addressed to the buddy.';
-- file: 0004_plans.sql
-- What people pay for and what they may use: plans, subscriptions, balances and receipts.

create table public.plans (
    code text not null,
    valid_from timestamptz not null default '-infinity',
    name text not null,
    price_microusd bigint not null,
    per text not null,
    uses integer not null,
    period text not null,
    is_unlimited boolean not null default false,
    primary key (code, valid_from),
    constraint plans_per check (per in ('user', 'seat')),
    constraint plans_period check (period in ('lifetime', 'month')),
    constraint plans_uses check (uses >= 0),
    constraint plans_price check (price_microusd >= 0)
);
comment on table public.plans is 'Plans as rows, effective-dated: the newest row of a code that is not in the future is in force.';
comment on column public.plans.price_microusd is 'Price of one month per user or seat, in millionths of a dollar.';
comment on column public.plans.is_unlimited is 'Sold as unlimited: uses is then the fair-use ceiling, and replies do not count down.';

insert into public.plans (code, name, price_microusd, per, uses, period, is_unlimited) values
    ('trial', 'Trial', 0, 'user', 10, 'lifetime', false),
    ('pro', 'Pro', 10000000, 'user', 500, 'month', false),
    ('enterprise', 'Enterprise', 100000000, 'seat', 5000, 'month', true);

create table public.subscriptions (
    id uuid primary key default gen_random_uuid(),
    user_id uuid references public.users (id) on delete cascade,
    team_id uuid references public.teams (id) on delete cascade,
    plan_code text not null,
    seats integer not null default 1,
    starts_at timestamptz not null default now(),
    ends_at timestamptz,
    created_at timestamptz not null default now(),
    constraint subscriptions_one_payer check ((user_id is null) <> (team_id is null)),
    constraint subscriptions_seats check (seats > 0),
    constraint subscriptions_period check (ends_at is null or ends_at > starts_at)
);
create index subscriptions_user_id on public.subscriptions (user_id, starts_at desc);
create index subscriptions_team_id on public.subscriptions (team_id, starts_at desc);
comment on table public.subscriptions is 'Which plan a user or a team has, from when to when. Nobody listed here is on the trial.';

create table public.use_balances (
    user_id uuid not null references public.users (id) on delete cascade,
    plan_code text not null,
    period_start date not null,
    used integer not null default 0,
    reserved integer not null default 0,
    primary key (user_id, plan_code, period_start),
    constraint use_balances_counts check (used >= 0 and reserved >= 0)
);
comment on table public.use_balances is 'Uses taken and reserved of a plan in a period; period_start is -infinity for a plan without periods.';

create table public.use_receipts (
    id uuid primary key default gen_random_uuid(),
    answer_id uuid not null,
    run integer not null,
    user_id uuid not null references public.users (id) on delete cascade,
    plan_code text not null,
    period_start date not null,
    state text not null default 'reserved',
    reason text not null default '',
    reply_comment_id text,
    reserved_at timestamptz not null default now(),
    closed_at timestamptz,
    constraint use_receipts_once unique (answer_id, run),
    constraint use_receipts_state check (state in ('reserved', 'settled', 'released')),
    constraint use_receipts_settled_has_reply check (state <> 'settled' or reply_comment_id is not null)
);
create index use_receipts_user_id on public.use_receipts (user_id, reserved_at desc);
create index use_receipts_reserved on public.use_receipts (reserved_at) where state = 'reserved';
comment on table public.use_receipts is 'A use is a receipt: reserved before the work, settled against the posted reply, or released with a reason.';

create table public.model_prices (
    id bigint generated always as identity primary key,
    provider text not null,
    model text not null,
    valid_from timestamptz not null,
    valid_to timestamptz,
    input_microusd_per_million bigint not null,
    cached_input_microusd_per_million bigint,
    output_microusd_per_million bigint not null,
    source text not null default '',
    created_at timestamptz not null default now(),
    constraint model_prices_period check (valid_to is null or valid_to > valid_from),
    constraint model_prices_not_negative check (
        input_microusd_per_million >= 0 and output_microusd_per_million >= 0
        and coalesce(cached_input_microusd_per_million, 0) >= 0
    )
);
create index model_prices_model on public.model_prices (provider, model, valid_from desc);
comment on table public.model_prices is 'Effective-dated prices that override the price library: micro-dollars per million tokens.';
-- file: 0005_answers.sql
-- One row per comment addressed to the buddy, and what decides whether and how it is answered.

create table public.answers (
    id uuid primary key default gen_random_uuid(),
    webhook_id uuid references public.user_webhooks (id) on delete set null,
    file_key text not null,
    file_name text not null default '',
    comment_id text not null,
    root_comment_id text not null,
    author_figma_id text not null,
    author_handle text not null default '',
    question text not null default '',
    command text,
    asked_at timestamptz,
    received_at timestamptz not null default now(),
    request_id text not null default '',
    trace_parent text not null default '',
    state text not null default 'queued',
    decision text,
    decided_at timestamptz,
    reason text not null default '',
    failure_message text not null default '',
    run integer not null default 1,
    attempt integer not null default 0,
    failures integer not null default 0,
    excused integer not null default 0,
    lease_until timestamptz,
    deferred_until timestamptz,
    payer_id uuid references public.users (id) on delete set null,
    plan_code text not null default '',
    context_user_id uuid,
    context_version integer not null default 0,
    draft jsonb,
    posting_until timestamptz,
    reply_comment_id text,
    reply_created_at timestamptz,
    notice_comment_id text,
    provider text not null default '',
    model text not null default '',
    prompt_version text not null default '',
    node_id text,
    design_state text not null default '',
    facts jsonb,
    settled_at timestamptz,
    constraint answers_once unique (file_key, comment_id),
    constraint answers_state check (
        state in ('queued', 'working', 'deferred', 'answered', 'refused', 'ignored', 'failed')
    ),
    constraint answers_decision check (decision in ('answer', 'refuse', 'invite', 'command', 'ignore')),
    constraint answers_command check (command in ('help', 'usage', 'stop', 'resume'))
);
create index answers_thread on public.answers (file_key, root_comment_id, reply_created_at desc)
    where reply_created_at is not null;
create unique index answers_one_reply on public.answers (file_key, reply_comment_id)
    where reply_comment_id is not null;
create index answers_notice on public.answers (file_key, notice_comment_id) where notice_comment_id is not null;
create index answers_received_at on public.answers (received_at desc);
create index answers_payer on public.answers (payer_id, received_at desc) where payer_id is not null;
create index answers_author on public.answers (author_figma_id, received_at desc);
create index answers_author_decided on public.answers (author_figma_id, decided_at desc) where decision = 'answer';
create index answers_webhook_id on public.answers (webhook_id);
create index answers_open on public.answers (received_at) where state in ('queued', 'working', 'deferred');
create index answers_failed on public.answers (received_at desc) where state = 'failed';
comment on table public.answers is 'One row per comment addressed to the buddy. (file_key, comment_id) is the key that makes redeliveries and overlapping webhooks end in one job. state failed is the dead letter list.';
comment on column public.answers.run is 'Grows with each replay; a ledger row and a receipt exist at most once per run.';
comment on column public.answers.attempt is 'Fencing number: grows each time a worker takes the job; an older attempt may no longer post.';
comment on column public.answers.failures is 'Attempts of this run that failed; past a limit the answer is given up.';
comment on column public.answers.excused is 'Attempts that ended in order without an end: put off, or of an earlier run. Neither failed nor excused: the worker died.';
comment on column public.answers.draft is 'Reply text and model usage, stored before posting, so that a restarted job neither pays nor speaks twice.';
comment on column public.answers.posting_until is 'No later attempt posts before this moment: a post of the earlier one may still be under way.';
comment on column public.answers.design_state is 'read, no_node, quota, forbidden, missing or failed: what the answer could see of the design.';

create table public.thread_mutes (
    file_key text not null,
    root_comment_id text not null,
    muted_by text not null,
    muted_at timestamptz not null default now(),
    primary key (file_key, root_comment_id)
);
comment on table public.thread_mutes is 'Threads in which somebody wrote "stop": the buddy stays silent there until "resume".';

create table public.guest_invites (
    file_key text not null,
    author_figma_id text not null,
    answer_id uuid not null,
    invited_at timestamptz not null default now(),
    primary key (file_key, author_figma_id)
);
comment on table public.guest_invites is 'Who was already invited in which file: one friendly invitation each.';

create table public.figma_quotas (
    figma_user_id text not null,
    file_key text not null,
    tier smallint not null,
    limited_until timestamptz not null,
    plan_tier text not null default '',
    limit_type text not null default '',
    upgrade_link text not null default '',
    refusals integer not null default 1,
    updated_at timestamptz not null default now(),
    primary key (figma_user_id, file_key, tier),
    constraint figma_quotas_tier check (tier between 1 and 3)
);
comment on table public.figma_quotas is 'What Figma said when a quota was used up (429), per token owner, file and tier; kept so that no call is wasted before it ends.';

create table public.bot_identity (
    is_only boolean primary key default true,
    figma_user_id text not null,
    handle text not null,
    updated_at timestamptz not null default now(),
    constraint bot_identity_only check (is_only)
);
comment on table public.bot_identity is 'The account behind FIGMA_BOT_TOKEN: mentioning it addresses the buddy.';
-- file: 0006_ledger.sql
-- The ledger, its rollups and the activity log. Rollups grow with time and users, not with answers.

create table public.usage_logs (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    answer_id uuid not null,
    run integer not null default 1,
    feature text not null,
    status text not null,
    error_code text not null default '',
    user_id uuid,
    team_id uuid,
    plan_code text not null default '',
    receipt_id uuid,
    file_key text not null default '',
    provider text not null default '',
    model text not null default '',
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint,
    cost_state text not null,
    price_name text not null default '',
    latency_ms bigint not null default 0,
    model_latency_ms bigint not null default 0,
    figma_latency_ms bigint not null default 0,
    fallbacks integer not null default 0,
    context_version integer not null default 0,
    prompt_version text not null default '',
    request_id text not null default '',
    constraint usage_logs_once unique (answer_id, run),
    constraint usage_logs_status check (status in ('answered', 'refused', 'failed')),
    constraint usage_logs_cost_state check (cost_state in ('reported', 'priced', 'unpriced')),
    constraint usage_logs_cost check ((cost_state = 'unpriced') = (cost_microusd is null)),
    constraint usage_logs_not_negative check (
        coalesce(cost_microusd, 0) >= 0 and latency_ms >= 0 and model_latency_ms >= 0
        and input_tokens >= 0 and output_tokens >= 0 and cached_input_tokens >= 0 and reasoning_tokens >= 0
    )
);
create index usage_logs_at on public.usage_logs (at desc);
create index usage_logs_user on public.usage_logs (user_id, at desc);
comment on table public.usage_logs is 'The ledger: one immutable row per use, refusal and failure.';
comment on column public.usage_logs.cost_microusd is 'Millionths of a dollar; NULL exactly when no price is known, never 0 for that.';
comment on column public.usage_logs.latency_ms is 'From the webhook''s arrival to the posted reply, in milliseconds.';
comment on column public.usage_logs.user_id is 'Who paid. No foreign key: the row outlives the account.';

create function private.refuse_change() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception 'Rows of % never change; write a new one instead.', tg_table_name using errcode = '42501';
end;
$$;
comment on function private.refuse_change() is 'Keeps the ledger and the audit log append-only, for every role.';
create trigger usage_logs_immutable before update or delete on public.usage_logs
    for each row execute function private.refuse_change();
create trigger usage_logs_not_truncated before truncate on public.usage_logs
    for each statement execute function private.refuse_change();

create table public.usage_hourly (
    hour timestamptz not null,
    plan_code text not null,
    feature text not null,
    provider text not null,
    model text not null,
    status text not null,
    error_code text not null,
    uses bigint not null default 0,
    unpriced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    latency_ms_sum bigint not null default 0,
    model_latency_ms_sum bigint not null default 0,
    latency_histogram bigint[] not null,
    model_latency_histogram bigint[] not null,
    primary key (hour, plan_code, feature, provider, model, status, error_code)
);
comment on table public.usage_hourly is 'The ledger by hour (UTC) and low-cardinality dimensions, kept in the ledger''s own transaction.';
comment on column public.usage_hourly.latency_histogram is '84 counts; bucket b holds latencies up to 2^((b-1)/4) ms. Element-wise sums merge histograms.';

create table public.usage_daily_users (
    day date not null,
    user_id uuid not null,
    plan_code text not null,
    answered bigint not null default 0,
    refused bigint not null default 0,
    failed bigint not null default 0,
    unpriced bigint not null default 0,
    input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    primary key (day, user_id, plan_code)
);
create index usage_daily_users_user on public.usage_daily_users (user_id, day desc);
comment on table public.usage_daily_users is 'The ledger by day (UTC) and paying user, kept in the ledger''s own transaction.';

create table public.activity (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    user_id uuid,
    kind text not null,
    detail jsonb not null default '{}'::jsonb,
    constraint activity_kind check (kind in (
        'sign_up', 'sign_in', 'webhook_made', 'webhook_paused', 'webhook_resumed', 'webhook_deleted',
        'context_saved', 'first_answer', 'answered', 'refused', 'trial_used_up', 'plan_changed', 'account_deleted'
    ))
);
create index activity_user on public.activity (user_id, at desc);
create index activity_kind_at on public.activity (kind, at desc);
comment on table public.activity is 'What people did and when: growth and retention are counted from here.';

create table public.audit_log (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    actor text not null,
    table_name text not null,
    row_key text not null,
    operation text not null,
    before jsonb,
    after jsonb,
    reason text not null default ''
);
create index audit_log_at on public.audit_log (at desc);
create index audit_log_row on public.audit_log (table_name, row_key, at desc);
comment on table public.audit_log is 'Append-only, written by triggers: who changed what, before, after, why.';
create trigger audit_log_immutable before update or delete on public.audit_log
    for each row execute function private.refuse_change();
create trigger audit_log_not_truncated before truncate on public.audit_log
    for each statement execute function private.refuse_change();
-- file: 0007_access.sql
-- Nothing is open to anon; operators get what their role needs; service_role is the service.

grant usage on schema public to anon, authenticated, service_role;
grant usage on schema private to authenticated, service_role;
grant usage on schema queue to service_role;
grant select, insert, update, delete on all tables in schema queue to service_role;
grant usage, select on all sequences in schema queue to service_role;

-- Supabase's default privileges give new tables and functions to the API roles. Take them back for all there
-- is, and for what this role makes later (the built-in EXECUTE of PUBLIC can only be revoked without a schema).
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke execute on functions from anon, authenticated;
revoke all on all tables in schema public from anon, authenticated;
revoke all on all sequences in schema public from anon, authenticated;
revoke execute on all functions in schema public from public, anon, authenticated;
revoke execute on all functions in schema private from public, anon, authenticated;

do $$
declare
    v_table text;
begin
    for v_table in select tablename from pg_catalog.pg_tables where schemaname = 'public' loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('grant select, insert, update, delete on public.%I to service_role', v_table);
    end loop;
end;
$$;
revoke update, delete, truncate on public.usage_logs, public.audit_log from service_role;
grant usage, select on all sequences in schema public to service_role;

-- Security definer: an operator cannot read public.operators before this function has said that they are one.
create function private.operator_role() returns text
language sql
stable
security definer
set search_path = ''
as $$
    select operators.role from public.operators
    where operators.user_id = (select auth.uid()) and operators.disabled_at is null
$$;
comment on function private.operator_role() is 'The dashboard role of the signed-in person, or NULL. Takes effect at once when the row changes.';
revoke execute on function private.operator_role() from public, anon;
grant execute on function private.operator_role() to authenticated, service_role;

-- What each role may read. Tokens, sessions, passcodes and the text of comments are granted to nobody here.
grant select on public.operators to authenticated;
create policy operators_select on public.operators for select to authenticated
    using (user_id = (select auth.uid()) or (select private.operator_role()) = 'founder');

grant select on public.usage_hourly, public.plans, public.model_prices to authenticated;
create policy usage_hourly_select on public.usage_hourly for select to authenticated
    using ((select private.operator_role()) is not null);
create policy plans_select on public.plans for select to authenticated
    using ((select private.operator_role()) is not null);
create policy model_prices_select on public.model_prices for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

grant select on public.usage_logs, public.usage_daily_users, public.subscriptions, public.use_balances,
    public.use_receipts to authenticated;
create policy usage_logs_select on public.usage_logs for select to authenticated
    using ((select private.operator_role()) is not null);
create policy usage_daily_users_select on public.usage_daily_users for select to authenticated
    using ((select private.operator_role()) is not null);
create policy subscriptions_select on public.subscriptions for select to authenticated
    using ((select private.operator_role()) is not null);
create policy use_balances_select on public.use_balances for select to authenticated
    using ((select private.operator_role()) is not null);
create policy use_receipts_select on public.use_receipts for select to authenticated
    using ((select private.operator_role()) is not null);

grant select on public.teams to authenticated;
create policy teams_select on public.teams for select to authenticated
    using ((select private.operator_role()) is not null);
grant select (id, figma_user_id, handle, team_id, state, first_seen_at, last_seen_at) on public.users to authenticated;
create policy users_select on public.users for select to authenticated
    using ((select private.operator_role()) is not null);

grant select (
    id, webhook_id, file_key, file_name, comment_id, root_comment_id, author_figma_id, author_handle, command,
    asked_at, received_at, request_id, state, decision, reason, failure_message, run, attempt, deferred_until,
    payer_id, plan_code, context_user_id, context_version, reply_comment_id, reply_created_at,
    notice_comment_id, provider, model, prompt_version, node_id, design_state, settled_at
) on public.answers to authenticated;
create policy answers_select on public.answers for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

grant select on public.activity to authenticated;
create policy activity_select on public.activity for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
grant select on public.audit_log to authenticated;
create policy audit_log_select on public.audit_log for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
grant select on public.user_contexts, public.user_context_versions, public.thread_mutes, public.guest_invites,
    public.figma_quotas to authenticated;
create policy user_contexts_select on public.user_contexts for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
create policy user_context_versions_select on public.user_context_versions for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
create policy thread_mutes_select on public.thread_mutes for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
create policy guest_invites_select on public.guest_invites for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
create policy figma_quotas_select on public.figma_quotas for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
grant select (
    id, user_id, figma_webhook_id, context, context_id, label, state, guest_rule, created_at, confirmed_at,
    last_event_at, deleted_at
) on public.user_webhooks to authenticated;
create policy user_webhooks_select on public.user_webhooks for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
grant select (
    id, webhook_id, event_type, event_key, outcome, redelivered, answer_id, request_id, received_at, last_received_at
) on public.webhook_deliveries to authenticated;
create policy webhook_deliveries_select on public.webhook_deliveries for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
-- file: 0008_column_comments.sql
-- What each column holds, where its table's own file does not already say so.

comment on column public.activity.id is 'Order of writing.';
comment on column public.activity.at is 'When it happened.';
comment on column public.activity.user_id is 'Who did it; no foreign key, the row outlives the account.';
comment on column public.activity.kind is 'What happened, from the listed kinds.';
comment on column public.activity.detail is 'Facts about it, without anybody''s words.';

comment on column public.answers.id is 'Our id; the reference in the reply is derived from it.';
comment on column public.answers.webhook_id is 'The webhook whose delivery came first.';
comment on column public.answers.file_key is 'Figma''s key of the file or branch.';
comment on column public.answers.file_name is 'Name of the file when the comment was written.';
comment on column public.answers.comment_id is 'Figma''s id of the asking comment.';
comment on column public.answers.root_comment_id is 'Root of its thread: replies must go there.';
comment on column public.answers.author_figma_id is 'Who asked; anonymous after deletion.';
comment on column public.answers.author_handle is 'Display name of who asked; not unique.';
comment on column public.answers.question is 'The comment without the trigger word. Granted to no operator.';
comment on column public.answers.command is 'help, usage, stop or resume when the comment was just that word.';
comment on column public.answers.asked_at is 'Figma''s time of the comment (whole seconds).';
comment on column public.answers.received_at is 'When the first delivery reached us.';
comment on column public.answers.request_id is 'Follows the comment through every log line.';
comment on column public.answers.trace_parent is 'W3C traceparent of the receiving request, or empty.';
comment on column public.answers.state is 'queued, working, deferred, or an end: answered, refused, ignored, failed (dead letter).';
comment on column public.answers.decision is 'answer, refuse, invite, command or ignore; NULL until a worker began.';
comment on column public.answers.decided_at is 'When begin_answer decided.';
comment on column public.answers.reason is 'Code of the refusal, of why it was ignored, or of the failure.';
comment on column public.answers.failure_message is 'One sentence for operators about a failure or a deferral.';
comment on column public.answers.lease_until is 'Until when the worker at it is trusted to be alive.';
comment on column public.answers.deferred_until is 'When a deferred job is tried again.';
comment on column public.answers.payer_id is 'Whose plan pays: the author, or the webhook''s owner for a guest.';
comment on column public.answers.plan_code is 'Plan of the payer at that moment.';
comment on column public.answers.context_user_id is 'Whose context applies.';
comment on column public.answers.context_version is 'Version of that context in force; 0 for none.';
comment on column public.answers.reply_comment_id is 'Figma''s id of our reply.';
comment on column public.answers.reply_created_at is 'Figma''s time of our reply.';
comment on column public.answers.notice_comment_id is 'Figma''s id of the one notice that the answer will take long.';
comment on column public.answers.provider is 'Who answered: a model provider, or measured-review.';
comment on column public.answers.model is 'Model that answered.';
comment on column public.answers.prompt_version is 'Version of the prompt''s wording.';
comment on column public.answers.node_id is 'The pinned node, if any.';
comment on column public.answers.facts is 'Measured facts the answer relied on.';
comment on column public.answers.settled_at is 'When the answer reached its end.';

comment on column public.audit_log.id is 'Order of writing.';
comment on column public.audit_log.at is 'When it was changed.';
comment on column public.audit_log.actor is 'Operator''s e-mail, "user" or "service".';
comment on column public.audit_log.table_name is 'Table of the changed row.';
comment on column public.audit_log.row_key is 'Key of the changed row.';
comment on column public.audit_log.operation is 'INSERT, UPDATE or DELETE.';
comment on column public.audit_log.before is 'The row before, without secrets.';
comment on column public.audit_log.after is 'The row after, without secrets.';
comment on column public.audit_log.reason is 'Why, in the operator''s words.';

comment on column public.bot_identity.is_only is 'Always true: there is one row.';
comment on column public.bot_identity.figma_user_id is 'Figma''s id of the bot account.';
comment on column public.bot_identity.handle is 'Its display name.';
comment on column public.bot_identity.updated_at is 'When a worker last confirmed it.';

comment on column public.deleted_accounts.figma_user_hash is 'Keyed hash of the Figma id.';
comment on column public.deleted_accounts.trial_uses is 'Free uses taken before the deletion.';
comment on column public.deleted_accounts.deleted_at is 'When the account was deleted.';

comment on column public.figma_quotas.figma_user_id is 'Owner of the token that was refused.';
comment on column public.figma_quotas.file_key is 'File it was refused for.';
comment on column public.figma_quotas.tier is 'Figma''s endpoint tier: 1 files, 2 comments and webhooks, 3 metadata.';
comment on column public.figma_quotas.limited_until is 'Until when Figma said to wait.';
comment on column public.figma_quotas.plan_tier is 'X-Figma-Plan-Tier: plan of the file.';
comment on column public.figma_quotas.limit_type is 'X-Figma-Rate-Limit-Type: low (View, Collab) or high (Dev, Full).';
comment on column public.figma_quotas.upgrade_link is 'X-Figma-Upgrade-Link, shown in the answer.';
comment on column public.figma_quotas.refusals is 'How often this was met.';
comment on column public.figma_quotas.updated_at is 'When it was last met.';

comment on column public.figma_tokens.user_id is 'Whose token.';
comment on column public.figma_tokens.access_token_encrypted is 'Fernet token under one of TOKEN_ENCRYPTION_KEYS.';
comment on column public.figma_tokens.refresh_token_encrypted is 'The same for the refresh token, which Figma lets us use again and again.';
comment on column public.figma_tokens.scopes is 'Scopes asked for at sign-in (Figma does not say which it gave).';
comment on column public.figma_tokens.expires_at is 'When the access token ends.';
comment on column public.figma_tokens.updated_at is 'When it was last replaced.';

comment on column public.guest_invites.file_key is 'In which file.';
comment on column public.guest_invites.author_figma_id is 'Who was invited.';
comment on column public.guest_invites.answer_id is 'The answer that carried the invitation.';
comment on column public.guest_invites.invited_at is 'When.';

comment on column public.model_prices.id is 'Named in the ledger as "price row <id>".';
comment on column public.model_prices.provider is 'Provider as the chain names it.';
comment on column public.model_prices.model is 'Model as the provider names it.';
comment on column public.model_prices.valid_from is 'First moment it applies.';
comment on column public.model_prices.valid_to is 'First moment it no longer applies; NULL: open.';
comment on column public.model_prices.input_microusd_per_million is 'Micro-dollars per million input tokens.';
comment on column public.model_prices.cached_input_microusd_per_million is 'The same for cached input; NULL: as input.';
comment on column public.model_prices.output_microusd_per_million is 'The same for output, reasoning included.';
comment on column public.model_prices.source is 'Where the price was read.';
comment on column public.model_prices.created_at is 'When the row was written.';

comment on column public.operators.user_id is 'Supabase Auth user id.';
comment on column public.operators.email is 'Sign-in address, lower case.';
comment on column public.operators.role is 'founder, support or finance.';
comment on column public.operators.created_at is 'Since when.';
comment on column public.operators.disabled_at is 'Set: no longer an operator; takes effect at once.';

comment on column public.plans.code is 'Name in code: trial, pro, enterprise.';
comment on column public.plans.valid_from is 'First moment this row is in force.';
comment on column public.plans.name is 'Name on screen.';
comment on column public.plans.per is 'What the price is for: user or seat.';
comment on column public.plans.uses is 'Uses included per user and period.';
comment on column public.plans.period is 'lifetime or month (UTC).';

comment on column public.plugin_handovers.user_id is 'Who approved it.';
comment on column public.plugin_handovers.created_at is 'When the browser opened it.';
comment on column public.plugin_handovers.expires_at is 'When it can no longer be collected.';
comment on column public.plugin_handovers.approved_at is 'When the person agreed.';
comment on column public.plugin_handovers.collected_at is 'When the plugin took its session.';

comment on column public.sessions.token_hash is 'SHA-256 of the random session token.';
comment on column public.sessions.user_id is 'Whose session.';
comment on column public.sessions.kind is 'browser or plugin.';
comment on column public.sessions.created_at is 'When it was opened.';
comment on column public.sessions.expires_at is 'When it ends.';

comment on column public.subscriptions.id is 'Our id.';
comment on column public.subscriptions.user_id is 'The paying user, or NULL for a team.';
comment on column public.subscriptions.team_id is 'The paying team, or NULL for a user.';
comment on column public.subscriptions.plan_code is 'Plan from plans.code.';
comment on column public.subscriptions.seats is 'Seats paid for.';
comment on column public.subscriptions.starts_at is 'First moment.';
comment on column public.subscriptions.ends_at is 'First moment after; NULL: open.';
comment on column public.subscriptions.created_at is 'When the row was written.';

comment on column public.teams.id is 'Our id.';
comment on column public.teams.name is 'Name on screen.';
comment on column public.teams.settings is 'Settings of the team.';
comment on column public.teams.feature_flags is 'Features switched on for the team.';
comment on column public.teams.created_at is 'Since when.';

comment on column public.thread_mutes.file_key is 'File of the thread.';
comment on column public.thread_mutes.root_comment_id is 'Root comment of the thread.';
comment on column public.thread_mutes.muted_by is 'Figma id of who wrote "stop".';
comment on column public.thread_mutes.muted_at is 'When.';

comment on column public.usage_daily_users.day is 'UTC day.';
comment on column public.usage_daily_users.user_id is 'Paying user.';
comment on column public.usage_daily_users.plan_code is 'Plan at that moment.';
comment on column public.usage_daily_users.answered is 'Ledger rows with status answered.';
comment on column public.usage_daily_users.refused is '… refused.';
comment on column public.usage_daily_users.failed is '… failed.';
comment on column public.usage_daily_users.unpriced is '… without a known price.';
comment on column public.usage_daily_users.input_tokens is 'Sum of input tokens.';
comment on column public.usage_daily_users.output_tokens is 'Sum of output tokens.';
comment on column public.usage_daily_users.cost_microusd is 'Sum of known costs in micro-dollars.';

comment on column public.usage_hourly.hour is 'Start of the UTC hour.';
comment on column public.usage_hourly.plan_code is 'Plan of the payer; empty for guests.';
comment on column public.usage_hourly.feature is 'comment, command, invite …';
comment on column public.usage_hourly.provider is 'Model provider; empty without a model call.';
comment on column public.usage_hourly.model is 'Model; empty without a model call.';
comment on column public.usage_hourly.status is 'answered, refused or failed.';
comment on column public.usage_hourly.error_code is 'Reason of a refusal or failure; else empty.';
comment on column public.usage_hourly.uses is 'Ledger rows.';
comment on column public.usage_hourly.unpriced is 'Ledger rows without a known price.';
comment on column public.usage_hourly.input_tokens is 'Sum of input tokens.';
comment on column public.usage_hourly.cached_input_tokens is 'Sum of cached input tokens.';
comment on column public.usage_hourly.output_tokens is 'Sum of output tokens.';
comment on column public.usage_hourly.reasoning_tokens is 'Sum of reasoning tokens.';
comment on column public.usage_hourly.cost_microusd is 'Sum of known costs in micro-dollars.';
comment on column public.usage_hourly.latency_ms_sum is 'Sum of latencies in ms.';
comment on column public.usage_hourly.model_latency_ms_sum is 'Sum of model latencies in ms.';
comment on column public.usage_hourly.model_latency_histogram is 'As latency_histogram, of the model''s own time; empty calls are not counted.';

comment on column public.usage_logs.id is 'Order of writing.';
comment on column public.usage_logs.at is 'When the use was settled, refused or given up.';
comment on column public.usage_logs.answer_id is 'The answer it belongs to.';
comment on column public.usage_logs.run is 'Which run of it: replays get a row of their own.';
comment on column public.usage_logs.feature is 'comment, command, invite …';
comment on column public.usage_logs.status is 'answered, refused or failed.';
comment on column public.usage_logs.error_code is 'Reason of a refusal or failure; else empty.';
comment on column public.usage_logs.team_id is 'Team of the payer at that moment.';
comment on column public.usage_logs.plan_code is 'Plan of the payer at that moment.';
comment on column public.usage_logs.receipt_id is 'The settled or released receipt; NULL for free replies.';
comment on column public.usage_logs.file_key is 'Figma file.';
comment on column public.usage_logs.provider is 'Model provider; empty without a model call.';
comment on column public.usage_logs.model is 'Model; empty without a model call.';
comment on column public.usage_logs.input_tokens is 'Input tokens of all billed attempts.';
comment on column public.usage_logs.cached_input_tokens is 'Part of input read from the provider''s cache.';
comment on column public.usage_logs.output_tokens is 'Output tokens of all billed attempts.';
comment on column public.usage_logs.reasoning_tokens is 'Part of output spent on reasoning.';
comment on column public.usage_logs.cost_state is 'reported by the provider, priced by price_name, or unpriced.';
comment on column public.usage_logs.price_name is 'The named price, or why there is none.';
comment on column public.usage_logs.model_latency_ms is 'Time waited for models, in ms.';
comment on column public.usage_logs.figma_latency_ms is 'Time waited for Figma, in ms.';
comment on column public.usage_logs.fallbacks is 'Providers that failed before the one that answered.';
comment on column public.usage_logs.context_version is 'Context version in force.';
comment on column public.usage_logs.prompt_version is 'Version of the prompt''s wording.';
comment on column public.usage_logs.request_id is 'Follows the comment through every log line.';

comment on column public.use_balances.user_id is 'Whose uses.';
comment on column public.use_balances.plan_code is 'Of which plan.';
comment on column public.use_balances.period_start is 'Start of the period (UTC); -infinity for a plan without periods.';
comment on column public.use_balances.used is 'Settled uses.';
comment on column public.use_balances.reserved is 'Uses of answers under way.';

comment on column public.use_receipts.id is 'Our id.';
comment on column public.use_receipts.answer_id is 'For which answer.';
comment on column public.use_receipts.run is 'Which run of it.';
comment on column public.use_receipts.user_id is 'Who pays.';
comment on column public.use_receipts.plan_code is 'From which plan.';
comment on column public.use_receipts.period_start is 'From which period.';
comment on column public.use_receipts.state is 'reserved, settled or released.';
comment on column public.use_receipts.reason is 'Why it was released.';
comment on column public.use_receipts.reply_comment_id is 'The posted reply it was settled against.';
comment on column public.use_receipts.reserved_at is 'When reserved.';
comment on column public.use_receipts.closed_at is 'When settled or released.';

comment on column public.user_context_versions.user_id is 'Whose context.';
comment on column public.user_context_versions.version is 'Counts from 1.';
comment on column public.user_context_versions.content is 'The fields of the context.';
comment on column public.user_context_versions.reason is 'Why an operator changed it.';
comment on column public.user_context_versions.saved_at is 'Since when it was in force.';

comment on column public.user_contexts.user_id is 'Whose context.';
comment on column public.user_contexts.version is 'Version in force; a save must name it.';
comment on column public.user_contexts.instructions is 'Free guidance, up to 4000 characters.';
comment on column public.user_contexts.tone is 'How replies should sound.';
comment on column public.user_contexts.brand is 'What the brand is about.';
comment on column public.user_contexts.design_system_rules is 'Rules the design must follow.';
comment on column public.user_contexts.language is 'Language of replies, as a BCP 47 tag or in words.';
comment on column public.user_contexts.focus_areas is 'What matters most, e.g. contrast.';
comment on column public.user_contexts.model is 'Chosen model; empty: the default.';
comment on column public.user_contexts.updated_at is 'When it was last saved.';

comment on column public.user_webhooks.id is 'Our id.';
comment on column public.user_webhooks.user_id is 'The owner.';
comment on column public.user_webhooks.figma_webhook_id is 'Figma''s id; NULL until Figma answered or sent its PING.';
comment on column public.user_webhooks.context is 'team, project or file.';
comment on column public.user_webhooks.context_id is 'Figma''s id of the team or project, or the file key.';
comment on column public.user_webhooks.label is 'Name shown to the owner.';
comment on column public.user_webhooks.passcode_encrypted is 'The passcode Figma echoes in each delivery, encrypted.';
comment on column public.user_webhooks.state is 'creating, active, paused or deleted.';
comment on column public.user_webhooks.created_at is 'When it was asked for.';
comment on column public.user_webhooks.last_event_at is 'Last delivery, to within five seconds.';
comment on column public.user_webhooks.deleted_at is 'When it was switched off.';

comment on column public.users.id is 'Our id.';
comment on column public.users.handle is 'Display name at Figma; not unique.';
comment on column public.users.email is 'Address at Figma; granted to no operator.';
comment on column public.users.image_url is 'Avatar at Figma.';
comment on column public.users.team_id is 'Their organisation, if any.';
comment on column public.users.state is 'active, suspended or deleted.';
comment on column public.users.first_seen_at is 'Sign-up.';
comment on column public.users.last_seen_at is 'Last request with a session, to within a minute.';

comment on column public.webhook_deliveries.id is 'Order of arrival.';
comment on column public.webhook_deliveries.webhook_id is 'The webhook it came from.';
comment on column public.webhook_deliveries.event_type is 'Figma''s name of the event.';
comment on column public.webhook_deliveries.payload is 'The body without its passcode. Granted to no operator.';
comment on column public.webhook_deliveries.redelivered is 'How often the same event came again.';
comment on column public.webhook_deliveries.answer_id is 'The answer it led to, if any.';
comment on column public.webhook_deliveries.request_id is 'Request id of its first arrival.';
comment on column public.webhook_deliveries.received_at is 'First arrival.';
comment on column public.webhook_deliveries.last_received_at is 'Latest arrival.';
-- file: 0009_audit.sql
-- The audit log writes itself: every change to what people pay, may do or are told, by whoever made it.

-- Security definer: those who change a row may not write into the log themselves. Arguments: the columns that
-- are left out, because they are secrets, or words of a person who may later ask to be forgotten.
create function private.audit() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    v_after jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    v_row jsonb := coalesce(v_after, v_before);
begin
    insert into public.audit_log (actor, table_name, row_key, operation, before, after, reason)
    values (
        coalesce(
            (select operators.email from public.operators where operators.user_id = (select auth.uid())),
            nullif(current_setting('app.actor', true), ''), 'service'
        ),
        tg_table_name,
        coalesce(v_row ->> 'id', v_row ->> 'user_id', v_row ->> 'code'),
        tg_op,
        v_before - tg_argv,
        v_after - tg_argv,
        coalesce(current_setting('app.reason', true), '')
    );
    return null;
end;
$$;
comment on function private.audit() is 'Trigger: writes one audit_log row per changed row, without the columns named as its arguments.';
revoke execute on function private.audit() from public, anon, authenticated;

create trigger teams_audit after insert or update or delete on public.teams
    for each row execute function private.audit();
create trigger plans_audit after insert or update or delete on public.plans
    for each row execute function private.audit();
create trigger subscriptions_audit after insert or update or delete on public.subscriptions
    for each row execute function private.audit();
create trigger model_prices_audit after insert or update or delete on public.model_prices
    for each row execute function private.audit();
create trigger operators_audit after insert or update or delete on public.operators
    for each row execute function private.audit();
create trigger users_audit after update on public.users
    for each row when (old.state is distinct from new.state or old.team_id is distinct from new.team_id)
    execute function private.audit('handle', 'email', 'image_url', 'figma_user_id');
create trigger user_contexts_audit after update on public.user_contexts
    for each row when (old.version is distinct from new.version)
    execute function private.audit(
        'instructions', 'tone', 'brand', 'design_system_rules', 'language', 'focus_areas', 'model'
    );
create trigger user_webhooks_audit after update on public.user_webhooks
    for each row when (old.state is distinct from new.state or old.guest_rule is distinct from new.guest_rule)
    execute function private.audit('passcode_encrypted', 'passcode_hash', 'label');
-- file: 0010_reporting.sql
-- In which time zone days are counted, the day a week starts on, and the rollups by such days and by team.

create table public.reporting_settings (
    id text primary key default 'reporting',
    time_zone text not null default 'UTC',
    week_start text not null default 'monday',
    updated_at timestamptz not null default now(),
    constraint reporting_settings_only check (id = 'reporting'),
    constraint reporting_settings_week_start check (week_start in ('monday', 'sunday'))
);
comment on table public.reporting_settings is 'One row: the time zone and the week start of every figure by day, week or month. Changed with set_reporting().';
comment on column public.reporting_settings.id is 'Always "reporting".';
comment on column public.reporting_settings.time_zone is 'An IANA name whose offset is whole hours, since the rollups are by whole UTC hours.';
comment on column public.reporting_settings.week_start is '"monday" or "sunday".';
comment on column public.reporting_settings.updated_at is 'When it was last changed.';
insert into public.reporting_settings default values;
create trigger reporting_settings_audit after insert or update or delete on public.reporting_settings
    for each row execute function private.audit();

create table public.usage_daily (
    day date not null,
    plan_code text not null,
    feature text not null,
    provider text not null,
    model text not null,
    status text not null,
    error_code text not null,
    uses bigint not null default 0,
    unpriced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    latency_ms_sum bigint not null default 0,
    model_latency_ms_sum bigint not null default 0,
    latency_histogram bigint[] not null,
    model_latency_histogram bigint[] not null,
    primary key (day, plan_code, feature, provider, model, status, error_code)
);
comment on table public.usage_daily is 'usage_hourly by reporting day, kept in the ledger''s own transaction: long periods are read from here.';

create table public.usage_hourly_teams (
    team_id uuid not null,
    hour timestamptz not null,
    plan_code text not null,
    feature text not null,
    status text not null,
    uses bigint not null default 0,
    unpriced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    latency_ms_sum bigint not null default 0,
    model_latency_ms_sum bigint not null default 0,
    latency_histogram bigint[] not null,
    primary key (team_id, hour, plan_code, feature, status)
);
comment on table public.usage_hourly_teams is 'The ledger by hour (UTC) and team of the payer at the time of use: figures narrowed to a team.';

-- The columns mean what they mean in usage_hourly, and say so.
do $$
declare
    v_column record;
begin
    for v_column in
        select attribute.attrelid::regclass as target, attribute.attname as name,
            coalesce(pg_catalog.col_description('public.usage_hourly'::regclass, source.attnum), '') as meaning
        from pg_catalog.pg_attribute as attribute
        join pg_catalog.pg_attribute as source
            on source.attrelid = 'public.usage_hourly'::regclass and source.attname = attribute.attname
        where attribute.attrelid in ('public.usage_daily'::regclass, 'public.usage_hourly_teams'::regclass)
            and attribute.attnum > 0
    loop
        execute format('comment on column %s.%I is %L', v_column.target, v_column.name, v_column.meaning);
    end loop;
end;
$$;
comment on column public.usage_daily.day is 'Day in the reporting time zone.';
comment on column public.usage_hourly_teams.team_id is 'Team of the payer at the time of use. No foreign key: the row outlives the team.';
comment on column public.usage_daily_users.day is 'Day in the reporting time zone.';
comment on table public.usage_daily_users is 'The ledger by reporting day and paying user, kept in the ledger''s own transaction.';

-- What nearly used-up plans are found by. Not on `used`, so that a use stays a cheap (HOT) update.
create index use_balances_period on public.use_balances (period_start, plan_code);

-- A subscription has the price in force at each moment: a new price of its plan starts a new interval.
create view private.paid_intervals with (security_invoker = true) as
select s.id as subscription_id, s.user_id, s.team_id, s.plan_code, s.seats, p.price_microusd,
    s.seats * p.price_microusd as mrr_microusd,
    greatest(s.starts_at, p.valid_from) as from_at,
    least(coalesce(s.ends_at, 'infinity'), p.valid_to) as to_at
from public.subscriptions as s
join (
    select code, price_microusd, valid_from,
        coalesce(lead(valid_from) over (partition by code order by valid_from), 'infinity') as valid_to
    from public.plans
) as p on p.code = s.plan_code and p.valid_from < coalesce(s.ends_at, 'infinity') and p.valid_to > s.starts_at
where p.price_microusd > 0;
comment on view private.paid_intervals is 'MRR: seats × monthly price of each subscription in [from_at, to_at). Free plans, tax and one-off amounts are not in it.';
revoke all on private.paid_intervals from public, anon, authenticated;
grant select on private.paid_intervals to authenticated, service_role;

do $$
declare
    v_table text;
begin
    foreach v_table in array array['reporting_settings', 'usage_daily', 'usage_hourly_teams'] loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('revoke all on public.%I from anon, authenticated', v_table);
        execute format('grant select, insert, update, delete on public.%I to service_role', v_table);
        execute format('grant select on public.%I to authenticated', v_table);
        execute format(
            'create policy %I on public.%I for select to authenticated'
            ' using ((select private.operator_role()) is not null)', v_table || '_select', v_table
        );
    end loop;
end;
$$;

-- What was recorded before there was a rollup by day: while the zone is UTC its days are UTC days.
insert into public.usage_daily
select days.*, histograms.latency, histograms.model_latency
from (
    select (hour at time zone 'UTC')::date as day, plan_code, feature, provider, model, status, error_code,
        sum(uses) as uses, sum(unpriced), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens),
        sum(reasoning_tokens), sum(cost_microusd), sum(latency_ms_sum), sum(model_latency_ms_sum)
    from public.usage_hourly
    group by 1, 2, 3, 4, 5, 6, 7
) as days
join (
    select day, plan_code, feature, provider, model, status, error_code,
        array_agg(latency order by bucket) as latency, array_agg(model_latency order by bucket) as model_latency
    from (
        select (hour at time zone 'UTC')::date as day, plan_code, feature, provider, model, status, error_code,
            b.bucket, sum(b.latency)::bigint as latency, sum(b.model_latency)::bigint as model_latency
        from public.usage_hourly,
            unnest(latency_histogram, model_latency_histogram) with ordinality as b (latency, model_latency, bucket)
        group by 1, 2, 3, 4, 5, 6, 7, 8
    ) as counts
    group by 1, 2, 3, 4, 5, 6, 7
) as histograms using (day, plan_code, feature, provider, model, status, error_code);
-- file: 0011_growth.sql
-- Who was active when, and what is counted from it: growth, retention, feature use and trials. All of it grows with
-- people and time, not with answers, and is kept in the ledger's own transaction.

create table public.user_features (
    user_id uuid not null,
    feature text not null,
    plan_code text not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    uses bigint not null,
    primary key (user_id, feature, plan_code)
);
create index user_features_first_at on public.user_features (feature, first_at);
comment on table public.user_features is 'What each person has used, on which plan, from when to when and how often. Their first answer is here.';
comment on column public.user_features.user_id is 'Who paid for it. No foreign key: it outlives the account, as the ledger does.';
comment on column public.user_features.feature is 'As in usage_logs (comment, command …), and context_saved and webhook_made from activity.';
comment on column public.user_features.plan_code is 'Plan at the time of use.';
comment on column public.user_features.first_at is 'First successful use.';
comment on column public.user_features.last_at is 'Latest successful use.';
comment on column public.user_features.uses is 'Successful uses.';

create table public.feature_days (
    day date not null,
    feature text not null,
    plan_code text not null,
    team_id uuid,
    uses bigint not null,
    constraint feature_days_once unique nulls not distinct (day, feature, plan_code, team_id)
);
comment on table public.feature_days is 'Successful uses of each feature by reporting day, plan and team.';
comment on column public.feature_days.day is 'Day in the reporting time zone.';
comment on column public.feature_days.feature is 'As in user_features.';
comment on column public.feature_days.plan_code is 'Plan at the time of use.';
comment on column public.feature_days.team_id is 'Team at the time of use; NULL: none.';
comment on column public.feature_days.uses is 'Successful uses.';

create table public.active_periods (
    user_id uuid not null,
    step text not null,
    period date not null,
    plan_code text not null,
    team_id uuid,
    answers bigint not null,
    is_counted boolean not null default false,
    primary key (user_id, step, period),
    constraint active_periods_step check (step in ('day', 'week', 'month'))
);
create index active_periods_period on public.active_periods (step, period);
create index active_periods_uncounted on public.active_periods (user_id) where not is_counted;
comment on table public.active_periods is 'The days, weeks and months in which somebody got at least one answer to a comment.';
comment on column public.active_periods.user_id is 'Who paid for the answer.';
comment on column public.active_periods.step is 'day, week or month, in the reporting time zone.';
comment on column public.active_periods.period is 'First day of the period.';
comment on column public.active_periods.plan_code is 'Plan at the first answer of the period.';
comment on column public.active_periods.team_id is 'Team at the first answer of the period; NULL: none.';
comment on column public.active_periods.answers is 'Answers got. Kept for days only; 0 for weeks and months.';
comment on column public.active_periods.is_counted is 'Whether growth_counts knows this row.';

create table public.growth_counts (
    step text not null,
    period date not null,
    plan_code text not null,
    team_id uuid,
    active bigint not null,
    new bigint not null,
    kept bigint not null,
    resurrected bigint not null,
    kept_from bigint not null,
    week_change bigint not null,
    month_change bigint not null,
    constraint growth_counts_once unique nulls not distinct (step, period, plan_code, team_id)
);
comment on table public.growth_counts is 'active_periods counted by period, plan and team. Everything adds up over plans and teams.';
comment on column public.growth_counts.step is 'day, week or month, in the reporting time zone.';
comment on column public.growth_counts.period is 'First day of the period.';
comment on column public.growth_counts.plan_code is 'Plan at the first answer of the period.';
comment on column public.growth_counts.team_id is 'Team at the first answer of the period; NULL: none.';
comment on column public.growth_counts.active is 'People active in the period: new + kept + resurrected.';
comment on column public.growth_counts.new is 'Active for the first time ever.';
comment on column public.growth_counts.kept is 'Active in the period before as well.';
comment on column public.growth_counts.resurrected is 'Active before, but not in the period before.';
comment on column public.growth_counts.kept_from is 'The kept, under the plan and team of the period before: active there − kept_from = lost.';
comment on column public.growth_counts.week_change is 'Steps of day: change of the number of people active within 7 days; its running sum is WAU.';
comment on column public.growth_counts.month_change is 'Steps of day: change of the number of people active within 30 days; its running sum is MAU.';

do $$
declare
    v_table text;
begin
    foreach v_table in array array['user_features', 'feature_days', 'active_periods', 'growth_counts'] loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('revoke all on public.%I from anon, authenticated', v_table);
        execute format('grant select, insert, update, delete on public.%I to service_role', v_table);
        execute format('grant select on public.%I to authenticated', v_table);
    end loop;
end;
$$;
create policy user_features_select on public.user_features for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
create policy feature_days_select on public.feature_days for select to authenticated
    using ((select private.operator_role()) = 'founder');
create policy active_periods_select on public.active_periods for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
create policy growth_counts_select on public.growth_counts for select to authenticated
    using ((select private.operator_role()) = 'founder');

-- Takes what is not counted yet into growth_counts. A person's new period changes what the periods next to it
-- count as, so those are taken out and put in again: the order in which use arrives does not matter.
create function private.count_periods(p_users uuid[] default null) returns void
language sql
security invoker
set search_path = ''
as $$
    with touched as (
        select user_id, step, min(period) as low, max(period) as high
        from public.active_periods
        where not is_counted and (p_users is null or user_id = any (p_users))
        group by user_id, step
    ), spans as (
        select touched.user_id, touched.step,
            coalesce((
                select max(a.period) from public.active_periods as a
                where a.user_id = touched.user_id and a.step = touched.step and a.period < touched.low
            ), touched.low) as low,
            coalesce((
                select min(a.period) from public.active_periods as a
                where a.user_id = touched.user_id and a.step = touched.step and a.period > touched.high
            ), touched.high) as high
        from touched
    ), near as (
        select a.*
        from spans
        -- By the primary key, also before the planner knows how large the table has become.
        cross join lateral (
            select * from public.active_periods as mine
            where mine.user_id = spans.user_id and mine.step = spans.step
                and mine.period between spans.low and spans.high
            offset 0
        ) as a
    ), told as (
        select 1 as sign, step, period, plan_code, team_id, lag(period) over w as previous,
            lag(plan_code) over w as previous_plan, lag(team_id) over w as previous_team, lead(period) over w as next
        from near
        window w as (partition by user_id, step order by period)
        union all
        select -1, step, period, plan_code, team_id, lag(period) over w, lag(plan_code) over w, lag(team_id) over w,
            lead(period) over w
        from near
        where is_counted
        window w as (partition by user_id, step order by period)
    ), judged as (
        select *, (previous + ('1 ' || step)::interval)::date is not distinct from period as is_kept from told
    ), changes as (
        select step, period as at, plan_code, team_id, sign as active, sign * (previous is null)::integer as new,
            sign * is_kept::integer as kept, sign * (previous is not null and not is_kept)::integer as resurrected,
            0 as kept_from, sign * (step = 'day')::integer as week_change, sign * (step = 'day')::integer as month_change
        from judged
        union all
        select step, period, previous_plan, previous_team, 0, 0, 0, 0, sign, 0, 0 from judged where is_kept
        union all
        select step, least(period + 7, next), plan_code, team_id, 0, 0, 0, 0, 0, -sign, 0 from judged where step = 'day'
        union all
        select step, least(period + 30, next), plan_code, team_id, 0, 0, 0, 0, 0, 0, -sign from judged where step = 'day'
    ), summed as (
        select step, at, plan_code, team_id, sum(active) as active, sum(new) as new, sum(kept) as kept,
            sum(resurrected) as resurrected, sum(kept_from) as kept_from, sum(week_change) as week_change,
            sum(month_change) as month_change
        from changes
        group by step, at, plan_code, team_id
    ), marked as (
        update public.active_periods as a set is_counted = true
        where not a.is_counted and (p_users is null or a.user_id = any (p_users))
    )
    insert into public.growth_counts as g
    select * from summed
    where (active, new, kept, resurrected, kept_from, week_change, month_change) <> (0, 0, 0, 0, 0, 0, 0)
    order by step, at, plan_code, team_id
    on conflict on constraint growth_counts_once do update
        set active = g.active + excluded.active, new = g.new + excluded.new, kept = g.kept + excluded.kept,
            resurrected = g.resurrected + excluded.resurrected, kept_from = g.kept_from + excluded.kept_from,
            week_change = g.week_change + excluded.week_change, month_change = g.month_change + excluded.month_change
$$;
comment on function private.count_periods is 'Adds the rows of active_periods that are not counted yet (of these people, or all) to growth_counts.';
revoke execute on function private.count_periods from public, anon, authenticated;
grant execute on function private.count_periods to service_role;

-- What was recorded before: the zone is still UTC and weeks still start on Monday, as 0010 sets them.
insert into public.user_features
select user_id, feature, plan_code, min(at), max(at), count(*)
from public.usage_logs where status = 'answered' and user_id is not null
group by user_id, feature, plan_code;
insert into public.user_features
select user_id, kind, '', min(at), max(at), count(*)
from public.activity where kind in ('context_saved', 'webhook_made') and user_id is not null
group by user_id, kind;
insert into public.feature_days
select (at at time zone 'UTC')::date, feature, plan_code, team_id, count(*)
from public.usage_logs where status = 'answered' and user_id is not null
group by 1, 2, 3, 4;
insert into public.feature_days
select (at at time zone 'UTC')::date, kind, '', null, count(*)
from public.activity where kind in ('context_saved', 'webhook_made') and user_id is not null
group by 1, 2;
insert into public.active_periods
select distinct on (user_id, step, date_trunc(step, at, 'UTC')) user_id, step,
    (date_trunc(step, at, 'UTC') at time zone 'UTC')::date, plan_code, team_id,
    case step when 'day' then count(*) over (partition by user_id, step, date_trunc(step, at, 'UTC')) else 0 end
from public.usage_logs, unnest(array['day', 'week', 'month']) as step
where status = 'answered' and feature = 'comment' and user_id is not null
order by user_id, step, date_trunc(step, at, 'UTC'), at, id;
select private.count_periods();
-- file: 0012_reliability.sql
-- What the reliability and webhook pages read: Figma's share of the answer time, providers, queue, deliveries, targets.

alter table public.usage_hourly
    add column figma_latency_ms_sum bigint not null default 0,
    add column figma_latency_histogram bigint[] not null default array_fill(0::bigint, array[84]);
comment on column public.usage_hourly.figma_latency_ms_sum is 'Sum of the time spent in calls to Figma, in milliseconds; 0 before this column existed.';
comment on column public.usage_hourly.figma_latency_histogram is '84 counts of the time spent in calls to Figma, buckets as in latency_histogram; all zero before this column existed.';

create table public.provider_hourly (
    hour timestamptz not null,
    provider text not null,
    model text not null,
    outcome text not null,
    reason text not null,
    calls bigint not null default 0,
    latency_ms_sum bigint not null default 0,
    primary key (hour, provider, model, outcome, reason),
    constraint provider_hourly_outcome check (outcome in ('answered', 'failed', 'skipped'))
);
comment on table public.provider_hourly is 'Every model provider asked or passed over, by hour (UTC): kept in the ledger''s own transaction.';
comment on column public.provider_hourly.hour is 'Start of the hour, UTC.';
comment on column public.provider_hourly.provider is 'Provider as the service names it, such as openai.';
comment on column public.provider_hourly.model is 'Model that was asked.';
comment on column public.provider_hourly.outcome is 'answered; failed: the next in the chain was asked; skipped: not asked, such as while its breaker was open.';
comment on column public.provider_hourly.reason is 'Why, as a code: ok, timeout, rate_limited, server_error, circuit_open and so on.';
comment on column public.provider_hourly.calls is 'How often.';
comment on column public.provider_hourly.latency_ms_sum is 'Milliseconds all these calls took together.';

create table public.queue_samples (
    at timestamptz primary key,
    queued integer not null,
    working integer not null,
    deferred integer not null,
    dead_letters integer not null,
    oldest_seconds double precision not null,
    workers integer not null
);
comment on table public.queue_samples is 'The queue once a minute, written by the workers'' upkeep. Kept 92 days; minutes without a row had no worker.';
comment on column public.queue_samples.at is 'The minute, UTC.';
comment on column public.queue_samples.queued is 'Answers no worker had taken.';
comment on column public.queue_samples.working is 'Answers in work.';
comment on column public.queue_samples.deferred is 'Answers put off until a quota opens.';
comment on column public.queue_samples.dead_letters is 'Answers that had ended without a reply.';
comment on column public.queue_samples.oldest_seconds is 'Age of the oldest answer queued or in work, in seconds.';
comment on column public.queue_samples.workers is 'Workers whose heartbeat was younger than 30 seconds.';

create table public.webhook_hourly (
    hour timestamptz not null,
    webhook_id uuid not null references public.user_webhooks (id) on delete cascade,
    outcome text not null,
    deliveries bigint not null default 0,
    redeliveries bigint not null default 0,
    primary key (hour, webhook_id, outcome)
);
create index webhook_hourly_webhook on public.webhook_hourly (webhook_id, hour desc);
comment on table public.webhook_hourly is 'Deliveries by hour (UTC), webhook and outcome, kept in the transaction that stores them. Kept 92 days.';
comment on column public.webhook_hourly.hour is 'Start of the hour, UTC.';
comment on column public.webhook_hourly.webhook_id is 'The webhook, in user_webhooks.';
comment on column public.webhook_hourly.outcome is 'As in webhook_deliveries.';
comment on column public.webhook_hourly.deliveries is 'Deliveries that arrived, redeliveries included.';
comment on column public.webhook_hourly.redeliveries is 'Those of them that had been delivered before.';

insert into public.webhook_hourly (hour, webhook_id, outcome, deliveries)
select date_trunc('hour', received_at, 'UTC'), webhook_id, outcome, count(*)
from public.webhook_deliveries group by 1, 2, 3;

alter table public.user_webhooks add column operator_paused_at timestamptz;
comment on column public.user_webhooks.operator_paused_at is 'When an operator paused it here; Figma goes on sending. Null when its owner paused it, or nobody.';

create table public.reliability_targets (
    code text primary key,
    target numeric not null,
    threshold_ms bigint,
    updated_at timestamptz not null default now(),
    constraint reliability_targets_code check (code in ('answered', 'in_time')),
    constraint reliability_targets_target check (target > 0 and target < 1),
    constraint reliability_targets_threshold check ((code = 'in_time') = (threshold_ms is not null) and threshold_ms > 0)
);
comment on table public.reliability_targets is 'Service level objectives: which share of comments has to be answered, and which share in time, over 30 days.';
comment on column public.reliability_targets.code is 'answered: with a reply; in_time: with a reply within threshold_ms of the webhook''s arrival.';
comment on column public.reliability_targets.target is 'Share from 0 to 1; what is left to 1 is the error budget.';
comment on column public.reliability_targets.threshold_ms is 'For in_time: how long an answer may take, in milliseconds.';
comment on column public.reliability_targets.updated_at is 'When the row last changed.';
insert into public.reliability_targets (code, target, threshold_ms) values
    ('answered', 0.99, null), ('in_time', 0.95, 30000);

create trigger reliability_targets_audit after insert or update or delete on public.reliability_targets
    for each row execute function private.audit();
-- A dead letter leaves that state only by the hand of an operator: replayed or discarded. Nobody's words are kept.
create trigger answers_audit after update on public.answers
    for each row when (old.state = 'failed' and new.state <> 'failed')
    execute function private.audit(
        'question', 'draft', 'facts', 'author_handle', 'author_figma_id', 'file_name', 'trace_parent'
    );

do $$
declare
    v_table text;
begin
    foreach v_table in array array['provider_hourly', 'queue_samples', 'webhook_hourly', 'reliability_targets'] loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('revoke all on public.%I from public, anon, authenticated', v_table);
        execute format('grant select, insert, update, delete on public.%I to service_role', v_table);
        execute format('grant select on public.%I to authenticated', v_table);
        execute format(
            'create policy %I on public.%I for select to authenticated'
            || ' using ((select private.operator_role()) in (''founder'', ''support''))',
            v_table || '_select', v_table
        );
    end loop;
end;
$$;
grant select (operator_paused_at) on public.user_webhooks to authenticated;
-- file: 0013_people.sql
-- Helping people: uses granted on top of a plan, search by name, one person's changes, and an audit log in a chain.

create table public.use_grants (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    plan_code text not null,
    period_start date not null,
    uses integer not null,
    reason text not null,
    granted_by text not null,
    granted_at timestamptz not null default now(),
    revoked_at timestamptz,
    revoked_by text,
    constraint use_grants_uses check (uses between 1 and 100000)
);
create index use_grants_user_id on public.use_grants (user_id, plan_code, period_start);
comment on table public.use_grants is 'Uses an operator gave somebody on top of a plan, for one period of it. Taking them back keeps the row.';
comment on column public.use_grants.id is 'Our id.';
comment on column public.use_grants.user_id is 'Who got them.';
comment on column public.use_grants.plan_code is 'The plan they were on then: the grant adds to its allowance.';
comment on column public.use_grants.period_start is 'The period (UTC) it counts in; -infinity for a plan without periods.';
comment on column public.use_grants.uses is 'How many.';
comment on column public.use_grants.reason is 'Why, in the operator''s words.';
comment on column public.use_grants.granted_by is 'E-mail address of the operator.';
comment on column public.use_grants.granted_at is 'When.';
comment on column public.use_grants.revoked_at is 'When they were taken back; NULL: they count.';
comment on column public.use_grants.revoked_by is 'E-mail address of the operator who took them back.';

alter table public.use_grants enable row level security;
revoke all on public.use_grants from anon, authenticated;
grant select, insert, update, delete on public.use_grants to service_role;
grant select on public.use_grants to authenticated;
create policy use_grants_select on public.use_grants for select to authenticated
    using ((select private.operator_role()) is not null);
create trigger use_grants_audit after insert or update or delete on public.use_grants
    for each row execute function private.audit('reason');

-- Kept since sign-in, so that an operator's deletion remembers the trial as the person's own deletion does.
alter table public.users add column figma_user_hash text;
comment on column public.users.figma_user_hash is 'Keyed hash of the Figma id since their last sign-in; NULL after deletion. Granted to no operator.';
drop trigger users_audit on public.users;
create trigger users_audit after update on public.users
    for each row when (old.state is distinct from new.state or old.team_id is distinct from new.team_id)
    execute function private.audit('handle', 'email', 'image_url', 'figma_user_id', 'figma_user_hash');

-- Search: the start of a name by its letters, the start of any word of it, the whole e-mail address.
create index users_handle_start on public.users (lower(handle) text_pattern_ops);
create index users_handle_words on public.users using gin (to_tsvector('simple', handle));
create index users_email on public.users (lower(email)) where email is not null;

-- The audit log: whom a change concerns, and a chain of hashes in which no row can be changed or removed unseen.
alter table public.audit_log
    add column person_id uuid,
    add column prev_hash text not null default '',
    add column row_hash text not null default '';
comment on column public.audit_log.person_id is 'The designer the change concerns, if it concerns one.';
comment on column public.audit_log.prev_hash is 'row_hash of the row before; empty for the first.';
comment on column public.audit_log.row_hash is 'SHA-256 (hex) of this row''s canonical JSON, prev_hash included.';

create table private.audit_head (
    is_only boolean primary key default true,
    last_id bigint not null default 0,
    last_hash text not null default '',
    constraint audit_head_only check (is_only)
);
comment on table private.audit_head is 'The newest link of the audit chain, so that rows missing at its end are noticed too.';
alter table private.audit_head enable row level security;
revoke all on private.audit_head from public, anon, authenticated;
insert into private.audit_head default values;

-- Fields by name: columns added later do not break old hashes. jsonb prints one object always the same way; the
-- time is printed apart, because its JSON follows the session's time zone.
create function private.audit_hash(p_row public.audit_log) returns text
language sql
stable
security invoker
set search_path = ''
as $$
    select encode(sha256(convert_to(jsonb_build_object(
        'id', p_row.id, 'at', to_char(p_row.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        'actor', p_row.actor, 'table_name', p_row.table_name, 'row_key', p_row.row_key,
        'operation', p_row.operation, 'before', p_row.before, 'after', p_row.after, 'reason', p_row.reason,
        'person_id', p_row.person_id, 'prev_hash', p_row.prev_hash
    )::text, 'UTF8')), 'hex')
$$;
comment on function private.audit_hash is 'SHA-256 (hex) over a row''s fields as canonical JSON text, the hash of the row before among them.';
revoke execute on function private.audit_hash from public, anon, authenticated;

create function private.audit_person(p_table text, p_key text, p_row jsonb) returns uuid
language sql
immutable
security invoker
set search_path = ''
as $$
    select case
        when p_table = 'users' then p_key::uuid
        when p_table in ('subscriptions', 'user_contexts', 'user_webhooks', 'use_grants', 'answers')
            then (p_row ->> 'user_id')::uuid
    end
$$;
comment on function private.audit_person is 'The designer that a changed row belongs to, or NULL.';
revoke execute on function private.audit_person from public, anon, authenticated;

-- Ids are given out again under the lock, so that their order is the chain's. The lock lasts until the end of the
-- transaction: audited changes come one after another. Nothing on the way of a comment is audited.
create function private.chain_audit() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(7016422033);
    new.id := nextval('public.audit_log_id_seq');
    new.person_id := private.audit_person(new.table_name, new.row_key, coalesce(new.after, new.before));
    new.prev_hash := coalesce((select row_hash from public.audit_log order by id desc limit 1), '');
    new.row_hash := private.audit_hash(new);
    return new;
end;
$$;
comment on function private.chain_audit is 'Trigger: numbers a new row of the audit log and chains it to the one before.';
revoke execute on function private.chain_audit from public, anon, authenticated;

create function private.note_audit_head() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    update private.audit_head
    set (last_id, last_hash) = (select id, row_hash from public.audit_log order by id desc limit 1)
    where last_id < new.id;
    return null;
end;
$$;
comment on function private.note_audit_head is 'Trigger: remembers the newest link once per transaction, at its end.';
revoke execute on function private.note_audit_head from public, anon, authenticated;

alter table public.audit_log disable trigger audit_log_immutable;
do $$
declare
    v_row public.audit_log;
    v_hash text := '';
begin
    for v_row in select * from public.audit_log order by id loop
        v_row.prev_hash := v_hash;
        v_row.person_id := private.audit_person(v_row.table_name, v_row.row_key, coalesce(v_row.after, v_row.before));
        v_hash := private.audit_hash(v_row);
        update public.audit_log set prev_hash = v_row.prev_hash, person_id = v_row.person_id, row_hash = v_hash
        where id = v_row.id;
        update private.audit_head set last_id = v_row.id, last_hash = v_hash;
    end loop;
end;
$$;
alter table public.audit_log enable trigger audit_log_immutable;
create trigger audit_log_chain before insert on public.audit_log
    for each row execute function private.chain_audit();
create constraint trigger audit_log_head after insert on public.audit_log
    deferrable initially deferred for each row execute function private.note_audit_head();

-- Two rows can never follow the same one, whatever the isolation level of who writes.
create unique index audit_log_prev_hash on public.audit_log (prev_hash);
create index audit_log_person on public.audit_log (person_id, at desc) where person_id is not null;
create index audit_log_actor on public.audit_log (actor, id desc);
create index audit_log_table on public.audit_log (table_name, id desc);
-- file: 0014_ai_cost.sql
-- What the models cost, in three states and with later corrections: rollups, re-pricing, budgets.

create table public.repricings (
    id uuid primary key,
    provider text not null,
    model text not null,
    from_at timestamptz not null,
    to_at timestamptz not null,
    input_microusd_per_million bigint not null,
    cached_input_microusd_per_million bigint,
    output_microusd_per_million bigint not null,
    done_to timestamptz not null,
    calls bigint not null default 0,
    newly_priced bigint not null default 0,
    amount_microusd bigint not null default 0,
    actor text not null,
    reason text not null,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    constraint repricings_model check (provider <> '' and model <> ''),
    constraint repricings_period check (to_at > from_at and done_to between from_at and to_at),
    constraint repricings_prices check (
        input_microusd_per_million >= 0 and output_microusd_per_million >= 0
        and coalesce(cached_input_microusd_per_million, 0) >= 0
    )
);
create index repricings_model on public.repricings (provider, model, created_at);
create unique index repricings_one_at_a_time on public.repricings (provider, model) where finished_at is null;
comment on table public.repricings is 'A price changed for a past period: what was asked, how far it is done, and what it came to. The ledger stays as it is; adjustments carry the difference.';
comment on column public.repricings.id is 'Chosen by who asks: asked again with it, nothing is written twice.';
comment on column public.repricings.provider is 'As in usage_logs.';
comment on column public.repricings.model is 'As in usage_logs.';
comment on column public.repricings.from_at is 'First moment, a whole hour.';
comment on column public.repricings.to_at is 'First moment after, a whole hour.';
comment on column public.repricings.input_microusd_per_million is 'New price of a million input tokens, in micro-dollars.';
comment on column public.repricings.cached_input_microusd_per_million is 'New price of a million cached input tokens; NULL: as other input.';
comment on column public.repricings.output_microusd_per_million is 'New price of a million output tokens.';
comment on column public.repricings.done_to is 'Adjustments are written up to here.';
comment on column public.repricings.calls is 'Calls priced anew so far.';
comment on column public.repricings.newly_priced is 'Those of them that had no price before.';
comment on column public.repricings.amount_microusd is 'Sum of its adjustments so far.';
comment on column public.repricings.actor is 'E-mail address of who asked.';
comment on column public.repricings.reason is 'Why.';
comment on column public.repricings.created_at is 'When it was asked for.';
comment on column public.repricings.finished_at is 'When the last adjustment was written; NULL: can be continued.';

create table public.adjustments (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    kind text not null,
    for_at timestamptz not null,
    user_id uuid,
    team_id uuid,
    plan_code text not null default '',
    feature text not null default '',
    provider text not null default '',
    model text not null default '',
    calls bigint not null default 0,
    newly_priced bigint not null default 0,
    amount_microusd bigint not null,
    key text not null,
    repricing_id uuid references public.repricings (id),
    actor text not null,
    reason text not null,
    constraint adjustments_once unique (kind, key),
    constraint adjustments_kind check (kind = 'ai_cost')
);
create index adjustments_model on public.adjustments (provider, model, for_at) where kind = 'ai_cost';
create index adjustments_for_at on public.adjustments (for_at);
create index adjustments_repricing on public.adjustments (repricing_id);
comment on table public.adjustments is 'Later corrections, dated and with a reason. Rows never change; what they correct does not either.';
comment on column public.adjustments.id is 'Order of writing.';
comment on column public.adjustments.at is 'When it was written.';
comment on column public.adjustments.kind is 'ai_cost: what a model cost us.';
comment on column public.adjustments.for_at is 'The moment it belongs to; of ai_cost: the UTC hour.';
comment on column public.adjustments.user_id is 'Whose. No foreign key: the row outlives the account.';
comment on column public.adjustments.team_id is 'Team at that moment.';
comment on column public.adjustments.plan_code is 'Plan at that moment.';
comment on column public.adjustments.feature is 'As in usage_logs.';
comment on column public.adjustments.provider is 'As in usage_logs.';
comment on column public.adjustments.model is 'As in usage_logs.';
comment on column public.adjustments.calls is 'Ledger rows it covers.';
comment on column public.adjustments.newly_priced is 'Those of them that had no price before.';
comment on column public.adjustments.amount_microusd is 'To be added, in micro-dollars; may be negative.';
comment on column public.adjustments.key is 'What makes it the same adjustment when it is written again.';
comment on column public.adjustments.repricing_id is 'The re-pricing it comes from.';
comment on column public.adjustments.actor is 'E-mail address of who caused it.';
comment on column public.adjustments.reason is 'Why.';
create trigger adjustments_immutable before update or delete on public.adjustments
    for each row execute function private.refuse_change();
create trigger adjustments_not_truncated before truncate on public.adjustments
    for each statement execute function private.refuse_change();

create table public.ai_cost_hourly (
    hour timestamptz not null,
    plan_code text not null,
    feature text not null,
    provider text not null,
    model text not null,
    calls bigint not null default 0,
    reported bigint not null default 0,
    unpriced bigint not null default 0,
    newly_priced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    reported_microusd bigint not null default 0,
    adjustment_microusd bigint not null default 0,
    primary key (hour, plan_code, feature, provider, model)
);
comment on table public.ai_cost_hourly is 'Model calls of the ledger and their adjustments by UTC hour, kept in the same transaction. Rows without a provider and without a cost are left out.';
create table public.ai_cost_daily_users (
    day date not null,
    user_id uuid not null,
    team_id uuid not null,
    plan_code text not null,
    calls bigint not null default 0,
    reported bigint not null default 0,
    unpriced bigint not null default 0,
    newly_priced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    reported_microusd bigint not null default 0,
    adjustment_microusd bigint not null default 0,
    primary key (day, user_id, team_id, plan_code)
);
comment on table public.ai_cost_daily_users is 'As ai_cost_hourly, by day of the reporting time zone, payer and team. The same calls, so both add up to the same.';
comment on column public.ai_cost_daily_users.day is 'Day in the reporting time zone.';
comment on column public.ai_cost_daily_users.user_id is 'Who paid; zeros: nobody.';
comment on column public.ai_cost_daily_users.team_id is 'Their team at that moment; zeros: none.';
comment on column public.ai_cost_hourly.hour is 'Start of the UTC hour.';
comment on column public.ai_cost_hourly.feature is 'As in usage_logs.';
comment on column public.ai_cost_hourly.provider is 'As in usage_logs.';
comment on column public.ai_cost_hourly.model is 'As in usage_logs; empty for the measured review.';
do $$
declare
    v_table text;
    v_column text;
begin
    foreach v_table in array array['ai_cost_hourly', 'ai_cost_daily_users'] loop
        foreach v_column in array array[
            'plan_code=Plan at that moment.', 'calls=Ledger rows.',
            'reported=Those whose cost the provider reported.',
            'unpriced=Those without a price in the ledger.', 'newly_priced=Those of the unpriced that adjustments priced.',
            'input_tokens=Sum of input tokens.', 'cached_input_tokens=Part of input read from the provider''s cache.',
            'output_tokens=Sum of output tokens.', 'reasoning_tokens=Part of output spent on reasoning.',
            'cost_microusd=Sum of the known costs of the ledger.', 'reported_microusd=Part of it reported by providers.',
            'adjustment_microusd=Sum of later adjustments.'
        ] loop
            execute format(
                'comment on column public.%I.%I is %L', v_table, split_part(v_column, '=', 1), split_part(v_column, '=', 2)
            );
        end loop;
    end loop;
end;
$$;

create table public.budgets (
    id uuid primary key default gen_random_uuid(),
    scope text not null,
    scope_key text not null default '',
    monthly_microusd bigint not null,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    constraint budgets_scope check (scope in ('global', 'user', 'team', 'plan')),
    constraint budgets_scope_key check ((scope = 'global') = (scope_key = '')),
    constraint budgets_amount check (monthly_microusd > 0)
);
create unique index budgets_one_each on public.budgets (scope, scope_key) where ended_at is null;
comment on table public.budgets is 'How much AI cost per month is expected: of everything, a user, a team or a plan. Warns; refuses nobody.';
comment on column public.budgets.id is 'Our id.';
comment on column public.budgets.scope is 'global, user, team or plan.';
comment on column public.budgets.scope_key is 'Id of the user or team, or code of the plan; empty for global.';
comment on column public.budgets.monthly_microusd is 'Per month of the reporting time zone, in micro-dollars.';
comment on column public.budgets.version is 'Counts changes; a change must name the version it saw.';
comment on column public.budgets.created_at is 'Since when.';
comment on column public.budgets.ended_at is 'When it was given up.';

create table public.budget_alerts (
    id bigint generated always as identity primary key,
    budget_id uuid not null references public.budgets (id),
    month date not null,
    threshold smallint not null,
    spent_microusd bigint not null,
    monthly_microusd bigint not null,
    at timestamptz not null default now(),
    constraint budget_alerts_once unique (budget_id, month, threshold),
    constraint budget_alerts_threshold check (threshold in (50, 80, 100))
);
create index budget_alerts_month on public.budget_alerts (month, at desc);
comment on table public.budget_alerts is 'A budget reached 50, 80 or 100 % of its month: said once each.';
comment on column public.budget_alerts.id is 'Order of writing.';
comment on column public.budget_alerts.budget_id is 'Which budget.';
comment on column public.budget_alerts.month is 'First day of the month in the reporting time zone.';
comment on column public.budget_alerts.threshold is 'Per cent of the budget.';
comment on column public.budget_alerts.spent_microusd is 'What was spent when it was noticed.';
comment on column public.budget_alerts.monthly_microusd is 'The budget at that moment.';
comment on column public.budget_alerts.at is 'When it was noticed.';

create index usage_logs_model_at on public.usage_logs (model, provider, at) where model <> '';

-- Statement triggers with transition tables: one answer or a million rows at once, each one upsert per rollup.
create function private.roll_up_ai_cost() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    -- A change of the reporting zone holds this lock while it counts anew: the day below is then the new one.
    lock table public.ai_cost_daily_users in row exclusive mode;
    insert into public.ai_cost_hourly as h (
        hour, plan_code, feature, provider, model, calls, reported, unpriced, input_tokens, cached_input_tokens,
        output_tokens, reasoning_tokens, cost_microusd, reported_microusd
    )
    select date_trunc('hour', at, 'UTC'), plan_code, feature, provider, model, count(*),
        count(*) filter (where cost_state = 'reported'), count(*) filter (where cost_state = 'unpriced'),
        sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens),
        coalesce(sum(cost_microusd), 0), coalesce(sum(cost_microusd) filter (where cost_state = 'reported'), 0)
    from written where provider <> '' or cost_microusd is distinct from 0
    group by 1, 2, 3, 4, 5
    order by 1, 2, 3, 4, 5
    on conflict (hour, plan_code, feature, provider, model) do update
        set calls = h.calls + excluded.calls, reported = h.reported + excluded.reported,
            unpriced = h.unpriced + excluded.unpriced, input_tokens = h.input_tokens + excluded.input_tokens,
            cached_input_tokens = h.cached_input_tokens + excluded.cached_input_tokens,
            output_tokens = h.output_tokens + excluded.output_tokens,
            reasoning_tokens = h.reasoning_tokens + excluded.reasoning_tokens,
            cost_microusd = h.cost_microusd + excluded.cost_microusd,
            reported_microusd = h.reported_microusd + excluded.reported_microusd;

    insert into public.ai_cost_daily_users as d (
        day, user_id, team_id, plan_code, calls, reported, unpriced, input_tokens, cached_input_tokens,
        output_tokens, reasoning_tokens, cost_microusd, reported_microusd
    )
    select private.reporting_day(at), coalesce(user_id, '00000000-0000-0000-0000-000000000000'),
        coalesce(team_id, '00000000-0000-0000-0000-000000000000'), plan_code, count(*),
        count(*) filter (where cost_state = 'reported'), count(*) filter (where cost_state = 'unpriced'),
        sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens),
        coalesce(sum(cost_microusd), 0), coalesce(sum(cost_microusd) filter (where cost_state = 'reported'), 0)
    from written where provider <> '' or cost_microusd is distinct from 0
    group by 1, 2, 3, 4
    order by 1, 2, 3, 4
    on conflict (day, user_id, team_id, plan_code) do update
        set calls = d.calls + excluded.calls, reported = d.reported + excluded.reported,
            unpriced = d.unpriced + excluded.unpriced, input_tokens = d.input_tokens + excluded.input_tokens,
            cached_input_tokens = d.cached_input_tokens + excluded.cached_input_tokens,
            output_tokens = d.output_tokens + excluded.output_tokens,
            reasoning_tokens = d.reasoning_tokens + excluded.reasoning_tokens,
            cost_microusd = d.cost_microusd + excluded.cost_microusd,
            reported_microusd = d.reported_microusd + excluded.reported_microusd;
    return null;
end;
$$;
comment on function private.roll_up_ai_cost() is 'Trigger: adds new ledger rows to ai_cost_hourly and ai_cost_daily_users.';
revoke execute on function private.roll_up_ai_cost() from public, anon, authenticated;

create function private.roll_up_adjustments() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    lock table public.ai_cost_daily_users in row exclusive mode;
    insert into public.ai_cost_hourly as h (
        hour, plan_code, feature, provider, model, newly_priced, adjustment_microusd
    )
    select date_trunc('hour', for_at, 'UTC'), plan_code, feature, provider, model, sum(newly_priced), sum(amount_microusd)
    from written where kind = 'ai_cost'
    group by 1, 2, 3, 4, 5
    order by 1, 2, 3, 4, 5
    on conflict (hour, plan_code, feature, provider, model) do update
        set newly_priced = h.newly_priced + excluded.newly_priced,
            adjustment_microusd = h.adjustment_microusd + excluded.adjustment_microusd;

    insert into public.ai_cost_daily_users as d (
        day, user_id, team_id, plan_code, newly_priced, adjustment_microusd
    )
    select private.reporting_day(for_at), coalesce(user_id, '00000000-0000-0000-0000-000000000000'),
        coalesce(team_id, '00000000-0000-0000-0000-000000000000'), plan_code, sum(newly_priced), sum(amount_microusd)
    from written where kind = 'ai_cost'
    group by 1, 2, 3, 4
    order by 1, 2, 3, 4
    on conflict (day, user_id, team_id, plan_code) do update
        set newly_priced = d.newly_priced + excluded.newly_priced,
            adjustment_microusd = d.adjustment_microusd + excluded.adjustment_microusd;
    return null;
end;
$$;
comment on function private.roll_up_adjustments() is 'Trigger: adds new adjustments of AI cost to ai_cost_hourly and ai_cost_daily_users.';
revoke execute on function private.roll_up_adjustments() from public, anon, authenticated;

create trigger usage_logs_ai_cost after insert on public.usage_logs
    referencing new table as written for each statement execute function private.roll_up_ai_cost();
create trigger adjustments_ai_cost after insert on public.adjustments
    referencing new table as written for each statement execute function private.roll_up_adjustments();

-- What the ledger holds already. The day comes from the settings' row: functions are applied after migrations.
insert into public.ai_cost_hourly (
    hour, plan_code, feature, provider, model, calls, reported, unpriced, input_tokens, cached_input_tokens,
    output_tokens, reasoning_tokens, cost_microusd, reported_microusd
)
select date_trunc('hour', at, 'UTC'), plan_code, feature, provider, model, count(*),
    count(*) filter (where cost_state = 'reported'), count(*) filter (where cost_state = 'unpriced'),
    sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens),
    coalesce(sum(cost_microusd), 0), coalesce(sum(cost_microusd) filter (where cost_state = 'reported'), 0)
from public.usage_logs where provider <> '' or cost_microusd is distinct from 0
group by 1, 2, 3, 4, 5;
insert into public.ai_cost_daily_users (
    day, user_id, team_id, plan_code, calls, reported, unpriced, input_tokens, cached_input_tokens,
    output_tokens, reasoning_tokens, cost_microusd, reported_microusd
)
select (at at time zone (select time_zone from public.reporting_settings))::date,
    coalesce(user_id, '00000000-0000-0000-0000-000000000000'),
    coalesce(team_id, '00000000-0000-0000-0000-000000000000'), plan_code, count(*),
    count(*) filter (where cost_state = 'reported'), count(*) filter (where cost_state = 'unpriced'),
    sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens),
    coalesce(sum(cost_microusd), 0), coalesce(sum(cost_microusd) filter (where cost_state = 'reported'), 0)
from public.usage_logs where provider <> '' or cost_microusd is distinct from 0
group by 1, 2, 3, 4;

create function private.recount_ai_cost_days() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform private.rebuild_ai_cost_daily(new.time_zone);
    return null;
end;
$$;
comment on function private.recount_ai_cost_days() is 'Trigger: ai_cost_daily_users by the days of a new reporting zone.';
revoke execute on function private.recount_ai_cost_days() from public, anon, authenticated;
create trigger reporting_settings_ai_cost after update on public.reporting_settings
    for each row when (old.time_zone is distinct from new.time_zone)
    execute function private.recount_ai_cost_days();

create trigger repricings_audit after insert or update of finished_at on public.repricings
    for each row execute function private.audit();
create trigger budgets_audit after insert or update or delete on public.budgets
    for each row execute function private.audit();

do $$
declare
    v_table text;
begin
    foreach v_table in array array[
        'repricings', 'adjustments', 'ai_cost_hourly', 'ai_cost_daily_users', 'budgets', 'budget_alerts'
    ] loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('revoke all on public.%I from anon, authenticated', v_table);
        execute format('grant select on public.%I to authenticated', v_table);
        execute format('grant select, insert, update, delete on public.%I to service_role', v_table);
    end loop;
end;
$$;
revoke update, delete, truncate on public.adjustments from service_role;
grant usage, select on all sequences in schema public to service_role;

create policy ai_cost_hourly_select on public.ai_cost_hourly for select to authenticated
    using ((select private.operator_role()) is not null);
create policy ai_cost_daily_users_select on public.ai_cost_daily_users for select to authenticated
    using ((select private.operator_role()) is not null);
create policy repricings_select on public.repricings for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));
create policy adjustments_select on public.adjustments for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));
create policy budgets_select on public.budgets for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));
create policy budget_alerts_select on public.budget_alerts for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));
-- file: 0015_billing.sql
-- What customers owe by UTC month: the ledger by month and payer, statements of closed months, and what came after.

alter table public.plans add column overage_microusd bigint not null default 0,
    add constraint plans_overage check (overage_microusd >= 0);
comment on column public.plans.overage_microusd is 'Price of one use beyond the included ones, in millionths of a dollar; 0: such a use is not charged.';

create table public.billing_months (
    code text primary key,
    month date not null unique,
    closed_at timestamptz not null default now(),
    closed_by text not null,
    reason text not null,
    constraint billing_months_first_day check (month = date_trunc('month', month)::date),
    constraint billing_months_code check (code = lpad(extract(year from month)::text, 4, '0') || '-'
        || lpad(extract(month from month)::text, 2, '0')),
    constraint billing_months_reason check (length(reason) >= 3)
);
comment on table public.billing_months is 'Closed months, one row each. A closed month is never opened again: later facts go to the next open one.';
comment on column public.billing_months.code is 'The month as 2026-10.';
comment on column public.billing_months.month is 'First day of the UTC month.';
comment on column public.billing_months.closed_at is 'When it was closed.';
comment on column public.billing_months.closed_by is 'Who closed it: e-mail address of the operator.';
comment on column public.billing_months.reason is 'Why, in the words of who closed it.';

create table public.billing_usage (
    month date not null,
    user_id uuid,
    team_id uuid,
    plan_code text not null,
    context_version integer not null,
    provider text not null,
    model text not null,
    calls bigint not null default 0,
    uses bigint not null default 0,
    refused bigint not null default 0,
    unpriced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    repricing_microusd bigint not null default 0,
    constraint billing_usage_key unique nulls not distinct
        (month, user_id, team_id, plan_code, context_version, provider, model)
);
create index billing_usage_trial on public.billing_usage (plan_code, month);
comment on table public.billing_usage is 'The ledger by UTC month and payer, kept by a trigger in the ledger''s own transaction. Rows of a closed month never change: what is late becomes a billing_adjustments row.';
comment on column public.billing_usage.month is 'First day of the UTC month in which it happened.';
comment on column public.billing_usage.user_id is 'The user whose use it was; NULL: nobody, for example an invited guest.';
comment on column public.billing_usage.team_id is 'Their team at the time of use.';
comment on column public.billing_usage.plan_code is 'The plan at the time of use.';
comment on column public.billing_usage.context_version is 'Version of the guidance in force.';
comment on column public.billing_usage.provider is 'Model provider; empty without a model call.';
comment on column public.billing_usage.model is 'Model; empty without a model call.';
comment on column public.billing_usage.calls is 'Ledger rows.';
comment on column public.billing_usage.uses is 'Answered comments: ledger rows with status answered and feature comment.';
comment on column public.billing_usage.refused is 'Ledger rows with status refused.';
comment on column public.billing_usage.unpriced is 'Ledger rows without a known price.';
comment on column public.billing_usage.input_tokens is 'Sum of input tokens.';
comment on column public.billing_usage.cached_input_tokens is 'Sum of cached input tokens.';
comment on column public.billing_usage.output_tokens is 'Sum of output tokens.';
comment on column public.billing_usage.cost_microusd is 'Sum of known costs of the ledger rows, in millionths of a dollar.';
comment on column public.billing_usage.repricing_microusd is 'Sum of the re-pricing of such rows, written while the month was open.';

create table public.billing_statements (
    id bigint generated always as identity primary key,
    month date not null references public.billing_months (month),
    payer_kind text not null,
    payer_id uuid,
    plan_code text not null,
    seats integer not null,
    uses bigint not null,
    included bigint not null,
    overage_uses bigint not null,
    fee_microusd bigint not null,
    overage_microusd bigint not null,
    credits_microusd bigint not null,
    adjustments_microusd bigint not null,
    ai_cost_microusd bigint not null,
    unpriced bigint not null,
    constraint billing_statements_once unique nulls not distinct (month, payer_kind, payer_id, plan_code),
    constraint billing_statements_payer check (payer_kind in ('user', 'team', 'nobody')),
    constraint billing_statements_payer_id check ((payer_id is null) = (payer_kind = 'nobody'))
);
comment on table public.billing_statements is 'The lines of closed months, as private.billing_lines() gave them at closing. Never changed.';
comment on column public.billing_statements.id is 'Order of writing.';
comment on column public.billing_statements.month is 'First day of the UTC month.';
comment on column public.billing_statements.payer_kind is 'user, team, or nobody: uses without a payer.';
comment on column public.billing_statements.payer_id is 'The user or team. No name: an account can be deleted.';
comment on column public.billing_statements.plan_code is 'The plan of the line; empty: credits and adjustments.';
comment on column public.billing_statements.seats is 'Most seats paid for in the month; 0 without a paid plan.';
comment on column public.billing_statements.uses is 'Answered comments, those booked late included.';
comment on column public.billing_statements.included is 'Uses in the price: the plan''s uses × seats.';
comment on column public.billing_statements.overage_uses is 'Uses beyond the included ones.';
comment on column public.billing_statements.fee_microusd is 'Price of the plan, by days.';
comment on column public.billing_statements.overage_microusd is 'Overage uses × the plan''s price of one.';
comment on column public.billing_statements.credits_microusd is 'Credits given, as negative amounts.';
comment on column public.billing_statements.adjustments_microusd is 'Charges and late fees, signed.';
comment on column public.billing_statements.ai_cost_microusd is 'What the models cost us, late facts and re-pricing included.';
comment on column public.billing_statements.unpriced is 'Calls without a known price: their cost is in no sum.';

create table public.billing_adjustments (
    id uuid primary key default gen_random_uuid(),
    written_at timestamptz not null default now(),
    month date not null,
    for_month date not null,
    dated date not null,
    kind text not null,
    payer_kind text not null,
    payer_id uuid,
    user_id uuid,
    plan_code text not null default '',
    amount_microusd bigint not null default 0,
    calls bigint not null default 0,
    uses bigint not null default 0,
    unpriced bigint not null default 0,
    cost_microusd bigint not null default 0,
    provider text not null default '',
    model text not null default '',
    source_key text unique,
    actor text not null,
    reason text not null,
    constraint billing_adjustments_kind check (kind in ('credit', 'charge', 'late_use', 'late_cost', 'late_fee')),
    constraint billing_adjustments_credit check (kind <> 'credit' or amount_microusd < 0),
    constraint billing_adjustments_payer check (payer_kind in ('user', 'team', 'nobody')),
    constraint billing_adjustments_payer_id check ((payer_id is null) = (payer_kind = 'nobody')),
    constraint billing_adjustments_later check (month >= for_month)
);
create index billing_adjustments_month on public.billing_adjustments (month, written_at);
create index billing_adjustments_for_month on public.billing_adjustments (for_month, payer_id);
comment on table public.billing_adjustments is 'Money owed beside fees, and facts that came after their month was closed: booked in the first open month, dated to when they belong. Append-only.';
comment on column public.billing_adjustments.id is 'Our id; given by the caller, so that sending twice books once.';
comment on column public.billing_adjustments.written_at is 'When it was booked.';
comment on column public.billing_adjustments.month is 'The month whose statement carries it.';
comment on column public.billing_adjustments.for_month is 'The month it is about.';
comment on column public.billing_adjustments.dated is 'The UTC day it is about.';
comment on column public.billing_adjustments.kind is 'credit, charge (by hand); late_use, late_cost, late_fee (facts about a closed month).';
comment on column public.billing_adjustments.payer_kind is 'user, team or nobody.';
comment on column public.billing_adjustments.payer_id is 'Who is billed.';
comment on column public.billing_adjustments.user_id is 'Whose use it was, for a late use or cost.';
comment on column public.billing_adjustments.plan_code is 'Plan of a late use or cost.';
comment on column public.billing_adjustments.amount_microusd is 'Owed by the customer: negative for a credit. Late uses are not charged.';
comment on column public.billing_adjustments.calls is 'Ledger rows of a late use.';
comment on column public.billing_adjustments.uses is 'Answered comments of a late use.';
comment on column public.billing_adjustments.unpriced is 'Calls without a known price.';
comment on column public.billing_adjustments.cost_microusd is 'What it cost us.';
comment on column public.billing_adjustments.provider is 'Model provider of a late use or cost.';
comment on column public.billing_adjustments.model is 'Model of a late use or cost.';
comment on column public.billing_adjustments.source_key is 'What it came from ("ledger:7"): booked once.';
comment on column public.billing_adjustments.actor is 'Who: e-mail address of the operator, or service.';
comment on column public.billing_adjustments.reason is 'Why.';

do $$
declare
    v_table text;
begin
    foreach v_table in array array['billing_months', 'billing_usage', 'billing_statements', 'billing_adjustments'] loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('revoke all on public.%I from anon, authenticated', v_table);
        execute format('grant select on public.%I to authenticated', v_table);
        execute format('grant select, insert on public.%I to service_role', v_table);
        execute format(
            'create policy %I on public.%I for select to authenticated'
            ' using ((select private.operator_role()) in (''founder'', ''finance''))', v_table || '_select', v_table
        );
        if v_table <> 'billing_usage' then
            execute format('create trigger %I before update or delete on public.%I'
                ' for each row execute function private.refuse_change()', v_table || '_immutable', v_table);
            execute format('create trigger %I before truncate on public.%I'
                ' for each statement execute function private.refuse_change()', v_table || '_kept', v_table);
            execute format('revoke update, delete, truncate on public.%I from service_role', v_table);
        end if;
    end loop;
end;
$$;
grant update, delete on public.billing_usage to service_role;
create trigger billing_months_audit after insert on public.billing_months
    for each row execute function private.audit();
create trigger billing_adjustments_audit after insert on public.billing_adjustments
    for each row execute function private.audit();

-- The rows so far; from here on the trigger on the ledger adds each (sql/functions/billing.sql).
insert into public.billing_usage
select date_trunc('month', at, 'UTC') at time zone 'UTC', user_id, team_id, plan_code, context_version, provider, model,
    count(*), count(*) filter (where status = 'answered' and feature = 'comment'),
    count(*) filter (where status = 'refused'), count(*) filter (where cost_state = 'unpriced'), sum(input_tokens),
    sum(cached_input_tokens), sum(output_tokens), coalesce(sum(cost_microusd), 0), 0
from public.usage_logs
group by 1, 2, 3, 4, 5, 6, 7;
-- file: 0016_alerts_and_settings.sql
-- What founders set while the service runs: settings, feature flags of teams, and where alerts go.

create table public.service_profile (
    is_only boolean primary key default true,
    sealing_key text not null,
    defaults jsonb not null,
    told_at timestamptz not null default now(),
    constraint service_profile_only check (is_only),
    constraint service_profile_sealing_key check (length(sealing_key) = 44)
);
comment on table public.service_profile is 'What a worker says of itself at its start, so that the dashboard can show and seal without any key or environment of the service.';
comment on column public.service_profile.is_only is 'There is one row.';
comment on column public.service_profile.sealing_key is 'Public X25519 key, base64: what is sealed with it only the service can open. The private half follows from the first of TOKEN_ENCRYPTION_KEYS.';
comment on column public.service_profile.defaults is 'Values of the environment by setting: in force where product_settings has none.';
comment on column public.service_profile.told_at is 'When a worker last said so.';

create table public.product_settings (
    code text primary key,
    value jsonb,
    version integer not null default 1,
    updated_at timestamptz not null default now(),
    constraint product_settings_code check (code in (
        'triggers', 'guest_rule', 'answers_per_minute', 'loop_breaker_replies', 'loop_breaker_window_seconds',
        'job_attempts', 'model_cost_ceiling_microusd'
    ))
);
comment on table public.product_settings is 'Settings that founders change while the service runs; web and workers read them every few seconds. Without a row, or with a NULL value, the environment''s value is in force.';
comment on column public.product_settings.code is 'Which setting.';
comment on column public.product_settings.value is 'triggers: a list of words; guest_rule: invite, owner_pays or ignore; the others: a whole number. NULL: as in the environment.';
comment on column public.product_settings.version is 'Counts changes; a change must name the version it saw.';
comment on column public.product_settings.updated_at is 'When it last changed.';

create table public.feature_flags (
    code text primary key,
    name text not null,
    description text not null,
    is_on boolean not null
);
comment on table public.feature_flags is 'What can be switched per team. Each is read where the service does it; a new flag is a new migration.';
comment on column public.feature_flags.code is 'Key in teams.feature_flags.';
comment on column public.feature_flags.name is 'What operators read.';
comment on column public.feature_flags.description is 'What happens when it is on and off.';
comment on column public.feature_flags.is_on is 'For teams that say nothing of it, and for people without a team.';
insert into public.feature_flags (code, name, description, is_on) values
    ('design_reading', 'Read designs', 'The pinned frame is read at Figma and measured. Off: answers go by the words alone, say so, and use none of the team''s Figma quota.', true),
    ('model_answers', 'Ask AI models', 'Questions go to a model provider. Off: nothing leaves for one; every answer is a measured review, made by rules.', true),
    ('model_choice', 'Choose the model', 'The model picked in somebody''s context is asked first. Off: everybody in the team gets the usual order.', true),
    ('guest_invitations', 'Invite guests', 'People without an account who ask in files of the team are invited once per file. Off: they are ignored where the guest rule says invite.', true);
comment on column public.answers.design_state is 'read, no_node, quota, forbidden, missing, failed, or off (switched off for the team): what the answer could see of the design.';
comment on column public.teams.feature_flags is 'Flags set for this team, by code: true or false. Those left out are as in feature_flags.';

create table public.alert_channels (
    id uuid primary key,
    kind text not null,
    name text not null,
    host text not null,
    kinds text[] not null,
    state text not null default 'on',
    state_reason text not null default '',
    version integer not null default 1,
    created_at timestamptz not null default now(),
    constraint alert_channels_kind check (kind in ('webhook', 'slack')),
    constraint alert_channels_state check (state in ('on', 'off', 'removed')),
    constraint alert_channels_name check (length(name) between 1 and 60),
    constraint alert_channels_host check (length(host) between 1 and 300)
);
comment on table public.alert_channels is 'Where alerts go. The address and the signing secret are in alert_channel_secrets.';
comment on column public.alert_channels.id is 'Chosen by who makes it; the sealed address is bound to it.';
comment on column public.alert_channels.kind is 'webhook: signed per Standard Webhooks (https://www.standardwebhooks.com); slack: {"text": …} to an incoming webhook.';
comment on column public.alert_channels.name is 'What operators call it.';
comment on column public.alert_channels.host is 'Host of its address, to know it by. The rest of a Slack address is a secret.';
comment on column public.alert_channels.kinds is 'Which kinds of alerts it wants.';
comment on column public.alert_channels.state is 'on; off: gets nothing; removed: its address is forgotten, its deliveries stay readable.';
comment on column public.alert_channels.state_reason is 'Why it was switched off, if the service did so.';
comment on column public.alert_channels.version is 'Counts changes; a change must name the version it saw.';
comment on column public.alert_channels.created_at is 'When it was made.';

create table public.alert_channel_secrets (
    channel_id uuid primary key references public.alert_channels (id) on delete cascade,
    sealed text not null,
    updated_at timestamptz not null default now(),
    constraint alert_channel_secrets_length check (length(sealed) between 60 and 8000)
);
comment on table public.alert_channel_secrets is 'Address and signing secret of a channel, sealed by the dashboard for the service before they are sent anywhere: the database, its logs and its backups never hold them in the clear. No dashboard role can read this table.';
comment on column public.alert_channel_secrets.channel_id is 'Whose.';
comment on column public.alert_channel_secrets.sealed is 'HPKE (RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305) of {"url", "secret"} as base64, bound to the channel''s id.';
comment on column public.alert_channel_secrets.updated_at is 'When it was last replaced.';

create table public.alerts (
    id uuid primary key default gen_random_uuid(),
    kind text not null,
    subject text not null,
    title text not null,
    detail text not null default '',
    at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    ended_at timestamptz,
    constraint alerts_kind check (kind in (
        'budget', 'dead_letter', 'error_budget', 'queue_stuck', 'no_worker', 'figma_quota', 'unpriced', 'test'
    ))
);
create unique index alerts_one_open on public.alerts (kind, subject) where ended_at is null;
create index alerts_at on public.alerts (at desc);
comment on table public.alerts is 'Something an operator should know: one row per occurrence. While it goes on the row stays open, and nothing is said again.';
comment on column public.alerts.id is 'Our id.';
comment on column public.alerts.kind is 'budget, dead_letter, error_budget, queue_stuck, no_worker, figma_quota, unpriced; test: somebody pressed the button.';
comment on column public.alerts.subject is 'What it is about; at most one open alert per kind and subject.';
comment on column public.alerts.title is 'One line.';
comment on column public.alerts.detail is 'What it means and what to do, in a sentence or two.';
comment on column public.alerts.at is 'When it was noticed.';
comment on column public.alerts.seen_at is 'When it was last seen to go on.';
comment on column public.alerts.ended_at is 'When it was over, noticed ten minutes later; NULL: goes on.';

create table public.alert_deliveries (
    id uuid primary key default gen_random_uuid(),
    alert_id uuid not null references public.alerts (id) on delete cascade,
    channel_id uuid not null references public.alert_channels (id),
    state text not null default 'pending',
    attempts integer not null default 0,
    status smallint,
    reason text not null default '',
    created_at timestamptz not null default now(),
    lease_until timestamptz,
    next_at timestamptz not null default now(),
    closed_at timestamptz,
    constraint alert_deliveries_once unique (alert_id, channel_id),
    constraint alert_deliveries_state check (state in ('pending', 'delivered', 'failed', 'cancelled'))
);
create index alert_deliveries_channel on public.alert_deliveries (channel_id, created_at desc);
create index alert_deliveries_pending on public.alert_deliveries (next_at) where state = 'pending';
comment on table public.alert_deliveries is 'Each alert once per channel. A worker that dies between sending and writing it down sends again under the same id, by which receivers know it.';
comment on column public.alert_deliveries.id is 'Also the webhook-id of Standard Webhooks, the same on every attempt.';
comment on column public.alert_deliveries.alert_id is 'What is said.';
comment on column public.alert_deliveries.channel_id is 'Where.';
comment on column public.alert_deliveries.state is 'pending; delivered: the receiver said 2xx; failed: given up; cancelled: the channel was switched off before.';
comment on column public.alert_deliveries.attempts is 'How often it was tried; the number of the attempt that may close it.';
comment on column public.alert_deliveries.status is 'HTTP status of the last attempt, if there was an answer.';
comment on column public.alert_deliveries.reason is 'Why the last attempt failed, in words. Never holds the address.';
comment on column public.alert_deliveries.created_at is 'When it was queued.';
comment on column public.alert_deliveries.lease_until is 'No other attempt begins before this moment.';
comment on column public.alert_deliveries.next_at is 'When it is tried next.';
comment on column public.alert_deliveries.closed_at is 'When it was delivered, given up or cancelled.';

-- Dead letters of the last minutes are looked for every minute.
create index answers_failed_at on public.answers (settled_at) where state = 'failed';

create trigger product_settings_audit after insert or update or delete on public.product_settings
    for each row execute function private.audit();
create trigger alert_channels_audit after insert or update or delete on public.alert_channels
    for each row execute function private.audit();

do $$
declare
    v_table text;
begin
    foreach v_table in array array[
        'service_profile', 'product_settings', 'feature_flags', 'alert_channels', 'alert_channel_secrets', 'alerts',
        'alert_deliveries'
    ] loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('revoke all on public.%I from public, anon, authenticated', v_table);
        execute format('grant select, insert, update, delete on public.%I to service_role', v_table);
    end loop;
    foreach v_table in array array[
        'service_profile', 'product_settings', 'feature_flags', 'alert_channels', 'alerts', 'alert_deliveries'
    ] loop
        execute format('grant select on public.%I to authenticated', v_table);
        execute format(
            'create policy %I on public.%I for select to authenticated'
            || ' using ((select private.operator_role()) = ''founder'')',
            v_table || '_select', v_table
        );
    end loop;
end;
$$;
-- file: 0017_team_rollups.sql
-- AI cost and reliability by day and by team: pages narrowed to a team, and long periods, are read from here.

create table public.ai_cost_daily (
    day date not null,
    plan_code text not null,
    feature text not null,
    provider text not null,
    model text not null,
    calls bigint not null default 0,
    reported bigint not null default 0,
    unpriced bigint not null default 0,
    newly_priced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    reported_microusd bigint not null default 0,
    adjustment_microusd bigint not null default 0,
    primary key (day, plan_code, feature, provider, model)
);
comment on table public.ai_cost_daily is 'ai_cost_hourly by day of the reporting time zone: whole days of long periods are read from here.';

create table public.ai_cost_hourly_teams (
    team_id uuid not null,
    hour timestamptz not null,
    plan_code text not null,
    feature text not null,
    provider text not null,
    model text not null,
    calls bigint not null default 0,
    reported bigint not null default 0,
    unpriced bigint not null default 0,
    newly_priced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    reported_microusd bigint not null default 0,
    adjustment_microusd bigint not null default 0,
    primary key (team_id, hour, plan_code, feature, provider, model)
);
comment on table public.ai_cost_hourly_teams is 'ai_cost_hourly by team of the payer at the time of use. Calls of people without a team are left out.';

create table public.reliability_daily (
    team_id uuid not null,
    day date not null,
    plan_code text not null,
    error_code text not null,
    answered bigint not null default 0,
    without_model bigint not null default 0,
    failed bigint not null default 0,
    latency_histogram bigint[] not null,
    model_latency_histogram bigint[] not null,
    figma_latency_histogram bigint[] not null,
    primary key (team_id, day, plan_code, error_code)
    -- Histograms are mostly zeros: compressed, all three of them, a row is a quarter as long.
) with (toast_tuple_target = 1000);
comment on table public.reliability_daily is 'Comments answered and failed by reporting day, of everybody and of each team, with the times of the answered ones; kept in the ledger''s own transaction.';
comment on column public.reliability_daily.team_id is 'Team of the payer at the time of use; zeros: everybody, with a team or without.';
comment on column public.reliability_daily.day is 'Day in the reporting time zone.';

create table public.reliability_hourly_teams (
    team_id uuid not null,
    hour timestamptz not null,
    plan_code text not null,
    error_code text not null,
    answered bigint not null default 0,
    without_model bigint not null default 0,
    failed bigint not null default 0,
    latency_histogram bigint[] not null,
    model_latency_histogram bigint[] not null,
    figma_latency_histogram bigint[] not null,
    primary key (team_id, hour, plan_code, error_code)
) with (toast_tuple_target = 1000);
comment on table public.reliability_hourly_teams is 'As reliability_daily, by UTC hour and team. The hours of everybody are in usage_hourly.';
comment on column public.reliability_hourly_teams.team_id is 'Team of the payer at the time of use. No foreign key: the row outlives the team.';
comment on column public.reliability_hourly_teams.hour is 'Start of the UTC hour.';

create table public.queue_hourly (
    hour timestamptz primary key,
    waiting integer not null,
    deferred integer not null,
    dead_letters integer not null,
    oldest_seconds double precision not null,
    workers integer not null,
    samples bigint not null
);
comment on table public.queue_hourly is 'queue_samples by UTC hour, kept as they are written: the deepest queue of an hour. Longer periods are read from here.';
comment on column public.queue_hourly.hour is 'Start of the UTC hour.';
comment on column public.queue_hourly.waiting is 'Most answers waiting and in work at once.';
comment on column public.queue_hourly.deferred is 'Most answers put off until a quota opens.';
comment on column public.queue_hourly.dead_letters is 'Most answers that had ended without a reply.';
comment on column public.queue_hourly.oldest_seconds is 'Greatest age of the oldest answer queued or in work, in seconds.';
comment on column public.queue_hourly.workers is 'Fewest live workers.';
comment on column public.queue_hourly.samples is 'Minutes that were sampled.';

do $$
declare
    v_table text;
    v_column record;
begin
    -- The columns mean what they mean in ai_cost_hourly, and say so.
    for v_column in
        select attribute.attrelid::regclass as target, attribute.attname as name,
            pg_catalog.col_description(source.attrelid, source.attnum) as meaning
        from pg_catalog.pg_attribute as attribute
        join pg_catalog.pg_attribute as source
            on source.attrelid = 'public.ai_cost_hourly'::regclass and source.attname = attribute.attname
        where attribute.attrelid in ('public.ai_cost_daily'::regclass, 'public.ai_cost_hourly_teams'::regclass)
            and attribute.attnum > 0
    loop
        execute format('comment on column %s.%I is %L', v_column.target, v_column.name, v_column.meaning);
    end loop;
    foreach v_table in array array['reliability_daily', 'reliability_hourly_teams'] loop
        for v_column in
            select * from (values
                ('plan_code', 'Plan at that moment.'),
                ('error_code', 'Why it failed; empty for the answered ones.'),
                ('answered', 'Comments answered.'),
                ('without_model', 'Those of them answered from measured facts alone.'),
                ('failed', 'Runs that ended without a reply and without a charge.'),
                ('latency_histogram', 'From webhook to reply, of the answered ones: 84 counts, buckets as in usage_hourly.'),
                ('model_latency_histogram', 'Time spent waiting for models, likewise; zero times are left out.'),
                ('figma_latency_histogram', 'Time spent in calls to Figma, likewise; zero times are left out.')
            ) as columns (name, meaning)
        loop
            execute format('comment on column public.%I.%I is %L', v_table, v_column.name, v_column.meaning);
        end loop;
    end loop;
    foreach v_table in array array[
        'ai_cost_daily', 'ai_cost_hourly_teams', 'reliability_daily', 'reliability_hourly_teams', 'queue_hourly'
    ] loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('revoke all on public.%I from public, anon, authenticated', v_table);
        execute format('grant select, insert, update, delete on public.%I to service_role', v_table);
        execute format('grant select on public.%I to authenticated', v_table);
        execute format(
            'create policy %I on public.%I for select to authenticated using ((select private.operator_role()) %s)',
            v_table || '_select', v_table,
            case when v_table like 'ai_cost%' then 'is not null' else $roles$in ('founder', 'support')$roles$ end
        );
    end loop;
end;
$$;
comment on column public.ai_cost_daily.day is 'Day in the reporting time zone.';
comment on column public.ai_cost_hourly_teams.team_id is 'Team of the payer at the time of use. No foreign key: the row outlives the team.';
-- file: 0018_departures.sql
-- Webhooks that a deleted person still has at Figma: the worker removes them with the person's own connection, which
-- is kept, encrypted, until that is done or given up.

create table public.webhook_removals (
    id uuid primary key references public.user_webhooks (id) on delete cascade,
    user_id uuid not null references public.users (id) on delete cascade,
    asked_at timestamptz not null default now(),
    tries integer not null default 0,
    problem text not null default '',
    outcome text,
    closed_at timestamptz,
    constraint webhook_removals_outcome check (outcome in ('removed', 'taken_over', 'left')),
    constraint webhook_removals_closed check ((outcome is null) = (closed_at is null))
);
create index webhook_removals_user_id on public.webhook_removals (user_id);
create index webhook_removals_open on public.webhook_removals (asked_at) where outcome is null;
comment on table public.webhook_removals is 'Webhooks to be removed at Figma after their owner''s account was deleted, and what came of it.';
comment on column public.webhook_removals.id is 'The webhook.';
comment on column public.webhook_removals.user_id is 'Whose account was deleted.';
comment on column public.webhook_removals.asked_at is 'When the account was deleted. Seven days later it is given up.';
comment on column public.webhook_removals.tries is 'How often Figma was asked in vain.';
comment on column public.webhook_removals.problem is 'Why it is not removed yet, or why it was left, as a sentence for operators.';
comment on column public.webhook_removals.outcome is 'removed (also: was gone already), taken_over (the person came back and switched the buddy on there again), or left at Figma; NULL while it is tried.';
comment on column public.webhook_removals.closed_at is 'When it ended.';

alter table public.webhook_removals enable row level security;
revoke all on public.webhook_removals from anon, authenticated;
grant select, insert, update, delete on public.webhook_removals to service_role;
grant select on public.webhook_removals to authenticated;
create policy webhook_removals_select on public.webhook_removals for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
create trigger webhook_removals_audit after update on public.webhook_removals
    for each row when (old.outcome is distinct from new.outcome) execute function private.audit();
-- file: 0019_long_ledgers.sql
-- Reads that stay as quick when a ledger has millions of rows: one person's story, the comments of one file.

-- What people did, without what the ledger tells too: most of the log of somebody who asks often is not in it.
create index activity_story on public.activity (user_id, at desc) where kind not in ('answered', 'refused');
-- Whom somebody paid for: steps from one author to the next, past all that they asked themselves.
create index answers_guests on public.answers (payer_id, author_figma_id, received_at desc) where payer_id is not null;
-- The latest comments of one file, and whether they took a call to Figma: counted from the index alone.
create index answers_file_received on public.answers (file_key, received_at desc) include (design_state);
-- file: 0020_steady_reads.sql
-- Reads that grow with days, not with comments: deliveries by day, dead letters and a file's authors from an index.

create table public.webhook_daily (
    webhook_id uuid not null,
    day date not null,
    outcome text not null,
    deliveries bigint not null,
    redeliveries bigint not null,
    primary key (webhook_id, day, outcome)
);
create index webhook_daily_day on public.webhook_daily (day);
comment on table public.webhook_daily is 'webhook_hourly by reporting day, of each webhook and of all; a day is counted once it is over. Days later than the last one here are read from webhook_hourly. Kept 92 days.';
comment on column public.webhook_daily.webhook_id is 'The webhook, in user_webhooks; zeros: all of them.';
comment on column public.webhook_daily.day is 'Day in the reporting time zone, of the start of its hours.';
comment on column public.webhook_daily.outcome is 'As in webhook_deliveries.';
comment on column public.webhook_daily.deliveries is 'Deliveries that arrived, redeliveries included.';
comment on column public.webhook_daily.redeliveries is 'Those of them that had been delivered before.';

alter table public.webhook_daily enable row level security;
revoke all on public.webhook_daily from public, anon, authenticated;
grant select, insert, update, delete on public.webhook_daily to service_role;
grant select on public.webhook_daily to authenticated;
create policy webhook_daily_select on public.webhook_daily for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

-- What is counted of dead letters, and who asked in a file, is in the index: no row of a long table is fetched for it.
drop index public.answers_failed;
create index answers_failed on public.answers (received_at desc) include (reason) where state = 'failed';
drop index public.answers_file_received;
create index answers_file_received on public.answers (file_key, received_at desc) include (design_state, author_figma_id);

alter table public.user_webhooks add column longest_pause interval;
alter table public.user_webhooks add column pauses_until timestamptz;
comment on column public.user_webhooks.longest_pause is 'Longest pause between hours with events in the 28 days before pauses_until; NULL with fewer than 5 such hours.';
comment on column public.user_webhooks.pauses_until is 'The last event when longest_pause was measured: once the webhook had been quiet for a day.';
grant select (longest_pause, pauses_until) on public.user_webhooks to authenticated;
-- file: 0021_job_locks.sql
-- Each job taken from the queue is first looked up by its lock, to see whether an earlier one of the same thread
-- is still waiting. procrastinate's own index begins with the id: without this one every take reads the whole queue.
create index procrastinate_jobs_waiting_locks on queue.procrastinate_jobs (lock)
where status in ('todo', 'doing');
comment on index queue.procrastinate_jobs_waiting_locks is 'Jobs that wait or run, by lock, for procrastinate_fetch_job_v2.';
-- file: 0022_lasting_pauses.sql
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
-- file: 0023_figures_of_whole_days.sql
-- Finance reads the same figures by hour (usage_hourly); without their days, an overview of whole days lacked them.
alter policy reliability_daily_select on public.reliability_daily
    using ((select private.operator_role()) is not null);
alter policy reliability_hourly_teams_select on public.reliability_hourly_teams
    using ((select private.operator_role()) is not null);
-- file: 0024_limits_by_arrival.sql
-- The limit per person and minute goes by when comments came: answers_author finds them.
drop index public.answers_author_decided;
-- file: 0025_audit_log_by_role.sql
-- Support read money and founders' settings in the audit log, which row level security hides everywhere else. Now it
-- sees the entries of tables whose rows it may read; a table that is audited later is for founders until it is named.
alter policy audit_log_select on public.audit_log
    using (case (select private.operator_role())
        when 'founder' then true
        when 'support' then table_name in (
            'answers', 'plans', 'reliability_targets', 'reporting_settings', 'subscriptions', 'teams', 'use_grants',
            'user_contexts', 'user_webhooks', 'users', 'webhook_removals'
        )
        else false
    end);
-- file: 0026_cases_and_queue_age.sql
-- Figures of one population each: the hours of everybody's cases, how long an answer waits, which limits can be judged.

-- Nullable, so that no row of a long table is written anew; what is open already waits since it arrived.
alter table public.answers add column queued_at timestamptz;
alter table public.answers alter column queued_at set default now();
update public.answers set queued_at = received_at where state in ('queued', 'working');
update public.answers set queued_at = coalesce(deferred_until, received_at) where state = 'deferred';
comment on column public.answers.queued_at is 'Since when it could be taken: when it arrived, was replayed, or the time until which it was put off. NULL: it ended before this was kept.';
grant select (queued_at) on public.answers to authenticated;
comment on column public.queue_samples.oldest_seconds is 'For how long the oldest answer queued or in work could have been taken, in seconds.';
comment on column public.queue_hourly.oldest_seconds is 'The longest of queue_samples.oldest_seconds.';

-- The Live page asks every few seconds for the latest in these states, which may be few among millions.
create index answers_closed on public.answers (state, received_at desc) where state in ('refused', 'ignored');

comment on table public.reliability_daily is 'Cases by reporting day, of everybody and of each team: comments that were to be answered, answered or failed, with the times of the answered ones; kept in the ledger''s own transaction.';
comment on table public.reliability_hourly_teams is 'As reliability_daily, by UTC hour.';
comment on column public.reliability_hourly_teams.team_id is 'Team of the payer at the time of use; zeros: everybody, with a team or without. No foreign key: the row outlives the team.';
comment on column public.reliability_daily.failed is 'Runs that had a use reserved and ended without a reply and without a charge.';
comment on column public.reliability_hourly_teams.failed is 'Runs that had a use reserved and ended without a reply and without a charge.';

-- The last bucket of the histograms begins at 24.7 minutes and has no end: a longer limit was never judged rightly.
select set_config('app.reason', 'Times of more than 24 minutes are not told apart.', true);
update public.reliability_targets set threshold_ms = 1440000, updated_at = now() where threshold_ms > 1440000;
alter table public.reliability_targets
    add constraint reliability_targets_longest check (threshold_ms <= 1440000);
comment on column public.reliability_targets.threshold_ms is 'For in_time: how long an answer may take, in milliseconds; at most 24 minutes.';
-- file: 0027_plans_of_the_departed.sql
-- Who deleted their own account kept their plan and was charged on: it ends at the moment they left. Closed months keep
-- their statements; what they charged since is booked back in the next open one.
delete from public.subscriptions as s
using public.activity as gone
where gone.user_id = s.user_id and gone.kind = 'account_deleted' and s.starts_at >= gone.at;
update public.subscriptions as s set ends_at = gone.at
from public.activity as gone
where gone.user_id = s.user_id and gone.kind = 'account_deleted' and (s.ends_at is null or s.ends_at > gone.at);

comment on column public.plugin_handovers.user_id is 'Who answered it: agreed or declined.';
comment on column public.plugin_handovers.expires_at is 'When it can no longer be collected; at once where it was declined.';
-- file: 0028_removals_by_their_owner.sql
-- A webhook that its owner removes while Figma cannot be reached goes the same way as those of a deleted account.

comment on table public.webhook_removals is 'Webhooks to be removed at Figma after their owner removed them here or deleted the account, and what came of it.';
comment on column public.webhook_removals.user_id is 'Who removed it, or whose account was deleted.';
comment on column public.webhook_removals.asked_at is 'When it was removed here, or the account was deleted. Seven days later it is given up.';
comment on column public.webhook_removals.outcome is 'removed (also: was gone already), taken_over (somebody switched the buddy on there again, with this webhook), or left at Figma; NULL while it is tried.';
-- file: 0029_confirmed_comments.sql
-- A delivery is a hint to look: who wrote what is taken from Figma's own thread, and only for files of the webhook's
-- own context. What Figma does not confirm is counted, and a webhook with too much of it is paused.

alter table public.answers add column confirmed_at timestamptz;
alter table public.answers add column hint jsonb;
comment on column public.answers.confirmed_at is 'When Figma''s own thread confirmed who wrote this comment and what; author, text, thread and time are Figma''s from then on. NULL before, and where the answer was decided before this was kept.';
comment on column public.answers.hint is 'What the delivery claimed and the worker needs to look: {author_id, mentions: one list of {id, handle} for each different delivery, deliveries, seen, turned_at, replayed_at, counted}. Proves nothing; NULL once confirmed.';
grant select (confirmed_at) on public.answers to authenticated;

alter table public.webhook_deliveries drop constraint webhook_deliveries_outcome;
alter table public.webhook_deliveries add constraint webhook_deliveries_outcome check (
    outcome in (
        'queued', 'duplicate', 'ignored', 'own_reply', 'ping', 'paused', 'other_event', 'unreadable', 'foreign_file'
    )
) not valid;
alter table public.webhook_deliveries validate constraint webhook_deliveries_outcome;
comment on column public.webhook_deliveries.outcome is 'queued: job made; duplicate: another delivery had made it; ignored: not addressed to the buddy; foreign_file: of a file that the webhook does not speak for.';

alter table public.user_webhooks add column paused_because text;
alter table public.user_webhooks
    add constraint user_webhooks_paused_because check (paused_because in ('operator', 'unconfirmed_deliveries'));
alter table public.user_webhooks add column lifted_at timestamptz;
alter table public.user_webhooks add column refusals_hour timestamptz;
alter table public.user_webhooks add column refusals integer not null default 0;
comment on column public.user_webhooks.refusals_hour is 'The UTC hour of refusals.';
comment on column public.user_webhooks.refusals is 'Deliveries that Figma did not confirm in that hour and that count towards a pause.';
comment on column public.user_webhooks.lifted_at is 'When an operator last ended a pause: what had arrived by then counts towards no other.';
grant select (lifted_at, refusals_hour, refusals) on public.user_webhooks to authenticated;
update public.user_webhooks set paused_because = 'operator' where operator_paused_at is not null;
comment on column public.user_webhooks.paused_because is 'Why it is paused on our side (operator_paused_at): operator, or unconfirmed_deliveries: it delivered too much that Figma does not confirm. NULL while it is not.';
grant select (paused_because) on public.user_webhooks to authenticated;

create table public.webhook_refusals (
    webhook_id uuid not null references public.user_webhooks (id) on delete cascade,
    hour timestamptz not null,
    reason text not null,
    deliveries bigint not null default 0,
    last_at timestamptz not null default now(),
    primary key (webhook_id, hour, reason),
    constraint webhook_refusals_reason check (reason in ('not_confirmed', 'foreign_file'))
);
create index webhook_refusals_hour on public.webhook_refusals (hour);
comment on table public.webhook_refusals is 'Deliveries that Figma did not confirm, by webhook and UTC hour. Kept 92 days.';
comment on column public.webhook_refusals.webhook_id is 'The webhook that they came with.';
comment on column public.webhook_refusals.hour is 'Start of the UTC hour.';
comment on column public.webhook_refusals.reason is 'not_confirmed: no such comment to the buddy at Figma; foreign_file: of a file that the webhook does not speak for.';
comment on column public.webhook_refusals.deliveries is 'How many.';
comment on column public.webhook_refusals.last_at is 'When the last of them was refused.';

create table public.webhook_files (
    webhook_id uuid not null references public.user_webhooks (id) on delete cascade,
    file_key text not null,
    is_covered boolean not null,
    checked_at timestamptz not null default now(),
    primary key (webhook_id, file_key)
);
create index webhook_files_checked_at on public.webhook_files (checked_at);
comment on table public.webhook_files is 'Files that a team''s or project''s webhook speaks for, as Figma said: its own log of what it sent for that webhook.';
comment on column public.webhook_files.webhook_id is 'The webhook.';
comment on column public.webhook_files.file_key is 'The file.';
comment on column public.webhook_files.is_covered is 'Whether Figma had sent an event of this file for this webhook.';
comment on column public.webhook_files.checked_at is 'When Figma was asked. A yes counts for seven days, a no for ten minutes.';

create table public.author_limits (
    file_key text not null,
    author_figma_id text not null,
    answer_id uuid not null,
    reached_at timestamptz not null default now(),
    primary key (file_key, author_figma_id)
);
create index author_limits_reached_at on public.author_limits (reached_at);
comment on table public.author_limits is 'Who has drawn so many replies in one file within a day that the buddy said it is silent for them there. Kept 30 days.';
comment on column public.author_limits.file_key is 'The file.';
comment on column public.author_limits.author_figma_id is 'Whose comments they were.';
comment on column public.author_limits.answer_id is 'The answer that said so last.';
comment on column public.author_limits.reached_at is 'When the limit was reached; silence ends a day later at the latest.';

alter table public.product_settings drop constraint product_settings_code;
alter table public.product_settings add constraint product_settings_code check (code in (
    'triggers', 'guest_rule', 'answers_per_minute', 'loop_breaker_replies', 'loop_breaker_window_seconds',
    'author_replies_per_day', 'unbilled_microusd_per_day', 'job_attempts', 'model_cost_ceiling_microusd'
));

alter table public.alerts drop constraint alerts_kind;
alter table public.alerts add constraint alerts_kind check (kind in (
    'budget', 'dead_letter', 'error_budget', 'queue_stuck', 'no_worker', 'figma_quota', 'unpriced', 'webhook_paused',
    'author_limit', 'unbilled', 'connection_lost', 'test'
));
comment on column public.alerts.kind is 'budget, dead_letter, error_budget, queue_stuck, no_worker, figma_quota, unpriced, webhook_paused, author_limit, unbilled, connection_lost; test: somebody pressed the button.';
-- Who wanted to hear of everything still does.
update public.alert_channels set kinds = kinds || array['webhook_paused', 'author_limit', 'unbilled', 'connection_lost']
where kinds @> array['budget', 'dead_letter', 'error_budget', 'queue_stuck', 'no_worker', 'figma_quota', 'unpriced'];

create table public.unbilled_spending (
    day date not null,
    scope text not null,
    scope_key text not null,
    calls bigint not null default 0,
    cost_microusd bigint not null default 0,
    last_at timestamptz not null default now(),
    primary key (day, scope, scope_key),
    constraint unbilled_spending_scope check (scope in ('author', 'webhook', 'file')),
    constraint unbilled_spending_not_negative check (calls >= 0 and cost_microusd >= 0)
);
comment on table public.unbilled_spending is 'What model calls cost us for which no use was taken, by UTC day and whom it was for. Kept 92 days.';
comment on column public.unbilled_spending.day is 'UTC day.';
comment on column public.unbilled_spending.scope is 'author, webhook or file: each such call counts in all three.';
comment on column public.unbilled_spending.scope_key is 'Figma id of the author, id of the webhook, key of the file.';
comment on column public.unbilled_spending.calls is 'Answers whose model was asked and whose use was not taken.';
comment on column public.unbilled_spending.cost_microusd is 'Micro-dollars; a call without a known price counts as private.unknown_call_microusd().';
comment on column public.unbilled_spending.last_at is 'When the last of them ended.';

alter table public.usage_logs add column unknown_calls integer not null default 0;
comment on column public.usage_logs.unknown_calls is 'Model calls of this run that may have been billed without our being told (a time-out, a lost worker): cost_microusd is without them.';
grant select (unknown_calls) on public.usage_logs to authenticated;

alter table public.use_receipts drop constraint use_receipts_state;
alter table public.use_receipts add constraint use_receipts_state
    check (state in ('reserved', 'settled', 'released', 'withdrawn')) not valid;
alter table public.use_receipts validate constraint use_receipts_state;
comment on column public.use_receipts.reason is 'Why it was released or withdrawn.';
comment on column public.use_receipts.closed_at is 'When settled, released or withdrawn.';
comment on column public.use_receipts.state is 'reserved before the work; settled against the posted reply; released: given back; withdrawn: taken, because the comment was withdrawn after the model had been asked.';

do $$
declare
    v_table text;
begin
    foreach v_table in array array['webhook_refusals', 'webhook_files', 'author_limits', 'unbilled_spending'] loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('revoke all on public.%I from public, anon, authenticated', v_table);
        execute format('grant select, insert, update, delete on public.%I to service_role', v_table);
    end loop;
end;
$$;
grant select on public.webhook_refusals, public.webhook_files, public.author_limits to authenticated;
create policy webhook_refusals_select on public.webhook_refusals for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
create policy webhook_files_select on public.webhook_files for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
create policy author_limits_select on public.author_limits for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
grant select on public.unbilled_spending to authenticated;
create policy unbilled_spending_select on public.unbilled_spending for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));
-- file: 0030_token_classes_and_tiers.sql
-- A call costs what each kind of its tokens costs, at the service tier that answered: both are kept, priced and summed.

alter table public.usage_logs
    add column cache_write_tokens bigint not null default 0,
    add column token_classes jsonb not null default '{}',
    add column service_tier text not null default 'standard',
    -- Not valid: the rows there are have the defaults, and a long ledger is not read for it.
    add constraint usage_logs_token_classes check (
        cache_write_tokens >= 0 and jsonb_typeof(token_classes) = 'object' and service_tier <> ''
    ) not valid;
comment on column public.usage_logs.cache_write_tokens is 'Part of input written to the provider''s cache.';
comment on column public.usage_logs.token_classes is 'What else has a price of its own, by the price library''s names ({"input_audio_tokens": 12}): parts of input, cached input, cache writes or output, each counted once.';
comment on column public.usage_logs.service_tier is 'The tier that served the call: standard, or as the answer named it (flex, priority, batch …); mixed when several calls differ.';

do $$
declare
    v_table text;
begin
    foreach v_table in array array[
        'usage_hourly', 'usage_daily', 'usage_hourly_teams', 'ai_cost_hourly', 'ai_cost_daily', 'ai_cost_daily_users',
        'ai_cost_hourly_teams', 'billing_usage'
    ] loop
        execute format('alter table public.%I add column cache_write_tokens bigint not null default 0', v_table);
        execute format(
            'comment on column public.%I.cache_write_tokens is %L', v_table,
            'Part of input written to the provider''s cache.'
        );
    end loop;
    foreach v_table in array array['model_prices', 'repricings'] loop
        execute format(
            'alter table public.%I'
            ' add column cache_write_microusd_per_million bigint,'
            ' add column class_microusd_per_million jsonb not null default ''{}'','
            ' add column service_tier text not null default ''standard'','
            ' add constraint %I check (coalesce(cache_write_microusd_per_million, 0) >= 0'
            ' and jsonb_typeof(class_microusd_per_million) = ''object'' and service_tier <> '''')',
            v_table, v_table || '_classes'
        );
        execute format(
            'comment on column public.%I.cache_write_microusd_per_million is %L', v_table,
            'Micro-dollars per million tokens written to the provider''s cache; NULL: such calls have no price here.'
        );
        execute format(
            'comment on column public.%I.class_microusd_per_million is %L', v_table,
            'Micro-dollars per million of each other class of usage_logs.token_classes; a class that is missing has no price here.'
        );
        execute format(
            'comment on column public.%I.service_tier is %L', v_table,
            'The service tier the price is for, as in usage_logs.'
        );
    end loop;
end;
$$;

alter table public.adjustments add column service_tier text not null default 'standard';
comment on column public.adjustments.service_tier is 'As in usage_logs: the tier that was priced anew.';
-- file: 0033_reads_by_role.sql
-- Every operator could read the company's money and the growth of its people in these tables, whatever pages their role
-- has. Now a table is for the roles whose pages need its rows: what other roles need of its columns they get from the
-- views in functions/access.sql, as row level security cannot hide columns from a role.

do $$
declare
    v_read record;
begin
    for v_read in
        select unnest(tables) as name, roles
        from (values
            -- Money beside people, by hour and day: the overview. Who is active in which period: growth.
            (array['usage_hourly', 'usage_daily', 'usage_hourly_teams', 'usage_daily_users', 'active_periods'],
                array['founder']),
            -- What the company earns and what each answer costs it.
            (array['usage_logs', 'subscriptions', 'ai_cost_hourly', 'ai_cost_daily', 'ai_cost_hourly_teams',
                'ai_cost_daily_users'], array['founder', 'finance']),
            -- Who comes and when, what they have taken of their uses, and how they are answered.
            (array['users', 'use_balances', 'use_receipts', 'use_grants', 'reliability_daily',
                'reliability_hourly_teams'], array['founder', 'support'])
        ) as decided (tables, roles)
    loop
        execute format(
            -- With "is not null" the planner takes nearly all rows for visible, as they are for who may ask. With "="
            -- it would take one in two hundred, and plan the joins of the pages for that few.
            'alter policy %I on public.%I using ('
            '(select case when private.operator_role() = any (%L::text[]) then true end) is not null)',
            v_read.name || '_select', v_read.name, v_read.roles
        );
    end loop;
end;
$$;

-- Without subscriptions: with every change of every plan the log is the whole history of what is paid.
alter policy audit_log_select on public.audit_log
    using (case (select private.operator_role())
        when 'founder' then true
        when 'support' then table_name in (
            'answers', 'plans', 'reliability_targets', 'reporting_settings', 'teams', 'use_grants', 'user_contexts',
            'user_webhooks', 'users', 'webhook_removals'
        )
        else false
    end);

-- Names to narrow a page to, and the flags that founders set. When teams came is growth, and nobody reads it here.
revoke select on public.teams from authenticated;
grant select (id, name, feature_flags) on public.teams to authenticated;
-- file: 0034_own_sessions_and_shared_limits.sql
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
-- file: 0035_guidance_for_guests.sql
-- Guests whose questions the owner pays for get of the owner's guidance only what the owner shares. Nobody has shared
-- anything yet: from here on guests under owner_pays are answered without guidance until their owner shares some.

alter table public.user_contexts add column shared_with_guests text[] not null default '{}';
alter table public.user_contexts add constraint user_contexts_shared_with_guests check (
    shared_with_guests <@ array['brand', 'design_system_rules', 'focus_areas', 'instructions', 'language', 'tone']
    and cardinality(shared_with_guests) <= 6
);
comment on column public.user_contexts.shared_with_guests is 'Names of the fields that stand in the prompt when a guest asks and this person pays; in order of the alphabet. Whoever can comment in such a file can find out what they say. Nothing by default.';
comment on column public.user_context_versions.content is 'The fields of the context. Versions from before fields could be shared have no shared_with_guests: nothing is shared.';

alter table public.answers add column guidance text[];
comment on column public.answers.guidance is 'Names of the fields of that context that the reply was made with: of a guest''s, what the owner shared. NULL: no context applied, or the reply is from before this was kept.';
grant select (guidance) on public.answers to authenticated;

-- Replies that were drafted for guests with the whole guidance, and never posted: a replay drafts them anew.
update public.answers set draft = null
from public.users
where answers.state = 'failed' and answers.decision = 'answer' and answers.draft is not null
    and users.id = answers.payer_id and users.figma_user_id <> answers.author_figma_id;

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

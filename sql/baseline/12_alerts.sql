-- What operators are told of, and where.

create table public.alerts (
    id uuid primary key default gen_random_uuid(),
    kind text not null,
    subject text not null,
    title text not null,
    detail text not null default '',
    at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    ended_at timestamptz,
    constraint alerts_kind check (kind in ('budget', 'dead_letter', 'error_budget', 'queue_stuck', 'no_worker',
        'figma_quota', 'unpriced', 'webhook_paused', 'author_limit', 'unbilled', 'connection_lost', 'test'))
);
create index alerts_at on public.alerts (at desc);
create unique index alerts_one_open on public.alerts (kind, subject) where ended_at is null;
comment on table public.alerts is 'Something an operator should know: one row per occurrence. While it goes on the row stays open, and nothing is said again.';
comment on column public.alerts.id is 'Our id.';
comment on column public.alerts.kind is 'budget, dead_letter, error_budget, queue_stuck, no_worker, figma_quota, unpriced, webhook_paused, author_limit, unbilled, connection_lost; test: somebody pressed the button.';
comment on column public.alerts.subject is 'What it is about; at most one open alert per kind and subject.';
comment on column public.alerts.title is 'One line.';
comment on column public.alerts.detail is 'What it means and what to do, in a sentence or two.';
comment on column public.alerts.at is 'When it was noticed.';
comment on column public.alerts.seen_at is 'When it was last seen to go on.';
comment on column public.alerts.ended_at is 'When it was over, noticed ten minutes later; NULL: goes on.';
alter table public.alerts enable row level security;
revoke all on public.alerts from public, anon, authenticated;
grant select, insert, update, delete on public.alerts to service_role;
grant select on public.alerts to authenticated;
create policy alerts_select on public.alerts for select to authenticated
    using ((select private.operator_role()) = 'founder');

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
    constraint alert_channels_host check ((length(host) >= 1) and (length(host) <= 300)),
    constraint alert_channels_kind check (kind in ('webhook', 'slack')),
    constraint alert_channels_name check ((length(name) >= 1) and (length(name) <= 60)),
    constraint alert_channels_state check (state in ('on', 'off', 'removed'))
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
create trigger alert_channels_audit after insert or delete or update on public.alert_channels
    for each row execute function private.audit();
alter table public.alert_channels enable row level security;
revoke all on public.alert_channels from public, anon, authenticated;
grant select, insert, update, delete on public.alert_channels to service_role;
grant select on public.alert_channels to authenticated;
create policy alert_channels_select on public.alert_channels for select to authenticated
    using ((select private.operator_role()) = 'founder');

create table public.alert_channel_secrets (
    channel_id uuid primary key references public.alert_channels (id) on delete cascade,
    sealed text not null,
    updated_at timestamptz not null default now(),
    constraint alert_channel_secrets_length check ((length(sealed) >= 60) and (length(sealed) <= 8000))
);
comment on table public.alert_channel_secrets is 'Address and signing secret of a channel, sealed by the dashboard for the service before they are sent anywhere: the database, its logs and its backups never hold them in the clear. No dashboard role can read this table.';
comment on column public.alert_channel_secrets.channel_id is 'Whose.';
comment on column public.alert_channel_secrets.sealed is 'HPKE (RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305) of {"url", "secret"} as base64, bound to the channel''s id.';
comment on column public.alert_channel_secrets.updated_at is 'When it was last replaced.';
alter table public.alert_channel_secrets enable row level security;
revoke all on public.alert_channel_secrets from public, anon, authenticated;
grant select, insert, update, delete on public.alert_channel_secrets to service_role;

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
    constraint alert_deliveries_state check (state in ('pending', 'delivered', 'failed', 'cancelled')),
    constraint alert_deliveries_once unique (alert_id, channel_id)
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
alter table public.alert_deliveries enable row level security;
revoke all on public.alert_deliveries from public, anon, authenticated;
grant select, insert, update, delete on public.alert_deliveries to service_role;
grant select on public.alert_deliveries to authenticated;
create policy alert_deliveries_select on public.alert_deliveries for select to authenticated
    using ((select private.operator_role()) = 'founder');

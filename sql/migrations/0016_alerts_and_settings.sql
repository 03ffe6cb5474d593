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

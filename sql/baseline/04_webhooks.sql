-- Figma webhooks made for designers, every delivery that reached us, and what became of them.

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
    operator_paused_at timestamptz,
    longest_pause interval,
    pauses_until timestamptz,
    paused_because text,
    lifted_at timestamptz,
    refusals_hour timestamptz,
    refusals integer not null default 0,
    constraint user_webhooks_context check (context in ('team', 'project', 'file')),
    constraint user_webhooks_guest_rule check (guest_rule in ('invite', 'owner_pays', 'ignore')),
    constraint user_webhooks_paused_because check (paused_because in ('operator', 'unconfirmed_deliveries')),
    constraint user_webhooks_state check (state in ('creating', 'active', 'paused', 'deleted'))
);
create index user_webhooks_context_id on public.user_webhooks (context_id);
create index user_webhooks_oldest on public.user_webhooks (created_at) where state <> 'deleted';
create unique index user_webhooks_one_each on public.user_webhooks (user_id, context, context_id)
    where state <> 'deleted';
comment on table public.user_webhooks is 'A Figma webhook a designer switched on: where, its state, and who pays for guests.';
comment on column public.user_webhooks.id is 'Our id.';
comment on column public.user_webhooks.user_id is 'The owner.';
comment on column public.user_webhooks.figma_webhook_id is 'Figma''s id; NULL until Figma answered or sent its PING.';
comment on column public.user_webhooks.context is 'team, project or file.';
comment on column public.user_webhooks.context_id is 'Figma''s id of the team or project, or the file key.';
comment on column public.user_webhooks.label is 'Name shown to the owner.';
comment on column public.user_webhooks.passcode_encrypted is 'The passcode Figma echoes in each delivery, encrypted.';
comment on column public.user_webhooks.passcode_hash is 'Keyed hash of the passcode: finds a webhook whose PING arrives before Figma told us its id.';
comment on column public.user_webhooks.state is 'creating, active, paused or deleted.';
comment on column public.user_webhooks.guest_rule is 'What happens when somebody who is not connected asks: invite, owner_pays or ignore.';
comment on column public.user_webhooks.created_at is 'When it was asked for.';
comment on column public.user_webhooks.confirmed_at is 'When Figma''s PING with the right passcode arrived.';
comment on column public.user_webhooks.last_event_at is 'Last delivery, to within five seconds.';
comment on column public.user_webhooks.deleted_at is 'When it was switched off.';
comment on column public.user_webhooks.operator_paused_at is 'When an operator paused it here; Figma goes on sending. Only an operator ends it: deleting the webhook does not. Null when its owner paused it, or nobody.';
comment on column public.user_webhooks.longest_pause is 'Longest pause between hours with events in the 28 days before pauses_until; NULL with fewer than 5 such hours.';
comment on column public.user_webhooks.pauses_until is 'The last event when longest_pause was measured: once the webhook had been quiet for a day.';
comment on column public.user_webhooks.paused_because is 'Why it is paused on our side (operator_paused_at): operator, or unconfirmed_deliveries: it delivered too much that Figma does not confirm. NULL while it is not.';
comment on column public.user_webhooks.lifted_at is 'When an operator last ended a pause: what had arrived by then counts towards no other.';
comment on column public.user_webhooks.refusals_hour is 'The UTC hour of refusals.';
comment on column public.user_webhooks.refusals is 'Deliveries that Figma did not confirm in that hour and that count towards a pause.';
create trigger user_webhooks_audit after update on public.user_webhooks
    for each row when (((old.state is distinct from new.state) or (old.guest_rule is distinct from new.guest_rule)
    or (old.operator_paused_at is distinct from new.operator_paused_at)))
    execute function private.audit('passcode_encrypted', 'passcode_hash', 'label');
alter table public.user_webhooks enable row level security;
revoke all on public.user_webhooks from public, anon, authenticated;
grant select, insert, update, delete on public.user_webhooks to service_role;
grant select (id, user_id, figma_webhook_id, context, context_id, label, state, guest_rule, created_at, confirmed_at,
    last_event_at, deleted_at, operator_paused_at, longest_pause, pauses_until, paused_because, lifted_at,
    refusals_hour, refusals) on public.user_webhooks to authenticated;
create policy user_webhooks_select on public.user_webhooks for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

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
    constraint webhook_deliveries_outcome check (outcome in ('queued', 'duplicate', 'ignored', 'own_reply', 'ping',
        'paused', 'other_event', 'unreadable', 'foreign_file')),
    constraint webhook_deliveries_once unique (webhook_id, event_type, event_key)
);
create index webhook_deliveries_answer_id on public.webhook_deliveries (answer_id);
-- What one person wrote, found without reading a month of everybody's deliveries: for deleting their account.
create index webhook_deliveries_author on public.webhook_deliveries ((((payload -> 'triggered_by') ->> 'id')));
create index webhook_deliveries_received_at on public.webhook_deliveries (received_at desc);
comment on table public.webhook_deliveries is 'Every delivery of a known webhook, without its passcode, and what became of it. Kept 30 days.';
comment on column public.webhook_deliveries.id is 'Order of arrival.';
comment on column public.webhook_deliveries.webhook_id is 'The webhook it came from.';
comment on column public.webhook_deliveries.event_type is 'Figma''s name of the event.';
comment on column public.webhook_deliveries.event_key is 'What makes a redelivery the same event: the comment id, else the event''s timestamp.';
comment on column public.webhook_deliveries.outcome is 'queued: job made; duplicate: another delivery had made it; ignored: not addressed to the buddy; foreign_file: of a file that the webhook does not speak for.';
comment on column public.webhook_deliveries.payload is 'The body without its passcode. Granted to no operator.';
comment on column public.webhook_deliveries.redelivered is 'How often the same event came again.';
comment on column public.webhook_deliveries.answer_id is 'The answer it led to, if any.';
comment on column public.webhook_deliveries.request_id is 'Request id of its first arrival.';
comment on column public.webhook_deliveries.received_at is 'First arrival.';
comment on column public.webhook_deliveries.last_received_at is 'Latest arrival.';
alter table public.webhook_deliveries enable row level security;
revoke all on public.webhook_deliveries from public, anon, authenticated;
grant select, insert, update, delete on public.webhook_deliveries to service_role;
grant select (id, webhook_id, event_type, event_key, outcome, redelivered, answer_id, request_id, received_at,
    last_received_at) on public.webhook_deliveries to authenticated;
create policy webhook_deliveries_select on public.webhook_deliveries for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.webhook_removals (
    id uuid primary key references public.user_webhooks (id) on delete cascade,
    user_id uuid not null references public.users (id) on delete cascade,
    asked_at timestamptz not null default now(),
    tries integer not null default 0,
    problem text not null default '',
    outcome text,
    closed_at timestamptz,
    constraint webhook_removals_closed check ((outcome is null) = (closed_at is null)),
    constraint webhook_removals_outcome check (outcome in ('removed', 'taken_over', 'left'))
);
create index webhook_removals_open on public.webhook_removals (asked_at) where outcome is null;
create index webhook_removals_user_id on public.webhook_removals (user_id);
comment on table public.webhook_removals is 'Webhooks to be removed at Figma after their owner removed them here or deleted the account, and what came of it.';
comment on column public.webhook_removals.id is 'The webhook.';
comment on column public.webhook_removals.user_id is 'Who removed it, or whose account was deleted.';
comment on column public.webhook_removals.asked_at is 'When it was removed here, or the account was deleted. Seven days later it is given up.';
comment on column public.webhook_removals.tries is 'How often Figma was asked in vain.';
comment on column public.webhook_removals.problem is 'Why it is not removed yet, or why it was left, as a sentence for operators.';
comment on column public.webhook_removals.outcome is 'removed (also: was gone already), taken_over (somebody switched the buddy on there again, with this webhook), or left at Figma; NULL while it is tried.';
comment on column public.webhook_removals.closed_at is 'When it ended.';
create trigger webhook_removals_audit after update on public.webhook_removals
    for each row when ((old.outcome is distinct from new.outcome)) execute function private.audit();
alter table public.webhook_removals enable row level security;
revoke all on public.webhook_removals from public, anon, authenticated;
grant select, insert, update, delete on public.webhook_removals to service_role;
grant select on public.webhook_removals to authenticated;
create policy webhook_removals_select on public.webhook_removals for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

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
alter table public.webhook_files enable row level security;
revoke all on public.webhook_files from public, anon, authenticated;
grant select, insert, update, delete on public.webhook_files to service_role;
grant select on public.webhook_files to authenticated;
create policy webhook_files_select on public.webhook_files for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

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
alter table public.webhook_refusals enable row level security;
revoke all on public.webhook_refusals from public, anon, authenticated;
grant select, insert, update, delete on public.webhook_refusals to service_role;
grant select on public.webhook_refusals to authenticated;
create policy webhook_refusals_select on public.webhook_refusals for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

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
alter table public.webhook_hourly enable row level security;
revoke all on public.webhook_hourly from public, anon, authenticated;
grant select, insert, update, delete on public.webhook_hourly to service_role;
grant select on public.webhook_hourly to authenticated;
create policy webhook_hourly_select on public.webhook_hourly for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

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

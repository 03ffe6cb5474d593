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

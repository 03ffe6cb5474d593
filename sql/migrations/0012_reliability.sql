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

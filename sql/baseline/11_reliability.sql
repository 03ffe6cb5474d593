-- How well it goes: targets, how long answers take and what fails, providers, and the queue.

create table public.reliability_targets (
    code text primary key,
    target numeric not null,
    threshold_ms bigint,
    updated_at timestamptz not null default now(),
    constraint reliability_targets_code check (code in ('answered', 'in_time')),
    constraint reliability_targets_longest check (threshold_ms <= 1440000),
    constraint reliability_targets_target check ((target > (0)::numeric) and (target < (1)::numeric)),
    constraint reliability_targets_threshold check (((code = 'in_time') = (threshold_ms is not null))
        and (threshold_ms > 0))
);
comment on table public.reliability_targets is 'Service level objectives: which share of comments has to be answered, and which share in time, over 30 days.';
comment on column public.reliability_targets.code is 'answered: with a reply; in_time: with a reply within threshold_ms of the webhook''s arrival.';
comment on column public.reliability_targets.target is 'Share from 0 to 1; what is left to 1 is the error budget.';
comment on column public.reliability_targets.threshold_ms is 'For in_time: how long an answer may take, in milliseconds; at most 24 minutes.';
comment on column public.reliability_targets.updated_at is 'When the row last changed.';
insert into public.reliability_targets (code, target, threshold_ms) values
    ('answered', 0.99, null), ('in_time', 0.95, 30000);
create trigger reliability_targets_audit after insert or delete or update on public.reliability_targets
    for each row execute function private.audit();
alter table public.reliability_targets enable row level security;
revoke all on public.reliability_targets from public, anon, authenticated;
grant select, insert, update, delete on public.reliability_targets to service_role;
grant select on public.reliability_targets to authenticated;
create policy reliability_targets_select on public.reliability_targets for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

-- Histograms are mostly zeros: compressed, all three of them, a row is a quarter as long.
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
) with (toast_tuple_target=1000);
comment on table public.reliability_daily is 'Cases by reporting day, of everybody and of each team: comments that were to be answered, answered or failed, with the times of the answered ones; kept in the ledger''s own transaction.';
comment on column public.reliability_daily.team_id is 'Team of the payer at the time of use; zeros: everybody, with a team or without.';
comment on column public.reliability_daily.day is 'Day in the reporting time zone.';
comment on column public.reliability_daily.plan_code is 'Plan at that moment.';
comment on column public.reliability_daily.error_code is 'Why it failed; empty for the answered ones.';
comment on column public.reliability_daily.answered is 'Comments answered.';
comment on column public.reliability_daily.without_model is 'Those of them answered from measured facts alone.';
comment on column public.reliability_daily.failed is 'Runs that had a use reserved and ended without a reply and without a charge.';
comment on column public.reliability_daily.latency_histogram is 'From webhook to reply, of the answered ones: 84 counts, buckets as in usage_hourly.';
comment on column public.reliability_daily.model_latency_histogram is 'Time spent waiting for models, likewise; zero times are left out.';
comment on column public.reliability_daily.figma_latency_histogram is 'Time spent in calls to Figma, likewise; zero times are left out.';
alter table public.reliability_daily enable row level security;
revoke all on public.reliability_daily from public, anon, authenticated;
grant select, insert, update, delete on public.reliability_daily to service_role;
grant select on public.reliability_daily to authenticated;
create policy reliability_daily_select on public.reliability_daily for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

-- As above: compressed.
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
) with (toast_tuple_target=1000);
comment on table public.reliability_hourly_teams is 'As reliability_daily, by UTC hour.';
comment on column public.reliability_hourly_teams.team_id is 'Team of the payer at the time of use; zeros: everybody, with a team or without. No foreign key: the row outlives the team.';
comment on column public.reliability_hourly_teams.hour is 'Start of the UTC hour.';
comment on column public.reliability_hourly_teams.plan_code is 'Plan at that moment.';
comment on column public.reliability_hourly_teams.error_code is 'Why it failed; empty for the answered ones.';
comment on column public.reliability_hourly_teams.answered is 'Comments answered.';
comment on column public.reliability_hourly_teams.without_model is 'Those of them answered from measured facts alone.';
comment on column public.reliability_hourly_teams.failed is 'Runs that had a use reserved and ended without a reply and without a charge.';
comment on column public.reliability_hourly_teams.latency_histogram is 'From webhook to reply, of the answered ones: 84 counts, buckets as in usage_hourly.';
comment on column public.reliability_hourly_teams.model_latency_histogram is 'Time spent waiting for models, likewise; zero times are left out.';
comment on column public.reliability_hourly_teams.figma_latency_histogram is 'Time spent in calls to Figma, likewise; zero times are left out.';
alter table public.reliability_hourly_teams enable row level security;
revoke all on public.reliability_hourly_teams from public, anon, authenticated;
grant select, insert, update, delete on public.reliability_hourly_teams to service_role;
grant select on public.reliability_hourly_teams to authenticated;
create policy reliability_hourly_teams_select on public.reliability_hourly_teams for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

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
alter table public.provider_hourly enable row level security;
revoke all on public.provider_hourly from public, anon, authenticated;
grant select, insert, update, delete on public.provider_hourly to service_role;
grant select on public.provider_hourly to authenticated;
create policy provider_hourly_select on public.provider_hourly for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

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
comment on column public.queue_samples.oldest_seconds is 'For how long the oldest answer queued or in work could have been taken, in seconds.';
comment on column public.queue_samples.workers is 'Workers whose heartbeat was younger than 30 seconds.';
alter table public.queue_samples enable row level security;
revoke all on public.queue_samples from public, anon, authenticated;
grant select, insert, update, delete on public.queue_samples to service_role;
grant select on public.queue_samples to authenticated;
create policy queue_samples_select on public.queue_samples for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

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
comment on column public.queue_hourly.oldest_seconds is 'The longest of queue_samples.oldest_seconds.';
comment on column public.queue_hourly.workers is 'Fewest live workers.';
comment on column public.queue_hourly.samples is 'Minutes that were sampled.';
alter table public.queue_hourly enable row level security;
revoke all on public.queue_hourly from public, anon, authenticated;
grant select, insert, update, delete on public.queue_hourly to service_role;
grant select on public.queue_hourly to authenticated;
create policy queue_hourly_select on public.queue_hourly for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

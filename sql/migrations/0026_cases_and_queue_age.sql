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

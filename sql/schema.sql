-- The schema as it stands, to be read: every table and view with what belongs to it, and every
-- function's signature with who may call it. `make schema` writes it from sql/migrations and
-- sql/functions; change those.

create table public.active_periods (
    user_id uuid not null,
    step text not null,
    period date not null,
    plan_code text not null,
    team_id uuid,
    answers bigint not null,
    is_counted boolean not null default false,
    constraint active_periods_step check (step in ('day', 'week', 'month')),
    constraint active_periods_pkey primary key (user_id, step, period)
);
comment on table public.active_periods is 'The days, weeks and months in which somebody got at least one answer to a comment.';
comment on column public.active_periods.user_id is 'Who paid for the answer.';
comment on column public.active_periods.step is 'day, week or month, in the reporting time zone.';
comment on column public.active_periods.period is 'First day of the period.';
comment on column public.active_periods.plan_code is 'Plan at the first answer of the period.';
comment on column public.active_periods.team_id is 'Team at the first answer of the period; NULL: none.';
comment on column public.active_periods.answers is 'Answers got. Kept for days only; 0 for weeks and months.';
comment on column public.active_periods.is_counted is 'Whether growth_counts knows this row.';
create index active_periods_period on public.active_periods (step, period);
create index active_periods_uncounted on public.active_periods (user_id) where (not is_counted);
alter table public.active_periods enable row level security;
create policy active_periods_select on public.active_periods for select to authenticated using ((( select case when (private.operator_role() = any ('{founder}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.active_periods to service_role;
grant select on public.active_periods to authenticated;

create table public.activity (
    id bigint generated always as identity,
    at timestamptz not null default now(),
    user_id uuid,
    kind text not null,
    detail jsonb not null default '{}'::jsonb,
    constraint activity_kind check (kind in ('sign_up', 'sign_in', 'webhook_made', 'webhook_paused', 'webhook_resumed', 'webhook_deleted', 'context_saved', 'first_answer', 'answered', 'refused', 'trial_used_up', 'plan_changed', 'account_deleted')),
    constraint activity_pkey primary key (id)
);
comment on table public.activity is 'What people did and when: growth and retention are counted from here.';
comment on column public.activity.id is 'Order of writing.';
comment on column public.activity.at is 'When it happened.';
comment on column public.activity.user_id is 'Who did it; no foreign key, the row outlives the account.';
comment on column public.activity.kind is 'What happened, from the listed kinds.';
comment on column public.activity.detail is 'Facts about it, without anybody''s words.';
create index activity_kind_at on public.activity (kind, at desc);
create index activity_story on public.activity (user_id, at desc) where (kind <> all (array['answered', 'refused']));
create index activity_user on public.activity (user_id, at desc);
create trigger activity_growth after insert on public.activity for each row when (((new.kind in ('context_saved', 'webhook_made')) and (new.user_id is not null))) execute function private.count_activity();
alter table public.activity enable row level security;
create policy activity_select on public.activity for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.activity to service_role;
grant select on public.activity to authenticated;

create table public.adjustments (
    id bigint generated always as identity,
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
    repricing_id uuid,
    actor text not null,
    reason text not null,
    service_tier text not null default 'standard',
    constraint adjustments_kind check (kind = 'ai_cost'),
    constraint adjustments_once unique (kind, key),
    constraint adjustments_pkey primary key (id),
    constraint adjustments_repricing_id_fkey foreign key (repricing_id) references public.repricings(id)
);
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
comment on column public.adjustments.service_tier is 'As in usage_logs: the tier that was priced anew.';
create index adjustments_for_at on public.adjustments (for_at);
create index adjustments_model on public.adjustments (provider, model, for_at) where (kind = 'ai_cost');
create index adjustments_repricing on public.adjustments (repricing_id);
create trigger adjustments_ai_cost after insert on public.adjustments referencing new table as written for each statement execute function private.roll_up_adjustments();
create trigger adjustments_book after insert on public.adjustments referencing new table as new_rows for each statement execute function private.book_repricing();
create trigger adjustments_immutable before delete or update on public.adjustments for each row execute function private.refuse_change();
create trigger adjustments_not_truncated before truncate on public.adjustments for each statement execute function private.refuse_change();
alter table public.adjustments enable row level security;
create policy adjustments_select on public.adjustments for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant select on public.adjustments to authenticated;
grant select, insert, references, trigger on public.adjustments to service_role;

create table public.advice_contexts_daily (
    day date not null,
    name text not null,
    plan_code text not null,
    outcome text not null,
    answers bigint not null,
    constraint advice_contexts_daily_outcome check (outcome in ('taken', 'ignored', 'disputed', 'unknown')),
    constraint advice_contexts_daily_pkey primary key (day, name, plan_code, outcome)
);
comment on table public.advice_contexts_daily is 'Sums of advice_hourly of everybody by context and UTC day. A day is counted once it is over; later days than the last one here are read by hour, and so are single teams. Kept for 400 days.';
comment on column public.advice_contexts_daily.day is 'UTC day on which the answers were settled.';
comment on column public.advice_contexts_daily.name is 'Person and version of a context, as in advice_hourly.';
comment on column public.advice_contexts_daily.plan_code is 'Plan at that moment.';
comment on column public.advice_contexts_daily.outcome is 'As in advice_outcomes.';
comment on column public.advice_contexts_daily.answers is 'How many.';
alter table public.advice_contexts_daily enable row level security;
create policy advice_contexts_daily_select on public.advice_contexts_daily for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.advice_contexts_daily to service_role;
grant select on public.advice_contexts_daily to authenticated;

create table public.advice_daily (
    team_id uuid not null,
    kind text not null,
    day date not null,
    plan_code text not null,
    name text not null,
    outcome text not null,
    answers bigint not null,
    constraint advice_daily_kind check (kind in ('rule', 'model')),
    constraint advice_daily_outcome check (outcome in ('taken', 'ignored', 'disputed', 'unknown')),
    constraint advice_daily_pkey primary key (team_id, kind, day, plan_code, name, outcome)
);
comment on table public.advice_daily is 'Answers by what became of their advice and by UTC day, by rule and by model: the sums of advice_hourly, kept up by its trigger. Kept for 400 days.';
comment on column public.advice_daily.team_id is 'As in advice_hourly.';
comment on column public.advice_daily.kind is 'By what: rule, model.';
comment on column public.advice_daily.day is 'UTC day on which the answers were settled.';
comment on column public.advice_daily.plan_code is 'Plan at that moment.';
comment on column public.advice_daily.name is 'Rule; provider and model.';
comment on column public.advice_daily.outcome is 'As in advice_outcomes.';
comment on column public.advice_daily.answers is 'How many; of a rule: answers that told of its problems.';
alter table public.advice_daily enable row level security;
create policy advice_daily_select on public.advice_daily for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.advice_daily to service_role;
grant select on public.advice_daily to authenticated;

create table public.advice_hourly (
    team_id uuid not null,
    kind text not null,
    hour timestamptz not null,
    plan_code text not null,
    name text not null,
    outcome text not null,
    answers bigint not null,
    constraint advice_hourly_kind check (kind in ('answer', 'rule', 'model', 'context')),
    constraint advice_hourly_outcome check (outcome in ('taken', 'ignored', 'disputed', 'unknown')),
    constraint advice_hourly_pkey primary key (team_id, kind, hour, plan_code, name, outcome)
);
comment on table public.advice_hourly is 'Answers by what became of their advice and by UTC hour, of everybody and of each team. Kept for 400 days.';
comment on column public.advice_hourly.team_id is 'Team of the payer at the time of use; zeros: everybody, with a team or without. No foreign key: the row outlives the team.';
comment on column public.advice_hourly.kind is 'By what: answer (all), rule, model, context.';
comment on column public.advice_hourly.hour is 'Start of the UTC hour in which the answers were settled.';
comment on column public.advice_hourly.plan_code is 'Plan at that moment.';
comment on column public.advice_hourly.name is 'Rule; provider and model; person and version of a context; empty for all.';
comment on column public.advice_hourly.outcome is 'As in advice_outcomes.';
comment on column public.advice_hourly.answers is 'How many; of a rule: answers that told of its problems.';
create index advice_hourly_known on public.advice_hourly (team_id, kind, hour) where (outcome <> 'unknown');
create index advice_hourly_name on public.advice_hourly (team_id, name, hour) where ((kind = 'context') and (outcome = 'unknown'));
create trigger advice_hourly_days after insert or update on public.advice_hourly for each row when ((new.kind <> 'answer')) execute function private.add_advice_day();
alter table public.advice_hourly enable row level security;
create policy advice_hourly_select on public.advice_hourly for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.advice_hourly to service_role;
grant select on public.advice_hourly to authenticated;

create table public.advice_outcomes (
    answer_id uuid not null,
    settled_at timestamptz not null,
    file_key text not null,
    team_id uuid,
    plan_code text not null default '',
    provider text not null default '',
    model text not null default '',
    context_user_id uuid,
    context_version integer not null default 0,
    resolved_at timestamptz,
    thumbs_up integer not null default 0,
    thumbs_down integer not null default 0,
    follow_ups integer not null default 0,
    measured_round smallint,
    outcome text,
    because text not null default '',
    constraint advice_outcomes_outcome check (outcome in ('taken', 'ignored', 'disputed', 'unknown')),
    constraint advice_outcomes_round check (measured_round in (1, 7)),
    constraint advice_outcomes_pkey primary key (answer_id)
);
comment on table public.advice_outcomes is 'What became of the advice of each answer, without words. Kept for 400 days.';
comment on column public.advice_outcomes.answer_id is 'The answer. No foreign key: answers are never deleted as rows.';
comment on column public.advice_outcomes.settled_at is 'When the answer was settled: its figures count in this hour.';
comment on column public.advice_outcomes.file_key is 'Figma file.';
comment on column public.advice_outcomes.team_id is 'Team of the payer then.';
comment on column public.advice_outcomes.plan_code is 'Plan then.';
comment on column public.advice_outcomes.provider is 'Provider that wrote it; measured-review: written by rules.';
comment on column public.advice_outcomes.model is 'Model that wrote it.';
comment on column public.advice_outcomes.context_user_id is 'Whose guidance it went by.';
comment on column public.advice_outcomes.context_version is 'Version of that guidance; 0: none.';
comment on column public.advice_outcomes.resolved_at is 'When its thread was resolved, if that was after the reply, as last read.';
comment on column public.advice_outcomes.thumbs_up is 'Reactions with a thumb up on the reply, as last read.';
comment on column public.advice_outcomes.thumbs_down is 'Reactions with a thumb down on the reply, as last read.';
comment on column public.advice_outcomes.follow_ups is 'Further questions to the buddy in that thread after the reply, as last read.';
comment on column public.advice_outcomes.measured_round is 'The last round in which the frame was measured again: 1 or 7 days later; NULL: never.';
comment on column public.advice_outcomes.outcome is 'taken, ignored, disputed or unknown, as public.advice_course defines them; NULL: not counted yet.';
comment on column public.advice_outcomes.because is 'What decided it: measured, resolved, thumb, reaction; empty for unknown.';
create index advice_outcomes_disputed on public.advice_outcomes (settled_at desc) where (outcome = 'disputed');
create index advice_outcomes_new on public.advice_outcomes (settled_at) where (outcome is null);
create index advice_outcomes_settled_at on public.advice_outcomes (settled_at);
alter table public.advice_outcomes enable row level security;
create policy advice_outcomes_select on public.advice_outcomes for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.advice_outcomes to service_role;
grant select on public.advice_outcomes to authenticated;

create table public.advice_reads (
    answer_id uuid not null,
    round smallint not null,
    file_key text not null,
    due_at timestamptz not null,
    tries integer not null default 0,
    lease_until timestamptz,
    taken_at timestamptz,
    read_at timestamptz,
    measured_at timestamptz,
    constraint advice_reads_round check (round in (1, 7)),
    constraint advice_reads_pkey primary key (answer_id, round),
    constraint advice_reads_answer_id_fkey foreign key (answer_id) references public.advice_outcomes(answer_id) on delete cascade
);
comment on table public.advice_reads is 'Later looks at the threads of answers that told of problems: one day and seven days after the reply, each once.';
comment on column public.advice_reads.answer_id is 'The answer.';
comment on column public.advice_reads.round is '1 or 7: days after the answer.';
comment on column public.advice_reads.file_key is 'Figma file: its comments are read once for all that are due in it.';
comment on column public.advice_reads.due_at is 'From when on it may be read; four days later it no longer is.';
comment on column public.advice_reads.tries is 'How often a worker began it: at most three times.';
comment on column public.advice_reads.lease_until is 'Until when one worker has it.';
comment on column public.advice_reads.taken_at is 'When a worker last began it.';
comment on column public.advice_reads.read_at is 'When the comments were read and kept.';
comment on column public.advice_reads.measured_at is 'When a worker was last allowed to measure the frame again for it.';
create index advice_reads_due on public.advice_reads (due_at) where (read_at is null);
create index advice_reads_file on public.advice_reads (file_key, due_at) where (read_at is null);
create index advice_reads_measured_at on public.advice_reads (measured_at) where (measured_at is not null);
create index advice_reads_taken_at on public.advice_reads (taken_at) where (taken_at is not null);
alter table public.advice_reads enable row level security;
grant all on public.advice_reads to service_role;

create table public.advice_rules (
    answer_id uuid not null,
    rule text not null,
    findings integer not null,
    gone integer not null default 0,
    still integer not null default 0,
    outcome text,
    constraint advice_rules_outcome check (outcome in ('taken', 'ignored', 'disputed', 'unknown')),
    constraint advice_rules_pkey primary key (answer_id, rule),
    constraint advice_rules_answer_id_fkey foreign key (answer_id) references public.advice_outcomes(answer_id) on delete cascade
);
comment on table public.advice_rules is 'The problems that an answer told of, by rule, and what became of them.';
comment on column public.advice_rules.answer_id is 'The answer.';
comment on column public.advice_rules.rule is 'Id of the measuring rule.';
comment on column public.advice_rules.findings is 'Problems that it measured then.';
comment on column public.advice_rules.gone is 'Those that were gone when last measured again.';
comment on column public.advice_rules.still is 'Those that were still there.';
comment on column public.advice_rules.outcome is 'As in advice_outcomes, of this rule''s findings.';
alter table public.advice_rules enable row level security;
create policy advice_rules_select on public.advice_rules for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.advice_rules to service_role;
grant select on public.advice_rules to authenticated;

create table public.advice_thumbs (
    answer_id uuid not null,
    author_figma_id text not null,
    thumb_answer_id uuid not null,
    is_good boolean not null,
    at timestamptz not null default now(),
    is_counted boolean not null default false,
    constraint advice_thumbs_pkey primary key (answer_id, author_figma_id)
);
comment on table public.advice_thumbs is 'The last "good" or "bad" of each person about an answer, without words: a reason stands in the comment alone. Kept for 400 days.';
comment on column public.advice_thumbs.answer_id is 'The answer that it is about: the last in its thread. No foreign key: answers are never deleted as rows.';
comment on column public.advice_thumbs.author_figma_id is 'Figma id of who wrote it.';
comment on column public.advice_thumbs.thumb_answer_id is 'The comment that says so: its row in answers has the words.';
comment on column public.advice_thumbs.is_good is 'Whether it was "good".';
comment on column public.advice_thumbs.at is 'When it was decided.';
comment on column public.advice_thumbs.is_counted is 'Whether the outcome of the answer reckons with it.';
create index advice_thumbs_at on public.advice_thumbs (at);
create index advice_thumbs_author on public.advice_thumbs (author_figma_id);
create index advice_thumbs_new on public.advice_thumbs (at) where (not is_counted);
alter table public.advice_thumbs enable row level security;
create policy advice_thumbs_select on public.advice_thumbs for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.advice_thumbs to service_role;
grant select (answer_id, thumb_answer_id, is_good, at, is_counted) on public.advice_thumbs to authenticated;

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
    cache_write_tokens bigint not null default 0,
    constraint ai_cost_daily_pkey primary key (day, plan_code, feature, provider, model)
);
comment on table public.ai_cost_daily is 'ai_cost_hourly by day of the reporting time zone: whole days of long periods are read from here.';
comment on column public.ai_cost_daily.day is 'Day in the reporting time zone.';
comment on column public.ai_cost_daily.plan_code is 'Plan at that moment.';
comment on column public.ai_cost_daily.feature is 'As in usage_logs.';
comment on column public.ai_cost_daily.provider is 'As in usage_logs.';
comment on column public.ai_cost_daily.model is 'As in usage_logs; empty for the measured review.';
comment on column public.ai_cost_daily.calls is 'Ledger rows.';
comment on column public.ai_cost_daily.reported is 'Those whose cost the provider reported.';
comment on column public.ai_cost_daily.unpriced is 'Those without a price in the ledger.';
comment on column public.ai_cost_daily.newly_priced is 'Those of the unpriced that adjustments priced.';
comment on column public.ai_cost_daily.input_tokens is 'Sum of input tokens.';
comment on column public.ai_cost_daily.cached_input_tokens is 'Part of input read from the provider''s cache.';
comment on column public.ai_cost_daily.output_tokens is 'Sum of output tokens.';
comment on column public.ai_cost_daily.reasoning_tokens is 'Part of output spent on reasoning.';
comment on column public.ai_cost_daily.cost_microusd is 'Sum of the known costs of the ledger.';
comment on column public.ai_cost_daily.reported_microusd is 'Part of it reported by providers.';
comment on column public.ai_cost_daily.adjustment_microusd is 'Sum of later adjustments.';
comment on column public.ai_cost_daily.cache_write_tokens is 'Part of input written to the provider''s cache.';
alter table public.ai_cost_daily enable row level security;
create policy ai_cost_daily_select on public.ai_cost_daily for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,finance}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.ai_cost_daily to service_role;
grant select on public.ai_cost_daily to authenticated;

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
    cache_write_tokens bigint not null default 0,
    constraint ai_cost_daily_users_pkey primary key (day, user_id, team_id, plan_code)
);
comment on table public.ai_cost_daily_users is 'As ai_cost_hourly, by day of the reporting time zone, payer and team. The same calls, so both add up to the same.';
comment on column public.ai_cost_daily_users.day is 'Day in the reporting time zone.';
comment on column public.ai_cost_daily_users.user_id is 'Who paid; zeros: nobody.';
comment on column public.ai_cost_daily_users.team_id is 'Their team at that moment; zeros: none.';
comment on column public.ai_cost_daily_users.plan_code is 'Plan at that moment.';
comment on column public.ai_cost_daily_users.calls is 'Ledger rows.';
comment on column public.ai_cost_daily_users.reported is 'Those whose cost the provider reported.';
comment on column public.ai_cost_daily_users.unpriced is 'Those without a price in the ledger.';
comment on column public.ai_cost_daily_users.newly_priced is 'Those of the unpriced that adjustments priced.';
comment on column public.ai_cost_daily_users.input_tokens is 'Sum of input tokens.';
comment on column public.ai_cost_daily_users.cached_input_tokens is 'Part of input read from the provider''s cache.';
comment on column public.ai_cost_daily_users.output_tokens is 'Sum of output tokens.';
comment on column public.ai_cost_daily_users.reasoning_tokens is 'Part of output spent on reasoning.';
comment on column public.ai_cost_daily_users.cost_microusd is 'Sum of the known costs of the ledger.';
comment on column public.ai_cost_daily_users.reported_microusd is 'Part of it reported by providers.';
comment on column public.ai_cost_daily_users.adjustment_microusd is 'Sum of later adjustments.';
comment on column public.ai_cost_daily_users.cache_write_tokens is 'Part of input written to the provider''s cache.';
alter table public.ai_cost_daily_users enable row level security;
create policy ai_cost_daily_users_select on public.ai_cost_daily_users for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,finance}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.ai_cost_daily_users to service_role;
grant select on public.ai_cost_daily_users to authenticated;

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
    cache_write_tokens bigint not null default 0,
    constraint ai_cost_hourly_pkey primary key (hour, plan_code, feature, provider, model)
);
comment on table public.ai_cost_hourly is 'Model calls of the ledger and their adjustments by UTC hour, kept in the same transaction. Rows without a provider and without a cost are left out.';
comment on column public.ai_cost_hourly.hour is 'Start of the UTC hour.';
comment on column public.ai_cost_hourly.plan_code is 'Plan at that moment.';
comment on column public.ai_cost_hourly.feature is 'As in usage_logs.';
comment on column public.ai_cost_hourly.provider is 'As in usage_logs.';
comment on column public.ai_cost_hourly.model is 'As in usage_logs; empty for the measured review.';
comment on column public.ai_cost_hourly.calls is 'Ledger rows.';
comment on column public.ai_cost_hourly.reported is 'Those whose cost the provider reported.';
comment on column public.ai_cost_hourly.unpriced is 'Those without a price in the ledger.';
comment on column public.ai_cost_hourly.newly_priced is 'Those of the unpriced that adjustments priced.';
comment on column public.ai_cost_hourly.input_tokens is 'Sum of input tokens.';
comment on column public.ai_cost_hourly.cached_input_tokens is 'Part of input read from the provider''s cache.';
comment on column public.ai_cost_hourly.output_tokens is 'Sum of output tokens.';
comment on column public.ai_cost_hourly.reasoning_tokens is 'Part of output spent on reasoning.';
comment on column public.ai_cost_hourly.cost_microusd is 'Sum of the known costs of the ledger.';
comment on column public.ai_cost_hourly.reported_microusd is 'Part of it reported by providers.';
comment on column public.ai_cost_hourly.adjustment_microusd is 'Sum of later adjustments.';
comment on column public.ai_cost_hourly.cache_write_tokens is 'Part of input written to the provider''s cache.';
alter table public.ai_cost_hourly enable row level security;
create policy ai_cost_hourly_select on public.ai_cost_hourly for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,finance}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.ai_cost_hourly to service_role;
grant select on public.ai_cost_hourly to authenticated;

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
    cache_write_tokens bigint not null default 0,
    constraint ai_cost_hourly_teams_pkey primary key (team_id, hour, plan_code, feature, provider, model)
);
comment on table public.ai_cost_hourly_teams is 'ai_cost_hourly by team of the payer at the time of use. Calls of people without a team are left out.';
comment on column public.ai_cost_hourly_teams.team_id is 'Team of the payer at the time of use. No foreign key: the row outlives the team.';
comment on column public.ai_cost_hourly_teams.hour is 'Start of the UTC hour.';
comment on column public.ai_cost_hourly_teams.plan_code is 'Plan at that moment.';
comment on column public.ai_cost_hourly_teams.feature is 'As in usage_logs.';
comment on column public.ai_cost_hourly_teams.provider is 'As in usage_logs.';
comment on column public.ai_cost_hourly_teams.model is 'As in usage_logs; empty for the measured review.';
comment on column public.ai_cost_hourly_teams.calls is 'Ledger rows.';
comment on column public.ai_cost_hourly_teams.reported is 'Those whose cost the provider reported.';
comment on column public.ai_cost_hourly_teams.unpriced is 'Those without a price in the ledger.';
comment on column public.ai_cost_hourly_teams.newly_priced is 'Those of the unpriced that adjustments priced.';
comment on column public.ai_cost_hourly_teams.input_tokens is 'Sum of input tokens.';
comment on column public.ai_cost_hourly_teams.cached_input_tokens is 'Part of input read from the provider''s cache.';
comment on column public.ai_cost_hourly_teams.output_tokens is 'Sum of output tokens.';
comment on column public.ai_cost_hourly_teams.reasoning_tokens is 'Part of output spent on reasoning.';
comment on column public.ai_cost_hourly_teams.cost_microusd is 'Sum of the known costs of the ledger.';
comment on column public.ai_cost_hourly_teams.reported_microusd is 'Part of it reported by providers.';
comment on column public.ai_cost_hourly_teams.adjustment_microusd is 'Sum of later adjustments.';
comment on column public.ai_cost_hourly_teams.cache_write_tokens is 'Part of input written to the provider''s cache.';
alter table public.ai_cost_hourly_teams enable row level security;
create policy ai_cost_hourly_teams_select on public.ai_cost_hourly_teams for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,finance}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.ai_cost_hourly_teams to service_role;
grant select on public.ai_cost_hourly_teams to authenticated;

create table public.alert_channel_secrets (
    channel_id uuid not null,
    sealed text not null,
    updated_at timestamptz not null default now(),
    constraint alert_channel_secrets_length check ((length(sealed) >= 60) and (length(sealed) <= 8000)),
    constraint alert_channel_secrets_pkey primary key (channel_id),
    constraint alert_channel_secrets_channel_id_fkey foreign key (channel_id) references public.alert_channels(id) on delete cascade
);
comment on table public.alert_channel_secrets is 'Address and signing secret of a channel, sealed by the dashboard for the service before they are sent anywhere: the database, its logs and its backups never hold them in the clear. No dashboard role can read this table.';
comment on column public.alert_channel_secrets.channel_id is 'Whose.';
comment on column public.alert_channel_secrets.sealed is 'HPKE (RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305) of {"url", "secret"} as base64, bound to the channel''s id.';
comment on column public.alert_channel_secrets.updated_at is 'When it was last replaced.';
alter table public.alert_channel_secrets enable row level security;
grant all on public.alert_channel_secrets to service_role;

create table public.alert_channels (
    id uuid not null,
    kind text not null,
    name text not null,
    host text not null,
    kinds text[] not null,
    state text not null default 'on',
    state_reason text not null default '',
    version integer not null default 1,
    created_at timestamptz not null default now(),
    constraint alert_channels_host check ((length(host) >= 1) and (length(host) <= 300)),
    constraint alert_channels_kind check (kind in ('webhook', 'slack', 'mail')),
    constraint alert_channels_name check ((length(name) >= 1) and (length(name) <= 60)),
    constraint alert_channels_state check (state in ('on', 'off', 'removed')),
    constraint alert_channels_pkey primary key (id)
);
comment on table public.alert_channels is 'Where alerts go. The address and the signing secret are in alert_channel_secrets.';
comment on column public.alert_channels.id is 'Chosen by who makes it; the sealed address is bound to it.';
comment on column public.alert_channels.kind is 'webhook: signed per Standard Webhooks (https://www.standardwebhooks.com); slack: {"text": …} to an incoming webhook; mail: over SMTP_URL.';
comment on column public.alert_channels.name is 'What operators call it.';
comment on column public.alert_channels.host is 'Host of its address, to know it by. The rest of a Slack address is a secret; of an address of mail the part after the @.';
comment on column public.alert_channels.kinds is 'Which kinds of alerts it wants.';
comment on column public.alert_channels.state is 'on; off: gets nothing; removed: its address is forgotten, its deliveries stay readable.';
comment on column public.alert_channels.state_reason is 'Why it was switched off, if the service did so.';
comment on column public.alert_channels.version is 'Counts changes; a change must name the version it saw.';
comment on column public.alert_channels.created_at is 'When it was made.';
create trigger alert_channels_audit after insert or delete or update on public.alert_channels for each row execute function private.audit();
alter table public.alert_channels enable row level security;
create policy alert_channels_select on public.alert_channels for select to authenticated using ((( select private.operator_role() as operator_role) = 'founder'));
grant all on public.alert_channels to service_role;
grant select on public.alert_channels to authenticated;

create table public.alert_deliveries (
    id uuid not null default gen_random_uuid(),
    alert_id uuid not null,
    channel_id uuid not null,
    state text not null default 'pending',
    attempts integer not null default 0,
    status smallint,
    reason text not null default '',
    created_at timestamptz not null default now(),
    lease_until timestamptz,
    next_at timestamptz not null default now(),
    closed_at timestamptz,
    constraint alert_deliveries_state check (state in ('pending', 'delivered', 'failed', 'cancelled')),
    constraint alert_deliveries_once unique (alert_id, channel_id),
    constraint alert_deliveries_pkey primary key (id),
    constraint alert_deliveries_alert_id_fkey foreign key (alert_id) references public.alerts(id) on delete cascade,
    constraint alert_deliveries_channel_id_fkey foreign key (channel_id) references public.alert_channels(id)
);
comment on table public.alert_deliveries is 'Each alert once per channel. A worker that dies between sending and writing it down sends again under the same id, by which receivers know it.';
comment on column public.alert_deliveries.id is 'Also the webhook-id of Standard Webhooks, the same on every attempt.';
comment on column public.alert_deliveries.alert_id is 'What is said.';
comment on column public.alert_deliveries.channel_id is 'Where.';
comment on column public.alert_deliveries.state is 'pending; delivered: the receiver said 2xx; failed: given up; cancelled: the channel was switched off before.';
comment on column public.alert_deliveries.attempts is 'How often it was tried; the number of the attempt that may close it.';
comment on column public.alert_deliveries.status is 'HTTP status of the last attempt, if there was an answer.';
comment on column public.alert_deliveries.reason is 'Why it did not arrive, in words of the service, or channel_removed or channel_switched_off. Never holds the address.';
comment on column public.alert_deliveries.created_at is 'When it was queued.';
comment on column public.alert_deliveries.lease_until is 'No other attempt begins before this moment.';
comment on column public.alert_deliveries.next_at is 'When it is tried next.';
comment on column public.alert_deliveries.closed_at is 'When it was delivered, given up or cancelled.';
create index alert_deliveries_channel on public.alert_deliveries (channel_id, created_at desc);
create index alert_deliveries_pending on public.alert_deliveries (next_at) where (state = 'pending');
alter table public.alert_deliveries enable row level security;
create policy alert_deliveries_select on public.alert_deliveries for select to authenticated using ((( select private.operator_role() as operator_role) = 'founder'));
grant all on public.alert_deliveries to service_role;
grant select on public.alert_deliveries to authenticated;

create table public.alerts (
    id uuid not null default gen_random_uuid(),
    kind text not null,
    subject text not null,
    title text not null,
    detail text not null default '',
    at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    ended_at timestamptz,
    parameters jsonb,
    constraint alerts_kind check (kind in ('advice_rule', 'author_limit', 'backup_missing', 'bill_drift', 'budget', 'builds_failing', 'certificate', 'connection_lost', 'day_spend', 'dead_letter', 'disk', 'error_budget', 'figma_quota', 'isolation', 'model_failing', 'no_worker', 'queue_stuck', 'recovered', 'refresh_failing', 'silence', 'test', 'unbilled', 'unpriced', 'webhook_paused', 'weekly_report')),
    constraint alerts_pkey primary key (id)
);
comment on table public.alerts is 'Something an operator should know: one row per occurrence. While it goes on the row stays open, and nothing is said again.';
comment on column public.alerts.id is 'Our id.';
comment on column public.alerts.kind is 'What is to be told: the keys of service/alert_sentences.py; recovered: another one is over; test: somebody pressed the button.';
comment on column public.alerts.subject is 'What it is about; at most one open alert per kind and subject. Of recovered: the id of the alert that is over.';
comment on column public.alerts.title is 'Of an older version: one line. Else its kind, for processes that do not know the parameters.';
comment on column public.alerts.detail is 'Of an older version: what it means and what to do. Else empty.';
comment on column public.alerts.at is 'When it was noticed.';
comment on column public.alerts.seen_at is 'When it was last seen to go on.';
comment on column public.alerts.ended_at is 'When it was over, noticed ten minutes later; NULL: goes on.';
comment on column public.alerts.parameters is 'What its words name, by kind; NULL: an alert of an older version, whose words are in title and detail.';
create index alerts_at on public.alerts (at desc);
create unique index alerts_one_open on public.alerts (kind, subject) where (ended_at is null);
alter table public.alerts enable row level security;
create policy alerts_select on public.alerts for select to authenticated using ((( select private.operator_role() as operator_role) = 'founder'));
grant all on public.alerts to service_role;
grant select on public.alerts to authenticated;

create table public.analyses (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null,
    type text not null,
    batch_id uuid,
    batch_place integer,
    leader_id uuid,
    cache_scope uuid not null,
    cache_key text not null,
    request jsonb,
    refs jsonb,
    state text not null default 'queued',
    source text,
    is_cached boolean not null default false,
    is_charged boolean not null default false,
    reason text not null default '',
    failure_message text not null default '',
    run integer not null default 1,
    attempt integer not null default 0,
    failures integer not null default 0,
    excused integer not null default 0,
    lease_until timestamptz,
    received_at timestamptz not null default now(),
    queued_at timestamptz not null default now(),
    settled_at timestamptz,
    plan_code text not null default '',
    context_version integer not null default 0,
    kept_usage jsonb,
    result jsonb,
    provider text not null default '',
    model text not null default '',
    prompt_version text not null default '',
    request_id text not null default '',
    trace_parent text not null default '',
    constraint analyses_done_has_source check ((state <> 'done') or (source is not null)),
    constraint analyses_source check (source in ('model', 'measured')),
    constraint analyses_state check (state in ('queued', 'working', 'done', 'refused', 'failed', 'cancelled')),
    constraint analyses_type check (type in ('design-analysis', 'color-suggestion', 'layout-optimization')),
    constraint analyses_pkey primary key (id),
    constraint analyses_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.analyses is 'One row per analysis of a selection. Rows that ended without failing are kept 25 hours, dead letters (state failed) 30 days; the ledger tells of them for good.';
comment on column public.analyses.id is 'Our id, made by the web process that asks, so that a call whose answer was lost can be sent again.';
comment on column public.analyses.user_id is 'Who asked, and whose plan pays.';
comment on column public.analyses.type is 'What was asked for: design-analysis, color-suggestion or layout-optimization.';
comment on column public.analyses.batch_id is 'The batch it came in; NULL: asked for by itself.';
comment on column public.analyses.batch_place is 'Its place in the batch, from 0.';
comment on column public.analyses.leader_id is 'The equal analysis whose result this one shows; NULL: it has a result of its own.';
comment on column public.analyses.cache_scope is 'Who shares results: the team, or the person without a team.';
comment on column public.analyses.cache_key is 'What makes two analyses equal: a hash of the request, and one of the guidance in force.';
comment on column public.analyses.request is 'The design and the question, until the analysis is done; a dead letter keeps it for a replay. Granted to no operator.';
comment on column public.analyses.refs is 'The asker''s own element ids in canonical order, by which the result becomes theirs. Granted to no operator.';
comment on column public.analyses.state is 'queued, working, or an end: done, refused, failed (dead letter), cancelled. One with a leader stays queued until its leader ends.';
comment on column public.analyses.source is 'Who wrote the words: model, or measured (rules alone).';
comment on column public.analyses.is_cached is 'Whether the result is that of another, equal request: such an analysis is free.';
comment on column public.analyses.is_charged is 'Whether a use was taken.';
comment on column public.analyses.reason is 'Code of the refusal or of the failure.';
comment on column public.analyses.failure_message is 'One sentence for operators about a failure.';
comment on column public.analyses.run is 'Grows with each replay; a ledger row and a receipt exist at most once per run.';
comment on column public.analyses.attempt is 'Fencing number: grows each time a worker takes the job; an older attempt may no longer settle.';
comment on column public.analyses.failures is 'Attempts of this run that failed; past a limit it is given up.';
comment on column public.analyses.excused is 'Attempts of earlier runs. Neither failed nor excused: the worker died.';
comment on column public.analyses.lease_until is 'Until when the worker at it is trusted to be alive.';
comment on column public.analyses.received_at is 'When it was asked for.';
comment on column public.analyses.queued_at is 'Since when it could be taken: when it was asked for or replayed.';
comment on column public.analyses.settled_at is 'When it reached its end.';
comment on column public.analyses.plan_code is 'Plan of the payer at that moment.';
comment on column public.analyses.context_version is 'Version of the asker''s context in force; 0 for none.';
comment on column public.analyses.kept_usage is 'What model calls of this run used so far, where an attempt failed after them; booked with the next. Granted to no operator.';
comment on column public.analyses.result is 'The answer, with canonical positions in place of element ids. Granted to no operator.';
comment on column public.analyses.provider is 'Who answered: a model provider, or measured-review.';
comment on column public.analyses.model is 'Model that answered.';
comment on column public.analyses.prompt_version is 'Version of the prompt''s wording.';
comment on column public.analyses.request_id is 'Follows the request through every log line.';
comment on column public.analyses.trace_parent is 'W3C traceparent of the request, or empty.';
create index analyses_batch on public.analyses (batch_id, batch_place) where (batch_id is not null);
create index analyses_failed on public.analyses (received_at desc) include (reason) where (state = 'failed');
create index analyses_leader on public.analyses (leader_id) where (leader_id is not null);
create index analyses_open on public.analyses (received_at) where (state in ('queued', 'working'));
create index analyses_settled_at on public.analyses (settled_at) where (settled_at is not null);
create index analyses_user_id on public.analyses (user_id, received_at desc);
create trigger analyses_audit after update on public.analyses for each row when (((old.state = 'failed') and (new.state <> 'failed'))) execute function private.audit('request', 'refs', 'kept_usage', 'result', 'trace_parent');
create trigger analyses_ended after update on public.analyses for each row when (((new.state in ('done', 'refused', 'failed', 'cancelled')) and (old.state <> new.state))) execute function private.note_analysis_end();
create trigger analyses_ended_at_once after insert on public.analyses for each row when ((new.state in ('done', 'refused', 'failed', 'cancelled'))) execute function private.note_analysis_end();
alter table public.analyses enable row level security;
create policy analyses_select on public.analyses for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.analyses to service_role;
grant select (id, user_id, type, batch_id, batch_place, leader_id, state, source, is_cached, is_charged, reason, failure_message, run, attempt, received_at, queued_at, settled_at, plan_code, context_version, provider, model, prompt_version, request_id) on public.analyses to authenticated;

create table public.analysis_batches (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null,
    idempotency_key text,
    fingerprint text not null default '',
    created_at timestamptz not null default now(),
    cancelled_at timestamptz,
    constraint analysis_batches_key check ((length(idempotency_key) >= 1) and (length(idempotency_key) <= 200)),
    constraint analysis_batches_once unique (user_id, idempotency_key),
    constraint analysis_batches_pkey primary key (id),
    constraint analysis_batches_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.analysis_batches is 'Several analyses asked for at once. Kept 25 hours.';
comment on column public.analysis_batches.id is 'Our id.';
comment on column public.analysis_batches.user_id is 'Who asked.';
comment on column public.analysis_batches.idempotency_key is 'The asker''s own key: the same one again gets the same batch.';
comment on column public.analysis_batches.fingerprint is 'SHA-256 of the body, to tell a repeated request from another one under the same key.';
comment on column public.analysis_batches.created_at is 'When.';
comment on column public.analysis_batches.cancelled_at is 'When the asker cancelled what had not begun.';
create index analysis_batches_created_at on public.analysis_batches (created_at);
alter table public.analysis_batches enable row level security;
create policy analysis_batches_select on public.analysis_batches for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.analysis_batches to service_role;
grant select (id, user_id, created_at, cancelled_at) on public.analysis_batches to authenticated;

create table public.analysis_claims (
    scope uuid not null,
    key text not null,
    analysis_id uuid not null,
    renew_by timestamptz not null,
    expires_at timestamptz,
    constraint analysis_claims_pkey primary key (scope, key)
);
comment on table public.analysis_claims is 'Which analysis answers equal requests: the one at work (until renew_by), then the one that is done (until expires_at).';
comment on column public.analysis_claims.scope is 'Who shares it: analyses.cache_scope.';
comment on column public.analysis_claims.key is 'What is equal: analyses.cache_key.';
comment on column public.analysis_claims.analysis_id is 'The analysis that is at work on it, or has done it.';
comment on column public.analysis_claims.renew_by is 'The lease: until when it is trusted to be worked on. After that another takes over.';
comment on column public.analysis_claims.expires_at is 'Until when its result answers equal requests; NULL: not done.';
create index analysis_claims_analysis on public.analysis_claims (analysis_id);
create index analysis_claims_over on public.analysis_claims (coalesce(expires_at, renew_by));
alter table public.analysis_claims enable row level security;
create policy analysis_claims_select on public.analysis_claims for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.analysis_claims to service_role;
grant select on public.analysis_claims to authenticated;

create table public.analysis_daily (
    day date not null,
    plan_code text not null,
    type text not null,
    outcome text not null,
    reason text not null,
    analyses bigint not null,
    in_batches bigint not null,
    counted_until timestamptz,
    constraint analysis_daily_pkey primary key (day, plan_code, type, outcome, reason)
);
comment on table public.analysis_daily is 'Analyses by reporting day and how they ended: sums of analysis_ends. The newest day is counted by the hour; what is later is read from analysis_ends. Kept 400 days.';
comment on column public.analysis_daily.day is 'Day in the reporting time zone on which they ended.';
comment on column public.analysis_daily.plan_code is 'As in analysis_ends.';
comment on column public.analysis_daily.type is 'As in analysis_ends.';
comment on column public.analysis_daily.outcome is 'model, measured or cached of those that are done; else refused, failed or cancelled.';
comment on column public.analysis_daily.reason is 'As in analysis_ends.';
comment on column public.analysis_daily.analyses is 'How many.';
comment on column public.analysis_daily.in_batches is 'How many of them came in a batch.';
comment on column public.analysis_daily.counted_until is 'The moment up to which the day is counted, while it is not over: the same in each row of the newest day; NULL: the whole day.';
alter table public.analysis_daily enable row level security;
create policy analysis_daily_select on public.analysis_daily for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.analysis_daily to service_role;
grant select on public.analysis_daily to authenticated;

create table public.analysis_ends (
    analysis_id uuid not null,
    run integer not null,
    at timestamptz not null default now(),
    type text not null,
    state text not null,
    reason text not null default '',
    source text,
    is_cached boolean not null default false,
    batch_id uuid,
    plan_code text not null default '',
    team_id uuid,
    latency_ms bigint not null default 0,
    shown jsonb,
    constraint analysis_ends_not_negative check (latency_ms >= 0),
    constraint analysis_ends_state check (state in ('done', 'refused', 'failed', 'cancelled')),
    constraint analysis_ends_pkey primary key (analysis_id, run)
);
comment on table public.analysis_ends is 'One row per run of an analysis that has ended: what the ledger does not tell of it. Kept 400 days, as what became of its suggestions.';
comment on column public.analysis_ends.analysis_id is 'The analysis, which is forgotten sooner.';
comment on column public.analysis_ends.run is 'Which run of it: a replay has a row of its own.';
comment on column public.analysis_ends.at is 'When it ended; the moment of its ledger row.';
comment on column public.analysis_ends.type is 'What was asked for: analyses.type.';
comment on column public.analysis_ends.state is 'How the run ended: done, refused, failed or cancelled. Only a cancelled one has no ledger row.';
comment on column public.analysis_ends.reason is 'Code of the refusal or of the failure.';
comment on column public.analysis_ends.source is 'Who wrote the words of one that is done: model or measured.';
comment on column public.analysis_ends.is_cached is 'Whether the result is that of another, equal request.';
comment on column public.analysis_ends.batch_id is 'The batch it came in; NULL: asked for by itself.';
comment on column public.analysis_ends.plan_code is 'Plan of the payer at that moment.';
comment on column public.analysis_ends.team_id is 'Team of the payer at that moment.';
comment on column public.analysis_ends.latency_ms is 'From the request, or the replay, to the end, in milliseconds.';
comment on column public.analysis_ends.shown is 'Suggestions shown, by rule: {rule: [how many, how many of them with a change to apply]}. NULL: nothing was shown, or what web measured by itself and did not store.';
create index analysis_ends_at on public.analysis_ends (at);
create index analysis_ends_batch_at on public.analysis_ends (at) where (batch_id is not null);
create index analysis_ends_team_at on public.analysis_ends (team_id, at) where (team_id is not null);
create trigger analysis_ends_late after insert on public.analysis_ends for each row when ((new.at < (now() - '01:00:00'::interval))) execute function private.note_late_end();
alter table public.analysis_ends enable row level security;
create policy analysis_ends_select on public.analysis_ends for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.analysis_ends to service_role;
grant select on public.analysis_ends to authenticated;

create table public.analysis_limited (
    hour timestamptz not null,
    plan_code text not null,
    team_id uuid not null,
    refused bigint not null,
    constraint analysis_limited_not_negative check (refused >= 0),
    constraint analysis_limited_pkey primary key (hour, plan_code, team_id)
);
comment on table public.analysis_limited is 'Analyses that were refused because somebody asked for too many within the window, measuring alone included. They have no row of their own. Kept 400 days.';
comment on column public.analysis_limited.hour is 'UTC hour.';
comment on column public.analysis_limited.plan_code is 'Plan of the asker at that moment.';
comment on column public.analysis_limited.team_id is 'Team of the asker; zeros for people without one.';
comment on column public.analysis_limited.refused is 'How many.';
alter table public.analysis_limited enable row level security;
create policy analysis_limited_select on public.analysis_limited for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.analysis_limited to service_role;
grant select on public.analysis_limited to authenticated;

create view public.analysis_list with (security_invoker='true') as
 select analyses.id,
    analyses.received_at,
    analyses.user_id,
    users.handle,
    analyses.type,
    analyses.state,
    analyses.source,
    analyses.is_cached,
    analyses.leader_id,
    analyses.batch_id,
    analyses.reason,
    analyses.failure_message,
    analyses.run,
    analyses.attempt,
    analyses.plan_code,
    analyses.provider,
    analyses.model,
    analyses.request_id,
        case
            when ( select private.has_role('{founder}'::text[]) as has_role) then used.cost_microusd
            else null::bigint
        end as cost_microusd,
    used.cost_state,
    used.latency_ms
   from ((public.analyses
     left join public.users on ((users.id = analyses.user_id)))
     left join private.support_ledger used on (((used.answer_id = analyses.id) and (used.run = analyses.run))));
comment on view public.analysis_list is 'Analyses that are still kept, with latency of their last run, and for founders its cost (NULL for support), without anybody''s design or words.';
grant all on public.analysis_list to service_role;
grant select on public.analysis_list to authenticated;

create table public.analysis_rules_daily (
    day date not null,
    plan_code text not null,
    rule text not null,
    source text not null,
    shown bigint not null,
    with_change bigint not null,
    applied bigint not null,
    undone bigint not null,
    ignored bigint not null,
    constraint analysis_rules_daily_pkey primary key (day, plan_code, rule, source)
);
comment on table public.analysis_rules_daily is 'Suggestions by rule, by the reporting day on which their analysis ended, and the latest word on each, whenever it came. Counted with analysis_daily. Kept 400 days.';
comment on column public.analysis_rules_daily.day is 'As in analysis_daily.';
comment on column public.analysis_rules_daily.plan_code is 'As in analysis_ends.';
comment on column public.analysis_rules_daily.rule is 'Rule of the suggestions.';
comment on column public.analysis_rules_daily.source is 'Who wrote them: as in analysis_ends.';
comment on column public.analysis_rules_daily.shown is 'How many were shown.';
comment on column public.analysis_rules_daily.with_change is 'Of how many a change can be applied.';
comment on column public.analysis_rules_daily.applied is 'How many were applied at last.';
comment on column public.analysis_rules_daily.undone is 'How many were undone at last.';
comment on column public.analysis_rules_daily.ignored is 'How many were ignored at last.';
alter table public.analysis_rules_daily enable row level security;
create policy analysis_rules_daily_select on public.analysis_rules_daily for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.analysis_rules_daily to service_role;
grant select on public.analysis_rules_daily to authenticated;

create table public.analysis_times_daily (
    plan_code text not null,
    day date not null,
    bucket smallint not null,
    analyses bigint not null,
    constraint analysis_times_daily_pkey primary key (plan_code, day, bucket)
);
comment on table public.analysis_times_daily is 'How long analyses took that a model wrote and that were asked for one at a time, by reporting day: a mergeable histogram. Counted with analysis_daily. Kept 400 days.';
comment on column public.analysis_times_daily.plan_code is 'As in analysis_ends; *: of all plans.';
comment on column public.analysis_times_daily.day is 'As in analysis_daily.';
comment on column public.analysis_times_daily.bucket is 'Bucket of private.fine_bucket of their latency_ms.';
comment on column public.analysis_times_daily.analyses is 'How many.';
alter table public.analysis_times_daily enable row level security;
create policy analysis_times_daily_select on public.analysis_times_daily for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.analysis_times_daily to service_role;
grant select on public.analysis_times_daily to authenticated;

create unlogged table public.analysis_windows (
    user_id uuid not null,
    slot bigint not null,
    hits integer not null,
    earlier integer not null,
    constraint analysis_windows_not_negative check ((hits >= 0) and (earlier >= 0)),
    constraint analysis_windows_pkey primary key (user_id)
);
comment on table public.analysis_windows is 'How many analyses each person asked for lately, counted for all web processes together: two integers, of the running slot of time and of the one before. No dashboard role can read this table.';
comment on column public.analysis_windows.user_id is 'Who asked.';
comment on column public.analysis_windows.slot is 'The running slot: seconds since 1970 divided by the length of the window, rounded down.';
comment on column public.analysis_windows.hits is 'Analyses in the running slot.';
comment on column public.analysis_windows.earlier is 'Analyses in the slot before. It counts less and less as the running slot goes on.';
create index analysis_windows_slot on public.analysis_windows (slot);
alter table public.analysis_windows enable row level security;
grant all on public.analysis_windows to service_role;

create view public.answer_list with (security_invoker='true') as
 select answers.id,
    answers.received_at,
    answers.author_handle,
    answers.payer_id,
    answers.file_key,
    answers.file_name,
    answers.state,
    answers.decision,
    answers.command,
    answers.reason,
    answers.failure_message,
    answers.attempt,
    answers.plan_code,
    answers.model,
    answers.provider,
    answers.design_state,
    answers.context_version,
    answers.reply_comment_id,
    answers.deferred_until,
    answers.request_id,
        case
            when ( select private.has_role('{founder}'::text[]) as has_role) then used.cost_microusd
            else null::bigint
        end as cost_microusd,
    used.cost_state,
    used.latency_ms,
    used.model_latency_ms
   from (public.answers
     left join private.support_ledger used on (((used.answer_id = answers.id) and (used.run = answers.run))));
comment on view public.answer_list is 'Answers with latency of their last run, and for founders its cost (NULL for support), without anybody''s words.';
grant all on public.answer_list to service_role;
grant select on public.answer_list to authenticated;

create table public.answer_previews (
    answer_id uuid not null,
    webhook_id uuid not null,
    state text not null default 'waiting',
    asked_at timestamptz not null default now(),
    until timestamptz not null,
    decided_at timestamptz,
    is_edited boolean not null default false,
    constraint answer_previews_state check (state in ('waiting', 'post', 'drop')),
    constraint answer_previews_pkey primary key (answer_id),
    constraint answer_previews_answer_id_fkey foreign key (answer_id) references public.answers(id) on delete cascade
);
comment on table public.answer_previews is 'Drafted replies that wait, or waited, for the owner of their webhook. The draft itself is in answers.';
comment on column public.answer_previews.answer_id is 'The answer.';
comment on column public.answer_previews.webhook_id is 'Webhook whose owner decides. No foreign key: it is looked up, and outlived.';
comment on column public.answer_previews.state is 'waiting, post or drop. Waiting after until: expired.';
comment on column public.answer_previews.asked_at is 'When the draft began to wait.';
comment on column public.answer_previews.until is 'When it expires.';
comment on column public.answer_previews.decided_at is 'When the owner decided.';
comment on column public.answer_previews.is_edited is 'Whether the owner changed its words.';
create index answer_previews_webhook on public.answer_previews (webhook_id, asked_at desc);
alter table public.answer_previews enable row level security;
create policy answer_previews_select on public.answer_previews for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.answer_previews to service_role;
grant select on public.answer_previews to authenticated;

create table public.answer_traces (
    answer_id uuid not null,
    run integer not null,
    attempt integer not null,
    at timestamptz not null default now(),
    feature text not null default 'comment',
    ended text not null,
    reason text not null default '',
    rules text not null default '',
    prompt text,
    followed jsonb,
    saw_picture boolean not null default false,
    calls jsonb not null default '[]'::jsonb,
    steps jsonb not null default '[]'::jsonb,
    constraint answer_traces_ended check (ended in ('drafted', 'failed', 'deferred', 'given_up')),
    constraint answer_traces_feature check (feature in ('comment', 'analysis')),
    constraint answer_traces_pkey primary key (answer_id, run, attempt)
);
comment on table public.answer_traces is 'One row for each attempt at an answer or analysis that came to an end of its own: what was sent to models, and each call. Kept 30 days (of analyses 25 hours), or until somebody whose words are in it deletes the account.';
comment on column public.answer_traces.answer_id is 'The answer or the analysis. No foreign key: it is one or the other.';
comment on column public.answer_traces.run is 'Which run of it.';
comment on column public.answer_traces.attempt is 'Which attempt; a number without a row: its worker was lost.';
comment on column public.answer_traces.at is 'When the attempt had its draft, or ended without one.';
comment on column public.answer_traces.feature is 'comment or analysis.';
comment on column public.answer_traces.ended is 'drafted (the reply was ready to be posted), failed, deferred, or given_up.';
comment on column public.answer_traces.reason is 'Code of the failure, of the deferral or of the end; empty for a draft.';
comment on column public.answer_traces.rules is 'Hash of the first message in prompt_rules; empty where no model was to be asked.';
comment on column public.answer_traces.prompt is 'The second message, as it was sent: question, thread, design, guidance. Granted to no operator.';
comment on column public.answer_traces.followed is 'What followed it where a model was asked again: [{role, content}]. Granted to no operator.';
comment on column public.answer_traces.saw_picture is 'Whether a picture of the frame was sent with it. The picture itself is kept nowhere.';
comment on column public.answer_traces.calls is 'Each model asked or passed over, in order: provider, model, outcome, reason, latency_ms, cost, tokens by kind.';
comment on column public.answer_traces.steps is 'When each step of the attempt ended: [{step, ms since it began}].';
create index answer_traces_analyses on public.answer_traces (at) where (feature = 'analysis');
create index answer_traces_at on public.answer_traces (at);
alter table public.answer_traces enable row level security;
grant all on public.answer_traces to service_role;

create table public.answers (
    id uuid not null default gen_random_uuid(),
    webhook_id uuid,
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
    payer_id uuid,
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
    queued_at timestamptz default now(),
    confirmed_at timestamptz,
    hint jsonb,
    guidance text[],
    grounding text,
    constraint answers_command check (command in ('help', 'usage', 'stop', 'resume', 'build', 'good', 'bad')),
    constraint answers_decision check (decision in ('answer', 'refuse', 'invite', 'command', 'ignore')),
    constraint answers_grounding check (grounding in ('grounded', 'repaired', 'fell_back', 'no_numbers')),
    constraint answers_state check (state in ('queued', 'working', 'deferred', 'answered', 'refused', 'ignored', 'failed')),
    constraint answers_once unique (file_key, comment_id),
    constraint answers_pkey primary key (id),
    constraint answers_payer_id_fkey foreign key (payer_id) references public.users(id) on delete set null,
    constraint answers_webhook_id_fkey foreign key (webhook_id) references public.user_webhooks(id) on delete set null
);
comment on table public.answers is 'One row per comment addressed to the buddy. (file_key, comment_id) is the key that makes redeliveries and overlapping webhooks end in one job. state failed is the dead letter list.';
comment on column public.answers.id is 'Our id; the reference in the reply is derived from it.';
comment on column public.answers.webhook_id is 'The webhook whose delivery came first.';
comment on column public.answers.file_key is 'Figma''s key of the file or branch.';
comment on column public.answers.file_name is 'Name of the file when the comment was written.';
comment on column public.answers.comment_id is 'Figma''s id of the asking comment.';
comment on column public.answers.root_comment_id is 'Root of its thread: replies must go there.';
comment on column public.answers.author_figma_id is 'Who asked; anonymous after deletion.';
comment on column public.answers.author_handle is 'Display name of who asked; not unique.';
comment on column public.answers.question is 'The comment without the trigger word. Granted to no operator.';
comment on column public.answers.command is 'help, usage, stop, resume, build, good or bad when the comment was just that word; a name may follow build, and a reason bad.';
comment on column public.answers.asked_at is 'Figma''s time of the comment (whole seconds).';
comment on column public.answers.received_at is 'When the first delivery reached us.';
comment on column public.answers.request_id is 'Follows the comment through every log line.';
comment on column public.answers.trace_parent is 'W3C traceparent of the receiving request, or empty.';
comment on column public.answers.state is 'queued, working, deferred, or an end: answered, refused, ignored, failed (dead letter).';
comment on column public.answers.decision is 'answer, refuse, invite, command or ignore; NULL until a worker began.';
comment on column public.answers.decided_at is 'When begin_answer decided.';
comment on column public.answers.reason is 'Code of the refusal, of why it was ignored, or of the failure.';
comment on column public.answers.failure_message is 'One sentence for operators about a failure or a deferral.';
comment on column public.answers.run is 'Grows with each replay; a ledger row and a receipt exist at most once per run.';
comment on column public.answers.attempt is 'Fencing number: grows each time a worker takes the job; an older attempt may no longer post.';
comment on column public.answers.failures is 'Attempts of this run that failed; past a limit the answer is given up.';
comment on column public.answers.excused is 'Attempts that ended in order without an end: put off, or of an earlier run. Neither failed nor excused: the worker died.';
comment on column public.answers.lease_until is 'Until when the worker at it is trusted to be alive.';
comment on column public.answers.deferred_until is 'When a deferred job is tried again.';
comment on column public.answers.payer_id is 'Whose plan pays: the author, or the webhook''s owner for a guest.';
comment on column public.answers.plan_code is 'Plan of the payer at that moment.';
comment on column public.answers.context_user_id is 'Whose context applies.';
comment on column public.answers.context_version is 'Version of that context in force; 0 for none.';
comment on column public.answers.draft is 'Reply text and model usage, stored before posting, so that a restarted job neither pays nor speaks twice.';
comment on column public.answers.posting_until is 'No later attempt posts before this moment: a post of the earlier one may still be under way.';
comment on column public.answers.reply_comment_id is 'Figma''s id of our reply.';
comment on column public.answers.reply_created_at is 'Figma''s time of our reply.';
comment on column public.answers.notice_comment_id is 'Figma''s id of the one notice that the answer will take long.';
comment on column public.answers.provider is 'Who answered: a model provider, or measured-review.';
comment on column public.answers.model is 'Model that answered.';
comment on column public.answers.prompt_version is 'Version of the prompt''s wording.';
comment on column public.answers.node_id is 'The pinned node, if any.';
comment on column public.answers.design_state is 'read, no_node, quota, forbidden, missing, failed, or off (switched off for the team): what the answer could see of the design.';
comment on column public.answers.facts is 'Measured facts the answer relied on.';
comment on column public.answers.settled_at is 'When the answer reached its end.';
comment on column public.answers.queued_at is 'Since when it could be taken: when it arrived, was replayed, or the time until which it was put off. NULL: it ended before this was kept.';
comment on column public.answers.confirmed_at is 'When Figma''s own thread confirmed who wrote this comment and what; author, text, thread and time are Figma''s from then on. NULL before, and where the answer was decided before this was kept.';
comment on column public.answers.hint is 'What the delivery claimed and the worker needs to look: {author_id, mentions: one list of {id, handle} for each different delivery, deliveries, seen, turned_at, replayed_at, counted}. Proves nothing; NULL once confirmed.';
comment on column public.answers.guidance is 'Names of the fields of that context that the reply was made with: of a guest''s, what the owner shared. NULL: no context applied, or the reply is from before this was kept.';
comment on column public.answers.grounding is 'Of a model''s answer: grounded (each number was among the facts given), repaired (after one more try), fell_back (not even then: the measured review was posted), no_numbers. NULL when no model answered.';
create index answers_author on public.answers (author_figma_id, received_at desc);
create index answers_closed on public.answers (state, received_at desc) where (state in ('refused', 'ignored'));
create index answers_failed on public.answers (received_at desc) include (reason) where (state = 'failed');
create index answers_failed_at on public.answers (settled_at) where (state = 'failed');
create index answers_file_received on public.answers (file_key, received_at desc) include (design_state, author_figma_id);
create index answers_guests on public.answers (payer_id, author_figma_id, received_at desc) where (payer_id is not null);
create index answers_notice on public.answers (file_key, notice_comment_id) where (notice_comment_id is not null);
create unique index answers_one_reply on public.answers (file_key, reply_comment_id) where (reply_comment_id is not null);
create index answers_open on public.answers (received_at) where (state in ('queued', 'working', 'deferred'));
create index answers_payer on public.answers (payer_id, received_at desc) where (payer_id is not null);
create index answers_received_at on public.answers (received_at desc);
create index answers_thread on public.answers (file_key, root_comment_id, reply_created_at desc) where (reply_created_at is not null);
create index answers_webhook_id on public.answers (webhook_id);
create trigger answers_audit after update on public.answers for each row when (((old.state = 'failed') and (new.state <> 'failed'))) execute function private.audit('question', 'draft', 'facts', 'author_handle', 'author_figma_id', 'file_name', 'trace_parent');
alter table public.answers enable row level security;
create policy answers_select on public.answers for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.answers to service_role;
grant select (id, webhook_id, file_key, file_name, comment_id, root_comment_id, author_figma_id, author_handle, command, asked_at, received_at, request_id, state, decision, reason, failure_message, run, attempt, deferred_until, payer_id, plan_code, context_user_id, context_version, reply_comment_id, reply_created_at, notice_comment_id, provider, model, prompt_version, node_id, design_state, settled_at, queued_at, confirmed_at, guidance, grounding) on public.answers to authenticated;

create table public.audit_log (
    id bigint generated always as identity,
    at timestamptz not null default now(),
    actor text not null,
    table_name text not null,
    row_key text not null,
    operation text not null,
    before jsonb,
    after jsonb,
    reason text not null default '',
    person_id uuid,
    prev_hash text not null default '',
    row_hash text not null default '',
    constraint audit_log_pkey primary key (id)
);
comment on table public.audit_log is 'Append-only, written by triggers: who changed what, before, after, why.';
comment on column public.audit_log.id is 'Order of writing.';
comment on column public.audit_log.at is 'When it was changed.';
comment on column public.audit_log.actor is 'Operator''s e-mail, "user" or "service".';
comment on column public.audit_log.table_name is 'Table of the changed row.';
comment on column public.audit_log.row_key is 'Key of the changed row.';
comment on column public.audit_log.operation is 'INSERT, UPDATE or DELETE.';
comment on column public.audit_log.before is 'The row before, without secrets.';
comment on column public.audit_log.after is 'The row after, without secrets.';
comment on column public.audit_log.reason is 'Why, in the operator''s words.';
comment on column public.audit_log.person_id is 'The designer the change concerns, if it concerns one.';
comment on column public.audit_log.prev_hash is 'row_hash of the row before; empty for the first.';
comment on column public.audit_log.row_hash is 'SHA-256 (hex) of this row''s canonical JSON, prev_hash included.';
create index audit_log_actor on public.audit_log (actor, id desc);
create index audit_log_at on public.audit_log (at desc);
create index audit_log_person on public.audit_log (person_id, at desc) where (person_id is not null);
create unique index audit_log_prev_hash on public.audit_log (prev_hash);
create index audit_log_row on public.audit_log (table_name, row_key, at desc);
create index audit_log_table on public.audit_log (table_name, id desc);
create trigger audit_log_chain before insert on public.audit_log for each row execute function private.chain_audit();
create constraint trigger audit_log_head after insert on public.audit_log deferrable initially deferred for each row execute function private.note_audit_head();
create trigger audit_log_immutable before delete or update on public.audit_log for each row execute function private.refuse_change();
create trigger audit_log_not_truncated before truncate on public.audit_log for each statement execute function private.refuse_change();
alter table public.audit_log enable row level security;
create policy audit_log_select on public.audit_log for select to authenticated using ( case ( select private.operator_role() as operator_role) when 'founder' then true when 'support' then (table_name in ('analyses', 'answers', 'date_notes', 'follow_ups', 'person_notes', 'pipeline_limits', 'pipelines', 'plans', 'reliability_targets', 'reporting_settings', 'teams', 'use_grants', 'user_contexts', 'user_webhooks', 'users', 'webhook_removals')) else false end);
grant select on public.audit_log to authenticated;
grant select, insert, references, trigger on public.audit_log to service_role;

create table public.author_limits (
    file_key text not null,
    author_figma_id text not null,
    answer_id uuid not null,
    reached_at timestamptz not null default now(),
    constraint author_limits_pkey primary key (file_key, author_figma_id)
);
comment on table public.author_limits is 'Who has drawn so many replies in one file within a day that the buddy said it is silent for them there. Kept 30 days.';
comment on column public.author_limits.file_key is 'The file.';
comment on column public.author_limits.author_figma_id is 'Whose comments they were.';
comment on column public.author_limits.answer_id is 'The answer that said so last.';
comment on column public.author_limits.reached_at is 'When the limit was reached; silence ends a day later at the latest.';
create index author_limits_reached_at on public.author_limits (reached_at);
alter table public.author_limits enable row level security;
create policy author_limits_select on public.author_limits for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.author_limits to service_role;
grant select on public.author_limits to authenticated;

create table public.billing_adjustments (
    id uuid not null default gen_random_uuid(),
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
    source_key text,
    actor text not null,
    reason text not null,
    constraint billing_adjustments_credit check ((kind <> 'credit') or (amount_microusd < 0)),
    constraint billing_adjustments_kind check (kind in ('credit', 'charge', 'late_use', 'late_cost', 'late_fee')),
    constraint billing_adjustments_later check (month >= for_month),
    constraint billing_adjustments_payer check (payer_kind in ('user', 'team', 'nobody')),
    constraint billing_adjustments_payer_id check ((payer_id is null) = (payer_kind = 'nobody')),
    constraint billing_adjustments_pkey primary key (id),
    constraint billing_adjustments_source_key_key unique (source_key)
);
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
create index billing_adjustments_for_month on public.billing_adjustments (for_month, payer_id);
create index billing_adjustments_month on public.billing_adjustments (month, written_at);
create trigger billing_adjustments_audit after insert on public.billing_adjustments for each row execute function private.audit();
create trigger billing_adjustments_immutable before delete or update on public.billing_adjustments for each row execute function private.refuse_change();
create trigger billing_adjustments_kept before truncate on public.billing_adjustments for each statement execute function private.refuse_change();
alter table public.billing_adjustments enable row level security;
create policy billing_adjustments_select on public.billing_adjustments for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant select on public.billing_adjustments to authenticated;
grant select, insert, references, trigger on public.billing_adjustments to service_role;

create table public.billing_months (
    code text not null,
    month date not null,
    closed_at timestamptz not null default now(),
    closed_by text not null,
    reason text not null,
    constraint billing_months_code check (code = ((lpad((extract(year from month))::text, 4, '0') || '-') || lpad((extract(month from month))::text, 2, '0'))),
    constraint billing_months_first_day check (month = (date_trunc('month', (month)::timestamptz))::date),
    constraint billing_months_reason check (length(reason) >= 3),
    constraint billing_months_month_key unique (month),
    constraint billing_months_pkey primary key (code)
);
comment on table public.billing_months is 'Closed months, one row each. A closed month is never opened again: later facts go to the next open one.';
comment on column public.billing_months.code is 'The month as 2026-10.';
comment on column public.billing_months.month is 'First day of the UTC month.';
comment on column public.billing_months.closed_at is 'When it was closed.';
comment on column public.billing_months.closed_by is 'Who closed it: e-mail address of the operator.';
comment on column public.billing_months.reason is 'Why, in the words of who closed it.';
create trigger billing_months_audit after insert on public.billing_months for each row execute function private.audit();
create trigger billing_months_immutable before delete or update on public.billing_months for each row execute function private.refuse_change();
create trigger billing_months_kept before truncate on public.billing_months for each statement execute function private.refuse_change();
alter table public.billing_months enable row level security;
create policy billing_months_select on public.billing_months for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant select on public.billing_months to authenticated;
grant select, insert, references, trigger on public.billing_months to service_role;

create table public.billing_statements (
    id bigint generated always as identity,
    month date not null,
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
    constraint billing_statements_payer check (payer_kind in ('user', 'team', 'nobody')),
    constraint billing_statements_payer_id check ((payer_id is null) = (payer_kind = 'nobody')),
    constraint billing_statements_once unique nulls not distinct (month, payer_kind, payer_id, plan_code),
    constraint billing_statements_pkey primary key (id),
    constraint billing_statements_month_fkey foreign key (month) references public.billing_months(month)
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
create trigger billing_statements_immutable before delete or update on public.billing_statements for each row execute function private.refuse_change();
create trigger billing_statements_kept before truncate on public.billing_statements for each statement execute function private.refuse_change();
alter table public.billing_statements enable row level security;
create policy billing_statements_select on public.billing_statements for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant select on public.billing_statements to authenticated;
grant select, insert, references, trigger on public.billing_statements to service_role;

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
    cache_write_tokens bigint not null default 0,
    constraint billing_usage_key unique nulls not distinct (month, user_id, team_id, plan_code, context_version, provider, model)
);
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
comment on column public.billing_usage.cache_write_tokens is 'Part of input written to the provider''s cache.';
create index billing_usage_trial on public.billing_usage (plan_code, month);
alter table public.billing_usage enable row level security;
create policy billing_usage_select on public.billing_usage for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.billing_usage to service_role;
grant select on public.billing_usage to authenticated;

create table public.bot_identity (
    is_only boolean not null default true,
    figma_user_id text not null,
    handle text not null,
    updated_at timestamptz not null default now(),
    constraint bot_identity_only check (is_only),
    constraint bot_identity_pkey primary key (is_only)
);
comment on table public.bot_identity is 'The account behind FIGMA_BOT_TOKEN: mentioning it addresses the buddy.';
comment on column public.bot_identity.is_only is 'Always true: there is one row.';
comment on column public.bot_identity.figma_user_id is 'Figma''s id of the bot account.';
comment on column public.bot_identity.handle is 'Its display name.';
comment on column public.bot_identity.updated_at is 'When a worker last confirmed it.';
alter table public.bot_identity enable row level security;
grant all on public.bot_identity to service_role;

create table public.budget_alerts (
    id bigint generated always as identity,
    budget_id uuid not null,
    month date not null,
    threshold smallint not null,
    spent_microusd bigint not null,
    monthly_microusd bigint not null,
    at timestamptz not null default now(),
    constraint budget_alerts_threshold check (threshold in (50, 80, 100)),
    constraint budget_alerts_once unique (budget_id, month, threshold),
    constraint budget_alerts_pkey primary key (id),
    constraint budget_alerts_budget_id_fkey foreign key (budget_id) references public.budgets(id)
);
comment on table public.budget_alerts is 'A budget reached 50, 80 or 100 % of its month: said once each.';
comment on column public.budget_alerts.id is 'Order of writing.';
comment on column public.budget_alerts.budget_id is 'Which budget.';
comment on column public.budget_alerts.month is 'First day of the month in the reporting time zone.';
comment on column public.budget_alerts.threshold is 'Per cent of the budget.';
comment on column public.budget_alerts.spent_microusd is 'What was spent when it was noticed.';
comment on column public.budget_alerts.monthly_microusd is 'The budget at that moment.';
comment on column public.budget_alerts.at is 'When it was noticed.';
create index budget_alerts_month on public.budget_alerts (month, at desc);
alter table public.budget_alerts enable row level security;
create policy budget_alerts_select on public.budget_alerts for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.budget_alerts to service_role;
grant select on public.budget_alerts to authenticated;

create table public.budgets (
    id uuid not null default gen_random_uuid(),
    scope text not null,
    scope_key text not null default '',
    monthly_microusd bigint not null,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    constraint budgets_amount check (monthly_microusd > 0),
    constraint budgets_scope check (scope in ('global', 'user', 'team', 'plan', 'model')),
    constraint budgets_scope_key check ((scope = 'global') = (scope_key = '')),
    constraint budgets_pkey primary key (id)
);
comment on table public.budgets is 'How much AI cost per month is expected: of everything, a user, a team, a plan or a model. Warns; refuses nobody.';
comment on column public.budgets.id is 'Our id.';
comment on column public.budgets.scope is 'global, user, team, plan or model.';
comment on column public.budgets.scope_key is 'Id of the user or team, code of the plan, or provider/model; empty for global.';
comment on column public.budgets.monthly_microusd is 'Per month of the reporting time zone, in micro-dollars.';
comment on column public.budgets.version is 'Counts changes; a change must name the version it saw.';
comment on column public.budgets.created_at is 'Since when.';
comment on column public.budgets.ended_at is 'When it was given up.';
create unique index budgets_one_each on public.budgets (scope, scope_key) where (ended_at is null);
create trigger budgets_audit after insert or delete or update on public.budgets for each row execute function private.audit();
alter table public.budgets enable row level security;
create policy budgets_select on public.budgets for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.budgets to service_role;
grant select on public.budgets to authenticated;

create table public.chain_models (
    id text not null,
    place integer not null,
    told_at timestamptz not null default now(),
    constraint chain_models_pkey primary key (id)
);
comment on table public.chain_models is 'The models that workers are set up with, as the last one to start told.';
comment on column public.chain_models.id is 'provider/model.';
comment on column public.chain_models.place is 'Its place in the chain, from 1.';
comment on column public.chain_models.told_at is 'When a worker last told so.';
alter table public.chain_models enable row level security;
create policy chain_models_select on public.chain_models for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.chain_models to service_role;
grant select on public.chain_models to authenticated;

create table public.date_notes (
    id uuid not null,
    day date not null,
    text text not null,
    version integer not null default 1,
    written_by text not null,
    written_at timestamptz not null default now(),
    changed_by text,
    changed_at timestamptz,
    constraint date_notes_text check ((length(text) >= 1) and (length(text) <= 300)),
    constraint date_notes_pkey primary key (id)
);
comment on table public.date_notes is 'Notes on days, which charts of time show: a launch, an outage, a campaign. What was removed stands in the audit log.';
comment on column public.date_notes.id is 'Chosen by who writes it, so that a repeated call writes it once.';
comment on column public.date_notes.day is 'Day of the reporting zone.';
comment on column public.date_notes.text is 'What happened, in the words of who wrote it.';
comment on column public.date_notes.version is 'Counts changes; a change must name the version it saw.';
comment on column public.date_notes.written_by is 'E-mail address of the operator.';
comment on column public.date_notes.written_at is 'When.';
comment on column public.date_notes.changed_by is 'Who changed it last; NULL: nobody.';
comment on column public.date_notes.changed_at is 'When it was changed last.';
create index date_notes_day on public.date_notes (day);
create trigger date_notes_audit after insert or delete or update on public.date_notes for each row execute function private.audit();
alter table public.date_notes enable row level security;
create policy date_notes_select on public.date_notes for select to authenticated using ((( select private.operator_role() as operator_role) is not null));
grant all on public.date_notes to service_role;
grant select on public.date_notes to authenticated;

create table public.deleted_accounts (
    figma_user_hash text not null,
    trial_uses integer not null,
    deleted_at timestamptz not null default now(),
    constraint deleted_accounts_pkey primary key (figma_user_hash)
);
comment on table public.deleted_accounts is 'How many free uses a deleted person had taken, under a hash of the Figma id, so that deletion does not refill the trial.';
comment on column public.deleted_accounts.figma_user_hash is 'Keyed hash of the Figma id.';
comment on column public.deleted_accounts.trial_uses is 'Free uses taken before the deletion.';
comment on column public.deleted_accounts.deleted_at is 'When the account was deleted.';
alter table public.deleted_accounts enable row level security;
grant all on public.deleted_accounts to service_role;

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
alter table public.feature_days enable row level security;
create policy feature_days_select on public.feature_days for select to authenticated using ((( select private.operator_role() as operator_role) = 'founder'));
grant all on public.feature_days to service_role;
grant select on public.feature_days to authenticated;

create table public.feature_flags (
    code text not null,
    name text not null,
    description text not null,
    is_on boolean not null,
    constraint feature_flags_pkey primary key (code)
);
comment on table public.feature_flags is 'What can be switched per team. Each is read where the service does it; a new flag is a new migration.';
comment on column public.feature_flags.code is 'Key in teams.feature_flags.';
comment on column public.feature_flags.name is 'What operators read.';
comment on column public.feature_flags.description is 'What happens when it is on and off.';
comment on column public.feature_flags.is_on is 'For teams that say nothing of it, and for people without a team.';
alter table public.feature_flags enable row level security;
create policy feature_flags_select on public.feature_flags for select to authenticated using ((( select private.operator_role() as operator_role) = 'founder'));
grant all on public.feature_flags to service_role;
grant select on public.feature_flags to authenticated;

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
    constraint figma_quotas_tier check ((tier >= 1) and (tier <= 3)),
    constraint figma_quotas_pkey primary key (figma_user_id, file_key, tier)
);
comment on table public.figma_quotas is 'What Figma said when a quota was used up (429), per token owner, file and tier; kept so that no call is wasted before it ends.';
comment on column public.figma_quotas.figma_user_id is 'Owner of the token that was refused.';
comment on column public.figma_quotas.file_key is 'File it was refused for.';
comment on column public.figma_quotas.tier is 'Figma''s endpoint tier: 1 files, 2 comments and webhooks, 3 metadata.';
comment on column public.figma_quotas.limited_until is 'Until when Figma said to wait.';
comment on column public.figma_quotas.plan_tier is 'X-Figma-Plan-Tier: plan of the file.';
comment on column public.figma_quotas.limit_type is 'X-Figma-Rate-Limit-Type: low (View, Collab) or high (Dev, Full).';
comment on column public.figma_quotas.upgrade_link is 'X-Figma-Upgrade-Link, shown in the answer.';
comment on column public.figma_quotas.refusals is 'How often this was met.';
comment on column public.figma_quotas.updated_at is 'When it was last met.';
alter table public.figma_quotas enable row level security;
create policy figma_quotas_select on public.figma_quotas for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.figma_quotas to service_role;
grant select on public.figma_quotas to authenticated;

create table public.figma_tokens (
    user_id uuid not null,
    access_token_encrypted text not null,
    refresh_token_encrypted text,
    scopes text[] not null default '{}'::text[],
    expires_at timestamptz not null,
    version bigint not null default 1,
    refresh_lease_until timestamptz,
    revoked_at timestamptz,
    updated_at timestamptz not null default now(),
    constraint figma_tokens_pkey primary key (user_id),
    constraint figma_tokens_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.figma_tokens is 'Encrypted Figma tokens. No dashboard role can read this table.';
comment on column public.figma_tokens.user_id is 'Whose token.';
comment on column public.figma_tokens.access_token_encrypted is 'Fernet token under one of TOKEN_ENCRYPTION_KEYS.';
comment on column public.figma_tokens.refresh_token_encrypted is 'The same for the refresh token, which Figma lets us use again and again.';
comment on column public.figma_tokens.scopes is 'Scopes asked for at sign-in (Figma does not say which it gave).';
comment on column public.figma_tokens.expires_at is 'When the access token ends.';
comment on column public.figma_tokens.version is 'Grows with each new access token: a caller that met a 403 says which one it used.';
comment on column public.figma_tokens.refresh_lease_until is 'While set and in the future one process is refreshing: Figma kills the old token on each refresh.';
comment on column public.figma_tokens.revoked_at is 'When Figma last refused both the token and its refresh; the user must sign in again.';
comment on column public.figma_tokens.updated_at is 'When it was last replaced.';
create index figma_tokens_oldest on public.figma_tokens (updated_at) where (revoked_at is null);
alter table public.figma_tokens enable row level security;
grant all on public.figma_tokens to service_role;

create table public.follow_ups (
    id bigint generated always as identity,
    user_id uuid not null,
    reason text not null,
    assigned_to text not null default '',
    is_done boolean not null,
    remark text not null default '',
    written_by text not null,
    written_at timestamptz not null default now(),
    constraint follow_ups_reason check (reason in ('failed', 'used_up', 'nearly_used_up', 'went_quiet', 'never_asked', 'new', 'kept', 'resurrected', 'lost')),
    constraint follow_ups_remark check (length(remark) <= 500),
    constraint follow_ups_pkey primary key (id)
);
comment on table public.follow_ups is 'Who talks to whom of trial_talk_today(), and whether it is done. Rows are only added: the newest of a person and reason holds, the others are its history.';
comment on column public.follow_ups.id is 'Counts up; a change must name the newest it saw.';
comment on column public.follow_ups.user_id is 'Whom to talk to. No foreign key: it is removed with the account.';
comment on column public.follow_ups.reason is 'Why, as in trial_talk_today(), or the state in growth_lifecycle_rows().';
comment on column public.follow_ups.assigned_to is 'E-mail address of the operator who does it; empty: nobody yet.';
comment on column public.follow_ups.is_done is 'Whether it is done.';
comment on column public.follow_ups.remark is 'What came of it, in the operator''s words.';
comment on column public.follow_ups.written_by is 'E-mail address of the operator who set this.';
comment on column public.follow_ups.written_at is 'When.';
create index follow_ups_user_id on public.follow_ups (user_id, reason, id desc);
create index follow_ups_written_at on public.follow_ups (written_at desc);
create trigger follow_ups_audit after insert or delete or update on public.follow_ups for each row execute function private.audit('remark');
alter table public.follow_ups enable row level security;
create policy follow_ups_select on public.follow_ups for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.follow_ups to service_role;
grant select on public.follow_ups to authenticated;

create table public.grounding_hourly (
    team_id uuid not null,
    hour timestamptz not null,
    plan_code text not null,
    grounding text not null,
    answers bigint not null default 0,
    constraint grounding_hourly_grounding check (grounding in ('grounded', 'repaired', 'fell_back', 'no_numbers')),
    constraint grounding_hourly_pkey primary key (team_id, hour, plan_code, grounding)
);
comment on table public.grounding_hourly is 'Answers that a model wrote, by what became of their numbers and by UTC hour, of everybody and of each team; kept in the ledger''s own transaction.';
comment on column public.grounding_hourly.team_id is 'Team of the payer at the time of use; zeros: everybody, with a team or without. No foreign key: the row outlives the team.';
comment on column public.grounding_hourly.hour is 'Start of the UTC hour.';
comment on column public.grounding_hourly.plan_code is 'Plan at that moment.';
comment on column public.grounding_hourly.grounding is 'As in answers.grounding.';
comment on column public.grounding_hourly.answers is 'How many were posted.';
alter table public.grounding_hourly enable row level security;
create policy grounding_hourly_select on public.grounding_hourly for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.grounding_hourly to service_role;
grant select on public.grounding_hourly to authenticated;

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
alter table public.growth_counts enable row level security;
create policy growth_counts_select on public.growth_counts for select to authenticated using ((( select private.operator_role() as operator_role) = 'founder'));
grant all on public.growth_counts to service_role;
grant select on public.growth_counts to authenticated;

create table public.guest_invites (
    file_key text not null,
    author_figma_id text not null,
    answer_id uuid not null,
    invited_at timestamptz not null default now(),
    constraint guest_invites_pkey primary key (file_key, author_figma_id)
);
comment on table public.guest_invites is 'Who was already invited in which file: one friendly invitation each.';
comment on column public.guest_invites.file_key is 'In which file.';
comment on column public.guest_invites.author_figma_id is 'Who was invited.';
comment on column public.guest_invites.answer_id is 'The answer that carried the invitation.';
comment on column public.guest_invites.invited_at is 'When.';
alter table public.guest_invites enable row level security;
create policy guest_invites_select on public.guest_invites for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.guest_invites to service_role;
grant select on public.guest_invites to authenticated;

create table public.health_facts (
    code text not null,
    subject text not null,
    facts jsonb not null,
    told_at timestamptz not null default now(),
    constraint health_facts_code check (code in ('certificate', 'disk')),
    constraint health_facts_subject check ((length(subject) >= 1) and (length(subject) <= 300)),
    constraint health_facts_pkey primary key (code, subject)
);
comment on table public.health_facts is 'What processes last saw of disks and of the certificate: one row for each, replaced every few minutes, forgotten after a week without news.';
comment on column public.health_facts.code is 'disk: {used_bytes, limit_bytes}, of the database {limit_bytes} alone; certificate: {not_after, problem}.';
comment on column public.health_facts.subject is 'Which: database, or a machine''s name; the host of a certificate.';
comment on column public.health_facts.facts is 'What was seen, by code.';
comment on column public.health_facts.told_at is 'When.';
alter table public.health_facts enable row level security;
grant all on public.health_facts to service_role;

create table public.ignored_findings (
    user_id uuid not null,
    file_key text not null,
    fingerprint text not null,
    rule text not null default '',
    reason text not null default '',
    element_name text not null default '',
    ignored_at timestamptz not null default now(),
    constraint ignored_findings_fingerprint check (fingerprint ~ '^[0-9a-f]{16}$'),
    constraint ignored_findings_pkey primary key (user_id, file_key, fingerprint),
    constraint ignored_findings_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.ignored_findings is 'Findings that somebody does not want to hear of again in a file; they count for everybody of the same team.';
comment on column public.ignored_findings.user_id is 'Who ignored it.';
comment on column public.ignored_findings.file_key is 'Figma''s key of the file.';
comment on column public.ignored_findings.fingerprint is 'Which finding: rule and cause, 16 hex digits.';
comment on column public.ignored_findings.rule is 'The rule it came from.';
comment on column public.ignored_findings.reason is 'Why, in their own words. Granted to no operator.';
comment on column public.ignored_findings.element_name is 'Name of the layer, for their list. Granted to no operator.';
comment on column public.ignored_findings.ignored_at is 'When.';
create index ignored_findings_file on public.ignored_findings (file_key, fingerprint);
alter table public.ignored_findings enable row level security;
create policy ignored_findings_select on public.ignored_findings for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.ignored_findings to service_role;
grant select (user_id, file_key, fingerprint, rule, ignored_at) on public.ignored_findings to authenticated;

create table public.isolation_runs (
    id bigint generated always as identity,
    started_at timestamptz not null default now(),
    ended_at timestamptz,
    state text not null default 'running',
    tried integer not null default 0,
    holes jsonb not null default '[]'::jsonb,
    by_visitor jsonb not null default '[]'::jsonb,
    problem text not null default '',
    constraint isolation_runs_ended check ((state = 'running') = (ended_at is null)),
    constraint isolation_runs_state check (state in ('running', 'green', 'red', 'failed')),
    constraint isolation_runs_pkey primary key (id)
);
comment on table public.isolation_runs is 'Runs of the watch that tries, as a stranger and in every role, to read and change another account''s rows.';
comment on column public.isolation_runs.id is 'Our number.';
comment on column public.isolation_runs.started_at is 'When.';
comment on column public.isolation_runs.ended_at is 'When it was over; NULL: at work.';
comment on column public.isolation_runs.state is 'running; green: everything held; red: something did not; failed: not everything could be tried.';
comment on column public.isolation_runs.tried is 'How many attempts were made.';
comment on column public.isolation_runs.holes is 'What did not hold: [{visitor, what}].';
comment on column public.isolation_runs.by_visitor is 'Attempts by who made them: [{visitor, tried, holes}].';
comment on column public.isolation_runs.problem is 'Why not everything could be tried.';
create index isolation_runs_started_at on public.isolation_runs (started_at desc);
alter table public.isolation_runs enable row level security;
create policy isolation_runs_select on public.isolation_runs for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.isolation_runs to service_role;
grant select on public.isolation_runs to authenticated;

create table public.model_call_days (
    day date not null,
    provider text not null,
    model text not null,
    service_tier text not null,
    calls bigint not null default 0,
    unpriced bigint not null default 0,
    unknown bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    cache_write_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    constraint model_call_days_pkey primary key (day, provider, model, service_tier)
);
comment on table public.model_call_days is 'Sums of model_calls by UTC day, as providers bill.';
comment on column public.model_call_days.day is 'UTC day.';
comment on column public.model_call_days.provider is 'As in model_calls.';
comment on column public.model_call_days.model is 'As in model_calls.';
comment on column public.model_call_days.service_tier is 'As in model_calls.';
comment on column public.model_call_days.calls is 'Calls, all states.';
comment on column public.model_call_days.unpriced is 'Of them without a price.';
comment on column public.model_call_days.unknown is 'Of them without tokens told.';
comment on column public.model_call_days.input_tokens is 'All input tokens.';
comment on column public.model_call_days.cached_input_tokens is 'Of them read from the cache.';
comment on column public.model_call_days.cache_write_tokens is 'Of them written to the cache.';
comment on column public.model_call_days.output_tokens is 'Output tokens.';
comment on column public.model_call_days.cost_microusd is 'Known costs as they were booked; adjustments are not in it.';
alter table public.model_call_days enable row level security;
create policy model_call_days_select on public.model_call_days for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.model_call_days to service_role;
grant select on public.model_call_days to authenticated;

create table public.model_calls (
    id bigint generated always as identity,
    at timestamptz not null,
    usage_id bigint not null,
    answer_id uuid not null,
    feature text not null,
    provider text not null,
    model text not null,
    call_id text not null default '',
    outcome text not null default '',
    service_tier text not null default 'standard',
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    cache_write_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    cost_state text not null,
    cost_microusd bigint,
    is_billed boolean not null default false,
    constraint model_calls_cost check ((cost_state in ('unpriced', 'unknown')) = (cost_microusd is null)),
    constraint model_calls_cost_state check (cost_state in ('reported', 'priced', 'unpriced', 'unknown')),
    constraint model_calls_pkey primary key (id)
);
comment on table public.model_calls is 'One row for each call of a model that was billed, or may have been: a row of the ledger has one or more. Kept 400 days.';
comment on column public.model_calls.id is 'Our number.';
comment on column public.model_calls.at is 'When the model was asked, by the worker''s clock; of processes of an older version: when the row of the ledger was written.';
comment on column public.model_calls.usage_id is 'usage_logs.id of the run that made the call.';
comment on column public.model_calls.answer_id is 'The answer, analysis or pipeline of that run.';
comment on column public.model_calls.feature is 'As in the ledger.';
comment on column public.model_calls.provider is 'Which provider of the chain was asked.';
comment on column public.model_calls.model is 'The model that was asked for; at Azure the deployment.';
comment on column public.model_calls.call_id is 'The provider''s own id of the call; empty if none came back.';
comment on column public.model_calls.outcome is 'ok, or the reason of an unusable answer.';
comment on column public.model_calls.service_tier is 'The tier that served it.';
comment on column public.model_calls.input_tokens is 'All input tokens, cached and cache-written ones included.';
comment on column public.model_calls.cached_input_tokens is 'Of them read from the provider''s cache.';
comment on column public.model_calls.cache_write_tokens is 'Of them written to the provider''s cache.';
comment on column public.model_calls.output_tokens is 'All output tokens, reasoning included.';
comment on column public.model_calls.cost_state is 'reported, priced, unpriced; unknown: it may have been billed, and no tokens were told.';
comment on column public.model_calls.cost_microusd is 'What it cost when it was booked; NULL: no price or no tokens known.';
comment on column public.model_calls.is_billed is 'Whether a line of a provider''s bill has its id. Kept by the triggers of provider_bill_lines.';
create index model_calls_at on public.model_calls (at);
create index model_calls_call_id on public.model_calls (call_id) where (call_id <> '');
create index model_calls_provider_at on public.model_calls (provider, at);
create index model_calls_unbilled on public.model_calls (provider, at) where (not is_billed);
alter table public.model_calls enable row level security;
create policy model_calls_select on public.model_calls for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.model_calls to service_role;
grant select on public.model_calls to authenticated;

create table public.model_prices (
    id bigint generated always as identity,
    provider text not null,
    model text not null,
    valid_from timestamptz not null,
    valid_to timestamptz,
    input_microusd_per_million bigint not null,
    cached_input_microusd_per_million bigint,
    output_microusd_per_million bigint not null,
    source text not null default '',
    created_at timestamptz not null default now(),
    cache_write_microusd_per_million bigint,
    class_microusd_per_million jsonb not null default '{}'::jsonb,
    service_tier text not null default 'standard',
    constraint model_prices_classes check ((coalesce(cache_write_microusd_per_million, (0)::bigint) >= 0) and (jsonb_typeof(class_microusd_per_million) = 'object') and (service_tier <> '')),
    constraint model_prices_not_negative check ((input_microusd_per_million >= 0) and (output_microusd_per_million >= 0) and (coalesce(cached_input_microusd_per_million, (0)::bigint) >= 0)),
    constraint model_prices_period check ((valid_to is null) or (valid_to > valid_from)),
    constraint model_prices_pkey primary key (id)
);
comment on table public.model_prices is 'Effective-dated prices that override the price library: micro-dollars per million tokens.';
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
comment on column public.model_prices.cache_write_microusd_per_million is 'Micro-dollars per million tokens written to the provider''s cache; NULL: such calls have no price here.';
comment on column public.model_prices.class_microusd_per_million is 'Micro-dollars per million of each other class of usage_logs.token_classes; a class that is missing has no price here.';
comment on column public.model_prices.service_tier is 'The service tier the price is for, as in usage_logs.';
create index model_prices_model on public.model_prices (provider, model, valid_from desc);
create trigger model_prices_audit after insert or delete or update on public.model_prices for each row execute function private.audit();
alter table public.model_prices enable row level security;
create policy model_prices_select on public.model_prices for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.model_prices to service_role;
grant select on public.model_prices to authenticated;

create table public.model_sharing (
    id uuid not null,
    is_team boolean not null,
    level text not null,
    user_id uuid,
    set_at timestamptz not null default now(),
    constraint model_sharing_level check (level in ('texts_and_pictures', 'texts', 'nothing')),
    constraint model_sharing_pkey primary key (id)
);
comment on table public.model_sharing is 'What of their questions and designs may leave for a provider of models. Without a row: texts and pictures.';
comment on column public.model_sharing.id is 'The team, or the person without one. No foreign key: it is one or the other.';
comment on column public.model_sharing.is_team is 'Whether id is a team.';
comment on column public.model_sharing.level is 'texts_and_pictures, texts or nothing. A team''s: the strictest of its choices in sharing_choices. A person''s own counts beside their team''s.';
comment on column public.model_sharing.user_id is 'The designer who changed it last; NULL: an operator did, or they are gone.';
comment on column public.model_sharing.set_at is 'When it was last chosen.';
create index model_sharing_user_id on public.model_sharing (user_id) where (user_id is not null);
create trigger model_sharing_audit after insert or delete on public.model_sharing for each row execute function private.audit();
create trigger model_sharing_audit_change after update on public.model_sharing for each row when ((old.level is distinct from new.level)) execute function private.audit();
alter table public.model_sharing enable row level security;
create policy model_sharing_select on public.model_sharing for select to authenticated using ((( select private.operator_role() as operator_role) = 'founder'));
grant all on public.model_sharing to service_role;
grant select on public.model_sharing to authenticated;

create table public.operator_invitations (
    id uuid not null,
    email text not null,
    role text not null,
    state text not null default 'sending',
    problem text not null default '',
    address text not null,
    token_hash text,
    sends integer not null default 1,
    version integer not null default 1,
    invited_by text not null,
    requested_at timestamptz not null default now(),
    taken_at timestamptz,
    sent_at timestamptz,
    expires_at timestamptz not null,
    closed_at timestamptz,
    constraint operator_invitations_email check ((email = lower(email)) and ((length(email) >= 3) and (length(email) <= 254))),
    constraint operator_invitations_role check (role in ('founder', 'support', 'finance')),
    constraint operator_invitations_state check (state in ('sending', 'sent', 'failed', 'accepted', 'expired', 'removed')),
    constraint operator_invitations_pkey primary key (id)
);
comment on table public.operator_invitations is 'Who was invited to the dashboard, by whom, and what became of it. One is open per address.';
comment on column public.operator_invitations.id is 'Chosen by the page, so that a repeated call invites once.';
comment on column public.operator_invitations.email is 'Who is invited, in small letters.';
comment on column public.operator_invitations.role is 'The role of whoever accepts.';
comment on column public.operator_invitations.state is 'sending (a worker will send, or does), sent, failed (see problem); accepted, expired or removed. An open one whose expires_at is over is expired, too.';
comment on column public.operator_invitations.problem is 'Code of why the last mail was not sent; empty: it was, or is not yet.';
comment on column public.operator_invitations.address is 'Where the dashboard is, for the link in the mail.';
comment on column public.operator_invitations.token_hash is 'SHA-256 of the secret in the link of the newest mail; NULL before the first. Granted to no operator.';
comment on column public.operator_invitations.sends is 'How many mails were asked for.';
comment on column public.operator_invitations.version is 'Counts what founders change; a change must name the version it saw.';
comment on column public.operator_invitations.invited_by is 'E-mail address of the founder.';
comment on column public.operator_invitations.requested_at is 'When the newest mail was asked for.';
comment on column public.operator_invitations.taken_at is 'When a worker began to send it. Each mail is begun once: one that a worker lost is failed, not sent again.';
comment on column public.operator_invitations.sent_at is 'When Supabase Auth took the newest mail.';
comment on column public.operator_invitations.expires_at is 'Until when it can be accepted: seven days from the newest mail.';
comment on column public.operator_invitations.closed_at is 'When it was accepted, expired or removed.';
create unique index operator_invitations_open on public.operator_invitations (email) where (state in ('sending', 'sent', 'failed'));
create index operator_invitations_token_hash on public.operator_invitations (token_hash);
create trigger operator_invitations_audit after insert on public.operator_invitations for each row execute function private.audit('token_hash');
create trigger operator_invitations_audit_change after update on public.operator_invitations for each row when (((old.sends <> new.sends) or ((old.state <> new.state) and (new.state in ('failed', 'accepted', 'removed'))))) execute function private.audit('token_hash');
alter table public.operator_invitations enable row level security;
create policy operator_invitations_select on public.operator_invitations for select to authenticated using ((( select private.operator_role() as operator_role) = 'founder'));
grant all on public.operator_invitations to service_role;
grant select (id, email, role, state, problem, sends, version, invited_by, requested_at, sent_at, expires_at, closed_at) on public.operator_invitations to authenticated;

create table public.operators (
    user_id uuid not null,
    email text not null,
    role text not null,
    created_at timestamptz not null default now(),
    disabled_at timestamptz,
    constraint operators_role check (role in ('founder', 'support', 'finance')),
    constraint operators_email_key unique (email),
    constraint operators_pkey primary key (user_id)
);
comment on table public.operators is 'Who may use the dashboard, in which role. user_id is the Supabase Auth user.';
comment on column public.operators.user_id is 'Supabase Auth user id.';
comment on column public.operators.email is 'Sign-in address, lower case.';
comment on column public.operators.role is 'founder, support or finance.';
comment on column public.operators.created_at is 'Since when.';
comment on column public.operators.disabled_at is 'Set: no longer an operator; takes effect at once.';
create trigger operators_audit after insert or delete or update on public.operators for each row execute function private.audit();
alter table public.operators enable row level security;
create policy operators_select on public.operators for select to authenticated using (((user_id = ( select auth.uid() as uid)) or (( select private.operator_role() as operator_role) = 'founder')));
grant all on public.operators to service_role;
grant select on public.operators to authenticated;

create table public.person_notes (
    id uuid not null,
    user_id uuid not null,
    text text not null,
    version integer not null default 1,
    written_by text not null,
    written_at timestamptz not null default now(),
    changed_by text,
    changed_at timestamptz,
    constraint person_notes_text check ((length(text) >= 1) and (length(text) <= 2000)),
    constraint person_notes_pkey primary key (id)
);
comment on table public.person_notes is 'What operators noted about a person. Part of what the person is given of their data, and gone with the account.';
comment on column public.person_notes.id is 'Chosen by who writes it, so that a repeated call writes it once.';
comment on column public.person_notes.user_id is 'About whom. No foreign key: it is removed with the account.';
comment on column public.person_notes.text is 'The note. Not in the audit log, which outlives the account.';
comment on column public.person_notes.version is 'Counts changes; a change must name the version it saw.';
comment on column public.person_notes.written_by is 'E-mail address of the operator.';
comment on column public.person_notes.written_at is 'When.';
comment on column public.person_notes.changed_by is 'Who changed it last; NULL: nobody.';
comment on column public.person_notes.changed_at is 'When it was changed last.';
create index person_notes_user_id on public.person_notes (user_id, written_at desc);
create trigger person_notes_audit after insert or delete or update on public.person_notes for each row execute function private.audit('text');
alter table public.person_notes enable row level security;
create policy person_notes_select on public.person_notes for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.person_notes to service_role;
grant select on public.person_notes to authenticated;

create table public.pipeline_artifacts (
    pipeline_id uuid not null,
    kind text not null,
    round integer not null,
    name text not null default '',
    path text not null,
    bytes bigint not null,
    sha256 text not null,
    media_type text not null,
    created_at timestamptz not null default now(),
    constraint pipeline_artifacts_bytes check (bytes >= 0),
    constraint pipeline_artifacts_kind check (kind in ('design', 'image', 'picture', 'spec', 'candidate', 'tests', 'gate', 'render', 'zip', 'report')),
    constraint pipeline_artifacts_sha256 check (sha256 ~ '^[0-9a-f]{64}$'),
    constraint pipeline_artifacts_pkey primary key (pipeline_id, kind, round, name, path),
    constraint pipeline_artifacts_pipeline_id_fkey foreign key (pipeline_id) references public.pipelines(id) on delete cascade
);
comment on table public.pipeline_artifacts is 'The files of pipelines, whose bytes are in the bucket pipelines. Of equal kind, round and name the newest counts.';
comment on column public.pipeline_artifacts.pipeline_id is 'Of which pipeline.';
comment on column public.pipeline_artifacts.kind is 'design, image, picture, spec, candidate, tests, gate, render, zip or report.';
comment on column public.pipeline_artifacts.round is 'Of which candidate.';
comment on column public.pipeline_artifacts.name is 'Which of several: the width of a render; empty for the only one.';
comment on column public.pipeline_artifacts.path is 'Where in the bucket: owner/pipeline/hash.ending. Granted to no operator.';
comment on column public.pipeline_artifacts.bytes is 'Its size.';
comment on column public.pipeline_artifacts.sha256 is 'Hash of its content.';
comment on column public.pipeline_artifacts.media_type is 'Its media type.';
comment on column public.pipeline_artifacts.created_at is 'When it was stored.';
create index pipeline_artifacts_path on public.pipeline_artifacts (path);
alter table public.pipeline_artifacts enable row level security;
create policy pipeline_artifacts_select on public.pipeline_artifacts for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.pipeline_artifacts to service_role;
grant select (pipeline_id, kind, round, name, bytes, sha256, media_type, created_at) on public.pipeline_artifacts to authenticated;

create table public.pipeline_calls (
    pipeline_id uuid not null,
    stage text not null,
    round integer not null,
    attempt integer not null,
    number integer not null,
    at timestamptz not null default now(),
    ledger_run integer not null,
    outcome text not null,
    provider text not null default '',
    model text not null default '',
    input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    cost_microusd bigint,
    latency_ms bigint not null default 0,
    constraint pipeline_calls_pkey primary key (pipeline_id, stage, round, attempt, number),
    constraint pipeline_calls_pipeline_id_fkey foreign key (pipeline_id) references public.pipelines(id) on delete cascade
);
comment on table public.pipeline_calls is 'One row per model call of a pipeline, so that none is booked twice; the ledger has the same call under the pipeline''s id and ledger_run.';
comment on column public.pipeline_calls.pipeline_id is 'Of which pipeline.';
comment on column public.pipeline_calls.stage is 'In which stage.';
comment on column public.pipeline_calls.round is 'Of which candidate.';
comment on column public.pipeline_calls.attempt is 'By which attempt.';
comment on column public.pipeline_calls.number is 'Which call of that attempt, from 1; 0: a call of a lost attempt, about which nobody knows.';
comment on column public.pipeline_calls.at is 'When it was booked.';
comment on column public.pipeline_calls.ledger_run is 'Which run in usage_logs.';
comment on column public.pipeline_calls.outcome is 'answered, or the code of its failure.';
comment on column public.pipeline_calls.provider is 'Who was asked.';
comment on column public.pipeline_calls.model is 'Which model.';
comment on column public.pipeline_calls.input_tokens is 'Tokens sent.';
comment on column public.pipeline_calls.output_tokens is 'Tokens received.';
comment on column public.pipeline_calls.cost_microusd is 'Its cost; NULL: not known.';
comment on column public.pipeline_calls.latency_ms is 'How long it took.';
alter table public.pipeline_calls enable row level security;
create policy pipeline_calls_select on public.pipeline_calls for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.pipeline_calls to service_role;
grant select on public.pipeline_calls to authenticated;

create table public.pipeline_daily (
    plan_code text not null,
    day date not null,
    outcome text not null,
    cause text not null,
    stage text not null,
    pipelines bigint not null,
    with_model bigint not null,
    constraint pipeline_daily_pkey primary key (plan_code, day, outcome, cause, stage)
);
comment on table public.pipeline_daily is 'Sums of pipeline_hourly by reporting day. A day is counted once it is over; later days than the last one here are read by hour. Kept 400 days.';
comment on column public.pipeline_daily.plan_code is 'As in pipeline_hourly; *: of all plans.';
comment on column public.pipeline_daily.day is 'Day in the reporting time zone.';
comment on column public.pipeline_daily.outcome is 'As in pipeline_hourly.';
comment on column public.pipeline_daily.cause is 'As in pipeline_hourly.';
comment on column public.pipeline_daily.stage is 'As in pipeline_hourly.';
comment on column public.pipeline_daily.pipelines is 'How many.';
comment on column public.pipeline_daily.with_model is 'As in pipeline_hourly.';
alter table public.pipeline_daily enable row level security;
create policy pipeline_daily_select on public.pipeline_daily for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.pipeline_daily to service_role;
grant select on public.pipeline_daily to authenticated;

create table public.pipeline_history (
    pipeline_id uuid not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    outcome text,
    cause text not null default '',
    stage text not null default '',
    source text not null default 'page',
    plan_code text not null default '',
    team_id uuid,
    with_model boolean not null default false,
    rounds integer not null default 0,
    calls integer not null default 0,
    cost_microusd bigint not null default 0,
    unpriced integer not null default 0,
    run_ms bigint not null default 0,
    stage_ms jsonb not null default '{}'::jsonb,
    quality jsonb not null default '{}'::jsonb,
    constraint pipeline_history_ended check ((outcome is null) = (ended_at is null)),
    constraint pipeline_history_not_negative check ((cost_microusd >= 0) and (run_ms >= 0)),
    constraint pipeline_history_outcome check (outcome in ('gated', 'not_passed', 'untested', 'failed', 'refused', 'cancelled')),
    constraint pipeline_history_pkey primary key (pipeline_id)
);
comment on table public.pipeline_history is 'One row per pipeline with how it last ended: what the rollups by hour are made of, and what they are counted down by when it is retried. Nobody''s name and nothing of a design. Kept 400 days.';
comment on column public.pipeline_history.pipeline_id is 'The pipeline. No foreign key: the row outlives it.';
comment on column public.pipeline_history.started_at is 'When it was asked for.';
comment on column public.pipeline_history.ended_at is 'When it last ended; NULL: it is queued or at work, perhaps again.';
comment on column public.pipeline_history.outcome is 'How it last ended. gated: a component that passed the gate; not_passed: one that did not; untested: one labelled not tested; failed: none; refused: by Figma, which gave no access or no quota; cancelled. NULL: not ended.';
comment on column public.pipeline_history.cause is 'Code of why it failed, was refused or cancelled, or was not tested.';
comment on column public.pipeline_history.stage is 'The stage in which it failed.';
comment on column public.pipeline_history.source is 'Where it was asked for: page, api or comment.';
comment on column public.pipeline_history.plan_code is 'Plan of the payer when it was asked for.';
comment on column public.pipeline_history.team_id is 'Team of the payer when it was asked for; NULL: of none. No foreign key: the row outlives the team.';
comment on column public.pipeline_history.with_model is 'Whether what a model made of the draft is the result.';
comment on column public.pipeline_history.rounds is 'Rounds of repair.';
comment on column public.pipeline_history.calls is 'Model calls.';
comment on column public.pipeline_history.cost_microusd is 'What its model calls cost, in micro-dollars, as the ledger has it when it ends; unpriced calls are left out.';
comment on column public.pipeline_history.unpriced is 'Model calls without a known price.';
comment on column public.pipeline_history.run_ms is 'From when it was asked for, or retried, to its end, in milliseconds, waiting included.';
comment on column public.pipeline_history.stage_ms is 'Milliseconds of work by stage, all its rounds and attempts together: {read: 850}.';
comment on column public.pipeline_history.quality is 'Quality row of the chosen round, by figure; what was not measured is left out.';
create index pipeline_history_ended_at on public.pipeline_history (ended_at) where (ended_at is not null);
create index pipeline_history_started_at on public.pipeline_history (started_at desc, pipeline_id desc);
create index pipeline_history_team_ended on public.pipeline_history (team_id, ended_at);
create index pipeline_history_team_started on public.pipeline_history (team_id, started_at desc, pipeline_id desc);
alter table public.pipeline_history enable row level security;
create policy pipeline_history_select on public.pipeline_history for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.pipeline_history to service_role;
grant select (pipeline_id, started_at, ended_at, outcome, cause, stage, source, plan_code, team_id, with_model, rounds, calls, run_ms, stage_ms, quality) on public.pipeline_history to authenticated;

create table public.pipeline_hourly (
    hour timestamptz not null,
    plan_code text not null,
    outcome text not null,
    cause text not null,
    stage text not null,
    pipelines bigint not null,
    with_model bigint not null,
    constraint pipeline_hourly_pkey primary key (hour, plan_code, outcome, cause, stage)
);
comment on table public.pipeline_hourly is 'Pipelines by UTC hour and how they ended, kept in the transaction that ends them. Kept 400 days.';
comment on column public.pipeline_hourly.hour is 'UTC hour: of the last end; of those that started, of the start.';
comment on column public.pipeline_hourly.plan_code is 'Plan of the payer when it was asked for.';
comment on column public.pipeline_hourly.outcome is 'As in pipeline_history, or started: asked for in this hour.';
comment on column public.pipeline_hourly.cause is 'As in pipeline_history.';
comment on column public.pipeline_hourly.stage is 'As in pipeline_history.';
comment on column public.pipeline_hourly.pipelines is 'How many.';
comment on column public.pipeline_hourly.with_model is 'How many of them have what a model made as their result.';
alter table public.pipeline_hourly enable row level security;
create policy pipeline_hourly_select on public.pipeline_hourly for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.pipeline_hourly to service_role;
grant select on public.pipeline_hourly to authenticated;

create table public.pipeline_limits (
    team_id uuid not null,
    at_once integer,
    most_queued integer,
    ceiling_microusd bigint,
    retention_days integer,
    model text not null default '',
    version integer not null default 1,
    updated_at timestamptz not null default now(),
    constraint pipeline_limits_model check (length(model) <= 200),
    constraint pipeline_limits_ranges check (((at_once >= 1) and (at_once <= 100)) and ((most_queued >= 0) and (most_queued <= 1000)) and ((ceiling_microusd >= 0) and (ceiling_microusd <= 100000000)) and ((retention_days >= 1) and (retention_days <= 400))),
    constraint pipeline_limits_pkey primary key (team_id)
);
comment on table public.pipeline_limits is 'What is set for the pipelines of a team. NULL: as for everybody.';
comment on column public.pipeline_limits.team_id is 'Which team.';
comment on column public.pipeline_limits.at_once is 'How many may run at once.';
comment on column public.pipeline_limits.most_queued is 'How many may wait.';
comment on column public.pipeline_limits.ceiling_microusd is 'What models may cost in one run, in micro-dollars; 0: no model.';
comment on column public.pipeline_limits.retention_days is 'How many days files are kept after a pipeline has ended.';
comment on column public.pipeline_limits.model is 'Which model is asked, as provider/model; empty: those of the chain.';
comment on column public.pipeline_limits.version is 'Grows with each change: whoever changes it names the version seen.';
comment on column public.pipeline_limits.updated_at is 'When it was last changed.';
create trigger pipeline_limits_audit after insert or delete or update on public.pipeline_limits for each row execute function private.audit();
alter table public.pipeline_limits enable row level security;
create policy pipeline_limits_select on public.pipeline_limits for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.pipeline_limits to service_role;
grant select on public.pipeline_limits to authenticated;

create table public.pipeline_measures_daily (
    plan_code text not null,
    day date not null,
    measure text not null,
    cases bigint not null,
    total double precision not null,
    buckets integer[] not null,
    uses bigint[] not null,
    p50 bigint,
    p95 bigint,
    constraint pipeline_measures_daily_histogram check (cardinality(buckets) = cardinality(uses)),
    constraint pipeline_measures_daily_pkey primary key (plan_code, day, measure)
);
comment on table public.pipeline_measures_daily is 'Sums of pipeline_measures_hourly by reporting day, counted with pipeline_daily. Kept 400 days.';
comment on column public.pipeline_measures_daily.plan_code is 'As in pipeline_daily.';
comment on column public.pipeline_measures_daily.day is 'As in pipeline_daily.';
comment on column public.pipeline_measures_daily.measure is 'As in pipeline_measures_hourly.';
comment on column public.pipeline_measures_daily.cases is 'As in pipeline_measures_hourly.';
comment on column public.pipeline_measures_daily.total is 'As in pipeline_measures_hourly.';
comment on column public.pipeline_measures_daily.buckets is 'The buckets of the day as in pipeline_measures_hourly, rising.';
comment on column public.pipeline_measures_daily.uses is 'How many were measured in each of the buckets.';
comment on column public.pipeline_measures_daily.p50 is 'Their median, as private.bucket_quantile has it; NULL for figures of quality.';
comment on column public.pipeline_measures_daily.p95 is 'Their 95th percentile, likewise.';
alter table public.pipeline_measures_daily enable row level security;
create policy pipeline_measures_daily_select on public.pipeline_measures_daily for select to authenticated using ( case ( select private.operator_role() as operator_role) when 'founder' then true when 'support' then (measure <> 'cost') else false end);
grant all on public.pipeline_measures_daily to service_role;
grant select on public.pipeline_measures_daily to authenticated;

create table public.pipeline_measures_hourly (
    hour timestamptz not null,
    plan_code text not null,
    measure text not null,
    bucket smallint not null,
    cases bigint not null,
    total double precision not null,
    constraint pipeline_measures_hourly_pkey primary key (hour, plan_code, measure, bucket)
);
comment on table public.pipeline_measures_hourly is 'What was measured of pipelines that ended, by UTC hour: times, cost and quality, with mergeable histograms. Kept in the transaction that ends them, and 400 days.';
comment on column public.pipeline_measures_hourly.hour is 'UTC hour of the end.';
comment on column public.pipeline_measures_hourly.plan_code is 'Plan of the payer when it was asked for.';
comment on column public.pipeline_measures_hourly.measure is 'A stage (ms of work in a run), run (ms from the request to the end), cost (micro-dollars of model calls), or a figure of the quality row.';
comment on column public.pipeline_measures_hourly.bucket is 'Bucket of private.fine_bucket; 0 for figures of quality, of which only means are shown.';
comment on column public.pipeline_measures_hourly.cases is 'How many were measured; of kill rates: how many mutants.';
comment on column public.pipeline_measures_hourly.total is 'Sum of what was measured; of kill rates: how many mutants were killed.';
alter table public.pipeline_measures_hourly enable row level security;
create policy pipeline_measures_hourly_select on public.pipeline_measures_hourly for select to authenticated using ( case ( select private.operator_role() as operator_role) when 'founder' then true when 'support' then (measure <> 'cost') else false end);
grant all on public.pipeline_measures_hourly to service_role;
grant select on public.pipeline_measures_hourly to authenticated;

create table public.pipeline_quality (
    pipeline_id uuid not null,
    round integer not null,
    at timestamptz not null default now(),
    metric_version integer not null,
    is_passed boolean not null,
    is_chosen boolean not null default false,
    seed bigint,
    geometry_share double precision,
    text_share double precision,
    colour_delta_e_p95 double precision,
    mae double precision,
    ssim double precision,
    rur double precision,
    apr double precision,
    str double precision,
    avu double precision,
    single_use_tokens double precision,
    behaviour_mutants integer,
    behaviour_killed integer,
    style_mutants integer,
    style_killed integer,
    axe_violations integer,
    console_errors integer,
    overflow_widths integer[],
    type_errors integer,
    failed_tests integer,
    model_calls integer not null default 0,
    input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    seconds double precision not null default 0,
    constraint pipeline_quality_pkey primary key (pipeline_id, round),
    constraint pipeline_quality_pipeline_id_fkey foreign key (pipeline_id) references public.pipelines(id) on delete cascade
);
comment on table public.pipeline_quality is 'What the gate measured of each candidate: one row a round. NULL: not measured.';
comment on column public.pipeline_quality.pipeline_id is 'Of which pipeline.';
comment on column public.pipeline_quality.round is 'Of which candidate.';
comment on column public.pipeline_quality.at is 'When it was measured.';
comment on column public.pipeline_quality.metric_version is 'Which definitions the figures follow.';
comment on column public.pipeline_quality.is_passed is 'Whether the candidate passed every check of the gate.';
comment on column public.pipeline_quality.is_chosen is 'Whether this candidate is what the customer gets.';
comment on column public.pipeline_quality.seed is 'By which the mutants were sampled.';
comment on column public.pipeline_quality.geometry_share is 'Nodes whose box is within 2 px or 2 % ÷ nodes.';
comment on column public.pipeline_quality.text_share is 'Texts that are exactly the design''s ÷ texts.';
comment on column public.pipeline_quality.colour_delta_e_p95 is 'ΔE00 of colours, 95th percentile.';
comment on column public.pipeline_quality.mae is 'Mean absolute error of the picture, 0 to 1.';
comment on column public.pipeline_quality.ssim is 'Structural similarity of the picture, up to 1.';
comment on column public.pipeline_quality.rur is 'Sizing declarations with a relative unit ÷ those with a length.';
comment on column public.pipeline_quality.apr is 'Elements placed absolutely ÷ elements.';
comment on column public.pipeline_quality.str is 'Semantic elements ÷ elements.';
comment on column public.pipeline_quality.avu is 'Classes with a value in brackets ÷ classes.';
comment on column public.pipeline_quality.single_use_tokens is 'Tokens used once ÷ tokens.';
comment on column public.pipeline_quality.behaviour_mutants is 'Mutants of behaviour that were tried.';
comment on column public.pipeline_quality.behaviour_killed is 'Those that the tests noticed.';
comment on column public.pipeline_quality.style_mutants is 'Mutants of style that were tried.';
comment on column public.pipeline_quality.style_killed is 'Those that the tests noticed.';
comment on column public.pipeline_quality.axe_violations is 'What axe found.';
comment on column public.pipeline_quality.console_errors is 'Errors in the browser''s console or window.';
comment on column public.pipeline_quality.overflow_widths is 'Widths (px) at which something overflows.';
comment on column public.pipeline_quality.type_errors is 'Errors of strict TypeScript.';
comment on column public.pipeline_quality.failed_tests is 'Tests that fail on the component.';
comment on column public.pipeline_quality.model_calls is 'Model calls until then.';
comment on column public.pipeline_quality.input_tokens is 'Of those.';
comment on column public.pipeline_quality.output_tokens is 'Of those.';
comment on column public.pipeline_quality.cost_microusd is 'Known cost of those.';
comment on column public.pipeline_quality.seconds is 'Since the run began.';
create unique index pipeline_quality_chosen on public.pipeline_quality (pipeline_id) where is_chosen;
alter table public.pipeline_quality enable row level security;
create policy pipeline_quality_select on public.pipeline_quality for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.pipeline_quality to service_role;
grant select on public.pipeline_quality to authenticated;

create table public.pipeline_runners (
    worker_id bigint not null,
    queue text not null default '',
    constraint pipeline_runners_pkey primary key (worker_id)
);
comment on table public.pipeline_runners is 'Which of the queue''s workers take stages of pipelines: they answer nobody, and count as no worker.';
comment on column public.pipeline_runners.worker_id is 'Its id in the queue.';
comment on column public.pipeline_runners.queue is 'Which stages it takes: pipelines (in a worker) or builds (a builder). Empty: it was begun by a version that did not say.';
alter table public.pipeline_runners enable row level security;
grant all on public.pipeline_runners to service_role;

create table public.pipeline_stages (
    pipeline_id uuid not null,
    stage text not null,
    round integer not null,
    attempt integer not null,
    run integer not null,
    state text not null default 'running',
    runner text not null default '',
    began_at timestamptz not null default now(),
    lease_until timestamptz not null,
    ended_at timestamptz,
    retry_at timestamptz,
    code text not null default '',
    is_excused boolean not null default false,
    params jsonb not null default '{}'::jsonb,
    facts jsonb not null default '{}'::jsonb,
    reserved_microusd bigint not null default 0,
    cost_microusd bigint not null default 0,
    constraint pipeline_stages_not_negative check ((reserved_microusd >= 0) and (cost_microusd >= 0)),
    constraint pipeline_stages_state check (state in ('running', 'done', 'failed', 'lost', 'cancelled')),
    constraint pipeline_stages_pkey primary key (pipeline_id, stage, round, attempt),
    constraint pipeline_stages_pipeline_id_fkey foreign key (pipeline_id) references public.pipelines(id) on delete cascade
);
comment on table public.pipeline_stages is 'One row per attempt at a stage of a pipeline.';
comment on column public.pipeline_stages.pipeline_id is 'Of which pipeline.';
comment on column public.pipeline_stages.stage is 'read, spec, generate, test, gate, repair, package or push.';
comment on column public.pipeline_stages.round is 'Of which candidate.';
comment on column public.pipeline_stages.attempt is 'Fencing number: grows each time a runner takes the stage; only the newest may end it.';
comment on column public.pipeline_stages.run is 'In which run of the pipeline.';
comment on column public.pipeline_stages.state is 'running, done, failed, lost (its runner went silent) or cancelled.';
comment on column public.pipeline_stages.runner is 'Which process is at it.';
comment on column public.pipeline_stages.began_at is 'When it was taken.';
comment on column public.pipeline_stages.lease_until is 'Until when its runner is trusted to be alive.';
comment on column public.pipeline_stages.ended_at is 'When it ended.';
comment on column public.pipeline_stages.retry_at is 'When it is tried again.';
comment on column public.pipeline_stages.code is 'Why it failed: a code.';
comment on column public.pipeline_stages.is_excused is 'Whether its failure was not its fault, and does not count: its runner was stopped, or others were away.';
comment on column public.pipeline_stages.params is 'What the sentence of the code names.';
comment on column public.pipeline_stages.facts is 'What it told: seconds and CPU by step, and the like.';
comment on column public.pipeline_stages.reserved_microusd is 'Reserved for model calls that it makes, and not booked yet.';
comment on column public.pipeline_stages.cost_microusd is 'Known cost of its model calls.';
create index pipeline_stages_began_at on public.pipeline_stages (began_at);
create index pipeline_stages_open on public.pipeline_stages (lease_until) where ((state = 'running') or (reserved_microusd > 0));
alter table public.pipeline_stages enable row level security;
create policy pipeline_stages_select on public.pipeline_stages for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.pipeline_stages to service_role;
grant select on public.pipeline_stages to authenticated;

create table public.pipeline_targets (
    owner_id uuid not null,
    is_team boolean not null,
    user_id uuid not null,
    repository text not null,
    base_branch text not null,
    folder text not null default '',
    token_encrypted text,
    installation_id bigint,
    set_at timestamptz not null default now(),
    constraint pipeline_targets_base_branch check ((length(base_branch) >= 1) and (length(base_branch) <= 200)),
    constraint pipeline_targets_folder check (length(folder) <= 200),
    constraint pipeline_targets_one_way check (num_nonnulls(token_encrypted, installation_id) = 1),
    constraint pipeline_targets_repository check (repository ~ '^[A-Za-z0-9_-]{1,100}/[A-Za-z0-9_.-]{1,100}$'),
    constraint pipeline_targets_pkey primary key (owner_id),
    constraint pipeline_targets_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.pipeline_targets is 'Where components are pushed to at GitHub: one repository for a team, or for a person without one.';
comment on column public.pipeline_targets.owner_id is 'The team, or the person without one. No foreign key: it is one or the other.';
comment on column public.pipeline_targets.is_team is 'Whether owner_id is a team.';
comment on column public.pipeline_targets.user_id is 'Who set it last, and whose token it is.';
comment on column public.pipeline_targets.repository is 'owner/name at GitHub.';
comment on column public.pipeline_targets.base_branch is 'Branch that pull requests go to; nothing is ever written to it.';
comment on column public.pipeline_targets.folder is 'Folder that components go to; empty: the root.';
comment on column public.pipeline_targets.token_encrypted is 'Fernet token under one of TOKEN_ENCRYPTION_KEYS; NULL: the App is used. Granted to no operator.';
comment on column public.pipeline_targets.installation_id is 'Number of the App''s installation at GitHub; NULL: a token is used.';
comment on column public.pipeline_targets.set_at is 'When it was last set.';
create index pipeline_targets_oldest on public.pipeline_targets (set_at) where (token_encrypted is not null);
create index pipeline_targets_user_id on public.pipeline_targets (user_id);
create trigger pipeline_targets_audit after insert or delete on public.pipeline_targets for each row execute function private.audit('token_encrypted');
create trigger pipeline_targets_audit_change after update on public.pipeline_targets for each row when ((old.set_at is distinct from new.set_at)) execute function private.audit('token_encrypted');
alter table public.pipeline_targets enable row level security;
create policy pipeline_targets_select on public.pipeline_targets for select to authenticated using ((( select private.operator_role() as operator_role) = 'founder'));
grant all on public.pipeline_targets to service_role;
grant select (owner_id, is_team, user_id, repository, base_branch, folder, installation_id, set_at) on public.pipeline_targets to authenticated;

create table public.pipelines (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null,
    team_id uuid,
    owner_id uuid not null,
    source text not null,
    file_key text not null,
    node_id text not null,
    component text not null default '',
    options jsonb not null default '{}'::jsonb,
    state text not null default 'queued',
    next_stage text not null default 'read',
    round integer not null default 0,
    run integer not null default 1,
    verdict text,
    code text not null default '',
    params jsonb not null default '{}'::jsonb,
    facts jsonb not null default '{}'::jsonb,
    at_once integer not null,
    ceiling_microusd bigint not null,
    spent_microusd bigint not null default 0,
    reserved_microusd bigint not null default 0,
    cost_microusd bigint not null default 0,
    unknown_calls integer not null default 0,
    model_calls integer not null default 0,
    input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    ledger_rows integer not null default 0,
    is_charged boolean not null default false,
    plan_code text not null default '',
    idempotency_key text,
    request_id text not null default '',
    trace_parent text not null default '',
    created_at timestamptz not null default now(),
    queued_at timestamptz not null default now(),
    started_at timestamptz,
    moved_at timestamptz not null default now(),
    ended_at timestamptz,
    files_until timestamptz,
    constraint pipelines_component_length check (length(component) <= 200),
    constraint pipelines_done_has_verdict check ((state = 'done') = (verdict is not null)),
    constraint pipelines_key check ((length(idempotency_key) >= 1) and (length(idempotency_key) <= 200)),
    constraint pipelines_next_stage check (next_stage in ('read', 'spec', 'generate', 'test', 'gate', 'repair', 'package', 'push')),
    constraint pipelines_not_negative check ((at_once >= 1) and (ceiling_microusd >= 0) and (spent_microusd >= 0) and (reserved_microusd >= 0) and (cost_microusd >= 0)),
    constraint pipelines_round check ((round >= 0) and (round <= 2)),
    constraint pipelines_source check (source in ('page', 'api', 'comment')),
    constraint pipelines_state check (state in ('queued', 'read', 'spec', 'generate', 'test', 'gate', 'repair', 'package', 'push', 'done', 'failed', 'cancelled')),
    constraint pipelines_verdict check (verdict in ('passed', 'not_passed', 'not_tested')),
    constraint pipelines_once unique (user_id, idempotency_key),
    constraint pipelines_pkey primary key (id),
    constraint pipelines_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.pipelines is 'One row per pipeline: a design that becomes a component. Kept 400 days; its files as long as its team wants them.';
comment on column public.pipelines.id is 'Our id.';
comment on column public.pipelines.user_id is 'Who started it: their plan pays, and their Figma account reads.';
comment on column public.pipelines.team_id is 'Their team when it was started; NULL: none.';
comment on column public.pipelines.owner_id is 'Whose it is: the team, or the person without one. The share of runs at once is counted by it.';
comment on column public.pipelines.source is 'Where it was asked for: page, api or comment.';
comment on column public.pipelines.file_key is 'Figma''s key of the file; empty once its starter has deleted the account.';
comment on column public.pipelines.node_id is 'The layer that becomes a component.';
comment on column public.pipelines.component is 'Name of the component; empty: after the layer.';
comment on column public.pipelines.options is 'What was asked for: {framework, tests, push …}. Granted to no operator.';
comment on column public.pipelines.state is 'queued (it waits for its share), the stage it is in, or an end: done, failed, cancelled.';
comment on column public.pipelines.next_stage is 'With which stage it begins once it is its turn: read, or where a retry goes on.';
comment on column public.pipelines.round is '0: the first candidate; 1 and 2: after a repair.';
comment on column public.pipelines.run is 'Grows with each retry; there is one receipt per run.';
comment on column public.pipelines.verdict is 'Of one that is done: passed (its gate), not_passed, or not_tested (no sandbox).';
comment on column public.pipelines.code is 'Why it failed or was cancelled: a code.';
comment on column public.pipelines.params is 'What the sentence of the code names.';
comment on column public.pipelines.facts is 'What its stages told of it: version of the file, notes, pull request.';
comment on column public.pipelines.at_once is 'How many of its owner may run at once, as was set when it was asked for; pipeline_limits comes first.';
comment on column public.pipelines.ceiling_microusd is 'What models may cost in one run, in micro-dollars.';
comment on column public.pipelines.spent_microusd is 'What counts against the ceiling in this run: known costs, and reservations whose cost nobody knows.';
comment on column public.pipelines.reserved_microusd is 'Reserved for calls that are being made.';
comment on column public.pipelines.cost_microusd is 'Known cost of the model calls of all its runs.';
comment on column public.pipelines.unknown_calls is 'Model calls whose cost is not known.';
comment on column public.pipelines.model_calls is 'Model calls of all its runs.';
comment on column public.pipelines.input_tokens is 'Of all its model calls.';
comment on column public.pipelines.output_tokens is 'Of all its model calls.';
comment on column public.pipelines.ledger_rows is 'How many rows it has in the ledger: each has the next number as its run.';
comment on column public.pipelines.is_charged is 'Whether a use was taken.';
comment on column public.pipelines.plan_code is 'Plan of the payer when it was started.';
comment on column public.pipelines.idempotency_key is 'The asker''s own key: the same one again gets the same pipeline.';
comment on column public.pipelines.request_id is 'Follows the request through every log line.';
comment on column public.pipelines.trace_parent is 'W3C traceparent of the request, or empty.';
comment on column public.pipelines.created_at is 'When it was asked for.';
comment on column public.pipelines.queued_at is 'Since when it waits: asked for, or retried.';
comment on column public.pipelines.started_at is 'When this run began.';
comment on column public.pipelines.moved_at is 'When its state last changed.';
comment on column public.pipelines.ended_at is 'When it ended.';
comment on column public.pipelines.files_until is 'Until when its files are kept; NULL while it runs.';
create index pipelines_created_at on public.pipelines (created_at desc, id desc);
create index pipelines_design on public.pipelines (owner_id, file_key, node_id, created_at desc);
create index pipelines_ended_at on public.pipelines (ended_at) where (ended_at is not null);
create index pipelines_files_until on public.pipelines (files_until) where (files_until is not null);
create index pipelines_owner on public.pipelines (owner_id, created_at desc, id desc);
create index pipelines_running on public.pipelines (owner_id) where (state <> all (array['queued', 'done', 'failed', 'cancelled']));
create index pipelines_waiting on public.pipelines (owner_id, queued_at, id) where (state = 'queued');
create trigger pipelines_audit after update on public.pipelines for each row when (((old.state = 'failed') and (new.state <> 'failed'))) execute function private.audit('options', 'facts', 'params', 'trace_parent', 'idempotency_key');
create trigger pipelines_cancel_audit after update on public.pipelines for each row when (((new.state = 'cancelled') and (old.state <> 'cancelled'))) execute function private.audit('options', 'facts', 'params', 'trace_parent', 'idempotency_key');
create constraint trigger pipelines_history_kept after update on public.pipelines deferrable initially deferred for each row when (((new.state <> old.state) and ((new.state in ('done', 'failed', 'cancelled')) or (old.state in ('done', 'failed', 'cancelled'))))) execute function private.note_pipeline();
create constraint trigger pipelines_history_made after insert on public.pipelines deferrable initially deferred for each row execute function private.note_pipeline();
create trigger pipelines_push_audit after update on public.pipelines for each row when (((old.state = 'done') and (new.state = 'push'))) execute function private.audit('options', 'facts', 'params', 'trace_parent', 'idempotency_key');
alter table public.pipelines enable row level security;
create policy pipelines_select on public.pipelines for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.pipelines to service_role;
grant select (id, user_id, team_id, owner_id, source, file_key, node_id, component, state, next_stage, round, run, verdict, code, params, at_once, ceiling_microusd, spent_microusd, reserved_microusd, cost_microusd, unknown_calls, model_calls, input_tokens, output_tokens, is_charged, plan_code, request_id, created_at, queued_at, started_at, moved_at, ended_at, files_until) on public.pipelines to authenticated;

create table public.plans (
    code text not null,
    valid_from timestamptz not null default '-infinity'::timestamptz,
    name text not null,
    price_microusd bigint not null,
    per text not null,
    uses integer not null,
    period text not null,
    is_unlimited boolean not null default false,
    overage_microusd bigint not null default 0,
    constraint plans_overage check (overage_microusd >= 0),
    constraint plans_per check (per in ('user', 'seat')),
    constraint plans_period check (period in ('lifetime', 'month')),
    constraint plans_price check (price_microusd >= 0),
    constraint plans_uses check (uses >= 0),
    constraint plans_pkey primary key (code, valid_from)
);
comment on table public.plans is 'Plans as rows, effective-dated: the newest row of a code that is not in the future is in force.';
comment on column public.plans.code is 'Name in code: trial, pro, enterprise.';
comment on column public.plans.valid_from is 'First moment this row is in force.';
comment on column public.plans.name is 'Name on screen.';
comment on column public.plans.price_microusd is 'Price of one month per user or seat, in millionths of a dollar.';
comment on column public.plans.per is 'What the price is for: user or seat.';
comment on column public.plans.uses is 'Uses included per user and period.';
comment on column public.plans.period is 'lifetime or month (UTC).';
comment on column public.plans.is_unlimited is 'Sold as unlimited: uses is then the fair-use ceiling, and replies do not count down.';
comment on column public.plans.overage_microusd is 'Price of one use beyond the included ones, in millionths of a dollar; 0: such a use is not charged.';
create trigger plans_audit after insert or delete or update on public.plans for each row execute function private.audit();
create trigger plans_books before insert or delete or update on public.plans for each statement execute function private.hold_books();
create trigger plans_late_fees after insert or delete or update on public.plans for each statement execute function private.book_late_fees();
alter table public.plans enable row level security;
create policy plans_select on public.plans for select to authenticated using ((( select private.operator_role() as operator_role) is not null));
grant all on public.plans to service_role;
grant select on public.plans to authenticated;

create table public.plugin_handovers (
    challenge text not null,
    user_id uuid,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    approved_at timestamptz,
    collected_at timestamptz,
    constraint plugin_handovers_challenge_length check (length(challenge) = 43),
    constraint plugin_handovers_pkey primary key (challenge),
    constraint plugin_handovers_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.plugin_handovers is 'A Figma plugin cannot receive the OAuth redirect: it opens the browser with a challenge and collects its session with the secret behind it, once.';
comment on column public.plugin_handovers.challenge is 'base64url(sha256(secret)) of the plugin''s own secret, as in RFC 7636 S256.';
comment on column public.plugin_handovers.user_id is 'Who answered it: agreed or declined.';
comment on column public.plugin_handovers.created_at is 'When the browser opened it.';
comment on column public.plugin_handovers.expires_at is 'When it can no longer be collected; at once where it was declined.';
comment on column public.plugin_handovers.approved_at is 'When the person agreed.';
comment on column public.plugin_handovers.collected_at is 'When the plugin took its session.';
create index plugin_handovers_expires_at on public.plugin_handovers (expires_at);
create index plugin_handovers_user_id on public.plugin_handovers (user_id);
alter table public.plugin_handovers enable row level security;
grant all on public.plugin_handovers to service_role;

create table public.preview_mails (
    user_id uuid not null,
    at timestamptz not null default now(),
    constraint preview_mails_pkey primary key (user_id),
    constraint preview_mails_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.preview_mails is 'Owners of webhooks who were told by mail that drafted replies wait for them: at most once an hour.';
comment on column public.preview_mails.user_id is 'Who.';
comment on column public.preview_mails.at is 'When last.';
alter table public.preview_mails enable row level security;
grant all on public.preview_mails to service_role;

create table public.product_settings (
    code text not null,
    value jsonb,
    version integer not null default 1,
    updated_at timestamptz not null default now(),
    constraint product_settings_code check (code in ('triggers', 'guest_rule', 'answers_per_minute', 'loop_breaker_replies', 'loop_breaker_window_seconds', 'author_replies_per_day', 'unbilled_microusd_per_day', 'job_attempts', 'model_cost_ceiling_microusd', 'models_off', 'service_microusd_per_day')),
    constraint product_settings_pkey primary key (code)
);
comment on table public.product_settings is 'Settings that founders change while the service runs; web and workers read them every few seconds. Without a row, or with a NULL value, the environment''s value is in force.';
comment on column public.product_settings.code is 'Which setting.';
comment on column public.product_settings.value is 'triggers, models_off: a list of words; guest_rule: invite, owner_pays or ignore; the others: a whole number. NULL: as in the environment.';
comment on column public.product_settings.version is 'Counts changes; a change must name the version it saw.';
comment on column public.product_settings.updated_at is 'When it last changed.';
create trigger product_settings_audit after insert or delete or update on public.product_settings for each row execute function private.audit();
alter table public.product_settings enable row level security;
create policy product_settings_select on public.product_settings for select to authenticated using ((( select private.operator_role() as operator_role) = 'founder'));
grant all on public.product_settings to service_role;
grant select on public.product_settings to authenticated;

create table public.prompt_rules (
    hash text not null,
    version text not null,
    rules text not null,
    told_at timestamptz not null default now(),
    constraint prompt_rules_pkey primary key (hash)
);
comment on table public.prompt_rules is 'The fixed first message of prompts, once for each wording: the same for everybody, and nobody''s words.';
comment on column public.prompt_rules.hash is 'SHA-256 of the rules, in hexadecimal; answer_traces.rules names it.';
comment on column public.prompt_rules.version is 'Version of the prompt that they belong to.';
comment on column public.prompt_rules.rules is 'The text as it is sent.';
comment on column public.prompt_rules.told_at is 'When a worker first told of it.';
alter table public.prompt_rules enable row level security;
grant all on public.prompt_rules to service_role;

create table public.provider_bill_days (
    bill_id uuid not null,
    day date not null,
    model text not null,
    calls bigint,
    input_tokens bigint,
    cached_tokens bigint,
    write_tokens bigint,
    output_tokens bigint,
    cost_microusd numeric,
    input_microusd numeric,
    cached_microusd numeric,
    write_microusd numeric,
    output_microusd numeric,
    rounding_microusd numeric not null default 0,
    matched_calls bigint not null default 0,
    matched_microusd numeric not null default 0,
    matched_our_microusd bigint not null default 0,
    constraint provider_bill_days_pkey primary key (bill_id, day, model),
    constraint provider_bill_days_bill_id_fkey foreign key (bill_id) references public.provider_bills(id) on delete cascade
);
comment on table public.provider_bill_days is 'Sums of provider_bill_lines by UTC day and model, once an upload is complete.';
comment on column public.provider_bill_days.bill_id is 'The upload.';
comment on column public.provider_bill_days.day is 'UTC day.';
comment on column public.provider_bill_days.model is 'The model in the short form of private.bill_model.';
comment on column public.provider_bill_days.calls is 'As in provider_bill_lines, and so the next eleven.';
comment on column public.provider_bill_days.input_tokens is 'See calls.';
comment on column public.provider_bill_days.cached_tokens is 'See calls.';
comment on column public.provider_bill_days.write_tokens is 'See calls.';
comment on column public.provider_bill_days.output_tokens is 'See calls.';
comment on column public.provider_bill_days.cost_microusd is 'See calls.';
comment on column public.provider_bill_days.input_microusd is 'See calls.';
comment on column public.provider_bill_days.cached_microusd is 'See calls.';
comment on column public.provider_bill_days.write_microusd is 'See calls.';
comment on column public.provider_bill_days.output_microusd is 'See calls.';
comment on column public.provider_bill_days.rounding_microusd is 'See calls.';
comment on column public.provider_bill_days.matched_calls is 'Lines whose id is one of our calls.';
comment on column public.provider_bill_days.matched_microusd is 'What was billed for them.';
comment on column public.provider_bill_days.matched_our_microusd is 'What we booked for them.';
alter table public.provider_bill_days enable row level security;
create policy provider_bill_days_select on public.provider_bill_days for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.provider_bill_days to service_role;
grant select on public.provider_bill_days to authenticated;

create table public.provider_bill_drifts (
    provider text not null,
    month date not null,
    billed_microusd bigint,
    our_microusd bigint,
    drift numeric,
    coverage numeric,
    measured_at timestamptz not null default now(),
    constraint provider_bill_drifts_pkey primary key (provider, month)
);
comment on table public.provider_bill_drifts is 'How far a provider''s bills of a month and our books are apart, measured every few minutes: what alerts are given by.';
comment on column public.provider_bill_drifts.provider is 'As in model_calls.';
comment on column public.provider_bill_drifts.month is 'First day of the UTC month.';
comment on column public.provider_bill_drifts.billed_microusd is 'Billed on the compared days; NULL: no bill tells amounts.';
comment on column public.provider_bill_drifts.our_microusd is 'Our cost of the same days.';
comment on column public.provider_bill_drifts.drift is '(ours − billed) ÷ billed.';
comment on column public.provider_bill_drifts.coverage is 'Share of billed calls, else of billed tokens, that we saw.';
comment on column public.provider_bill_drifts.measured_at is 'When.';
alter table public.provider_bill_drifts enable row level security;
create policy provider_bill_drifts_select on public.provider_bill_drifts for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.provider_bill_drifts to service_role;
grant select on public.provider_bill_drifts to authenticated;

create table public.provider_bill_headers (
    code text not null,
    columns jsonb not null,
    constraint provider_bill_headers_code check (code ~ '^[0-9a-f]{64}$'),
    constraint provider_bill_headers_columns check ((jsonb_typeof(columns) = 'object') and (length((columns)::text) <= 4000)),
    constraint provider_bill_headers_pkey primary key (code)
);
comment on table public.provider_bill_headers is 'Which column of an export means what, as an operator once said for files with this header.';
comment on column public.provider_bill_headers.code is 'SHA-256 of the header''s names.';
comment on column public.provider_bill_headers.columns is 'The name of the column for each meaning.';
create trigger provider_bill_headers_audit after insert or delete or update on public.provider_bill_headers for each row execute function private.audit();
alter table public.provider_bill_headers enable row level security;
create policy provider_bill_headers_select on public.provider_bill_headers for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.provider_bill_headers to service_role;
grant select on public.provider_bill_headers to authenticated;

create table public.provider_bill_lines (
    bill_id uuid not null,
    line integer not null,
    day date not null,
    at timestamptz,
    call_id text not null default '',
    model text not null,
    service_tier text not null default '',
    calls bigint,
    input_tokens bigint,
    cached_tokens bigint,
    write_tokens bigint,
    output_tokens bigint,
    cost_microusd numeric,
    input_microusd numeric,
    cached_microusd numeric,
    write_microusd numeric,
    output_microusd numeric,
    rounding_microusd numeric not null default 0,
    model_call_id bigint,
    constraint provider_bill_lines_pkey primary key (bill_id, line),
    constraint provider_bill_lines_bill_id_fkey foreign key (bill_id) references public.provider_bills(id) on delete cascade
);
comment on table public.provider_bill_lines is 'What a provider billed, line by line: for each call where its export tells them, else for each day and model.';
comment on column public.provider_bill_lines.bill_id is 'The upload.';
comment on column public.provider_bill_lines.line is 'Number within the upload.';
comment on column public.provider_bill_lines.day is 'UTC day.';
comment on column public.provider_bill_lines.at is 'Moment of a single call; NULL: of a whole day.';
comment on column public.provider_bill_lines.call_id is 'The provider''s id of a single call; empty: of many.';
comment on column public.provider_bill_lines.model is 'The model as the provider names it.';
comment on column public.provider_bill_lines.service_tier is 'The tier, where the export tells it.';
comment on column public.provider_bill_lines.calls is 'Calls; NULL here and below: not told.';
comment on column public.provider_bill_lines.input_tokens is 'Input tokens without those that the export tells apart: cached, written.';
comment on column public.provider_bill_lines.cached_tokens is 'Input tokens read from a cache.';
comment on column public.provider_bill_lines.write_tokens is 'Input tokens written to a cache.';
comment on column public.provider_bill_lines.output_tokens is 'Output tokens.';
comment on column public.provider_bill_lines.cost_microusd is 'What was billed, with the fractions of the export.';
comment on column public.provider_bill_lines.input_microusd is 'Of it for input, where the export tells.';
comment on column public.provider_bill_lines.cached_microusd is 'Of it for cached input.';
comment on column public.provider_bill_lines.write_microusd is 'Of it for writing to the cache.';
comment on column public.provider_bill_lines.output_microusd is 'Of it for output.';
comment on column public.provider_bill_lines.rounding_microusd is 'By how much rounding in the export may have changed the cost.';
comment on column public.provider_bill_lines.model_call_id is 'Our call with this id; NULL: not seen.';
create index provider_bill_lines_call on public.provider_bill_lines (model_call_id) where (model_call_id is not null);
create index provider_bill_lines_day on public.provider_bill_lines (bill_id, day);
create index provider_bill_lines_unseen on public.provider_bill_lines (bill_id, day, at, line) where ((call_id <> '') and (model_call_id is null));
create trigger provider_bill_lines_gone after delete on public.provider_bill_lines referencing old table as was for each statement execute function private.note_billed_calls();
create trigger provider_bill_lines_matched after update on public.provider_bill_lines referencing old table as was new table as told for each statement execute function private.note_billed_calls();
alter table public.provider_bill_lines enable row level security;
create policy provider_bill_lines_select on public.provider_bill_lines for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.provider_bill_lines to service_role;
grant select on public.provider_bill_lines to authenticated;

create table public.provider_bill_models (
    id bigint generated always as identity,
    provider text not null,
    billed text not null,
    model text not null,
    constraint provider_bill_models_length check ((length(provider) <= 100) and (length(billed) <= 200) and (length(model) <= 200)),
    constraint provider_bill_models_once unique (provider, billed),
    constraint provider_bill_models_pkey primary key (id)
);
comment on table public.provider_bill_models is 'Models that a provider''s bill names otherwise than we do.';
comment on column public.provider_bill_models.id is 'Our number.';
comment on column public.provider_bill_models.provider is 'As in model_calls.';
comment on column public.provider_bill_models.billed is 'Its name on the bill, in the short form of private.bill_model.';
comment on column public.provider_bill_models.model is 'Our name of it, in the same form.';
create trigger provider_bill_models_audit after insert or delete or update on public.provider_bill_models for each row execute function private.audit();
alter table public.provider_bill_models enable row level security;
create policy provider_bill_models_select on public.provider_bill_models for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.provider_bill_models to service_role;
grant select on public.provider_bill_models to authenticated;

create table public.provider_bills (
    id uuid not null,
    provider text not null,
    format text not null,
    first_day date not null,
    last_day date not null,
    tells text[] not null,
    state text not null default 'loading',
    lines integer not null default 0,
    credits_microusd bigint not null default 0,
    tax_microusd bigint not null default 0,
    left_out_lines integer not null default 0,
    left_out_microusd bigint not null default 0,
    file_hash text not null default '',
    uploaded_by text not null,
    uploaded_at timestamptz not null default now(),
    matched_at timestamptz,
    constraint provider_bills_days check ((last_day >= first_day) and ((last_day - first_day) <= 400)),
    constraint provider_bills_format check (format ~ '^[a-z_]{1,40}$'),
    constraint provider_bills_provider check ((length(provider) >= 1) and (length(provider) <= 100)),
    constraint provider_bills_state check (state in ('loading', 'ready')),
    constraint provider_bills_tells check (tells <@ '{calls,input,cached,write,output,cost}'::text[]),
    constraint provider_bills_pkey primary key (id)
);
comment on table public.provider_bills is 'Uploads of what a provider billed. The file itself is not kept: numbers, days, model names and ids of calls are.';
comment on column public.provider_bills.id is 'Chosen by who uploads it.';
comment on column public.provider_bills.provider is 'Which provider of the chain it bills, as in model_calls.';
comment on column public.provider_bills.format is 'Which export it was read as; by_hand: with a mapping of its columns.';
comment on column public.provider_bills.first_day is 'First UTC day it is compared for.';
comment on column public.provider_bills.last_day is 'Last UTC day it is compared for.';
comment on column public.provider_bills.tells is 'Which measures it has: calls, input, cached, write, output (tokens), cost.';
comment on column public.provider_bills.state is 'loading: its lines are on their way, and it counts nowhere; ready.';
comment on column public.provider_bills.lines is 'How many lines are compared.';
comment on column public.provider_bills.credits_microusd is 'Credits and refunds in it, which are not compared.';
comment on column public.provider_bills.tax_microusd is 'Tax in it, which is not compared.';
comment on column public.provider_bills.left_out_lines is 'Lines that are not compared: of other services, or of days outside.';
comment on column public.provider_bills.left_out_microusd is 'What those lines cost.';
comment on column public.provider_bills.file_hash is 'SHA-256 of the file, by which the same one is known again.';
comment on column public.provider_bills.uploaded_by is 'The operator''s e-mail address.';
comment on column public.provider_bills.uploaded_at is 'When.';
comment on column public.provider_bills.matched_at is 'When its calls were last looked for among ours by their ids.';
create trigger provider_bills_audit after update on public.provider_bills for each row when ((old.state is distinct from new.state)) execute function private.audit();
create trigger provider_bills_audit_removal after delete on public.provider_bills for each row when ((old.state = 'ready')) execute function private.audit();
alter table public.provider_bills enable row level security;
create policy provider_bills_select on public.provider_bills for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.provider_bills to service_role;
grant select on public.provider_bills to authenticated;

create table public.provider_hourly (
    hour timestamptz not null,
    provider text not null,
    model text not null,
    outcome text not null,
    reason text not null,
    calls bigint not null default 0,
    latency_ms_sum bigint not null default 0,
    constraint provider_hourly_outcome check (outcome in ('answered', 'failed', 'skipped')),
    constraint provider_hourly_pkey primary key (hour, provider, model, outcome, reason)
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
create policy provider_hourly_select on public.provider_hourly for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.provider_hourly to service_role;
grant select on public.provider_hourly to authenticated;

create table public.queue_hourly (
    hour timestamptz not null,
    waiting integer not null,
    deferred integer not null,
    dead_letters integer not null,
    oldest_seconds double precision not null,
    workers integer not null,
    samples bigint not null,
    constraint queue_hourly_pkey primary key (hour)
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
create policy queue_hourly_select on public.queue_hourly for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.queue_hourly to service_role;
grant select on public.queue_hourly to authenticated;

create table public.queue_samples (
    at timestamptz not null,
    queued integer not null,
    working integer not null,
    deferred integer not null,
    dead_letters integer not null,
    oldest_seconds double precision not null,
    workers integer not null,
    constraint queue_samples_pkey primary key (at)
);
comment on table public.queue_samples is 'The queue once a minute, written by the workers'' upkeep. Kept 92 days; minutes without a row had no worker.';
comment on column public.queue_samples.at is 'The minute, UTC.';
comment on column public.queue_samples.queued is 'Answers no worker had taken.';
comment on column public.queue_samples.working is 'Answers in work.';
comment on column public.queue_samples.deferred is 'Answers put off until a quota opens.';
comment on column public.queue_samples.dead_letters is 'Answers that had ended without a reply.';
comment on column public.queue_samples.oldest_seconds is 'For how long the oldest answer queued or in work could have been taken, in seconds.';
comment on column public.queue_samples.workers is 'Workers whose heartbeat was younger than 30 seconds.';
create trigger queue_samples_hourly after insert on public.queue_samples referencing new table as written for each statement execute function private.roll_up_queue();
alter table public.queue_samples enable row level security;
create policy queue_samples_select on public.queue_samples for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.queue_samples to service_role;
grant select on public.queue_samples to authenticated;

create unlogged table public.rate_windows (
    key_hash text not null,
    hits bigint not null,
    ends_at timestamptz not null,
    constraint rate_windows_hash_length check (length(key_hash) = 64),
    constraint rate_windows_pkey primary key (key_hash)
);
comment on table public.rate_windows is 'How often something limited was done in a window of time, counted for all web processes together. No dashboard role can read this table.';
comment on column public.rate_windows.key_hash is 'A keyed hash of the limit and of the address or person it counts for.';
comment on column public.rate_windows.hits is 'How often since the window began.';
comment on column public.rate_windows.ends_at is 'When the window is over and the count starts again.';
create index rate_windows_ends_at on public.rate_windows (ends_at);
alter table public.rate_windows enable row level security;
grant all on public.rate_windows to service_role;

create table public.refresh_failures (
    user_id uuid not null,
    at timestamptz not null default now(),
    is_final boolean not null,
    constraint refresh_failures_pkey primary key (user_id),
    constraint refresh_failures_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.refresh_failures is 'The last time that Figma did not renew somebody''s connection; gone when it did. Kept a day.';
comment on column public.refresh_failures.user_id is 'Whose.';
comment on column public.refresh_failures.at is 'When.';
comment on column public.refresh_failures.is_final is 'Refused for good: the person must sign in again. Else Figma was away.';
create index refresh_failures_at on public.refresh_failures (at);
alter table public.refresh_failures enable row level security;
grant all on public.refresh_failures to service_role;

create table public.rehearsals (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null,
    operator_id uuid,
    content jsonb not null,
    state text not null default 'queued',
    attempt integer not null default 0,
    ceiling_microusd bigint not null,
    spent_microusd bigint not null default 0,
    request_id text not null default '',
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    constraint rehearsals_state check (state in ('queued', 'working', 'done')),
    constraint rehearsals_pkey primary key (id)
);
comment on table public.rehearsals is 'Trials of a guidance before it is saved: a person''s latest questions answered anew. Nothing is posted, no use is taken. Kept for seven days.';
comment on column public.rehearsals.id is 'Key.';
comment on column public.rehearsals.user_id is 'Whose questions, and whose guidance it would be. No foreign key: people are never deleted as rows.';
comment on column public.rehearsals.operator_id is 'The operator who asked for it; NULL: the person.';
comment on column public.rehearsals.content is 'The guidance tried, in the form of user_context_versions.content. Granted to no operator.';
comment on column public.rehearsals.state is 'queued, working or done.';
comment on column public.rehearsals.attempt is 'Fencing number: only the newest attempt may write.';
comment on column public.rehearsals.ceiling_microusd is 'The most that all its model calls may cost.';
comment on column public.rehearsals.spent_microusd is 'What they cost so far; a call of unknown cost counts with the most it could cost.';
comment on column public.rehearsals.request_id is 'Request that asked for it, as in the logs.';
comment on column public.rehearsals.created_at is 'When it was asked for.';
comment on column public.rehearsals.ended_at is 'When its last question was closed.';
create index rehearsals_created_at on public.rehearsals (created_at);
create index rehearsals_user on public.rehearsals (user_id, created_at desc);
alter table public.rehearsals enable row level security;
grant all on public.rehearsals to service_role;

create table public.rehearsed_answers (
    id uuid not null default gen_random_uuid(),
    rehearsal_id uuid not null,
    number integer not null,
    answer_id uuid not null,
    state text not null default 'waiting',
    code text not null default '',
    body text not null default '',
    source text,
    provider text not null default '',
    model text not null default '',
    cost_microusd bigint,
    latency_ms bigint not null default 0,
    grounding text,
    ended_at timestamptz,
    constraint rehearsed_answers_grounding check (grounding in ('grounded', 'repaired', 'fell_back', 'no_numbers')),
    constraint rehearsed_answers_source check (source in ('model', 'measured')),
    constraint rehearsed_answers_state check (state in ('waiting', 'asking', 'done', 'failed')),
    constraint rehearsed_answers_once unique (rehearsal_id, number),
    constraint rehearsed_answers_pkey primary key (id),
    constraint rehearsed_answers_answer_id_fkey foreign key (answer_id) references public.answers(id) on delete cascade,
    constraint rehearsed_answers_rehearsal_id_fkey foreign key (rehearsal_id) references public.rehearsals(id) on delete cascade
);
comment on table public.rehearsed_answers is 'What each question of a rehearsal would be answered with the guidance tried.';
comment on column public.rehearsed_answers.id is 'Its key in the ledger: answer_id of the row with the feature rehearsal.';
comment on column public.rehearsed_answers.rehearsal_id is 'Its rehearsal.';
comment on column public.rehearsed_answers.number is 'From 1, the latest question first.';
comment on column public.rehearsed_answers.answer_id is 'The answer whose question it is.';
comment on column public.rehearsed_answers.state is 'waiting, asking (a model may be at it), done or failed.';
comment on column public.rehearsed_answers.code is 'Why it failed: ceiling_reached, worker_lost.';
comment on column public.rehearsed_answers.body is 'What would be said, without the lines that a reply ends with. Granted to no operator.';
comment on column public.rehearsed_answers.source is 'Who wrote it: a model, or the measured review.';
comment on column public.rehearsed_answers.provider is 'Provider that wrote it.';
comment on column public.rehearsed_answers.model is 'Model that wrote it.';
comment on column public.rehearsed_answers.cost_microusd is 'Cost of its calls in micro-dollars; NULL: not known, or not yet.';
comment on column public.rehearsed_answers.latency_ms is 'How long models took, in milliseconds.';
comment on column public.rehearsed_answers.grounding is 'As in answers.';
comment on column public.rehearsed_answers.ended_at is 'When it was closed.';
create index rehearsed_answers_answer_id on public.rehearsed_answers (answer_id);
alter table public.rehearsed_answers enable row level security;
grant all on public.rehearsed_answers to service_role;

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
    constraint reliability_daily_pkey primary key (team_id, day, plan_code, error_code)
) with (toast_tuple_target='1000');
comment on table public.reliability_daily is 'Cases by reporting day, of everybody and of each team: comments that were to be answered, answered or failed, with the times of the answered ones; kept in the ledger''s own transaction.';
comment on column public.reliability_daily.team_id is 'Team of the payer at the time of use; zeros: everybody, with a team or without.';
comment on column public.reliability_daily.day is 'Day in the reporting time zone.';
comment on column public.reliability_daily.plan_code is 'Plan at that moment.';
comment on column public.reliability_daily.error_code is 'Why it failed; empty for the answered ones.';
comment on column public.reliability_daily.answered is 'Comments answered.';
comment on column public.reliability_daily.without_model is 'Those of them answered from measured facts alone.';
comment on column public.reliability_daily.failed is 'Runs that had a use reserved and ended without a reply and without a charge.';
comment on column public.reliability_daily.latency_histogram is 'From webhook to reply, of the answered ones. Counts by fine bucket, see private.fine_bucket; the array begins with its lowest bucket. Rows of hours before there were fine ones: 84 coarse counts.';
comment on column public.reliability_daily.model_latency_histogram is 'Time spent waiting for models; zero times are left out. Counts by fine bucket, see private.fine_bucket; the array begins with its lowest bucket. Rows of hours before there were fine ones: 84 coarse counts.';
comment on column public.reliability_daily.figma_latency_histogram is 'Time spent in calls to Figma; zero times are left out. Counts by fine bucket, see private.fine_bucket; the array begins with its lowest bucket. Rows of hours before there were fine ones: 84 coarse counts.';
alter table public.reliability_daily enable row level security;
create policy reliability_daily_select on public.reliability_daily for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.reliability_daily to service_role;
grant select on public.reliability_daily to authenticated;

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
    constraint reliability_hourly_teams_pkey primary key (team_id, hour, plan_code, error_code)
) with (toast_tuple_target='1000');
comment on table public.reliability_hourly_teams is 'As reliability_daily, by UTC hour.';
comment on column public.reliability_hourly_teams.team_id is 'Team of the payer at the time of use; zeros: everybody, with a team or without. No foreign key: the row outlives the team.';
comment on column public.reliability_hourly_teams.hour is 'Start of the UTC hour.';
comment on column public.reliability_hourly_teams.plan_code is 'Plan at that moment.';
comment on column public.reliability_hourly_teams.error_code is 'Why it failed; empty for the answered ones.';
comment on column public.reliability_hourly_teams.answered is 'Comments answered.';
comment on column public.reliability_hourly_teams.without_model is 'Those of them answered from measured facts alone.';
comment on column public.reliability_hourly_teams.failed is 'Runs that had a use reserved and ended without a reply and without a charge.';
comment on column public.reliability_hourly_teams.latency_histogram is 'As in reliability_daily.';
comment on column public.reliability_hourly_teams.model_latency_histogram is 'As in reliability_daily.';
comment on column public.reliability_hourly_teams.figma_latency_histogram is 'As in reliability_daily.';
alter table public.reliability_hourly_teams enable row level security;
create policy reliability_hourly_teams_select on public.reliability_hourly_teams for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.reliability_hourly_teams to service_role;
grant select on public.reliability_hourly_teams to authenticated;

create table public.reliability_targets (
    code text not null,
    target numeric not null,
    threshold_ms bigint,
    updated_at timestamptz not null default now(),
    constraint reliability_targets_code check (code in ('answered', 'in_time')),
    constraint reliability_targets_longest check (threshold_ms <= 1440000),
    constraint reliability_targets_target check ((target > (0)::numeric) and (target < (1)::numeric)),
    constraint reliability_targets_threshold check (((code = 'in_time') = (threshold_ms is not null)) and (threshold_ms > 0)),
    constraint reliability_targets_pkey primary key (code)
);
comment on table public.reliability_targets is 'Service level objectives: which share of comments has to be answered, and which share in time, over 30 days.';
comment on column public.reliability_targets.code is 'answered: with a reply; in_time: with a reply within threshold_ms of the webhook''s arrival.';
comment on column public.reliability_targets.target is 'Share from 0 to 1; what is left to 1 is the error budget.';
comment on column public.reliability_targets.threshold_ms is 'For in_time: how long an answer may take, in milliseconds; at most 24 minutes.';
comment on column public.reliability_targets.updated_at is 'When the row last changed.';
create trigger reliability_targets_audit after insert or delete or update on public.reliability_targets for each row execute function private.audit();
alter table public.reliability_targets enable row level security;
create policy reliability_targets_select on public.reliability_targets for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.reliability_targets to service_role;
grant select on public.reliability_targets to authenticated;

create table public.report_settings (
    id text not null default 'weekly',
    is_on boolean not null default false,
    weekday smallint not null default 1,
    address text not null default '',
    changed_at timestamptz,
    constraint report_settings_address check ((length(address) <= 300) and ((address = '') or (address ~ '^https?://[^[:space:]]+$'))),
    constraint report_settings_one_row check (id = 'weekly'),
    constraint report_settings_weekday check ((weekday >= 1) and (weekday <= 7)),
    constraint report_settings_pkey primary key (id)
);
comment on table public.report_settings is 'Whether and on which day the weekly report goes to the alert channels that want it. One row.';
comment on column public.report_settings.id is 'weekly.';
comment on column public.report_settings.is_on is 'Whether it is sent.';
comment on column public.report_settings.weekday is 'On which day of the week, from 08:00 of the reporting zone: 1 Monday to 7 Sunday.';
comment on column public.report_settings.address is 'Where the dashboard is, as the browser of who set this knew it: for the links of the report; empty: not known.';
comment on column public.report_settings.changed_at is 'When this was set; NULL: never.';
create trigger report_settings_audit after insert or delete or update on public.report_settings for each row execute function private.audit();
alter table public.report_settings enable row level security;
create policy report_settings_select on public.report_settings for select to authenticated using ((( select private.operator_role() as operator_role) = 'founder'));
grant all on public.report_settings to service_role;
grant select on public.report_settings to authenticated;

create table public.reporting_settings (
    id text not null default 'reporting',
    time_zone text not null default 'UTC',
    week_start text not null default 'monday',
    updated_at timestamptz not null default now(),
    constraint reporting_settings_only check (id = 'reporting'),
    constraint reporting_settings_week_start check (week_start in ('monday', 'sunday')),
    constraint reporting_settings_pkey primary key (id)
);
comment on table public.reporting_settings is 'One row: the time zone and the week start of every figure by day, week or month. Changed with set_reporting().';
comment on column public.reporting_settings.id is 'Always "reporting".';
comment on column public.reporting_settings.time_zone is 'An IANA name whose offset is whole hours, since the rollups are by whole UTC hours.';
comment on column public.reporting_settings.week_start is '"monday" or "sunday".';
comment on column public.reporting_settings.updated_at is 'When it was last changed.';
create trigger reporting_settings_ai_cost after update on public.reporting_settings for each row when ((old.time_zone is distinct from new.time_zone)) execute function private.recount_ai_cost_days();
create trigger reporting_settings_analyses after update on public.reporting_settings for each row when ((old.time_zone is distinct from new.time_zone)) execute function private.recount_analysis_days();
create trigger reporting_settings_audit after insert or delete or update on public.reporting_settings for each row execute function private.audit();
create trigger reporting_settings_growth after update on public.reporting_settings for each row when (((old.time_zone is distinct from new.time_zone) or (old.week_start is distinct from new.week_start))) execute function private.recount_growth();
create trigger reporting_settings_pipelines after update on public.reporting_settings for each row when ((old.time_zone is distinct from new.time_zone)) execute function private.recount_pipeline_days();
create trigger reporting_settings_reliability after update on public.reporting_settings for each row when ((old.time_zone is distinct from new.time_zone)) execute function private.recount_reliability_days();
create trigger reporting_settings_webhooks after update on public.reporting_settings for each row when ((old.time_zone is distinct from new.time_zone)) execute function private.recount_webhook_days();
alter table public.reporting_settings enable row level security;
create policy reporting_settings_select on public.reporting_settings for select to authenticated using ((( select private.operator_role() as operator_role) is not null));
grant all on public.reporting_settings to service_role;
grant select on public.reporting_settings to authenticated;

create table public.repricings (
    id uuid not null,
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
    cache_write_microusd_per_million bigint,
    class_microusd_per_million jsonb not null default '{}'::jsonb,
    service_tier text not null default 'standard',
    constraint repricings_classes check ((coalesce(cache_write_microusd_per_million, (0)::bigint) >= 0) and (jsonb_typeof(class_microusd_per_million) = 'object') and (service_tier <> '')),
    constraint repricings_model check ((provider <> '') and (model <> '')),
    constraint repricings_period check ((to_at > from_at) and ((done_to >= from_at) and (done_to <= to_at))),
    constraint repricings_prices check ((input_microusd_per_million >= 0) and (output_microusd_per_million >= 0) and (coalesce(cached_input_microusd_per_million, (0)::bigint) >= 0)),
    constraint repricings_pkey primary key (id)
);
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
comment on column public.repricings.cache_write_microusd_per_million is 'Micro-dollars per million tokens written to the provider''s cache; NULL: such calls have no price here.';
comment on column public.repricings.class_microusd_per_million is 'Micro-dollars per million of each other class of usage_logs.token_classes; a class that is missing has no price here.';
comment on column public.repricings.service_tier is 'The service tier the price is for, as in usage_logs.';
create index repricings_model on public.repricings (provider, model, created_at);
create unique index repricings_one_at_a_time on public.repricings (provider, model) where (finished_at is null);
create trigger repricings_audit after insert or update of finished_at on public.repricings for each row execute function private.audit();
alter table public.repricings enable row level security;
create policy repricings_select on public.repricings for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.repricings to service_role;
grant select on public.repricings to authenticated;

create table public.retention_runs (
    name text not null,
    since timestamptz not null default now(),
    last_at timestamptz not null default now(),
    removed_at timestamptz,
    removed bigint not null default 0,
    total bigint not null default 0,
    constraint retention_runs_name_length check ((length(name) >= 1) and (length(name) <= 60)),
    constraint retention_runs_not_negative check ((removed >= 0) and (total >= 0)),
    constraint retention_runs_pkey primary key (name)
);
comment on table public.retention_runs is 'What is removed after its time, and when that last ran. The words for each are in service/retention.py.';
comment on column public.retention_runs.name is 'Which kind: a key of what purge_expired gives, or artifacts, orphans.';
comment on column public.retention_runs.since is 'When it ran first.';
comment on column public.retention_runs.last_at is 'When it ran last.';
comment on column public.retention_runs.removed_at is 'When it last removed something; NULL: never yet.';
comment on column public.retention_runs.removed is 'How many rows or files it removed then.';
comment on column public.retention_runs.total is 'How many in all.';
alter table public.retention_runs enable row level security;
create policy retention_runs_select on public.retention_runs for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.retention_runs to service_role;
grant select on public.retention_runs to authenticated;

create table public.saved_views (
    id uuid not null default gen_random_uuid(),
    operator_id uuid not null,
    page text not null,
    name text not null,
    query text not null,
    saved_at timestamptz not null default now(),
    constraint saved_views_name check ((length(name) >= 1) and (length(name) <= 60)),
    constraint saved_views_page check (page ~ '^[a-z_]{1,40}$'),
    constraint saved_views_query check (length(query) <= 1000),
    constraint saved_views_once unique (operator_id, page, name),
    constraint saved_views_pkey primary key (id)
);
comment on table public.saved_views is 'Names that operators give to views of a page. The address carries the whole view; this is a name for it. Read through saved_view_list() alone.';
comment on column public.saved_views.id is 'Our id.';
comment on column public.saved_views.operator_id is 'Whose: operators.user_id. No foreign key: it may go over to another account.';
comment on column public.saved_views.page is 'Which page.';
comment on column public.saved_views.name is 'What they call it.';
comment on column public.saved_views.query is 'What stands behind the question mark of the address.';
comment on column public.saved_views.saved_at is 'When.';
alter table public.saved_views enable row level security;
grant all on public.saved_views to service_role;

create table public.service_profile (
    is_only boolean not null default true,
    sealing_key text not null,
    defaults jsonb not null,
    told_at timestamptz not null default now(),
    constraint service_profile_only check (is_only),
    constraint service_profile_sealing_key check (length(sealing_key) = 44),
    constraint service_profile_pkey primary key (is_only)
);
comment on table public.service_profile is 'What a worker says of itself at its start, so that the dashboard can show and seal without any key or environment of the service.';
comment on column public.service_profile.is_only is 'There is one row.';
comment on column public.service_profile.sealing_key is 'Public X25519 key, base64: what is sealed with it only the service can open. The private half follows from the first of TOKEN_ENCRYPTION_KEYS.';
comment on column public.service_profile.defaults is 'Values of the environment by setting: in force where product_settings has none.';
comment on column public.service_profile.told_at is 'When a worker last said so.';
alter table public.service_profile enable row level security;
create policy service_profile_select on public.service_profile for select to authenticated using ((( select private.operator_role() as operator_role) = 'founder'));
grant all on public.service_profile to service_role;
grant select on public.service_profile to authenticated;

create table public.sessions (
    token_hash text not null,
    user_id uuid not null,
    kind text not null default 'browser',
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    id uuid not null default gen_random_uuid(),
    label text not null default '',
    last_used_at timestamptz not null default now(),
    constraint sessions_kind check (kind in ('browser', 'plugin')),
    constraint sessions_label check (length(label) <= 80),
    constraint sessions_pkey primary key (token_hash),
    constraint sessions_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.sessions is 'Signed-in browsers and plugins. Only a hash of each token is kept.';
comment on column public.sessions.token_hash is 'SHA-256 of the random session token.';
comment on column public.sessions.user_id is 'Whose session.';
comment on column public.sessions.kind is 'browser or plugin.';
comment on column public.sessions.created_at is 'When it was opened.';
comment on column public.sessions.expires_at is 'When it ends.';
comment on column public.sessions.id is 'How its owner names it, for instance to end it; opens nothing.';
comment on column public.sessions.label is 'The device in a few words, such as "Firefox on Windows", from what the browser said of itself; empty: it said nothing known.';
comment on column public.sessions.last_used_at is 'Last request with it, to within ten minutes.';
create index sessions_expires_at on public.sessions (expires_at);
create unique index sessions_id on public.sessions (id);
create index sessions_user_id on public.sessions (user_id);
alter table public.sessions enable row level security;
grant all on public.sessions to service_role;

create table public.sharing_choices (
    team_id uuid not null,
    chooser_id uuid not null,
    level text not null,
    set_at timestamptz not null default now(),
    constraint sharing_choices_level check (level in ('texts_and_pictures', 'texts', 'nothing')),
    constraint sharing_choices_pkey primary key (team_id, chooser_id)
);
comment on table public.sharing_choices is 'Standing choices of what may leave for models, by team: the strictest is the team''s level in model_sharing. A choice of before this table has its row there alone, until the team''s level is next changed.';
comment on column public.sharing_choices.team_id is 'The team.';
comment on column public.sharing_choices.chooser_id is 'The member who chose it and alone may take it back; the team itself: an operator chose it, or whoever did is gone.';
comment on column public.sharing_choices.level is 'texts_and_pictures, texts or nothing.';
comment on column public.sharing_choices.set_at is 'When it was chosen.';
create index sharing_choices_chooser_id on public.sharing_choices (chooser_id);
alter table public.sharing_choices enable row level security;
grant all on public.sharing_choices to service_role;

create table public.spend_reservations (
    id uuid not null default gen_random_uuid(),
    answer_id uuid not null,
    at timestamptz not null default now(),
    microusd bigint not null,
    is_booked boolean not null default false,
    constraint spend_reservations_not_negative check (microusd >= 0),
    constraint spend_reservations_pkey primary key (id)
);
comment on table public.spend_reservations is 'What model calls under way may cost at most, while a day''s spend of the whole service is bounded. A row goes when the ledger has the cost.';
comment on column public.spend_reservations.id is 'Our id.';
comment on column public.spend_reservations.answer_id is 'The answer, the analysis or the pipeline that asks.';
comment on column public.spend_reservations.at is 'When it was reserved.';
comment on column public.spend_reservations.microusd is 'The most that its calls may still cost, in micro-dollars.';
comment on column public.spend_reservations.is_booked is 'The ledger has its line, with a bill that is not known: counts until the day (UTC) is over.';
create index spend_reservations_answer on public.spend_reservations (answer_id);
create index spend_reservations_at on public.spend_reservations (at);
alter table public.spend_reservations enable row level security;
grant all on public.spend_reservations to service_role;

create table public.spend_stops (
    day date not null,
    reached_at timestamptz not null default now(),
    limit_microusd bigint not null,
    spent_microusd bigint not null,
    refused bigint not null default 1,
    constraint spend_stops_pkey primary key (day)
);
comment on table public.spend_stops is 'Days on which a model was not asked, because the most that all models may cost in a day was reached.';
comment on column public.spend_stops.day is 'UTC day.';
comment on column public.spend_stops.reached_at is 'When a call was first refused.';
comment on column public.spend_stops.limit_microusd is 'The limit that was in force when one was last refused.';
comment on column public.spend_stops.spent_microusd is 'What the day had cost then, with what calls under way may cost.';
comment on column public.spend_stops.refused is 'How often no model was asked for this reason.';
alter table public.spend_stops enable row level security;
create policy spend_stops_select on public.spend_stops for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.spend_stops to service_role;
grant select on public.spend_stops to authenticated;

create table public.subscriptions (
    id uuid not null default gen_random_uuid(),
    user_id uuid,
    team_id uuid,
    plan_code text not null,
    seats integer not null default 1,
    starts_at timestamptz not null default now(),
    ends_at timestamptz,
    created_at timestamptz not null default now(),
    constraint subscriptions_one_payer check ((user_id is null) <> (team_id is null)),
    constraint subscriptions_period check ((ends_at is null) or (ends_at > starts_at)),
    constraint subscriptions_seats check (seats > 0),
    constraint subscriptions_pkey primary key (id),
    constraint subscriptions_team_id_fkey foreign key (team_id) references public.teams(id) on delete cascade,
    constraint subscriptions_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.subscriptions is 'Which plan a user or a team has, from when to when. Nobody listed here is on the trial.';
comment on column public.subscriptions.id is 'Our id.';
comment on column public.subscriptions.user_id is 'The paying user, or NULL for a team.';
comment on column public.subscriptions.team_id is 'The paying team, or NULL for a user.';
comment on column public.subscriptions.plan_code is 'Plan from plans.code.';
comment on column public.subscriptions.seats is 'Seats paid for.';
comment on column public.subscriptions.starts_at is 'First moment.';
comment on column public.subscriptions.ends_at is 'First moment after; NULL: open.';
comment on column public.subscriptions.created_at is 'When the row was written.';
create index subscriptions_team_id on public.subscriptions (team_id, starts_at desc);
create index subscriptions_user_id on public.subscriptions (user_id, starts_at desc);
create trigger subscriptions_audit after insert or delete or update on public.subscriptions for each row execute function private.audit();
create trigger subscriptions_books before insert or delete or update on public.subscriptions for each statement execute function private.hold_books();
create trigger subscriptions_late_fees after insert or delete or update on public.subscriptions for each statement execute function private.book_late_fees();
alter table public.subscriptions enable row level security;
create policy subscriptions_select on public.subscriptions for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,finance}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.subscriptions to service_role;
grant select on public.subscriptions to authenticated;

create table public.suggestion_outcomes (
    analysis_id uuid not null,
    ref integer not null,
    user_id uuid not null,
    plan_code text not null default '',
    source text not null,
    rule text not null default '',
    outcome text not null,
    reason text not null default '',
    at timestamptz not null default now(),
    constraint suggestion_outcomes_outcome check (outcome in ('applied', 'undone', 'ignored')),
    constraint suggestion_outcomes_source check (source in ('model', 'measured')),
    constraint suggestion_outcomes_pkey primary key (analysis_id, ref),
    constraint suggestion_outcomes_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.suggestion_outcomes is 'What became of each suggestion that somebody acted on; the latest word counts. Kept 400 days.';
comment on column public.suggestion_outcomes.analysis_id is 'The analysis that made it.';
comment on column public.suggestion_outcomes.ref is 'Which suggestion of that analysis.';
comment on column public.suggestion_outcomes.user_id is 'Who decided.';
comment on column public.suggestion_outcomes.plan_code is 'Their plan when they asked.';
comment on column public.suggestion_outcomes.source is 'Who wrote the suggestion: model or measured.';
comment on column public.suggestion_outcomes.rule is 'The rule behind it; empty where the analysis is no longer kept.';
comment on column public.suggestion_outcomes.outcome is 'applied, undone or ignored.';
comment on column public.suggestion_outcomes.reason is 'Why, in their own words. Granted to no operator.';
comment on column public.suggestion_outcomes.at is 'When they last decided.';
create index suggestion_outcomes_at on public.suggestion_outcomes (at desc);
create index suggestion_outcomes_user_id on public.suggestion_outcomes (user_id, at desc);
create trigger suggestion_outcomes_changed_late after update on public.suggestion_outcomes for each row when ((new.outcome <> old.outcome)) execute function private.note_late_outcome();
create trigger suggestion_outcomes_said_late after insert on public.suggestion_outcomes for each row execute function private.note_late_outcome();
alter table public.suggestion_outcomes enable row level security;
create policy suggestion_outcomes_select on public.suggestion_outcomes for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.suggestion_outcomes to service_role;
grant select (analysis_id, ref, user_id, plan_code, source, rule, outcome, at) on public.suggestion_outcomes to authenticated;

create table public.teams (
    id uuid not null default gen_random_uuid(),
    name text not null,
    settings jsonb not null default '{}'::jsonb,
    feature_flags jsonb not null default '{}'::jsonb,
    created_at timestamptz not null default now(),
    constraint teams_name_length check ((length(name) >= 1) and (length(name) <= 200)),
    constraint teams_pkey primary key (id)
);
comment on table public.teams is 'An organisation that pays for several designers: its settings and feature flags.';
comment on column public.teams.id is 'Our id.';
comment on column public.teams.name is 'Name on screen.';
comment on column public.teams.settings is 'Settings of the team.';
comment on column public.teams.feature_flags is 'Flags set for this team, by code: true or false. Those left out are as in feature_flags.';
comment on column public.teams.created_at is 'Since when.';
create trigger teams_audit after insert or delete or update on public.teams for each row execute function private.audit();
alter table public.teams enable row level security;
create policy teams_select on public.teams for select to authenticated using ((( select private.operator_role() as operator_role) is not null));
grant all on public.teams to service_role;
grant select (id, name, feature_flags) on public.teams to authenticated;

create table public.thread_mutes (
    file_key text not null,
    root_comment_id text not null,
    muted_by text not null,
    muted_at timestamptz not null default now(),
    constraint thread_mutes_pkey primary key (file_key, root_comment_id)
);
comment on table public.thread_mutes is 'Threads in which somebody wrote "stop": the buddy stays silent there until "resume".';
comment on column public.thread_mutes.file_key is 'File of the thread.';
comment on column public.thread_mutes.root_comment_id is 'Root comment of the thread.';
comment on column public.thread_mutes.muted_by is 'Figma id of who wrote "stop".';
comment on column public.thread_mutes.muted_at is 'When.';
alter table public.thread_mutes enable row level security;
create policy thread_mutes_select on public.thread_mutes for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.thread_mutes to service_role;
grant select on public.thread_mutes to authenticated;

create table public.unbilled_spending (
    day date not null,
    scope text not null,
    scope_key text not null,
    calls bigint not null default 0,
    cost_microusd bigint not null default 0,
    last_at timestamptz not null default now(),
    constraint unbilled_spending_not_negative check ((calls >= 0) and (cost_microusd >= 0)),
    constraint unbilled_spending_scope check (scope in ('author', 'webhook', 'file')),
    constraint unbilled_spending_pkey primary key (day, scope, scope_key)
);
comment on table public.unbilled_spending is 'What model calls cost us for which no use was taken, by UTC day and whom it was for. Kept 92 days.';
comment on column public.unbilled_spending.day is 'UTC day.';
comment on column public.unbilled_spending.scope is 'author, webhook or file: each such call counts in all three.';
comment on column public.unbilled_spending.scope_key is 'Figma id of the author, id of the webhook, key of the file.';
comment on column public.unbilled_spending.calls is 'Answers whose model was asked and whose use was not taken.';
comment on column public.unbilled_spending.cost_microusd is 'Micro-dollars; a call without a known price counts as private.unknown_call_microusd().';
comment on column public.unbilled_spending.last_at is 'When the last of them ended.';
alter table public.unbilled_spending enable row level security;
create policy unbilled_spending_select on public.unbilled_spending for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'finance'])));
grant all on public.unbilled_spending to service_role;
grant select on public.unbilled_spending to authenticated;

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
    cache_write_tokens bigint not null default 0,
    constraint usage_daily_pkey primary key (day, plan_code, feature, provider, model, status, error_code)
);
comment on table public.usage_daily is 'usage_hourly by reporting day, kept in the ledger''s own transaction: long periods are read from here.';
comment on column public.usage_daily.day is 'Day in the reporting time zone.';
comment on column public.usage_daily.plan_code is 'Plan of the payer; empty for guests.';
comment on column public.usage_daily.feature is 'comment, command, invite …';
comment on column public.usage_daily.provider is 'Model provider; empty without a model call.';
comment on column public.usage_daily.model is 'Model; empty without a model call.';
comment on column public.usage_daily.status is 'answered, refused or failed.';
comment on column public.usage_daily.error_code is 'Reason of a refusal or failure; else empty.';
comment on column public.usage_daily.uses is 'Ledger rows.';
comment on column public.usage_daily.unpriced is 'Ledger rows without a known price.';
comment on column public.usage_daily.input_tokens is 'Sum of input tokens.';
comment on column public.usage_daily.cached_input_tokens is 'Sum of cached input tokens.';
comment on column public.usage_daily.output_tokens is 'Sum of output tokens.';
comment on column public.usage_daily.reasoning_tokens is 'Sum of reasoning tokens.';
comment on column public.usage_daily.cost_microusd is 'Sum of known costs in micro-dollars.';
comment on column public.usage_daily.latency_ms_sum is 'Sum of latencies in ms.';
comment on column public.usage_daily.model_latency_ms_sum is 'Sum of model latencies in ms.';
comment on column public.usage_daily.latency_histogram is '84 counts; bucket b holds latencies up to 2^((b-1)/4) ms. Element-wise sums merge histograms.';
comment on column public.usage_daily.model_latency_histogram is 'As latency_histogram, of the model''s own time; empty calls are not counted.';
comment on column public.usage_daily.cache_write_tokens is 'Part of input written to the provider''s cache.';
alter table public.usage_daily enable row level security;
create policy usage_daily_select on public.usage_daily for select to authenticated using ((( select case when (private.operator_role() = any ('{founder}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.usage_daily to service_role;
grant select on public.usage_daily to authenticated;

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
    constraint usage_daily_users_pkey primary key (day, user_id, plan_code)
);
comment on table public.usage_daily_users is 'The ledger by reporting day and paying user, kept in the ledger''s own transaction.';
comment on column public.usage_daily_users.day is 'Day in the reporting time zone.';
comment on column public.usage_daily_users.user_id is 'Paying user.';
comment on column public.usage_daily_users.plan_code is 'Plan at that moment.';
comment on column public.usage_daily_users.answered is 'Ledger rows with status answered.';
comment on column public.usage_daily_users.refused is '… refused.';
comment on column public.usage_daily_users.failed is '… failed.';
comment on column public.usage_daily_users.unpriced is '… without a known price.';
comment on column public.usage_daily_users.input_tokens is 'Sum of input tokens.';
comment on column public.usage_daily_users.output_tokens is 'Sum of output tokens.';
comment on column public.usage_daily_users.cost_microusd is 'Sum of known costs in micro-dollars.';
create index usage_daily_users_user on public.usage_daily_users (user_id, day desc);
alter table public.usage_daily_users enable row level security;
create policy usage_daily_users_select on public.usage_daily_users for select to authenticated using ((( select case when (private.operator_role() = any ('{founder}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.usage_daily_users to service_role;
grant select on public.usage_daily_users to authenticated;

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
    figma_latency_ms_sum bigint not null default 0,
    figma_latency_histogram bigint[] not null default array_fill((0)::bigint, array[84]),
    cache_write_tokens bigint not null default 0,
    constraint usage_hourly_pkey primary key (hour, plan_code, feature, provider, model, status, error_code)
);
comment on table public.usage_hourly is 'The ledger by hour (UTC) and low-cardinality dimensions, kept in the ledger''s own transaction.';
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
comment on column public.usage_hourly.latency_histogram is '84 counts; bucket b holds latencies up to 2^((b-1)/4) ms. Element-wise sums merge histograms.';
comment on column public.usage_hourly.model_latency_histogram is 'As latency_histogram, of the model''s own time; empty calls are not counted.';
comment on column public.usage_hourly.figma_latency_ms_sum is 'Sum of the time spent in calls to Figma, in milliseconds; 0 before this column existed.';
comment on column public.usage_hourly.figma_latency_histogram is '84 counts of the time spent in calls to Figma, buckets as in latency_histogram; all zero before this column existed.';
comment on column public.usage_hourly.cache_write_tokens is 'Part of input written to the provider''s cache.';
alter table public.usage_hourly enable row level security;
create policy usage_hourly_select on public.usage_hourly for select to authenticated using ((( select case when (private.operator_role() = any ('{founder}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.usage_hourly to service_role;
grant select on public.usage_hourly to authenticated;

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
    cache_write_tokens bigint not null default 0,
    constraint usage_hourly_teams_pkey primary key (team_id, hour, plan_code, feature, status)
);
comment on table public.usage_hourly_teams is 'The ledger by hour (UTC) and team of the payer at the time of use: figures narrowed to a team.';
comment on column public.usage_hourly_teams.team_id is 'Team of the payer at the time of use. No foreign key: the row outlives the team.';
comment on column public.usage_hourly_teams.hour is 'Start of the UTC hour.';
comment on column public.usage_hourly_teams.plan_code is 'Plan of the payer; empty for guests.';
comment on column public.usage_hourly_teams.feature is 'comment, command, invite …';
comment on column public.usage_hourly_teams.status is 'answered, refused or failed.';
comment on column public.usage_hourly_teams.uses is 'Ledger rows.';
comment on column public.usage_hourly_teams.unpriced is 'Ledger rows without a known price.';
comment on column public.usage_hourly_teams.input_tokens is 'Sum of input tokens.';
comment on column public.usage_hourly_teams.cached_input_tokens is 'Sum of cached input tokens.';
comment on column public.usage_hourly_teams.output_tokens is 'Sum of output tokens.';
comment on column public.usage_hourly_teams.reasoning_tokens is 'Sum of reasoning tokens.';
comment on column public.usage_hourly_teams.cost_microusd is 'Sum of known costs in micro-dollars.';
comment on column public.usage_hourly_teams.latency_ms_sum is 'Sum of latencies in ms.';
comment on column public.usage_hourly_teams.model_latency_ms_sum is 'Sum of model latencies in ms.';
comment on column public.usage_hourly_teams.latency_histogram is '84 counts; bucket b holds latencies up to 2^((b-1)/4) ms. Element-wise sums merge histograms.';
comment on column public.usage_hourly_teams.cache_write_tokens is 'Part of input written to the provider''s cache.';
alter table public.usage_hourly_teams enable row level security;
create policy usage_hourly_teams_select on public.usage_hourly_teams for select to authenticated using ((( select case when (private.operator_role() = any ('{founder}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.usage_hourly_teams to service_role;
grant select on public.usage_hourly_teams to authenticated;

create table public.usage_logs (
    id bigint generated always as identity,
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
    unknown_calls integer not null default 0,
    cache_write_tokens bigint not null default 0,
    token_classes jsonb not null default '{}'::jsonb,
    service_tier text not null default 'standard',
    constraint usage_logs_cost check ((cost_state = 'unpriced') = (cost_microusd is null)),
    constraint usage_logs_cost_state check (cost_state in ('reported', 'priced', 'unpriced')),
    constraint usage_logs_not_negative check ((coalesce(cost_microusd, (0)::bigint) >= 0) and (latency_ms >= 0) and (model_latency_ms >= 0) and (input_tokens >= 0) and (output_tokens >= 0) and (cached_input_tokens >= 0) and (reasoning_tokens >= 0)),
    constraint usage_logs_status check (status in ('answered', 'refused', 'failed')),
    constraint usage_logs_once unique (answer_id, run),
    constraint usage_logs_pkey primary key (id)
);
comment on table public.usage_logs is 'The ledger: one immutable row per use, refusal and failure.';
comment on column public.usage_logs.id is 'Order of writing.';
comment on column public.usage_logs.at is 'When the use was settled, refused or given up.';
comment on column public.usage_logs.answer_id is 'The answer, the analysis or the pipeline it belongs to.';
comment on column public.usage_logs.run is 'Grows with each replay; of a pipeline, the number of the row.';
comment on column public.usage_logs.feature is 'comment, command, invite, analysis, pipeline (one model call), pipeline_run (the end of a run) …';
comment on column public.usage_logs.status is 'answered, refused or failed.';
comment on column public.usage_logs.error_code is 'Reason of a refusal or failure; else empty.';
comment on column public.usage_logs.user_id is 'Who paid. No foreign key: the row outlives the account.';
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
comment on column public.usage_logs.cost_microusd is 'Millionths of a dollar; NULL exactly when no price is known, never 0 for that.';
comment on column public.usage_logs.cost_state is 'reported by the provider, priced by price_name, or unpriced.';
comment on column public.usage_logs.price_name is 'The named price, or why there is none.';
comment on column public.usage_logs.latency_ms is 'From the arrival of the webhook or request to the posted reply or stored result, in milliseconds.';
comment on column public.usage_logs.model_latency_ms is 'Time waited for models, in ms.';
comment on column public.usage_logs.figma_latency_ms is 'Time waited for Figma, in ms.';
comment on column public.usage_logs.fallbacks is 'Providers that failed before the one that answered.';
comment on column public.usage_logs.context_version is 'Context version in force.';
comment on column public.usage_logs.prompt_version is 'Version of the prompt''s wording.';
comment on column public.usage_logs.request_id is 'Follows the comment through every log line.';
comment on column public.usage_logs.unknown_calls is 'Model calls of this run that may have been billed without our being told (a time-out, a lost worker): cost_microusd is without them.';
comment on column public.usage_logs.cache_write_tokens is 'Part of input written to the provider''s cache.';
comment on column public.usage_logs.token_classes is 'What else has a price of its own, by the price library''s names ({"input_audio_tokens": 12}): parts of input, cached input, cache writes or output, each counted once.';
comment on column public.usage_logs.service_tier is 'The tier that served the call: standard, or as the answer named it (flex, priority, batch …); mixed when several calls differ.';
create index usage_logs_at on public.usage_logs (at desc);
create index usage_logs_model_at on public.usage_logs (model, provider, at) where (model <> '');
create index usage_logs_user on public.usage_logs (user_id, at desc);
alter table public.usage_logs add constraint usage_logs_token_classes check ((cache_write_tokens >= 0) and (jsonb_typeof(token_classes) = 'object') and (service_tier <> '')) not valid;
create trigger usage_logs_ai_cost after insert on public.usage_logs referencing new table as written for each statement execute function private.roll_up_ai_cost();
create trigger usage_logs_book after insert on public.usage_logs referencing new table as new_rows for each statement execute function private.book_usage();
create trigger usage_logs_free_spend after insert on public.usage_logs referencing new table as written for each statement execute function private.free_spend();
create trigger usage_logs_growth after insert on public.usage_logs referencing new table as written for each statement execute function private.count_use();
create trigger usage_logs_immutable before delete or update on public.usage_logs for each row execute function private.refuse_change();
create trigger usage_logs_not_truncated before truncate on public.usage_logs for each statement execute function private.refuse_change();
create trigger usage_logs_reliability after insert on public.usage_logs referencing new table as written for each statement execute function private.roll_up_reliability();
alter table public.usage_logs enable row level security;
create policy usage_logs_select on public.usage_logs for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,finance}'::text[])) then true else null::boolean end as "case") is not null));
grant select on public.usage_logs to authenticated;
grant select, insert, references, trigger on public.usage_logs to service_role;
grant select (unknown_calls) on public.usage_logs to authenticated;

create table public.use_balances (
    user_id uuid not null,
    plan_code text not null,
    period_start date not null,
    used integer not null default 0,
    reserved integer not null default 0,
    constraint use_balances_counts check ((used >= 0) and (reserved >= 0)),
    constraint use_balances_pkey primary key (user_id, plan_code, period_start),
    constraint use_balances_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.use_balances is 'Uses taken and reserved of a plan in a period; period_start is -infinity for a plan without periods.';
comment on column public.use_balances.user_id is 'Whose uses.';
comment on column public.use_balances.plan_code is 'Of which plan.';
comment on column public.use_balances.period_start is 'Start of the period (UTC); -infinity for a plan without periods.';
comment on column public.use_balances.used is 'Settled uses.';
comment on column public.use_balances.reserved is 'Uses of answers under way.';
create index use_balances_period on public.use_balances (period_start, plan_code);
alter table public.use_balances enable row level security;
create policy use_balances_select on public.use_balances for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.use_balances to service_role;
grant select on public.use_balances to authenticated;

create table public.use_grants (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null,
    plan_code text not null,
    period_start date not null,
    uses integer not null,
    reason text not null,
    granted_by text not null,
    granted_at timestamptz not null default now(),
    revoked_at timestamptz,
    revoked_by text,
    constraint use_grants_uses check ((uses >= 1) and (uses <= 100000)),
    constraint use_grants_pkey primary key (id),
    constraint use_grants_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
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
create index use_grants_user_id on public.use_grants (user_id, plan_code, period_start);
create trigger use_grants_audit after insert or delete or update on public.use_grants for each row execute function private.audit('reason');
alter table public.use_grants enable row level security;
create policy use_grants_select on public.use_grants for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.use_grants to service_role;
grant select on public.use_grants to authenticated;

create table public.use_receipts (
    id uuid not null default gen_random_uuid(),
    answer_id uuid not null,
    run integer not null,
    user_id uuid not null,
    plan_code text not null,
    period_start date not null,
    state text not null default 'reserved',
    reason text not null default '',
    reply_comment_id text,
    reserved_at timestamptz not null default now(),
    closed_at timestamptz,
    constraint use_receipts_settled_has_reply check ((state <> 'settled') or (reply_comment_id is not null)),
    constraint use_receipts_state check (state in ('reserved', 'settled', 'released', 'withdrawn')),
    constraint use_receipts_once unique (answer_id, run),
    constraint use_receipts_pkey primary key (id),
    constraint use_receipts_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.use_receipts is 'A use is a receipt: reserved before the work, settled against the posted reply, or released with a reason.';
comment on column public.use_receipts.id is 'Our id.';
comment on column public.use_receipts.answer_id is 'For which answer, analysis or pipeline.';
comment on column public.use_receipts.run is 'Which run of it.';
comment on column public.use_receipts.user_id is 'Who pays.';
comment on column public.use_receipts.plan_code is 'From which plan.';
comment on column public.use_receipts.period_start is 'From which period.';
comment on column public.use_receipts.state is 'reserved before the work; settled against the posted reply; released: given back; withdrawn: taken, because the comment was withdrawn after the model had been asked.';
comment on column public.use_receipts.reason is 'Why it was released or withdrawn.';
comment on column public.use_receipts.reply_comment_id is 'The posted reply it was settled against; of an analysis or a pipeline, its own id.';
comment on column public.use_receipts.reserved_at is 'When reserved.';
comment on column public.use_receipts.closed_at is 'When settled, released or withdrawn.';
create index use_receipts_reserved on public.use_receipts (reserved_at) where (state = 'reserved');
create index use_receipts_user_id on public.use_receipts (user_id, reserved_at desc);
alter table public.use_receipts enable row level security;
create policy use_receipts_select on public.use_receipts for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.use_receipts to service_role;
grant select on public.use_receipts to authenticated;

create table public.user_context_versions (
    user_id uuid not null,
    version integer not null,
    content jsonb not null,
    saved_by text not null,
    reason text not null default '',
    saved_at timestamptz not null default now(),
    constraint user_context_versions_pkey primary key (user_id, version),
    constraint user_context_versions_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.user_context_versions is 'Every version of a context that was ever in force. Rows never change, so a worker may cache them for ever.';
comment on column public.user_context_versions.user_id is 'Whose context.';
comment on column public.user_context_versions.version is 'Counts from 1.';
comment on column public.user_context_versions.content is 'The fields of the context. Versions from before fields could be shared have no shared_with_guests: nothing is shared.';
comment on column public.user_context_versions.saved_by is '"user" for the designer, else the operator''s e-mail address.';
comment on column public.user_context_versions.reason is 'Why an operator changed it.';
comment on column public.user_context_versions.saved_at is 'Since when it was in force.';
alter table public.user_context_versions enable row level security;
create policy user_context_versions_select on public.user_context_versions for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.user_context_versions to service_role;
grant select on public.user_context_versions to authenticated;

create table public.user_contexts (
    user_id uuid not null,
    version integer not null default 1,
    instructions text not null default '',
    tone text not null default '',
    brand text not null default '',
    design_system_rules text not null default '',
    language text not null default '',
    focus_areas text[] not null default '{}'::text[],
    model text not null default '',
    updated_at timestamptz not null default now(),
    shared_with_guests text[] not null default '{}'::text[],
    constraint user_contexts_focus_areas check (cardinality(focus_areas) <= 12),
    constraint user_contexts_shared_with_guests check ((shared_with_guests <@ array['brand', 'design_system_rules', 'focus_areas', 'instructions', 'language', 'tone']) and (cardinality(shared_with_guests) <= 6)),
    constraint user_contexts_sizes check ((length(instructions) <= 4000) and (length(tone) <= 500) and (length(brand) <= 4000) and (length(design_system_rules) <= 8000) and (length(language) <= 35) and (length(model) <= 100)),
    constraint user_contexts_pkey primary key (user_id),
    constraint user_contexts_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.user_contexts is 'The guidance now in force for a designer: brand, tone, design-system rules.';
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
comment on column public.user_contexts.shared_with_guests is 'Names of the fields that stand in the prompt when a guest asks and this person pays; in order of the alphabet. Whoever can comment in such a file can find out what they say. Nothing by default.';
create trigger user_contexts_audit after update on public.user_contexts for each row when ((old.version is distinct from new.version)) execute function private.audit('instructions', 'tone', 'brand', 'design_system_rules', 'language', 'focus_areas', 'model');
alter table public.user_contexts enable row level security;
create policy user_contexts_select on public.user_contexts for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.user_contexts to service_role;
grant select on public.user_contexts to authenticated;

create table public.user_features (
    user_id uuid not null,
    feature text not null,
    plan_code text not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    uses bigint not null,
    constraint user_features_pkey primary key (user_id, feature, plan_code)
);
comment on table public.user_features is 'What each person has used, on which plan, from when to when and how often. Their first answer is here.';
comment on column public.user_features.user_id is 'Who paid for it. No foreign key: it outlives the account, as the ledger does.';
comment on column public.user_features.feature is 'As in usage_logs (comment, command …), and context_saved and webhook_made from activity.';
comment on column public.user_features.plan_code is 'Plan at the time of use.';
comment on column public.user_features.first_at is 'First successful use.';
comment on column public.user_features.last_at is 'Latest successful use.';
comment on column public.user_features.uses is 'Successful uses.';
create index user_features_first_at on public.user_features (feature, first_at);
alter table public.user_features enable row level security;
create policy user_features_select on public.user_features for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.user_features to service_role;
grant select on public.user_features to authenticated;

create table public.user_webhooks (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null,
    figma_webhook_id text,
    context text not null,
    context_id text not null,
    label text not null default '',
    passcode_encrypted text not null,
    passcode_hash text not null,
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
    preview text not null default 'off',
    constraint user_webhooks_context check (context in ('team', 'project', 'file')),
    constraint user_webhooks_guest_rule check (guest_rule in ('invite', 'owner_pays', 'ignore')),
    constraint user_webhooks_paused_because check (paused_because in ('operator', 'unconfirmed_deliveries')),
    constraint user_webhooks_preview check (preview in ('off', 'first', 'always')),
    constraint user_webhooks_state check (state in ('creating', 'active', 'paused', 'deleted')),
    constraint user_webhooks_figma_webhook_id_key unique (figma_webhook_id),
    constraint user_webhooks_passcode_hash_key unique (passcode_hash),
    constraint user_webhooks_pkey primary key (id),
    constraint user_webhooks_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
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
comment on column public.user_webhooks.preview is 'Whether its owner looks at answers before they are posted: off, first (the first one of each file) or always.';
create index user_webhooks_context_id on public.user_webhooks (context_id);
create index user_webhooks_oldest on public.user_webhooks (created_at) where (state <> 'deleted');
create unique index user_webhooks_one_each on public.user_webhooks (user_id, context, context_id) where (state <> 'deleted');
create trigger user_webhooks_audit after update on public.user_webhooks for each row when (((old.state is distinct from new.state) or (old.guest_rule is distinct from new.guest_rule) or (old.operator_paused_at is distinct from new.operator_paused_at))) execute function private.audit('passcode_encrypted', 'passcode_hash', 'label');
alter table public.user_webhooks enable row level security;
create policy user_webhooks_select on public.user_webhooks for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.user_webhooks to service_role;
grant select (id, user_id, figma_webhook_id, context, context_id, label, state, guest_rule, created_at, confirmed_at, last_event_at, deleted_at, operator_paused_at, longest_pause, pauses_until, paused_because, lifted_at, refusals_hour, refusals, preview) on public.user_webhooks to authenticated;

create table public.users (
    id uuid not null default gen_random_uuid(),
    figma_user_id text not null,
    handle text not null,
    email text,
    image_url text,
    team_id uuid,
    state text not null default 'active',
    first_seen_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    figma_user_hash text,
    constraint users_handle_length check (length(handle) <= 500),
    constraint users_state check (state in ('active', 'suspended', 'deleted')),
    constraint users_figma_user_id_key unique (figma_user_id),
    constraint users_pkey primary key (id),
    constraint users_team_id_fkey foreign key (team_id) references public.teams(id) on delete set null
);
comment on table public.users is 'A designer who signed in with Figma. A deleted one keeps an anonymous row, so that the ledger still adds up.';
comment on column public.users.id is 'Our id.';
comment on column public.users.figma_user_id is 'Figma''s id as text (it exceeds 2^53); "deleted:<id>" after deletion.';
comment on column public.users.handle is 'Display name at Figma; not unique.';
comment on column public.users.email is 'Address at Figma; granted to no operator.';
comment on column public.users.image_url is 'Avatar at Figma.';
comment on column public.users.team_id is 'Their organisation, if any.';
comment on column public.users.state is 'active, suspended or deleted.';
comment on column public.users.first_seen_at is 'Sign-up.';
comment on column public.users.last_seen_at is 'Last request with a session, to within a minute.';
comment on column public.users.figma_user_hash is 'Keyed hash of the Figma id since their last sign-in; NULL after deletion. Granted to no operator.';
create index users_email on public.users (lower(email)) where (email is not null);
create index users_first_seen_at on public.users (first_seen_at);
create index users_handle_start on public.users (lower(handle) text_pattern_ops);
create index users_handle_words on public.users using gin (to_tsvector('simple'::regconfig, handle));
create index users_team_id on public.users (team_id);
create trigger users_audit after update on public.users for each row when (((old.state is distinct from new.state) or (old.team_id is distinct from new.team_id))) execute function private.audit('handle', 'email', 'image_url', 'figma_user_id', 'figma_user_hash');
alter table public.users enable row level security;
create policy users_select on public.users for select to authenticated using ((( select case when (private.operator_role() = any ('{founder,support}'::text[])) then true else null::boolean end as "case") is not null));
grant all on public.users to service_role;
grant select (id, figma_user_id, handle, team_id, state, first_seen_at, last_seen_at) on public.users to authenticated;

create table public.webhook_daily (
    webhook_id uuid not null,
    day date not null,
    outcome text not null,
    deliveries bigint not null,
    redeliveries bigint not null,
    constraint webhook_daily_pkey primary key (webhook_id, day, outcome)
);
comment on table public.webhook_daily is 'webhook_hourly by reporting day, of each webhook and of all; a day is counted once it is over. Days later than the last one here are read from webhook_hourly. Kept 92 days.';
comment on column public.webhook_daily.webhook_id is 'The webhook, in user_webhooks; zeros: all of them.';
comment on column public.webhook_daily.day is 'Day in the reporting time zone, of the start of its hours.';
comment on column public.webhook_daily.outcome is 'As in webhook_deliveries.';
comment on column public.webhook_daily.deliveries is 'Deliveries that arrived, redeliveries included.';
comment on column public.webhook_daily.redeliveries is 'Those of them that had been delivered before.';
create index webhook_daily_day on public.webhook_daily (day);
alter table public.webhook_daily enable row level security;
create policy webhook_daily_select on public.webhook_daily for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.webhook_daily to service_role;
grant select on public.webhook_daily to authenticated;

create table public.webhook_deliveries (
    id bigint generated always as identity,
    webhook_id uuid not null,
    event_type text not null,
    event_key text not null,
    outcome text not null,
    payload jsonb not null,
    redelivered integer not null default 0,
    answer_id uuid,
    request_id text not null default '',
    received_at timestamptz not null default now(),
    last_received_at timestamptz not null default now(),
    constraint webhook_deliveries_outcome check (outcome in ('queued', 'duplicate', 'ignored', 'own_reply', 'ping', 'paused', 'other_event', 'unreadable', 'foreign_file')),
    constraint webhook_deliveries_once unique (webhook_id, event_type, event_key),
    constraint webhook_deliveries_pkey primary key (id),
    constraint webhook_deliveries_webhook_id_fkey foreign key (webhook_id) references public.user_webhooks(id) on delete cascade
);
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
create index webhook_deliveries_answer_id on public.webhook_deliveries (answer_id);
create index webhook_deliveries_author on public.webhook_deliveries ((((payload -> 'triggered_by') ->> 'id')));
create index webhook_deliveries_received_at on public.webhook_deliveries (received_at desc);
alter table public.webhook_deliveries enable row level security;
create policy webhook_deliveries_select on public.webhook_deliveries for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.webhook_deliveries to service_role;
grant select (id, webhook_id, event_type, event_key, outcome, redelivered, answer_id, request_id, received_at, last_received_at) on public.webhook_deliveries to authenticated;

create table public.webhook_files (
    webhook_id uuid not null,
    file_key text not null,
    is_covered boolean not null,
    checked_at timestamptz not null default now(),
    constraint webhook_files_pkey primary key (webhook_id, file_key),
    constraint webhook_files_webhook_id_fkey foreign key (webhook_id) references public.user_webhooks(id) on delete cascade
);
comment on table public.webhook_files is 'Files that a team''s or project''s webhook speaks for, as Figma said: its own log of what it sent for that webhook.';
comment on column public.webhook_files.webhook_id is 'The webhook.';
comment on column public.webhook_files.file_key is 'The file.';
comment on column public.webhook_files.is_covered is 'Whether Figma had sent an event of this file for this webhook.';
comment on column public.webhook_files.checked_at is 'When Figma was asked. A yes counts for seven days, a no for ten minutes.';
create index webhook_files_checked_at on public.webhook_files (checked_at);
alter table public.webhook_files enable row level security;
create policy webhook_files_select on public.webhook_files for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.webhook_files to service_role;
grant select on public.webhook_files to authenticated;

create table public.webhook_hourly (
    hour timestamptz not null,
    webhook_id uuid not null,
    outcome text not null,
    deliveries bigint not null default 0,
    redeliveries bigint not null default 0,
    constraint webhook_hourly_pkey primary key (hour, webhook_id, outcome),
    constraint webhook_hourly_webhook_id_fkey foreign key (webhook_id) references public.user_webhooks(id) on delete cascade
);
comment on table public.webhook_hourly is 'Deliveries by hour (UTC), webhook and outcome, kept in the transaction that stores them. Kept 92 days.';
comment on column public.webhook_hourly.hour is 'Start of the hour, UTC.';
comment on column public.webhook_hourly.webhook_id is 'The webhook, in user_webhooks.';
comment on column public.webhook_hourly.outcome is 'As in webhook_deliveries.';
comment on column public.webhook_hourly.deliveries is 'Deliveries that arrived, redeliveries included.';
comment on column public.webhook_hourly.redeliveries is 'Those of them that had been delivered before.';
create index webhook_hourly_webhook on public.webhook_hourly (webhook_id, hour desc);
alter table public.webhook_hourly enable row level security;
create policy webhook_hourly_select on public.webhook_hourly for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.webhook_hourly to service_role;
grant select on public.webhook_hourly to authenticated;

create table public.webhook_refusals (
    webhook_id uuid not null,
    hour timestamptz not null,
    reason text not null,
    deliveries bigint not null default 0,
    last_at timestamptz not null default now(),
    constraint webhook_refusals_reason check (reason in ('not_confirmed', 'foreign_file')),
    constraint webhook_refusals_pkey primary key (webhook_id, hour, reason),
    constraint webhook_refusals_webhook_id_fkey foreign key (webhook_id) references public.user_webhooks(id) on delete cascade
);
comment on table public.webhook_refusals is 'Deliveries that Figma did not confirm, by webhook and UTC hour. Kept 92 days.';
comment on column public.webhook_refusals.webhook_id is 'The webhook that they came with.';
comment on column public.webhook_refusals.hour is 'Start of the UTC hour.';
comment on column public.webhook_refusals.reason is 'not_confirmed: no such comment to the buddy at Figma; foreign_file: of a file that the webhook does not speak for.';
comment on column public.webhook_refusals.deliveries is 'How many.';
comment on column public.webhook_refusals.last_at is 'When the last of them was refused.';
create index webhook_refusals_hour on public.webhook_refusals (hour);
alter table public.webhook_refusals enable row level security;
create policy webhook_refusals_select on public.webhook_refusals for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.webhook_refusals to service_role;
grant select on public.webhook_refusals to authenticated;

create table public.webhook_removals (
    id uuid not null,
    user_id uuid not null,
    asked_at timestamptz not null default now(),
    tries integer not null default 0,
    problem text not null default '',
    outcome text,
    closed_at timestamptz,
    constraint webhook_removals_closed check ((outcome is null) = (closed_at is null)),
    constraint webhook_removals_outcome check (outcome in ('removed', 'taken_over', 'left')),
    constraint webhook_removals_pkey primary key (id),
    constraint webhook_removals_id_fkey foreign key (id) references public.user_webhooks(id) on delete cascade,
    constraint webhook_removals_user_id_fkey foreign key (user_id) references public.users(id) on delete cascade
);
comment on table public.webhook_removals is 'Webhooks to be removed at Figma after their owner removed them here or deleted the account, and what came of it.';
comment on column public.webhook_removals.id is 'The webhook.';
comment on column public.webhook_removals.user_id is 'Who removed it, or whose account was deleted.';
comment on column public.webhook_removals.asked_at is 'When it was removed here, or the account was deleted. Seven days later it is given up.';
comment on column public.webhook_removals.tries is 'How often Figma was asked in vain.';
comment on column public.webhook_removals.problem is 'Why it is not removed yet, or why it was left, as a sentence for operators.';
comment on column public.webhook_removals.outcome is 'removed (also: was gone already), taken_over (somebody switched the buddy on there again, with this webhook), or left at Figma; NULL while it is tried.';
comment on column public.webhook_removals.closed_at is 'When it ended.';
create index webhook_removals_open on public.webhook_removals (asked_at) where (outcome is null);
create index webhook_removals_user_id on public.webhook_removals (user_id);
create trigger webhook_removals_audit after update on public.webhook_removals for each row when ((old.outcome is distinct from new.outcome)) execute function private.audit();
alter table public.webhook_removals enable row level security;
create policy webhook_removals_select on public.webhook_removals for select to authenticated using ((( select private.operator_role() as operator_role) = any (array['founder', 'support'])));
grant all on public.webhook_removals to service_role;
grant select on public.webhook_removals to authenticated;

create view private.advice_told with (security_invoker='true') as
 select o.answer_id,
    scopes.team_id,
    told.kind,
    date_trunc('hour', o.settled_at, 'UTC') as hour,
    o.plan_code,
    told.name,
    told.outcome
   from ((public.advice_outcomes o
     cross join lateral ( select 'answer' as kind,
            '' as name,
            o.outcome
        union all
         select 'model' as kind,
            ((o.provider || ' ') || o.model) as name,
            o.outcome
        union all
         select 'context' as kind,
            ((o.context_user_id || ':') || o.context_version) as name,
            o.outcome
          where (o.context_user_id is not null)
        union all
         select 'rule' as kind,
            r.rule as name,
            r.outcome
           from public.advice_rules r
          where (r.answer_id = o.answer_id)) told)
     cross join lateral ( values ('00000000-0000-0000-0000-000000000000'::uuid), (o.team_id)) scopes(team_id))
  where ((told.outcome is not null) and (scopes.team_id is not null));
comment on view private.advice_told is 'What an answer''s outcome counts for in advice_hourly: as an answer, for its model, its guidance and each of its rules; of everybody and of the team.';
grant select on private.advice_told to service_role;

create view private.ai_cost_facts with (security_invoker='true') as
 select date_trunc('hour', usage_logs.at, 'UTC') as hour,
    usage_logs.user_id,
    usage_logs.team_id,
    usage_logs.plan_code,
    usage_logs.feature,
    usage_logs.provider,
    usage_logs.model,
    (1)::bigint as calls,
    (((usage_logs.cost_state = 'reported'))::integer)::bigint as reported,
    (((usage_logs.cost_state = 'unpriced'))::integer)::bigint as unpriced,
    (0)::bigint as newly_priced,
    usage_logs.input_tokens,
    usage_logs.cached_input_tokens,
    usage_logs.output_tokens,
    usage_logs.reasoning_tokens,
    coalesce(usage_logs.cost_microusd, (0)::bigint) as cost_microusd,
        case usage_logs.cost_state
            when 'reported' then coalesce(usage_logs.cost_microusd, (0)::bigint)
            else (0)::bigint
        end as reported_microusd,
    (0)::bigint as adjustment_microusd,
    usage_logs.cache_write_tokens
   from public.usage_logs
  where ((usage_logs.provider <> '') or (usage_logs.cost_microusd is distinct from 0))
union all
 select date_trunc('hour', adjustments.for_at, 'UTC') as hour,
    adjustments.user_id,
    adjustments.team_id,
    adjustments.plan_code,
    adjustments.feature,
    adjustments.provider,
    adjustments.model,
    0 as calls,
    0 as reported,
    0 as unpriced,
    adjustments.newly_priced,
    0 as input_tokens,
    0 as cached_input_tokens,
    0 as output_tokens,
    0 as reasoning_tokens,
    0 as cost_microusd,
    0 as reported_microusd,
    adjustments.amount_microusd as adjustment_microusd,
    0 as cache_write_tokens
   from public.adjustments
  where (adjustments.kind = 'ai_cost');
comment on view private.ai_cost_facts is 'What AI cost is counted from: ledger rows with a provider or a cost, and adjustments, each by its UTC hour.';
grant select on private.ai_cost_facts to service_role;

create view private.analysis_facts with (security_invoker='true') as
 select at,
    plan_code,
    team_id,
    type,
    reason,
    batch_id,
    latency_ms,
        case
            when (state <> 'done') then state
            when is_cached then 'cached'
            else source
        end as outcome,
    ((state = 'done') and (source = 'model') and (not is_cached) and (batch_id is null)) as is_timed
   from public.analysis_ends ends;
comment on view private.analysis_facts is 'Ends of analyses as the figures have them. outcome: model (a model wrote it), measured (rules alone), cached (the result of an equal request), refused, failed, cancelled. is_timed: a model wrote it, and somebody waited for it alone.';
grant select on private.analysis_facts to authenticated;
grant select on private.analysis_facts to service_role;

create table private.audit_head (
    is_only boolean not null default true,
    last_id bigint not null default 0,
    last_hash text not null default '',
    constraint audit_head_only check (is_only),
    constraint audit_head_pkey primary key (is_only)
);
comment on table private.audit_head is 'The newest link of the audit chain, so that rows missing at its end are noticed too.';
alter table private.audit_head enable row level security;

create table private.backups (
    id bigint generated always as identity,
    moment timestamptz not null,
    recorded_at timestamptz not null default now(),
    file_name text not null,
    bytes bigint not null,
    seconds double precision not null,
    schema_version text not null,
    tables integer not null,
    row_count bigint not null,
    files integer not null,
    files_missing integer not null default 0,
    constraint backups_file_name unique (file_name),
    constraint backups_pkey primary key (id)
);
comment on table private.backups is 'Backups that were made with `make backup`, read back and found complete. One that failed has no row.';
comment on column private.backups.id is 'Our number.';
comment on column private.backups.moment is 'When its snapshot was taken: what came later is not in it.';
comment on column private.backups.recorded_at is 'When it had been read back.';
comment on column private.backups.file_name is 'Name of the file, without its folder.';
comment on column private.backups.bytes is 'Size of the file.';
comment on column private.backups.seconds is 'How long it took, with the check.';
comment on column private.backups.schema_version is 'The newest migration in it.';
comment on column private.backups.tables is 'How many tables it has.';
comment on column private.backups.row_count is 'How many rows.';
comment on column private.backups.files is 'How many stored files of pipelines.';
comment on column private.backups.files_missing is 'How many files had a row and no bytes any more.';
create index backups_moment on private.backups (moment desc);
alter table private.backups enable row level security;
grant select on private.backups to service_role;

create view private.paid_intervals with (security_invoker='true') as
 select s.id as subscription_id,
    s.user_id,
    s.team_id,
    s.plan_code,
    s.seats,
    p.price_microusd,
    (s.seats * p.price_microusd) as mrr_microusd,
    greatest(s.starts_at, p.valid_from) as from_at,
    least(coalesce(s.ends_at, 'infinity'::timestamptz), p.valid_to) as to_at
   from (public.subscriptions s
     join ( select plans.code,
            plans.price_microusd,
            plans.valid_from,
            coalesce(lead(plans.valid_from) over (partition by plans.code order by plans.valid_from), 'infinity'::timestamptz) as valid_to
           from public.plans) p on (((p.code = s.plan_code) and (p.valid_from < coalesce(s.ends_at, 'infinity'::timestamptz)) and (p.valid_to > s.starts_at))))
  where (p.price_microusd > 0);
comment on view private.paid_intervals is 'MRR: seats × monthly price of each subscription in [from_at, to_at). Free plans, tax and one-off amounts are not in it.';
grant select on private.paid_intervals to authenticated;
grant select on private.paid_intervals to service_role;

create view private.payer_names with (security_invoker='false') as
 select id,
    handle,
    team_id
   from public.users
  where ( select private.has_role('{founder,finance}'::text[]) as has_role);
comment on view private.payer_names is 'What finance sees of people: who a payer is. When somebody came, and was last here, is for founders and support.';
grant select on private.payer_names to authenticated;
grant select on private.payer_names to service_role;

create view private.people_now with (security_invoker='true') as
 select users.id as user_id,
    users.handle,
    users.team_id,
    users.state,
    users.first_seen_at as signed_up_at,
    coalesce(( select s.plan_code
           from public.subscriptions s
          where ((s.user_id = users.id) and (s.starts_at <= now()) and ((s.ends_at is null) or (s.ends_at > now())))
          order by s.starts_at desc
         limit 1), ( select s.plan_code
           from public.subscriptions s
          where ((s.team_id = users.team_id) and (s.starts_at <= now()) and ((s.ends_at is null) or (s.ends_at > now())))
          order by s.starts_at desc
         limit 1), 'trial') as plan_code,
    first.at as first_answer_at
   from (public.users
     left join lateral ( select min(f.first_at) as at
           from public.user_features f
          where ((f.user_id = users.id) and (f.feature in ('comment', 'analysis', 'pipeline_run')))) first on (true))
  where (users.figma_user_id !~~ 'canary:%');
comment on view private.people_now is 'Everybody who ever signed up, with the plan and team they have now and their first answer. Without the designers of private.is_canary, whose test stands here itself: a changed view may call no new function.';
grant select on private.people_now to authenticated;
grant select on private.people_now to service_role;

create view private.pipeline_spending with (security_invoker='false') as
 select pipeline_id,
    cost_microusd,
    unpriced
   from public.pipeline_history
  where ( select private.has_role('{founder}'::text[]) as has_role);
comment on view private.pipeline_spending is 'What pipelines cost, where many are looked at: for founders.';
grant select on private.pipeline_spending to authenticated;
grant select on private.pipeline_spending to service_role;

create table private.schema_migrations (
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now(),
    constraint schema_migrations_pkey primary key (name)
);
comment on table private.schema_migrations is 'Every file of sql/migrations and of the job queue that was applied, and the functions as one.';
alter table private.schema_migrations enable row level security;

create view private.suggestion_facts with (security_invoker='true') as
 select ends.at,
    ends.plan_code,
    ends.team_id,
    counted.rule,
    ends.source,
    ((counted.numbers ->> 0))::bigint as shown,
    ((counted.numbers ->> 1))::bigint as with_change,
    (0)::bigint as applied,
    (0)::bigint as undone,
    (0)::bigint as ignored
   from (public.analysis_ends ends
     cross join lateral jsonb_each(ends.shown) counted(rule, numbers))
  where ((ends.state = 'done') and (ends.shown is not null))
union all
 select ends.at,
    ends.plan_code,
    ends.team_id,
    told.rule,
    ends.source,
    (0)::bigint as shown,
    (0)::bigint as with_change,
    (((told.outcome = 'applied'))::integer)::bigint as applied,
    (((told.outcome = 'undone'))::integer)::bigint as undone,
    (((told.outcome = 'ignored'))::integer)::bigint as ignored
   from (public.analysis_ends ends
     join public.suggestion_outcomes told on ((told.analysis_id = ends.analysis_id)))
  where ((ends.state = 'done') and (ends.shown ? told.rule));
comment on view private.suggestion_facts is 'What analyses showed, by rule and by who wrote it (model, measured): shown; with_change, of which one can be applied; and in rows of their own the latest word on each, at the end of its analysis, whenever it came: applied, undone, ignored.';
grant select on private.suggestion_facts to authenticated;
grant select on private.suggestion_facts to service_role;

create view private.support_audit with (security_invoker='false') as
 select id,
    at,
    actor,
    table_name,
    row_key,
    operation,
    before,
    after,
    reason,
    person_id
   from public.audit_log
  where ((person_id is not null) and
        case
            when ( select private.has_role('{founder}'::text[]) as has_role) then true
            when ( select private.has_role('{support}'::text[]) as has_role) then (table_name in ('analyses', 'answers', 'pipelines', 'subscriptions', 'teams', 'use_grants', 'user_contexts', 'user_webhooks', 'users', 'webhook_removals', 'person_notes', 'follow_ups'))
            else false
        end);
comment on view private.support_audit is 'The audit log of persons, for their stories: with their plans, which support changes for them. Everybody''s plans, in public.audit_log, are for founders.';
grant select on private.support_audit to authenticated;
grant select on private.support_audit to service_role;

create view private.support_days with (security_invoker='false') as
 select day,
    user_id,
    plan_code,
    answered,
    refused,
    failed,
    cost_microusd,
    unpriced
   from public.usage_daily_users
  where ( select private.has_role('{founder,support}'::text[]) as has_role);
comment on view private.support_days is 'What support sees of people''s days: their uses, and what they cost where one person is looked at. The days of everybody are for founders.';
grant select on private.support_days to authenticated;
grant select on private.support_days to service_role;

create view private.support_ledger with (security_invoker='false') as
 select id,
    at,
    answer_id,
    run,
    user_id,
    feature,
    status,
    error_code,
    file_key,
    provider,
    model,
    cost_microusd,
    cost_state,
    latency_ms,
    model_latency_ms,
    context_version,
    request_id
   from public.usage_logs
  where ( select private.has_role('{founder,support}'::text[]) as has_role);
comment on view private.support_ledger is 'What support sees of the ledger: how each answer went, and what it cost where one person or one dead letter is looked at. The ledger itself is for founders and finance.';
grant select on private.support_ledger to authenticated;
grant select on private.support_ledger to service_role;

create view private.trial_people with (security_invoker='true') as
 with limits as materialized (
         select private.trial_limit() as uses
        )
 select user_id,
    handle,
    team_id,
    state,
    signed_up_at,
    started_at,
    last_at,
    trial_limit,
    uses,
    paid_at,
        case
            when (paid_at is not null) then 'paid'
            when ((last_at is null) and (uses = 0) and ((signed_up_at + '30 days'::interval) > now())) then 'not_started'
            when ((coalesce(last_at, signed_up_at) + '30 days'::interval) <= now()) then
            case
                when (uses >= trial_limit) then 'used_up'
                else 'left'
            end
            else 'inside'
        end as outcome,
        case
            when (paid_at is not null) then paid_at
            when (last_at is null) then null::timestamptz
            when (uses >= trial_limit) then last_at
            when ((last_at + '30 days'::interval) <= now()) then (last_at + '30 days'::interval)
            else null::timestamptz
        end as ended_at
   from ( select users.id as user_id,
            users.handle,
            users.team_id,
            users.state,
            users.first_seen_at as signed_up_at,
            trial.first_at as started_at,
            trial.last_at,
            limits.uses as trial_limit,
            least(coalesce(balance.used, 0), limits.uses) as uses,
                case
                    when ((paid.at <= now()) and ((trial.first_at is null) or (greatest(paid.at, users.first_seen_at) >= trial.first_at))) then greatest(paid.at, users.first_seen_at)
                    else null::timestamptz
                end as paid_at
           from ((((((public.users
             cross join limits)
             left join ( select user_features.user_id,
                    min(user_features.first_at) as first_at,
                    max(user_features.last_at) as last_at
                   from public.user_features
                  where ((user_features.feature in ('comment', 'analysis', 'pipeline_run')) and (user_features.plan_code = 'trial'))
                  group by user_features.user_id) trial on ((trial.user_id = users.id)))
             left join public.use_balances balance on (((balance.user_id = users.id) and (balance.plan_code = 'trial') and (balance.period_start = '-infinity'::date))))
             left join ( select first_payments.user_id,
                    first_payments.at
                   from private.first_payments() first_payments(user_id, team_id, at)
                  where (first_payments.user_id is not null)) own on ((own.user_id = users.id)))
             left join ( select first_payments.team_id,
                    first_payments.at
                   from private.first_payments() first_payments(user_id, team_id, at)
                  where (first_payments.team_id is not null)) team on ((team.team_id = users.team_id)))
             cross join lateral ( select least(own.at, team.at) as at) paid)
          where (users.figma_user_id !~~ 'canary:%')) facts;
comment on view private.trial_people is 'Each person''s trial: first and latest free answer, free uses taken, first payment (own or their team''s). outcome: not_started (signed up within 30 days), inside, left (no answer, or no first one, for 30 days), used_up (all uses taken and none of the 30 days since has brought a payment), paid. ended_at: the payment, else the last free use when all are taken, else 30 days after the latest answer.';
grant select on private.trial_people to authenticated;
grant select on private.trial_people to service_role;

-- Functions, and who may call each

-- private.active_people(p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns table(day date, user_id uuid, answered bigint, cost_microusd bigint); authenticated, service_role

-- private.add_advice_day()
--   returns trigger; its owner

-- private.add_ai_cost(p_facts private.ai_cost_facts[])
--   returns void; service_role

-- private.add_partition(p_name text, p_from timestamptz, p_at_column text, p_step interval)
--   returns text; its owner

-- private.advice_between(p_kind text, p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid)
--   returns table(name text, outcome text, answers bigint); authenticated, service_role

-- private.advice_contexts_end()
--   returns date; authenticated, service_role

-- private.advice_disputes_of(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_limit integer)
--   returns table(at timestamptz, because text, rules text, provider text, model text, context_version integer, follow_ups integer, answer_id uuid, word_answer_id uuid); authenticated, service_role

-- private.advice_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.advice_outcome(p_thumbs_down integer, p_says_bad boolean, p_gone integer, p_still integer, p_round integer, p_resolved_at timestamptz)
--   returns text[]; service_role

-- private.after_restore()
--   returns integer; its owner

-- private.ai_cost_between(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_by_hour boolean)
--   returns table(at timestamptz, plan_code text, feature text, provider text, model text, calls bigint, reported bigint, unpriced bigint, newly_priced bigint, input_tokens bigint, cached_input_tokens bigint, output_tokens bigint, reasoning_tokens bigint, cache_write_tokens bigint, cost_microusd bigint, reported_microusd bigint, adjustment_microusd bigint); authenticated, service_role

-- private.ai_cost_grouped(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_step text)
--   returns table(at timestamptz, plan_code text, feature text, provider text, model text, calls bigint, reported bigint, priced bigint, unpriced bigint, input_tokens bigint, cached_input_tokens bigint, output_tokens bigint, reasoning_tokens bigint, cache_write_tokens bigint, ledger_microusd bigint, adjustment_microusd bigint, total_microusd bigint, reported_microusd bigint, priced_microusd bigint); authenticated, service_role

-- private.analyses_counted_until(out moment timestamptz, out day date)
--   returns record; authenticated, service_role

-- private.analysis_days(p_from timestamptz, p_to timestamptz, p_team uuid, p_by_hour boolean, out first_day date, out end_day date, out starts timestamptz, out ends timestamptz)
--   returns record; authenticated, service_role

-- private.analysis_replay_plan(p_analysis public.analyses)
--   returns jsonb; service_role

-- private.analysis_standing(p_analysis public.analyses)
--   returns jsonb; service_role

-- private.answer_job(p_answer public.answers, p_loop_replies integer, p_loop_window_seconds integer)
--   returns jsonb; service_role

-- private.artifacts_of(p_pipeline_id uuid, p_with_paths boolean)
--   returns jsonb; service_role

-- private.asker_of(p_user public.users)
--   returns public.answers; service_role

-- private.audit()
--   returns trigger; its owner

-- private.audit_hash(p_row public.audit_log)
--   returns text; its owner

-- private.audit_person(p_table text, p_key text, p_row jsonb)
--   returns uuid; its owner

-- private.audit_subject(p_table text, p_person uuid, p_row jsonb)
--   returns text; authenticated, service_role

-- private.backup_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.begun_build(p_answer public.answers)
--   returns uuid; its owner

-- private.bill_differ(p_billed numeric, p_ours numeric)
--   returns boolean; authenticated, service_role

-- private.bill_edit(p_reason text)
--   returns text; its owner

-- private.bill_model(p_model text)
--   returns text; authenticated, service_role

-- private.bill_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.bill_rows(p_provider text, p_first date, p_last date)
--   returns table(day date, model text, cause text, billed_calls bigint, our_calls bigint, matched_calls bigint, billed_input_tokens bigint, our_input_tokens bigint, billed_cached_tokens bigint, our_cached_tokens bigint, billed_write_tokens bigint, our_write_tokens bigint, billed_output_tokens bigint, our_output_tokens bigint, billed_tokens bigint, our_tokens bigint, unpriced bigint, unknown bigint, billed_microusd bigint, our_microusd bigint, difference_microusd bigint, quantity_microusd bigint, price_microusd bigint); authenticated, service_role

-- private.bill_totals(p_provider text, p_first date, p_last date)
--   returns jsonb; authenticated, service_role

-- private.billed_payer(p_month date, p_user_id uuid, p_team_id uuid, p_plan_code text, out payer_kind text, out payer_id uuid)
--   returns record; service_role

-- private.billing_fees(p_month date)
--   returns table(payer_kind text, payer_id uuid, plan_code text, seats integer, fee_microusd bigint); authenticated, service_role

-- private.billing_lines(p_month date)
--   returns table(payer_kind text, payer_id uuid, plan_code text, seats integer, uses bigint, included bigint, overage_uses bigint, fee_microusd bigint, overage_microusd bigint, credits_microusd bigint, adjustments_microusd bigint, ai_cost_microusd bigint, unpriced bigint); authenticated, service_role

-- private.billing_lock()
--   returns bigint; service_role

-- private.billing_month_lines(p_month date)
--   returns table(payer_kind text, payer_id uuid, plan_code text, seats integer, uses bigint, included bigint, overage_uses bigint, fee_microusd bigint, overage_microusd bigint, credits_microusd bigint, adjustments_microusd bigint, ai_cost_microusd bigint, unpriced bigint); authenticated, service_role

-- private.billing_payers(p_month date)
--   returns table(payer_kind text, payer_id uuid, plans text, seats bigint, uses bigint, included bigint, overage_uses bigint, fee_microusd bigint, overage_microusd bigint, credits_microusd bigint, adjustments_microusd bigint, due_microusd bigint, ai_cost_microusd bigint, margin_microusd bigint, unpriced bigint); authenticated, service_role

-- private.billing_use(p_month date)
--   returns table(payer_kind text, payer_id uuid, user_id uuid, plan_code text, context_version integer, provider text, model text, calls bigint, uses bigint, refused bigint, unpriced bigint, cost_microusd bigint); authenticated, service_role

-- private.book_late_fees()
--   returns trigger; its owner

-- private.book_pipeline_call(p_stage public.pipeline_stages, p_number integer, p_outcome text, p_usage jsonb)
--   returns boolean; service_role

-- private.book_placed(p_ids uuid[])
--   returns void; service_role

-- private.book_repricing()
--   returns trigger; service_role

-- private.book_usage()
--   returns trigger; service_role

-- private.bucket_quantile(p_buckets integer[], p_uses bigint[], p_share double precision)
--   returns bigint; authenticated, service_role

-- private.budget_costs(p_month date)
--   returns table(scope text, scope_key text, spent_microusd bigint); authenticated, service_role

-- private.budget_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.build_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.calls_of(p_line public.usage_logs, p_used jsonb)
--   returns setof jsonb; service_role

-- private.certificate_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.chain_audit()
--   returns trigger; its owner

-- private.changed_fields(p_before jsonb, p_after jsonb)
--   returns text[]; its owner

-- private.check_alert_channel(p_name text, p_kinds text[])
--   returns void; its owner

-- private.check_bill_overlap(p_bill public.provider_bills, p_replaces uuid[])
--   returns void; its owner

-- private.check_classes_priced(p_provider text, p_model text, p_from timestamptz, p_to timestamptz, p_cache_write bigint, p_service_tier text, p_classes jsonb)
--   returns void; authenticated, service_role

-- private.check_context(p_content jsonb)
--   returns void; its owner

-- private.check_prices(p_input bigint, p_cached bigint, p_output bigint, p_cache_write bigint, p_service_tier text, p_classes jsonb)
--   returns void; authenticated, service_role

-- private.check_repricing(p_provider text, p_model text, p_from timestamptz, p_to timestamptz)
--   returns void; authenticated, service_role

-- private.check_setting(p_code text, p_value jsonb)
--   returns void; its owner

-- private.choose_for_team(p_team_id uuid, p_user_id uuid, p_level text)
--   returns void; service_role

-- private.claim_analysis(p_analysis public.analyses)
--   returns uuid; service_role

-- private.claim_answer()
--   returns trigger; service_role

-- private.claim_delivery()
--   returns trigger; service_role

-- private.claim_reply()
--   returns trigger; service_role

-- private.claim_use()
--   returns trigger; service_role

-- private.class_cost(p_counts jsonb, p_prices jsonb, p_input bigint, p_cached bigint, p_output bigint, p_cache_write bigint)
--   returns numeric; authenticated, service_role

-- private.clear_canaries()
--   returns void; service_role

-- private.close_analysis(p_leader public.analyses, p_usage jsonb, p_receipt_id uuid)
--   returns void; service_role

-- private.close_analysis_use(p_analysis public.analyses, p_is_taken boolean, p_reason text)
--   returns uuid; service_role

-- private.close_departures(p_user_id uuid)
--   returns void; service_role

-- private.close_pipeline(p_pipeline public.pipelines, p_state text, p_code text, p_params jsonb)
--   returns public.pipelines; service_role

-- private.close_pipeline_use(p_pipeline public.pipelines, p_is_taken boolean, p_reason text)
--   returns uuid; service_role

-- private.close_push(p_pipeline public.pipelines, p_state text, p_code text, p_params jsonb)
--   returns public.pipelines; service_role

-- private.close_rehearsed(p_id uuid, p_number integer, p_body text, p_source text, p_code text, p_usage jsonb)
--   returns boolean; service_role

-- private.close_use(p_id uuid, p_run integer, p_is_taken boolean, p_reason text)
--   returns uuid; service_role

-- private.cohort_members(p_step text, p_first date, p_last date, p_plans text[], p_team uuid)
--   returns table(user_id uuid, handle text, cohort date, last_period date); authenticated, service_role

-- private.confirm_comment(p_answer public.answers, p_comment jsonb)
--   returns public.answers; service_role

-- private.context_content(p_user_id uuid)
--   returns jsonb; service_role

-- private.context_version_content(p_user_id uuid, p_version integer)
--   returns jsonb; its owner

-- private.count_activity()
--   returns trigger; service_role

-- private.count_advice(p_ids uuid[], p_sign integer)
--   returns void; service_role

-- private.count_analyses(p_user_id uuid, p_amount integer, p_limit integer, p_seconds integer)
--   returns jsonb; service_role

-- private.count_analysis_days(p_zone text, p_days integer)
--   returns boolean; service_role

-- private.count_context_days(p_days integer)
--   returns boolean; service_role

-- private.count_deliveries(p_webhook_ids uuid[], p_results jsonb[])
--   returns void; service_role

-- private.count_ends_anew(p_first date, p_until timestamptz, p_zone text)
--   returns void; service_role

-- private.count_grounding(p_written public.usage_logs[])
--   returns void; service_role

-- private.count_periods(p_users uuid[] default null::uuid[])
--   returns void; service_role

-- private.count_pipeline(p_row public.pipeline_history, p_sign integer)
--   returns void; service_role

-- private.count_pipeline_at(p_at timestamptz, p_plan_code text, p_outcome text, p_cause text, p_stage text, p_pipelines integer, p_with_model integer)
--   returns void; service_role

-- private.count_pipeline_days(p_zone text, p_days integer)
--   returns boolean; service_role

-- private.count_pipeline_measures(p_from date, p_to date)
--   returns void; service_role

-- private.count_pipelines_by_day()
--   returns void; service_role

-- private.count_providers(p_hour timestamptz, p_attempts jsonb[])
--   returns void; service_role

-- private.count_refusal(p_webhook_id uuid, p_reason text, p_received_at timestamptz default now())
--   returns boolean; service_role

-- private.count_up(p_histogram bigint[], p_buckets integer[])
--   returns bigint[]; service_role

-- private.count_use()
--   returns trigger; service_role

-- private.count_webhook_days(p_zone text)
--   returns void; service_role

-- private.day_level(p_cases bigint, p_bad bigint)
--   returns text; service_role

-- private.day_spent_microusd()
--   returns bigint; service_role

-- private.dead_letter_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.decide_answer(p_answer public.answers, p_answers_per_minute integer, p_loop_replies integer, p_loop_window_seconds integer, p_author_replies integer, p_unbilled_microusd bigint)
--   returns public.answers; service_role

-- private.decision_limits()
--   returns jsonb; its owner

-- private.delete_person(p_user_id uuid, p_figma_user_hash text)
--   returns void; service_role

-- private.delete_some(p_table regclass, p_condition text, p_limit integer)
--   returns integer; service_role

-- private.deliveries_of(p_answer_id uuid)
--   returns bigint; service_role

-- private.demand_person(p_user_id uuid)
--   returns public.users; service_role

-- private.demand_role(p_roles text[], p_reason text)
--   returns void; its owner

-- private.disk_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.drop_previews(p_webhook_id uuid)
--   returns void; service_role

-- private.empty_payloads(p_user_id uuid, p_limit integer)
--   returns integer; service_role

-- private.end_rehearsal(p_id uuid)
--   returns void; service_role

-- private.end_subscriptions(p_user_id uuid)
--   returns void; service_role

-- private.error_budget_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.expect_decision(p_answer public.answers)
--   returns jsonb; its owner

-- private.expected_cost(p_feature text, p_user_id uuid)
--   returns bigint; its owner

-- private.expected_model(p_user_id uuid)
--   returns text; its owner

-- private.exported_account(p_user public.users)
--   returns jsonb; its owner

-- private.exported_books(p_user public.users)
--   returns jsonb; its owner

-- private.exported_words(p_user public.users)
--   returns jsonb; its owner

-- private.feature_people(p_to timestamptz, p_plans text[], p_team uuid)
--   returns table(feature text, user_id uuid, handle text, first_at timestamptz, last_at timestamptz, uses bigint); authenticated, service_role

-- private.figma_limited_until(p_figma_user_id text, p_file_key text, p_tier integer)
--   returns timestamptz; service_role

-- private.figma_quota_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.find_target(p_user_id uuid)
--   returns public.pipeline_targets; service_role

-- private.fine_bucket(p_value bigint)
--   returns integer; authenticated, service_role

-- private.finished_plan(p_answer public.answers)
--   returns jsonb; its owner

-- private.first_payments()
--   returns table(user_id uuid, team_id uuid, at timestamptz); authenticated, service_role

-- private.flags_of(p_user_id uuid, p_owner_id uuid default null::uuid)
--   returns jsonb; service_role

-- private.follow_advice(p_answer_ids uuid[])
--   returns void; service_role

-- private.forget_alerts(p_user_id uuid, p_figma_user_id text)
--   returns void; service_role

-- private.forget_analyses(p_user_id uuid)
--   returns void; service_role

-- private.forget_analysis_days()
--   returns void; service_role

-- private.forget_answers(p_user_id uuid, p_figma_user_id text)
--   returns void; service_role

-- private.forget_belongings(p_user_id uuid, p_figma_user_id text)
--   returns void; service_role

-- private.forget_deliveries(p_user_id uuid, p_figma_user_id text)
--   returns void; service_role

-- private.forget_departed(p_user_id uuid)
--   returns void; service_role

-- private.forget_in_files(p_user_id uuid, p_figma_user_id text)
--   returns void; service_role

-- private.forget_pipelines(p_user_id uuid)
--   returns void; service_role

-- private.forget_rehearsals(p_user_id uuid)
--   returns void; service_role

-- private.forget_sharing(p_user_id uuid)
--   returns void; service_role

-- private.forget_targets(p_user_id uuid)
--   returns void; service_role

-- private.forget_traces(p_user_id uuid, p_files text[])
--   returns void; service_role

-- private.forget_with_answer()
--   returns trigger; service_role

-- private.forgive_refusals(p_webhook_id uuid)
--   returns void; service_role

-- private.founder_edit(p_reason text)
--   returns text; its owner

-- private.free_reservation(p_stage public.pipeline_stages)
--   returns void; service_role

-- private.free_spend()
--   returns trigger; its owner

-- private.granted_uses(p_user_id uuid, p_plan_code text, p_period_start date)
--   returns integer; authenticated, service_role

-- private.has_cost_us_enough(p_answer public.answers, p_most_microusd bigint)
--   returns boolean; service_role

-- private.has_live_worker()
--   returns boolean; service_role

-- private.has_role(p_roles text[])
--   returns boolean; authenticated, service_role

-- private.has_stage_job(p_pipeline_id uuid)
--   returns boolean; service_role

-- private.hint_of(p_event jsonb)
--   returns jsonb; service_role

-- private.histogram_of(p_buckets integer[], p_uses bigint[])
--   returns bigint[]; service_role

-- private.hold_back(p_answer public.answers, p_answers_per_minute integer)
--   returns public.answers; service_role

-- private.hold_books()
--   returns trigger; service_role

-- private.house_rules(p_user_id uuid)
--   returns text; service_role

-- private.ignored_in_file(p_user_id uuid, p_file_key text)
--   returns text[]; service_role

-- private.ignores_guests(p_webhook public.user_webhooks, p_owner public.users)
--   returns boolean; service_role

-- private.is_abandoned(p_webhook public.user_webhooks)
--   returns boolean; service_role

-- private.is_being_made(p_webhook public.user_webhooks)
--   returns boolean; service_role

-- private.is_billed_use(p_status text, p_feature text, p_receipt_id uuid)
--   returns boolean; authenticated, service_role

-- private.is_by_model(p_mine public.pipelines)
--   returns boolean; service_role

-- private.is_canary(p_figma_user_id text)
--   returns boolean; authenticated, service_role

-- private.is_ended_before(p_pipeline public.pipelines, p_stage public.pipeline_stages)
--   returns boolean; service_role

-- private.is_muted(p_answer public.answers)
--   returns boolean; service_role

-- private.is_pipeline_over(p_state text)
--   returns boolean; service_role

-- private.is_pushed_later(p_pipeline public.pipelines)
--   returns boolean; service_role

-- private.is_refused_by_figma(p_code text)
--   returns boolean; authenticated, service_role

-- private.is_setter_gone(p_target public.pipeline_targets)
--   returns boolean; service_role

-- private.isolation_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.judge_advice(p_ids uuid[])
--   returns void; service_role

-- private.keep_analysis(p_new public.analyses)
--   returns public.analyses; service_role

-- private.keep_analysis_trace(p_analysis public.analyses, p_trace jsonb, p_ended text, p_reason text)
--   returns void; service_role

-- private.keep_artifacts(p_pipeline public.pipelines, p_round integer, p_artifacts jsonb)
--   returns void; service_role

-- private.keep_calls(p_written public.usage_logs[], p_ids uuid[], p_usages jsonb[])
--   returns void; service_role

-- private.keep_quality(p_pipeline public.pipelines, p_round integer, p_quality jsonb)
--   returns void; service_role

-- private.keep_sharing(p_id uuid, p_is_team boolean, p_level text, p_user_id uuid)
--   returns void; service_role

-- private.keep_traces(p_answer_ids uuid[], p_attempts integer[], p_traces jsonb[], p_ended text, p_reason text)
--   returns void; service_role

-- private.key_of_answer(p_answer_id uuid)
--   returns text; service_role

-- private.known_layers(p_owner_id uuid, p_file_key text)
--   returns text[]; service_role

-- private.last_backup()
--   returns table(moment timestamptz, recorded_at timestamptz, file_name text, bytes bigint, schema_version text); service_role

-- private.latency_bucket(p_ms bigint)
--   returns integer; service_role

-- private.ledger_of(p_id uuid)
--   returns jsonb; service_role

-- private.limit_author(p_answer public.answers, p_author_replies integer)
--   returns public.answers; service_role

-- private.limited_params(p_until timestamptz)
--   returns jsonb; service_role

-- private.lock_analysis(p_id uuid, p_renew interval default null::interval)
--   returns public.analyses; service_role

-- private.lock_pipeline(p_id uuid)
--   returns public.pipelines; service_role

-- private.lock_pipelines(p_owner_id uuid)
--   returns void; service_role

-- private.lock_steps(p_steps jsonb)
--   returns void; service_role

-- private.look_again(p_answer_ids uuid[], p_webhook_ids uuid[], p_hints jsonb[])
--   returns uuid[]; service_role

-- private.look_of(p_answer public.answers, p_context text)
--   returns jsonb; service_role

-- private.lose_stage(p_stage public.pipeline_stages)
--   returns void; service_role

-- private.make_next(p_name text, p_like regclass, p_leaf text)
--   returns void; its owner

-- private.margin_rows(p_month date)
--   returns table(payer_kind text, payer_id uuid, user_id uuid, plan_code text, context_version integer, uses bigint, revenue_microusd bigint, ai_cost_microusd bigint); authenticated, service_role

-- private.masked_email(p_email text)
--   returns text; its owner

-- private.match_bill(p_bill public.provider_bills)
--   returns void; service_role

-- private.may_follow(p_stage text, p_next text, p_round integer)
--   returns boolean; service_role

-- private.may_see_pipeline(p_user_id uuid, p_owner_id uuid)
--   returns boolean; service_role

-- private.measure_bills()
--   returns void; service_role

-- private.measure_pauses()
--   returns void; service_role

-- private.misuse_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.model_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.month_share(p_month date, p_from timestamptz, p_to timestamptz)
--   returns numeric; authenticated, service_role

-- private.mrr_changes(p_plans text[], p_team uuid)
--   returns table(payer_kind text, payer_id uuid, at timestamptz, before_microusd bigint, after_microusd bigint, kind text, plan_code text, plan_before text, seats bigint, subscription_id uuid); authenticated, service_role

-- private.mrr_payers(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid)
--   returns table(payer_kind text, payer_id uuid, at_start_microusd bigint, mrr_microusd bigint, kept_microusd bigint, new_microusd bigint, expansion_microusd bigint, reactivation_microusd bigint, contraction_microusd bigint, churn_microusd bigint); authenticated, service_role

-- private.mrr_standing(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid)
--   returns table(payer_kind text, payer_id uuid, at_start_microusd bigint, mrr_microusd bigint, lost_microusd bigint, regained_microusd bigint, customers integer, customers_lost integer, cancellations bigint, paid_seconds bigint); authenticated, service_role

-- private.name_partition(p_name text, p_from timestamptz, p_step interval)
--   returns text; its owner

-- private.new_analysis(p_user public.users, p_item jsonb)
--   returns public.analyses; service_role

-- private.note_access(p_operation text, p_table text, p_row_key text, p_person uuid, p_what text[])
--   returns void; its owner

-- private.note_analysed(p_ids uuid[], p_receipt_ids uuid[])
--   returns void; service_role

-- private.note_analysis_end()
--   returns trigger; service_role

-- private.note_audit_head()
--   returns trigger; its owner

-- private.note_billed_calls()
--   returns trigger; service_role

-- private.note_built(p_receipt_id uuid)
--   returns void; service_role

-- private.note_late_end()
--   returns trigger; service_role

-- private.note_late_outcome()
--   returns trigger; service_role

-- private.note_limited(p_user_id uuid, p_amount integer)
--   returns void; service_role

-- private.note_pipeline()
--   returns trigger; its owner

-- private.note_retention(p_counts jsonb)
--   returns void; service_role

-- private.note_settled(p_answer_ids uuid[], p_receipt_ids uuid[])
--   returns void; service_role

-- private.note_thumb(p_answer public.answers)
--   returns boolean; service_role

-- private.note_unbilled(p_answer public.answers, p_microusd bigint)
--   returns void; service_role

-- private.note_writer(p_text text, p_longest integer)
--   returns text; its owner

-- private.open_invitation(p_id uuid, p_version integer)
--   returns public.operator_invitations; its owner

-- private.open_month(p_month date)
--   returns date; authenticated, service_role

-- private.operator_email()
--   returns text; its owner

-- private.operator_role()
--   returns text; authenticated, service_role

-- private.overview_usage(p_starts timestamptz[], p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_by_hour boolean)
--   returns table(step timestamptz, answers bigint, refused bigint, failed bigint, cost_microusd bigint, unpriced bigint, latency_p95_ms bigint); authenticated, service_role

-- private.own_pipeline(p_user_id uuid, p_id uuid)
--   returns public.pipelines; service_role

-- private.paid_at(p_moments timestamptz[], p_plans text[], p_team uuid)
--   returns table(at timestamptz, mrr_microusd bigint, paying bigint); authenticated, service_role

-- private.paid_microusd(p_usage jsonb)
--   returns bigint; service_role

-- private.paid_of(p_plans text[], p_team uuid)
--   returns setof private.paid_intervals; authenticated, service_role

-- private.partition_kinds()
--   returns table(name text, at_column text, step interval, ahead interval, kept interval); service_role

-- private.partition_states()
--   returns table(name text, is_partitioned boolean, made_until timestamptz, begun_until timestamptz, has_strays boolean); its owner

-- private.partitions_of(p_name text)
--   returns table(partition regclass, from_at timestamptz, to_at timestamptz, is_rest boolean); service_role

-- private.people_hits(p_query text)
--   returns table(user_id uuid, matched text, rank integer); its owner

-- private.period_of(p_step text, p_day date, p_week_start text)
--   returns date; authenticated, service_role

-- private.period_start(p_step text, p_day date)
--   returns date; authenticated, service_role

-- private.periods_between(p_step text, p_first date, p_period date)
--   returns integer; authenticated, service_role

-- private.pipeline_cause(p_mine public.pipelines)
--   returns text; service_role

-- private.pipeline_days(p_starts timestamptz[], p_to timestamptz, out first_day date, out end_day date, out starts timestamptz, out ends timestamptz)
--   returns record; authenticated, service_role

-- private.pipeline_days_end()
--   returns date; authenticated, service_role

-- private.pipeline_limits_of(p_owner_id uuid)
--   returns public.pipeline_limits; service_role

-- private.pipeline_measured(p_outcome text, p_run_ms bigint, p_stage_ms jsonb, p_quality jsonb, p_cost_microusd bigint)
--   returns table(measure text, bucket smallint, cases bigint, total double precision); authenticated, service_role

-- private.pipeline_measures_packed(p_starts timestamptz[], p_to timestamptz, p_plans text[], p_team uuid)
--   returns table(step timestamptz, measure text, cases bigint, total double precision, buckets integer[], uses bigint[], p50 bigint, p95 bigint); authenticated, service_role

-- private.pipeline_now(p_mine public.pipelines)
--   returns public.pipeline_history; service_role

-- private.pipeline_opened(p_pipeline public.pipelines)
--   returns jsonb; service_role

-- private.pipeline_quantile(p_measure text, p_buckets integer[], p_uses bigint[], p_share double precision)
--   returns bigint; authenticated, service_role

-- private.pipeline_refused(p_code text, p_params jsonb default '{}'::jsonb)
--   returns jsonb; service_role

-- private.pipeline_summary(p_pipeline public.pipelines)
--   returns jsonb; service_role

-- private.pipelines_by_step(p_starts timestamptz[], p_to timestamptz, p_plans text[], p_team uuid)
--   returns table(step timestamptz, outcome text, cause text, stage text, pipelines bigint, with_model bigint); authenticated, service_role

-- private.place_analysis(p_user public.users, p_item jsonb, p_batch_id uuid, p_place integer, p_is_awaited boolean, p_unbilled_microusd bigint)
--   returns public.analyses; service_role

-- private.place_rehearsal(p_user_id uuid, p_operator_id uuid, p_content jsonb, p_questions integer, p_ceiling_microusd bigint, p_request_id text)
--   returns uuid; service_role

-- private.plan_in_force(p_user_id uuid, p_at timestamptz default now())
--   returns table(code text, name text, uses integer, period text, is_unlimited boolean, period_start date); service_role

-- private.planned_build(p_answer public.answers, p_expected jsonb)
--   returns jsonb; its owner

-- private.planned_replay(p_answer public.answers)
--   returns jsonb; its owner

-- private.planned_reply(p_expected jsonb)
--   returns jsonb; its owner

-- private.planned_step(p_step text, p_status text, p_code text, p_parameters jsonb default '{}'::jsonb)
--   returns jsonb; its owner

-- private.planned_use(p_answer public.answers, p_expected jsonb)
--   returns jsonb; its owner

-- private.preview_of(p_answer public.answers, p_webhook public.user_webhooks)
--   returns text; service_role

-- private.problems_of(p_facts jsonb)
--   returns table(rule text, cause text); service_role

-- private.promote_pipelines(p_owner_id uuid)
--   returns integer; service_role

-- private.prompts_of(p_id uuid)
--   returns jsonb; service_role

-- private.quality_json(p_quality public.pipeline_quality)
--   returns jsonb; service_role

-- private.queue_alert_deliveries(p_ids uuid[])
--   returns void; service_role

-- private.queue_analyses(p_ids uuid[])
--   returns void; service_role

-- private.queue_answers(p_answer_ids uuid[])
--   returns void; service_role

-- private.queue_departure(p_user_id uuid)
--   returns void; service_role

-- private.queue_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.queue_rehearsal(p_id uuid)
--   returns void; service_role

-- private.queue_stage(p_pipeline_id uuid, p_stage text, p_round integer, p_at timestamptz default null::timestamptz)
--   returns void; service_role

-- private.rebuild_advice()
--   returns void; service_role

-- private.rebuild_ai_cost()
--   returns void; service_role

-- private.rebuild_ai_cost_daily(p_zone text)
--   returns void; service_role

-- private.rebuild_analyses()
--   returns void; service_role

-- private.rebuild_billing()
--   returns void; service_role

-- private.rebuild_grounding()
--   returns void; service_role

-- private.rebuild_growth()
--   returns void; service_role

-- private.rebuild_pipelines()
--   returns void; service_role

-- private.rebuild_queue()
--   returns void; service_role

-- private.rebuild_reliability()
--   returns void; service_role

-- private.rebuild_reliability_rows(p_daily boolean, p_zone text)
--   returns void; service_role

-- private.rebuild_usage_daily()
--   returns void; service_role

-- private.rebuild_usage_hourly()
--   returns void; service_role

-- private.rebuild_usage_rows(p_by_day boolean)
--   returns void; service_role

-- private.rebuild_usage_teams()
--   returns void; service_role

-- private.rebuild_watch()
--   returns void; service_role

-- private.recent_replies(p_answer public.answers, p_most integer)
--   returns integer; service_role

-- private.record_backup(p_backup jsonb)
--   returns void; its owner

-- private.record_batch(p_events jsonb, p_isolate boolean)
--   returns jsonb; service_role

-- private.record_event(p_event jsonb)
--   returns jsonb; service_role

-- private.recount_ai_cost_days()
--   returns trigger; its owner

-- private.recount_analysis_days()
--   returns trigger; its owner

-- private.recount_growth()
--   returns trigger; service_role

-- private.recount_pipeline_days()
--   returns trigger; its owner

-- private.recount_reliability_days()
--   returns trigger; its owner

-- private.recount_webhook_days()
--   returns trigger; its owner

-- private.refresh_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.refusals_allowed()
--   returns integer; service_role

-- private.refuse_change()
--   returns trigger; its owner

-- private.refuse_pipeline(p_user public.users, p_owner_id uuid, p_unbilled_microusd bigint, p_most_queued integer)
--   returns jsonb; service_role

-- private.refused_between(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_by_hour boolean)
--   returns table(at timestamptz, uses bigint); authenticated, service_role

-- private.rehearsal_json(p_rehearsal public.rehearsals)
--   returns jsonb; service_role

-- private.rehearsal_offer(p_user_id uuid)
--   returns jsonb; service_role

-- private.rehearsal_questions(p_user public.users, p_most integer)
--   returns setof public.answers; service_role

-- private.rehearsals_left(p_user_id uuid)
--   returns integer; service_role

-- private.reliability_between(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_by_hour boolean)
--   returns table(at timestamptz, error_code text, answered bigint, without_model bigint, failed bigint, latency_histogram bigint[], model_latency_histogram bigint[], figma_latency_histogram bigint[]); authenticated, service_role

-- private.remember_trial(p_user_id uuid, p_figma_user_hash text)
--   returns void; service_role

-- private.replay_analysis(p_analysis public.analyses)
--   returns void; service_role

-- private.replies_in_a_day(p_answer public.answers, p_most integer)
--   returns integer; service_role

-- private.replies_in_a_row(p_answer public.answers, p_replies integer, p_window_seconds integer, p_begun_at timestamptz, p_until timestamptz)
--   returns integer; service_role

-- private.reporting_day(p_at timestamptz)
--   returns date; authenticated, service_role

-- private.reporting_start(p_day date)
--   returns timestamptz; authenticated, service_role

-- private.reporting_week(p_day date)
--   returns date; authenticated, service_role

-- private.reporting_zone()
--   returns text; authenticated, service_role

-- private.repriced(p_provider text, p_model text, p_from timestamptz, p_to timestamptz, p_input bigint, p_cached bigint, p_output bigint, p_cache_write bigint, p_service_tier text, p_classes jsonb, p_by_hour boolean)
--   returns table(hour timestamptz, user_id uuid, team_id uuid, plan_code text, feature text, class text, calls bigint, unpriced bigint, before_microusd bigint, after_microusd bigint); authenticated, service_role

-- private.requeue_alert_deliveries()
--   returns void; service_role

-- private.require_finance()
--   returns boolean; authenticated, service_role

-- private.require_founder()
--   returns boolean; authenticated, service_role

-- private.require_role(p_roles text[])
--   returns boolean; authenticated, service_role

-- private.require_support()
--   returns boolean; authenticated, service_role

-- private.reserve_pipeline_use(p_user_id uuid, p_id uuid, p_run integer)
--   returns jsonb; service_role

-- private.reserve_use(p_answer public.answers, p_answers_per_minute integer)
--   returns jsonb; service_role

-- private.resume_waiting(p_user_id uuid, p_figma_user_id text)
--   returns void; service_role

-- private.revenue_cohort_payers(p_first date, p_last date, p_plans text[], p_team uuid)
--   returns table(payer_kind text, payer_id uuid, cohort date, first_microusd bigint, course bigint[]); authenticated, service_role

-- private.revenue_days(p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns table(day date, starts_at timestamptz, revenue_microusd bigint); authenticated, service_role

-- private.roll_up_adjustments()
--   returns trigger; its owner

-- private.roll_up_ai_cost()
--   returns trigger; its owner

-- private.roll_up_queue()
--   returns trigger; its owner

-- private.roll_up_reliability()
--   returns trigger; its owner

-- private.roll_up_usage(p_lines public.usage_logs[])
--   returns void; service_role

-- private.roll_up_usage_of_people(p_lines public.usage_logs[])
--   returns void; service_role

-- private.roll_up_usage_of_teams(p_lines public.usage_logs[])
--   returns void; service_role

-- private.roll_up_written(p_written public.usage_logs[], p_ids uuid[], p_usages jsonb[])
--   returns void; service_role

-- private.seconds_of_cache()
--   returns interval; service_role

-- private.set_plan(p_user_id uuid, p_plan_code text)
--   returns void; its owner

-- private.settle_answers(p_answer_ids uuid[], p_replies jsonb[], p_usages jsonb[])
--   returns jsonb[]; service_role

-- private.sharing_level(p_rank integer)
--   returns text; service_role

-- private.sharing_rank(p_level text)
--   returns integer; service_role

-- private.sharing_rank_of(p_user_id uuid)
--   returns integer; service_role

-- private.shown_by_rule(p_suggestions jsonb)
--   returns jsonb; service_role

-- private.sign_ups(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid)
--   returns table(user_id uuid, handle text, plan_code text, team_id uuid, signed_up_at timestamptz, first_answer_at timestamptz, is_due boolean, is_activated boolean); authenticated, service_role

-- private.silence_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.silent_webhooks()
--   returns table(webhook_id uuid, longest_pause interval); authenticated, service_role

-- private.spend_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.stage_attempt(p_pipeline_id uuid, p_stage text, p_round integer, p_attempt integer)
--   returns public.pipeline_stages; service_role

-- private.stage_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.stage_task(p_pipeline public.pipelines, p_stage public.pipeline_stages)
--   returns jsonb; service_role

-- private.standing_choices(p_team_id uuid)
--   returns table(chooser_id uuid, rank integer, set_at timestamptz); service_role

-- private.start_departure(p_user_id uuid)
--   returns void; service_role

-- private.start_postings(p_answer_ids uuid[], p_attempts integer[], p_drafts jsonb[], p_seconds double precision[])
--   returns jsonb[]; service_role

-- private.step_start(p_at timestamptz, p_step text)
--   returns timestamptz; authenticated, service_role

-- private.step_starts(p_from timestamptz, p_to timestamptz, p_step text)
--   returns timestamptz[]; authenticated, service_role

-- private.stop_stages(p_pipeline_id uuid)
--   returns void; service_role

-- private.story_question(p_id uuid, p_file_key text, p_file_name text, p_state text, p_reason text, p_author text, p_author_handle text, p_person text)
--   returns jsonb; authenticated, service_role

-- private.table_of(p_relation oid)
--   returns text; service_role

-- private.take_apart(p_steps jsonb)
--   returns jsonb; service_role

-- private.take_jobs(p_queues character varying[], p_worker_id bigint, p_limit integer)
--   returns setof queue.procrastinate_jobs; its owner

-- private.take_step(p_step jsonb)
--   returns jsonb; service_role

-- private.take_together(p_steps jsonb)
--   returns jsonb; service_role

-- private.take_use(p_user_id uuid, out plan_code text, out period_start date, out reason text)
--   returns record; service_role

-- private.target_json(p_target public.pipeline_targets)
--   returns jsonb; service_role

-- private.team_flags(p_team_id uuid)
--   returns jsonb; service_role

-- private.team_plan(p_team_id uuid)
--   returns public.subscriptions; service_role

-- private.tend_departures()
--   returns void; service_role

-- private.touched_fields(p_before jsonb, p_after jsonb)
--   returns text[]; its owner

-- private.traces_of(p_id uuid)
--   returns jsonb; service_role

-- private.trial_converts(p_from timestamptz, p_to timestamptz, p_team uuid)
--   returns table(user_id uuid, handle text, uses integer, started_at timestamptz, paid_at timestamptz, days double precision); authenticated, service_role

-- private.trial_limit()
--   returns integer; authenticated, service_role

-- private.trial_sets(p_to timestamptz, p_team uuid)
--   returns table(user_id uuid, handle text, uses integer, outcome text, started_at timestamptz, ended_at timestamptz, paid_at timestamptz, has_started boolean, has_ended boolean, has_converted boolean); authenticated, service_role

-- private.trial_starters(p_from timestamptz, p_to timestamptz, p_team uuid)
--   returns setof private.trial_people; authenticated, service_role

-- private.trial_starts(p_from timestamptz, p_to timestamptz, p_team uuid default null::uuid)
--   returns table(user_id uuid, handle text, started_at timestamptz, paid_at timestamptz); authenticated, service_role

-- private.unknown_call_microusd()
--   returns bigint; service_role

-- private.unpaid_draft(p_draft jsonb)
--   returns jsonb; service_role

-- private.unpriced_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.usage_summary(p_user_id uuid)
--   returns jsonb; service_role

-- private.usual_cost_of_builds()
--   returns bigint; its owner

-- private.utc_month(p_at timestamptz)
--   returns date; authenticated, service_role

-- private.verdict_of(p_pipeline_id uuid)
--   returns text; service_role

-- private.waiting_stages()
--   returns table(queue text, stages bigint, since timestamptz); service_role

-- private.wake_answer(p_pipeline public.pipelines)
--   returns void; service_role

-- private.webhook_days_end()
--   returns date; authenticated, service_role

-- private.webhook_json(p_webhook public.user_webhooks)
--   returns jsonb; service_role

-- private.weekly_report(p_day date)
--   returns jsonb; service_role

-- private.weekly_report_occurrences()
--   returns table(kind text, subject text, parameters jsonb); service_role

-- private.whole_content(p_content jsonb)
--   returns jsonb; service_role

-- private.whole_days(p_from timestamptz, p_to timestamptz, p_before date, out first_day date, out end_day date, out starts timestamptz, out ends timestamptz)
--   returns record; authenticated, service_role

-- private.wilson(p_part bigint, p_whole bigint)
--   returns double precision[]; authenticated, service_role

-- private.within_limit(p_histogram bigint[], p_limit_ms bigint)
--   returns double precision; authenticated, service_role

-- private.write_analysis_usage(p_ids uuid[], p_usages jsonb[], p_receipt_ids uuid[])
--   returns void; service_role

-- private.write_pipeline_usage(p_pipeline public.pipelines, p_feature text, p_status text, p_usage jsonb, p_receipt_id uuid, p_latency_ms bigint)
--   returns void; service_role

-- private.write_usage(p_answer_ids uuid[], p_usages jsonb[], p_receipt_ids uuid[])
--   returns void; service_role

-- public.accept_invitation(p_token text)
--   returns boolean; authenticated, service_role

-- public.add_alert_channel(p_id uuid, p_kind text, p_name text, p_host text, p_kinds text[], p_sealed text, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.add_bill_lines(p_id uuid, p_line integer, p_lines jsonb)
--   returns void; authenticated, service_role

-- public.add_billing_adjustment(p_id uuid, p_payer_kind text, p_payer_id uuid, p_kind text, p_amount_microusd bigint, p_dated date, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.advice_by(p_kind text, p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns table(name text, taken bigint, ignored bigint, disputed bigint, unknown bigint, taken_share double precision, low double precision, high double precision, is_flagged boolean, handle text); authenticated, service_role

-- public.advice_course(p_starts timestamptz[], p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns table(at timestamptz, taken bigint, ignored bigint, disputed bigint, unknown bigint); authenticated, service_role

-- public.advice_disputes(p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns table(at timestamptz, because text, rules text, provider text, model text, context_version integer, follow_ups integer, answer_id uuid, word_answer_id uuid); authenticated, service_role

-- public.advice_disputes_latest(p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns table(at timestamptz, because text, rules text, provider text, model text, context_version integer, follow_ups integer, answer_id uuid, word_answer_id uuid); authenticated, service_role

-- public.ai_cost(p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid, p_step text default 'day')
--   returns jsonb; authenticated, service_role

-- public.ai_cost_forecast(p_now timestamptz default now())
--   returns jsonb; authenticated, service_role

-- public.ai_cost_hours(p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.ai_cost_people(p_first date, p_last date, p_plans text[] default null::text[], p_team uuid default null::uuid, p_by text default 'user')
--   returns jsonb; authenticated, service_role

-- public.ai_cost_rows(p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid, p_step text default 'day')
--   returns jsonb; authenticated, service_role

-- public.alert_channel_list()
--   returns jsonb; authenticated, service_role

-- public.alert_channel_seals()
--   returns jsonb; service_role

-- public.alert_list(p_limit integer default 50)
--   returns jsonb; authenticated, service_role

-- public.analysis_batch_rows(p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns table(at timestamptz, batch_id uuid, plan_code text, items bigint, model bigint, measured bigint, cached bigint, refused bigint, failed bigint, cancelled bigint); authenticated, service_role

-- public.analysis_costs(p_starts timestamptz[], p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns table(at timestamptz, provider text, model text, unpriced bigint, cost_microusd bigint); authenticated, service_role

-- public.analysis_course(p_starts timestamptz[], p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns table(at timestamptz, type text, outcome text, reason text, analyses bigint, in_batches bigint); authenticated, service_role

-- public.analysis_detail(p_analysis_id uuid)
--   returns jsonb; authenticated, service_role

-- public.analysis_suggestions(p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns table(rule text, source text, shown bigint, with_change bigint, applied bigint, undone bigint, ignored bigint); authenticated, service_role

-- public.analysis_times(p_starts timestamptz[], p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns table(at timestamptz, analyses bigint, p50_ms bigint, p95_ms bigint); authenticated, service_role

-- public.announce_models(p_models text[])
--   returns void; service_role

-- public.announce_prompts(p_prompts jsonb)
--   returns void; service_role

-- public.announce_service(p_sealing_key text, p_defaults jsonb)
--   returns void; service_role

-- public.answer_by_reference(p_reference text)
--   returns uuid; authenticated, service_role

-- public.answer_detail(p_answer_id uuid)
--   returns jsonb; authenticated, service_role

-- public.apply_repricing(p_key uuid, p_provider text, p_model text, p_from timestamptz, p_to timestamptz, p_input bigint, p_cached bigint, p_output bigint, p_seen integer, p_reason text, p_batch integer default 20000, p_cache_write bigint default null::bigint, p_service_tier text default 'standard', p_classes jsonb default '{}'::jsonb)
--   returns jsonb; authenticated, service_role

-- public.approve_handover(p_challenge text, p_user_id uuid, p_lifetime_seconds integer)
--   returns boolean; service_role

-- public.assignable_operators()
--   returns jsonb; authenticated, service_role

-- public.audit_choices()
--   returns jsonb; authenticated, service_role

-- public.audit_rows(p_actor text default null::text, p_operation text default null::text, p_table text default null::text, p_row text default null::text, p_from timestamptz default null::timestamptz, p_to timestamptz default null::timestamptz, p_before_id bigint default null::bigint, p_limit integer default 50)
--   returns jsonb; authenticated, service_role

-- public.await_pipeline(p_answer_id uuid, p_attempt integer, p_until timestamptz)
--   returns jsonb; service_role

-- public.beat_stage(p_pipeline_id uuid, p_stage text, p_round integer, p_attempt integer, p_lease_seconds double precision)
--   returns jsonb; service_role

-- public.begin_alert_delivery(p_id uuid, p_lease_seconds double precision)
--   returns jsonb; service_role

-- public.begin_analysis(p_analysis_id uuid, p_lease_seconds double precision)
--   returns jsonb; service_role

-- public.begin_answer(p_answer_id uuid, p_answers_per_minute integer, p_loop_replies integer, p_loop_window_seconds integer, p_lease_seconds double precision, p_comment jsonb default null::jsonb, p_author_replies integer default 50, p_unbilled_microusd bigint default 1000000)
--   returns jsonb; service_role

-- public.begin_isolation(p_tokens text[], p_words text, p_now boolean default false)
--   returns jsonb; service_role

-- public.begin_rehearsal(p_id uuid)
--   returns jsonb; service_role

-- public.begin_stage(p_pipeline_id uuid, p_stage text, p_round integer, p_lease_seconds double precision, p_runner text)
--   returns jsonb; service_role

-- public.bill_lines(p_provider text, p_first date, p_last date, p_model text default null::text, p_only_unmatched boolean default false, p_limit integer default 500)
--   returns jsonb; authenticated, service_role

-- public.bill_rows(p_provider text, p_first date, p_last date)
--   returns jsonb; authenticated, service_role

-- public.bill_totals(p_provider text, p_first date, p_last date)
--   returns jsonb; authenticated, service_role

-- public.bill_uploads()
--   returns jsonb; authenticated, service_role

-- public.billing_adjustment_list(p_month date)
--   returns jsonb; authenticated, service_role

-- public.billing_calendar()
--   returns jsonb; authenticated, service_role

-- public.billing_statement(p_month date, p_after text, p_limit integer)
--   returns jsonb; authenticated, service_role

-- public.billing_totals(p_month date)
--   returns jsonb; authenticated, service_role

-- public.book_rehearsed(p_id uuid, p_number integer, p_body text, p_source text, p_code text, p_usage jsonb)
--   returns text; service_role

-- public.book_stage_call(p_pipeline_id uuid, p_stage text, p_round integer, p_attempt integer, p_number integer, p_outcome text, p_usage jsonb, p_is_last boolean default false, p_artifacts jsonb default '[]'::jsonb)
--   returns jsonb; service_role

-- public.budget_standing(p_now timestamptz default now())
--   returns jsonb; authenticated, service_role

-- public.cancel_analysis_batch(p_user_id uuid, p_batch_id uuid)
--   returns jsonb; service_role

-- public.cancel_pipeline(p_user_id uuid, p_id uuid)
--   returns jsonb; service_role

-- public.change_alert_channel(p_id uuid, p_name text, p_kinds text[], p_is_on boolean, p_host text, p_sealed text, p_version integer, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.change_operator(p_user_id uuid, p_role text, p_is_enabled boolean, p_seen_role text, p_seen_enabled boolean, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.change_team_plan(p_team_id uuid, p_seen_plan text, p_seen_seats integer, p_plan_code text, p_seats integer, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.change_webhook(p_user_id uuid, p_webhook_id uuid, p_state text, p_guest_rule text)
--   returns jsonb; service_role

-- public.check_alerts()
--   returns jsonb; service_role

-- public.check_bills()
--   returns void; service_role

-- public.check_budgets()
--   returns jsonb; service_role

-- public.claim_token_refresh(p_user_id uuid, p_version bigint, p_lease_seconds integer)
--   returns jsonb; service_role

-- public.close_invitation_send(p_id uuid, p_send integer, p_problem text)
--   returns void; service_role

-- public.close_look(p_answer_id uuid, p_webhook_id uuid, p_reason text, p_message text)
--   returns jsonb; service_role

-- public.close_month(p_month date, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.collect_handover(p_challenge text, p_session_hash text, p_session_expires_at timestamptz, p_session_label text default '')
--   returns text; service_role

-- public.confirm_webhook(p_webhook_id uuid, p_figma_webhook_id text)
--   returns jsonb; service_role

-- public.count_hits(p_key_hash text, p_seconds integer, p_amount integer)
--   returns jsonb; service_role

-- public.count_measuring(p_user_id uuid, p_limit integer, p_window_seconds integer)
--   returns jsonb; service_role

-- public.current_operator()
--   returns jsonb; authenticated, service_role

-- public.date_note_list(p_first date, p_last date)
--   returns jsonb; authenticated, service_role

-- public.day_spend()
--   returns jsonb; authenticated, service_role

-- public.dead_letter_causes()
--   returns table(reason text, letters bigint, oldest_at timestamptz, newest_at timestamptz); authenticated, service_role

-- public.dead_letters(p_reasons text[] default null::text[], p_limit integer default 200)
--   returns table(id uuid, received_at timestamptz, settled_at timestamptz, author_handle text, file_key text, file_name text, command text, reason text, failure_message text, run integer, attempt integer, plan_code text, spent_microusd bigint, request_id text); authenticated, service_role

-- public.decide_preview(p_user_id uuid, p_answer_id uuid, p_choice text, p_body text default null::text)
--   returns text; service_role

-- public.decline_handover(p_challenge text, p_user_id uuid)
--   returns boolean; service_role

-- public.defer_answer(p_answer_id uuid, p_attempt integer, p_until timestamptz, p_reason text, p_draft jsonb, p_notice_comment_id text)
--   returns void; service_role

-- public.defer_look(p_answer_id uuid, p_until timestamptz, p_reason text)
--   returns void; service_role

-- public.delete_account(p_user_id uuid, p_figma_user_hash text)
--   returns void; service_role

-- public.delete_ignored_findings(p_user_id uuid, p_file_key text)
--   returns integer; service_role

-- public.delivery_course(p_starts timestamptz[], p_to timestamptz, p_webhook_id uuid default null::uuid)
--   returns table(at timestamptz, outcome text, deliveries bigint, redeliveries bigint); authenticated, service_role

-- public.departing_webhooks(p_user_id uuid)
--   returns jsonb; service_role

-- public.discard_answer(p_answer_id uuid, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.due_alert_deliveries(p_limit integer)
--   returns jsonb; service_role

-- public.end_alert_delivery(p_id uuid, p_attempt integer, p_state text, p_status integer, p_reason text, p_next_at timestamptz, p_switch_off boolean)
--   returns void; service_role

-- public.end_isolation(p_id bigint, p_tried integer, p_holes jsonb, p_by_visitor jsonb, p_problem text)
--   returns void; service_role

-- public.end_other_sessions(p_user_id uuid, p_session_hash text)
--   returns integer; service_role

-- public.end_own_session(p_user_id uuid, p_session_id uuid)
--   returns void; service_role

-- public.end_session(p_session_hash text, p_with_plugins boolean default false)
--   returns void; service_role

-- public.end_stage(p_pipeline_id uuid, p_stage text, p_round integer, p_attempt integer, p_result jsonb)
--   returns jsonb; service_role

-- public.ended_analyses(p_analysis_ids jsonb)
--   returns jsonb; service_role

-- public.expire_artifacts(p_most integer default 500)
--   returns jsonb; service_role

-- public.export_costs(p_month date, p_after text, p_limit integer)
--   returns jsonb; authenticated, service_role

-- public.export_ledger(p_month date, p_after_at timestamptz, p_after_id bigint, p_limit integer)
--   returns jsonb; authenticated, service_role

-- public.fail_analysis_attempt(p_analysis_id uuid, p_attempt integer, p_reason text, p_message text, p_usage jsonb default null::jsonb)
--   returns integer; service_role

-- public.fail_attempt(p_answer_id uuid, p_attempt integer, p_reason text, p_message text, p_usage jsonb default null::jsonb)
--   returns integer; service_role

-- public.fail_look(p_answer_id uuid, p_reason text, p_message text)
--   returns integer; service_role

-- public.fail_stage(p_pipeline_id uuid, p_stage text, p_round integer, p_attempt integer, p_code text, p_params jsonb default '{}'::jsonb, p_retry_at timestamptz default null::timestamptz, p_is_excused boolean default false)
--   returns jsonb; service_role

-- public.fail_token_refresh(p_user_id uuid, p_version bigint, p_final boolean)
--   returns void; service_role

-- public.figma_limit_left(p_figma_user_id text, p_file_key text, p_tier integer)
--   returns jsonb; service_role

-- public.figma_quota_list()
--   returns table(figma_user_id text, handle text, file_key text, file_name text, tier smallint, plan_tier text, limit_type text, limited_until timestamptz, refusals integer, upgrade_link text, updated_at timestamptz, reads_7d bigint, put_off bigint); authenticated, service_role

-- public.find_artifact(p_user_id uuid, p_id uuid, p_kind text, p_round integer default null::integer, p_name text default '')
--   returns jsonb; service_role

-- public.find_design(p_pipeline_id uuid, p_file_version text)
--   returns jsonb; service_role

-- public.find_people(p_query text, p_limit integer default 25)
--   returns jsonb; authenticated, service_role

-- public.find_readers(p_webhook_id uuid, p_file_key text, p_answer_id uuid default null::uuid)
--   returns jsonb; service_role

-- public.find_webhook(p_figma_webhook_id text, p_passcode_hash text)
--   returns jsonb; service_role

-- public.finish_bill(p_id uuid, p_lines integer, p_replaces uuid[], p_reason text)
--   returns void; authenticated, service_role

-- public.follow_up_history(p_user_id uuid)
--   returns jsonb; authenticated, service_role

-- public.follow_up_list()
--   returns jsonb; authenticated, service_role

-- public.forecast_pipeline(p_user_id uuid, p_file_key text)
--   returns jsonb; service_role

-- public.forget_artifacts(p_paths text[])
--   returns integer; service_role

-- public.get_account(p_user_id uuid)
--   returns jsonb; service_role

-- public.get_analysis(p_user_id uuid, p_analysis_id uuid)
--   returns jsonb; service_role

-- public.get_analysis_batch(p_user_id uuid, p_batch_id uuid)
--   returns jsonb; service_role

-- public.get_context(p_user_id uuid)
--   returns jsonb; service_role

-- public.get_context_version(p_user_id uuid, p_version integer)
--   returns jsonb; service_role

-- public.get_figma_token(p_user_id uuid)
--   returns jsonb; service_role

-- public.get_rehearsal(p_user_id uuid, p_id uuid)
--   returns jsonb; service_role

-- public.get_session(p_session_hash text, p_idle_seconds integer default 1209600)
--   returns jsonb; service_role

-- public.give_up_analysis(p_analysis_id uuid, p_attempt integer, p_reason text, p_message text, p_usage jsonb)
--   returns void; service_role

-- public.give_up_target(p_owner_id uuid, p_seen text)
--   returns boolean; service_role

-- public.grounding(p_starts timestamptz[], p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns table(at timestamptz, grounded bigint, repaired bigint, fell_back bigint, no_numbers bigint); authenticated, service_role

-- public.growth_active_days(p_first date, p_last date, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.growth_active_rows(p_day date, p_days integer, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.growth_cohort_rows(p_step text, p_first date, p_last date, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.growth_cohorts(p_step text, p_first date, p_last date, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.growth_feature_rows(p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.growth_features(p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.growth_lifecycle(p_step text, p_first date, p_last date, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.growth_lifecycle_rows(p_step text, p_first date, p_last date, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.growth_sign_up_rows(p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.growth_sign_ups(p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.hold_answer(p_answer_id uuid, p_attempt integer, p_draft jsonb, p_seconds double precision, p_notice_comment_id text)
--   returns timestamptz; service_role

-- public.invite_operator(p_id uuid, p_email text, p_role text, p_address text, p_reason text)
--   returns void; authenticated, service_role

-- public.isolation_list(p_limit integer default 30)
--   returns jsonb; authenticated, service_role

-- public.isolation_rows(p_user_id uuid)
--   returns jsonb; service_role

-- public.keep_advice_read(p_answer_id uuid, p_round integer, p_found jsonb)
--   returns boolean; service_role

-- public.keep_stage_artifacts(p_pipeline_id uuid, p_stage text, p_round integer, p_attempt integer, p_artifacts jsonb)
--   returns boolean; service_role

-- public.latest_analyses(p_limit integer default 100)
--   returns setof public.analysis_list; authenticated, service_role

-- public.latest_answers(p_states text[] default null::text[], p_limit integer default 100)
--   returns setof public.answer_list; authenticated, service_role

-- public.leave_webhook(p_user_id uuid, p_webhook_id uuid, p_problem text)
--   returns jsonb; service_role

-- public.list_ignored_findings(p_user_id uuid, p_file_key text)
--   returns jsonb; service_role

-- public.list_pipelines(p_user_id uuid, p_before timestamptz default null::timestamptz, p_before_id uuid default null::uuid, p_limit integer default 50)
--   returns jsonb; service_role

-- public.list_previews(p_user_id uuid)
--   returns jsonb; service_role

-- public.list_sessions(p_user_id uuid, p_idle_seconds integer)
--   returns jsonb; service_role

-- public.list_webhooks(p_user_id uuid)
--   returns jsonb; service_role

-- public.live_settings()
--   returns jsonb; service_role

-- public.margin_by(p_month date, p_by text)
--   returns jsonb; authenticated, service_role

-- public.match_bills(p_provider text)
--   returns void; authenticated, service_role

-- public.model_call_counts(p_starts timestamptz[], p_to timestamptz)
--   returns table(at timestamptz, provider text, model text, answered bigint, failed bigint); authenticated, service_role

-- public.note_departed_webhook(p_webhook_id uuid, p_outcome text, p_problem text)
--   returns void; service_role

-- public.note_figma_limit(p_figma_user_id text, p_file_key text, p_tier integer, p_retry_after_seconds integer, p_plan_tier text, p_limit_type text, p_upgrade_link text)
--   returns void; service_role

-- public.note_outcomes(p_user_id uuid, p_analysis_id uuid, p_outcomes jsonb)
--   returns integer; service_role

-- public.note_removed(p_name text, p_removed integer)
--   returns void; service_role

-- public.note_webhook_file(p_webhook_id uuid, p_file_key text, p_is_covered boolean)
--   returns void; service_role

-- public.offer_rehearsal(p_user_id uuid)
--   returns jsonb; service_role

-- public.oldest_secrets()
--   returns jsonb; service_role

-- public.operator_cancel_pipeline(p_pipeline_id uuid, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.operator_change_plan(p_user_id uuid, p_expected_plan text, p_plan_code text, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.operator_delete_account(p_user_id uuid, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.operator_export_person(p_user_id uuid, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.operator_grant_uses(p_grant_id uuid, p_user_id uuid, p_uses integer, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.operator_offer_rehearsal(p_user_id uuid)
--   returns jsonb; authenticated, service_role

-- public.operator_read_rehearsal(p_id uuid)
--   returns jsonb; authenticated, service_role

-- public.operator_retry_pipeline(p_pipeline_id uuid, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.operator_revoke_grant(p_grant_id uuid, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.operator_save_context(p_user_id uuid, p_expected_version integer, p_content jsonb, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.operator_set_state(p_user_id uuid, p_state text, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.operator_set_webhook_state(p_webhook_id uuid, p_state text, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.operator_start_rehearsal(p_user_id uuid, p_content jsonb, p_questions integer, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.operator_undo_context(p_user_id uuid, p_version integer, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.orphaned_artifacts(p_after text default '', p_most integer default 1000)
--   returns jsonb; service_role

-- public.overview(p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid, p_step text default 'day')
--   returns jsonb; authenticated, service_role

-- public.overview_attention()
--   returns jsonb; authenticated, service_role

-- public.overview_costly()
--   returns jsonb; authenticated, service_role

-- public.overview_failed_pipelines()
--   returns jsonb; authenticated, service_role

-- public.overview_nearly_used()
--   returns jsonb; authenticated, service_role

-- public.overview_people(p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.overview_subscriptions(p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.overview_trials(p_from timestamptz, p_to timestamptz, p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.overview_unpriced()
--   returns jsonb; authenticated, service_role

-- public.passcode_batch(p_after uuid, p_limit integer)
--   returns jsonb; service_role

-- public.person_card(p_user_id uuid)
--   returns jsonb; authenticated, service_role

-- public.person_days(p_user_id uuid)
--   returns table(day date, plan_code text, answered bigint, refused bigint, failed bigint, cost_microusd bigint, unpriced bigint); authenticated, service_role

-- public.person_note_list(p_user_id uuid)
--   returns jsonb; authenticated, service_role

-- public.person_story(p_user_id uuid, p_kinds text[] default null::text[], p_before_at timestamptz default null::timestamptz, p_before_key text default null::text, p_limit integer default 50)
--   returns jsonb; authenticated, service_role

-- public.pipeline_costs(p_starts timestamptz[], p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns table(at timestamptz, provider text, model text, calls bigint, unpriced bigint, cost_microusd bigint); authenticated, service_role

-- public.pipeline_course(p_starts timestamptz[], p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns table(at timestamptz, outcome text, cause text, stage text, pipelines bigint, with_model bigint); authenticated, service_role

-- public.pipeline_detail(p_pipeline_id uuid)
--   returns jsonb; authenticated, service_role

-- public.pipeline_measures(p_starts timestamptz[], p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns table(at timestamptz, measure text, cases bigint, total double precision, mean double precision, p50 bigint, p95 bigint); authenticated, service_role

-- public.pipeline_queue()
--   returns table(owner_id uuid, team_id uuid, name text, waiting bigint, running bigint, waits_since timestamptz); authenticated, service_role

-- public.pipeline_rows(p_from timestamptz, p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid, p_states text[] default null::text[], p_causes text[] default null::text[], p_person text default '', p_before timestamptz default null::timestamptz, p_before_id uuid default null::uuid, p_limit integer default 50)
--   returns table(id uuid, started_at timestamptz, ended_at timestamptz, state text, cause text, stage text, with_model boolean, source text, component text, user_id uuid, handle text, team text, plan_code text, rounds integer, calls integer, run_ms bigint, cost_microusd bigint, unpriced integer); authenticated, service_role

-- public.plan_replay(p_answer_ids uuid[])
--   returns jsonb; authenticated, service_role

-- public.preview_repricing(p_provider text, p_model text, p_from timestamptz, p_to timestamptz, p_input bigint, p_cached bigint, p_output bigint, p_cache_write bigint default null::bigint, p_service_tier text default 'standard', p_classes jsonb default '{}'::jsonb)
--   returns jsonb; authenticated, service_role

-- public.price_overrides()
--   returns jsonb; service_role

-- public.provider_calls(p_from timestamptz, p_to timestamptz)
--   returns table(provider text, model text, outcome text, reason text, calls bigint, latency_ms_sum bigint); authenticated, service_role

-- public.public_plans()
--   returns jsonb; service_role

-- public.public_status()
--   returns jsonb; service_role

-- public.purge_expired(p_limit integer default 5000)
--   returns jsonb; service_role

-- public.push_pipeline(p_user_id uuid, p_id uuid)
--   returns jsonb; service_role

-- public.queue_course(p_starts timestamptz[], p_to timestamptz)
--   returns table(at timestamptz, waiting integer, deferred integer, dead_letters integer, oldest_seconds double precision, workers integer, samples bigint); authenticated, service_role

-- public.queue_status()
--   returns jsonb; authenticated, service_role

-- public.read_target(p_user_id uuid)
--   returns jsonb; service_role

-- public.record_events(p_events jsonb)
--   returns jsonb; service_role

-- public.recover_stages(p_lease_seconds double precision)
--   returns jsonb; service_role

-- public.recover_stalled(p_seconds double precision)
--   returns jsonb; service_role

-- public.reencryption_batch(p_after uuid, p_limit integer)
--   returns jsonb; service_role

-- public.register_bot(p_figma_user_id text, p_handle text)
--   returns void; service_role

-- public.release_use(p_answer_id uuid, p_attempt integer, p_reason text, p_message text, p_usage jsonb)
--   returns void; service_role

-- public.reliability(p_starts timestamptz[], p_to timestamptz, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.remove_alert_channel(p_id uuid, p_version integer, p_reason text)
--   returns void; authenticated, service_role

-- public.remove_bill(p_id uuid, p_reason text)
--   returns void; authenticated, service_role

-- public.remove_date_note(p_id uuid, p_version integer)
--   returns void; authenticated, service_role

-- public.remove_invitation(p_id uuid, p_version integer, p_reason text)
--   returns void; authenticated, service_role

-- public.remove_person_note(p_id uuid, p_version integer)
--   returns void; authenticated, service_role

-- public.remove_target(p_user_id uuid)
--   returns boolean; service_role

-- public.remove_view(p_id uuid)
--   returns void; authenticated, service_role

-- public.replay_answer(p_answer_id uuid)
--   returns jsonb; service_role

-- public.replay_answers(p_answer_ids uuid[], p_cost_cap_microusd bigint, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.report_standing()
--   returns jsonb; authenticated, service_role

-- public.reporting()
--   returns jsonb; authenticated, service_role

-- public.repricing_list()
--   returns jsonb; authenticated, service_role

-- public.request_analysis(p_user_id uuid, p_item jsonb, p_limit integer, p_window_seconds integer, p_unbilled_microusd bigint)
--   returns jsonb; service_role

-- public.request_analysis_batch(p_user_id uuid, p_batch_id uuid, p_idempotency_key text, p_fingerprint text, p_items jsonb, p_limit integer, p_window_seconds integer, p_unbilled_microusd bigint)
--   returns jsonb; service_role

-- public.resend_alert(p_delivery_id uuid)
--   returns void; authenticated, service_role

-- public.resend_invitation(p_id uuid, p_version integer, p_reason text)
--   returns void; authenticated, service_role

-- public.reserve_spend(p_answer_id uuid, p_microusd bigint, p_day_microusd bigint)
--   returns jsonb; service_role

-- public.reserve_stage_call(p_pipeline_id uuid, p_stage text, p_round integer, p_attempt integer, p_microusd bigint)
--   returns jsonb; service_role

-- public.retention_list()
--   returns jsonb; authenticated, service_role

-- public.retry_pipeline(p_user_id uuid, p_id uuid, p_unbilled_microusd bigint default null::bigint, p_most_queued integer default 100)
--   returns jsonb; service_role

-- public.reveal_analysis(p_analysis_id uuid, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.reveal_answer(p_answer_id uuid, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.reveal_person(p_user_id uuid, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.revenue_churn(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid)
--   returns jsonb; authenticated, service_role

-- public.revenue_churn_rows(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_after text, p_limit integer)
--   returns jsonb; authenticated, service_role

-- public.revenue_cohort_rows(p_first date, p_last date, p_plans text[], p_team uuid, p_after text, p_limit integer)
--   returns jsonb; authenticated, service_role

-- public.revenue_cohorts(p_first date, p_last date, p_plans text[] default null::text[], p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.revenue_movements(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_after text, p_limit integer)
--   returns jsonb; authenticated, service_role

-- public.revenue_payers(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_after text, p_limit integer)
--   returns jsonb; authenticated, service_role

-- public.revenue_plans(p_to timestamptz, p_plans text[], p_team uuid)
--   returns jsonb; authenticated, service_role

-- public.revenue_steps(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_step text)
--   returns jsonb; authenticated, service_role

-- public.revenue_totals(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid)
--   returns jsonb; authenticated, service_role

-- public.sample_queue()
--   returns void; service_role

-- public.save_alert_channel_seal(p_channel_id uuid, p_seen text, p_sealed text)
--   returns boolean; service_role

-- public.save_context(p_user_id uuid, p_expected_version integer, p_content jsonb, p_saved_by text, p_reason text)
--   returns jsonb; service_role

-- public.save_date_note(p_id uuid, p_day date, p_text text, p_version integer)
--   returns void; authenticated, service_role

-- public.save_ignored_findings(p_user_id uuid, p_file_key text, p_items jsonb)
--   returns jsonb; service_role

-- public.save_person_note(p_id uuid, p_user_id uuid, p_text text, p_version integer)
--   returns void; authenticated, service_role

-- public.save_reencrypted_passcode(p_webhook_id uuid, p_seen text, p_passcode_encrypted text)
--   returns boolean; service_role

-- public.save_reencrypted_target(p_owner_id uuid, p_seen text, p_token_encrypted text)
--   returns boolean; service_role

-- public.save_reencrypted_token(p_user_id uuid, p_version bigint, p_access_token_encrypted text, p_refresh_token_encrypted text)
--   returns boolean; service_role

-- public.save_refreshed_token(p_user_id uuid, p_version bigint, p_access_token_encrypted text, p_expires_at timestamptz, p_refresh_token_encrypted text default null::text)
--   returns bigint; service_role

-- public.save_view(p_page text, p_name text, p_query text)
--   returns void; authenticated, service_role

-- public.saved_view_list(p_page text)
--   returns jsonb; authenticated, service_role

-- public.set_bill_header(p_code text, p_columns jsonb, p_reason text)
--   returns void; authenticated, service_role

-- public.set_bill_model(p_provider text, p_billed text, p_model text, p_reason text)
--   returns void; authenticated, service_role

-- public.set_budget(p_scope text, p_key text, p_monthly_microusd bigint, p_version integer, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.set_follow_up(p_user_id uuid, p_reason text, p_assigned_to text, p_is_done boolean, p_remark text, p_seen_id bigint)
--   returns void; authenticated, service_role

-- public.set_model_price(p_provider text, p_model text, p_valid_from timestamptz, p_input bigint, p_cached bigint, p_output bigint, p_seen bigint, p_reason text, p_cache_write bigint default null::bigint, p_service_tier text default 'standard', p_classes jsonb default '{}'::jsonb)
--   returns jsonb; authenticated, service_role

-- public.set_model_sharing(p_user_id uuid, p_level text)
--   returns jsonb; service_role

-- public.set_operator(p_user_id uuid, p_email text, p_role text)
--   returns void; service_role

-- public.set_pipeline_limits(p_team_id uuid, p_at_once integer, p_most_queued integer, p_ceiling_microusd bigint, p_retention_days integer, p_model text, p_version integer, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.set_plan(p_code text, p_name text, p_price_microusd bigint, p_uses integer, p_is_unlimited boolean, p_overage_microusd bigint, p_valid_from timestamptz, p_seen timestamptz, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.set_product_setting(p_code text, p_value jsonb, p_version integer, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.set_reliability_target(p_code text, p_target numeric, p_threshold_ms bigint, p_reason text)
--   returns void; authenticated, service_role

-- public.set_reporting(p_time_zone text, p_week_start text, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.set_target(p_user_id uuid, p_repository text, p_base_branch text, p_folder text, p_token_encrypted text, p_installation_id bigint)
--   returns jsonb; service_role

-- public.set_team_flag(p_team_id uuid, p_code text, p_is_on boolean, p_seen boolean, p_reason text)
--   returns jsonb; authenticated, service_role

-- public.set_team_sharing(p_team_id uuid, p_level text, p_seen text, p_reason text)
--   returns text; authenticated, service_role

-- public.set_webhook_preview(p_user_id uuid, p_webhook_id uuid, p_preview text)
--   returns jsonb; service_role

-- public.set_weekly_report(p_is_on boolean, p_weekday integer, p_address text, p_reason text)
--   returns void; authenticated, service_role

-- public.settle_analysis(p_analysis_id uuid, p_attempt integer, p_source text, p_result jsonb, p_usage jsonb)
--   returns text; service_role

-- public.settle_answer(p_answer_id uuid, p_reply jsonb, p_usage jsonb)
--   returns jsonb; service_role

-- public.show_model_sharing(p_user_id uuid)
--   returns jsonb; service_role

-- public.show_pipeline(p_user_id uuid, p_id uuid)
--   returns jsonb; service_role

-- public.show_target(p_user_id uuid)
--   returns jsonb; service_role

-- public.sign_in(p_figma_user_id text, p_figma_user_hash text, p_handle text, p_email text, p_image_url text, p_access_token_encrypted text, p_refresh_token_encrypted text, p_scopes text[], p_expires_at timestamptz, p_session_hash text, p_session_expires_at timestamptz, p_session_label text default '')
--   returns jsonb; service_role

-- public.slo_course()
--   returns table(code text, day date, cases bigint, good bigint, bad bigint, budget_left double precision); authenticated, service_role

-- public.slo_windows()
--   returns table(code text, target numeric, threshold_ms bigint, hours integer, cases bigint, good bigint, burn_rate double precision); authenticated, service_role

-- public.start_bill(p_id uuid, p_bill jsonb, p_replaces uuid[] default null::uuid[])
--   returns void; authenticated, service_role

-- public.start_pipeline(p_user_id uuid, p_source text, p_file_key text, p_node_id text, p_component text, p_options jsonb, p_request_id text, p_trace_parent text, p_idempotency_key text default null::text, p_at_once integer default 3, p_ceiling_microusd bigint default 400000, p_unbilled_microusd bigint default null::bigint, p_most_queued integer default 100)
--   returns jsonb; service_role

-- public.start_posting(p_answer_id uuid, p_attempt integer, p_draft jsonb, p_seconds double precision)
--   returns jsonb; service_role

-- public.start_rehearsal(p_user_id uuid, p_content jsonb, p_questions integer, p_ceiling_microusd bigint, p_request_id text)
--   returns uuid; service_role

-- public.start_webhook(p_user_id uuid, p_context text, p_context_id text, p_label text, p_guest_rule text, p_passcode_encrypted text, p_passcode_hash text)
--   returns jsonb; service_role

-- public.take_due_advice(p_files integer, p_lease_seconds integer)
--   returns jsonb; service_role

-- public.take_invitation()
--   returns jsonb; service_role

-- public.take_preview_mail()
--   returns jsonb; service_role

-- public.take_rehearsed(p_id uuid, p_attempt integer, p_number integer)
--   returns jsonb; service_role

-- public.take_steps(p_steps jsonb)
--   returns jsonb; service_role

-- public.target_batch(p_after uuid, p_limit integer)
--   returns jsonb; service_role

-- public.team_detail(p_team_id uuid, p_month date)
--   returns jsonb; authenticated, service_role

-- public.team_list()
--   returns jsonb; authenticated, service_role

-- public.tell_health(p_code text, p_subject text, p_facts jsonb)
--   returns void; service_role

-- public.tend_advice(p_limit integer default 500)
--   returns jsonb; service_role

-- public.tend_partitions()
--   returns jsonb; service_role

-- public.test_alert_channel(p_id uuid)
--   returns uuid; authenticated, service_role

-- public.trial_conversion(p_to timestamptz, p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.trial_conversion_rows(p_to timestamptz, p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.trial_convert_rows(p_from timestamptz, p_to timestamptz, p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.trial_standing(p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.trial_standing_rows(p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.trial_survival(p_from timestamptz, p_to timestamptz, p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.trial_survival_rows(p_from timestamptz, p_to timestamptz, p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.trial_talk_today(p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.trial_time_to_convert(p_from timestamptz, p_to timestamptz, p_team uuid default null::uuid)
--   returns jsonb; authenticated, service_role

-- public.verify_audit_log()
--   returns jsonb; authenticated, service_role

-- public.webhook_list(p_search text default '', p_states text[] default null::text[], p_only_silent boolean default false, p_limit integer default 300)
--   returns jsonb; authenticated, service_role

-- public.webhook_rows(p_states text[], p_only_silent boolean, p_after text, p_limit integer)
--   returns jsonb; authenticated, service_role

-- public.webhooks_of_context(p_context text, p_context_id text)
--   returns jsonb; service_role

-- public.what_if(p_month date, p_plans jsonb)
--   returns jsonb; authenticated, service_role

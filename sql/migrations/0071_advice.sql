-- "good" and "bad" are commands in comments, too (the constraint is validated in the next file), and what became of the
-- advice of each answer is kept.

alter table public.answers drop constraint answers_command;
alter table public.answers add constraint answers_command
    check (command in ('help', 'usage', 'stop', 'resume', 'build', 'good', 'bad')) not valid;
comment on column public.answers.command is 'help, usage, stop, resume, build, good or bad when the comment was just that word; a name may follow build, and a reason bad.';

create table public.advice_outcomes (
    answer_id uuid primary key,
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
    constraint advice_outcomes_round check (measured_round in (1, 7))
);
create index advice_outcomes_new on public.advice_outcomes (settled_at) where outcome is null;
create index advice_outcomes_disputed on public.advice_outcomes (settled_at desc) where outcome = 'disputed';
create index advice_outcomes_settled_at on public.advice_outcomes (settled_at);
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
alter table public.advice_outcomes enable row level security;
revoke all on public.advice_outcomes from public, anon, authenticated;
grant all on public.advice_outcomes to service_role;
grant select on public.advice_outcomes to authenticated;
create policy advice_outcomes_select on public.advice_outcomes for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

create table public.advice_rules (
    answer_id uuid not null references public.advice_outcomes (answer_id) on delete cascade,
    rule text not null,
    findings integer not null,
    gone integer not null default 0,
    still integer not null default 0,
    outcome text,
    constraint advice_rules_pkey primary key (answer_id, rule),
    constraint advice_rules_outcome check (outcome in ('taken', 'ignored', 'disputed', 'unknown'))
);
comment on table public.advice_rules is 'The problems that an answer told of, by rule, and what became of them.';
comment on column public.advice_rules.answer_id is 'The answer.';
comment on column public.advice_rules.rule is 'Id of the measuring rule.';
comment on column public.advice_rules.findings is 'Problems that it measured then.';
comment on column public.advice_rules.gone is 'Those that were gone when last measured again.';
comment on column public.advice_rules.still is 'Those that were still there.';
comment on column public.advice_rules.outcome is 'As in advice_outcomes, of this rule''s findings.';
alter table public.advice_rules enable row level security;
revoke all on public.advice_rules from public, anon, authenticated;
grant all on public.advice_rules to service_role;
grant select on public.advice_rules to authenticated;
create policy advice_rules_select on public.advice_rules for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

create table public.advice_reads (
    answer_id uuid not null references public.advice_outcomes (answer_id) on delete cascade,
    round smallint not null,
    file_key text not null,
    due_at timestamptz not null,
    tries integer not null default 0,
    lease_until timestamptz,
    taken_at timestamptz,
    read_at timestamptz,
    measured_at timestamptz,
    constraint advice_reads_pkey primary key (answer_id, round),
    constraint advice_reads_round check (round in (1, 7))
);
create index advice_reads_due on public.advice_reads (due_at) where read_at is null;
create index advice_reads_file on public.advice_reads (file_key, due_at) where read_at is null;
create index advice_reads_taken_at on public.advice_reads (taken_at) where taken_at is not null;
create index advice_reads_measured_at on public.advice_reads (measured_at) where measured_at is not null;
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
alter table public.advice_reads enable row level security;
revoke all on public.advice_reads from public, anon, authenticated;
grant all on public.advice_reads to service_role;

create table public.advice_thumbs (
    answer_id uuid not null,
    author_figma_id text not null,
    thumb_answer_id uuid not null,
    is_good boolean not null,
    at timestamptz not null default now(),
    is_counted boolean not null default false,
    constraint advice_thumbs_pkey primary key (answer_id, author_figma_id)
);
create index advice_thumbs_new on public.advice_thumbs (at) where not is_counted;
create index advice_thumbs_author on public.advice_thumbs (author_figma_id);
create index advice_thumbs_at on public.advice_thumbs (at);
comment on table public.advice_thumbs is 'The last "good" or "bad" of each person about an answer, without words: a reason stands in the comment alone. Kept for 400 days.';
comment on column public.advice_thumbs.answer_id is 'The answer that it is about: the last in its thread. No foreign key: answers are never deleted as rows.';
comment on column public.advice_thumbs.author_figma_id is 'Figma id of who wrote it.';
comment on column public.advice_thumbs.thumb_answer_id is 'The comment that says so: its row in answers has the words.';
comment on column public.advice_thumbs.is_good is 'Whether it was "good".';
comment on column public.advice_thumbs.at is 'When it was decided.';
comment on column public.advice_thumbs.is_counted is 'Whether the outcome of the answer reckons with it.';
alter table public.advice_thumbs enable row level security;
revoke all on public.advice_thumbs from public, anon, authenticated;
grant all on public.advice_thumbs to service_role;
grant select (answer_id, thumb_answer_id, is_good, at, is_counted) on public.advice_thumbs to authenticated;
create policy advice_thumbs_select on public.advice_thumbs for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

create table public.advice_hourly (
    team_id uuid not null,
    kind text not null,
    hour timestamptz not null,
    plan_code text not null,
    name text not null,
    outcome text not null,
    answers bigint not null,
    constraint advice_hourly_pkey primary key (team_id, kind, hour, plan_code, name, outcome),
    constraint advice_hourly_kind check (kind in ('answer', 'rule', 'model', 'context')),
    constraint advice_hourly_outcome check (outcome in ('taken', 'ignored', 'disputed', 'unknown'))
);
create index advice_hourly_known on public.advice_hourly (team_id, kind, hour) where outcome <> 'unknown';
create index advice_hourly_name on public.advice_hourly (team_id, name, hour) where kind = 'context' and outcome = 'unknown';
comment on table public.advice_hourly is 'Answers by what became of their advice and by UTC hour, of everybody and of each team. Kept for 400 days.';
comment on column public.advice_hourly.team_id is 'Team of the payer at the time of use; zeros: everybody, with a team or without. No foreign key: the row outlives the team.';
comment on column public.advice_hourly.kind is 'By what: answer (all), rule, model, context.';
comment on column public.advice_hourly.hour is 'Start of the UTC hour in which the answers were settled.';
comment on column public.advice_hourly.plan_code is 'Plan at that moment.';
comment on column public.advice_hourly.name is 'Rule; provider and model; person and version of a context; empty for all.';
comment on column public.advice_hourly.outcome is 'As in advice_outcomes.';
comment on column public.advice_hourly.answers is 'How many; of a rule: answers that told of its problems.';
alter table public.advice_hourly enable row level security;
revoke all on public.advice_hourly from public, anon, authenticated;
grant all on public.advice_hourly to service_role;
grant select on public.advice_hourly to authenticated;
create policy advice_hourly_select on public.advice_hourly for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

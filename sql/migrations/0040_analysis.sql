-- Design analyses asked for by the plugin: each request, who is at work on equal ones, batches, limits, what people
-- ignore and what became of suggestions.

create table public.analyses (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
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
    constraint analyses_type check (type in ('design-analysis', 'color-suggestion', 'layout-optimization')),
    constraint analyses_state check (state in ('queued', 'working', 'done', 'refused', 'failed', 'cancelled')),
    constraint analyses_source check (source in ('model', 'measured')),
    constraint analyses_done_has_source check ((state <> 'done') or (source is not null))
);
create index analyses_batch on public.analyses (batch_id, batch_place) where batch_id is not null;
create index analyses_failed on public.analyses (received_at desc) include (reason) where state = 'failed';
create index analyses_leader on public.analyses (leader_id) where leader_id is not null;
create index analyses_open on public.analyses (received_at) where state in ('queued', 'working');
-- The upkeep forgets by this.
create index analyses_settled_at on public.analyses (settled_at) where settled_at is not null;
create index analyses_user_id on public.analyses (user_id, received_at desc);
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
-- A dead letter leaves that state only by the hand of an operator: replayed or discarded. Nobody's words are kept.
create trigger analyses_audit after update on public.analyses
    for each row when (((old.state = 'failed') and (new.state <> 'failed')))
    execute function private.audit('request', 'refs', 'kept_usage', 'result', 'trace_parent');
alter table public.analyses enable row level security;
revoke all on public.analyses from public, anon, authenticated;
grant select, insert, update, delete on public.analyses to service_role;
grant select (id, user_id, type, batch_id, batch_place, leader_id, state, source, is_cached, is_charged, reason,
    failure_message, run, attempt, received_at, queued_at, settled_at, plan_code, context_version, provider, model,
    prompt_version, request_id) on public.analyses to authenticated;
create policy analyses_select on public.analyses for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.analysis_claims (
    scope uuid not null,
    key text not null,
    analysis_id uuid not null,
    renew_by timestamptz not null,
    expires_at timestamptz,
    primary key (scope, key)
);
create index analysis_claims_analysis on public.analysis_claims (analysis_id);
create index analysis_claims_over on public.analysis_claims ((coalesce(expires_at, renew_by)));
comment on table public.analysis_claims is 'Which analysis answers equal requests: the one at work (until renew_by), then the one that is done (until expires_at).';
comment on column public.analysis_claims.scope is 'Who shares it: analyses.cache_scope.';
comment on column public.analysis_claims.key is 'What is equal: analyses.cache_key.';
comment on column public.analysis_claims.analysis_id is 'The analysis that is at work on it, or has done it.';
comment on column public.analysis_claims.renew_by is 'The lease: until when it is trusted to be worked on. After that another takes over.';
comment on column public.analysis_claims.expires_at is 'Until when its result answers equal requests; NULL: not done.';
alter table public.analysis_claims enable row level security;
revoke all on public.analysis_claims from public, anon, authenticated;
grant select, insert, update, delete on public.analysis_claims to service_role;
grant select on public.analysis_claims to authenticated;
create policy analysis_claims_select on public.analysis_claims for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.analysis_batches (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    idempotency_key text,
    fingerprint text not null default '',
    created_at timestamptz not null default now(),
    cancelled_at timestamptz,
    constraint analysis_batches_once unique (user_id, idempotency_key),
    constraint analysis_batches_key check (length(idempotency_key) between 1 and 200)
);
create index analysis_batches_created_at on public.analysis_batches (created_at);
comment on table public.analysis_batches is 'Several analyses asked for at once. Kept 25 hours.';
comment on column public.analysis_batches.id is 'Our id.';
comment on column public.analysis_batches.user_id is 'Who asked.';
comment on column public.analysis_batches.idempotency_key is 'The asker''s own key: the same one again gets the same batch.';
comment on column public.analysis_batches.fingerprint is 'SHA-256 of the body, to tell a repeated request from another one under the same key.';
comment on column public.analysis_batches.created_at is 'When.';
comment on column public.analysis_batches.cancelled_at is 'When the asker cancelled what had not begun.';
alter table public.analysis_batches enable row level security;
revoke all on public.analysis_batches from public, anon, authenticated;
grant select, insert, update, delete on public.analysis_batches to service_role;
grant select (id, user_id, created_at, cancelled_at) on public.analysis_batches to authenticated;
create policy analysis_batches_select on public.analysis_batches for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

-- Not in the write-ahead log: after a crash of Postgres everybody starts anew, which harms nobody.
create unlogged table public.analysis_windows (
    user_id uuid primary key,
    slot bigint not null,
    hits integer not null,
    earlier integer not null,
    constraint analysis_windows_not_negative check ((hits >= 0) and (earlier >= 0))
);
create index analysis_windows_slot on public.analysis_windows (slot);
comment on table public.analysis_windows is 'How many analyses each person asked for lately, counted for all web processes together: two integers, of the running slot of time and of the one before. No dashboard role can read this table.';
comment on column public.analysis_windows.user_id is 'Who asked.';
comment on column public.analysis_windows.slot is 'The running slot: seconds since 1970 divided by the length of the window, rounded down.';
comment on column public.analysis_windows.hits is 'Analyses in the running slot.';
comment on column public.analysis_windows.earlier is 'Analyses in the slot before. It counts less and less as the running slot goes on.';
alter table public.analysis_windows enable row level security;
revoke all on public.analysis_windows from public, anon, authenticated;
grant select, insert, update, delete on public.analysis_windows to service_role;

create table public.ignored_findings (
    user_id uuid not null references public.users (id) on delete cascade,
    file_key text not null,
    fingerprint text not null,
    rule text not null default '',
    reason text not null default '',
    element_name text not null default '',
    ignored_at timestamptz not null default now(),
    primary key (user_id, file_key, fingerprint),
    constraint ignored_findings_fingerprint check (fingerprint ~ '^[0-9a-f]{16}$')
);
create index ignored_findings_file on public.ignored_findings (file_key, fingerprint);
comment on table public.ignored_findings is 'Findings that somebody does not want to hear of again in a file; they count for everybody of the same team.';
comment on column public.ignored_findings.user_id is 'Who ignored it.';
comment on column public.ignored_findings.file_key is 'Figma''s key of the file.';
comment on column public.ignored_findings.fingerprint is 'Which finding: rule and cause, 16 hex digits.';
comment on column public.ignored_findings.rule is 'The rule it came from.';
comment on column public.ignored_findings.reason is 'Why, in their own words. Granted to no operator.';
comment on column public.ignored_findings.element_name is 'Name of the layer, for their list. Granted to no operator.';
comment on column public.ignored_findings.ignored_at is 'When.';
alter table public.ignored_findings enable row level security;
revoke all on public.ignored_findings from public, anon, authenticated;
grant select, insert, update, delete on public.ignored_findings to service_role;
grant select (user_id, file_key, fingerprint, rule, ignored_at) on public.ignored_findings to authenticated;
create policy ignored_findings_select on public.ignored_findings for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.suggestion_outcomes (
    analysis_id uuid not null,
    ref integer not null,
    user_id uuid not null references public.users (id) on delete cascade,
    plan_code text not null default '',
    source text not null,
    rule text not null default '',
    outcome text not null,
    reason text not null default '',
    at timestamptz not null default now(),
    primary key (analysis_id, ref),
    constraint suggestion_outcomes_outcome check (outcome in ('applied', 'undone', 'ignored')),
    constraint suggestion_outcomes_source check (source in ('model', 'measured'))
);
create index suggestion_outcomes_at on public.suggestion_outcomes (at desc);
create index suggestion_outcomes_user_id on public.suggestion_outcomes (user_id, at desc);
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
alter table public.suggestion_outcomes enable row level security;
revoke all on public.suggestion_outcomes from public, anon, authenticated;
grant select, insert, update, delete on public.suggestion_outcomes to service_role;
grant select (analysis_id, ref, user_id, plan_code, source, rule, outcome, at) on public.suggestion_outcomes
    to authenticated;
create policy suggestion_outcomes_select on public.suggestion_outcomes for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

comment on column public.usage_logs.answer_id is 'The answer or the analysis it belongs to.';
comment on column public.usage_logs.feature is 'comment, command, invite, analysis …';
comment on column public.usage_logs.latency_ms is 'From the arrival of the webhook or request to the posted reply or stored result, in milliseconds.';
comment on column public.use_receipts.answer_id is 'For which answer or analysis.';
comment on column public.use_receipts.reply_comment_id is 'The posted reply it was settled against; of an analysis, its own id.';

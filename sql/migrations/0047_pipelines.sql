-- Pipelines: from a Figma link to a component that is proven. Each run, its stages, files, quality and model calls.

create table public.pipelines (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    team_id uuid,
    owner_id uuid not null,
    source text not null,
    file_key text not null,
    node_id text not null,
    component text not null default '',
    options jsonb not null default '{}',
    state text not null default 'queued',
    next_stage text not null default 'read',
    round integer not null default 0,
    run integer not null default 1,
    verdict text,
    code text not null default '',
    params jsonb not null default '{}',
    facts jsonb not null default '{}',
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
    constraint pipelines_once unique (user_id, idempotency_key),
    constraint pipelines_key check (length(idempotency_key) between 1 and 200),
    constraint pipelines_source check (source in ('page', 'api', 'comment')),
    constraint pipelines_state check (state in (
        'queued', 'read', 'spec', 'generate', 'test', 'gate', 'repair', 'package', 'push', 'done', 'failed', 'cancelled'
    )),
    constraint pipelines_next_stage check (next_stage in (
        'read', 'spec', 'generate', 'test', 'gate', 'repair', 'package', 'push'
    )),
    constraint pipelines_round check (round between 0 and 2),
    constraint pipelines_verdict check (verdict in ('passed', 'not_passed', 'not_tested')),
    constraint pipelines_done_has_verdict check ((state = 'done') = (verdict is not null)),
    constraint pipelines_component_length check (length(component) <= 200),
    constraint pipelines_not_negative check (
        at_once >= 1 and ceiling_microusd >= 0 and spent_microusd >= 0 and reserved_microusd >= 0 and cost_microusd >= 0
    )
);
create index pipelines_owner on public.pipelines (owner_id, created_at desc, id desc);
create index pipelines_waiting on public.pipelines (owner_id, queued_at, id) where state = 'queued';
create index pipelines_running on public.pipelines (owner_id)
    where state not in ('queued', 'done', 'failed', 'cancelled');
create index pipelines_design on public.pipelines (owner_id, file_key, node_id, created_at desc);
create index pipelines_created_at on public.pipelines (created_at desc, id desc);
create index pipelines_files_until on public.pipelines (files_until) where files_until is not null;
create index pipelines_ended_at on public.pipelines (ended_at) where ended_at is not null;
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
create trigger pipelines_audit after update on public.pipelines
    for each row when (((old.state = 'failed') and (new.state <> 'failed')))
    execute function private.audit('options', 'facts', 'params', 'trace_parent', 'idempotency_key');
alter table public.pipelines enable row level security;
revoke all on public.pipelines from public, anon, authenticated;
grant select, insert, update, delete on public.pipelines to service_role;
grant select (id, user_id, team_id, owner_id, source, file_key, node_id, component, state, next_stage, round, run,
    verdict, code, params, at_once, ceiling_microusd, spent_microusd, reserved_microusd, cost_microusd, unknown_calls,
    model_calls, input_tokens, output_tokens, is_charged, plan_code, request_id, created_at, queued_at, started_at,
    moved_at, ended_at, files_until) on public.pipelines to authenticated;
create policy pipelines_select on public.pipelines for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.pipeline_stages (
    pipeline_id uuid not null references public.pipelines (id) on delete cascade,
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
    params jsonb not null default '{}',
    facts jsonb not null default '{}',
    reserved_microusd bigint not null default 0,
    cost_microusd bigint not null default 0,
    primary key (pipeline_id, stage, round, attempt),
    constraint pipeline_stages_state check (state in ('running', 'done', 'failed', 'lost', 'cancelled')),
    constraint pipeline_stages_not_negative check (reserved_microusd >= 0 and cost_microusd >= 0)
);
create index pipeline_stages_open on public.pipeline_stages (lease_until) where state = 'running' or reserved_microusd > 0;
create index pipeline_stages_began_at on public.pipeline_stages (began_at);
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
alter table public.pipeline_stages enable row level security;
revoke all on public.pipeline_stages from public, anon, authenticated;
grant select, insert, update, delete on public.pipeline_stages to service_role;
grant select on public.pipeline_stages to authenticated;
create policy pipeline_stages_select on public.pipeline_stages for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.pipeline_artifacts (
    pipeline_id uuid not null references public.pipelines (id) on delete cascade,
    kind text not null,
    round integer not null,
    name text not null default '',
    path text not null,
    bytes bigint not null,
    sha256 text not null,
    media_type text not null,
    created_at timestamptz not null default now(),
    primary key (pipeline_id, kind, round, name, path),
    constraint pipeline_artifacts_kind check (kind in (
        'design', 'image', 'picture', 'spec', 'candidate', 'tests', 'gate', 'render', 'zip', 'report'
    )),
    constraint pipeline_artifacts_sha256 check (sha256 ~ '^[0-9a-f]{64}$'),
    constraint pipeline_artifacts_bytes check (bytes >= 0)
);
create index pipeline_artifacts_path on public.pipeline_artifacts (path);
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
alter table public.pipeline_artifacts enable row level security;
revoke all on public.pipeline_artifacts from public, anon, authenticated;
grant select, insert, update, delete on public.pipeline_artifacts to service_role;
grant select (pipeline_id, kind, round, name, bytes, sha256, media_type, created_at) on public.pipeline_artifacts
    to authenticated;
create policy pipeline_artifacts_select on public.pipeline_artifacts for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.pipeline_quality (
    pipeline_id uuid not null references public.pipelines (id) on delete cascade,
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
    primary key (pipeline_id, round)
);
create unique index pipeline_quality_chosen on public.pipeline_quality (pipeline_id) where is_chosen;
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
alter table public.pipeline_quality enable row level security;
revoke all on public.pipeline_quality from public, anon, authenticated;
grant select, insert, update, delete on public.pipeline_quality to service_role;
grant select on public.pipeline_quality to authenticated;
create policy pipeline_quality_select on public.pipeline_quality for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.pipeline_calls (
    pipeline_id uuid not null references public.pipelines (id) on delete cascade,
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
    primary key (pipeline_id, stage, round, attempt, number)
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
revoke all on public.pipeline_calls from public, anon, authenticated;
grant select, insert, update, delete on public.pipeline_calls to service_role;
grant select on public.pipeline_calls to authenticated;
create policy pipeline_calls_select on public.pipeline_calls for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

-- Without a foreign key: the table of teams is in use, and so is that of users.
create table public.pipeline_limits (
    team_id uuid primary key,
    at_once integer,
    most_queued integer,
    ceiling_microusd bigint,
    retention_days integer,
    model text not null default '',
    version integer not null default 1,
    updated_at timestamptz not null default now(),
    constraint pipeline_limits_ranges check (
        at_once between 1 and 100 and most_queued between 0 and 1000 and ceiling_microusd between 0 and 100000000
        and retention_days between 1 and 400
    ),
    constraint pipeline_limits_model check (length(model) <= 200)
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
create trigger pipeline_limits_audit after insert or update or delete on public.pipeline_limits
    for each row execute function private.audit();
alter table public.pipeline_limits enable row level security;
revoke all on public.pipeline_limits from public, anon, authenticated;
grant select, insert, update, delete on public.pipeline_limits to service_role;
grant select on public.pipeline_limits to authenticated;
create policy pipeline_limits_select on public.pipeline_limits for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.pipeline_runners (
    worker_id bigint primary key
);
comment on table public.pipeline_runners is 'Which of the queue''s workers take stages of pipelines: they answer nobody, and count as no worker.';
comment on column public.pipeline_runners.worker_id is 'Its id in the queue.';
alter table public.pipeline_runners enable row level security;
revoke all on public.pipeline_runners from public, anon, authenticated;
grant select, insert, update, delete on public.pipeline_runners to service_role;

insert into public.feature_flags (code, name, description, is_on) values
    ('pipelines', 'Build components', 'A design becomes a tested component by a link, the API or "build" in a comment. Off: it is refused with a sentence.', true);

comment on column public.usage_logs.answer_id is 'The answer, the analysis or the pipeline it belongs to.';
comment on column public.usage_logs.run is 'Grows with each replay; of a pipeline, the number of the row.';
comment on column public.usage_logs.feature is 'comment, command, invite, analysis, pipeline (one model call), pipeline_run (the end of a run) …';
comment on column public.use_receipts.answer_id is 'For which answer, analysis or pipeline.';
comment on column public.use_receipts.reply_comment_id is 'The posted reply it was settled against; of an analysis or a pipeline, its own id.';

-- What each attempt at an answer sent to models and what it took, so that one answer can be opened whole; and budgets
-- of models.

create table public.prompt_rules (
    hash text primary key,
    version text not null,
    rules text not null,
    told_at timestamptz not null default now()
);
comment on table public.prompt_rules is 'The fixed first message of prompts, once for each wording: the same for everybody, and nobody''s words.';
comment on column public.prompt_rules.hash is 'SHA-256 of the rules, in hexadecimal; answer_traces.rules names it.';
comment on column public.prompt_rules.version is 'Version of the prompt that they belong to.';
comment on column public.prompt_rules.rules is 'The text as it is sent.';
comment on column public.prompt_rules.told_at is 'When a worker first told of it.';
alter table public.prompt_rules enable row level security;
revoke all on public.prompt_rules from public, anon, authenticated;
grant select, insert, update, delete on public.prompt_rules to service_role;

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
    calls jsonb not null default '[]',
    steps jsonb not null default '[]',
    primary key (answer_id, run, attempt),
    constraint answer_traces_feature check (feature in ('comment', 'analysis')),
    constraint answer_traces_ended check (ended in ('drafted', 'failed', 'deferred', 'given_up'))
);
create index answer_traces_at on public.answer_traces (at);
create index answer_traces_analyses on public.answer_traces (at) where feature = 'analysis';
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
alter table public.answer_traces enable row level security;
revoke all on public.answer_traces from public, anon, authenticated;
grant select, insert, update, delete on public.answer_traces to service_role;

alter table public.budgets drop constraint budgets_scope;
alter table public.budgets add constraint budgets_scope check (scope in ('global', 'user', 'team', 'plan', 'model'));
comment on column public.budgets.scope is 'global, user, team, plan or model.';
comment on column public.budgets.scope_key is 'Id of the user or team, code of the plan, or provider/model; empty for global.';
comment on table public.budgets is 'How much AI cost per month is expected: of everything, a user, a team, a plan or a model. Warns; refuses nobody.';

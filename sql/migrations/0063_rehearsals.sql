-- Rehearsals: a person's latest questions, answered anew with a guidance that is not saved yet.

create table public.rehearsals (
    id uuid primary key default gen_random_uuid(),
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
    constraint rehearsals_state check (state in ('queued', 'working', 'done'))
);
create index rehearsals_user on public.rehearsals (user_id, created_at desc);
create index rehearsals_created_at on public.rehearsals (created_at);
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
alter table public.rehearsals enable row level security;
revoke all on public.rehearsals from public, anon, authenticated;
grant select, insert, update, delete on public.rehearsals to service_role;

create table public.rehearsed_answers (
    id uuid primary key default gen_random_uuid(),
    rehearsal_id uuid not null references public.rehearsals (id) on delete cascade,
    number integer not null,
    answer_id uuid not null references public.answers (id) on delete cascade,
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
    constraint rehearsed_answers_once unique (rehearsal_id, number),
    constraint rehearsed_answers_state check (state in ('waiting', 'asking', 'done', 'failed')),
    constraint rehearsed_answers_source check (source in ('model', 'measured')),
    constraint rehearsed_answers_grounding check (grounding in ('grounded', 'repaired', 'fell_back', 'no_numbers'))
);
create index rehearsed_answers_answer_id on public.rehearsed_answers (answer_id);
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
alter table public.rehearsed_answers enable row level security;
revoke all on public.rehearsed_answers from public, anon, authenticated;
grant select, insert, update, delete on public.rehearsed_answers to service_role;

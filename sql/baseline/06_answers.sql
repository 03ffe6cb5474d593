-- One row per comment addressed to the buddy, and what decides whether and how it is answered.

create table public.answers (
    id uuid primary key default gen_random_uuid(),
    webhook_id uuid references public.user_webhooks (id) on delete set null,
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
    payer_id uuid references public.users (id) on delete set null,
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
    constraint answers_command check (command in ('help', 'usage', 'stop', 'resume')),
    constraint answers_decision check (decision in ('answer', 'refuse', 'invite', 'command', 'ignore')),
    constraint answers_state check (state in ('queued', 'working', 'deferred', 'answered', 'refused', 'ignored',
        'failed')),
    constraint answers_once unique (file_key, comment_id)
);
-- The limit per person and minute goes by when comments came.
create index answers_author on public.answers (author_figma_id, received_at desc);
-- The Live page asks every few seconds for the latest in these states, which may be few among millions.
create index answers_closed on public.answers (state, received_at desc) where state in ('refused', 'ignored');
-- What is counted of dead letters is in the index: no row of a long table is fetched for it.
create index answers_failed on public.answers (received_at desc) include (reason) where state = 'failed';
-- Dead letters of the last minutes are looked for every minute.
create index answers_failed_at on public.answers (settled_at) where state = 'failed';
-- The latest comments of one file, and whether they took a call to Figma: counted from the index alone.
-- So is who asked in a file.
create index answers_file_received on public.answers (file_key, received_at desc) include (design_state,
    author_figma_id);
-- Whom somebody paid for: steps from one author to the next, past all that they asked themselves.
create index answers_guests on public.answers (payer_id, author_figma_id, received_at desc)
    where payer_id is not null;
create index answers_notice on public.answers (file_key, notice_comment_id) where notice_comment_id is not null;
create unique index answers_one_reply on public.answers (file_key, reply_comment_id)
    where reply_comment_id is not null;
create index answers_open on public.answers (received_at) where state in ('queued', 'working', 'deferred');
create index answers_payer on public.answers (payer_id, received_at desc) where payer_id is not null;
create index answers_received_at on public.answers (received_at desc);
create index answers_thread on public.answers (file_key, root_comment_id, reply_created_at desc)
    where reply_created_at is not null;
create index answers_webhook_id on public.answers (webhook_id);
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
comment on column public.answers.command is 'help, usage, stop or resume when the comment was just that word.';
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
-- A dead letter leaves that state only by the hand of an operator: replayed or discarded. Nobody's words are kept.
create trigger answers_audit after update on public.answers
    for each row when (((old.state = 'failed') and (new.state <> 'failed')))
    execute function private.audit('question', 'draft', 'facts', 'author_handle', 'author_figma_id', 'file_name',
    'trace_parent');
alter table public.answers enable row level security;
revoke all on public.answers from public, anon, authenticated;
grant select, insert, update, delete on public.answers to service_role;
grant select (id, webhook_id, file_key, file_name, comment_id, root_comment_id, author_figma_id, author_handle,
    command, asked_at, received_at, request_id, state, decision, reason, failure_message, run, attempt,
    deferred_until, payer_id, plan_code, context_user_id, context_version, reply_comment_id, reply_created_at,
    notice_comment_id, provider, model, prompt_version, node_id, design_state, settled_at, queued_at, confirmed_at,
    guidance) on public.answers to authenticated;
create policy answers_select on public.answers for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.thread_mutes (
    file_key text not null,
    root_comment_id text not null,
    muted_by text not null,
    muted_at timestamptz not null default now(),
    primary key (file_key, root_comment_id)
);
comment on table public.thread_mutes is 'Threads in which somebody wrote "stop": the buddy stays silent there until "resume".';
comment on column public.thread_mutes.file_key is 'File of the thread.';
comment on column public.thread_mutes.root_comment_id is 'Root comment of the thread.';
comment on column public.thread_mutes.muted_by is 'Figma id of who wrote "stop".';
comment on column public.thread_mutes.muted_at is 'When.';
alter table public.thread_mutes enable row level security;
revoke all on public.thread_mutes from public, anon, authenticated;
grant select, insert, update, delete on public.thread_mutes to service_role;
grant select on public.thread_mutes to authenticated;
create policy thread_mutes_select on public.thread_mutes for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.guest_invites (
    file_key text not null,
    author_figma_id text not null,
    answer_id uuid not null,
    invited_at timestamptz not null default now(),
    primary key (file_key, author_figma_id)
);
comment on table public.guest_invites is 'Who was already invited in which file: one friendly invitation each.';
comment on column public.guest_invites.file_key is 'In which file.';
comment on column public.guest_invites.author_figma_id is 'Who was invited.';
comment on column public.guest_invites.answer_id is 'The answer that carried the invitation.';
comment on column public.guest_invites.invited_at is 'When.';
alter table public.guest_invites enable row level security;
revoke all on public.guest_invites from public, anon, authenticated;
grant select, insert, update, delete on public.guest_invites to service_role;
grant select on public.guest_invites to authenticated;
create policy guest_invites_select on public.guest_invites for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

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
alter table public.author_limits enable row level security;
revoke all on public.author_limits from public, anon, authenticated;
grant select, insert, update, delete on public.author_limits to service_role;
grant select on public.author_limits to authenticated;
create policy author_limits_select on public.author_limits for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.unbilled_spending (
    day date not null,
    scope text not null,
    scope_key text not null,
    calls bigint not null default 0,
    cost_microusd bigint not null default 0,
    last_at timestamptz not null default now(),
    primary key (day, scope, scope_key),
    constraint unbilled_spending_not_negative check ((calls >= 0) and (cost_microusd >= 0)),
    constraint unbilled_spending_scope check (scope in ('author', 'webhook', 'file'))
);
comment on table public.unbilled_spending is 'What model calls cost us for which no use was taken, by UTC day and whom it was for. Kept 92 days.';
comment on column public.unbilled_spending.day is 'UTC day.';
comment on column public.unbilled_spending.scope is 'author, webhook or file: each such call counts in all three.';
comment on column public.unbilled_spending.scope_key is 'Figma id of the author, id of the webhook, key of the file.';
comment on column public.unbilled_spending.calls is 'Answers whose model was asked and whose use was not taken.';
comment on column public.unbilled_spending.cost_microusd is 'Micro-dollars; a call without a known price counts as private.unknown_call_microusd().';
comment on column public.unbilled_spending.last_at is 'When the last of them ended.';
alter table public.unbilled_spending enable row level security;
revoke all on public.unbilled_spending from public, anon, authenticated;
grant select, insert, update, delete on public.unbilled_spending to service_role;
grant select on public.unbilled_spending to authenticated;
create policy unbilled_spending_select on public.unbilled_spending for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

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
    primary key (figma_user_id, file_key, tier),
    constraint figma_quotas_tier check ((tier >= 1) and (tier <= 3))
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
revoke all on public.figma_quotas from public, anon, authenticated;
grant select, insert, update, delete on public.figma_quotas to service_role;
grant select on public.figma_quotas to authenticated;
create policy figma_quotas_select on public.figma_quotas for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.bot_identity (
    is_only boolean primary key default true,
    figma_user_id text not null,
    handle text not null,
    updated_at timestamptz not null default now(),
    constraint bot_identity_only check (is_only)
);
comment on table public.bot_identity is 'The account behind FIGMA_BOT_TOKEN: mentioning it addresses the buddy.';
comment on column public.bot_identity.is_only is 'Always true: there is one row.';
comment on column public.bot_identity.figma_user_id is 'Figma''s id of the bot account.';
comment on column public.bot_identity.handle is 'Its display name.';
comment on column public.bot_identity.updated_at is 'When a worker last confirmed it.';
alter table public.bot_identity enable row level security;
revoke all on public.bot_identity from public, anon, authenticated;
grant select, insert, update, delete on public.bot_identity to service_role;

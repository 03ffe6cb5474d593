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
    constraint answers_once unique (file_key, comment_id),
    constraint answers_state check (
        state in ('queued', 'working', 'deferred', 'answered', 'refused', 'ignored', 'failed')
    ),
    constraint answers_decision check (decision in ('answer', 'refuse', 'invite', 'command', 'ignore')),
    constraint answers_command check (command in ('help', 'usage', 'stop', 'resume'))
);
create index answers_thread on public.answers (file_key, root_comment_id, reply_created_at desc)
    where reply_created_at is not null;
create unique index answers_one_reply on public.answers (file_key, reply_comment_id)
    where reply_comment_id is not null;
create index answers_notice on public.answers (file_key, notice_comment_id) where notice_comment_id is not null;
create index answers_received_at on public.answers (received_at desc);
create index answers_payer on public.answers (payer_id, received_at desc) where payer_id is not null;
create index answers_author on public.answers (author_figma_id, received_at desc);
create index answers_author_decided on public.answers (author_figma_id, decided_at desc) where decision = 'answer';
create index answers_webhook_id on public.answers (webhook_id);
create index answers_open on public.answers (received_at) where state in ('queued', 'working', 'deferred');
create index answers_failed on public.answers (received_at desc) where state = 'failed';
comment on table public.answers is 'One row per comment addressed to the buddy. (file_key, comment_id) is the key that makes redeliveries and overlapping webhooks end in one job. state failed is the dead letter list.';
comment on column public.answers.run is 'Grows with each replay; a ledger row and a receipt exist at most once per run.';
comment on column public.answers.attempt is 'Fencing number: grows each time a worker takes the job; an older attempt may no longer post.';
comment on column public.answers.failures is 'Attempts of this run that failed; past a limit the answer is given up.';
comment on column public.answers.excused is 'Attempts that ended in order without an end: put off, or of an earlier run. Neither failed nor excused: the worker died.';
comment on column public.answers.draft is 'Reply text and model usage, stored before posting, so that a restarted job neither pays nor speaks twice.';
comment on column public.answers.posting_until is 'No later attempt posts before this moment: a post of the earlier one may still be under way.';
comment on column public.answers.design_state is 'read, no_node, quota, forbidden, missing or failed: what the answer could see of the design.';

create table public.thread_mutes (
    file_key text not null,
    root_comment_id text not null,
    muted_by text not null,
    muted_at timestamptz not null default now(),
    primary key (file_key, root_comment_id)
);
comment on table public.thread_mutes is 'Threads in which somebody wrote "stop": the buddy stays silent there until "resume".';

create table public.guest_invites (
    file_key text not null,
    author_figma_id text not null,
    answer_id uuid not null,
    invited_at timestamptz not null default now(),
    primary key (file_key, author_figma_id)
);
comment on table public.guest_invites is 'Who was already invited in which file: one friendly invitation each.';

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
    constraint figma_quotas_tier check (tier between 1 and 3)
);
comment on table public.figma_quotas is 'What Figma said when a quota was used up (429), per token owner, file and tier; kept so that no call is wasted before it ends.';

create table public.bot_identity (
    is_only boolean primary key default true,
    figma_user_id text not null,
    handle text not null,
    updated_at timestamptz not null default now(),
    constraint bot_identity_only check (is_only)
);
comment on table public.bot_identity is 'The account behind FIGMA_BOT_TOKEN: mentioning it addresses the buddy.';

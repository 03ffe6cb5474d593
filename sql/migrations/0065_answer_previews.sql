-- Answers that their webhook's owner looks at before they are posted.

create table public.answer_previews (
    answer_id uuid primary key references public.answers (id) on delete cascade,
    webhook_id uuid not null,
    state text not null default 'waiting',
    asked_at timestamptz not null default now(),
    until timestamptz not null,
    decided_at timestamptz,
    is_edited boolean not null default false,
    constraint answer_previews_state check (state in ('waiting', 'post', 'drop'))
);
create index answer_previews_webhook on public.answer_previews (webhook_id, asked_at desc);
comment on table public.answer_previews is 'Drafted replies that wait, or waited, for the owner of their webhook. The draft itself is in answers.';
comment on column public.answer_previews.answer_id is 'The answer.';
comment on column public.answer_previews.webhook_id is 'Webhook whose owner decides. No foreign key: it is looked up, and outlived.';
comment on column public.answer_previews.state is 'waiting, post or drop. Waiting after until: expired.';
comment on column public.answer_previews.asked_at is 'When the draft began to wait.';
comment on column public.answer_previews.until is 'When it expires.';
comment on column public.answer_previews.decided_at is 'When the owner decided.';
comment on column public.answer_previews.is_edited is 'Whether the owner changed its words.';
alter table public.answer_previews enable row level security;
revoke all on public.answer_previews from public, anon, authenticated;
grant select, insert, update, delete on public.answer_previews to service_role;
grant select on public.answer_previews to authenticated;
create policy answer_previews_select on public.answer_previews for select to authenticated
    using ((select private.operator_role()) = any (array['founder', 'support']));

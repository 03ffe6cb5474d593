-- Webhooks that a deleted person still has at Figma: the worker removes them with the person's own connection, which
-- is kept, encrypted, until that is done or given up.

create table public.webhook_removals (
    id uuid primary key references public.user_webhooks (id) on delete cascade,
    user_id uuid not null references public.users (id) on delete cascade,
    asked_at timestamptz not null default now(),
    tries integer not null default 0,
    problem text not null default '',
    outcome text,
    closed_at timestamptz,
    constraint webhook_removals_outcome check (outcome in ('removed', 'taken_over', 'left')),
    constraint webhook_removals_closed check ((outcome is null) = (closed_at is null))
);
create index webhook_removals_user_id on public.webhook_removals (user_id);
create index webhook_removals_open on public.webhook_removals (asked_at) where outcome is null;
comment on table public.webhook_removals is 'Webhooks to be removed at Figma after their owner''s account was deleted, and what came of it.';
comment on column public.webhook_removals.id is 'The webhook.';
comment on column public.webhook_removals.user_id is 'Whose account was deleted.';
comment on column public.webhook_removals.asked_at is 'When the account was deleted. Seven days later it is given up.';
comment on column public.webhook_removals.tries is 'How often Figma was asked in vain.';
comment on column public.webhook_removals.problem is 'Why it is not removed yet, or why it was left, as a sentence for operators.';
comment on column public.webhook_removals.outcome is 'removed (also: was gone already), taken_over (the person came back and switched the buddy on there again), or left at Figma; NULL while it is tried.';
comment on column public.webhook_removals.closed_at is 'When it ended.';

alter table public.webhook_removals enable row level security;
revoke all on public.webhook_removals from anon, authenticated;
grant select, insert, update, delete on public.webhook_removals to service_role;
grant select on public.webhook_removals to authenticated;
create policy webhook_removals_select on public.webhook_removals for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
create trigger webhook_removals_audit after update on public.webhook_removals
    for each row when (old.outcome is distinct from new.outcome) execute function private.audit();

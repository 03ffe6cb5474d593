-- Where finished components are pushed to at GitHub: one repository of a team, or of a person without one.

create table public.pipeline_targets (
    owner_id uuid primary key,
    is_team boolean not null,
    user_id uuid not null references public.users (id) on delete cascade,
    repository text not null,
    base_branch text not null,
    folder text not null default '',
    token_encrypted text,
    installation_id bigint,
    set_at timestamptz not null default now(),
    constraint pipeline_targets_repository check (repository ~ '^[A-Za-z0-9_-]{1,100}/[A-Za-z0-9_.-]{1,100}$'),
    constraint pipeline_targets_base_branch check ((length(base_branch) >= 1) and (length(base_branch) <= 200)),
    constraint pipeline_targets_folder check (length(folder) <= 200),
    constraint pipeline_targets_one_way check (num_nonnulls(token_encrypted, installation_id) = 1)
);
create index pipeline_targets_user_id on public.pipeline_targets (user_id);
-- For /readyz: the secrets in use that were written longest ago.
create index pipeline_targets_oldest on public.pipeline_targets (set_at) where token_encrypted is not null;
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
create trigger pipeline_targets_audit after insert or delete on public.pipeline_targets
    for each row execute function private.audit('token_encrypted');
-- Not when the token is only sealed anew with another key.
create trigger pipeline_targets_audit_change after update on public.pipeline_targets
    for each row when ((old.set_at is distinct from new.set_at))
    execute function private.audit('token_encrypted');
alter table public.pipeline_targets enable row level security;
revoke all on public.pipeline_targets from public, anon, authenticated;
grant select, insert, update, delete on public.pipeline_targets to service_role;
grant select (owner_id, is_team, user_id, repository, base_branch, folder, installation_id, set_at)
    on public.pipeline_targets to authenticated;
create policy pipeline_targets_select on public.pipeline_targets for select to authenticated
    using ((select private.operator_role()) = 'founder');

-- What may leave for a provider of models: chosen by a team, or by a person without one.

create table public.model_sharing (
    id uuid primary key,
    is_team boolean not null,
    level text not null,
    user_id uuid,
    set_at timestamptz not null default now(),
    constraint model_sharing_level check (level in ('texts_and_pictures', 'texts', 'nothing'))
);
create index model_sharing_user_id on public.model_sharing (user_id) where user_id is not null;
comment on table public.model_sharing is 'What of their questions and designs may leave for a provider of models. Without a row: texts and pictures.';
comment on column public.model_sharing.id is 'The team, or the person without one. No foreign key: it is one or the other.';
comment on column public.model_sharing.is_team is 'Whether id is a team.';
comment on column public.model_sharing.level is 'texts_and_pictures, texts or nothing.';
comment on column public.model_sharing.user_id is 'The designer who chose it last, who alone may widen it again; NULL: an operator did, or they are gone.';
comment on column public.model_sharing.set_at is 'When it was last chosen.';
create trigger model_sharing_audit after insert or delete on public.model_sharing
    for each row execute function private.audit();
-- Not when whoever chose it is forgotten.
create trigger model_sharing_audit_change after update on public.model_sharing
    for each row when ((old.level is distinct from new.level))
    execute function private.audit();
alter table public.model_sharing enable row level security;
revoke all on public.model_sharing from public, anon, authenticated;
grant select, insert, update, delete on public.model_sharing to service_role;
grant select on public.model_sharing to authenticated;
create policy model_sharing_select on public.model_sharing for select to authenticated
    using ((select private.operator_role()) = 'founder');

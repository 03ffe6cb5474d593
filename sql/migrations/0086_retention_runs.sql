-- That what is kept for a time is removed, and when it last was: one row for each kind of rows or files.

create table public.retention_runs (
    name text primary key,
    since timestamptz not null default now(),
    last_at timestamptz not null default now(),
    removed_at timestamptz,
    removed bigint not null default 0,
    total bigint not null default 0,
    constraint retention_runs_name_length check ((length(name) >= 1) and (length(name) <= 60)),
    constraint retention_runs_not_negative check ((removed >= 0) and (total >= 0))
);
comment on table public.retention_runs is 'What is removed after its time, and when that last ran. The words for each are in service/retention.py.';
comment on column public.retention_runs.name is 'Which kind: a key of what purge_expired gives, or artifacts, orphans.';
comment on column public.retention_runs.since is 'When it ran first.';
comment on column public.retention_runs.last_at is 'When it ran last.';
comment on column public.retention_runs.removed_at is 'When it last removed something; NULL: never yet.';
comment on column public.retention_runs.removed is 'How many rows or files it removed then.';
comment on column public.retention_runs.total is 'How many in all.';
alter table public.retention_runs enable row level security;
revoke all on public.retention_runs from public, anon, authenticated;
grant select, insert, update, delete on public.retention_runs to service_role;
grant select on public.retention_runs to authenticated;
create policy retention_runs_select on public.retention_runs for select to authenticated
    using ((select private.operator_role()) = any (array['founder', 'support']));

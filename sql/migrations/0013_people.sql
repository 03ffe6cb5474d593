-- Helping people: uses granted on top of a plan, search by name, one person's changes, and an audit log in a chain.

create table public.use_grants (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    plan_code text not null,
    period_start date not null,
    uses integer not null,
    reason text not null,
    granted_by text not null,
    granted_at timestamptz not null default now(),
    revoked_at timestamptz,
    revoked_by text,
    constraint use_grants_uses check (uses between 1 and 100000)
);
create index use_grants_user_id on public.use_grants (user_id, plan_code, period_start);
comment on table public.use_grants is 'Uses an operator gave somebody on top of a plan, for one period of it. Taking them back keeps the row.';
comment on column public.use_grants.id is 'Our id.';
comment on column public.use_grants.user_id is 'Who got them.';
comment on column public.use_grants.plan_code is 'The plan they were on then: the grant adds to its allowance.';
comment on column public.use_grants.period_start is 'The period (UTC) it counts in; -infinity for a plan without periods.';
comment on column public.use_grants.uses is 'How many.';
comment on column public.use_grants.reason is 'Why, in the operator''s words.';
comment on column public.use_grants.granted_by is 'E-mail address of the operator.';
comment on column public.use_grants.granted_at is 'When.';
comment on column public.use_grants.revoked_at is 'When they were taken back; NULL: they count.';
comment on column public.use_grants.revoked_by is 'E-mail address of the operator who took them back.';

alter table public.use_grants enable row level security;
revoke all on public.use_grants from anon, authenticated;
grant select, insert, update, delete on public.use_grants to service_role;
grant select on public.use_grants to authenticated;
create policy use_grants_select on public.use_grants for select to authenticated
    using ((select private.operator_role()) is not null);
create trigger use_grants_audit after insert or update or delete on public.use_grants
    for each row execute function private.audit('reason');

-- Kept since sign-in, so that an operator's deletion remembers the trial as the person's own deletion does.
alter table public.users add column figma_user_hash text;
comment on column public.users.figma_user_hash is 'Keyed hash of the Figma id since their last sign-in; NULL after deletion. Granted to no operator.';
drop trigger users_audit on public.users;
create trigger users_audit after update on public.users
    for each row when (old.state is distinct from new.state or old.team_id is distinct from new.team_id)
    execute function private.audit('handle', 'email', 'image_url', 'figma_user_id', 'figma_user_hash');

-- Search: the start of a name by its letters, the start of any word of it, the whole e-mail address.
create index users_handle_start on public.users (lower(handle) text_pattern_ops);
create index users_handle_words on public.users using gin (to_tsvector('simple', handle));
create index users_email on public.users (lower(email)) where email is not null;

-- The audit log: whom a change concerns, and a chain of hashes in which no row can be changed or removed unseen.
alter table public.audit_log
    add column person_id uuid,
    add column prev_hash text not null default '',
    add column row_hash text not null default '';
comment on column public.audit_log.person_id is 'The designer the change concerns, if it concerns one.';
comment on column public.audit_log.prev_hash is 'row_hash of the row before; empty for the first.';
comment on column public.audit_log.row_hash is 'SHA-256 (hex) of this row''s canonical JSON, prev_hash included.';

create table private.audit_head (
    is_only boolean primary key default true,
    last_id bigint not null default 0,
    last_hash text not null default '',
    constraint audit_head_only check (is_only)
);
comment on table private.audit_head is 'The newest link of the audit chain, so that rows missing at its end are noticed too.';
alter table private.audit_head enable row level security;
revoke all on private.audit_head from public, anon, authenticated;
insert into private.audit_head default values;

-- Fields by name: columns added later do not break old hashes. jsonb prints one object always the same way; the
-- time is printed apart, because its JSON follows the session's time zone.
create function private.audit_hash(p_row public.audit_log) returns text
language sql
stable
security invoker
set search_path = ''
as $$
    select encode(sha256(convert_to(jsonb_build_object(
        'id', p_row.id, 'at', to_char(p_row.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        'actor', p_row.actor, 'table_name', p_row.table_name, 'row_key', p_row.row_key,
        'operation', p_row.operation, 'before', p_row.before, 'after', p_row.after, 'reason', p_row.reason,
        'person_id', p_row.person_id, 'prev_hash', p_row.prev_hash
    )::text, 'UTF8')), 'hex')
$$;
comment on function private.audit_hash is 'SHA-256 (hex) over a row''s fields as canonical JSON text, the hash of the row before among them.';
revoke execute on function private.audit_hash from public, anon, authenticated;

create function private.audit_person(p_table text, p_key text, p_row jsonb) returns uuid
language sql
immutable
security invoker
set search_path = ''
as $$
    select case
        when p_table = 'users' then p_key::uuid
        when p_table in ('subscriptions', 'user_contexts', 'user_webhooks', 'use_grants', 'answers')
            then (p_row ->> 'user_id')::uuid
    end
$$;
comment on function private.audit_person is 'The designer that a changed row belongs to, or NULL.';
revoke execute on function private.audit_person from public, anon, authenticated;

-- Ids are given out again under the lock, so that their order is the chain's. The lock lasts until the end of the
-- transaction: audited changes come one after another. Nothing on the way of a comment is audited.
create function private.chain_audit() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(7016422033);
    new.id := nextval('public.audit_log_id_seq');
    new.person_id := private.audit_person(new.table_name, new.row_key, coalesce(new.after, new.before));
    new.prev_hash := coalesce((select row_hash from public.audit_log order by id desc limit 1), '');
    new.row_hash := private.audit_hash(new);
    return new;
end;
$$;
comment on function private.chain_audit is 'Trigger: numbers a new row of the audit log and chains it to the one before.';
revoke execute on function private.chain_audit from public, anon, authenticated;

create function private.note_audit_head() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    update private.audit_head
    set (last_id, last_hash) = (select id, row_hash from public.audit_log order by id desc limit 1)
    where last_id < new.id;
    return null;
end;
$$;
comment on function private.note_audit_head is 'Trigger: remembers the newest link once per transaction, at its end.';
revoke execute on function private.note_audit_head from public, anon, authenticated;

alter table public.audit_log disable trigger audit_log_immutable;
do $$
declare
    v_row public.audit_log;
    v_hash text := '';
begin
    for v_row in select * from public.audit_log order by id loop
        v_row.prev_hash := v_hash;
        v_row.person_id := private.audit_person(v_row.table_name, v_row.row_key, coalesce(v_row.after, v_row.before));
        v_hash := private.audit_hash(v_row);
        update public.audit_log set prev_hash = v_row.prev_hash, person_id = v_row.person_id, row_hash = v_hash
        where id = v_row.id;
        update private.audit_head set last_id = v_row.id, last_hash = v_hash;
    end loop;
end;
$$;
alter table public.audit_log enable trigger audit_log_immutable;
create trigger audit_log_chain before insert on public.audit_log
    for each row execute function private.chain_audit();
create constraint trigger audit_log_head after insert on public.audit_log
    deferrable initially deferred for each row execute function private.note_audit_head();

-- Two rows can never follow the same one, whatever the isolation level of who writes.
create unique index audit_log_prev_hash on public.audit_log (prev_hash);
create index audit_log_person on public.audit_log (person_id, at desc) where person_id is not null;
create index audit_log_actor on public.audit_log (actor, id desc);
create index audit_log_table on public.audit_log (table_name, id desc);

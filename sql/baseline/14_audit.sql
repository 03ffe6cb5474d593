-- Who changed what by hand: every row chained to the one before, so that a change of the log shows.

create table private.audit_head (
    is_only boolean primary key default true,
    last_id bigint not null default 0,
    last_hash text not null default '',
    constraint audit_head_only check (is_only)
);
comment on table private.audit_head is 'The newest link of the audit chain, so that rows missing at its end are noticed too.';
insert into private.audit_head default values;
alter table private.audit_head enable row level security;

create table public.audit_log (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    actor text not null,
    table_name text not null,
    row_key text not null,
    operation text not null,
    before jsonb,
    after jsonb,
    reason text not null default '',
    person_id uuid,
    prev_hash text not null default '',
    row_hash text not null default ''
);
create index audit_log_actor on public.audit_log (actor, id desc);
create index audit_log_at on public.audit_log (at desc);
create index audit_log_person on public.audit_log (person_id, at desc) where person_id is not null;
-- Two rows can never follow the same one, whatever the isolation level of who writes.
create unique index audit_log_prev_hash on public.audit_log (prev_hash);
create index audit_log_row on public.audit_log (table_name, row_key, at desc);
create index audit_log_table on public.audit_log (table_name, id desc);
comment on table public.audit_log is 'Append-only, written by triggers: who changed what, before, after, why.';
comment on column public.audit_log.id is 'Order of writing.';
comment on column public.audit_log.at is 'When it was changed.';
comment on column public.audit_log.actor is 'Operator''s e-mail, "user" or "service".';
comment on column public.audit_log.table_name is 'Table of the changed row.';
comment on column public.audit_log.row_key is 'Key of the changed row.';
comment on column public.audit_log.operation is 'INSERT, UPDATE or DELETE.';
comment on column public.audit_log.before is 'The row before, without secrets.';
comment on column public.audit_log.after is 'The row after, without secrets.';
comment on column public.audit_log.reason is 'Why, in the operator''s words.';
comment on column public.audit_log.person_id is 'The designer the change concerns, if it concerns one.';
comment on column public.audit_log.prev_hash is 'row_hash of the row before; empty for the first.';
comment on column public.audit_log.row_hash is 'SHA-256 (hex) of this row''s canonical JSON, prev_hash included.';
alter table public.audit_log enable row level security;
revoke all on public.audit_log from public, anon, authenticated;
grant select on public.audit_log to authenticated;
revoke update, delete, truncate on public.audit_log from service_role;
grant select, insert on public.audit_log to service_role;
-- Without subscriptions for support: with every change of every plan the log is the whole history of what is paid. A
-- table that is audited later is for founders until it is named.
create policy audit_log_select on public.audit_log for select to authenticated
    using (case (select private.operator_role()) when 'founder' then true
    when 'support' then (table_name in ('answers', 'plans', 'reliability_targets', 'reporting_settings', 'teams',
    'use_grants', 'user_contexts', 'user_webhooks', 'users', 'webhook_removals')) else false end);

-- As triggers need it to begin with: sql/functions puts today's in its place.
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
comment on function private.audit_person(p_table text, p_key text, p_row jsonb) is 'The designer that a changed row belongs to, or NULL.';
revoke execute on function private.audit_person from public, anon, authenticated;

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
comment on function private.audit_hash(p_row public.audit_log) is 'SHA-256 (hex) over a row''s fields as canonical JSON text, the hash of the row before among them.';
revoke execute on function private.audit_hash from public, anon, authenticated;

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
comment on function private.chain_audit() is 'Trigger: numbers a new row of the audit log and chains it to the one before.';
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
comment on function private.note_audit_head() is 'Trigger: remembers the newest link once per transaction, at its end.';
revoke execute on function private.note_audit_head from public, anon, authenticated;

create trigger audit_log_chain before insert on public.audit_log for each row execute function private.chain_audit();
create constraint trigger audit_log_head after insert on public.audit_log deferrable initially deferred
    for each row execute function private.note_audit_head();
create trigger audit_log_immutable before delete or update on public.audit_log
    for each row execute function private.refuse_change();
create trigger audit_log_not_truncated before truncate on public.audit_log
    for each statement execute function private.refuse_change();

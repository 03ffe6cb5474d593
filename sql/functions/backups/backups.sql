-- What is known of backups. The files are made, checked and removed by `make backup` (backup/).

create or replace function private.record_backup(p_backup jsonb) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    insert into private.backups (
        moment, file_name, bytes, seconds, schema_version, tables, row_count, files, files_missing
    )
    select moment, file_name, bytes, seconds, schema_version, tables, row_count, files, files_missing
    from jsonb_populate_record(null::private.backups, p_backup)
    on conflict (file_name) do nothing;
    delete from private.backups where recorded_at < now() - interval '400 days';
end;
$$;
comment on function private.record_backup is 'Write down a backup that was read back and found complete: {moment, file_name, bytes, seconds, schema_version, tables, row_count, files, files_missing}. Safe to call again.';
revoke execute on function private.record_backup from public, anon, authenticated;

create or replace function private.last_backup()
returns table (moment timestamptz, recorded_at timestamptz, file_name text, bytes bigint, schema_version text)
language sql
stable
security invoker
set search_path = ''
as $$
    select moment, recorded_at, file_name, bytes, schema_version
    from private.backups order by moment desc limit 1
$$;
comment on function private.last_backup is 'The newest backup that was read back and found complete; no row: none was ever made here.';
revoke execute on function private.last_backup from public, anon, authenticated;
grant execute on function private.last_backup to service_role;

-- A question that was open in a backup may have been answered after it, by the product that is gone. Counted as a
-- second attempt, it is looked for in its thread before anything is posted.
create or replace function private.after_restore() returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_open integer;
begin
    update public.answers set attempt = attempt + 1, excused = excused + 1
    where state in ('queued', 'working', 'deferred') and attempt = 0;
    get diagnostics v_open = row_count;
    return v_open;
end;
$$;
comment on function private.after_restore is 'Once after a restore, before any worker starts: how many open questions will be looked for in their threads first, because they may have been answered after the backup.';
revoke execute on function private.after_restore from public, anon, authenticated;

-- The trigger of what is only ever added to. The baseline made it, with a sentence where a code belongs.

create or replace function private.refuse_change() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    raise exception using errcode = '42501', message = 'rows_never_change',
        detail = jsonb_build_object('table', private.table_of(tg_relid))::text;
end;
$$;
comment on function private.refuse_change is 'Keeps the ledger and the audit log append-only, for every role.';
revoke execute on function private.refuse_change from public, anon, authenticated;

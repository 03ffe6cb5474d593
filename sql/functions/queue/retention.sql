-- That what is kept for a time is removed, and seen to be.

-- Always in the order of the names: several workers may do so at once.
create or replace function private.note_retention(p_counts jsonb) returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.retention_runs as r (name, removed_at, removed, total)
    select key, case when value::bigint > 0 then now() end, value::bigint, value::bigint
    from jsonb_each_text(p_counts)
    where value ~ '^[0-9]+$'
    order by key
    on conflict (name) do update
    set last_at = now(), total = r.total + excluded.total,
        removed_at = coalesce(excluded.removed_at, r.removed_at),
        removed = case when excluded.removed > 0 then excluded.removed else r.removed end
$$;
comment on function private.note_retention is 'Write down that these kinds were looked through, and how many of each were removed: {kind: count}.';
revoke execute on function private.note_retention from public, anon, authenticated;
grant execute on function private.note_retention to service_role;

create or replace function public.note_removed(p_name text, p_removed integer) returns void
language sql
security invoker
set search_path = ''
as $$
    select private.note_retention(jsonb_build_object(p_name, p_removed))
$$;
comment on function public.note_removed is 'For what is removed outside of the database: that this kind was looked through, and how many of it were removed.';
revoke execute on function public.note_removed from public, anon, authenticated;
grant execute on function public.note_removed to service_role;

create or replace function public.retention_list() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(r) order by r.name), '[]'::jsonb)
    from public.retention_runs as r
    where private.require_support()
$$;
comment on function public.retention_list is 'Each kind of what is removed after its time: since when, when last, what it removed then and in all.';
revoke execute on function public.retention_list from public, anon, authenticated;
grant execute on function public.retention_list to authenticated, service_role;

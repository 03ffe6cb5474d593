-- Contexts: read, save with a version check, and every version ever in force.

create or replace function private.context_content(p_user_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'instructions', instructions, 'tone', tone, 'brand', brand, 'design_system_rules', design_system_rules,
        'language', language, 'focus_areas', focus_areas, 'model', model, 'shared_with_guests', shared_with_guests
    )
    from public.user_contexts where user_id = p_user_id
$$;
comment on function private.context_content is 'The fields of a context as one object, without its version.';
revoke execute on function private.context_content from public, anon, authenticated;
grant execute on function private.context_content to service_role;

-- Versions and callers from before fields could be shared have no shared_with_guests.
create or replace function private.whole_content(p_content jsonb) returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
    select p_content || jsonb_build_object('shared_with_guests', array(
        select distinct field collate "C"
        from jsonb_array_elements_text(coalesce(p_content -> 'shared_with_guests', '[]')) as field
        order by 1
    ))
$$;
comment on function private.whole_content is 'The content of a context with shared_with_guests, in order and each name once; nothing is shared where it is missing.';
revoke execute on function private.whole_content from public, anon, authenticated;
grant execute on function private.whole_content to service_role;

create or replace function public.get_context(p_user_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select private.context_content(p_user_id)
        || jsonb_build_object('version', user_contexts.version, 'updated_at', user_contexts.updated_at)
    from public.user_contexts where user_id = p_user_id
$$;
comment on function public.get_context is 'The context now in force, with its version.';
revoke execute on function public.get_context from public, anon, authenticated;
grant execute on function public.get_context to service_role;

create or replace function public.get_context_version(p_user_id uuid, p_version integer) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select private.whole_content(content) || jsonb_build_object('version', version)
    from public.user_context_versions where user_id = p_user_id and version = p_version
$$;
comment on function public.get_context_version is 'One version of a context. It never changes, so callers may cache it for ever.';
revoke execute on function public.get_context_version from public, anon, authenticated;
grant execute on function public.get_context_version to service_role;

-- Replace the whole context. A stale version is refused (PT412), so nobody overwrites what they have not seen.
-- Calling again with what is already in force is a success and makes no new version. Without shared_with_guests
-- nothing is shared.
create or replace function public.save_context(
    p_user_id uuid, p_expected_version integer, p_content jsonb, p_saved_by text, p_reason text
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_version integer;
    v_content jsonb := private.whole_content(p_content);
begin
    select version into v_version from public.user_contexts where user_id = p_user_id for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'account_has_no_context';
    end if;
    if private.context_content(p_user_id) = v_content then
        return public.get_context(p_user_id);
    end if;
    if v_version <> p_expected_version then
        raise exception using errcode = 'PT412', message = 'context_changed_meanwhile',
            detail = jsonb_build_object('version', v_version)::text;
    end if;
    update public.user_contexts
    set version = version + 1, updated_at = now(),
        instructions = v_content ->> 'instructions', tone = v_content ->> 'tone', brand = v_content ->> 'brand',
        design_system_rules = v_content ->> 'design_system_rules', language = v_content ->> 'language',
        focus_areas = array(select jsonb_array_elements_text(v_content -> 'focus_areas')),
        model = v_content ->> 'model',
        shared_with_guests = array(select jsonb_array_elements_text(v_content -> 'shared_with_guests'))
    where user_id = p_user_id;
    insert into public.user_context_versions (user_id, version, content, saved_by, reason)
    values (p_user_id, v_version + 1, private.context_content(p_user_id), p_saved_by, p_reason);
    insert into public.activity (user_id, kind, detail)
    values (p_user_id, 'context_saved', jsonb_build_object('version', v_version + 1));
    return public.get_context(p_user_id);
end;
$$;
comment on function public.save_context is 'Replace a context if p_expected_version is still in force; keeps the old version for ever.';
revoke execute on function public.save_context from public, anon, authenticated;
grant execute on function public.save_context to service_role;

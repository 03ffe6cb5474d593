-- Operators edit a person's context: within its limits, with a version check, and with an undo of one change.

create or replace function private.check_context(p_content jsonb) returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
    v_limit record;
begin
    if jsonb_typeof(p_content) is distinct from 'object'
        or (select array_agg(key order by key) from jsonb_object_keys(p_content) as key where key <> 'shared_with_guests')
            is distinct from array['brand', 'design_system_rules', 'focus_areas', 'instructions', 'language', 'model', 'tone']
    then
        raise exception using errcode = 'PT422', message = 'context_with_other_fields';
    end if;
    for v_limit in select * from (values
        ('instructions', 4000), ('tone', 500), ('brand', 4000), ('design_system_rules', 8000), ('language', 35),
        ('model', 100)
    ) as limits (field, characters) loop
        if jsonb_typeof(p_content -> v_limit.field) <> 'string' or length(p_content ->> v_limit.field) > v_limit.characters then
            raise exception using errcode = 'PT422', message = 'context_field_too_long',
                detail = jsonb_build_object('field', v_limit.field, 'characters', v_limit.characters)::text;
        end if;
    end loop;
    if jsonb_typeof(p_content -> 'focus_areas') <> 'array' then
        raise exception using errcode = 'PT422', message = 'focus_areas_not_a_list';
    end if;
    if jsonb_array_length(p_content -> 'focus_areas') > 12 or exists (
        select from jsonb_array_elements(p_content -> 'focus_areas') as area
        where jsonb_typeof(area) <> 'string' or length(area #>> '{}') > 100
    ) then
        raise exception using errcode = 'PT422', message = 'focus_areas_too_many_or_too_long';
    end if;
    -- An editor from before fields could be shared does not send this field.
    if p_content ? 'shared_with_guests' and (
        jsonb_typeof(p_content -> 'shared_with_guests') <> 'array'
        or not p_content -> 'shared_with_guests'
            <@ '["brand", "design_system_rules", "focus_areas", "instructions", "language", "tone"]'
    ) then
        raise exception using errcode = 'PT422', message = 'not_to_be_shared_with_guests';
    end if;
end;
$$;
comment on function private.check_context is 'Refuse (PT422) what is not a whole context within its limits; the same limits as the API''s.';
revoke execute on function private.check_context from public, anon, authenticated;

create or replace function private.context_version_content(p_user_id uuid, p_version integer) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select private.whole_content(content)
    from public.user_context_versions where user_id = p_user_id and version = p_version
$$;
comment on function private.context_version_content is 'The fields of one version of a context, or NULL.';
revoke execute on function private.context_version_content from public, anon, authenticated;

-- A stale save writes nothing and hands back all three sides, so that the conflict can be shown field by field.
create or replace function public.operator_save_context(
    p_user_id uuid, p_expected_version integer, p_content jsonb, p_reason text
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_version integer;
    v_saved jsonb;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    perform private.demand_person(p_user_id);
    perform private.check_context(p_content);
    select version into v_version from public.user_contexts where user_id = p_user_id for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'person_has_no_context';
    end if;
    if v_version is distinct from p_expected_version then
        return jsonb_build_object(
            'is_saved', false, 'version', v_version, 'theirs', private.context_content(p_user_id),
            'base', private.context_version_content(p_user_id, p_expected_version),
            'changed_by', (select saved_by from public.user_context_versions
                where user_id = p_user_id and version = v_version)
        );
    end if;
    v_saved := public.save_context(p_user_id, v_version, p_content, private.operator_email(), btrim(p_reason));
    return jsonb_build_object('is_saved', true, 'version', v_saved -> 'version');
end;
$$;
comment on function public.operator_save_context is 'Founders and support: save a whole context if p_expected_version is in force: {is_saved, version}. Otherwise nothing is written and {is_saved: false, version, base, theirs, changed_by} comes back.';
revoke execute on function public.operator_save_context from public, anon, authenticated;
grant execute on function public.operator_save_context to authenticated;

create or replace function private.changed_fields(p_before jsonb, p_after jsonb) returns text[]
language sql
immutable
security invoker
set search_path = ''
as $$
    select coalesce(array_agg(field.key order by field.key), '{}')
    from jsonb_each(p_after) as field
    where p_before -> field.key is distinct from field.value
$$;
comment on function private.changed_fields is 'Names of the fields in which p_after differs from p_before.';
revoke execute on function private.changed_fields from public, anon, authenticated;

-- To share a field is to share its text. So a text and a decision to share it that were never in force together
-- conflict, as two texts do. Otherwise an undo could show guests a text that was written when they could not see it.
create or replace function private.touched_fields(p_before jsonb, p_after jsonb) returns text[]
language sql
immutable
security invoker
set search_path = ''
as $$
    select array(
        select unnest(private.changed_fields(p_before, p_after))
        union
        (select jsonb_array_elements_text(p_after -> 'shared_with_guests')
        except
        select jsonb_array_elements_text(p_before -> 'shared_with_guests'))
        order by 1
    )
$$;
comment on function private.touched_fields is 'Names of the fields in which p_after differs from p_before, and of those that it shares with guests and p_before does not.';
revoke execute on function private.touched_fields from public, anon, authenticated;

create or replace function public.operator_undo_context(p_user_id uuid, p_version integer, p_reason text) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_current integer;
    v_before jsonb;
    v_after jsonb;
    v_fields text[];
    v_touched text[];
    v_blocking jsonb;
    v_saved jsonb;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    perform private.demand_person(p_user_id);
    select version into v_current from public.user_contexts where user_id = p_user_id for update;
    v_before := private.context_version_content(p_user_id, p_version - 1);
    v_after := private.context_version_content(p_user_id, p_version);
    v_fields := private.changed_fields(v_before, v_after);
    v_touched := private.touched_fields(v_after, v_before);
    if v_before is null or v_fields = '{}' then
        raise exception using errcode = 'PT409', message = 'version_cannot_be_undone',
            detail = jsonb_build_object('version', p_version)::text;
    end if;
    select jsonb_agg(jsonb_build_object(
        'version', later.version, 'saved_by', later.saved_by, 'saved_at', later.saved_at,
        'fields', to_jsonb(later.touched)
    ) order by later.version)
    into v_blocking
    from (
        select after.version, after.saved_by, after.saved_at, array(
            select unnest(private.touched_fields(
                private.whole_content(before.content), private.whole_content(after.content)
            ))
            intersect select unnest(v_touched)
            order by 1
        ) as touched
        from public.user_context_versions as after
        join public.user_context_versions as before
            on before.user_id = after.user_id and before.version = after.version - 1
        where after.user_id = p_user_id and after.version > p_version
    ) as later
    where later.touched <> '{}';
    if v_blocking is not null then
        return jsonb_build_object('is_undone', false, 'blocked_by', v_blocking);
    end if;
    v_saved := public.save_context(
        p_user_id, v_current,
        private.context_content(p_user_id) || (
            select jsonb_object_agg(field, v_before -> field) from unnest(v_fields) as field
        ),
        private.operator_email(), format('Undo of version %s: %s', p_version, btrim(p_reason))
    );
    return jsonb_build_object('is_undone', true, 'version', v_saved -> 'version', 'fields', to_jsonb(v_fields));
end;
$$;
comment on function public.operator_undo_context is 'Founders and support: put back the fields that one version changed, and keep every later change. Refused when later versions touched the same fields: {is_undone: false, blocked_by: [{version, saved_by, saved_at, fields}]}.';
revoke execute on function public.operator_undo_context from public, anon, authenticated;
grant execute on function public.operator_undo_context to authenticated;

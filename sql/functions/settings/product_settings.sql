-- Settings that founders change while the service runs, and the feature flags of teams.

-- What the service itself reports: what its environment sets, and the key with which to seal what is written for it.
create or replace function public.announce_service(p_sealing_key text, p_defaults jsonb) returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.service_profile as profile (sealing_key, defaults) values (p_sealing_key, p_defaults)
    on conflict (is_only) do update
        set sealing_key = excluded.sealing_key, defaults = excluded.defaults, told_at = now()
$$;
comment on function public.announce_service is 'A worker at its start: its public sealing key and the environment''s values of the settings. The last one to start counts.';
revoke execute on function public.announce_service from public, anon, authenticated;
grant execute on function public.announce_service to service_role;

create or replace function public.live_settings() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_object_agg(code, value), '{}'::jsonb) from public.product_settings where value is not null
$$;
comment on function public.live_settings is 'Values that founders have set, by setting; what is missing is as in the environment.';
revoke execute on function public.live_settings from public, anon, authenticated;
grant execute on function public.live_settings to service_role;

-- A trigger is something that people type on purpose: it begins with "@", "/" or "!" and goes on with letters, digits,
-- "_" or "-", so that no ordinary word of a reply can be one. Replies are still defused, for whatever trigger is set.
create or replace function private.check_setting(p_code text, p_value jsonb) returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
    v_least bigint;
    v_most bigint;
begin
    if p_code = 'triggers' then
        if jsonb_typeof(p_value) <> 'array' or jsonb_array_length(p_value) not between 1 and 10
            or exists (
                select from jsonb_array_elements(p_value) as each
                where jsonb_typeof(each) <> 'string' or (each #>> '{}') !~ '^[@/!][[:alnum:]][[:alnum:]_-]{1,38}$'
            )
            or (select count(distinct lower(each)) from jsonb_array_elements_text(p_value) as each)
                <> jsonb_array_length(p_value)
        then
            raise exception using errcode = '22023', message = 'triggers_unfit';
        end if;
    elsif p_code = 'models_off' then
        if jsonb_typeof(p_value) <> 'array' or jsonb_array_length(p_value) > 100
            or exists (
                select from jsonb_array_elements(p_value) as each
                where jsonb_typeof(each) <> 'string' or length(each #>> '{}') not between 1 and 200
            )
        then
            raise exception using errcode = '22023', message = 'models_unfit';
        end if;
    elsif p_code = 'guest_rule' then
        if p_value #>> '{}' not in ('invite', 'owner_pays', 'ignore') then
            raise exception using errcode = '22023', message = 'no_such_guest_rule';
        end if;
    else
        select least, most into v_least, v_most from (values
            ('answers_per_minute', 1, 1000), ('loop_breaker_replies', 1, 50),
            ('loop_breaker_window_seconds', 10, 86400), ('author_replies_per_day', 1, 10000),
            ('unbilled_microusd_per_day', 1, 1000000000), ('job_attempts', 1, 20),
            ('model_cost_ceiling_microusd', 100, 100000000),
            ('service_microusd_per_day', 0, 100000000000)
        ) as ranges (code, least, most) where ranges.code = p_code;
        if not found then
            raise exception using errcode = 'PT404', message = 'no_such_setting';
        end if;
        if jsonb_typeof(p_value) <> 'number' or (p_value #>> '{}') !~ '^[0-9]{1,12}$'
            or (p_value #>> '{}')::bigint not between v_least and v_most
        then
            raise exception using errcode = '22023', message = 'setting_out_of_range',
                detail = jsonb_build_object('least', v_least, 'most', v_most)::text;
        end if;
    end if;
end;
$$;
comment on function private.check_setting is 'Refuses (22023) a value that the service could not work with.';
revoke execute on function private.check_setting from public, anon, authenticated;

-- Security definer: founders may not write the table past this check.
create or replace function public.set_product_setting(
    p_code text, p_value jsonb, p_version integer, p_reason text
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_value jsonb := nullif(p_value, 'null'::jsonb);
    v_row public.product_settings;
begin
    perform private.founder_edit(p_reason);
    if v_value is not null then
        perform private.check_setting(p_code, v_value);
    end if;
    perform pg_advisory_xact_lock(hashtextextended('setting ' || p_code, 0));
    select * into v_row from public.product_settings where code = p_code;
    if coalesce(v_row.version, 0) <> coalesce(p_version, 0) then
        raise exception using errcode = 'PT409', message = 'setting_changed_meanwhile';
    end if;
    insert into public.product_settings as s (code, value) values (p_code, v_value)
    on conflict (code) do update set value = excluded.value, version = s.version + 1, updated_at = now()
    returning * into v_row;
    return to_jsonb(v_row);
end;
$$;
comment on function public.set_product_setting is 'Founders: a setting of the running service; NULL goes back to the environment''s value. p_version: the version seen, 0 where there was none. In force within seconds.';
revoke execute on function public.set_product_setting from public, anon, authenticated;
grant execute on function public.set_product_setting to authenticated;

create or replace function private.team_flags(p_team_id uuid) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return (
        select jsonb_object_agg(flags.code, coalesce((teams.feature_flags ->> flags.code)::boolean, flags.is_on))
        from public.feature_flags as flags
        left join public.teams on teams.id = p_team_id
    );
end;
$$;
comment on function private.team_flags is 'Every feature flag as it is for a team (NULL: for people without one): its own setting, else the default.';
revoke execute on function private.team_flags from public, anon, authenticated;
grant execute on function private.team_flags to service_role;

-- Security definer: founders may not write teams past this check.
create or replace function public.set_team_flag(
    p_team_id uuid, p_code text, p_is_on boolean, p_seen boolean, p_reason text
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_flags jsonb;
begin
    perform private.founder_edit(p_reason);
    if not exists (select from public.feature_flags where code = p_code) then
        raise exception using errcode = 'PT404', message = 'no_such_feature_flag';
    end if;
    select feature_flags into v_flags from public.teams where id = p_team_id for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_team';
    end if;
    if (v_flags ->> p_code)::boolean is distinct from p_seen then
        raise exception using errcode = 'PT409', message = 'flag_changed_meanwhile';
    end if;
    update public.teams
    set feature_flags = case when p_is_on is null then v_flags - p_code
        else v_flags || jsonb_build_object(p_code, p_is_on) end
    where id = p_team_id
    returning feature_flags into v_flags;
    return v_flags;
end;
$$;
comment on function public.set_team_flag is 'Founders: a feature flag of a team; NULL goes back to the default. p_seen: what the team had set, NULL for nothing. Counts from the next answer on.';
revoke execute on function public.set_team_flag from public, anon, authenticated;
grant execute on function public.set_team_flag to authenticated;

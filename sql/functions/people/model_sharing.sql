-- What may leave for a provider of models. Each step of the service goes by the flags of private.flags_of, so what a
-- team keeps in is kept in everywhere: comments, analyses, components, guidances that are tried.

create or replace function private.sharing_of(p_user_id uuid) returns public.model_sharing
language sql
stable
security invoker
set search_path = ''
as $$
    select s
    from public.users join public.model_sharing as s on s.id = coalesce(users.team_id, users.id)
    where users.id = p_user_id
$$;
comment on function private.sharing_of is 'What a person''s team, or a person without one, has chosen; all NULL: nothing was chosen.';
revoke execute on function private.sharing_of from public, anon, authenticated;
grant execute on function private.sharing_of to service_role;

create or replace function private.sharing_rank(p_level text) returns integer
language sql
immutable
security invoker
set search_path = ''
as $$
    select case p_level when 'nothing' then 0 when 'texts' then 1 else 2 end
$$;
comment on function private.sharing_rank is 'How much a level lets out: 0 nothing, 1 texts, 2 texts and pictures (also where nothing was chosen).';
revoke execute on function private.sharing_rank from public, anon, authenticated;
grant execute on function private.sharing_rank to service_role;

-- A design belongs to where the buddy was switched on: so p_owner_id, who did that, is asked as well, and the stricter
-- of the two counts.
create or replace function private.flags_of(p_user_id uuid, p_owner_id uuid default null) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_flags jsonb;
    v_rank integer;
    v_team_id uuid;
    v_level text;
begin
    -- Each answer begins with this, so it reads the choice itself: private.sharing_of is a query more.
    select users.team_id, chosen.level into v_team_id, v_level
    from public.users left join public.model_sharing as chosen on chosen.id = coalesce(users.team_id, users.id)
    where users.id = p_user_id;
    v_flags := private.team_flags(v_team_id);
    v_rank := private.sharing_rank(v_level);
    if p_owner_id is distinct from p_user_id then
        v_rank := least(v_rank, private.sharing_rank((private.sharing_of(p_owner_id)).level));
    end if;
    if v_rank < 2 then
        v_flags := v_flags || jsonb_build_object('design_pictures', false);
    end if;
    if v_rank < 1 then
        v_flags := v_flags || jsonb_build_object('model_answers', false);
    end if;
    return v_flags || jsonb_build_object('model_sharing', (array['nothing', 'texts', 'texts_and_pictures'])[v_rank + 1]);
end;
$$;
comment on function private.flags_of is 'Every feature flag as it is for a person, and model_sharing: what may leave for a provider of models, by the stricter of their choice and that of p_owner_id. What may not leave is off in the flags as well.';
revoke execute on function private.flags_of from public, anon, authenticated;
grant execute on function private.flags_of to service_role;

create or replace function public.show_model_sharing(p_user_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'level', coalesce(s.level, 'texts_and_pictures'), 'is_team', users.team_id is not null,
        'set_by', case when s.id is null then '' when s.user_id is null then 'support'
            else coalesce((select handle from public.users as setter where setter.id = s.user_id), '') end,
        'set_at', s.set_at,
        'may_widen', s.id is null or users.team_id is null or s.user_id is not distinct from users.id
    )
    from public.users left join lateral private.sharing_of(users.id) as s on true
    where users.id = p_user_id and users.state <> 'deleted'
$$;
comment on function public.show_model_sharing is 'What may leave for a provider of models for a person: {level, is_team: it is their team''s, set_by (a name, "support", or empty), set_at, may_widen}.';
revoke execute on function public.show_model_sharing from public, anon, authenticated;
grant execute on function public.show_model_sharing to service_role;

-- Everybody in a team may let less out, at once. More is let out only by whoever chose the present level, or by an
-- operator: nobody undoes quietly what somebody else in the team decided.
create or replace function public.set_model_sharing(p_user_id uuid, p_level text) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_user public.users;
    v_now public.model_sharing;
begin
    if p_level is null or p_level not in ('texts_and_pictures', 'texts', 'nothing') then
        raise exception using errcode = '22023', message = 'no_such_model_sharing';
    end if;
    select * into v_user from public.users where id = p_user_id and state <> 'deleted' for share;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_person';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('model_sharing ' || coalesce(v_user.team_id, v_user.id), 0));
    v_now := private.sharing_of(p_user_id);
    if v_now.id is not null and v_user.team_id is not null and v_now.user_id is distinct from p_user_id
        and private.sharing_rank(p_level) > private.sharing_rank(v_now.level)
    then
        raise exception using errcode = 'PT409', message = 'model_sharing_chosen_by_another';
    end if;
    if p_level <> coalesce(v_now.level, 'texts_and_pictures') then
        insert into public.model_sharing (id, is_team, level, user_id, set_at)
        values (coalesce(v_user.team_id, v_user.id), v_user.team_id is not null, p_level, p_user_id, clock_timestamp())
        on conflict (id) do update
        set level = excluded.level, user_id = excluded.user_id, set_at = excluded.set_at;
    end if;
    return public.show_model_sharing(p_user_id);
end;
$$;
comment on function public.set_model_sharing is 'Choose what may leave for a provider of models, for a person''s team or for a person without one; counts from the next question on: as show_model_sharing. Safe to call again.';
revoke execute on function public.set_model_sharing from public, anon, authenticated;
grant execute on function public.set_model_sharing to service_role;

-- Security definer: founders may not write the table past this check.
create or replace function public.set_team_sharing(p_team_id uuid, p_level text, p_seen text, p_reason text) returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_now text;
begin
    perform private.founder_edit(p_reason);
    if p_level is null or p_level not in ('texts_and_pictures', 'texts', 'nothing') then
        raise exception using errcode = '22023', message = 'no_such_model_sharing';
    end if;
    perform from public.teams where id = p_team_id for share;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_team';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('model_sharing ' || p_team_id, 0));
    v_now := coalesce((select level from public.model_sharing where id = p_team_id), 'texts_and_pictures');
    if v_now <> coalesce(p_seen, '') then
        raise exception using errcode = 'PT409', message = 'model_sharing_changed_meanwhile';
    end if;
    insert into public.model_sharing (id, is_team, level, user_id, set_at)
    values (p_team_id, true, p_level, null, clock_timestamp())
    on conflict (id) do update set level = excluded.level, user_id = null, set_at = excluded.set_at;
    return p_level;
end;
$$;
comment on function public.set_team_sharing is 'Founders: what may leave for a provider of models for a team; then only operators let more out again. p_seen: the level seen. The level.';
revoke execute on function public.set_team_sharing from public, anon, authenticated;
grant execute on function public.set_team_sharing to authenticated;

create or replace function private.forget_sharing(p_user_id uuid) returns void
language sql
security invoker
set search_path = ''
as $$
    delete from public.model_sharing where id = p_user_id;
    update public.model_sharing set user_id = null where user_id = p_user_id;
$$;
comment on function private.forget_sharing is 'Forget what somebody let out to models; their team''s choice stays, without who made it.';
revoke execute on function private.forget_sharing from public, anon, authenticated;
grant execute on function private.forget_sharing to service_role;

-- What may leave for a provider of models. Each step of the service goes by the flags of private.flags_of, so what a
-- team keeps in is kept in everywhere: comments, analyses, components, guidances that are tried.

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

create or replace function private.sharing_level(p_rank integer) returns text
language sql
immutable
security invoker
set search_path = ''
as $$
    select (array['nothing', 'texts', 'texts_and_pictures'])[p_rank + 1]
$$;
comment on function private.sharing_level is 'The level of a rank: the reverse of private.sharing_rank.';
revoke execute on function private.sharing_level from public, anon, authenticated;
grant execute on function private.sharing_level to service_role;

-- A person's own choice, from before they were in a team, goes on to count for what is theirs.
create or replace function private.sharing_rank_of(p_user_id uuid) returns integer
language sql
stable
security invoker
set search_path = ''
as $$
    select least(private.sharing_rank(team.level), private.sharing_rank(own.level))
    from public.users
    left join public.model_sharing as team on team.id = users.team_id
    left join public.model_sharing as own on own.id = users.id
    where users.id = p_user_id
$$;
comment on function private.sharing_rank_of is 'How much may leave of what is a person''s, by the stricter of their team''s choice and their own, as private.sharing_rank; NULL: there is no such person.';
revoke execute on function private.sharing_rank_of from public, anon, authenticated;
grant execute on function private.sharing_rank_of to service_role;

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
begin
    -- Each answer begins with this, so it reads the choices itself: private.sharing_rank_of is a query more.
    select users.team_id, least(private.sharing_rank(team.level), private.sharing_rank(own.level)) into v_team_id, v_rank
    from public.users
    left join public.model_sharing as team on team.id = users.team_id
    left join public.model_sharing as own on own.id = users.id
    where users.id = p_user_id;
    v_flags := private.team_flags(v_team_id);
    v_rank := coalesce(v_rank, private.sharing_rank(null));
    if p_owner_id is distinct from p_user_id then
        v_rank := least(v_rank, private.sharing_rank_of(p_owner_id));
    end if;
    if v_rank < 2 then
        v_flags := v_flags || jsonb_build_object('design_pictures', false);
    end if;
    if v_rank < 1 then
        v_flags := v_flags || jsonb_build_object('model_answers', false);
    end if;
    return v_flags || jsonb_build_object('model_sharing', private.sharing_level(v_rank));
end;
$$;
comment on function private.flags_of is 'Every feature flag as it is for a person, and model_sharing: what may leave for a provider of models, by the stricter of what is chosen for them and for p_owner_id. What may not leave is off in the flags as well.';
revoke execute on function private.flags_of from public, anon, authenticated;
grant execute on function private.flags_of to service_role;

-- A choice of before the table sharing_choices has its row in model_sharing alone.
create or replace function private.standing_choices(p_team_id uuid)
returns table (chooser_id uuid, rank integer, set_at timestamptz)
language sql
stable
security invoker
set search_path = ''
as $$
    select chooser_id, private.sharing_rank(level), set_at from public.sharing_choices where team_id = p_team_id
    union all
    select coalesce(user_id, id), private.sharing_rank(level), set_at from public.model_sharing
    where id = p_team_id and not exists (
        select from public.sharing_choices as kept
        where kept.team_id = p_team_id and kept.level = model_sharing.level
    )
$$;
comment on function private.standing_choices is 'What members of a team and operators (chooser_id: the team) chose to let out at most, as private.sharing_rank: the strictest counts.';
revoke execute on function private.standing_choices from public, anon, authenticated;
grant execute on function private.standing_choices to service_role;

create or replace function public.show_model_sharing(p_user_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'level', private.sharing_level(seen.rank),
        'is_team', seen.is_team,
        'set_by', case when chosen.chooser_id is null then '' when chosen.chooser_id = users.team_id then 'support'
            else coalesce((select handle from public.users as setter where setter.id = chosen.chooser_id), '') end,
        'set_at', chosen.set_at,
        'may_widen', seen.widest > seen.rank or seen.widest = 2,
        'widest', private.sharing_level(seen.widest)
    )
    from public.users
    left join public.model_sharing as team on team.id = users.team_id
    left join public.model_sharing as own on own.id = users.id
    cross join lateral (
        select private.sharing_rank_of(users.id) as rank,
            users.team_id is not null and private.sharing_rank(own.level) >= private.sharing_rank(team.level) as is_team,
            coalesce((
                select min(others.rank) from private.standing_choices(users.team_id) as others
                where others.chooser_id <> users.id
            ), 2) as widest
    ) as seen
    left join lateral (
        select own.user_id as chooser_id, own.set_at where own.id is not null and not seen.is_team
        union all
        (select standing.chooser_id, standing.set_at from private.standing_choices(users.team_id) as standing
        where seen.is_team and standing.rank = seen.rank order by standing.set_at limit 1)
    ) as chosen on true
    where users.id = p_user_id and users.state <> 'deleted'
$$;
comment on function public.show_model_sharing is 'What may leave for a provider of models for a person: {level, is_team: it is their team''s, set_by (a name, "support", or empty), set_at, may_widen, widest (the level that they may choose at most)}.';
revoke execute on function public.show_model_sharing from public, anon, authenticated;
grant execute on function public.show_model_sharing to service_role;

create or replace function private.keep_sharing(p_id uuid, p_is_team boolean, p_level text, p_user_id uuid)
returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.model_sharing (id, is_team, level, user_id, set_at)
    values (p_id, p_is_team, p_level, p_user_id, clock_timestamp())
    on conflict (id) do update set level = excluded.level, user_id = excluded.user_id, set_at = excluded.set_at
$$;
comment on function private.keep_sharing is 'Store the level of a team or person, and who changed it (NULL: an operator).';
revoke execute on function private.keep_sharing from public, anon, authenticated;
grant execute on function private.keep_sharing to service_role;

-- Everybody in a team may let less out, at once. Each takes back only their own choice, and no further than the
-- strictest one of the others allows: nobody undoes quietly what somebody else decided. A choice that no longer keeps
-- anything in that another's would not is dropped, or two equal ones would each keep the other from being taken back.
create or replace function private.choose_for_team(p_team_id uuid, p_user_id uuid, p_level text) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_rank integer := private.sharing_rank(p_level);
    v_now integer := coalesce((select min(rank) from private.standing_choices(p_team_id)), 2);
    v_others integer := coalesce(
        (select min(rank) from private.standing_choices(p_team_id) where chooser_id <> p_user_id), 2);
begin
    if v_rank > v_others then
        raise exception using errcode = 'PT409', message = 'model_sharing_chosen_by_another';
    end if;
    if v_rank = v_now then
        return;
    end if;
    insert into public.sharing_choices (team_id, chooser_id, level, set_at)
    select p_team_id, chooser_id, private.sharing_level(rank), set_at from private.standing_choices(p_team_id)
    on conflict (team_id, chooser_id) do nothing;
    if v_rank < v_others then
        insert into public.sharing_choices (team_id, chooser_id, level, set_at)
        values (p_team_id, p_user_id, p_level, clock_timestamp())
        on conflict (team_id, chooser_id) do update set level = excluded.level, set_at = excluded.set_at;
    else
        delete from public.sharing_choices where team_id = p_team_id and chooser_id = p_user_id;
    end if;
    perform private.keep_sharing(p_team_id, true, p_level, p_user_id);
end;
$$;
comment on function private.choose_for_team is 'A member''s choice of what may leave for a provider of models. Refused (PT409): model_sharing_chosen_by_another. The caller holds the lock of the team''s choices.';
revoke execute on function private.choose_for_team from public, anon, authenticated;
grant execute on function private.choose_for_team to service_role;

create or replace function public.set_model_sharing(p_user_id uuid, p_level text) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_user public.users;
    v_own integer;
    v_team integer;
begin
    if p_level is null or p_level not in ('texts_and_pictures', 'texts', 'nothing') then
        raise exception using errcode = '22023', message = 'no_such_model_sharing';
    end if;
    select * into v_user from public.users where id = p_user_id and state <> 'deleted' for share;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_person';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('model_sharing ' || coalesce(v_user.team_id, v_user.id), 0));
    v_own := private.sharing_rank((select level from public.model_sharing where id = p_user_id));
    v_team := private.sharing_rank((select level from public.model_sharing where id = v_user.team_id));
    -- In a team, somebody's own choice of before is changed alone as long as it is the stricter one.
    if v_user.team_id is not null and (v_own >= v_team or private.sharing_rank(p_level) > v_team) then
        perform private.choose_for_team(v_user.team_id, p_user_id, p_level);
        if private.sharing_rank(p_level) > v_own then
            perform private.keep_sharing(p_user_id, false, p_level, p_user_id);
        end if;
    elsif private.sharing_rank(p_level) <> v_own then
        perform private.keep_sharing(p_user_id, false, p_level, p_user_id);
    end if;
    return public.show_model_sharing(p_user_id);
end;
$$;
comment on function public.set_model_sharing is 'Choose what may leave for a provider of models, for a person''s team or for a person without one; counts from the next question on: as show_model_sharing. Refused (PT409): model_sharing_chosen_by_another. Safe to call again.';
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
    -- It takes the place of what members chose.
    delete from public.sharing_choices where team_id = p_team_id;
    insert into public.sharing_choices (team_id, chooser_id, level, set_at)
    values (p_team_id, p_team_id, p_level, clock_timestamp());
    perform private.keep_sharing(p_team_id, true, p_level, null);
    return p_level;
end;
$$;
comment on function public.set_team_sharing is 'Founders: what may leave for a provider of models for a team; then only operators let more out again. p_seen: the level seen. The level.';
revoke execute on function public.set_team_sharing from public, anon, authenticated;
grant execute on function public.set_team_sharing to authenticated;

-- What somebody kept in for their team stays so, and only operators let it out again.
create or replace function private.forget_sharing(p_user_id uuid) returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.sharing_choices (team_id, chooser_id, level, set_at)
    select team_id, team_id, level, set_at from public.sharing_choices where chooser_id = p_user_id
    on conflict (team_id, chooser_id) do update
    set level = private.sharing_level(least(
        private.sharing_rank(sharing_choices.level), private.sharing_rank(excluded.level)));
    delete from public.sharing_choices where chooser_id = p_user_id;
    delete from public.model_sharing where id = p_user_id;
    update public.model_sharing set user_id = null where user_id = p_user_id;
$$;
comment on function private.forget_sharing is 'Forget what somebody let out to models; what they kept in for their team stays, without who chose it.';
revoke execute on function private.forget_sharing from public, anon, authenticated;
grant execute on function private.forget_sharing to service_role;

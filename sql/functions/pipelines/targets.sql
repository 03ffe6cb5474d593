-- Where finished components are pushed to at GitHub. The token goes in sealed and comes out only for the worker.

-- A setting without its token. It is the team's for whoever is in one.
create or replace function private.target_json(p_target public.pipeline_targets) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'repository', p_target.repository, 'base_branch', p_target.base_branch, 'folder', p_target.folder,
        'installation_id', p_target.installation_id, 'is_team', p_target.is_team,
        'set_by_handle', (select handle from public.users where id = p_target.user_id), 'set_at', p_target.set_at,
        'is_setter_gone', private.is_setter_gone(p_target)
    )
$$;
comment on function private.target_json is 'A GitHub setting for its owners, without its token.';
revoke execute on function private.target_json from public, anon, authenticated;
grant execute on function private.target_json to service_role;

-- A personal token is its person's: it goes with them. The App's installation is nobody's.
create or replace function private.is_setter_gone(p_target public.pipeline_targets) returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
    select p_target.token_encrypted is not null and not exists (
        select from public.users
        where users.id = p_target.user_id and users.state <> 'deleted'
            and coalesce(users.team_id, users.id) = p_target.owner_id
    )
$$;
comment on function private.is_setter_gone is 'Whether the token of a GitHub setting is of somebody who has left.';
revoke execute on function private.is_setter_gone from public, anon, authenticated;
grant execute on function private.is_setter_gone to service_role;

create or replace function private.find_target(p_user_id uuid) returns public.pipeline_targets
language sql
stable
security invoker
set search_path = ''
as $$
    select t
    from public.users join public.pipeline_targets as t on t.owner_id = coalesce(users.team_id, users.id)
    where users.id = p_user_id and users.state <> 'deleted'
$$;
comment on function private.find_target is 'The GitHub setting of a person''s team, or of a person without one.';
revoke execute on function private.find_target from public, anon, authenticated;
grant execute on function private.find_target to service_role;

create or replace function public.set_target(
    p_user_id uuid, p_repository text, p_base_branch text, p_folder text, p_token_encrypted text,
    p_installation_id bigint
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_user public.users;
    v_target public.pipeline_targets;
begin
    select * into v_user from public.users where id = p_user_id and state <> 'deleted' for share;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_person';
    end if;
    insert into public.pipeline_targets (
        owner_id, is_team, user_id, repository, base_branch, folder, token_encrypted, installation_id, set_at
    )
    values (
        coalesce(v_user.team_id, v_user.id), v_user.team_id is not null, v_user.id, p_repository, p_base_branch,
        p_folder, p_token_encrypted, p_installation_id, clock_timestamp()
    )
    on conflict (owner_id) do update
    set user_id = excluded.user_id, repository = excluded.repository, base_branch = excluded.base_branch,
        folder = excluded.folder, token_encrypted = excluded.token_encrypted,
        installation_id = excluded.installation_id, set_at = excluded.set_at
    returning * into v_target;
    return private.target_json(v_target);
end;
$$;
comment on function public.set_target is 'Set where the components of a person''s team (or of a person without one) are pushed to, with a sealed token or an installation of the App: the setting without its token. Safe to call again.';
revoke execute on function public.set_target from public, anon, authenticated;
grant execute on function public.set_target to service_role;

create or replace function public.show_target(p_user_id uuid) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_target public.pipeline_targets := private.find_target(p_user_id);
begin
    return case when v_target.owner_id is not null then private.target_json(v_target) end;
end;
$$;
comment on function public.show_target is 'Where the components of a person''s team (or of a person without one) are pushed to, without the token; null: nowhere.';
revoke execute on function public.show_target from public, anon, authenticated;
grant execute on function public.show_target to service_role;

create or replace function public.read_target(p_user_id uuid) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_target public.pipeline_targets := private.find_target(p_user_id);
begin
    return case when v_target.owner_id is not null then jsonb_build_object(
        'owner_id', v_target.owner_id, 'repository', v_target.repository, 'base_branch', v_target.base_branch,
        'folder', v_target.folder, 'token_encrypted', v_target.token_encrypted,
        'installation_id', v_target.installation_id, 'is_setter_gone', private.is_setter_gone(v_target)
    ) end;
end;
$$;
comment on function public.read_target is 'For the worker that pushes: the same with the sealed token; null: nowhere.';
revoke execute on function public.read_target from public, anon, authenticated;
grant execute on function public.read_target to service_role;

create or replace function public.remove_target(p_user_id uuid) returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
begin
    -- What somebody set before they joined the team is theirs, and would come back when they leave it.
    delete from public.pipeline_targets as t
    using public.users
    where users.id = p_user_id and t.owner_id in (users.id, users.team_id);
    return found;
end;
$$;
comment on function public.remove_target is 'Forget where the components of a person''s team (or of a person without one) are pushed to, and the token; false: there was nothing.';
revoke execute on function public.remove_target from public, anon, authenticated;
grant execute on function public.remove_target to service_role;

create or replace function private.forget_targets(p_user_id uuid) returns void
language sql
security invoker
set search_path = ''
as $$
    delete from public.pipeline_targets
    where owner_id = p_user_id or (user_id = p_user_id and token_encrypted is not null)
$$;
comment on function private.forget_targets is 'Destroy somebody''s tokens of GitHub and their own setting; what a team set up with the App stays.';
revoke execute on function private.forget_targets from public, anon, authenticated;
grant execute on function private.forget_targets to service_role;

create or replace function public.target_batch(p_after uuid, p_limit integer) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(batch)), '[]'::jsonb)
    from (
        select owner_id, token_encrypted from public.pipeline_targets
        where token_encrypted is not null and (p_after is null or owner_id > p_after)
        order by owner_id limit p_limit
    ) as batch
$$;
comment on function public.target_batch is 'Sealed tokens of GitHub in id order, for rotating the encryption key.';
revoke execute on function public.target_batch from public, anon, authenticated;
grant execute on function public.target_batch to service_role;

-- The time of setting stays as it is, so this is no change in the audit log.
create or replace function public.save_reencrypted_target(p_owner_id uuid, p_seen text, p_token_encrypted text)
returns boolean
language sql
security invoker
set search_path = ''
as $$
    with saved as (
        update public.pipeline_targets set token_encrypted = p_token_encrypted
        where owner_id = p_owner_id and token_encrypted = p_seen
        returning 1
    )
    select exists (select from saved)
$$;
comment on function public.save_reencrypted_target is 'Keep the same token of GitHub under the newest key; false when it changed meanwhile.';
revoke execute on function public.save_reencrypted_target from public, anon, authenticated;
grant execute on function public.save_reencrypted_target to service_role;

create or replace function public.give_up_target(p_owner_id uuid, p_seen text) returns boolean
language sql
security invoker
set search_path = ''
as $$
    with gone as (
        delete from public.pipeline_targets where owner_id = p_owner_id and token_encrypted = p_seen
        returning 1
    )
    select exists (select from gone)
$$;
comment on function public.give_up_target is 'Remove a GitHub setting whose token no key opens; false when it changed meanwhile.';
revoke execute on function public.give_up_target from public, anon, authenticated;
grant execute on function public.give_up_target to service_role;

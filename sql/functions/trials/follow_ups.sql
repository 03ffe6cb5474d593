-- Who talks to whom of trial_talk_today() and of growth_lifecycle_rows(), and what came of it.

-- Done holds for two weeks: whoever is listed again later is to be talked to again.
create or replace function public.follow_up_list() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with newest as (
        select distinct on (f.user_id, f.reason) f.*
        from public.follow_ups as f
        order by f.user_id, f.reason, f.id desc
    )
    select coalesce(jsonb_agg(to_jsonb(newest) order by newest.id desc), '[]'::jsonb)
    from newest
    where (not newest.is_done or newest.written_at > now() - interval '14 days') and private.require_support()
$$;
comment on function public.follow_up_list is 'What holds for each person and reason: who does it, whether it is done, what came of it. What was done over 14 days ago is left out.';
revoke execute on function public.follow_up_list from public, anon, authenticated;
grant execute on function public.follow_up_list to authenticated, service_role;

create or replace function public.follow_up_history(p_user_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(f) - 'user_id' order by f.id desc), '[]'::jsonb)
    from public.follow_ups as f
    where f.user_id = p_user_id and private.require_support()
$$;
comment on function public.follow_up_history is 'Who took a person over, and what came of it, the newest first.';
revoke execute on function public.follow_up_history from public, anon, authenticated;
grant execute on function public.follow_up_history to authenticated, service_role;

-- Security definer: support reads only its own row of the operators.
create or replace function public.assignable_operators() returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(jsonb_agg(operators.email order by operators.email), '[]'::jsonb)
    from public.operators
    where operators.role in ('founder', 'support') and operators.disabled_at is null and private.require_support()
$$;
comment on function public.assignable_operators is 'Addresses of the operators who may talk to people: founders and support.';
revoke execute on function public.assignable_operators from public, anon, authenticated;
grant execute on function public.assignable_operators to authenticated, service_role;

create or replace function public.set_follow_up(
    p_user_id uuid, p_reason text, p_assigned_to text, p_is_done boolean, p_remark text, p_seen_id bigint
) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_newest bigint;
begin
    perform private.demand_role(array['founder', 'support'], 'follow-up');
    perform set_config('app.reason', '', true);
    perform private.demand_person(p_user_id);
    if p_assigned_to <> '' and not exists (
        select from public.operators
        where email = p_assigned_to and role in ('founder', 'support') and disabled_at is null
    ) then
        raise exception using errcode = 'PT422', message = 'no_such_assignee';
    end if;
    select coalesce(max(id), 0) into v_newest from public.follow_ups where user_id = p_user_id and reason = p_reason;
    if v_newest <> p_seen_id then
        raise exception using errcode = 'PT409', message = 'follow_up_changed_meanwhile';
    end if;
    insert into public.follow_ups (user_id, reason, assigned_to, is_done, remark, written_by)
    values (p_user_id, p_reason, p_assigned_to, p_is_done, btrim(coalesce(p_remark, '')), private.operator_email());
end;
$$;
comment on function public.set_follow_up is 'Founders and support: who talks to a person for a reason of trial_talk_today() or a state of growth_lifecycle_rows(), and whether it is done. p_seen_id: the newest row seen, 0 for none.';
revoke execute on function public.set_follow_up from public, anon, authenticated;
grant execute on function public.set_follow_up to authenticated;

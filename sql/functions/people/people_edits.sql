-- What operators change for a person: uses, plan, state, deletion. Checked, with a reason, audited.

create or replace function private.operator_email() returns text
language sql
stable
security definer
set search_path = ''
as $$
    select email from public.operators where user_id = (select auth.uid())
$$;
comment on function private.operator_email is 'Address of the signed-in operator.';
revoke execute on function private.operator_email from public, anon, authenticated;

-- The person's row, locked, so that two operators act one after the other. The lock is not stronger than that: workers,
-- web and the person refer to the row while they hold what an operator is about to change.
create or replace function private.demand_person(p_user_id uuid) returns public.users
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_user public.users;
begin
    select * into v_user from public.users where id = p_user_id for no key update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_person';
    end if;
    if v_user.state = 'deleted' then
        raise exception using errcode = 'PT409', message = 'account_was_deleted';
    end if;
    return v_user;
end;
$$;
comment on function private.demand_person is 'Lock a person''s row; refused (PT404, PT409) when there is none or it was deleted.';
revoke execute on function private.demand_person from public, anon, authenticated;
grant execute on function private.demand_person to service_role;

-- The caller names the grant. When a reply is lost and the call is repeated, the grant is still made once.
create or replace function public.operator_grant_uses(
    p_grant_id uuid, p_user_id uuid, p_uses integer, p_reason text
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_plan record;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    perform private.demand_person(p_user_id);
    if p_uses is null or p_uses not between 1 and 100000 then
        raise exception using errcode = 'PT422', message = 'grant_1_to_100000_uses';
    end if;
    select * into v_plan from private.plan_in_force(p_user_id);
    insert into public.use_grants (id, user_id, plan_code, period_start, uses, reason, granted_by)
    values (p_grant_id, p_user_id, v_plan.code, v_plan.period_start, p_uses, btrim(p_reason), private.operator_email())
    on conflict (id) do nothing;
    if not exists (
        select from public.use_grants where id = p_grant_id and user_id = p_user_id and uses = p_uses
    ) then
        raise exception using errcode = 'PT409', message = 'grant_was_made_before';
    end if;
    return jsonb_build_object('grant_id', p_grant_id, 'usage', private.usage_summary(p_user_id));
end;
$$;
comment on function public.operator_grant_uses is 'Founders and support: uses on top of the plan in force, for its current period: {grant_id, usage}. The same p_grant_id grants once.';
revoke execute on function public.operator_grant_uses from public, anon, authenticated;
grant execute on function public.operator_grant_uses to authenticated;

create or replace function public.operator_revoke_grant(p_grant_id uuid, p_reason text) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user_id uuid;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    update public.use_grants set revoked_at = now(), revoked_by = private.operator_email()
    where id = p_grant_id and revoked_at is null
    returning user_id into v_user_id;
    if not found then
        raise exception using errcode = 'PT409', message = 'no_such_grant';
    end if;
    return private.usage_summary(v_user_id);
end;
$$;
comment on function public.operator_revoke_grant is 'Founders and support: take granted uses back. Uses already taken stay taken; what is left never goes below 0.';
revoke execute on function public.operator_revoke_grant from public, anon, authenticated;
grant execute on function public.operator_revoke_grant to authenticated;

-- Ends what is open and starts the new plan at the same moment. To be on the trial is to have no subscription of one's
-- own.
create or replace function private.set_plan(p_user_id uuid, p_plan_code text) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_from text := (select code from private.plan_in_force(p_user_id));
begin
    update public.subscriptions set ends_at = now()
    where user_id = p_user_id and starts_at < now() and (ends_at is null or ends_at > now());
    if p_plan_code <> 'trial' then
        insert into public.subscriptions (user_id, plan_code, starts_at) values (p_user_id, p_plan_code, now());
    end if;
    insert into public.activity (user_id, kind, detail)
    values (p_user_id, 'plan_changed', jsonb_build_object('from', v_from, 'to', p_plan_code, 'seats', 1));
end;
$$;
comment on function private.set_plan is 'Replace a person''s own subscription, effective now, and note it as activity.';
revoke execute on function private.set_plan from public, anon, authenticated;

-- What has begun ends now; what was to begin later never does. If nothing is open, the books stay untouched.
create or replace function private.end_subscriptions(p_user_id uuid) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_from text := (select code from private.plan_in_force(p_user_id));
begin
    if not exists (
        select from public.subscriptions where user_id = p_user_id and (ends_at is null or ends_at > now())
    ) then
        return;
    end if;
    delete from public.subscriptions where user_id = p_user_id and starts_at >= now();
    update public.subscriptions set ends_at = now()
    where user_id = p_user_id and (ends_at is null or ends_at > now());
    if found then
        insert into public.activity (user_id, kind, detail)
        values (p_user_id, 'plan_changed', jsonb_build_object('from', v_from, 'to', 'trial', 'seats', 1));
    end if;
end;
$$;
comment on function private.end_subscriptions is 'End every subscription of a person''s own, also those that are still to begin, and note as activity what was in force.';
revoke execute on function private.end_subscriptions from public, anon, authenticated;
grant execute on function private.end_subscriptions to service_role;

create or replace function public.operator_change_plan(
    p_user_id uuid, p_expected_plan text, p_plan_code text, p_reason text
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_now text;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    perform private.demand_person(p_user_id);
    select code into v_now from private.plan_in_force(p_user_id);
    if v_now is distinct from p_expected_plan then
        raise exception using errcode = 'PT409', message = 'plan_of_person_changed_meanwhile',
            detail = jsonb_build_object('plan', v_now)::text;
    end if;
    if p_plan_code = v_now then
        raise exception using errcode = 'PT409', message = 'plan_they_have';
    end if;
    if not exists (select from public.plans where code = p_plan_code and valid_from <= now()) then
        raise exception using errcode = 'PT422', message = 'no_plan_called_so',
            detail = jsonb_build_object('plan', p_plan_code)::text;
    end if;
    perform private.set_plan(p_user_id, p_plan_code);
    return private.usage_summary(p_user_id);
end;
$$;
comment on function public.operator_change_plan is 'Founders and support: another plan, effective now. With "trial" their own subscription ends: a team''s plan then counts again. Returns the usage on the plan now in force.';
revoke execute on function public.operator_change_plan from public, anon, authenticated;
grant execute on function public.operator_change_plan to authenticated;

create or replace function public.operator_set_state(p_user_id uuid, p_state text, p_reason text) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user public.users;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    v_user := private.demand_person(p_user_id);
    if p_state is null or p_state not in ('active', 'suspended') then
        raise exception using errcode = 'PT422', message = 'account_is_active_or_suspended';
    end if;
    if v_user.state = p_state then
        raise exception using errcode = 'PT409', message = 'account_is_so_already',
            detail = jsonb_build_object('state', p_state)::text;
    end if;
    update public.users set state = p_state where id = p_user_id;
    return jsonb_build_object('state', p_state);
end;
$$;
comment on function public.operator_set_state is 'Founders and support: suspend an account (its questions are refused, nothing is charged) or reactivate it.';
revoke execute on function public.operator_set_state from public, anon, authenticated;
grant execute on function public.operator_set_state to authenticated;

create or replace function public.operator_delete_account(p_user_id uuid, p_reason text) returns jsonb
language plpgsql
security definer
set search_path = ''
set statement_timeout = '2min'
as $$
declare
    v_user public.users;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    v_user := private.demand_person(p_user_id);
    perform private.delete_person(p_user_id, coalesce(v_user.figma_user_hash, 'unknown:' || p_user_id));
    return jsonb_build_object(
        'state', 'deleted', 'is_trial_remembered', v_user.figma_user_hash is not null,
        'webhooks_leaving', (
            select count(*) from public.webhook_removals where user_id = p_user_id and outcome is null
        ),
        'webhooks_left', (
            select count(*) from public.webhook_removals where user_id = p_user_id and outcome = 'left'
        )
    );
end;
$$;
comment on function public.operator_delete_account is 'Founders and support: forget a person on request; it cannot be undone. webhooks_leaving are being removed at Figma by the worker; webhooks_left stay there, because Figma no longer accepts the connection: only their owner can remove them. What either sends is ignored.';
revoke execute on function public.operator_delete_account from public, anon, authenticated;
grant execute on function public.operator_delete_account to authenticated;

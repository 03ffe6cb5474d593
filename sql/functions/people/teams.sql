-- A team as a whole: members, seats, plan, use, cost, margin, webhooks, flags; and another plan or number of seats.

create or replace function private.team_plan(p_team_id uuid) returns public.subscriptions
language sql
stable
security invoker
set search_path = ''
as $$
    select subscriptions from public.subscriptions
    where team_id = p_team_id and starts_at <= now() and (ends_at is null or ends_at > now())
    order by starts_at desc limit 1
$$;
comment on function private.team_plan is 'The subscription of a team in force now; all NULL: it has none.';
revoke execute on function private.team_plan from public, anon, authenticated;
grant execute on function private.team_plan to service_role;

create or replace function public.team_list() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'team_id', teams.id, 'name', teams.name,
        'members', (select count(*) from public.users where users.team_id = teams.id and users.state <> 'deleted'),
        'plan_code', coalesce(paid.plan_code, ''), 'seats', coalesce(paid.seats, 0)
    ) order by lower(teams.name), teams.id), '[]'::jsonb)
    from public.teams
    left join lateral (
        select s.plan_code, s.seats from public.subscriptions as s
        where s.team_id = teams.id and s.starts_at <= now() and (s.ends_at is null or s.ends_at > now())
        order by s.starts_at desc limit 1
    ) as paid on true
    where private.require_founder()
$$;
comment on function public.team_list is 'Every team with its members, and the plan and seats in force (empty and 0: none).';
revoke execute on function public.team_list from public, anon, authenticated;
grant execute on function public.team_list to authenticated, service_role;

-- Security definer: what changed stands in the audit log beside who did it. Money is that of the bill: a UTC month.
create or replace function public.team_detail(p_team_id uuid, p_month date) returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    with paid as (
        select (private.team_plan(p_team_id)).*
    ), bill as (
        select coalesce(sum(l.uses), 0)::bigint as uses, coalesce(sum(l.included), 0)::bigint as included,
            coalesce(sum(l.fee_microusd + l.overage_microusd + l.credits_microusd + l.adjustments_microusd), 0)::bigint
                as due_microusd,
            coalesce(sum(l.ai_cost_microusd), 0)::bigint as ai_cost_microusd,
            coalesce(sum(l.unpriced), 0)::bigint as unpriced
        from private.billing_month_lines(p_month) as l
        where l.payer_kind = 'team' and l.payer_id = p_team_id
    )
    select jsonb_build_object(
        'team_id', teams.id, 'name', teams.name, 'created_at', teams.created_at,
        'plan_code', coalesce(paid.plan_code, ''), 'seats', coalesce(paid.seats, 0), 'since', paid.starts_at,
        'plans', (select jsonb_object_agg(code, name) from (
            select distinct on (code) code, name from public.plans where valid_from <= now()
            order by code, valid_from desc) as known),
        'uses', bill.uses, 'included', bill.included, 'due_microusd', bill.due_microusd,
        'ai_cost_microusd', bill.ai_cost_microusd, 'margin_microusd', bill.due_microusd - bill.ai_cost_microusd,
        'unpriced', bill.unpriced,
        'members', coalesce((
            select jsonb_agg(jsonb_build_object(
                'user_id', users.id, 'handle', users.handle, 'state', users.state, 'last_seen_at', users.last_seen_at,
                'answered', coalesce(used.answered, 0), 'refused', coalesce(used.refused, 0),
                'failed', coalesce(used.failed, 0), 'cost_microusd', coalesce(used.cost_microusd, 0),
                'unpriced', coalesce(used.unpriced, 0)
            ) order by coalesce(used.answered, 0) desc, users.handle, users.id)
            from public.users
            left join lateral (
                select sum(answered) as answered, sum(refused) as refused, sum(failed) as failed,
                    sum(cost_microusd) as cost_microusd, sum(days.unpriced) as unpriced
                from public.usage_daily_users as days
                where days.user_id = users.id and days.day >= p_month and days.day < p_month + interval '1 month'
            ) as used on true
            where users.team_id = teams.id and users.state <> 'deleted'), '[]'),
        'webhooks', coalesce((
            select jsonb_agg(jsonb_build_object(
                'context', w.context, 'context_id', w.context_id, 'label', w.label, 'state', w.state,
                'owner', users.handle, 'guest_rule', w.guest_rule, 'last_event_at', w.last_event_at
            ) order by w.state, users.handle, w.label, w.id)
            from public.users join public.user_webhooks as w on w.user_id = users.id and w.state <> 'deleted'
            where users.team_id = teams.id), '[]'),
        'flags', coalesce((
            select jsonb_agg(jsonb_build_object(
                'code', flags.code, 'name', flags.name, 'is_on', flags.is_on,
                'own', (teams.feature_flags ->> flags.code)::boolean) order by flags.name)
            from public.feature_flags as flags), '[]'),
        'sharing', coalesce((select s.level from public.model_sharing as s where s.id = teams.id), 'texts_and_pictures'),
        'sharing_history', coalesce((
            select jsonb_agg(jsonb_build_object(
                'at', log.at, 'level', log.after ->> 'level', 'reason', log.reason,
                'who', case when log.actor = 'service' then coalesce(
                    (select handle from public.users where users.id = (log.after ->> 'user_id')::uuid), 'a member')
                    else log.actor end) order by log.id desc)
            from public.audit_log as log
            where log.table_name = 'model_sharing' and log.row_key = teams.id::text and log.after is not null), '[]'),
        'history', coalesce((
            select jsonb_agg(jsonb_build_object(
                'at', log.at, 'actor', log.actor, 'operation', log.operation, 'reason', log.reason,
                'before', log.before, 'after', log.after) order by log.id desc)
            from public.subscriptions as mine
            join public.audit_log as log
                on log.table_name = 'subscriptions' and log.row_key = mine.id::text
            where mine.team_id = teams.id), '[]')
    )
    from public.teams cross join bill cross join paid
    where teams.id = p_team_id and private.require_founder()
$$;
comment on function public.team_detail is 'One team: plan, seats and since when; uses, what it owes, AI cost and margin of a UTC month as on the bill; its members with their month, webhooks, flags (own: set for this team), what may leave for providers of models and each change of it, and each change of plan or seats with who, when and why. Null: there is none.';
revoke execute on function public.team_detail from public, anon, authenticated;
grant execute on function public.team_detail to authenticated, service_role;

-- As private.set_plan does for a person: what is open ends, and what is new begins at the same moment.
create or replace function public.change_team_plan(
    p_team_id uuid, p_seen_plan text, p_seen_seats integer, p_plan_code text, p_seats integer, p_reason text
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_now public.subscriptions;
begin
    perform private.founder_edit(p_reason);
    perform from public.teams where id = p_team_id for no key update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_team';
    end if;
    v_now := private.team_plan(p_team_id);
    if coalesce(v_now.plan_code, '') <> coalesce(p_seen_plan, '') or coalesce(v_now.seats, 0) <> coalesce(p_seen_seats, 0) then
        raise exception using errcode = 'PT409', message = 'team_plan_changed_meanwhile';
    end if;
    if coalesce(p_plan_code, '') <> '' and (
        coalesce(p_seats, 0) not between 1 and 100000
        or p_plan_code = 'trial' or not exists (select from public.plans where code = p_plan_code and valid_from <= now())
    ) then
        raise exception using errcode = '22023', message = 'team_plan_unfit';
    end if;
    if coalesce(v_now.plan_code, '') = coalesce(p_plan_code, '') and coalesce(v_now.seats, 0) = coalesce(p_seats, 0) then
        raise exception using errcode = 'PT409', message = 'team_plan_they_have';
    end if;
    update public.subscriptions set ends_at = now()
    where team_id = p_team_id and starts_at < now() and (ends_at is null or ends_at > now());
    if coalesce(p_plan_code, '') <> '' then
        insert into public.subscriptions (team_id, plan_code, seats, starts_at)
        values (p_team_id, p_plan_code, p_seats, now());
    end if;
    return jsonb_build_object('plan_code', coalesce(p_plan_code, ''),
        'seats', case when coalesce(p_plan_code, '') = '' then 0 else p_seats end);
end;
$$;
comment on function public.change_team_plan is 'Founders: another plan or number of seats of a team, effective now; an empty plan ends what it has. p_seen_…: what was seen, empty and 0 for none. {plan_code, seats}.';
revoke execute on function public.change_team_plan from public, anon, authenticated;
grant execute on function public.change_team_plan to authenticated;

-- Plans, balances and prices. Called by answers.sql, in one transaction with what it records.
-- What runs for each answer is plpgsql, which keeps its plans: a SQL function is planned again at each call.

-- The plan somebody is on: their own subscription, else their team's, else the trial.
create or replace function private.plan_in_force(p_user_id uuid, p_at timestamptz default now())
returns table (code text, name text, uses integer, period text, is_unlimited boolean, period_start date)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return query
    with chosen as (
        select coalesce((
            select subscriptions.plan_code from public.subscriptions
            where (subscriptions.user_id = p_user_id
                    or subscriptions.team_id = (select users.team_id from public.users where users.id = p_user_id))
                and subscriptions.starts_at <= p_at and (subscriptions.ends_at is null or subscriptions.ends_at > p_at)
            order by (subscriptions.user_id is not null) desc, subscriptions.starts_at desc
            limit 1
        ), 'trial') as plan_code
    )
    select plans.code, plans.name, plans.uses, plans.period, plans.is_unlimited,
        case plans.period when 'month' then date_trunc('month', p_at at time zone 'UTC')::date else '-infinity'::date end
    from public.plans join chosen on plans.code = chosen.plan_code
    where plans.valid_from <= p_at
    order by plans.valid_from desc
    limit 1;
end;
$$;
comment on function private.plan_in_force is 'The plan a user is on at a moment, and the start (UTC) of its current period.';
revoke execute on function private.plan_in_force from public, anon, authenticated;
grant execute on function private.plan_in_force to service_role;

create or replace function private.granted_uses(p_user_id uuid, p_plan_code text, p_period_start date) returns integer
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return (
        select coalesce(sum(uses), 0)::integer from public.use_grants
        where user_id = p_user_id and plan_code = p_plan_code and period_start = p_period_start and revoked_at is null
    );
end;
$$;
comment on function private.granted_uses is 'Uses that operators gave on top of a plan in one of its periods.';
revoke execute on function private.granted_uses from public, anon, authenticated;
grant execute on function private.granted_uses to service_role;

-- Take one use of the payer's plan, or say why not. The balance row is updated only while a use is left, so
-- fifty comments at once with one use left reserve one. The caller writes the receipt, or gives the use back.
create or replace function private.take_use(
    p_user_id uuid, out plan_code text, out period_start date, out reason text
)
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_plan record;
begin
    select * into v_plan from private.plan_in_force(p_user_id);
    v_plan.uses := v_plan.uses + private.granted_uses(p_user_id, v_plan.code, v_plan.period_start);
    plan_code := v_plan.code;
    period_start := v_plan.period_start;
    reason := '';
    for v_turn in 1..2 loop
        update public.use_balances as b set reserved = b.reserved + 1
        where b.user_id = p_user_id and b.plan_code = v_plan.code and b.period_start = v_plan.period_start
            and b.used + b.reserved < v_plan.uses;
        if found then
            return;
        end if;
        -- Nothing is left, or this is the first use of the period.
        insert into public.use_balances (user_id, plan_code, period_start)
        values (p_user_id, v_plan.code, v_plan.period_start)
        on conflict do nothing;
    end loop;
    reason := case v_plan.code when 'trial' then 'trial_used_up' else 'plan_used_up' end;
end;
$$;
comment on function private.take_use is 'Count one use of somebody''s plan as reserved, in its balance alone: plan_code, period_start and why not (empty: it was taken).';
revoke execute on function private.take_use from public, anon, authenticated;
grant execute on function private.take_use to service_role;

-- Of an analysis and of a pipeline, which are their own result. Answers are closed several at a time.
create or replace function private.close_use(p_id uuid, p_run integer, p_is_taken boolean, p_reason text) returns uuid
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_receipt public.use_receipts;
begin
    update public.use_receipts
    set state = case when p_is_taken then 'settled' else 'released' end, reason = p_reason, closed_at = now(),
        reply_comment_id = case when p_is_taken then p_id::text end
    -- Written with "not in", so that no plan reads the whole index of reserved receipts.
    where answer_id = p_id and run = p_run and state not in ('settled', 'released', 'withdrawn')
    returning * into v_receipt;
    if found then
        update public.use_balances set reserved = reserved - 1, used = used + p_is_taken::integer
        where user_id = v_receipt.user_id and plan_code = v_receipt.plan_code
            and period_start = v_receipt.period_start;
    end if;
    return v_receipt.id;
end;
$$;
comment on function private.close_use is 'Take the reserved use of a run of something, or give it back with a reason: the id of its receipt; NULL where it was closed before.';
revoke execute on function private.close_use from public, anon, authenticated;
grant execute on function private.close_use to service_role;

create or replace function private.usage_summary(p_user_id uuid) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return (
        select jsonb_build_object(
            'plan_code', plan.code, 'plan_name', plan.name, 'limit', plan.uses + granted.uses,
            'is_unlimited', plan.is_unlimited,
            'used', coalesce(balance.used, 0), 'reserved', coalesce(balance.reserved, 0),
            'left', greatest(0, plan.uses + granted.uses - coalesce(balance.used, 0) - coalesce(balance.reserved, 0)),
            'resets_at', case plan.period when 'month'
                then ((plan.period_start + interval '1 month')::timestamp at time zone 'UTC') end
        )
        from private.plan_in_force(p_user_id) as plan
        cross join lateral private.granted_uses(p_user_id, plan.code, plan.period_start) as granted (uses)
        left join public.use_balances as balance
            on balance.user_id = p_user_id and balance.plan_code = plan.code and balance.period_start = plan.period_start
    );
end;
$$;
comment on function private.usage_summary is 'Plan, limit (granted uses included), used, reserved, left and when the count starts again (null: never).';
revoke execute on function private.usage_summary from public, anon, authenticated;
grant execute on function private.usage_summary to service_role;

create or replace function public.price_overrides() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(model_prices) order by model_prices.valid_from, model_prices.id), '[]'::jsonb)
    from public.model_prices
$$;
comment on function public.price_overrides is 'All effective-dated price overrides.';
revoke execute on function public.price_overrides from public, anon, authenticated;
grant execute on function public.price_overrides to service_role;

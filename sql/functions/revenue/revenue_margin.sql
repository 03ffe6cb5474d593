-- Margin of a UTC month by user, plan and context, and what other prices or limits would have made of it.

-- What a line owes is split over the uses of its payer on its plan, by their count. Cumulative rounding makes the parts
-- add up exactly. An amount that has no use to go to (an empty seat, a credit) keeps a row of its own.
-- Row level security has Postgres expect a hundredth of the rows, and compare each with each.
create or replace function private.margin_rows(p_month date)
returns table (
    payer_kind text, payer_id uuid, user_id uuid, plan_code text, context_version integer, uses bigint,
    revenue_microusd bigint, ai_cost_microusd bigint
)
language sql
stable
security invoker
set search_path = ''
set enable_nestloop = off
as $$
    with lines as materialized (
        select l.*, l.fee_microusd + l.overage_microusd + l.credits_microusd + l.adjustments_microusd as due
        from private.billing_month_lines(p_month) as l
    ), used as (
        select u.payer_kind, u.payer_id, u.plan_code, u.user_id, u.context_version, sum(u.uses) as uses,
            sum(u.cost_microusd) as cost
        from private.billing_use(p_month) as u
        group by 1, 2, 3, 4, 5
    ), counted as (
        select l.payer_kind, l.payer_id, l.plan_code, l.due, used.user_id, used.context_version, used.uses, used.cost,
            sum(used.uses) over (line order by used.user_id, used.context_version) as up_to,
            sum(used.uses) over line as total
        from lines as l
        join used on used.payer_kind = l.payer_kind and used.payer_id is not distinct from l.payer_id
            and used.plan_code = l.plan_code
        window line as (partition by l.payer_kind, l.payer_id, l.plan_code)
    ), split as (
        select counted.*,
            case when total > 0 then round(due * up_to / total) - round(due * (up_to - counted.uses) / total)
                else 0 end as revenue
        from counted
    ), given as (
        select split.payer_kind, split.payer_id, split.plan_code, sum(split.uses) as uses, sum(split.revenue) as revenue,
            sum(split.cost) as cost
        from split group by 1, 2, 3
    )
    select split.payer_kind, split.payer_id, split.user_id, split.plan_code, split.context_version, split.uses::bigint,
        split.revenue::bigint, split.cost::bigint
    from split
    union all
    select l.payer_kind, l.payer_id, case l.payer_kind when 'user' then l.payer_id end, l.plan_code, null,
        (l.uses - coalesce(given.uses, 0))::bigint, (l.due - coalesce(given.revenue, 0))::bigint,
        (l.ai_cost_microusd - coalesce(given.cost, 0))::bigint
    from lines as l
    left join given on given.payer_kind = l.payer_kind and given.payer_id is not distinct from l.payer_id
        and given.plan_code = l.plan_code
    where (l.uses, l.due, l.ai_cost_microusd)
        <> (coalesce(given.uses, 0), coalesce(given.revenue, 0), coalesce(given.cost, 0))
$$;
comment on function private.margin_rows is 'Revenue attributed and AI cost by payer, user, plan and context version. Revenue attributed = what the payer''s line owes × the user''s share of the line''s uses; sums to billing_totals() exactly.';
revoke execute on function private.margin_rows from public, anon;
grant execute on function private.margin_rows to authenticated, service_role;

create or replace function public.margin_by(p_month date, p_by text) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with grouped as (
        select
            case when p_by <> 'plan' then m.user_id end as user_id,
            case when p_by <> 'plan' and m.user_id is null then m.payer_kind end as payer_kind,
            case when p_by <> 'plan' and m.user_id is null then m.payer_id end as payer_id,
            case when p_by = 'plan' then m.plan_code end as plan_code,
            case when p_by = 'context' then m.context_version end as context_version,
            sum(m.uses) as uses, sum(m.revenue_microusd) as revenue_microusd, sum(m.ai_cost_microusd) as ai_cost_microusd,
            sum(m.revenue_microusd - m.ai_cost_microusd) as margin_microusd
        from private.margin_rows(p_month) as m
        group by 1, 2, 3, 4, 5
    ), prices as (
        select distinct on (plans.code) plans.code, plans.price_microusd
        from public.plans
        where plans.valid_from < (p_month + interval '1 month') at time zone 'UTC'
        order by plans.code, plans.valid_from desc
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'name', case
            when grouped.plan_code is not null then coalesce(nullif(grouped.plan_code, ''), 'Credits and adjustments')
            when grouped.user_id is not null then users.handle
            when grouped.payer_kind = 'team' then teams.name || ' (no use to attribute to)'
            else 'Nobody (guests)' end,
        'user_id', grouped.user_id, 'plan_code', grouped.plan_code, 'context_version', grouped.context_version,
        'uses', grouped.uses, 'revenue_microusd', grouped.revenue_microusd,
        'ai_cost_microusd', grouped.ai_cost_microusd, 'margin_microusd', grouped.margin_microusd,
        'price_microusd', nullif(prices.price_microusd, 0),
        -- The largest number of answers whose cost, at this month's mean, the price of one seat still covers.
        'break_even_uses', floor(nullif(prices.price_microusd, 0) * grouped.uses / nullif(grouped.ai_cost_microusd, 0))
    ) order by grouped.margin_microusd, users.handle, grouped.user_id, grouped.context_version), '[]'::jsonb)
    from grouped
    left join private.payer_names as users on users.id = grouped.user_id
    left join public.teams on teams.id = grouped.payer_id and grouped.payer_kind = 'team'
    left join prices on prices.code = grouped.plan_code
    where private.require_finance()
$$;
comment on function public.margin_by is 'private.margin_rows() of a UTC month summed by "user", "plan" or "context" (user and version of their guidance), lowest margin first. break_even_uses = price of a seat ÷ mean AI cost of a use, rounded down; only by plan.';
revoke execute on function public.margin_by from public, anon, authenticated;
grant execute on function public.margin_by to authenticated, service_role;

create or replace function public.what_if(p_month date, p_plans jsonb) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with fees as (
        select paid.plan_code, case when paid.team_id is null then 'user' else 'team' end as payer_kind,
            coalesce(paid.team_id, paid.user_id) as payer_id,
            round(sum(paid.mrr_microusd * share.of_month))::bigint as before,
            round(sum(paid.seats * coalesce((p_plans -> paid.plan_code ->> 'price_microusd')::bigint, paid.price_microusd)
                * share.of_month))::bigint as after
        from private.paid_intervals as paid
        cross join lateral (select private.month_share(p_month, paid.from_at, paid.to_at) as of_month) as share
        where paid.from_at < (p_month + interval '1 month') at time zone 'UTC'
            and paid.to_at > p_month::timestamp at time zone 'UTC'
        group by 1, 2, 3
    ), in_force as (
        select distinct on (plans.code) plans.code, plans.uses, plans.period
        from public.plans
        where plans.valid_from < (p_month + interval '1 month') at time zone 'UTC'
        order by plans.code, plans.valid_from desc
    ), used as (
        select u.plan_code, u.user_id, sum(u.uses) as uses, sum(u.refused) as refused,
            sum(u.cost_microusd + u.repricing_microusd) as cost
        from public.billing_usage as u
        where u.month = p_month
        group by 1, 2
    ), earlier as (
        select u.plan_code, u.user_id, sum(u.uses) as uses
        from public.billing_usage as u
        join in_force on in_force.code = u.plan_code and in_force.period = 'lifetime'
        where u.month < p_month and p_plans -> u.plan_code ? 'uses'
        group by 1, 2
    ), limited as (
        select used.*, case when used.user_id is not null and p_plans -> used.plan_code ? 'uses' then least(used.uses,
                greatest(0, (p_plans -> used.plan_code ->> 'uses')::bigint - coalesce(earlier.uses, 0)))
            else used.uses end as uses_after
        from used
        left join earlier on earlier.plan_code = used.plan_code and earlier.user_id = used.user_id
    ), by_use as (
        select plan_code, sum(uses) as uses, sum(uses_after) as uses_after, sum(refused) as refused, sum(cost) as cost,
            sum(case when uses > 0 then round(cost * uses_after / uses) else cost end) as cost_after,
            count(*) filter (where uses_after < uses) as cut
        from limited group by plan_code
    ), by_fee as (
        select plan_code, count(*) as payers, sum(before) as before, sum(after) as after from fees group by plan_code
    ), plan as (
        select coalesce(by_use.plan_code, by_fee.plan_code) as plan_code, coalesce(by_fee.payers, 0) as payers,
            coalesce(by_use.uses, 0) as uses_before, coalesce(by_use.uses_after, 0) as uses_after,
            coalesce(by_use.refused, 0) as refused, coalesce(by_use.cut, 0) as people_cut,
            coalesce(by_fee.before, 0) as fee_before_microusd, coalesce(by_fee.after, 0) as fee_after_microusd,
            coalesce(by_use.cost, 0) as cost_before_microusd, coalesce(by_use.cost_after, 0) as cost_after_microusd
        from by_use full join by_fee on by_fee.plan_code = by_use.plan_code
    )
    select coalesce(jsonb_agg(to_jsonb(plan) || jsonb_build_object(
        'margin_before_microusd', fee_before_microusd - cost_before_microusd,
        'margin_after_microusd', fee_after_microusd - cost_after_microusd) order by plan_code), '[]'::jsonb)
    from plan
    where private.require_finance()
$$;
comment on function public.what_if is 'Fees, uses and AI cost of a UTC month by plan, as they were and with other prices and limits: p_plans {"pro": {"price_microusd": 12000000, "uses": 300}}. Nobody changes what they do: uses beyond a user''s new limit fall away with their share of the user''s cost; a higher limit adds none. Credits and adjustments are left out.';
revoke execute on function public.what_if from public, anon, authenticated;
grant execute on function public.what_if to authenticated, service_role;

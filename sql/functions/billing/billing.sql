-- Billing by UTC month: what each payer owes and costs, closing a month, and what comes after it was closed.

-- plpgsql, which keeps its plan: this is called for each row of the ledger.
create or replace function private.utc_month(p_at timestamptz) returns date
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
    return date_trunc('month', p_at at time zone 'UTC')::date;
end;
$$;
comment on function private.utc_month is 'First day of the UTC month of a moment.';
revoke execute on function private.utc_month from public, anon;
grant execute on function private.utc_month to authenticated, service_role;

create or replace function private.open_month(p_month date) returns date
language sql
stable
security invoker
set search_path = ''
as $$
    select candidate.month::date
    from generate_series(
        p_month, greatest(p_month, (select max(closed.month) from public.billing_months as closed)) + interval '1 month',
        interval '1 month'
    ) as candidate (month)
    where not exists (select from public.billing_months as closed where closed.month = candidate.month::date)
    order by candidate.month
    limit 1
$$;
comment on function private.open_month is 'The first month from p_month on that is not closed: where a late fact is booked.';
revoke execute on function private.open_month from public, anon;
grant execute on function private.open_month to authenticated, service_role;

-- The days of a month at whose start a price was in force, as a share of the month. A plan bought at noon is paid from
-- the next day on, and a whole month is exactly one price.
create or replace function private.month_share(p_month date, p_from timestamptz, p_to timestamptz) returns numeric
language sql
immutable
security invoker
set search_path = ''
as $$
    select greatest(0,
        ceil(extract(epoch from least(p_to, (p_month + interval '1 month') at time zone 'UTC')) / 86400)
        - ceil(extract(epoch from greatest(p_from, p_month::timestamp at time zone 'UTC')) / 86400)
    ) / extract(day from p_month + interval '1 month' - interval '1 day')
$$;
comment on function private.month_share is 'UTC days of the month that start inside [p_from, p_to), divided by the days of the month.';
revoke execute on function private.month_share from public, anon;
grant execute on function private.month_share to authenticated, service_role;

create or replace function private.billing_fees(p_month date)
returns table (payer_kind text, payer_id uuid, plan_code text, seats integer, fee_microusd bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select case when paid.team_id is null then 'user' else 'team' end, coalesce(paid.team_id, paid.user_id),
        paid.plan_code, max(paid.seats)::integer,
        round(sum(paid.mrr_microusd * private.month_share(p_month, paid.from_at, paid.to_at)))::bigint
    from private.paid_intervals as paid
    where paid.from_at < (p_month + interval '1 month') at time zone 'UTC'
        and paid.to_at > p_month::timestamp at time zone 'UTC'
    group by 1, 2, 3
$$;
comment on function private.billing_fees is 'Fee per payer and plan: seats × price × share of the month''s days (UTC) that start with the plan in force, rounded to the micro-dollar.';
revoke execute on function private.billing_fees from public, anon;
grant execute on function private.billing_fees to authenticated, service_role;

-- Who pays for a use: the user if they pay for that plan themselves, else their team if it does, else the user (the
-- trial). Uses without a user belong to nobody, so that the sums still are those of the ledger.
-- Row level security has Postgres expect a hundredth of the rows, and compare each with each.
create or replace function private.billing_use(p_month date)
returns table (
    payer_kind text, payer_id uuid, user_id uuid, plan_code text, context_version integer, provider text, model text,
    calls bigint, uses bigint, refused bigint, unpriced bigint, cost_microusd bigint
)
language sql
stable
security invoker
set search_path = ''
set enable_nestloop = off
as $$
    with fees as materialized (
        select * from private.billing_fees(p_month)
    )
    select
        case when u.user_id is null then 'nobody' when own.payer_id is null and team.payer_id is not null then 'team'
            else 'user' end,
        case when own.payer_id is null and team.payer_id is not null and u.user_id is not null then u.team_id
            else u.user_id end,
        u.user_id, u.plan_code, u.context_version, u.provider, u.model, u.calls, u.uses, u.refused, u.unpriced,
        u.cost_microusd + u.repricing_microusd
    from public.billing_usage as u
    left join fees as own
        on own.payer_kind = 'user' and own.payer_id = u.user_id and own.plan_code = u.plan_code
    left join fees as team
        on team.payer_kind = 'team' and team.payer_id = u.team_id and team.plan_code = u.plan_code
    where u.month = p_month
$$;
comment on function private.billing_use is 'billing_usage of a month with its payer. cost_microusd includes re-pricing.';
revoke execute on function private.billing_use from public, anon;
grant execute on function private.billing_use to authenticated, service_role;

-- The statement of a month that is still open, by payer and plan. One definition for the page, the file and closing.
-- Row level security has Postgres expect a hundredth of the rows, and compare each with each.
create or replace function private.billing_lines(p_month date)
returns table (
    payer_kind text, payer_id uuid, plan_code text, seats integer, uses bigint, included bigint, overage_uses bigint,
    fee_microusd bigint, overage_microusd bigint, credits_microusd bigint, adjustments_microusd bigint,
    ai_cost_microusd bigint, unpriced bigint
)
language sql
stable
security invoker
set search_path = ''
set enable_nestloop = off
as $$
    with used as (
        select u.payer_kind, u.payer_id, u.plan_code, sum(u.uses) as uses, sum(u.cost_microusd) as cost,
            sum(u.unpriced) as unpriced
        from private.billing_use(p_month) as u
        group by 1, 2, 3
    ), lines as (
        select coalesce(fees.payer_kind, used.payer_kind) as payer_kind, coalesce(fees.payer_id, used.payer_id) as payer_id,
            coalesce(fees.plan_code, used.plan_code) as plan_code, coalesce(fees.seats, 0) as seats,
            coalesce(used.uses, 0) as uses, coalesce(fees.fee_microusd, 0) as fee, coalesce(used.cost, 0) as cost,
            coalesce(used.unpriced, 0) as unpriced
        from private.billing_fees(p_month) as fees
        full join used on used.payer_kind = fees.payer_kind and used.payer_id = fees.payer_id
            and used.plan_code = fees.plan_code
    ), in_force as (
        select distinct on (plans.code) plans.code, plans.uses, plans.overage_microusd
        from public.plans
        where plans.valid_from < (p_month + interval '1 month') at time zone 'UTC'
        order by plans.code, plans.valid_from desc
    ), priced as (
        select lines.*, coalesce(in_force.uses, 0)::bigint * greatest(1, lines.seats) as included,
            coalesce(in_force.overage_microusd, 0) as overage_price, in_force.code is not null as has_plan
        from lines left join in_force on in_force.code = lines.plan_code
    ), given as (
        select a.payer_kind, a.payer_id, sum(a.uses) as uses,
            sum(a.amount_microusd) filter (where a.kind = 'credit') as credits,
            sum(a.amount_microusd) filter (where a.kind <> 'credit') as others,
            sum(a.cost_microusd) as cost, sum(a.unpriced) as unpriced
        from public.billing_adjustments as a
        where a.month = p_month
        group by 1, 2
    )
    select priced.payer_kind, priced.payer_id, priced.plan_code, priced.seats, priced.uses::bigint, priced.included,
        over.uses::bigint, priced.fee, (over.uses * priced.overage_price)::bigint, 0::bigint, 0::bigint,
        priced.cost::bigint, priced.unpriced::bigint
    from priced
    cross join lateral (
        select case when priced.has_plan then greatest(0, priced.uses - priced.included) else 0 end as uses
    ) as over
    union all
    select given.payer_kind, given.payer_id, '', 0, given.uses::bigint, 0, 0, 0, 0, coalesce(given.credits, 0)::bigint,
        coalesce(given.others, 0)::bigint, given.cost::bigint, given.unpriced::bigint
    from given
$$;
comment on function private.billing_lines is 'Lines of a month by payer and plan from billing_usage, paid_intervals and plans, and one line per payer (empty plan) for what billing_adjustments books in it. Included = the plan''s uses × seats; overage = uses beyond them × the plan''s overage price.';
revoke execute on function private.billing_lines from public, anon;
grant execute on function private.billing_lines to authenticated, service_role;

create or replace function private.billing_month_lines(p_month date)
returns table (
    payer_kind text, payer_id uuid, plan_code text, seats integer, uses bigint, included bigint, overage_uses bigint,
    fee_microusd bigint, overage_microusd bigint, credits_microusd bigint, adjustments_microusd bigint,
    ai_cost_microusd bigint, unpriced bigint
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    if exists (select from public.billing_months as closed where closed.month = p_month) then
        return query
        select s.payer_kind, s.payer_id, s.plan_code, s.seats, s.uses, s.included, s.overage_uses, s.fee_microusd,
            s.overage_microusd, s.credits_microusd, s.adjustments_microusd, s.ai_cost_microusd, s.unpriced
        from public.billing_statements as s where s.month = p_month;
    else
        return query select * from private.billing_lines(p_month);
    end if;
end;
$$;
comment on function private.billing_month_lines is 'The lines of a month: as frozen at closing, or of now while it is open.';
revoke execute on function private.billing_month_lines from public, anon;
grant execute on function private.billing_month_lines to authenticated, service_role;

create or replace function private.billing_payers(p_month date)
returns table (
    payer_kind text, payer_id uuid, plans text, seats bigint, uses bigint, included bigint, overage_uses bigint,
    fee_microusd bigint, overage_microusd bigint, credits_microusd bigint, adjustments_microusd bigint,
    due_microusd bigint, ai_cost_microusd bigint, margin_microusd bigint, unpriced bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
    select l.payer_kind, l.payer_id, coalesce(string_agg(l.plan_code, ', ' order by l.plan_code)
            filter (where l.plan_code <> ''), ''),
        sum(l.seats), sum(l.uses)::bigint, sum(l.included)::bigint, sum(l.overage_uses)::bigint,
        sum(l.fee_microusd)::bigint, sum(l.overage_microusd)::bigint, sum(l.credits_microusd)::bigint,
        sum(l.adjustments_microusd)::bigint, sum(l.fee_microusd + l.overage_microusd + l.credits_microusd
            + l.adjustments_microusd)::bigint, sum(l.ai_cost_microusd)::bigint,
        sum(l.fee_microusd + l.overage_microusd + l.credits_microusd + l.adjustments_microusd
            - l.ai_cost_microusd)::bigint, sum(l.unpriced)::bigint
    from private.billing_month_lines(p_month) as l
    group by l.payer_kind, l.payer_id
$$;
comment on function private.billing_payers is 'One statement per payer: due = fee + overage + credits (negative) + adjustments; margin = due − AI cost.';
revoke execute on function private.billing_payers from public, anon;
grant execute on function private.billing_payers to authenticated, service_role;

create or replace function public.billing_totals(p_month date) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with totals as (
        select count(*) as payers, count(*) filter (where p.due_microusd > 0) as paying,
            coalesce(sum(p.uses), 0) as uses, coalesce(sum(p.included), 0) as included,
            coalesce(sum(p.overage_uses), 0) as overage_uses, coalesce(sum(p.fee_microusd), 0) as fee,
            coalesce(sum(p.overage_microusd), 0) as overage, coalesce(sum(p.credits_microusd), 0) as credits,
            coalesce(sum(p.adjustments_microusd), 0) as adjustments, coalesce(sum(p.due_microusd), 0) as due,
            coalesce(sum(p.ai_cost_microusd), 0) as cost, coalesce(sum(p.margin_microusd), 0) as margin,
            coalesce(sum(p.unpriced), 0) as unpriced
        from private.billing_payers(p_month) as p
    ), ledger as (
        select coalesce(sum(booked.calls), 0) as calls, coalesce(sum(booked.cost), 0) as cost
        from (
            select u.calls, u.cost_microusd as cost from public.billing_usage as u where u.month = p_month
            union all
            select a.calls, a.cost_microusd from public.billing_adjustments as a
            where a.month = p_month and a.kind = 'late_use'
        ) as booked
    )
    select jsonb_build_object(
        'payers', payers, 'paying', paying, 'uses', uses, 'included', included, 'overage_uses', overage_uses,
        'fee_microusd', fee, 'overage_microusd', overage, 'credits_microusd', credits,
        'adjustments_microusd', adjustments, 'due_microusd', due, 'ai_cost_microusd', totals.cost,
        'margin_microusd', margin, 'unpriced', unpriced, 'ledger_rows', ledger.calls,
        'ledger_cost_microusd', ledger.cost, 'is_over', (p_month + interval '1 month') at time zone 'UTC' <= now(),
        'closed_at', closed.closed_at, 'closed_by', closed.closed_by, 'reason', closed.reason
    )
    from totals cross join ledger left join public.billing_months as closed on closed.month = p_month
    where private.require_finance()
$$;
comment on function public.billing_totals is 'Sums of private.billing_payers() of a UTC month, how many ledger rows are booked in it, and whether, when and by whom it was closed.';
revoke execute on function public.billing_totals from public, anon, authenticated;
grant execute on function public.billing_totals to authenticated, service_role;

create or replace function public.billing_statement(p_month date, p_after text, p_limit integer) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(page) order by page.key), '[]'::jsonb)
    from (
        select p.payer_kind || ':' || coalesce(p.payer_id::text, '') as key, p.*,
            coalesce(users.handle, teams.name, 'Nobody (guests)') as payer_name
        from private.billing_payers(p_month) as p
        left join private.payer_names as users on p.payer_kind = 'user' and users.id = p.payer_id
        left join public.teams on p.payer_kind = 'team' and teams.id = p.payer_id
        where p.payer_kind || ':' || coalesce(p.payer_id::text, '') > p_after
        order by 1
        limit least(p_limit, 1000)
    ) as page
    where private.require_finance()
$$;
comment on function public.billing_statement is 'Statements of a UTC month after the key p_after ("" at first), at most 1000: rows of private.billing_payers() with key and payer_name.';
revoke execute on function public.billing_statement from public, anon, authenticated;
grant execute on function public.billing_statement to authenticated, service_role;

create or replace function public.billing_calendar() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'month', months.month::date, 'closed_at', closed.closed_at, 'closed_by', closed.closed_by,
        'reason', closed.reason, 'later_facts', coalesce(later.facts, 0),
        'later_cost_microusd', coalesce(later.cost_microusd, 0),
        'later_amount_microusd', coalesce(later.amount_microusd, 0)) order by months.month desc), '[]'::jsonb)
    from generate_series(
        least(
            (select min(u.month) from public.billing_usage as u),
            (select private.utc_month(min(paid.from_at)) from private.paid_intervals as paid where isfinite(paid.from_at)),
            private.utc_month(now())
        )::timestamp,
        private.utc_month(now())::timestamp, interval '1 month'
    ) as months (month)
    left join public.billing_months as closed on closed.month = months.month::date
    left join lateral (
        select count(*) as facts, sum(booked.cost_microusd) as cost_microusd, sum(booked.amount_microusd) as amount_microusd
        from public.billing_adjustments as booked
        where booked.for_month = closed.month and booked.month > booked.for_month
            and booked.kind in ('late_use', 'late_cost', 'late_fee')
    ) as later on true
    where private.require_finance()
$$;
comment on function public.billing_calendar is 'Every UTC month since the first use or subscription, newest first, who closed it when and why, and what facts that came later changed of its AI cost and of what is owed; they are booked in months after it.';
revoke execute on function public.billing_calendar from public, anon, authenticated;
grant execute on function public.billing_calendar to authenticated, service_role;

create or replace function public.billing_adjustment_list(p_month date) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(listed) order by listed.written_at desc, listed.id), '[]'::jsonb)
    from (
        select a.id, a.written_at, a.dated, a.for_month, a.kind, a.payer_kind, a.payer_id,
            coalesce(users.handle, teams.name, 'Nobody (guests)') as payer_name, a.amount_microusd, a.uses,
            a.cost_microusd, a.actor, a.reason
        from public.billing_adjustments as a
        left join private.payer_names as users on a.payer_kind = 'user' and users.id = a.payer_id
        left join public.teams on a.payer_kind = 'team' and teams.id = a.payer_id
        where a.month = p_month
        order by a.written_at desc
        limit 1000
    ) as listed
    where private.require_finance()
$$;
comment on function public.billing_adjustment_list is 'What billing_adjustments books in a month: the newest 1000.';
revoke execute on function public.billing_adjustment_list from public, anon, authenticated;
grant execute on function public.billing_adjustment_list to authenticated, service_role;

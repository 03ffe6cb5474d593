-- How fast payers and what they pay are lost, and what a payer is worth. All from private.mrr_changes.
--
-- Definitions, as the tools have them that finance comes from:
--   Gross MRR churn = (contraction + churn) ÷ MRR at the start: help.chartmogul.com/hc/en-us/articles/204898491
--   Net MRR churn = (contraction + churn − expansion − reactivation) ÷ MRR at the start: …/4414075567250
--   Customer churn = payers lost ÷ payers at the start: help.chargify.com/reports/churn-analytics.html. Lost is who paid
--     at the start and pays nothing at the end, so that it is never above 1.
--   LTV = ARPU ÷ customer churn of a month: help.chartmogul.com/hc/en-us/articles/203359061. Its churn is cancellations ÷
--     payer-months in the period (events ÷ time at risk), which does not depend on how long a period is picked.
--   ARR = 12 × MRR.

create or replace function private.mrr_standing(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid)
returns table (
    payer_kind text, payer_id uuid, at_start_microusd bigint, mrr_microusd bigint, lost_microusd bigint,
    regained_microusd bigint, customers integer, customers_lost integer, cancellations bigint, paid_seconds bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
    with moved as (
        select c.payer_kind, c.payer_id, c.at >= p_from as is_inside, c.kind, c.after_microusd - c.before_microusd as delta,
            case when c.after_microusd > 0 then greatest(extract(epoch from
                least(lead(c.at) over payer, p_to, now()) - greatest(c.at, p_from)), 0) else 0 end as paid_seconds
        from private.mrr_changes(p_plans, p_team) as c
        where c.at < least(p_to, now())
        window payer as (partition by c.payer_kind, c.payer_id order by c.at)
    ), payers as (
        select moved.payer_kind, moved.payer_id, coalesce(sum(delta) filter (where not is_inside), 0) as at_start,
            sum(delta) as at_end, coalesce(-sum(delta) filter (where is_inside and kind in ('contraction', 'churn')), 0) as lost,
            coalesce(sum(delta) filter (where is_inside and kind in ('expansion', 'reactivation')), 0) as regained,
            count(*) filter (where is_inside and kind = 'churn') as cancellations,
            round(sum(moved.paid_seconds)) as paid_seconds
        from moved
        group by 1, 2
    )
    select payers.payer_kind, payers.payer_id, at_start::bigint, at_end::bigint, lost::bigint, regained::bigint,
        (at_start > 0)::integer, (at_start > 0 and at_end = 0)::integer, payers.cancellations, payers.paid_seconds::bigint
    from payers
    where at_start > 0 or at_end > 0 or lost > 0 or payers.paid_seconds > 0
$$;
comment on function private.mrr_standing is 'Everybody who paid at some moment of [p_from, p_to) (at most now): MRR just before p_from and p_to, MRR lost (contraction and churn) and regained (expansion and reactivation) in between, whether they paid at the start (1) and were lost by the end (1), how often they cancelled, and for how many seconds they paid.';
revoke execute on function private.mrr_standing from public, anon;
grant execute on function private.mrr_standing to authenticated, service_role;

create or replace function public.revenue_churn(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with standing as (
        select coalesce(sum(s.at_start_microusd), 0) as mrr_start, coalesce(sum(s.mrr_microusd), 0) as mrr,
            coalesce(sum(s.lost_microusd), 0) as lost, coalesce(sum(s.regained_microusd), 0) as regained,
            coalesce(sum(s.customers), 0) as customers, coalesce(sum(s.customers_lost), 0) as customers_lost,
            count(*) filter (where s.mrr_microusd > 0) as paying, coalesce(sum(s.cancellations), 0) as cancellations,
            coalesce(sum(s.paid_seconds), 0) as paid_seconds
        from private.mrr_standing(p_from, p_to, p_plans, p_team) as s
    )
    select jsonb_build_object(
        'arr_microusd', mrr * 12, 'customers', customers, 'customers_lost', customers_lost,
        'customer_churn', (customers_lost / nullif(customers, 0)::numeric)::double precision,
        'lost_microusd', lost, 'regained_microusd', regained,
        'gross_churn', (lost / nullif(mrr_start, 0))::double precision,
        'net_churn', ((lost - regained) / nullif(mrr_start, 0))::double precision,
        'cancellations', cancellations, 'paid_seconds', paid_seconds,
        -- A month is a twelfth of 365.25 days: 2629800 seconds.
        'monthly_churn', (cancellations * 2629800 / nullif(paid_seconds, 0))::double precision,
        'ltv_microusd', round(mrr / nullif(paying, 0) * paid_seconds / nullif(cancellations * 2629800, 0))
    )
    from standing
    where private.require_finance()
$$;
comment on function public.revenue_churn is 'ARR = 12 × MRR just before p_to (at most now). Customer churn = customers_lost / customers: who paid just before p_from and pays nothing at the end. Gross churn = MRR lost (contraction + churn) / MRR at the start, net churn = (lost − regained by expansion and reactivation) / MRR at the start. monthly_churn = cancellations / payer-months, a month being 2629800 seconds. LTV = ARPU at the end / monthly_churn. NULL without a divisor: nobody paid, or nobody cancelled.';
revoke execute on function public.revenue_churn from public, anon, authenticated;
grant execute on function public.revenue_churn to authenticated, service_role;

create or replace function public.revenue_churn_rows(
    p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_after text, p_limit integer
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with page as (
        select (s.payer_kind || ':' || s.payer_id) collate "C" as key, s.*, coalesce(users.handle, teams.name) as payer_name
        from private.mrr_standing(p_from, p_to, p_plans, p_team) as s
        left join private.payer_names as users on s.payer_kind = 'user' and users.id = s.payer_id
        left join public.teams on s.payer_kind = 'team' and teams.id = s.payer_id
        where (s.payer_kind || ':' || s.payer_id) collate "C" > p_after
        order by 1
        limit least(p_limit, 5000)
    )
    select coalesce(jsonb_agg(to_jsonb(page) order by page.key), '[]'::jsonb)
    from page where private.require_finance()
$$;
comment on function public.revenue_churn_rows is 'The payers revenue_churn() sums, one row each, after the key p_after ("" at first).';
revoke execute on function public.revenue_churn_rows from public, anon, authenticated;
grant execute on function public.revenue_churn_rows to authenticated, service_role;

-- What the payers of each month pay later: retention of revenue by cohort. Months are those of the reporting zone.
-- The movement "new" puts a payer into a cohort, as in help.chartmogul.com/hc/en-us/articles/203299912: the moment at which
-- they pay for the first time, so a trial that converts counts from then on.

create or replace function private.revenue_cohort_payers(p_first date, p_last date, p_plans text[], p_team uuid)
returns table (payer_kind text, payer_id uuid, cohort date, first_microusd bigint, course bigint[])
language sql
stable
security invoker
set search_path = ''
as $$
    with span as materialized (
        select date_trunc('month', p_first::timestamp)::date as first_month,
            least(p_last, private.reporting_day(now())) as last_day, private.reporting_zone() as zone
    ), changes as materialized (
        select c.payer_kind, c.payer_id, c.kind, c.after_microusd, c.after_microusd - c.before_microusd as delta,
            date_trunc('month', c.at at time zone span.zone)::date as month
        from span, private.mrr_changes(p_plans, p_team) as c
        where c.at < least(private.reporting_start(span.last_day + 1), now())
    ), members as (
        select changes.payer_kind, changes.payer_id, changes.month as cohort, changes.after_microusd as first_microusd
        from changes, span
        where changes.kind = 'new' and changes.month >= span.first_month
    ), moved as (
        select changes.payer_kind, changes.payer_id, changes.month, sum(changes.delta) as delta
        from changes
        group by 1, 2, 3
    ), running as (
        select members.*, later.month, sum(coalesce(moved.delta, 0)) over payer as mrr
        from members
        cross join span
        cross join lateral generate_series(members.cohort::timestamp, span.last_day::timestamp, '1 month') as later (month)
        left join moved on moved.payer_kind = members.payer_kind and moved.payer_id = members.payer_id
            and moved.month = later.month::date
        window payer as (partition by members.payer_kind, members.payer_id order by later.month)
    )
    select running.payer_kind, running.payer_id, running.cohort, running.first_microusd::bigint,
        array_agg(running.mrr::bigint order by running.month)
    from running
    group by 1, 2, 3, 4
$$;
comment on function private.revenue_cohort_payers is 'Who paid for the first time in the months of [p_first, p_last]: what they began with, and their MRR at the end of that month and of each later one until p_last (at most now; the last month may be open).';
revoke execute on function private.revenue_cohort_payers from public, anon;
grant execute on function private.revenue_cohort_payers to authenticated, service_role;

create or replace function public.revenue_cohorts(
    p_first date, p_last date, p_plans text[] default null, p_team uuid default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with payers as materialized (
        select * from private.revenue_cohort_payers(p_first, p_last, p_plans, p_team)
    ), cohorts as (
        select payers.cohort, count(*) as payers, sum(payers.first_microusd) as first_microusd from payers group by 1
    ), cells as (
        select payers.cohort, month.number - 1 as number, sum(month.mrr) as mrr_microusd,
            count(*) filter (where month.mrr > 0) as paying
        from payers, unnest(payers.course) with ordinality as month (mrr, number)
        group by 1, 2
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'cohort', cells.cohort, 'payers', cohorts.payers, 'first_microusd', cohorts.first_microusd,
        'number', cells.number, 'mrr_microusd', cells.mrr_microusd, 'paying', cells.paying,
        'is_over', private.reporting_start(
            (cells.cohort + (cells.number + 1) * interval '1 month')::date
        ) <= least(private.reporting_start(p_last + 1), now())
    ) order by cells.cohort, cells.number), '[]'::jsonb)
    from cells join cohorts using (cohort)
    where private.require_finance()
$$;
comment on function public.revenue_cohorts is 'Revenue retention: for the payers whose first payment fell in each month of [p_first, p_last], how many they are, the MRR they began with, and at the end of month number n after it (0: that month) their MRR and how many of them pay. Retention = mrr_microusd / first_microusd. is_over false: the month is not over, the cell can still change.';
revoke execute on function public.revenue_cohorts from public, anon, authenticated;
grant execute on function public.revenue_cohorts to authenticated, service_role;

create or replace function public.revenue_cohort_rows(
    p_first date, p_last date, p_plans text[], p_team uuid, p_after text, p_limit integer
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with page as (
        select (p.cohort || ':' || p.payer_kind || ':' || p.payer_id) collate "C" as key, p.*,
            coalesce(users.handle, teams.name) as payer_name
        from private.revenue_cohort_payers(p_first, p_last, p_plans, p_team) as p
        left join private.payer_names as users on p.payer_kind = 'user' and users.id = p.payer_id
        left join public.teams on p.payer_kind = 'team' and teams.id = p.payer_id
        where (p.cohort || ':' || p.payer_kind || ':' || p.payer_id) collate "C" > p_after
        order by 1
        limit least(p_limit, 5000)
    )
    select coalesce(jsonb_agg(to_jsonb(page) order by page.key), '[]'::jsonb)
    from page where private.require_finance()
$$;
comment on function public.revenue_cohort_rows is 'The payers behind revenue_cohorts(), one row each, after the key p_after ("" at first): course has their MRR at the end of each month since their first.';
revoke execute on function public.revenue_cohort_rows from public, anon, authenticated;
grant execute on function public.revenue_cohort_rows to authenticated, service_role;

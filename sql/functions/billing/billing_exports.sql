-- The rows for the files of a month. Each page of rows is found by a key, so that a file of any size takes the memory
-- of one page. Each function's rows add up to billing_totals().

create or replace function public.export_ledger(p_month date, p_after_at timestamptz, p_after_id bigint, p_limit integer)
returns jsonb
language sql
stable
security invoker
set search_path = ''
-- The planner cannot know that row level security hides nothing from those who may ask. It expects one row in a hundred
-- to be visible, and would rather sort the whole month for every page than follow the index on "at" until a page is
-- full.
set enable_bitmapscan = off
set enable_seqscan = off
set enable_sort = off
as $$
    with booked as (
        (
            select l.* from public.usage_logs as l
            -- One lower bound, so that the index scan starts there: with two, it may start at the one before the month.
            where (l.at, l.id) > (greatest(p_after_at, p_month::timestamp at time zone 'UTC'), p_after_id)
                and l.at < (p_month + interval '1 month') at time zone 'UTC'
                and l.id <> all (array(
                    select substr(a.source_key, 8)::bigint from public.billing_adjustments as a
                    where a.for_month = p_month and a.kind = 'late_use'
                ))
            order by l.at, l.id
            limit least(p_limit, 10000)
        )
        union all
        (
            select l.* from public.billing_adjustments as a
            -- One by one: there are few, and a join would read the ledger from p_after_at to its end.
            cross join lateral (
                select * from public.usage_logs where usage_logs.id = substr(a.source_key, 8)::bigint offset 0
            ) as l
            where a.month = p_month and a.kind = 'late_use' and (l.at, l.id) > (p_after_at, p_after_id)
            order by l.at, l.id
            limit least(p_limit, 10000)
        )
    ), page as (
        select * from booked order by at, id limit least(p_limit, 10000)
    )
    select coalesce(jsonb_agg(jsonb_build_array(
        id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), answer_id, run, feature, status, error_code,
        user_id, team_id, plan_code, receipt_id, provider, model, input_tokens, cached_input_tokens, output_tokens,
        reasoning_tokens, cost_microusd, cost_state, price_name, latency_ms, model_latency_ms, context_version, request_id,
        cache_write_tokens, service_tier, nullif(token_classes, '{}')::text
    ) order by at, id), '[]'::jsonb)
    from page
    where private.require_finance()
$$;
comment on function public.export_ledger is 'Ledger rows booked in a UTC month after the key (p_after_at, p_after_id), in the order of their key: those of the month that were not late, and late ones of closed months. At most 10,000, as arrays.';
revoke execute on function public.export_ledger from public, anon, authenticated;
grant execute on function public.export_ledger to authenticated, service_role;

-- Costs in the shape of the FinOps Open Cost and Usage Specification 1.2; the file gives the columns their names.
create or replace function public.export_costs(p_month date, p_after text, p_limit integer) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with costs as (
        select u.user_id, u.team_id, u.plan_code, u.provider, u.model, p_month as charge_month, '' as charge_class,
            sum(u.calls) as calls, sum(u.input_tokens + u.output_tokens) as tokens,
            sum(u.cost_microusd + u.repricing_microusd) as cost_microusd
        from public.billing_usage as u
        where u.month = p_month
        group by 1, 2, 3, 4, 5
        union all
        select a.user_id, null, a.plan_code, a.provider, a.model, a.for_month, 'Correction', sum(a.calls), 0,
            sum(a.cost_microusd)
        from public.billing_adjustments as a
        where a.month = p_month and a.kind in ('late_use', 'late_cost')
        group by 1, 3, 4, 5, 6
    ), keyed as (
        select concat_ws(':', coalesce(user_id::text, '-'), coalesce(team_id::text, '-'), plan_code, provider, model,
            charge_month, charge_class) as key, costs.*
        from costs
    ), page as (
        select keyed.*, coalesce(users.handle, 'Nobody (guests)') as user_name, teams.name as team_name
        from keyed
        left join private.payer_names as users on users.id = keyed.user_id
        left join public.teams on teams.id = keyed.team_id
        where keyed.key collate "C" > p_after
        order by keyed.key collate "C"
        limit least(p_limit, 5000)
    )
    select coalesce(jsonb_agg(to_jsonb(page) order by page.key collate "C"), '[]'::jsonb)
    from page where private.require_finance()
$$;
comment on function public.export_costs is 'AI cost booked in a UTC month by user, team, plan, provider and model, after the key p_after; corrections of closed months apart. Sums to ai_cost_microusd of billing_totals().';
revoke execute on function public.export_costs from public, anon, authenticated;
grant execute on function public.export_costs to authenticated, service_role;

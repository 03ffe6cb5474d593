-- The overview: what needs attention now.

-- The function below reads grants as the founder who calls it, under row level security.
grant execute on function private.granted_uses to authenticated;

-- Few people are near the end of their plan: grants and the plan in force are looked up only for them.
create or replace function public.overview_nearly_used() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with near as materialized (
        select balance.user_id, balance.plan_code, balance.used,
            plan.uses + private.granted_uses(balance.user_id, balance.plan_code, balance.period_start) as uses
        from (
            select distinct on (code) code, uses, period, is_unlimited from public.plans
            where valid_from <= now() order by code, valid_from desc
        ) as plan
        join public.use_balances as balance
            on balance.plan_code = plan.code
            and balance.period_start = date_trunc('month', now() at time zone 'UTC')::date
        where plan.period = 'month' and not plan.is_unlimited and plan.uses > 0 and balance.used >= 0.9 * plan.uses
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'user_id', near.user_id, 'handle', people.handle, 'plan_code', near.plan_code, 'used', near.used,
        'uses', near.uses
    ) order by near.used::double precision / near.uses desc, near.user_id), '[]'::jsonb)
    from near
    join lateral (
        select handle, plan_code, state from private.people_now where user_id = near.user_id offset 0
    ) as people on people.plan_code = near.plan_code and people.state = 'active'
    where near.used >= 0.9 * near.uses and private.require_founder()
$$;
comment on function public.overview_nearly_used is 'People who have taken at least nine tenths of the uses of this month (UTC) of the plan they are on now: those of the plan and those granted on top (unlimited plans and the trial are left out).';
revoke execute on function public.overview_nearly_used from public, anon, authenticated;
grant execute on function public.overview_nearly_used to authenticated, service_role;

create or replace function public.overview_costly() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with costs as materialized (
        select used.user_id, sum(used.cost_microusd + used.adjustment_microusd)::bigint as cost_microusd
        from public.ai_cost_daily_users as used
        where used.day > private.reporting_day(now()) - 30
        group by used.user_id
    ), paid as (
        select paid.* from private.paid_intervals as paid where paid.from_at <= now() and paid.to_at > now()
    ), payers as (
        select users.handle as payer, paid.plan_code, paid.mrr_microusd, costs.cost_microusd
        from paid join costs on costs.user_id = paid.user_id join public.users on users.id = paid.user_id
        union all
        select teams.name, paid.plan_code, paid.mrr_microusd, sum(costs.cost_microusd)::bigint
        from paid join public.teams on teams.id = paid.team_id
        join public.users on users.team_id = teams.id
            and not exists (select from paid as own where own.user_id = users.id)
        join costs on costs.user_id = users.id
        group by paid.subscription_id, teams.name, paid.plan_code, paid.mrr_microusd
    )
    select coalesce(jsonb_agg(to_jsonb(payers) order by payers.cost_microusd - payers.mrr_microusd desc), '[]'::jsonb)
    from payers where payers.cost_microusd > payers.mrr_microusd and private.require_founder()
$$;
comment on function public.overview_costly is 'Paying people and teams whose AI cost (ledger + adjustments) of the last 30 reporting days is more than their MRR. A member with a plan of their own is not counted in the team.';
revoke execute on function public.overview_costly from public, anon, authenticated;
grant execute on function public.overview_costly to authenticated, service_role;

create or replace function public.overview_unpriced() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(calls) order by calls.unpriced desc, calls.provider, calls.model), '[]'::jsonb)
    from (
        select provider, model, sum(unpriced - newly_priced)::bigint as unpriced,
            min(day) filter (where unpriced > newly_priced) as first_day,
            max(day) filter (where unpriced > newly_priced) as last_day
        from public.ai_cost_daily
        where day > private.reporting_day(now()) - 30 and (unpriced > 0 or newly_priced > 0) and model <> ''
        group by provider, model
        having sum(unpriced - newly_priced) > 0
    ) as calls
    where private.require_founder()
$$;
comment on function public.overview_unpriced is 'Calls without a known price in the last 30 reporting days, re-pricing counted in, by provider and model, with the first and last day of which some have none yet. Left out: questions that no model answered and that may be billed without token counts, which no price helps.';
revoke execute on function public.overview_unpriced from public, anon, authenticated;
grant execute on function public.overview_unpriced to authenticated, service_role;

create or replace function public.overview_failed_pipelines() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'pipeline_id', history.pipeline_id, 'ended_at', history.ended_at, 'cause', history.cause,
        'stage', history.stage, 'handle', coalesce(users.handle, '')
    ) order by history.ended_at desc, history.pipeline_id), '[]'::jsonb)
    from public.pipeline_history as history
    left join public.pipelines as mine on mine.id = history.pipeline_id
    left join public.users on users.id = mine.user_id
    where history.ended_at > now() - interval '7 days' and history.outcome = 'failed' and private.require_founder()
$$;
comment on function public.overview_failed_pipelines is 'Pipelines that ended in the last seven days without a component and were not let go on since, the newest first; those that Figma refused are left out.';
revoke execute on function public.overview_failed_pipelines from public, anon, authenticated;
grant execute on function public.overview_failed_pipelines to authenticated, service_role;

create or replace function public.overview_attention() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'dead_letters', (select count(*) from public.answers where state = 'failed')
            + (select count(*) from public.analyses where state = 'failed'),
        'pipelines', jsonb_array_length(public.overview_failed_pipelines()),
        'unpriced', (
            select coalesce(sum((each ->> 'unpriced')::bigint), 0)
            from jsonb_array_elements(public.overview_unpriced()) as each
        ),
        'figma_limits', (select count(*) from public.figma_quotas where limited_until > now()),
        'nearly_used', jsonb_array_length(public.overview_nearly_used()),
        'costly', jsonb_array_length(public.overview_costly())
    )
    where private.require_founder()
$$;
comment on function public.overview_attention is 'How many things need somebody now, by kind. Zero: nothing of that kind.';
revoke execute on function public.overview_attention from public, anon, authenticated;
grant execute on function public.overview_attention to authenticated, service_role;

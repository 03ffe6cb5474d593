-- Recurring revenue: what it is at a moment, how it moved, who stays. All from private.paid_intervals.

-- Every moment at which what one payer pays a month changed, since the beginning.
create or replace function private.mrr_changes(p_plans text[], p_team uuid)
returns table (
    payer_kind text, payer_id uuid, at timestamptz, before_microusd bigint, after_microusd bigint, kind text,
    plan_code text, plan_before text, seats bigint, subscription_id uuid
)
language sql
stable
security invoker
set search_path = ''
as $$
    with paid as materialized (
        select case when team_id is null then 'user' else 'team' end as payer_kind,
            coalesce(team_id, user_id) as payer_id, plan_code, seats, mrr_microusd, from_at, to_at, subscription_id
        from private.paid_of(p_plans, p_team)
    ), turns as (
        select paid.payer_kind, paid.payer_id, paid.from_at as at, paid.mrr_microusd as mrr, paid.seats::bigint as seats,
            paid.plan_code as started, null::text as ended, paid.subscription_id
        from paid
        union all
        select paid.payer_kind, paid.payer_id, paid.to_at, -paid.mrr_microusd, -paid.seats, null, paid.plan_code,
            paid.subscription_id
        from paid where paid.to_at < 'infinity'
    ), moments as (
        select turns.payer_kind, turns.payer_id, turns.at, sum(turns.mrr) as mrr, sum(turns.seats) as seats,
            max(turns.started) as started, max(turns.ended) as ended,
            coalesce((array_agg(turns.subscription_id) filter (where turns.started is not null))[1],
                (array_agg(turns.subscription_id))[1]) as subscription_id
        from turns
        group by turns.payer_kind, turns.payer_id, turns.at
    ), running as (
        select moments.*, sum(moments.mrr) over payer as after, sum(moments.mrr) over payer - moments.mrr as before,
            sum(moments.seats) over payer as seats_after,
            row_number() over payer = 1 as is_first
        from moments
        window payer as (partition by moments.payer_kind, moments.payer_id order by moments.at)
    )
    select running.payer_kind, running.payer_id, running.at, running.before::bigint, running.after::bigint,
        case
            when running.before = 0 and running.is_first then 'new'
            when running.before = 0 then 'reactivation'
            when running.after = 0 then 'churn'
            when running.after > running.before then 'expansion'
            else 'contraction'
        end,
        coalesce(running.started, running.ended), coalesce(running.ended, ''), running.seats_after::bigint,
        running.subscription_id
    from running
    where running.mrr <> 0
$$;
comment on function private.mrr_changes is 'MRR movements per payer: new (first money ever), reactivation (from 0, after money before), expansion, contraction, churn (to 0). Ends and starts at one moment are one movement. Their sum up to a moment is the MRR then.';
revoke execute on function private.mrr_changes from public, anon;
grant execute on function private.mrr_changes to authenticated, service_role;

-- The payers of a period, one row each: what revenue_totals() adds up and revenue_payers() lists.
create or replace function private.mrr_payers(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid)
returns table (
    payer_kind text, payer_id uuid, at_start_microusd bigint, mrr_microusd bigint, kept_microusd bigint,
    new_microusd bigint, expansion_microusd bigint, reactivation_microusd bigint, contraction_microusd bigint,
    churn_microusd bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
    with moved as (
        select c.payer_kind, c.payer_id, c.at, c.at >= p_from as is_inside, c.kind,
            c.after_microusd - c.before_microusd as delta
        from private.mrr_changes(p_plans, p_team) as c
        where c.at < least(p_to, now())
    ), payers as (
        select moved.payer_kind, moved.payer_id,
            coalesce(sum(delta) filter (where not is_inside), 0) as at_start, sum(delta) as at_end,
            coalesce(sum(delta) filter (where is_inside and kind = 'new'), 0) as new,
            coalesce(sum(delta) filter (where is_inside and kind = 'expansion'), 0) as expansion,
            coalesce(sum(delta) filter (where is_inside and kind = 'reactivation'), 0) as reactivation,
            coalesce(-sum(delta) filter (where is_inside and kind = 'contraction'), 0) as contraction,
            coalesce(-sum(delta) filter (where is_inside and kind = 'churn'), 0) as churn
        from moved
        group by 1, 2
    )
    select payers.payer_kind, payers.payer_id, at_start::bigint, at_end::bigint, least(at_start, at_end)::bigint,
        new::bigint, expansion::bigint, reactivation::bigint, contraction::bigint, churn::bigint
    from payers
$$;
comment on function private.mrr_payers is 'Everybody who ever paid until p_to (at most now): MRR just before p_from and p_to, what is kept of the former (at most as much as before), and the five movements in between; losses positive.';
revoke execute on function private.mrr_payers from public, anon;
grant execute on function private.mrr_payers to authenticated, service_role;

create or replace function public.revenue_payers(
    p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_after text, p_limit integer
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with page as (
        select (p.payer_kind || ':' || p.payer_id) collate "C" as key, p.payer_kind, p.payer_id, p.at_start_microusd,
            p.mrr_microusd, p.kept_microusd, coalesce(users.handle, teams.name) as payer_name
        from private.mrr_payers(p_from, p_to, p_plans, p_team) as p
        left join private.payer_names as users on p.payer_kind = 'user' and users.id = p.payer_id
        left join public.teams on p.payer_kind = 'team' and teams.id = p.payer_id
        where (p.at_start_microusd > 0 or p.mrr_microusd > 0)
            and (p.payer_kind || ':' || p.payer_id) collate "C" > p_after
        order by 1
        limit least(p_limit, 5000)
    )
    select coalesce(jsonb_agg(to_jsonb(page) order by page.key), '[]'::jsonb)
    from page where private.require_finance()
$$;
comment on function public.revenue_payers is 'The payers revenue_totals() counts, one row each, after the key p_after ("" at first): MRR at the start and the end, and what is kept. Their sums give MRR, paying, ARPU, NRR (end / start of those with a start) and GRR (kept / start).';
revoke execute on function public.revenue_payers from public, anon, authenticated;
grant execute on function public.revenue_payers to authenticated, service_role;

create or replace function public.revenue_totals(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with standing as (
        select coalesce(sum(p.at_start_microusd), 0) as mrr_start, coalesce(sum(p.mrr_microusd), 0) as mrr_end,
            count(*) filter (where p.mrr_microusd > 0) as paying, count(*) filter (where p.at_start_microusd > 0) as members,
            sum(p.mrr_microusd) filter (where p.at_start_microusd > 0) as members_end,
            sum(p.kept_microusd) filter (where p.at_start_microusd > 0) as members_kept,
            coalesce(sum(p.new_microusd), 0) as new, coalesce(sum(p.expansion_microusd), 0) as expansion,
            coalesce(sum(p.reactivation_microusd), 0) as reactivation,
            coalesce(sum(p.contraction_microusd), 0) as contraction, coalesce(sum(p.churn_microusd), 0) as churn
        from private.mrr_payers(p_from, p_to, p_plans, p_team) as p
    )
    select jsonb_build_object(
        'mrr_start_microusd', mrr_start, 'mrr_microusd', mrr_end, 'paying', paying, 'new_microusd', new,
        'expansion_microusd', expansion, 'reactivation_microusd', reactivation, 'contraction_microusd', contraction,
        'churn_microusd', churn, 'arpu_microusd', round(mrr_end / nullif(paying, 0)),
        'members', members, 'nrr', (members_end / nullif(mrr_start, 0))::double precision,
        'grr', (members_kept / nullif(mrr_start, 0))::double precision,
        'quick_ratio', ((new + expansion + reactivation) / nullif(contraction + churn, 0))::double precision
    )
    from standing
    where private.require_finance()
$$;
comment on function public.revenue_totals is 'MRR just before p_from and p_to (at most now) and the five movements in [p_from, p_to): start + new + expansion + reactivation − contraction − churn = end. ARPU = MRR / paying users and teams. NRR = MRR at the end of those who paid at the start / their MRR at the start; GRR counts at most their MRR at the start; members = how many they are. Quick ratio = gains / losses, NULL without losses.';
revoke execute on function public.revenue_totals from public, anon, authenticated;
grant execute on function public.revenue_totals to authenticated, service_role;

create or replace function public.revenue_movements(
    p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_after text, p_limit integer
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with keyed as (
        select to_char(c.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ':' || c.payer_kind || ':' || c.payer_id
                as key, c.*
        from private.mrr_changes(p_plans, p_team) as c
        where c.at >= p_from and c.at < least(p_to, now())
    ), page as (
        select keyed.*, coalesce(users.handle, teams.name) as payer_name
        from keyed
        left join private.payer_names as users on keyed.payer_kind = 'user' and users.id = keyed.payer_id
        left join public.teams on keyed.payer_kind = 'team' and teams.id = keyed.payer_id
        where keyed.key collate "C" > p_after
        order by keyed.key collate "C"
        limit least(p_limit, 5000)
    )
    select coalesce(jsonb_agg(to_jsonb(page) order by page.key collate "C"), '[]'::jsonb)
    from page where private.require_finance()
$$;
comment on function public.revenue_movements is 'The movements revenue_totals() sums, one row each, after the key p_after ("" at first).';
revoke execute on function public.revenue_movements from public, anon, authenticated;
grant execute on function public.revenue_movements to authenticated, service_role;

create or replace function public.revenue_steps(
    p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_step text
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with moved as (
        select private.step_start(c.at, p_step) as at, c.kind, sum(c.after_microusd - c.before_microusd) as delta
        from private.mrr_changes(p_plans, p_team) as c
        where c.at >= p_from and c.at < least(p_to, now())
        group by 1, 2
    )
    select coalesce(jsonb_agg(jsonb_build_object('at', at, 'kind', kind, 'mrr_microusd', delta) order by at, kind), '[]'::jsonb)
    from moved where private.require_finance()
$$;
comment on function public.revenue_steps is 'The movements of [p_from, p_to) summed by step of the reporting zone and kind, signed; steps without any are left out.';
revoke execute on function public.revenue_steps from public, anon, authenticated;
grant execute on function public.revenue_steps to authenticated, service_role;

create or replace function public.revenue_plans(p_to timestamptz, p_plans text[], p_team uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with mix as (
        select paid.plan_code, count(distinct coalesce(paid.team_id, paid.user_id)) as payers, sum(paid.seats) as seats,
            sum(paid.mrr_microusd) as mrr_microusd
        from private.paid_of(p_plans, p_team) as paid
        where paid.from_at < least(p_to, now()) and paid.to_at >= least(p_to, now())
        group by paid.plan_code
    )
    select coalesce(jsonb_agg(to_jsonb(mix) order by mrr_microusd desc), '[]'::jsonb)
    from mix where private.require_finance()
$$;
comment on function public.revenue_plans is 'MRR, payers and seats by plan just before p_to (at most now).';
revoke execute on function public.revenue_plans from public, anon, authenticated;
grant execute on function public.revenue_plans to authenticated, service_role;

-- The overview: figures of a period with their course. The rows behind them are in overview_rows.sql.

create or replace function private.step_start(p_at timestamptz, p_step text) returns timestamptz
language sql
stable
security invoker
set search_path = ''
as $$
    select case p_step
        when 'hour' then date_trunc('hour', p_at, 'UTC')
        when 'week' then private.reporting_start(private.reporting_week(private.reporting_day(p_at)))
        else date_trunc(p_step, p_at, private.reporting_zone()) end
$$;
comment on function private.step_start is 'Start of the hour, day, week or month, in the reporting zone, in which a moment lies.';
revoke execute on function private.step_start from public, anon;
grant execute on function private.step_start to authenticated, service_role;

create or replace function private.step_starts(p_from timestamptz, p_to timestamptz, p_step text) returns timestamptz[]
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_zone text := private.reporting_zone();
    v_first date := (p_from at time zone v_zone)::date;
    v_last date := ((p_to - interval '1 microsecond') at time zone v_zone)::date;
begin
    if p_step = 'hour' then
        return array(select generate_series(date_trunc('hour', p_from, 'UTC'), p_to - interval '1 microsecond', '1 hour'));
    end if;
    v_first := private.period_start(p_step, v_first);
    return array(
        select day at time zone v_zone
        from generate_series(v_first::timestamp, v_last::timestamp, ('1 ' || p_step)::interval) as day
    );
end;
$$;
comment on function private.step_starts is 'Starts of the hours, days, weeks or months, in the reporting zone, that [p_from, p_to) touches, in order: a moment''s step is starts[width_bucket(moment, starts)].';
revoke execute on function private.step_starts from public, anon;
grant execute on function private.step_starts to authenticated, service_role;

-- The paid subscriptions, filtered like the page.
create or replace function private.paid_of(p_plans text[], p_team uuid)
returns setof private.paid_intervals
language sql
stable
security invoker
set search_path = ''
as $$
    select paid.* from private.paid_intervals as paid
    where (p_plans is null or paid.plan_code = any (p_plans))
        and (p_team is null or paid.team_id = p_team
            or paid.user_id in (select payers.id from private.payer_names as payers where payers.team_id = p_team))
$$;
comment on function private.paid_of is 'paid_intervals of these plans (null: all) and of a team with its members (null: all).';
revoke execute on function private.paid_of from public, anon;
grant execute on function private.paid_of to authenticated, service_role;

-- Running sums over starts and ends: each subscription is looked at twice, however many days are asked for.
create or replace function private.paid_at(p_moments timestamptz[], p_plans text[], p_team uuid)
returns table (at timestamptz, mrr_microusd bigint, paying bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    with paid as materialized (
        select * from private.paid_of(p_plans, p_team)
    ), turns as (
        select from_at as at, 0 as is_asked, mrr_microusd as mrr, seats from paid
        union all
        select to_at, 0, -mrr_microusd, -seats from paid where to_at < 'infinity'
        union all
        select distinct moment, 1, 0, 0 from unnest(p_moments) as moment
    ), sums as (
        select at, is_asked, sum(mrr) over running as mrr, sum(seats) over running as seats
        from turns
        window running as (order by at, is_asked range between unbounded preceding and current row)
    )
    select at, mrr::bigint, seats::bigint from sums where is_asked = 1
$$;
comment on function private.paid_at is 'MRR and paid seats in force at each moment: a subscription counts from from_at on, and no more at to_at.';
revoke execute on function private.paid_at from public, anon;
grant execute on function private.paid_at to authenticated, service_role;

create or replace function private.revenue_days(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (day date, starts_at timestamptz, revenue_microusd bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    -- The zone is read once: a call for each of some hundred days would take most of the time.
    with days as (
        select day::date as day, day at time zone zone.name as starts_at
        from (select private.reporting_zone() offset 0) as zone (name),
            generate_series(
                private.reporting_day(p_from)::timestamp, private.reporting_day(least(p_to, now()))::timestamp, '1 day'
            ) as day
    )
    select days.day, days.starts_at,
        round(paid.mrr_microusd::numeric
            / extract(day from date_trunc('month', days.day) + interval '1 month - 1 day'))::bigint
    from days
    join private.paid_at((select array_agg(starts_at) from days), p_plans, p_team) as paid on paid.at = days.starts_at
    where days.starts_at >= p_from and days.starts_at < p_to
$$;
comment on function private.revenue_days is 'Revenue earned per reporting day: MRR at the day''s start ÷ days of its month, in whole micro-dollars. A day counts when its start lies in [p_from, p_to).';
revoke execute on function private.revenue_days from public, anon;
grant execute on function private.revenue_days to authenticated, service_role;

create or replace function private.trial_starts(p_from timestamptz, p_to timestamptz, p_team uuid default null)
returns table (user_id uuid, handle text, started_at timestamptz, paid_at timestamptz)
language sql
stable
security invoker
set search_path = ''
as $$
    with firsts as materialized (
        select users.id as user_id, users.handle, users.team_id, firsts.at
        from public.activity as firsts join public.users on users.id = firsts.user_id
        where firsts.kind = 'first_answer' and firsts.at >= p_from and firsts.at < p_to
            and (p_team is null or users.team_id = p_team)
    ), paid as materialized (
        select coalesce(user_id, team_id) as payer_id, from_at, to_at from private.paid_intervals
    ), theirs as (
        -- One join per kind of payer: with "or" each person would be compared with each subscription.
        select firsts.user_id, firsts.at, paid.from_at, paid.to_at
        from firsts join paid on paid.payer_id = firsts.user_id
        union all
        select firsts.user_id, firsts.at, paid.from_at, paid.to_at
        from firsts join paid on paid.payer_id = firsts.team_id
    ), told as (
        select user_id, min(from_at) filter (where to_at > at and from_at < p_to) as paid_at,
            bool_or(from_at <= at and to_at > at) as has_paid
        from theirs group by user_id
    )
    select firsts.user_id, firsts.handle, firsts.at, told.paid_at
    from firsts left join told on told.user_id = firsts.user_id
    where told.has_paid is not true
$$;
comment on function private.trial_starts is 'People whose first answer, on the trial, came in [p_from, p_to), and when the first paid plan of theirs or their team began; NULL: not before p_to.';
revoke execute on function private.trial_starts from public, anon;
grant execute on function private.trial_starts to authenticated, service_role;

create or replace function private.overview_usage(
    p_starts timestamptz[], p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_by_hour boolean
) returns table (
    step timestamptz, answers bigint, refused bigint, failed bigint, cost_microusd bigint, unpriced bigint,
    latency_p95_ms bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
    with cases as materialized (
        select rows.at, rows.answered, rows.failed, rows.latency_histogram
        from private.reliability_between(p_from, p_to, p_plans, p_team, p_by_hour) as rows
    ), facts as (
        select at, answered, 0 as refused, failed, 0 as cost, 0 as unpriced from cases
        union all
        select at, 0, uses, 0, 0, 0 from private.refused_between(p_from, p_to, p_plans, p_team, p_by_hour)
        union all
        select at, 0, 0, 0, cost_microusd + adjustment_microusd, unpriced - newly_priced
        from private.ai_cost_between(p_from, p_to, p_plans, p_team, p_by_hour)
    ), sums as (
        select p_starts[width_bucket(facts.at, p_starts)] as step, sum(answered) as answers, sum(refused) as refused,
            sum(failed) as failed, sum(cost) as cost, sum(unpriced) as unpriced
        from facts group by grouping sets ((1), ())
    ), counts as materialized (
        -- Grouped once, which Postgres does by hash, and the whole period from these few: at once it would sort them all.
        select p_starts[width_bucket(b.at, p_starts)] as step,
            case when b.place < 101 then 6 * b.place + 92 else b.place end as bucket, sum(b.uses)::bigint as uses
        from (
            select at, generate_subscripts(latency_histogram, 1) as place, unnest(latency_histogram) as uses
            from cases where answered > 0
        ) as b
        where b.uses > 0 group by 1, 2
    ), histograms as (
        select step, array_agg(bucket order by bucket) as buckets, array_agg(uses order by bucket) as uses
        from (
            select step, bucket, sum(uses)::bigint as uses from counts group by grouping sets ((1, 2), (2))
        ) as merged
        group by step
    )
    select sums.step, coalesce(sums.answers, 0)::bigint, coalesce(sums.refused, 0)::bigint,
        coalesce(sums.failed, 0)::bigint, coalesce(sums.cost, 0)::bigint, coalesce(sums.unpriced, 0)::bigint,
        private.bucket_quantile(histograms.buckets, histograms.uses, 0.95)
    from sums left join histograms on histograms.step is not distinct from sums.step
$$;
comment on function private.overview_usage is 'Answers and failures (of comments that were to be answered, as private.reliability_between), refusals, AI cost (ledger + adjustments, as private.ai_cost_grouped), calls still unpriced and p95 from webhook to reply, per step of private.step_starts(); the row with step NULL is the whole period.';
revoke execute on function private.overview_usage from public, anon;
grant execute on function private.overview_usage to authenticated, service_role;

create or replace function private.active_people(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (day date, user_id uuid, answered bigint, cost_microusd bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select used.day, used.user_id, used.answered, used.cost_microusd
    from public.usage_daily_users as used
    where used.day between private.reporting_day(p_from) and private.reporting_day(p_to - interval '1 microsecond')
        and used.answered > 0
        and (p_plans is null or used.plan_code = any (p_plans))
        and (p_team is null or used.user_id in (select users.id from public.users where users.team_id = p_team))
$$;
comment on function private.active_people is 'Whoever got an answer on a reporting day that [p_from, p_to) touches. Commands count too: they are answered. A team''s people are those who are in it now.';
revoke execute on function private.active_people from public, anon;
grant execute on function private.active_people to authenticated, service_role;

create or replace function public.overview(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null,
    p_step text default 'day'
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with bounds as materialized (
        select private.step_starts(p_from, p_to, p_step) as starts
    ), starts as materialized (
        select step, least(lead(step, 1, p_to) over (order by step), p_to, now()) as step_end
        from bounds, unnest(bounds.starts) as step
    ), used as materialized (
        select used.*
        from bounds, private.overview_usage(bounds.starts, p_from, p_to, p_plans, p_team, p_step = 'hour') as used
    ), earned as materialized (
        select bounds.starts[width_bucket(days.starts_at, bounds.starts)] as step,
            sum(days.revenue_microusd)::bigint as revenue
        from bounds, private.revenue_days(p_from, p_to, p_plans, p_team) as days group by 1
    ), paid as materialized (
        select * from private.paid_at(
            (select array_agg(step_end) || least(p_to, now()) from starts), p_plans, p_team)
    ), days as materialized (
        -- The first day may begin before the first step, when steps are hours.
        select day::date as day,
            bounds.starts[greatest(1, width_bucket(day at time zone zone.name, bounds.starts))] as step
        from bounds, (select private.reporting_zone() offset 0) as zone (name),
            generate_series(
                private.reporting_day(p_from)::timestamp, private.reporting_day(p_to)::timestamp, '1 day'
            ) as day
    ), people as materialized (
        select distinct days.step, active.user_id
        from private.active_people(p_from, p_to, p_plans, p_team) as active join days on days.day = active.day
    ), active as (
        select people.step, count(distinct people.user_id) as people
        from people group by grouping sets ((people.step), ())
    ), trials as (
        select bounds.starts[greatest(1, width_bucket(trials.started_at, bounds.starts))] as step,
            count(*) as started, count(trials.paid_at) as converted
        from bounds, private.trial_starts(p_from, p_to, p_team) as trials
        group by grouping sets ((1), ())
    )
    select jsonb_build_object(
        'totals', (
            select jsonb_build_object(
                'answers', used.answers, 'refused', used.refused, 'failed', used.failed,
                'cost_microusd', used.cost_microusd, 'unpriced', used.unpriced,
                'latency_p95_ms', used.latency_p95_ms,
                'active_users', coalesce((select people from active where active.step is null), 0),
                'paying', paid.paying, 'mrr_microusd', paid.mrr_microusd,
                'revenue_microusd', coalesce((select sum(revenue) from earned), 0)::bigint,
                'trials_started', trials.started, 'trials_converted', trials.converted
            )
            from used, trials, paid
            where used.step is null and trials.step is null and paid.at = least(p_to, now())
        ),
        'steps', (
            select jsonb_agg(jsonb_build_object(
                'at', starts.step, 'answers', coalesce(used.answers, 0), 'refused', coalesce(used.refused, 0),
                'failed', coalesce(used.failed, 0), 'cost_microusd', coalesce(used.cost_microusd, 0),
                'unpriced', coalesce(used.unpriced, 0), 'latency_p95_ms', used.latency_p95_ms,
                'active_users', case when p_step <> 'hour' then coalesce(active.people, 0) end,
                'paying', paid.paying, 'mrr_microusd', paid.mrr_microusd,
                'revenue_microusd', coalesce(earned.revenue, 0),
                'trials_started', coalesce(trials.started, 0), 'trials_converted', coalesce(trials.converted, 0)
            ) order by starts.step)
            from starts
            join paid on paid.at = starts.step_end
            left join used on used.step = starts.step
            left join earned on earned.step = starts.step
            left join active on active.step = starts.step
            left join trials on trials.step = starts.step
        )
    )
    where private.require_founder()
$$;
comment on function public.overview is 'Figures of [p_from, p_to) and their course by hour, day, week or month: use from the rollups, revenue from revenue_days, MRR and paid seats at the end of each step, people who got an answer, trials started in the period and converted since.';
revoke execute on function public.overview from public, anon, authenticated;
grant execute on function public.overview to authenticated, service_role;

-- Who comes, is active and leaves. Active means: got at least one answer to a comment, an analysis, or a component. Read
-- from rollups alone.

create or replace view private.people_now with (security_invoker = true) as
select users.id as user_id, users.handle, users.team_id, users.state, users.first_seen_at as signed_up_at,
    coalesce(
        (select s.plan_code from public.subscriptions as s
        where s.user_id = users.id and s.starts_at <= now() and (s.ends_at is null or s.ends_at > now())
        order by s.starts_at desc limit 1),
        (select s.plan_code from public.subscriptions as s
        where s.team_id = users.team_id and s.starts_at <= now() and (s.ends_at is null or s.ends_at > now())
        order by s.starts_at desc limit 1),
        'trial'
    ) as plan_code,
    first.at as first_answer_at
from public.users
left join lateral (
    select min(f.first_at) as at from public.user_features as f
    where f.user_id = users.id and f.feature in ('comment', 'analysis', 'pipeline_run')
) as first on true
where users.figma_user_id not like 'canary:%';
comment on view private.people_now is 'Everybody who ever signed up, with the plan and team they have now and their first answer. Without the designers of private.is_canary, whose test stands here itself: a changed view may call no new function.';
revoke all on private.people_now from public, anon, authenticated;
grant select on private.people_now to authenticated, service_role;

create or replace function private.sign_ups(p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid)
returns table (
    user_id uuid, handle text, plan_code text, team_id uuid, signed_up_at timestamptz, first_answer_at timestamptz,
    is_due boolean, is_activated boolean
)
language sql
stable
security invoker
set search_path = ''
as $$
    select people.user_id, people.handle, people.plan_code, people.team_id, people.signed_up_at, people.first_answer_at,
        people.signed_up_at + interval '1 day' <= now(),
        people.signed_up_at + interval '1 day' <= now()
            and coalesce(people.first_answer_at < people.signed_up_at + interval '1 day', false)
    from private.people_now as people
    where people.signed_up_at >= p_from and people.signed_up_at < p_to
        and (p_plans is null or people.plan_code = any (p_plans))
        and (p_team is null or people.team_id = p_team)
$$;
comment on function private.sign_ups is 'Who signed up in [p_from, p_to), by the plan and team they have now. is_due: their first day is over; is_activated: it is, and they had an answer within it.';
revoke execute on function private.sign_ups from public, anon;
grant execute on function private.sign_ups to authenticated, service_role;

create or replace function public.growth_sign_ups(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with people as materialized (
        select signed_ups.is_due, signed_ups.is_activated,
            (signed_ups.signed_up_at at time zone settings.time_zone)::date as day
        from private.sign_ups(p_from, p_to, p_plans, p_team) as signed_ups,
            (select private.reporting_zone() offset 0) as settings (time_zone)
    )
    select jsonb_build_object(
        'sign_ups', count(*),
        'due', count(*) filter (where is_due),
        'activated', count(*) filter (where is_activated),
        'course', coalesce((
            select jsonb_agg(jsonb_build_object(
                'day', day, 'sign_ups', sign_ups, 'due', due, 'activated', activated) order by day)
            from (
                select day, count(*) as sign_ups, count(*) filter (where is_due) as due,
                    count(*) filter (where is_activated) as activated
                from people group by day
            ) as days
        ), '[]'::jsonb)
    )
    from people
    where private.require_founder()
$$;
comment on function public.growth_sign_ups is 'Sign-ups in [p_from, p_to) and, by day, their activation: activated ÷ due, where due leaves out those whose first 24 hours are not over.';
revoke execute on function public.growth_sign_ups from public, anon, authenticated;
grant execute on function public.growth_sign_ups to authenticated, service_role;

create or replace function public.growth_sign_up_rows(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(rows) order by rows.signed_up_at, rows.user_id), '[]'::jsonb)
    from private.sign_ups(p_from, p_to, p_plans, p_team) as rows
    where private.require_founder()
$$;
comment on function public.growth_sign_up_rows is 'The people behind growth_sign_ups, one row each.';
revoke execute on function public.growth_sign_up_rows from public, anon, authenticated;
grant execute on function public.growth_sign_up_rows to authenticated, service_role;

create or replace function public.growth_active_days(
    p_first date, p_last date, p_plans text[] default null, p_team uuid default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with daily as (
        select period as day, sum(active) as active, sum(week_change) as week_change, sum(month_change) as month_change
        from public.growth_counts
        where step = 'day' and period <= p_last
            and (p_plans is null or plan_code = any (p_plans)) and (p_team is null or team_id = p_team)
        group by period
    ), running as (
        select day::date as day, coalesce(daily.active, 0) as dau,
            coalesce(sum(daily.week_change) over w, 0) as wau, coalesce(sum(daily.month_change) over w, 0) as mau,
            sum(daily.active) over (order by days.day rows between 29 preceding and current row) as person_days
        from generate_series(
            least(p_first - 29, (select min(day) from daily))::timestamp, p_last::timestamp, interval '1 day'
        ) as days (day)
        left join daily using (day)
        window w as (order by days.day)
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'day', day, 'dau', dau, 'wau', wau, 'mau', mau, 'person_days', coalesce(person_days, 0),
        'stickiness', coalesce(person_days, 0) / 30.0 / nullif(mau, 0)
    ) order by day), '[]'::jsonb)
    from running where day >= p_first and private.require_founder()
$$;
comment on function public.growth_active_days is 'Per reporting day: DAU, WAU and MAU (people active on that day, in the 7 and in the 30 days that end with it), and stickiness = mean DAU of those 30 days ÷ MAU. A person counts under the plan and team of their latest active day.';
revoke execute on function public.growth_active_days from public, anon, authenticated;
grant execute on function public.growth_active_days to authenticated, service_role;

create or replace function public.growth_active_rows(
    p_day date, p_days integer, p_plans text[] default null, p_team uuid default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with people as (
        select user_id, count(*) as days, sum(answers) as answers, max(period) as last_day,
            (array_agg(plan_code order by period desc))[1] as plan_code,
            (array_agg(team_id order by period desc))[1] as team_id
        from public.active_periods
        where step = 'day' and period > p_day - p_days and period <= p_day
        group by user_id
    )
    select coalesce(jsonb_agg(
        jsonb_build_object(
            'user_id', people.user_id, 'handle', users.handle, 'plan_code', people.plan_code,
            'days', people.days, 'answers', people.answers, 'last_day', people.last_day
        ) order by people.answers desc, people.user_id
    ), '[]'::jsonb)
    from people
    left join public.users on users.id = people.user_id
    where (p_plans is null or people.plan_code = any (p_plans)) and (p_team is null or people.team_id = p_team)
        and private.require_founder()
$$;
comment on function public.growth_active_rows is 'The people active in the p_days days that end with p_day: 1 for DAU, 7 for WAU, 30 for MAU.';
revoke execute on function public.growth_active_rows from public, anon, authenticated;
grant execute on function public.growth_active_rows to authenticated, service_role;

create or replace function public.growth_lifecycle(
    p_step text, p_first date, p_last date, p_plans text[] default null, p_team uuid default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with counted as (
        select period, sum(active) as active, sum(new) as new, sum(kept) as kept, sum(resurrected) as resurrected,
            sum(kept_from) as kept_from
        from public.growth_counts
        where step = p_step and period <= p_last
            and period >= (private.period_start(p_step, p_first) - ('1 ' || p_step)::interval)::date
            and (p_plans is null or plan_code = any (p_plans)) and (p_team is null or team_id = p_team)
        group by period
    ), periods as (
        select period::date as period
        from generate_series(
            private.period_start(p_step, p_first)::timestamp, p_last::timestamp, ('1 ' || p_step)::interval
        ) as period
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'period', periods.period, 'new', coalesce(here.new, 0), 'kept', coalesce(here.kept, 0),
        'resurrected', coalesce(here.resurrected, 0),
        'lost', coalesce(before.active, 0) - coalesce(here.kept_from, 0),
        'is_over', (periods.period + ('1 ' || p_step)::interval)::date <= private.reporting_day(now())
    ) order by periods.period), '[]'::jsonb)
    from periods
    left join counted as here using (period)
    left join counted as before on before.period = (periods.period - ('1 ' || p_step)::interval)::date
    where private.require_founder()
$$;
comment on function public.growth_lifecycle is 'Per day, week or month: new (first ever), kept (active in the period before too), resurrected (active before, not in the period before), lost (active in the period before, not in this one).';
revoke execute on function public.growth_lifecycle from public, anon, authenticated;
grant execute on function public.growth_lifecycle to authenticated, service_role;

create or replace function public.growth_lifecycle_rows(
    p_step text, p_first date, p_last date, p_plans text[] default null, p_team uuid default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with span as materialized (
        select private.period_start(p_step, p_first) as first, ('1 ' || p_step)::interval as length
    ), mine as (
        select a.user_id, a.period, a.plan_code, a.team_id, (
            select max(b.period) from public.active_periods as b
            where b.user_id = a.user_id and b.step = p_step and b.period < a.period
        ) as previous, exists (
            select from public.active_periods as c, span
            where c.user_id = a.user_id and c.step = p_step and c.period = (a.period + span.length)::date
        ) as stays
        from public.active_periods as a, span
        where a.step = p_step and a.period <= p_last and a.period >= (span.first - span.length)::date
            and (p_plans is null or a.plan_code = any (p_plans)) and (p_team is null or a.team_id = p_team)
    ), rows as (
        select mine.period, case when mine.previous is null then 'new'
            when (mine.previous + span.length)::date = mine.period then 'kept' else 'resurrected' end as state,
            mine.user_id, mine.plan_code
        from mine, span where mine.period >= span.first
        union all
        select (mine.period + span.length)::date, 'lost', mine.user_id, mine.plan_code
        from mine, span where not mine.stays and (mine.period + span.length)::date between span.first and p_last
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'period', rows.period, 'state', rows.state, 'user_id', rows.user_id, 'handle', users.handle,
        'plan_code', rows.plan_code
    ) order by rows.period, rows.state, rows.user_id), '[]'::jsonb)
    from rows left join public.users on users.id = rows.user_id
    where private.require_founder()
$$;
comment on function public.growth_lifecycle_rows is 'The people behind growth_lifecycle: one row per person, period and state.';
revoke execute on function public.growth_lifecycle_rows from public, anon, authenticated;
grant execute on function public.growth_lifecycle_rows to authenticated, service_role;

-- Who stays, and what people use. Read from rollups alone.

-- Members of the cohorts p_first to p_last with every later period in which they were active.
create or replace function private.cohort_members(
    p_step text, p_first date, p_last date, p_plans text[], p_team uuid
) returns table (user_id uuid, handle text, cohort date, last_period date)
language sql
stable
security invoker
set search_path = ''
as $$
    with settings as materialized (
        select time_zone, week_start, private.reporting_start(private.period_start(p_step, p_first)) as first_at,
            private.reporting_start(p_last + 1) as end_at
        from public.reporting_settings
    ), firsts as (
        select people.user_id, people.handle, private.period_of(
            p_step, (people.first_answer_at at time zone settings.time_zone)::date, settings.week_start
        ) as cohort
        from settings, private.people_now as people
        where people.first_answer_at >= settings.first_at and people.first_answer_at < settings.end_at
            and (p_plans is null or people.plan_code = any (p_plans))
            and (p_team is null or people.team_id = p_team)
    )
    select firsts.user_id, firsts.handle, firsts.cohort, (
        select max(a.period) from public.active_periods as a
        where a.user_id = firsts.user_id and a.step = p_step
    )
    from firsts
$$;
comment on function private.cohort_members is 'People by the period of their first answer, with the last period in which they were active; by the plan and team they have now.';
revoke execute on function private.cohort_members from public, anon;
grant execute on function private.cohort_members to authenticated, service_role;

create or replace function public.growth_cohorts(
    p_step text, p_first date, p_last date, p_plans text[] default null, p_team uuid default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with members as materialized (
        select * from private.cohort_members(p_step, p_first, p_last, p_plans, p_team)
    ), today as materialized (
        select private.reporting_day(now()) as day
    ), cohorts as (
        select cohort, count(*) as size from members group by cohort
    ), cells as (
        select cohorts.cohort, cohorts.size, period::date as period,
            (row_number() over (partition by cohorts.cohort order by period) - 1)::integer as number,
            (period + ('1 ' || p_step)::interval)::date <= today.day as is_over
        from cohorts, today, generate_series(
            cohorts.cohort::timestamp, least(p_last, today.day)::timestamp, ('1 ' || p_step)::interval
        ) as period
    ), bounded as (
        select members.cohort, a.period, count(*) as people
        from members
        join public.active_periods as a on a.user_id = members.user_id and a.step = p_step
        where a.period <= p_last
        group by members.cohort, a.period
    ), lasts as (
        select cohort, last_period, count(*) as people from members group by cohort, last_period
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'cohort', cells.cohort, 'size', cells.size, 'number', cells.number, 'is_over', cells.is_over,
        'bounded', coalesce(bounded.people, 0),
        'unbounded', (
            select coalesce(sum(lasts.people), 0) from lasts
            where lasts.cohort = cells.cohort and lasts.last_period >= cells.period
        )
    ) order by cells.cohort, cells.number), '[]'::jsonb)
    from cells left join bounded on bounded.cohort = cells.cohort and bounded.period = cells.period
    where private.require_founder()
$$;
comment on function public.growth_cohorts is 'Retention of the people whose first answer fell in each period (number 0 = that period). bounded: active in that very period; unbounded: in it or later. is_over false: the period is not over, the cell can still rise.';
revoke execute on function public.growth_cohorts from public, anon, authenticated;
grant execute on function public.growth_cohorts to authenticated, service_role;

create or replace function private.periods_between(p_step text, p_first date, p_period date) returns integer
language sql
immutable
security invoker
set search_path = ''
as $$
    select case p_step
        when 'month' then (extract(year from p_period) - extract(year from p_first))::integer * 12
            + (extract(month from p_period) - extract(month from p_first))::integer
        when 'week' then (p_period - p_first) / 7
        else p_period - p_first
    end
$$;
comment on function private.periods_between is 'How many days, weeks or months lie between the starts of two periods: the number growth_cohorts gives the later one.';
revoke execute on function private.periods_between from public, anon;
grant execute on function private.periods_between to authenticated, service_role;

create or replace function public.growth_cohort_rows(
    p_step text, p_first date, p_last date, p_plans text[] default null, p_team uuid default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'cohort', members.cohort, 'user_id', members.user_id, 'handle', members.handle,
        'periods', (
            select count(*) from public.active_periods as a
            where a.user_id = members.user_id and a.step = p_step and a.period <= p_last
        ),
        'last_period', members.last_period,
        'active_in', coalesce((
            select jsonb_agg(private.periods_between(p_step, members.cohort, a.period) order by a.period)
            from public.active_periods as a
            where a.user_id = members.user_id and a.step = p_step and a.period <= p_last
        ), '[]'::jsonb)
    ) order by members.cohort, members.user_id), '[]'::jsonb)
    from private.cohort_members(p_step, p_first, p_last, p_plans, p_team) as members
    where private.require_founder()
$$;
comment on function public.growth_cohort_rows is 'The people behind growth_cohorts, each with the number of periods in which they were active (their sum is the sum of the bounded cells) and active_in, the numbers of those periods: a bounded cell counts the people who have its number, an unbounded one those whose last_period is not before it.';
revoke execute on function public.growth_cohort_rows from public, anon, authenticated;
grant execute on function public.growth_cohort_rows to authenticated, service_role;

-- Who used each feature before p_to, under the plan and team they have now.
create or replace function private.feature_people(p_to timestamptz, p_plans text[], p_team uuid)
returns table (feature text, user_id uuid, handle text, first_at timestamptz, last_at timestamptz, uses bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select f.feature, f.user_id, people.handle, min(f.first_at), max(f.last_at), sum(f.uses)::bigint
    from public.user_features as f
    join private.people_now as people on people.user_id = f.user_id
    where (p_plans is null or people.plan_code = any (p_plans)) and (p_team is null or people.team_id = p_team)
    group by f.feature, f.user_id, people.handle
    having min(f.first_at) < p_to
$$;
comment on function private.feature_people is 'Who had used each feature before p_to, one row per person and feature.';
revoke execute on function private.feature_people from public, anon;
grant execute on function private.feature_people to authenticated, service_role;

create or replace function public.growth_features(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with people as (
        select feature, count(*) as ever, count(*) filter (where first_at >= p_from) as first_time
        from private.feature_people(p_to, p_plans, p_team)
        group by feature
    ), used as (
        select feature, sum(uses) as uses
        from public.feature_days
        where day between (select private.reporting_day(p_from))
                and (select private.reporting_day(p_to - interval '1 microsecond'))
            and (p_plans is null or plan_code = any (p_plans)) and (p_team is null or team_id = p_team)
        group by feature
    )
    select jsonb_build_object(
        'people', (
            select count(*) from private.people_now as now_
            where now_.signed_up_at < p_to and (p_plans is null or now_.plan_code = any (p_plans))
                and (p_team is null or now_.team_id = p_team)
        ),
        'features', coalesce((
            select jsonb_agg(jsonb_build_object(
                'feature', people.feature, 'ever', people.ever, 'first_time', people.first_time,
                'uses', coalesce(used.uses, 0)
            ) order by people.ever desc, people.feature)
            from people left join used using (feature)
        ), '[]'::jsonb)
    )
    where private.require_founder()
$$;
comment on function public.growth_features is 'Per feature: people who had used it before p_to (ever ÷ people = adoption), those who did so for the first time since p_from, and successful uses on the days of the period (by plan and team at that time).';
revoke execute on function public.growth_features from public, anon, authenticated;
grant execute on function public.growth_features to authenticated, service_role;

create or replace function public.growth_feature_rows(
    p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(rows) order by rows.feature, rows.first_at, rows.user_id), '[]'::jsonb)
    from private.feature_people(p_to, p_plans, p_team) as rows
    where private.require_founder()
$$;
comment on function public.growth_feature_rows is 'The people behind growth_features: one row per person and feature.';
revoke execute on function public.growth_feature_rows from public, anon, authenticated;
grant execute on function public.growth_feature_rows to authenticated, service_role;

-- The page Quality: what became of advice, by step, rule, model and context, and the disputes.

create or replace function private.wilson(p_part bigint, p_whole bigint) returns double precision[]
language sql
immutable
security invoker
set search_path = ''
as $$
    select case when p_whole > 0 then array[
        greatest(0, (middle - spread) / below), least(1, (middle + spread) / below)
    ] end
    from (
        select p_part::double precision / p_whole + 3.841458820694124 / (2 * p_whole) as middle,
            1.959963984540054 * sqrt(
                p_part::double precision / p_whole * (1 - p_part::double precision / p_whole) / p_whole
                + 3.841458820694124 / (4 * p_whole::double precision * p_whole)) as spread,
            1 + 3.841458820694124 / p_whole as below
        where p_whole > 0
    ) as terms
$$;
comment on function private.wilson is 'The 95 % interval of a share (Wilson): {lower end, upper end}; NULL without cases.';
revoke execute on function private.wilson from public, anon;
grant execute on function private.wilson to authenticated, service_role;

-- Each answer counts once for its model, so by day the models are summed up. Not coalesce: under row level security Postgres
-- takes an index only for conditions that cannot leak, as CASE is.
create or replace function public.advice_course(
    p_starts timestamptz[], p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (at timestamptz, taken bigint, ignored bigint, disputed bigint, unknown bigint)
language plpgsql
stable
security invoker
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    v_team uuid := case when p_team is null then '00000000-0000-0000-0000-000000000000' else p_team end;
begin
    perform private.require_support();
    return query
        with days as materialized (
            select begins, (begins at time zone 'UTC')::date as day,
                p_starts[width_bucket(greatest(begins, p_starts[1]), p_starts)] as step,
                begins >= p_starts[1] and begins + interval '1 day' <= p_to
                    and width_bucket(begins, p_starts)
                        = width_bucket(begins + interval '1 day' - interval '1 microsecond', p_starts) as is_whole
            from generate_series(
                date_trunc('day', p_starts[1], 'UTC'), p_to - interval '1 microsecond', interval '1 day') as begins
        ), facts as (
            select days.step, daily.outcome, daily.answers
            from days join public.advice_daily as daily on daily.day = days.day
            where days.is_whole and daily.team_id = v_team and daily.kind = 'model'
                and daily.day >= (p_starts[1] at time zone 'UTC')::date and daily.day <= (p_to at time zone 'UTC')::date
                and (p_plans is null or daily.plan_code = any (p_plans))
            union all
            select p_starts[width_bucket(hours.hour, p_starts)], hours.outcome, hours.answers
            from days cross join lateral (
                select hourly.hour, hourly.outcome, hourly.answers from public.advice_hourly as hourly
                where hourly.team_id = v_team and hourly.kind = 'answer'
                    and hourly.hour >= days.begins and hourly.hour < days.begins + interval '1 day'
                    and hourly.hour >= p_starts[1] and hourly.hour < p_to
                    and (p_plans is null or hourly.plan_code = any (p_plans))
            ) as hours
            where not days.is_whole
        )
        select step, coalesce(sum(answers) filter (where outcome = 'taken'), 0)::bigint,
            coalesce(sum(answers) filter (where outcome = 'ignored'), 0)::bigint,
            coalesce(sum(answers) filter (where outcome = 'disputed'), 0)::bigint,
            coalesce(sum(answers) filter (where outcome = 'unknown'), 0)::bigint
        from facts
        group by step
        having sum(answers) > 0
        order by step;
end;
$$;
comment on function public.advice_course is 'Answered comments that were settled in [p_starts[1], p_to), whole UTC hours, per step, by what became of the advice. disputed: the last word of somebody in the thread is "bad", or the reply had a thumb down. Else taken: a problem measured then (same rule, same cause) was gone when its frame was last measured again, one day or seven days later. Else ignored: after seven days all of them were still there. Else taken: nothing was measured again, and the thread was resolved after the reply. Else unknown, which is in no share. Taken share = taken ÷ (taken + ignored + disputed). An outcome may still change for a week, and with each word. Rehearsals and the designers of the watch over isolation are left out.';
revoke execute on function public.advice_course from public, anon, authenticated;
grant execute on function public.advice_course to authenticated, service_role;

-- A year has 8,800 hours. What is asked for begins and ends at midnight in the reporting zone, or now: whole UTC days lie
-- between. Of contexts the last days are not counted yet, and those of a team, which has few, are read by hour.
create or replace function private.advice_between(
    p_kind text, p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid
) returns table (name text, outcome text, answers bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    with days as materialized (
        select date_trunc('day', p_from + interval '1 day' - interval '1 microsecond', 'UTC') as first_at,
            case when p_kind <> 'context' then date_trunc('day', p_to, 'UTC')
                when p_team is not null then '-infinity'
                else least(date_trunc('day', p_to, 'UTC'), private.advice_contexts_end()::timestamp at time zone 'UTC')
            end as last_at
    ), bounds as materialized (
        select case when p_team is null then '00000000-0000-0000-0000-000000000000' else p_team end as team_id, first_at,
            greatest(last_at, first_at) as last_at, (first_at at time zone 'UTC')::date as first_day,
            (greatest(last_at, first_at) at time zone 'UTC')::date as end_day
        from days
    )
    select d.name, d.outcome, sum(d.answers)::bigint
    from bounds join public.advice_daily as d on d.team_id = bounds.team_id
    where p_kind <> 'context' and d.kind = p_kind and (p_plans is null or d.plan_code = any (p_plans))
        and d.day >= bounds.first_day and d.day < bounds.end_day
    group by 1, 2
    union all
    select d.name, d.outcome, sum(d.answers)::bigint
    from bounds join public.advice_contexts_daily as d on d.day >= bounds.first_day and d.day < bounds.end_day
    where p_kind = 'context' and (p_plans is null or d.plan_code = any (p_plans))
    group by 1, 2
    union all
    select h.name, h.outcome, h.answers
    from bounds join public.advice_hourly as h on h.team_id = bounds.team_id
    where h.kind = p_kind and (p_plans is null or h.plan_code = any (p_plans))
        and h.hour >= p_from and h.hour < least(p_to, bounds.first_at)
    union all
    select h.name, h.outcome, h.answers
    from bounds join public.advice_hourly as h on h.team_id = bounds.team_id
    where h.kind = p_kind and (p_plans is null or h.plan_code = any (p_plans))
        and h.hour >= bounds.last_at and h.hour < p_to
$$;
comment on function private.advice_between is 'Sums of advice_hourly in [p_from, p_to) by rule, model or context and outcome, in parts: from days where whole UTC days lie between.';
revoke execute on function private.advice_between from public, anon;
grant execute on function private.advice_between to authenticated, service_role;

create or replace function public.advice_by(
    p_kind text, p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (
    name text, taken bigint, ignored bigint, disputed bigint, unknown bigint, taken_share double precision,
    low double precision, high double precision, is_flagged boolean, handle text
)
language sql
stable
security invoker
set search_path = ''
as $$
    with counted as materialized (
        select b.name, b.outcome, sum(b.answers)::bigint as answers
        from private.advice_between(p_kind, p_from, p_to, p_plans, p_team) as b
        group by 1, 2
    ), known as materialized (
        select counted.name, coalesce(sum(answers) filter (where outcome = 'taken'), 0)::bigint as taken,
            coalesce(sum(answers) filter (where outcome = 'ignored'), 0)::bigint as ignored,
            coalesce(sum(answers) filter (where outcome = 'disputed'), 0)::bigint as disputed,
            sum(answers)::bigint as cases
        from counted where outcome <> 'unknown'
        group by counted.name
        having sum(answers) > 0
        order by sum(answers) desc, counted.name
        limit 200
    ), unknown as (
        -- Of contexts there are as many as people: only those with a known outcome are shown.
        select counted.name, counted.answers
        from counted
        where outcome = 'unknown' and answers > 0
            and (p_kind <> 'context' or counted.name in (select known.name from known))
    ), told as materialized (
        select name, coalesce(known.taken, 0) as taken, coalesce(known.ignored, 0) as ignored,
            coalesce(known.disputed, 0) as disputed, coalesce(unknown.answers, 0) as unknown, known.cases,
            private.wilson(known.taken, known.cases) as likely,
            case when p_kind = 'context' then split_part(name, ':', 1)::uuid end as person
        from known full join unknown using (name)
        where private.require_support()
    )
    select told.name, told.taken, told.ignored, told.disputed, told.unknown, told.taken::double precision / told.cases,
        told.likely[1], told.likely[2], coalesce(p_kind = 'rule' and told.cases >= 20 and told.likely[2] < 0.1, false),
        users.handle
    from told left join public.users on users.id = told.person
    order by coalesce(told.cases, 0) desc, told.name
$$;
comment on function public.advice_by is 'As advice_course for the whole period, by rule, model (provider and model) or context (person and version; handle: whose): of contexts the 200 with the most known outcomes, without those that have none. An answer counts once for each rule of its problems, by what became of that rule''s. taken_share = taken ÷ (taken + ignored + disputed), with its 95 % interval (Wilson) from low to high. is_flagged: a rule whose advice nobody takes: at least 20 known outcomes, and the upper end below 10 %.';
revoke execute on function public.advice_by from public, anon, authenticated;
grant execute on function public.advice_by to authenticated, service_role;

create or replace function private.advice_disputes_of(
    p_from timestamptz, p_to timestamptz, p_plans text[], p_team uuid, p_limit integer
) returns table (
    at timestamptz, because text, rules text, provider text, model text, context_version integer, follow_ups integer,
    answer_id uuid, word_answer_id uuid
)
language sql
stable
security invoker
set search_path = ''
as $$
    select o.settled_at, o.because,
        (select coalesce(string_agg(r.rule, ', ' order by r.rule), '') from public.advice_rules as r where r.answer_id = o.answer_id),
        o.provider, o.model, o.context_version, o.follow_ups, o.answer_id,
        (select t.thumb_answer_id from public.advice_thumbs as t
            where t.answer_id = o.answer_id and not t.is_good order by t.at desc limit 1)
    from (
        select * from public.advice_outcomes as each
        where each.outcome = 'disputed' and each.settled_at >= p_from and each.settled_at < p_to
            and (p_plans is null or each.plan_code = any (p_plans)) and (p_team is null or each.team_id = p_team)
            and private.require_support()
        order by each.settled_at desc, each.answer_id
        limit p_limit
    ) as o
    order by o.settled_at desc, o.answer_id
$$;
comment on function private.advice_disputes_of is 'The newest p_limit (NULL: all) of public.advice_disputes.';
revoke execute on function private.advice_disputes_of from public, anon;
grant execute on function private.advice_disputes_of to authenticated, service_role;

create or replace function public.advice_disputes(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (
    at timestamptz, because text, rules text, provider text, model text, context_version integer, follow_ups integer,
    answer_id uuid, word_answer_id uuid
)
language sql
stable
security invoker
set search_path = ''
as $$
    select * from private.advice_disputes_of(p_from, p_to, p_plans, p_team, null)
$$;
comment on function public.advice_disputes is 'The disputed answers of advice_course, newest first; word_answer_id: the comment that says "bad", whose own page has its words. Without words.';
revoke execute on function public.advice_disputes from public, anon, authenticated;
grant execute on function public.advice_disputes to authenticated, service_role;

-- What the page shows: the others are read where somebody opens all rows.
create or replace function public.advice_disputes_latest(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (
    at timestamptz, because text, rules text, provider text, model text, context_version integer, follow_ups integer,
    answer_id uuid, word_answer_id uuid
)
language sql
stable
security invoker
set search_path = ''
as $$
    select * from private.advice_disputes_of(p_from, p_to, p_plans, p_team, 200)
$$;
comment on function public.advice_disputes_latest is 'The newest 200 of public.advice_disputes.';
revoke execute on function public.advice_disputes_latest from public, anon, authenticated;
grant execute on function public.advice_disputes_latest to authenticated, service_role;

-- Who goes on from use to use, who pays in the end, and how long that takes. After trials.sql, whose view it needs.

create or replace function private.trial_starters(p_from timestamptz, p_to timestamptz, p_team uuid)
returns setof private.trial_people
language sql
stable
security invoker
set search_path = ''
as $$
    select * from private.trial_people
    where started_at >= p_from and started_at < p_to and (p_team is null or team_id = p_team)
$$;
comment on function private.trial_starters is 'People whose first free answer fell in [p_from, p_to).';
revoke execute on function private.trial_starters from public, anon;
grant execute on function private.trial_starters to authenticated, service_role;

-- Kaplan and Meier, "Nonparametric estimation from incomplete observations", JASA 53 (1958); the interval is
-- exp(-exp(.)) of Greenwood's variance, as Kalbfleisch and Prentice give it, which stays between 0 and 1.
create or replace function public.trial_survival(p_from timestamptz, p_to timestamptz, p_team uuid default null)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with people as materialized (
        -- An account made again keeps its uses, so the first free answer need not be use 1.
        select greatest(uses, 1) as uses, outcome from private.trial_starters(p_from, p_to, p_team)
    ), steps as (
        select number as step,
            count(*) filter (where outcome = 'paid' or uses > number) as went_on,
            count(*) filter (where outcome in ('left', 'used_up') and uses = number) as stopped,
            count(*) filter (where outcome = 'inside' and uses = number) as inside
        from generate_series(1, private.trial_limit()) as number left join people on true
        group by number
    ), factors as (
        select step, went_on, stopped, inside,
            case when went_on + stopped > 0 then went_on::double precision / (went_on + stopped) end as factor,
            case when went_on > 0 then stopped::double precision / ((went_on + stopped)::double precision * went_on) end
                as greenwood
        from steps
    ), curve as (
        select step, went_on, stopped, inside,
            case when bool_and(factor is not null) over w then
                case when bool_and(factor > 0) over w
                    then exp(sum(ln(case when factor > 0 then factor end)) over w) else 0 end
            end as survival,
            sum(greenwood) over w as variance
        from factors
        window w as (order by step)
    )
    select jsonb_build_object(
        'started', (select count(*) from people),
        'steps', (
            select jsonb_agg(jsonb_build_object(
                'step', step, 'went_on', went_on, 'stopped', stopped, 'inside', inside, 'survival', survival,
                'low', case when survival > 0 and survival < 1
                    then power(survival, exp(1.959964 * sqrt(variance) / abs(ln(survival)))) end,
                'high', case when survival > 0 and survival < 1
                    then power(survival, exp(-1.959964 * sqrt(variance) / abs(ln(survival)))) end
            ) order by step)
            from curve
        )
    )
    where private.require_support()
$$;
comment on function public.trial_survival is 'Use-based Kaplan-Meier survival of the people who began in [p_from, p_to). Step k leads from free use k to the next one (the last step: to paying). went_on: took the next use or paid; stopped: no answer for 30 days; inside: still there, censored before the step. survival after step k = product of went_on ÷ (went_on + stopped); low and high: 95 % by Greenwood, log-log; NULL when nobody has come to a step.';
revoke execute on function public.trial_survival from public, anon, authenticated;
grant execute on function public.trial_survival to authenticated, service_role;

create or replace function public.trial_survival_rows(p_from timestamptz, p_to timestamptz, p_team uuid default null)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'user_id', user_id, 'handle', handle, 'uses', uses, 'outcome', outcome, 'started_at', started_at,
        'last_at', last_at, 'paid_at', paid_at
    ) order by started_at, user_id), '[]'::jsonb)
    from private.trial_starters(p_from, p_to, p_team)
    where private.require_support()
$$;
comment on function public.trial_survival_rows is 'The people behind trial_survival, one row each.';
revoke execute on function public.trial_survival_rows from public, anon, authenticated;
grant execute on function public.trial_survival_rows to authenticated, service_role;

-- Each person once, with the sets they belong to: the three definitions count the same flags.
create or replace function private.trial_sets(p_to timestamptz, p_team uuid)
returns table (
    user_id uuid, handle text, uses integer, outcome text, started_at timestamptz, ended_at timestamptz,
    paid_at timestamptz, has_started boolean, has_ended boolean, has_converted boolean
)
language sql
stable
security invoker
set search_path = ''
as $$
    select sets.* from (
        select user_id, handle, uses, outcome, started_at, ended_at, paid_at,
            started_at >= p_to - interval '30 days' and started_at < p_to as has_started,
            coalesce(ended_at >= p_to - interval '30 days' and ended_at < p_to, false) as has_ended,
            coalesce(paid_at >= p_to - interval '30 days' and paid_at < p_to, false) as has_converted
        from private.trial_people
        where started_at < p_to and (p_team is null or team_id = p_team)
    ) as sets
    where sets.has_started or sets.has_ended or sets.has_converted
$$;
comment on function private.trial_sets is 'People whose trial started, ended or became paid in the 30 days before p_to.';
revoke execute on function private.trial_sets from public, anon;
grant execute on function private.trial_sets to authenticated, service_role;

create or replace function public.trial_conversion(p_to timestamptz, p_team uuid default null) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'started', count(*) filter (where has_started),
        'ended', count(*) filter (where has_ended),
        'converted', count(*) filter (where has_converted),
        'converted_of_started', count(*) filter (where has_started and paid_at < p_to)
    )
    from private.trial_sets(p_to, p_team)
    where private.require_support()
$$;
comment on function public.trial_conversion is 'Trial conversion over the 30 days before p_to in three definitions. By start cohort (ChartMogul): converted_of_started ÷ started, which can still rise. Baremetrics: converted ÷ started. Stripe: converted ÷ ended; a trial ends with its payment, its last free use or after 30 days without an answer. https://help.chartmogul.com/hc/en-us/articles/115000865205 https://help.baremetrics.com/en/articles/5380357-trial-insights https://support.stripe.com/questions/calculating-trial-conversion-rate-in-billing';
revoke execute on function public.trial_conversion from public, anon, authenticated;
grant execute on function public.trial_conversion to authenticated, service_role;

create or replace function public.trial_conversion_rows(p_to timestamptz, p_team uuid default null) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(
        to_jsonb(sets) || jsonb_build_object('is_converted_starter', sets.has_started and coalesce(sets.paid_at < p_to, false))
        order by sets.started_at, sets.user_id
    ), '[]'::jsonb)
    from private.trial_sets(p_to, p_team) as sets
    where private.require_support()
$$;
comment on function public.trial_conversion_rows is 'The people behind trial_conversion, each with the sets they are in.';
revoke execute on function public.trial_conversion_rows from public, anon, authenticated;
grant execute on function public.trial_conversion_rows to authenticated, service_role;

create or replace function private.trial_converts(p_from timestamptz, p_to timestamptz, p_team uuid)
returns table (
    user_id uuid, handle text, uses integer, started_at timestamptz, paid_at timestamptz, days double precision
)
language sql
stable
security invoker
set search_path = ''
as $$
    select user_id, handle, uses, started_at, paid_at,
        extract(epoch from paid_at - started_at)::double precision / 86400
    from private.trial_people
    where paid_at >= p_from and paid_at < p_to and started_at is not null and (p_team is null or team_id = p_team)
$$;
comment on function private.trial_converts is 'People who became paying in [p_from, p_to) after a trial: days from first free answer to payment, and free uses taken.';
revoke execute on function private.trial_converts from public, anon;
grant execute on function private.trial_converts to authenticated, service_role;

create or replace function public.trial_time_to_convert(p_from timestamptz, p_to timestamptz, p_team uuid default null)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with converts as materialized (
        select * from private.trial_converts(p_from, p_to, p_team)
    ), edges (number, label, low, high) as (
        values (1, 'under 1', 0.0, 1.0), (2, '1–3', 1.0, 3.0), (3, '3–7', 3.0, 7.0),
            (4, '7–14', 7.0, 14.0), (5, '14–30', 14.0, 30.0), (6, '30–60', 30.0, 60.0),
            (7, '60 or more', 60.0, 'infinity')
    )
    select jsonb_build_object(
        'converted', (select count(*) from converts),
        'median_days', (select percentile_cont(0.5) within group (order by days) from converts),
        'quarter_days', (select percentile_cont(0.25) within group (order by days) from converts),
        'three_quarters_days', (select percentile_cont(0.75) within group (order by days) from converts),
        'median_uses', (select percentile_cont(0.5) within group (order by uses) from converts),
        'spread', (
            select jsonb_agg(jsonb_build_object('label', edges.label, 'people', (
                select count(*) from converts where converts.days >= edges.low and converts.days < edges.high
            )) order by edges.number)
            from edges
        )
    )
    where private.require_support()
$$;
comment on function public.trial_time_to_convert is 'Days from the first free answer to the first payment of those who became paying in [p_from, p_to): median, quartiles, counts per span, and the median of free uses taken. Those who have not paid are not in it.';
revoke execute on function public.trial_time_to_convert from public, anon, authenticated;
grant execute on function public.trial_time_to_convert to authenticated, service_role;

create or replace function public.trial_convert_rows(p_from timestamptz, p_to timestamptz, p_team uuid default null)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(rows) order by rows.paid_at, rows.user_id), '[]'::jsonb)
    from private.trial_converts(p_from, p_to, p_team) as rows
    where private.require_support()
$$;
comment on function public.trial_convert_rows is 'The people behind trial_time_to_convert, one row each.';
revoke execute on function public.trial_convert_rows from public, anon, authenticated;
grant execute on function public.trial_convert_rows to authenticated, service_role;

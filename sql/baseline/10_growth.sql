-- Who was active when, and what is counted from it: growth, retention, feature use and trials.

create table public.user_features (
    user_id uuid not null,
    feature text not null,
    plan_code text not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    uses bigint not null,
    primary key (user_id, feature, plan_code)
);
create index user_features_first_at on public.user_features (feature, first_at);
comment on table public.user_features is 'What each person has used, on which plan, from when to when and how often. Their first answer is here.';
comment on column public.user_features.user_id is 'Who paid for it. No foreign key: it outlives the account, as the ledger does.';
comment on column public.user_features.feature is 'As in usage_logs (comment, command …), and context_saved and webhook_made from activity.';
comment on column public.user_features.plan_code is 'Plan at the time of use.';
comment on column public.user_features.first_at is 'First successful use.';
comment on column public.user_features.last_at is 'Latest successful use.';
comment on column public.user_features.uses is 'Successful uses.';
alter table public.user_features enable row level security;
revoke all on public.user_features from public, anon, authenticated;
grant select, insert, update, delete on public.user_features to service_role;
grant select on public.user_features to authenticated;
create policy user_features_select on public.user_features for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.feature_days (
    day date not null,
    feature text not null,
    plan_code text not null,
    team_id uuid,
    uses bigint not null,
    constraint feature_days_once unique nulls not distinct (day, feature, plan_code, team_id)
);
comment on table public.feature_days is 'Successful uses of each feature by reporting day, plan and team.';
comment on column public.feature_days.day is 'Day in the reporting time zone.';
comment on column public.feature_days.feature is 'As in user_features.';
comment on column public.feature_days.plan_code is 'Plan at the time of use.';
comment on column public.feature_days.team_id is 'Team at the time of use; NULL: none.';
comment on column public.feature_days.uses is 'Successful uses.';
alter table public.feature_days enable row level security;
revoke all on public.feature_days from public, anon, authenticated;
grant select, insert, update, delete on public.feature_days to service_role;
grant select on public.feature_days to authenticated;
create policy feature_days_select on public.feature_days for select to authenticated
    using ((select private.operator_role()) = 'founder');

create table public.active_periods (
    user_id uuid not null,
    step text not null,
    period date not null,
    plan_code text not null,
    team_id uuid,
    answers bigint not null,
    is_counted boolean not null default false,
    primary key (user_id, step, period),
    constraint active_periods_step check (step in ('day', 'week', 'month'))
);
create index active_periods_period on public.active_periods (step, period);
create index active_periods_uncounted on public.active_periods (user_id) where not is_counted;
comment on table public.active_periods is 'The days, weeks and months in which somebody got at least one answer to a comment.';
comment on column public.active_periods.user_id is 'Who paid for the answer.';
comment on column public.active_periods.step is 'day, week or month, in the reporting time zone.';
comment on column public.active_periods.period is 'First day of the period.';
comment on column public.active_periods.plan_code is 'Plan at the first answer of the period.';
comment on column public.active_periods.team_id is 'Team at the first answer of the period; NULL: none.';
comment on column public.active_periods.answers is 'Answers got. Kept for days only; 0 for weeks and months.';
comment on column public.active_periods.is_counted is 'Whether growth_counts knows this row.';
alter table public.active_periods enable row level security;
revoke all on public.active_periods from public, anon, authenticated;
grant select, insert, update, delete on public.active_periods to service_role;
grant select on public.active_periods to authenticated;
create policy active_periods_select on public.active_periods for select to authenticated
    using ((select case when private.operator_role() = any ('{founder}') then true end) is not null);

create table public.growth_counts (
    step text not null,
    period date not null,
    plan_code text not null,
    team_id uuid,
    active bigint not null,
    new bigint not null,
    kept bigint not null,
    resurrected bigint not null,
    kept_from bigint not null,
    week_change bigint not null,
    month_change bigint not null,
    constraint growth_counts_once unique nulls not distinct (step, period, plan_code, team_id)
);
comment on table public.growth_counts is 'active_periods counted by period, plan and team. Everything adds up over plans and teams.';
comment on column public.growth_counts.step is 'day, week or month, in the reporting time zone.';
comment on column public.growth_counts.period is 'First day of the period.';
comment on column public.growth_counts.plan_code is 'Plan at the first answer of the period.';
comment on column public.growth_counts.team_id is 'Team at the first answer of the period; NULL: none.';
comment on column public.growth_counts.active is 'People active in the period: new + kept + resurrected.';
comment on column public.growth_counts.new is 'Active for the first time ever.';
comment on column public.growth_counts.kept is 'Active in the period before as well.';
comment on column public.growth_counts.resurrected is 'Active before, but not in the period before.';
comment on column public.growth_counts.kept_from is 'The kept, under the plan and team of the period before: active there − kept_from = lost.';
comment on column public.growth_counts.week_change is 'Steps of day: change of the number of people active within 7 days; its running sum is WAU.';
comment on column public.growth_counts.month_change is 'Steps of day: change of the number of people active within 30 days; its running sum is MAU.';
alter table public.growth_counts enable row level security;
revoke all on public.growth_counts from public, anon, authenticated;
grant select, insert, update, delete on public.growth_counts to service_role;
grant select on public.growth_counts to authenticated;
create policy growth_counts_select on public.growth_counts for select to authenticated
    using ((select private.operator_role()) = 'founder');

-- Takes what is not counted yet into growth_counts. A person's new period changes what the periods next to it
-- count as, so those are taken out and put in again: the order in which use arrives does not matter.
create function private.count_periods(p_users uuid[] default null) returns void
language sql
security invoker
set search_path = ''
as $$
    with touched as (
        select user_id, step, min(period) as low, max(period) as high
        from public.active_periods
        where not is_counted and (p_users is null or user_id = any (p_users))
        group by user_id, step
    ), spans as (
        select touched.user_id, touched.step,
            coalesce((
                select max(a.period) from public.active_periods as a
                where a.user_id = touched.user_id and a.step = touched.step and a.period < touched.low
            ), touched.low) as low,
            coalesce((
                select min(a.period) from public.active_periods as a
                where a.user_id = touched.user_id and a.step = touched.step and a.period > touched.high
            ), touched.high) as high
        from touched
    ), near as (
        select a.*
        from spans
        -- By the primary key, also before the planner knows how large the table has become.
        cross join lateral (
            select * from public.active_periods as mine
            where mine.user_id = spans.user_id and mine.step = spans.step
                and mine.period between spans.low and spans.high
            offset 0
        ) as a
    ), told as (
        select 1 as sign, step, period, plan_code, team_id, lag(period) over w as previous,
            lag(plan_code) over w as previous_plan, lag(team_id) over w as previous_team, lead(period) over w as next
        from near
        window w as (partition by user_id, step order by period)
        union all
        select -1, step, period, plan_code, team_id, lag(period) over w, lag(plan_code) over w, lag(team_id) over w,
            lead(period) over w
        from near
        where is_counted
        window w as (partition by user_id, step order by period)
    ), judged as (
        select *, (previous + ('1 ' || step)::interval)::date is not distinct from period as is_kept from told
    ), changes as (
        select step, period as at, plan_code, team_id, sign as active, sign * (previous is null)::integer as new,
            sign * is_kept::integer as kept, sign * (previous is not null and not is_kept)::integer as resurrected,
            0 as kept_from, sign * (step = 'day')::integer as week_change, sign * (step = 'day')::integer as month_change
        from judged
        union all
        select step, period, previous_plan, previous_team, 0, 0, 0, 0, sign, 0, 0 from judged where is_kept
        union all
        select step, least(period + 7, next), plan_code, team_id, 0, 0, 0, 0, 0, -sign, 0 from judged where step = 'day'
        union all
        select step, least(period + 30, next), plan_code, team_id, 0, 0, 0, 0, 0, 0, -sign from judged where step = 'day'
    ), summed as (
        select step, at, plan_code, team_id, sum(active) as active, sum(new) as new, sum(kept) as kept,
            sum(resurrected) as resurrected, sum(kept_from) as kept_from, sum(week_change) as week_change,
            sum(month_change) as month_change
        from changes
        group by step, at, plan_code, team_id
    ), marked as (
        update public.active_periods as a set is_counted = true
        where not a.is_counted and (p_users is null or a.user_id = any (p_users))
    )
    insert into public.growth_counts as g
    select * from summed
    where (active, new, kept, resurrected, kept_from, week_change, month_change) <> (0, 0, 0, 0, 0, 0, 0)
    order by step, at, plan_code, team_id
    on conflict on constraint growth_counts_once do update
        set active = g.active + excluded.active, new = g.new + excluded.new, kept = g.kept + excluded.kept,
            resurrected = g.resurrected + excluded.resurrected, kept_from = g.kept_from + excluded.kept_from,
            week_change = g.week_change + excluded.week_change, month_change = g.month_change + excluded.month_change
$$;
comment on function private.count_periods(p_users uuid[]) is 'Adds the rows of active_periods that are not counted yet (of these people, or all) to growth_counts.';
revoke execute on function private.count_periods from public, anon, authenticated;
grant execute on function private.count_periods to service_role;

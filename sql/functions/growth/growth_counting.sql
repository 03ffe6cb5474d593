-- Keeps the counts behind growth: updated in the ledger's own transaction, and rebuilt when that is needed.

create or replace function private.period_of(p_step text, p_day date, p_week_start text) returns date
language sql
immutable
security invoker
set search_path = ''
as $$
    select case p_step
        when 'week' then p_day - (case p_week_start when 'sunday' then extract(dow from p_day)
            else extract(isodow from p_day) - 1 end)::integer
        when 'month' then date_trunc('month', p_day::timestamp)::date
        else p_day
    end
$$;
comment on function private.period_of is 'First day of the day, week or month in which a day lies, for a week start.';
revoke execute on function private.period_of from public, anon;
grant execute on function private.period_of to authenticated, service_role;

create or replace function private.period_start(p_step text, p_day date) returns date
language sql
stable
security invoker
set search_path = ''
as $$
    select private.period_of(p_step, p_day, coalesce((select week_start from public.reporting_settings), 'monday'))
$$;
comment on function private.period_start is 'period_of with the week start of the settings. For one day: sets of days read the settings once.';
revoke execute on function private.period_start from public, anon;
grant execute on function private.period_start to authenticated, service_role;

-- A model call for a component (feature pipeline) is no use of anybody; the end of its run (pipeline_run) is. What a
-- guidance was tried with (rehearsal) is none either.
-- Called with the rows of one batch of answers: rows of the same person, day, plan and feature are added up first.
create or replace function private.count_use() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_zone text := private.reporting_zone();
    v_new_days uuid[];
begin
    insert into public.user_features as f (user_id, feature, plan_code, first_at, last_at, uses)
    select user_id, feature, plan_code, min(at), max(at), count(*)
    from written where status = 'answered' and feature not in ('pipeline', 'rehearsal') and user_id is not null
    group by 1, 2, 3 order by 1, 2, 3
    on conflict (user_id, feature, plan_code) do update
        set first_at = least(f.first_at, excluded.first_at), last_at = greatest(f.last_at, excluded.last_at),
            uses = f.uses + excluded.uses;
    insert into public.feature_days as f (day, feature, plan_code, team_id, uses)
    select (at at time zone v_zone)::date, feature, plan_code, team_id, count(*)
    from written where status = 'answered' and feature not in ('pipeline', 'rehearsal') and user_id is not null
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict on constraint feature_days_once do update set uses = f.uses + excluded.uses;
    with days as (
        insert into public.active_periods as a (user_id, step, period, plan_code, team_id, answers)
        select user_id, 'day', (at at time zone v_zone)::date, (array_agg(plan_code order by id))[1],
            (array_agg(team_id order by id))[1], count(*)
        from written where status = 'answered' and user_id is not null and feature in ('comment', 'analysis', 'pipeline_run')
        group by 1, 3 order by 1, 3
        on conflict (user_id, step, period) do update set answers = a.answers + excluded.answers
        returning user_id, a.is_counted
    )
    select array_agg(distinct user_id) into v_new_days from days where not is_counted;
    if v_new_days is not null then
        insert into public.active_periods (user_id, step, period, plan_code, team_id, answers)
        select distinct on (user_id, steps.step, starts.period)
            user_id, steps.step, starts.period, days.plan_code, days.team_id, 0
        from public.active_periods as days
        cross join unnest(array['week', 'month']) as steps (step)
        cross join lateral private.period_start(steps.step, days.period) as starts (period)
        where days.user_id = any (v_new_days) and days.step = 'day' and not days.is_counted
        order by user_id, steps.step, starts.period, days.period
        on conflict do nothing;
        perform private.count_periods(v_new_days);
    end if;
    return null;
end;
$$;
comment on function private.count_use is 'Trigger: keeps user_features, feature_days, active_periods and growth_counts with the answered rows of the ledger.';
revoke execute on function private.count_use from public, anon, authenticated;
grant execute on function private.count_use to service_role;
create or replace trigger usage_logs_growth after insert on public.usage_logs
    referencing new table as written for each statement execute function private.count_use();

create or replace function private.count_activity() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    insert into public.user_features as f (user_id, feature, plan_code, first_at, last_at, uses)
    values (new.user_id, new.kind, '', new.at, new.at, 1)
    on conflict (user_id, feature, plan_code) do update
        set first_at = least(f.first_at, excluded.first_at), last_at = greatest(f.last_at, excluded.last_at),
            uses = f.uses + 1;
    insert into public.feature_days as f (day, feature, plan_code, team_id, uses)
    values (private.reporting_day(new.at), new.kind, '', null, 1)
    on conflict on constraint feature_days_once do update set uses = f.uses + 1;
    return null;
end;
$$;
comment on function private.count_activity is 'Trigger: keeps user_features and feature_days with each saved context and each webhook made.';
revoke execute on function private.count_activity from public, anon, authenticated;
grant execute on function private.count_activity to service_role;
create or replace trigger activity_growth after insert on public.activity
    for each row when (new.kind in ('context_saved', 'webhook_made') and new.user_id is not null)
    execute function private.count_activity();

-- From the ledger: after bulk loads, and when the reporting time zone or the week start changes.
create or replace function private.rebuild_growth() returns void
language sql
security invoker
set search_path = ''
as $$
    delete from public.user_features;
    delete from public.feature_days;
    delete from public.active_periods;
    delete from public.growth_counts;
    insert into public.user_features
    select user_id, feature, plan_code, min(at), max(at), count(*)
    from public.usage_logs where status = 'answered' and feature not in ('pipeline', 'rehearsal') and user_id is not null
    group by user_id, feature, plan_code;
    insert into public.user_features
    select user_id, kind, '', min(at), max(at), count(*)
    from public.activity where kind in ('context_saved', 'webhook_made') and user_id is not null
    group by user_id, kind;
    insert into public.feature_days
    select (at at time zone zone)::date, feature, plan_code, team_id, count(*)
    from public.usage_logs, (select private.reporting_zone() offset 0) as settings (zone)
    where status = 'answered' and feature not in ('pipeline', 'rehearsal') and user_id is not null
    group by 1, 2, 3, 4;
    insert into public.feature_days
    select (at at time zone zone)::date, kind, '', null, count(*)
    from public.activity, (select private.reporting_zone() offset 0) as settings (zone)
    where kind in ('context_saved', 'webhook_made') and user_id is not null
    group by 1, 2;
    insert into public.active_periods (user_id, step, period, plan_code, team_id, answers)
    select user_id, 'day', (at at time zone zone)::date, (array_agg(plan_code order by at, id))[1],
        (array_agg(team_id order by at, id))[1], count(*)
    from public.usage_logs, (select private.reporting_zone() offset 0) as settings (zone)
    where status = 'answered' and feature in ('comment', 'analysis', 'pipeline_run') and user_id is not null
    group by 1, 3;
    insert into public.active_periods (user_id, step, period, plan_code, team_id, answers)
    select distinct on (days.user_id, steps.step, starts.period)
        days.user_id, steps.step, starts.period, days.plan_code, days.team_id, 0
    from public.active_periods as days
    cross join unnest(array['week', 'month']) as steps (step)
    join (
        select step, day, private.period_start(step, day) as period
        from (select distinct period as day from public.active_periods) as seen,
            unnest(array['week', 'month']) as step
    ) as starts on starts.step = steps.step and starts.day = days.period
    where days.step = 'day'
    order by days.user_id, steps.step, starts.period, days.period;
    select private.count_periods();
$$;
comment on function private.rebuild_growth is 'Counts activity and feature use anew from the ledger and the activity log.';
revoke execute on function private.rebuild_growth from public, anon, authenticated;
grant execute on function private.rebuild_growth to service_role;

create or replace function private.recount_growth() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform private.rebuild_growth();
    return null;
end;
$$;
comment on function private.recount_growth is 'Trigger: another time zone or week start makes other days and weeks.';
revoke execute on function private.recount_growth from public, anon, authenticated;
grant execute on function private.recount_growth to service_role;
create or replace trigger reporting_settings_growth after update on public.reporting_settings
    for each row
    when (old.time_zone is distinct from new.time_zone or old.week_start is distinct from new.week_start)
    execute function private.recount_growth();

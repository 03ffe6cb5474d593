-- Analyses by reporting day. An hour is counted into its day once it is over; what comes later is added to it.

-- Views rather than functions: they are planned as part of the query that reads them.
create or replace view private.analysis_facts with (security_invoker = true) as
select ends.at, ends.plan_code, ends.team_id, ends.type, ends.reason, ends.batch_id, ends.latency_ms,
    case when ends.state <> 'done' then ends.state when ends.is_cached then 'cached' else ends.source end as outcome,
    ends.state = 'done' and ends.source = 'model' and not ends.is_cached and ends.batch_id is null as is_timed
from public.analysis_ends as ends;
comment on view private.analysis_facts is 'Ends of analyses as the figures have them. outcome: model (a model wrote it), measured (rules alone), cached (the result of an equal request), refused, failed, cancelled. is_timed: a model wrote it, and somebody waited for it alone.';
revoke all on private.analysis_facts from public, anon, authenticated;
grant select on private.analysis_facts to authenticated, service_role;

-- Nothing that is done is run again: one row for each analysis. A word counts where its analysis does, so that a part never
-- exceeds its whole.
create or replace view private.suggestion_facts with (security_invoker = true) as
select ends.at, ends.plan_code, ends.team_id, counted.rule, ends.source, (counted.numbers ->> 0)::bigint as shown,
    (counted.numbers ->> 1)::bigint as with_change, 0::bigint as applied, 0::bigint as undone, 0::bigint as ignored
from public.analysis_ends as ends cross join lateral jsonb_each(ends.shown) as counted (rule, numbers)
where ends.state = 'done' and ends.shown is not null
union all
select ends.at, ends.plan_code, ends.team_id, told.rule, ends.source, 0::bigint as shown, 0::bigint as with_change,
    (told.outcome = 'applied')::integer::bigint as applied, (told.outcome = 'undone')::integer::bigint as undone,
    (told.outcome = 'ignored')::integer::bigint as ignored
from public.analysis_ends as ends join public.suggestion_outcomes as told on told.analysis_id = ends.analysis_id
where ends.state = 'done' and ends.shown ? told.rule;
comment on view private.suggestion_facts is 'What analyses showed, by rule and by who wrote it (model, measured): shown; with_change, of which one can be applied; and in rows of their own the latest word on each, at the end of its analysis, whenever it came: applied, undone, ignored.';
revoke all on private.suggestion_facts from public, anon, authenticated;
grant select on private.suggestion_facts to authenticated, service_role;

create or replace function private.analyses_counted_until(out moment timestamptz, out day date)
language plpgsql
stable
security invoker
set search_path = ''
as $$
#variable_conflict use_column
declare
    v_zone text := private.reporting_zone();
    v_day date;
begin
    select newest.counted_until, newest.day into moment, v_day
    from public.analysis_daily as newest order by newest.day desc limit 1;
    if v_day is null then
        v_day := '-infinity';
        moment := '-infinity';
    elsif moment is null then
        v_day := v_day + 1;
        moment := v_day::timestamp at time zone v_zone;
    end if;
    day := v_day;
end;
$$;
comment on function private.analyses_counted_until is 'Up to when the ends of analyses are in the rollups, and the reporting day of that moment: days before it are whole. -infinity when nothing is counted.';
revoke execute on function private.analyses_counted_until from public, anon;
grant execute on function private.analyses_counted_until to authenticated, service_role;

-- The caller holds the lock of analysis_daily.
create or replace function private.count_ends_anew(p_first date, p_until timestamptz, p_zone text) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_from timestamptz := p_first::timestamp at time zone p_zone;
    v_last date := (p_until - interval '1 microsecond') at time zone p_zone;
    v_is_whole boolean := p_until = (v_last + 1)::timestamp at time zone p_zone;
begin
    delete from public.analysis_daily where day between p_first and v_last;
    delete from public.analysis_times_daily where day between p_first and v_last;
    delete from public.analysis_rules_daily where day between p_first and v_last;
    insert into public.analysis_daily (day, plan_code, type, outcome, reason, analyses, in_batches, counted_until)
    select counted.*, case when counted.day = v_last and not v_is_whole then p_until end
    from (
        select (facts.at at time zone p_zone)::date as day, facts.plan_code, facts.type, facts.outcome, facts.reason,
            count(*), count(facts.batch_id)
        from private.analysis_facts as facts where facts.at >= v_from and facts.at < p_until
        group by 1, 2, 3, 4, 5
    ) as counted;
    insert into public.analysis_times_daily (plan_code, day, bucket, analyses)
    select coalesce(timed.plan_code, '*'), timed.day, timed.bucket, count(*)
    from (
        select facts.plan_code, (facts.at at time zone p_zone)::date as day, private.fine_bucket(facts.latency_ms) as bucket
        from private.analysis_facts as facts where facts.at >= v_from and facts.at < p_until and facts.is_timed
    ) as timed
    group by grouping sets ((timed.plan_code, timed.day, timed.bucket), (timed.day, timed.bucket));
    insert into public.analysis_rules_daily (
        day, plan_code, rule, source, shown, with_change, applied, undone, ignored
    )
    select (facts.at at time zone p_zone)::date, facts.plan_code, facts.rule, facts.source, sum(facts.shown),
        sum(facts.with_change), sum(facts.applied), sum(facts.undone), sum(facts.ignored)
    from private.suggestion_facts as facts where facts.at >= v_from and facts.at < p_until
    group by 1, 2, 3, 4;
end;
$$;
comment on function private.count_ends_anew is 'Count the ends from the beginning of this day up to p_until into the three rollups of analyses by day, anew where they are counted already. The last day may end within it.';
revoke execute on function private.count_ends_anew from public, anon, authenticated;
grant execute on function private.count_ends_anew to service_role;

-- Only hours that have been over for one: nobody who ends an analysis takes longer. The newest day is counted anew with each
-- hour of it. So many days that a call stays short, also where years are counted for the first time.
create or replace function private.count_analysis_days(p_zone text, p_days integer) returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_over timestamptz := date_trunc('hour', now() - interval '1 hour', 'UTC');
    v_until timestamptz;
    v_first date;
    v_end timestamptz;
begin
    lock table public.analysis_daily in exclusive mode;
    select counted.moment, counted.day into v_until, v_first from private.analyses_counted_until() as counted;
    if v_until = v_first::timestamp at time zone p_zone then
        v_first := (
            select (min(ends.at) at time zone p_zone)::date from public.analysis_ends as ends
            where ends.at >= v_until and ends.at < v_over
        );
    end if;
    if v_first is null or v_until >= v_over then
        return false;
    end if;
    v_end := (v_first + p_days)::timestamp at time zone p_zone;
    perform private.count_ends_anew(v_first, least(v_end, v_over), p_zone);
    return v_end < v_over;
end;
$$;
comment on function private.count_analysis_days is 'Add hours that are over to the rollups of analyses, by the days of this zone, at most p_days of them: whether there may be more.';
revoke execute on function private.count_analysis_days from public, anon, authenticated;
grant execute on function private.count_analysis_days to service_role;

create or replace function private.forget_analysis_days() returns void
language sql
security invoker
set search_path = ''
as $$
    lock table public.analysis_daily in exclusive mode;
    delete from public.analysis_daily;
    delete from public.analysis_times_daily;
    delete from public.analysis_rules_daily;
$$;
comment on function private.forget_analysis_days is 'Empty the rollups of analyses by day: they are read from the ends until they are counted again.';
revoke execute on function private.forget_analysis_days from public, anon, authenticated;
grant execute on function private.forget_analysis_days to service_role;

create or replace function private.rebuild_analyses() returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform private.forget_analysis_days();
    while private.count_analysis_days(private.reporting_zone(), 400) loop
    end loop;
end;
$$;
comment on function private.rebuild_analyses is 'The rollups of analyses by day anew, of all hours that are over.';
revoke execute on function private.rebuild_analyses from public, anon, authenticated;
grant execute on function private.rebuild_analyses to service_role;

create or replace function private.recount_analysis_days() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform private.rebuild_analyses();
    return null;
end;
$$;
comment on function private.recount_analysis_days() is 'Trigger: the rollups of analyses by the days of a new reporting zone.';
revoke execute on function private.recount_analysis_days() from public, anon, authenticated;
create or replace trigger reporting_settings_analyses after update on public.reporting_settings
    for each row when (old.time_zone is distinct from new.time_zone)
    execute function private.recount_analysis_days();

-- The lock keeps the days from being counted between the look and the commit. Only words on analyses of another hour wait for
-- each other, as they would deadlock in different orders of their rules.
create or replace function private.note_late_outcome() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_ends public.analysis_ends;
    v_day date;
begin
    lock table public.analysis_daily in row exclusive mode;
    select * into v_ends from public.analysis_ends as ends
    where ends.analysis_id = new.analysis_id and ends.state = 'done' and ends.shown ? new.rule;
    v_day := v_ends.at at time zone private.reporting_zone();
    if v_day is null or v_ends.at >= (select counted.moment from private.analyses_counted_until() as counted) then
        return null;
    end if;
    lock table public.analysis_rules_daily in share row exclusive mode;
    update public.analysis_rules_daily as d
    set applied = d.applied + (new.outcome = 'applied')::integer, undone = d.undone + (new.outcome = 'undone')::integer,
        ignored = d.ignored + (new.outcome = 'ignored')::integer
    where d.day = v_day and d.plan_code = v_ends.plan_code and d.rule = new.rule and d.source = v_ends.source;
    if tg_op = 'UPDATE' then
        update public.analysis_rules_daily as d
        set applied = d.applied - (old.outcome = 'applied')::integer, undone = d.undone - (old.outcome = 'undone')::integer,
            ignored = d.ignored - (old.outcome = 'ignored')::integer
        where d.day = v_day and d.plan_code = v_ends.plan_code and d.rule = new.rule and d.source = v_ends.source;
    end if;
    return null;
end;
$$;
comment on function private.note_late_outcome is 'Trigger: adds a word on a suggestion to the day of its analysis, if the hour of that is counted already. What retention takes stays in the days.';
revoke execute on function private.note_late_outcome from public, anon, authenticated;
grant execute on function private.note_late_outcome to service_role;

create or replace function private.note_late_end() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_zone text := private.reporting_zone();
    v_day date := new.at at time zone v_zone;
    v_until timestamptz;
begin
    lock table public.analysis_daily in exclusive mode;
    select counted.moment into v_until from private.analyses_counted_until() as counted;
    if new.at < v_until then
        perform private.count_ends_anew(v_day, least((v_day + 1)::timestamp at time zone v_zone, v_until), v_zone);
    end if;
    return null;
end;
$$;
comment on function private.note_late_end is 'Trigger: counts a day anew of which an end is written after its hour was counted: by hand, or with a clock that was wrong.';
revoke execute on function private.note_late_end from public, anon, authenticated;
grant execute on function private.note_late_end to service_role;
create or replace trigger suggestion_outcomes_said_late after insert on public.suggestion_outcomes
    for each row execute function private.note_late_outcome();
create or replace trigger suggestion_outcomes_changed_late after update on public.suggestion_outcomes
    for each row when (new.outcome <> old.outcome) execute function private.note_late_outcome();
create or replace trigger analysis_ends_late after insert on public.analysis_ends
    for each row when (new.at < (now() - interval '1 hour')) execute function private.note_late_end();

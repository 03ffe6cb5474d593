-- Keeps the rollups of reliability: updated in the ledger row's transaction, or rebuilt from the ledger.
-- Cases are the comments that were to be answered: a use was reserved for each, and its ledger row names that receipt.
-- A refusal, invitation or command that could not be posted has no receipt: it is a dead letter, and no case.

-- Works group by group (mostly there is one, for everybody), so that a histogram is counted up in place.
create or replace function private.roll_up_reliability() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_zone text;
    v_none bigint[] := '{}';
    v_group record;
begin
    -- A change of the reporting zone holds this lock while it rebuilds the days. The zone read below is then the new
    -- one.
    lock table public.reliability_daily in row exclusive mode;
    select coalesce((select time_zone from public.reporting_settings), 'UTC') into v_zone;
    for v_group in
        select scopes.team_id, scopes.day, scopes.hour, plan_code,
            case status when 'failed' then error_code else '' end as error_code,
            count(*) filter (where status = 'answered') as answered,
            count(*) filter (where status = 'answered' and provider = 'measured-review') as without_model,
            count(*) filter (where status = 'failed') as failed,
            array_agg(private.fine_bucket(latency_ms)) filter (where status = 'answered') as latencies,
            array_agg(private.fine_bucket(model_latency_ms))
                filter (where status = 'answered' and model_latency_ms > 0) as model_latencies,
            array_agg(private.fine_bucket(figma_latency_ms))
                filter (where status = 'answered' and figma_latency_ms > 0) as figma_latencies
        from written
        cross join lateral (values
            ('00000000-0000-0000-0000-000000000000'::uuid, (at at time zone v_zone)::date, null::timestamptz),
            ('00000000-0000-0000-0000-000000000000', null, date_trunc('hour', at, 'UTC')),
            (written.team_id, (at at time zone v_zone)::date, null),
            (written.team_id, null, date_trunc('hour', at, 'UTC'))
        ) as scopes (team_id, day, hour)
        where scopes.team_id is not null
            and feature = 'comment' and (status = 'answered' or status = 'failed' and receipt_id is not null)
        group by 1, 2, 3, 4, 5
        order by 1, 2, 3, 4, 5
    loop
        if v_group.day is not null then
            insert into public.reliability_daily as r (
                team_id, day, plan_code, error_code, answered, without_model, failed, latency_histogram,
                model_latency_histogram, figma_latency_histogram
            ) values (
                v_group.team_id, v_group.day, v_group.plan_code, v_group.error_code, v_group.answered,
                v_group.without_model, v_group.failed, private.count_up(v_none, v_group.latencies),
                private.count_up(v_none, v_group.model_latencies), private.count_up(v_none, v_group.figma_latencies)
            )
            on conflict (team_id, day, plan_code, error_code) do update
                set answered = r.answered + excluded.answered, without_model = r.without_model + excluded.without_model,
                    failed = r.failed + excluded.failed,
                    latency_histogram = private.count_up(r.latency_histogram, v_group.latencies),
                    model_latency_histogram = private.count_up(r.model_latency_histogram, v_group.model_latencies),
                    figma_latency_histogram = private.count_up(r.figma_latency_histogram, v_group.figma_latencies);
        else
            insert into public.reliability_hourly_teams as r (
                team_id, hour, plan_code, error_code, answered, without_model, failed, latency_histogram,
                model_latency_histogram, figma_latency_histogram
            ) values (
                v_group.team_id, v_group.hour, v_group.plan_code, v_group.error_code, v_group.answered,
                v_group.without_model, v_group.failed, private.count_up(v_none, v_group.latencies),
                private.count_up(v_none, v_group.model_latencies), private.count_up(v_none, v_group.figma_latencies)
            )
            on conflict (team_id, hour, plan_code, error_code) do update
                set answered = r.answered + excluded.answered, without_model = r.without_model + excluded.without_model,
                    failed = r.failed + excluded.failed,
                    latency_histogram = private.count_up(r.latency_histogram, v_group.latencies),
                    model_latency_histogram = private.count_up(r.model_latency_histogram, v_group.model_latencies),
                    figma_latency_histogram = private.count_up(r.figma_latency_histogram, v_group.figma_latencies);
        end if;
    end loop;
    return null;
end;
$$;
comment on function private.roll_up_reliability() is 'Trigger: adds new ledger rows to reliability_daily and reliability_hourly_teams.';
revoke execute on function private.roll_up_reliability() from public, anon, authenticated;
create or replace trigger usage_logs_reliability after insert on public.usage_logs
    referencing new table as written for each statement execute function private.roll_up_reliability();

-- The rollups of everybody and of teams are counted by the same statement: p_daily by reporting day, else by hour.
create or replace function private.rebuild_reliability_rows(p_daily boolean, p_zone text) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    execute format(
        $sql$
        with buckets as materialized (
            select ms, private.fine_bucket(ms) as bucket
            from (
                select latency_ms from public.usage_logs
                union select model_latency_ms from public.usage_logs
                union select figma_latency_ms from public.usage_logs
            ) as times (ms)
        ), cases as (
            select team_id, %1$s as at, plan_code, case status when 'failed' then error_code else '' end as error_code,
                count(*) filter (where status = 'answered') as answered,
                count(*) filter (where status = 'answered' and provider = 'measured-review') as without_model,
                count(*) filter (where status = 'failed') as failed
            from public.usage_logs
            where feature = 'comment' and (status = 'answered' or status = 'failed' and receipt_id is not null)
            group by 1, 2, 3, 4
        ), times as (
            select team_id, %1$s as at, plan_code, kinds.kind, buckets.bucket, count(*) as uses
            from public.usage_logs
            cross join lateral (values
                ('total', latency_ms), ('model', nullif(model_latency_ms, 0)), ('figma', nullif(figma_latency_ms, 0))
            ) as kinds (kind, ms)
            join buckets on buckets.ms = kinds.ms
            where feature = 'comment' and status = 'answered'
            group by 1, 2, 3, 4, 5
        ), histograms as (
            select scopes.team_id, at, plan_code,
                private.histogram_of(array_agg(bucket) filter (where kind = 'total'),
                    array_agg(uses) filter (where kind = 'total')) as total,
                private.histogram_of(array_agg(bucket) filter (where kind = 'model'),
                    array_agg(uses) filter (where kind = 'model')) as model,
                private.histogram_of(array_agg(bucket) filter (where kind = 'figma'),
                    array_agg(uses) filter (where kind = 'figma')) as figma
            from times
            cross join lateral (values
                ('00000000-0000-0000-0000-000000000000'::uuid), (times.team_id)) as scopes (team_id)
            where scopes.team_id is not null
            group by 1, 2, 3
        ), sums as (
            select scopes.team_id, at, plan_code, error_code, sum(answered) as answered,
                sum(without_model) as without_model, sum(failed) as failed
            from cases
            cross join lateral (values
                ('00000000-0000-0000-0000-000000000000'::uuid), (cases.team_id)) as scopes (team_id)
            where scopes.team_id is not null
            group by 1, 2, 3, 4
        )
        insert into public.%2$I
        select team_id, at, plan_code, error_code, answered, without_model, failed, coalesce(total, '{}'),
            coalesce(model, '{}'), coalesce(figma, '{}')
        from sums
        left join (select *, '' as error_code from histograms) as timed using (team_id, at, plan_code, error_code)
        $sql$,
        case when p_daily then format('(at at time zone %L)::date', p_zone) else $at$date_trunc('hour', at, 'UTC')$at$ end,
        case when p_daily then 'reliability_daily' else 'reliability_hourly_teams' end
    );
end;
$$;
comment on function private.rebuild_reliability_rows is 'Fills the empty reliability_daily (true) or reliability_hourly_teams (false) from the ledger.';
revoke execute on function private.rebuild_reliability_rows from public, anon, authenticated;
grant execute on function private.rebuild_reliability_rows to service_role;

create or replace function private.rebuild_reliability() returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    lock table public.reliability_daily in exclusive mode;
    delete from public.reliability_daily;
    perform private.rebuild_reliability_rows(
        true, coalesce((select time_zone from public.reporting_settings), 'UTC'));
    delete from public.reliability_hourly_teams;
    perform private.rebuild_reliability_rows(false, '');
end;
$$;
comment on function private.rebuild_reliability is 'reliability_daily and reliability_hourly_teams anew from the ledger.';
revoke execute on function private.rebuild_reliability from public, anon, authenticated;
grant execute on function private.rebuild_reliability to service_role;

create or replace function private.recount_reliability_days() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    lock table public.reliability_daily in exclusive mode;
    delete from public.reliability_daily;
    perform private.rebuild_reliability_rows(true, new.time_zone);
    return null;
end;
$$;
comment on function private.recount_reliability_days() is 'Trigger: reliability_daily by the days of a new reporting zone.';
revoke execute on function private.recount_reliability_days() from public, anon, authenticated;
create or replace trigger reporting_settings_reliability after update on public.reporting_settings
    for each row when (old.time_zone is distinct from new.time_zone)
    execute function private.recount_reliability_days();

-- A ledger that is older than these rollups is counted into them once, by the deploy that adds them. The check is on
-- the hours of everybody, because they came last, together with counting by receipts.
do $$
begin
    if exists (select from public.usage_logs) and not exists (
        select from public.reliability_hourly_teams where team_id = '00000000-0000-0000-0000-000000000000'
    ) then
        perform private.rebuild_reliability();
    end if;
end;
$$;

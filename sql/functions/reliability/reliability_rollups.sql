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
    v_none bigint[] := array_fill(0::bigint, array[84]);
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
            array_agg(private.latency_bucket(latency_ms)) filter (where status = 'answered') as latencies,
            array_agg(private.latency_bucket(model_latency_ms))
                filter (where status = 'answered' and model_latency_ms > 0) as model_latencies,
            array_agg(private.latency_bucket(figma_latency_ms))
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
declare
    -- One sum per bucket: 84 counters over few rows, where an unnest would make 84 rows of each.
    v_counts text := (
        select string_agg(format('coalesce(sum(uses) filter (where bucket = %s), 0)::bigint', b), ', ' order by b)
        from generate_series(1, 84) as b
    );
begin
    execute format(
        $sql$
        with buckets as materialized (
            select ms, private.latency_bucket(ms) as bucket
            from (
                select latency_ms from public.usage_logs
                union select model_latency_ms from public.usage_logs
                union select figma_latency_ms from public.usage_logs
            ) as times (ms)
        ), counted as (
            select team_id, %1$s as at, plan_code, case status when 'failed' then error_code else '' end as error_code,
                status = 'answered' as is_answered, provider = 'measured-review' as is_without_model,
                case status when 'answered' then total.bucket end as bucket,
                case when status = 'answered' and model_latency_ms > 0 then model.bucket end as model_bucket,
                case when status = 'answered' and figma_latency_ms > 0 then figma.bucket end as figma_bucket,
                count(*) as uses
            from public.usage_logs
            join buckets as total on total.ms = latency_ms
            join buckets as model on model.ms = model_latency_ms
            join buckets as figma on figma.ms = figma_latency_ms
            where feature = 'comment' and (status = 'answered' or status = 'failed' and receipt_id is not null)
            group by 1, 2, 3, 4, 5, 6, 7, 8, 9
        )
        insert into public.%2$I
        select scopes.team_id, at, plan_code, error_code, coalesce(sum(uses) filter (where is_answered), 0),
            coalesce(sum(uses) filter (where is_answered and is_without_model), 0),
            coalesce(sum(uses) filter (where not is_answered), 0),
            array[%3$s], array[%4$s], array[%5$s]
        from counted
        cross join lateral (values
            ('00000000-0000-0000-0000-000000000000'::uuid), (counted.team_id)) as scopes (team_id)
        where scopes.team_id is not null
        group by 1, 2, 3, 4
        $sql$,
        case when p_daily then format('(at at time zone %L)::date', p_zone) else $at$date_trunc('hour', at, 'UTC')$at$ end,
        case when p_daily then 'reliability_daily' else 'reliability_hourly_teams' end,
        v_counts, replace(v_counts, 'bucket', 'model_bucket'), replace(v_counts, 'bucket', 'figma_bucket')
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

-- The deliveries of webhooks over time: whole days from webhook_daily, the rest from webhook_hourly.

create or replace function private.webhook_days_end() returns date
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return coalesce((
        select max(day) + 1 from public.webhook_daily where webhook_id = '00000000-0000-0000-0000-000000000000'
    ), '-infinity');
end;
$$;
comment on function private.webhook_days_end is 'The first reporting day that is not in webhook_daily yet: -infinity when none is.';
revoke execute on function private.webhook_days_end from public, anon;
grant execute on function private.webhook_days_end to authenticated, service_role;

-- Only days that have been over for an hour: nothing is added to them any more, so each is counted once.
create or replace function private.count_webhook_days(p_zone text) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    lock table public.webhook_daily in exclusive mode;
    insert into public.webhook_daily (webhook_id, day, outcome, deliveries, redeliveries)
    select coalesce(hours.webhook_id, '00000000-0000-0000-0000-000000000000'), hours.day, hours.outcome,
        sum(hours.deliveries), sum(hours.redeliveries)
    from (
        select h.webhook_id, (h.hour at time zone p_zone)::date as day, h.outcome, h.deliveries, h.redeliveries
        from public.webhook_hourly as h
        where h.hour >= private.webhook_days_end()::timestamp at time zone p_zone
            and h.hour < date_trunc('day', now() - interval '1 hour', p_zone)
    ) as hours
    group by grouping sets ((hours.webhook_id, hours.day, hours.outcome), (hours.day, hours.outcome));
end;
$$;
comment on function private.count_webhook_days is 'Add the days that are over to webhook_daily, by the days of this zone.';
revoke execute on function private.count_webhook_days from public, anon, authenticated;
grant execute on function private.count_webhook_days to service_role;

create or replace function private.recount_webhook_days() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    lock table public.webhook_daily in exclusive mode;
    delete from public.webhook_daily;
    perform private.count_webhook_days(new.time_zone);
    return null;
end;
$$;
comment on function private.recount_webhook_days() is 'Trigger: webhook_daily by the days of a new reporting zone.';
revoke execute on function private.recount_webhook_days() from public, anon, authenticated;
create or replace trigger reporting_settings_webhooks after update on public.reporting_settings
    for each row when (old.time_zone is distinct from new.time_zone)
    execute function private.recount_webhook_days();

-- Not coalesce: under row level security Postgres takes an index only for conditions that cannot leak, as CASE is.
create or replace function public.delivery_course(
    p_starts timestamptz[], p_to timestamptz, p_webhook_id uuid default null
) returns table (at timestamptz, outcome text, deliveries bigint, redeliveries bigint)
language plpgsql
stable
security invoker
set search_path = ''
as $$
#variable_conflict use_column
declare
    v_days record;
    v_zone text := private.reporting_zone();
begin
    perform private.require_support();
    select * into v_days from private.whole_days(
        p_starts[1], p_to,
        case when p_starts[2] - p_starts[1] <= interval '1 hour' then '-infinity' else private.webhook_days_end() end
    );
    return query
        select p_starts[width_bucket(found.at, p_starts)], found.outcome, sum(found.deliveries)::bigint,
            sum(found.redeliveries)::bigint
        from (
            select day::timestamp at time zone v_zone as at, outcome, deliveries, redeliveries
            from public.webhook_daily
            where webhook_id = case when p_webhook_id is null then '00000000-0000-0000-0000-000000000000' else p_webhook_id end
                and day >= v_days.first_day and day < v_days.end_day
            union all
            select hour, outcome, deliveries, redeliveries
            from public.webhook_hourly
            where hour >= p_starts[1] and hour < v_days.starts and (p_webhook_id is null or webhook_id = p_webhook_id)
            union all
            select hour, outcome, deliveries, redeliveries
            from public.webhook_hourly
            where hour >= v_days.ends and hour < p_to and (p_webhook_id is null or webhook_id = p_webhook_id)
        ) as found
        group by 1, 2
        order by 1, 2;
end;
$$;
comment on function public.delivery_course is 'Deliveries (redeliveries included) per step and outcome, of one webhook or of all, whole UTC hours.';
revoke execute on function public.delivery_course from public, anon, authenticated;
grant execute on function public.delivery_course to authenticated, service_role;

-- Hours that are older than webhook_daily are counted into it once, by the deploy that adds it.
do $$
begin
    if not exists (select from public.webhook_daily) then
        perform private.count_webhook_days(coalesce((select time_zone from public.reporting_settings), 'UTC'));
    end if;
end;
$$;

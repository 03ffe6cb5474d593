-- The most that all models may cost in a UTC day: reserved before a model is asked, so that it holds whatever number of
-- processes ask at once.

create or replace function private.day_spent_microusd() returns bigint
language sql
volatile
security invoker
set search_path = ''
as $$
    select (
        coalesce((
            select sum(cost_microusd + adjustment_microusd) from public.ai_cost_hourly
            where hour >= date_trunc('day', now(), 'UTC')), 0)
        + coalesce((
            select sum(microusd) from public.spend_reservations
            where case when is_booked then at >= date_trunc('day', now(), 'UTC') else at > now() - interval '8 days' end
        ), 0)
    )::bigint
$$;
comment on function private.day_spent_microusd is 'What models have cost today (UTC), with what those under way may cost at most, and those whose bill is not known.';
revoke execute on function private.day_spent_microusd from public, anon, authenticated;
grant execute on function private.day_spent_microusd to service_role;

-- All of it or nothing: a call that could go beyond the limit does not begin. One after the other: each sees what those
-- before have reserved, and the ledger writes a cost in the transaction that takes its reservation back.
create or replace function public.reserve_spend(p_answer_id uuid, p_microusd bigint, p_day_microusd bigint) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_spent bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('day spend', 0));
    v_spent := private.day_spent_microusd();
    if v_spent + p_microusd <= p_day_microusd then
        insert into public.spend_reservations (answer_id, microusd) values (p_answer_id, p_microusd);
        return jsonb_build_object('is_granted', true, 'left_microusd', p_day_microusd - v_spent - p_microusd);
    end if;
    insert into public.spend_stops as s (day, limit_microusd, spent_microusd)
    values ((now() at time zone 'UTC')::date, p_day_microusd, v_spent)
    on conflict (day) do update
        set refused = s.refused + 1, limit_microusd = excluded.limit_microusd, spent_microusd = excluded.spent_microusd;
    return jsonb_build_object('is_granted', false, 'left_microusd', greatest(0, p_day_microusd - v_spent));
end;
$$;
comment on function public.reserve_spend is 'Reserve what model calls for an answer, analysis or pipeline may cost at most, within the day''s limit of the whole service: {is_granted, left_microusd}. What is not granted is written down as a stop.';
revoke execute on function public.reserve_spend from public, anon, authenticated;
grant execute on function public.reserve_spend to service_role;

-- A pipeline's calls are booked one by one, so each takes its part, and the end of its stage gives back the rest. What
-- else the ledger has a line for is over. Where the bill of a call is not known, the most that it may be counts for the
-- rest of the day.
create or replace function private.free_spend() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    if not exists (select from public.spend_reservations) then
        return null;
    end if;
    update public.spend_reservations as kept
    set microusd = greatest(0, kept.microusd - lines.cost_microusd)
    from (
        select answer_id, coalesce(sum(cost_microusd), 0)::bigint as cost_microusd
        from written where feature = 'pipeline' group by answer_id
    ) as lines
    where kept.answer_id = lines.answer_id and not kept.is_booked;
    update public.spend_reservations as kept set is_booked = true, at = now()
    from written
    where kept.answer_id = written.answer_id and not kept.is_booked
        and (written.unknown_calls > 0 or written.cost_state = 'unpriced');
    delete from public.spend_reservations as kept using written
    where kept.answer_id = written.answer_id and not kept.is_booked and written.feature <> 'pipeline';
    return null;
end;
$$;
comment on function private.free_spend() is 'Trigger: takes back what was reserved for a day''s spend once the ledger has the cost.';
revoke execute on function private.free_spend() from public, anon, authenticated;

create or replace trigger usage_logs_free_spend
    after insert on public.usage_logs referencing new table as written
    for each statement execute function private.free_spend();

create or replace function private.spend_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    select 'day_spend', stops.day::text, jsonb_build_object(
        'day', stops.day, 'limit_microusd', stops.limit_microusd, 'spent_microusd', stops.spent_microusd,
        'since', stops.reached_at)
    from public.spend_stops as stops
    where stops.day = (now() at time zone 'UTC')::date and stops.limit_microusd >= coalesce(
        nullif((select (value #>> '{}')::bigint from public.product_settings where code = 'service_microusd_per_day'), 0),
        nullif((select (defaults ->> 'service_microusd_per_day')::bigint from public.service_profile), 0),
        9223372036854775807)
$$;
comment on function private.spend_occurrences is 'The most that all models may cost in a day is reached: until the day (UTC) is over, or the limit is raised.';
revoke execute on function private.spend_occurrences from public, anon, authenticated;
grant execute on function private.spend_occurrences to service_role;

create or replace function public.announce_models(p_models text[]) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('announce_models', 0));
    delete from public.chain_models where id <> all (p_models);
    insert into public.chain_models as m (id, place)
    select id, min(place) from unnest(p_models) with ordinality as told (id, place) group by id
    on conflict (id) do update set place = excluded.place, told_at = now();
end;
$$;
comment on function public.announce_models is 'A worker at its start: the models it is set up with, provider/model, in the order in which it asks them.';
revoke execute on function public.announce_models from public, anon, authenticated;
grant execute on function public.announce_models to service_role;

create or replace function public.day_spend() returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    with limits as (
        select coalesce(
            (select (value #>> '{}')::bigint from public.product_settings where code = 'service_microusd_per_day'),
            (select (defaults ->> 'service_microusd_per_day')::bigint from public.service_profile), 0) as microusd
    )
    select jsonb_build_object(
        'booked_microusd', coalesce((
            select sum(cost_microusd + adjustment_microusd) from public.ai_cost_hourly
            where hour >= date_trunc('day', now(), 'UTC')), 0),
        'reserved_microusd', coalesce((
            select sum(microusd) from public.spend_reservations
            where case when is_booked then at >= date_trunc('day', now(), 'UTC') else at > now() - interval '8 days' end
        ), 0),
        'limit_microusd', limits.microusd,
        -- A limit that was raised since is reached no more.
        'reached_at', case when limits.microusd between 1 and stops.limit_microusd then stops.reached_at end,
        'refused', coalesce(stops.refused, 0)
    )
    from limits left join public.spend_stops as stops on stops.day = (now() at time zone 'UTC')::date
    where private.require_finance()
$$;
comment on function public.day_spend is 'What models have cost today (UTC), what is reserved for calls under way and for bills that are not known, the limit (0: none), and since when and how often no model was asked because of it.';
revoke execute on function public.day_spend from public, anon, authenticated;
grant execute on function public.day_spend to authenticated, service_role;

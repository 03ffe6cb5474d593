-- Sends alerts to their channels: a delivery is queued with its alert, tried by workers and closed once.

create or replace function private.queue_alert_deliveries(p_ids uuid[]) returns void
language plpgsql
security invoker
set search_path = queue, pg_temp
as $$
declare
    v_jobs queue.procrastinate_job_to_defer_v1[];
begin
    -- Before all that waits: that a queue is stuck must not be told when it moves again.
    select array_agg(
        row('answers', 'deliver_alert', 10, null, null, jsonb_build_object('delivery_id', id), null)
            ::queue.procrastinate_job_to_defer_v1
    )
    into v_jobs
    from unnest(p_ids) as id;
    if v_jobs is not null then
        perform queue.procrastinate_defer_jobs_v1(v_jobs);
    end if;
end;
$$;
comment on function private.queue_alert_deliveries is 'Queue the jobs of alert deliveries, in the transaction that makes them.';
revoke execute on function private.queue_alert_deliveries from public, anon, authenticated;
grant execute on function private.queue_alert_deliveries to service_role;

-- Each attempt gets the next number and a lease: two workers never send the same delivery at the same time.
create or replace function public.begin_alert_delivery(p_id uuid, p_lease_seconds double precision) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_delivery public.alert_deliveries;
    v_channel public.alert_channels;
    v_alert public.alerts;
begin
    select * into v_delivery from public.alert_deliveries where id = p_id for update;
    if not found or v_delivery.state <> 'pending' then
        return jsonb_build_object('go', false, 'wait_seconds', null);
    end if;
    if v_delivery.lease_until > now() then
        return jsonb_build_object(
            'go', false, 'wait_seconds', ceil(extract(epoch from v_delivery.lease_until - now()))
        );
    end if;
    select * into v_alert from public.alerts where id = v_delivery.alert_id;
    -- First what happened, then that it is over.
    if v_alert.kind = 'recovered' and exists (
        select from public.alert_deliveries as before
        where before.alert_id::text = v_alert.subject and before.channel_id = v_delivery.channel_id
            and before.state = 'pending'
    ) then
        return jsonb_build_object('go', false, 'wait_seconds', 60);
    end if;
    select * into v_channel from public.alert_channels where id = v_delivery.channel_id;
    if v_channel.state <> 'on' then
        update public.alert_deliveries
        set state = 'cancelled', reason = 'channel_switched_off', closed_at = now()
        where id = p_id;
        return jsonb_build_object('go', false, 'wait_seconds', null);
    end if;
    update public.alert_deliveries
    set attempts = attempts + 1, lease_until = now() + make_interval(secs => p_lease_seconds)
    where id = p_id
    returning * into v_delivery;
    if v_alert.kind = 'recovered' then
        v_alert.parameters := jsonb_build_object('over', (
            select to_jsonb(over) - 'subject' - 'seen_at' from public.alerts as over where over.id::text = v_alert.subject
        ));
    end if;
    return jsonb_build_object(
        'go', true, 'id', v_delivery.id, 'attempt', v_delivery.attempts, 'channel_id', v_channel.id,
        'channel_kind', v_channel.kind,
        'sealed', (select sealed from public.alert_channel_secrets where channel_id = v_channel.id),
        'alert', to_jsonb(v_alert) - 'subject' - 'seen_at'
    );
end;
$$;
comment on function public.begin_alert_delivery is 'Take the next attempt of a delivery: {go: true} with all that is needed to send it; {go: false, wait_seconds} while another attempt holds it, wait_seconds null when nothing is left to do. Of an alert that is over (recovered) parameters are {over: the alert}.';
revoke execute on function public.begin_alert_delivery from public, anon, authenticated;
grant execute on function public.begin_alert_delivery to service_role;

create or replace function public.end_alert_delivery(
    p_id uuid, p_attempt integer, p_state text, p_status integer, p_reason text, p_next_at timestamptz,
    p_switch_off boolean
) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_channel_id uuid;
begin
    update public.alert_deliveries
    set state = p_state, status = p_status, reason = left(p_reason, 500), lease_until = null,
        next_at = coalesce(p_next_at, next_at), closed_at = case when p_state <> 'pending' then now() end
    where id = p_id and attempts = p_attempt and state = 'pending'
    returning channel_id into v_channel_id;
    if found and p_switch_off then
        perform set_config('app.reason', left(p_reason, 500), true);
        update public.alert_channels set state = 'off', state_reason = left(p_reason, 500), version = version + 1
        where id = v_channel_id and state = 'on';
    end if;
end;
$$;
comment on function public.end_alert_delivery is 'Write down how an attempt ended: delivered, failed for good, or pending until p_next_at. Nothing happens when a later attempt has begun. p_switch_off: the receiver wants no more.';
revoke execute on function public.end_alert_delivery from public, anon, authenticated;
grant execute on function public.end_alert_delivery to service_role;

create or replace function public.due_alert_deliveries(p_limit integer) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(id order by next_at), '[]'::jsonb)
    from (
        select id, next_at from public.alert_deliveries
        where state = 'pending' and next_at <= now() and (lease_until is null or lease_until <= now())
        order by next_at limit p_limit
    ) as due
$$;
comment on function public.due_alert_deliveries is 'Deliveries whose time has come: for web, which sends them itself while no worker runs.';
revoke execute on function public.due_alert_deliveries from public, anon, authenticated;
grant execute on function public.due_alert_deliveries to service_role;

create or replace function public.alert_channel_seals() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object('channel_id', channel_id, 'sealed', sealed)), '[]'::jsonb)
    from public.alert_channel_secrets
$$;
comment on function public.alert_channel_seals is 'Every sealed address, to be sealed anew under another key.';
revoke execute on function public.alert_channel_seals from public, anon, authenticated;
grant execute on function public.alert_channel_seals to service_role;

create or replace function public.save_alert_channel_seal(p_channel_id uuid, p_seen text, p_sealed text)
returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
begin
    update public.alert_channel_secrets set sealed = p_sealed
    where channel_id = p_channel_id and sealed in (p_seen, p_sealed);
    return found;
end;
$$;
comment on function public.save_alert_channel_seal is 'Put a seal in the place of the one that was seen; false when the address was replaced meanwhile.';
revoke execute on function public.save_alert_channel_seal from public, anon, authenticated;
grant execute on function public.save_alert_channel_seal to service_role;

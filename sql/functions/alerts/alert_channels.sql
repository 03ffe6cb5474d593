-- Where alerts go: founders make, change, test and remove channels. Addresses arrive sealed and stay sealed.

create or replace function private.check_alert_channel(p_name text, p_kinds text[]) returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
    if length(btrim(coalesce(p_name, ''))) not between 1 and 60 then
        raise exception using errcode = '22023', message = 'channel_name_missing_or_too_long';
    end if;
    if coalesce(array_length(p_kinds, 1), 0) = 0 or not p_kinds <@ array[
        'budget', 'dead_letter', 'error_budget', 'queue_stuck', 'no_worker', 'figma_quota', 'unpriced', 'webhook_paused',
        'author_limit', 'unbilled', 'connection_lost', 'bill_drift', 'isolation', 'weekly_report', 'day_spend',
        'silence', 'refresh_failing', 'model_failing', 'builds_failing', 'disk', 'certificate', 'backup_missing',
        'advice_rule'
    ] then
        raise exception using errcode = '22023', message = 'pick_a_kind_of_alert';
    end if;
end;
$$;
comment on function private.check_alert_channel is 'Refuses (22023) a channel without a name or without known kinds of alerts.';
revoke execute on function private.check_alert_channel from public, anon, authenticated;

-- Security definer: founders may write neither table themselves. Safe to call again with the same id.
create or replace function public.add_alert_channel(
    p_id uuid, p_kind text, p_name text, p_host text, p_kinds text[], p_sealed text, p_reason text
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_row public.alert_channels;
begin
    perform private.founder_edit(p_reason);
    perform private.check_alert_channel(p_name, p_kinds);
    if (select count(*) from public.alert_channels where state <> 'removed' and id <> p_id) >= 20 then
        raise exception using errcode = '22023', message = 'too_many_channels';
    end if;
    insert into public.alert_channels (id, kind, name, host, kinds)
    values (p_id, p_kind, btrim(p_name), p_host, p_kinds)
    on conflict (id) do nothing
    returning * into v_row;
    if found then
        insert into public.alert_channel_secrets (channel_id, sealed) values (p_id, p_sealed);
    else
        select * into v_row from public.alert_channels where id = p_id;
    end if;
    return to_jsonb(v_row);
end;
$$;
comment on function public.add_alert_channel is 'Founders: a new channel. p_sealed: its address and signing secret, sealed for the service; p_host: the address''s host, for people.';
revoke execute on function public.add_alert_channel from public, anon, authenticated;
grant execute on function public.add_alert_channel to authenticated;

create or replace function public.change_alert_channel(
    p_id uuid, p_name text, p_kinds text[], p_is_on boolean, p_host text, p_sealed text, p_version integer, p_reason text
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_row public.alert_channels;
begin
    perform private.founder_edit(p_reason);
    perform private.check_alert_channel(p_name, p_kinds);
    select * into v_row from public.alert_channels where id = p_id and state <> 'removed' for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_channel';
    end if;
    if v_row.version <> p_version then
        raise exception using errcode = 'PT409', message = 'channel_changed_meanwhile';
    end if;
    if p_sealed is not null then
        update public.alert_channel_secrets set sealed = p_sealed, updated_at = now() where channel_id = p_id;
    end if;
    update public.alert_channels
    set name = btrim(p_name), kinds = p_kinds, host = coalesce(p_host, host), version = version + 1,
        state = case when p_is_on then 'on' else 'off' end, state_reason = ''
    where id = p_id
    returning * into v_row;
    return to_jsonb(v_row);
end;
$$;
comment on function public.change_alert_channel is 'Founders: name, kinds and state of a channel; with p_sealed and p_host also its address. p_version: the version seen.';
revoke execute on function public.change_alert_channel from public, anon, authenticated;
grant execute on function public.change_alert_channel to authenticated;

create or replace function public.remove_alert_channel(p_id uuid, p_version integer, p_reason text) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.founder_edit(p_reason);
    update public.alert_channels set state = 'removed', state_reason = '', version = version + 1
    where id = p_id and state <> 'removed' and version = p_version;
    if not found then
        raise exception using errcode = 'PT409', message = 'channel_changed_or_removed_meanwhile';
    end if;
    delete from public.alert_channel_secrets where channel_id = p_id;
    update public.alert_deliveries set state = 'cancelled', reason = 'channel_removed', closed_at = now()
    where channel_id = p_id and state = 'pending';
end;
$$;
comment on function public.remove_alert_channel is 'Founders: forget a channel and its address. What was sent there stays readable.';
revoke execute on function public.remove_alert_channel from public, anon, authenticated;
grant execute on function public.remove_alert_channel to authenticated;

-- Security definer: founders may not write alerts or the queue. A test changes no setting, so it needs no reason.
create or replace function public.test_alert_channel(p_id uuid) returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_alert_id uuid;
    v_delivery_id uuid;
begin
    if private.operator_role() is distinct from 'founder' then
        raise exception using errcode = '42501', message = 'only_founders_may_change_this';
    end if;
    -- One test at a time, so that the button cannot be used to flood somebody.
    perform from public.alert_channels where id = p_id and state = 'on' for update;
    if not found then
        raise exception using errcode = 'PT409', message = 'channel_is_off';
    end if;
    if exists (
        select from public.alert_deliveries as d join public.alerts as a on a.id = d.alert_id
        where d.channel_id = p_id and a.kind = 'test' and d.created_at > now() - interval '5 seconds'
    ) then
        raise exception using errcode = 'PT409', message = 'test_was_sent_a_moment_ago';
    end if;
    insert into public.alerts (kind, subject, title, parameters, ended_at)
    values ('test', gen_random_uuid()::text, 'test', '{}', now()) returning id into v_alert_id;
    insert into public.alert_deliveries (alert_id, channel_id) values (v_alert_id, p_id) returning id into v_delivery_id;
    perform private.queue_alert_deliveries(array[v_delivery_id]);
    return v_delivery_id;
end;
$$;
comment on function public.test_alert_channel is 'Founders: send a test to a channel, once; the id of its delivery, to look at what becomes of it.';
revoke execute on function public.test_alert_channel from public, anon, authenticated;
grant execute on function public.test_alert_channel to authenticated;

create or replace function public.resend_alert(p_delivery_id uuid) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    if private.operator_role() is distinct from 'founder' then
        raise exception using errcode = '42501', message = 'only_founders_may_change_this';
    end if;
    update public.alert_deliveries as d
    set state = 'pending', attempts = 0, status = null, reason = '', lease_until = null, next_at = now(), closed_at = null
    from public.alert_channels as c
    where d.id = p_delivery_id and d.state = 'failed' and c.id = d.channel_id and c.state = 'on';
    if not found then
        raise exception using errcode = 'PT409', message = 'alert_not_given_up_or_channel_off';
    end if;
    perform private.queue_alert_deliveries(array[p_delivery_id]);
end;
$$;
comment on function public.resend_alert is 'Founders: try a delivery that was given up again, from the start and under its old id.';
revoke execute on function public.resend_alert from public, anon, authenticated;
grant execute on function public.resend_alert to authenticated;

create or replace function public.alert_channel_list() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object(
        'delivered_at', (
            select max(closed_at) from public.alert_deliveries where channel_id = c.id and state = 'delivered'
        ),
        'pending', (select count(*) from public.alert_deliveries where channel_id = c.id and state = 'pending'),
        'failed', (
            select count(*) from public.alert_deliveries
            where channel_id = c.id and state = 'failed' and created_at > now() - interval '7 days'
        )
    ) order by c.created_at), '[]'::jsonb)
    from public.alert_channels as c
    where c.state <> 'removed' and private.require_founder()
$$;
comment on function public.alert_channel_list is 'Channels with when they last got something, what waits, and what was given up in seven days.';
revoke execute on function public.alert_channel_list from public, anon, authenticated;
grant execute on function public.alert_channel_list to authenticated;

create or replace function public.alert_list(p_limit integer default 50) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with page as (
        select id, kind, title, detail, parameters, at, ended_at from public.alerts
        where kind <> 'recovered' order by at desc limit least(greatest(p_limit, 1), 500)
    ), told as (
        select page.id as about, d.*, false as is_recovery
        from page join public.alert_deliveries as d on d.alert_id = page.id
        union all
        select page.id, d.*, true
        from page
        join public.alerts as over on over.kind = 'recovered' and over.subject = page.id::text
        join public.alert_deliveries as d on d.alert_id = over.id
    )
    select coalesce(jsonb_agg(
        to_jsonb(page) || jsonb_build_object('deliveries', coalesce((
            select jsonb_agg(jsonb_build_object(
                'id', d.id, 'is_recovery', d.is_recovery, 'channel', c.name, 'state', d.state, 'attempts', d.attempts, 'status', d.status,
                'reason', d.reason, 'next_at', d.next_at, 'closed_at', d.closed_at
            ) order by c.created_at, d.is_recovery)
            from told as d join public.alert_channels as c on c.id = d.channel_id
            where d.about = page.id
        ), '[]'::jsonb)) order by page.at desc
    ), '[]'::jsonb)
    from page
    where private.require_founder()
$$;
comment on function public.alert_list is 'The newest alerts, each with what became of it in every channel; is_recovery: of the word that it is over.';
revoke execute on function public.alert_list from public, anon, authenticated;
grant execute on function public.alert_list to authenticated;

-- All webhooks for operators: their silence, their deliveries, and pausing them on our side.

-- Measured once per silence: the events before it do not change while a webhook is quiet.
create or replace function private.measure_pauses() returns void
language sql
security invoker
set search_path = ''
as $$
    with quiet as materialized (
        select w.id, w.last_event_at from public.user_webhooks as w
        where w.state = 'active' and w.last_event_at < now() - interval '1 day'
            and w.pauses_until is distinct from w.last_event_at
        order by w.id
        for update skip locked
    ), hours as (
        select distinct quiet.id, h.hour
        from quiet
        join public.webhook_hourly as h on h.webhook_id = quiet.id and h.hour > quiet.last_event_at - interval '28 days'
    ), pauses as (
        select hours.id, hours.hour - lag(hours.hour) over (partition by hours.id order by hours.hour) as pause
        from hours
    ), measured as (
        select quiet.id, quiet.last_event_at, case when count(pauses.id) >= 5 then max(pauses.pause) end as longest
        from quiet
        left join pauses on pauses.id = quiet.id
        group by 1, 2
    )
    update public.user_webhooks as w
    set longest_pause = measured.longest, pauses_until = measured.last_event_at
    from measured where w.id = measured.id
$$;
comment on function private.measure_pauses is 'Sets longest_pause of active webhooks that have been quiet for a day.';
revoke execute on function private.measure_pauses from public, anon, authenticated;
grant execute on function private.measure_pauses to service_role;

create or replace function private.silent_webhooks()
returns table (webhook_id uuid, longest_pause interval)
language sql
stable
security invoker
set search_path = ''
as $$
    select w.id, w.longest_pause
    from public.user_webhooks as w
    where w.state = 'active' and w.last_event_at < now() - interval '1 day' and w.pauses_until = w.last_event_at
        and now() - w.last_event_at > 1.5 * w.longest_pause
$$;
comment on function private.silent_webhooks is 'Active webhooks quiet for a day and for half as long again as their longest pause between hours with events in the 28 days before; at least 5 such hours.';
revoke execute on function private.silent_webhooks from public, anon;
grant execute on function private.silent_webhooks to authenticated, service_role;

create or replace function public.webhook_list(
    p_search text default '', p_states text[] default null, p_only_silent boolean default false,
    p_limit integer default 300
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with matching as (
        select w.id, users.handle as owner, w.label, w.context, w.context_id, w.state, w.guest_rule, w.created_at,
            w.last_event_at, w.operator_paused_at is not null as is_paused_by_operator, w.paused_because,
            silent.webhook_id is not null as is_silent,
            extract(epoch from silent.longest_pause)::bigint as longest_pause_seconds
        from public.user_webhooks as w
        join public.users on users.id = w.user_id
        left join private.silent_webhooks() as silent on silent.webhook_id = w.id
        where (p_states is null or w.state = any (p_states))
            and (not p_only_silent or silent.webhook_id is not null)
            and (p_search = '' or strpos(lower(w.label || ' ' || w.context_id || ' ' || users.handle || ' ' || w.id), lower(p_search)) > 0)
    ), shown as (
        select * from matching order by last_event_at desc nulls last, id limit least(p_limit, 1000)
    ), days as materialized (
        select * from private.whole_days(now() - interval '7 days', now(), private.webhook_days_end())
    ), counted as materialized (
        select week.webhook_id, sum(week.deliveries) as deliveries,
            sum(week.deliveries) filter (where week.outcome = 'queued') as answers,
            sum(week.deliveries) filter (where week.outcome = 'unreadable') as problems
        from (
            select d.webhook_id, d.outcome, d.deliveries::integer as deliveries
            from days join public.webhook_daily as d on d.day >= days.first_day and d.day < days.end_day
            union all
            select h.webhook_id, h.outcome, h.deliveries::integer
            from days join public.webhook_hourly as h on h.hour >= now() - interval '7 days' and h.hour < days.starts
            union all
            select h.webhook_id, h.outcome, h.deliveries::integer
            from days join public.webhook_hourly as h on h.hour >= days.ends and h.hour >= now() - interval '7 days'
        ) as week
        group by week.webhook_id
    )
    select jsonb_build_object(
        'total', (select count(*) from matching),
        'active', (select count(*) from matching where state = 'active'),
        'paused', (select count(*) from matching where state = 'paused'),
        'silent', (select count(*) from matching where is_silent),
        'rows', coalesce((
            select jsonb_agg(
                to_jsonb(shown) || jsonb_build_object(
                    'deliveries_7d', coalesce(counted.deliveries, 0), 'answers_7d', coalesce(counted.answers, 0),
                    'problems_7d', coalesce(counted.problems, 0),
                    'unconfirmed', coalesce(refused.deliveries, 0), 'last_unconfirmed_at', refused.last_at)
                order by shown.last_event_at desc nulls last, shown.id)
            from shown
            left join counted on counted.webhook_id = shown.id
            left join lateral (
                select sum(r.deliveries)::bigint as deliveries, max(r.last_at) as last_at
                from public.webhook_refusals as r where r.webhook_id = shown.id
            ) as refused on true
        ), '[]'::jsonb)
    )
    where private.require_support()
$$;
comment on function public.webhook_list is 'Webhooks with owner, state, last event, silence (private.silent_webhooks), the deliveries of seven days and what Figma did not confirm in 92, latest event first: {total, active, paused, silent, rows}.';
revoke execute on function public.webhook_list from public, anon, authenticated;
grant execute on function public.webhook_list to authenticated, service_role;

-- Locks the webhook's answers after the webhook, as private.close_look does.
create or replace function private.forgive_refusals(p_webhook_id uuid) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_ids uuid[] := array(
        select id from public.answers
        where webhook_id = p_webhook_id and state = 'ignored' and decision is null and reason = 'webhook_paused'
            and received_at > now() - interval '1 day'
        order by id
        for update
    );
begin
    update public.user_webhooks set refusals = 0, lifted_at = now() where id = p_webhook_id;
    update public.answers
    set state = 'queued', queued_at = now(), reason = '', failure_message = '', failures = 0, settled_at = null
    where id = any (v_ids);
    perform private.queue_answers(v_ids);
end;
$$;
comment on function private.forgive_refusals is 'A pause is over: what had arrived by now counts towards no other, and what of the last day was closed without a look is looked at.';
revoke execute on function private.forgive_refusals from public, anon, authenticated;
grant execute on function private.forgive_refusals to service_role;

-- Pauses on our side only: at Figma, only its owner's token can pause a webhook. Deliveries of a paused webhook are
-- kept with the outcome 'paused' and not answered. The pause belongs to the place: it outlives a webhook that its owner
-- deletes (start_webhook), and can be ended on the deleted webhook too.
create or replace function public.operator_set_webhook_state(p_webhook_id uuid, p_state text, p_reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_webhook public.user_webhooks;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    if coalesce(p_state, '') not in ('active', 'paused') then
        raise exception using errcode = 'PT422', message = 'webhook_can_be_paused_or_active';
    end if;
    select * into v_webhook from public.user_webhooks where id = p_webhook_id for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_webhook';
    end if;
    if v_webhook.state = p_state then
        return jsonb_build_object('state', v_webhook.state, 'changed', false);
    end if;
    if v_webhook.state = 'deleted' and v_webhook.operator_paused_at is not null and p_state = 'active' then
        update public.user_webhooks set operator_paused_at = null, paused_because = null where id = p_webhook_id;
        return jsonb_build_object('state', 'deleted', 'changed', true);
    end if;
    if v_webhook.state not in ('active', 'paused') then
        raise exception using errcode = 'PT409', message = 'webhook_neither_paused_nor_resumed',
            detail = jsonb_build_object('state', v_webhook.state)::text;
    end if;
    if p_state = 'active' and v_webhook.operator_paused_at is null then
        raise exception using errcode = 'PT409', message = 'paused_by_its_owner';
    end if;
    update public.user_webhooks
    set state = p_state, operator_paused_at = case when p_state = 'paused' then now() end,
        paused_because = case when p_state = 'paused' then 'operator' end
    where id = p_webhook_id;
    if p_state = 'active' then
        perform private.forgive_refusals(p_webhook_id);
    end if;
    insert into public.activity (user_id, kind, detail)
    values (
        v_webhook.user_id, case p_state when 'paused' then 'webhook_paused' else 'webhook_resumed' end,
        jsonb_build_object('context', v_webhook.context, 'by', 'operator')
    );
    return jsonb_build_object('state', p_state, 'changed', true);
end;
$$;
comment on function public.operator_set_webhook_state is 'Founders and support pause a webhook on our side, or end such a pause, which outlives a webhook that its owner deletes: {state, changed}.';
revoke execute on function public.operator_set_webhook_state from public, anon, authenticated;
grant execute on function public.operator_set_webhook_state to authenticated;

create or replace function public.webhook_rows(
    p_states text[], p_only_silent boolean, p_after text, p_limit integer
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with page as (
        select w.id::text as key, users.handle as owner, w.label, w.context, w.context_id, w.state, w.guest_rule,
            w.created_at, w.last_event_at, w.operator_paused_at is not null as is_paused_by_operator,
            silent.webhook_id is not null as is_silent
        from public.user_webhooks as w
        join public.users on users.id = w.user_id
        left join private.silent_webhooks() as silent on silent.webhook_id = w.id
        where (p_states is null or w.state = any (p_states)) and (not p_only_silent or silent.webhook_id is not null)
            and w.id::text collate "C" > p_after
        order by w.id::text collate "C"
        limit least(p_limit, 1000)
    )
    select coalesce(jsonb_agg(to_jsonb(page) order by page.key collate "C"), '[]'::jsonb) from page
    where private.require_support()
$$;
comment on function public.webhook_rows is 'The webhooks that webhook_list() counts without a search, one row each, after the key p_after ("" at first), at most 1,000.';
revoke execute on function public.webhook_rows from public, anon, authenticated;
grant execute on function public.webhook_rows to authenticated, service_role;

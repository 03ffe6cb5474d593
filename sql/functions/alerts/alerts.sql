-- Alerts for operators: each occurrence is raised once, however many workers check for it.

create or replace function private.alert_dollars(p_microusd bigint) returns text
language sql
immutable
security invoker
set search_path = ''
as $$
    select '$' || to_char(p_microusd / 1000000.0, 'FM999,999,999,990.00')
$$;
comment on function private.alert_dollars is 'Micro-dollars as people read them: $1,234.50.';
revoke execute on function private.alert_dollars from public, anon, authenticated;
grant execute on function private.alert_dollars to service_role;

-- The condition of a budget alert holds for one day.
create or replace function private.budget_conditions()
returns table (kind text, subject text, title text, detail text)
language sql
stable
security invoker
set search_path = ''
as $$
    select 'budget', said.id::text,
        format('%s %% of a budget reached: %s', said.threshold, case budgets.scope
            when 'user' then coalesce((select handle from public.users where id::text = budgets.scope_key), 'one person')
            when 'team' then coalesce((select name from public.teams where id::text = budgets.scope_key), 'one team')
            when 'plan' then 'plan ' || budgets.scope_key else 'everything' end),
        format('AI cost of %s is %s of %s. Nobody is refused: look at the page AI cost.',
            to_char(said.month, 'FMMonth YYYY'), private.alert_dollars(said.spent_microusd),
            private.alert_dollars(said.monthly_microusd))
    from public.budget_alerts as said join public.budgets on budgets.id = said.budget_id
    where said.at > now() - interval '1 day'
$$;
comment on function private.budget_conditions is 'Thresholds of budgets (50, 80, 100 %) that check_budgets wrote down in the last day.';
revoke execute on function private.budget_conditions from public, anon, authenticated;
grant execute on function private.budget_conditions to service_role;

-- A failing provider makes hundreds of dead letters. So there is one alert per reason, and its condition ends after
-- half an hour without a new dead letter.
create or replace function private.dead_letter_conditions()
returns table (kind text, subject text, title text, detail text)
language sql
stable
security invoker
set search_path = ''
as $$
    select 'dead_letter', reason,
        case count(*) when 1 then 'A comment became a dead letter: ' || reason
            else format('%s comments became dead letters: %s', count(*), reason) end,
        (array_agg(failure_message order by settled_at desc))[1]
            || ' Nobody was charged. Look at the page Dead letters: cure the cause, then replay.'
    from public.answers
    where state = 'failed' and settled_at > now() - interval '30 minutes'
    group by reason
$$;
comment on function private.dead_letter_conditions is 'Reasons for which comments ended without a reply in the last half hour.';
revoke execute on function private.dead_letter_conditions from public, anon, authenticated;
grant execute on function private.dead_letter_conditions to service_role;

-- Burn rates and windows of Google's SRE workbook: 14.4 over an hour (2 % of the month's budget) and 6 over six hours
-- (5 %). https://sre.google/workbook/alerting-on-slos/
-- At least three bad cases are needed: one failure among few cases says nothing.
create or replace function private.error_budget_conditions()
returns table (kind text, subject text, title text, detail text)
language sql
stable
security invoker
set search_path = ''
as $$
    select distinct on (code) 'error_budget', code,
        case code when 'answered' then 'Too many comments fail' else 'Too many answers are late' end,
        format('In the last %s %s of %s comments missed the objective of %s %%: the error budget burns %s times too fast. Look at the page Reliability.',
            case hours when 1 then 'hour' else hours || ' hours' end, cases - good, cases,
            trim_scale(target * 100), round(burn_rate::numeric, 1))
    from public.slo_windows()
    where cases - good >= 3 and (hours = 1 and burn_rate >= 14.4 or hours = 6 and burn_rate >= 6)
    order by code, hours
$$;
comment on function private.error_budget_conditions is 'Objectives whose error budget burns at 14.4 or more over an hour, or 6 or more over six hours.';
revoke execute on function private.error_budget_conditions from public, anon, authenticated;
grant execute on function private.error_budget_conditions to service_role;

create or replace function private.queue_conditions()
returns table (kind text, subject text, title text, detail text)
language sql
stable
security invoker
set search_path = ''
as $$
    with workers as (
        select count(*) filter (where last_heartbeat > now() - interval '30 seconds') as alive,
            count(*) filter (where last_heartbeat > now() - interval '3 minutes') as recent
        from queue.procrastinate_workers
    ), waiting as (
        -- Jobs that a worker could take now: their time has come, and no earlier job of the same thread is before them.
        select count(*) as jobs, min(coalesce(jobs.scheduled_at, deferred.at)) as since
        from queue.procrastinate_jobs as jobs
        left join lateral (
            select max(events.at) as at from queue.procrastinate_events as events
            where events.job_id = jobs.id and events.type = 'deferred'
        ) as deferred on true
        where jobs.status = 'todo' and jobs.task_name = 'answer_comment'
            and coalesce(jobs.scheduled_at, deferred.at) < now() - interval '5 minutes'
            and not exists (
                select from queue.procrastinate_jobs as earlier
                where earlier.lock = jobs.lock and earlier.id < jobs.id and earlier.status in ('todo', 'doing')
            )
    )
    select 'queue_stuck', 'answers', format('%s comments wait for an answer for over five minutes', waiting.jobs),
        format('The oldest waits since %s UTC although %s of our workers run. Look at the page Reliability and the workers'' logs.',
            to_char(waiting.since at time zone 'UTC', 'HH24:MI'), workers.alive)
    from waiting, workers
    where waiting.jobs > 0 and workers.alive > 0
    union all
    select 'no_worker', 'workers', 'No worker is running',
        format('The last one was seen at %s UTC. Comments are kept and answered as soon as one runs.',
            to_char((select max(at) from public.queue_samples) at time zone 'UTC', 'YYYY-MM-DD HH24:MI'))
    from workers
    where workers.recent = 0 and (select max(at) from public.queue_samples) < now() - interval '3 minutes'
$$;
comment on function private.queue_conditions is 'queue_stuck: jobs that could be taken wait for over five minutes although a worker lives. no_worker: workers have run before, and none for three minutes.';
revoke execute on function private.queue_conditions from public, anon, authenticated;
grant execute on function private.queue_conditions to service_role;

create or replace function private.figma_quota_conditions()
returns table (kind text, subject text, title text, detail text)
language sql
stable
security invoker
set search_path = ''
as $$
    select 'figma_quota', quotas.figma_user_id || ' ' || quotas.tier,
        'Figma''s quota is used up for ' || coalesce(
            (select handle from public.users where users.figma_user_id = quotas.figma_user_id),
            (select handle from public.bot_identity where bot_identity.figma_user_id = quotas.figma_user_id),
            'the account of the buddy'),
        format('Until %s UTC %s', to_char(max(quotas.limited_until) at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
            case quotas.tier when 1 then 'its files are answered without looking at the design.'
                else 'its files cannot be read or written; questions there are kept.' end)
    from public.figma_quotas as quotas
    where quotas.limited_until > now() and quotas.limited_until > quotas.updated_at + interval '10 minutes'
    group by quotas.figma_user_id, quotas.tier
$$;
comment on function private.figma_quota_conditions is 'Accounts that Figma shuts out for more than ten minutes, per tier of its rate limits.';
revoke execute on function private.figma_quota_conditions from public, anon, authenticated;
grant execute on function private.figma_quota_conditions to service_role;

create or replace function private.unpriced_conditions()
returns table (kind text, subject text, title text, detail text)
language sql
stable
security invoker
set search_path = ''
as $$
    select 'unpriced', provider || ' ' || model, format('Calls without a price: %s %s', provider, model),
        format('%s calls since yesterday count in no cost. Set a price on the page Settings and re-price on AI cost.',
            sum(unpriced - newly_priced))
    from public.ai_cost_hourly
    -- A row without a model had no answer. And no price helps where a provider reported no tokens.
    where hour > now() - interval '1 day' and model <> ''
    group by provider, model
    having sum(unpriced - newly_priced) > 0
$$;
comment on function private.unpriced_conditions is 'Models with calls of the last day that have no price, neither in the ledger nor by re-pricing.';
revoke execute on function private.unpriced_conditions from public, anon, authenticated;
grant execute on function private.unpriced_conditions to service_role;

-- What outsiders try, and what it costs: each alert names who to look at.
create or replace function private.misuse_conditions()
returns table (kind text, subject text, title text, detail text)
language sql
stable
security invoker
set search_path = ''
as $$
    select 'webhook_paused', webhooks.id::text,
        'A webhook was paused: Figma does not confirm what it delivers',
        format('Webhook %s brought %s such deliveries since yesterday. Search for it on the page Webhooks: its owner cannot end this pause, support can.',
            webhooks.id, (select sum(deliveries) from public.webhook_refusals
            where webhook_id = webhooks.id and hour > now() - interval '25 hours'))
    from public.user_webhooks as webhooks
    where webhooks.paused_because = 'unconfirmed_deliveries' and webhooks.operator_paused_at > now() - interval '1 day'
    union all
    select 'author_limit', limits.author_figma_id || ' ' || limits.file_key,
        'Somebody has drawn a day''s replies in one file',
        format('Figma user %s in the file %s: the buddy is silent for them there until tomorrow. Look for a bot that answers it.',
            limits.author_figma_id, limits.file_key)
    from public.author_limits as limits
    where limits.reached_at > now() - interval '1 day'
    union all
    select 'unbilled', spent.scope || ' ' || spent.scope_key,
        format('Models were paid %s today without a use being taken', private.alert_dollars(spent.cost_microusd)),
        format('For the %s %s: %s answers could not be posted. Look at the page Dead letters for the cause.',
            spent.scope, spent.scope_key, spent.calls)
    from public.unbilled_spending as spent
    where spent.day = (now() at time zone 'UTC')::date and spent.cost_microusd >= coalesce(
        (select (value #>> '{}')::bigint from public.product_settings where code = 'unbilled_microusd_per_day'),
        (select (defaults ->> 'unbilled_microusd_per_day')::bigint from public.service_profile), 1000000)
    union all
    select 'connection_lost', webhooks.user_id::text, 'A connection to Figma is lost, and questions wait for it',
        format('%s questions wait for a sign-in since %s UTC; a day after they came they become dead letters. The account page says so to the person with the id %s: search for it on the page People, and write to them.',
            count(*), to_char(min(answers.received_at) at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), webhooks.user_id)
    from public.answers
    join public.user_webhooks as webhooks on webhooks.id = answers.webhook_id
    where answers.state = 'deferred' and answers.failure_message = 'no_account'
    group by webhooks.user_id
$$;
comment on function private.misuse_conditions is 'webhook_paused: by the buddy itself, for what Figma does not confirm; author_limit: somebody''s replies of a day in one file are used up; unbilled: a day''s bound of unpaid model cost is reached; connection_lost: questions wait for somebody to sign in again.';
revoke execute on function private.misuse_conditions from public, anon, authenticated;
grant execute on function private.misuse_conditions to service_role;

-- A job can get lost, for example when a worker of an older release takes it and does not know its task.
create or replace function private.requeue_alert_deliveries() returns void
language sql
security invoker
set search_path = ''
as $$
    select private.queue_alert_deliveries(array(
        select d.id from public.alert_deliveries as d
        where d.state = 'pending' and d.next_at < now() - interval '2 minutes'
            and (d.lease_until is null or d.lease_until < now())
            and not exists (
                select from queue.procrastinate_jobs as jobs
                where jobs.status in ('todo', 'doing') and jobs.task_name = 'deliver_alert'
                    and jobs.args ->> 'delivery_id' = d.id::text
            )
    ))
$$;
comment on function private.requeue_alert_deliveries is 'Queue deliveries that are overdue and have no job.';
revoke execute on function private.requeue_alert_deliveries from public, anon, authenticated;
grant execute on function private.requeue_alert_deliveries to service_role;

-- The partial unique key lets only one worker raise each alert. An occurrence ends when its condition was not seen for
-- ten minutes, so that a flickering condition makes one alert. The order matters: what still holds is marked before
-- anything is ended.
create or replace function public.check_alerts() returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_new public.alerts[];
    v_deliveries uuid[];
begin
    if not pg_try_advisory_xact_lock(hashtextextended('check_alerts', 0)) then
        return '[]'::jsonb;
    end if;
    with conditions as materialized (
        select * from private.budget_conditions() union all select * from private.dead_letter_conditions()
        union all select * from private.error_budget_conditions() union all select * from private.queue_conditions()
        union all select * from private.figma_quota_conditions() union all select * from private.unpriced_conditions()
        union all select * from private.misuse_conditions()
    ), seen as (
        update public.alerts set seen_at = now() from conditions
        where alerts.kind = conditions.kind and alerts.subject = conditions.subject and alerts.ended_at is null
    ), over as (
        update public.alerts set ended_at = now()
        where ended_at is null and seen_at < now() - interval '10 minutes' and not exists (
            select from conditions where conditions.kind = alerts.kind and conditions.subject = alerts.subject
        )
    ), raised as (
        insert into public.alerts (kind, subject, title, detail)
        select kind, subject, left(title, 300), left(detail, 1000) from conditions
        on conflict (kind, subject) where ended_at is null do nothing
        returning alerts
    )
    select array_agg(alerts) into v_new from raised;

    with queued as (
        insert into public.alert_deliveries (alert_id, channel_id)
        select new.id, channels.id
        from unnest(v_new) as new
        join public.alert_channels as channels on channels.state = 'on' and new.kind = any (channels.kinds)
        returning id
    )
    select array_agg(id) into v_deliveries from queued;
    perform private.queue_alert_deliveries(v_deliveries);
    perform private.requeue_alert_deliveries();
    return coalesce((
        select jsonb_agg(jsonb_build_object('kind', new.kind, 'title', new.title)) from unnest(v_new) as new
    ), '[]'::jsonb);
end;
$$;
comment on function public.check_alerts is 'Raise what has begun, queue it for every channel that wants it, close what is over: the new alerts [{kind, title}]. Any number of workers may call it.';
revoke execute on function public.check_alerts from public, anon, authenticated;
grant execute on function public.check_alerts to service_role;

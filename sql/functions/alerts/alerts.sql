-- Alerts for operators: each occurrence is raised once, however many workers check for it.

-- What is to be told now: its kind, what it is about, and the parameters of its words, which stand in
-- service/alert_sentences.py.

-- A budget is told for one day, with the highest threshold it has reached: a lower one of the same month is over then.
create or replace function private.budget_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    select distinct on (said.budget_id, said.month) 'budget', said.id::text, jsonb_build_object(
        'threshold', said.threshold, 'scope', budgets.scope,
        'name', case budgets.scope
            when 'user' then (select handle from public.users where id::text = budgets.scope_key)
            when 'team' then (select name from public.teams where id::text = budgets.scope_key)
            when 'plan' then budgets.scope_key when 'model' then budgets.scope_key end,
        'month', said.month, 'spent_microusd', said.spent_microusd, 'monthly_microusd', said.monthly_microusd)
    from public.budget_alerts as said join public.budgets on budgets.id = said.budget_id
    where said.at > now() - interval '1 day'
    order by said.budget_id, said.month, said.threshold desc
$$;
comment on function private.budget_occurrences is 'The highest threshold of each budget (50, 80, 100 %) that check_budgets wrote down in the last day.';
revoke execute on function private.budget_occurrences from public, anon, authenticated;
grant execute on function private.budget_occurrences to service_role;

-- A failing provider makes hundreds of dead letters. So there is one alert per reason, which ends after half an hour
-- without a new dead letter.
create or replace function private.dead_letter_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    select 'dead_letter', reason, jsonb_build_object(
        'comments', count(*), 'reason', reason,
        'failure_message', left((array_agg(failure_message order by settled_at desc))[1], 800))
    from (
        select reason, failure_message, settled_at from public.answers
        where state = 'failed' and settled_at > now() - interval '30 minutes'
        union all
        select reason, failure_message, settled_at from public.analyses
        where state = 'failed' and settled_at > now() - interval '30 minutes'
    ) as letters
    group by reason
$$;
comment on function private.dead_letter_occurrences is 'Reasons for which comments ended without a reply, and analyses without a result, in the last half hour.';
revoke execute on function private.dead_letter_occurrences from public, anon, authenticated;
grant execute on function private.dead_letter_occurrences to service_role;

-- Burn rates and windows of Google's SRE workbook: 14.4 over an hour (2 % of the month's budget) and 6 over six hours
-- (5 %). https://sre.google/workbook/alerting-on-slos/
-- At least three bad cases are needed: one failure among few cases says nothing.
create or replace function private.error_budget_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    select distinct on (code) 'error_budget', code, jsonb_build_object(
        'objective', code, 'hours', hours, 'missed', cases - good, 'cases', cases, 'target', target,
        'burn_rate', round(burn_rate::numeric, 1))
    from public.slo_windows()
    where cases - good >= 3 and (hours = 1 and burn_rate >= 14.4 or hours = 6 and burn_rate >= 6)
    order by code, hours
$$;
comment on function private.error_budget_occurrences is 'Objectives whose error budget burns at 14.4 or more over an hour, or 6 or more over six hours.';
revoke execute on function private.error_budget_occurrences from public, anon, authenticated;
grant execute on function private.error_budget_occurrences to service_role;

-- Builds may wait for each other. Who runs no builder and builds nothing is not told.
create or replace function private.stage_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    with runners as (
        select case runners.queue when '' then queues.name else runners.queue end as queue,
            count(*) filter (where alive.last_heartbeat > now() - interval '30 seconds') as alive,
            count(*) filter (where alive.last_heartbeat > now() - interval '3 minutes') as recent
        from queue.procrastinate_workers as alive
        join public.pipeline_runners as runners on runners.worker_id = alive.id
        join (values ('pipelines'), ('builds')) as queues (name) on runners.queue in (queues.name, '')
        group by 1
    )
    select case when coalesce(runners.recent, 0) = 0 then 'no_worker' else 'queue_stuck' end, waiting.queue,
        jsonb_build_object('queue', waiting.queue, 'stages', waiting.stages, 'since', waiting.since,
            'workers', coalesce(runners.alive, 0))
    from private.waiting_stages() as waiting
    left join runners on runners.queue = waiting.queue
    where case when coalesce(runners.recent, 0) = 0 then waiting.since < now() - interval '3 minutes'
        else runners.alive > 0 and waiting.since < now() - interval '15 minutes' end
$$;
comment on function private.stage_occurrences is 'Stages of pipelines that could be taken, by queue. no_worker: they wait for over three minutes, and nobody who takes them has lived meanwhile. queue_stuck: they wait for over fifteen minutes although somebody lives.';
revoke execute on function private.stage_occurrences from public, anon, authenticated;
grant execute on function private.stage_occurrences to service_role;

create or replace function private.queue_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    with workers as (
        select count(*) filter (where last_heartbeat > now() - interval '30 seconds') as alive,
            count(*) filter (where last_heartbeat > now() - interval '3 minutes') as recent
        from queue.procrastinate_workers
        where id not in (select worker_id from public.pipeline_runners)
    ), waiting as (
        -- Jobs that a worker could take now: their time has come, and no earlier job of the same thread is before them.
        select count(*) as jobs, count(*) filter (where jobs.task_name = 'answer_comment') as comments,
            count(*) filter (where jobs.task_name = 'analyse') as analyses,
            min(coalesce(jobs.scheduled_at, deferred.at)) as since
        from queue.procrastinate_jobs as jobs
        left join lateral (
            select max(events.at) as at from queue.procrastinate_events as events
            where events.job_id = jobs.id and events.type = 'deferred'
        ) as deferred on true
        where jobs.status = 'todo' and jobs.task_name in ('answer_comment', 'analyse')
            and coalesce(jobs.scheduled_at, deferred.at) < now() - interval '5 minutes'
            and not exists (
                select from queue.procrastinate_jobs as earlier
                where earlier.lock = jobs.lock and earlier.id < jobs.id and earlier.status in ('todo', 'doing')
            )
    )
    select 'queue_stuck', 'answers',
        jsonb_build_object('comments', waiting.comments, 'analyses', waiting.analyses, 'since', waiting.since,
            'workers', workers.alive)
    from waiting, workers
    where waiting.jobs > 0 and workers.alive > 0
    union all
    select 'no_worker', 'workers', jsonb_build_object('seen_at', (select max(at) from public.queue_samples))
    from workers
    where workers.recent = 0 and (select max(at) from public.queue_samples) < now() - interval '3 minutes'
    union all
    select * from private.stage_occurrences()
$$;
comment on function private.queue_occurrences is 'queue_stuck: comments and analyses that could be taken wait for over five minutes although a worker lives. no_worker: workers have run before, and none for three minutes. And private.stage_occurrences.';
revoke execute on function private.queue_occurrences from public, anon, authenticated;
grant execute on function private.queue_occurrences to service_role;

create or replace function private.figma_quota_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    select 'figma_quota', quotas.figma_user_id || ' ' || quotas.tier, jsonb_build_object(
        'name', coalesce(
            (select handle from public.users where users.figma_user_id = quotas.figma_user_id),
            (select handle from public.bot_identity where bot_identity.figma_user_id = quotas.figma_user_id)),
        'tier', quotas.tier, 'until', max(quotas.limited_until))
    from public.figma_quotas as quotas
    where quotas.limited_until > now() and quotas.limited_until > quotas.updated_at + interval '10 minutes'
    group by quotas.figma_user_id, quotas.tier
$$;
comment on function private.figma_quota_occurrences is 'Accounts that Figma shuts out for more than ten minutes, per tier of its rate limits; without a name: an account of the buddy.';
revoke execute on function private.figma_quota_occurrences from public, anon, authenticated;
grant execute on function private.figma_quota_occurrences to service_role;

create or replace function private.unpriced_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    select 'unpriced', provider || ' ' || model,
        jsonb_build_object('provider', provider, 'model', model, 'calls', sum(unpriced - newly_priced))
    from public.ai_cost_hourly
    -- A row without a model had no answer. And no price helps where a provider reported no tokens.
    where hour > now() - interval '1 day' and model <> ''
    group by provider, model
    having sum(unpriced - newly_priced) > 0
$$;
comment on function private.unpriced_occurrences is 'Models with calls of the last day that have no price, neither in the ledger nor by re-pricing.';
revoke execute on function private.unpriced_occurrences from public, anon, authenticated;
grant execute on function private.unpriced_occurrences to service_role;

-- What outsiders try, and what it costs: each alert names who to look at.
create or replace function private.misuse_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    select 'webhook_paused', webhooks.id::text, jsonb_build_object(
        'webhook_id', webhooks.id,
        'deliveries', coalesce((select sum(deliveries) from public.webhook_refusals
            where webhook_id = webhooks.id and hour > now() - interval '25 hours'), 0))
    from public.user_webhooks as webhooks
    where webhooks.paused_because = 'unconfirmed_deliveries' and webhooks.operator_paused_at > now() - interval '1 day'
    union all
    select 'author_limit', limits.author_figma_id || ' ' || limits.file_key,
        jsonb_build_object('figma_user_id', limits.author_figma_id, 'file_key', limits.file_key)
    from public.author_limits as limits
    where limits.reached_at > now() - interval '1 day'
    union all
    select 'unbilled', spent.scope || ' ' || spent.scope_key, jsonb_build_object(
        'cost_microusd', spent.cost_microusd, 'scope', spent.scope, 'scope_key', spent.scope_key, 'answers', spent.calls)
    from public.unbilled_spending as spent
    where spent.day = (now() at time zone 'UTC')::date and spent.cost_microusd >= coalesce(
        (select (value #>> '{}')::bigint from public.product_settings where code = 'unbilled_microusd_per_day'),
        (select (defaults ->> 'unbilled_microusd_per_day')::bigint from public.service_profile), 1000000)
    union all
    select 'connection_lost', webhooks.user_id::text, jsonb_build_object(
        'questions', count(*), 'since', min(answers.received_at), 'user_id', webhooks.user_id)
    from public.answers
    join public.user_webhooks as webhooks on webhooks.id = answers.webhook_id
    where answers.state = 'deferred' and answers.failure_message = 'no_account'
    group by webhooks.user_id
$$;
comment on function private.misuse_occurrences is 'webhook_paused: by the buddy itself, for what Figma does not confirm; author_limit: somebody''s replies of a day in one file are used up; unbilled: a day''s bound of unpaid model cost is reached; connection_lost: questions wait for somebody to sign in again.';
revoke execute on function private.misuse_occurrences from public, anon, authenticated;
grant execute on function private.misuse_occurrences to service_role;

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
-- anything is ended. What is over is told once, as an alert of its own that nobody has to close, to each channel that was
-- told of it; a process of the version before sends its title.
create or replace function public.check_alerts() returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_new public.alerts[];
    v_over public.alerts[];
    v_deliveries uuid[];
begin
    if not pg_try_advisory_xact_lock(hashtextextended('check_alerts', 0)) then
        return '[]'::jsonb;
    end if;
    with occurrences as materialized (
        select * from private.budget_occurrences() union all select * from private.dead_letter_occurrences()
        union all select * from private.error_budget_occurrences() union all select * from private.queue_occurrences()
        union all select * from private.figma_quota_occurrences() union all select * from private.unpriced_occurrences()
        union all select * from private.misuse_occurrences() union all select * from private.bill_occurrences()
        union all select * from private.isolation_occurrences()
        union all select * from private.weekly_report_occurrences()
        union all select * from private.spend_occurrences()
        union all select * from private.silence_occurrences() union all select * from private.refresh_occurrences()
        union all select * from private.model_occurrences() union all select * from private.build_occurrences()
        union all select * from private.disk_occurrences()
        union all select * from private.certificate_occurrences()
        union all select * from private.backup_occurrences() union all select * from private.advice_occurrences()
    ), seen as (
        update public.alerts set seen_at = now() from occurrences
        where alerts.kind = occurrences.kind and alerts.subject = occurrences.subject and alerts.ended_at is null
    ), over as (
        update public.alerts set ended_at = now()
        where ended_at is null and seen_at < now() - interval '10 minutes' and not exists (
            select from occurrences where occurrences.kind = alerts.kind and occurrences.subject = alerts.subject
        )
        returning alerts
    ), recovered as (
        -- Nothing recovers of what is told for its day alone.
        insert into public.alerts (kind, subject, title, parameters, ended_at)
        select 'recovered', (over.alerts).id::text, 'recovered: ' || replace((over.alerts).kind, '_', ' '), '{}', now()
        from over where (over.alerts).kind <> all (array['budget', 'weekly_report'])
        returning alerts
    ), raised as (
        -- Title: for processes of the version before, which do not know the parameters.
        insert into public.alerts (kind, subject, title, parameters)
        select kind, subject, replace(kind, '_', ' '), parameters from occurrences
        on conflict (kind, subject) where ended_at is null do nothing
        returning alerts
    )
    select (select array_agg(alerts) from raised), (select array_agg(alerts) from recovered) into v_new, v_over;

    with queued as (
        insert into public.alert_deliveries (alert_id, channel_id)
        select new.id, channels.id
        from unnest(v_new) as new
        join public.alert_channels as channels on channels.state = 'on' and new.kind = any (channels.kinds)
        returning id
    ), told as (
        insert into public.alert_deliveries (alert_id, channel_id)
        select over.id, channels.id
        from unnest(v_over) as over
        join public.alert_deliveries as before on before.alert_id::text = over.subject
            and before.state in ('pending', 'delivered')
        join public.alert_channels as channels on channels.id = before.channel_id and channels.state = 'on'
        returning id
    )
    select array_agg(id) into v_deliveries from (select id from queued union all select id from told) as made;
    perform private.queue_alert_deliveries(v_deliveries);
    perform private.requeue_alert_deliveries();
    return coalesce((
        select jsonb_agg(jsonb_build_object(
            'kind', new.kind, 'title', new.title, 'parameters', new.parameters
        )) from unnest(v_new) as new
    ), '[]'::jsonb);
end;
$$;
comment on function public.check_alerts is 'Raise what has begun, queue it for every channel that wants it, close what is over and queue that it is: the new alerts [{kind, title, parameters}]. Any number of workers may call it.';
revoke execute on function public.check_alerts from public, anon, authenticated;
grant execute on function public.check_alerts to service_role;

-- The other rows of the uses in seed.sql: webhooks, tokens, contexts, answers, deliveries, activity, providers, the
-- queue. Runs in the transaction of seed.sql, with its temporary tables.

-- Webhooks come before answers: one for each person who ever asked, and for some who never did.
insert into public.user_webhooks (
    id, user_id, figma_webhook_id, context, context_id, label, passcode_encrypted, passcode_hash, state, guest_rule,
    created_at, confirmed_at, last_event_at
)
select pg_temp.id('webhook ' || n), id, 'seed-' || n, case when n % 9 = 0 then 'team' else 'file' end, 'seed-' || n || '-0',
    (array['Checkout', 'Onboarding', 'Design system', 'Mobile app', 'Marketing site'])[1 + n % 5],
    current_setting('seed.token'), 'seed-' || n,
    case when n % 23 = 0 then 'paused' else 'active' end,
    case when n % 7 = 0 then 'owner_pays' else 'invite' end, signed_up_at + interval '3 minutes',
    signed_up_at + interval '4 minutes', seen.at
from people left join (select user_id, max(at) as at from outcomes group by user_id) as seen on seen.user_id = people.id
where activates < 0.9;

-- A few have to sign in again.
insert into public.figma_tokens (user_id, access_token_encrypted, scopes, expires_at)
select id, current_setting('seed.token'), '{file_comments:read,file_comments:write}', now() + interval '60 days'
from people where n % 29 <> 0;

-- Everybody has a context since they signed in; many wrote something into it.
insert into public.user_contexts (user_id, brand, tone, focus_areas, updated_at)
select id, case when wrote then 'Calm and clear' else '' end, case when wrote then 'Short and friendly' else '' end,
    case when wrote then array['contrast', 'spacing'] else '{}' end,
    signed_up_at + case when wrote then interval '2 days' else interval '0' end
from (
    select id, signed_up_at,
        pg_temp.chance('context ' || n) < 0.45 and signed_up_at < now() - interval '3 days' as wrote
    from people
) as writers;
insert into public.user_context_versions (user_id, version, content, saved_by, saved_at)
select user_id, 1, jsonb_build_object('instructions', '', 'tone', tone, 'brand', brand, 'design_system_rules', '',
    'language', '', 'focus_areas', focus_areas, 'model', ''), 'user', updated_at
from public.user_contexts where user_id in (select id from people);

insert into public.answers (
    id, webhook_id, file_key, file_name, comment_id, root_comment_id, author_figma_id, author_handle, question, asked_at,
    received_at, request_id, state, decision, decided_at, reason, failure_message, run, attempt, payer_id, plan_code,
    context_user_id, context_version, reply_comment_id, reply_created_at, provider, model, prompt_version, design_state,
    settled_at, grounding
)
select
    answer_id, pg_temp.id('webhook ' || ledger.n), 'seed-' || ledger.n || '-' || floor(4 * choice),
    (array['Checkout', 'Onboarding', 'Design system', 'Mobile app', 'Marketing site'])[1 + ledger.n % 5],
    'seed-' || key, 'seed-' || key, people.figma_user_id, people.handle,
    pg_temp.pick('question ' || key, array['Is the contrast of this button enough?', 'Does this follow our spacing?',
        'Is the target large enough for a thumb?', 'Which type size fits here?', 'What would you change first?']),
    run_at - interval '1 second' - latency_ms * interval '1 millisecond', run_at - latency_ms * interval '1 millisecond',
    'seed', run_status, case run_status when 'refused' then 'refuse' else 'answer' end, run_at,
    case run_status when 'refused' then plan_code || '_used_up' when 'failed' then cause else '' end,
    case when run_status <> 'failed' then '' when cause = 'figma_timeout' then 'Figma did not answer within 20 seconds.'
        when cause = 'figma_down' then 'The design could not be read: Figma answered 503.'
        else 'The reply could not be posted: the file is no longer shared with the account.' end, run, run, user_id,
    plan_code, user_id, 1, case run_status when 'answered' then 'seed-reply-' || key || '-' || run end,
    case run_status when 'answered' then run_at end, provider, case when run_status = 'refused' then '' else model end, 'v1',
    case when choice < 0.8 then 'read' when choice < 0.93 then 'no_node' else 'quota' end, run_at,
    case when run_status = 'answered' and provider not in ('', 'measured-review') then
        case when speed < 0.9 then 'grounded' when speed < 0.94 then 'no_numbers' else 'repaired' end
    end
from ledger join people on people.id = ledger.user_id
where run = 2 or not (status = 'failed' and ledger.at < (select last_at from moments) - interval '9 days');

-- What was sent to models is kept 30 days.
insert into public.answer_traces (answer_id, run, attempt, at, ended, prompt, calls, steps)
select answers.id, answers.run, answers.attempt, answers.settled_at - interval '800 milliseconds', 'drafted',
    '<measured_facts>' || chr(10) || '</measured_facts>' || chr(10) || chr(10) || '<question asked_by="'
        || answers.author_handle || '">' || chr(10) || answers.question || chr(10) || '</question>',
    jsonb_build_array(jsonb_build_object('provider', used.provider, 'model', used.model, 'outcome', 'answered', 'reason', 'ok',
        'latency_ms', used.model_latency_ms, 'cost_microusd', used.cost_microusd, 'cost_state', used.cost_state,
        'price_name', used.price_name, 'service_tier', used.service_tier, 'input_tokens', used.input_tokens,
        'cached_input_tokens', used.cached_input_tokens, 'cache_write_tokens', used.cache_write_tokens,
        'output_tokens', used.output_tokens, 'reasoning_tokens', used.reasoning_tokens, 'token_classes', used.token_classes)),
    jsonb_build_array(jsonb_build_object('step', 'begun', 'ms', 12),
        jsonb_build_object('step', 'design_read', 'ms', 12 + used.figma_latency_ms),
        jsonb_build_object('step', 'model_asked', 'ms', 20 + used.figma_latency_ms + used.model_latency_ms))
from public.answers join public.usage_logs as used on used.answer_id = answers.id and used.run = answers.run
where used.request_id = 'seed' and used.status = 'answered' and used.feature = 'comment'
    and used.provider not in ('', 'measured-review') and used.at > (select last_at from moments) - interval '29 days';
insert into public.answer_traces (answer_id, run, attempt, at, feature, ended, prompt, calls, steps)
select kept.id, kept.run, kept.attempt, kept.settled_at, 'analysis', 'drafted', '<measured_facts></measured_facts>',
    jsonb_build_array(jsonb_build_object('provider', used.provider, 'model', used.model, 'outcome', 'answered', 'reason', 'ok',
        'latency_ms', used.model_latency_ms, 'cost_microusd', used.cost_microusd, 'cost_state', used.cost_state,
        'price_name', used.price_name, 'service_tier', used.service_tier, 'input_tokens', used.input_tokens,
        'cached_input_tokens', used.cached_input_tokens, 'cache_write_tokens', used.cache_write_tokens,
        'output_tokens', used.output_tokens, 'reasoning_tokens', used.reasoning_tokens, 'token_classes', used.token_classes)),
    jsonb_build_array(jsonb_build_object('step', 'analysis_settled', 'ms', used.latency_ms))
from public.analyses as kept join public.usage_logs as used on used.answer_id = kept.id and used.run = kept.run
where used.provider not in ('', 'measured-review');

insert into public.webhook_deliveries (
    webhook_id, event_type, event_key, outcome, payload, redelivered, answer_id, request_id, received_at, last_received_at
)
select pg_temp.id('webhook ' || n), 'FILE_COMMENT', 'seed-' || key, 'queued', '{}'::jsonb, (choice > 0.97)::integer, answer_id,
    'seed', at, at
from outcomes where at > (select last_at from moments) - interval '29 days'
union all
select pg_temp.id('webhook ' || n), 'FILE_COMMENT', 'seed-other-' || key, 'ignored', '{}', 0, null, 'seed',
    at + interval '7 minutes', at + interval '7 minutes'
from outcomes where at between (select last_at from moments) - interval '29 days' and (select last_at from moments) - interval '1 hour'
    and speed < 0.5;

insert into public.activity (at, user_id, kind, detail)
select signed_up_at, id, kind, '{}'::jsonb from people, unnest(array['sign_up', 'sign_in']) as kind
union all
select signed_up_at + interval '4 minutes', id, 'webhook_made', jsonb_build_object('context', 'file')
from people where activates < 0.9
union all
select updated_at, user_id, 'context_saved', jsonb_build_object('version', 1) from public.user_contexts
where user_id in (select id from people) and brand <> ''
union all
select run_at, user_id, run_status, jsonb_build_object('reason', case run_status when 'refused' then plan_code || '_used_up' else '' end)
from ledger where run_status <> 'failed'
union all
select min(run_at), user_id, 'first_answer', '{}' from ledger where run_status = 'answered' group by user_id
union all
select max(run_at), user_id, 'trial_used_up', '{}' from ledger
where run_status = 'answered' and plan_code = 'trial' group by user_id having count(*) >= 10;

update public.users set last_seen_at = seen.at
from (select user_id, max(at) as at from outcomes group by user_id) as seen where seen.user_id = users.id;
update public.users set state = 'suspended' where figma_user_id in ('seed-77', 'seed-641');

-- Providers that failed or were skipped; those that answered are counted from the ledger.
insert into public.provider_hourly (hour, provider, model, outcome, reason, calls, latency_ms_sum)
select date_trunc('hour', run_at, 'UTC'), 'openai', model, tried.outcome, tried.reason, count(*), sum(ms)
from ledger cross join lateral (select pg_temp.chance('fallback ' || key) as luck) as drawn
cross join lateral (
    select 'failed' as outcome, case when speed < 0.5 then 'timeout' when speed < 0.8 then 'server_error' else 'rate_limited' end
        as reason, case when speed < 0.5 then 20000 else 400 end as ms
    where luck < 0.7
    union all
    select 'skipped', 'circuit_open', 0 where luck >= 0.7
) as tried
where provider = 'azure' and run_status <> 'refused'
group by 1, 2, 3, 4, 5;

-- The queue per minute: short on working days, long on the afternoon when Figma was down, and one night with only one
-- worker. For 90 days, as long as the workers keep it.
insert into public.queue_samples (at, queued, working, deferred, dead_letters, oldest_seconds, workers)
select minute, queued, working, deferred, dead_letters,
    case when is_bad then 60 + 9 * queued when queued > 0 then 1 + 4 * queued * luck when working > 0 then 6 * luck else 0 end,
    case when minute::date = last_at::date - 12 and extract(hour from minute) < 5 then 1 else 2 end
from (
    select minutes.*,
        case when is_bad then (12 + 40 * luck)::integer else (busy * 5 * power(luck, 6))::integer end as queued,
        case when is_bad then 8 else (busy * 6 * power(luck, 2))::integer end as working,
        case when is_bad then (3 + 6 * luck)::integer else (busy * 2 * power(luck, 20))::integer end as deferred,
        width_bucket(minute, letters.since) as dead_letters
    from (
        select minute, last_at, pg_temp.chance('minute ' || extract(epoch from minute)) as luck,
            case when extract(isodow from minute) > 5 then 0.06
                when extract(hour from minute) between 8 and 17 then 0.3 + 1.4 * pg_temp.chance('day ' || minute::date)
                else 0.08 end as busy,
            minute::date = last_at::date - 33 and extract(hour from minute) between 13 and 16 as is_bad
        from moments, generate_series(last_at - interval '90 days', last_at, '1 minute') as minute
    ) as minutes
    cross join (
        select coalesce(array_agg(run_at order by run_at), array['infinity'::timestamptz]) as since from ledger
        where run = 1 and run_status = 'failed' and at >= (select last_at from moments) - interval '9 days'
    ) as letters
) as drawn
on conflict (at) do nothing;

insert into public.figma_quotas (figma_user_id, file_key, tier, limited_until, plan_tier, limit_type, upgrade_link, refusals, updated_at)
select 'seed-' || n, 'seed-' || n || '-0', 1 + n % 2, now() + interval '1 hour' * (n % 40 - 20), 'starter', 'low',
    'https://www.figma.com/files?api_paywall=true', 1 + n % 6, now() - interval '1 hour' * (n % 30)
from people
where n % 25 = 17 and exists (select from outcomes where outcomes.n = people.n and outcomes.choice < 0.25);

alter table public.usage_logs enable trigger user;
alter table public.activity enable trigger user;

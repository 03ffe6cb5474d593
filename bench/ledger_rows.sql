-- The rows with which bench/ledger.py fills a ledger: each use of the demo data that somebody paid for, many times.
-- People, teams, plans and the days on which each person asks are those of local/seed.sql; they only ask more often.
-- Trials do not change: nobody on a trial could ask that often. Random values are a hash of the row's number.

create schema bench_seed;

create function bench_seed.chance(p_number bigint, p_about integer) returns double precision
language sql immutable
as $$ select (hashint8extended(p_number, p_about) & 2147483647) / 2147483648::double precision $$;

create table bench_seed.base as
with paid as (
    select row_number() over (order by logs.at, logs.id) as no, count(*) over () as total, date_trunc('day', logs.at, 'UTC') as day,
        logs.user_id, logs.team_id, logs.plan_code, left(md5(logs.file_key), 22) as file_key, logs.model, answers.webhook_id,
        answers.author_figma_id, answers.author_handle, answers.file_name, answers.question
    from public.usage_logs as logs join public.answers on answers.id = logs.answer_id
    where logs.plan_code in ('pro', 'enterprise') and logs.run = 1 and logs.status <> 'refused'
), wanted as (
    select current_setting('bench.rows')::bigint - count(*) as more, date_trunc('hour', max(at)) as last_at from public.usage_logs
)
select paid.*, wanted.last_at, wanted.more / total + (no <= wanted.more % total)::integer as copies,
    (wanted.more / total) * (no - 1) + least(no - 1, wanted.more % total) as first
from paid, wanted;
analyze bench_seed.base;

-- Drawn once, a part of the table for each month, and read by each of the functions below.
create table bench_seed.used (
    month timestamptz, number bigint, answer_id uuid, receipt_id uuid, at timestamptz, last_at timestamptz, day timestamptz, user_id uuid, team_id uuid,
    plan_code text, file_key text, file_name text, webhook_id uuid, author_figma_id text, author_handle text,
    question text, choice double precision, speed double precision, status text, error_code text, provider text,
    model text, input_tokens bigint, output_tokens bigint, latency_ms bigint
) partition by list (month);

-- "offset 0" stops Postgres from computing a random value again at every place that uses it.
create function bench_seed.draw(p_month timestamptz) returns void
language sql
as $$
    insert into bench_seed.used
    with drawn as (
        select base.*, first + k as number, bench_seed.chance(first + k, 1) as hour,
            bench_seed.chance(first + k, 2) as outcome, bench_seed.chance(first + k, 3) as choice,
            bench_seed.chance(first + k, 4) as speed
        from bench_seed.base cross join lateral generate_series(1, copies) as k
        where day >= p_month and day < p_month + interval '1 month'
        offset 0
    ), placed as (
        select drawn.*, day + interval '1 hour' * case
                when day + interval '8 hours' + interval '10 hours' * hour < last_at then 8 + 10 * hour
                else extract(epoch from last_at - day)::double precision / 3600 * hour end as at,
            case when outcome < 0.012 then 'failed' when outcome < 0.016 then 'refused' else 'answered' end as status,
            case when outcome between 0.012 and 0.016 or model = '' then '' when model in ('gpt-5', 'gpt-5.1-mini') then model
                when choice < 0.12 then 'claude-haiku-4-5' else 'gpt-5-mini' end as used_model
        from drawn
        offset 0
    )
    select p_month, number, md5('bench ' || number)::uuid, md5('receipt ' || number)::uuid, at, last_at, day, user_id, team_id,
        plan_code, file_key, file_name, webhook_id, author_figma_id, author_handle, question, choice, speed, status,
        case status when 'refused' then 'plan_used_up'
            when 'failed' then case when speed < 0.5 then 'model_failed' when speed < 0.8 then 'figma_down' else 'figma_forbidden' end
            else '' end,
        case when status = 'refused' then '' when used_model = '' then 'measured-review'
            when used_model like 'claude%' then 'anthropic' when choice >= 0.94 then 'azure' else 'openai' end,
        used_model,
        case used_model when '' then 0 when 'gpt-5' then 7000 + (22000 * speed)::bigint else 900 + (2600 * speed)::bigint end,
        case used_model when '' then 0 when 'gpt-5' then 900 + (2600 * speed)::bigint else 140 + (560 * speed)::bigint end,
        case status when 'refused' then 260 + (300 * speed)::bigint
            else 1500 + (7000 * speed * speed)::bigint + case when choice < 0.02 then 14000 else 0 end end
    from placed
    order by at
$$;

create function bench_seed.uses(p_month timestamptz) returns setof bench_seed.used
language sql stable
as $$ select * from bench_seed.used where month = p_month $$;

-- One function per table, for the uses of one month: the tables are filled in parallel.
create function bench_seed.add_usage_logs(p_month timestamptz) returns void
language sql
as $$
    insert into public.usage_logs (
        at, answer_id, feature, status, error_code, user_id, team_id, plan_code, receipt_id, file_key, provider, model,
        input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, cost_microusd, cost_state, price_name,
        latency_ms, model_latency_ms, figma_latency_ms, fallbacks, context_version, prompt_version, request_id
    )
    select at, answer_id, 'comment', status, error_code, user_id, team_id, plan_code,
        case when status <> 'refused' then receipt_id end, file_key, provider, model, input_tokens,
        input_tokens * 3 / 10, output_tokens, output_tokens / 4,
        case model when 'gpt-5.1-mini' then null when 'gpt-5' then (input_tokens * 5 + output_tokens * 40) / 4
            when 'claude-haiku-4-5' then input_tokens + output_tokens * 5
            else (input_tokens + output_tokens * 8) / 4 end,
        case when model = 'gpt-5.1-mini' then 'unpriced' when provider = 'anthropic' then 'reported' else 'priced' end,
        case when model = '' then 'no model call' when model = 'gpt-5.1-mini' then '' else 'benchmark' end,
        latency_ms, case when model = '' then 0 else 900 + (6200 * speed * speed)::bigint end,
        180 + (420 * choice)::bigint, (choice >= 0.94)::integer, 1, 'v1', 'bench'
    from bench_seed.uses(p_month)
$$;

create function bench_seed.add_answers(p_month timestamptz) returns void
language sql
as $$
    insert into public.answers (
        id, webhook_id, file_key, file_name, comment_id, root_comment_id, author_figma_id, author_handle, question,
        asked_at, received_at, request_id, state, decision, decided_at, reason, failure_message, attempt, payer_id,
        plan_code, context_user_id, context_version, reply_comment_id, reply_created_at, provider, model,
        prompt_version, design_state, settled_at, grounding
    )
    select answer_id, webhook_id, file_key, file_name, 'bench-' || number, 'bench-' || number, author_figma_id,
        author_handle, question, at - interval '10 seconds', at - interval '9 seconds', 'bench',
        -- Older failures have been discarded; the newest ones are still dead letters.
        case when status = 'failed' and at < last_at - interval '9 days' then 'ignored' else status end,
        case status when 'refused' then 'refuse' else 'answer' end, at, error_code,
        case status when 'failed' then 'The design could not be read: Figma did not answer.' else '' end, 1, user_id,
        plan_code, user_id, 1, case status when 'answered' then 'bench-reply-' || number end,
        case status when 'answered' then at end, provider, model, 'v1',
        case when choice < 0.8 then 'read' when choice < 0.93 then 'no_node' else 'quota' end, at,
        case when status = 'answered' and model <> '' then
            case when speed < 0.9 then 'grounded' when speed < 0.94 then 'no_numbers' else 'repaired' end
        end
    from bench_seed.uses(p_month)
$$;

-- Each call of a model by itself: an answer has one, a fallback's failed call apart.
create function bench_seed.add_model_calls(p_month timestamptz) returns void
language sql
as $$
    insert into public.model_calls (
        at, usage_id, answer_id, feature, provider, model, call_id, outcome, input_tokens, cached_input_tokens,
        output_tokens, cost_state, cost_microusd
    )
    select at, number, answer_id, 'comment', provider, model, 'bench-' || number, 'answered', input_tokens,
        input_tokens * 3 / 10, output_tokens,
        case when model = 'gpt-5.1-mini' then 'unpriced' when provider = 'anthropic' then 'reported' else 'priced' end,
        case model when 'gpt-5.1-mini' then null when 'gpt-5' then (input_tokens * 5 + output_tokens * 40) / 4
            when 'claude-haiku-4-5' then input_tokens + output_tokens * 5
            else (input_tokens + output_tokens * 8) / 4 end
    from bench_seed.uses(p_month) where model <> ''
$$;

-- What became of the advice of every answer, and of each rule's, where the design was measured (a third of them).
create function bench_seed.add_advice_outcomes(p_month timestamptz) returns void
language sql
as $$
    insert into public.advice_outcomes (
        answer_id, settled_at, file_key, team_id, plan_code, provider, model, context_user_id, context_version,
        measured_round, outcome, because, thumbs_down, follow_ups
    )
    select answer_id, at, file_key, team_id, plan_code, provider, model, user_id, 1, case when luck < 0.32 then 7 end,
        case when luck < 0.19 then 'taken' when luck < 0.32 then 'ignored' when luck < 0.4 then 'taken'
            when luck < 0.401 then 'disputed' else 'unknown' end,
        case when luck < 0.32 then 'measured' when luck < 0.4 then 'resolved' when luck < 0.401 then 'reaction' else '' end,
        (luck >= 0.4 and luck < 0.401)::integer, (luck * 100)::integer % 2
    from bench_seed.uses(p_month) cross join lateral (select bench_seed.chance(number, 10) as luck) as drawn
    where status = 'answered' and at > last_at - interval '399 days'
$$;

create function bench_seed.add_advice_rules(p_month timestamptz) returns void
language sql
as $$
    insert into public.advice_rules (answer_id, rule, findings, gone, still, outcome)
    select answer_id, told.rule, 1, (luck < 0.19)::integer, (luck >= 0.19)::integer,
        case when luck < 0.19 then 'taken' else 'ignored' end
    from bench_seed.uses(p_month) cross join lateral (select bench_seed.chance(number, 10) as luck) as drawn
    cross join (values ('contrast-text', 11, 0.6), ('target-size', 12, 0.35), ('spacing-grid', 13, 0.3)) as told (rule, about, share)
    where status = 'answered' and at > last_at - interval '399 days' and luck < 0.32
        and bench_seed.chance(number, told.about) < told.share
$$;

-- What was sent to models is kept for 30 days.
create function bench_seed.add_answer_traces(p_month timestamptz) returns void
language sql
as $$
    insert into public.answer_traces (answer_id, run, attempt, at, ended, prompt, calls, steps)
    select answer_id, 1, 1, at, 'drafted', repeat('A measured fact of the design. ', 60) || question,
        jsonb_build_array(jsonb_build_object('provider', provider, 'model', model, 'outcome', 'answered', 'reason', 'ok',
            'latency_ms', latency_ms, 'cost_microusd', input_tokens, 'cost_state', 'priced', 'price_name', 'benchmark',
            'service_tier', 'standard', 'input_tokens', input_tokens, 'cached_input_tokens', 0, 'cache_write_tokens', 0,
            'output_tokens', output_tokens, 'reasoning_tokens', 0, 'token_classes', '{}'::jsonb)),
        jsonb_build_array(jsonb_build_object('step', 'begun', 'ms', 12),
            jsonb_build_object('step', 'model_asked', 'ms', latency_ms))
    from bench_seed.uses(p_month) where status = 'answered' and model <> '' and day > last_at - interval '29 days'
$$;

create function bench_seed.add_use_receipts(p_month timestamptz) returns void
language sql
as $$
    insert into public.use_receipts (
        id, answer_id, run, user_id, plan_code, period_start, state, reason, reply_comment_id, reserved_at, closed_at
    )
    select receipt_id, answer_id, 1, user_id, plan_code, p_month at time zone 'UTC',
        case status when 'answered' then 'settled' else 'released' end,
        case status when 'answered' then '' else error_code end,
        case status when 'answered' then 'bench-reply-' || number end, at - interval '8 seconds', at
    from bench_seed.uses(p_month) where status <> 'refused'
$$;

create function bench_seed.add_activity(p_month timestamptz) returns void
language sql
as $$
    insert into public.activity (at, user_id, kind, detail)
    select at, user_id, status, jsonb_build_object('reason', error_code)
    from bench_seed.uses(p_month) where status <> 'failed'
$$;

-- Deliveries are kept for 30 days. As in the demo data, not all of them are for addressed comments.
create function bench_seed.add_webhook_deliveries(p_month timestamptz) returns void
language sql
as $$
    insert into public.webhook_deliveries (
        webhook_id, event_type, event_key, outcome, payload, redelivered, answer_id, request_id, received_at,
        last_received_at
    )
    select webhook_id, 'FILE_COMMENT', 'bench-' || number || kind.mark, kind.outcome, '{}', (choice > 0.97)::integer,
        case kind.outcome when 'queued' then answer_id end, 'bench', at - interval '9 seconds', at - interval '9 seconds'
    from bench_seed.uses(p_month)
    cross join (values ('', 'queued', 1.0), ('-other', 'ignored', 0.5)) as kind (mark, outcome, share)
    where day > last_at - interval '29 days' and speed < kind.share
$$;

-- Beside every twentieth question there is an analysis of the plugin's, and a component.
create function bench_seed.add_analysis_ends(p_month timestamptz) returns void
language sql
as $$
    insert into public.analysis_ends (
        analysis_id, run, at, type, state, reason, source, is_cached, plan_code, team_id, latency_ms, shown
    )
    select md5('analysis ' || number)::uuid, 1, at, (array['design-analysis', 'color-suggestion', 'layout-optimization'])[1 + number % 3],
        case status when 'answered' then 'done' else status end, error_code,
        case when status = 'answered' then case when choice < 0.9 then 'model' else 'measured' end end, choice < 0.2,
        plan_code, team_id, latency_ms,
        case when status = 'answered' then '{"contrast": [2, 1], "spacing": [1, 0]}'::jsonb end
    from bench_seed.uses(p_month) where number % 20 = 0
$$;

create function bench_seed.add_pipeline_history(p_month timestamptz) returns void
language sql
as $$
    insert into public.pipeline_history (
        pipeline_id, started_at, ended_at, outcome, cause, stage, source, plan_code, team_id, with_model, rounds, calls,
        cost_microusd, run_ms, stage_ms, quality
    )
    select md5('pipeline ' || number)::uuid, at - interval '1 minute', at,
        case status when 'answered' then case when choice < 0.95 then 'gated' else 'not_passed' end
            when 'failed' then 'failed' else 'refused' end,
        case status when 'answered' then case when choice < 0.95 then '' else 'not_gated' end
            when 'failed' then 'unexpected' else 'figma_forbidden' end,
        case status when 'answered' then '' when 'failed' then 'gate' else 'read' end,
        (array['page', 'api', 'comment'])[1 + number % 3], plan_code, team_id, choice < 0.6, (choice > 0.8)::integer,
        1 + (choice > 0.8)::integer, 20000 + (60000 * speed)::bigint, 6 * latency_ms,
        jsonb_build_object('read', latency_ms, 'generate', latency_ms, 'gate', 3 * latency_ms, 'package', latency_ms),
        case when status = 'answered' then jsonb_build_object(
            'geometry_share', 0.9 + 0.1 * speed, 'text_share', 1.0, 'mae', 0.1 * speed, 'ssim', 0.9, 'apr', 0.0,
            'avu', 0.0, 'str', 0.4, 'behaviour_mutants', 30, 'behaviour_killed', 27, 'style_mutants', 30,
            'style_killed', 28) else '{}' end
    from bench_seed.uses(p_month) where number % 20 = 0
$$;

-- The bill of the largest provider for the last two months, call by call: of a thousand calls we saw one not at all.
create function bench_seed.add_bill() returns void
language sql
as $$
    insert into public.model_call_days (
        day, provider, model, service_tier, calls, unpriced, input_tokens, cached_input_tokens, output_tokens, cost_microusd
    )
    select (at at time zone 'UTC')::date, provider, model, service_tier, count(*), count(*) filter (where cost_state = 'unpriced'),
        sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), coalesce(sum(cost_microusd), 0)
    from public.model_calls group by 1, 2, 3, 4
    on conflict do nothing;
    insert into public.provider_bills (id, provider, format, first_day, last_day, tells, state, lines, uploaded_by)
    select md5('bench bill')::uuid, 'openai', 'openrouter_calls', current_date - 60, current_date - 1,
        '{calls,input,cached,output,cost}', 'ready', 0, 'bench';
    insert into public.provider_bill_lines (
        bill_id, line, day, at, call_id, model, service_tier, calls, input_tokens, cached_tokens, output_tokens,
        cost_microusd, model_call_id
    )
    select md5('bench bill')::uuid, id, (at at time zone 'UTC')::date, at,
        case when id % 1000 = 0 then 'unseen-' else '' end || call_id, model, service_tier, 1,
        input_tokens - cached_input_tokens, cached_input_tokens, output_tokens, coalesce(cost_microusd, 900),
        case when id % 1000 <> 0 then id end
    from public.model_calls
    where provider = 'openai' and at >= (current_date - 60)::timestamp at time zone 'UTC'
        and at < current_date::timestamp at time zone 'UTC';
    -- The fill is without triggers.
    update public.model_calls set is_billed = true
    from public.provider_bill_lines as lines where lines.model_call_id = model_calls.id;
    select private.match_bill(bills) from public.provider_bills as bills;
$$;

-- Rows that do not grow with the ledger: queue samples for as long as they are kept, and, for the person who asks
-- most, as many versions of their context as the page shows.
create function bench_seed.add_surroundings() returns void
language sql
as $$
    insert into public.queue_samples (at, queued, working, deferred, dead_letters, oldest_seconds, workers)
    select at, 2 * bench_seed.chance(n, 7), 3 * bench_seed.chance(n, 8), 0, 20, 5 * bench_seed.chance(n, 9), 2
    from (
        select n, date_trunc('minute', now()) - interval '1 minute' * n as at from generate_series(1, 92 * 1440) as n
    ) as minutes
    on conflict do nothing;
    -- The hourly counts of deliveries are kept for longer than the deliveries.
    insert into public.webhook_hourly (hour, webhook_id, outcome, deliveries)
    select date_trunc('hour', answers.received_at, 'UTC'), answers.webhook_id, kinds.outcome, count(*)
    from public.answers cross join (values ('queued'), ('ignored')) as kinds (outcome)
    where answers.received_at > now() - interval '92 days' and answers.received_at < now() - interval '30 days'
    group by 1, 2, 3
    on conflict do nothing;
    insert into public.user_context_versions (user_id, version, content, saved_by, saved_at)
    select deepest.user_id, n, jsonb_build_object('instructions', 'Version ' || n, 'tone', '', 'brand', '',
            'design_system_rules', '', 'language', '', 'focus_areas', array[]::text[], 'model', ''),
        'user', now() - interval '1 hour' * (400 - n)
    from (select user_id from bench_seed.base group by user_id order by sum(copies) desc, user_id limit 1) as deepest,
        generate_series(2, 200) as n
    on conflict do nothing;
    insert into public.figma_quotas (figma_user_id, file_key, tier, limited_until, refusals)
    select author_figma_id, file_key, 1, now() + interval '1 hour', 3
    from bench_seed.base group by 1, 2 order by sum(copies) desc, 2 limit 20
    on conflict do nothing;
    insert into public.use_balances (user_id, plan_code, period_start, used)
    select user_id, plan_code, period_start, count(*) from public.use_receipts
    where state = 'settled' and plan_code <> 'trial' group by 1, 2, 3
    on conflict (user_id, plan_code, period_start) do update set used = excluded.used;
    update public.users set last_seen_at = seen.at
    from (select user_id, max(at) as at from public.usage_logs group by user_id) as seen where seen.user_id = users.id;
$$;

-- Analyses of selections by the people of seed.sql, since the plugin came out five months ago. Runs after seed.sql, in
-- its transaction and with its temporary tables.

create temp table asked on commit drop as
select n, user_id, team_id, plan_code, key, at + interval '1 minute' * (3 + 40 * pg_temp.chance('selects ' || key)) as at
from outcomes, moments
where at between last_at - interval '150 days' and last_at - interval '50 minutes'
    and pg_temp.chance('plugin ' || n) < 0.45 and pg_temp.chance('analyses ' || key) < 0.5;
-- Analyses are kept for a day, and on a Sunday hardly anybody asks: some do today, whichever day it is.
insert into asked
select n, user_id, team_id, plan_code, 'today ' || key,
    last_at - interval '1 hour' * (0.8 + 20 * pg_temp.chance('today ' || key))
from (select * from asked order by at desc, key limit 40) as latest, moments;

create temp table wanted on commit drop as
select o.n, o.user_id, o.team_id, o.plan_code, place,
    o.at + interval '2 seconds' * place as at,
    o.key || '/' || place as key, case when many.items > 1 then pg_temp.id('batch ' || o.key) end as batch_id,
    pg_temp.pick('type ' || o.key, array['design-analysis', 'design-analysis', 'design-analysis', 'color-suggestion',
        'layout-optimization']) as type,
    -- The afternoon on which a provider was down.
    pg_temp.chance('words ' || o.key || place) as luck, pg_temp.chance('pace ' || o.key || place) as pace,
    case when o.at::date = last_at::date - 33 and extract(hour from o.at) >= 13 then 0.6 else 0.045 end as measured,
    pg_temp.chance('same ' || o.key || place) < 0.13 as is_cached
from asked as o, moments,
    lateral (select case when pg_temp.chance('many ' || o.key) < 0.05 then 3 + o.n % 6 else 1 end as items) as many,
    generate_series(1, many.items) as place;
analyze wanted;

-- What is charged counts after the comments of the same month or trial. Without a use left people ask once more.
create temp table analysed on commit drop as
with drawn as (
    select wanted.*,
        case when is_cached then 'cached' when luck < 0.012 then 'failed' when luck < 0.012 + measured then 'measured'
            else 'model' end as outcome,
        case plan_code when 'trial' then '-infinity'::date else date_trunc('month', at at time zone 'UTC')::date end
            as period_start
    from wanted
), counted as (
    select drawn.*, coalesce(balances.used, 0) + count(*) filter (where outcome = 'model') over (
        partition by drawn.user_id, drawn.plan_code, drawn.period_start order by at, key
    ) - case drawn.plan_code when 'trial' then 10 when 'pro' then 500 else 5000 end as over
    from drawn
    left join public.use_balances as balances on balances.user_id = drawn.user_id
        and balances.plan_code = drawn.plan_code and balances.period_start = drawn.period_start
)
select pg_temp.id('analysis ' || key) as id, counted.n, user_id, team_id, plan_code, place, at, key, batch_id, type, pace,
    is_cached, period_start, case when outcome = 'model' and over > 0 then 'refused' else outcome end as outcome,
    case when luck < 0.75 then 'openai' when luck < 0.9 then 'anthropic' else 'azure' end as provider,
    case when luck between 0.75 and 0.9 then 'claude-haiku-4-5' else 'gpt-5-mini' end as model,
    2600 + (7200 * pace)::bigint as input_tokens, 380 + (900 * pace)::bigint as output_tokens,
    case outcome when 'cached' then 30 + (60 * pace)::bigint when 'measured' then 900 + (19000 * pace * pace)::bigint
        when 'failed' then 21000 + (9000 * pace)::bigint else 2600 + (9800 * pace * pace)::bigint end as latency_ms
from counted where outcome <> 'model' or over <= 1;
analyze analysed;

-- Suggestions by rule: how often a rule finds something, offers a change, and is taken.
create temp table suggested on commit drop as
select analysed.id, analysed.user_id, analysed.plan_code, analysed.at, analysed.outcome, analysed.type, rules.*,
    row_number() over (partition by analysed.id order by rules.place, copy) as ref,
    pg_temp.chance('change ' || key || rule || copy) < rules.changes as has_change,
    pg_temp.chance('act ' || key || rule || copy) as act, pg_temp.chance('late ' || key || rule || copy) as late
from analysed
cross join (values
    (1, 'contrast-text', 'problem', 'A', 0.55, 0.92, 0.61, 0.04, 0.07),
    (2, 'target-size', 'problem', 'A', 0.4, 0.8, 0.38, 0.06, 0.14),
    (3, 'spacing-grid', 'hint', 'B', 0.5, 0.95, 0.47, 0.05, 0.18),
    (4, 'near-duplicate-colour', 'hint', 'B', 0.35, 1, 0.52, 0.03, 0.09),
    (5, 'contrast-control', 'problem', 'A', 0.25, 0.85, 0.33, 0.08, 0.12),
    (6, 'type-scale', 'hint', 'B', 0.3, 0.9, 0.24, 0.07, 0.27),
    (7, 'unbound-value', 'hint', 'B', 0.45, 0.6, 0.16, 0.02, 0.34),
    (8, 'radii', 'hint', 'B', 0.18, 0.9, 0.06, 0.02, 0.41),
    (9, 'line-length', 'hint', 'B', 0.2, 0, 0, 0, 0.22),
    (10, 'naming', 'info', 'C', 0.3, 0, 0, 0, 0.46)
) as rules (place, rule, severity, sure, finds, changes, applied, undone, ignored)
cross join lateral generate_series(1, 1 + floor(2 * pg_temp.chance('copies ' || key || rule))::integer) as copy
where analysed.outcome in ('model', 'cached') and pg_temp.chance('finds ' || key || rule) < rules.finds
    and (analysed.type = 'design-analysis'
        or (analysed.type = 'color-suggestion') = (rule like '%contrast%' or rule like '%colour%' or rule = 'unbound-value'));
analyze suggested;

insert into public.suggestion_outcomes (analysis_id, ref, user_id, plan_code, source, rule, outcome, at)
select id, ref, user_id, plan_code, 'model', rule, decided.outcome,
    least(at + interval '1 minute' * (1 + 20 * late), (select last_at from moments))
from suggested
cross join lateral (
    select case when has_change and act < applied then 'applied' when has_change and act < applied + undone then 'undone'
        when act > 1 - ignored then 'ignored' end as outcome
) as decided
where decided.outcome is not null;

insert into public.analysis_ends (
    analysis_id, run, at, type, state, reason, source, is_cached, batch_id, plan_code, team_id, latency_ms, shown
)
select id, 1, at, type, case outcome when 'refused' then 'refused' when 'failed' then 'failed' else 'done' end,
    case outcome when 'refused' then case plan_code when 'trial' then 'trial_used_up' else 'plan_used_up' end
        when 'failed' then 'worker_lost' else '' end,
    case outcome when 'model' then 'model' when 'cached' then 'model' when 'measured' then 'measured' end, is_cached,
    batch_id, plan_code, team_id, latency_ms, (
        select jsonb_object_agg(rule, jsonb_build_array(shown, with_change)) from (
            select rule, count(*) as shown, count(*) filter (where has_change) as with_change
            from suggested where suggested.id = analysed.id group by rule
        ) as counted
    )
from analysed;

insert into public.analysis_limited (hour, plan_code, team_id, refused)
select date_trunc('hour', at, 'UTC'), plan_code, coalesce(team_id, '00000000-0000-0000-0000-000000000000'),
    2 + floor(9 * min(pace))::integer
from analysed where pg_temp.chance('too fast ' || key) < 0.006 group by 1, 2, 3;

insert into public.usage_logs (
    at, answer_id, run, feature, status, error_code, user_id, team_id, plan_code, receipt_id, provider, model,
    input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, cost_microusd, cost_state, price_name, latency_ms,
    model_latency_ms, fallbacks, context_version, prompt_version, request_id
)
select at, id, 1, 'analysis', case outcome when 'refused' then 'refused' when 'failed' then 'failed' else 'answered' end,
    case outcome when 'refused' then case plan_code when 'trial' then 'trial_used_up' else 'plan_used_up' end
        when 'failed' then 'worker_lost' else '' end,
    user_id, team_id, plan_code, case when outcome in ('model', 'failed') then pg_temp.id('analysis receipt ' || key) end,
    case outcome when 'model' then provider when 'measured' then 'measured-review' else '' end,
    case outcome when 'model' then model else '' end,
    case outcome when 'model' then input_tokens else 0 end, case outcome when 'model' then input_tokens / 3 else 0 end,
    case outcome when 'model' then output_tokens else 0 end, case outcome when 'model' then output_tokens / 4 else 0 end,
    case when outcome <> 'model' then 0 when provider = 'anthropic' then input_tokens + output_tokens * 5
        else round(input_tokens * 0.25 + output_tokens * 2)::bigint end,
    case when outcome = 'model' and provider = 'anthropic' then 'reported' else 'priced' end,
    case outcome when 'model' then 'demo data' when 'cached' then 'cached' else 'no model call' end, latency_ms,
    case outcome when 'model' then latency_ms - 400 else 0 end, (outcome = 'model' and provider = 'azure')::integer, 1, 'a1',
    'seed'
from analysed order by at;

insert into public.use_receipts (
    id, answer_id, run, user_id, plan_code, period_start, state, reason, reply_comment_id, reserved_at, closed_at
)
select pg_temp.id('analysis receipt ' || key), id, 1, user_id, plan_code, period_start,
    case outcome when 'model' then 'settled' else 'released' end,
    case outcome when 'model' then '' when 'failed' then 'worker_lost' else 'no_model' end,
    case outcome when 'model' then id::text end, at - latency_ms * interval '1 millisecond', at
from analysed where outcome in ('model', 'failed', 'measured');

insert into public.use_balances as b (user_id, plan_code, period_start, used)
select user_id, plan_code, period_start, count(*) from analysed where outcome = 'model' group by 1, 2, 3
on conflict (user_id, plan_code, period_start) do update set used = b.used + excluded.used;

-- Those that are still kept. analysis_ends knows of them already.
alter table public.analyses disable trigger user;
insert into public.analyses (
    id, user_id, type, batch_id, batch_place, cache_scope, cache_key, request, refs, state, source, is_cached, is_charged,
    reason, failure_message, attempt, failures, received_at, queued_at, settled_at, plan_code, context_version, result,
    provider, model, prompt_version, request_id
)
select id, user_id, type, batch_id, case when batch_id is not null then place - 1 end, coalesce(team_id, user_id),
    'seed ' || key, case outcome when 'failed' then jsonb_build_object('type', type, 'question', 'What would you change?',
        'data', jsonb_build_object('elements', '[]'::jsonb)) end,
    '["1:2", "1:3", "1:4"]', case outcome when 'refused' then 'refused' when 'failed' then 'failed' else 'done' end,
    case outcome when 'measured' then 'measured' when 'model' then 'model' when 'cached' then 'model' end, is_cached,
    outcome = 'model', case outcome when 'refused' then case plan_code when 'trial' then 'trial_used_up' else 'plan_used_up' end
        when 'failed' then 'worker_lost' else '' end,
    case outcome when 'failed' then 'Three workers died while they were at it.' else '' end,
    case when outcome in ('refused', 'cached') then 0 when outcome = 'failed' then 3 else 1 end, 0,
    at - latency_ms * interval '1 millisecond', at - latency_ms * interval '1 millisecond', at, plan_code, 1,
    case when outcome in ('model', 'cached') then jsonb_build_object(
        'type', type, 'source', 'model', 'model', provider || '/' || model,
        'summary', 'The hierarchy is clear. Two texts are too faint, and some gaps leave the grid.',
        'suggestions', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'ref', ref, 'element_id', '0', 'element_name', 'Layer ' || ref, 'count', 1 + ref % 3, 'rule', rule,
                'severity', severity, 'sure', sure, 'words', 'Change this so that it passes.',
                'patch', case when has_change then '{"changes": []}'::jsonb end
            ) order by ref), '[]')
            from suggested where suggested.id = analysed.id
        ), 'not_measurable', '[]'::jsonb, 'notes', '[]'::jsonb
    ) end,
    case outcome when 'model' then provider when 'cached' then provider when 'measured' then 'measured-review' else '' end,
    case when outcome in ('model', 'cached') then model else '' end, 'a1', 'seed'
from analysed
where at > (select last_at from moments) - interval '24 hours'
    or outcome = 'failed' and at > (select last_at from moments) - interval '8 days';
alter table public.analyses enable trigger user;

-- Components built from designs by the people of seed.sql in the last eleven weeks: 500 runs in all states. Runs after
-- seed_analyses.sql, in its transaction and with its temporary tables.

create temp table picked on commit drop as
select o.key, o.n, o.user_id, o.team_id, o.plan_code, o.at + interval '1 hour' * 2 * pg_temp.chance('build at ' || o.key) as at,
    row_number() over (order by pg_temp.chance('build ' || o.key)) as place
from outcomes as o, moments
where o.at between last_at - interval '77 days' and last_at - interval '3 hours' and o.plan_code <> 'trial'
order by pg_temp.chance('build ' || o.key) limit 500;
-- Some are at work at this moment: seven of the first one's team, of whom three may run, and two others.
update picked
set at = last_at - interval '1 minute' * (1 + place),
    user_id = case when picked.place <= 7 then first.user_id else picked.user_id end,
    team_id = case when picked.place <= 7 then first.team_id else picked.team_id end,
    plan_code = case when picked.place <= 7 then first.plan_code else picked.plan_code end
from moments, (
    select user_id, team_id, plan_code from picked where team_id is not null order by place limit 1
) as first
where picked.place <= 9;

create temp table built on commit drop as
with drawn as (
    select picked.*, pg_temp.chance('built ' || key) as luck, pg_temp.chance('pace of ' || key) as pace,
        pg_temp.chance('repairs ' || key) as repairs, pg_temp.chance('by model ' || key) as helped
    from picked
), ended as (
    select drawn.*, case when place in (1, 2, 3, 8, 9) then 'running' when place < 8 then 'queued'
        -- Of each end there is one, whoever was picked.
        when place < 16 then (array['gated', 'not_passed', 'untested', 'failed', 'refused', 'cancelled'])[place - 9]
        when luck < 0.9 then 'gated' when luck < 0.912 then 'not_passed' when luck < 0.922 then 'untested'
        when luck < 0.945 then 'failed' when luck < 0.975 then 'refused' else 'cancelled' end as outcome
    from drawn
)
select pg_temp.id('pipeline ' || key) as id, ended.*, coalesce(team_id, user_id) as owner_id,
    outcome in ('gated', 'not_passed', 'untested') as is_done, helped < 0.72 as asks_model,
    case when outcome = 'untested' or helped >= 0.72 or repairs < 0.58 then 0 when repairs < 0.87 then 1 else 2 end as rounds,
    pg_temp.pick('component ' || key, array['Card', 'PricingTable', 'NavBar', 'HeroBanner', 'ProfileMenu', 'SearchField',
        'OrderRow', 'Tabs', 'DatePicker', 'Footer', 'SignInForm', 'Badge', 'EmptyState', 'CookieNotice']) as component,
    pg_temp.pick('asked by ' || key, array['page', 'page', 'page', 'api', 'comment']) as source,
    (1500 + 90000 * power(pace, 6))::bigint as wait_ms, pg_temp.chance('pushes ' || key) < 0.3 as pushes,
    case outcome when 'refused' then pg_temp.pick('why ' || key,
            array['figma_forbidden', 'figma_not_found', 'figma_rate_limited', 'figma_rate_limited'])
        when 'failed' then pg_temp.pick('why ' || key,
            array['worker_lost', 'gate_timeout', 'gate_timeout', 'unexpected', 'storage_away', 'github_forbidden'])
        when 'cancelled' then 'cancelled' else '' end as code
from ended;
analyze built;

-- Which stages each went through, and how long they took.
create temp table worked on commit drop as
with planned as (
    select built.id, built.outcome, built.at, built.wait_ms, built.code, stages.place, stages.stage, stages.round,
        (stages.least + stages.more * pg_temp.chance('took ' || key || stages.place))::bigint as ms,
        case outcome when 'refused' then 1 when 'running' then 1 + floor(5 * repairs)::integer
            when 'cancelled' then 3 + floor(3 * repairs)::integer
            when 'failed' then case code when 'worker_lost' then 3 when 'storage_away' then 12 when 'github_forbidden' then 13
                else 5 end
            when 'queued' then 0 else 13 end as last_place
    from built
    cross join lateral (values
        (1, 'read', 0, 700, 2600, true), (2, 'spec', 0, 60, 260, true),
        (3, 'generate', 0, case when asks_model then 11000 else 90 end, case when asks_model then 34000 else 240 end, true),
        (4, 'test', 0, 30, 110, true),
        (5, 'gate', 0, case outcome when 'untested' then 8 else 5200 end, case outcome when 'untested' then 9 else 7900 end, true),
        (6, 'repair', 1, 9000, 24000, rounds >= 1), (7, 'test', 1, 30, 110, rounds >= 1),
        (8, 'gate', 1, 5200, 7900, rounds >= 1), (9, 'repair', 2, 9000, 24000, rounds >= 2),
        (10, 'test', 2, 30, 110, rounds >= 2), (11, 'gate', 2, 5200, 7900, rounds >= 2),
        (12, 'package', rounds, 240, 700, true), (13, 'push', rounds, 1300, 2400, pushes or code = 'github_forbidden')
    ) as stages (place, stage, round, least, more, is_needed)
    where stages.is_needed
)
select planned.*, at + interval '1 millisecond' * (wait_ms + sum(ms + 40) over (partition by id order by place) - ms) as began_at,
    place = max(place) over (partition by id) as is_last
from planned where place <= last_place;
analyze worked;

create temp table called on commit drop as
select worked.id, worked.stage, worked.round, worked.began_at + interval '1 millisecond' * (worked.ms - 300) as at, worked.ms,
    row_number() over (partition by worked.id order by worked.place) as number,
    case when helped < 0.5 then 'openai' else 'anthropic' end as provider,
    case when helped < 0.5 then 'gpt-5' else 'claude-sonnet-4-5' end as model,
    (5200 + 6400 * pg_temp.chance('told ' || key || worked.place))::bigint as input_tokens,
    (1800 + 4200 * pg_temp.chance('wrote ' || key || worked.place))::bigint as output_tokens
from worked join built on built.id = worked.id
where worked.stage in ('generate', 'repair') and built.asks_model and not (worked.is_last and built.outcome in ('running', 'failed', 'cancelled'));

insert into public.pipelines (
    id, user_id, team_id, owner_id, source, file_key, node_id, component, options, state, next_stage, round, verdict, code,
    facts, at_once, ceiling_microusd, spent_microusd, cost_microusd, model_calls, input_tokens, output_tokens, ledger_rows,
    is_charged, plan_code, request_id, trace_parent, created_at, queued_at, started_at, moved_at, ended_at, files_until
)
select built.id, user_id, team_id, owner_id, source, 'seed-' || n || '-' || floor(4 * pace), '1:' || 10 + place, component,
    '{"framework": "react", "tests": true}',
    case when is_done then 'done' when outcome in ('failed', 'refused') then 'failed' when outcome = 'running' then stage.stage
        else outcome end,
    coalesce(stage.stage, 'read'), coalesce(stage.round, 0),
    case outcome when 'gated' then 'passed' when 'not_passed' then 'not_passed' when 'untested' then 'not_tested' end,
    case when is_done then '' else code end,
    case when is_done then jsonb_build_object('is_by_model', asks_model and outcome <> 'untested' and repairs < 0.93) else '{}' end,
    3, 400000, cost.microusd, cost.microusd, cost.calls, cost.input_tokens, cost.output_tokens,
    cost.calls + case when outcome in ('running', 'queued', 'cancelled') then 0 else 1 end, outcome = 'gated', plan_code, 'seed',
    '00-' || md5('trace ' || key) || '-' || left(md5('span ' || key), 16) || '-01', at, at,
    case when outcome <> 'queued' then at + interval '1 millisecond' * wait_ms end, coalesce(stage.ends_at, at),
    case when outcome not in ('running', 'queued') then stage.ends_at end,
    case when outcome not in ('running', 'queued') then stage.ends_at + interval '30 days' end
from built
left join lateral (
    select worked.stage, worked.round, worked.began_at + interval '1 millisecond' * worked.ms as ends_at
    from worked where worked.id = built.id and worked.is_last
) as stage on true
cross join lateral (
    select count(*)::integer as calls, coalesce(sum(input_tokens), 0)::bigint as input_tokens,
        coalesce(sum(output_tokens), 0)::bigint as output_tokens,
        coalesce(sum(case provider when 'openai' then round(input_tokens * 1.25 + output_tokens * 10)
            else input_tokens * 3 + output_tokens * 15 end), 0)::bigint as microusd
    from called where called.id = built.id
) as cost;

insert into public.pipeline_stages (
    pipeline_id, stage, round, attempt, run, state, runner, began_at, lease_until, ended_at, code, cost_microusd
)
select worked.id, worked.stage, worked.round, tried.attempt, 1,
    case when not worked.is_last or worked.outcome in ('gated', 'not_passed', 'untested') then 'done'
        when worked.outcome = 'running' then 'running' when worked.outcome = 'cancelled' then 'cancelled'
        when worked.code = 'worker_lost' then 'lost' else 'failed' end,
    case when worked.stage in ('spec', 'test', 'gate', 'package') then 'builder-1' else 'worker-1' end,
    worked.began_at + interval '1 millisecond' * worked.ms * (tried.attempt - 1) / tried.attempts,
    worked.began_at + interval '5 minutes',
    case when not (worked.is_last and worked.outcome = 'running')
        then worked.began_at + interval '1 millisecond' * worked.ms * tried.attempt / tried.attempts end,
    case when worked.is_last and worked.outcome in ('failed', 'refused', 'cancelled') then worked.code else '' end,
    coalesce((select sum(case provider when 'openai' then round(input_tokens * 1.25 + output_tokens * 10)
        else input_tokens * 3 + output_tokens * 15 end)::bigint
        from called where called.id = worked.id and called.stage = worked.stage and called.round = worked.round), 0)
from worked
cross join lateral (
    select case when worked.is_last and worked.outcome = 'failed' then 3 else 1 end as attempts
) as many
cross join lateral (select attempt, many.attempts from generate_series(1, many.attempts) as attempt) as tried;

-- Of each round of the gate: better after each repair.
insert into public.pipeline_quality (
    pipeline_id, round, at, metric_version, is_passed, is_chosen, seed, geometry_share, text_share, colour_delta_e_p95, mae,
    ssim, rur, apr, str, avu, single_use_tokens, behaviour_mutants, behaviour_killed, style_mutants, style_killed,
    axe_violations, console_errors, overflow_widths, type_errors, failed_tests, model_calls, cost_microusd, seconds
)
select built.id, worked.round, worked.began_at + interval '1 millisecond' * worked.ms, 1, is_passed, worked.round = rounds,
    (1e6 * luck)::bigint, least(1, 0.93 + 0.05 * better + 0.02 * pace), case when better > 0.2 then 1 else 0.97 end,
    round((0.2 + 1.6 * (1 - better) * pace)::numeric, 2), round((0.012 + 0.03 * (1 - better))::numeric, 4),
    round((0.9 + 0.08 * better)::numeric, 3), round((0.9 + 0.08 * pace)::numeric, 3), round((0.028 * pace * (1.4 - better))::numeric, 4),
    round((0.29 + 0.22 * pace)::numeric, 3), round((0.02 * luck * (1.3 - better))::numeric, 4), round((0.03 + 0.07 * luck)::numeric, 3),
    8 + floor(14 * pace)::integer, (8 + floor(14 * pace)::integer) - floor((3.4 - 2.4 * better) * luck * 2)::integer,
    18 + floor(22 * luck)::integer, (18 + floor(22 * luck)::integer) - floor((5 - 3 * better) * pace * 2)::integer,
    case when is_passed or worked.round < rounds then 0 else 1 end, 0, case when is_passed then '{}'::integer[] else '{360}' end, 0,
    case when is_passed then 0 else 1 end, 0, 0, extract(epoch from worked.began_at - built.at)
from built
join worked on worked.id = built.id and worked.stage = 'gate' and not (worked.is_last and built.outcome in ('failed', 'running', 'cancelled'))
cross join lateral (
    select case when rounds = 0 then 0.6 + 0.4 * repairs else (worked.round + 1.0) / (rounds + 1) end as better,
        worked.round = rounds and built.outcome = 'gated' as is_passed
) as found
where built.outcome <> 'untested';

insert into public.pipeline_artifacts (pipeline_id, kind, round, name, path, bytes, sha256, media_type, created_at)
select built.id, files.kind, files.round, files.name, owner_id || '/' || built.id || '/' || hashed.sha256 || '.' || files.ending,
    files.bytes + floor(files.bytes * pace)::bigint, hashed.sha256, files.media_type, built.at + interval '2 minutes'
from built, moments, lateral (values
    ('design', 0, '', 'json', 41000, 'application/json', 1), ('picture', 0, '', 'png', 90000, 'image/png', 1),
    ('spec', 0, '', 'json', 17000, 'application/json', 2), ('candidate', rounds, '', 'json', 6400, 'application/json', 3),
    ('tests', 0, '', 'json', 5200, 'application/json', 4), ('gate', rounds, '', 'json', 8100, 'application/json', 5),
    ('render', rounds, '360', 'png', 31000, 'image/png', 5), ('render', rounds, '1200', 'png', 88000, 'image/png', 5),
    ('report', rounds, '', 'html', 240000, 'text/html', 12), ('zip', rounds, '', 'zip', 310000, 'application/zip', 12)
) as files (kind, round, name, ending, bytes, media_type, place)
cross join lateral (
    select encode(sha256(convert_to('seed ' || built.key || files.kind || files.round || files.name, 'UTF8')), 'hex') as sha256
) as hashed
where built.at > last_at - interval '30 days'
    and files.place <= coalesce((select max(worked.place) from worked where worked.id = built.id and not worked.is_last or built.is_done), 0);

insert into public.pipeline_calls (
    pipeline_id, stage, round, attempt, number, at, ledger_run, outcome, provider, model, input_tokens, output_tokens,
    cost_microusd, latency_ms
)
select id, stage, round, 1, 1, at, number, 'answered', provider, model, input_tokens, output_tokens,
    case provider when 'openai' then round(input_tokens * 1.25 + output_tokens * 10)::bigint
        else input_tokens * 3 + output_tokens * 15 end, ms - 400
from called;

insert into public.usage_logs (
    at, answer_id, run, feature, status, error_code, user_id, team_id, plan_code, receipt_id, file_key, provider, model,
    input_tokens, output_tokens, cost_microusd, cost_state, price_name, latency_ms, model_latency_ms, prompt_version, request_id
)
select called.at, mine.id, called.number, 'pipeline', 'answered', '', mine.user_id, mine.team_id, mine.plan_code, null,
    mine.file_key, called.provider, called.model, called.input_tokens, called.output_tokens,
    case called.provider when 'openai' then round(called.input_tokens * 1.25 + called.output_tokens * 10)::bigint
        else called.input_tokens * 3 + called.output_tokens * 15 end,
    case called.provider when 'openai' then 'priced' else 'reported' end, 'demo data', called.ms - 400, called.ms - 400, 'p1', 'seed'
from called join public.pipelines as mine on mine.id = called.id
union all
select mine.ended_at, mine.id, mine.ledger_rows, 'pipeline_run', case mine.state when 'done' then 'answered' else 'failed' end,
    case mine.state when 'failed' then mine.code else '' end, mine.user_id, mine.team_id, mine.plan_code,
    case when mine.is_charged then pg_temp.id('pipeline receipt ' || mine.id) end, mine.file_key, '', '', 0, 0, 0, 'priced',
    'no model call', (extract(epoch from mine.ended_at - mine.queued_at) * 1000)::bigint, 0, '', 'seed'
from public.pipelines as mine
where mine.request_id = 'seed' and mine.state in ('done', 'failed')
order by 1;

insert into public.use_receipts (
    id, answer_id, run, user_id, plan_code, period_start, state, reason, reply_comment_id, reserved_at, closed_at
)
select pg_temp.id('pipeline receipt ' || id), id, 1, user_id, plan_code,
    date_trunc('month', created_at at time zone 'UTC')::date,
    case when ended_at is null then 'reserved' when is_charged then 'settled' else 'released' end,
    case when ended_at is null or is_charged then '' else coalesce(verdict, code) end,
    case when is_charged then id::text end, created_at, ended_at
from public.pipelines where request_id = 'seed';

insert into public.use_balances as b (user_id, plan_code, period_start, used, reserved)
select user_id, plan_code, period_start, count(*) filter (where state = 'settled'), count(*) filter (where state = 'reserved')
from public.use_receipts
where id in (select pg_temp.id('pipeline receipt ' || id) from public.pipelines where request_id = 'seed')
group by 1, 2, 3
on conflict (user_id, plan_code, period_start) do update
    set used = b.used + excluded.used, reserved = b.reserved + excluded.reserved;

insert into public.pipeline_limits (team_id, at_once, ceiling_microusd, retention_days)
select team_id, 5, 250000, 14 from built where team_id is not null group by team_id order by count(*) desc, team_id limit 1;

-- How they ended, which the triggers of the table note at the end of a transaction.
set constraints pipelines_history_made immediate;

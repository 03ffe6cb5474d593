-- Ninety days of made-up use by forty people, so that the dashboard has something to show.
-- Everything made here carries file keys and Figma ids that start with 'seed-'.

select setseed(0.42);

insert into public.teams (name)
select 'Seed team ' || n from generate_series(1, 6) as n;

insert into public.users (figma_user_id, handle, email, team_id, first_seen_at, last_seen_at)
select
    'seed-' || n, 'Seed designer ' || n, 'designer' || n || '@example.com',
    case when n <= 24 then (
        select id from public.teams where name = 'Seed team ' || (n % 6 + 1) limit 1
    ) end,
    now() - interval '90 days' * (1 - n / 44.0), now() - interval '1 day' * (n % 9)
from generate_series(1, 40) as n;

insert into public.subscriptions (user_id, plan_code, starts_at)
select id, 'pro', first_seen_at + interval '12 days'
from public.users
where figma_user_id like 'seed-%' and substr(figma_user_id, 6)::integer between 25 and 32;

insert into public.subscriptions (team_id, plan_code, seats, starts_at)
select id, 'enterprise', 4, now() - interval '60 days'
from public.teams where name in ('Seed team 1', 'Seed team 2');

insert into public.activity (at, user_id, kind)
select first_seen_at + step.after, id, step.kind
from public.users, (values
    (interval '0', 'sign_up'), (interval '4 minutes', 'webhook_made'),
    (interval '20 minutes', 'first_answer'), (interval '2 days', 'context_saved')
) as step (after, kind)
where figma_user_id like 'seed-%' and (step.kind <> 'context_saved' or random() < 0.6);

-- Working hours on working days, growing with the number of people there.
with uses as (
    select
        users.id as user_id, users.team_id, users.first_seen_at, day + random() * interval '9 hours' as at,
        case
            when exists (
                select from public.subscriptions as s
                where s.team_id = users.team_id and s.starts_at <= day
            ) then 'enterprise'
            when exists (
                select from public.subscriptions as s
                where s.user_id = users.id and s.starts_at <= day
            ) then 'pro'
            else 'trial'
        end as plan_code,
        random() as outcome, random() as choice, random() as speed
    from public.users
    cross join lateral generate_series(
        date_trunc('day', users.first_seen_at) + interval '32 hours', now() - interval '9 hours', '1 day'
    ) as day
    cross join lateral generate_series(
        1, case when extract(isodow from day) < 6 then floor(random() * 6)::integer else 0 end
    )
    where users.figma_user_id like 'seed-%'
),
counted as (
    select
        uses.*,
        row_number() over (partition by user_id, plan_code order by at) as nth,
        case when choice < 0.75 then 'openai' when choice < 0.9 then 'azure' else 'measured-review' end
            as provider,
        (900 + 2400 * speed)::bigint as input_tokens, (120 + 500 * speed)::bigint as output_tokens
    from uses
),
told as (
    select
        counted.*,
        case
            when plan_code = 'trial' and nth > 10 then 'refused'
            when outcome < 0.03 then 'failed'
            else 'answered'
        end as status
    from counted
    where plan_code <> 'trial' or nth <= 12
)
insert into public.usage_logs (
    at, answer_id, feature, status, error_code, user_id, team_id, plan_code, file_key, provider, model,
    input_tokens, output_tokens, cost_microusd, cost_state, price_name, latency_ms, model_latency_ms,
    figma_latency_ms
)
select
    at, gen_random_uuid(), 'comment', status,
    case status when 'refused' then 'trial_used_up' when 'failed' then 'model_failed' else '' end,
    user_id, team_id, plan_code, 'seed-' || substr(user_id::text, 1, 8),
    case when asked_model then provider else '' end,
    case when asked_model and provider <> 'measured-review' then 'gpt-5-mini' else '' end,
    case when asked_model and provider <> 'measured-review' then input_tokens else 0 end,
    case when asked_model and provider <> 'measured-review' then output_tokens else 0 end,
    -- 0.25 and 2 dollars per million tokens are as many millionths of a dollar per token.
    case when asked_model and provider <> 'measured-review'
        then round(input_tokens * 0.25 + output_tokens * 2)::bigint else 0 end,
    'priced', 'demo data',
    case when asked_model then (1500 + 9000 * speed * speed)::bigint else 300 end,
    case when asked_model and provider <> 'measured-review'
        then (900 + 8000 * speed * speed)::bigint else 0 end,
    (200 + 400 * choice)::bigint
from told
cross join lateral (select status <> 'refused' as asked_model)
order by at;

with grouped as (
    select
        date_trunc('hour', at, 'UTC') as hour, plan_code, feature, provider, model, status, error_code,
        count(*) as uses, sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens,
        sum(cost_microusd) as cost_microusd, sum(latency_ms) as latency_ms_sum,
        sum(model_latency_ms) as model_latency_ms_sum,
        array_agg(private.latency_bucket(latency_ms)) as buckets,
        array_agg(case when model_latency_ms > 0 then private.latency_bucket(model_latency_ms) end)
            as model_buckets
    from public.usage_logs
    where file_key like 'seed-%'
    group by 1, 2, 3, 4, 5, 6, 7
)
insert into public.usage_hourly (
    hour, plan_code, feature, provider, model, status, error_code, uses, input_tokens, output_tokens,
    cost_microusd, latency_ms_sum, model_latency_ms_sum, latency_histogram, model_latency_histogram
)
select
    hour, plan_code, feature, provider, model, status, error_code, uses, input_tokens, output_tokens,
    cost_microusd, latency_ms_sum, model_latency_ms_sum,
    array(
        select count(b) from generate_series(1, 84) as g left join unnest(buckets) as b on b = g
        group by g order by g
    ),
    array(
        select count(b) from generate_series(1, 84) as g left join unnest(model_buckets) as b on b = g
        group by g order by g
    )
from grouped
on conflict do nothing;

insert into public.usage_daily_users (
    day, user_id, plan_code, answered, refused, failed, input_tokens, output_tokens, cost_microusd
)
select
    (at at time zone 'UTC')::date, user_id, plan_code, count(*) filter (where status = 'answered'),
    count(*) filter (where status = 'refused'), count(*) filter (where status = 'failed'),
    sum(input_tokens), sum(output_tokens), sum(cost_microusd)
from public.usage_logs
where file_key like 'seed-%'
group by 1, 2, 3;

insert into public.use_balances (user_id, plan_code, period_start, used)
select
    user_id, plan_code,
    case when plan_code = 'trial' then '-infinity'::date
        else date_trunc('month', at at time zone 'UTC')::date end,
    count(*)
from public.usage_logs
where file_key like 'seed-%' and status = 'answered'
group by 1, 2, 3;

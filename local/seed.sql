-- A made-up company. Over fourteen months people sign up, ask, pay, change plans and leave; seed.people sets how many.
-- seed_analyses.sql adds their analyses, seed_pipelines.sql their components, seed_traces.sql the other rows of their uses. seed_operators.sql adds the
-- operators' actions, after the rollups are counted.
-- All file keys and Figma ids made here start with 'seed-'. Random values are hashes of what they decide about. So the
-- same people do the same in every database, whatever the order of the rows.

create function pg_temp.chance(p_key text) returns double precision
language sql immutable
as $$ select (hashtextextended(p_key, 42) & 2147483647) / 2147483648.0 $$;
create function pg_temp.id(p_key text) returns uuid
language sql immutable
as $$ select md5('seed ' || p_key)::uuid $$;
create function pg_temp.pick(p_key text, p_from text[]) returns text
language sql immutable
as $$ select p_from[1 + floor(pg_temp.chance(p_key) * cardinality(p_from))::integer] $$;

select set_config('app.reason', 'demo data', true), set_config('app.actor', 'seed', true);

create temp table moments on commit drop as
select date_trunc('hour', now()) - interval '425 days' as first_at, date_trunc('hour', now()) as last_at;

create temp table people on commit drop as
select
    n, pg_temp.id('person ' || n) as id, 'seed-' || n as figma_user_id,
    pg_temp.pick('first ' || n, array['Ada', 'Amara', 'Anna', 'Arjun', 'Bea', 'Carlos', 'Chen', 'Clara', 'Dana', 'David',
        'Elif', 'Emma', 'Farid', 'Finn', 'Grace', 'Hana', 'Ines', 'Ivan', 'Jonas', 'Kenji', 'Lena', 'Luca', 'Maya', 'Mira',
        'Nadia', 'Noah', 'Olga', 'Omar', 'Paula', 'Priya', 'Quinn', 'Rosa', 'Sam', 'Sofia', 'Tariq', 'Tom', 'Uma', 'Vera',
        'Yuki', 'Zoe'])
        || ' ' || pg_temp.pick('last ' || n, array['Abe', 'Bauer', 'Costa', 'Diaz', 'Evans', 'Fischer', 'Garcia', 'Hansen',
        'Ito', 'Jansen', 'Kaya', 'Kim', 'Lopez', 'Meyer', 'Moreau', 'Nguyen', 'Okafor', 'Patel', 'Park', 'Rossi', 'Sato',
        'Silva', 'Singh', 'Smith', 'Tanaka', 'Torres', 'Weber', 'Wang', 'Yilmaz', 'Zhang']) as handle,
    case when pg_temp.chance('team ' || n) < 0.36
        then 1 + floor(46 * power(pg_temp.chance('which ' || n), 1.5))::integer end as team_no, null::uuid as team_id,
    -- More people every month, on working days, in working hours.
    date_trunc('day', first_at + interval '424 days' * power(n / current_setting('seed.people')::double precision, 0.58))
        + interval '7 hours' + interval '11 hours' * pg_temp.chance('hour ' || n) as signed_up_at,
    pg_temp.chance('activates ' || n) as activates, pg_temp.chance('stays ' || n) as stays,
    pg_temp.chance('pays ' || n) as pays, pg_temp.chance('rate ' || n) as rate
from moments, generate_series(1, current_setting('seed.people')::integer) as n;
update people set team_id = pg_temp.id('team ' || team_no) where team_no is not null;
update people set signed_up_at = signed_up_at - interval '2 days'
where extract(isodow from signed_up_at) > 5 and pg_temp.chance('weekend ' || n) < 0.8;
update people set signed_up_at = (select last_at from moments) - interval '1 hour' * (1 + n % 7)
where signed_up_at > (select last_at from moments) - interval '1 hour';

analyze people;

insert into public.teams (id, name, created_at)
select pg_temp.id('team ' || team_no), (array['Aurora', 'Beacon', 'Cobalt', 'Delta', 'Ember', 'Fjord', 'Granite', 'Harbor',
        'Indigo', 'Juniper', 'Kestrel', 'Lumen'])[1 + team_no % 12]
        || ' ' || (array['Bank', 'Health', 'Labs', 'Studio'])[1 + team_no / 12],
    min(signed_up_at)
from people where team_no is not null group by team_no;

insert into public.users (id, figma_user_id, handle, email, team_id, first_seen_at, last_seen_at)
select id, figma_user_id, handle, lower(replace(handle, ' ', '.')) || n || '@example.com',
    team_id, signed_up_at, signed_up_at
from people;

-- When each person asks, until they leave: at their own rate, less after the first weeks, never on weekends.
create temp table asks on commit drop as
select
    p.n, p.id as user_id, p.team_no, p.team_id, p.pays,
    day + interval '1 hour' * (8 + 10 * power(pg_temp.chance(p.n || 'at' || day::date || '/' || k), 0.9)) as at,
    p.n || '/' || day::date || '/' || k as key
from people as p
cross join lateral generate_series(
    date_trunc('day', p.signed_up_at) + interval '1 day' * floor(4 * power(p.activates, 3)),
    least(
        (select last_at from moments),
        p.signed_up_at + interval '1 day' * (3 + 60 * -ln(1 - 0.999 * p.stays)
            * case when p.pays < 0.3 or p.team_no < 18 then 5 else 1 end)
    ),
    '1 day'
) as day
cross join lateral generate_series(1, least(34, floor(
    -ln(1 - pg_temp.chance(p.n || 'many' || day::date))
    * case when p.pays < 0.012 then 24 else 0.35 + 2.6 * p.rate * p.rate end
    * case when extract(isodow from day) < 6 then 1 else 0.08 end
    * case when day::date = p.signed_up_at::date then 2.5 else 1 end
)::integer)) as k
where p.activates < 0.86;
delete from asks using people
where asks.n = people.n and (at <= signed_up_at + interval '4 minutes' or at > (select last_at from moments));

analyze asks;

-- Who starts to pay: some people soon after their trial, some teams after a while.
create temp table tries on commit drop as
select n, user_id, team_no, min(pays) as pays, min(at) as first_at, (array_agg(at order by at))[9] as ninth_at,
    max(at) as last_at
from asks group by n, user_id, team_no;

analyze tries;

create temp table deals on commit drop as
with own as (
    select n, user_id, ninth_at + interval '1 hour' * (1 + 90 * pg_temp.chance('decides ' || n)) as starts_at,
        last_at + interval '25 days' as leaves_at
    from tries
    where ninth_at is not null and pays < 0.24 and (team_no is null or team_no >= 18)
), team as (
    select people.team_no, min(tries.first_at) + interval '1 day' * (12 + 50 * pg_temp.chance('signs ' || people.team_no))
            as starts_at,
        count(*)::integer as members, pg_temp.chance('renews ' || people.team_no) as renews
    from people join tries using (n) where people.team_no < 18 group by people.team_no
)
select user_id, null::uuid as team_id, 'pro' as plan_code, 1 as seats, starts_at,
    case when leaves_at < (select moments.last_at from moments) then greatest(leaves_at, starts_at + interval '30 days') end
        as ends_at
from own where starts_at < (select moments.last_at from moments)
union all
select null, pg_temp.id('team ' || team_no), 'enterprise', greatest(2, (members * stage.share)::integer),
    starts_at + stage.begins, case
        when stage.ends is not null then starts_at + stage.ends
        when renews < 0.18 then starts_at + interval '240 days' end
from team, (values
    (0.3, interval '0', interval '90 days'), (0.5, interval '90 days', interval '180 days'),
    (0.65, interval '180 days', null)
) as stage (share, begins, ends)
where starts_at + stage.begins < (select moments.last_at from moments);
update deals set ends_at = null where ends_at > (select last_at from moments);

-- A few come back after two months without use, and a few people upgrade to a seat of the larger plan.
insert into deals
select user_id, null, 'pro', 1, ends_at + interval '40 days', null from deals
where user_id is not null and ends_at < (select last_at from moments) - interval '41 days'
    and pg_temp.chance('returns ' || user_id) < 0.12;
with moved as (
    update deals set ends_at = starts_at + interval '75 days'
    where user_id is not null and ends_at is null and pg_temp.chance('moves up ' || user_id) < 0.06
        and starts_at < (select last_at from moments) - interval '80 days'
    returning user_id, ends_at
)
insert into deals select user_id, null, 'enterprise', 1, ends_at, null from moved;

create index on deals (user_id);
create index on deals (team_id);
analyze deals;

insert into public.subscriptions (id, user_id, team_id, plan_code, seats, starts_at, ends_at, created_at)
select pg_temp.id('deal ' || coalesce(user_id, team_id) || starts_at::date), user_id, team_id, plan_code, seats, starts_at,
    ends_at, starts_at
from deals;

insert into public.activity (at, user_id, kind, detail)
select turns.at, turns.user_id, 'plan_changed',
    jsonb_build_object('from', turns.was, 'to', turns.is_now, 'seats', turns.seats, 'team_id', turns.team_id)
from (
    select starts_at as at, user_id, team_id, seats,
        coalesce(case when lag(ends_at) over each = starts_at then lag(plan_code) over each end, 'trial') as was,
        plan_code as is_now
    from deals window each as (partition by coalesce(user_id, team_id) order by starts_at)
    union all
    select ends_at, user_id, team_id, seats, plan_code, 'trial'
    from (
        select *, lead(starts_at) over (partition by coalesce(user_id, team_id) order by starts_at) as next_at from deals
    ) as ended
    where ends_at is not null and next_at is distinct from ends_at
) as turns;

-- The outcome of each comment. People without a use left ask twice more and then stop.
create temp table outcomes on commit drop as
with planned as (
    select asks.*, coalesce(
        (select plan_code from deals where deals.user_id = asks.user_id and starts_at <= at
            and (ends_at is null or ends_at > at) limit 1),
        (select plan_code from deals where deals.team_id = asks.team_id and starts_at <= at
            and (ends_at is null or ends_at > at) limit 1),
        'trial') as plan_code
    from asks
), drawn as (
    select planned.*, pg_temp.chance('outcome ' || key) as outcome, pg_temp.chance('model ' || key) as choice,
        pg_temp.chance('speed ' || key) as speed,
        -- Two bad afternoons: a provider was down, and Figma was down.
        case when at::date = (select last_at from moments)::date - 33 and extract(hour from at) >= 13 then 0.5
            when at::date = (select last_at from moments)::date - 121 and extract(hour from at) >= 10 then 0.35
            else 0.012 end as failing
    from planned
), counted as (
    select drawn.*, count(*) filter (where outcome >= failing) over (
        partition by user_id, plan_code, case when plan_code = 'trial' then null else date_trunc('month', at at time zone 'UTC') end
        order by at, key
    ) as nth
    from drawn
)
select counted.*, pg_temp.id('answer ' || key) as answer_id,
    case when nth > case plan_code when 'trial' then 10 when 'pro' then 500 else 5000 end then 'refused'
        when outcome < failing then 'failed' else 'answered' end as status,
    case
        when pays < 0.006 then 'gpt-5'
        when at between last_at - interval '27 days' and last_at - interval '19 days' and choice < 0.3 then 'gpt-5.1-mini'
        when choice < 0.78 then 'gpt-5-mini' when choice < 0.9 then 'claude-haiku-4-5' when choice < 0.94 then '' else 'gpt-5-mini'
    end as model
from counted, moments
where nth <= case plan_code when 'trial' then 12 when 'pro' then 502 else 5000 end;
analyze outcomes;

create temp table ledger on commit drop as
select o.*, run.run, run.status as run_status, o.at + run.delay as run_at,
    case when speed < 0.5 then 'figma_timeout' when speed < 0.8 then 'figma_down' else 'figma_forbidden' end as cause,
    case when run.status = 'refused' then '' when model = '' then 'measured-review' when model like 'claude%' then 'anthropic'
        when choice >= 0.94 then 'azure' else 'openai' end as provider,
    case when run.status = 'refused' or model = '' then 0
        when model = 'gpt-5' then 7000 + (22000 * speed)::bigint else 900 + (2600 * speed)::bigint end as input_tokens,
    case when run.status = 'refused' or model = '' then 0
        when model = 'gpt-5' then 900 + (2600 * speed)::bigint else 140 + (560 * speed)::bigint end as output_tokens,
    case when run.status = 'refused' then 260 + (300 * speed)::bigint
        else 1500 + (7000 * speed * speed)::bigint + case when outcome < failing + 0.02 then 14000 else 0 end end as latency_ms,
    case when run.status = 'refused' or model = '' then 0 else 900 + (6200 * speed * speed)::bigint end as model_latency_ms
from outcomes as o
cross join lateral (
    select 1 as run, o.status, interval '0' as delay
    -- Older failures were replayed within hours; the newest ones are still dead letters.
    union all
    select 2, 'answered', interval '3 hours' where o.status = 'failed' and o.at < (select last_at from moments) - interval '9 days'
) as run;

analyze ledger;

-- The rollups that these triggers keep are recomputed afterwards, set-based: see rebuild_… in sql/functions.
alter table public.usage_logs disable trigger user;
alter table public.activity disable trigger user;
insert into public.usage_logs (
    at, answer_id, run, feature, status, error_code, user_id, team_id, plan_code, receipt_id, file_key, provider, model,
    input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, cost_microusd, cost_state, price_name, latency_ms,
    model_latency_ms, figma_latency_ms, fallbacks, context_version, prompt_version, request_id, cache_write_tokens
)
select
    run_at, answer_id, run, 'comment', run_status,
    case run_status when 'refused' then case plan_code when 'trial' then 'trial_used_up' else 'plan_used_up' end
        when 'failed' then cause else '' end,
    user_id, team_id, plan_code,
    case when run_status <> 'refused' then pg_temp.id('receipt ' || key || run) end,
    'seed-' || n || '-' || floor(4 * choice), provider, case when run_status = 'refused' then '' else model end,
    input_tokens, (input_tokens * 0.3)::bigint, output_tokens, (output_tokens * 0.25)::bigint,
    case model
        when 'gpt-5.1-mini' then case when run_status = 'refused' then 0 end
        when 'gpt-5' then round(input_tokens * 1.25 + output_tokens * 10)::bigint
        when 'claude-haiku-4-5' then round(input_tokens * 1.0 + output_tokens * 5)::bigint
        -- A price in dollars per million tokens (0.25 and 2) is the same number of micro-dollars per token.
        else round(input_tokens * 0.25 + output_tokens * 2)::bigint end,
    case when model = 'gpt-5.1-mini' and run_status <> 'refused' then 'unpriced' when provider = 'anthropic' then 'reported'
        else 'priced' end,
    case when provider in ('', 'measured-review') then 'no model call' when model = 'gpt-5.1-mini' then '' else 'demo data' end,
    latency_ms, model_latency_ms, 180 + (420 * choice)::bigint, (choice >= 0.94)::integer, 1, 'v1', 'seed',
    case when model = 'claude-haiku-4-5' and run_status <> 'refused' then input_tokens / 10 else 0 end
from ledger order by run_at;

insert into public.use_receipts (
    id, answer_id, run, user_id, plan_code, period_start, state, reason, reply_comment_id, reserved_at, closed_at
)
select pg_temp.id('receipt ' || key || run), answer_id, run, user_id, plan_code,
    case when plan_code = 'trial' then '-infinity'::date else date_trunc('month', run_at at time zone 'UTC')::date end,
    case when run_status = 'answered' then 'settled' else 'released' end,
    case when run_status = 'failed' then cause else '' end,
    case when run_status = 'answered' then 'seed-reply-' || key || '-' || run end,
    run_at - latency_ms * interval '1 millisecond', run_at
from ledger where run_status <> 'refused';

insert into public.use_balances (user_id, plan_code, period_start, used)
select user_id, plan_code, period_start, count(*) from public.use_receipts
where state = 'settled' and reply_comment_id like 'seed-%' group by 1, 2, 3;

-- The operators' actions in the made-up company, through the functions that operators use, each with its reason. They
-- fill the audit log, billing, budgets and re-pricing. Run after the rollups are counted.

insert into public.operators (user_id, email, role, created_at)
select md5('seed operator ' || email)::uuid, email, role, now() - interval '13 months'
from (values
    ('mira@buddy.example', 'founder'), ('sam@buddy.example', 'support'), ('noor@buddy.example', 'finance')
) as staff (email, role);

create function pg_temp.become(p_email text, p_role text default 'authenticated') returns void
language sql
as $$
    select set_config('request.jwt.claim.sub', coalesce(md5('seed operator ' || p_email)::uuid::text, ''), true),
        set_config('request.jwt.claim.role', p_role, true),
        set_config('request.jwt.claims', jsonb_build_object('role', p_role)::text, true)
$$;

-- Support, on an ordinary day.
select pg_temp.become('sam@buddy.example');
create temp table helped on commit drop as
select users.id, row_number() over (order by users.last_seen_at desc, users.id) as place
from public.users
join public.user_contexts on user_contexts.user_id = users.id and user_contexts.brand <> ''
where users.figma_user_id like 'seed-%' and users.state = 'active'
limit 6;
select public.operator_grant_uses(
    md5('seed grant ' || id)::uuid, id, 5, 'Asked by e-mail, wants to show it to a team'
)
from helped where place <= 2;
select public.operator_save_context(
    helped.id, user_contexts.version, private.context_content(helped.id) || '{"tone": "Warm, no jargon", "language": "en"}',
    'Asked for a warmer tone in a call'
)
from helped join public.user_contexts on user_contexts.user_id = helped.id where place in (1, 3);
select public.operator_set_state(id, 'suspended', 'Shared the account with a whole company') from helped where place = 4;
select public.operator_set_webhook_state(id, 'paused', 'The owner reported answers in a client''s file')
from public.user_webhooks where figma_webhook_id like 'seed-%' and state = 'active' order by id limit 2;
select public.discard_answer(id, 'The file is gone, the author was told')
from public.answers where state = 'failed' and file_key like 'seed-%' order by received_at limit 2;

-- Finance: a goodwill credit, a charge, and every month but the last one closed.
select pg_temp.become('noor@buddy.example');
select public.close_month(month::date, 'Checked against the bank')
from generate_series(
    private.utc_month((select min(at) from public.usage_logs where file_key like 'seed-%')),
    private.utc_month(now()) - interval '2 months', '1 month'
) as month order by month;
create temp table payers on commit drop as
select team_id, row_number() over (order by seats desc, team_id) as place
from public.subscriptions where team_id is not null and ends_at is null;
select public.add_billing_adjustment(
    md5('seed adjustment ' || kind || team_id)::uuid, 'team', team_id, kind, amount, dated, reason
)
from payers join (values
    (1, 'credit', 45000000, (date_trunc('month', now() at time zone 'UTC') - interval '12 days')::date,
        'Goodwill for the afternoon without answers'),
    (2, 'charge', 120000000, (date_trunc('month', now() at time zone 'UTC') - interval '20 days')::date,
        'Training session'),
    (3, 'credit', 20000000, (now() at time zone 'UTC')::date, 'Seats given back mid-month')
) as booked (place, kind, amount, dated, reason) using (place);

-- A founder: a price for the first days of a model that had none, and budgets, some of which are exceeded.
select pg_temp.become('mira@buddy.example');
select public.apply_repricing(
    md5('seed repricing')::uuid, 'openai', 'gpt-5.1-mini', min(hour), min(hour) + interval '4 days', 250000, 25000, 2000000,
    0, 'The provider published its price', 1000000
)
from public.ai_cost_hourly where provider = 'openai' and model = 'gpt-5.1-mini' having min(hour) is not null;
select public.set_budget(
    scope, scope_key, (ceil(greatest(spent, 1000000) * room / 1000000) * 1000000)::bigint, 0, reason
)
from (
    select distinct on (kind) case kind when 3 then 'user' when 5 then 'team' when 6 then 'plan' else 'global' end as scope,
        coalesce(user_id::text, team_id::text, plan_code, '') as scope_key, spent
    from (
        select user_id, team_id, plan_code, grouping(user_id, team_id, plan_code) as kind, sum(cost_microusd) as spent
        from public.ai_cost_daily_users
        where day >= date_trunc('month', private.reporting_day(now())::timestamp)
        group by grouping sets ((), (user_id), (team_id), (plan_code))
    ) as costs
    where coalesce(user_id, team_id) is distinct from '00000000-0000-0000-0000-000000000000'
    order by kind, spent desc
) as dearest join (values
    ('global', 1.6, 'What the plan for the year allows'), ('team', 1.15, 'Agreed with the team'),
    ('user', 0.9, 'Uses the dearest model for everything'), ('plan', 3.0, 'A third of what the plan brings in')
) as chosen (scope, room, reason) using (scope);
select public.set_reliability_target('in_time', 0.95, 15000, 'Designers wait no longer than this');

select pg_temp.become(null, 'service_role');
select public.check_budgets();

-- The free trial, measured in uses: how far people are, and whom to talk to.

create or replace function private.trial_limit() returns integer
language sql
stable
security invoker
set search_path = ''
as $$
    select uses from public.plans where code = 'trial' and valid_from <= now() order by valid_from desc limit 1
$$;
comment on function private.trial_limit is 'Free uses of the trial in force.';
revoke execute on function private.trial_limit from public, anon;
grant execute on function private.trial_limit to authenticated, service_role;

-- A trial that counts uses can stay open for ever. After 30 days without an answer we assume that the person has left.
create or replace view private.trial_people with (security_invoker = true) as
with limits as materialized (
    select private.trial_limit() as uses
)
select facts.*,
    case
        when facts.paid_at is not null then 'paid'
        when facts.last_at is null and facts.uses = 0 and facts.signed_up_at + interval '30 days' > now()
            then 'not_started'
        when coalesce(facts.last_at, facts.signed_up_at) + interval '30 days' <= now() then
            case when facts.uses >= facts.trial_limit then 'used_up' else 'left' end
        else 'inside'
    end as outcome,
    case
        when facts.paid_at is not null then facts.paid_at
        when facts.last_at is null then null
        when facts.uses >= facts.trial_limit then facts.last_at
        when facts.last_at + interval '30 days' <= now() then facts.last_at + interval '30 days'
    end as ended_at
from (
    select users.id as user_id, users.handle, users.team_id, users.state, users.first_seen_at as signed_up_at,
        trial.first_at as started_at, trial.last_at, limits.uses as trial_limit,
        least(coalesce(balance.used, 0), limits.uses) as uses,
        -- Who paid before the first free answer was not won by the trial.
        case when paid.at <= now() and (trial.first_at is null or greatest(paid.at, users.first_seen_at) >= trial.first_at)
            then greatest(paid.at, users.first_seen_at) end as paid_at
    from public.users
    cross join limits
    left join (
        select user_id, min(first_at) as first_at, max(last_at) as last_at
        from public.user_features
        where feature in ('comment', 'analysis', 'pipeline_run') and plan_code = 'trial'
        group by user_id
    ) as trial on trial.user_id = users.id
    left join public.use_balances as balance
        on balance.user_id = users.id and balance.plan_code = 'trial' and balance.period_start = '-infinity'
    left join (
        select user_id, at from private.first_payments() where user_id is not null
    ) as own on own.user_id = users.id
    left join (
        select team_id, at from private.first_payments() where team_id is not null
    ) as team on team.team_id = users.team_id
    cross join lateral (select least(own.at, team.at) as at) as paid
    where users.figma_user_id not like 'canary:%'
) as facts;
comment on view private.trial_people is 'Each person''s trial: first and latest free answer, free uses taken, first payment (own or their team''s). outcome: not_started (signed up within 30 days), inside, left (no answer, or no first one, for 30 days), used_up (all uses taken and none of the 30 days since has brought a payment), paid. ended_at: the payment, else the last free use when all are taken, else 30 days after the latest answer.';
revoke all on private.trial_people from public, anon, authenticated;
grant select on private.trial_people to authenticated, service_role;

create or replace function public.trial_standing(p_team uuid default null) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with people as materialized (
        select uses, outcome from private.trial_people
        where state <> 'deleted' and (outcome <> 'paid' or started_at is not null)
            and (p_team is null or team_id = p_team)
    ), places as (
        select number from generate_series(0, private.trial_limit()) as number
    )
    select jsonb_build_object(
        'limit', private.trial_limit(),
        'people', (select count(*) from people),
        'on_trial', (select count(*) from people where outcome in ('not_started', 'inside')),
        'paid', (select count(*) from people where outcome = 'paid'),
        'places', (
            select jsonb_agg(jsonb_build_object(
                'uses', places.number,
                'inside', (select count(*) from people
                    where uses = places.number and outcome in ('not_started', 'inside')),
                'left', (select count(*) from people where uses = places.number and outcome in ('left', 'used_up')),
                'paid', (select count(*) from people where uses = places.number and outcome = 'paid')
            ) order by places.number)
            from places
        )
    )
    where private.require_support()
$$;
comment on function public.trial_standing is 'How many people have taken 0, 1 … all free uses, at this moment: inside (or not started), left (no answer for 30 days) or paid. Deleted accounts and people who paid without a trial are left out.';
revoke execute on function public.trial_standing from public, anon, authenticated;
grant execute on function public.trial_standing to authenticated, service_role;

create or replace function public.trial_standing_rows(p_team uuid default null) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'user_id', user_id, 'handle', handle, 'uses', uses, 'outcome', outcome, 'signed_up_at', signed_up_at,
        'started_at', started_at, 'last_at', last_at, 'paid_at', paid_at
    ) order by uses desc, signed_up_at, user_id), '[]'::jsonb)
    from private.trial_people
    where state <> 'deleted' and (outcome <> 'paid' or started_at is not null)
        and (p_team is null or team_id = p_team)
        and private.require_support()
$$;
comment on function public.trial_standing_rows is 'The people behind trial_standing, one row each.';
revoke execute on function public.trial_standing_rows from public, anon, authenticated;
grant execute on function public.trial_standing_rows to authenticated, service_role;

-- One reason each, the most pressing first. Spans are chosen so that nobody stays on the list for weeks.
create or replace function public.trial_talk_today(p_team uuid default null) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with trouble as (
        select user_id, sum(failed) as failed
        from private.support_days
        where day >= (select private.reporting_day(now())) - 2 and failed > 0
        group by user_id
    ), reasons as (
        select people.*, coalesce(trouble.failed, 0) as failed,
            case
                when people.outcome = 'paid' then null
                when trouble.failed > 0 then 'failed'
                when people.uses >= people.trial_limit and people.last_at > now() - interval '7 days' then 'used_up'
                when people.uses >= people.trial_limit - 2 and people.last_at > now() - interval '7 days'
                    then 'nearly_used_up'
                when people.uses >= 3 and people.uses < people.trial_limit
                    and people.last_at between now() - interval '14 days' and now() - interval '7 days' then 'went_quiet'
                when people.outcome = 'not_started'
                    and people.signed_up_at between now() - interval '4 days' and now() - interval '1 day'
                    then 'never_asked'
            end as reason
        from private.trial_people as people
        left join trouble on trouble.user_id = people.user_id
        where people.state = 'active' and (p_team is null or people.team_id = p_team)
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'user_id', user_id, 'handle', handle, 'reason', reason, 'uses', uses, 'trial_limit', trial_limit,
        'failed', failed, 'signed_up_at', signed_up_at, 'last_at', last_at
    ) order by array_position(
        array['failed', 'used_up', 'nearly_used_up', 'went_quiet', 'never_asked'], reason
    ), uses desc, coalesce(last_at, signed_up_at) desc, user_id), '[]'::jsonb)
    from reasons
    where reason is not null and private.require_support()
$$;
comment on function public.trial_talk_today is 'People on the trial to talk to today, one reason each: failed (comments failed today or in the two days before), used_up (all uses taken within 7 days), nearly_used_up (two or fewer left, active within 7 days), went_quiet (3 or more uses, last answer 7 to 14 days ago), never_asked (signed up 1 to 4 days ago, no answer yet).';
revoke execute on function public.trial_talk_today from public, anon, authenticated;
grant execute on function public.trial_talk_today to authenticated, service_role;

-- The rows behind the overview's figures: people, subscriptions, trials.

create or replace function public.overview_people(
    p_from timestamptz, p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'user_id', active.user_id, 'handle', coalesce(users.handle, ''), 'team', coalesce(teams.name, ''),
        'answered', active.answered, 'cost_microusd', active.cost_microusd
    ) order by active.answered desc, active.user_id), '[]'::jsonb)
    from (
        select user_id, sum(answered)::bigint as answered, sum(cost_microusd)::bigint as cost_microusd
        from private.active_people(p_from, p_to, p_plans, p_team) group by user_id
    ) as active
    left join public.users on users.id = active.user_id
    left join public.teams on teams.id = users.team_id
    where private.require_founder()
$$;
comment on function public.overview_people is 'The people behind active_users of overview(), one row each.';
revoke execute on function public.overview_people from public, anon, authenticated;
grant execute on function public.overview_people to authenticated, service_role;

create or replace function public.overview_subscriptions(
    p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'subscription_id', paid.subscription_id, 'payer', coalesce(teams.name, users.handle, ''),
        'plan_code', paid.plan_code, 'since', paid.from_at, 'seats', paid.seats,
        'price_microusd', paid.price_microusd, 'mrr_microusd', paid.mrr_microusd
    ) order by paid.mrr_microusd desc, paid.subscription_id), '[]'::jsonb)
    from private.paid_of(p_plans, p_team) as paid
    left join public.users on users.id = paid.user_id
    left join public.teams on teams.id = paid.team_id
    where paid.from_at <= least(p_to, now()) and paid.to_at > least(p_to, now())
        and private.require_founder()
$$;
comment on function public.overview_subscriptions is 'The subscriptions behind MRR and paid seats of overview(), one row each.';
revoke execute on function public.overview_subscriptions from public, anon, authenticated;
grant execute on function public.overview_subscriptions to authenticated, service_role;

create or replace function public.overview_trials(p_from timestamptz, p_to timestamptz, p_team uuid default null)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(trials) order by trials.started_at, trials.user_id), '[]'::jsonb)
    from private.trial_starts(p_from, p_to, p_team) as trials
    where private.require_founder()
$$;
comment on function public.overview_trials is 'The people behind trials_started and trials_converted (paid_at is not null) of overview().';
revoke execute on function public.overview_trials from public, anon, authenticated;
grant execute on function public.overview_trials to authenticated, service_role;

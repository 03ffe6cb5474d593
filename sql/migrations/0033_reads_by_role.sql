-- Every operator could read the company's money and the growth of its people in these tables, whatever pages their role
-- has. Now a table is for the roles whose pages need its rows: what other roles need of its columns they get from the
-- views in functions/access.sql, as row level security cannot hide columns from a role.

do $$
declare
    v_read record;
begin
    for v_read in
        select unnest(tables) as name, roles
        from (values
            -- Money beside people, by hour and day: the overview. Who is active in which period: growth.
            (array['usage_hourly', 'usage_daily', 'usage_hourly_teams', 'usage_daily_users', 'active_periods'],
                array['founder']),
            -- What the company earns and what each answer costs it.
            (array['usage_logs', 'subscriptions', 'ai_cost_hourly', 'ai_cost_daily', 'ai_cost_hourly_teams',
                'ai_cost_daily_users'], array['founder', 'finance']),
            -- Who comes and when, what they have taken of their uses, and how they are answered.
            (array['users', 'use_balances', 'use_receipts', 'use_grants', 'reliability_daily',
                'reliability_hourly_teams'], array['founder', 'support'])
        ) as decided (tables, roles)
    loop
        execute format(
            -- With "is not null" the planner takes nearly all rows for visible, as they are for who may ask. With "="
            -- it would take one in two hundred, and plan the joins of the pages for that few.
            'alter policy %I on public.%I using ('
            '(select case when private.operator_role() = any (%L::text[]) then true end) is not null)',
            v_read.name || '_select', v_read.name, v_read.roles
        );
    end loop;
end;
$$;

-- Without subscriptions: with every change of every plan the log is the whole history of what is paid.
alter policy audit_log_select on public.audit_log
    using (case (select private.operator_role())
        when 'founder' then true
        when 'support' then table_name in (
            'answers', 'plans', 'reliability_targets', 'reporting_settings', 'teams', 'use_grants', 'user_contexts',
            'user_webhooks', 'users', 'webhook_removals'
        )
        else false
    end);

-- Names to narrow a page to, and the flags that founders set. When teams came is growth, and nobody reads it here.
revoke select on public.teams from authenticated;
grant select (id, name, feature_flags) on public.teams to authenticated;

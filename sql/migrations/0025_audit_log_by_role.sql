-- Support read money and founders' settings in the audit log, which row level security hides everywhere else. Now it
-- sees the entries of tables whose rows it may read; a table that is audited later is for founders until it is named.
alter policy audit_log_select on public.audit_log
    using (case (select private.operator_role())
        when 'founder' then true
        when 'support' then table_name in (
            'answers', 'plans', 'reliability_targets', 'reporting_settings', 'subscriptions', 'teams', 'use_grants',
            'user_contexts', 'user_webhooks', 'users', 'webhook_removals'
        )
        else false
    end);

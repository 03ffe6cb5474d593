-- Support reads what became of pipelines by hand, as it does of dead letters, and of what teams may do with them.
alter policy audit_log_select on public.audit_log
    using (case (select private.operator_role()) when 'founder' then true
    when 'support' then (table_name in ('analyses', 'answers', 'pipeline_limits', 'pipelines', 'plans',
    'reliability_targets', 'reporting_settings', 'teams', 'use_grants', 'user_contexts', 'user_webhooks', 'users',
    'webhook_removals')) else false end);

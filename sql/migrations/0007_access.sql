-- Nothing is open to anon; operators get what their role needs; service_role is the service.

grant usage on schema public to anon, authenticated, service_role;
grant usage on schema private to authenticated, service_role;
grant usage on schema queue to service_role;
grant select, insert, update, delete on all tables in schema queue to service_role;
grant usage, select on all sequences in schema queue to service_role;

-- Supabase's default privileges give new tables and functions to the API roles. Take them back for all there
-- is, and for what this role makes later (the built-in EXECUTE of PUBLIC can only be revoked without a schema).
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke execute on functions from anon, authenticated;
revoke all on all tables in schema public from anon, authenticated;
revoke all on all sequences in schema public from anon, authenticated;
revoke execute on all functions in schema public from public, anon, authenticated;
revoke execute on all functions in schema private from public, anon, authenticated;

do $$
declare
    v_table text;
begin
    for v_table in select tablename from pg_catalog.pg_tables where schemaname = 'public' loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('grant select, insert, update, delete on public.%I to service_role', v_table);
    end loop;
end;
$$;
revoke update, delete, truncate on public.usage_logs, public.audit_log from service_role;
grant usage, select on all sequences in schema public to service_role;

-- Security definer: an operator cannot read public.operators before this function has said that they are one.
create function private.operator_role() returns text
language sql
stable
security definer
set search_path = ''
as $$
    select operators.role from public.operators
    where operators.user_id = (select auth.uid()) and operators.disabled_at is null
$$;
comment on function private.operator_role() is 'The dashboard role of the signed-in person, or NULL. Takes effect at once when the row changes.';
revoke execute on function private.operator_role() from public, anon;
grant execute on function private.operator_role() to authenticated, service_role;

-- What each role may read. Tokens, sessions, passcodes and the text of comments are granted to nobody here.
grant select on public.operators to authenticated;
create policy operators_select on public.operators for select to authenticated
    using (user_id = (select auth.uid()) or (select private.operator_role()) = 'founder');

grant select on public.usage_hourly, public.plans, public.model_prices to authenticated;
create policy usage_hourly_select on public.usage_hourly for select to authenticated
    using ((select private.operator_role()) is not null);
create policy plans_select on public.plans for select to authenticated
    using ((select private.operator_role()) is not null);
create policy model_prices_select on public.model_prices for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

grant select on public.usage_logs, public.usage_daily_users, public.subscriptions, public.use_balances,
    public.use_receipts to authenticated;
create policy usage_logs_select on public.usage_logs for select to authenticated
    using ((select private.operator_role()) is not null);
create policy usage_daily_users_select on public.usage_daily_users for select to authenticated
    using ((select private.operator_role()) is not null);
create policy subscriptions_select on public.subscriptions for select to authenticated
    using ((select private.operator_role()) is not null);
create policy use_balances_select on public.use_balances for select to authenticated
    using ((select private.operator_role()) is not null);
create policy use_receipts_select on public.use_receipts for select to authenticated
    using ((select private.operator_role()) is not null);

grant select on public.teams to authenticated;
create policy teams_select on public.teams for select to authenticated
    using ((select private.operator_role()) is not null);
grant select (id, figma_user_id, handle, team_id, state, first_seen_at, last_seen_at) on public.users to authenticated;
create policy users_select on public.users for select to authenticated
    using ((select private.operator_role()) is not null);

grant select (
    id, webhook_id, file_key, file_name, comment_id, root_comment_id, author_figma_id, author_handle, command,
    asked_at, received_at, request_id, state, decision, reason, failure_message, run, attempt, deferred_until,
    payer_id, plan_code, context_user_id, context_version, reply_comment_id, reply_created_at,
    notice_comment_id, provider, model, prompt_version, node_id, design_state, settled_at
) on public.answers to authenticated;
create policy answers_select on public.answers for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

grant select on public.activity to authenticated;
create policy activity_select on public.activity for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
grant select on public.audit_log to authenticated;
create policy audit_log_select on public.audit_log for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
grant select on public.user_contexts, public.user_context_versions, public.thread_mutes, public.guest_invites,
    public.figma_quotas to authenticated;
create policy user_contexts_select on public.user_contexts for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
create policy user_context_versions_select on public.user_context_versions for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
create policy thread_mutes_select on public.thread_mutes for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
create policy guest_invites_select on public.guest_invites for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
create policy figma_quotas_select on public.figma_quotas for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
grant select (
    id, user_id, figma_webhook_id, context, context_id, label, state, guest_rule, created_at, confirmed_at,
    last_event_at, deleted_at
) on public.user_webhooks to authenticated;
create policy user_webhooks_select on public.user_webhooks for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
grant select (
    id, webhook_id, event_type, event_key, outcome, redelivered, answer_id, request_id, received_at, last_received_at
) on public.webhook_deliveries to authenticated;
create policy webhook_deliveries_select on public.webhook_deliveries for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

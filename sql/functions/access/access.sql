-- Who may ask. Every function that operators call checks the role itself, and refuses everybody else. Row level
-- security checks the same for the rows of tables, but it cannot limit columns. What a role may know of a table that it
-- may not read is in the views and the function at the end. Only our functions reach them.

create or replace function private.has_role(p_roles text[]) returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    -- The service is allowed, and so is a direct connection under its own role. Everybody who comes through the API
    -- needs an operator's role.
    if auth.role() = 'service_role' or (auth.role() is null and current_user not in ('anon', 'authenticated')) then
        return true;
    end if;
    return coalesce(private.operator_role() = any (p_roles), false);
end;
$$;
comment on function private.has_role is 'Whether who asks is an operator in one of these roles, or the service. Written as (select private.has_role(…)), so that it is asked once in a statement and not for each row.';
revoke execute on function private.has_role from public, anon;
grant execute on function private.has_role to authenticated, service_role;

create or replace function private.require_role(p_roles text[]) returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    if not private.has_role(p_roles) then
        raise exception using errcode = '42501', message = 'only_these_may_see_this',
            detail = jsonb_build_object('roles', to_jsonb(p_roles))::text;
    end if;
    return true;
end;
$$;
comment on function private.require_role is 'True for operators in one of these roles and for the service; raises 42501 for everybody else.';
revoke execute on function private.require_role from public, anon;
grant execute on function private.require_role to authenticated, service_role;

create or replace function private.require_founder() returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
    select private.require_role('{founder}')
$$;
comment on function private.require_founder is 'For growth, and for money and people side by side: the founders'' pages. True, or raises 42501. In a "where" it is asked once, before any row is read.';
revoke execute on function private.require_founder from public, anon;
grant execute on function private.require_founder to authenticated, service_role;

create or replace function private.require_support() returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
    select private.require_role('{founder,support}')
$$;
comment on function private.require_support is 'For people and how they are answered: support''s pages. True, or raises 42501. In a "where" it is asked once, before any row is read.';
revoke execute on function private.require_support from public, anon;
grant execute on function private.require_support to authenticated, service_role;

create or replace function private.require_finance() returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
    select private.require_role('{founder,finance}')
$$;
comment on function private.require_finance is 'For what the company earns and spends: finance''s pages. True, or raises 42501. In a "where" it is asked once, before any row is read.';
revoke execute on function private.require_finance from public, anon;
grant execute on function private.require_finance to authenticated, service_role;

-- Views with their owner's rights rather than functions: they are planned as part of the query that reads them.
create or replace view private.support_ledger with (security_invoker = false) as
select id, at, answer_id, run, user_id, feature, status, error_code, file_key, provider, model, cost_microusd,
    cost_state, latency_ms, model_latency_ms, context_version, request_id
from public.usage_logs
where (select private.has_role('{founder,support}'));
comment on view private.support_ledger is 'What support sees of the ledger: how each answer went, and what it cost where one person or one dead letter is looked at. The ledger itself is for founders and finance.';
revoke all on private.support_ledger from public, anon, authenticated;
grant select on private.support_ledger to authenticated, service_role;

create or replace view private.support_days with (security_invoker = false) as
select day, user_id, plan_code, answered, refused, failed, cost_microusd, unpriced
from public.usage_daily_users
where (select private.has_role('{founder,support}'));
comment on view private.support_days is 'What support sees of people''s days: their uses, and what they cost where one person is looked at. The days of everybody are for founders.';
revoke all on private.support_days from public, anon, authenticated;
grant select on private.support_days to authenticated, service_role;

create or replace view private.support_audit with (security_invoker = false) as
select id, at, actor, table_name, row_key, operation, before, after, reason, person_id
from public.audit_log
where person_id is not null and case
    when (select private.has_role('{founder}')) then true
    when (select private.has_role('{support}')) then table_name in (
        'analyses', 'answers', 'pipelines', 'subscriptions', 'teams', 'use_grants', 'user_contexts', 'user_webhooks', 'users', 'webhook_removals',
        'person_notes', 'follow_ups'
    )
    else false
end;
comment on view private.support_audit is 'The audit log of persons, for their stories: with their plans, which support changes for them. Everybody''s plans, in public.audit_log, are for founders.';
revoke all on private.support_audit from public, anon, authenticated;
grant select on private.support_audit to authenticated, service_role;

create or replace view private.payer_names with (security_invoker = false) as
select id, handle, team_id
from public.users
where (select private.has_role('{founder,finance}'));
comment on view private.payer_names is 'What finance sees of people: who a payer is. When somebody came, and was last here, is for founders and support.';
revoke all on private.payer_names from public, anon, authenticated;
grant select on private.payer_names to authenticated, service_role;

-- Security definer instead of a view: a view with its owner's rights does not pass them on to private.paid_intervals.
create or replace function private.first_payments() returns table (user_id uuid, team_id uuid, at timestamptz)
language sql
stable
security definer
set search_path = ''
as $$
    select paid.user_id, paid.team_id, min(paid.from_at) from private.paid_intervals as paid
    where private.has_role('{founder,support}')
    group by paid.user_id, paid.team_id
$$;
comment on function private.first_payments is 'When each person and team first paid, without what: whether a trial was won. Subscriptions are for founders and finance.';
revoke execute on function private.first_payments from public, anon;
grant execute on function private.first_payments to authenticated, service_role;

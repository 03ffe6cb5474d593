-- Months that were closed, what was billed in them, and what was put right later.

create table public.billing_months (
    code text primary key,
    month date not null unique,
    closed_at timestamptz not null default now(),
    closed_by text not null,
    reason text not null,
    constraint billing_months_code check (code = ((lpad((extract(year from month))::text, 4,
        '0') || '-') || lpad((extract(month from month))::text, 2, '0'))),
    constraint billing_months_first_day check (month = (date_trunc('month', (month)::timestamptz))::date),
    constraint billing_months_reason check (length(reason) >= 3)
);
comment on table public.billing_months is 'Closed months, one row each. A closed month is never opened again: later facts go to the next open one.';
comment on column public.billing_months.code is 'The month as 2026-10.';
comment on column public.billing_months.month is 'First day of the UTC month.';
comment on column public.billing_months.closed_at is 'When it was closed.';
comment on column public.billing_months.closed_by is 'Who closed it: e-mail address of the operator.';
comment on column public.billing_months.reason is 'Why, in the words of who closed it.';
create trigger billing_months_audit after insert on public.billing_months
    for each row execute function private.audit();
create trigger billing_months_immutable before delete or update on public.billing_months
    for each row execute function private.refuse_change();
create trigger billing_months_kept before truncate on public.billing_months
    for each statement execute function private.refuse_change();
alter table public.billing_months enable row level security;
revoke all on public.billing_months from public, anon, authenticated;
grant select on public.billing_months to authenticated;
revoke update, delete, truncate on public.billing_months from service_role;
grant select, insert on public.billing_months to service_role;
create policy billing_months_select on public.billing_months for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

create table public.billing_statements (
    id bigint generated always as identity primary key,
    month date not null references public.billing_months (month),
    payer_kind text not null,
    payer_id uuid,
    plan_code text not null,
    seats integer not null,
    uses bigint not null,
    included bigint not null,
    overage_uses bigint not null,
    fee_microusd bigint not null,
    overage_microusd bigint not null,
    credits_microusd bigint not null,
    adjustments_microusd bigint not null,
    ai_cost_microusd bigint not null,
    unpriced bigint not null,
    constraint billing_statements_payer check (payer_kind in ('user', 'team', 'nobody')),
    constraint billing_statements_payer_id check ((payer_id is null) = (payer_kind = 'nobody')),
    constraint billing_statements_once unique nulls not distinct (month, payer_kind, payer_id, plan_code)
);
comment on table public.billing_statements is 'The lines of closed months, as private.billing_lines() gave them at closing. Never changed.';
comment on column public.billing_statements.id is 'Order of writing.';
comment on column public.billing_statements.month is 'First day of the UTC month.';
comment on column public.billing_statements.payer_kind is 'user, team, or nobody: uses without a payer.';
comment on column public.billing_statements.payer_id is 'The user or team. No name: an account can be deleted.';
comment on column public.billing_statements.plan_code is 'The plan of the line; empty: credits and adjustments.';
comment on column public.billing_statements.seats is 'Most seats paid for in the month; 0 without a paid plan.';
comment on column public.billing_statements.uses is 'Answered comments, those booked late included.';
comment on column public.billing_statements.included is 'Uses in the price: the plan''s uses × seats.';
comment on column public.billing_statements.overage_uses is 'Uses beyond the included ones.';
comment on column public.billing_statements.fee_microusd is 'Price of the plan, by days.';
comment on column public.billing_statements.overage_microusd is 'Overage uses × the plan''s price of one.';
comment on column public.billing_statements.credits_microusd is 'Credits given, as negative amounts.';
comment on column public.billing_statements.adjustments_microusd is 'Charges and late fees, signed.';
comment on column public.billing_statements.ai_cost_microusd is 'What the models cost us, late facts and re-pricing included.';
comment on column public.billing_statements.unpriced is 'Calls without a known price: their cost is in no sum.';
create trigger billing_statements_immutable before delete or update on public.billing_statements
    for each row execute function private.refuse_change();
create trigger billing_statements_kept before truncate on public.billing_statements
    for each statement execute function private.refuse_change();
alter table public.billing_statements enable row level security;
revoke all on public.billing_statements from public, anon, authenticated;
grant select on public.billing_statements to authenticated;
revoke update, delete, truncate on public.billing_statements from service_role;
grant select, insert on public.billing_statements to service_role;
create policy billing_statements_select on public.billing_statements for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

create table public.billing_adjustments (
    id uuid primary key default gen_random_uuid(),
    written_at timestamptz not null default now(),
    month date not null,
    for_month date not null,
    dated date not null,
    kind text not null,
    payer_kind text not null,
    payer_id uuid,
    user_id uuid,
    plan_code text not null default '',
    amount_microusd bigint not null default 0,
    calls bigint not null default 0,
    uses bigint not null default 0,
    unpriced bigint not null default 0,
    cost_microusd bigint not null default 0,
    provider text not null default '',
    model text not null default '',
    source_key text unique,
    actor text not null,
    reason text not null,
    constraint billing_adjustments_credit check ((kind <> 'credit') or (amount_microusd < 0)),
    constraint billing_adjustments_kind check (kind in ('credit', 'charge', 'late_use', 'late_cost', 'late_fee')),
    constraint billing_adjustments_later check (month >= for_month),
    constraint billing_adjustments_payer check (payer_kind in ('user', 'team', 'nobody')),
    constraint billing_adjustments_payer_id check ((payer_id is null) = (payer_kind = 'nobody'))
);
create index billing_adjustments_for_month on public.billing_adjustments (for_month, payer_id);
create index billing_adjustments_month on public.billing_adjustments (month, written_at);
comment on table public.billing_adjustments is 'Money owed beside fees, and facts that came after their month was closed: booked in the first open month, dated to when they belong. Append-only.';
comment on column public.billing_adjustments.id is 'Our id; given by the caller, so that sending twice books once.';
comment on column public.billing_adjustments.written_at is 'When it was booked.';
comment on column public.billing_adjustments.month is 'The month whose statement carries it.';
comment on column public.billing_adjustments.for_month is 'The month it is about.';
comment on column public.billing_adjustments.dated is 'The UTC day it is about.';
comment on column public.billing_adjustments.kind is 'credit, charge (by hand); late_use, late_cost, late_fee (facts about a closed month).';
comment on column public.billing_adjustments.payer_kind is 'user, team or nobody.';
comment on column public.billing_adjustments.payer_id is 'Who is billed.';
comment on column public.billing_adjustments.user_id is 'Whose use it was, for a late use or cost.';
comment on column public.billing_adjustments.plan_code is 'Plan of a late use or cost.';
comment on column public.billing_adjustments.amount_microusd is 'Owed by the customer: negative for a credit. Late uses are not charged.';
comment on column public.billing_adjustments.calls is 'Ledger rows of a late use.';
comment on column public.billing_adjustments.uses is 'Answered comments of a late use.';
comment on column public.billing_adjustments.unpriced is 'Calls without a known price.';
comment on column public.billing_adjustments.cost_microusd is 'What it cost us.';
comment on column public.billing_adjustments.provider is 'Model provider of a late use or cost.';
comment on column public.billing_adjustments.model is 'Model of a late use or cost.';
comment on column public.billing_adjustments.source_key is 'What it came from ("ledger:7"): booked once.';
comment on column public.billing_adjustments.actor is 'Who: e-mail address of the operator, or service.';
comment on column public.billing_adjustments.reason is 'Why.';
create trigger billing_adjustments_audit after insert on public.billing_adjustments
    for each row execute function private.audit();
create trigger billing_adjustments_immutable before delete or update on public.billing_adjustments
    for each row execute function private.refuse_change();
create trigger billing_adjustments_kept before truncate on public.billing_adjustments
    for each statement execute function private.refuse_change();
alter table public.billing_adjustments enable row level security;
revoke all on public.billing_adjustments from public, anon, authenticated;
grant select on public.billing_adjustments to authenticated;
revoke update, delete, truncate on public.billing_adjustments from service_role;
grant select, insert on public.billing_adjustments to service_role;
create policy billing_adjustments_select on public.billing_adjustments for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

create table public.billing_usage (
    month date not null,
    user_id uuid,
    team_id uuid,
    plan_code text not null,
    context_version integer not null,
    provider text not null,
    model text not null,
    calls bigint not null default 0,
    uses bigint not null default 0,
    refused bigint not null default 0,
    unpriced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    repricing_microusd bigint not null default 0,
    cache_write_tokens bigint not null default 0,
    constraint billing_usage_key unique nulls not distinct (month, user_id, team_id, plan_code, context_version,
        provider, model)
);
create index billing_usage_trial on public.billing_usage (plan_code, month);
comment on table public.billing_usage is 'The ledger by UTC month and payer, kept by a trigger in the ledger''s own transaction. Rows of a closed month never change: what is late becomes a billing_adjustments row.';
comment on column public.billing_usage.month is 'First day of the UTC month in which it happened.';
comment on column public.billing_usage.user_id is 'The user whose use it was; NULL: nobody, for example an invited guest.';
comment on column public.billing_usage.team_id is 'Their team at the time of use.';
comment on column public.billing_usage.plan_code is 'The plan at the time of use.';
comment on column public.billing_usage.context_version is 'Version of the guidance in force.';
comment on column public.billing_usage.provider is 'Model provider; empty without a model call.';
comment on column public.billing_usage.model is 'Model; empty without a model call.';
comment on column public.billing_usage.calls is 'Ledger rows.';
comment on column public.billing_usage.uses is 'Answered comments: ledger rows with status answered and feature comment.';
comment on column public.billing_usage.refused is 'Ledger rows with status refused.';
comment on column public.billing_usage.unpriced is 'Ledger rows without a known price.';
comment on column public.billing_usage.input_tokens is 'Sum of input tokens.';
comment on column public.billing_usage.cached_input_tokens is 'Sum of cached input tokens.';
comment on column public.billing_usage.output_tokens is 'Sum of output tokens.';
comment on column public.billing_usage.cost_microusd is 'Sum of known costs of the ledger rows, in millionths of a dollar.';
comment on column public.billing_usage.repricing_microusd is 'Sum of the re-pricing of such rows, written while the month was open.';
comment on column public.billing_usage.cache_write_tokens is 'Part of input written to the provider''s cache.';
alter table public.billing_usage enable row level security;
revoke all on public.billing_usage from public, anon, authenticated;
grant select, insert, update, delete on public.billing_usage to service_role;
grant select on public.billing_usage to authenticated;
create policy billing_usage_select on public.billing_usage for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

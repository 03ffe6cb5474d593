-- What the models cost: prices, corrections, rollups and budgets.

-- As triggers need it to begin with: sql/functions puts today's in its place.
create function private.roll_up_adjustments() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    lock table public.ai_cost_daily_users in row exclusive mode;
    insert into public.ai_cost_hourly as h (
        hour, plan_code, feature, provider, model, newly_priced, adjustment_microusd
    )
    select date_trunc('hour', for_at, 'UTC'), plan_code, feature, provider, model, sum(newly_priced), sum(amount_microusd)
    from written where kind = 'ai_cost'
    group by 1, 2, 3, 4, 5
    order by 1, 2, 3, 4, 5
    on conflict (hour, plan_code, feature, provider, model) do update
        set newly_priced = h.newly_priced + excluded.newly_priced,
            adjustment_microusd = h.adjustment_microusd + excluded.adjustment_microusd;

    insert into public.ai_cost_daily_users as d (
        day, user_id, team_id, plan_code, newly_priced, adjustment_microusd
    )
    select private.reporting_day(for_at), coalesce(user_id, '00000000-0000-0000-0000-000000000000'),
        coalesce(team_id, '00000000-0000-0000-0000-000000000000'), plan_code, sum(newly_priced), sum(amount_microusd)
    from written where kind = 'ai_cost'
    group by 1, 2, 3, 4
    order by 1, 2, 3, 4
    on conflict (day, user_id, team_id, plan_code) do update
        set newly_priced = d.newly_priced + excluded.newly_priced,
            adjustment_microusd = d.adjustment_microusd + excluded.adjustment_microusd;
    return null;
end;
$$;
comment on function private.roll_up_adjustments() is 'Trigger: adds new adjustments of AI cost to ai_cost_hourly and ai_cost_daily_users.';
revoke execute on function private.roll_up_adjustments from public, anon, authenticated;

create table public.model_prices (
    id bigint generated always as identity primary key,
    provider text not null,
    model text not null,
    valid_from timestamptz not null,
    valid_to timestamptz,
    input_microusd_per_million bigint not null,
    cached_input_microusd_per_million bigint,
    output_microusd_per_million bigint not null,
    source text not null default '',
    created_at timestamptz not null default now(),
    cache_write_microusd_per_million bigint,
    class_microusd_per_million jsonb not null default '{}'::jsonb,
    service_tier text not null default 'standard',
    constraint model_prices_classes check ((coalesce(cache_write_microusd_per_million, (0)::bigint) >= 0)
        and (jsonb_typeof(class_microusd_per_million) = 'object') and (service_tier <> '')),
    constraint model_prices_not_negative check ((input_microusd_per_million >= 0)
        and (output_microusd_per_million >= 0) and (coalesce(cached_input_microusd_per_million, (0)::bigint) >= 0)),
    constraint model_prices_period check ((valid_to is null) or (valid_to > valid_from))
);
create index model_prices_model on public.model_prices (provider, model, valid_from desc);
comment on table public.model_prices is 'Effective-dated prices that override the price library: micro-dollars per million tokens.';
comment on column public.model_prices.id is 'Named in the ledger as "price row <id>".';
comment on column public.model_prices.provider is 'Provider as the chain names it.';
comment on column public.model_prices.model is 'Model as the provider names it.';
comment on column public.model_prices.valid_from is 'First moment it applies.';
comment on column public.model_prices.valid_to is 'First moment it no longer applies; NULL: open.';
comment on column public.model_prices.input_microusd_per_million is 'Micro-dollars per million input tokens.';
comment on column public.model_prices.cached_input_microusd_per_million is 'The same for cached input; NULL: as input.';
comment on column public.model_prices.output_microusd_per_million is 'The same for output, reasoning included.';
comment on column public.model_prices.source is 'Where the price was read.';
comment on column public.model_prices.created_at is 'When the row was written.';
comment on column public.model_prices.cache_write_microusd_per_million is 'Micro-dollars per million tokens written to the provider''s cache; NULL: such calls have no price here.';
comment on column public.model_prices.class_microusd_per_million is 'Micro-dollars per million of each other class of usage_logs.token_classes; a class that is missing has no price here.';
comment on column public.model_prices.service_tier is 'The service tier the price is for, as in usage_logs.';
create trigger model_prices_audit after insert or delete or update on public.model_prices
    for each row execute function private.audit();
alter table public.model_prices enable row level security;
revoke all on public.model_prices from public, anon, authenticated;
grant select, insert, update, delete on public.model_prices to service_role;
grant select on public.model_prices to authenticated;
create policy model_prices_select on public.model_prices for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

create table public.repricings (
    id uuid primary key,
    provider text not null,
    model text not null,
    from_at timestamptz not null,
    to_at timestamptz not null,
    input_microusd_per_million bigint not null,
    cached_input_microusd_per_million bigint,
    output_microusd_per_million bigint not null,
    done_to timestamptz not null,
    calls bigint not null default 0,
    newly_priced bigint not null default 0,
    amount_microusd bigint not null default 0,
    actor text not null,
    reason text not null,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    cache_write_microusd_per_million bigint,
    class_microusd_per_million jsonb not null default '{}'::jsonb,
    service_tier text not null default 'standard',
    constraint repricings_classes check ((coalesce(cache_write_microusd_per_million, (0)::bigint) >= 0)
        and (jsonb_typeof(class_microusd_per_million) = 'object') and (service_tier <> '')),
    constraint repricings_model check ((provider <> '') and (model <> '')),
    constraint repricings_period check ((to_at > from_at) and ((done_to >= from_at) and (done_to <= to_at))),
    constraint repricings_prices check ((input_microusd_per_million >= 0) and (output_microusd_per_million >= 0)
        and (coalesce(cached_input_microusd_per_million, (0)::bigint) >= 0))
);
create index repricings_model on public.repricings (provider, model, created_at);
create unique index repricings_one_at_a_time on public.repricings (provider, model) where finished_at is null;
comment on table public.repricings is 'A price changed for a past period: what was asked, how far it is done, and what it came to. The ledger stays as it is; adjustments carry the difference.';
comment on column public.repricings.id is 'Chosen by who asks: asked again with it, nothing is written twice.';
comment on column public.repricings.provider is 'As in usage_logs.';
comment on column public.repricings.model is 'As in usage_logs.';
comment on column public.repricings.from_at is 'First moment, a whole hour.';
comment on column public.repricings.to_at is 'First moment after, a whole hour.';
comment on column public.repricings.input_microusd_per_million is 'New price of a million input tokens, in micro-dollars.';
comment on column public.repricings.cached_input_microusd_per_million is 'New price of a million cached input tokens; NULL: as other input.';
comment on column public.repricings.output_microusd_per_million is 'New price of a million output tokens.';
comment on column public.repricings.done_to is 'Adjustments are written up to here.';
comment on column public.repricings.calls is 'Calls priced anew so far.';
comment on column public.repricings.newly_priced is 'Those of them that had no price before.';
comment on column public.repricings.amount_microusd is 'Sum of its adjustments so far.';
comment on column public.repricings.actor is 'E-mail address of who asked.';
comment on column public.repricings.reason is 'Why.';
comment on column public.repricings.created_at is 'When it was asked for.';
comment on column public.repricings.finished_at is 'When the last adjustment was written; NULL: can be continued.';
comment on column public.repricings.cache_write_microusd_per_million is 'Micro-dollars per million tokens written to the provider''s cache; NULL: such calls have no price here.';
comment on column public.repricings.class_microusd_per_million is 'Micro-dollars per million of each other class of usage_logs.token_classes; a class that is missing has no price here.';
comment on column public.repricings.service_tier is 'The service tier the price is for, as in usage_logs.';
create trigger repricings_audit after insert or update of finished_at on public.repricings
    for each row execute function private.audit();
alter table public.repricings enable row level security;
revoke all on public.repricings from public, anon, authenticated;
grant select, insert, update, delete on public.repricings to service_role;
grant select on public.repricings to authenticated;
create policy repricings_select on public.repricings for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

create table public.adjustments (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    kind text not null,
    for_at timestamptz not null,
    user_id uuid,
    team_id uuid,
    plan_code text not null default '',
    feature text not null default '',
    provider text not null default '',
    model text not null default '',
    calls bigint not null default 0,
    newly_priced bigint not null default 0,
    amount_microusd bigint not null,
    key text not null,
    repricing_id uuid references public.repricings (id),
    actor text not null,
    reason text not null,
    service_tier text not null default 'standard',
    constraint adjustments_kind check (kind = 'ai_cost'),
    constraint adjustments_once unique (kind, key)
);
create index adjustments_for_at on public.adjustments (for_at);
create index adjustments_model on public.adjustments (provider, model, for_at) where kind = 'ai_cost';
create index adjustments_repricing on public.adjustments (repricing_id);
comment on table public.adjustments is 'Later corrections, dated and with a reason. Rows never change; what they correct does not either.';
comment on column public.adjustments.id is 'Order of writing.';
comment on column public.adjustments.at is 'When it was written.';
comment on column public.adjustments.kind is 'ai_cost: what a model cost us.';
comment on column public.adjustments.for_at is 'The moment it belongs to; of ai_cost: the UTC hour.';
comment on column public.adjustments.user_id is 'Whose. No foreign key: the row outlives the account.';
comment on column public.adjustments.team_id is 'Team at that moment.';
comment on column public.adjustments.plan_code is 'Plan at that moment.';
comment on column public.adjustments.feature is 'As in usage_logs.';
comment on column public.adjustments.provider is 'As in usage_logs.';
comment on column public.adjustments.model is 'As in usage_logs.';
comment on column public.adjustments.calls is 'Ledger rows it covers.';
comment on column public.adjustments.newly_priced is 'Those of them that had no price before.';
comment on column public.adjustments.amount_microusd is 'To be added, in micro-dollars; may be negative.';
comment on column public.adjustments.key is 'What makes it the same adjustment when it is written again.';
comment on column public.adjustments.repricing_id is 'The re-pricing it comes from.';
comment on column public.adjustments.actor is 'E-mail address of who caused it.';
comment on column public.adjustments.reason is 'Why.';
comment on column public.adjustments.service_tier is 'As in usage_logs: the tier that was priced anew.';
create trigger adjustments_ai_cost after insert on public.adjustments
    referencing new table as written for each statement execute function private.roll_up_adjustments();
create trigger adjustments_immutable before delete or update on public.adjustments
    for each row execute function private.refuse_change();
create trigger adjustments_not_truncated before truncate on public.adjustments
    for each statement execute function private.refuse_change();
alter table public.adjustments enable row level security;
revoke all on public.adjustments from public, anon, authenticated;
grant select on public.adjustments to authenticated;
revoke update, delete, truncate on public.adjustments from service_role;
grant select, insert on public.adjustments to service_role;
create policy adjustments_select on public.adjustments for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

create table public.ai_cost_hourly (
    hour timestamptz not null,
    plan_code text not null,
    feature text not null,
    provider text not null,
    model text not null,
    calls bigint not null default 0,
    reported bigint not null default 0,
    unpriced bigint not null default 0,
    newly_priced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    reported_microusd bigint not null default 0,
    adjustment_microusd bigint not null default 0,
    cache_write_tokens bigint not null default 0,
    primary key (hour, plan_code, feature, provider, model)
);
comment on table public.ai_cost_hourly is 'Model calls of the ledger and their adjustments by UTC hour, kept in the same transaction. Rows without a provider and without a cost are left out.';
comment on column public.ai_cost_hourly.hour is 'Start of the UTC hour.';
comment on column public.ai_cost_hourly.plan_code is 'Plan at that moment.';
comment on column public.ai_cost_hourly.feature is 'As in usage_logs.';
comment on column public.ai_cost_hourly.provider is 'As in usage_logs.';
comment on column public.ai_cost_hourly.model is 'As in usage_logs; empty for the measured review.';
comment on column public.ai_cost_hourly.calls is 'Ledger rows.';
comment on column public.ai_cost_hourly.reported is 'Those whose cost the provider reported.';
comment on column public.ai_cost_hourly.unpriced is 'Those without a price in the ledger.';
comment on column public.ai_cost_hourly.newly_priced is 'Those of the unpriced that adjustments priced.';
comment on column public.ai_cost_hourly.input_tokens is 'Sum of input tokens.';
comment on column public.ai_cost_hourly.cached_input_tokens is 'Part of input read from the provider''s cache.';
comment on column public.ai_cost_hourly.output_tokens is 'Sum of output tokens.';
comment on column public.ai_cost_hourly.reasoning_tokens is 'Part of output spent on reasoning.';
comment on column public.ai_cost_hourly.cost_microusd is 'Sum of the known costs of the ledger.';
comment on column public.ai_cost_hourly.reported_microusd is 'Part of it reported by providers.';
comment on column public.ai_cost_hourly.adjustment_microusd is 'Sum of later adjustments.';
comment on column public.ai_cost_hourly.cache_write_tokens is 'Part of input written to the provider''s cache.';
alter table public.ai_cost_hourly enable row level security;
revoke all on public.ai_cost_hourly from public, anon, authenticated;
grant select, insert, update, delete on public.ai_cost_hourly to service_role;
grant select on public.ai_cost_hourly to authenticated;
create policy ai_cost_hourly_select on public.ai_cost_hourly for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,finance}') then true end) is not null);

create table public.ai_cost_daily (
    day date not null,
    plan_code text not null,
    feature text not null,
    provider text not null,
    model text not null,
    calls bigint not null default 0,
    reported bigint not null default 0,
    unpriced bigint not null default 0,
    newly_priced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    reported_microusd bigint not null default 0,
    adjustment_microusd bigint not null default 0,
    cache_write_tokens bigint not null default 0,
    primary key (day, plan_code, feature, provider, model)
);
comment on table public.ai_cost_daily is 'ai_cost_hourly by day of the reporting time zone: whole days of long periods are read from here.';
comment on column public.ai_cost_daily.day is 'Day in the reporting time zone.';
comment on column public.ai_cost_daily.plan_code is 'Plan at that moment.';
comment on column public.ai_cost_daily.feature is 'As in usage_logs.';
comment on column public.ai_cost_daily.provider is 'As in usage_logs.';
comment on column public.ai_cost_daily.model is 'As in usage_logs; empty for the measured review.';
comment on column public.ai_cost_daily.calls is 'Ledger rows.';
comment on column public.ai_cost_daily.reported is 'Those whose cost the provider reported.';
comment on column public.ai_cost_daily.unpriced is 'Those without a price in the ledger.';
comment on column public.ai_cost_daily.newly_priced is 'Those of the unpriced that adjustments priced.';
comment on column public.ai_cost_daily.input_tokens is 'Sum of input tokens.';
comment on column public.ai_cost_daily.cached_input_tokens is 'Part of input read from the provider''s cache.';
comment on column public.ai_cost_daily.output_tokens is 'Sum of output tokens.';
comment on column public.ai_cost_daily.reasoning_tokens is 'Part of output spent on reasoning.';
comment on column public.ai_cost_daily.cost_microusd is 'Sum of the known costs of the ledger.';
comment on column public.ai_cost_daily.reported_microusd is 'Part of it reported by providers.';
comment on column public.ai_cost_daily.adjustment_microusd is 'Sum of later adjustments.';
comment on column public.ai_cost_daily.cache_write_tokens is 'Part of input written to the provider''s cache.';
alter table public.ai_cost_daily enable row level security;
revoke all on public.ai_cost_daily from public, anon, authenticated;
grant select, insert, update, delete on public.ai_cost_daily to service_role;
grant select on public.ai_cost_daily to authenticated;
create policy ai_cost_daily_select on public.ai_cost_daily for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,finance}') then true end) is not null);

create table public.ai_cost_hourly_teams (
    team_id uuid not null,
    hour timestamptz not null,
    plan_code text not null,
    feature text not null,
    provider text not null,
    model text not null,
    calls bigint not null default 0,
    reported bigint not null default 0,
    unpriced bigint not null default 0,
    newly_priced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    reported_microusd bigint not null default 0,
    adjustment_microusd bigint not null default 0,
    cache_write_tokens bigint not null default 0,
    primary key (team_id, hour, plan_code, feature, provider, model)
);
comment on table public.ai_cost_hourly_teams is 'ai_cost_hourly by team of the payer at the time of use. Calls of people without a team are left out.';
comment on column public.ai_cost_hourly_teams.team_id is 'Team of the payer at the time of use. No foreign key: the row outlives the team.';
comment on column public.ai_cost_hourly_teams.hour is 'Start of the UTC hour.';
comment on column public.ai_cost_hourly_teams.plan_code is 'Plan at that moment.';
comment on column public.ai_cost_hourly_teams.feature is 'As in usage_logs.';
comment on column public.ai_cost_hourly_teams.provider is 'As in usage_logs.';
comment on column public.ai_cost_hourly_teams.model is 'As in usage_logs; empty for the measured review.';
comment on column public.ai_cost_hourly_teams.calls is 'Ledger rows.';
comment on column public.ai_cost_hourly_teams.reported is 'Those whose cost the provider reported.';
comment on column public.ai_cost_hourly_teams.unpriced is 'Those without a price in the ledger.';
comment on column public.ai_cost_hourly_teams.newly_priced is 'Those of the unpriced that adjustments priced.';
comment on column public.ai_cost_hourly_teams.input_tokens is 'Sum of input tokens.';
comment on column public.ai_cost_hourly_teams.cached_input_tokens is 'Part of input read from the provider''s cache.';
comment on column public.ai_cost_hourly_teams.output_tokens is 'Sum of output tokens.';
comment on column public.ai_cost_hourly_teams.reasoning_tokens is 'Part of output spent on reasoning.';
comment on column public.ai_cost_hourly_teams.cost_microusd is 'Sum of the known costs of the ledger.';
comment on column public.ai_cost_hourly_teams.reported_microusd is 'Part of it reported by providers.';
comment on column public.ai_cost_hourly_teams.adjustment_microusd is 'Sum of later adjustments.';
comment on column public.ai_cost_hourly_teams.cache_write_tokens is 'Part of input written to the provider''s cache.';
alter table public.ai_cost_hourly_teams enable row level security;
revoke all on public.ai_cost_hourly_teams from public, anon, authenticated;
grant select, insert, update, delete on public.ai_cost_hourly_teams to service_role;
grant select on public.ai_cost_hourly_teams to authenticated;
create policy ai_cost_hourly_teams_select on public.ai_cost_hourly_teams for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,finance}') then true end) is not null);

create table public.ai_cost_daily_users (
    day date not null,
    user_id uuid not null,
    team_id uuid not null,
    plan_code text not null,
    calls bigint not null default 0,
    reported bigint not null default 0,
    unpriced bigint not null default 0,
    newly_priced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    reported_microusd bigint not null default 0,
    adjustment_microusd bigint not null default 0,
    cache_write_tokens bigint not null default 0,
    primary key (day, user_id, team_id, plan_code)
);
comment on table public.ai_cost_daily_users is 'As ai_cost_hourly, by day of the reporting time zone, payer and team. The same calls, so both add up to the same.';
comment on column public.ai_cost_daily_users.day is 'Day in the reporting time zone.';
comment on column public.ai_cost_daily_users.user_id is 'Who paid; zeros: nobody.';
comment on column public.ai_cost_daily_users.team_id is 'Their team at that moment; zeros: none.';
comment on column public.ai_cost_daily_users.plan_code is 'Plan at that moment.';
comment on column public.ai_cost_daily_users.calls is 'Ledger rows.';
comment on column public.ai_cost_daily_users.reported is 'Those whose cost the provider reported.';
comment on column public.ai_cost_daily_users.unpriced is 'Those without a price in the ledger.';
comment on column public.ai_cost_daily_users.newly_priced is 'Those of the unpriced that adjustments priced.';
comment on column public.ai_cost_daily_users.input_tokens is 'Sum of input tokens.';
comment on column public.ai_cost_daily_users.cached_input_tokens is 'Part of input read from the provider''s cache.';
comment on column public.ai_cost_daily_users.output_tokens is 'Sum of output tokens.';
comment on column public.ai_cost_daily_users.reasoning_tokens is 'Part of output spent on reasoning.';
comment on column public.ai_cost_daily_users.cost_microusd is 'Sum of the known costs of the ledger.';
comment on column public.ai_cost_daily_users.reported_microusd is 'Part of it reported by providers.';
comment on column public.ai_cost_daily_users.adjustment_microusd is 'Sum of later adjustments.';
comment on column public.ai_cost_daily_users.cache_write_tokens is 'Part of input written to the provider''s cache.';
alter table public.ai_cost_daily_users enable row level security;
revoke all on public.ai_cost_daily_users from public, anon, authenticated;
grant select, insert, update, delete on public.ai_cost_daily_users to service_role;
grant select on public.ai_cost_daily_users to authenticated;
create policy ai_cost_daily_users_select on public.ai_cost_daily_users for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,finance}') then true end) is not null);

create table public.budgets (
    id uuid primary key default gen_random_uuid(),
    scope text not null,
    scope_key text not null default '',
    monthly_microusd bigint not null,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    constraint budgets_amount check (monthly_microusd > 0),
    constraint budgets_scope check (scope in ('global', 'user', 'team', 'plan')),
    constraint budgets_scope_key check ((scope = 'global') = (scope_key = ''))
);
create unique index budgets_one_each on public.budgets (scope, scope_key) where ended_at is null;
comment on table public.budgets is 'How much AI cost per month is expected: of everything, a user, a team or a plan. Warns; refuses nobody.';
comment on column public.budgets.id is 'Our id.';
comment on column public.budgets.scope is 'global, user, team or plan.';
comment on column public.budgets.scope_key is 'Id of the user or team, or code of the plan; empty for global.';
comment on column public.budgets.monthly_microusd is 'Per month of the reporting time zone, in micro-dollars.';
comment on column public.budgets.version is 'Counts changes; a change must name the version it saw.';
comment on column public.budgets.created_at is 'Since when.';
comment on column public.budgets.ended_at is 'When it was given up.';
create trigger budgets_audit after insert or delete or update on public.budgets
    for each row execute function private.audit();
alter table public.budgets enable row level security;
revoke all on public.budgets from public, anon, authenticated;
grant select, insert, update, delete on public.budgets to service_role;
grant select on public.budgets to authenticated;
create policy budgets_select on public.budgets for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

create table public.budget_alerts (
    id bigint generated always as identity primary key,
    budget_id uuid not null references public.budgets (id),
    month date not null,
    threshold smallint not null,
    spent_microusd bigint not null,
    monthly_microusd bigint not null,
    at timestamptz not null default now(),
    constraint budget_alerts_threshold check (threshold in (50, 80, 100)),
    constraint budget_alerts_once unique (budget_id, month, threshold)
);
create index budget_alerts_month on public.budget_alerts (month, at desc);
comment on table public.budget_alerts is 'A budget reached 50, 80 or 100 % of its month: said once each.';
comment on column public.budget_alerts.id is 'Order of writing.';
comment on column public.budget_alerts.budget_id is 'Which budget.';
comment on column public.budget_alerts.month is 'First day of the month in the reporting time zone.';
comment on column public.budget_alerts.threshold is 'Per cent of the budget.';
comment on column public.budget_alerts.spent_microusd is 'What was spent when it was noticed.';
comment on column public.budget_alerts.monthly_microusd is 'The budget at that moment.';
comment on column public.budget_alerts.at is 'When it was noticed.';
alter table public.budget_alerts enable row level security;
revoke all on public.budget_alerts from public, anon, authenticated;
grant select, insert, update, delete on public.budget_alerts to service_role;
grant select on public.budget_alerts to authenticated;
create policy budget_alerts_select on public.budget_alerts for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

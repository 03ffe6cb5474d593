-- What the models cost, in three states and with later corrections: rollups, re-pricing, budgets.

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
    constraint repricings_model check (provider <> '' and model <> ''),
    constraint repricings_period check (to_at > from_at and done_to between from_at and to_at),
    constraint repricings_prices check (
        input_microusd_per_million >= 0 and output_microusd_per_million >= 0
        and coalesce(cached_input_microusd_per_million, 0) >= 0
    )
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
    constraint adjustments_once unique (kind, key),
    constraint adjustments_kind check (kind = 'ai_cost')
);
create index adjustments_model on public.adjustments (provider, model, for_at) where kind = 'ai_cost';
create index adjustments_for_at on public.adjustments (for_at);
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
create trigger adjustments_immutable before update or delete on public.adjustments
    for each row execute function private.refuse_change();
create trigger adjustments_not_truncated before truncate on public.adjustments
    for each statement execute function private.refuse_change();

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
    primary key (hour, plan_code, feature, provider, model)
);
comment on table public.ai_cost_hourly is 'Model calls of the ledger and their adjustments by UTC hour, kept in the same transaction. Rows without a provider and without a cost are left out.';
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
    primary key (day, user_id, team_id, plan_code)
);
comment on table public.ai_cost_daily_users is 'As ai_cost_hourly, by day of the reporting time zone, payer and team. The same calls, so both add up to the same.';
comment on column public.ai_cost_daily_users.day is 'Day in the reporting time zone.';
comment on column public.ai_cost_daily_users.user_id is 'Who paid; zeros: nobody.';
comment on column public.ai_cost_daily_users.team_id is 'Their team at that moment; zeros: none.';
comment on column public.ai_cost_hourly.hour is 'Start of the UTC hour.';
comment on column public.ai_cost_hourly.feature is 'As in usage_logs.';
comment on column public.ai_cost_hourly.provider is 'As in usage_logs.';
comment on column public.ai_cost_hourly.model is 'As in usage_logs; empty for the measured review.';
do $$
declare
    v_table text;
    v_column text;
begin
    foreach v_table in array array['ai_cost_hourly', 'ai_cost_daily_users'] loop
        foreach v_column in array array[
            'plan_code=Plan at that moment.', 'calls=Ledger rows.',
            'reported=Those whose cost the provider reported.',
            'unpriced=Those without a price in the ledger.', 'newly_priced=Those of the unpriced that adjustments priced.',
            'input_tokens=Sum of input tokens.', 'cached_input_tokens=Part of input read from the provider''s cache.',
            'output_tokens=Sum of output tokens.', 'reasoning_tokens=Part of output spent on reasoning.',
            'cost_microusd=Sum of the known costs of the ledger.', 'reported_microusd=Part of it reported by providers.',
            'adjustment_microusd=Sum of later adjustments.'
        ] loop
            execute format(
                'comment on column public.%I.%I is %L', v_table, split_part(v_column, '=', 1), split_part(v_column, '=', 2)
            );
        end loop;
    end loop;
end;
$$;

create table public.budgets (
    id uuid primary key default gen_random_uuid(),
    scope text not null,
    scope_key text not null default '',
    monthly_microusd bigint not null,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    constraint budgets_scope check (scope in ('global', 'user', 'team', 'plan')),
    constraint budgets_scope_key check ((scope = 'global') = (scope_key = '')),
    constraint budgets_amount check (monthly_microusd > 0)
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

create table public.budget_alerts (
    id bigint generated always as identity primary key,
    budget_id uuid not null references public.budgets (id),
    month date not null,
    threshold smallint not null,
    spent_microusd bigint not null,
    monthly_microusd bigint not null,
    at timestamptz not null default now(),
    constraint budget_alerts_once unique (budget_id, month, threshold),
    constraint budget_alerts_threshold check (threshold in (50, 80, 100))
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

create index usage_logs_model_at on public.usage_logs (model, provider, at) where model <> '';

-- Statement triggers with transition tables: one answer or a million rows at once, each one upsert per rollup.
create function private.roll_up_ai_cost() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    -- A change of the reporting zone holds this lock while it counts anew: the day below is then the new one.
    lock table public.ai_cost_daily_users in row exclusive mode;
    insert into public.ai_cost_hourly as h (
        hour, plan_code, feature, provider, model, calls, reported, unpriced, input_tokens, cached_input_tokens,
        output_tokens, reasoning_tokens, cost_microusd, reported_microusd
    )
    select date_trunc('hour', at, 'UTC'), plan_code, feature, provider, model, count(*),
        count(*) filter (where cost_state = 'reported'), count(*) filter (where cost_state = 'unpriced'),
        sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens),
        coalesce(sum(cost_microusd), 0), coalesce(sum(cost_microusd) filter (where cost_state = 'reported'), 0)
    from written where provider <> '' or cost_microusd is distinct from 0
    group by 1, 2, 3, 4, 5
    order by 1, 2, 3, 4, 5
    on conflict (hour, plan_code, feature, provider, model) do update
        set calls = h.calls + excluded.calls, reported = h.reported + excluded.reported,
            unpriced = h.unpriced + excluded.unpriced, input_tokens = h.input_tokens + excluded.input_tokens,
            cached_input_tokens = h.cached_input_tokens + excluded.cached_input_tokens,
            output_tokens = h.output_tokens + excluded.output_tokens,
            reasoning_tokens = h.reasoning_tokens + excluded.reasoning_tokens,
            cost_microusd = h.cost_microusd + excluded.cost_microusd,
            reported_microusd = h.reported_microusd + excluded.reported_microusd;

    insert into public.ai_cost_daily_users as d (
        day, user_id, team_id, plan_code, calls, reported, unpriced, input_tokens, cached_input_tokens,
        output_tokens, reasoning_tokens, cost_microusd, reported_microusd
    )
    select private.reporting_day(at), coalesce(user_id, '00000000-0000-0000-0000-000000000000'),
        coalesce(team_id, '00000000-0000-0000-0000-000000000000'), plan_code, count(*),
        count(*) filter (where cost_state = 'reported'), count(*) filter (where cost_state = 'unpriced'),
        sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens),
        coalesce(sum(cost_microusd), 0), coalesce(sum(cost_microusd) filter (where cost_state = 'reported'), 0)
    from written where provider <> '' or cost_microusd is distinct from 0
    group by 1, 2, 3, 4
    order by 1, 2, 3, 4
    on conflict (day, user_id, team_id, plan_code) do update
        set calls = d.calls + excluded.calls, reported = d.reported + excluded.reported,
            unpriced = d.unpriced + excluded.unpriced, input_tokens = d.input_tokens + excluded.input_tokens,
            cached_input_tokens = d.cached_input_tokens + excluded.cached_input_tokens,
            output_tokens = d.output_tokens + excluded.output_tokens,
            reasoning_tokens = d.reasoning_tokens + excluded.reasoning_tokens,
            cost_microusd = d.cost_microusd + excluded.cost_microusd,
            reported_microusd = d.reported_microusd + excluded.reported_microusd;
    return null;
end;
$$;
comment on function private.roll_up_ai_cost() is 'Trigger: adds new ledger rows to ai_cost_hourly and ai_cost_daily_users.';
revoke execute on function private.roll_up_ai_cost() from public, anon, authenticated;

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
revoke execute on function private.roll_up_adjustments() from public, anon, authenticated;

create trigger usage_logs_ai_cost after insert on public.usage_logs
    referencing new table as written for each statement execute function private.roll_up_ai_cost();
create trigger adjustments_ai_cost after insert on public.adjustments
    referencing new table as written for each statement execute function private.roll_up_adjustments();

-- What the ledger holds already. The day comes from the settings' row: functions are applied after migrations.
insert into public.ai_cost_hourly (
    hour, plan_code, feature, provider, model, calls, reported, unpriced, input_tokens, cached_input_tokens,
    output_tokens, reasoning_tokens, cost_microusd, reported_microusd
)
select date_trunc('hour', at, 'UTC'), plan_code, feature, provider, model, count(*),
    count(*) filter (where cost_state = 'reported'), count(*) filter (where cost_state = 'unpriced'),
    sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens),
    coalesce(sum(cost_microusd), 0), coalesce(sum(cost_microusd) filter (where cost_state = 'reported'), 0)
from public.usage_logs where provider <> '' or cost_microusd is distinct from 0
group by 1, 2, 3, 4, 5;
insert into public.ai_cost_daily_users (
    day, user_id, team_id, plan_code, calls, reported, unpriced, input_tokens, cached_input_tokens,
    output_tokens, reasoning_tokens, cost_microusd, reported_microusd
)
select (at at time zone (select time_zone from public.reporting_settings))::date,
    coalesce(user_id, '00000000-0000-0000-0000-000000000000'),
    coalesce(team_id, '00000000-0000-0000-0000-000000000000'), plan_code, count(*),
    count(*) filter (where cost_state = 'reported'), count(*) filter (where cost_state = 'unpriced'),
    sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens),
    coalesce(sum(cost_microusd), 0), coalesce(sum(cost_microusd) filter (where cost_state = 'reported'), 0)
from public.usage_logs where provider <> '' or cost_microusd is distinct from 0
group by 1, 2, 3, 4;

create function private.recount_ai_cost_days() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform private.rebuild_ai_cost_daily(new.time_zone);
    return null;
end;
$$;
comment on function private.recount_ai_cost_days() is 'Trigger: ai_cost_daily_users by the days of a new reporting zone.';
revoke execute on function private.recount_ai_cost_days() from public, anon, authenticated;
create trigger reporting_settings_ai_cost after update on public.reporting_settings
    for each row when (old.time_zone is distinct from new.time_zone)
    execute function private.recount_ai_cost_days();

create trigger repricings_audit after insert or update of finished_at on public.repricings
    for each row execute function private.audit();
create trigger budgets_audit after insert or update or delete on public.budgets
    for each row execute function private.audit();

do $$
declare
    v_table text;
begin
    foreach v_table in array array[
        'repricings', 'adjustments', 'ai_cost_hourly', 'ai_cost_daily_users', 'budgets', 'budget_alerts'
    ] loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('revoke all on public.%I from anon, authenticated', v_table);
        execute format('grant select on public.%I to authenticated', v_table);
        execute format('grant select, insert, update, delete on public.%I to service_role', v_table);
    end loop;
end;
$$;
revoke update, delete, truncate on public.adjustments from service_role;
grant usage, select on all sequences in schema public to service_role;

create policy ai_cost_hourly_select on public.ai_cost_hourly for select to authenticated
    using ((select private.operator_role()) is not null);
create policy ai_cost_daily_users_select on public.ai_cost_daily_users for select to authenticated
    using ((select private.operator_role()) is not null);
create policy repricings_select on public.repricings for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));
create policy adjustments_select on public.adjustments for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));
create policy budgets_select on public.budgets for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));
create policy budget_alerts_select on public.budget_alerts for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

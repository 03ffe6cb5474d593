-- The ledger, its rollups and the activity log. Rollups grow with time and users, not with answers.

create table public.usage_logs (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    answer_id uuid not null,
    run integer not null default 1,
    feature text not null,
    status text not null,
    error_code text not null default '',
    user_id uuid,
    team_id uuid,
    plan_code text not null default '',
    receipt_id uuid,
    file_key text not null default '',
    provider text not null default '',
    model text not null default '',
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint,
    cost_state text not null,
    price_name text not null default '',
    latency_ms bigint not null default 0,
    model_latency_ms bigint not null default 0,
    figma_latency_ms bigint not null default 0,
    fallbacks integer not null default 0,
    context_version integer not null default 0,
    prompt_version text not null default '',
    request_id text not null default '',
    constraint usage_logs_once unique (answer_id, run),
    constraint usage_logs_status check (status in ('answered', 'refused', 'failed')),
    constraint usage_logs_cost_state check (cost_state in ('reported', 'priced', 'unpriced')),
    constraint usage_logs_cost check ((cost_state = 'unpriced') = (cost_microusd is null)),
    constraint usage_logs_not_negative check (
        coalesce(cost_microusd, 0) >= 0 and latency_ms >= 0 and model_latency_ms >= 0
        and input_tokens >= 0 and output_tokens >= 0 and cached_input_tokens >= 0 and reasoning_tokens >= 0
    )
);
create index usage_logs_at on public.usage_logs (at desc);
create index usage_logs_user on public.usage_logs (user_id, at desc);
comment on table public.usage_logs is 'The ledger: one immutable row per use, refusal and failure.';
comment on column public.usage_logs.cost_microusd is 'Millionths of a dollar; NULL exactly when no price is known, never 0 for that.';
comment on column public.usage_logs.latency_ms is 'From the webhook''s arrival to the posted reply, in milliseconds.';
comment on column public.usage_logs.user_id is 'Who paid. No foreign key: the row outlives the account.';

create function private.refuse_change() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception 'Rows of % never change; write a new one instead.', tg_table_name using errcode = '42501';
end;
$$;
comment on function private.refuse_change() is 'Keeps the ledger and the audit log append-only, for every role.';
create trigger usage_logs_immutable before update or delete on public.usage_logs
    for each row execute function private.refuse_change();
create trigger usage_logs_not_truncated before truncate on public.usage_logs
    for each statement execute function private.refuse_change();

create table public.usage_hourly (
    hour timestamptz not null,
    plan_code text not null,
    feature text not null,
    provider text not null,
    model text not null,
    status text not null,
    error_code text not null,
    uses bigint not null default 0,
    unpriced bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    reasoning_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    latency_ms_sum bigint not null default 0,
    model_latency_ms_sum bigint not null default 0,
    latency_histogram bigint[] not null,
    model_latency_histogram bigint[] not null,
    primary key (hour, plan_code, feature, provider, model, status, error_code)
);
comment on table public.usage_hourly is 'The ledger by hour (UTC) and low-cardinality dimensions, kept in the ledger''s own transaction.';
comment on column public.usage_hourly.latency_histogram is '84 counts; bucket b holds latencies up to 2^((b-1)/4) ms. Element-wise sums merge histograms.';

create table public.usage_daily_users (
    day date not null,
    user_id uuid not null,
    plan_code text not null,
    answered bigint not null default 0,
    refused bigint not null default 0,
    failed bigint not null default 0,
    unpriced bigint not null default 0,
    input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    primary key (day, user_id, plan_code)
);
create index usage_daily_users_user on public.usage_daily_users (user_id, day desc);
comment on table public.usage_daily_users is 'The ledger by day (UTC) and paying user, kept in the ledger''s own transaction.';

create table public.activity (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    user_id uuid,
    kind text not null,
    detail jsonb not null default '{}'::jsonb,
    constraint activity_kind check (kind in (
        'sign_up', 'sign_in', 'webhook_made', 'webhook_paused', 'webhook_resumed', 'webhook_deleted',
        'context_saved', 'first_answer', 'answered', 'refused', 'trial_used_up', 'plan_changed', 'account_deleted'
    ))
);
create index activity_user on public.activity (user_id, at desc);
create index activity_kind_at on public.activity (kind, at desc);
comment on table public.activity is 'What people did and when: growth and retention are counted from here.';

create table public.audit_log (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    actor text not null,
    table_name text not null,
    row_key text not null,
    operation text not null,
    before jsonb,
    after jsonb,
    reason text not null default ''
);
create index audit_log_at on public.audit_log (at desc);
create index audit_log_row on public.audit_log (table_name, row_key, at desc);
comment on table public.audit_log is 'Append-only, written by triggers: who changed what, before, after, why.';
create trigger audit_log_immutable before update or delete on public.audit_log
    for each row execute function private.refuse_change();
create trigger audit_log_not_truncated before truncate on public.audit_log
    for each statement execute function private.refuse_change();

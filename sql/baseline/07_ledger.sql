-- The ledger of uses, which never changes, and the rollups that are kept in its own transaction.

-- As triggers need it to begin with: sql/functions puts today's in its place.
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
revoke execute on function private.roll_up_ai_cost from public, anon, authenticated;

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
    unknown_calls integer not null default 0,
    cache_write_tokens bigint not null default 0,
    token_classes jsonb not null default '{}'::jsonb,
    service_tier text not null default 'standard',
    constraint usage_logs_cost check ((cost_state = 'unpriced') = (cost_microusd is null)),
    constraint usage_logs_cost_state check (cost_state in ('reported', 'priced', 'unpriced')),
    constraint usage_logs_not_negative check ((coalesce(cost_microusd, (0)::bigint) >= 0) and (latency_ms >= 0)
        and (model_latency_ms >= 0) and (input_tokens >= 0) and (output_tokens >= 0) and (cached_input_tokens >= 0)
        and (reasoning_tokens >= 0)),
    constraint usage_logs_status check (status in ('answered', 'refused', 'failed')),
    constraint usage_logs_once unique (answer_id, run)
);
create index usage_logs_at on public.usage_logs (at desc);
create index usage_logs_model_at on public.usage_logs (model, provider, at) where model <> '';
create index usage_logs_user on public.usage_logs (user_id, at desc);
comment on table public.usage_logs is 'The ledger: one immutable row per use, refusal and failure.';
comment on column public.usage_logs.id is 'Order of writing.';
comment on column public.usage_logs.at is 'When the use was settled, refused or given up.';
comment on column public.usage_logs.answer_id is 'The answer it belongs to.';
comment on column public.usage_logs.run is 'Which run of it: replays get a row of their own.';
comment on column public.usage_logs.feature is 'comment, command, invite …';
comment on column public.usage_logs.status is 'answered, refused or failed.';
comment on column public.usage_logs.error_code is 'Reason of a refusal or failure; else empty.';
comment on column public.usage_logs.user_id is 'Who paid. No foreign key: the row outlives the account.';
comment on column public.usage_logs.team_id is 'Team of the payer at that moment.';
comment on column public.usage_logs.plan_code is 'Plan of the payer at that moment.';
comment on column public.usage_logs.receipt_id is 'The settled or released receipt; NULL for free replies.';
comment on column public.usage_logs.file_key is 'Figma file.';
comment on column public.usage_logs.provider is 'Model provider; empty without a model call.';
comment on column public.usage_logs.model is 'Model; empty without a model call.';
comment on column public.usage_logs.input_tokens is 'Input tokens of all billed attempts.';
comment on column public.usage_logs.cached_input_tokens is 'Part of input read from the provider''s cache.';
comment on column public.usage_logs.output_tokens is 'Output tokens of all billed attempts.';
comment on column public.usage_logs.reasoning_tokens is 'Part of output spent on reasoning.';
comment on column public.usage_logs.cost_microusd is 'Millionths of a dollar; NULL exactly when no price is known, never 0 for that.';
comment on column public.usage_logs.cost_state is 'reported by the provider, priced by price_name, or unpriced.';
comment on column public.usage_logs.price_name is 'The named price, or why there is none.';
comment on column public.usage_logs.latency_ms is 'From the webhook''s arrival to the posted reply, in milliseconds.';
comment on column public.usage_logs.model_latency_ms is 'Time waited for models, in ms.';
comment on column public.usage_logs.figma_latency_ms is 'Time waited for Figma, in ms.';
comment on column public.usage_logs.fallbacks is 'Providers that failed before the one that answered.';
comment on column public.usage_logs.context_version is 'Context version in force.';
comment on column public.usage_logs.prompt_version is 'Version of the prompt''s wording.';
comment on column public.usage_logs.request_id is 'Follows the comment through every log line.';
comment on column public.usage_logs.unknown_calls is 'Model calls of this run that may have been billed without our being told (a time-out, a lost worker): cost_microusd is without them.';
comment on column public.usage_logs.cache_write_tokens is 'Part of input written to the provider''s cache.';
comment on column public.usage_logs.token_classes is 'What else has a price of its own, by the price library''s names ({"input_audio_tokens": 12}): parts of input, cached input, cache writes or output, each counted once.';
comment on column public.usage_logs.service_tier is 'The tier that served the call: standard, or as the answer named it (flex, priority, batch …); mixed when several calls differ.';
alter table public.usage_logs add constraint usage_logs_token_classes check ((cache_write_tokens >= 0)
    and (jsonb_typeof(token_classes) = 'object') and (service_tier <> '')) not valid;
create trigger usage_logs_ai_cost after insert on public.usage_logs
    referencing new table as written for each statement execute function private.roll_up_ai_cost();
create trigger usage_logs_immutable before delete or update on public.usage_logs
    for each row execute function private.refuse_change();
create trigger usage_logs_not_truncated before truncate on public.usage_logs
    for each statement execute function private.refuse_change();
alter table public.usage_logs enable row level security;
revoke all on public.usage_logs from public, anon, authenticated;
grant select on public.usage_logs to authenticated;
revoke update, delete, truncate on public.usage_logs from service_role;
grant select, insert on public.usage_logs to service_role;
grant select (unknown_calls) on public.usage_logs to authenticated;
create policy usage_logs_select on public.usage_logs for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,finance}') then true end) is not null);

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
    figma_latency_ms_sum bigint not null default 0,
    figma_latency_histogram bigint[] not null default array_fill((0)::bigint, array[84]),
    cache_write_tokens bigint not null default 0,
    primary key (hour, plan_code, feature, provider, model, status, error_code)
);
comment on table public.usage_hourly is 'The ledger by hour (UTC) and low-cardinality dimensions, kept in the ledger''s own transaction.';
comment on column public.usage_hourly.hour is 'Start of the UTC hour.';
comment on column public.usage_hourly.plan_code is 'Plan of the payer; empty for guests.';
comment on column public.usage_hourly.feature is 'comment, command, invite …';
comment on column public.usage_hourly.provider is 'Model provider; empty without a model call.';
comment on column public.usage_hourly.model is 'Model; empty without a model call.';
comment on column public.usage_hourly.status is 'answered, refused or failed.';
comment on column public.usage_hourly.error_code is 'Reason of a refusal or failure; else empty.';
comment on column public.usage_hourly.uses is 'Ledger rows.';
comment on column public.usage_hourly.unpriced is 'Ledger rows without a known price.';
comment on column public.usage_hourly.input_tokens is 'Sum of input tokens.';
comment on column public.usage_hourly.cached_input_tokens is 'Sum of cached input tokens.';
comment on column public.usage_hourly.output_tokens is 'Sum of output tokens.';
comment on column public.usage_hourly.reasoning_tokens is 'Sum of reasoning tokens.';
comment on column public.usage_hourly.cost_microusd is 'Sum of known costs in micro-dollars.';
comment on column public.usage_hourly.latency_ms_sum is 'Sum of latencies in ms.';
comment on column public.usage_hourly.model_latency_ms_sum is 'Sum of model latencies in ms.';
comment on column public.usage_hourly.latency_histogram is '84 counts; bucket b holds latencies up to 2^((b-1)/4) ms. Element-wise sums merge histograms.';
comment on column public.usage_hourly.model_latency_histogram is 'As latency_histogram, of the model''s own time; empty calls are not counted.';
comment on column public.usage_hourly.figma_latency_ms_sum is 'Sum of the time spent in calls to Figma, in milliseconds; 0 before this column existed.';
comment on column public.usage_hourly.figma_latency_histogram is '84 counts of the time spent in calls to Figma, buckets as in latency_histogram; all zero before this column existed.';
comment on column public.usage_hourly.cache_write_tokens is 'Part of input written to the provider''s cache.';
alter table public.usage_hourly enable row level security;
revoke all on public.usage_hourly from public, anon, authenticated;
grant select, insert, update, delete on public.usage_hourly to service_role;
grant select on public.usage_hourly to authenticated;
create policy usage_hourly_select on public.usage_hourly for select to authenticated
    using ((select case when private.operator_role() = any ('{founder}') then true end) is not null);

create table public.usage_daily (
    day date not null,
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
    cache_write_tokens bigint not null default 0,
    primary key (day, plan_code, feature, provider, model, status, error_code)
);
comment on table public.usage_daily is 'usage_hourly by reporting day, kept in the ledger''s own transaction: long periods are read from here.';
comment on column public.usage_daily.day is 'Day in the reporting time zone.';
comment on column public.usage_daily.plan_code is 'Plan of the payer; empty for guests.';
comment on column public.usage_daily.feature is 'comment, command, invite …';
comment on column public.usage_daily.provider is 'Model provider; empty without a model call.';
comment on column public.usage_daily.model is 'Model; empty without a model call.';
comment on column public.usage_daily.status is 'answered, refused or failed.';
comment on column public.usage_daily.error_code is 'Reason of a refusal or failure; else empty.';
comment on column public.usage_daily.uses is 'Ledger rows.';
comment on column public.usage_daily.unpriced is 'Ledger rows without a known price.';
comment on column public.usage_daily.input_tokens is 'Sum of input tokens.';
comment on column public.usage_daily.cached_input_tokens is 'Sum of cached input tokens.';
comment on column public.usage_daily.output_tokens is 'Sum of output tokens.';
comment on column public.usage_daily.reasoning_tokens is 'Sum of reasoning tokens.';
comment on column public.usage_daily.cost_microusd is 'Sum of known costs in micro-dollars.';
comment on column public.usage_daily.latency_ms_sum is 'Sum of latencies in ms.';
comment on column public.usage_daily.model_latency_ms_sum is 'Sum of model latencies in ms.';
comment on column public.usage_daily.latency_histogram is '84 counts; bucket b holds latencies up to 2^((b-1)/4) ms. Element-wise sums merge histograms.';
comment on column public.usage_daily.model_latency_histogram is 'As latency_histogram, of the model''s own time; empty calls are not counted.';
comment on column public.usage_daily.cache_write_tokens is 'Part of input written to the provider''s cache.';
alter table public.usage_daily enable row level security;
revoke all on public.usage_daily from public, anon, authenticated;
grant select, insert, update, delete on public.usage_daily to service_role;
grant select on public.usage_daily to authenticated;
create policy usage_daily_select on public.usage_daily for select to authenticated
    using ((select case when private.operator_role() = any ('{founder}') then true end) is not null);

create table public.usage_hourly_teams (
    team_id uuid not null,
    hour timestamptz not null,
    plan_code text not null,
    feature text not null,
    status text not null,
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
    cache_write_tokens bigint not null default 0,
    primary key (team_id, hour, plan_code, feature, status)
);
comment on table public.usage_hourly_teams is 'The ledger by hour (UTC) and team of the payer at the time of use: figures narrowed to a team.';
comment on column public.usage_hourly_teams.team_id is 'Team of the payer at the time of use. No foreign key: the row outlives the team.';
comment on column public.usage_hourly_teams.hour is 'Start of the UTC hour.';
comment on column public.usage_hourly_teams.plan_code is 'Plan of the payer; empty for guests.';
comment on column public.usage_hourly_teams.feature is 'comment, command, invite …';
comment on column public.usage_hourly_teams.status is 'answered, refused or failed.';
comment on column public.usage_hourly_teams.uses is 'Ledger rows.';
comment on column public.usage_hourly_teams.unpriced is 'Ledger rows without a known price.';
comment on column public.usage_hourly_teams.input_tokens is 'Sum of input tokens.';
comment on column public.usage_hourly_teams.cached_input_tokens is 'Sum of cached input tokens.';
comment on column public.usage_hourly_teams.output_tokens is 'Sum of output tokens.';
comment on column public.usage_hourly_teams.reasoning_tokens is 'Sum of reasoning tokens.';
comment on column public.usage_hourly_teams.cost_microusd is 'Sum of known costs in micro-dollars.';
comment on column public.usage_hourly_teams.latency_ms_sum is 'Sum of latencies in ms.';
comment on column public.usage_hourly_teams.model_latency_ms_sum is 'Sum of model latencies in ms.';
comment on column public.usage_hourly_teams.latency_histogram is '84 counts; bucket b holds latencies up to 2^((b-1)/4) ms. Element-wise sums merge histograms.';
comment on column public.usage_hourly_teams.cache_write_tokens is 'Part of input written to the provider''s cache.';
alter table public.usage_hourly_teams enable row level security;
revoke all on public.usage_hourly_teams from public, anon, authenticated;
grant select, insert, update, delete on public.usage_hourly_teams to service_role;
grant select on public.usage_hourly_teams to authenticated;
create policy usage_hourly_teams_select on public.usage_hourly_teams for select to authenticated
    using ((select case when private.operator_role() = any ('{founder}') then true end) is not null);

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
comment on table public.usage_daily_users is 'The ledger by reporting day and paying user, kept in the ledger''s own transaction.';
comment on column public.usage_daily_users.day is 'Day in the reporting time zone.';
comment on column public.usage_daily_users.user_id is 'Paying user.';
comment on column public.usage_daily_users.plan_code is 'Plan at that moment.';
comment on column public.usage_daily_users.answered is 'Ledger rows with status answered.';
comment on column public.usage_daily_users.refused is '… refused.';
comment on column public.usage_daily_users.failed is '… failed.';
comment on column public.usage_daily_users.unpriced is '… without a known price.';
comment on column public.usage_daily_users.input_tokens is 'Sum of input tokens.';
comment on column public.usage_daily_users.output_tokens is 'Sum of output tokens.';
comment on column public.usage_daily_users.cost_microusd is 'Sum of known costs in micro-dollars.';
alter table public.usage_daily_users enable row level security;
revoke all on public.usage_daily_users from public, anon, authenticated;
grant select, insert, update, delete on public.usage_daily_users to service_role;
grant select on public.usage_daily_users to authenticated;
create policy usage_daily_users_select on public.usage_daily_users for select to authenticated
    using ((select case when private.operator_role() = any ('{founder}') then true end) is not null);

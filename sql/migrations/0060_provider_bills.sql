-- Each call of a model by itself, and what providers billed for it, so that both can be compared.

create table public.model_calls (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    usage_id bigint not null,
    answer_id uuid not null,
    feature text not null,
    provider text not null,
    model text not null,
    call_id text not null default '',
    outcome text not null default '',
    service_tier text not null default 'standard',
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    cache_write_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    cost_state text not null,
    cost_microusd bigint,
    constraint model_calls_cost check ((cost_state in ('unpriced', 'unknown')) = (cost_microusd is null)),
    constraint model_calls_cost_state check (cost_state in ('reported', 'priced', 'unpriced', 'unknown'))
);
create index model_calls_at on public.model_calls (at);
create index model_calls_provider_at on public.model_calls (provider, at);
create index model_calls_call_id on public.model_calls (call_id) where call_id <> '';
comment on table public.model_calls is 'One row for each call of a model that was billed, or may have been: a row of the ledger has one or more. Kept 400 days.';
comment on column public.model_calls.id is 'Our number.';
comment on column public.model_calls.at is 'When the model was asked, by the worker''s clock; of processes of an older version: when the row of the ledger was written.';
comment on column public.model_calls.usage_id is 'usage_logs.id of the run that made the call.';
comment on column public.model_calls.answer_id is 'The answer, analysis or pipeline of that run.';
comment on column public.model_calls.feature is 'As in the ledger.';
comment on column public.model_calls.provider is 'Which provider of the chain was asked.';
comment on column public.model_calls.model is 'The model that was asked for; at Azure the deployment.';
comment on column public.model_calls.call_id is 'The provider''s own id of the call; empty if none came back.';
comment on column public.model_calls.outcome is 'ok, or the reason of an unusable answer.';
comment on column public.model_calls.service_tier is 'The tier that served it.';
comment on column public.model_calls.input_tokens is 'All input tokens, cached and cache-written ones included.';
comment on column public.model_calls.cached_input_tokens is 'Of them read from the provider''s cache.';
comment on column public.model_calls.cache_write_tokens is 'Of them written to the provider''s cache.';
comment on column public.model_calls.output_tokens is 'All output tokens, reasoning included.';
comment on column public.model_calls.cost_state is 'reported, priced, unpriced; unknown: it may have been billed, and no tokens were told.';
comment on column public.model_calls.cost_microusd is 'What it cost when it was booked; NULL: no price or no tokens known.';
alter table public.model_calls enable row level security;
revoke all on public.model_calls from public, anon, authenticated;
grant select, insert, update, delete on public.model_calls to service_role;
grant select on public.model_calls to authenticated;
create policy model_calls_select on public.model_calls for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

create table public.model_call_days (
    day date not null,
    provider text not null,
    model text not null,
    service_tier text not null,
    calls bigint not null default 0,
    unpriced bigint not null default 0,
    unknown bigint not null default 0,
    input_tokens bigint not null default 0,
    cached_input_tokens bigint not null default 0,
    cache_write_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    cost_microusd bigint not null default 0,
    primary key (day, provider, model, service_tier)
);
comment on table public.model_call_days is 'Sums of model_calls by UTC day, as providers bill.';
comment on column public.model_call_days.day is 'UTC day.';
comment on column public.model_call_days.provider is 'As in model_calls.';
comment on column public.model_call_days.model is 'As in model_calls.';
comment on column public.model_call_days.service_tier is 'As in model_calls.';
comment on column public.model_call_days.calls is 'Calls, all states.';
comment on column public.model_call_days.unpriced is 'Of them without a price.';
comment on column public.model_call_days.unknown is 'Of them without tokens told.';
comment on column public.model_call_days.input_tokens is 'All input tokens.';
comment on column public.model_call_days.cached_input_tokens is 'Of them read from the cache.';
comment on column public.model_call_days.cache_write_tokens is 'Of them written to the cache.';
comment on column public.model_call_days.output_tokens is 'Output tokens.';
comment on column public.model_call_days.cost_microusd is 'Known costs as they were booked; adjustments are not in it.';
alter table public.model_call_days enable row level security;
revoke all on public.model_call_days from public, anon, authenticated;
grant select, insert, update, delete on public.model_call_days to service_role;
grant select on public.model_call_days to authenticated;
create policy model_call_days_select on public.model_call_days for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

create table public.provider_bills (
    id uuid primary key,
    provider text not null,
    format text not null,
    first_day date not null,
    last_day date not null,
    tells text[] not null,
    state text not null default 'loading',
    lines integer not null default 0,
    credits_microusd bigint not null default 0,
    tax_microusd bigint not null default 0,
    left_out_lines integer not null default 0,
    left_out_microusd bigint not null default 0,
    file_hash text not null default '',
    uploaded_by text not null,
    uploaded_at timestamptz not null default now(),
    matched_at timestamptz,
    constraint provider_bills_days check ((last_day >= first_day) and (last_day - first_day <= 400)),
    constraint provider_bills_state check (state in ('loading', 'ready')),
    constraint provider_bills_provider check ((length(provider) >= 1) and (length(provider) <= 100)),
    constraint provider_bills_format check (format ~ '^[a-z_]{1,40}$'),
    constraint provider_bills_tells check (tells <@ '{calls,input,cached,write,output,cost}'::text[])
);
comment on table public.provider_bills is 'Uploads of what a provider billed. The file itself is not kept: numbers, days, model names and ids of calls are.';
comment on column public.provider_bills.id is 'Chosen by who uploads it.';
comment on column public.provider_bills.provider is 'Which provider of the chain it bills, as in model_calls.';
comment on column public.provider_bills.format is 'Which export it was read as; by_hand: with a mapping of its columns.';
comment on column public.provider_bills.first_day is 'First UTC day it is compared for.';
comment on column public.provider_bills.last_day is 'Last UTC day it is compared for.';
comment on column public.provider_bills.tells is 'Which measures it has: calls, input, cached, write, output (tokens), cost.';
comment on column public.provider_bills.state is 'loading: its lines are on their way, and it counts nowhere; ready.';
comment on column public.provider_bills.lines is 'How many lines are compared.';
comment on column public.provider_bills.credits_microusd is 'Credits and refunds in it, which are not compared.';
comment on column public.provider_bills.tax_microusd is 'Tax in it, which is not compared.';
comment on column public.provider_bills.left_out_lines is 'Lines that are not compared: of other services, or of days outside.';
comment on column public.provider_bills.left_out_microusd is 'What those lines cost.';
comment on column public.provider_bills.file_hash is 'SHA-256 of the file, by which the same one is known again.';
comment on column public.provider_bills.uploaded_by is 'The operator''s e-mail address.';
comment on column public.provider_bills.uploaded_at is 'When.';
comment on column public.provider_bills.matched_at is 'When its calls were last looked for among ours by their ids.';
create trigger provider_bills_audit after update on public.provider_bills
    for each row when ((old.state is distinct from new.state)) execute function private.audit();
create trigger provider_bills_audit_removal after delete on public.provider_bills
    for each row when ((old.state = 'ready'::text)) execute function private.audit();
alter table public.provider_bills enable row level security;
revoke all on public.provider_bills from public, anon, authenticated;
grant select, insert, update, delete on public.provider_bills to service_role;
grant select on public.provider_bills to authenticated;
create policy provider_bills_select on public.provider_bills for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

create table public.provider_bill_lines (
    bill_id uuid not null references public.provider_bills (id) on delete cascade,
    line integer not null,
    day date not null,
    at timestamptz,
    call_id text not null default '',
    model text not null,
    service_tier text not null default '',
    calls bigint,
    input_tokens bigint,
    cached_tokens bigint,
    write_tokens bigint,
    output_tokens bigint,
    cost_microusd numeric,
    input_microusd numeric,
    cached_microusd numeric,
    write_microusd numeric,
    output_microusd numeric,
    rounding_microusd numeric not null default 0,
    model_call_id bigint,
    primary key (bill_id, line)
);
create index provider_bill_lines_day on public.provider_bill_lines (bill_id, day);
comment on table public.provider_bill_lines is 'What a provider billed, line by line: for each call where its export tells them, else for each day and model.';
comment on column public.provider_bill_lines.bill_id is 'The upload.';
comment on column public.provider_bill_lines.line is 'Number within the upload.';
comment on column public.provider_bill_lines.day is 'UTC day.';
comment on column public.provider_bill_lines.at is 'Moment of a single call; NULL: of a whole day.';
comment on column public.provider_bill_lines.call_id is 'The provider''s id of a single call; empty: of many.';
comment on column public.provider_bill_lines.model is 'The model as the provider names it.';
comment on column public.provider_bill_lines.service_tier is 'The tier, where the export tells it.';
comment on column public.provider_bill_lines.calls is 'Calls; NULL here and below: not told.';
comment on column public.provider_bill_lines.input_tokens is 'Input tokens without those that the export tells apart: cached, written.';
comment on column public.provider_bill_lines.cached_tokens is 'Input tokens read from a cache.';
comment on column public.provider_bill_lines.write_tokens is 'Input tokens written to a cache.';
comment on column public.provider_bill_lines.output_tokens is 'Output tokens.';
comment on column public.provider_bill_lines.cost_microusd is 'What was billed, with the fractions of the export.';
comment on column public.provider_bill_lines.input_microusd is 'Of it for input, where the export tells.';
comment on column public.provider_bill_lines.cached_microusd is 'Of it for cached input.';
comment on column public.provider_bill_lines.write_microusd is 'Of it for writing to the cache.';
comment on column public.provider_bill_lines.output_microusd is 'Of it for output.';
comment on column public.provider_bill_lines.rounding_microusd is 'By how much rounding in the export may have changed the cost.';
comment on column public.provider_bill_lines.model_call_id is 'Our call with this id; NULL: not seen.';
alter table public.provider_bill_lines enable row level security;
revoke all on public.provider_bill_lines from public, anon, authenticated;
grant select, insert, update, delete on public.provider_bill_lines to service_role;
grant select on public.provider_bill_lines to authenticated;
create policy provider_bill_lines_select on public.provider_bill_lines for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

create table public.provider_bill_days (
    bill_id uuid not null references public.provider_bills (id) on delete cascade,
    day date not null,
    model text not null,
    calls bigint,
    input_tokens bigint,
    cached_tokens bigint,
    write_tokens bigint,
    output_tokens bigint,
    cost_microusd numeric,
    input_microusd numeric,
    cached_microusd numeric,
    write_microusd numeric,
    output_microusd numeric,
    rounding_microusd numeric not null default 0,
    matched_calls bigint not null default 0,
    matched_microusd numeric not null default 0,
    matched_our_microusd bigint not null default 0,
    primary key (bill_id, day, model)
);
comment on table public.provider_bill_days is 'Sums of provider_bill_lines by UTC day and model, once an upload is complete.';
comment on column public.provider_bill_days.bill_id is 'The upload.';
comment on column public.provider_bill_days.day is 'UTC day.';
comment on column public.provider_bill_days.model is 'The model in the short form of private.bill_model.';
comment on column public.provider_bill_days.calls is 'As in provider_bill_lines, and so the next eleven.';
comment on column public.provider_bill_days.input_tokens is 'See calls.';
comment on column public.provider_bill_days.cached_tokens is 'See calls.';
comment on column public.provider_bill_days.write_tokens is 'See calls.';
comment on column public.provider_bill_days.output_tokens is 'See calls.';
comment on column public.provider_bill_days.cost_microusd is 'See calls.';
comment on column public.provider_bill_days.input_microusd is 'See calls.';
comment on column public.provider_bill_days.cached_microusd is 'See calls.';
comment on column public.provider_bill_days.write_microusd is 'See calls.';
comment on column public.provider_bill_days.output_microusd is 'See calls.';
comment on column public.provider_bill_days.rounding_microusd is 'See calls.';
comment on column public.provider_bill_days.matched_calls is 'Lines whose id is one of our calls.';
comment on column public.provider_bill_days.matched_microusd is 'What was billed for them.';
comment on column public.provider_bill_days.matched_our_microusd is 'What we booked for them.';
alter table public.provider_bill_days enable row level security;
revoke all on public.provider_bill_days from public, anon, authenticated;
grant select, insert, update, delete on public.provider_bill_days to service_role;
grant select on public.provider_bill_days to authenticated;
create policy provider_bill_days_select on public.provider_bill_days for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

create table public.provider_bill_models (
    id bigint generated always as identity primary key,
    provider text not null,
    billed text not null,
    model text not null,
    constraint provider_bill_models_once unique (provider, billed),
    constraint provider_bill_models_length check (length(provider) <= 100 and length(billed) <= 200
        and length(model) <= 200)
);
comment on table public.provider_bill_models is 'Models that a provider''s bill names otherwise than we do.';
comment on column public.provider_bill_models.id is 'Our number.';
comment on column public.provider_bill_models.provider is 'As in model_calls.';
comment on column public.provider_bill_models.billed is 'Its name on the bill, in the short form of private.bill_model.';
comment on column public.provider_bill_models.model is 'Our name of it, in the same form.';
create trigger provider_bill_models_audit after insert or delete or update on public.provider_bill_models
    for each row execute function private.audit();
alter table public.provider_bill_models enable row level security;
revoke all on public.provider_bill_models from public, anon, authenticated;
grant select, insert, update, delete on public.provider_bill_models to service_role;
grant select on public.provider_bill_models to authenticated;
create policy provider_bill_models_select on public.provider_bill_models for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

create table public.provider_bill_headers (
    code text primary key,
    columns jsonb not null,
    constraint provider_bill_headers_code check (code ~ '^[0-9a-f]{64}$'),
    constraint provider_bill_headers_columns check (jsonb_typeof(columns) = 'object'
        and length(columns::text) <= 4000)
);
comment on table public.provider_bill_headers is 'Which column of an export means what, as an operator once said for files with this header.';
comment on column public.provider_bill_headers.code is 'SHA-256 of the header''s names.';
comment on column public.provider_bill_headers.columns is 'The name of the column for each meaning.';
create trigger provider_bill_headers_audit after insert or delete or update on public.provider_bill_headers
    for each row execute function private.audit();
alter table public.provider_bill_headers enable row level security;
revoke all on public.provider_bill_headers from public, anon, authenticated;
grant select, insert, update, delete on public.provider_bill_headers to service_role;
grant select on public.provider_bill_headers to authenticated;
create policy provider_bill_headers_select on public.provider_bill_headers for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

create table public.provider_bill_drifts (
    provider text not null,
    month date not null,
    billed_microusd bigint,
    our_microusd bigint,
    drift numeric,
    coverage numeric,
    measured_at timestamptz not null default now(),
    primary key (provider, month)
);
comment on table public.provider_bill_drifts is 'How far a provider''s bills of a month and our books are apart, measured every few minutes: what alerts are given by.';
comment on column public.provider_bill_drifts.provider is 'As in model_calls.';
comment on column public.provider_bill_drifts.month is 'First day of the UTC month.';
comment on column public.provider_bill_drifts.billed_microusd is 'Billed on the compared days; NULL: no bill tells amounts.';
comment on column public.provider_bill_drifts.our_microusd is 'Our cost of the same days.';
comment on column public.provider_bill_drifts.drift is '(ours − billed) ÷ billed.';
comment on column public.provider_bill_drifts.coverage is 'Share of billed calls, else of billed tokens, that we saw.';
comment on column public.provider_bill_drifts.measured_at is 'When.';
alter table public.provider_bill_drifts enable row level security;
revoke all on public.provider_bill_drifts from public, anon, authenticated;
grant select, insert, update, delete on public.provider_bill_drifts to service_role;
grant select on public.provider_bill_drifts to authenticated;
create policy provider_bill_drifts_select on public.provider_bill_drifts for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));
create index provider_bill_lines_call on public.provider_bill_lines (model_call_id) where model_call_id is not null;

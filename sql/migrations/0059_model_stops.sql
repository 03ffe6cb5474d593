-- Models taken out of the chain, and the most that all models may cost in a day.

alter table public.product_settings drop constraint product_settings_code;
alter table public.product_settings add constraint product_settings_code check (code in ('triggers', 'guest_rule',
    'answers_per_minute', 'loop_breaker_replies', 'loop_breaker_window_seconds', 'author_replies_per_day',
    'unbilled_microusd_per_day', 'job_attempts', 'model_cost_ceiling_microusd', 'models_off',
    'service_microusd_per_day'));
comment on column public.product_settings.value is 'triggers, models_off: a list of words; guest_rule: invite, owner_pays or ignore; the others: a whole number. NULL: as in the environment.';

create table public.chain_models (
    id text primary key,
    place integer not null,
    told_at timestamptz not null default now()
);
comment on table public.chain_models is 'The models that workers are set up with, as the last one to start told.';
comment on column public.chain_models.id is 'provider/model.';
comment on column public.chain_models.place is 'Its place in the chain, from 1.';
comment on column public.chain_models.told_at is 'When a worker last told so.';
alter table public.chain_models enable row level security;
revoke all on public.chain_models from public, anon, authenticated;
grant select, insert, update, delete on public.chain_models to service_role;
grant select on public.chain_models to authenticated;
create policy chain_models_select on public.chain_models for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

create table public.spend_reservations (
    id uuid primary key default gen_random_uuid(),
    answer_id uuid not null,
    at timestamptz not null default now(),
    microusd bigint not null,
    is_booked boolean not null default false,
    constraint spend_reservations_not_negative check (microusd >= 0)
);
create index spend_reservations_answer on public.spend_reservations (answer_id);
create index spend_reservations_at on public.spend_reservations (at);
comment on table public.spend_reservations is 'What model calls under way may cost at most, while a day''s spend of the whole service is bounded. A row goes when the ledger has the cost.';
comment on column public.spend_reservations.id is 'Our id.';
comment on column public.spend_reservations.answer_id is 'The answer, the analysis or the pipeline that asks.';
comment on column public.spend_reservations.at is 'When it was reserved.';
comment on column public.spend_reservations.microusd is 'The most that its calls may still cost, in micro-dollars.';
comment on column public.spend_reservations.is_booked is 'The ledger has its line, with a bill that is not known: counts until the day (UTC) is over.';
alter table public.spend_reservations enable row level security;
revoke all on public.spend_reservations from public, anon, authenticated;
grant select, insert, update, delete on public.spend_reservations to service_role;

create table public.spend_stops (
    day date primary key,
    reached_at timestamptz not null default now(),
    limit_microusd bigint not null,
    spent_microusd bigint not null,
    refused bigint not null default 1
);
comment on table public.spend_stops is 'Days on which a model was not asked, because the most that all models may cost in a day was reached.';
comment on column public.spend_stops.day is 'UTC day.';
comment on column public.spend_stops.reached_at is 'When a call was first refused.';
comment on column public.spend_stops.limit_microusd is 'The limit that was in force when one was last refused.';
comment on column public.spend_stops.spent_microusd is 'What the day had cost then, with what calls under way may cost.';
comment on column public.spend_stops.refused is 'How often no model was asked for this reason.';
alter table public.spend_stops enable row level security;
revoke all on public.spend_stops from public, anon, authenticated;
grant select, insert, update, delete on public.spend_stops to service_role;
grant select on public.spend_stops to authenticated;
create policy spend_stops_select on public.spend_stops for select to authenticated
    using ((select private.operator_role()) in ('founder', 'finance'));

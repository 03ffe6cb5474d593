-- What people pay for and what they may use: plans, subscriptions, balances and receipts.

create table public.plans (
    code text not null,
    valid_from timestamptz not null default '-infinity',
    name text not null,
    price_microusd bigint not null,
    per text not null,
    uses integer not null,
    period text not null,
    is_unlimited boolean not null default false,
    primary key (code, valid_from),
    constraint plans_per check (per in ('user', 'seat')),
    constraint plans_period check (period in ('lifetime', 'month')),
    constraint plans_uses check (uses >= 0),
    constraint plans_price check (price_microusd >= 0)
);
comment on table public.plans is 'Plans as rows, effective-dated: the newest row of a code that is not in the future is in force.';
comment on column public.plans.price_microusd is 'Price of one month per user or seat, in millionths of a dollar.';
comment on column public.plans.is_unlimited is 'Sold as unlimited: uses is then the fair-use ceiling, and replies do not count down.';

insert into public.plans (code, name, price_microusd, per, uses, period, is_unlimited) values
    ('trial', 'Trial', 0, 'user', 10, 'lifetime', false),
    ('pro', 'Pro', 10000000, 'user', 500, 'month', false),
    ('enterprise', 'Enterprise', 100000000, 'seat', 5000, 'month', true);

create table public.subscriptions (
    id uuid primary key default gen_random_uuid(),
    user_id uuid references public.users (id) on delete cascade,
    team_id uuid references public.teams (id) on delete cascade,
    plan_code text not null,
    seats integer not null default 1,
    starts_at timestamptz not null default now(),
    ends_at timestamptz,
    created_at timestamptz not null default now(),
    constraint subscriptions_one_payer check ((user_id is null) <> (team_id is null)),
    constraint subscriptions_seats check (seats > 0),
    constraint subscriptions_period check (ends_at is null or ends_at > starts_at)
);
create index subscriptions_user_id on public.subscriptions (user_id, starts_at desc);
create index subscriptions_team_id on public.subscriptions (team_id, starts_at desc);
comment on table public.subscriptions is 'Which plan a user or a team has, from when to when. Nobody listed here is on the trial.';

create table public.use_balances (
    user_id uuid not null references public.users (id) on delete cascade,
    plan_code text not null,
    period_start date not null,
    used integer not null default 0,
    reserved integer not null default 0,
    primary key (user_id, plan_code, period_start),
    constraint use_balances_counts check (used >= 0 and reserved >= 0)
);
comment on table public.use_balances is 'Uses taken and reserved of a plan in a period; period_start is -infinity for a plan without periods.';

create table public.use_receipts (
    id uuid primary key default gen_random_uuid(),
    answer_id uuid not null,
    run integer not null,
    user_id uuid not null references public.users (id) on delete cascade,
    plan_code text not null,
    period_start date not null,
    state text not null default 'reserved',
    reason text not null default '',
    reply_comment_id text,
    reserved_at timestamptz not null default now(),
    closed_at timestamptz,
    constraint use_receipts_once unique (answer_id, run),
    constraint use_receipts_state check (state in ('reserved', 'settled', 'released')),
    constraint use_receipts_settled_has_reply check (state <> 'settled' or reply_comment_id is not null)
);
create index use_receipts_user_id on public.use_receipts (user_id, reserved_at desc);
create index use_receipts_reserved on public.use_receipts (reserved_at) where state = 'reserved';
comment on table public.use_receipts is 'A use is a receipt: reserved before the work, settled against the posted reply, or released with a reason.';

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
    constraint model_prices_period check (valid_to is null or valid_to > valid_from),
    constraint model_prices_not_negative check (
        input_microusd_per_million >= 0 and output_microusd_per_million >= 0
        and coalesce(cached_input_microusd_per_million, 0) >= 0
    )
);
create index model_prices_model on public.model_prices (provider, model, valid_from desc);
comment on table public.model_prices is 'Effective-dated prices that override the price library: micro-dollars per million tokens.';

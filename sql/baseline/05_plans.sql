-- What people pay for and what they may use: plans, subscriptions, balances and receipts.

create table public.plans (
    code text not null,
    valid_from timestamptz not null default '-infinity'::timestamptz,
    name text not null,
    price_microusd bigint not null,
    per text not null,
    uses integer not null,
    period text not null,
    is_unlimited boolean not null default false,
    overage_microusd bigint not null default 0,
    primary key (code, valid_from),
    constraint plans_overage check (overage_microusd >= 0),
    constraint plans_per check (per in ('user', 'seat')),
    constraint plans_period check (period in ('lifetime', 'month')),
    constraint plans_price check (price_microusd >= 0),
    constraint plans_uses check (uses >= 0)
);
comment on table public.plans is 'Plans as rows, effective-dated: the newest row of a code that is not in the future is in force.';
comment on column public.plans.code is 'Name in code: trial, pro, enterprise.';
comment on column public.plans.valid_from is 'First moment this row is in force.';
comment on column public.plans.name is 'Name on screen.';
comment on column public.plans.price_microusd is 'Price of one month per user or seat, in millionths of a dollar.';
comment on column public.plans.per is 'What the price is for: user or seat.';
comment on column public.plans.uses is 'Uses included per user and period.';
comment on column public.plans.period is 'lifetime or month (UTC).';
comment on column public.plans.is_unlimited is 'Sold as unlimited: uses is then the fair-use ceiling, and replies do not count down.';
comment on column public.plans.overage_microusd is 'Price of one use beyond the included ones, in millionths of a dollar; 0: such a use is not charged.';
insert into public.plans (code, name, price_microusd, per, uses, period, is_unlimited) values
    ('trial', 'Trial', 0, 'user', 10, 'lifetime', false),
    ('pro', 'Pro', 10000000, 'user', 500, 'month', false),
    ('enterprise', 'Enterprise', 100000000, 'seat', 5000, 'month', true);
create trigger plans_audit after insert or delete or update on public.plans
    for each row execute function private.audit();
alter table public.plans enable row level security;
revoke all on public.plans from public, anon, authenticated;
grant select, insert, update, delete on public.plans to service_role;
grant select on public.plans to authenticated;
create policy plans_select on public.plans for select to authenticated
    using ((select private.operator_role()) is not null);

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
    constraint subscriptions_period check ((ends_at is null) or (ends_at > starts_at)),
    constraint subscriptions_seats check (seats > 0)
);
create index subscriptions_team_id on public.subscriptions (team_id, starts_at desc);
create index subscriptions_user_id on public.subscriptions (user_id, starts_at desc);
comment on table public.subscriptions is 'Which plan a user or a team has, from when to when. Nobody listed here is on the trial.';
comment on column public.subscriptions.id is 'Our id.';
comment on column public.subscriptions.user_id is 'The paying user, or NULL for a team.';
comment on column public.subscriptions.team_id is 'The paying team, or NULL for a user.';
comment on column public.subscriptions.plan_code is 'Plan from plans.code.';
comment on column public.subscriptions.seats is 'Seats paid for.';
comment on column public.subscriptions.starts_at is 'First moment.';
comment on column public.subscriptions.ends_at is 'First moment after; NULL: open.';
comment on column public.subscriptions.created_at is 'When the row was written.';
create trigger subscriptions_audit after insert or delete or update on public.subscriptions
    for each row execute function private.audit();
alter table public.subscriptions enable row level security;
revoke all on public.subscriptions from public, anon, authenticated;
grant select, insert, update, delete on public.subscriptions to service_role;
grant select on public.subscriptions to authenticated;
create policy subscriptions_select on public.subscriptions for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,finance}') then true end) is not null);

-- A subscription has the price in force at each moment: a new price of its plan starts a new interval.
create view private.paid_intervals with (security_invoker = true) as
select s.id as subscription_id, s.user_id, s.team_id, s.plan_code, s.seats, p.price_microusd,
    s.seats * p.price_microusd as mrr_microusd,
    greatest(s.starts_at, p.valid_from) as from_at,
    least(coalesce(s.ends_at, 'infinity'), p.valid_to) as to_at
from public.subscriptions as s
join (
    select code, price_microusd, valid_from,
        coalesce(lead(valid_from) over (partition by code order by valid_from), 'infinity') as valid_to
    from public.plans
) as p on p.code = s.plan_code and p.valid_from < coalesce(s.ends_at, 'infinity') and p.valid_to > s.starts_at
where p.price_microusd > 0;
comment on view private.paid_intervals is 'MRR: seats × monthly price of each subscription in [from_at, to_at). Free plans, tax and one-off amounts are not in it.';
revoke all on private.paid_intervals from public, anon, authenticated;
grant select on private.paid_intervals to authenticated;
grant select on private.paid_intervals to service_role;

create table public.use_balances (
    user_id uuid not null references public.users (id) on delete cascade,
    plan_code text not null,
    period_start date not null,
    used integer not null default 0,
    reserved integer not null default 0,
    primary key (user_id, plan_code, period_start),
    constraint use_balances_counts check ((used >= 0) and (reserved >= 0))
);
-- What nearly used-up plans are found by. Not on `used`, so that a use stays a cheap (HOT) update.
create index use_balances_period on public.use_balances (period_start, plan_code);
comment on table public.use_balances is 'Uses taken and reserved of a plan in a period; period_start is -infinity for a plan without periods.';
comment on column public.use_balances.user_id is 'Whose uses.';
comment on column public.use_balances.plan_code is 'Of which plan.';
comment on column public.use_balances.period_start is 'Start of the period (UTC); -infinity for a plan without periods.';
comment on column public.use_balances.used is 'Settled uses.';
comment on column public.use_balances.reserved is 'Uses of answers under way.';
alter table public.use_balances enable row level security;
revoke all on public.use_balances from public, anon, authenticated;
grant select, insert, update, delete on public.use_balances to service_role;
grant select on public.use_balances to authenticated;
create policy use_balances_select on public.use_balances for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

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
    constraint use_receipts_settled_has_reply check ((state <> 'settled') or (reply_comment_id is not null)),
    constraint use_receipts_state check (state in ('reserved', 'settled', 'released', 'withdrawn')),
    constraint use_receipts_once unique (answer_id, run)
);
create index use_receipts_reserved on public.use_receipts (reserved_at) where state = 'reserved';
create index use_receipts_user_id on public.use_receipts (user_id, reserved_at desc);
comment on table public.use_receipts is 'A use is a receipt: reserved before the work, settled against the posted reply, or released with a reason.';
comment on column public.use_receipts.id is 'Our id.';
comment on column public.use_receipts.answer_id is 'For which answer.';
comment on column public.use_receipts.run is 'Which run of it.';
comment on column public.use_receipts.user_id is 'Who pays.';
comment on column public.use_receipts.plan_code is 'From which plan.';
comment on column public.use_receipts.period_start is 'From which period.';
comment on column public.use_receipts.state is 'reserved before the work; settled against the posted reply; released: given back; withdrawn: taken, because the comment was withdrawn after the model had been asked.';
comment on column public.use_receipts.reason is 'Why it was released or withdrawn.';
comment on column public.use_receipts.reply_comment_id is 'The posted reply it was settled against.';
comment on column public.use_receipts.reserved_at is 'When reserved.';
comment on column public.use_receipts.closed_at is 'When settled, released or withdrawn.';
alter table public.use_receipts enable row level security;
revoke all on public.use_receipts from public, anon, authenticated;
grant select, insert, update, delete on public.use_receipts to service_role;
grant select on public.use_receipts to authenticated;
create policy use_receipts_select on public.use_receipts for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

create table public.use_grants (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    plan_code text not null,
    period_start date not null,
    uses integer not null,
    reason text not null,
    granted_by text not null,
    granted_at timestamptz not null default now(),
    revoked_at timestamptz,
    revoked_by text,
    constraint use_grants_uses check ((uses >= 1) and (uses <= 100000))
);
create index use_grants_user_id on public.use_grants (user_id, plan_code, period_start);
comment on table public.use_grants is 'Uses an operator gave somebody on top of a plan, for one period of it. Taking them back keeps the row.';
comment on column public.use_grants.id is 'Our id.';
comment on column public.use_grants.user_id is 'Who got them.';
comment on column public.use_grants.plan_code is 'The plan they were on then: the grant adds to its allowance.';
comment on column public.use_grants.period_start is 'The period (UTC) it counts in; -infinity for a plan without periods.';
comment on column public.use_grants.uses is 'How many.';
comment on column public.use_grants.reason is 'Why, in the operator''s words.';
comment on column public.use_grants.granted_by is 'E-mail address of the operator.';
comment on column public.use_grants.granted_at is 'When.';
comment on column public.use_grants.revoked_at is 'When they were taken back; NULL: they count.';
comment on column public.use_grants.revoked_by is 'E-mail address of the operator who took them back.';
create trigger use_grants_audit after insert or delete or update on public.use_grants
    for each row execute function private.audit('reason');
alter table public.use_grants enable row level security;
revoke all on public.use_grants from public, anon, authenticated;
grant select, insert, update, delete on public.use_grants to service_role;
grant select on public.use_grants to authenticated;
create policy use_grants_select on public.use_grants for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

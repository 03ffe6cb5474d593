-- What figures about analyses are counted from, after the analyses themselves are forgotten.

create table public.analysis_ends (
    analysis_id uuid not null,
    run integer not null,
    at timestamptz not null default now(),
    type text not null,
    state text not null,
    reason text not null default '',
    source text,
    is_cached boolean not null default false,
    batch_id uuid,
    plan_code text not null default '',
    team_id uuid,
    latency_ms bigint not null default 0,
    shown jsonb,
    primary key (analysis_id, run),
    constraint analysis_ends_state check (state in ('done', 'refused', 'failed', 'cancelled')),
    constraint analysis_ends_not_negative check (latency_ms >= 0)
);
create index analysis_ends_at on public.analysis_ends (at);
comment on table public.analysis_ends is 'One row per run of an analysis that has ended: what the ledger does not tell of it. Kept 400 days, as what became of its suggestions.';
comment on column public.analysis_ends.analysis_id is 'The analysis, which is forgotten sooner.';
comment on column public.analysis_ends.run is 'Which run of it: a replay has a row of its own.';
comment on column public.analysis_ends.at is 'When it ended; the moment of its ledger row.';
comment on column public.analysis_ends.type is 'What was asked for: analyses.type.';
comment on column public.analysis_ends.state is 'How the run ended: done, refused, failed or cancelled. Only a cancelled one has no ledger row.';
comment on column public.analysis_ends.reason is 'Code of the refusal or of the failure.';
comment on column public.analysis_ends.source is 'Who wrote the words of one that is done: model or measured.';
comment on column public.analysis_ends.is_cached is 'Whether the result is that of another, equal request.';
comment on column public.analysis_ends.batch_id is 'The batch it came in; NULL: asked for by itself.';
comment on column public.analysis_ends.plan_code is 'Plan of the payer at that moment.';
comment on column public.analysis_ends.team_id is 'Team of the payer at that moment.';
comment on column public.analysis_ends.latency_ms is 'From the request, or the replay, to the end, in milliseconds.';
comment on column public.analysis_ends.shown is 'Suggestions shown, by rule: {rule: [how many, how many of them with a change to apply]}. NULL: nothing was shown, or what web measured by itself and did not store.';
alter table public.analysis_ends enable row level security;
revoke all on public.analysis_ends from public, anon, authenticated;
grant select, insert, update, delete on public.analysis_ends to service_role;
grant select on public.analysis_ends to authenticated;
create policy analysis_ends_select on public.analysis_ends for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.analysis_limited (
    hour timestamptz not null,
    plan_code text not null,
    team_id uuid not null,
    refused bigint not null,
    primary key (hour, plan_code, team_id),
    constraint analysis_limited_not_negative check (refused >= 0)
);
comment on table public.analysis_limited is 'Analyses that were refused because somebody asked for too many within the window, measuring alone included. They have no row of their own. Kept 400 days.';
comment on column public.analysis_limited.hour is 'UTC hour.';
comment on column public.analysis_limited.plan_code is 'Plan of the asker at that moment.';
comment on column public.analysis_limited.team_id is 'Team of the asker; zeros for people without one.';
comment on column public.analysis_limited.refused is 'How many.';
alter table public.analysis_limited enable row level security;
revoke all on public.analysis_limited from public, anon, authenticated;
grant select, insert, update, delete on public.analysis_limited to service_role;
grant select on public.analysis_limited to authenticated;
create policy analysis_limited_select on public.analysis_limited for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

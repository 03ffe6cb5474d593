-- What figures about pipelines are counted from: how each last ended, and sums of that by hour.

create table public.pipeline_history (
    pipeline_id uuid primary key,
    started_at timestamptz not null,
    ended_at timestamptz,
    outcome text,
    cause text not null default '',
    stage text not null default '',
    source text not null default 'page',
    plan_code text not null default '',
    team_id uuid,
    with_model boolean not null default false,
    rounds integer not null default 0,
    calls integer not null default 0,
    cost_microusd bigint not null default 0,
    unpriced integer not null default 0,
    run_ms bigint not null default 0,
    stage_ms jsonb not null default '{}',
    quality jsonb not null default '{}',
    constraint pipeline_history_outcome check (
        outcome in ('gated', 'not_passed', 'untested', 'failed', 'refused', 'cancelled')
    ),
    constraint pipeline_history_ended check ((outcome is null) = (ended_at is null)),
    constraint pipeline_history_not_negative check ((cost_microusd >= 0) and (run_ms >= 0))
);
create index pipeline_history_started_at on public.pipeline_history (started_at desc, pipeline_id desc);
create index pipeline_history_ended_at on public.pipeline_history (ended_at) where ended_at is not null;
create index pipeline_history_team_started on public.pipeline_history (team_id, started_at desc, pipeline_id desc);
create index pipeline_history_team_ended on public.pipeline_history (team_id, ended_at);
comment on table public.pipeline_history is 'One row per pipeline with how it last ended: what the rollups by hour are made of, and what they are counted down by when it is retried. Nobody''s name and nothing of a design. Kept 400 days.';
comment on column public.pipeline_history.pipeline_id is 'The pipeline. No foreign key: the row outlives it.';
comment on column public.pipeline_history.started_at is 'When it was asked for.';
comment on column public.pipeline_history.ended_at is 'When it last ended; NULL: it is queued or at work, perhaps again.';
comment on column public.pipeline_history.outcome is 'How it last ended. gated: a component that passed the gate; not_passed: one that did not; untested: one labelled not tested; failed: none; refused: by Figma, which gave no access or no quota; cancelled. NULL: not ended.';
comment on column public.pipeline_history.cause is 'Code of why it failed, was refused or cancelled, or was not tested.';
comment on column public.pipeline_history.stage is 'The stage in which it failed.';
comment on column public.pipeline_history.source is 'Where it was asked for: page, api or comment.';
comment on column public.pipeline_history.plan_code is 'Plan of the payer when it was asked for.';
comment on column public.pipeline_history.team_id is 'Team of the payer when it was asked for; NULL: of none. No foreign key: the row outlives the team.';
comment on column public.pipeline_history.with_model is 'Whether what a model made of the draft is the result.';
comment on column public.pipeline_history.rounds is 'Rounds of repair.';
comment on column public.pipeline_history.calls is 'Model calls.';
comment on column public.pipeline_history.cost_microusd is 'What its model calls cost, in micro-dollars, as the ledger has it when it ends; unpriced calls are left out.';
comment on column public.pipeline_history.unpriced is 'Model calls without a known price.';
comment on column public.pipeline_history.run_ms is 'From when it was asked for, or retried, to its end, in milliseconds, waiting included.';
comment on column public.pipeline_history.stage_ms is 'Milliseconds of work by stage, all its rounds and attempts together: {read: 850}.';
comment on column public.pipeline_history.quality is 'Quality row of the chosen round, by figure; what was not measured is left out.';
alter table public.pipeline_history enable row level security;
revoke all on public.pipeline_history from public, anon, authenticated;
grant select, insert, update, delete on public.pipeline_history to service_role;
grant select (pipeline_id, started_at, ended_at, outcome, cause, stage, source, plan_code, team_id, with_model, rounds,
    calls, run_ms, stage_ms, quality) on public.pipeline_history to authenticated;
create policy pipeline_history_select on public.pipeline_history for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.pipeline_hourly (
    hour timestamptz not null,
    plan_code text not null,
    outcome text not null,
    cause text not null,
    stage text not null,
    pipelines bigint not null,
    with_model bigint not null,
    primary key (hour, plan_code, outcome, cause, stage)
);
comment on table public.pipeline_hourly is 'Pipelines by UTC hour and how they ended, kept in the transaction that ends them. Kept 400 days.';
comment on column public.pipeline_hourly.hour is 'UTC hour: of the last end; of those that started, of the start.';
comment on column public.pipeline_hourly.plan_code is 'Plan of the payer when it was asked for.';
comment on column public.pipeline_hourly.outcome is 'As in pipeline_history, or started: asked for in this hour.';
comment on column public.pipeline_hourly.cause is 'As in pipeline_history.';
comment on column public.pipeline_hourly.stage is 'As in pipeline_history.';
comment on column public.pipeline_hourly.pipelines is 'How many.';
comment on column public.pipeline_hourly.with_model is 'How many of them have what a model made as their result.';
alter table public.pipeline_hourly enable row level security;
revoke all on public.pipeline_hourly from public, anon, authenticated;
grant select, insert, update, delete on public.pipeline_hourly to service_role;
grant select on public.pipeline_hourly to authenticated;
create policy pipeline_hourly_select on public.pipeline_hourly for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.pipeline_measures_hourly (
    hour timestamptz not null,
    plan_code text not null,
    measure text not null,
    bucket smallint not null,
    cases bigint not null,
    total double precision not null,
    primary key (hour, plan_code, measure, bucket)
);
comment on table public.pipeline_measures_hourly is 'What was measured of pipelines that ended, by UTC hour: times, cost and quality, with mergeable histograms. Kept in the transaction that ends them, and 400 days.';
comment on column public.pipeline_measures_hourly.hour is 'UTC hour of the end.';
comment on column public.pipeline_measures_hourly.plan_code is 'Plan of the payer when it was asked for.';
comment on column public.pipeline_measures_hourly.measure is 'A stage (ms of work in a run), run (ms from the request to the end), cost (micro-dollars of model calls), or a figure of the quality row.';
comment on column public.pipeline_measures_hourly.bucket is 'Bucket of private.latency_bucket; 0 for figures of quality, of which only means are shown.';
comment on column public.pipeline_measures_hourly.cases is 'How many were measured; of kill rates: how many mutants.';
comment on column public.pipeline_measures_hourly.total is 'Sum of what was measured; of kill rates: how many mutants were killed.';
alter table public.pipeline_measures_hourly enable row level security;
revoke all on public.pipeline_measures_hourly from public, anon, authenticated;
grant select, insert, update, delete on public.pipeline_measures_hourly to service_role;
-- What runs cost is for founders alone, as what all analyses cost.
grant select on public.pipeline_measures_hourly to authenticated;
create policy pipeline_measures_hourly_select on public.pipeline_measures_hourly for select to authenticated
    using (case (select private.operator_role()) when 'founder' then true when 'support' then measure <> 'cost' else false end);

-- At the commit: whoever ends a pipeline holds other locks that others may want first.
create function private.note_pipeline() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    return null;
end;
$$;
create constraint trigger pipelines_history_made after insert on public.pipelines deferrable initially deferred
    for each row execute function private.note_pipeline();
create constraint trigger pipelines_history_kept after update on public.pipelines deferrable initially deferred
    for each row when (
        new.state <> old.state and (new.state in ('done', 'failed', 'cancelled') or old.state in ('done', 'failed', 'cancelled'))
    )
    execute function private.note_pipeline();
-- Whoever cancels one is named, beside whoever retries one.
create trigger pipelines_cancel_audit after update on public.pipelines
    for each row when (new.state = 'cancelled' and old.state <> 'cancelled')
    execute function private.audit('options', 'facts', 'params', 'trace_parent', 'idempotency_key');

-- How analyses ended by reporting day: a year of them is read on one page. A day is counted once it is over, by upkeep; until
-- then it is read from analysis_ends, so that nothing is missing while a deploy goes on.

create table public.analysis_daily (
    day date not null,
    plan_code text not null,
    type text not null,
    outcome text not null,
    reason text not null,
    analyses bigint not null,
    in_batches bigint not null,
    constraint analysis_daily_pkey primary key (day, plan_code, type, outcome, reason)
);
comment on table public.analysis_daily is 'Analyses by reporting day and how they ended: sums of analysis_ends. A day is counted once it is over; later days than the last one here are read from analysis_ends. Kept 400 days.';
comment on column public.analysis_daily.day is 'Day in the reporting time zone on which they ended.';
comment on column public.analysis_daily.plan_code is 'As in analysis_ends.';
comment on column public.analysis_daily.type is 'As in analysis_ends.';
comment on column public.analysis_daily.outcome is 'model, measured or cached of those that are done; else refused, failed or cancelled.';
comment on column public.analysis_daily.reason is 'As in analysis_ends.';
comment on column public.analysis_daily.analyses is 'How many.';
comment on column public.analysis_daily.in_batches is 'How many of them came in a batch.';
alter table public.analysis_daily enable row level security;
revoke all on public.analysis_daily from public, anon, authenticated;
grant select, insert, update, delete on public.analysis_daily to service_role;
grant select on public.analysis_daily to authenticated;
create policy analysis_daily_select on public.analysis_daily for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

create table public.analysis_times_daily (
    plan_code text not null,
    day date not null,
    bucket smallint not null,
    analyses bigint not null,
    constraint analysis_times_daily_pkey primary key (plan_code, day, bucket)
);
comment on table public.analysis_times_daily is 'How long analyses took that a model wrote and that were asked for one at a time, by reporting day: a mergeable histogram. Counted with analysis_daily. Kept 400 days.';
comment on column public.analysis_times_daily.plan_code is 'As in analysis_ends; *: of all plans.';
comment on column public.analysis_times_daily.day is 'As in analysis_daily.';
comment on column public.analysis_times_daily.bucket is 'Bucket of private.fine_bucket of their latency_ms.';
comment on column public.analysis_times_daily.analyses is 'How many.';
alter table public.analysis_times_daily enable row level security;
revoke all on public.analysis_times_daily from public, anon, authenticated;
grant select, insert, update, delete on public.analysis_times_daily to service_role;
grant select on public.analysis_times_daily to authenticated;
create policy analysis_times_daily_select on public.analysis_times_daily for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

create table public.analysis_rules_daily (
    day date not null,
    plan_code text not null,
    rule text not null,
    source text not null,
    shown bigint not null,
    with_change bigint not null,
    applied bigint not null,
    undone bigint not null,
    ignored bigint not null,
    constraint analysis_rules_daily_pkey primary key (day, plan_code, rule, source)
);
comment on table public.analysis_rules_daily is 'Suggestions by rule, by the reporting day on which their analysis ended, and the latest word on each, whenever it came. Counted with analysis_daily. Kept 400 days.';
comment on column public.analysis_rules_daily.day is 'As in analysis_daily.';
comment on column public.analysis_rules_daily.plan_code is 'As in analysis_ends.';
comment on column public.analysis_rules_daily.rule is 'Rule of the suggestions.';
comment on column public.analysis_rules_daily.source is 'Who wrote them: as in analysis_ends.';
comment on column public.analysis_rules_daily.shown is 'How many were shown.';
comment on column public.analysis_rules_daily.with_change is 'Of how many a change can be applied.';
comment on column public.analysis_rules_daily.applied is 'How many were applied at last.';
comment on column public.analysis_rules_daily.undone is 'How many were undone at last.';
comment on column public.analysis_rules_daily.ignored is 'How many were ignored at last.';
alter table public.analysis_rules_daily enable row level security;
revoke all on public.analysis_rules_daily from public, anon, authenticated;
grant select, insert, update, delete on public.analysis_rules_daily to service_role;
grant select on public.analysis_rules_daily to authenticated;
create policy analysis_rules_daily_select on public.analysis_rules_daily for select to authenticated
    using ((select case when private.operator_role() = any ('{founder,support}') then true end) is not null);

-- Late facts add to a day that is counted. What they do comes with the functions; the triggers stand here and in the next file.
create function private.note_late_outcome() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    return null;
end;
$$;
create function private.note_late_end() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    return null;
end;
$$;

-- An end that is written after its day was counted.
create trigger analysis_ends_late after insert on public.analysis_ends
    for each row when (new.at < now() - interval '1 hour') execute function private.note_late_end();

-- Whether the numbers of models' answers were among the facts given: counted by hour, and as a figure.

-- Called by write_usage, after its answers are closed. Answers are looked up by key.
create or replace function private.count_grounding(p_written public.usage_logs[]) returns void
language plpgsql
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
    insert into public.grounding_hourly as g (team_id, hour, plan_code, grounding, answers)
    select scopes.team_id, date_trunc('hour', line.at, 'UTC'), line.plan_code, closed.grounding, count(*)
    from unnest(p_written) as line
    cross join lateral (
        select answers.grounding from public.answers where answers.id = line.answer_id offset 0
    ) as closed
    cross join lateral (values
        ('00000000-0000-0000-0000-000000000000'::uuid), (line.team_id)) as scopes (team_id)
    where line.status = 'answered' and line.feature = 'comment' and closed.grounding is not null
        and scopes.team_id is not null
    group by 1, 2, 3, 4
    order by 1, 2, 3, 4
    on conflict (team_id, hour, plan_code, grounding) do update set answers = g.answers + excluded.answers;
end;
$$;
comment on function private.count_grounding is 'Count the answers of these ledger rows that a model wrote, by what became of their numbers.';
revoke execute on function private.count_grounding from public, anon, authenticated;
grant execute on function private.count_grounding to service_role;

create or replace function private.rebuild_grounding() returns void
language sql
security invoker
set search_path = ''
as $$
    delete from public.grounding_hourly;
    insert into public.grounding_hourly (team_id, hour, plan_code, grounding, answers)
    select scopes.team_id, date_trunc('hour', line.at, 'UTC'), line.plan_code, answers.grounding, count(*)
    from public.usage_logs as line
    join public.answers on answers.id = line.answer_id and answers.run = line.run
    cross join lateral (values
        ('00000000-0000-0000-0000-000000000000'::uuid), (line.team_id)) as scopes (team_id)
    where line.status = 'answered' and line.feature = 'comment' and answers.grounding is not null
        and scopes.team_id is not null
    group by 1, 2, 3, 4
$$;
comment on function private.rebuild_grounding is 'grounding_hourly anew from the ledger and the answers.';
revoke execute on function private.rebuild_grounding from public, anon, authenticated;
grant execute on function private.rebuild_grounding to service_role;

-- Not coalesce: under row level security Postgres takes an index only for conditions that cannot leak, as CASE is.
create or replace function public.grounding(
    p_starts timestamptz[], p_to timestamptz, p_plans text[] default null, p_team uuid default null
) returns table (at timestamptz, grounded bigint, repaired bigint, fell_back bigint, no_numbers bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select p_starts[width_bucket(g.hour, p_starts)],
        coalesce(sum(g.answers) filter (where g.grounding = 'grounded'), 0)::bigint,
        coalesce(sum(g.answers) filter (where g.grounding = 'repaired'), 0)::bigint,
        coalesce(sum(g.answers) filter (where g.grounding = 'fell_back'), 0)::bigint,
        coalesce(sum(g.answers) filter (where g.grounding = 'no_numbers'), 0)::bigint
    from public.grounding_hourly as g
    where g.team_id = case when p_team is null then '00000000-0000-0000-0000-000000000000' else p_team end and g.hour >= p_starts[1]
        and g.hour < p_to and (p_plans is null or g.plan_code = any (p_plans)) and private.require_support()
    group by 1
    order by 1
$$;
comment on function public.grounding is 'Comments that a model answered in [p_starts[1], p_to), per step, by what became of the numbers it wrote: grounded (all among the facts given), repaired (after one more try), fell_back (replaced by the measured review), no_numbers. Share of grounded answers = grounded / (grounded + repaired + fell_back). p_starts: the first moments of the steps, in order, whole UTC hours; steps without such an answer are left out.';
revoke execute on function public.grounding from public, anon, authenticated;
grant execute on function public.grounding to authenticated, service_role;

-- Alerts about what goes wrong quietly: nothing arrives, nothing is renewed, a model is down, builds fail, a disk fills, a
-- certificate or a backup is too old, advice that nobody takes.

-- A process tells what only it can see. What nobody has told for a week is forgotten: that machine is gone.
create or replace function public.tell_health(p_code text, p_subject text, p_facts jsonb) returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.health_facts as h (code, subject, facts) values (p_code, left(p_subject, 300), p_facts)
    on conflict (code, subject) do update set facts = excluded.facts, told_at = now()
$$;
comment on function public.tell_health is 'A process says what it sees. p_code disk: {used_bytes, limit_bytes} of p_subject, a machine, or {limit_bytes} of database; certificate: {not_after, problem} of p_subject, a host.';
revoke execute on function public.tell_health from public, anon, authenticated;
grant execute on function public.tell_health to service_role;

-- The last two whole hours and the current one, and the same hours of the four weeks before: silence on a Sunday is no
-- news. Without three weeks in which something came nobody knows what is usual.
create or replace function private.silence_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    with weeks as (
        select week, date_trunc('hour', now(), 'UTC') - interval '2 hours' - week * interval '7 days' as starts,
            now() - week * interval '7 days' as ends
        from generate_series(0, 4) as week
    ), counted as (
        select weeks.week,
            (select coalesce(sum(h.deliveries), 0) from public.webhook_hourly as h
                where h.hour >= weeks.starts and h.hour < weeks.ends) as deliveries,
            (select coalesce(sum(r.answered), 0) from public.reliability_hourly_teams as r
                where r.team_id = '00000000-0000-0000-0000-000000000000'
                    and r.hour >= weeks.starts and r.hour < weeks.ends) as answers
        from weeks
    ), judged as (
        select sum(deliveries) filter (where week = 0) as deliveries, sum(answers) filter (where week = 0) as answers,
            count(*) filter (where week > 0 and deliveries >= 5) as loud_weeks,
            count(*) filter (where week > 0 and answers >= 5) as answered_weeks,
            round(avg(deliveries) filter (where week > 0)) as usual_deliveries,
            round(avg(answers) filter (where week > 0)) as usual_answers
        from counted
    )
    select 'silence', 'deliveries', jsonb_build_object('what', 'deliveries', 'usual', usual_deliveries,
        'since', (select max(hour) + interval '1 hour' from public.webhook_hourly))
    from judged where deliveries = 0 and loud_weeks >= 3
    union all
    -- Where nothing arrives nothing can be answered: that is told above.
    select 'silence', 'answers', jsonb_build_object('what', 'answers', 'usual', usual_answers, 'deliveries', deliveries)
    from judged where answers = 0 and answered_weeks >= 3 and deliveries > 0
$$;
comment on function private.silence_occurrences is 'No delivery for over two hours, or deliveries and no answer, although in the same hours of at least three of the last four weeks there were five or more.';
revoke execute on function private.silence_occurrences from public, anon, authenticated;
grant execute on function private.silence_occurrences to service_role;

-- One person who takes our access away at Figma is no news. Many at once: our app is refused, or Figma is away.
create or replace function private.refresh_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    select 'refresh_failing', 'figma', jsonb_build_object(
        'people', count(*), 'refused', count(*) filter (where is_final), 'since', min(at))
    from public.refresh_failures
    where at > now() - interval '1 hour'
    having count(*) >= 5 and count(*) >= 0.2 * (
        select count(*) from public.figma_tokens where updated_at > now() - interval '1 hour')
$$;
comment on function private.refresh_occurrences is 'Figma did not renew the connections of five people or more within an hour, a sixth of those asked for or more.';
revoke execute on function private.refresh_occurrences from public, anon, authenticated;
grant execute on function private.refresh_occurrences to service_role;

-- A model that refuses a text (content_filter, refused) is not down, nor is one that we did not ask for reasons of ours.
-- Its latest calls are judged: those of five minutes, or the last ten of half an hour where few ask.
create or replace function private.model_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    with asked as (
        select call ->> 'provider' as provider, call ->> 'model' as model, call ->> 'reason' as reason,
            call ->> 'outcome' <> 'answered' as is_failed, traces.at, row_number() over (
                partition by call ->> 'provider', call ->> 'model' order by traces.at desc) as place
        from public.answer_traces as traces
        cross join lateral jsonb_array_elements(traces.calls) as call
        where traces.at > now() - interval '30 minutes' and call ->> 'reason' not in (
            'content_filter', 'refused', 'over_cost_ceiling', 'no_price', 'switched_off')
    )
    select 'model_failing', provider || ' ' || model, jsonb_build_object(
        'provider', provider, 'model', model, 'failed', count(*) filter (where is_failed), 'asked', count(*),
        'reason', mode() within group (order by reason) filter (where is_failed and reason <> 'circuit_open'))
    from asked
    where place <= 10 or at > now() - interval '5 minutes'
    group by provider, model
    having count(*) filter (where is_failed) >= 3 and count(*) filter (where is_failed) * 2 > count(*)
$$;
comment on function private.model_occurrences is 'Models of which more than half of the latest calls failed, three or more (those of the last five minutes, or the last ten of half an hour): comments and analyses, calls that were left out because the one before had failed (circuit_open) included.';
revoke execute on function private.model_occurrences from public, anon, authenticated;
grant execute on function private.model_occurrences to service_role;

-- What Figma refused and what somebody cancelled says nothing about us, nor does a design that cannot be built. The latest
-- runs are judged: those of an hour, or the last ten of six where few ask. Runs that wait are told by stage_occurrences.
create or replace function private.build_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    with ended as (
        select history.outcome = 'failed' as is_failed, history.cause, history.stage, history.ended_at,
            row_number() over (order by history.ended_at desc) as place
        from public.pipeline_history as history
        where history.ended_at > now() - interval '6 hours'
            and history.outcome in ('gated', 'not_passed', 'untested', 'failed')
            and not (history.outcome = 'failed' and history.cause in ('design_too_large', 'nothing_to_build'))
    )
    select 'builds_failing', 'pipelines', jsonb_build_object(
        'failed', count(*) filter (where is_failed), 'ended', count(*),
        'cause', mode() within group (order by cause) filter (where is_failed),
        'stage', mode() within group (order by stage) filter (where is_failed))
    from ended
    where place <= 10 or ended_at > now() - interval '1 hour'
    having count(*) filter (where is_failed) >= 3 and count(*) filter (where is_failed) * 2 >= count(*)
$$;
comment on function private.build_occurrences is 'Half or more of the latest runs of pipelines failed, three or more (those that ended within an hour, or the last ten of six hours). What Figma refused, what was cancelled and what cannot be built count neither way.';
revoke execute on function private.build_occurrences from public, anon, authenticated;
grant execute on function private.build_occurrences to service_role;

-- What a machine told counts for an hour: then it is gone, or its process is.
create or replace function private.disk_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    with disks as (
        select h.subject, (h.facts ->> 'limit_bytes')::bigint as limit_bytes,
            case h.subject when 'database' then pg_catalog.pg_database_size(pg_catalog.current_database())
                else (h.facts ->> 'used_bytes')::bigint end as used_bytes
        from public.health_facts as h
        where h.code = 'disk' and h.told_at > now() - interval '1 hour' and (h.facts ->> 'limit_bytes')::bigint > 0
    )
    select 'disk', disks.subject, jsonb_build_object(
        'what', disks.subject, 'used_bytes', disks.used_bytes, 'limit_bytes', disks.limit_bytes)
    from disks where disks.used_bytes >= 0.85 * disks.limit_bytes
$$;
comment on function private.disk_occurrences is 'Disks of which 85 % are used: of the database, whose size SQL knows and whose limit a process tells, and of the machines of workers and builders.';
revoke execute on function private.disk_occurrences from public, anon, authenticated;
grant execute on function private.disk_occurrences to service_role;

create or replace function private.certificate_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    select 'certificate', h.subject, jsonb_build_object('host', h.subject) || h.facts
    from public.health_facts as h
    where h.code = 'certificate' and h.told_at > now() - interval '1 day' and (
        h.facts ->> 'problem' <> '' or (h.facts ->> 'not_after')::timestamptz < now() + interval '14 days')
$$;
comment on function private.certificate_occurrences is 'The certificate of our address is refused, or ends within fourteen days: who renews it does so a month before.';
revoke execute on function private.certificate_occurrences from public, anon, authenticated;
grant execute on function private.certificate_occurrences to service_role;

-- Who leaves backups to a host has none that we know of, and is not told.
create or replace function private.backup_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    select 'backup_missing', 'backup', jsonb_build_object('at', moment)
    from private.last_backup()
    where moment < now() - interval '36 hours'
$$;
comment on function private.backup_occurrences is 'Backups were made, and the newest is older than a day and a half.';
revoke execute on function private.backup_occurrences from public, anon, authenticated;
grant execute on function private.backup_occurrences to service_role;

create or replace function private.advice_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    select 'advice_rule', rules.name, jsonb_build_object(
        'rule', rules.name, 'taken', rules.taken, 'cases', rules.taken + rules.ignored + rules.disputed)
    from public.advice_by('rule', date_trunc('day', now(), 'UTC') - interval '28 days', now()) as rules
    where rules.is_flagged
$$;
comment on function private.advice_occurrences is 'Rules whose advice nobody takes, as the page Quality marks them, over the last 28 days.';
revoke execute on function private.advice_occurrences from public, anon, authenticated;
grant execute on function private.advice_occurrences to service_role;

-- What became of the advice of answers: which are followed, and how an outcome is decided and counted.

-- Called where answers are settled. It writes small rows alone: what they count for is added by public.tend_advice, so
-- that nobody who settles waits for a counter.
create or replace function private.follow_advice(p_answer_ids uuid[]) returns void
language plpgsql
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
    insert into public.advice_outcomes (
        answer_id, settled_at, file_key, team_id, plan_code, provider, model, context_user_id, context_version
    )
    select closed.id, closed.settled_at, closed.file_key, payer.team_id, closed.plan_code, closed.provider, closed.model,
        closed.context_user_id, closed.context_version
    from unnest(p_answer_ids) as asked (id)
    cross join lateral (select * from public.answers where answers.id = asked.id offset 0) as closed
    left join lateral (select team_id from public.users where users.id = closed.payer_id offset 0) as payer on true
    where closed.decision = 'answer' and closed.state = 'answered' and closed.author_figma_id not like 'canary:%'
    on conflict (answer_id) do nothing;
end;
$$;
comment on function private.follow_advice is 'Follow what becomes of these answers'' advice: questions that were answered. Commands, refusals and the designers of the watch over isolation are left out; rehearsals are no answers.';
revoke execute on function private.follow_advice from public, anon, authenticated;
grant execute on function private.follow_advice to service_role;

create or replace function private.note_thumb(p_answer public.answers) returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_about uuid := (
        select id from public.answers
        where file_key = p_answer.file_key and root_comment_id = p_answer.root_comment_id
            and decision = 'answer' and state = 'answered'
            -- Figma's times have whole seconds.
            and date_trunc('second', reply_created_at) <= coalesce(p_answer.asked_at, p_answer.received_at)
        order by reply_created_at desc
        limit 1
    );
begin
    if v_about is null then
        return false;
    end if;
    insert into public.advice_thumbs as t (answer_id, author_figma_id, thumb_answer_id, is_good)
    values (v_about, p_answer.author_figma_id, p_answer.id, p_answer.command = 'good')
    on conflict (answer_id, author_figma_id) do update
        set thumb_answer_id = excluded.thumb_answer_id, is_good = excluded.is_good, at = now(), is_counted = false
        where t.thumb_answer_id <> excluded.thumb_answer_id;
    return true;
end;
$$;
comment on function private.note_thumb is 'Keep "good" or "bad" as its author''s word on the last answer of that thread; false where there is none.';
revoke execute on function private.note_thumb from public, anon, authenticated;
grant execute on function private.note_thumb to service_role;

create or replace function private.problems_of(p_facts jsonb) returns table (rule text, cause text)
language sql
immutable
security invoker
set search_path = ''
as $$
    select distinct fact ->> 'rule', fact ->> 'cause'
    from jsonb_array_elements(case when jsonb_typeof(p_facts -> 'facts') = 'array' then p_facts -> 'facts' else '[]' end) as fact
    where fact ->> 'verdict' = 'problem' and coalesce(fact ->> 'fingerprint', '') <> ''
        and coalesce(fact ->> 'rule', '') <> '' and coalesce(fact ->> 'cause', '') <> ''
$$;
comment on function private.problems_of is 'The problems among stored facts that can be found again: each rule with the cause of the finding. Whatever the value is later, it is the same finding.';
revoke execute on function private.problems_of from public, anon, authenticated;
grant execute on function private.problems_of to service_role;

-- The one definition. Measuring beats resolving; what somebody says beats both.
create or replace function private.advice_outcome(
    p_thumbs_down integer, p_says_bad boolean, p_gone integer, p_still integer, p_round integer, p_resolved_at timestamptz
) returns text[]
language sql
immutable
security invoker
set search_path = ''
as $$
    select case
        when p_says_bad then '{disputed,thumb}'
        when p_thumbs_down > 0 then '{disputed,reaction}'
        when p_gone > 0 then '{taken,measured}'
        when p_still > 0 and p_round = 7 then '{ignored,measured}'
        when p_still = 0 and p_resolved_at is not null then '{taken,resolved}'
        else '{unknown,""}'
    end::text[]
$$;
comment on function private.advice_outcome is 'What became of advice, and what decided it. Disputed: the last word of somebody in the thread is "bad", or the reply has a thumb down. Else taken: a problem that was measured then was gone when last measured again. Else ignored: all of them were still there seven days later. Else taken: the thread was resolved after the reply, and nothing was measured again. Else unknown.';
revoke execute on function private.advice_outcome from public, anon, authenticated;
grant execute on function private.advice_outcome to service_role;

create or replace function private.advice_contexts_end() returns date
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return coalesce((select max(day) + 1 from public.advice_contexts_daily), '-infinity');
end;
$$;
comment on function private.advice_contexts_end is 'The first UTC day that is not in advice_contexts_daily yet: -infinity when none is.';
revoke execute on function private.advice_contexts_end from public, anon;
grant execute on function private.advice_contexts_end to authenticated, service_role;

-- Whoever changes hours holds the lock of private.count_advice, and whoever counts days of contexts as well.
create or replace function private.add_advice_day() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_day date := new.hour at time zone 'UTC';
    v_more bigint := new.answers - case tg_op when 'UPDATE' then old.answers else 0 end;
begin
    if new.kind <> 'context' then
        insert into public.advice_daily as d (team_id, kind, day, plan_code, name, outcome, answers)
        values (new.team_id, new.kind, v_day, new.plan_code, new.name, new.outcome, v_more)
        on conflict (team_id, kind, day, plan_code, name, outcome) do update set answers = d.answers + excluded.answers;
    elsif new.team_id = '00000000-0000-0000-0000-000000000000' and v_day < private.advice_contexts_end() then
        insert into public.advice_contexts_daily as d (day, name, plan_code, outcome, answers)
        values (v_day, new.name, new.plan_code, new.outcome, v_more)
        on conflict (day, name, plan_code, outcome) do update set answers = d.answers + excluded.answers;
    end if;
    return null;
end;
$$;
comment on function private.add_advice_day is 'Trigger: adds what changed of an hour to its day; of contexts where the day is counted. What retention takes from the hours stays in the days.';
revoke execute on function private.add_advice_day from public, anon, authenticated;
create or replace trigger advice_hourly_days after insert or update on public.advice_hourly
    for each row when (new.kind <> 'answer') execute function private.add_advice_day();

create or replace function private.count_context_days(p_days integer) returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_over date := (now() - interval '1 hour') at time zone 'UTC';
    v_first date;
begin
    perform pg_advisory_xact_lock(hashtext('private.count_advice'));
    v_first := (
        select (min(h.hour) at time zone 'UTC')::date from public.advice_hourly as h
        where h.team_id = '00000000-0000-0000-0000-000000000000' and h.kind = 'context'
            and h.hour >= private.advice_contexts_end()::timestamp at time zone 'UTC'
    );
    if v_first is null or v_first >= v_over then
        return false;
    end if;
    insert into public.advice_contexts_daily (day, name, plan_code, outcome, answers)
    select (h.hour at time zone 'UTC')::date, h.name, h.plan_code, h.outcome, sum(h.answers)
    from public.advice_hourly as h
    where h.team_id = '00000000-0000-0000-0000-000000000000' and h.kind = 'context'
        and h.hour >= v_first::timestamp at time zone 'UTC'
        and h.hour < least(v_first + p_days, v_over)::timestamp at time zone 'UTC'
    group by 1, 2, 3, 4;
    return v_first + p_days < v_over;
end;
$$;
comment on function private.count_context_days is 'Add UTC days that are over to advice_contexts_daily, at most p_days of them: whether there may be more.';
revoke execute on function private.count_context_days from public, anon, authenticated;
grant execute on function private.count_context_days to service_role;

create or replace view private.advice_told with (security_invoker = true) as
select o.answer_id, scopes.team_id, told.kind, date_trunc('hour', o.settled_at, 'UTC') as hour, o.plan_code, told.name,
    told.outcome
from public.advice_outcomes as o
cross join lateral (
    select 'answer'::text as kind, ''::text as name, o.outcome
    union all select 'model'::text as kind, o.provider || ' ' || o.model as name, o.outcome
    union all select 'context'::text as kind, o.context_user_id || ':' || o.context_version as name, o.outcome
    where o.context_user_id is not null
    union all select 'rule'::text as kind, r.rule as name, r.outcome
    from public.advice_rules as r where r.answer_id = o.answer_id
) as told
cross join lateral (values ('00000000-0000-0000-0000-000000000000'::uuid), (o.team_id)) as scopes (team_id)
where told.outcome is not null and scopes.team_id is not null;
comment on view private.advice_told is 'What an answer''s outcome counts for in advice_hourly: as an answer, for its model, its guidance and each of its rules; of everybody and of the team.';
revoke all on private.advice_told from public, anon, authenticated;
grant select on private.advice_told to service_role;

-- One at a time: two that count different hours in their order would take rows of days in another one.
create or replace function private.count_advice(p_ids uuid[], p_sign integer) returns void
language sql
security invoker
set search_path = ''
as $$
    select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('private.count_advice'));
    insert into public.advice_hourly as h (team_id, kind, hour, plan_code, name, outcome, answers)
    select told.team_id, told.kind, told.hour, told.plan_code, told.name, told.outcome, p_sign * count(*)
    from private.advice_told as told
    where told.answer_id = any (p_ids)
    group by 1, 2, 3, 4, 5, 6
    order by 1, 2, 3, 4, 5, 6
    on conflict (team_id, kind, hour, plan_code, name, outcome) do update set answers = h.answers + excluded.answers
$$;
comment on function private.count_advice is 'Add (1) answers'' outcomes to advice_hourly, or take them out (-1).';
revoke execute on function private.count_advice from public, anon, authenticated;
grant execute on function private.count_advice to service_role;

create or replace function private.judge_advice(p_ids uuid[]) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform from public.advice_outcomes where answer_id = any (p_ids) order by answer_id for update;
    perform private.count_advice(p_ids, -1);
    update public.advice_outcomes as o
    set outcome = judged.told[1], because = judged.told[2]
    from (
        select each.answer_id, private.advice_outcome(
            each.thumbs_down, exists (
                select from public.advice_thumbs as t where t.answer_id = each.answer_id and not t.is_good),
            coalesce(sums.gone, 0)::integer, coalesce(sums.still, 0)::integer, each.measured_round, each.resolved_at
        ) as told
        from public.advice_outcomes as each
        left join lateral (
            select sum(r.gone) as gone, sum(r.still) as still from public.advice_rules as r
            where r.answer_id = each.answer_id
        ) as sums on true
        where each.answer_id = any (p_ids)
    ) as judged
    where o.answer_id = judged.answer_id;
    update public.advice_rules as r
    set outcome = (private.advice_outcome(
        o.thumbs_down, o.because = 'thumb', r.gone, r.still, o.measured_round, o.resolved_at))[1]
    from public.advice_outcomes as o
    where o.answer_id = r.answer_id and r.answer_id = any (p_ids);
    perform private.count_advice(p_ids, 1);
end;
$$;
comment on function private.judge_advice is 'Decide anew what became of these answers'' advice, and count it.';
revoke execute on function private.judge_advice from public, anon, authenticated;
grant execute on function private.judge_advice to service_role;

create or replace function private.rebuild_advice() returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtext('private.count_advice'));
    delete from public.advice_hourly;
    insert into public.advice_hourly (team_id, kind, hour, plan_code, name, outcome, answers)
    select team_id, kind, hour, plan_code, name, outcome, count(*) from private.advice_told group by 1, 2, 3, 4, 5, 6;
    -- Not left to the trigger of the hours, which is a call for each of them, and off where rows are filled in bulk.
    delete from public.advice_daily;
    insert into public.advice_daily (team_id, kind, day, plan_code, name, outcome, answers)
    select team_id, kind, (hour at time zone 'UTC')::date, plan_code, name, outcome, sum(answers)
    from public.advice_hourly where kind in ('rule', 'model') group by 1, 2, 3, 4, 5, 6;
    delete from public.advice_contexts_daily;
    while private.count_context_days(400) loop
    end loop;
end;
$$;
comment on function private.rebuild_advice is 'advice_hourly and its days anew from the outcomes.';
revoke execute on function private.rebuild_advice from public, anon, authenticated;
grant execute on function private.rebuild_advice to service_role;

-- Rows that another worker is at are left to it.
create or replace function public.tend_advice(p_limit integer default 500) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_new uuid[] := array(
        select answer_id from public.advice_outcomes where outcome is null
        order by settled_at limit p_limit for update skip locked
    );
    v_thumbs uuid[];
    v_rated uuid[];
begin
    insert into public.advice_rules (answer_id, rule, findings)
    select answers.id, problems.rule, count(*)
    from public.answers cross join lateral private.problems_of(answers.facts) as problems
    where answers.id = any (v_new)
    group by 1, 2
    on conflict do nothing;
    insert into public.advice_reads (answer_id, round, file_key, due_at)
    select o.answer_id, rounds.days, o.file_key, o.settled_at + make_interval(days => rounds.days)
    from public.advice_outcomes as o cross join (values (1), (7)) as rounds (days)
    where o.answer_id = any (v_new)
        and exists (select from public.advice_rules as r where r.answer_id = o.answer_id)
    on conflict do nothing;
    with counted as (
        update public.advice_thumbs set is_counted = true
        where (answer_id, author_figma_id) in (
            select answer_id, author_figma_id from public.advice_thumbs where not is_counted
            order by at limit p_limit for update skip locked
        )
        returning answer_id
    )
    select coalesce(array_agg(distinct answer_id), '{}') into v_thumbs from counted;
    v_rated := array(
        select answer_id from public.advice_outcomes where answer_id = any (v_thumbs) and answer_id <> all (v_new)
    );
    perform private.judge_advice(v_new || v_rated);
    return jsonb_build_object(
        'followed', cardinality(v_new), 'rated', cardinality(v_rated),
        'is_more', greatest(cardinality(v_new), cardinality(v_thumbs)) >= p_limit);
end;
$$;
comment on function public.tend_advice is 'Begin to follow what was settled, and reckon with new words about answers, at most p_limit of each: {followed, rated, is_more}.';
revoke execute on function public.tend_advice from public, anon, authenticated;
grant execute on function public.tend_advice to service_role;

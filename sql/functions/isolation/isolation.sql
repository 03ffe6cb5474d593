-- The nightly watch over the isolation of accounts (service/isolation). Its two designers and its operators exist only
-- while it is at work, and stand in no figure: their Figma ids begin with "canary:", which no id of Figma does.

create or replace function private.is_canary(p_figma_user_id text) returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
    select p_figma_user_id like 'canary:%'
$$;
comment on function private.is_canary is 'Whether somebody is one of the two designers of the watch over isolation: no figure and no list counts them.';
revoke execute on function private.is_canary from public, anon;
grant execute on function private.is_canary to authenticated, service_role;

-- Accounts of Supabase Auth have no other way to be deleted where the sign-in service has no admin API.
create or replace function private.clear_canaries() returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    delete from public.operators where email like 'isolation-canary-%@example.com';
    delete from auth.users where email like 'isolation-canary-%@example.com';
    delete from public.users where private.is_canary(figma_user_id);
end;
$$;
comment on function private.clear_canaries is 'Removes whatever the watch over isolation has made: its designers, operators and accounts.';
revoke execute on function private.clear_canaries from public, anon, authenticated;
grant execute on function private.clear_canaries to service_role;

-- Due once since the last 02:00 UTC; half an hour after one that was not green, so that a recovery is soon seen. A run of
-- a worker that died is given up after a quarter of an hour.
create or replace function public.begin_isolation(p_tokens text[], p_words text, p_now boolean default false)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_last public.isolation_runs;
    v_due timestamptz := date_trunc('day', now() - interval '2 hours', 'UTC') + interval '2 hours';
    v_run bigint;
    v_people jsonb;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('isolation', 0)) then
        return null;
    end if;
    update public.isolation_runs set state = 'failed', ended_at = now()
    where state = 'running' and started_at < now() - interval '15 minutes';
    select * into v_last from public.isolation_runs order by started_at desc limit 1;
    if v_last.state = 'running' or not p_now and (
        v_last.state = 'green' and v_last.started_at >= v_due
        or v_last.state in ('red', 'failed') and v_last.started_at > now() - interval '30 minutes')
    then
        return null;
    end if;
    perform private.clear_canaries();
    insert into public.isolation_runs default values returning id into v_run;
    with made as (
        insert into public.users (figma_user_id, handle, email, first_seen_at)
        select 'canary:' || place, p_words, 'isolation-canary@example.com', '1970-01-01T00:00Z'
        from generate_series(1, 2) as place
        returning id, figma_user_id
    ), contexts as (
        insert into public.user_contexts (user_id, tone) select id, p_words from made
    ), versions as (
        insert into public.user_context_versions (user_id, version, content, saved_by)
        select id, 1, jsonb_build_object('tone', p_words), 'user' from made
    ), opened as (
        insert into public.sessions (token_hash, user_id, expires_at)
        select p_tokens[right(figma_user_id, 1)::integer], id, now() + interval '15 minutes' from made
        returning id, user_id
    )
    select jsonb_agg(jsonb_build_object('user_id', made.id, 'session_id', opened.id) order by made.figma_user_id)
    into v_people
    from made join opened on opened.user_id = made.id;
    return jsonb_build_object('id', v_run, 'people', v_people);
end;
$$;
comment on function public.begin_isolation is 'Begin a run of the watch over isolation if one is due, or (p_now) at once: {id, people: [{user_id, session_id}]} with two designers whose sessions have these hashes of tokens and whose words are p_words; null: none is due, or one is at work.';
revoke execute on function public.begin_isolation from public, anon, authenticated;
grant execute on function public.begin_isolation to service_role;

create or replace function public.isolation_rows(p_user_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'user', (select to_jsonb(users) - 'last_seen_at' from public.users where id = p_user_id),
        'context', (select to_jsonb(user_contexts) from public.user_contexts where user_id = p_user_id),
        'versions', (select jsonb_agg(to_jsonb(user_context_versions) order by version)
            from public.user_context_versions where user_id = p_user_id),
        'sessions', (select count(*) from public.sessions where user_id = p_user_id))
$$;
comment on function public.isolation_rows is 'All rows of a designer of the watch over isolation, to see that nobody changed them.';
revoke execute on function public.isolation_rows from public, anon, authenticated;
grant execute on function public.isolation_rows to service_role;

create or replace function public.end_isolation(
    p_id bigint, p_tried integer, p_holes jsonb, p_by_visitor jsonb, p_problem text
) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform private.clear_canaries();
    update public.isolation_runs
    set ended_at = now(), tried = p_tried, holes = p_holes, by_visitor = p_by_visitor, problem = left(p_problem, 500),
        state = case when jsonb_array_length(p_holes) > 0 then 'red' when p_problem <> '' then 'failed' else 'green' end
    where id = p_id and state = 'running';
    delete from public.isolation_runs where started_at < now() - interval '400 days';
end;
$$;
comment on function public.end_isolation is 'End a run: what was tried and what did not hold. Nothing that it made stays.';
revoke execute on function public.end_isolation from public, anon, authenticated;
grant execute on function public.end_isolation to service_role;

create or replace function public.isolation_list(p_limit integer default 30) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(runs) order by started_at desc), '[]')
    from (
        select id, started_at, ended_at, state, tried, holes, by_visitor, problem from public.isolation_runs
        where state <> 'running' order by started_at desc limit p_limit
    ) as runs
    where private.require_support()
$$;
comment on function public.isolation_list is 'The latest runs of the watch over isolation, newest first. Founders and support.';
revoke execute on function public.isolation_list from public, anon, authenticated;
grant execute on function public.isolation_list to authenticated, service_role;

-- What could not be tried is no alert the first time: the sign-in service may have been away. Two nights are one. And it
-- does not close a hole that was found before: only a run that tried everything does.
create or replace function private.isolation_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    with latest as (
        select * from public.isolation_runs
        where state = 'failed' and started_at > coalesce((
            select max(started_at) from public.isolation_runs where state in ('green', 'red')), '-infinity')
        order by started_at desc limit 1
    ), judged as (
        select * from public.isolation_runs where state in ('green', 'red') order by started_at desc limit 1
    )
    select 'isolation', state, jsonb_build_object(
        'holes', jsonb_array_length(holes), 'visitor', holes -> 0 ->> 'visitor', 'what', holes -> 0 ->> 'what',
        'at', started_at, 'problem', problem)
    from (select * from judged where state = 'red' union all select * from latest) as told
    where state = 'red' or not exists (
        select from public.isolation_runs where state in ('green', 'red') and started_at > now() - interval '48 hours')
        and exists (select from public.isolation_runs where started_at < now() - interval '48 hours')
$$;
comment on function private.isolation_occurrences is 'The last run of the watch over isolation that tried everything found a hole, or none could be finished for two days.';
revoke execute on function private.isolation_occurrences from public, anon, authenticated;
grant execute on function private.isolation_occurrences to service_role;

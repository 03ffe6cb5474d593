-- An analysis is asked for: the person's window, the cache, an equal request at work, who pays, the job.
-- Locks in this order, so that nobody deadlocks: the window, the claim, the analyses, the balance, the ledger.

-- A sliding counter: of the slot of time before the running one, the share counts that still lies in the window. Two
-- integers a person, and never more than p_limit in any window that ends now. What is refused does not count.
create or replace function private.count_analyses(
    p_user_id uuid, p_amount integer, p_limit integer, p_seconds integer
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_at double precision := extract(epoch from clock_timestamp()) / p_seconds;
    v_slot bigint := floor(v_at);
    v_share double precision := 1 - (v_at - v_slot);
    v_window public.analysis_windows;
    v_left integer;
    v_wait double precision := v_share;
begin
    insert into public.analysis_windows as w (user_id, slot, hits, earlier) values (p_user_id, v_slot, 0, 0)
    on conflict (user_id) do update
        set slot = greatest(w.slot, v_slot),
            hits = case when w.slot >= v_slot then w.hits else 0 end,
            earlier = case when w.slot >= v_slot then w.earlier when w.slot = v_slot - 1 then w.hits else 0 end
    returning * into v_window;
    v_left := p_limit - v_window.hits - ceil(v_window.earlier * v_share)::integer;
    if v_left >= p_amount then
        update public.analysis_windows set hits = hits + p_amount where user_id = p_user_id;
        return jsonb_build_object('is_allowed', true, 'left', v_left - p_amount,
            'seconds', ceil(v_share * p_seconds)::integer);
    end if;
    perform private.note_limited(p_user_id, p_amount);
    -- When there is room again: the share of the older hits falls with time, of these or, from the next slot on, of
    -- those of the running slot.
    if v_window.hits + p_amount > p_limit then
        v_wait := v_share + 1 - coalesce((p_limit - p_amount)::double precision / nullif(v_window.hits, 0), 0);
    elsif v_window.earlier > 0 then
        v_wait := v_share - (p_limit - p_amount - v_window.hits)::double precision / v_window.earlier;
    end if;
    return jsonb_build_object('is_allowed', false, 'left', greatest(0, v_left),
        'seconds', greatest(1, ceil(v_wait * p_seconds))::integer);
end;
$$;
comment on function private.count_analyses is 'Count analyses of one person in their sliding window of p_seconds, or refuse them: {is_allowed, left, seconds}; seconds: until the window counts anew, or until there is room again.';
revoke execute on function private.count_analyses from public, anon, authenticated;
grant execute on function private.count_analyses to service_role;

-- One queue for comments and analyses, first come, first served: neither overtakes the other, so neither starves. Of
-- the many analyses of a batch, two of one person run at once: a batch takes no more room than two people who ask.
create or replace function private.queue_analyses(p_ids uuid[]) returns void
language plpgsql
security invoker
set search_path = queue, pg_temp
as $$
declare
    v_jobs queue.procrastinate_job_to_defer_v1[];
begin
    select array_agg(
        row(
            'answers', 'analyse', 0,
            case when analyses.batch_id is not null
                then 'analyses:' || analyses.user_id || ':' || analyses.batch_place % 2 end,
            null, jsonb_build_object('analysis_id', analyses.id), null
        )::queue.procrastinate_job_to_defer_v1
        order by asked.place
    )
    into v_jobs
    from unnest(p_ids) with ordinality as asked (id, place)
    join public.analyses on analyses.id = asked.id;
    if v_jobs is not null then
        perform queue.procrastinate_defer_jobs_v1(v_jobs);
    end if;
end;
$$;
comment on function private.queue_analyses is 'Queue the jobs of analyses.';
revoke execute on function private.queue_analyses from public, anon, authenticated;
grant execute on function private.queue_analyses to service_role;

create or replace function private.has_live_worker() returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
    select exists (
        select from queue.procrastinate_workers
        where last_heartbeat > now() - interval '30 seconds'
            and id not in (select worker_id from public.pipeline_runners)
    )
$$;
comment on function private.has_live_worker is 'Whether a worker that answers has given a sign of life within 30 seconds.';
revoke execute on function private.has_live_worker from public, anon, authenticated;
grant execute on function private.has_live_worker to service_role;

-- What one person may make us pay for without a use being taken is counted by their Figma id, as for comments.
create or replace function private.asker_of(p_user public.users) returns public.answers
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
    v_asker public.answers;
begin
    v_asker.author_figma_id := p_user.figma_user_id;
    return v_asker;
end;
$$;
comment on function private.asker_of is 'Somebody as the author of an answer without a file, for private.has_cost_us_enough and private.note_unbilled.';
revoke execute on function private.asker_of from public, anon, authenticated;
grant execute on function private.asker_of to service_role;

create or replace function private.seconds_of_cache() returns interval
language sql
immutable
security invoker
set search_path = ''
as $$
    select interval '5 minutes'
$$;
comment on function private.seconds_of_cache is 'How long a result answers equal requests, and how long an analysis that is not begun again is trusted to be worked on.';
revoke execute on function private.seconds_of_cache from public, anon, authenticated;
grant execute on function private.seconds_of_cache to service_role;

-- The claim is mine, or tells whose it is. Nobody waits for longer than another's transaction. An analysis that waits
-- in the queue will be taken; one that a worker has is trusted until its lease ends.
create or replace function private.claim_analysis(p_analysis public.analyses) returns uuid
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_claim public.analysis_claims;
    v_leader public.analyses;
begin
    insert into public.analysis_claims (scope, key, analysis_id, renew_by)
    values (p_analysis.cache_scope, p_analysis.cache_key, p_analysis.id, now() + private.seconds_of_cache())
    on conflict (scope, key) do nothing;
    if found then
        return null;
    end if;
    select * into v_claim from public.analysis_claims
    where scope = p_analysis.cache_scope and key = p_analysis.cache_key for update;
    if not found then
        return private.claim_analysis(p_analysis);
    end if;
    select * into v_leader from public.analyses where id = v_claim.analysis_id;
    if v_leader.state = 'done' and v_claim.expires_at > now() or v_leader.state = 'queued'
        or v_leader.state = 'working' and v_claim.renew_by > now()
    then
        return v_leader.id;
    end if;
    update public.analysis_claims
    set analysis_id = p_analysis.id, renew_by = now() + private.seconds_of_cache(), expires_at = null
    where scope = p_analysis.cache_scope and key = p_analysis.cache_key;
    return null;
end;
$$;
comment on function private.claim_analysis is 'Claim what an analysis asks for, and lock the claim: NULL, or the id of the equal analysis that has done it or is at work on it.';
revoke execute on function private.claim_analysis from public, anon, authenticated;
grant execute on function private.claim_analysis to service_role;

create or replace function private.new_analysis(p_user public.users, p_item jsonb) returns public.analyses
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_new public.analyses;
begin
    v_new.id := (p_item ->> 'id')::uuid;
    v_new.user_id := p_user.id;
    v_new.type := p_item ->> 'type';
    v_new.refs := p_item -> 'refs';
    v_new.state := 'queued';
    v_new.request_id := coalesce(p_item ->> 'request_id', '');
    v_new.trace_parent := coalesce(p_item ->> 'trace_parent', '');
    v_new.context_version := coalesce((select version from public.user_contexts where user_id = p_user.id), 0);
    -- Teammates with the same guidance get the same result, which nobody else may learn of.
    v_new.cache_scope := coalesce(p_user.team_id, p_user.id);
    v_new.cache_key := (p_item ->> 'key') || ':'
        || md5(coalesce(private.context_content(p_user.id) - 'shared_with_guests', '{}')::text);
    v_new.plan_code := (select code from private.plan_in_force(p_user.id));
    v_new.reason := '';
    v_new.is_cached := false;
    return v_new;
end;
$$;
comment on function private.new_analysis is 'The row of an analysis that is asked for, not stored yet.';
revoke execute on function private.new_analysis from public, anon, authenticated;
grant execute on function private.new_analysis to service_role;

-- An item is {id, type, key, request, refs, request_id, trace_parent}. Outcomes: cached (the result is there), joined
-- (an equal one is at work), queued, measured (no model will be asked: the caller has measured), refused (reason).
-- Only queued takes a use.
create or replace function private.place_analysis(
    p_user public.users, p_item jsonb, p_batch_id uuid, p_place integer, p_is_awaited boolean,
    p_unbilled_microusd bigint
) returns public.analyses
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_new public.analyses := private.new_analysis(p_user, p_item);
    v_taken record;
    v_leader public.analyses;
    v_leader_id uuid;
    -- Where nothing may leave for a model, no words of one are shown either, not even those of an earlier day.
    v_may_ask boolean := (private.flags_of(p_user.id) ->> 'model_answers')::boolean;
begin
    v_new.batch_id := p_batch_id;
    v_new.batch_place := p_place;
    if p_user.state = 'suspended' then
        v_new.state := 'refused';
        v_new.reason := 'suspended';
        return private.keep_analysis(v_new);
    end if;
    select analyses.* into v_leader
    from public.analysis_claims as claims join public.analyses on analyses.id = claims.analysis_id
    where claims.scope = v_new.cache_scope and claims.key = v_new.cache_key and claims.expires_at > now()
        and analyses.state = 'done' and v_may_ask;
    if not found then
        if p_is_awaited and not private.has_live_worker()
            or not v_may_ask
        then
            v_new.state := 'done';
            v_new.source := 'measured';
            -- Of a batch each is measured when it is read.
            v_new.request := case when not p_is_awaited then p_item -> 'request' end;
            return private.keep_analysis(v_new);
        end if;
        v_leader_id := private.claim_analysis(v_new);
        select * into v_leader from public.analyses where id = v_leader_id;
    end if;
    if found then
        v_new.leader_id := v_leader.id;
        v_new.is_cached := true;
        v_new.state := case v_leader.state when 'done' then 'done' else 'queued' end;
        v_new.source := v_leader.source;
        return private.keep_analysis(v_new);
    end if;
    if private.has_cost_us_enough(private.asker_of(p_user), p_unbilled_microusd) then
        v_new.state := 'refused';
        v_new.reason := 'unbilled_limit';
        return private.keep_analysis(v_new);
    end if;
    select * into v_taken from private.take_use(p_user.id);
    if v_taken.reason <> '' then
        v_new.state := 'refused';
        v_new.reason := v_taken.reason;
        return private.keep_analysis(v_new);
    end if;
    insert into public.use_receipts (answer_id, run, user_id, plan_code, period_start)
    values (v_new.id, 1, p_user.id, v_taken.plan_code, v_taken.period_start);
    v_new.request := p_item -> 'request';
    v_new := private.keep_analysis(v_new);
    perform private.queue_analyses(array[v_new.id]);
    return v_new;
end;
$$;
comment on function private.place_analysis is 'Store one analysis: as done (cached, or measured alone), as waiting for an equal one, as queued with a use reserved, or as refused.';
revoke execute on function private.place_analysis from public, anon, authenticated;
grant execute on function private.place_analysis to service_role;

create or replace function private.keep_analysis(p_new public.analyses) returns public.analyses
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_kept public.analyses;
begin
    insert into public.analyses (
        id, user_id, type, batch_id, batch_place, leader_id, cache_scope, cache_key, request, refs, state, source,
        is_cached, reason, settled_at, plan_code, context_version, request_id, trace_parent
    ) values (
        p_new.id, p_new.user_id, p_new.type, p_new.batch_id, p_new.batch_place, p_new.leader_id, p_new.cache_scope,
        p_new.cache_key, p_new.request, p_new.refs, p_new.state, p_new.source, p_new.is_cached, p_new.reason,
        case when p_new.state <> 'queued' then now() end, p_new.plan_code, p_new.context_version, p_new.request_id,
        p_new.trace_parent
    )
    returning * into v_kept;
    return v_kept;
end;
$$;
comment on function private.keep_analysis is 'Store a new analysis.';
revoke execute on function private.keep_analysis from public, anon, authenticated;
grant execute on function private.keep_analysis to service_role;

-- Last in its transaction: the ledger has one writer at a time.
create or replace function private.book_placed(p_ids uuid[]) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_ids uuid[];
    v_usages jsonb[];
begin
    select array_agg(id order by id), array_agg(case when source = 'measured' and not is_cached
        then '{"provider": "measured-review"}' else '{}' end::jsonb order by id)
    into v_ids, v_usages
    from public.analyses where id = any (p_ids) and state <> 'queued';
    if v_ids is not null then
        -- Nothing is lost by whoever asked if a crash of Postgres forgets what was free.
        if not exists (select from public.analyses where id = any (p_ids) and state = 'queued') then
            perform set_config('synchronous_commit', 'off', true);
        end if;
        perform private.write_analysis_usage(v_ids, v_usages, array_fill(null::uuid, array[cardinality(v_ids)]));
    end if;
end;
$$;
comment on function private.book_placed is 'Write into the ledger what of these new analyses has ended at once: cached, measured or refused.';
revoke execute on function private.book_placed from public, anon, authenticated;
grant execute on function private.book_placed to service_role;

-- One call for everything that web has to know. Safe to send again: the item's id is made by web.
create or replace function public.request_analysis(
    p_user_id uuid, p_item jsonb, p_limit integer, p_window_seconds integer, p_unbilled_microusd bigint
) returns jsonb
language plpgsql
security invoker
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
declare
    v_user public.users;
    v_found public.analyses;
    v_window jsonb;
begin
    select * into v_found from public.analyses where id = (p_item ->> 'id')::uuid and user_id = p_user_id;
    if found then
        return private.analysis_standing(v_found) || jsonb_build_object('window', null);
    end if;
    v_window := private.count_analyses(p_user_id, 1, p_limit, p_window_seconds);
    if not (v_window ->> 'is_allowed')::boolean then
        return jsonb_build_object('state', 'limited', 'window', v_window);
    end if;
    select * into v_user from public.users where id = p_user_id and state <> 'deleted';
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_person';
    end if;
    v_found := private.place_analysis(v_user, p_item, null, null, true, p_unbilled_microusd);
    perform private.book_placed(array[v_found.id]);
    return private.analysis_standing(v_found) || jsonb_build_object('window', v_window);
end;
$$;
comment on function public.request_analysis is 'Ask for an analysis: {state: limited, window}, or how it stands (private.analysis_standing) with the window: {is_allowed, left, seconds}, NULL when the call is repeated.';
revoke execute on function public.request_analysis from public, anon, authenticated;
grant execute on function public.request_analysis to service_role;

create or replace function public.count_measuring(
    p_user_id uuid, p_limit integer, p_window_seconds integer
) returns jsonb
language sql
security invoker
set search_path = ''
as $$
    select jsonb_build_object('window', private.count_analyses(p_user_id, 1, p_limit, p_window_seconds),
        'usage', private.usage_summary(p_user_id), 'house_rules', private.house_rules(p_user_id))
$$;
comment on function public.count_measuring is 'Count a measuring without words in the window of a person: {window, usage, house_rules}.';
revoke execute on function public.count_measuring from public, anon, authenticated;
grant execute on function public.count_measuring to service_role;

-- All items or none count against the window. Each is then placed by itself: one that is refused leaves the others
-- alone. The same key again gives the same batch, whatever its body; fingerprint tells whether that was equal.
create or replace function public.request_analysis_batch(
    p_user_id uuid, p_batch_id uuid, p_idempotency_key text, p_fingerprint text, p_items jsonb, p_limit integer,
    p_window_seconds integer, p_unbilled_microusd bigint
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_batch public.analysis_batches;
    v_user public.users;
    v_window jsonb;
    v_item record;
begin
    insert into public.analysis_batches (id, user_id, idempotency_key, fingerprint)
    values (p_batch_id, p_user_id, p_idempotency_key, p_fingerprint)
    on conflict do nothing;
    if not found then
        select * into v_batch from public.analysis_batches
        where user_id = p_user_id and (id = p_batch_id or idempotency_key = p_idempotency_key);
        return jsonb_build_object('state', 'known', 'id', v_batch.id, 'window', null,
            'is_same', v_batch.fingerprint = p_fingerprint);
    end if;
    v_window := private.count_analyses(p_user_id, jsonb_array_length(p_items), p_limit, p_window_seconds);
    if not (v_window ->> 'is_allowed')::boolean then
        delete from public.analysis_batches where id = p_batch_id;
        return jsonb_build_object('state', 'limited', 'id', null, 'window', v_window, 'is_same', true);
    end if;
    select * into v_user from public.users where id = p_user_id and state <> 'deleted';
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_person';
    end if;
    -- All claims first, in the order of their keys, then the balance, then the ledger.
    for v_item in select value from jsonb_array_elements(p_items) order by value ->> 'key' loop
        perform private.claim_analysis(private.new_analysis(v_user, v_item.value));
    end loop;
    for v_item in select value, ordinality from jsonb_array_elements(p_items) with ordinality order by ordinality loop
        perform private.place_analysis(
            v_user, v_item.value, p_batch_id, (v_item.ordinality - 1)::integer, false, p_unbilled_microusd);
    end loop;
    perform private.book_placed(array(select (value ->> 'id')::uuid from jsonb_array_elements(p_items)));
    return jsonb_build_object('state', 'begun', 'id', p_batch_id, 'window', v_window, 'is_same', true);
end;
$$;
comment on function public.request_analysis_batch is 'Ask for several analyses: {state, id, window, is_same}; state: begun, known (this key was used before) or limited.';
revoke execute on function public.request_analysis_batch from public, anon, authenticated;
grant execute on function public.request_analysis_batch to service_role;

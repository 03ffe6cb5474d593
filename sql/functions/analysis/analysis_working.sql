-- The worker's side of an analysis: begun by one attempt after the other, settled or given up once.

-- As private.write_usage for answers. A cached answer is a row without provider and model, so it counts in no figure
-- about models.
create or replace function private.write_analysis_usage(p_ids uuid[], p_usages jsonb[], p_receipt_ids uuid[])
returns void
language plpgsql
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
    v_written public.usage_logs[];
begin
    perform pg_advisory_xact_lock(hashtextextended('usage_logs', 0));
    with written as (
        insert into public.usage_logs (
            answer_id, run, feature, status, error_code, user_id, team_id, plan_code, receipt_id, provider, model,
            input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, cache_write_tokens, token_classes,
            service_tier, cost_microusd, cost_state, price_name, latency_ms, model_latency_ms, fallbacks,
            context_version, prompt_version, request_id, unknown_calls
        )
        select analyses.id, analyses.run, 'analysis', case analyses.state when 'done' then 'answered'
                when 'refused' then 'refused' else 'failed' end,
            case analyses.state when 'done' then '' else analyses.reason end, analyses.user_id,
            (select users.team_id from public.users where users.id = analyses.user_id), analyses.plan_code,
            closed.receipt_id,
            coalesce(used ->> 'provider', ''), coalesce(used ->> 'model', ''),
            coalesce((used ->> 'input_tokens')::bigint, 0), coalesce((used ->> 'cached_input_tokens')::bigint, 0),
            coalesce((used ->> 'output_tokens')::bigint, 0), coalesce((used ->> 'reasoning_tokens')::bigint, 0),
            coalesce((used ->> 'cache_write_tokens')::bigint, 0), coalesce(used -> 'token_classes', '{}'),
            coalesce(used ->> 'service_tier', 'standard'),
            case when used ->> 'cost_state' = 'unpriced' then null
                else coalesce((used ->> 'cost_microusd')::bigint, 0) end,
            coalesce(used ->> 'cost_state', 'priced'), coalesce(used ->> 'price_name', case when analyses.is_cached
                then 'cached' else 'no model call' end),
            greatest(0, extract(epoch from clock_timestamp() - analyses.received_at) * 1000)::bigint,
            coalesce((used ->> 'model_latency_ms')::bigint, 0), coalesce((used ->> 'fallbacks')::integer, 0),
            analyses.context_version, coalesce(used ->> 'prompt_version', ''), analyses.request_id,
            coalesce((used ->> 'unknown_calls')::integer, 0)
        from unnest(p_ids, p_usages, p_receipt_ids) with ordinality as closed (id, used, receipt_id, place)
        join public.analyses on analyses.id = closed.id
        order by closed.place
        on conflict do nothing
        returning usage_logs as line
    )
    select array_agg(line) into v_written from written;
    perform private.roll_up_written(v_written, p_ids, p_usages);
    perform private.note_analysed(p_ids, p_receipt_ids);
end;
$$;
comment on function private.write_analysis_usage is 'Ledger row and rollups of the run of each of these ended analyses, once. By place in the three lists: what was used and which receipt pays (NULL: it was free).';
revoke execute on function private.write_analysis_usage from public, anon, authenticated;
grant execute on function private.write_analysis_usage to service_role;

-- Whoever ends an analysis, or lets others join it, holds its claim first: nobody joins one that has just ended.
create or replace function private.lock_analysis(p_id uuid, p_renew interval default null) returns public.analyses
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_analysis public.analyses;
begin
    select * into v_analysis from public.analyses where id = p_id;
    perform from public.analysis_claims
    where scope = v_analysis.cache_scope and key = v_analysis.cache_key for update;
    if p_renew is not null then
        update public.analysis_claims set renew_by = now() + p_renew
        where scope = v_analysis.cache_scope and key = v_analysis.cache_key and analysis_id = p_id;
    end if;
    select * into v_analysis from public.analyses where id = p_id for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_analysis';
    end if;
    return v_analysis;
end;
$$;
comment on function private.lock_analysis is 'Lock the claim of an analysis, then the analysis; p_renew: how long its claim is trusted from now on.';
revoke execute on function private.lock_analysis from public, anon, authenticated;
grant execute on function private.lock_analysis to service_role;

-- Each attempt gets a higher fencing number. A call for an ended analysis only says so and changes nothing.
create or replace function public.begin_analysis(p_analysis_id uuid, p_lease_seconds double precision) returns jsonb
language plpgsql
security invoker
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
declare
    v_analysis public.analyses := private.lock_analysis(p_analysis_id, private.seconds_of_cache());
begin
    if v_analysis.state not in ('queued', 'working') or v_analysis.leader_id is not null then
        return jsonb_build_object('is_over', true, 'state', v_analysis.state);
    end if;
    update public.analyses
    set state = 'working', attempt = attempt + 1, lease_until = now() + make_interval(secs => p_lease_seconds)
    where id = p_analysis_id returning * into v_analysis;
    return jsonb_build_object(
        'is_over', false, 'state', v_analysis.state, 'id', v_analysis.id, 'user_id', v_analysis.user_id,
        'request', v_analysis.request, 'run', v_analysis.run, 'attempt', v_analysis.attempt,
        'failures', v_analysis.failures, 'excused', v_analysis.excused, 'received_at', v_analysis.received_at,
        'queued_at', v_analysis.queued_at, 'context_version', v_analysis.context_version,
        'kept_usage', v_analysis.kept_usage, 'request_id', v_analysis.request_id,
        'trace_parent', v_analysis.trace_parent,
        'flags', private.flags_of(v_analysis.user_id)
    );
end;
$$;
comment on function public.begin_analysis is 'Take the next attempt at an analysis: all that a worker needs, or {is_over, state}.';
revoke execute on function public.begin_analysis from public, anon, authenticated;
grant execute on function public.begin_analysis to service_role;

create or replace function private.close_analysis_use(
    p_analysis public.analyses, p_is_taken boolean, p_reason text
) returns uuid
language sql
security invoker
set search_path = ''
as $$
    select private.close_use(p_analysis.id, p_analysis.run, p_is_taken, p_reason)
$$;
comment on function private.close_analysis_use is 'Take the reserved use of an analysis, or give it back with a reason: the id of its receipt.';
revoke execute on function private.close_analysis_use from public, anon, authenticated;
grant execute on function private.close_analysis_use to service_role;

-- All that wait for it end with it, free, each with a row of their own in the ledger. Without words of a model they have
-- a measured review: of the leader, or their own where it failed. So they are no dead letters.
create or replace function private.close_analysis(p_leader public.analyses, p_usage jsonb, p_receipt_id uuid)
returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_source text := coalesce(p_leader.source, 'measured');
    v_usage jsonb := case v_source when 'model' then '{}' else '{"provider": "measured-review"}' end;
    v_followers uuid[];
begin
    with ended as (
        update public.analyses
        set state = 'done', source = v_source, is_cached = v_source = 'model', settled_at = now()
        where leader_id = p_leader.id and state = 'queued'
        returning id
    )
    select coalesce(array_agg(id order by id), '{}') into v_followers from ended;
    perform private.write_analysis_usage(
        array[p_leader.id] || v_followers,
        array[p_usage] || array_fill(v_usage, array[cardinality(v_followers)]),
        array[p_receipt_id] || array_fill(null::uuid, array[cardinality(v_followers)]));
    perform pg_notify('analysis_ended', p_leader.id::text);
end;
$$;
comment on function private.close_analysis is 'What follows the end of an analysis: those that wait for it end too, the ledger is written, the waiting web processes are told.';
revoke execute on function private.close_analysis from public, anon, authenticated;
grant execute on function private.close_analysis to service_role;

-- Exactly once: result, receipt, ledger and rollups in one transaction. A second call, or an older attempt's, changes
-- nothing. Words of a model take the use. A review by rules alone is free: what its failed calls cost is counted as for
-- comments without a reply. Only words of a model are shown to equal requests.
create or replace function public.settle_analysis(
    p_analysis_id uuid, p_attempt integer, p_source text, p_result jsonb, p_usage jsonb
) returns text
language plpgsql
security invoker
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
declare
    v_analysis public.analyses := private.lock_analysis(p_analysis_id);
    v_user public.users;
    v_receipt uuid;
    v_is_taken boolean := p_source = 'model';
begin
    if v_analysis.state not in ('queued', 'working') then
        return v_analysis.state;
    elsif v_analysis.attempt <> p_attempt then
        raise exception using errcode = 'PT409', message = 'another_attempt_has_taken_over';
    end if;
    select * into v_user from public.users where id = v_analysis.user_id;
    update public.analysis_claims
    set expires_at = case when v_is_taken then now() + private.seconds_of_cache() else now() end
    where scope = v_analysis.cache_scope and key = v_analysis.cache_key and analysis_id = p_analysis_id;
    perform private.keep_analysis_trace(v_analysis, p_usage -> 'trace', 'drafted', '');
    update public.analyses
    set state = 'done', source = p_source, is_charged = v_is_taken, settled_at = now(), lease_until = null,
        -- Somebody who left meanwhile leaves no words behind.
        result = case when v_user.state <> 'deleted' then p_result end, request = null, kept_usage = null,
        provider = coalesce(p_usage ->> 'provider', ''), model = coalesce(p_usage ->> 'model', ''),
        prompt_version = coalesce(p_usage ->> 'prompt_version', ''), reason = '', failure_message = ''
    where id = p_analysis_id returning * into v_analysis;
    v_receipt := private.close_analysis_use(v_analysis, v_is_taken, case when v_is_taken then '' else 'no_model' end);
    if not v_is_taken then
        perform private.note_unbilled(private.asker_of(v_user), private.paid_microusd(p_usage));
        v_receipt := null;
    end if;
    perform private.close_analysis(v_analysis, p_usage, v_receipt);
    return v_analysis.state;
end;
$$;
comment on function public.settle_analysis is 'Store the result of an analysis, take its use (source model) or give it back (measured), write the ledger and tell all that wait; the state it is in.';
revoke execute on function public.settle_analysis from public, anon, authenticated;
grant execute on function public.settle_analysis to service_role;

-- p_usage: what model calls of this attempt used. The next attempt books it together with its own.
create or replace function public.fail_analysis_attempt(
    p_analysis_id uuid, p_attempt integer, p_reason text, p_message text, p_usage jsonb default null
) returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_analysis public.analyses;
begin
    update public.analyses
    set failures = failures + 1, failure_message = left(p_reason || ': ' || p_message, 1000), lease_until = null,
        kept_usage = case when private.paid_microusd(p_usage) > 0 then p_usage - 'trace' else kept_usage end
    where id = p_analysis_id and attempt = p_attempt and state = 'working'
    returning * into v_analysis;
    if not found then
        raise exception using errcode = 'PT409', message = 'another_attempt_has_taken_over';
    end if;
    perform private.keep_analysis_trace(v_analysis, coalesce(p_usage -> 'trace', '{}'), 'failed', p_reason);
    return v_analysis.failures;
end;
$$;
comment on function public.fail_analysis_attempt is 'Count a failed attempt of an analysis; how many failed in this run.';
revoke execute on function public.fail_analysis_attempt from public, anon, authenticated;
grant execute on function public.fail_analysis_attempt to service_role;

-- A dead letter: its use goes back, and whoever still waits measures by themselves.
create or replace function public.give_up_analysis(
    p_analysis_id uuid, p_attempt integer, p_reason text, p_message text, p_usage jsonb
) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_analysis public.analyses := private.lock_analysis(p_analysis_id);
    v_user public.users;
    v_receipt uuid;
begin
    if v_analysis.state not in ('queued', 'working') then
        return;
    elsif v_analysis.attempt <> p_attempt then
        raise exception using errcode = 'PT409', message = 'another_attempt_has_taken_over';
    end if;
    select * into v_user from public.users where id = v_analysis.user_id;
    delete from public.analysis_claims
    where scope = v_analysis.cache_scope and key = v_analysis.cache_key and analysis_id = p_analysis_id;
    perform private.keep_analysis_trace(v_analysis, p_usage -> 'trace', 'given_up', p_reason);
    update public.analyses
    set state = 'failed', reason = p_reason, failure_message = left(p_message, 1000), settled_at = now(),
        lease_until = null, kept_usage = null, provider = coalesce(p_usage ->> 'provider', ''),
        model = coalesce(p_usage ->> 'model', '')
    where id = p_analysis_id returning * into v_analysis;
    v_receipt := private.close_analysis_use(v_analysis, false, p_reason);
    perform private.note_unbilled(private.asker_of(v_user), private.paid_microusd(p_usage));
    perform private.close_analysis(v_analysis, p_usage, v_receipt);
end;
$$;
comment on function public.give_up_analysis is 'End an analysis as a dead letter with a plain reason; its use is given back.';
revoke execute on function public.give_up_analysis from public, anon, authenticated;
grant execute on function public.give_up_analysis to service_role;

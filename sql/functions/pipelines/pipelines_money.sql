-- Model money of a pipeline: reserved before each call, booked at once after it, once.

-- The caller has counted ledger_rows up and writes it: the number makes the row unique.
create or replace function private.write_pipeline_usage(
    p_pipeline public.pipelines, p_feature text, p_status text, p_usage jsonb, p_receipt_id uuid, p_latency_ms bigint
) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_written public.usage_logs[];
begin
    perform pg_advisory_xact_lock(hashtextextended('usage_logs', 0));
    with written as (
        insert into public.usage_logs (
            answer_id, run, feature, status, error_code, user_id, team_id, plan_code, receipt_id, file_key, provider,
            model, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, cache_write_tokens, token_classes,
            service_tier, cost_microusd, cost_state, price_name, latency_ms, model_latency_ms, fallbacks,
            prompt_version, request_id, unknown_calls
        )
        values (
            p_pipeline.id, p_pipeline.ledger_rows, p_feature, p_status,
            case p_status when 'answered' then '' else coalesce(p_usage ->> 'outcome', p_pipeline.code) end,
            p_pipeline.user_id, p_pipeline.team_id, p_pipeline.plan_code, p_receipt_id, p_pipeline.file_key,
            coalesce(p_usage ->> 'provider', ''), coalesce(p_usage ->> 'model', ''),
            coalesce((p_usage ->> 'input_tokens')::bigint, 0), coalesce((p_usage ->> 'cached_input_tokens')::bigint, 0),
            coalesce((p_usage ->> 'output_tokens')::bigint, 0), coalesce((p_usage ->> 'reasoning_tokens')::bigint, 0),
            coalesce((p_usage ->> 'cache_write_tokens')::bigint, 0), coalesce(p_usage -> 'token_classes', '{}'),
            coalesce(p_usage ->> 'service_tier', 'standard'),
            case when p_usage ->> 'cost_state' = 'unpriced' then null
                else coalesce((p_usage ->> 'cost_microusd')::bigint, 0) end,
            coalesce(p_usage ->> 'cost_state', 'priced'), coalesce(p_usage ->> 'price_name', 'no model call'),
            p_latency_ms, coalesce((p_usage ->> 'model_latency_ms')::bigint, 0),
            coalesce((p_usage ->> 'fallbacks')::integer, 0), coalesce(p_usage ->> 'prompt_version', ''),
            p_pipeline.request_id, coalesce((p_usage ->> 'unknown_calls')::integer, 0)
        )
        on conflict do nothing
        returning usage_logs as line
    )
    select array_agg(line) into v_written from written;
    perform private.roll_up_written(v_written, array[p_pipeline.id], array[p_usage]);
end;
$$;
comment on function private.write_pipeline_usage is 'One row of the ledger for a pipeline, and its rollups: a model call (feature pipeline) or the end of a run (pipeline_run).';
revoke execute on function private.write_pipeline_usage from public, anon, authenticated;
grant execute on function private.write_pipeline_usage to service_role;

-- The caller holds the pipeline. An unpriced call counts with what it may have cost at most (most_microusd), or with all
-- that is reserved.
create or replace function private.book_pipeline_call(
    p_stage public.pipeline_stages, p_number integer, p_outcome text, p_usage jsonb
) returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_cost bigint := case when p_usage ->> 'cost_state' = 'unpriced' then null
        else coalesce((p_usage ->> 'cost_microusd')::bigint, 0) end;
    v_counted bigint := coalesce(v_cost, (p_usage ->> 'most_microusd')::bigint, p_stage.reserved_microusd);
    v_freed bigint := least(p_stage.reserved_microusd, v_counted);
    v_pipeline public.pipelines;
begin
    perform from public.pipeline_calls
    where pipeline_id = p_stage.pipeline_id and stage = p_stage.stage and round = p_stage.round
        and attempt = p_stage.attempt and number in (p_number, 0);
    if found then
        return false;
    end if;
    update public.pipelines
    set spent_microusd = spent_microusd + case when run = p_stage.run then v_counted else 0 end,
        reserved_microusd = reserved_microusd - case when run = p_stage.run then v_freed else 0 end,
        cost_microusd = cost_microusd + coalesce(v_cost, 0), unknown_calls = unknown_calls + (v_cost is null)::integer,
        model_calls = model_calls + 1, input_tokens = input_tokens + coalesce((p_usage ->> 'input_tokens')::bigint, 0),
        output_tokens = output_tokens + coalesce((p_usage ->> 'output_tokens')::bigint, 0),
        ledger_rows = ledger_rows + 1
    where id = p_stage.pipeline_id returning * into v_pipeline;
    update public.pipeline_stages
    set reserved_microusd = reserved_microusd - v_freed, cost_microusd = cost_microusd + coalesce(v_cost, 0)
    where pipeline_id = p_stage.pipeline_id and stage = p_stage.stage and round = p_stage.round
        and attempt = p_stage.attempt;
    insert into public.pipeline_calls (
        pipeline_id, stage, round, attempt, number, ledger_run, outcome, provider, model, input_tokens, output_tokens,
        cost_microusd, latency_ms
    ) values (
        p_stage.pipeline_id, p_stage.stage, p_stage.round, p_stage.attempt, p_number, v_pipeline.ledger_rows, p_outcome,
        coalesce(p_usage ->> 'provider', ''), coalesce(p_usage ->> 'model', ''),
        coalesce((p_usage ->> 'input_tokens')::bigint, 0), coalesce((p_usage ->> 'output_tokens')::bigint, 0), v_cost,
        coalesce((p_usage ->> 'model_latency_ms')::bigint, 0)
    );
    -- A run that has ended has said before what no use pays for.
    if private.is_pipeline_over(v_pipeline.state) and not v_pipeline.is_charged then
        perform private.note_unbilled(
            private.asker_of((select users from public.users where users.id = v_pipeline.user_id)), v_counted);
    end if;
    perform private.write_pipeline_usage(
        v_pipeline, 'pipeline', case p_outcome when 'answered' then 'answered' else 'failed' end,
        p_usage || jsonb_build_object('outcome', p_outcome), null,
        coalesce((p_usage ->> 'model_latency_ms')::bigint, 0));
    return true;
end;
$$;
comment on function private.book_pipeline_call is 'Book one model call of an attempt: whether that was done now.';
revoke execute on function private.book_pipeline_call from public, anon, authenticated;
grant execute on function private.book_pipeline_call to service_role;

-- What a silent runner had reserved may have been spent. So it counts, and the ledger has a row whose cost is unknown.
create or replace function private.lose_stage(p_stage public.pipeline_stages) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    if p_stage.reserved_microusd > 0 then
        perform private.book_pipeline_call(p_stage, 0, 'worker_lost',
            '{"cost_state": "unpriced", "price_name": "", "unknown_calls": 1}');
    end if;
    update public.pipeline_stages
    set state = case state when 'running' then 'lost' else state end, ended_at = coalesce(ended_at, now()),
        code = case state when 'running' then 'worker_lost' else code end, reserved_microusd = 0
    where pipeline_id = p_stage.pipeline_id and stage = p_stage.stage and round = p_stage.round
        and attempt = p_stage.attempt;
end;
$$;
comment on function private.lose_stage is 'An attempt whose runner went silent: it ends as lost, and what it had reserved counts as spent.';
revoke execute on function private.lose_stage from public, anon, authenticated;
grant execute on function private.lose_stage to service_role;

create or replace function private.stage_attempt(
    p_pipeline_id uuid, p_stage text, p_round integer, p_attempt integer
) returns public.pipeline_stages
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_stage public.pipeline_stages;
begin
    select * into v_stage from public.pipeline_stages
    where pipeline_id = p_pipeline_id and stage = p_stage and round = p_round and attempt = p_attempt for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_stage';
    end if;
    return v_stage;
end;
$$;
comment on function private.stage_attempt is 'Lock an attempt at a stage; its pipeline is locked.';
revoke execute on function private.stage_attempt from public, anon, authenticated;
grant execute on function private.stage_attempt to service_role;

create or replace function private.free_reservation(p_stage public.pipeline_stages) returns void
language sql
security invoker
set search_path = ''
as $$
    update public.pipelines
    set reserved_microusd = reserved_microusd - case when run = p_stage.run then p_stage.reserved_microusd else 0 end
    where id = p_stage.pipeline_id;
    update public.pipeline_stages set reserved_microusd = 0
    where pipeline_id = p_stage.pipeline_id and stage = p_stage.stage and round = p_stage.round
        and attempt = p_stage.attempt;
    delete from public.spend_reservations where answer_id = p_stage.pipeline_id and not is_booked
$$;
comment on function private.free_reservation is 'Give back what an attempt has reserved and not used, of its run and of the day.';
revoke execute on function private.free_reservation from public, anon, authenticated;
grant execute on function private.free_reservation to service_role;

create or replace function public.reserve_stage_call(
    p_pipeline_id uuid, p_stage text, p_round integer, p_attempt integer, p_microusd bigint
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines;
    v_stage public.pipeline_stages;
    v_left bigint;
    v_granted bigint;
begin
    select * into v_pipeline from public.pipelines where id = p_pipeline_id for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_pipeline';
    end if;
    v_stage := private.stage_attempt(p_pipeline_id, p_stage, p_round, p_attempt);
    if v_stage.state <> 'running' or private.is_pipeline_over(v_pipeline.state) then
        return jsonb_build_object('granted_microusd', 0, 'left_microusd', 0, 'is_mine', false);
    end if;
    -- Called again, because its answer was lost: what was granted is still there.
    v_left := greatest(0, v_pipeline.ceiling_microusd - v_pipeline.spent_microusd - v_pipeline.reserved_microusd
        + v_stage.reserved_microusd);
    v_granted := least(greatest(0, p_microusd), v_left);
    update public.pipeline_stages set reserved_microusd = v_granted
    where pipeline_id = p_pipeline_id and stage = p_stage and round = p_round and attempt = p_attempt;
    update public.pipelines set reserved_microusd = reserved_microusd - v_stage.reserved_microusd + v_granted
    where id = p_pipeline_id;
    if v_granted = 0 then
        delete from public.spend_reservations where answer_id = p_pipeline_id and not is_booked;
    end if;
    return jsonb_build_object('granted_microusd', v_granted, 'left_microusd', v_left - v_granted, 'is_mine', true);
end;
$$;
comment on function public.reserve_stage_call is 'Reserve model money for the next call of an attempt, in place of what it had reserved: {granted_microusd (at most what is left), left_microusd, is_mine}.';
revoke execute on function public.reserve_stage_call from public, anon, authenticated;
grant execute on function public.reserve_stage_call to service_role;

create or replace function public.book_stage_call(
    p_pipeline_id uuid, p_stage text, p_round integer, p_attempt integer, p_number integer, p_outcome text,
    p_usage jsonb, p_is_last boolean default false, p_artifacts jsonb default '[]'
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines;
    v_stage public.pipeline_stages;
    v_is_booked boolean;
begin
    select * into v_pipeline from public.pipelines where id = p_pipeline_id for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_pipeline';
    end if;
    v_stage := private.stage_attempt(p_pipeline_id, p_stage, p_round, p_attempt);
    if v_stage.state = 'running' then
        perform private.keep_artifacts(v_pipeline, p_round, p_artifacts);
    end if;
    v_is_booked := private.book_pipeline_call(v_stage, greatest(1, p_number), p_outcome, p_usage);
    if p_is_last then
        v_stage := private.stage_attempt(p_pipeline_id, p_stage, p_round, p_attempt);
        perform private.free_reservation(v_stage);
    end if;
    select * into v_pipeline from public.pipelines where id = p_pipeline_id;
    return jsonb_build_object('is_booked', v_is_booked, 'left_microusd', greatest(0,
        v_pipeline.ceiling_microusd - v_pipeline.spent_microusd - v_pipeline.reserved_microusd));
end;
$$;
comment on function public.book_stage_call is 'A model call of an attempt, into the ledger, at once and once: by its number (from 1) it is known again. After the end of the attempt too. With the last one what is still reserved is free, and what it made is kept (p_artifacts as in public.end_stage): another attempt need not ask again. {is_booked (false: it was before, or the attempt was taken for lost), left_microusd}.';
revoke execute on function public.book_stage_call from public, anon, authenticated;
grant execute on function public.book_stage_call to service_role;

-- The ledger: one row for each run of an answer, and its rollups, in the transaction that closes the answer.

-- p_usages by place in p_ids: what the answers or analyses of these lines used.
create or replace function private.roll_up_written(p_written public.usage_logs[], p_ids uuid[], p_usages jsonb[])
returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    -- Whatever key stood in the way of a row, it must have been its own: else somebody's use would be in no book.
    if coalesce(cardinality(p_written), 0) < cardinality(p_ids) and exists (
        select from unnest(p_ids) as asked (id)
        where not exists (select from public.usage_logs where answer_id = asked.id) and (
            exists (select from public.answers where answers.id = asked.id)
            or exists (select from public.analyses where analyses.id = asked.id)
            or exists (select from public.pipelines where pipelines.id = asked.id)
        )
    ) then
        raise exception using errcode = 'PT409', message = 'use_was_not_written';
    end if;
    if p_written is null then
        return;
    end if;
    perform private.roll_up_usage(p_written);
    perform private.roll_up_usage_of_people(p_written);
    if exists (select from unnest(p_written) as line where line.team_id is not null) then
        perform private.roll_up_usage_of_teams(p_written);
    end if;
    perform private.keep_calls(p_written, p_ids, p_usages);
    perform private.count_providers(date_trunc('hour', now(), 'UTC'), array(
        select used -> 'attempts' from unnest(p_ids, p_usages) as closed (id, used)
        where closed.id in (select line.answer_id from unnest(p_written) as line)
    ));
end;
$$;
comment on function private.roll_up_written is 'All rollups of rows just written to the ledger.';
revoke execute on function private.roll_up_written from public, anon, authenticated;
grant execute on function private.roll_up_written to service_role;

-- What is written is read from the closed answers themselves. A second write for the same run does nothing, so a cost
-- is not doubled when the database's reply was lost. Answers are looked up by key, even before Postgres has statistics
-- about the table.
create or replace function private.write_usage(p_answer_ids uuid[], p_usages jsonb[], p_receipt_ids uuid[]) returns void
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
    -- One writer at a time, until it commits. Nearly all of them update the row of the same hour anyway, and a batch of
    -- answers updates many rows in an order of its own (see private.lock_steps). Partitions need it too: see
    -- private.claim_use.
    perform pg_advisory_xact_lock(hashtextextended('usage_logs', 0));
    with written as (
        insert into public.usage_logs (
            answer_id, run, feature, status, error_code, user_id, team_id, plan_code, receipt_id, file_key, provider,
            model, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, cache_write_tokens, token_classes,
            service_tier, cost_microusd, cost_state, price_name, latency_ms, model_latency_ms, figma_latency_ms,
            fallbacks, context_version, prompt_version, request_id, unknown_calls
        )
        select answers.id, answers.run,
            case answers.decision when 'command' then 'command' when 'invite' then 'invite' else 'comment' end,
            case answers.state when 'ignored' then 'refused' else answers.state end,
            case answers.state when 'answered' then '' else answers.reason end, answers.payer_id,
            (select users.team_id from public.users where users.id = answers.payer_id), answers.plan_code,
            closed.receipt_id, answers.file_key,
            coalesce(used ->> 'provider', ''), coalesce(used ->> 'model', ''),
            coalesce((used ->> 'input_tokens')::bigint, 0), coalesce((used ->> 'cached_input_tokens')::bigint, 0),
            coalesce((used ->> 'output_tokens')::bigint, 0), coalesce((used ->> 'reasoning_tokens')::bigint, 0),
            coalesce((used ->> 'cache_write_tokens')::bigint, 0), coalesce(used -> 'token_classes', '{}'),
            coalesce(used ->> 'service_tier', 'standard'),
            case when used ->> 'cost_state' = 'unpriced' then null
                else coalesce((used ->> 'cost_microusd')::bigint, 0) end,
            coalesce(used ->> 'cost_state', 'priced'), coalesce(used ->> 'price_name', 'no model call'),
            greatest(0, extract(epoch from clock_timestamp() - answers.received_at) * 1000)::bigint,
            coalesce((used ->> 'model_latency_ms')::bigint, 0), coalesce((used ->> 'figma_latency_ms')::bigint, 0),
            coalesce((used ->> 'fallbacks')::integer, 0), answers.context_version,
            coalesce(used ->> 'prompt_version', ''), answers.request_id,
            coalesce((used ->> 'unknown_calls')::integer, 0)
        from unnest(p_answer_ids, p_usages, p_receipt_ids) with ordinality as closed (answer_id, used, receipt_id, place)
        join public.answers on answers.id = closed.answer_id
        order by closed.place
        on conflict do nothing
        returning usage_logs as line
    )
    select array_agg(line) into v_written from written;
    perform private.roll_up_written(v_written, p_answer_ids, p_usages);
    if v_written is not null then
        perform private.count_grounding(v_written);
    end if;
end;
$$;
comment on function private.write_usage is 'Ledger row and rollups of the run of each of these closed answers, once. By place in the three lists: what was used and which receipt pays.';
revoke execute on function private.write_usage from public, anon, authenticated;
grant execute on function private.write_usage to service_role;

-- Single analyses for operators: the latest, one as a whole, and its words behind a reason.

create or replace view public.analysis_list with (security_invoker = true) as
select analyses.id, analyses.received_at, analyses.user_id, users.handle, analyses.type, analyses.state, analyses.source,
    analyses.is_cached, analyses.leader_id, analyses.batch_id, analyses.reason, analyses.failure_message, analyses.run, analyses.attempt,
    analyses.plan_code, analyses.provider, analyses.model, analyses.request_id,
    case when (select private.has_role('{founder}')) then used.cost_microusd end as cost_microusd,
    used.cost_state, used.latency_ms
from public.analyses
left join public.users on users.id = analyses.user_id
left join private.support_ledger as used on used.answer_id = analyses.id and used.run = analyses.run;
comment on view public.analysis_list is 'Analyses that are still kept, with latency of their last run, and for founders its cost (NULL for support), without anybody''s design or words.';
revoke all on public.analysis_list from public, anon, authenticated;
grant select on public.analysis_list to authenticated, service_role;

create or replace function public.latest_analyses(p_limit integer default 100) returns setof public.analysis_list
language plpgsql
stable
security invoker
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
begin
    perform private.require_support();
    return query select * from public.analysis_list order by received_at desc, id limit least(p_limit, 1000);
end;
$$;
comment on function public.latest_analyses is 'The latest analyses, at most p_limit, newest first, as analysis_list has them.';
revoke execute on function public.latest_analyses from public, anon, authenticated;
grant execute on function public.latest_analyses to authenticated, service_role;

-- Security definer: operators read no result. No name, no question and no word leaves this function.
create or replace function public.analysis_detail(p_analysis_id uuid) returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object(
        'id', mine.id, 'user_id', mine.user_id, 'handle', users.handle, 'type', mine.type, 'state', mine.state,
        'source', mine.source, 'is_cached', mine.is_cached, 'is_charged', mine.is_charged, 'leader_id', mine.leader_id,
        'batch_id', mine.batch_id, 'batch_place', mine.batch_place, 'reason', mine.reason,
        'failure_message', mine.failure_message, 'plan_code', mine.plan_code, 'context_version', mine.context_version,
        'received_at', mine.received_at, 'settled_at', mine.settled_at, 'provider', leader.provider,
        'model', leader.model, 'prompt_version', leader.prompt_version, 'request_id', mine.request_id,
        'attempt', mine.attempt, 'elements', jsonb_array_length(mine.refs),
        'runs', coalesce((
            select jsonb_agg(jsonb_build_object(
                'run', used.run, 'at', used.at, 'status', used.status, 'provider', used.provider, 'model', used.model,
                'error_code', used.error_code, 'cost_microusd', used.cost_microusd, 'cost_state', used.cost_state,
                'latency_ms', used.latency_ms
            ) order by used.run)
            from private.support_ledger as used where used.answer_id = mine.id), '[]'),
        'ledger', private.ledger_of(mine.id),
        'attempts', private.traces_of(coalesce(mine.leader_id, mine.id)),
        'suggestions', coalesce((
            select jsonb_agg(jsonb_build_object(
                'ref', each ->> 'ref', 'rule', each ->> 'rule', 'severity', each ->> 'severity', 'sure', each ->> 'sure',
                'layers', (each ->> 'count')::integer, 'has_change', jsonb_typeof(each -> 'patch') is not distinct from 'object',
                'outcome', outcomes.outcome, 'decided_at', outcomes.at
            ) order by each.place)
            from jsonb_array_elements(leader.result -> 'suggestions') with ordinality as each (each, place)
            left join public.suggestion_outcomes as outcomes
                on outcomes.analysis_id = mine.id and outcomes.ref::text = each.each ->> 'ref'), '[]')
    )
    from public.analyses as mine
    join public.analyses as leader on leader.id = coalesce(mine.leader_id, mine.id)
    left join public.users on users.id = mine.user_id
    where mine.id = p_analysis_id and private.require_support()
$$;
comment on function public.analysis_detail is 'One analysis while it is kept, without design and words: what was asked for, each of its runs with cost and time, each suggestion with what became of it; null: it is not kept.';
revoke execute on function public.analysis_detail from public, anon, authenticated;
grant execute on function public.analysis_detail to authenticated, service_role;

create or replace function public.reveal_analysis(p_analysis_id uuid, p_reason text) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_mine public.analyses;
    v_result jsonb;
begin
    perform private.demand_role(array['founder', 'support'], p_reason);
    select * into v_mine from public.analyses where id = p_analysis_id;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_analysis';
    end if;
    perform private.note_access(
        'REVEAL', 'analyses', p_analysis_id::text, v_mine.user_id, array['question', 'design', 'result', 'prompt']);
    select result into v_result from public.analyses where id = coalesce(v_mine.leader_id, v_mine.id);
    return jsonb_build_object(
        'analysis_id', v_mine.id, 'question', v_mine.request ->> 'question', 'request', v_mine.request,
        'summary', v_result ->> 'summary', 'result', v_result,
        'prompts', private.prompts_of(coalesce(v_mine.leader_id, v_mine.id))
    );
end;
$$;
comment on function public.reveal_analysis is 'Founders and support: the question, the design (both kept until it is done), the words of an analysis and what was sent to models, with a reason that is logged.';
revoke execute on function public.reveal_analysis from public, anon, authenticated;
grant execute on function public.reveal_analysis to authenticated;

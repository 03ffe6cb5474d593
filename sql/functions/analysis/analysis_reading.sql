-- How analyses and batches stand, for who asked; cancelling a batch.

create or replace function private.house_rules(p_user_id uuid) returns text
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce((select design_system_rules from public.user_contexts where user_id = p_user_id), '')
$$;
comment on function private.house_rules is 'The design-system rules of somebody''s guidance, by which their designs are measured.';
revoke execute on function private.house_rules from public, anon, authenticated;
grant execute on function private.house_rules to service_role;

-- request and house_rules are there where web has to measure by itself: the analysis failed, or ended without a
-- result.
create or replace function private.analysis_standing(p_analysis public.analyses) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_shown public.analyses := p_analysis;
begin
    if p_analysis.leader_id is not null then
        select * into v_shown from public.analyses where id = p_analysis.leader_id;
    end if;
    return jsonb_build_object(
        'id', p_analysis.id, 'type', p_analysis.type, 'leader_id', coalesce(p_analysis.leader_id, p_analysis.id),
        'state', case when p_analysis.state = 'queued' and v_shown.state = 'working' then 'working'
            else p_analysis.state end,
        'source', p_analysis.source, 'reason', p_analysis.reason, 'is_cached', p_analysis.is_cached,
        'is_charged', p_analysis.is_charged, 'refs', p_analysis.refs, 'result', v_shown.result,
        'request', case when p_analysis.state in ('done', 'failed') and v_shown.result is null then v_shown.request end,
        'house_rules', case when p_analysis.state in ('done', 'failed') and v_shown.result is null
            then private.house_rules(p_analysis.user_id) end,
        'provider', v_shown.provider, 'model', v_shown.model,
        'usage', private.usage_summary(p_analysis.user_id)
    );
end;
$$;
comment on function private.analysis_standing is 'How an analysis stands: {id, type, leader_id, state, source, reason, is_cached, is_charged, refs, result, request, house_rules, provider, model, usage}.';
revoke execute on function private.analysis_standing from public, anon, authenticated;
grant execute on function private.analysis_standing to service_role;

create or replace function public.get_analysis(p_user_id uuid, p_analysis_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select private.analysis_standing(analyses) from public.analyses
    where id = p_analysis_id and user_id = p_user_id and state <> 'refused'
$$;
comment on function public.get_analysis is 'How an analysis of this person stands (private.analysis_standing); null: they have none of this id.';
revoke execute on function public.get_analysis from public, anon, authenticated;
grant execute on function public.get_analysis to service_role;

-- One call for all requests of a web process that wait, where the notification was lost.
create or replace function public.ended_analyses(p_analysis_ids jsonb) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(asked.id), '[]')
    from jsonb_array_elements_text(p_analysis_ids) as asked (id)
    left join public.analyses on analyses.id = asked.id::uuid
    where analyses.state is null or analyses.state not in ('queued', 'working')
$$;
comment on function public.ended_analyses is 'Which of these analyses have ended, or are gone.';
revoke execute on function public.ended_analyses from public, anon, authenticated;
grant execute on function public.ended_analyses to service_role;

create or replace function public.get_analysis_batch(p_user_id uuid, p_batch_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'id', batches.id, 'is_cancelled', batches.cancelled_at is not null,
        'items', (
            select coalesce(jsonb_agg(private.analysis_standing(analyses) order by batch_place), '[]')
            from public.analyses where batch_id = batches.id
        )
    )
    from public.analysis_batches as batches
    where id = p_batch_id and user_id = p_user_id
$$;
comment on function public.get_analysis_batch is 'A batch of this person: {id, is_cancelled, items}, each as private.analysis_standing, in their order; null: they have none of this id.';
revoke execute on function public.get_analysis_batch from public, anon, authenticated;
grant execute on function public.get_analysis_batch to service_role;

-- What has begun goes on, and so does what somebody outside the batch waits for too.
create or replace function public.cancel_analysis_batch(p_user_id uuid, p_batch_id uuid) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_analysis public.analyses;
begin
    update public.analysis_batches set cancelled_at = coalesce(cancelled_at, now())
    where id = p_batch_id and user_id = p_user_id;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_batch';
    end if;
    -- All claims, then all analyses, then what belongs to each.
    perform from public.analysis_claims as claims
    where (scope, key) in (
        select cache_scope, cache_key from public.analyses where batch_id = p_batch_id and state = 'queued'
    )
    order by scope, key for update;
    perform from public.analyses where batch_id = p_batch_id and state = 'queued' order by id for update;
    update public.analyses set state = 'cancelled', settled_at = now()
    where batch_id = p_batch_id and state = 'queued' and leader_id is not null;
    for v_analysis in
        update public.analyses as mine set state = 'cancelled', settled_at = now(), request = null
        where batch_id = p_batch_id and state = 'queued' and not exists (
            select from public.analyses as others where others.leader_id = mine.id and others.state = 'queued'
        )
        returning *
    loop
        delete from public.analysis_claims
        where scope = v_analysis.cache_scope and key = v_analysis.cache_key and analysis_id = v_analysis.id;
        perform private.close_analysis_use(v_analysis, false, 'cancelled');
    end loop;
    return public.get_analysis_batch(p_user_id, p_batch_id);
end;
$$;
comment on function public.cancel_analysis_batch is 'Cancel what has not begun of a batch, and give its uses back: the batch as get_analysis_batch.';
revoke execute on function public.cancel_analysis_batch from public, anon, authenticated;
grant execute on function public.cancel_analysis_batch to service_role;

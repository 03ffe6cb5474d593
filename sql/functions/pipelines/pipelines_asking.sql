-- A pipeline is asked for, cancelled, tried again.

create or replace function private.may_see_pipeline(p_user_id uuid, p_owner_id uuid) returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
    select exists (
        select from public.users
        where users.id = p_user_id and users.state <> 'deleted' and p_owner_id in (users.team_id, users.id)
    )
$$;
comment on function private.may_see_pipeline is 'Whether pipelines of this owner are somebody''s own or their team''s.';
revoke execute on function private.may_see_pipeline from public, anon, authenticated;
grant execute on function private.may_see_pipeline to service_role;

create or replace function private.pipeline_refused(p_code text, p_params jsonb default '{}') returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
    select jsonb_build_object('id', null, 'state', 'refused', 'is_new', false, 'code', p_code, 'params', p_params)
$$;
comment on function private.pipeline_refused is 'The answer to somebody whose pipeline is refused, with the code of why.';
revoke execute on function private.pipeline_refused from public, anon, authenticated;
grant execute on function private.pipeline_refused to service_role;

-- Empty: nothing is against it.
create or replace function private.refuse_pipeline(
    p_user public.users, p_owner_id uuid, p_unbilled_microusd bigint, p_most_queued integer
) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_most integer := coalesce((private.pipeline_limits_of(p_owner_id)).most_queued, p_most_queued);
begin
    if p_user.state = 'suspended' then
        return private.pipeline_refused('suspended');
    elsif not (private.team_flags(p_user.team_id) ->> 'pipelines')::boolean then
        return private.pipeline_refused('pipelines_off');
    elsif (select count(*) from public.pipelines where owner_id = p_owner_id and state = 'queued') >= v_most then
        return private.pipeline_refused('too_many_pipelines', jsonb_build_object('most', v_most));
    elsif p_unbilled_microusd is not null
        and private.has_cost_us_enough(private.asker_of(p_user), p_unbilled_microusd)
    then
        return private.pipeline_refused('unbilled_limit');
    end if;
    return null;
end;
$$;
comment on function private.refuse_pipeline is 'Why somebody may not start a pipeline now, or NULL.';
revoke execute on function private.refuse_pipeline from public, anon, authenticated;
grant execute on function private.refuse_pipeline to service_role;

create or replace function private.reserve_pipeline_use(p_user_id uuid, p_id uuid, p_run integer) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_taken record;
begin
    select * into v_taken from private.take_use(p_user_id);
    if v_taken.reason <> '' then
        return jsonb_build_object('code', 'no_uses', 'plan_code', v_taken.plan_code);
    end if;
    insert into public.use_receipts (answer_id, run, user_id, plan_code, period_start)
    values (p_id, p_run, p_user_id, v_taken.plan_code, v_taken.period_start);
    return jsonb_build_object('code', '', 'plan_code', v_taken.plan_code);
end;
$$;
comment on function private.reserve_pipeline_use is 'Reserve the use of a run of a pipeline: {code: empty or no_uses, plan_code}.';
revoke execute on function private.reserve_pipeline_use from public, anon, authenticated;
grant execute on function private.reserve_pipeline_use to service_role;

create or replace function public.start_pipeline(
    p_user_id uuid, p_source text, p_file_key text, p_node_id text, p_component text, p_options jsonb,
    p_request_id text, p_trace_parent text, p_idempotency_key text default null, p_at_once integer default 3,
    p_ceiling_microusd bigint default 400000, p_unbilled_microusd bigint default null,
    p_most_queued integer default 100
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_user public.users;
    v_owner_id uuid;
    v_found public.pipelines;
    v_refused jsonb;
    v_limited_until timestamptz;
    v_id uuid := gen_random_uuid();
    v_reserved jsonb;
begin
    select * into v_user from public.users where id = p_user_id and state <> 'deleted';
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_person';
    end if;
    v_owner_id := coalesce(v_user.team_id, v_user.id);
    perform private.lock_pipelines(v_owner_id);
    select * into v_found from public.pipelines
    where user_id = p_user_id and idempotency_key = p_idempotency_key;
    if found then
        return jsonb_build_object('id', v_found.id, 'state', v_found.state, 'is_new', false, 'code', '',
            'params', '{}'::jsonb);
    end if;
    v_refused := private.refuse_pipeline(v_user, v_owner_id, p_unbilled_microusd, p_most_queued);
    if v_refused is not null then
        return v_refused;
    end if;
    v_limited_until := private.figma_limited_until(v_user.figma_user_id, p_file_key, 1);
    -- Whoever comes back within the hour is waited for by the stage. A layer that was read may still be known.
    if v_limited_until > now() + interval '1 hour'
        and not p_node_id = any (private.known_layers(v_owner_id, p_file_key))
    then
        return private.pipeline_refused('figma_limited', private.limited_params(v_limited_until));
    end if;
    v_reserved := private.reserve_pipeline_use(p_user_id, v_id, 1);
    if v_reserved ->> 'code' <> '' then
        return private.pipeline_refused(v_reserved ->> 'code',
            jsonb_build_object('plan_code', v_reserved ->> 'plan_code'));
    end if;
    insert into public.pipelines (
        id, user_id, team_id, owner_id, source, file_key, node_id, component, options, at_once, ceiling_microusd,
        plan_code, idempotency_key, request_id, trace_parent
    ) values (
        v_id, p_user_id, v_user.team_id, v_owner_id, p_source, p_file_key, p_node_id, p_component, p_options, p_at_once,
        coalesce((private.pipeline_limits_of(v_owner_id)).ceiling_microusd, p_ceiling_microusd),
        v_reserved ->> 'plan_code', p_idempotency_key, p_request_id, p_trace_parent
    );
    perform private.promote_pipelines(v_owner_id);
    return jsonb_build_object('id', v_id, 'state', (select state from public.pipelines where id = v_id),
        'is_new', true, 'code', '', 'params', '{}'::jsonb);
end;
$$;
comment on function public.start_pipeline is 'Start a pipeline with a use reserved, or let it wait for its owner''s share: {id, state, is_new, code, params}. Refused: state refused and a code (no_uses, suspended, pipelines_off, too_many_pipelines, unbilled_limit, figma_limited). The same idempotency key of the same person again: the pipeline of then.';
revoke execute on function public.start_pipeline from public, anon, authenticated;
grant execute on function public.start_pipeline to service_role;

create or replace function private.own_pipeline(p_user_id uuid, p_id uuid) returns public.pipelines
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines;
begin
    select * into v_pipeline from public.pipelines where id = p_id;
    if not found or not private.may_see_pipeline(p_user_id, v_pipeline.owner_id) then
        raise exception using errcode = 'PT404', message = 'no_such_pipeline';
    end if;
    return private.lock_pipeline(p_id);
end;
$$;
comment on function private.own_pipeline is 'Lock a pipeline of somebody or of their team. No other is there for them.';
revoke execute on function private.own_pipeline from public, anon, authenticated;
grant execute on function private.own_pipeline to service_role;

-- What an attempt has reserved stays reserved until it books its call, or its lease is over.
create or replace function private.stop_stages(p_pipeline_id uuid) returns void
language sql
security invoker
set search_path = ''
as $$
    update public.pipeline_stages set state = 'cancelled', ended_at = now(), code = 'cancelled'
    where pipeline_id = p_pipeline_id and state = 'running'
$$;
comment on function private.stop_stages is 'End the attempts of a cancelled pipeline: their runners learn of it with the next heartbeat.';
revoke execute on function private.stop_stages from public, anon, authenticated;
grant execute on function private.stop_stages to service_role;

create or replace function public.cancel_pipeline(p_user_id uuid, p_id uuid) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines := private.own_pipeline(p_user_id, p_id);
begin
    if not private.is_pipeline_over(v_pipeline.state) then
        perform private.stop_stages(p_id);
        if v_pipeline.state = 'push' then
            -- The component is there: only the push is left out.
            return private.pipeline_summary(
                private.close_pipeline(v_pipeline, 'done', 'push_cancelled', '{}'));
        end if;
        v_pipeline := private.close_pipeline(v_pipeline, 'cancelled', 'cancelled', '{}');
    end if;
    return private.pipeline_summary(v_pipeline);
end;
$$;
comment on function public.cancel_pipeline is 'Cancel a pipeline that has not ended; its use goes back. One that is being pushed is done, without the push: private.pipeline_summary.';
revoke execute on function public.cancel_pipeline from public, anon, authenticated;
grant execute on function public.cancel_pipeline to service_role;

-- The ceiling of model money counts anew, and so do the attempts.
create or replace function public.retry_pipeline(
    p_user_id uuid, p_id uuid, p_unbilled_microusd bigint default null, p_most_queued integer default 100
) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines := private.own_pipeline(p_user_id, p_id);
    v_user public.users;
    v_refused jsonb;
    v_reserved jsonb;
begin
    select * into v_user from public.users where id = v_pipeline.user_id;
    if v_pipeline.state <> 'failed' then
        return private.pipeline_refused('pipeline_not_failed');
    end if;
    if v_pipeline.files_until < now() then
        return private.pipeline_refused('files_are_gone');
    end if;
    v_refused := private.refuse_pipeline(v_user, v_pipeline.owner_id, p_unbilled_microusd, p_most_queued);
    if v_refused is not null then
        return v_refused;
    end if;
    v_reserved := case when v_pipeline.is_charged
        then jsonb_build_object('code', '', 'plan_code', v_pipeline.plan_code)
        else private.reserve_pipeline_use(v_pipeline.user_id, p_id, v_pipeline.run + 1) end;
    if v_reserved ->> 'code' <> '' then
        return private.pipeline_refused(v_reserved ->> 'code',
            jsonb_build_object('plan_code', v_reserved ->> 'plan_code'));
    end if;
    update public.pipelines
    set run = run + 1, state = 'queued', code = '', params = '{}', spent_microusd = 0, reserved_microusd = 0,
        plan_code = v_reserved ->> 'plan_code', queued_at = now(), moved_at = now(), ended_at = null,
        files_until = null
    where id = p_id;
    perform private.promote_pipelines(v_pipeline.owner_id);
    return jsonb_build_object('id', p_id, 'state', (select state from public.pipelines where id = p_id),
        'is_new', false, 'code', '', 'params', '{}'::jsonb);
end;
$$;
comment on function public.retry_pipeline is 'Go on with a failed pipeline from the stage that failed, as a new run with a use of its own: as public.start_pipeline, and the codes pipeline_not_failed and files_are_gone.';
revoke execute on function public.retry_pipeline from public, anon, authenticated;
grant execute on function public.retry_pipeline to service_role;

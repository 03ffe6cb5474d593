-- What a run would take, before it is started.

-- Of Figma's quota we know what it said with its refusals, and how many designs of the file were read.
create or replace function public.forecast_pipeline(p_user_id uuid, p_file_key text) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_user public.users;
    v_owner_id uuid;
    v_seat public.figma_quotas;
begin
    select * into v_user from public.users where id = p_user_id and state <> 'deleted';
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_person';
    end if;
    v_owner_id := coalesce(v_user.team_id, v_user.id);
    select * into v_seat from public.figma_quotas
    where figma_user_id = v_user.figma_user_id and file_key = p_file_key
    order by limit_type <> '' desc, updated_at desc limit 1;
    return jsonb_build_object(
        'usage', private.usage_summary(p_user_id),
        'refusal', private.refuse_pipeline(v_user, v_owner_id, null, 100),
        'is_connected', exists (
            select from public.figma_tokens where user_id = p_user_id and revoked_at is null
        ),
        'running', (
            select count(*) from public.pipelines
            where owner_id = v_owner_id and state not in ('queued', 'done', 'failed', 'cancelled')
        ),
        'queued', (select count(*) from public.pipelines where owner_id = v_owner_id and state = 'queued'),
        'limit_type', coalesce(v_seat.limit_type, ''), 'plan_tier', coalesce(v_seat.plan_tier, ''),
        'limited_until', private.figma_limited_until(v_user.figma_user_id, p_file_key, 1),
        'limited', private.limited_params(private.figma_limited_until(v_user.figma_user_id, p_file_key, 1)),
        'known_layers', to_jsonb(private.known_layers(v_owner_id, p_file_key)),
        'design_reads', (
            select count(*) from (
                select from public.pipeline_stages as stages
                join public.pipelines on pipelines.id = stages.pipeline_id
                where pipelines.user_id = p_user_id and pipelines.file_key = p_file_key and stages.stage = 'read'
                    and stages.began_at > now() - interval '28 days'
                limit 100
            ) as counted
        )
    );
end;
$$;
comment on function public.forecast_pipeline is 'What is known before somebody starts a pipeline in a file: {usage, refusal, is_connected, running, queued, limit_type and plan_tier as Figma last said, limited_until, limited: the parameters of figma_limited, known_layers: what was read and is kept, design_reads: by this person''s pipelines of this file in 28 days, at most 100}.';
revoke execute on function public.forecast_pipeline from public, anon, authenticated;
grant execute on function public.forecast_pipeline to service_role;

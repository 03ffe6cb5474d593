-- What stages leave: files, and what the gate measured. Files are stored before they are noted here.

create or replace function private.artifacts_of(p_pipeline_id uuid, p_with_paths boolean) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(
        jsonb_build_object('kind', kind, 'round', round, 'name', name, 'bytes', bytes, 'sha256', sha256,
            'media_type', media_type, 'created_at', created_at)
        || case when p_with_paths then jsonb_build_object('path', path) else '{}' end
        order by kind, round, name), '[]')
    from (
        select distinct on (kind, round, name) * from public.pipeline_artifacts
        where pipeline_id = p_pipeline_id order by kind, round, name, created_at desc, path
    ) as newest
$$;
comment on function private.artifacts_of is 'The files of a pipeline that count, as a list of {kind, round, name, bytes, sha256, media_type, created_at} and, for the service, path.';
revoke execute on function private.artifacts_of from public, anon, authenticated;
grant execute on function private.artifacts_of to service_role;

create or replace function private.keep_artifacts(
    p_pipeline public.pipelines, p_round integer, p_artifacts jsonb
) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    if exists (
        select from jsonb_array_elements(p_artifacts) as each
        where coalesce(each ->> 'path', '') !~ format(
            '^%s/%s/[0-9a-f]{64}\.[a-z]{1,5}$', p_pipeline.owner_id, p_pipeline.id)
    ) then
        raise exception using errcode = '22023', message = 'path_of_another_pipeline';
    end if;
    insert into public.pipeline_artifacts (pipeline_id, kind, round, name, path, bytes, sha256, media_type)
    select p_pipeline.id, each ->> 'kind', coalesce((each ->> 'round')::integer, p_round),
        coalesce(each ->> 'name', ''), each ->> 'path', (each ->> 'bytes')::bigint, each ->> 'sha256',
        each ->> 'media_type'
    from jsonb_array_elements(p_artifacts) as each
    on conflict (pipeline_id, kind, round, name, path) do update set created_at = clock_timestamp();
end;
$$;
comment on function private.keep_artifacts is 'Note files of a pipeline, which are stored already, under its own path.';
revoke execute on function private.keep_artifacts from public, anon, authenticated;
grant execute on function private.keep_artifacts to service_role;

create or replace function private.keep_quality(
    p_pipeline public.pipelines, p_round integer, p_quality jsonb
) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_row public.pipeline_quality := jsonb_populate_record(null::public.pipeline_quality, p_quality);
begin
    v_row.pipeline_id := p_pipeline.id;
    v_row.round := p_round;
    v_row.at := now();
    v_row.is_passed := coalesce(v_row.is_passed, false);
    v_row.is_chosen := coalesce(v_row.is_chosen, false);
    v_row.model_calls := p_pipeline.model_calls;
    v_row.input_tokens := p_pipeline.input_tokens;
    v_row.output_tokens := p_pipeline.output_tokens;
    v_row.cost_microusd := p_pipeline.cost_microusd;
    v_row.seconds := extract(epoch from now() - p_pipeline.started_at);
    if v_row.is_chosen then
        update public.pipeline_quality set is_chosen = false
        where pipeline_id = p_pipeline.id and is_chosen;
    end if;
    delete from public.pipeline_quality where pipeline_id = p_pipeline.id and round = p_round;
    insert into public.pipeline_quality select v_row.*;
end;
$$;
comment on function private.keep_quality is 'Store what the gate measured of a candidate; if it is chosen, the one before is no longer.';
revoke execute on function private.keep_quality from public, anon, authenticated;
grant execute on function private.keep_quality to service_role;

-- What Figma gave is kept before the rest is asked for: another attempt does not ask again.
create or replace function public.keep_stage_artifacts(
    p_pipeline_id uuid, p_stage text, p_round integer, p_attempt integer, p_artifacts jsonb
) returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_pipeline public.pipelines;
    v_stage public.pipeline_stages;
begin
    select * into v_pipeline from public.pipelines where id = p_pipeline_id for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_pipeline';
    end if;
    v_stage := private.stage_attempt(p_pipeline_id, p_stage, p_round, p_attempt);
    if v_stage.state <> 'running' or private.is_pipeline_over(v_pipeline.state) then
        return false;
    end if;
    perform private.keep_artifacts(v_pipeline, p_round, p_artifacts);
    return true;
end;
$$;
comment on function public.keep_stage_artifacts is 'Note files (as in public.end_stage) before the attempt ends; false: it no longer counts.';
revoke execute on function public.keep_stage_artifacts from public, anon, authenticated;
grant execute on function public.keep_stage_artifacts to service_role;

-- Only what the same owner has read of exactly this version. Whether the person may see the file is asked of Figma.
create or replace function public.find_design(p_pipeline_id uuid, p_file_version text) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce((
        select private.artifacts_of(earlier.id, true)
        from public.pipelines as mine
        join public.pipelines as earlier on earlier.owner_id = mine.owner_id and earlier.id <> mine.id
        where mine.id = p_pipeline_id and p_file_version is distinct from '' and earlier.file_key = mine.file_key
            and earlier.node_id = mine.node_id and earlier.facts ->> 'file_version' = coalesce(p_file_version, earlier.facts ->> 'file_version')
            and coalesce(earlier.files_until > now(), true)
        order by earlier.created_at desc limit 1
    ), '[]')
$$;
comment on function public.find_design is 'Files of another pipeline of the same owner that read the same layer in this version of the file (NULL: in any), or an empty list.';
revoke execute on function public.find_design from public, anon, authenticated;
grant execute on function public.find_design to service_role;

-- What is forgotten: files after the days that a team keeps them, and the pipelines of somebody who leaves.

-- Paths first, then the files, then the rows: whoever dies in between removes them again, which harms nothing.
create or replace function public.expire_artifacts(p_most integer default 500) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(path), '[]')
    from (
        select distinct files.path
        from public.pipelines join public.pipeline_artifacts as files on files.pipeline_id = pipelines.id
        where pipelines.files_until < now()
        limit p_most
    ) as expired
$$;
comment on function public.expire_artifacts is 'Paths of files that are to be removed, at most so many; then public.forget_artifacts.';
revoke execute on function public.expire_artifacts from public, anon, authenticated;
grant execute on function public.expire_artifacts to service_role;

create or replace function public.forget_artifacts(p_paths text[]) returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_forgotten integer;
begin
    delete from public.pipeline_artifacts as files
    using public.pipelines
    where files.path = any (p_paths) and pipelines.id = files.pipeline_id and pipelines.files_until < now();
    get diagnostics v_forgotten = row_count;
    return v_forgotten;
end;
$$;
comment on function public.forget_artifacts is 'Forget expired files that are removed from the bucket: how many.';
revoke execute on function public.forget_artifacts from public, anon, authenticated;
grant execute on function public.forget_artifacts to service_role;

-- A row stays until its files are removed, and until a runner that was at it has booked what a model cost. It says
-- nothing of the design any more.
create or replace function private.forget_pipelines(p_user_id uuid) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_owner_id uuid;
    v_pipeline public.pipelines;
begin
    for v_owner_id in select distinct owner_id from public.pipelines where user_id = p_user_id order by 1 loop
        perform private.lock_pipelines(v_owner_id);
    end loop;
    for v_pipeline in
        select * from public.pipelines
        where user_id = p_user_id and state not in ('done', 'failed', 'cancelled') order by id for update
    loop
        perform private.stop_stages(v_pipeline.id);
        perform private.close_pipeline(v_pipeline, 'cancelled', 'account_deleted', '{}');
    end loop;
    update public.pipeline_stages set params = '{}', facts = '{}'
    where pipeline_id in (select id from public.pipelines where user_id = p_user_id);
    update public.pipelines
    set file_key = '', node_id = '', component = '', options = '{}', facts = '{}', params = '{}', trace_parent = '',
        idempotency_key = null, files_until = now()
    where user_id = p_user_id;
end;
$$;
comment on function private.forget_pipelines is 'End somebody''s pipelines and forget what they were about; their files expire now, then the rows go (public.purge_expired).';
revoke execute on function private.forget_pipelines from public, anon, authenticated;
grant execute on function private.forget_pipelines to service_role;

-- Files in the bucket that belong to no pipeline: uploaded by a runner that died before it wrote the row, or left over
-- when a row went first.

-- The table of Storage is read and never written: only its API also removes the bytes. A name is young for a day,
-- because a runner uploads first and writes the row afterwards; a run that was retried writes to the names of then.
create or replace function public.orphaned_artifacts(p_after text default '', p_most integer default 1000) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_found jsonb;
begin
    -- A project that has never had Storage switched on.
    if to_regclass('storage.objects') is null then
        return jsonb_build_object('paths', '[]'::jsonb, 'next', null);
    end if;
    with page as (
        select name, created_at, substring(name from '^[^/]+/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/') as pipeline
        from storage.objects
        where bucket_id = 'pipelines' and name > p_after
        order by name limit p_most
    ), judged as (
        select name, created_at < now() - interval '1 day'
            and not exists (select from public.pipeline_artifacts as files where files.path = page.name)
            and not exists (
                select from public.pipelines
                where pipelines.id = page.pipeline::uuid
                    and (pipelines.ended_at is null or pipelines.ended_at > now() - interval '1 day')
            ) as is_orphan
        from page
    )
    select jsonb_build_object(
        'paths', coalesce(jsonb_agg(name order by name) filter (where is_orphan), '[]'),
        'next', case when count(*) = p_most then (array_agg(name order by name desc))[1] end
    ) into v_found
    from judged;
    return v_found;
end;
$$;
comment on function public.orphaned_artifacts is 'One page of the bucket, in the order of its names: {paths (of files older than a day that no running pipeline and no row knows), next (call again with it; NULL: that was the end)}.';
revoke execute on function public.orphaned_artifacts from public, anon, authenticated;
grant execute on function public.orphaned_artifacts to service_role;

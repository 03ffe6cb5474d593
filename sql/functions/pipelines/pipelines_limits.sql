-- What founders set for the pipelines of a team.

-- Security definer: founders may not write the table past this check.
create or replace function public.set_pipeline_limits(
    p_team_id uuid, p_at_once integer, p_most_queued integer, p_ceiling_microusd bigint, p_retention_days integer,
    p_model text, p_version integer, p_reason text
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_row public.pipeline_limits;
begin
    perform private.founder_edit(p_reason);
    if not exists (select from public.teams where id = p_team_id) then
        raise exception using errcode = 'PT404', message = 'no_such_team';
    end if;
    if p_at_once not between 1 and 100 or p_most_queued not between 0 and 1000
        or p_ceiling_microusd not between 0 and 100000000 or p_retention_days not between 1 and 400
        or btrim(coalesce(p_model, '')) !~ '^([^/[:space:]]+/[^[:space:]]+)?$' or length(p_model) > 200
    then
        raise exception using errcode = '22023', message = 'pipeline_limits_unfit';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('pipeline limits ' || p_team_id, 0));
    select * into v_row from public.pipeline_limits where team_id = p_team_id;
    if coalesce(v_row.version, 0) <> coalesce(p_version, 0) then
        raise exception using errcode = 'PT409', message = 'pipeline_limits_changed_meanwhile';
    end if;
    insert into public.pipeline_limits as l (team_id, at_once, most_queued, ceiling_microusd, retention_days, model)
    values (p_team_id, p_at_once, p_most_queued, p_ceiling_microusd, p_retention_days, btrim(coalesce(p_model, '')))
    on conflict (team_id) do update
        set at_once = excluded.at_once, most_queued = excluded.most_queued,
            ceiling_microusd = excluded.ceiling_microusd, retention_days = excluded.retention_days,
            model = excluded.model, version = l.version + 1, updated_at = now()
    returning * into v_row;
    return to_jsonb(v_row);
end;
$$;
comment on function public.set_pipeline_limits is 'Founders: what the pipelines of a team may do; NULL: as for everybody, and an empty model: those of the chain. p_version: the version seen, 0 where nothing was set. It counts for pipelines that start from now on, of runs at a time also for those that wait.';
revoke execute on function public.set_pipeline_limits from public, anon, authenticated;
grant execute on function public.set_pipeline_limits to authenticated;

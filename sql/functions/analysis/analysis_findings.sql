-- What people make of suggestions, and what they do not want to hear of again.

-- The latest word on a suggestion counts. The rule is ours, not the caller's.
create or replace function public.note_outcomes(p_user_id uuid, p_analysis_id uuid, p_outcomes jsonb) returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_analysis public.analyses;
    v_suggestions jsonb;
    v_noted integer;
begin
    select * into v_analysis from public.analyses
    where id = p_analysis_id and user_id = p_user_id and state in ('done', 'failed');
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_analysis';
    end if;
    v_suggestions := (
        select result -> 'suggestions' from public.analyses where id = coalesce(v_analysis.leader_id, p_analysis_id)
    );
    insert into public.suggestion_outcomes as o (
        analysis_id, ref, user_id, plan_code, source, rule, outcome, reason
    )
    select distinct on (told.ref) p_analysis_id, told.ref, p_user_id, v_analysis.plan_code,
        coalesce(v_analysis.source, 'measured'),
        coalesce((select each ->> 'rule' from jsonb_array_elements(v_suggestions) as each
            where each ->> 'ref' = told.ref::text limit 1), ''),
        told.outcome, coalesce(told.reason, '')
    from rows from (jsonb_to_recordset(p_outcomes) as (ref integer, outcome text, reason text)) with ordinality
        as told (ref, outcome, reason, place)
    -- After a day the suggestions are gone, and the caller is taken at their word.
    where v_suggestions is null or exists (
        select from jsonb_array_elements(v_suggestions) as each where each ->> 'ref' = told.ref::text
    )
    order by told.ref, told.place desc
    on conflict (analysis_id, ref) do update
        set outcome = excluded.outcome, reason = excluded.reason, at = now();
    get diagnostics v_noted = row_count;
    return v_noted;
end;
$$;
comment on function public.note_outcomes is 'Keep what became of suggestions of an analysis of this person: how many. Others than it has are left out.';
revoke execute on function public.note_outcomes from public, anon, authenticated;
grant execute on function public.note_outcomes to service_role;

create or replace function public.list_ignored_findings(p_user_id uuid, p_file_key text) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'fingerprint', fingerprint, 'rule', rule, 'reason', reason, 'element_name', element_name,
        'ignored_at', ignored_at
    ) order by ignored_at, fingerprint), '[]')
    from public.ignored_findings where user_id = p_user_id and file_key = p_file_key
$$;
comment on function public.list_ignored_findings is 'What this person ignores in a file.';
revoke execute on function public.list_ignored_findings from public, anon, authenticated;
grant execute on function public.list_ignored_findings to service_role;

-- The whole list of one file: what is left out is no longer ignored.
create or replace function public.save_ignored_findings(p_user_id uuid, p_file_key text, p_items jsonb) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
    delete from public.ignored_findings
    where user_id = p_user_id and file_key = p_file_key
        and fingerprint not in (select each ->> 'fingerprint' from jsonb_array_elements(p_items) as each);
    insert into public.ignored_findings as i (user_id, file_key, fingerprint, rule, reason, element_name)
    select distinct on (fingerprint) p_user_id, p_file_key, fingerprint, coalesce(rule, ''), coalesce(reason, ''),
        coalesce(element_name, '')
    from jsonb_to_recordset(p_items) as told (fingerprint text, rule text, reason text, element_name text)
    order by fingerprint
    on conflict (user_id, file_key, fingerprint) do update
        set rule = excluded.rule, reason = excluded.reason, element_name = excluded.element_name;
    return public.list_ignored_findings(p_user_id, p_file_key);
end;
$$;
comment on function public.save_ignored_findings is 'Replace what this person ignores in a file; the list as it is then.';
revoke execute on function public.save_ignored_findings from public, anon, authenticated;
grant execute on function public.save_ignored_findings to service_role;

create or replace function public.delete_ignored_findings(p_user_id uuid, p_file_key text) returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_deleted integer;
begin
    delete from public.ignored_findings where user_id = p_user_id and file_key = p_file_key;
    get diagnostics v_deleted = row_count;
    return v_deleted;
end;
$$;
comment on function public.delete_ignored_findings is 'Hear of everything in a file again: how many findings were ignored there.';
revoke execute on function public.delete_ignored_findings from public, anon, authenticated;
grant execute on function public.delete_ignored_findings to service_role;

-- plpgsql: this is called for each answer, and a SQL function would be planned each time. The file first: most have
-- nothing that is ignored.
create or replace function private.ignored_in_file(p_user_id uuid, p_file_key text) returns text[]
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    if not exists (select from public.ignored_findings where file_key = p_file_key) then
        return '{}';
    end if;
    return (
        select coalesce(array_agg(distinct ignored.fingerprint), '{}')
        from public.users as asker
        join public.users as mates on mates.id = asker.id or mates.team_id = asker.team_id
        join public.ignored_findings as ignored on ignored.user_id = mates.id
        where asker.id = p_user_id and ignored.file_key = p_file_key
    );
end;
$$;
comment on function private.ignored_in_file is 'Fingerprints that this person or somebody of their team ignores in a file: what answers leave out.';
revoke execute on function private.ignored_in_file from public, anon, authenticated;
grant execute on function private.ignored_in_file to service_role;

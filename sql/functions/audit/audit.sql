-- The audit log: read it page by page, and prove that nobody changed it quietly.

-- Only for the rows of one page, so it may look names up.
create or replace function private.audit_subject(p_table text, p_person uuid, p_row jsonb) returns text
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(
        (select users.handle from public.users where users.id = coalesce(p_person, whom.user_id)),
        (select teams.name from public.teams where teams.id = whom.team_id)
    )
    from (
        select case
                when p_table = 'budgets' and p_row ->> 'scope' = 'user' then (p_row ->> 'scope_key')::uuid
                when p_table = 'billing_adjustments' and p_row ->> 'payer_kind' = 'user' then (p_row ->> 'payer_id')::uuid
                when p_table = 'pipeline_targets' and not (p_row ->> 'is_team')::boolean then (p_row ->> 'owner_id')::uuid
                when p_table = 'subscriptions' then (p_row ->> 'user_id')::uuid
            end as user_id,
            case
                when p_table = 'budgets' and p_row ->> 'scope' = 'team' then (p_row ->> 'scope_key')::uuid
                when p_table = 'billing_adjustments' and p_row ->> 'payer_kind' = 'team' then (p_row ->> 'payer_id')::uuid
                when p_table = 'pipeline_targets' and (p_row ->> 'is_team')::boolean then (p_row ->> 'owner_id')::uuid
                when p_table = 'model_sharing' and (p_row ->> 'is_team')::boolean then (p_row ->> 'id')::uuid
                when p_table in ('subscriptions', 'pipeline_limits') then (p_row ->> 'team_id')::uuid
            end as team_id
    ) as whom
$$;
comment on function private.audit_subject is 'Name of the person or team that an entry of the audit log concerns, as the caller may read it; NULL: nobody''s.';
revoke execute on function private.audit_subject from public, anon;
grant execute on function private.audit_subject to authenticated, service_role;

create or replace function public.audit_rows(
    p_actor text default null, p_operation text default null, p_table text default null, p_row text default null,
    p_from timestamptz default null, p_to timestamptz default null, p_before_id bigint default null,
    p_limit integer default 50
) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    perform private.require_support();
    return (
        select coalesce(jsonb_agg(to_jsonb(page) order by page.id desc), '[]'::jsonb)
        from (
            select id, at, actor, table_name, row_key, operation, before, after, reason, person_id, prev_hash, row_hash,
                private.audit_subject(table_name, person_id, coalesce(after, before)) as subject
            from public.audit_log
            where (p_actor is null or actor = p_actor) and (p_operation is null or operation = p_operation)
                and (p_table is null or table_name = p_table)
                and (p_row is null or row_key = p_row or person_id::text = p_row)
                and (p_from is null or at >= p_from) and (p_to is null or at < p_to)
                and (p_before_id is null or id < p_before_id)
            order by id desc
            limit least(greatest(p_limit, 1), 1000)
        ) as page
    );
end;
$$;
comment on function public.audit_rows is 'Rows of the audit log that the caller''s role may see, newest first, older than p_before_id; subject: the name of the person or team that an entry concerns, if any. p_operation: INSERT, UPDATE, DELETE, REVEAL or EXPORT. p_row: the key of a changed row, or the id of the person it belongs to. Period [p_from, p_to).';
revoke execute on function public.audit_rows from public, anon, authenticated;
grant execute on function public.audit_rows to authenticated;

-- Jumps from one value to the next along the index, so the cost grows with the number of names, not of rows. For
-- support it also grows with the rows in between that support may not see.
create or replace function public.audit_choices() returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    perform private.require_support();
    return (
        with recursive actors (name) as (
            select min(actor) from public.audit_log
            union all
            select (select min(actor) from public.audit_log where actor > actors.name) from actors
            where actors.name is not null
        ), tables (name) as (
            select min(table_name) from public.audit_log
            union all
            select (select min(table_name) from public.audit_log where table_name > tables.name) from tables
            where tables.name is not null
        )
        select jsonb_build_object(
            'actors', coalesce((select jsonb_agg(name) from actors where name is not null), '[]'::jsonb),
            'tables', coalesce((select jsonb_agg(name) from tables where name is not null), '[]'::jsonb)
        )
    );
end;
$$;
comment on function public.audit_choices is 'Who and which tables occur in what the caller''s role may see of the audit log: {actors, tables}.';
revoke execute on function public.audit_choices from public, anon, authenticated;
grant execute on function public.audit_choices to authenticated;

-- Security definer: no role may read the head of the chain.
create or replace function public.verify_audit_log() returns jsonb
language plpgsql
stable
security definer
set search_path = ''
set statement_timeout = '5min'
as $$
declare
    v_rows bigint;
    v_broken bigint;
    v_last_hash text;
    v_head private.audit_head;
begin
    perform private.require_support();
    select * into v_head from private.audit_head;
    select count(*), min(id) filter (where prev_hash <> expected_prev or row_hash <> expected)
    into v_rows, v_broken
    from (
        select id, prev_hash, row_hash, lag(row_hash, 1, '') over (order by id) as expected_prev,
            private.audit_hash(audit_log) as expected
        from public.audit_log
    ) as links;
    select row_hash into v_last_hash from public.audit_log order by id desc limit 1;
    if v_broken is null and coalesce(v_last_hash, '') is distinct from v_head.last_hash then
        v_broken := coalesce(v_head.last_id, 0);
    end if;
    return jsonb_build_object(
        'ok', v_broken is null, 'rows', v_rows, 'first_broken_id', v_broken, 'last_id', v_head.last_id,
        'last_hash', v_last_hash
    );
end;
$$;
comment on function public.verify_audit_log is 'Recompute the chain of the audit log: {ok, rows, first_broken_id, last_id, last_hash}. A changed row breaks at its id, a removed one at the next, rows missing at the end at the last id that was written. Keep last_hash outside to prove later that not even the whole log was rewritten.';
revoke execute on function public.verify_audit_log from public, anon, authenticated;
grant execute on function public.verify_audit_log to authenticated;

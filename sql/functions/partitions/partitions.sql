-- Partitions by time of the three tables that grow, where an operator has made them (`python -m sql.partitions`). A
-- database without them only asks private.partition_kinds once an hour. Each partition is a table in the schema private,
-- which the API does not reach; all grants and policies are those of the table itself.

-- Deliveries have a partition a day: they are to be gone after 30 days, and a month of them goes only as a whole.
create or replace function private.partition_kinds()
returns table (name text, at_column text, step interval, ahead interval, kept interval)
language sql
immutable
security invoker
set search_path = ''
as $$
    values ('answers', 'received_at', interval '1 month', interval '3 months', null::interval),
        ('usage_logs', 'at', interval '1 month', interval '3 months', null),
        ('webhook_deliveries', 'received_at', interval '1 day', interval '10 days', interval '30 days')
$$;
comment on function private.partition_kinds is 'The tables that may be partitioned, by which column, how long a partition is, for how long ahead they are made, and when one is dropped (NULL: never). At most 30 days of deliveries are kept, see public.purge_expired.';
revoke execute on function private.partition_kinds from public, anon, authenticated;
grant execute on function private.partition_kinds to service_role;

create or replace function private.partitions_of(p_name text)
returns table (partition regclass, from_at timestamptz, to_at timestamptz, is_rest boolean)
language sql
stable
security invoker
set search_path = ''
set timezone = 'UTC'
as $$
    select parts.oid::regclass, substring(bound.text from 'FROM \(''([^'']+)''\)')::timestamptz,
        substring(bound.text from 'TO \(''([^'']+)''\)')::timestamptz, bound.text = 'DEFAULT'
    from pg_inherits
    join pg_class as parts on parts.oid = pg_inherits.inhrelid
    cross join lateral (select pg_get_expr(parts.relpartbound, parts.oid) as text) as bound
    where pg_inherits.inhparent = to_regclass('public.' || p_name) and parts.relpartbound is not null
$$;
comment on function private.partitions_of is 'The partitions of a table: from when (NULL: the first one) until before when; is_rest: the one that catches what has no partition.';
revoke execute on function private.partitions_of from public, anon, authenticated;
grant execute on function private.partitions_of to service_role;

create or replace function private.table_of(p_relation oid) returns text
language sql
stable
security invoker
set search_path = ''
as $$
    select relname::text from pg_class
    where oid = coalesce((select inhparent from pg_inherits where inhrelid = p_relation), p_relation)
$$;
comment on function private.table_of is 'The name of a table, for a partition that of the whole: what a trigger of each row is told is its partition.';
revoke execute on function private.table_of from public, anon, authenticated;
grant execute on function private.table_of to service_role;

create or replace function private.partition_states()
returns table (name text, is_partitioned boolean, made_until timestamptz, begun_until timestamptz, has_strays boolean)
language plpgsql
stable
security invoker
set search_path = ''
set timezone = 'UTC'
as $$
declare
    v_rest regclass;
begin
    for name, is_partitioned, made_until, begun_until in
        select kinds.name, tables.relkind = 'p', (select max(to_at) from private.partitions_of(kinds.name)),
            (
                select substring(pg_get_constraintdef(bounds.oid) from '''([^'']+)''')::timestamptz
                from pg_constraint as bounds
                where bounds.conrelid = tables.oid and bounds.conname = kinds.name || '_partition_bound'
            )
        from private.partition_kinds() as kinds
        join pg_class as tables on tables.oid = to_regclass('public.' || kinds.name)
    loop
        has_strays := false;
        select partition into v_rest from private.partitions_of(name) where is_rest;
        if found then
            execute format('select exists (select from %s)', v_rest) into has_strays;
        end if;
        return next;
    end loop;
end;
$$;
comment on function private.partition_states is 'Of each table that may be partitioned: whether it is, until when partitions are made, whether rows came that have none, and, while it is being partitioned, from when on it takes no rows (begun_until).';
revoke execute on function private.partition_states from public, anon, authenticated;

create or replace function private.name_partition(p_name text, p_from timestamptz, p_step interval) returns text
language sql
stable
security invoker
set search_path = ''
as $$
    select p_name || '_' || to_char(
        p_from at time zone 'UTC', case when p_step < interval '28 days' then 'YYYY_MM_DD' else 'YYYY_MM' end
    )
$$;
comment on function private.name_partition is 'The name of a partition that begins at a moment, by month or day (UTC).';
revoke execute on function private.name_partition from public, anon, authenticated;

-- A partition is made like another, with the unique indexes and foreign keys that the whole table cannot have. It is
-- made in one transaction and attached in the next: its foreign keys lock other tables than the attaching does.
create or replace function private.make_next(p_name text, p_like regclass, p_leaf text) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_key record;
begin
    execute format('create table private.%I (like %s including all excluding identity)', p_leaf, p_like);
    execute format('alter table private.%I enable row level security', p_leaf);
    execute format('revoke all on private.%I from public, anon, authenticated, service_role', p_leaf);
    execute format('alter table private.%I drop constraint if exists %I', p_leaf, p_name || '_partition_bound');
    for v_key in
        select conname, pg_get_constraintdef(oid) as text from pg_constraint where conrelid = p_like and contype = 'f'
    loop
        execute format('alter table private.%I add constraint %I %s', p_leaf, v_key.conname, v_key.text);
    end loop;
end;
$$;
comment on function private.make_next is 'Make an empty partition like another one, or like the table before it has any. Nobody but the owner reaches it, and it is not attached yet.';
revoke execute on function private.make_next from public, anon, authenticated;

-- Attaches what make_next made as ..._next. If rows came that had no partition, the one that caught them becomes theirs,
-- and the new one catches what comes: no row is moved.
create or replace function private.add_partition(p_name text, p_from timestamptz, p_at_column text, p_step interval)
returns text
language plpgsql
security invoker
set search_path = ''
set timezone = 'UTC'
as $$
declare
    v_rest text := p_name || '_rest';
    v_next text := p_name || '_next';
    v_leaf text := private.name_partition(p_name, p_from, p_step);
    v_to timestamptz := p_from + p_step;
    v_newest timestamptz;
begin
    execute format('select max(%I) from private.%I', p_at_column, v_rest) into v_newest;
    if v_newest is null then
        execute format('alter table private.%I rename to %I', v_next, v_leaf);
    else
        while v_to <= v_newest loop
            v_to := v_to + p_step;
        end loop;
        execute format('alter table public.%I detach partition private.%I', p_name, v_rest);
        execute format('alter table private.%I rename to %I', v_rest, v_leaf);
        execute format('alter table private.%I rename to %I', v_next, v_rest);
        execute format('alter table public.%I attach partition private.%I default', p_name, v_rest);
    end if;
    execute format(
        'alter table public.%I attach partition private.%I for values from (%L) to (%L)', p_name, v_leaf, p_from, v_to
    );
    return 'private.' || v_leaf;
end;
$$;
comment on function private.add_partition is 'Attach the next partition of a table, from this moment on: its name.';
revoke execute on function private.add_partition from public, anon, authenticated;

-- One thing a call, so that its locks last for milliseconds. It gives up before anybody's deadlock is looked for (one
-- second), and tries again the next time. With its owner's rights: only an owner makes and drops tables.
create or replace function public.tend_partitions() returns jsonb
language plpgsql
security definer
set search_path = ''
set lock_timeout = '400ms'
set timezone = 'UTC'
as $$
declare
    v_kind record;
    v_leaf text;
    v_rows bigint;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('tend_partitions', 0)) then
        return jsonb_build_object('did', '', 'name', '', 'removed', 0, 'is_more', false);
    end if;
    for v_kind in
        select * from private.partition_kinds() join private.partition_states() using (name)
        where is_partitioned or begun_until is not null
    loop
        begin
            if not v_kind.is_partitioned then
                -- Somebody has begun and not come back: soon this table would take no row any more.
                if v_kind.begun_until < now() + interval '2 days' then
                    execute format('alter table public.%I drop constraint %I', v_kind.name, v_kind.name || '_partition_bound');
                    return jsonb_build_object('did', 'gave_up', 'name', v_kind.name, 'removed', 0, 'is_more', true);
                end if;
                continue;
            end if;
            if v_kind.made_until < now() + v_kind.ahead and to_regclass('private.' || v_kind.name || '_next') is null then
                perform private.make_next(
                    v_kind.name, ('private.' || v_kind.name || '_rest')::regclass, v_kind.name || '_next'
                );
                return jsonb_build_object('did', 'prepared', 'name', v_kind.name, 'removed', 0, 'is_more', true);
            elsif v_kind.made_until < now() + v_kind.ahead then
                v_leaf := private.add_partition(v_kind.name, v_kind.made_until, v_kind.at_column, v_kind.step);
                return jsonb_build_object('did', 'made', 'name', v_leaf, 'removed', 0, 'is_more', true);
            end if;
            -- The first one holds what came before there were partitions, and one that caught rows may be long as well:
            -- their rows go one by one until all of it is over.
            select parts.partition, greatest(classes.reltuples, 0) into v_leaf, v_rows
            from private.partitions_of(v_kind.name) as parts join pg_class as classes on classes.oid = parts.partition
            where case when parts.from_at + v_kind.step = parts.to_at then parts.from_at else parts.to_at end
                < now() - v_kind.kept
            order by parts.to_at limit 1;
            if found then
                execute format('drop table %s', v_leaf);
                if v_kind.name = 'webhook_deliveries' then
                    perform private.note_retention(jsonb_build_object('deliveries', v_rows));
                end if;
                return jsonb_build_object('did', 'dropped', 'name', v_leaf, 'removed', v_rows, 'is_more', true);
            end if;
        exception
            when lock_not_available or deadlock_detected then
                -- The next hour is early enough: partitions are made long ahead.
                continue;
        end;
    end loop;
    return jsonb_build_object('did', '', 'name', '', 'removed', 0, 'is_more', false);
end;
$$;
comment on function public.tend_partitions is 'Make the next partition of a partitioned table, drop one that is over, or give up an attempt to make partitions that nobody goes on with: {did: prepared, made, dropped, gave_up or empty, name, removed: about how many rows went with it, is_more: call again}.';
revoke execute on function public.tend_partitions from public, anon, authenticated;
grant execute on function public.tend_partitions to service_role;

-- The alert that builds of components fail. Whatever kinds there are stay, so that the order of this and other migrations
-- does not matter.

do $$
declare
    v_known text := pg_get_constraintdef((select oid from pg_constraint
        where conrelid = 'public.alerts'::regclass and conname = 'alerts_kind'));
    v_kinds text[] := array(
        select distinct kind from (
            select (regexp_matches(v_known, '''([a-z_]+)''', 'g'))[1] as kind union values ('builds_failing')
        ) as kinds order by kind
    );
begin
    alter table public.alerts drop constraint alerts_kind;
    execute format('alter table public.alerts add constraint alerts_kind check (kind in (%s)) not valid',
        (select string_agg(quote_literal(kind), ', ') from unnest(v_kinds) as kind));
end;
$$;

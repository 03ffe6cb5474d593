-- What the Live page asks for every few seconds.

-- One query for each state, with a plan for that state. The indexes of the rare states hold only their rows, and
-- neither a query for a list of states nor a generic plan would use them.
create or replace function public.latest_answers(p_states text[] default null, p_limit integer default 100)
returns setof public.answer_list
language plpgsql
stable
security invoker
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
declare
    v_state text;
begin
    perform private.require_support();
    if p_states is null then
        return query select * from public.answer_list order by received_at desc limit least(p_limit, 1000);
        return;
    end if;
    for v_state in select distinct unnest(p_states) loop
        return query
            select * from public.answer_list where state = v_state order by received_at desc limit least(p_limit, 1000);
    end loop;
end;
$$;
comment on function public.latest_answers is 'The latest answers of each of these states, at most p_limit of each (null: of all states together), as answer_list has them. In no order among states.';
revoke execute on function public.latest_answers from public, anon, authenticated;
grant execute on function public.latest_answers to authenticated, service_role;

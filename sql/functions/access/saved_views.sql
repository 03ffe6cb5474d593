-- Names that operators give to views of a page. Security definer: nobody reads or writes the table itself, and each
-- operator has only their own.

create or replace function public.saved_view_list(p_page text) returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'name', v.name, 'query', v.query) order by v.name), '[]'::jsonb)
    from public.saved_views as v
    where v.operator_id = (select auth.uid()) and v.page = p_page
        and private.require_role('{founder,support,finance}')
$$;
comment on function public.saved_view_list is 'The named views of a page of whoever asks.';
revoke execute on function public.saved_view_list from public, anon, authenticated;
grant execute on function public.saved_view_list to authenticated, service_role;

create or replace function public.save_view(p_page text, p_name text, p_query text) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.demand_role(array['founder', 'support', 'finance'], 'view saved');
    if length(btrim(coalesce(p_name, ''))) not between 1 and 60 then
        raise exception using errcode = 'PT422', message = 'view_name_missing_or_too_long';
    end if;
    if (select count(*) from public.saved_views where operator_id = auth.uid() and page = p_page) >= 20 then
        raise exception using errcode = 'PT409', message = 'too_many_views';
    end if;
    insert into public.saved_views (operator_id, page, name, query)
    values (auth.uid(), p_page, btrim(p_name), p_query)
    on conflict on constraint saved_views_once do update set query = excluded.query, saved_at = now();
end;
$$;
comment on function public.save_view is 'Operators: give a view of a page a name; the same name again replaces it.';
revoke execute on function public.save_view from public, anon, authenticated;
grant execute on function public.save_view to authenticated;

create or replace function public.remove_view(p_id uuid) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.demand_role(array['founder', 'support', 'finance'], 'view removed');
    delete from public.saved_views where id = p_id and operator_id = auth.uid();
end;
$$;
comment on function public.remove_view is 'Operators: forget one of their own views. Safe to call again.';
revoke execute on function public.remove_view from public, anon, authenticated;
grant execute on function public.remove_view to authenticated;

-- Notes of operators on days, which charts show, and on people. What was removed stands in the audit log.

create or replace function private.note_writer(p_text text, p_longest integer) returns text
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform private.demand_role(array['founder', 'support'], 'note written');
    perform set_config('app.reason', '', true);
    if length(btrim(coalesce(p_text, ''))) not between 1 and p_longest then
        raise exception using errcode = 'PT422', message = 'note_missing_or_too_long',
            detail = jsonb_build_object('longest', p_longest)::text;
    end if;
    return private.operator_email();
end;
$$;
comment on function private.note_writer is 'Refuses everybody but founders and support, and a text that is empty or too long; who writes.';
revoke execute on function private.note_writer from public, anon, authenticated;

create or replace function public.date_note_list(p_first date, p_last date) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(notes) order by notes.day, notes.written_at, notes.id), '[]'::jsonb)
    from (
        select * from public.date_notes where day between p_first and p_last order by day desc, written_at desc limit 200
    ) as notes
    where private.require_role('{founder,support,finance}')
$$;
comment on function public.date_note_list is 'Notes on the days p_first to p_last of the reporting zone, at most the latest 200.';
revoke execute on function public.date_note_list from public, anon, authenticated;
grant execute on function public.date_note_list to authenticated, service_role;

-- Security definer: operators may not write the table themselves. So are those below.
create or replace function public.save_date_note(p_id uuid, p_day date, p_text text, p_version integer) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_by text := private.note_writer(p_text, 300);
begin
    if p_version = 0 then
        insert into public.date_notes (id, day, text, written_by) values (p_id, p_day, btrim(p_text), v_by)
        on conflict (id) do nothing;
        return;
    end if;
    update public.date_notes
    set day = p_day, text = btrim(p_text), version = version + 1, changed_by = v_by, changed_at = now()
    where id = p_id and version = p_version;
    if not found then
        raise exception using errcode = 'PT409', message = 'note_changed_meanwhile';
    end if;
end;
$$;
comment on function public.save_date_note is 'Founders and support: a note on a day, new (p_version 0) or changed. The same p_id makes one note.';
revoke execute on function public.save_date_note from public, anon, authenticated;
grant execute on function public.save_date_note to authenticated;

create or replace function public.remove_date_note(p_id uuid, p_version integer) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.note_writer('removed', 300);
    delete from public.date_notes where id = p_id and version = p_version;
    if not found then
        raise exception using errcode = 'PT409', message = 'note_changed_meanwhile';
    end if;
end;
$$;
comment on function public.remove_date_note is 'Founders and support: remove a note on a day. p_version: the version seen.';
revoke execute on function public.remove_date_note from public, anon, authenticated;
grant execute on function public.remove_date_note to authenticated;

create or replace function public.person_note_list(p_user_id uuid) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(notes) order by notes.written_at desc, notes.id), '[]'::jsonb)
    from public.person_notes as notes
    where notes.user_id = p_user_id and private.require_support()
$$;
comment on function public.person_note_list is 'What operators noted about a person, the newest first.';
revoke execute on function public.person_note_list from public, anon, authenticated;
grant execute on function public.person_note_list to authenticated, service_role;

create or replace function public.save_person_note(p_id uuid, p_user_id uuid, p_text text, p_version integer) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_by text := private.note_writer(p_text, 2000);
begin
    perform private.demand_person(p_user_id);
    if p_version = 0 then
        insert into public.person_notes (id, user_id, text, written_by) values (p_id, p_user_id, btrim(p_text), v_by)
        on conflict (id) do nothing;
        return;
    end if;
    update public.person_notes
    set text = btrim(p_text), version = version + 1, changed_by = v_by, changed_at = now()
    where id = p_id and user_id = p_user_id and version = p_version;
    if not found then
        raise exception using errcode = 'PT409', message = 'note_changed_meanwhile';
    end if;
end;
$$;
comment on function public.save_person_note is 'Founders and support: a note on a person, new (p_version 0) or changed. The same p_id makes one note.';
revoke execute on function public.save_person_note from public, anon, authenticated;
grant execute on function public.save_person_note to authenticated;

create or replace function public.remove_person_note(p_id uuid, p_version integer) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.note_writer('removed', 300);
    delete from public.person_notes where id = p_id and version = p_version;
    if not found then
        raise exception using errcode = 'PT409', message = 'note_changed_meanwhile';
    end if;
end;
$$;
comment on function public.remove_person_note is 'Founders and support: remove a note on a person. p_version: the version seen.';
revoke execute on function public.remove_person_note from public, anon, authenticated;
grant execute on function public.remove_person_note to authenticated;

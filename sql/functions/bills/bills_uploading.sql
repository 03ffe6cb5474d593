-- Uploading what a provider billed: begun, line by line, and complete; replaced and removed. Founders and finance.

create or replace function private.bill_edit(p_reason text) returns text
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform private.require_finance();
    if coalesce(length(trim(p_reason)), 0) < 3 then
        raise exception using errcode = '22023', message = 'say_why';
    end if;
    perform set_config('app.reason', trim(p_reason), true);
    return coalesce((select email from public.operators where user_id = (select auth.uid())), 'service');
end;
$$;
comment on function private.bill_edit is 'Refuses whoever is neither founder nor finance, and edits without a reason; hands the reason to the audit log and returns who it is.';
revoke execute on function private.bill_edit from public, anon, authenticated;

-- Two uploads may tell different things of one day (tokens in one, amounts in the other), and never the same twice.
create or replace function private.check_bill_overlap(p_bill public.provider_bills, p_replaces uuid[]) returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_other public.provider_bills;
begin
    select * into v_other from public.provider_bills as other
    where other.provider = p_bill.provider and other.state = 'ready' and other.id <> p_bill.id
        and other.first_day <= p_bill.last_day and other.last_day >= p_bill.first_day and other.tells && p_bill.tells
        and other.id <> all (coalesce(p_replaces, '{}'))
    order by other.first_day limit 1;
    if found then
        raise exception using errcode = 'PT409', message = 'bill_is_there_already', detail = jsonb_build_object(
            'provider', v_other.provider, 'first_day', v_other.first_day, 'last_day', v_other.last_day)::text;
    end if;
end;
$$;
comment on function private.check_bill_overlap is 'Refuses an upload that tells what another one, which it does not replace, tells of the same days.';
revoke execute on function private.check_bill_overlap from public, anon, authenticated;

create or replace function public.start_bill(p_id uuid, p_bill jsonb, p_replaces uuid[] default null) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_bill public.provider_bills;
begin
    perform private.require_finance();
    v_bill := jsonb_populate_record(null::public.provider_bills, p_bill - 'id' - 'state' - 'lines' - 'matched_at');
    v_bill.id := p_id;
    v_bill.state := 'loading';
    v_bill.lines := 0;
    v_bill.uploaded_at := now();
    v_bill.uploaded_by := coalesce((select email from public.operators where user_id = (select auth.uid())), 'service');
    if v_bill.first_day is null or v_bill.last_day is null or v_bill.last_day < v_bill.first_day
        or v_bill.last_day - v_bill.first_day > 400 or v_bill.first_day < '2020-01-01'
        or v_bill.last_day > (now() at time zone 'UTC')::date
    then
        raise exception using errcode = 'PT422', message = 'bill_days_not_fit';
    end if;
    if coalesce(trim(v_bill.provider), '') = '' or length(v_bill.provider) > 100
        or coalesce(cardinality(v_bill.tells), 0) = 0
    then
        raise exception using errcode = 'PT422', message = 'bill_tells_nothing';
    end if;
    v_bill.credits_microusd := coalesce(v_bill.credits_microusd, 0);
    v_bill.tax_microusd := coalesce(v_bill.tax_microusd, 0);
    v_bill.left_out_lines := coalesce(v_bill.left_out_lines, 0);
    v_bill.left_out_microusd := coalesce(v_bill.left_out_microusd, 0);
    v_bill.file_hash := left(coalesce(v_bill.file_hash, ''), 64);
    perform private.check_bill_overlap(v_bill, p_replaces);
    insert into public.provider_bills select (v_bill).*;
end;
$$;
comment on function public.start_bill is 'Begin an upload: {provider, format, first_day, last_day, tells, …} as the columns of provider_bills. It counts nowhere before finish_bill. Founders and finance.';
revoke execute on function public.start_bill from public, anon, authenticated;
grant execute on function public.start_bill to authenticated, service_role;

create or replace function public.add_bill_lines(p_id uuid, p_line integer, p_lines jsonb) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_bill public.provider_bills;
begin
    perform private.require_finance();
    select * into v_bill from public.provider_bills where id = p_id and state = 'loading' for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_upload';
    end if;
    if jsonb_array_length(p_lines) > 20000 or p_line + jsonb_array_length(p_lines) > 300000 then
        raise exception using errcode = 'PT422', message = 'bill_too_long',
            detail = jsonb_build_object('most', '300,000')::text;
    end if;
    insert into public.provider_bill_lines (
        bill_id, line, day, at, call_id, model, service_tier, calls, input_tokens, cached_tokens, write_tokens,
        output_tokens, cost_microusd, input_microusd, cached_microusd, write_microusd, output_microusd,
        rounding_microusd
    )
    select p_id, p_line + place - 1, (each ->> 0)::date, (each ->> 1)::timestamptz, left(coalesce(each ->> 2, ''), 200),
        left(coalesce(each ->> 3, ''), 200), left(coalesce(each ->> 4, ''), 60), (each ->> 5)::bigint,
        (each ->> 6)::bigint, (each ->> 7)::bigint, (each ->> 8)::bigint, (each ->> 9)::bigint, (each ->> 10)::numeric,
        (each ->> 11)::numeric, (each ->> 12)::numeric, (each ->> 13)::numeric, (each ->> 14)::numeric,
        coalesce((each ->> 15)::numeric, 0)
    from jsonb_array_elements(p_lines) with ordinality as given (each, place)
    where (each ->> 0)::date between v_bill.first_day and v_bill.last_day
    on conflict (bill_id, line) do nothing;
end;
$$;
comment on function public.add_bill_lines is 'Lines of an upload from number p_line on, safe to send again: [day, at, call_id, model, service_tier, calls, input, cached, write, output tokens, cost, cost of each of these four, rounding], at most 20,000. Costs in micro-dollars. Founders and finance.';
revoke execute on function public.add_bill_lines from public, anon, authenticated;
grant execute on function public.add_bill_lines to authenticated, service_role;

create or replace function private.note_billed_calls() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    -- One after the other: two at once would not see each other's lines.
    perform pg_advisory_xact_lock(hashtextextended('provider_bills', 0));
    if tg_op = 'UPDATE' then
        update public.model_calls as calls set is_billed = true
        where calls.id in (select told.model_call_id from told) and not calls.is_billed;
        update public.model_calls as calls set is_billed = false
        where calls.id in (
            select was.model_call_id from was left join told using (bill_id, line)
            where told.model_call_id is distinct from was.model_call_id
        ) and not exists (select from public.provider_bill_lines as lines where lines.model_call_id = calls.id);
    else
        update public.model_calls as calls set is_billed = false
        where calls.id in (select was.model_call_id from was)
            and not exists (select from public.provider_bill_lines as lines where lines.model_call_id = calls.id);
    end if;
    return null;
end;
$$;
comment on function private.note_billed_calls is 'Trigger: keeps model_calls.is_billed with the lines of bills that are matched, matched otherwise or removed.';
revoke execute on function private.note_billed_calls from public, anon, authenticated;
grant execute on function private.note_billed_calls to service_role;
create or replace trigger provider_bill_lines_matched after update on public.provider_bill_lines
    referencing old table as was new table as told for each statement execute function private.note_billed_calls();
create or replace trigger provider_bill_lines_gone after delete on public.provider_bill_lines
    referencing old table as was for each statement execute function private.note_billed_calls();

create or replace function private.match_bill(p_bill public.provider_bills) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    update public.provider_bill_lines as lines set model_call_id = calls.id
    from public.model_calls as calls
    where lines.bill_id = p_bill.id and lines.call_id <> '' and calls.call_id = lines.call_id
        and calls.provider = p_bill.provider and lines.model_call_id is distinct from calls.id;
    -- The trigger has told the calls; those of lines that were matched while it was being deployed are told here.
    update public.model_calls as calls set is_billed = true
    from public.provider_bill_lines as lines
    where lines.bill_id = p_bill.id and calls.id = lines.model_call_id and not calls.is_billed;
    delete from public.provider_bill_days where bill_id = p_bill.id;
    insert into public.provider_bill_days (
        bill_id, day, model, calls, input_tokens, cached_tokens, write_tokens, output_tokens, cost_microusd,
        input_microusd, cached_microusd, write_microusd, output_microusd, rounding_microusd, matched_calls,
        matched_microusd, matched_our_microusd
    )
    select p_bill.id, lines.day, private.bill_model(lines.model), sum(lines.calls), sum(lines.input_tokens),
        sum(lines.cached_tokens), sum(lines.write_tokens), sum(lines.output_tokens), sum(lines.cost_microusd),
        sum(lines.input_microusd), sum(lines.cached_microusd), sum(lines.write_microusd), sum(lines.output_microusd),
        sum(lines.rounding_microusd), count(calls.id),
        coalesce(sum(lines.cost_microusd) filter (where calls.id is not null), 0),
        coalesce(sum(calls.cost_microusd), 0)
    from public.provider_bill_lines as lines
    left join public.model_calls as calls on calls.id = lines.model_call_id
    where lines.bill_id = p_bill.id
    group by 2, 3;
    update public.provider_bills set matched_at = now() where id = p_bill.id;
end;
$$;
comment on function private.match_bill is 'Looks for our call of each line with an id, and sums the lines up by day and model.';
revoke execute on function private.match_bill from public, anon, authenticated;
grant execute on function private.match_bill to service_role;

create or replace function public.finish_bill(p_id uuid, p_lines integer, p_replaces uuid[], p_reason text) returns void
language plpgsql
security definer
set search_path = ''
set statement_timeout = '5min'
as $$
declare
    v_bill public.provider_bills;
    v_lines integer;
begin
    perform private.bill_edit(p_reason);
    -- One upload after the other: two at once would not see each other's days.
    perform pg_advisory_xact_lock(hashtextextended('provider_bills', 0));
    select * into v_bill from public.provider_bills where id = p_id for update;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_upload';
    end if;
    if v_bill.state = 'ready' then
        return;
    end if;
    select count(*) into v_lines from public.provider_bill_lines where bill_id = p_id;
    if v_lines <> p_lines then
        raise exception using errcode = 'PT409', message = 'bill_lines_are_missing',
            detail = jsonb_build_object('came', v_lines, 'sent', p_lines)::text;
    end if;
    perform private.check_bill_overlap(v_bill, p_replaces);
    delete from public.provider_bills
    where id = any (coalesce(p_replaces, '{}')) and provider = v_bill.provider and state = 'ready';
    perform private.match_bill(v_bill);
    update public.provider_bills set state = 'ready', lines = v_lines where id = p_id;
    perform private.measure_bills();
end;
$$;
comment on function public.finish_bill is 'An upload of p_lines lines is complete: it replaces those named, and is compared from now on. Founders and finance; audited.';
revoke execute on function public.finish_bill from public, anon, authenticated;
grant execute on function public.finish_bill to authenticated, service_role;

create or replace function public.remove_bill(p_id uuid, p_reason text) returns void
language plpgsql
security definer
set search_path = ''
set statement_timeout = '5min'
as $$
begin
    perform private.bill_edit(p_reason);
    perform pg_advisory_xact_lock(hashtextextended('provider_bills', 0));
    delete from public.provider_bills where id = p_id;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_upload';
    end if;
    perform private.measure_bills();
end;
$$;
comment on function public.remove_bill is 'Forget an upload and its lines. Founders and finance; audited.';
revoke execute on function public.remove_bill from public, anon, authenticated;
grant execute on function public.remove_bill to authenticated, service_role;

create or replace function public.match_bills(p_provider text) returns void
language plpgsql
security definer
set search_path = ''
set statement_timeout = '5min'
as $$
begin
    perform private.require_finance();
    perform pg_advisory_xact_lock(hashtextextended('provider_bills', 0));
    perform private.match_bill(bills) from public.provider_bills as bills
    where provider = p_provider and state = 'ready' and exists (
        select from public.provider_bill_lines where bill_id = bills.id and call_id <> '');
    perform private.measure_bills();
end;
$$;
comment on function public.match_bills is 'Look again for our calls of a provider''s uploads, those booked meanwhile. Founders and finance.';
revoke execute on function public.match_bills from public, anon, authenticated;
grant execute on function public.match_bills to authenticated, service_role;

create or replace function public.set_bill_model(p_provider text, p_billed text, p_model text, p_reason text) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.bill_edit(p_reason);
    if coalesce(trim(p_provider), '') = '' or coalesce(trim(p_billed), '') = '' then
        raise exception using errcode = 'PT422', message = 'name_provider_and_model';
    end if;
    if coalesce(trim(p_model), '') = '' then
        delete from public.provider_bill_models
        where provider = p_provider and billed = private.bill_model(p_billed);
    else
        insert into public.provider_bill_models (provider, billed, model)
        values (p_provider, private.bill_model(p_billed), private.bill_model(p_model))
        on conflict (provider, billed) do update set model = excluded.model;
    end if;
    perform private.measure_bills();
end;
$$;
comment on function public.set_bill_model is 'Say which of our models (at Azure: deployments) a name on a provider''s bill means; p_model empty: none in particular. Founders and finance; audited.';
revoke execute on function public.set_bill_model from public, anon, authenticated;
grant execute on function public.set_bill_model to authenticated, service_role;

create or replace function public.set_bill_header(p_code text, p_columns jsonb, p_reason text) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.bill_edit(p_reason);
    insert into public.provider_bill_headers (code, columns) values (p_code, p_columns)
    on conflict (code) do update set columns = excluded.columns
        where provider_bill_headers.columns <> excluded.columns;
end;
$$;
comment on function public.set_bill_header is 'Remember which columns of files with this header mean what. Founders and finance; audited.';
revoke execute on function public.set_bill_header from public, anon, authenticated;
grant execute on function public.set_bill_header to authenticated, service_role;

create or replace function public.bill_uploads() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'uploads', coalesce((
            select jsonb_agg(to_jsonb(bills) - 'file_hash' - 'matched_at' - 'state' order by last_day desc, uploaded_at desc)
            from public.provider_bills as bills where state = 'ready'), '[]'),
        'hashes', coalesce((
            select jsonb_agg(file_hash) from public.provider_bills where state = 'ready' and file_hash <> ''), '[]'),
        'providers', coalesce((
            select jsonb_agg(distinct provider order by provider) from public.model_call_days
            where day > (now() at time zone 'UTC')::date - 400), '[]'),
        'names', coalesce((
            select jsonb_agg(jsonb_build_object('provider', provider, 'billed', billed, 'model', model)
                order by provider, billed) from public.provider_bill_models), '[]'),
        'headers', coalesce((
            select jsonb_object_agg(code, columns) from public.provider_bill_headers), '{}'))
    where private.require_finance()
$$;
comment on function public.bill_uploads is 'What is there of bills: uploads, newest days first, hashes of their files, our providers of the last 400 days, names of models and mappings of headers. Founders and finance.';
revoke execute on function public.bill_uploads from public, anon, authenticated;
grant execute on function public.bill_uploads to authenticated, service_role;

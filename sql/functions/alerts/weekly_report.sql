-- The weekly report: an alert of its own kind, so that it goes out like every alert, once to each channel that wants it.

-- The seven whole days before its day, in the reporting zone. It is due from 08:00 of its day on for a day; check_alerts
-- raises it once, because it stays open meanwhile, and never again for the same day. The figures are asked once: what is
-- open is not raised again, so it needs none.
create or replace function private.weekly_report_occurrences()
returns table (kind text, subject text, parameters jsonb)
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_zone text := private.reporting_zone();
    v_day date := ((now() - interval '8 hours') at time zone v_zone)::date;
    v_known public.alerts;
begin
    if not exists (
        select from public.report_settings as s where s.is_on and s.weekday = extract(isodow from v_day)
    ) then
        return;
    end if;
    select * into v_known from public.alerts as a where a.kind = 'weekly_report' and a.subject = v_day::text limit 1;
    if v_known.ended_at is not null then
        return;
    end if;
    return query select 'weekly_report', v_day::text,
        case when v_known.id is null then private.weekly_report(v_day) else '{}'::jsonb end;
end;
$$;
comment on function private.weekly_report_occurrences is 'The report of the week before, while it is its day (from 08:00 of the reporting zone, for 24 hours) and it was not sent yet.';
revoke execute on function private.weekly_report_occurrences from public, anon, authenticated;
grant execute on function private.weekly_report_occurrences to service_role;

create or replace function private.weekly_report(p_day date) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with span as materialized (
        select private.reporting_start(p_day - 7) as starts, private.reporting_start(p_day) as ends
    ), figures as materialized (
        select public.overview(span.starts, span.ends) -> 'totals' as used,
            public.revenue_totals(span.starts, span.ends, null, null) as revenue,
            public.revenue_churn(span.starts, span.ends, null, null) as churn
        from span
    )
    select jsonb_build_object(
        'first', p_day - 7, 'last', p_day - 1, 'zone', private.reporting_zone(),
        'address', (select rtrim(address, '/') from public.report_settings),
        'answers', used -> 'answers', 'failed', used -> 'failed', 'active_users', used -> 'active_users',
        'trials_started', used -> 'trials_started', 'cost_microusd', used -> 'cost_microusd',
        'revenue_microusd', used -> 'revenue_microusd', 'unpriced', used -> 'unpriced',
        'mrr_start_microusd', revenue -> 'mrr_start_microusd', 'mrr_microusd', revenue -> 'mrr_microusd',
        'arr_microusd', churn -> 'arr_microusd', 'paying', revenue -> 'paying', 'new_microusd', revenue -> 'new_microusd',
        'expansion_microusd', revenue -> 'expansion_microusd',
        'reactivation_microusd', revenue -> 'reactivation_microusd',
        'contraction_microusd', revenue -> 'contraction_microusd', 'churn_microusd', revenue -> 'churn_microusd',
        'customers', churn -> 'customers', 'customers_lost', churn -> 'customers_lost'
    )
    from figures
$$;
comment on function private.weekly_report is 'The figures of the seven days before p_day, as the pages Overview and Revenue show them for these dates.';
revoke execute on function private.weekly_report from public, anon, authenticated;
grant execute on function private.weekly_report to service_role;

create or replace function public.report_standing() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'is_on', s.is_on, 'weekday', s.weekday,
        'sent_at', (select max(a.at) from public.alerts as a where a.kind = 'weekly_report'),
        'channels', (select count(*) from public.alert_channels as c
            where c.state = 'on' and 'weekly_report' = any (c.kinds))
    )
    from public.report_settings as s
    where private.require_founder()
$$;
comment on function public.report_standing is 'Whether the weekly report is on, on which day (1 Monday to 7 Sunday), when it was sent last, and how many channels want it.';
revoke execute on function public.report_standing from public, anon, authenticated;
grant execute on function public.report_standing to authenticated, service_role;

create or replace function public.set_weekly_report(
    p_is_on boolean, p_weekday integer, p_address text, p_reason text
) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.founder_edit(p_reason);
    if p_weekday is null or p_weekday not between 1 and 7 then
        raise exception using errcode = '22023', message = 'weekday_1_to_7';
    end if;
    update public.report_settings set is_on = p_is_on, weekday = p_weekday, address = coalesce(p_address, ''), changed_at = now();
end;
$$;
comment on function public.set_weekly_report is 'Founders: whether and on which day of the week (1 Monday to 7 Sunday) the report goes out, and the address of the dashboard for its links.';
revoke execute on function public.set_weekly_report from public, anon, authenticated;
grant execute on function public.set_weekly_report to authenticated;

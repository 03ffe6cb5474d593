-- Bills that are far from our books: measured now and then, told as an alert.

-- Months that end within a quarter of a year: what is older, nobody cures.
create or replace function private.measure_bills() returns void
language sql
security invoker
set search_path = ''
as $$
    with months as materialized (
        select distinct provider, date_trunc('month', moment)::date as month
        from public.provider_bills
        cross join lateral generate_series(date_trunc('month', first_day::timestamp), last_day, interval '1 month') as moment
        where state = 'ready' and last_day > (now() at time zone 'UTC')::date - 92
    ), measured as materialized (
        select provider, month, private.bill_totals(provider, month, (month + interval '1 month - 1 day')::date) as of
        from months
    ), gone as (
        delete from public.provider_bill_drifts as drifts
        where not exists (
            select from months where months.provider = drifts.provider and months.month = drifts.month
        )
    )
    insert into public.provider_bill_drifts (
        provider, month, billed_microusd, our_microusd, drift, coverage, measured_at
    )
    select provider, month, (of ->> 'billed_microusd')::bigint, (of ->> 'compared_microusd')::bigint,
        -(of ->> 'difference_microusd')::numeric / nullif((of ->> 'billed_microusd')::numeric, 0),
        coalesce((of ->> 'seen_calls')::numeric / nullif((of ->> 'billed_calls')::numeric, 0),
            (of ->> 'seen_tokens')::numeric / nullif((of ->> 'billed_tokens')::numeric, 0)), now()
    from measured
    order by provider, month
    on conflict (provider, month) do update
        set billed_microusd = excluded.billed_microusd, our_microusd = excluded.our_microusd, drift = excluded.drift,
            coverage = excluded.coverage, measured_at = excluded.measured_at
$$;
comment on function private.measure_bills is 'Writes provider_bill_drifts anew from private.bill_totals.';
revoke execute on function private.measure_bills from public, anon, authenticated;
grant execute on function private.measure_bills to service_role;

create or replace function public.check_bills() returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    if pg_try_advisory_xact_lock(hashtextextended('provider_bills', 0)) then
        perform private.measure_bills();
    end if;
end;
$$;
comment on function public.check_bills is 'Measure how far bills and our books are apart, for alerts. Any number of workers may call it.';
revoke execute on function public.check_bills from public, anon, authenticated;
grant execute on function public.check_bills to service_role;

create or replace function private.bill_occurrences()
returns table (kind text, subject text, parameters jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
    select 'bill_drift', provider || ' ' || to_char(month, 'YYYY-MM'), jsonb_build_object(
        'provider', provider, 'month', month, 'billed_microusd', billed_microusd, 'our_microusd', our_microusd,
        'drift', round(drift, 4), 'coverage', round(coverage, 4))
    from public.provider_bill_drifts
    where abs(drift) > 0.02 or coverage < 0.98
$$;
comment on function private.bill_occurrences is 'Providers and months whose bill is more than 2 % from our cost, or of which we saw less than 98 %.';
revoke execute on function private.bill_occurrences from public, anon, authenticated;
grant execute on function private.bill_occurrences to service_role;

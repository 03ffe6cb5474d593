-- What providers billed beside what we booked, by UTC day and model. The one definition of every figure of the page.

-- "openai/gpt-4o-mini-2024-07-18", "gpt-4o-mini-0718" and "GPT 4o mini" are one model.
create or replace function private.bill_model(p_model text) returns text
language sql
immutable
security invoker
set search_path = ''
as $$
    select regexp_replace(
        regexp_replace(regexp_replace(lower(trim(p_model)), '^[^/]*/', ''), '[[:space:]_.]+', '-', 'g'),
        '-(20\d\d-?[01]\d-?[0-3]\d|[01]\d[0-3]\d|latest)$', '')
$$;
comment on function private.bill_model is 'The short form of a model''s name, in which bills and our calls are compared: without the vendor, and without the date of a snapshot.';
revoke execute on function private.bill_model from public, anon;
grant execute on function private.bill_model to authenticated, service_role;

-- Days that no upload covers are left out, on both sides. A measure that no upload of a day tells is NULL on both sides.
-- What an export does not tell apart (cached input, input written to the cache) is part of our input as well.
--
-- The difference of a row is split in two, which add up to it. Where calls are matched by their ids, the price's part is
-- what the matched ones differ by. Else quantities are compared: the tokens of each kind that one side has more, at the
-- price on the bill, are the part of quantity; the rest is the price's.
create or replace function private.bill_rows(p_provider text, p_first date, p_last date)
returns table (
    day date, model text, cause text, billed_calls bigint, our_calls bigint, matched_calls bigint,
    billed_input_tokens bigint, our_input_tokens bigint, billed_cached_tokens bigint, our_cached_tokens bigint,
    billed_write_tokens bigint, our_write_tokens bigint, billed_output_tokens bigint, our_output_tokens bigint,
    billed_tokens bigint, our_tokens bigint, unpriced bigint, unknown bigint, billed_microusd bigint,
    our_microusd bigint, difference_microusd bigint, quantity_microusd bigint, price_microusd bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
    with uploads as materialized (
        select * from public.provider_bills
        where provider = p_provider and state = 'ready' and first_day <= p_last and last_day >= p_first
    ), told as materialized (
        select days.day, array_agg(distinct measure) as tells
        from uploads
        cross join lateral generate_series(greatest(first_day, p_first), least(last_day, p_last), interval '1 day')
            as moments (moment)
        cross join lateral (select moment::date) as days (day)
        cross join lateral unnest(tells) as measure
        group by 1
    ), names as materialized (
        select billed, model from public.provider_bill_models where provider = p_provider
    ), billed as (
        select sums.day, coalesce(names.model, sums.model) as model, sum(sums.calls) as calls,
            sum(input_tokens) as input_tokens, sum(cached_tokens) as cached_tokens, sum(write_tokens) as write_tokens,
            sum(output_tokens) as output_tokens, sum(cost_microusd) as cost, sum(input_microusd) as input_cost,
            sum(cached_microusd) as cached_cost, sum(write_microusd) as write_cost, sum(output_microusd) as output_cost,
            sum(rounding_microusd) as rounding, sum(sums.matched_calls) as matched,
            sum(matched_microusd - matched_our_microusd) as matched_difference
        from uploads
        join public.provider_bill_days as sums on sums.bill_id = uploads.id and sums.day between p_first and p_last
        left join names on names.billed = sums.model
        group by 1, 2
    ), booked as (
        select facts.day, facts.model, sum(calls) as calls, sum(unpriced) as unpriced, sum(unknown) as unknown,
            sum(input_tokens) as input_tokens, sum(cached) as cached_tokens, sum(written) as write_tokens,
            sum(output_tokens) as output_tokens, sum(cost) as cost, sum(adjusted) as adjusted
        from (
            select days.day, private.bill_model(days.model) as model, calls, unpriced, unknown, input_tokens,
                cached_input_tokens as cached, cache_write_tokens as written, output_tokens, cost_microusd as cost,
                0::bigint as adjusted
            from public.model_call_days as days
            where provider = p_provider and days.day between p_first and p_last
            union all
            select (hour at time zone 'UTC')::date, private.bill_model(hours.model), 0, -newly_priced, 0, 0, 0, 0, 0,
                adjustment_microusd, adjustment_microusd
            from public.ai_cost_hourly as hours
            where hour >= p_first::timestamp at time zone 'UTC' and hour < (p_last + 1)::timestamp at time zone 'UTC'
                and provider = p_provider and (adjustment_microusd <> 0 or newly_priced <> 0)
        ) as facts
        group by 1, 2
    ), sides as (
        select told.day, coalesce(b.model, o.model) as model, told.tells, b.model is not null as is_billed,
            o.model is not null as is_booked,
            case when 'calls' = any (told.tells) then coalesce(b.calls, 0) end as b_calls, coalesce(o.calls, 0) as o_calls,
            coalesce(b.matched, 0) as matched, coalesce(b.matched_difference, 0) - coalesce(o.adjusted, 0) as by_match,
            case when 'input' = any (told.tells) then coalesce(b.input_tokens, 0) end as b_input,
            case when 'cached' = any (told.tells) then coalesce(b.cached_tokens, 0) end as b_cached,
            case when 'write' = any (told.tells) then coalesce(b.write_tokens, 0) end as b_write,
            case when 'output' = any (told.tells) then coalesce(b.output_tokens, 0) end as b_output,
            case when 'input' = any (told.tells) then coalesce(o.input_tokens, 0)
                - case when 'cached' = any (told.tells) then coalesce(o.cached_tokens, 0) else 0 end
                - case when 'write' = any (told.tells) then coalesce(o.write_tokens, 0) else 0 end end as o_input,
            case when 'cached' = any (told.tells) then coalesce(o.cached_tokens, 0) end as o_cached,
            case when 'write' = any (told.tells) then coalesce(o.write_tokens, 0) end as o_write,
            case when 'output' = any (told.tells) then coalesce(o.output_tokens, 0) end as o_output,
            coalesce(o.unpriced, 0) as unpriced, coalesce(o.unknown, 0) as unknown,
            case when 'cost' = any (told.tells) then round(coalesce(b.cost, 0)) end as b_cost,
            coalesce(o.cost, 0) as o_cost, b.input_cost, b.cached_cost, b.write_cost, b.output_cost,
            coalesce(b.rounding, 0) as rounding
        from told
        join (
            select coalesce(b.day, o.day) as day, b, o, coalesce(b.model, o.model) as model
            from billed as b full join booked as o on o.day = b.day and o.model = b.model
        ) as paired on paired.day = told.day
        cross join lateral (select (paired.b).*) as b
        cross join lateral (select (paired.o).*) as o
    ), measured as (
        select *, b_cost - o_cost as difference,
            case when b_input is not null or b_output is not null then
                coalesce(b_input, 0) + coalesce(b_cached, 0) + coalesce(b_write, 0) + coalesce(b_output, 0) end as b_tokens,
            case when b_input is not null or b_output is not null then
                coalesce(o_input, 0) + coalesce(o_cached, 0) + coalesce(o_write, 0) + coalesce(o_output, 0) end as o_tokens,
            private.bill_differ(b_calls, o_calls) as calls_differ,
            private.bill_differ(b_input, o_input) or private.bill_differ(b_cached, o_cached)
                or private.bill_differ(b_write, o_write) or private.bill_differ(b_output, o_output) as tokens_differ
        from sides
    ), split as (
        select *, round(case
            when difference is null then null
            when not is_booked or not is_billed then difference
            when matched > 0 then difference - by_match
            when num_nonnulls(input_cost, cached_cost, write_cost, output_cost) > 0 and b_tokens > 0 then
                coalesce((b_input - o_input) * coalesce(input_cost / nullif(b_input, 0), b_cost / b_tokens, 0), 0)
                + coalesce((b_cached - o_cached) * coalesce(cached_cost / nullif(b_cached, 0), b_cost / b_tokens, 0), 0)
                + coalesce((b_write - o_write) * coalesce(write_cost / nullif(b_write, 0), b_cost / b_tokens, 0), 0)
                + coalesce((b_output - o_output) * coalesce(output_cost / nullif(b_output, 0), b_cost / b_tokens, 0), 0)
            when b_tokens > 0 then (b_tokens - o_tokens) * b_cost / b_tokens
            when b_calls > 0 then (b_calls - o_calls) * b_cost / b_calls
            when b_tokens is not null or b_calls is not null then difference
        end) as quantity
        from measured
    ), judged as (
        select *, difference - quantity as price,
            case when matched > 0 then matched <> b_calls or matched <> o_calls
                else calls_differ or tokens_differ end as quantity_differs,
            -- Each of our calls is rounded to a whole micro-dollar.
            abs(difference - coalesce(quantity, 0)) > greatest(0.001 * b_cost, rounding + 0.5 * o_calls + 1)
                as price_differs
        from split
    )
    select judged.day, judged.model, case
            when not is_booked then 'not_seen'
            when not is_billed then 'not_billed'
            when quantity is null and b_calls is null and b_tokens is null
                then case when price_differs then 'amount' else 'agrees' end
            when price_differs and judged.unpriced > 0 then 'unpriced'
            when quantity_differs and price_differs then 'calls_and_price'
            when quantity_differs then case
                when case when matched > 0 or calls_differ then b_calls > o_calls else b_tokens > o_tokens end
                    then 'missing_calls'
                when not calls_differ and b_tokens = o_tokens then 'kinds_of_tokens'
                else 'extra_calls' end
            when price_differs then 'price'
            else 'agrees' end,
        b_calls::bigint, o_calls::bigint, judged.matched::bigint, b_input::bigint, o_input::bigint, b_cached::bigint,
        o_cached::bigint, b_write::bigint, o_write::bigint, b_output::bigint, o_output::bigint, b_tokens::bigint,
        o_tokens::bigint, judged.unpriced::bigint, judged.unknown::bigint, b_cost::bigint, o_cost::bigint,
        difference::bigint, quantity::bigint, price::bigint
    from judged
    where is_billed or o_calls <> 0 or o_cost <> 0
$$;
comment on function private.bill_rows is 'What a provider billed and what we booked, by UTC day and model of [p_first, p_last], days that an upload covers; difference = billed − ours = quantity + price. cause: agrees; missing_calls, extra_calls (we saw fewer, or more); price (another price for the same calls); calls_and_price; unpriced (we know the calls and no price); kinds_of_tokens (as many tokens, of other kinds); not_seen, not_billed (the model is on one side only); amount (the amount differs, and no upload tells quantities).';
revoke execute on function private.bill_rows from public, anon;
grant execute on function private.bill_rows to authenticated, service_role;

-- A tenth of a per cent: a call that is asked before midnight and counted after it would else turn each day red.
create or replace function private.bill_differ(p_billed numeric, p_ours numeric) returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
    select coalesce(abs(p_billed - p_ours) > 0.001 * greatest(p_billed, p_ours), false)
$$;
comment on function private.bill_differ is 'Whether two quantities are more than 0.1 % apart; false if one is not told.';
revoke execute on function private.bill_differ from public, anon;
grant execute on function private.bill_differ to authenticated, service_role;

-- Coverage counts what both sides have, so that too much on one day does not make up for too little on another.
create or replace function private.bill_totals(p_provider text, p_first date, p_last date) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'days', count(distinct day), 'rows', count(*), 'differing', count(*) filter (where cause <> 'agrees'),
        'billed_calls', sum(billed_calls), 'our_calls', coalesce(sum(our_calls), 0),
        'seen_calls', sum(case when billed_calls is not null then
            case when matched_calls > 0 then matched_calls else least(billed_calls, our_calls) end end),
        'billed_tokens', sum(billed_tokens), 'our_tokens', sum(our_tokens),
        'seen_tokens', sum(least(billed_tokens, our_tokens)),
        'billed_microusd', sum(billed_microusd), 'our_microusd', coalesce(sum(our_microusd), 0),
        'compared_microusd', sum(our_microusd) filter (where billed_microusd is not null),
        'seen_microusd', sum(least(billed_microusd, our_microusd)),
        'difference_microusd', sum(difference_microusd), 'quantity_microusd', sum(quantity_microusd),
        'price_microusd', sum(price_microusd), 'unpriced', coalesce(sum(unpriced), 0),
        'unknown', coalesce(sum(unknown), 0))
    from private.bill_rows(p_provider, p_first, p_last)
$$;
comment on function private.bill_totals is 'Sums of private.bill_rows. seen: what both sides have of each day and model. A measure that no upload tells is null.';
revoke execute on function private.bill_totals from public, anon;
grant execute on function private.bill_totals to authenticated, service_role;

create or replace function public.bill_totals(p_provider text, p_first date, p_last date) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select private.bill_totals(p_provider, p_first, p_last) where private.require_finance()
$$;
comment on function public.bill_totals is 'How far a provider''s bills of [p_first, p_last], UTC days, and our books are apart: sums of public.bill_rows. Founders and finance.';
revoke execute on function public.bill_totals from public, anon, authenticated;
grant execute on function public.bill_totals to authenticated, service_role;

create or replace function public.bill_rows(p_provider text, p_first date, p_last date) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(found)
        order by (cause = 'agrees'), abs(coalesce(difference_microusd, billed_tokens - our_tokens)) desc, day, model), '[]')
    from private.bill_rows(p_provider, p_first, p_last) as found
    where private.require_finance()
$$;
comment on function public.bill_rows is 'The rows behind public.bill_totals, one for each UTC day and model, the worst first: private.bill_rows.';
revoke execute on function public.bill_rows from public, anon, authenticated;
grant execute on function public.bill_rows to authenticated, service_role;

-- Both sides of a day and model, or what has no counterpart on the other side. Only calls of uploads that tell ids have
-- a counterpart of their own.
create or replace function public.bill_lines(
    p_provider text, p_first date, p_last date, p_model text default null, p_only_unmatched boolean default false,
    p_limit integer default 500
) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
begin
    perform private.require_finance();
    return (
        with uploads as materialized (
            select id, first_day, last_day, exists (
                select from public.provider_bill_lines where bill_id = bills.id and model_call_id is not null) as has_matches
            from public.provider_bills as bills
            where provider = p_provider and state = 'ready' and first_day <= p_last and last_day >= p_first
        ), billed_models as materialized (
            -- Few names, so that the short form is not computed for each line.
            select kinds.model
            from (
                select distinct lines.model
                from uploads join public.provider_bill_lines as lines
                    on lines.bill_id = uploads.id and lines.day >= p_first and lines.day <= p_last
                where p_model is not null
            ) as kinds
            left join public.provider_bill_models as names
                on names.provider = p_provider and names.billed = private.bill_model(kinds.model)
            where coalesce(names.model, private.bill_model(kinds.model)) = p_model
        ), our_models as materialized (
            select distinct model from public.model_call_days
            where p_model is not null and provider = p_provider and day between p_first and p_last
                and private.bill_model(model) = p_model
        ), billed as (
            select 'billed' as side, coalesce(lines.at, lines.day::timestamp at time zone 'UTC') as at, lines.day,
                lines.model, lines.call_id, lines.service_tier, lines.calls, lines.input_tokens, lines.cached_tokens,
                lines.write_tokens, lines.output_tokens, round(lines.cost_microusd)::bigint as cost_microusd,
                null::text as cost_state, null::uuid as answer_id,
                lines.call_id <> '' and lines.model_call_id is null as is_unmatched
            from uploads
            join public.provider_bill_lines as lines
                on lines.bill_id = uploads.id and lines.day >= p_first and lines.day <= p_last
            where (p_model is null or lines.model in (select model from billed_models))
                and (p_only_unmatched is not true or lines.call_id <> '' and lines.model_call_id is null)
            order by lines.day, lines.at, lines.line limit least(p_limit, 5000)
        ), spans as materialized (
            -- Days in a row together. Moments, as under row level security an index is asked by what computes nothing.
            select min(day)::timestamp at time zone 'UTC' as from_at, (max(day) + 1)::timestamp at time zone 'UTC' as to_at
            from (
                select day, day - (row_number() over (order by day))::integer as begun
                from (
                    select distinct moments.moment::date as day
                    from uploads cross join lateral generate_series(
                        greatest(first_day, p_first)::timestamp, least(last_day, p_last)::timestamp, interval '1 day'
                    ) as moments (moment)
                    where has_matches
                ) as days
            ) as rows
            group by begun
        ), chosen as materialized (
            select found.*
            from (
                select calls.*
                from spans cross join lateral (
                    -- As pairs, in the condition and in the order: by the index of what is not billed, which begins with the
                    -- provider. That of the time alone is thought to be cheaper, and reads every call of the day. The end of
                    -- the day would not end such a read, so it comes after the limit, which does.
                    select * from public.model_calls as of_span
                    where (of_span.provider, of_span.at) >= (p_provider, spans.from_at) and not of_span.is_billed
                        and (p_model is null or of_span.model in (select model from our_models))
                    order by of_span.provider, of_span.at limit least(p_limit, 5000)
                ) as calls
                where p_only_unmatched and calls.provider = p_provider and calls.at < spans.to_at
                union all
                select * from public.model_calls as of_span
                where p_only_unmatched is not true and of_span.provider = p_provider
                    and of_span.at >= p_first::timestamp at time zone 'UTC'
                    and of_span.at < (p_last + 1)::timestamp at time zone 'UTC'
                    and (p_model is null or of_span.model in (select model from our_models))
            ) as found
            order by found.at limit least(p_limit, 5000)
        ), ours as (
            select 'ours', at, (at at time zone 'UTC')::date, model, call_id, service_tier, 1::bigint,
                input_tokens - cached_input_tokens - cache_write_tokens, cached_input_tokens, cache_write_tokens,
                output_tokens, cost_microusd, cost_state, answer_id, call_id <> '' and not is_billed
            from chosen
        )
        select coalesce(jsonb_agg(to_jsonb(listed) order by side, at, call_id), '[]')
        from (select * from billed union all select * from ours) as listed
    );
end;
$$;
comment on function public.bill_lines is 'Lines of uploads and our calls of UTC days in [p_first, p_last], of one model (short form) or all, at most p_limit of each side; p_only_unmatched: those whose id the other side does not have, of uploads that tell ids. Founders and finance.';
revoke execute on function public.bill_lines from public, anon, authenticated;
grant execute on function public.bill_lines to authenticated, service_role;

-- Re-pricing: a price changed for a past period. The ledger stays; dated adjustments carry the difference.

create or replace function private.founder_edit(p_reason text) returns text
language plpgsql
security invoker
set search_path = ''
as $$
begin
    if private.operator_role() is distinct from 'founder' then
        raise exception using errcode = '42501', message = 'only_founders_may_change_this';
    end if;
    if length(trim(coalesce(p_reason, ''))) < 3 then
        raise exception using errcode = '22023', message = 'say_why';
    end if;
    perform set_config('app.reason', trim(p_reason), true);
    return (select operators.email from public.operators where operators.user_id = (select auth.uid()));
end;
$$;
comment on function private.founder_edit is 'Refuses everybody but founders and edits without a reason; hands the reason to the audit log and returns who it is.';
revoke execute on function private.founder_edit from public, anon, authenticated;

create or replace function private.check_prices(
    p_input bigint, p_cached bigint, p_output bigint, p_cache_write bigint, p_service_tier text, p_classes jsonb
) returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
    if p_input is null or p_output is null or least(p_input, p_output, coalesce(p_cached, 0), coalesce(p_cache_write, 0)) < 0 then
        raise exception using errcode = '22023', message = 'prices_missing_or_negative';
    end if;
    if greatest(p_input, p_cached, p_output, p_cache_write) > 1000000000000 then
        raise exception using errcode = '22023', message = 'price_too_high';
    end if;
    if coalesce(p_service_tier, '') in ('', 'mixed') or p_service_tier <> lower(trim(p_service_tier)) then
        raise exception using errcode = '22023', message = 'service_tier_not_as_in_answers';
    end if;
    if p_classes is null or jsonb_typeof(p_classes) <> 'object' or exists (
        select from jsonb_each(p_classes) as each (name, price)
        where jsonb_typeof(price) <> 'number' or price::numeric not between 0 and 1000000000000
            or price::numeric <> trunc(price::numeric) or name !~ '^[a-z][a-z0-9_]*$'
    ) then
        raise exception using errcode = '22023', message = 'kinds_of_tokens_not_as_in_ledger';
    end if;
end;
$$;
comment on function private.check_prices is 'Refuses prices that make no sense (micro-dollars per million), with a sentence for the person who gave them.';
revoke execute on function private.check_prices from public, anon;
grant execute on function private.check_prices to authenticated, service_role;

create or replace function private.check_repricing(
    p_provider text, p_model text, p_from timestamptz, p_to timestamptz
) returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    if coalesce(p_provider, '') = '' or coalesce(p_model, '') = '' then
        raise exception using errcode = '22023', message = 'name_provider_and_model';
    end if;
    if p_from is null or p_to is null or p_to <= p_from then
        raise exception using errcode = '22023', message = 'period_ends_before_it_starts';
    end if;
    if date_trunc('hour', p_from, 'UTC') <> p_from or date_trunc('hour', p_to, 'UTC') <> p_to then
        raise exception using errcode = '22023', message = 'period_not_of_whole_hours';
    end if;
    if p_to > now() - interval '5 minutes' then
        raise exception using errcode = '22023', message = 'period_not_over';
    end if;
end;
$$;
comment on function private.check_repricing is 'Refuses a re-pricing that makes no sense, with a sentence for the person who asked.';
revoke execute on function private.check_repricing from public, anon;
grant execute on function private.check_repricing to authenticated, service_role;

-- The tokens of a class are already counted in the part that they belong to, at that part's price. Only the difference
-- is added here.
create or replace function private.class_cost(
    p_counts jsonb, p_prices jsonb, p_input bigint, p_cached bigint, p_output bigint, p_cache_write bigint
) returns numeric
language sql
immutable
security invoker
set search_path = ''
as $$
    select coalesce(sum(each.number::numeric * ((p_prices ->> each.name)::numeric - case
        when each.name like 'input\_%' then p_input
        when each.name like 'output\_%' then p_output
        when each.name ~ '^cache_.*read_' then coalesce(p_cached, p_input)
        when each.name like 'cache\_%' then coalesce(p_cache_write, 0)
        else 0 end)), 0)
    from jsonb_each_text(p_counts) as each (name, number)
$$;
comment on function private.class_cost is 'What the token classes of a call add to its cost at these prices, in millionths of a micro-dollar. As service.llm.prices does it.';
revoke execute on function private.class_cost from public, anon;
grant execute on function private.class_cost to authenticated, service_role;

-- Without a price for all their tokens, these calls would seem cheaper than they are.
create or replace function private.check_classes_priced(
    p_provider text, p_model text, p_from timestamptz, p_to timestamptz, p_cache_write bigint, p_service_tier text,
    p_classes jsonb
) returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_missing text;
begin
    select string_agg(distinct missing.name, ' and ' order by missing.name) into v_missing
    from public.usage_logs as l
    cross join lateral (
        select 'cache writes' as name where l.cache_write_tokens > 0 and p_cache_write is null
        union all
        select each from jsonb_object_keys(l.token_classes) as each where not p_classes ? each
    ) as missing
    where l.model = p_model and l.model <> '' and l.provider = p_provider and l.at >= p_from and l.at < p_to
        and l.service_tier = p_service_tier and l.cost_state <> 'reported'
        and l.price_name not like '%, %' and not (l.cost_state = 'unpriced' and l.fallbacks > 0)
        and (l.cache_write_tokens > 0 or l.token_classes <> '{}');
    if v_missing is not null then
        raise exception using errcode = '22023', message = 'kinds_of_tokens_without_a_price',
            detail = jsonb_build_object('kinds', v_missing)::text;
    end if;
end;
$$;
comment on function private.check_classes_priced is 'Refuses a re-pricing that has no price for a class of tokens its calls hold.';
revoke execute on function private.check_classes_priced from public, anon;
grant execute on function private.check_classes_priced to authenticated, service_role;

-- Not changed are: costs that the provider reported; calls without token counts (a price times zero tokens would be a
-- wrong $0); calls whose tokens belong to more than one model after a fallback; calls of another service tier.
create or replace function private.repriced(
    p_provider text, p_model text, p_from timestamptz, p_to timestamptz, p_input bigint, p_cached bigint,
    p_output bigint, p_cache_write bigint, p_service_tier text, p_classes jsonb, p_by_hour boolean
) returns table (
    hour timestamptz, user_id uuid, team_id uuid, plan_code text, feature text, class text, calls bigint,
    unpriced bigint, before_microusd bigint, after_microusd bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
    with ledger as (
        select case when p_by_hour then date_trunc('hour', at, 'UTC') else p_from end as hour,
            coalesce(user_id, '00000000-0000-0000-0000-000000000000') as user_id,
            case when p_by_hour then team_id end as team_id, case when p_by_hour then plan_code else '' end as plan_code,
            case when p_by_hour then feature else '' end as feature,
            case
                when cost_state = 'reported' then 'reported'
                when input_tokens + output_tokens = 0 then 'no_tokens'
                when price_name like '%, %' or (cost_state = 'unpriced' and fallbacks > 0) then 'mixed'
                when service_tier <> p_service_tier then 'other_tier'
                else 'changed'
            end as class,
            count(*) as calls, count(*) filter (where cost_state = 'unpriced') as unpriced,
            coalesce(sum(cost_microusd), 0)::bigint as cost,
            sum((
                (input_tokens - least(cached_input_tokens, input_tokens) - cache_write_tokens) * p_input
                + least(cached_input_tokens, input_tokens) * coalesce(p_cached, p_input)
                + cache_write_tokens * coalesce(p_cache_write, 0) + output_tokens * p_output
                + case when token_classes = '{}' then 0 else
                    private.class_cost(token_classes, p_classes, p_input, p_cached, p_output, p_cache_write)::bigint end
                + 500000
            ) / 1000000)::bigint as new_cost
        from public.usage_logs
        where model = p_model and model <> '' and provider = p_provider and at >= p_from and at < p_to
        group by 1, 2, 3, 4, 5, 6
    ), earlier as (
        select case when p_by_hour then for_at else p_from end as hour,
            coalesce(user_id, '00000000-0000-0000-0000-000000000000') as user_id,
            case when p_by_hour then team_id end as team_id, case when p_by_hour then plan_code else '' end as plan_code,
            case when p_by_hour then feature else '' end as feature,
            sum(newly_priced) as newly_priced, sum(amount_microusd)::bigint as amount
        from public.adjustments
        where kind = 'ai_cost' and provider = p_provider and model = p_model and service_tier = p_service_tier
            and for_at >= p_from and for_at < p_to
        group by 1, 2, 3, 4, 5
    )
    select ledger.hour, ledger.user_id, ledger.team_id, ledger.plan_code, ledger.feature, ledger.class, ledger.calls,
        ledger.unpriced - case when class = 'changed' then coalesce(earlier.newly_priced, 0) else 0 end,
        ledger.cost + case when class = 'changed' then coalesce(earlier.amount, 0) else 0 end,
        case when class = 'changed' then ledger.new_cost else ledger.cost end
    from ledger
    left join earlier on earlier.hour = ledger.hour and earlier.user_id = ledger.user_id
        and earlier.team_id is not distinct from ledger.team_id and earlier.plan_code = ledger.plan_code
        and earlier.feature = ledger.feature
$$;
comment on function private.repriced is 'Cost before (ledger + earlier adjustments) and after new prices by payer, with p_by_hour also by hour, team, plan and feature. A call''s new cost: ((input - cached - cache writes) × input price + cached × cached price + cache writes × their price + output × output price, each other class at its own) / 1 million, rounded half up to a micro-dollar.';
revoke execute on function private.repriced from public, anon;
grant execute on function private.repriced to authenticated, service_role;

create or replace function public.preview_repricing(
    p_provider text, p_model text, p_from timestamptz, p_to timestamptz, p_input bigint, p_cached bigint, p_output bigint,
    p_cache_write bigint default null, p_service_tier text default 'standard', p_classes jsonb default '{}'
) returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_calls bigint;
begin
    if coalesce(private.operator_role(), '') not in ('founder', 'finance') then
        raise exception using errcode = '42501', message = 'only_founders_and_finance_may_preview_prices';
    end if;
    perform private.check_repricing(p_provider, p_model, p_from, p_to);
    perform private.check_prices(p_input, p_cached, p_output, p_cache_write, p_service_tier, p_classes);
    select coalesce(sum(calls), 0) into v_calls from public.ai_cost_hourly
    where provider = p_provider and model = p_model and hour >= p_from and hour < p_to;
    if v_calls > 1000000 then
        raise exception using errcode = '22023', message = 'period_too_long_to_preview',
            detail = jsonb_build_object('calls', v_calls)::text;
    end if;
    perform private.check_classes_priced(p_provider, p_model, p_from, p_to, p_cache_write, p_service_tier, p_classes);
    return (
        with rows as materialized (
            select * from private.repriced(
                p_provider, p_model, p_from, p_to, p_input, p_cached, p_output, p_cache_write, p_service_tier, p_classes, false
            )
        ), people as (
            select rows.user_id, sum(calls) filter (where class = 'changed') as calls,
                coalesce(sum(unpriced) filter (where class = 'changed'), 0) as newly_priced,
                sum(before_microusd) as before_microusd, sum(after_microusd) as after_microusd
            from rows group by 1
        )
        select jsonb_build_object(
            'calls', coalesce(sum(calls) filter (where class = 'changed'), 0),
            'reported', coalesce(sum(calls) filter (where class = 'reported'), 0),
            'no_tokens', coalesce(sum(calls) filter (where class = 'no_tokens'), 0),
            'mixed', coalesce(sum(calls) filter (where class = 'mixed'), 0),
            'other_tier', coalesce(sum(calls) filter (where class = 'other_tier'), 0),
            'unpriced_before', coalesce(sum(unpriced), 0),
            'unpriced_after', coalesce(sum(unpriced) filter (where class <> 'changed'), 0),
            'before_microusd', coalesce(sum(before_microusd), 0),
            'after_microusd', coalesce(sum(after_microusd), 0),
            'seen', (select count(*) from public.repricings where provider = p_provider and model = p_model),
            'people', coalesce((
                select jsonb_agg(jsonb_build_object(
                    'user_id', people.user_id, 'name', coalesce(users.handle, 'Nobody (no account)'),
                    'calls', coalesce(people.calls, 0), 'newly_priced', people.newly_priced,
                    'before_microusd', people.before_microusd, 'after_microusd', people.after_microusd,
                    'change_microusd', people.after_microusd - people.before_microusd
                ) order by abs(people.after_microusd - people.before_microusd) desc, people.user_id)
                from people left join private.payer_names as users on users.id = people.user_id
            ), '[]')
        )
        from rows
    );
end;
$$;
comment on function public.preview_repricing is 'What new prices (micro-dollars per million tokens; p_cached NULL: as other input; p_cache_write NULL and a class that p_classes lacks: no price, refused where calls hold it) of a service tier would make of a past period, per person, before anything is written. About 4 s for a million calls, the most it takes at once.';
revoke execute on function public.preview_repricing from public, anon, authenticated;
grant execute on function public.preview_repricing to authenticated;

-- Each call of this function does one batch of about p_batch model calls, so that a statement takes about a second (2
-- cores, 600,000 calls in the month). The caller repeats it until "finished". Security definer: nobody may write these
-- tables otherwise. Called twice with one key, even at once, it writes each adjustment once.
create or replace function public.apply_repricing(
    p_key uuid, p_provider text, p_model text, p_from timestamptz, p_to timestamptz, p_input bigint, p_cached bigint,
    p_output bigint, p_seen integer, p_reason text, p_batch integer default 20000, p_cache_write bigint default null,
    p_service_tier text default 'standard', p_classes jsonb default '{}'
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_actor text := private.founder_edit(p_reason);
    v_row public.repricings;
    v_to timestamptz;
    v_calls bigint;
    v_newly bigint;
    v_amount bigint;
begin
    perform private.check_repricing(p_provider, p_model, p_from, p_to);
    perform private.check_prices(p_input, p_cached, p_output, p_cache_write, p_service_tier, p_classes);
    perform pg_advisory_xact_lock(hashtextextended('repricing ' || p_provider || ' ' || p_model, 0));
    -- Taken before anything here is audited: see private.billing_lock.
    perform pg_advisory_xact_lock_shared(private.billing_lock());
    select * into v_row from public.repricings where id = p_key;
    if not found then
        if exists (
            select from public.repricings where provider = p_provider and model = p_model and finished_at is null
        ) then
            raise exception using errcode = 'PT409', message = 'another_repricing_not_finished';
        end if;
        if (select count(*) from public.repricings where provider = p_provider and model = p_model) <> p_seen then
            raise exception using errcode = 'PT409', message = 'priced_anew_since_the_preview';
        end if;
        perform private.check_classes_priced(p_provider, p_model, p_from, p_to, p_cache_write, p_service_tier, p_classes);
        insert into public.repricings (
            id, provider, model, from_at, to_at, input_microusd_per_million, cached_input_microusd_per_million,
            output_microusd_per_million, cache_write_microusd_per_million, service_tier, class_microusd_per_million,
            done_to, actor, reason
        ) values (
            p_key, p_provider, p_model, p_from, p_to, p_input, p_cached, p_output, p_cache_write, p_service_tier, p_classes,
            p_from, v_actor, trim(p_reason)
        ) returning * into v_row;
    elsif (v_row.provider, v_row.model, v_row.from_at, v_row.to_at, v_row.input_microusd_per_million,
            v_row.output_microusd_per_million, v_row.service_tier, v_row.class_microusd_per_million)
        is distinct from (p_provider, p_model, p_from, p_to, p_input, p_output, p_service_tier, p_classes)
        or v_row.cached_input_microusd_per_million is distinct from p_cached
        or v_row.cache_write_microusd_per_million is distinct from p_cache_write
    then
        raise exception using errcode = 'PT409', message = 'key_of_another_repricing';
    end if;

    if v_row.finished_at is null then
        select least(p_to, date_trunc('hour', at, 'UTC') + interval '1 hour') into v_to
        from public.usage_logs
        where model = p_model and model <> '' and provider = p_provider and at >= v_row.done_to and at < p_to
        order by at offset greatest(p_batch, 1) - 1 limit 1;
        v_to := coalesce(v_to, p_to);
        with changed as materialized (
            select * from private.repriced(
                p_provider, p_model, v_row.done_to, v_to, p_input, p_cached, p_output, p_cache_write, p_service_tier,
                p_classes, true
            )
            where class = 'changed' and (after_microusd <> before_microusd or unpriced <> 0)
        ), written as (
            insert into public.adjustments (
                kind, for_at, user_id, team_id, plan_code, feature, provider, model, service_tier, calls, newly_priced,
                amount_microusd, key, repricing_id, actor, reason
            )
            select 'ai_cost', hour, nullif(user_id, '00000000-0000-0000-0000-000000000000'),
                team_id, plan_code, feature, p_provider, p_model, p_service_tier,
                calls, unpriced, after_microusd - before_microusd,
                concat_ws(':', p_key, extract(epoch from hour)::bigint, user_id, team_id, plan_code, feature),
                p_key, v_row.actor, v_row.reason
            from changed
            on conflict (kind, key) do nothing
            returning calls, newly_priced, amount_microusd
        )
        select coalesce(sum(calls), 0), coalesce(sum(newly_priced), 0), coalesce(sum(amount_microusd), 0)
        into v_calls, v_newly, v_amount from written;
        update public.repricings
        set done_to = v_to, calls = repricings.calls + v_calls, newly_priced = repricings.newly_priced + v_newly,
            amount_microusd = repricings.amount_microusd + v_amount,
            finished_at = case when v_to >= p_to then now() end
        where id = p_key
        returning * into v_row;
        if v_row.finished_at is not null then
            insert into public.model_prices (
                provider, model, valid_from, valid_to, input_microusd_per_million,
                cached_input_microusd_per_million, output_microusd_per_million, cache_write_microusd_per_million,
                service_tier, class_microusd_per_million, source
            ) values (
                p_provider, p_model, p_from, p_to, p_input, p_cached, p_output, p_cache_write, p_service_tier, p_classes,
                're-pricing ' || p_key
            );
        end if;
    end if;
    return jsonb_build_object(
        'finished', v_row.finished_at is not null, 'done_to', v_row.done_to, 'calls', v_row.calls,
        'newly_priced', v_row.newly_priced, 'amount_microusd', v_row.amount_microusd
    );
end;
$$;
comment on function public.apply_repricing is 'Founders: write the next batch of adjustments of a re-pricing, and with the last one its model_prices row. Call again with the same key until finished; repeating is safe. p_seen comes from the preview.';
revoke execute on function public.apply_repricing from public, anon, authenticated;
grant execute on function public.apply_repricing to authenticated;

create or replace function public.repricing_list() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(latest) order by latest.created_at desc), '[]')
    from (select * from public.repricings order by created_at desc limit 50) as latest
    where private.require_finance()
$$;
comment on function public.repricing_list is 'The last 50 re-pricings, newest first, those not finished among them.';
revoke execute on function public.repricing_list from public, anon, authenticated;
grant execute on function public.repricing_list to authenticated, service_role;

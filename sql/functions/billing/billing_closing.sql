-- What writes to the books: the ledger's own trigger, closing a month, credits, and facts that come late. The reason of
-- a row is a sentence, not a code: it stays with the row for ever, beside what people typed, and no later version of the
-- product may say it in other words.

-- Writers of facts share this lock. Closing takes it exclusively, so that no fact slips in between.
create or replace function private.billing_lock() returns bigint
language sql
immutable
security invoker
set search_path = ''
as $$
    select 7016422034
$$;
comment on function private.billing_lock is 'Number of the advisory lock of the books. Always taken before the audit log''s, which is another: two that hold this one shared would otherwise wait for each other there.';
revoke execute on function private.billing_lock from public, anon, authenticated;
grant execute on function private.billing_lock to service_role;

-- Which line of a closed month a use belongs to: the user's own where they were billed for that plan.
create or replace function private.billed_payer(
    p_month date, p_user_id uuid, p_team_id uuid, p_plan_code text, out payer_kind text, out payer_id uuid
)
language sql
stable
security invoker
set search_path = ''
as $$
    select
        case when p_user_id is null then 'nobody' when own.month is null and team.month is not null then 'team' else 'user' end,
        case when p_user_id is not null and own.month is null and team.month is not null then p_team_id else p_user_id end
    from (values (1)) as one
    left join public.billing_statements as own on own.month = p_month and own.payer_kind = 'user'
        and own.payer_id = p_user_id and own.plan_code = p_plan_code and own.fee_microusd > 0
    left join public.billing_statements as team on team.month = p_month and team.payer_kind = 'team'
        and team.payer_id = p_team_id and team.plan_code = p_plan_code and team.fee_microusd > 0
$$;
comment on function private.billed_payer is 'Who is billed for a late use of a closed month.';
revoke execute on function private.billed_payer from public, anon, authenticated;
grant execute on function private.billed_payer to service_role;

-- An analysis that a model did not write, or that was shown from the cache, has no receipt.
create or replace function private.is_billed_use(p_status text, p_feature text, p_receipt_id uuid) returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
    select p_status = 'answered' and (
        p_feature = 'comment' or p_feature in ('analysis', 'pipeline_run') and p_receipt_id is not null)
$$;
comment on function private.is_billed_use is 'Whether a row of the ledger is a use of a plan: an answered comment, an analysis with words of a model, or a component that passed its gate.';
revoke execute on function private.is_billed_use from public, anon;
grant execute on function private.is_billed_use to authenticated, service_role;

create or replace function private.book_usage() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock_shared(private.billing_lock());
    insert into public.billing_usage as b (
        month, user_id, team_id, plan_code, context_version, provider, model, calls, uses, refused, unpriced,
        input_tokens, cached_input_tokens, output_tokens, cache_write_tokens, cost_microusd
    )
    select private.utc_month(l.at), l.user_id, l.team_id, l.plan_code, l.context_version, l.provider, l.model, count(*),
        count(*) filter (where private.is_billed_use(l.status, l.feature, l.receipt_id)),
        count(*) filter (where l.status = 'refused'), count(*) filter (where l.cost_state = 'unpriced'),
        sum(l.input_tokens), sum(l.cached_input_tokens), sum(l.output_tokens), sum(l.cache_write_tokens),
        coalesce(sum(l.cost_microusd), 0)
    from new_rows as l
    where not exists (select from public.billing_months as m where m.month = private.utc_month(l.at))
    group by 1, 2, 3, 4, 5, 6, 7
    order by 1, 2, 3, 4, 5, 6, 7
    on conflict (month, user_id, team_id, plan_code, context_version, provider, model) do update
        set calls = b.calls + excluded.calls, uses = b.uses + excluded.uses, refused = b.refused + excluded.refused,
            unpriced = b.unpriced + excluded.unpriced, input_tokens = b.input_tokens + excluded.input_tokens,
            cached_input_tokens = b.cached_input_tokens + excluded.cached_input_tokens,
            output_tokens = b.output_tokens + excluded.output_tokens,
            cache_write_tokens = b.cache_write_tokens + excluded.cache_write_tokens,
            cost_microusd = b.cost_microusd + excluded.cost_microusd;

    if not exists (select from new_rows as l join public.billing_months as m on m.month = private.utc_month(l.at)) then
        return null;
    end if;
    insert into public.billing_adjustments (
        month, for_month, dated, kind, payer_kind, payer_id, user_id, plan_code, calls, uses, unpriced, cost_microusd,
        provider, model, source_key, actor, reason
    )
    select private.open_month(m.month), m.month, (l.at at time zone 'UTC')::date, 'late_use', payer.payer_kind,
        payer.payer_id, l.user_id, l.plan_code, 1, private.is_billed_use(l.status, l.feature, l.receipt_id)::integer,
        (l.cost_state = 'unpriced')::integer, coalesce(l.cost_microusd, 0), l.provider, l.model, 'ledger:' || l.id,
        'service', 'Recorded after ' || m.code || ' was closed'
    from new_rows as l
    join public.billing_months as m on m.month = private.utc_month(l.at)
    cross join lateral private.billed_payer(m.month, l.user_id, l.team_id, l.plan_code) as payer;
    return null;
end;
$$;
comment on function private.book_usage is 'Trigger: adds new ledger rows to billing_usage, or books them in the next open month where theirs is closed.';
revoke execute on function private.book_usage from public, anon, authenticated;
grant execute on function private.book_usage to service_role;
create or replace trigger usage_logs_book after insert on public.usage_logs
    referencing new table as new_rows for each statement execute function private.book_usage();

create or replace function private.book_repricing() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock_shared(private.billing_lock());
    insert into public.billing_usage as b (
        month, user_id, team_id, plan_code, context_version, provider, model, unpriced, repricing_microusd
    )
    select private.utc_month(a.for_at), a.user_id, a.team_id, a.plan_code, 0, a.provider, a.model,
        -sum(a.newly_priced), sum(a.amount_microusd)
    from new_rows as a
    where a.kind = 'ai_cost'
        and not exists (select from public.billing_months as m where m.month = private.utc_month(a.for_at))
    group by 1, 2, 3, 4, 6, 7
    on conflict (month, user_id, team_id, plan_code, context_version, provider, model) do update
        set repricing_microusd = b.repricing_microusd + excluded.repricing_microusd,
            unpriced = b.unpriced + excluded.unpriced;

    insert into public.billing_adjustments (
        month, for_month, dated, kind, payer_kind, payer_id, user_id, plan_code, unpriced, cost_microusd, provider,
        model, source_key, actor, reason
    )
    select private.open_month(m.month), m.month, (a.for_at at time zone 'UTC')::date, 'late_cost', payer.payer_kind,
        payer.payer_id, a.user_id, a.plan_code, -a.newly_priced, a.amount_microusd, a.provider, a.model,
        'adjustment:' || a.id, a.actor, 'Re-priced after ' || m.code || ' was closed: ' || a.reason
    from new_rows as a
    join public.billing_months as m on m.month = private.utc_month(a.for_at)
    cross join lateral private.billed_payer(m.month, a.user_id, a.team_id, a.plan_code) as payer
    where a.kind = 'ai_cost';
    return null;
end;
$$;
comment on function private.book_repricing is 'Trigger: adds re-pricing to billing_usage, or books it in the next open month where its month is closed.';
revoke execute on function private.book_repricing from public, anon, authenticated;
grant execute on function private.book_repricing to service_role;
create or replace trigger adjustments_book after insert on public.adjustments
    referencing new table as new_rows for each statement execute function private.book_repricing();

-- When a subscription or price is changed for the past, closed months keep their statements. The difference between
-- what was billed so far and what the month would cost now is booked in the next open month.
create or replace function private.book_late_fees() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock_shared(private.billing_lock());
    insert into public.billing_adjustments (
        month, for_month, dated, kind, payer_kind, payer_id, amount_microusd, actor, reason
    )
    select private.open_month(closed.month), closed.month, closed.month, 'late_fee', due.payer_kind, due.payer_id,
        due.amount, coalesce(nullif(current_setting('app.actor', true), ''), 'service'),
        'The plan in ' || closed.code || ' was changed after it was closed'
    from public.billing_months as closed
    cross join lateral (
        select each.payer_kind, each.payer_id, sum(each.amount)::bigint as amount
        from (
            select fees.payer_kind, fees.payer_id, fees.fee_microusd as amount from private.billing_fees(closed.month) as fees
            union all
            select s.payer_kind, s.payer_id, -s.fee_microusd from public.billing_statements as s where s.month = closed.month
            union all
            select a.payer_kind, a.payer_id, -a.amount_microusd from public.billing_adjustments as a
            where a.for_month = closed.month and a.kind = 'late_fee'
        ) as each
        group by each.payer_kind, each.payer_id
        having sum(each.amount) <> 0
    ) as due;
    return null;
end;
$$;
comment on function private.book_late_fees is 'Trigger: for each closed month and payer, fee now − fee billed − late fees booked before; what is not 0 is booked in the next open month.';
revoke execute on function private.book_late_fees from public, anon, authenticated;

create or replace function private.hold_books() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock_shared(private.billing_lock());
    return null;
end;
$$;
comment on function private.hold_books is 'Trigger: takes the lock of the books before the change is audited, as everybody does.';
revoke execute on function private.hold_books from public, anon, authenticated;
grant execute on function private.hold_books to service_role;
create or replace trigger subscriptions_books before insert or update or delete on public.subscriptions
    for each statement execute function private.hold_books();
create or replace trigger plans_books before insert or update or delete on public.plans
    for each statement execute function private.hold_books();
create or replace trigger subscriptions_late_fees after insert or update or delete on public.subscriptions
    for each statement execute function private.book_late_fees();
create or replace trigger plans_late_fees after insert or update or delete on public.plans
    for each statement execute function private.book_late_fees();

create or replace function private.rebuild_billing() returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(private.billing_lock());
    delete from public.billing_usage as u
    where not exists (select from public.billing_months as m where m.month = u.month);
    insert into public.billing_usage (
        month, user_id, team_id, plan_code, context_version, provider, model, calls, uses, refused, unpriced,
        input_tokens, cached_input_tokens, output_tokens, cache_write_tokens, cost_microusd, repricing_microusd
    )
    select each.month, each.user_id, each.team_id, each.plan_code, each.context_version, each.provider, each.model,
        sum(each.calls), sum(each.uses), sum(each.refused), sum(each.unpriced), sum(each.input), sum(each.cached),
        sum(each.output), sum(each.written), sum(each.cost), sum(each.repricing)
    from (
        select private.utc_month(l.at) as month, l.user_id, l.team_id, l.plan_code, l.context_version, l.provider, l.model,
            count(*) as calls, count(*) filter (where private.is_billed_use(l.status, l.feature, l.receipt_id)) as uses,
            count(*) filter (where l.status = 'refused') as refused,
            count(*) filter (where l.cost_state = 'unpriced') as unpriced, sum(l.input_tokens) as input,
            sum(l.cached_input_tokens) as cached, sum(l.output_tokens) as output, sum(l.cache_write_tokens) as written,
            coalesce(sum(l.cost_microusd), 0) as cost, 0 as repricing
        from public.usage_logs as l
        group by 1, 2, 3, 4, 5, 6, 7
        union all
        select private.utc_month(a.for_at), a.user_id, a.team_id, a.plan_code, 0, a.provider, a.model, 0, 0, 0,
            -sum(a.newly_priced), 0, 0, 0, 0, 0, sum(a.amount_microusd)
        from public.adjustments as a
        where a.kind = 'ai_cost'
        group by 1, 2, 3, 4, 6, 7
    ) as each
    where not exists (select from public.billing_months as m where m.month = each.month)
    group by 1, 2, 3, 4, 5, 6, 7;
end;
$$;
comment on function private.rebuild_billing is 'Counts billing_usage of the open months anew from the ledger.';
revoke execute on function private.rebuild_billing from public, anon, authenticated;
grant execute on function private.rebuild_billing to service_role;

-- Security definer: operators may not write the books themselves.
create or replace function public.close_month(p_month date, p_reason text) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_code text := to_char(p_month, 'YYYY-MM');
    v_closed public.billing_months;
    v_actor text;
begin
    perform private.require_finance();
    if coalesce(length(trim(p_reason)), 0) < 3 then
        raise exception using errcode = 'PT400', message = 'say_why_the_month_is_closed';
    end if;
    if p_month is null or p_month <> date_trunc('month', p_month)::date then
        raise exception using errcode = 'PT400', message = 'month_not_named_by_its_first_day';
    end if;
    if (p_month + interval '1 month') at time zone 'UTC' > now() then
        raise exception using errcode = 'PT409', message = 'month_not_over',
            detail = jsonb_build_object('month', v_code)::text;
    end if;
    perform pg_advisory_xact_lock(private.billing_lock());
    select * into v_closed from public.billing_months as m where m.month = p_month;
    if found then
        raise exception using errcode = 'PT409', message = 'month_was_closed',
            detail = jsonb_build_object(
                'month', v_code,
                'closed_at', to_char(v_closed.closed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
                'closed_by', v_closed.closed_by
            )::text;
    end if;
    select operators.email into v_actor from public.operators where operators.user_id = (select auth.uid());
    perform set_config('app.reason', p_reason, true);
    -- One statement, one snapshot: the lines are those of a month that is still open.
    with lines as materialized (
        select * from private.billing_lines(p_month)
    ), closed as (
        insert into public.billing_months (code, month, closed_by, reason)
        values (v_code, p_month, coalesce(v_actor, 'service'), trim(p_reason))
        returning month
    )
    insert into public.billing_statements (
        month, payer_kind, payer_id, plan_code, seats, uses, included, overage_uses, fee_microusd, overage_microusd,
        credits_microusd, adjustments_microusd, ai_cost_microusd, unpriced
    )
    select closed.month, lines.* from closed cross join lines order by lines.payer_kind, lines.payer_id, lines.plan_code;
    return public.billing_totals(p_month);
end;
$$;
comment on function public.close_month is 'Freeze the statements of a UTC month that is over, once, for ever: its billing_totals(). Founders and finance; the reason is audited.';
revoke execute on function public.close_month from public, anon, authenticated;
grant execute on function public.close_month to authenticated, service_role;

create or replace function public.add_billing_adjustment(
    p_id uuid, p_payer_kind text, p_payer_id uuid, p_kind text, p_amount_microusd bigint, p_dated date, p_reason text
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_row public.billing_adjustments;
    v_month date := date_trunc('month', p_dated)::date;
begin
    perform private.require_finance();
    if coalesce(length(trim(p_reason)), 0) < 3 then
        raise exception using errcode = 'PT400', message = 'say_why_it_is_adjusted';
    end if;
    if p_kind not in ('credit', 'charge') or p_amount_microusd is null or p_amount_microusd <= 0 then
        raise exception using errcode = 'PT400', message = 'amount_not_above_0';
    end if;
    if p_dated is null or p_dated > (now() at time zone 'UTC')::date then
        raise exception using errcode = 'PT400', message = 'day_in_the_future';
    end if;
    if not (p_payer_kind = 'user' and exists (select from public.users where users.id = p_payer_id)
        or p_payer_kind = 'team' and exists (select from public.teams where teams.id = p_payer_id))
    then
        raise exception using errcode = 'PT404', message = 'no_such_user_or_team';
    end if;
    perform pg_advisory_xact_lock_shared(private.billing_lock());
    perform set_config('app.reason', p_reason, true);
    insert into public.billing_adjustments (
        id, month, for_month, dated, kind, payer_kind, payer_id, amount_microusd, actor, reason
    ) values (
        p_id, private.open_month(v_month), v_month, p_dated, p_kind, p_payer_kind, p_payer_id,
        case p_kind when 'credit' then -p_amount_microusd else p_amount_microusd end,
        coalesce((select operators.email from public.operators where operators.user_id = (select auth.uid())), 'service'),
        trim(p_reason)
    )
    on conflict (id) do nothing;
    select * into v_row from public.billing_adjustments where id = p_id;
    return to_jsonb(v_row);
end;
$$;
comment on function public.add_billing_adjustment is 'Book a credit or charge, dated to a day; a closed month''s goes to the next open one. The same p_id books once. Founders and finance, audited.';
revoke execute on function public.add_billing_adjustment from public, anon, authenticated;
grant execute on function public.add_billing_adjustment to authenticated, service_role;

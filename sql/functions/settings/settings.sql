-- What founders set: plans, prices of models, budgets, operators. Each edit names what it saw, and why.

create or replace function public.set_budget(
    p_scope text, p_key text, p_monthly_microusd bigint, p_version integer, p_reason text
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_now integer;
    v_row public.budgets;
begin
    perform private.founder_edit(p_reason);
    if p_scope is null or p_scope not in ('global', 'user', 'team', 'plan', 'model') then
        raise exception using errcode = '22023', message = 'no_such_kind_of_budget';
    end if;
    if coalesce(p_monthly_microusd, 0) < 0 then
        raise exception using errcode = '22023', message = 'budget_cannot_be_negative';
    end if;
    if not (case p_scope when 'global' then p_key = ''
        when 'user' then exists (select from public.users where id::text = p_key)
        when 'team' then exists (select from public.teams where id::text = p_key)
        when 'model' then p_key ~ '^[^/]+/.+$'
        else exists (select from public.plans where code = p_key) end)
    then
        raise exception using errcode = 'PT404', message = 'no_such_person_team_or_plan';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('budget ' || p_scope || p_key, 0));
    select version into v_now from public.budgets where scope = p_scope and scope_key = p_key and ended_at is null;
    if coalesce(v_now, 0) <> coalesce(p_version, 0) then
        raise exception using errcode = 'PT409', message = 'budget_changed_meanwhile';
    end if;
    if coalesce(p_monthly_microusd, 0) = 0 then
        update public.budgets set ended_at = now()
        where scope = p_scope and scope_key = p_key and ended_at is null returning * into v_row;
    elsif v_now is null then
        insert into public.budgets (scope, scope_key, monthly_microusd)
        values (p_scope, p_key, p_monthly_microusd) returning * into v_row;
    else
        update public.budgets set monthly_microusd = p_monthly_microusd, version = version + 1
        where scope = p_scope and scope_key = p_key and ended_at is null returning * into v_row;
    end if;
    return to_jsonb(v_row);
end;
$$;
comment on function public.set_budget is 'Founders: the monthly budget of everything, a person, a team, a plan or a model (provider/model); 0 ends it. p_version: the version seen, 0 where there was none.';
revoke execute on function public.set_budget from public, anon, authenticated;
grant execute on function public.set_budget to authenticated;

create or replace function public.set_model_price(
    p_provider text, p_model text, p_valid_from timestamptz, p_input bigint, p_cached bigint, p_output bigint,
    p_seen bigint, p_reason text, p_cache_write bigint default null, p_service_tier text default 'standard',
    p_classes jsonb default '{}'
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_newest bigint;
    v_row public.model_prices;
begin
    perform private.founder_edit(p_reason);
    if trim(coalesce(p_provider, '')) = '' or trim(coalesce(p_model, '')) = '' then
        raise exception using errcode = '22023', message = 'name_provider_and_model';
    end if;
    perform private.check_prices(p_input, p_cached, p_output, p_cache_write, p_service_tier, p_classes);
    if p_valid_from < now() - interval '10 minutes' then
        raise exception using errcode = '22023', message = 'price_of_the_past';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('price ' || p_provider || ' ' || p_model, 0));
    select max(id) into v_newest from public.model_prices
    where provider = trim(p_provider) and model = trim(p_model);
    if v_newest is distinct from p_seen then
        raise exception using errcode = 'PT409', message = 'price_changed_meanwhile';
    end if;
    insert into public.model_prices (
        provider, model, valid_from, input_microusd_per_million, cached_input_microusd_per_million,
        output_microusd_per_million, cache_write_microusd_per_million, service_tier, class_microusd_per_million, source
    ) values (
        trim(p_provider), trim(p_model), greatest(p_valid_from, now()), p_input, p_cached, p_output, p_cache_write,
        p_service_tier, p_classes, 'set by hand'
    ) returning * into v_row;
    return to_jsonb(v_row);
end;
$$;
comment on function public.set_model_price is 'Founders: a price (micro-dollars per million tokens) of a service tier from a moment on; workers use it within a minute. p_seen: id of the newest row of this model that was seen, NULL where there was none.';
revoke execute on function public.set_model_price from public, anon, authenticated;
grant execute on function public.set_model_price to authenticated;

create or replace function public.set_plan(
    p_code text, p_name text, p_price_microusd bigint, p_uses integer, p_is_unlimited boolean,
    p_overage_microusd bigint, p_valid_from timestamptz, p_seen timestamptz, p_reason text
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_newest public.plans;
    v_row public.plans;
begin
    perform private.founder_edit(p_reason);
    perform pg_advisory_xact_lock(hashtextextended('plan ' || p_code, 0));
    select * into v_newest from public.plans where code = p_code order by valid_from desc limit 1;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_plan';
    end if;
    if v_newest.valid_from <> p_seen then
        raise exception using errcode = 'PT409', message = 'plan_changed_meanwhile';
    end if;
    if trim(coalesce(p_name, '')) = ''
        or least(coalesce(p_price_microusd, -1), coalesce(p_uses, -1), coalesce(p_overage_microusd, -1)) < 0
    then
        raise exception using errcode = '22023', message = 'plan_unfit';
    end if;
    if p_valid_from < now() - interval '10 minutes' or greatest(p_valid_from, now()) <= v_newest.valid_from then
        raise exception using errcode = '22023', message = 'plan_changes_too_early';
    end if;
    insert into public.plans (
        code, valid_from, name, price_microusd, per, uses, period, is_unlimited, overage_microusd
    )
    values (
        p_code, greatest(p_valid_from, now()), trim(p_name), p_price_microusd, v_newest.per, p_uses,
        v_newest.period, coalesce(p_is_unlimited, false), p_overage_microusd
    ) returning * into v_row;
    return to_jsonb(v_row);
end;
$$;
comment on function public.set_plan is 'Founders: a plan from a moment on, as a new row: name, price, uses, and the price of a use beyond them (micro-dollars; 0: not charged). Per user or seat and the period of its uses stay: balances and seats hang on them. p_seen: valid_from of the newest row seen.';
revoke execute on function public.set_plan from public, anon, authenticated;
grant execute on function public.set_plan to authenticated;

create or replace function public.change_operator(
    p_user_id uuid, p_role text, p_is_enabled boolean, p_seen_role text, p_seen_enabled boolean, p_reason text
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_row public.operators;
begin
    perform private.founder_edit(p_reason);
    if p_role is null or p_role not in ('founder', 'support', 'finance') then
        raise exception using errcode = '22023', message = 'no_such_role';
    end if;
    -- Two founders who disable each other at once must not both succeed.
    lock table public.operators in share row exclusive mode;
    perform private.founder_edit(p_reason);
    select * into v_row from public.operators where user_id = p_user_id;
    if not found then
        raise exception using errcode = 'PT404', message = 'no_such_operator';
    end if;
    if p_user_id = (select auth.uid()) then
        raise exception using errcode = 'PT409', message = 'nobody_changes_their_own_role';
    end if;
    if v_row.role <> p_seen_role or (v_row.disabled_at is null) <> p_seen_enabled then
        raise exception using errcode = 'PT409', message = 'operator_changed_meanwhile';
    end if;
    update public.operators
    set role = p_role, disabled_at = case when not p_is_enabled then coalesce(disabled_at, now()) end
    where user_id = p_user_id
    returning * into v_row;
    return to_jsonb(v_row);
end;
$$;
comment on function public.change_operator is 'Founders: another operator''s role, and whether they may sign in. Takes effect at once. There is always a founder left: nobody changes themselves.';
revoke execute on function public.change_operator from public, anon, authenticated;
grant execute on function public.change_operator to authenticated;

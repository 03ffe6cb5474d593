-- What stays of an analysis for the figures: one row for each run that ended, written in the transaction that ends it.

create or replace function private.shown_by_rule(p_suggestions jsonb) returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_object_agg(rule, jsonb_build_array(shown, with_change)), '{}')
    from (
        select coalesce(each ->> 'rule', '') as rule, count(*) as shown,
            count(*) filter (where jsonb_typeof(each -> 'patch') = 'object') as with_change
        from jsonb_array_elements(p_suggestions) as each
        group by 1
    ) as counted
$$;
comment on function private.shown_by_rule is 'Suggestions of a result by rule: {rule: [how many, how many of them with a change to apply]}; NULL without a list.';
revoke execute on function private.shown_by_rule from public, anon, authenticated;
grant execute on function private.shown_by_rule to service_role;

-- Whoever shows the result of another analysis shows the same suggestions.
create or replace function private.note_analysis_end() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    insert into public.analysis_ends (
        analysis_id, run, at, type, state, reason, source, is_cached, batch_id, plan_code, team_id, latency_ms, shown
    ) values (
        new.id, new.run, coalesce(new.settled_at, now()), new.type, new.state,
        case new.state when 'done' then '' else new.reason end, new.source, new.is_cached, new.batch_id, new.plan_code,
        (select users.team_id from public.users where users.id = new.user_id),
        greatest(0, extract(epoch from clock_timestamp() - new.queued_at) * 1000)::bigint,
        case
            when new.state <> 'done' then null
            when new.leader_id is null then private.shown_by_rule(new.result -> 'suggestions')
            else (
                select ends.shown from public.analysis_ends as ends
                where ends.analysis_id = new.leader_id and ends.state = 'done' limit 1
            )
        end
    )
    on conflict (analysis_id, run) do nothing;
    return null;
end;
$$;
comment on function private.note_analysis_end is 'Trigger: keeps analysis_ends with each run of an analysis that ends.';
revoke execute on function private.note_analysis_end from public, anon, authenticated;
grant execute on function private.note_analysis_end to service_role;
create or replace trigger analyses_ended_at_once after insert on public.analyses
    for each row when (new.state in ('done', 'refused', 'failed', 'cancelled'))
    execute function private.note_analysis_end();
create or replace trigger analyses_ended after update on public.analyses
    for each row when (new.state in ('done', 'refused', 'failed', 'cancelled') and old.state <> new.state)
    execute function private.note_analysis_end();

create or replace function private.note_limited(p_user_id uuid, p_amount integer) returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.analysis_limited as l (hour, plan_code, team_id, refused)
    select date_trunc('hour', now(), 'UTC'), (select code from private.plan_in_force(users.id)),
        coalesce(users.team_id, '00000000-0000-0000-0000-000000000000'), p_amount
    from public.users where users.id = p_user_id
    on conflict (hour, plan_code, team_id) do update set refused = l.refused + excluded.refused
$$;
comment on function private.note_limited is 'Count analyses of this person that are refused because there are too many.';
revoke execute on function private.note_limited from public, anon, authenticated;
grant execute on function private.note_limited to service_role;

-- Called with the ledger's lock held: nobody has two first answers. Balances include the uses of these receipts.
create or replace function private.note_analysed(p_ids uuid[], p_receipt_ids uuid[]) returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.activity (user_id, kind, detail)
    select distinct analyses.user_id, 'first_answer', '{}'::jsonb
    from public.analyses
    where analyses.id = any (p_ids) and analyses.state = 'done' and not exists (
        select from public.activity
        where activity.user_id = analyses.user_id and activity.kind = 'first_answer'
    )
    union all
    select receipts.user_id, 'trial_used_up', '{}'
    from public.use_receipts as receipts
    join public.use_balances as balances on balances.user_id = receipts.user_id
        and balances.plan_code = receipts.plan_code and balances.period_start = receipts.period_start
    where receipts.id = any (p_receipt_ids) and receipts.state = 'settled' and receipts.plan_code = 'trial'
        and balances.used = private.granted_uses(receipts.user_id, 'trial', receipts.period_start)
            + (select uses from private.plan_in_force(receipts.user_id) where code = 'trial')
$$;
comment on function private.note_analysed is 'The activity that ended analyses are: the first answer of somebody, the last use of a trial.';
revoke execute on function private.note_analysed from public, anon, authenticated;
grant execute on function private.note_analysed to service_role;

-- The audit log writes itself: every change to what people pay, may do or are told, by whoever made it.

-- Security definer: those who change a row may not write into the log themselves. Arguments: the columns that
-- are left out, because they are secrets, or words of a person who may later ask to be forgotten.
create function private.audit() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    v_after jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    v_row jsonb := coalesce(v_after, v_before);
begin
    insert into public.audit_log (actor, table_name, row_key, operation, before, after, reason)
    values (
        coalesce(
            (select operators.email from public.operators where operators.user_id = (select auth.uid())),
            nullif(current_setting('app.actor', true), ''), 'service'
        ),
        tg_table_name,
        coalesce(v_row ->> 'id', v_row ->> 'user_id', v_row ->> 'code'),
        tg_op,
        v_before - tg_argv,
        v_after - tg_argv,
        coalesce(current_setting('app.reason', true), '')
    );
    return null;
end;
$$;
comment on function private.audit() is 'Trigger: writes one audit_log row per changed row, without the columns named as its arguments.';
revoke execute on function private.audit() from public, anon, authenticated;

create trigger teams_audit after insert or update or delete on public.teams
    for each row execute function private.audit();
create trigger plans_audit after insert or update or delete on public.plans
    for each row execute function private.audit();
create trigger subscriptions_audit after insert or update or delete on public.subscriptions
    for each row execute function private.audit();
create trigger model_prices_audit after insert or update or delete on public.model_prices
    for each row execute function private.audit();
create trigger operators_audit after insert or update or delete on public.operators
    for each row execute function private.audit();
create trigger users_audit after update on public.users
    for each row when (old.state is distinct from new.state or old.team_id is distinct from new.team_id)
    execute function private.audit('handle', 'email', 'image_url', 'figma_user_id');
create trigger user_contexts_audit after update on public.user_contexts
    for each row when (old.version is distinct from new.version)
    execute function private.audit(
        'instructions', 'tone', 'brand', 'design_system_rules', 'language', 'focus_areas', 'model'
    );
create trigger user_webhooks_audit after update on public.user_webhooks
    for each row when (old.state is distinct from new.state or old.guest_rule is distinct from new.guest_rule)
    execute function private.audit('passcode_encrypted', 'passcode_hash', 'label');

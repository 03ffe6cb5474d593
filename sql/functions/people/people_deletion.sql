-- Deletes an account: personal data goes, and what the books need stays under an anonymous id. Workers, web and
-- operators go on meanwhile, so everything is locked in the order in which they lock it: the person, a webhook before
-- its deliveries, the answers, then the books, and last the audit log. The slow part comes before the answers, because
-- their locks block a worker.

-- Empties what came through the webhooks of people who are gone. A month of a busy project's comments is more than one
-- call can rewrite while somebody waits. So it is done in parts: the first when the account is deleted, the rest by
-- purge_expired.
create or replace function private.empty_payloads(p_user_id uuid, p_limit integer) returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_emptied integer;
begin
    update public.webhook_deliveries as emptied set payload = '{}'::jsonb
    where ctid = any (array(
        select d.ctid
        from public.users
        join public.user_webhooks as w on w.user_id = users.id
        join public.webhook_deliveries as d on d.webhook_id = w.id
        where (users.id = p_user_id or (p_user_id is null and users.state = 'deleted')) and d.payload <> '{}'::jsonb
        limit p_limit
        for update of d skip locked
    ))
    -- In another partition somebody else's row may have the same place.
    and emptied.payload <> '{}'::jsonb and exists (
        select from public.users
        join public.user_webhooks as w on w.user_id = users.id
        where w.id = emptied.webhook_id and (users.id = p_user_id or (p_user_id is null and users.state = 'deleted'))
    );
    get diagnostics v_emptied = row_count;
    return v_emptied;
end;
$$;
comment on function private.empty_payloads is 'Forget what was delivered to one person''s webhooks, or (NULL) to those of deleted people, at most p_limit deliveries: how many.';
revoke execute on function private.empty_payloads from public, anon, authenticated;
grant execute on function private.empty_payloads to service_role;

-- Removes a person's own words from deliveries, wherever they wrote them, in the order in which the receiver locks
-- (private.record_batch).
create or replace function private.forget_deliveries(p_user_id uuid, p_figma_user_id text) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_webhook_id uuid;
begin
    for v_webhook_id in
        select id from public.user_webhooks where user_id = p_user_id
        union
        select webhook_id from public.webhook_deliveries where payload -> 'triggered_by' ->> 'id' = p_figma_user_id
        order by 1
    loop
        perform from public.user_webhooks
        where id = v_webhook_id and user_id = p_user_id and state <> 'deleted' for no key update;
        update public.webhook_deliveries set payload = '{}'::jsonb
        where id = any (array(
            select id from public.webhook_deliveries
            where webhook_id = v_webhook_id and payload -> 'triggered_by' ->> 'id' = p_figma_user_id
            order by payload ->> 'file_key', event_key for no key update
        ));
    end loop;
    perform private.empty_payloads(p_user_id, 20000);
end;
$$;
comment on function private.forget_deliveries is 'Forget what somebody wrote wherever the buddy listens, and the first 20,000 deliveries to their own webhooks; leaves those webhooks locked.';
revoke execute on function private.forget_deliveries from public, anon, authenticated;
grant execute on function private.forget_deliveries to service_role;

-- Only those that were found and locked: a comment that arrives now is by somebody without an account.
create or replace function private.forget_answers(p_user_id uuid, p_figma_user_id text) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_ids uuid[] := array(
        select id from public.answers
        where id in (
            select mine.id from public.answers as mine where mine.author_figma_id = p_figma_user_id
            union all
            -- Not confirmed yet: a worker may be about to store who wrote it.
            select mine.id from public.answers as mine
            where mine.state in ('queued', 'working', 'deferred') and mine.hint ->> 'author_id' = p_figma_user_id
        )
        order by id
        for update
    );
begin
    update public.answers
    set question = '', draft = null, facts = null, file_name = '', author_handle = 'Deleted user',
        author_figma_id = 'deleted:' || p_user_id
    where id = any (v_ids) and author_figma_id = p_figma_user_id;
    -- A reason stood in the comment alone. That somebody liked an answer or not stays, without who.
    update public.advice_thumbs set author_figma_id = 'deleted:' || p_user_id where author_figma_id = p_figma_user_id;
    update public.answers set hint = hint - 'author_id' where id = any (v_ids) and hint is not null;
end;
$$;
comment on function private.forget_answers is 'Forget the words of what somebody asked and was told, and who it was.';
revoke execute on function private.forget_answers from public, anon, authenticated;
grant execute on function private.forget_answers to service_role;

-- What a worker is at keeps its row, without the design: the worker still books what the model cost.
create or replace function private.forget_analyses(p_user_id uuid) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform from public.analysis_claims
    where analysis_id in (select id from public.analyses where user_id = p_user_id)
    order by scope, key for update;
    perform from public.analyses where user_id = p_user_id order by id for update;
    delete from public.analysis_claims
    where analysis_id in (select id from public.analyses where user_id = p_user_id);
    update public.analyses set request = null, refs = null
    where user_id = p_user_id and state in ('queued', 'working');
    delete from public.analyses where user_id = p_user_id and state not in ('queued', 'working');
    delete from public.analysis_batches where user_id = p_user_id;
    delete from public.analysis_windows where user_id = p_user_id;
    delete from public.ignored_findings where user_id = p_user_id;
    update public.suggestion_outcomes set reason = '' where user_id = p_user_id and reason <> '';
end;
$$;
comment on function private.forget_analyses is 'Remove somebody''s analyses, what they ignored and why; how suggestions fared stays, without words.';
revoke execute on function private.forget_analyses from public, anon, authenticated;
grant execute on function private.forget_analyses to service_role;

-- Holds the lock of check_alerts, which otherwise could write the name once more. An alert on a budget stays open: it
-- belongs to the budget, whoever that is for. Older alerts have no parameters: their title and detail hold the name.
create or replace function private.forget_alerts(p_user_id uuid, p_figma_user_id text) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('check_alerts', 0));
    update public.alerts
    set subject = 'deleted:' || p_user_id || ' ' || split_part(subject, ' ', 2), ended_at = coalesce(ended_at, now()),
        title = regexp_replace(title, ' for .*$', ' for Deleted user'),
        parameters = parameters || jsonb_build_object('name', 'Deleted user')
    where kind = 'figma_quota' and split_part(subject, ' ', 1) = p_figma_user_id;
    update public.alerts
    set subject = 'deleted:' || p_user_id || ' ' || kind || ' ' || id, ended_at = coalesce(ended_at, now()),
        detail = 'Deleted user', parameters = parameters - array['figma_user_id', 'scope_key']
    where kind = 'author_limit' and split_part(subject, ' ', 1) = p_figma_user_id
        or kind = 'unbilled' and subject = 'author ' || p_figma_user_id;
    update public.alerts
    set title = regexp_replace(title, ': .*$', ': Deleted user'),
        parameters = parameters || jsonb_build_object('name', 'Deleted user')
    where kind = 'budget' and subject in (
        select said.id::text
        from public.budgets join public.budget_alerts as said on said.budget_id = budgets.id
        where budgets.scope = 'user' and budgets.scope_key = p_user_id::text
    );
end;
$$;
comment on function private.forget_alerts is 'Take somebody''s name and Figma id out of the alerts, and close those about their account at Figma.';
revoke execute on function private.forget_alerts from public, anon, authenticated;
grant execute on function private.forget_alerts to service_role;

create or replace function private.forget_belongings(p_user_id uuid, p_figma_user_id text) returns void
language sql
security invoker
set search_path = ''
as $$
    delete from public.sessions where user_id = p_user_id;
    delete from public.plugin_handovers where user_id = p_user_id;
    delete from public.user_contexts where user_id = p_user_id;
    delete from public.user_context_versions where user_id = p_user_id;
    delete from public.figma_quotas where figma_user_id = p_figma_user_id;
    delete from public.person_notes where user_id = p_user_id;
    delete from public.refresh_failures where user_id = p_user_id;
    delete from public.preview_mails where user_id = p_user_id;
    delete from public.follow_ups where user_id = p_user_id;
$$;
comment on function private.forget_belongings is 'Remove what is somebody''s alone: sessions, the context and its versions, their limits at Figma, what operators noted about them.';
revoke execute on function private.forget_belongings from public, anon, authenticated;
grant execute on function private.forget_belongings to service_role;

-- Rows that workers write in the middle of a batch, in no fixed order. A mute that one of them is ending is deleted in
-- any case.
create or replace function private.forget_in_files(p_user_id uuid, p_figma_user_id text) returns void
language sql
security invoker
set search_path = ''
as $$
    delete from public.guest_invites where author_figma_id = p_figma_user_id;
    delete from public.author_limits where author_figma_id = p_figma_user_id;
    delete from public.unbilled_spending where scope = 'author' and scope_key = p_figma_user_id;
    update public.thread_mutes set muted_by = 'deleted:' || p_user_id
    where (file_key, root_comment_id) in (
        select file_key, root_comment_id from public.thread_mutes
        where muted_by = p_figma_user_id for update skip locked
    )
$$;
comment on function private.forget_in_files is 'Forget where somebody was invited, and that it was they who muted a thread.';
revoke execute on function private.forget_in_files from public, anon, authenticated;
grant execute on function private.forget_in_files to service_role;

create or replace function private.remember_trial(p_user_id uuid, p_figma_user_hash text) returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.deleted_accounts (figma_user_hash, trial_uses)
    select p_figma_user_hash, coalesce(sum(used + reserved), 0) from public.use_balances
    where user_id = p_user_id and plan_code = 'trial'
    on conflict (figma_user_hash) do update set trial_uses = excluded.trial_uses, deleted_at = now()
$$;
comment on function private.remember_trial is 'Keep how much of the trial was used under a hash that tells nobody who it was, for their next sign-up.';
revoke execute on function private.remember_trial from public, anon, authenticated;
grant execute on function private.remember_trial to service_role;

-- All of it or nothing.
create or replace function private.delete_person(p_user_id uuid, p_figma_user_hash text) returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_user public.users;
    v_files text[];
begin
    select * into v_user from public.users where id = p_user_id for no key update;
    if not found or v_user.state = 'deleted' then
        return;
    end if;
    v_files := array(
        select distinct payload ->> 'file_key' from public.webhook_deliveries
        where payload -> 'triggered_by' ->> 'id' = v_user.figma_user_id
    );
    perform private.forget_alerts(p_user_id, v_user.figma_user_id);
    perform private.start_departure(p_user_id);
    perform private.forget_deliveries(p_user_id, v_user.figma_user_id);
    perform private.forget_belongings(p_user_id, v_user.figma_user_id);
    perform private.forget_answers(p_user_id, v_user.figma_user_id);
    perform private.forget_traces(p_user_id, v_files);
    perform private.forget_analyses(p_user_id);
    perform private.forget_pipelines(p_user_id);
    perform private.forget_rehearsals(p_user_id);
    -- The Figma id is a key, so this waits for every transaction that refers to the row. It comes before any lock that
    -- those may want.
    perform from public.users where id = p_user_id for update;
    perform private.forget_in_files(p_user_id, v_user.figma_user_id);
    perform private.remember_trial(p_user_id, p_figma_user_hash);
    perform private.end_subscriptions(p_user_id);
    perform private.forget_targets(p_user_id);
    perform private.forget_sharing(p_user_id);
    perform private.drop_previews(id) from public.user_webhooks where user_id = p_user_id order by id;
    update public.user_webhooks set state = 'deleted', deleted_at = now(), label = ''
    where user_id = p_user_id and state <> 'deleted';
    update public.users
    set figma_user_id = 'deleted:' || p_user_id, handle = 'Deleted user', email = null, image_url = null,
        figma_user_hash = null, state = 'deleted'
    where id = p_user_id;
    insert into public.activity (user_id, kind) values (p_user_id, 'account_deleted');
end;
$$;
comment on function private.delete_person is 'What delete_account() and operator_delete_account() do. Nothing where the account was deleted before.';
revoke execute on function private.delete_person from public, anon, authenticated;
grant execute on function private.delete_person to service_role;

-- The API sets a function's own timeout before it calls it.
create or replace function public.delete_account(p_user_id uuid, p_figma_user_hash text) returns void
language plpgsql
security invoker
set search_path = ''
set statement_timeout = '2min'
as $$
begin
    perform private.delete_person(p_user_id, p_figma_user_hash);
end;
$$;
comment on function public.delete_account is 'Forget a person: their own plan ends, sessions, context and texts go at once, what others wrote where their webhooks are busy within the hour (private.empty_payloads), the Figma connection as soon as their webhooks are removed there (private.start_departure); the ledger keeps an anonymous id.';
revoke execute on function public.delete_account from public, anon, authenticated;
grant execute on function public.delete_account to service_role;

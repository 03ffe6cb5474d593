-- The keys that make a comment one answer, a use one bill and an event one delivery hold no time, so no unique index
-- spans partitions by time. Where a table is partitioned these triggers hold them instead: whoever brings a key waits
-- for the others who bring it, and then looks in all partitions. A known key affects no row, as `on conflict do
-- nothing`. They are made with the partitions (`python -m sql.partitions`); elsewhere nothing calls them. A plan for all
-- partitions takes longer to make than to run: it is made once.

-- First a look without the lock: two batches that bring the same old comments in different orders must not wait for
-- each other.
create or replace function private.claim_answer() returns trigger
language plpgsql
security invoker
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
    if exists (select from public.answers where file_key = new.file_key and comment_id = new.comment_id) then
        return null;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('answers ' || new.file_key || ' ' || new.comment_id, 0));
    if exists (select from public.answers where file_key = new.file_key and comment_id = new.comment_id) then
        return null;
    end if;
    return new;
end;
$$;
comment on function private.claim_answer is 'Trigger: one answer a comment, in whichever partition. Holds the key until the end of the transaction.';
revoke execute on function private.claim_answer from public, anon, authenticated;
grant execute on function private.claim_answer to service_role;

-- As the unique index answers_one_reply of each partition, for all of them.
create or replace function private.claim_reply() returns trigger
language plpgsql
security invoker
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('replies ' || new.file_key || ' ' || new.reply_comment_id, 0));
    if exists (
        select from public.answers
        where file_key = new.file_key and reply_comment_id = new.reply_comment_id and id <> new.id
    ) then
        raise exception using errcode = 'PT409', message = 'reply_is_another_answers';
    end if;
    return new;
end;
$$;
comment on function private.claim_reply is 'Trigger: a reply belongs to one answer, in whichever partition.';
revoke execute on function private.claim_reply from public, anon, authenticated;
grant execute on function private.claim_reply to service_role;

-- No foreign key can refer to a partitioned answer by its id alone.
create or replace function private.forget_with_answer() returns trigger
language plpgsql
security invoker
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
    -- It is there still when it only moved to another partition, because its time was changed.
    if not exists (select from public.answers where id = old.id) then
        delete from public.answer_previews where answer_id = old.id;
        delete from public.rehearsed_answers where answer_id = old.id;
    end if;
    return null;
end;
$$;
comment on function private.forget_with_answer is 'Trigger: what belongs to an answer goes with it, as `on delete cascade`.';
revoke execute on function private.forget_with_answer from public, anon, authenticated;
grant execute on function private.forget_with_answer to service_role;

-- All writers of the ledger hold this lock already (private.write_usage).
create or replace function private.claim_use() returns trigger
language plpgsql
security invoker
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('usage_logs', 0));
    if exists (select from public.usage_logs where answer_id = new.answer_id and run = new.run) then
        return null;
    end if;
    return new;
end;
$$;
comment on function private.claim_use is 'Trigger: one row of the ledger a run, in whichever partition.';
revoke execute on function private.claim_use from public, anon, authenticated;
grant execute on function private.claim_use to service_role;

-- Batches bring deliveries in the order of these keys (private.record_batch).
create or replace function private.claim_delivery() returns trigger
language plpgsql
security invoker
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
    perform pg_advisory_xact_lock(
        hashtextextended('deliveries ' || new.webhook_id || ' ' || new.event_type || ' ' || new.event_key, 0)
    );
    if exists (
        select from public.webhook_deliveries
        where webhook_id = new.webhook_id and event_type = new.event_type and event_key = new.event_key
    ) then
        return null;
    end if;
    return new;
end;
$$;
comment on function private.claim_delivery is 'Trigger: one row an event of a webhook, in whichever partition.';
revoke execute on function private.claim_delivery from public, anon, authenticated;
grant execute on function private.claim_delivery to service_role;

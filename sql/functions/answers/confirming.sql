-- Whether Figma confirms what a delivery claims: who may look, what was seen, and what becomes of the rest.

create or replace function private.refusals_allowed() returns integer
language sql
immutable
security invoker
set search_path = ''
as $$
    select 50
$$;
comment on function private.refusals_allowed is 'So many deliveries that Figma does not confirm pause a webhook when they come within an hour of the clock. People who delete a comment at once make a few.';
revoke execute on function private.refusals_allowed from public, anon, authenticated;
grant execute on function private.refusals_allowed to service_role;

-- Locks the webhook before anything else, as private.close_look does, so that web and workers cannot deadlock.
create or replace function private.count_refusal(
    p_webhook_id uuid, p_reason text, p_received_at timestamptz default now()
) returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_webhook public.user_webhooks;
begin
    select * into v_webhook from public.user_webhooks where id = p_webhook_id for update;
    if not found then
        return false;
    end if;
    insert into public.webhook_refusals as r (webhook_id, hour, reason, deliveries)
    values (p_webhook_id, date_trunc('hour', p_received_at, 'UTC'), p_reason, 1)
    on conflict (webhook_id, hour, reason) do update
        set deliveries = r.deliveries + 1, last_at = now();
    -- A delivery that arrived before an operator ended a pause does not count towards a new one: it is still being
    -- looked at.
    if v_webhook.lifted_at > p_received_at then
        return v_webhook.paused_because is not null;
    end if;
    update public.user_webhooks
    set refusals_hour = date_trunc('hour', now(), 'UTC'),
        refusals = 1 + case when refusals_hour = date_trunc('hour', now(), 'UTC') then refusals else 0 end
    where id = p_webhook_id
    returning * into v_webhook;
    if v_webhook.state <> 'active' or v_webhook.refusals < private.refusals_allowed() then
        return v_webhook.paused_because is not null;
    end if;
    -- A sentence, not a code: the audit log keeps it beside the reasons that operators type.
    perform set_config('app.reason', 'More deliveries within an hour that Figma does not confirm than a webhook may bring.', true);
    update public.user_webhooks
    set state = 'paused', operator_paused_at = now(), paused_because = 'unconfirmed_deliveries'
    where id = p_webhook_id;
    insert into public.activity (user_id, kind, detail)
    values (
        v_webhook.user_id, 'webhook_paused',
        jsonb_build_object('context', v_webhook.context, 'by', 'buddy', 'because', 'unconfirmed_deliveries')
    );
    return true;
end;
$$;
comment on function private.count_refusal is 'Count a delivery that Figma does not confirm, and pause its webhook when there are too many within an hour: whether it is paused.';
revoke execute on function private.count_refusal from public, anon, authenticated;
grant execute on function private.count_refusal to service_role;

-- Whose tokens may read a file for a webhook: its owner's. With p_answer_id also those of the author whom the delivery
-- names, for when the owner's do not work. It may be this author's own question: what is read with their token confirms
-- the author, or nothing is done.
create or replace function public.find_readers(p_webhook_id uuid, p_file_key text, p_answer_id uuid default null)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'file_key', p_file_key, 'state', webhook.state, 'figma_webhook_id', webhook.figma_webhook_id,
        'is_covered', case
            when webhook.context = 'file' then webhook.context_id = p_file_key
            else (
                select is_covered from public.webhook_files as files
                where files.webhook_id = webhook.id and files.file_key = p_file_key
                    and files.checked_at > now() - case when is_covered then interval '7 days' else interval '10 minutes' end
            )
        end,
        'tokens', coalesce((
            select jsonb_agg(
                public.get_figma_token(users.id) || jsonb_build_object('is_owner', users.id = webhook.user_id)
                order by (users.id = webhook.user_id) desc
            )
            from public.users
            join public.figma_tokens on figma_tokens.user_id = users.id and figma_tokens.revoked_at is null
            where users.state <> 'deleted'
                and (users.id = webhook.user_id or users.figma_user_id = (
                    select coalesce(answers.hint ->> 'author_id', nullif(answers.author_figma_id, ''))
                    from public.answers where answers.id = p_answer_id
                ))
        ), '[]'::jsonb),
        'figma_limits', coalesce((
            select jsonb_agg(to_jsonb(figma_quotas)) from public.figma_quotas
            where figma_quotas.file_key = p_file_key and figma_quotas.limited_until > now()
        ), '[]'::jsonb)
    )
    from public.user_webhooks as webhook where webhook.id = p_webhook_id
$$;
comment on function public.find_readers is 'Who may read a file on account of a webhook: {file_key, state, figma_webhook_id, is_covered (null: not known), tokens, figma_limits}; null without the webhook.';
revoke execute on function public.find_readers from public, anon, authenticated;
grant execute on function public.find_readers to service_role;

create or replace function public.note_webhook_file(p_webhook_id uuid, p_file_key text, p_is_covered boolean) returns void
language sql
security invoker
set search_path = ''
as $$
    insert into public.webhook_files (webhook_id, file_key, is_covered) values (p_webhook_id, p_file_key, p_is_covered)
    on conflict (webhook_id, file_key) do update set is_covered = excluded.is_covered, checked_at = now()
$$;
comment on function public.note_webhook_file is 'Keep whether Figma says that a webhook speaks for a file.';
revoke execute on function public.note_webhook_file from public, anon, authenticated;
grant execute on function public.note_webhook_file to service_role;

create or replace function private.deliveries_of(p_answer_id uuid) returns bigint
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return (select coalesce(sum(1 + redelivered), 0) from public.webhook_deliveries where answer_id = p_answer_id);
end;
$$;
comment on function private.deliveries_of is 'How often Figma, or somebody in its name, has told of the comment of an answer.';
revoke execute on function private.deliveries_of from public, anon, authenticated;
grant execute on function private.deliveries_of to service_role;

-- Counts a look that failed. It also keeps how many deliveries the comment had at the look before, to see whether new
-- ones arrive meanwhile.
create or replace function public.fail_look(p_answer_id uuid, p_reason text, p_message text) returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_failures integer;
begin
    perform from public.answers where id = p_answer_id for update;
    update public.answers
    set failures = failures + 1, failure_message = left(p_reason || ': ' || p_message, 1000),
        hint = coalesce(hint, '{}') || jsonb_build_object(
            'seen', hint -> 'deliveries', 'deliveries', private.deliveries_of(p_answer_id))
    where id = p_answer_id and decision is null and state in ('queued', 'deferred')
    returning failures into v_failures;
    return coalesce(v_failures, 0);
end;
$$;
comment on function public.fail_look is 'Count a look at Figma that did not settle what a delivery claims: how many in this run; 0 when the answer is decided or closed.';
revoke execute on function public.fail_look from public, anon, authenticated;
grant execute on function public.fail_look to service_role;

create or replace function public.defer_look(p_answer_id uuid, p_until timestamptz, p_reason text) returns void
language sql
security invoker
set search_path = ''
as $$
    update public.answers
    set state = 'deferred', deferred_until = p_until, queued_at = p_until, failure_message = left(p_reason, 1000)
    where id = p_answer_id and decision is null and state in ('queued', 'deferred')
$$;
comment on function public.defer_look is 'Put the look at a comment off until a time.';
revoke execute on function public.defer_look from public, anon, authenticated;
grant execute on function public.defer_look to service_role;

-- Ends an answer whose comment Figma does not confirm (ignored), or could not be asked about (failed: a dead letter).
-- Nobody has paid anything by then. If the comment was delivered again meanwhile, or by another webhook, it is looked
-- at once more, as the newest delivery says: so a forged delivery never closes the true one.
create or replace function public.close_look(p_answer_id uuid, p_webhook_id uuid, p_reason text, p_message text) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_answer public.answers;
    v_other record;
    v_is_paused boolean := false;
    -- webhook_paused: Figma was not asked.
    v_is_refused boolean := p_reason in ('not_confirmed', 'foreign_file', 'webhook_paused');
begin
    perform from public.user_webhooks where id = p_webhook_id for update;
    select * into v_answer from public.answers where id = p_answer_id for update;
    if not found or v_answer.decision is not null or v_answer.state not in ('queued', 'deferred') then
        return jsonb_build_object('closed', false, 'is_paused', false);
    end if;
    if p_reason = 'webhook_paused' then
        v_is_paused := true;
    elsif v_answer.hint ? 'counted' then
        v_is_paused := (select paused_because is not null from public.user_webhooks where id = p_webhook_id);
    elsif p_webhook_id is not null then
        v_is_paused := private.count_refusal(
            p_webhook_id, case p_reason when 'foreign_file' then p_reason else 'not_confirmed' end, v_answer.received_at);
        update public.answers set hint = coalesce(hint, '{}') || '{"counted": true}' where id = p_answer_id
        returning * into v_answer;
    end if;
    if v_is_refused and p_reason <> 'webhook_paused' then
        select d.webhook_id, d.payload into v_other from public.webhook_deliveries as d
        where d.answer_id = p_answer_id and d.webhook_id <> v_answer.webhook_id
            and d.last_received_at > coalesce((v_answer.hint ->> 'turned_at')::timestamptz, '-infinity')
        order by d.last_received_at desc limit 1;
        if found then
            update public.answers
            set webhook_id = v_other.webhook_id, failures = 0, state = 'queued',
                hint = jsonb_build_object(
                    'counted', v_answer.hint -> 'counted', 'author_id', v_other.payload -> 'triggered_by' ->> 'id', 'turned_at', now(),
                    'mentions', jsonb_build_array(coalesce(v_other.payload -> 'mentions', '[]'::jsonb))
                )
            where id = p_answer_id;
            return jsonb_build_object('closed', false, 'is_paused', v_is_paused);
        end if;
        if private.deliveries_of(p_answer_id) > coalesce((v_answer.hint ->> 'seen')::bigint, 1) then
            update public.answers
            set hint = hint || jsonb_build_object(
                'seen', private.deliveries_of(p_answer_id), 'deliveries', private.deliveries_of(p_answer_id))
            where id = p_answer_id;
            return jsonb_build_object('closed', false, 'is_paused', v_is_paused);
        end if;
    end if;
    update public.answers
    set state = case when v_is_refused then 'ignored' else 'failed' end, reason = p_reason,
        failure_message = left(p_message, 1000), settled_at = now(), deferred_until = null, lease_until = null
    where id = p_answer_id;
    return jsonb_build_object('closed', true, 'is_paused', v_is_paused);
end;
$$;
comment on function public.close_look is 'End an answer that Figma does not confirm, or look once more when it was told of again: {closed, is_paused: whether its webhook is paused now}.';
revoke execute on function public.close_look from public, anon, authenticated;
grant execute on function public.close_look to service_role;

-- Takes over Figma's own text of a comment and how the buddy reads it: {author_figma_id, author_handle, root_comment_id,
-- question, command, created_at}.
create or replace function private.confirm_comment(p_answer public.answers, p_comment jsonb) returns public.answers
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_answer public.answers := p_answer;
begin
    v_answer.author_figma_id := p_comment ->> 'author_figma_id';
    v_answer.author_handle := coalesce(p_comment ->> 'author_handle', '');
    v_answer.root_comment_id := p_comment ->> 'root_comment_id';
    v_answer.question := coalesce(p_comment ->> 'question', '');
    v_answer.command := p_comment ->> 'command';
    v_answer.asked_at := coalesce((p_comment ->> 'created_at')::timestamptz, p_answer.asked_at);
    v_answer.confirmed_at := now();
    v_answer.hint := null;
    v_answer.failures := 0;
    return v_answer;
end;
$$;
comment on function private.confirm_comment is 'An answer with author, text, thread and time as Figma has them.';
revoke execute on function private.confirm_comment from public, anon, authenticated;
grant execute on function private.confirm_comment to service_role;

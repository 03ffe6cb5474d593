-- What becomes of an addressed comment: muted, looping, a command, who pays, is a use left.

-- Counts by when comments came, not by when their answers were begun: somebody who asked slowly while no worker ran
-- gets all answers later. Counting stops at p_most.
-- Only one of the two limits of time can be looked up in an index. With both, a plan made before there are statistics
-- reads everybody's answers of the minute, of which there may be thousands.
create or replace function private.recent_replies(p_answer public.answers, p_most integer) returns integer
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return (
        select count(*) from (
            select from public.answers
            where author_figma_id = p_answer.author_figma_id and decision in ('answer', 'command')
                and received_at > p_answer.received_at - interval '1 minute'
                and p_answer.received_at - received_at >= interval '0'
            limit p_most
        ) as recent
    );
end;
$$;
comment on function private.recent_replies is 'How many comments of this author that came within the minute before this one are answered, commands included (at most p_most).';
revoke execute on function private.recent_replies from public, anon, authenticated;
grant execute on function private.recent_replies to service_role;

create or replace function private.reserve_use(p_answer public.answers, p_answers_per_minute integer)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_taken record;
begin
    select * into v_taken from private.take_use(p_answer.payer_id);
    if v_taken.reason <> '' then
        return jsonb_build_object('plan_code', v_taken.plan_code, 'reason', v_taken.reason);
    end if;

    if private.recent_replies(p_answer, p_answers_per_minute) >= p_answers_per_minute then
        update public.use_balances set reserved = reserved - 1
        where user_id = p_answer.payer_id and plan_code = v_taken.plan_code and period_start = v_taken.period_start;
        return jsonb_build_object('plan_code', v_taken.plan_code, 'reason', 'too_fast');
    end if;

    insert into public.use_receipts (answer_id, run, user_id, plan_code, period_start)
    values (p_answer.id, p_answer.run, p_answer.payer_id, v_taken.plan_code, v_taken.period_start);
    return jsonb_build_object('plan_code', v_taken.plan_code);
end;
$$;
comment on function private.reserve_use is 'Reserve one use of the payer''s plan: {plan_code} or {plan_code, reason} when refused.';
revoke execute on function private.reserve_use from public, anon, authenticated;
grant execute on function private.reserve_use to service_role;

-- Replies to commands are free, but they cost calls to Figma from the owner's quota: beyond the author's limit there
-- are none. A refusal, in contrast, is always posted.
create or replace function private.hold_back(p_answer public.answers, p_answers_per_minute integer)
returns public.answers
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_answer public.answers := p_answer;
begin
    if p_answer.decision = 'command'
        and private.recent_replies(p_answer, p_answers_per_minute) >= p_answers_per_minute
    then
        v_answer.decision := 'ignore';
        v_answer.reason := 'too_fast';
    end if;
    return v_answer;
end;
$$;
comment on function private.hold_back is 'The decision on a comment, or to ignore it (too_fast) when it is a command and its author has had this minute''s replies.';
revoke execute on function private.hold_back from public, anon, authenticated;
grant execute on function private.hold_back to service_role;

-- A bot that opens a thread for each call, or a person who keeps asking after a refusal, gets a reply each time. So all
-- replies to one author in one file within a day are counted, refusals and commands included. For one of the two limits
-- of time, see private.recent_replies.
create or replace function private.replies_in_a_day(p_answer public.answers, p_most integer) returns integer
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return (
        select count(*) from (
            select from public.answers
            where author_figma_id = p_answer.author_figma_id and file_key = p_answer.file_key
                and decision in ('answer', 'command', 'refuse', 'invite')
                and received_at > p_answer.received_at - interval '1 day'
                and p_answer.received_at - received_at >= interval '0'
            limit p_most
        ) as recent
    );
end;
$$;
comment on function private.replies_in_a_day is 'How many comments of this author in this file that came within the day before this one got a reply of any kind (at most p_most).';
revoke execute on function private.replies_in_a_day from public, anon, authenticated;
grant execute on function private.replies_in_a_day to service_role;

-- Beyond the limit there are no replies. One refusal says so: for the comment that writes the row of that day.
create or replace function private.limit_author(p_answer public.answers, p_author_replies integer) returns public.answers
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_answer public.answers := p_answer;
begin
    if private.replies_in_a_day(p_answer, p_author_replies) < p_author_replies then
        return v_answer;
    end if;
    insert into public.author_limits as limits (file_key, author_figma_id, answer_id)
    values (p_answer.file_key, p_answer.author_figma_id, p_answer.id)
    on conflict (file_key, author_figma_id) do update set answer_id = excluded.answer_id, reached_at = now()
        where limits.answer_id = excluded.answer_id or limits.reached_at < now() - interval '1 day';
    v_answer.decision := case when found then 'refuse' else 'ignore' end;
    v_answer.reason := 'author_limit';
    return v_answer;
end;
$$;
comment on function private.limit_author is 'The answer, refused (author_limit) when its author has had so many replies in this file within a day, or ignored when that was said before.';
revoke execute on function private.limit_author from public, anon, authenticated;
grant execute on function private.limit_author to service_role;

-- Limits what one person, one webhook and one file may make us pay for without a use being taken.
create or replace function private.has_cost_us_enough(p_answer public.answers, p_most_microusd bigint) returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return exists (
        select from (values
            ('author', p_answer.author_figma_id), ('webhook', p_answer.webhook_id::text), ('file', p_answer.file_key)
        ) as scopes (scope, scope_key)
        join public.unbilled_spending as spent
            on spent.day = (now() at time zone 'UTC')::date and spent.scope = scopes.scope
            and spent.scope_key = scopes.scope_key
        where spent.cost_microusd >= p_most_microusd
    );
end;
$$;
comment on function private.has_cost_us_enough is 'Whether model calls for this author, webhook or file have cost so many micro-dollars today (UTC) without a use being taken.';
revoke execute on function private.has_cost_us_enough from public, anon, authenticated;
grant execute on function private.has_cost_us_enough to service_role;

-- A guest is invited, paid for by the webhook's owner, or ignored.
create or replace function private.ignores_guests(p_webhook public.user_webhooks, p_owner public.users)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return case
        when p_webhook.guest_rule = 'owner_pays' and p_owner.id is not null then false
        when p_webhook.guest_rule = 'ignore' then true
        else not (private.team_flags(p_owner.team_id) ->> 'guest_invitations')::boolean
    end;
end;
$$;
comment on function private.ignores_guests is 'Whether people who are not connected get no reply of any kind where this webhook listens.';
revoke execute on function private.ignores_guests from public, anon, authenticated;
grant execute on function private.ignores_guests to service_role;

-- Two bots in conversation reach the limit; people who take their time do not. Only the time that others took counts.
-- If our own time counted, a provider that hangs would add a minute to each reply, and three replies would never fit
-- into a window of five minutes. At most ten minutes of ours are left out for each reply: one that took longer was
-- deferred, and others went on meanwhile.
create or replace function private.replies_in_a_row(
    p_answer public.answers, p_replies integer, p_window_seconds integer, p_begun_at timestamptz, p_until timestamptz
) returns integer
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return (
        with replies as (
            select reply_created_at as posted_at,
                greatest(coalesce(asked_at, received_at), reply_created_at - interval '10 minutes') as begun_at
            from public.answers
            where file_key = p_answer.file_key and root_comment_id = p_answer.root_comment_id
                -- Figma's times have whole seconds.
                and date_trunc('second', reply_created_at) <= p_until
            order by reply_created_at desc
            limit p_replies
        ), turns as (
            select posted_at,
                greatest(lag(begun_at, 1, p_begun_at) over (order by posted_at desc) - posted_at, interval '0') as waited
            from replies
        )
        select count(*)
        from (select sum(waited) over (order by posted_at desc rows unbounded preceding) as waited from turns) as waits
        where waited < make_interval(secs => p_window_seconds)
    );
end;
$$;
comment on function private.replies_in_a_row is 'How many of the last replies in the thread of an answer (at most p_replies, posted up to p_until) others followed up within the window, all their turns together, up to p_begun_at: the loop breaker opens at a number of them.';
revoke execute on function private.replies_in_a_row from public, anon, authenticated;
grant execute on function private.replies_in_a_row to service_role;

-- What to do with one addressed comment: {decision, reason} and who pays, in one step.
create or replace function private.decide_answer(
    p_answer public.answers, p_answers_per_minute integer, p_loop_replies integer, p_loop_window_seconds integer,
    p_author_replies integer, p_unbilled_microusd bigint
) returns public.answers
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_answer public.answers := p_answer;
    v_author public.users;
    v_owner public.users;
    v_webhook public.user_webhooks;
    v_asked_at timestamptz := coalesce(p_answer.asked_at, p_answer.received_at);
    v_is_muted boolean;
    v_is_rated boolean := true;
    v_reserved jsonb;
begin
    v_answer.decided_at := now();
    v_is_muted := exists (
        select from public.thread_mutes
        where file_key = p_answer.file_key and root_comment_id = p_answer.root_comment_id
    );
    -- These two commands take effect whoever writes them and whether or not a reply follows. While two bots keep each
    -- other going, and the loop breaker allows no reply, a person must be able to end it.
    if p_answer.command = 'stop' then
        insert into public.thread_mutes (file_key, root_comment_id, muted_by)
        values (p_answer.file_key, p_answer.root_comment_id, p_answer.author_figma_id)
        on conflict do nothing;
    elsif p_answer.command = 'resume' then
        delete from public.thread_mutes
        where file_key = p_answer.file_key and root_comment_id = p_answer.root_comment_id;
    elsif p_answer.command in ('good', 'bad') then
        -- What somebody thinks of an answer counts, too, whether or not a reply follows.
        v_is_rated := private.note_thumb(p_answer);
    end if;
    if v_is_muted and p_answer.command is distinct from 'resume' then
        v_answer.decision := 'ignore';
        v_answer.reason := 'thread_muted';
        return v_answer;
    end if;

    -- Counts the replies that were there before this comment was written, so that people who all ask at once do not
    -- reach the limit. Replies to commands count as well.
    if private.replies_in_a_row(p_answer, p_loop_replies, p_loop_window_seconds, v_asked_at, v_asked_at)
        >= p_loop_replies
    then
        v_answer.decision := 'ignore';
        v_answer.reason := 'loop_breaker';
        return v_answer;
    end if;

    select * into v_author from public.users where figma_user_id = p_answer.author_figma_id and state <> 'deleted';
    select * into v_webhook from public.user_webhooks where id = p_answer.webhook_id;
    select * into v_owner from public.users where id = v_webhook.user_id and state <> 'deleted';
    if v_author.id is null and private.ignores_guests(v_webhook, v_owner) then
        v_answer.decision := 'ignore';
        v_answer.reason := 'guest_ignored';
        return v_answer;
    end if;

    v_answer := private.limit_author(v_answer, p_author_replies);
    if v_answer.decision is not null then
        v_answer.payer_id := v_author.id;
        v_answer.plan_code := coalesce((select code from private.plan_in_force(v_author.id)
            where v_author.id is not null), '');
        return v_answer;
    end if;

    if p_answer.command is not null then
        v_answer.decision := 'command';
        v_answer.reason := case when v_is_rated then '' else 'nothing_to_rate' end;
        v_answer.payer_id := v_author.id;
        v_answer.plan_code := coalesce((select code from private.plan_in_force(v_author.id)
            where v_author.id is not null), '');
        return v_answer;
    end if;

    if v_author.id is not null then
        v_answer.payer_id := v_author.id;
    elsif v_webhook.guest_rule = 'owner_pays' and v_owner.id is not null then
        v_answer.payer_id := v_owner.id;
    else
        -- A replay finds its own row here. That invitation was never posted, so the guest is invited again.
        insert into public.guest_invites as invites (file_key, author_figma_id, answer_id)
        values (p_answer.file_key, p_answer.author_figma_id, p_answer.id)
        on conflict (file_key, author_figma_id) do update set answer_id = excluded.answer_id
            where invites.answer_id = excluded.answer_id;
        v_answer.decision := case when found then 'invite' else 'ignore' end;
        v_answer.reason := case when found then 'guest_invited' else 'guest_already_invited' end;
        return v_answer;
    end if;

    v_answer.context_user_id := v_answer.payer_id;
    v_answer.context_version := coalesce(
        (select version from public.user_contexts where user_id = v_answer.payer_id), 0);
    if 'suspended' in (v_author.state, v_owner.state) and (v_author.id is null or v_author.state = 'suspended') then
        v_answer.decision := 'refuse';
        v_answer.reason := 'suspended';
        v_answer.plan_code := (select code from private.plan_in_force(v_answer.payer_id));
        return v_answer;
    end if;
    if private.has_cost_us_enough(v_answer, p_unbilled_microusd) then
        v_answer.decision := 'refuse';
        v_answer.reason := 'unbilled_limit';
        v_answer.plan_code := (select code from private.plan_in_force(v_answer.payer_id));
        return v_answer;
    end if;
    v_reserved := private.reserve_use(v_answer, p_answers_per_minute);
    v_answer.plan_code := v_reserved ->> 'plan_code';
    v_answer.decision := case when v_reserved ? 'reason' then 'refuse' else 'answer' end;
    v_answer.reason := coalesce(v_reserved ->> 'reason', '');
    return v_answer;
end;
$$;
comment on function private.decide_answer is 'Muted, looping, too many replies, a command, who pays, is a use left: the one decision per run of an answer.';
revoke execute on function private.decide_answer from public, anon, authenticated;
grant execute on function private.decide_answer to service_role;

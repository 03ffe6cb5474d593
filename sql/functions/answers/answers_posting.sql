-- Between draft and reply: the draft is kept, and one attempt at a time may post it.

-- Refused (PT409) when a newer attempt has taken over one of the answers. While an earlier attempt's window is open,
-- wait_ms says how long to wait. An answer that is named twice keeps the later draft. is_muted: somebody wrote "stop"
-- while the answer was made; an attempt that was allowed to post before that may still post.
create or replace function private.start_postings(
    p_answer_ids uuid[], p_attempts integer[], p_drafts jsonb[], p_seconds double precision[]
) returns jsonb[]
language plpgsql
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
    v_windows jsonb[];
begin
    perform from public.answers where id = any (p_answer_ids) order by id for update;
    with asked as (
        select asked.*, answers.posting_until, answers.is_muted,
            coalesce(answers.attempt = asked.attempt and answers.state = 'working', false) as is_current,
            (answers.posting_until > now() and (answers.draft ->> 'attempt')::integer is distinct from asked.attempt)
                is true as has_to_wait
        from unnest(p_answer_ids, p_attempts, p_drafts, p_seconds) with ordinality
            as asked (answer_id, attempt, draft, seconds, place)
        -- Looked up by key, even before Postgres has statistics about the table.
        left join lateral (
            select state, answers.attempt, draft, posting_until, private.is_muted(answers) as is_muted
            from public.answers where id = asked.answer_id offset 0
        ) as answers on true
    ), opened as (
        update public.answers
        set draft = (latest.draft - 'trace') || jsonb_build_object('attempt', latest.attempt),
            posting_until = now() + make_interval(secs => latest.seconds),
            lease_until = greatest(lease_until, now() + make_interval(secs => latest.seconds))
        from (
            select distinct on (answer_id) answer_id, attempt, draft, seconds from asked
            where is_current and not has_to_wait
            order by answer_id, place desc
        ) as latest
        where answers.id = latest.answer_id
    )
    select array_agg(
        case when not is_current then null
            when has_to_wait then jsonb_build_object('may_post', false,
                'wait_ms', ceil(extract(epoch from posting_until - now()) * 1000)::bigint)
            else jsonb_build_object('may_post', true, 'wait_ms', 0, 'is_muted', is_muted) end
        order by place
    )
    into v_windows
    from asked;
    if array_position(v_windows, null) is not null then
        raise exception using errcode = 'PT409', message = 'another_attempt_has_taken_over';
    end if;
    perform private.keep_traces(
        p_answer_ids, p_attempts, array(select draft -> 'trace' from unnest(p_drafts) as draft), 'drafted', '');
    return v_windows;
end;
$$;
comment on function private.start_postings is 'Keep drafted replies and let these attempts, and only these, post them: {may_post, wait_ms, is_muted} of each, in the order given.';
revoke execute on function private.start_postings from public, anon, authenticated;
grant execute on function private.start_postings to service_role;

create or replace function public.start_posting(
    p_answer_id uuid, p_attempt integer, p_draft jsonb, p_seconds double precision
) returns jsonb
language plpgsql
security invoker
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
    return (private.start_postings(array[p_answer_id], array[p_attempt], array[p_draft], array[p_seconds]))[1];
end;
$$;
comment on function public.start_posting is 'Keep the drafted reply and let this attempt, and only this one, post it: {may_post, wait_ms, is_muted}.';
revoke execute on function public.start_posting from public, anon, authenticated;
grant execute on function public.start_posting to service_role;

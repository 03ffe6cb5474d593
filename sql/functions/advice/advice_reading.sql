-- Later looks at Figma: which threads are due, with whose tokens, and what was found.

-- Few: at most 60 files an hour of all workers, and in 12 of them frames. A file's comments are read once for all its
-- answers that are due; each (answer, round) is kept once, and given up after three tries or four days.
create or replace function public.take_due_advice(p_files integer, p_lease_seconds integer) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_file record;
    v_answer public.answers;
    v_webhook public.user_webhooks;
    v_due jsonb;
    v_may_measure boolean;
    v_told jsonb := '[]';
    v_files integer := least(p_files, 60 - (
        select count(distinct file_key) from public.advice_reads where taken_at > now() - interval '1 hour'));
    v_measures integer := 12 - (
        select count(distinct file_key) from public.advice_reads where measured_at > now() - interval '1 hour');
begin
    for v_file in
        select file_key from public.advice_reads
        where read_at is null and due_at <= now() and due_at > now() - interval '4 days' and tries < 3
            and (lease_until is null or lease_until < now())
        group by file_key order by min(due_at) limit greatest(v_files, 0)
    loop
        with taken as (
            update public.advice_reads set tries = tries + 1, taken_at = now(),
                lease_until = now() + make_interval(secs => p_lease_seconds)
            where (answer_id, round) in (
                select answer_id, round from public.advice_reads
                where file_key = v_file.file_key and read_at is null and due_at <= now()
                    and due_at > now() - interval '4 days' and tries < 3
                    and (lease_until is null or lease_until < now())
                order by due_at limit 50 for update skip locked
            )
            returning answer_id, round
        )
        select jsonb_agg(jsonb_build_object(
            'answer_id', answers.id, 'round', taken.round, 'node_id', answers.node_id,
            'root_comment_id', answers.root_comment_id, 'reply_comment_id', answers.reply_comment_id,
            'replied_at', answers.reply_created_at, 'context_user_id', answers.context_user_id,
            'context_version', answers.context_version,
            'author_is_connected', coalesce(author.id = answers.payer_id, false),
            'scope', coalesce(answers.facts ->> 'scope', ''),
            'findings', (select coalesce(jsonb_agg(to_jsonb(problems)), '[]') from private.problems_of(answers.facts) as problems)
        ) order by answers.settled_at desc, taken.round desc) into v_due
        from taken join public.answers on answers.id = taken.answer_id
        left join public.users as author
            on author.figma_user_id = answers.author_figma_id and author.state <> 'deleted'
        -- Who left took the facts along: nobody reads for them.
        where answers.facts is not null and answers.reply_created_at is not null;
        if v_due is null then
            continue;
        end if;
        select * into v_answer from public.answers where id = (v_due -> 0 ->> 'answer_id')::uuid;
        select * into v_webhook from public.user_webhooks where id = v_answer.webhook_id;
        if v_webhook.state is distinct from 'active' then
            continue;
        end if;
        v_may_measure := v_measures > 0 and (private.team_flags((
            select team_id from public.users where users.id = v_answer.payer_id)) ->> 'design_reading')::boolean;
        v_told := v_told || jsonb_build_object(
            'file_key', v_file.file_key, 'due', v_due, 'may_measure', v_may_measure,
            'readers', public.find_readers(v_answer.webhook_id, v_file.file_key, v_answer.id),
            'figma_seats', coalesce((
                select jsonb_agg(jsonb_build_object(
                    'figma_user_id', q.figma_user_id, 'limit_type', q.limit_type, 'plan_tier', q.plan_tier
                ) order by q.updated_at)
                from public.figma_quotas as q
                where q.file_key = v_file.file_key and q.limit_type <> ''
            ), '[]'::jsonb),
            'design_reads', (
                select count(*) from (
                    select from public.answers as others
                    where others.file_key = v_file.file_key and others.design_state = 'read'
                        and others.received_at > now() - interval '28 days'
                    limit 100
                ) as counted
            ));
        v_measures := v_measures - v_may_measure::integer;
        if v_may_measure then
            update public.advice_reads as r set measured_at = now()
            from jsonb_to_recordset(v_due) as told (answer_id uuid, round smallint)
            where r.answer_id = told.answer_id and r.round = told.round;
        end if;
    end loop;
    return v_told;
end;
$$;
comment on function public.take_due_advice is 'Files with answers whose thread is due to be read again, for this worker alone while its lease lasts: [{file_key, due: [{answer_id, round, node_id, root_comment_id, reply_comment_id, replied_at, context_user_id, context_version, author_is_connected, scope, findings: [{rule, cause}]}], may_measure: whether frames may be read too, readers as find_readers gives them, figma_seats, design_reads}].';
revoke execute on function public.take_due_advice from public, anon, authenticated;
grant execute on function public.take_due_advice to service_role;

-- Safe to call again: what is kept stays.
create or replace function public.keep_advice_read(p_answer_id uuid, p_round integer, p_found jsonb) returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
begin
    update public.advice_reads
    set read_at = now(), lease_until = null,
        measured_at = case when jsonb_typeof(p_found -> 'rules') = 'object' then measured_at end
    where answer_id = p_answer_id and round = p_round and read_at is null;
    if not found then
        return false;
    end if;
    update public.advice_outcomes
    set resolved_at = (p_found ->> 'resolved_at')::timestamptz,
        thumbs_up = coalesce((p_found ->> 'thumbs_up')::integer, 0),
        thumbs_down = coalesce((p_found ->> 'thumbs_down')::integer, 0),
        follow_ups = coalesce((p_found ->> 'follow_ups')::integer, 0),
        measured_round = case when jsonb_typeof(p_found -> 'rules') = 'object' then p_round else measured_round end
    where answer_id = p_answer_id;
    update public.advice_rules as r
    set gone = (told.value ->> 0)::integer, still = (told.value ->> 1)::integer
    from jsonb_each(case when jsonb_typeof(p_found -> 'rules') = 'object' then p_found -> 'rules' else '{}' end) as told
    where r.answer_id = p_answer_id and r.rule = told.key;
    perform private.judge_advice(array[p_answer_id]);
    return true;
end;
$$;
comment on function public.keep_advice_read is 'Keep what a later look found, {resolved_at, thumbs_up, thumbs_down, follow_ups, rules: {rule: [gone, still]} or null where nothing was measured}, and decide anew; false where this round was kept before.';
revoke execute on function public.keep_advice_read from public, anon, authenticated;
grant execute on function public.keep_advice_read to service_role;

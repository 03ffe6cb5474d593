-- Finding a person, and everything the dashboard shows about one, except what is masked.

create or replace function private.masked_email(p_email text) returns text
language sql
immutable
security invoker
set search_path = ''
as $$
    select left(p_email, 1) || '•••@•••' || coalesce(substring(p_email from '\.[A-Za-z]+$'), '')
$$;
comment on function private.masked_email is 'First letter and last label of an address; NULL for none.';
revoke execute on function private.masked_email from public, anon, authenticated;

-- Finds who a text may mean, with the reason. An e-mail address only counts as a whole: a search by its beginning would
-- read it out letter by letter, past the masking.
create or replace function private.people_hits(p_query text) returns table (user_id uuid, matched text, rank integer)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_query text := btrim(p_query);
    v_start text := lower(v_query);
    v_words text;
    v_places text[] := array_remove(array[
        substring(v_query from '/(?:file|design|board|slides|deck|proto|buzz)/([A-Za-z0-9]{6,128})'),
        substring(v_query from '/branch/([A-Za-z0-9]{6,128})'),
        substring(v_query from '/(?:project|folder|team)/([0-9]{1,40})'),
        case when v_query ~ '^[A-Za-z0-9]{6,128}$' then v_query end
    ], null);
begin
    select string_agg('''' || word || ''':*', ' & ') into v_words
    from regexp_split_to_table(v_start, '[[:space:][:punct:]]+') as word where word <> '';
    return query
        select users.id, 'e-mail', 1 from public.users where lower(users.email) = v_start
        union all
        select users.id, 'Figma id', 1 from public.users where users.figma_user_id = v_query
        union all
        (select users.id, 'handle', case when lower(users.handle) = v_start then 1 else 2 end
        from public.users
        where lower(users.handle) ~>=~ v_start and lower(users.handle) ~<~ (v_start || chr(1114111))
        order by lower(users.handle) using ~<~ limit 100)
        union all
        (select users.id, 'handle', 3 from public.users
        where v_words is not null and to_tsvector('simple', users.handle) @@ to_tsquery('simple', v_words)
        limit 100)
        union all
        (select hooks.user_id, 'webhook there', 2 from public.user_webhooks as hooks
        where hooks.context_id = any (v_places) limit 100)
        union all
        (select users.id, 'asked in that file', 3
        from (
            select distinct latest.author_figma_id as figma_id
            from unnest(v_places) as place
            cross join lateral (
                select answers.author_figma_id from public.answers where answers.file_key = place
                order by answers.received_at desc limit 500
            ) as latest
        ) as asked
        join public.users on users.figma_user_id = asked.figma_id);
end;
$$;
comment on function private.people_hits is 'Ids that a search text may mean: start of a handle or of a word of it, whole e-mail address, Figma id, or a link or key of a file, project or team they switched on or (latest 500 comments of the file) asked in. rank 1 is an exact match.';
revoke execute on function private.people_hits from public, anon, authenticated;

create or replace function public.find_people(p_query text, p_limit integer default 25) returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_limit integer := least(greatest(p_limit, 1), 100);
begin
    perform private.require_support();
    return (
        with hits as (
            select found.user_id, (array_agg(found.matched order by found.rank))[1] as matched, min(found.rank) as rank
            from private.people_hits(p_query) as found
            where btrim(coalesce(p_query, '')) <> '' group by found.user_id
            union all
            select newest.id, 'newest', 1
            from (select id from public.users where btrim(coalesce(p_query, '')) = '' and state <> 'deleted'
                    and not private.is_canary(figma_user_id)
                order by first_seen_at desc limit v_limit) as newest
        ), chosen as (
            select users.*, hits.matched, hits.rank from hits join public.users on users.id = hits.user_id
            order by hits.rank, case hits.matched when 'newest' then '' else lower(users.handle) end,
                users.first_seen_at desc
            limit v_limit
        )
        select jsonb_build_object(
            'people', coalesce(jsonb_agg(jsonb_build_object(
                'user_id', chosen.id, 'handle', chosen.handle, 'figma_user_id', chosen.figma_user_id,
                'email', private.masked_email(chosen.email), 'state', chosen.state, 'matched', chosen.matched,
                'team', (select name from public.teams where teams.id = chosen.team_id),
                'plan', (select name from private.plan_in_force(chosen.id)),
                'first_seen_at', chosen.first_seen_at, 'last_seen_at', chosen.last_seen_at
            ) order by chosen.rank, case chosen.matched when 'newest' then '' else lower(chosen.handle) end,
                chosen.first_seen_at desc), '[]'::jsonb),
            'has_more', (select count(*) from hits) > v_limit
        )
        from chosen
    );
end;
$$;
comment on function public.find_people is 'People a search text may mean, best first, e-mail masked: {people, has_more}. An empty text gives the newest.';
revoke execute on function public.find_people from public, anon, authenticated;
grant execute on function public.find_people to authenticated;

create or replace function public.person_card(p_user_id uuid) returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform private.require_support();
    return (
        select jsonb_build_object(
            'user_id', users.id, 'handle', users.handle, 'figma_user_id', users.figma_user_id,
            'email', private.masked_email(users.email), 'state', users.state,
            'first_seen_at', users.first_seen_at, 'last_seen_at', users.last_seen_at,
            'team', (select name from public.teams where teams.id = users.team_id),
            'usage', private.usage_summary(users.id),
            'own_plan_code', (
                select plan_code from public.subscriptions
                where subscriptions.user_id = users.id and starts_at <= now() and (ends_at is null or ends_at > now())
                order by starts_at desc limit 1
            ),
            'plans', (
                select jsonb_object_agg(code, name) from (
                    select distinct on (code) code, name from public.plans where valid_from <= now()
                    order by code, valid_from desc
                ) as named
            ),
            'needs_sign_in', users.state <> 'deleted' and not exists (
                select from public.figma_tokens where figma_tokens.user_id = users.id and revoked_at is null
            ),
            'totals', (
                select jsonb_build_object(
                    'answered', coalesce(sum(answered), 0), 'refused', coalesce(sum(refused), 0),
                    'failed', coalesce(sum(failed), 0), 'cost_microusd', coalesce(sum(cost_microusd), 0),
                    'unpriced', coalesce(sum(unpriced), 0)
                )
                from public.usage_daily_users where usage_daily_users.user_id = users.id
            ),
            'grants', coalesce((
                select jsonb_agg(to_jsonb(use_grants) order by granted_at desc)
                from public.use_grants where use_grants.user_id = users.id
            ), '[]'::jsonb),
            'webhooks', coalesce((
                select jsonb_agg(private.webhook_json(user_webhooks) || jsonb_build_object('removal', (
                    select jsonb_build_object('outcome', r.outcome, 'tries', r.tries, 'problem', r.problem)
                    from public.webhook_removals as r where r.id = user_webhooks.id
                )) order by created_at desc)
                from public.user_webhooks where user_webhooks.user_id = users.id
            ), '[]'::jsonb)
        )
        from public.users where users.id = p_user_id
    );
end;
$$;
comment on function public.person_card is 'One person as support sees them: plan and uses, webhooks (removal: what became of one at Figma after deletion), grants, totals of the ledger; e-mail masked. NULL: nobody.';
revoke execute on function public.person_card from public, anon, authenticated;
grant execute on function public.person_card to authenticated;

create or replace function public.person_days(p_user_id uuid)
returns table (
    day date, plan_code text, answered bigint, refused bigint, failed bigint, cost_microusd bigint, unpriced bigint
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
#variable_conflict use_column
begin
    perform private.require_support();
    return query
        select used.day, used.plan_code, used.answered, used.refused, used.failed, used.cost_microusd, used.unpriced
        from private.support_days as used
        where used.user_id = p_user_id
        order by used.day desc, used.plan_code;
end;
$$;
comment on function public.person_days is 'What one person used and cost, by day of the reporting zone and plan, the newest first: the rows behind the totals of person_card.';
revoke execute on function public.person_days from public, anon, authenticated;
grant execute on function public.person_days to authenticated;

-- What the dashboard reads. One definition per figure; all as the signed-in operator, under row level security.

-- plpgsql: called once per step of a chart, where a query of its own would be planned each time.
create or replace function private.bucket_quantile(p_buckets integer[], p_uses bigint[], p_share double precision)
returns bigint
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
    v_rank double precision := p_share * (select sum(uses) from unnest(p_uses) as uses);
    v_before bigint := 0;
begin
    for v_place in 1..coalesce(cardinality(p_buckets), 0) loop
        if p_uses[v_place] > 0 and v_before + p_uses[v_place] >= v_rank then
            return round(case when p_buckets[v_place] = 1 then 1 else
                power(2.0, (p_buckets[v_place] - 2) / 4.0)
                + (power(2.0, (p_buckets[v_place] - 1) / 4.0) - power(2.0, (p_buckets[v_place] - 2) / 4.0))
                    * ((v_rank - v_before) / p_uses[v_place])
            end);
        end if;
        v_before := v_before + p_uses[v_place];
    end loop;
    return null;
end;
$$;
comment on function private.bucket_quantile is 'Quantile in ms of latencies counted by histogram bucket (buckets rising, with their uses): linear inside the bucket that holds rank share × total; error at most 19 % of the value. NULL without any.';
revoke execute on function private.bucket_quantile from public, anon;
grant execute on function private.bucket_quantile to authenticated, service_role;

create or replace function private.histogram_quantile(p_histogram bigint[], p_share double precision) returns bigint
language sql
immutable
security invoker
set search_path = ''
as $$
    select private.bucket_quantile(
        (select array_agg(bucket) from generate_series(1, cardinality(p_histogram)) as bucket), p_histogram, p_share)
$$;
comment on function private.histogram_quantile is 'private.bucket_quantile of a whole latency histogram. NULL when empty.';
revoke execute on function private.histogram_quantile from public, anon;
grant execute on function private.histogram_quantile to authenticated, service_role;

-- Element-wise sum, so that hours merge into any period.
create or replace function private.add_histograms(p_left bigint[], p_right bigint[]) returns bigint[]
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
    return coalesce((
        select array_agg(coalesce(b.left_uses, 0) + coalesce(b.right_uses, 0) order by b.bucket)
        from unnest(p_left, p_right) with ordinality as b (left_uses, right_uses, bucket)
    ), '{}');
end;
$$;
comment on function private.add_histograms is 'Element-wise sum of two latency histograms; an empty one counts as zeros.';
revoke execute on function private.add_histograms from public, anon;
grant execute on function private.add_histograms to authenticated, service_role;

-- Replaced by public.overview and the pages' own functions.
drop function if exists public.overview_days(timestamptz, timestamptz);
drop function if exists public.overview_hours(timestamptz, timestamptz);
drop function if exists public.overview_totals(timestamptz, timestamptz);
drop function if exists public.trial_totals();

-- What each answer cost adds up to what the company spends: of single answers support learns it on a person's page.
create or replace view public.answer_list with (security_invoker = true) as
select answers.id, answers.received_at, answers.author_handle, answers.payer_id, answers.file_key, answers.file_name,
    answers.state, answers.decision, answers.command, answers.reason, answers.failure_message, answers.attempt,
    answers.plan_code, answers.model, answers.provider, answers.design_state, answers.context_version,
    answers.reply_comment_id, answers.deferred_until, answers.request_id,
    case when (select private.has_role('{founder}')) then used.cost_microusd end as cost_microusd,
    used.cost_state, used.latency_ms, used.model_latency_ms
from public.answers
left join private.support_ledger as used on used.answer_id = answers.id and used.run = answers.run;
comment on view public.answer_list is 'Answers with latency of their last run, and for founders its cost (NULL for support), without anybody''s words.';
revoke all on public.answer_list from public, anon, authenticated;
grant select on public.answer_list to authenticated, service_role;

-- What the dashboard reads. One definition per figure; all as the signed-in operator, under row level security.

-- Upper bound in milliseconds of the bucket in which the given share of uses lies, interpolated inside it.
create or replace function private.histogram_quantile(p_histogram bigint[], p_share double precision) returns bigint
language sql
immutable
security invoker
set search_path = ''
as $$
    with buckets as (
        select bucket, uses, sum(uses) over (order by bucket) as up_to, sum(uses) over () as total
        from unnest(p_histogram) with ordinality as counts (uses, bucket)
    )
    select round(
        case when bucket = 1 then 1 else
            power(2.0, (bucket - 2) / 4.0)
            + (power(2.0, (bucket - 1) / 4.0) - power(2.0, (bucket - 2) / 4.0))
                * ((p_share * total - (up_to - uses)) / uses)
        end
    )::bigint
    from buckets
    where uses > 0 and up_to >= p_share * total
    order by bucket
    limit 1
$$;
comment on function private.histogram_quantile is 'Quantile in ms of a latency histogram: linear inside the bucket that holds rank share × total; error at most 19 % of the value. NULL when empty.';
revoke execute on function private.histogram_quantile from public, anon;
grant execute on function private.histogram_quantile to authenticated, service_role;

-- Element-wise sum, so that hours merge into any period.
create or replace function private.add_histograms(p_left bigint[], p_right bigint[]) returns bigint[]
language sql
immutable
security invoker
set search_path = ''
as $$
    select array_agg(coalesce(l.uses, 0) + coalesce(r.uses, 0) order by coalesce(l.bucket, r.bucket))
    from unnest(p_left) with ordinality as l (uses, bucket)
    full join unnest(p_right) with ordinality as r (uses, bucket) using (bucket)
$$;
comment on function private.add_histograms is 'Element-wise sum of two latency histograms.';
revoke execute on function private.add_histograms from public, anon;
grant execute on function private.add_histograms to authenticated, service_role;

-- Replaced by public.overview and the pages' own functions.
drop function if exists public.overview_days(timestamptz, timestamptz);
drop function if exists public.overview_hours(timestamptz, timestamptz);
drop function if exists public.overview_totals(timestamptz, timestamptz);
drop function if exists public.trial_totals();

create or replace view public.answer_list with (security_invoker = true) as
select answers.id, answers.received_at, answers.author_handle, answers.payer_id, answers.file_key, answers.file_name,
    answers.state, answers.decision, answers.command, answers.reason, answers.failure_message, answers.attempt,
    answers.plan_code, answers.model, answers.provider, answers.design_state, answers.context_version,
    answers.reply_comment_id, answers.deferred_until, answers.request_id,
    usage_logs.cost_microusd, usage_logs.cost_state, usage_logs.latency_ms, usage_logs.model_latency_ms
from public.answers
left join public.usage_logs on usage_logs.answer_id = answers.id and usage_logs.run = answers.run;
comment on view public.answer_list is 'Answers with cost and latency of their last run, without anybody''s words.';
revoke all on public.answer_list from public, anon, authenticated;
grant select on public.answer_list to authenticated, service_role;

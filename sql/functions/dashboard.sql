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

create or replace function public.overview_totals(p_from timestamptz, p_to timestamptz) returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with period as (
        select * from public.usage_hourly where hour >= p_from and hour < p_to
    ), merged as (
        select array_agg(uses order by bucket) as histogram
        from (
            select buckets.bucket, sum(buckets.uses)::bigint as uses
            from period, unnest(period.latency_histogram) with ordinality as buckets (uses, bucket)
            where period.status = 'answered' and period.feature = 'comment'
            group by buckets.bucket
        ) as counts
    )
    select jsonb_build_object(
        'answers', coalesce(sum(uses) filter (where status = 'answered' and feature = 'comment'), 0),
        'refused', coalesce(sum(uses) filter (where status = 'refused'), 0),
        'failed', coalesce(sum(uses) filter (where status = 'failed'), 0),
        'error_rate', coalesce(sum(uses) filter (where status = 'failed'), 0)::double precision
            / nullif(sum(uses) filter (where status = 'failed' or (status = 'answered' and feature = 'comment')), 0),
        'cost_microusd', coalesce(sum(cost_microusd), 0),
        'unpriced', coalesce(sum(unpriced), 0),
        'latency_p95_ms', (select private.histogram_quantile(histogram, 0.95) from merged)
    )
    from period
$$;
comment on function public.overview_totals is 'Totals of whole UTC hours in [p_from, p_to). error_rate = failed / (answered + failed), NULL without either; latency_p95_ms from webhook to posted reply; cost leaves out unpriced calls, which are counted apart.';
revoke execute on function public.overview_totals from public, anon, authenticated;
grant execute on function public.overview_totals to authenticated, service_role;

create or replace function public.overview_hours(p_from timestamptz, p_to timestamptz)
returns table (hour timestamptz, answers bigint, refused bigint, failed bigint, cost_microusd bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select h.hour,
        coalesce(sum(h.uses) filter (where h.status = 'answered' and h.feature = 'comment'), 0)::bigint,
        coalesce(sum(h.uses) filter (where h.status = 'refused'), 0)::bigint,
        coalesce(sum(h.uses) filter (where h.status = 'failed'), 0)::bigint,
        coalesce(sum(h.cost_microusd), 0)::bigint
    from public.usage_hourly as h
    where h.hour >= p_from and h.hour < p_to
    group by h.hour
    order by h.hour
$$;
comment on function public.overview_hours is 'Answers, refusals, failures and cost per UTC hour in [p_from, p_to); hours without any are left out.';
revoke execute on function public.overview_hours from public, anon, authenticated;
grant execute on function public.overview_hours to authenticated, service_role;

create or replace function public.overview_days(p_from timestamptz, p_to timestamptz)
returns table (day timestamptz, answers bigint, refused bigint, failed bigint, cost_microusd bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    select date_trunc('day', hours.hour, 'UTC'), sum(hours.answers)::bigint, sum(hours.refused)::bigint,
        sum(hours.failed)::bigint, sum(hours.cost_microusd)::bigint
    from public.overview_hours(p_from, p_to) as hours
    group by date_trunc('day', hours.hour, 'UTC')
    order by date_trunc('day', hours.hour, 'UTC')
$$;
comment on function public.overview_days is 'overview_hours summed by UTC day; days without any are left out.';
revoke execute on function public.overview_days from public, anon, authenticated;
grant execute on function public.overview_days to authenticated, service_role;

create or replace function public.trial_totals() returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with trial as (
        select uses from public.plans where code = 'trial' and valid_from <= now() order by valid_from desc limit 1
    ), standing as (
        select users.id, coalesce(balance.used, 0) as used
        from public.users
        left join public.use_balances as balance
            on balance.user_id = users.id and balance.plan_code = 'trial'
        where users.state <> 'deleted'
    )
    select jsonb_build_object(
        'signed_up', count(*),
        'started', count(*) filter (where used > 0),
        'used_up', count(*) filter (where used >= (select uses from trial)),
        'limit', (select uses from trial)
    )
    from standing
$$;
comment on function public.trial_totals is 'People signed up, those with at least one free use settled, and those with none left.';
revoke execute on function public.trial_totals from public, anon, authenticated;
grant execute on function public.trial_totals to authenticated, service_role;

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

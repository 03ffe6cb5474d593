"""Reads the books at the end of a run: the database's rows, and what the stand-ins kept."""

import re
from typing import Any, LiteralString
from uuid import UUID

from bench.chaos.accounting import Books, Row
from bench.chaos.product import Product
from bench.chaos.traffic import Done
from service.figma.replies import reply_reference

_REFERENCE = re.compile(r"ref\s+(\w{10})\s*\Z")
_RECEIVED = """
    select hooks.figma_webhook_id as webhook_id, deliveries.event_key as comment_id,
        deliveries.outcome, deliveries.redelivered
    from public.webhook_deliveries as deliveries
    join public.user_webhooks as hooks on hooks.id = deliveries.webhook_id
    where deliveries.event_type = 'FILE_COMMENT'
"""
_ANSWERS = """
    select id::text, file_key, comment_id, state, decision, reason, reply_comment_id, run, attempt,
        extract(epoch from received_at)::float as received,
        extract(epoch from settled_at)::float as settled
    from public.answers
"""
_ANALYSES = "select id::text, state, source, is_charged, is_cached from public.analyses"
_PIPELINES = """
    select id::text, state, verdict, is_charged, code, reserved_microusd::integer as reserved
    from public.pipelines
"""
_RECEIPTS = """
    select id::text, answer_id::text, run, user_id::text, plan_code, period_start::text as period,
        state, reason, reply_comment_id
    from public.use_receipts
"""
_USAGE = """
    select id, answer_id::text, run, feature, status, error_code, receipt_id::text, unknown_calls
    from public.usage_logs
"""
_BALANCES = """
    select user_id::text, plan_code, period_start::text as period, used, reserved
    from public.use_balances
"""
# What only waits for its time, such as an alert that is sent again, is not stuck.
_JOBS = """
    select id, task_name as task, status::text from queue.procrastinate_jobs
    where status in ('todo', 'doing') and task_name <> 'deliver_alert'
"""
_HOURS = """
    with ledger as (
        select date_trunc('hour', at, 'UTC') as hour, plan_code, feature, provider, model, status,
            error_code, count(*) as uses,
            count(*) filter (where cost_state = 'unpriced') as unpriced,
            coalesce(sum(cost_microusd), 0) as cost, sum(input_tokens) as input,
            sum(output_tokens) as output
        from public.usage_logs group by 1, 2, 3, 4, 5, 6, 7
    ), kept as (
        select hour, plan_code, feature, provider, model, status, error_code, uses, unpriced,
            cost_microusd as cost, input_tokens as input, output_tokens as output
        from public.usage_hourly
    )
    select 'hours' as what,
        concat_ws(' ', hour, plan_code, feature, provider, model, status, error_code) as key,
        concat_ws('/', ledger.uses, ledger.unpriced, ledger.cost, ledger.input, ledger.output)
            as ledger,
        concat_ws('/', kept.uses, kept.unpriced, kept.cost, kept.input, kept.output) as kept
    from ledger full join kept using (hour, plan_code, feature, provider, model, status, error_code)
"""
_DAYS = """
    with ledger as (
        select private.reporting_day(at) as day, plan_code, feature, provider, model, status,
            error_code, count(*) as uses, coalesce(sum(cost_microusd), 0) as cost
        from public.usage_logs group by 1, 2, 3, 4, 5, 6, 7
    ), kept as (
        select day, plan_code, feature, provider, model, status, error_code, uses,
            cost_microusd as cost
        from public.usage_daily
    )
    select 'days' as what,
        concat_ws(' ', day, plan_code, feature, provider, model, status, error_code) as key,
        concat_ws('/', ledger.uses, ledger.cost) as ledger,
        concat_ws('/', kept.uses, kept.cost) as kept
    from ledger full join kept using (day, plan_code, feature, provider, model, status, error_code)
"""
_PEOPLE = """
    with ledger as (
        select private.reporting_day(at) as day, user_id, plan_code,
            count(*) filter (
                where status = 'answered' and feature not in ('pipeline', 'rehearsal')
            ) as answered,
            count(*) filter (where status = 'refused') as refused,
            coalesce(sum(cost_microusd), 0) as cost
        from public.usage_logs where user_id is not null group by 1, 2, 3
    ), kept as (
        select day, user_id, plan_code, answered, refused, cost_microusd as cost
        from public.usage_daily_users
    )
    select 'days of people' as what, concat_ws(' ', day, user_id, plan_code) as key,
        concat_ws('/', ledger.answered, ledger.refused, ledger.cost) as ledger,
        concat_ws('/', kept.answered, kept.refused, kept.cost) as kept
    from ledger full join kept using (day, user_id, plan_code)
"""
_BILLING = """
    with ledger as (
        select private.utc_month(at) as month, coalesce(user_id::text, '') as person, plan_code,
            count(*) as calls,
            count(*) filter (where private.is_billed_use(status, feature, receipt_id)) as uses,
            coalesce(sum(cost_microusd), 0) as cost
        from public.usage_logs group by 1, 2, 3
    ), kept as (
        select month, coalesce(user_id::text, '') as person, plan_code, sum(calls) as calls,
            sum(uses) as uses, sum(cost_microusd) as cost
        from public.billing_usage group by 1, 2, 3
    )
    select 'bills' as what, concat_ws(' ', month, person, plan_code) as key,
        concat_ws('/', ledger.calls, ledger.uses, ledger.cost) as ledger,
        concat_ws('/', kept.calls, kept.uses, kept.cost) as kept
    from ledger full join kept using (month, person, plan_code)
"""
_LINES = """
    with months as (select distinct private.utc_month(at) as month from public.usage_logs)
    select 'statements' as what, months.month::text as key,
        (
            select concat_ws(
                '/', count(*) filter (where private.is_billed_use(status, feature, receipt_id)),
                coalesce(sum(cost_microusd), 0)
            )
            from public.usage_logs where private.utc_month(at) = months.month
        ) as ledger,
        (
            select concat_ws('/', sum(lines.uses), sum(lines.ai_cost_microusd))
            from private.billing_lines(months.month) as lines
        ) as kept
    from months
"""
_RECEIPTS_BILLED = """
    select 'taken uses' as what, 'all' as key,
        (
            select count(*) from public.usage_logs
            where private.is_billed_use(status, feature, receipt_id) or error_code = 'withdrawn'
        )::text as ledger,
        (select count(*) from public.use_receipts where state in ('settled', 'withdrawn'))::text
            as kept
"""
_RELIABILITY = """
    select 'figures of reliability' as what, 'answered' as key,
        (
            select count(*) from public.usage_logs
            where feature = 'comment' and status = 'answered'
        )::text as ledger,
        (
            select coalesce(sum(answered), 0)::bigint from public.reliability_daily
            where team_id = '00000000-0000-0000-0000-000000000000'
        )::text as kept
"""
_CALL_COSTS = """
    select 'costs of calls' as what, 'all' as key,
        (select coalesce(sum(cost_microusd), 0)::bigint from public.usage_logs)::text as ledger,
        (select coalesce(sum(cost_microusd), 0)::bigint from public.model_calls)::text as kept
"""
_SUMS: tuple[LiteralString, ...] = (
    _HOURS, _DAYS, _PEOPLE, _BILLING, _LINES, _RECEIPTS_BILLED, _RELIABILITY, _CALL_COSTS
)  # fmt: skip
_CALLS = """
    select
        (select count(*) from public.model_calls where cost_state <> 'unknown')::integer as booked,
        (select coalesce(sum(unknown_calls), 0) from public.usage_logs)::integer as unknown
"""


def read_books(product: Product, done: Done) -> Books:
    """Everything that ``audit`` judges."""
    answers = product.rows(_ANSWERS)
    [calls] = product.rows(_CALLS)
    return Books(
        comments=list(done.comments),
        acknowledged=acknowledged(product),
        received=product.rows(_RECEIVED),
        answers=answers,
        replies=posted_replies(product, answers),
        analyses=product.rows(_ANALYSES),
        pipelines=product.rows(_PIPELINES),
        asked=[*done.analyses, *done.builds],
        receipts=product.rows(_RECEIPTS),
        usage=product.rows(_USAGE),
        balances=product.rows(_BALANCES),
        jobs=product.rows(_JOBS),
        sums=[row for query in _SUMS for row in product.rows(query)],
        completed_calls=product.completed_calls(),
        booked_calls=calls["booked"],
        unknown_calls=calls["unknown"],
    )


def acknowledged(product: Product) -> list[Row]:
    """The deliveries of comments that web took, by Figma's own record."""
    return [
        {"webhook_id": each["webhook_id"], "comment_id": each["comment_id"]}
        for each in product.sandbox.deliveries()
        if each["status"] == 200 and each["event_type"] == "FILE_COMMENT"
    ]


def posted_replies(product: Product, answers: list[Row]) -> list[Row]:
    """The comments at Figma that end in the reference of an answer. Notices have others."""
    references = {reply_reference(UUID(row["id"])): row["id"] for row in answers}
    found: list[dict[str, Any]] = []
    for file in product.sandbox.files():
        for comment in product.sandbox.comments(file["key"]):
            end = _REFERENCE.search(comment["message"])
            if end and end.group(1) in references:
                found.append({"id": comment["id"], "answer_id": references[end.group(1)]})
    return found

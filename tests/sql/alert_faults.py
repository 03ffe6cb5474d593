"""Faults that alerts are for: each made of rows whose times are moved, its cure, its words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from psycopg.types.json import Jsonb

from tests.sql.building import Builder

EVERYBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Fault:
    """``happen`` makes it. ``said``: title and some words of the detail of each alert that follows.
    ``cure``: SQL after which it no longer holds; "" where an alert is told for its day alone."""

    happen: Callable[[Any], Any]
    said: dict[str, str]
    cure: str


def spend(
    sql: Any, microusd: int | None, model: str = "gpt-5-mini", provider: str = "openai"
) -> None:
    state = "unpriced" if microusd is None else "priced"
    sql.rows(
        "insert into public.usage_logs (answer_id, feature, provider, model, status, cost_state,"
        " cost_microusd) values (gen_random_uuid(), 'comment', %s, %s, 'answered', %s, %s)"
        " returning 1",
        provider,
        model,
        state,
        microusd,
    )


def fail(sql: Any, reason: str = "figma_down") -> str:
    """A dead letter."""
    webhook = sql.switch_on(sql.sign_in("1"))
    asked = sql.ask(webhook, str(uuid4()))["answer_id"]
    begun = sql.begin(asked)
    sql.call("release_use", asked, begun["attempt"], reason, "Figma is down.", {})
    return asked


def a_budget(sql: Any) -> None:
    sql.rows(
        "insert into public.budgets (scope, monthly_microusd) values ('global', 100) returning 1"
    )
    spend(sql, 85)
    sql.call("check_budgets")


def a_quota(sql: Any) -> None:
    sql.call("note_figma_limit", "1", "FILE", 1, 90_000, "starter", "low", "")
    sql.call("note_figma_limit", "1", "OTHER", 1, 90_000, "starter", "low", "")
    sql.call("note_figma_limit", "2", "FILE", 1, 30, "starter", "low", "")


def a_burn(sql: Any) -> None:
    sql.rows(
        "insert into public.reliability_hourly_teams (team_id, hour, plan_code, error_code,"
        " answered, failed, latency_histogram, model_latency_histogram, figma_latency_histogram)"
        " select '00000000-0000-0000-0000-000000000000', date_trunc('hour', now()), '', '', 7, 3,"
        " none, none, none from array_fill(0::bigint, array[84]) as none returning 1"
    )


def a_stuck_queue(sql: Any) -> None:
    webhook = sql.switch_on(sql.sign_in("1"))
    sql.ask(webhook, "c1")
    sql.ask(webhook, "c2", root_comment_id="c1")
    sql.rows("insert into queue.procrastinate_workers (last_heartbeat) values (now()) returning 1")
    sql.rows("update queue.procrastinate_events set at = now() - interval '10 minutes' returning 1")


def analyses_that_wait(sql: Any) -> None:
    sql.rows(
        "with jobs as (insert into queue.procrastinate_jobs (queue_name, task_name, args)"
        " select 'answers', 'analyse', jsonb_build_object('analysis_id', gen_random_uuid())"
        " from generate_series(1, 2) returning id), alive as (insert into"
        " queue.procrastinate_workers (last_heartbeat) values (now())) select id from jobs"
    )
    sql.rows("update queue.procrastinate_events set at = now() - interval '10 minutes' returning 1")


def a_dead_worker(sql: Any) -> None:
    sql.rows(
        "insert into public.queue_samples values"
        " (now() - interval '4 minutes', 0, 0, 0, 0, 0, 1) returning 1"
    )


def builds_without_a_builder(sql: Any) -> None:
    wait_for(sql, "builds", 4)
    runner(sql, "pipelines", 0)


def builds_that_wait_long(sql: Any) -> None:
    wait_for(sql, "builds", 16)
    wait_for(sql, "builds", 1)
    wait_for(sql, "pipelines", 14)
    runner(sql, "builds", 0)
    runner(sql, "pipelines", 0)


def wait_for(sql: Any, queue: str, minutes: int) -> None:
    """A stage of a run that nobody takes, and one of a run that was cancelled meanwhile."""
    builder, user = Builder(sql.call), sql.sign_in("1")
    pipelines = [builder.start(user) for _ in range(2)]
    for pipeline in pipelines if queue == "builds" else ():
        builder.end(pipeline, "read", "spec")
    sql.call("cancel_pipeline", user, pipelines[1])
    sql.rows(
        "update queue.procrastinate_events set at = now() - make_interval(mins => %s)"
        " where job_id in (select id from queue.procrastinate_jobs"
        " where args ->> 'pipeline_id' = any (%s)) returning 1",
        minutes,
        pipelines,
    )


def runner(sql: Any, queue: str, minutes: int) -> None:
    sql.rows(
        "with made as (insert into queue.procrastinate_workers (last_heartbeat)"
        " values (now() - make_interval(mins => %s)) returning id)"
        " insert into public.pipeline_runners select id, %s from made returning 1",
        minutes,
        queue,
    )


def a_paused_webhook(sql: Any) -> None:
    webhook = sql.switch_on(sql.sign_in("1"))
    sql.rows(
        "select private.count_refusal(%s, 'foreign_file')"
        " from generate_series(1, private.refusals_allowed())",
        webhook,
    )


def a_silence(sql: Any) -> None:
    sql.rows("insert into public.author_limits values ('FILE', '7', gen_random_uuid()) returning 1")


def unpaid_answers(sql: Any) -> None:
    sql.rows(
        "insert into public.unbilled_spending values"
        " ((now() at time zone 'UTC')::date, 'file', 'FILE', 3, 1500000) returning 1"
    )


def a_wrong_bill(sql: Any) -> None:
    sql.rows(
        "insert into public.provider_bill_drifts values"
        " ('openai', '2026-10-01', 100000000, 97000000, -0.03, 0.9712) returning 1"
    )


def a_hole(sql: Any) -> None:
    sql.rows(
        "insert into public.isolation_runs (state, ended_at, tried, holes) values ('red', now(), 9,"
        ' \'[{"visitor": "support", "what": "read sessions"}]\') returning 1'
    )


def a_lost_connection(sql: Any) -> None:
    asked = sql.ask(sql.switch_on(sql.sign_in("1")), "c1")["answer_id"]
    sql.rows(
        "update public.answers set state = 'deferred', failure_message = 'no_account'"
        " where id = %s returning 1",
        asked,
    )


def a_spent_day(sql: Any) -> None:
    sql.rows(
        "insert into public.service_profile (sealing_key, defaults) values"
        " (repeat('k', 44), '{\"service_microusd_per_day\": 5000000}') returning 1"
    )
    sql.rows(
        "insert into public.spend_stops values"
        " ((now() at time zone 'UTC')::date, now(), 5000000, 5000000) returning 1"
    )


# The middle of the three hours that are compared, in so many weeks.
_THEN = "date_trunc('hour', now()) - interval '1 hour' - week * interval '7 days'"


def no_deliveries(sql: Any) -> None:
    webhook = sql.switch_on(sql.sign_in("1"))
    sql.rows(
        "insert into public.webhook_hourly (hour, webhook_id, outcome, deliveries)"
        f" select {_THEN}, %s, 'ignored', 20 from generate_series(1, 4) as week returning 1",
        webhook,
    )


def no_answers(sql: Any) -> None:
    no_deliveries(sql)
    sql.rows(
        "insert into public.reliability_hourly_teams (team_id, hour, plan_code, error_code,"
        " answered, latency_histogram, model_latency_histogram, figma_latency_histogram)"
        f" select %s, {_THEN}, '', '', 9, none, none, none"
        " from generate_series(1, 3) as week, array_fill(0::bigint, array[84]) as none returning 1",
        EVERYBODY,
    )
    # What would be silence too, had nothing arrived.
    sql.rows(
        "insert into public.webhook_hourly (hour, webhook_id, outcome, deliveries)"
        " select date_trunc('hour', now()), id, 'ignored', 3 from public.user_webhooks returning 1"
    )


def lost_renewals(sql: Any) -> None:
    for person in range(5):
        sql.call("fail_token_refresh", sql.sign_in(str(person)), 1, person == 0)


def a_failing_model(sql: Any) -> None:
    """One that fails after it was well, one that failed twice, and one that refuses a text."""
    calls(sql, {"openai": ["ok"] * 20})
    sql.connection.execute("update public.answer_traces set at = now() - interval '20 minutes'")
    failing = {
        "openai": ["server_error"] * 5 + ["circuit_open", "ok"],
        "azure": ["timeout", "timeout"],
        "other": ["content_filter"] * 3,
    }
    calls(sql, failing)


def calls(sql: Any, reasons_of: dict[str, list[str]]) -> None:
    """A trace for each call of a provider, by what came of it."""
    for provider, reasons in reasons_of.items():
        for reason in reasons:
            outcome = {"ok": "answered", "circuit_open": "skipped"}.get(reason, "failed")
            sql.rows(
                "insert into public.answer_traces (answer_id, run, attempt, ended, calls) values"
                " (gen_random_uuid(), 1, 1, 'drafted', jsonb_build_array(jsonb_build_object("
                "'provider', %s::text, 'model', 'm', 'outcome', %s::text, 'reason', %s::text)))"
                " returning 1",
                provider,
                outcome,
                reason,
            )


def failing_builds(sql: Any) -> None:
    """Three that fail and one that passes; what Figma refuses and what is cancelled counts not."""
    builder, user = Builder(sql.call, Jsonb), sql.sign_in("1")
    builder.build(user)
    for stage in ("read", "spec", "spec"):
        pipeline = builder.start(user)
        if stage == "spec":
            builder.end(pipeline, "read", "spec")
        builder.fail(pipeline, stage, "unexpected")
    for _ in range(3):
        builder.fail(builder.start(user), "read", "figma_forbidden")
        sql.call("cancel_pipeline", user, builder.start(user))


def a_full_disk(sql: Any) -> None:
    sql.call("tell_health", "disk", "builder-1", {"used_bytes": 9 * 10**9, "limit_bytes": 10**10})
    sql.call("tell_health", "disk", "builder-2", {"used_bytes": 8 * 10**9, "limit_bytes": 10**10})


def a_full_database(sql: Any) -> None:
    sql.call("tell_health", "disk", "database", {"limit_bytes": 1_000_000})


def an_old_certificate(sql: Any) -> None:
    facts = {"not_after": "2020-02-29T12:00:00Z", "problem": ""}
    sql.call("tell_health", "certificate", "buddy.example.com", facts)


def a_refused_certificate(sql: Any) -> None:
    facts = {"not_after": None, "problem": "It is self-signed."}
    sql.call("tell_health", "certificate", "buddy.example.com", facts)


def an_old_backup(sql: Any) -> None:
    sql.connection.execute(
        "reset role; insert into private.backups (moment, file_name, bytes, seconds,"
        " schema_version, tables, row_count, files)"
        " values (now() - interval '37 hours', 'old', 1, 1, '0089', 1, 1, 1); set role service_role"
    )


def an_unheeded_rule(sql: Any) -> None:
    sql.rows(
        "insert into public.advice_daily (team_id, kind, day, plan_code, name, outcome, answers)"
        " select %s, 'rule', current_date - 3, '', name, outcome, n"
        " from (values ('grid', 'ignored', 90), ('grid', 'taken', 1), ('contrast', 'taken', 50))"
        " as told (name, outcome, n) returning 1",
        EVERYBODY,
    )


# By kind; a second word tells two faults of one kind apart.
FAULTS: dict[str, Fault] = {
    "budget": Fault(
        a_budget,
        {"80 % of a budget reached: everything": "is $0.00 of $0.00. Nobody is refused"},
        "",
    ),
    "dead_letter": Fault(
        fail,
        {"A question became a dead letter: figma_down": "Figma is down. Nobody was charged."},
        "update public.answers set settled_at = now() - interval '31 minutes'",
    ),
    "error_budget": Fault(
        a_burn,
        {
            "Too many comments fail": "In the last hour 3 of 10 comments missed the objective of",
            "Too many answers are late": "times too fast. Look at the page Reliability.",
        },
        "delete from public.reliability_hourly_teams",
    ),
    "queue_stuck": Fault(
        a_stuck_queue,
        {"A comment waits for an answer for over five minutes": "UTC although 1 of our workers"},
        "update queue.procrastinate_events set at = now()",
    ),
    "queue_stuck analyses": Fault(
        analyses_that_wait,
        {"2 analyses wait for an answer for over five minutes": "UTC although 1 of our workers"},
        "update queue.procrastinate_events set at = now()",
    ),
    "no_worker": Fault(
        a_dead_worker,
        {"No worker is running": "The last one was seen on "},
        "insert into queue.procrastinate_workers (last_heartbeat) values (now())",
    ),
    "no_worker builds": Fault(
        builds_without_a_builder,
        {"No builder is running, and a stage of a component waits": "Start it: python -m service."},
        "update public.pipeline_runners set queue = ''",
    ),
    "queue_stuck builds": Fault(
        builds_that_wait_long,
        {"2 stages of components wait for over fifteen minutes": "although 1 of our builders run"},
        "update queue.procrastinate_events set at = now()",
    ),
    "figma_quota": Fault(
        a_quota,
        {"Figma's quota is used up for the account of the buddy": "its files are answered without"},
        "update public.figma_quotas set limited_until = now()",
    ),
    "unpriced": Fault(
        lambda sql: spend(sql, None, "new-model"),
        {"Calls without a price: OpenAI new-model": "One call since yesterday counts in no cost."},
        "update public.ai_cost_hourly set newly_priced = unpriced",
    ),
    "webhook_paused": Fault(
        a_paused_webhook,
        {
            "A webhook was paused: Figma does not confirm what it delivers": (
                " such deliveries since yesterday. Search for it on the page Webhooks"
            )
        },
        "update public.user_webhooks set operator_paused_at = now() - interval '25 hours'",
    ),
    "author_limit": Fault(
        a_silence,
        {"Somebody has drawn a day's replies in one file": "Figma user 7 in the file FILE: the"},
        "delete from public.author_limits",
    ),
    "unbilled": Fault(
        unpaid_answers,
        {
            "Models were paid $1.50 today without a use being taken": (
                "For the file FILE: 3 answers could not be posted."
            )
        },
        "update public.unbilled_spending set day = day - 1",
    ),
    "connection_lost": Fault(
        a_lost_connection,
        {
            "A connection to Figma is lost, and questions wait for it": (
                "One question waits for a sign-in since "
            )
        },
        "update public.answers set state = 'queued'",
    ),
    "bill_drift": Fault(
        a_wrong_bill,
        {
            "The bill of OpenAI for October 2026 is not what we booked": (
                "Billed $100.00, our books say $97.00: 3.0 % below the bill. We saw 97.1 % of what"
            )
        },
        "update public.provider_bill_drifts set drift = 0.001, coverage = 1",
    ),
    "isolation": Fault(
        a_hole,
        {"An account's rows can be reached by somebody else": "support could read sessions. Look"},
        "insert into public.isolation_runs (state, started_at, ended_at)"
        " values ('green', now() + interval '1 second', now())",
    ),
    "day_spend": Fault(
        a_spent_day,
        {"The day's spend on models is reached: $5.00": "no model is asked; until midnight UTC"},
        "delete from public.spend_stops",
    ),
    "silence": Fault(
        no_deliveries,
        {"Figma has delivered nothing for over two hours": "some 20 deliveries come. The last"},
        "insert into public.webhook_hourly (hour, webhook_id, outcome, deliveries)"
        " select date_trunc('hour', now()), id, 'ignored', 1 from public.user_webhooks",
    ),
    "silence answers": Fault(
        no_answers,
        {"No comment was answered for over two hours": "3 deliveries came meanwhile, and at this"},
        "delete from public.reliability_hourly_teams",
    ),
    "refresh_failing": Fault(
        lost_renewals,
        {"Figma does not renew the connections of 5 people": "1 were refused for good and have to"},
        "delete from public.refresh_failures",
    ),
    "model_failing": Fault(
        a_failing_model,
        {"A model fails: OpenAI m": "6 of its latest 10 calls failed, mostly server_error. The"},
        "update public.answer_traces set at = now() - interval '31 minutes'",
    ),
    "builds_failing": Fault(
        failing_builds,
        {"Components fail: 3 of the latest 4 runs": "Mostly for unexpected in the stage spec."},
        "update public.pipeline_history set ended_at = now() - interval '7 hours'",
    ),
    "disk": Fault(
        a_full_disk,
        {"The disk of builder-1 is 90 % full": "9.0 of 10.0 GB are used."},
        "update public.health_facts set facts = facts || '{\"used_bytes\": 0}'",
    ),
    "disk database": Fault(
        a_full_database,
        {"The database uses ": "At the limit nothing more can be written"},
        "update public.health_facts set told_at = now() - interval '2 hours'",
    ),
    "certificate": Fault(
        an_old_certificate,
        {"The certificate of buddy.example.com ends on 29 February 2020": "been renewed before."},
        'update public.health_facts set facts = facts || \'{"not_after": "infinity"}\'',
    ),
    "certificate refused": Fault(
        a_refused_certificate,
        {"The certificate of buddy.example.com is refused": "It is self-signed. Browsers warn"},
        'update public.health_facts set facts = facts || \'{"problem": ""}\'',
    ),
    "backup_missing": Fault(
        an_old_backup,
        {"There is no backup of the last day": "The newest one is of "},
        "update private.backups set moment = now()",
    ),
    "advice_rule": Fault(
        an_unheeded_rule,
        {"Nobody takes the advice of the rule grid": "In four weeks 1 of 91 findings were mended."},
        "update public.advice_daily set answers = 20 where outcome = 'taken'",
    ),
}

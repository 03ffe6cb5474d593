"""Alerts: raised once per occurrence, queued for the channels that want them, closed once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service.alert_sentences import alert_words
from tests.sql.acting import Act, act
from tests.sql.building import Builder
from tests.sql.conftest import refused

__all__ = ["act"]

ALL = ["budget", "dead_letter", "error_budget", "queue_stuck", "no_worker", "figma_quota"]
ALL += ["unpriced", "webhook_paused", "author_limit", "unbilled", "connection_lost"]
ALL += ["bill_drift", "isolation"]
SEALED = "s" * 120


def add(act: Act, kinds: list[str] = ALL, **changes: Any) -> str:
    channel = {"id": str(uuid4()), "kind": "webhook", "name": "Pager", "host": "example.com"}
    channel |= changes
    values = [channel[name] for name in ("id", "kind", "name", "host")]
    act("founder", "add_alert_channel", *values, kinds, SEALED, "to be woken")
    return channel["id"]


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


# What happens (its kind is the first word), and of each alert that follows the title and some
# words of what it means.
OCCASIONS: dict[str, tuple[Callable[[Any], Any], dict[str, str]]] = {
    "budget": (
        a_budget,
        {
            "80 % of a budget reached: everything": "is $0.00 of $0.00. Nobody is refused",
        },
    ),
    "dead_letter": (
        fail,
        {"A question became a dead letter: figma_down": "Figma is down. Nobody was charged."},
    ),
    "error_budget": (
        a_burn,
        {
            "Too many comments fail": "In the last hour 3 of 10 comments missed the objective of",
            "Too many answers are late": "times too fast. Look at the page Reliability.",
        },
    ),
    "queue_stuck": (
        a_stuck_queue,
        {"A comment waits for an answer for over five minutes": "UTC although 1 of our workers"},
    ),
    "no_worker": (a_dead_worker, {"No worker is running": "The last one was seen at 20"}),
    "no_worker builds": (
        builds_without_a_builder,
        {"No builder is running, and a stage of a component waits": "Start it: python -m service."},
    ),
    "queue_stuck builds": (
        builds_that_wait_long,
        {"2 stages of components wait for over fifteen minutes": "although 1 of our builders run"},
    ),
    "figma_quota": (
        a_quota,
        {"Figma's quota is used up for the account of the buddy": "its files are answered without"},
    ),
    "unpriced": (
        lambda sql: spend(sql, None, "new-model"),
        {"Calls without a price: openai new-model": "One call since yesterday counts in no cost."},
    ),
    "webhook_paused": (
        a_paused_webhook,
        {
            "A webhook was paused: Figma does not confirm what it delivers": (
                " such deliveries since yesterday. Search for it on the page Webhooks"
            )
        },
    ),
    "author_limit": (
        a_silence,
        {"Somebody has drawn a day's replies in one file": "Figma user 7 in the file FILE: the"},
    ),
    "unbilled": (
        unpaid_answers,
        {
            "Models were paid $1.50 today without a use being taken": (
                "For the file FILE: 3 answers could not be posted."
            )
        },
    ),
    "connection_lost": (
        a_lost_connection,
        {
            "A connection to Figma is lost, and questions wait for it": (
                "One question waits for a sign-in since 20"
            )
        },
    ),
    "bill_drift": (
        a_wrong_bill,
        {
            "The bill of openai for October 2026 is not what we booked": (
                "Billed $100.00, our books say $97.00: 3.0 % below the bill. We saw 97.1 % of what"
            )
        },
    ),
    "isolation": (
        a_hole,
        {"An account's rows can be reached by somebody else": "support could read sessions. Look"},
    ),
}


def told(sql: Any, kind: str) -> dict[str, str]:
    """Title and detail, as people read them, of the alerts of a kind."""
    query = "select kind, parameters, title, detail from public.alerts where kind = %s"
    return dict(alert_words(*row) for row in sql.rows(query, kind))


def title(alert: dict[str, Any]) -> str:
    return alert_words(alert["kind"], alert["parameters"], alert["title"], "")[0]


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_each_occurrence_is_said_once_and_goes_to_the_channels_that_want_it(
    act: Act, sql: Any, occasion: str
) -> None:
    happen, said = OCCASIONS[occasion]
    kind = occasion.partition(" ")[0]
    wants, mute = add(act, [kind]), add(act, [each for each in ALL if each != kind])
    assert sql.call("check_alerts") == []
    happen(sql)
    assert {title(each) for each in sql.call("check_alerts") if each["kind"] == kind} == {*said}
    assert [each for each in sql.call("check_alerts") if each["kind"] == kind] == []
    details = told(sql, kind)
    assert details.keys() == said.keys()
    for each, words in said.items():
        assert words in details[each]
        assert "None" not in details[each]
    sent = sql.rows(
        "select channel_id::text from public.alert_deliveries join public.alerts"
        " on alerts.id = alert_id where kind = %s",
        kind,
    )
    assert sent == [(wants,)] * len(said)
    assert (mute,) not in sent
    jobs = sql.rows("select args ->> 'delivery_id' from queue.procrastinate_jobs"
                    " where task_name = 'deliver_alert'")  # fmt: skip
    queued = sql.rows("select id::text from public.alert_deliveries")
    assert sorted(jobs) == sorted(queued)


def test_no_price_is_asked_for_where_no_model_answered(act: Act, sql: Any) -> None:
    spend(sql, None, "", "measured-review")
    sql.call("check_alerts")
    assert told(sql, "unpriced") == {}
    attention = act("founder", "overview_attention")
    assert (attention["unpriced"], act("founder", "overview_unpriced")) == (0, [])
    spend(sql, None, "new-model")
    assert act("founder", "overview_attention")["unpriced"] == 1


def test_what_is_over_is_closed_after_ten_minutes_and_said_again_when_it_comes_back(
    act: Act, sql: Any
) -> None:
    add(act)
    a_quota(sql)
    sql.call("check_alerts")
    sql.rows("update public.figma_quotas set limited_until = now() returning 1")
    sql.call("check_alerts")
    assert sql.rows("select ended_at from public.alerts") == [(None,)]
    sql.rows("update public.alerts set seen_at = now() - interval '11 minutes' returning 1")
    sql.call("check_alerts")
    assert sql.rows("select ended_at is null from public.alerts") == [(False,)]
    a_quota(sql)
    assert len(sql.call("check_alerts")) == 1
    assert sql.rows("select count(*) from public.alert_deliveries") == [(2,)]


def test_what_goes_on_while_nobody_looked_is_still_one_occurrence(act: Act, sql: Any) -> None:
    add(act)
    a_quota(sql)
    sql.call("check_alerts")
    sql.rows("update public.alerts set seen_at = now() - interval '1 day' returning 1")
    assert sql.call("check_alerts") == []
    assert sql.rows("select count(*), max(ended_at) from public.alerts") == [(1, None)]


def test_many_workers_that_look_at_once_say_it_once(act: Act, sql: Any, connect: Any) -> None:
    add(act)
    fail(sql)
    workers = [connect() for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        said = list(threads.map(lambda each: each.call("check_alerts"), workers))
    assert sum(map(len, said)) == 1
    assert sql.rows("select count(*) from public.alert_deliveries") == [(1,)]


def test_many_dead_letters_of_one_reason_are_one_alert(act: Act, sql: Any) -> None:
    add(act)
    for _ in range(5):
        fail(sql)
    fail(sql, "comment_deleted")
    sql.call("check_alerts")
    assert told(sql, "dead_letter").keys() == {
        "5 questions became dead letters: figma_down",
        "A question became a dead letter: comment_deleted",
    }


@pytest.fixture
def delivery(act: Act, sql: Any) -> str:
    """A delivery that waits."""
    add(act)
    fail(sql)
    sql.call("check_alerts")
    return str(sql.rows("select id from public.alert_deliveries")[0][0])


def end(sql: Any, delivery: str, attempt: int, state: str, off: bool = False) -> tuple:
    sql.call("end_alert_delivery", delivery, attempt, state, 500, "It failed.", None, off)
    return sql.rows("select state, attempts from public.alert_deliveries")[0]


def test_one_attempt_at_a_time_and_an_older_one_closes_nothing(sql: Any, delivery: str) -> None:
    begun = sql.call("begin_alert_delivery", delivery, 60)
    assert (begun["go"], begun["attempt"], begun["sealed"]) == (True, 1, SEALED)
    assert title(begun["alert"]) == "A question became a dead letter: figma_down"
    # What a process of the version before sends.
    assert (begun["alert"]["title"], begun["alert"]["detail"]) == ("dead letter", "")
    held = sql.call("begin_alert_delivery", delivery, 60)
    assert (held["go"], held["wait_seconds"]) == (False, 60)
    sql.rows("update public.alert_deliveries set lease_until = now() returning 1")
    assert sql.call("begin_alert_delivery", delivery, 60)["attempt"] == 2
    assert end(sql, delivery, 1, "failed") == ("pending", 2)
    assert end(sql, delivery, 2, "delivered") == ("delivered", 2)
    assert end(sql, delivery, 2, "failed") == ("delivered", 2)
    assert sql.call("begin_alert_delivery", delivery, 60) == {"go": False, "wait_seconds": None}


def test_a_delivery_that_lost_its_job_gets_another(sql: Any, delivery: str) -> None:
    count = "select count(*) from queue.procrastinate_jobs where task_name = 'deliver_alert'"
    sql.rows(
        "update public.alert_deliveries set next_at = now() - interval '3 minutes' returning 1"
    )
    sql.call("check_alerts")
    assert sql.rows(count) == [(1,)]
    sql.rows("delete from queue.procrastinate_jobs where task_name = 'deliver_alert' returning 1")
    sql.call("check_alerts")
    sql.call("check_alerts")
    assert sql.rows(count) == [(1,)]


def test_a_receiver_that_wants_no_more_is_switched_off_and_the_rest_cancelled(
    act: Act, sql: Any, delivery: str
) -> None:
    fail(sql, "comment_deleted")
    sql.call("check_alerts")
    sql.call("begin_alert_delivery", delivery, 60)
    end(sql, delivery, 1, "failed", off=True)
    [channel] = act("founder", "alert_channel_list")
    assert (channel["state"], channel["state_reason"]) == ("off", "It failed.")
    other = sql.rows("select id from public.alert_deliveries where state = 'pending'")[0][0]
    assert sql.call("begin_alert_delivery", str(other), 60)["go"] is False
    states = sql.rows("select state from public.alert_deliveries order by state")
    assert states == [("cancelled",), ("failed",)]


def test_what_was_given_up_is_sent_again_under_its_old_id(
    act: Act, sql: Any, delivery: str
) -> None:
    with refused("given up"):
        act("founder", "resend_alert", delivery)
    sql.call("begin_alert_delivery", delivery, 60)
    end(sql, delivery, 1, "failed")
    assert sql.call("due_alert_deliveries", 10) == []
    act("founder", "resend_alert", delivery)
    assert sql.call("due_alert_deliveries", 10) == [delivery]
    assert sql.call("begin_alert_delivery", delivery, 60)["attempt"] == 1


def test_a_channel_is_changed_by_version_and_its_address_is_in_no_log(act: Act, sql: Any) -> None:
    channel = add(act)
    change = ("change_alert_channel", channel, "Night", ["budget"], False, "other.example")
    act("founder", *change, "n" * 120, 1, "quieter")
    with pytest.raises(psycopg.Error) as caught:
        act("founder", *change, None, 1, "stale")
    assert caught.value.sqlstate == "PT409"
    [seen] = act("founder", "alert_channel_list")
    assert (seen["name"], seen["state"], seen["host"]) == ("Night", "off", "other.example")
    assert sql.rows("select sealed from public.alert_channel_secrets") == [("n" * 120,)]
    log = sql.rows("select operation, before::text, after::text, reason from public.audit_log"
                   " where table_name = 'alert_channels' order by id")  # fmt: skip
    assert [(row[0], row[3]) for row in log] == [("INSERT", "to be woken"), ("UPDATE", "quieter")]
    assert not any("sss" in str(row) or "nnn" in str(row) for row in log)


def test_a_removed_channel_leaves_no_address_and_gets_nothing(act: Act, sql: Any) -> None:
    channel = add(act)
    fail(sql)
    sql.call("check_alerts")
    act("founder", "remove_alert_channel", channel, 1, "moved away")
    assert sql.rows("select count(*) from public.alert_channel_secrets") == [(0,)]
    assert sql.rows("select state, reason from public.alert_deliveries") == [
        ("cancelled", "channel_removed")
    ]
    assert act("founder", "alert_channel_list") == []
    fail(sql, "comment_deleted")
    sql.call("check_alerts")
    assert sql.rows("select count(*) from public.alert_deliveries") == [(1,)]


def test_a_test_goes_to_one_channel_and_not_twice_in_a_moment(act: Act, sql: Any) -> None:
    channel, _other = add(act), add(act)
    delivery = act("founder", "test_alert_channel", channel)
    found = sql.rows("select id, channel_id::text from public.alert_deliveries")
    assert found == [(delivery, channel)]
    with refused("a moment ago"):
        act("founder", "test_alert_channel", channel)
    assert sql.call("check_alerts") == []


@pytest.mark.parametrize("role", ["support", "finance", None])
def test_only_founders_have_channels(act: Act, sql: Any, role: str | None) -> None:
    channel = add(act)
    delivery = act("founder", "test_alert_channel", channel)
    for call in (
        ("add_alert_channel", str(uuid4()), "slack", "x", "x", ALL, SEALED, "as agreed"),
        ("change_alert_channel", channel, "x", ALL, True, None, None, 1, "as agreed"),
        ("remove_alert_channel", channel, 1, "as agreed"),
        ("test_alert_channel", channel),
        ("resend_alert", delivery),
        ("alert_channel_list",),
        ("alert_list",),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            act(role, *call)
    assert len(act("founder", "alert_list")) == 1


@pytest.mark.parametrize(
    "changes", [{"name": " "}, {"name": "x" * 61}, {"kinds": []}, {"kinds": ["weather"]}]
)
def test_a_channel_without_a_name_or_with_unknown_alerts_is_refused(
    act: Act, changes: dict[str, Any]
) -> None:
    with pytest.raises(psycopg.Error) as caught:
        add(act, **changes)
    assert caught.value.sqlstate == "22023"


def test_adding_a_channel_again_after_a_lost_reply_makes_one(act: Act, sql: Any) -> None:
    channel = add(act)
    add(act, id=channel, name="Another")
    assert [each["name"] for each in act("founder", "alert_channel_list")] == ["Pager"]

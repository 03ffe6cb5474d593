"""Alerts: raised once per occurrence, queued for the channels that want them, closed once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service.alert_sentences import KINDS as ALERT_KINDS
from service.alert_sentences import alert_words
from tests.sql.acting import Act, act
from tests.sql.alert_faults import FAULTS, a_dead_worker, a_hole, a_quota, fail, spend
from tests.sql.conftest import refused

__all__ = ["act"]

SEALED = "s" * 120


def add(act: Act, kinds: Sequence[str] = tuple(ALERT_KINDS), **changes: Any) -> str:
    channel = {"id": str(uuid4()), "kind": "webhook", "name": "Pager", "host": "example.com"}
    channel |= changes
    values = [channel[name] for name in ("id", "kind", "name", "host")]
    act("founder", "add_alert_channel", *values, [*kinds], SEALED, "to be woken")
    return channel["id"]


def told(sql: Any, kind: str) -> dict[str, str]:
    """Title and detail, as people read them, of the alerts of a kind."""
    query = "select kind, parameters, title, detail from public.alerts where kind = %s"
    return dict(alert_words(*row) for row in sql.rows(query, kind))


def title(alert: dict[str, Any]) -> str:
    return alert_words(alert["kind"], alert["parameters"], alert["title"], "")[0]


def over(sql: Any, cure: str) -> None:
    """Cured, and not seen for eleven minutes."""
    sql.connection.execute(f"reset role; {cure or 'select'}; set role service_role")
    sql.connection.execute("update public.alerts set seen_at = now() - interval '11 minutes'")


def test_every_kind_has_a_fault_that_is_tried() -> None:
    # The weekly report is no fault: tests/sql/test_notes.py.
    assert {each.partition(" ")[0] for each in FAULTS} | {"weekly_report"} == ALERT_KINDS


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_said_once_and_once_that_it_is_over_to_the_channels_that_want_it(
    act: Act, sql: Any, name: str
) -> None:
    fault = FAULTS[name]
    kind = name.partition(" ")[0]
    wants, mute = add(act, [kind]), add(act, sorted(ALERT_KINDS - {kind}))
    assert sql.call("check_alerts") == []
    fault.happen(sql)
    raised = [title(each) for each in sql.call("check_alerts") if each["kind"] == kind]
    assert len(raised) == len(fault.said)
    assert all(any(each.startswith(words) for words in fault.said) for each in raised)
    assert [each for each in sql.call("check_alerts") if each["kind"] == kind] == []
    details = told(sql, kind)
    for start, words in fault.said.items():
        [detail] = [details[each] for each in details if each.startswith(start)]
        assert words in detail
        assert "None" not in detail
    assert sent(sql, kind) == [wants] * len(fault.said)
    assert mute not in sent(sql, kind)

    over(sql, fault.cure or "delete from public.budget_alerts")
    for _ in range(3):
        assert [each for each in sql.call("check_alerts") if each["kind"] == kind] == []
    states = sql.rows("select ended_at is null from public.alerts where kind = %s", kind)
    assert states == [(False,)] * len(fault.said)
    said_over = sent(sql, "recovered")
    assert said_over.count(wants) == (len(fault.said) if fault.cure else 0)
    jobs = sql.rows("select args ->> 'delivery_id' from queue.procrastinate_jobs"
                    " where task_name = 'deliver_alert'")  # fmt: skip
    assert sorted(jobs) == sorted(sql.rows("select id::text from public.alert_deliveries"))


def sent(sql: Any, kind: str) -> list[str]:
    """The channels that alerts of a kind are on their way to."""
    rows = sql.rows(
        "select channel_id::text from public.alert_deliveries join public.alerts"
        " on alerts.id = alert_id where kind = %s",
        kind,
    )
    return [row[0] for row in rows]


def test_that_something_is_over_is_said_after_it_was_said_and_where_it_was(
    act: Act, sql: Any
) -> None:
    """And a process of the version before, which does not know the kind, sends its title."""
    told_of_it, deaf = add(act, ["no_worker"]), add(act, ["no_worker"])
    a_dead_worker(sql)
    sql.call("check_alerts")
    [first] = sql.rows(
        "select id::text from public.alert_deliveries where channel_id = %s", told_of_it
    )[0]
    sql.connection.execute(
        "update public.alert_deliveries set state = 'failed' where channel_id = %s", [deaf]
    )
    over(sql, FAULTS["no_worker"].cure)
    sql.call("check_alerts")
    assert sent(sql, "recovered") == [told_of_it]
    [last] = sql.rows("select d.id::text from public.alert_deliveries as d join public.alerts"
                      " on alerts.id = alert_id where kind = 'recovered'")[0]  # fmt: skip
    held = sql.call("begin_alert_delivery", last, 60)
    assert (held["go"], held["wait_seconds"]) == (False, 60)
    begun = sql.call("begin_alert_delivery", first, 60)
    sql.call("end_alert_delivery", first, begun["attempt"], "delivered", 204, "", None, False)
    alert = sql.call("begin_alert_delivery", last, 60)["alert"]
    title, detail = alert_words(alert["kind"], alert["parameters"], alert["title"], alert["detail"])
    assert title == "Over: No worker is running"
    assert detail.startswith("One runs again, or nothing waits for it any more. Told on ")
    assert alert_words("unknown", None, alert["title"], alert["detail"]) == (
        "recovered: no worker",
        "",
    )
    [listed] = act("founder", "alert_list")
    assert listed["ended_at"]
    assert [(each["state"], each["is_recovery"]) for each in listed["deliveries"]] == [
        ("delivered", False),
        ("pending", True),
        ("failed", False),
    ]


def test_a_watch_that_could_not_be_finished_does_not_close_a_hole(act: Act, sql: Any) -> None:
    a_hole(sql)
    assert len(sql.call("check_alerts")) == 1
    failed = (
        "insert into public.isolation_runs (state, started_at, ended_at, problem)"
        " values ('failed', now() + interval '1 second', now(), 'Auth is away.')"
    )
    over(sql, failed)
    assert sql.call("check_alerts") == []
    assert sql.rows("select count(*) from public.alerts where ended_at is null") == [(1,)]


def test_renewals_that_work_again_are_forgotten_and_few_are_no_alert(sql: Any) -> None:
    people = [sql.sign_in(str(person)) for person in range(5)]
    for person in people:
        sql.call("fail_token_refresh", person, 1, False)
    sql.call("save_refreshed_token", people[0], 1, "access", "2099-01-01")
    assert sql.rows("select count(*) from public.refresh_failures") == [(4,)]
    assert sql.call("check_alerts") == []


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
    assert sql.rows("select kind, ended_at is null from public.alerts order by kind") == [
        ("figma_quota", False),
        ("recovered", False),
    ]
    a_quota(sql)
    assert len(sql.call("check_alerts")) == 1
    assert sql.rows("select count(*) from public.alert_deliveries") == [(3,)]


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


def test_alerts_go_before_the_comments_that_wait(act: Act, sql: Any) -> None:
    add(act)
    sql.ask(sql.switch_on(sql.sign_in("2")), "waits")
    fail(sql)
    sql.call("check_alerts")
    # The order in which a worker takes them.
    waiting = sql.rows("select task_name from queue.procrastinate_jobs where status = 'todo'"
                       " order by priority desc, id")  # fmt: skip
    assert waiting[0] == ("deliver_alert",)
    assert ("answer_comment",) in waiting


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
        ("add_alert_channel", str(uuid4()), "slack", "x", "x", ["budget"], SEALED, "as agreed"),
        ("change_alert_channel", channel, "x", ["budget"], True, None, None, 1, "as agreed"),
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

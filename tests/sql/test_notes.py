"""Notes, follow-ups, named views and the weekly report: who writes them, and once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from service.alert_sentences import alert_words
from tests.sql.acting import Act, act
from tests.sql.conftest import refused

__all__ = ["act"]

DAY = date(2026, 11, 3)


def test_notes_on_days_and_people_are_written_changed_and_removed_under_ones_name(
    act: Act, sql: Any
) -> None:
    note, person = str(uuid4()), sql.sign_in("1")
    for _ in range(2):  # A repeated call writes it once.
        act("support", "save_date_note", note, DAY, "  a launch ", 0)
    act("founder", "save_date_note", note, DAY + timedelta(1), "the launch", 1)
    [found] = act("finance", "date_note_list", DAY, DAY + timedelta(1))
    assert (found["day"], found["text"], found["version"]) == ("2026-11-04", "the launch", 2)
    assert found["written_by"].startswith("support")
    assert found["changed_by"].startswith("founder")
    with refused("changed or removed this note"):
        act("support", "remove_date_note", note, 1)
    with refused("at most 300 characters"):
        act("support", "save_date_note", str(uuid4()), DAY, " ", 0)
    with refused("Your role"):
        act("finance", "save_date_note", str(uuid4()), DAY, "mine", 0)
    act("support", "remove_date_note", note, 2)
    assert act("founder", "date_note_list", DAY, DAY + timedelta(1)) == []
    said = "select operation, actor, coalesce(after, before) ->> 'text' from public.audit_log"
    of_day = sql.rows(f"{said} where table_name = 'date_notes' order by id")
    assert [(what, text) for what, _, text in of_day] == [
        ("INSERT", "a launch"), ("UPDATE", "the launch"), ("DELETE", "the launch"),
    ]  # fmt: skip
    act("support", "save_person_note", str(uuid4()), person, "was at the fair", 0)
    [mine] = act("founder", "person_note_list", person)
    assert mine["text"] == "was at the fair"
    # The audit log outlives an account: it knows that a note was written, and not what it says.
    [(_, _, kept)] = sql.rows(f"{said} where table_name = 'person_notes'")
    assert kept is None
    exported = act("support", "operator_export_person", person, "they asked")
    assert [each["text"] for each in exported["notes"]] == ["was at the fair"]
    act("support", "operator_delete_account", person, "they asked")
    assert sql.rows("select from public.person_notes") == []


def test_somebody_takes_a_person_over_and_marks_them_done_and_the_history_stays(
    act: Act, sql: Any
) -> None:
    person = sql.sign_in("1")
    [mine] = [each for each in act("support", "assignable_operators") if "support" in each]
    act("support", "set_follow_up", person, "used_up", mine, False, "", 0)
    [taken] = act("founder", "follow_up_list")
    assert (taken["assigned_to"], taken["is_done"]) == (mine, False)
    with refused("changed this meanwhile"):
        act("founder", "set_follow_up", person, "used_up", mine, True, "", 0)
    with refused("Pick a founder"):
        act("founder", "set_follow_up", person, "failed", "who@example.com", False, "", 0)
    act("founder", "set_follow_up", person, "used_up", mine, True, "pays now", taken["id"])
    done, began = act("support", "follow_up_history", person)
    assert (done["remark"], done["is_done"], began["is_done"]) == ("pays now", True, False)
    [newest] = act("support", "follow_up_list")
    assert newest["is_done"]
    # Whoever is listed again weeks later is to be talked to again.
    sql.connection.execute("update public.follow_ups set written_at = now() - interval '15 days'")
    assert act("support", "follow_up_list") == []


def test_each_operator_names_views_for_themselves(act: Act) -> None:
    act("support", "save_view", "trials", "Mine", "period=7+days")
    act("support", "save_view", "trials", "Mine", "period=90+days")
    [view] = act("support", "saved_view_list", "trials")
    assert (view["name"], view["query"]) == ("Mine", "period=90+days")
    assert act("founder", "saved_view_list", "trials") == []
    act("founder", "remove_view", view["id"])
    assert len(act("support", "saved_view_list", "trials")) == 1
    act("support", "remove_view", view["id"])
    assert act("support", "saved_view_list", "trials") == []


@pytest.fixture
def weekly(act: Act, sql: Any) -> None:
    """A channel that wants the report, which is due at this moment."""
    channel = (str(uuid4()), "webhook", "Board", "example.com", ["weekly_report"], "s" * 120)
    act("founder", "add_alert_channel", *channel, "for the board")
    due = (datetime.now(UTC) - timedelta(hours=8)).isoweekday()
    act("founder", "set_weekly_report", True, due, "https://d.example.com/", "for the board")


def test_the_weekly_report_is_sent_once_with_the_figures_of_the_pages(
    act: Act, sql: Any, weekly: None
) -> None:
    sql.sign_in("1")
    sql.connection.execute("""
        insert into public.subscriptions (user_id, plan_code, starts_at)
        select id, 'pro', now() - interval '5 days' from public.users
    """)
    raised = [each for each in sql.call("check_alerts") if each["kind"] == "weekly_report"]
    sent = (
        "select a.id from public.alert_deliveries as d join public.alerts as a on a.id = alert_id"
    )
    assert len(raised) == len(sql.rows(sent)) == 1
    told = raised[0]["parameters"]
    start, end = sql.rows(
        "select private.reporting_start(%s::date), private.reporting_start(%s::date + 1)",
        told["first"], told["last"],
    )[0]  # fmt: skip
    assert (end - start).days == 7
    revenue = sql.call("revenue_totals", start, end, None, None)
    used = sql.call("overview", start, end)["totals"]
    assert {name: told[name] for name in revenue if name in told} == {
        name: revenue[name] for name in revenue if name in told
    }
    assert told["mrr_microusd"] == told["new_microusd"] == 10_000_000
    assert {name: told[name] for name in used if name in told} == {
        name: used[name] for name in used if name in told
    }
    title, detail = alert_words("weekly_report", told, "", "")
    assert title.startswith("Weekly report, ")
    dates = f"period=Own+dates&dates={told['first']}&dates={told['last']}"
    assert f"https://d.example.com/revenue?{dates}" in detail
    assert f"https://d.example.com/overview?{dates}" in detail
    assert "MRR $10.00 (+$10.00: new $10.00" in detail
    # Neither again while it is open, nor after it was closed, nor when it is switched on anew.
    assert [each for each in sql.call("check_alerts") if each["kind"] == "weekly_report"] == []
    sql.connection.execute("update public.alerts set ended_at = now()")
    assert [each for each in sql.call("check_alerts") if each["kind"] == "weekly_report"] == []
    assert len(sql.rows(sent)) == 1
    assert act("founder", "report_standing")["channels"] == 1


def test_no_report_goes_out_on_another_day_or_when_it_is_off(
    act: Act, sql: Any, weekly: None
) -> None:
    due = (datetime.now(UTC) - timedelta(hours=8)).isoweekday()
    for is_on, weekday in ((True, due % 7 + 1), (False, due)):
        act("founder", "set_weekly_report", is_on, weekday, "", "no board this week")
        assert [each for each in sql.call("check_alerts") if each["kind"] == "weekly_report"] == []
    with refused("day of the week"):
        act("founder", "set_weekly_report", True, 8, "", "no board this week")

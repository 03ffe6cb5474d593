"""Reliability, dead letters and webhooks through the router: full, empty, one row, wrong role."""

from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import psycopg
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.dead_letters import replay_plan
from dashboard.dead_letters.edits import Outcome
from dashboard.dead_letters.queries import Plan
from dashboard.reliability import tables
from local.stack import Database
from tests.dashboard.stage import Buddy, metrics, open_page, rows_behind, sign_in, words

PAGES = ("reliability", "dead_letters", "webhooks")


def pick_row(router: AppTest, *rows: int) -> AppTest:
    """Select rows of the page's first table, as a click would."""
    selection = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    router.session_state[router.dataframe[0].key] = selection
    return router.run()


def test_the_figures_of_reliability_are_those_of_the_ledger(router: AppTest, buddy: Buddy) -> None:
    for _ in range(3):
        buddy.answer()
    buddy.fail()
    buddy.call("sample_queue")
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "reliability")
    assert not router.exception
    shown = metrics(router)
    assert shown["Error rate"].startswith("1 of 4")
    assert shown["Deliveries"] == "4"
    assert shown["Fallbacks"] == "0"
    assert len(router.get("plotly_chart")) == 6
    objectives = router.dataframe[0].value
    assert list(objectives["Objective"]) == ["Answered at all", "Answered within 30 s"]
    assert list(objectives["1 hour"]) == ["1 of 4 missed"] * 2
    times = router.dataframe[1].value
    assert list(times["Part"]) == ["Webhook to reply", "Model"]
    assert "no call in the last 30 days" in words(router)


def test_the_rows_behind_a_tile_add_up_to_it(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    buddy.fail()
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "reliability")
    for name in ("deliveries", "error_rate"):
        router.session_state[f"rows_{name}"] = True
    router.run()
    assert not router.exception
    frames = {name: frame.value for frame in router.dataframe for name in frame.value.columns}
    assert frames["deliveries"]["deliveries"].sum() == int(metrics(router)["Deliveries"]) == 2
    assert frames["error_rate"]["failed"].sum() == 1
    assert frames["error_rate"]["error_rate"].sum() == 0.5


def test_the_share_of_grounded_answers_is_that_of_answers_with_numbers(
    router: AppTest, buddy: Buddy
) -> None:
    for state in ("grounded", "grounded", "repaired", "fell_back", "no_numbers", None):
        buddy.answer(grounding=state)
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "reliability")
    assert not router.exception
    assert metrics(router)["Grounded answers"] == "2 of 4"
    rows = rows_behind(router, "grounded_share", "fell_back")
    counts = {name: rows[name].sum() for name in ("grounded", "repaired", "fell_back")}
    assert counts == {"grounded": 2, "repaired": 1, "fell_back": 1}
    assert rows["no_numbers"].sum() == 1


def test_a_team_narrows_errors_and_times_and_the_page_says_what_it_does_not(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    buddy.answer()
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute(
            "with team as (insert into public.teams (name) values ('Ink') returning id)"
            " update public.users set team_id = team.id from team"
        )
    buddy.answer()
    buddy.fail()
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "reliability")
    assert metrics(router)["Error rate"] == "1 of 3"
    router.selectbox(key="team").set_value("Ink").run()
    assert not router.exception
    assert metrics(router)["Error rate"] == "1 of 2"
    assert metrics(router)["Deliveries"] == "3"
    assert "of the whole service" in words(router)
    router.selectbox(key="team").set_value(None).run()
    router.multiselect(key="plan").set_value(["Pro"]).run()
    assert metrics(router)["Error rate"] == "–"


def test_every_popover_of_reliability_opens_rows(router: AppTest, buddy: Buddy) -> None:
    for _ in range(2):
        buddy.answer(grounding="grounded")
    buddy.fail()
    buddy.call("sample_queue")
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "reliability")
    expected = {
        "error_rate": ("failed", 1), "total_p95_ms": ("answered", 2),
        "model_p95_ms": ("answered", 2), "without_model": ("without_model", 0),
        "grounded_share": ("grounded", 2),
        "deliveries": ("deliveries", 3), "failures": ("failed", 1),
        "answer_times": ("answered", 2), "objectives": ("hours", 2 * (1 + 6 + 72 + 720)),
        "percentiles": ("calls", 4), "queue": ("samples", 1), "error_budget": ("bad", 2),
        "webhook_deliveries": ("deliveries", 3), "webhook_silence": ("deliveries_7d", 3),
    }  # fmt: skip
    for name, (column, total) in expected.items():
        assert rows_behind(router, name, column)[column].sum() == total, name


def test_a_founder_changes_an_objective_with_a_reason(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    founder = buddy.make_operator("founder")
    sign_in(router, founder)
    open_page(router, "reliability")
    router.selectbox(key="objective_picked").set_value("Answered within 30 s").run()
    router.number_input(key="objective_target_in_time").set_value(99.9)
    router.number_input(key="objective_seconds").set_value(20.0)
    press(router, "Save")
    assert "Give a reason" in router.error[0].value
    router.text_input(key="objective_reason_in_time").set_value("we promised it to Ink")
    press(router, "Save")
    assert not router.exception
    assert "The objective is changed" in router.success[0].value
    assert buddy.rows(
        "select target::text, threshold_ms from public.reliability_targets where code = 'in_time'"
    ) == [("0.999", 20_000)]
    assert list(router.dataframe[0].value["Objective"]) == [
        "Answered at all", "Answered within 20 s",
    ]  # fmt: skip
    log = "select actor, reason from public.audit_log where table_name = 'reliability_targets'"
    assert buddy.rows(log) == [(founder, "we promised it to Ink")]


def test_the_form_takes_no_limit_longer_than_the_times_tell(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "reliability")
    router.selectbox(key="objective_picked").set_value("Answered within 30 s").run()
    limit = router.number_input(key="objective_seconds")
    assert limit.max == 24 * 60
    assert "At most 24 minutes." in limit.help


def test_support_sees_objectives_but_no_form(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "reliability")
    assert "Save" not in [each.label for each in router.form_submit_button]


def test_deliveries_are_narrowed_to_one_webhook(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "reliability")
    picker = router.selectbox(key="webhook")
    assert picker.options[0] == "All webhooks"
    picker.set_value(picker.options[1]).run()
    assert not router.exception
    rows = rows_behind(router, "webhook_deliveries", "redeliveries")
    assert rows["deliveries"].sum() == 1


def test_the_quota_of_an_account_is_forecast_over_all_its_files() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    known = {
        "handle": "Ada", "file_name": "", "plan_tier": "starter", "refusals": 2,
        "limited_until": pd.Timestamp(now) + pd.Timedelta(hours=5), "upgrade_link": "",
        "put_off": 1, "limit_type": "low", "tier": 1, "figma_user_id": "1", "reads_7d": 8,
    }  # fmt: skip
    rows = pd.DataFrame(
        [
            {**known, "file_key": "A"},
            {**known, "file_key": "B", "reads_7d": 6},
            {**known, "file_key": "C", "tier": 2},
            {**known, "file_key": "D", "figma_user_id": "2", "handle": None, "reads_7d": 0},
            {**known, "file_key": "E", "figma_user_id": "3", "limit_type": "high"},
        ]
    )
    table = tables.quotas(rows, now)
    assert list(table["Figma plan"][:4]) == ["Starter, View or Collab seat"] * 4
    assert table["Figma plan"][4] == "Starter, Dev or Full seat"
    # 14 in 7 days are 2 a day: 20 last 10 days.
    both = "14 designs read in 7 days: at this pace a month's 20 last about 10 days."
    assert list(table["Forecast"]) == [
        both, both, "A limit by the minute: it opens by itself.",
        "0 designs read in 7 days: nothing uses it at present.",
        "8 designs read in 7 days; a limit by the minute, so bursts wait.",
    ]  # fmt: skip
    assert list(table["Account"])[2:4] == ["Ada", "the buddy's own"]
    assert set(table["Opens again"]) == {"in 5 h"}


@pytest.mark.parametrize(("reads", "words"), [(4, "are enough"), (140, "about 1 day."), (5, "28")])
def test_a_slow_pace_is_enough_and_a_fast_one_lasts_a_day(reads: int, words: str) -> None:
    assert words in tables.forecast(1, "low", reads)


@pytest.mark.parametrize("page", PAGES)
def test_without_any_use_a_page_says_what_will_be_there(
    router: AppTest, buddy: Buddy, page: str
) -> None:
    sign_in(router, buddy.make_operator("support"))
    open_page(router, page)
    assert not router.exception
    assert len(router.info) == 1


@pytest.mark.parametrize("page", PAGES)
def test_finance_has_none_of_these_pages(router: AppTest, buddy: Buddy, page: str) -> None:
    buddy.fail()
    sign_in(router, buddy.make_operator("finance"))
    with pytest.raises(Exception, match=page):
        open_page(router, page)
        assert [title.value for title in router.title] == ["Overview"]
        raise LookupError(page)


@pytest.mark.parametrize(
    ("page", "function"),
    [
        ("reliability", "reliability"),
        ("dead_letters", "dead_letter_causes"),
        ("webhooks", "webhook_list"),
    ],
)
def test_a_database_that_is_away_is_one_sentence(
    router: AppTest, buddy: Buddy, database: Database, page: str, function: str
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        [(name,)] = connection.execute(
            "select oid::regprocedure::text from pg_proc where proname = %s", [function]
        ).fetchall()
        connection.execute(f"revoke execute on function {name} from authenticated")
        try:
            st.cache_data.clear()
            open_page(router, page)
        finally:
            connection.execute(f"grant execute on function {name} to authenticated")
    assert not router.exception
    assert ["cannot be read right now" in each.value for each in router.error] == [True]


def test_a_dead_letter_is_replayed_after_its_dry_run(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    answer_id = buddy.fail()
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "dead_letters")
    assert not router.exception
    assert metrics(router)["Dead letters"] == "1"
    assert list(router.dataframe[0].value["Cause"]) == ["Figma was down"]
    pick_row(router, 0)
    assert "Posts 1 reply, charges 1 use, asks the model 1 time: about $0.0012." in words(router)
    plan = router.table[0].value
    assert plan.loc["Comment", "What happens"] == "✓ Already done"
    assert plan.loc["Reply", "What happens"] == "✎ Will post"
    router.text_input[0].set_value("Figma is back")
    press(router, "Replay 1")
    assert "1 queued again." in [each.value for each in router.success]
    assert buddy.rows("select state, run from public.answers where state = 'queued'") == [
        ("queued", 2)
    ]
    log = buddy.rows("select row_key, reason from public.audit_log where table_name = 'answers'")
    assert log == [(answer_id, "Figma is back")]


def test_a_replay_without_a_reason_is_refused_in_words(router: AppTest, buddy: Buddy) -> None:
    buddy.fail()
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "dead_letters")
    pick_row(router, 0)
    press(router, "Replay 1")
    assert "Give a reason" in router.error[0].value
    assert buddy.rows("select state from public.answers") == [("failed",)]


def test_letters_are_narrowed_by_cause_and_discarded(router: AppTest, buddy: Buddy) -> None:
    buddy.fail()
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "dead_letters")
    router.pills(key="dead_letters_cause").set_value(["Figma was down (1)"]).run()
    pick_row(router, 0)
    router.text_input[1].set_value("asked in jest")
    press(router, "Discard 1")
    assert "1 discarded." in [each.value for each in router.success]
    assert "No dead letters" in str(router.info[0].proto)


def test_a_webhook_is_paused_and_resumed_with_a_reason(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "webhooks")
    assert not router.exception
    shown = metrics(router)
    assert (shown["Webhooks"], shown["Active"], shown["Silent"]) == ("1", "1", "0")
    assert router.dataframe[0].value["Deliveries, 7 days"][0] == 1
    pick_row(router, 0)
    assert "on our side only" in words(router)
    assert list(router.dataframe[1].value["Outcome"]) == ["To be answered"]
    router.text_input[1].set_value("floods the queue")
    press(router, "Pause")
    assert buddy.rows("select state from public.user_webhooks") == [("paused",)]
    assert list(router.dataframe[0].value["State"]) == ["◫ Paused by support"]
    pick_row(router, 0)
    router.text_input[1].set_value("calm again")
    press(router, "Resume")
    assert buddy.rows("select state from public.user_webhooks") == [("active",)]


def test_the_dry_run_of_many_adds_up_and_an_unknown_price_stays_unknown() -> None:
    plans = [Plan(f"{cost}", True, True, True, True, cost, []) for cost in (700, 800)]
    assert replay_plan.estimate(plans) == 1500
    assert replay_plan.estimate([*plans, replace(plans[0], estimated_microusd=None)]) is None
    assert "Posts 2 replies, charges 2 uses" in replay_plan.summary(plans)
    outcomes = [Outcome("queued"), Outcome("queued"), Outcome("over_cap")]
    assert (
        replay_plan.describe_results(outcomes) == "2 queued again, 1 left out: above the cost cap."
    )


def press(router: AppTest, label: str) -> AppTest:
    [button] = [each for each in router.form_submit_button if each.label == label]
    return button.click().run()


def test_the_watch_over_isolation_is_green_or_red_with_what_it_found(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    with psycopg.connect(database.database_url, autocommit=True) as connection:
        connection.execute("""
            insert into public.isolation_runs (started_at, ended_at, state, tried, by_visitor)
                values (now() - interval '1 day', now() - interval '1 day', 'green', 200,
                '[{"visitor": "a stranger", "tried": 200, "holes": 0}]')
        """)
        sign_in(router, buddy.make_operator("support"))
        open_page(router, "reliability")
        assert not router.exception
        said = " ".join(str(each.value) for each in router.success)
        assert "all 200 attempts to reach another account's rows were refused" in said
        connection.execute("""
            insert into public.isolation_runs (ended_at, state, tried, holes, by_visitor) values
                (now(), 'red', 200, '[{"visitor": "finance", "what": "read sessions"}]',
                '[{"visitor": "finance", "tried": 40, "holes": 1}]')
        """)
    st.cache_data.clear()
    router.run()
    assert not router.exception
    assert "finance could read sessions" in words(router)


def test_what_is_removed_after_its_time_is_shown_and_what_is_late_is_named(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    with psycopg.connect(database.database_url, autocommit=True) as connection:
        connection.execute("set role service_role")
        connection.execute("select public.purge_expired()")
        for name in ("artifacts", "orphans"):
            connection.execute("select public.note_removed(%s, 3)", (name,))
        sign_in(router, buddy.make_operator("support"))
        open_page(router, "reliability")
        assert not router.exception
        assert "looked through in time" in " ".join(str(each.value) for each in router.success)
        connection.execute(
            "update public.retention_runs set last_at = now() - interval '5 hours'"
            " where name in ('traces', 'orphans')"
        )
    st.cache_data.clear()
    router.run()
    [late] = [str(each.value) for each in router.warning if "looked through" in str(each.value)]
    # Files without a run are looked for once a day.
    assert "What was sent to models for an answer." in late and "Files in the bucket" not in late
    [table] = [each.value for each in router.dataframe if "Removed in all" in each.value]
    assert table["What"][0] == "What was sent to models for an answer"

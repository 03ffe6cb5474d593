"""Reliability, dead letters and webhooks through the router: full, empty, one row, wrong role."""

import psycopg
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import replay_plan
from local.stack import Database
from tests.dashboard.stage import Buddy, metrics, open_page, sign_in, words

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
    assert len(router.get("plotly_chart")) == 5
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
        ("reliability", "reliability_totals"),
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
    known = {"can_replay": True, "posts": True, "takes_use": True, "asks_model": True}
    plans = [{**known, "estimated_microusd": 700}, {**known, "estimated_microusd": 800}]
    assert replay_plan.estimate(plans) == 1500
    assert replay_plan.estimate([*plans, {**known, "estimated_microusd": None}]) is None
    assert "Posts 2 replies, charges 2 uses" in replay_plan.summary(plans)
    outcomes = [{"outcome": "queued"}, {"outcome": "queued"}, {"outcome": "over_cap"}]
    assert replay_plan.told(outcomes) == "2 queued again, 1 left out: above the cost cap."


def press(router: AppTest, label: str) -> AppTest:
    [button] = [each for each in router.form_submit_button if each.label == label]
    return button.click().run()

"""The page Analyses through the router: its figures, its roles, one analysis and its words."""

from typing import Any

import pandas as pd
import psycopg
import pytest
import streamlit as st
from psycopg.types.json import Jsonb
from streamlit.testing.v1 import AppTest

from dashboard.analyses import charts, figures
from dashboard.parts.chart_style import LIGHT
from local.stack import Database
from tests.dashboard.stage import (
    Buddy,
    metrics,
    open_page,
    refill_caches,
    rows_behind,
    sign_in,
    words,
)
from tests.sql.test_analyses import LIMIT, item

MODEL = {
    "provider": "openai", "model": "gpt-5-mini", "cost_microusd": 900, "cost_state": "priced",
    "model_latency_ms": 700,
}  # fmt: skip
RESULT = {
    "summary": "A secret summary.",
    "suggestions": [
        {"ref": 1, "rule": "contrast-text", "severity": "problem", "sure": "A", "count": 2,
         "words": "secret", "patch": {"changes": []}},
        {"ref": 2, "rule": "contrast-text", "severity": "problem", "sure": "A", "count": 1,
         "element_name": "secret", "patch": {"changes": []}},
        {"ref": 3, "rule": "naming", "severity": "info", "sure": "C", "count": 1, "patch": None},
    ],
}  # fmt: skip


class Analyst:
    """Somebody in the plugin, and the worker behind it."""

    def __init__(self, buddy: Buddy) -> None:
        self._buddy = buddy
        buddy.answer()
        [(self.user,)] = buddy.rows("select id::text from public.users limit 1")
        buddy.rows("insert into queue.procrastinate_workers default values returning 1")

    def ask(self, key: str, limit: int = LIMIT[0]) -> dict[str, Any]:
        found: dict[str, Any] = self._buddy.call(
            "request_analysis", self.user, Jsonb(item(key)), limit, *LIMIT[1:]
        )
        return found

    def analyse(self, key: str, source: str = "model") -> str:
        asked = self.ask(key)
        if asked["state"] == "queued":
            attempt = self.begin(asked["id"])
            used = (
                MODEL
                if source == "model"
                else {**MODEL, "provider": "measured-review", "model": ""}
            )
            self._buddy.call(
                "settle_analysis", asked["id"], attempt, source, Jsonb(RESULT), Jsonb(used)
            )
        return str(asked["id"])

    def begin(self, analysis: str) -> int:
        return int(self._buddy.call("begin_analysis", analysis, 30.0)["attempt"])

    def fail(self, key: str) -> str:
        analysis = str(self.ask(key)["id"])
        attempt = self.begin(analysis)
        self._buddy.call(
            "give_up_analysis", analysis, attempt, "worker_lost", "Lost again and again.", Jsonb({})
        )
        return analysis

    def say(self, analysis: str, **outcomes: str) -> None:
        told = [
            {"ref": int(ref.removeprefix("ref_")), "outcome": outcome}
            for ref, outcome in outcomes.items()
        ]
        self._buddy.call("note_outcomes", self.user, analysis, Jsonb(told))


@pytest.fixture
def analyst(buddy: Buddy) -> Analyst:
    """Two by a model, one from the cache, one measured alone, one failed, one asked too fast."""
    made = Analyst(buddy)
    first = made.analyse("a")
    again = made.analyse("a")
    made.analyse("b")
    made.analyse("c", "measured")
    made.fail("d")
    made.ask("e", limit=1)
    made.say(first, ref_1="applied", ref_3="ignored")
    made.say(again, ref_1="undone")
    return made


def test_each_tile_is_what_its_rows_add_up_to(
    router: AppTest, buddy: Buddy, analyst: Analyst
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "analyses")
    assert not router.exception
    shown = metrics(router)
    assert {name: shown[name] for name in (
        "Analyses", "Cache share", "Fallback share", "Failed", "Refused", "Batches",
        "Suggestions taken", "AI cost", "Cost per analysis",
    )} == {
        "Analyses": "4", "Cache share": "1 of 4", "Fallback share": "1 of 3", "Failed": "1 of 4",
        "Refused": "1", "Batches": "0", "Suggestions taken": "1 of 8", "AI cost": "$0.0027",
        "Cost per analysis": "$0.0014",
    }  # fmt: skip
    # Two beside each other on a phone: none stands alone.
    assert len(router.metric) % 2 == 0
    expected = {
        "done": ("done", 4), "with_change": ("with_change", 8),
        "cache_share": ("cache_share", 1 / 4),
        "fallback_share": ("fallback_share", 1 / 3), "error_rate": ("error_rate", 1 / 4),
        "refused": ("refused", 1), "p50_ms": ("analyses", 2), "p95_ms": ("analyses", 2),
        "taken": ("taken", 1 / 8), "cost_microusd": ("cost_microusd", 0.0027),
        "cost_each_microusd": ("written", 2), "analyses": ("failed", 1),
        "analysis_types": ("done", 4), "analysis_times": ("analyses", 2),
        "suggestions": ("ignored", 1),
    }  # fmt: skip
    for name, (column, total) in expected.items():
        assert rows_behind(router, name, column)[column].sum() == pytest.approx(total), name


def test_a_cached_one_is_no_models_call_and_no_cost(
    router: AppTest, buddy: Buddy, analyst: Analyst
) -> None:
    """Nor is it in an answer's error rate or time: those are of comments."""
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "reliability")
    assert metrics(router)["Error rate"] == "0 of 1"
    open_page(router, "overview")
    shown = metrics(router)
    assert (shown["Answers"], shown["Analyses"]) == ("1", "4")
    assert rows_behind(router, "analyses", "outcome")["analyses"].sum() == 4
    open_page(router, "ai_cost")
    calls = buddy.rows(
        "select sum(calls)::int from public.ai_cost_hourly where feature = 'analysis'"
    )
    # Of two models, and the failed calls of the one that was measured.
    assert calls == [(3,)]


def test_rules_nobody_takes_come_first_and_say_how_sure_that_is(
    router: AppTest, buddy: Buddy, analyst: Analyst
) -> None:
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "analyses")
    [table] = [each.value for each in router.dataframe if "Taken" in each.value.columns]
    assert list(table["Rule"]) == ["Contrast text", "Naming"]
    assert list(table["Taken"]) == ["1 of 8 (2–47 %)", "no change to apply"]
    assert list(table["Ignored of shown"]) == ["0 of 8 (0–32 %)", "1 of 4 (5–70 %)"]
    assert list(table["Undone"]) == [1, 0]


def test_many_cases_without_a_taker_come_before_few() -> None:
    rows = pd.DataFrame(
        [
            ("few", "model", 2, 2, 0, 0, 0), ("many", "model", 90, 90, 1, 0, 0),
            ("liked", "model", 40, 40, 30, 0, 0), ("words", "model", 9, 0, 0, 0, 4),
        ],
        columns=figures.queries.SUGGESTIONS,
    )  # fmt: skip
    assert list(figures.rules(rows)["rule"]) == ["many", "few", "liked", "words"]


def test_few_analyses_have_marks_and_whole_numbers_on_the_axis() -> None:
    rows = pd.DataFrame({"name": ["Design"], "done": [1], "model": [1], "measured": [0],
                         "cached": [0]})  # fmt: skip
    assert charts.types(rows, LIGHT).layout.xaxis.dtick == 1
    at = pd.to_datetime(["2026-11-27"], utc=True)
    times = pd.DataFrame({"at": at, "analyses": 1, "p50_ms": 4000, "p95_ms": 4000})
    drawn = charts.times(times, "Day (UTC)", "UTC", LIGHT)
    assert drawn.data[0].mode == "lines+markers"


def test_support_sees_no_sum_of_costs(router: AppTest, buddy: Buddy, analyst: Analyst) -> None:
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "analyses")
    assert not router.exception
    assert "AI cost" not in metrics(router)
    [latest] = [each.value for each in router.dataframe if "Asked by" in each.value.columns]
    assert "Cost" not in latest.columns
    assert sorted(latest["State"]) == sorted(
        ["✓ By a model"] * 2 + ["↻ From the cache", "▤ Measured alone", "✕ Failed"]
    )


def test_finance_has_no_such_page(router: AppTest, buddy: Buddy, analyst: Analyst) -> None:
    sign_in(router, buddy.make_operator("finance"))
    with pytest.raises(Exception, match="analyses"):
        open_page(router, "analyses")
        assert [title.value for title in router.title] == ["Overview"]
        raise LookupError("analyses")


def test_one_analysis_is_opened_and_its_words_need_a_reason(
    router: AppTest, buddy: Buddy, analyst: Analyst
) -> None:
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "analyses")
    [latest] = [each for each in router.dataframe if "Asked by" in each.value.columns]
    place = list(latest.value["State"]).index("↻ From the cache")
    selection = {"selection": {"rows": [place], "columns": [], "cells": []}}
    router.session_state[latest.key] = selection
    router.run()
    assert not router.exception
    assert "From the cache" in words(router) and "no use taken" in words(router)
    assert "secret" not in words(router)
    [table] = [each.value for each in router.dataframe if "What became of it" in each.value]
    assert list(table["What became of it"]) == ["Undone", "Nothing yet", "Nothing yet"]
    assert list(table["Change"]) == ["offered", "offered", "none"]
    router.button(key="analysis_words").click().run()
    assert router.text_input(key="analysis_words_reason").label == "Reason"
    assert "secret" not in words(router)


def test_an_address_opens_one_and_an_old_or_odd_one_is_said(
    router: AppTest, buddy: Buddy, analyst: Analyst
) -> None:
    sign_in(router, buddy.make_operator("support"))
    [(failed,)] = buddy.rows("select id::text from public.analyses where state = 'failed'")
    router.query_params["analysis"] = failed
    open_page(router, "analyses")
    assert "Lost again and again" in words(router).replace("\\", "")
    # Alone, and so without scrolling.
    assert [each.value for each in router.header] == ["One analysis"] and not router.metric
    router.query_params["analysis"] = "00000000-0000-0000-0000-000000000001"
    router.run()
    assert "kept for 25 hours" in words(router)
    router.query_params["analysis"] = "no id"
    router.run()
    assert router.metric
    router.query_params["analysis"] = failed
    router.run()
    [back] = [each for each in router.button if each.label == "All analyses"]
    back.click().run()
    assert router.metric and "One analysis" not in [each.value for each in router.header]
    assert not router.exception and not router.error


def test_the_story_of_a_person_tells_of_analyses(
    router: AppTest, buddy: Buddy, analyst: Analyst
) -> None:
    sign_in(router, buddy.make_operator("support"))
    router.query_params["person"] = analyst.user
    open_page(router, "people")
    assert not router.exception
    told = words(router).replace("\\", "")
    for title in (
        "Analysis (design) by a model", "Analysis (design) from the cache",
        "Analysis (design) measured alone", "Analysis (design) failed",
    ):  # fmt: skip
        assert title in told, told


def test_what_waits_on_live_is_in_the_rows_of_its_tile(
    router: AppTest, buddy: Buddy, analyst: Analyst
) -> None:
    analyst.ask("waits")
    buddy.ask()
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "live")
    assert metrics(router)["Waiting"] == "2"
    assert sorted(rows_behind(router, "queued", "feature")["feature"]) == ["Analysis", "Comment"]
    assert metrics(router)["Dead letters"] == "1"
    assert list(rows_behind(router, "dead_letters", "feature")["feature"]) == ["Analysis"]


def test_without_any_analysis_the_page_says_what_will_be_there(
    router: AppTest, buddy: Buddy
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "analyses")
    assert not router.exception
    assert [each.value.split(" in ")[0] for each in router.info] == ["Somebody selects elements"]
    assert metrics(router)["Analyses"] == "0"


def test_a_database_that_is_away_is_one_sentence(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        [(name,)] = connection.execute(
            "select oid::regprocedure::text from pg_proc where proname = 'analysis_course'"
        ).fetchall()
        connection.execute(f"revoke execute on function {name} from authenticated")
        try:
            refill_caches()
            open_page(router, "analyses")
        finally:
            connection.execute(f"grant execute on function {name} to authenticated")
            st.cache_data.clear()
    assert not router.exception
    assert ["cannot be read right now" in each.value for each in router.error] == [True]

"""The page Pipelines through the router: its figures, its list, one run, what support does."""

from io import BytesIO
from typing import Any

import pandas as pd
import psycopg
import pytest
import streamlit as st
from coloraide import Color
from psycopg.types.json import Jsonb
from streamlit.testing.v1 import AppTest

from dashboard.exports.writing import write
from dashboard.parts.chart_style import DARK, LIGHT, Palette
from dashboard.pipelines import charts, figures, run_list, whole_run
from local.stack import Database
from service.pipelines.sentences import tell
from tests.dashboard.stage import (
    Buddy,
    metrics,
    open_page,
    refill_caches,
    rows_behind,
    sign_in,
    words,
)
from tests.dashboard.test_results import view_of
from tests.sql.building import QUALITY, Builder


class Designer(Builder):
    """Somebody who builds, with worker and builder behind them."""

    def __init__(self, buddy: Buddy) -> None:
        super().__init__(buddy.call, Jsonb)
        buddy.answer()
        [(self.user,)] = buddy.rows("select id::text from public.users limit 1")
        buddy.rows("insert into queue.procrastinate_workers default values returning 1")


@pytest.fixture
def designer(buddy: Buddy) -> Designer:
    """One by a model, one by rules, one each that did not pass, untested, failed, refused, open."""
    made = Designer(buddy)
    made.build(made.user)
    made.build(made.user, with_call=False, geometry_share=0.91)
    made.build(made.user, with_call=False, is_passed=False)
    made.unproven(made.user)
    made.fail(made.start(made.user), "read", "unexpected")
    made.fail(made.start(made.user), "read", "figma_forbidden")
    made.start(made.user)
    return made


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_end_has_a_colour_of_its_own_that_can_be_seen(palette: Palette) -> None:
    shown = list(charts.colours(palette).values())
    assert len(set(shown)) == len(shown)
    for each in shown:
        assert Color(each).contrast(palette.background, method="wcag21") >= 3


def list_of(router: AppTest) -> Any:
    [found] = [each for each in router.dataframe if "Asked by" in each.value.columns]
    return found


def pick(router: AppTest, state: str) -> None:
    """Open the run of this state from the list."""
    shown = list_of(router)
    place = list(shown.value["State"]).index(state)
    selection = {"selection": {"rows": [place], "columns": [], "cells": []}}
    router.session_state[shown.key] = selection
    router.run()
    assert not router.exception


def test_each_tile_is_what_its_rows_add_up_to(
    router: AppTest, buddy: Buddy, designer: Designer
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "pipelines")
    assert not router.exception
    shown = metrics(router)
    assert {name: shown[name] for name in (
        "Started", "Ended", "Success", "Model result used", "Failed", "Without the gate",
        "Refused by Figma", "Cancelled", "Waiting, now", "Running, now", "AI cost",
        "Cost per run, median",
    )} == {
        "Started": "7", "Ended": "6", "Success": "2 of 5", "Model result used": "1 of 2",
        "Failed": "1", "Without the gate": "2", "Refused by Figma": "1", "Cancelled": "0",
        "Waiting, now": "0", "Running, now": "1", "AI cost": "$0.040", "Cost per run, median": "$0",
    }  # fmt: skip
    expected = {
        "started": ("started", 7), "ended": ("ended", 6), "success": ("success", 2 / 5),
        "model_used": ("model_used", 1 / 2), "failed": ("failed", 1), "ungated": ("ungated", 2),
        "refused": ("refused", 1), "time_p50_ms": ("runs", 4), "time_p95_ms": ("runs", 4),
        "cost_microusd": ("cost_microusd", 0.04), "cost_p50_microusd": ("runs", 6),
        "waiting": ("waiting", 0), "running": ("running", 1), "pipelines": ("pipelines", 6),
        "pipeline_causes": ("pipelines", 4), "pipeline_stages": ("runs", 26),
    }  # fmt: skip
    for name, (column, total) in expected.items():
        assert rows_behind(router, name, column)[column].sum() == pytest.approx(total), name
    quality = rows_behind(router, "pipeline_fidelity", "measure")
    geometry = quality[quality["measure"] == "geometry_share"]
    assert list(geometry["mean"]) == pytest.approx([0.94])


def test_failures_are_told_in_the_words_that_customers_read(
    router: AppTest, buddy: Buddy, designer: Designer
) -> None:
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "pipelines")
    [table] = [each.value for each in router.dataframe if "Share" in each.value.columns]
    told = dict(zip(table["Why"], table["Share"], strict=True))
    codes = ("unexpected", "figma_forbidden", "not_gated", "sandbox_unavailable")
    assert set(told) == {f"{tell(code).happened} {tell(code).why}" for code in codes}
    assert sorted(told.values()) == ["20 %", "20 %", "20 %", "–"]


def test_support_sees_no_sum_of_costs(router: AppTest, buddy: Buddy, designer: Designer) -> None:
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "pipelines")
    assert not router.exception
    assert not {"AI cost", "Cost per run, median", "Cost per run, p95"} & set(metrics(router))
    assert "Cost" not in list_of(router).value.columns
    assert len(list_of(router).value) == 7


def test_the_list_is_narrowed_by_state_and_person(
    router: AppTest, buddy: Buddy, designer: Designer
) -> None:
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "pipelines")
    router.button_group(key="pipeline_state").set_value(["Failed", "Running"]).run()
    assert sorted(list_of(router).value["State"]) == ["▸ Read", "✕ Failed"]
    router.text_input(key="pipeline_person").set_value("nobody like that").run()
    assert "No run of this period is like that" in words(router)
    router.text_input(key="pipeline_person").set_value("ada").run()
    assert len(list_of(router).value) == 2


def test_one_run_is_opened_whole(router: AppTest, buddy: Buddy, designer: Designer) -> None:
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "pipelines")
    shown = list_of(router).value
    by_model = list(zip(shown["State"], shown["Result by"], strict=True))
    place = by_model.index(("✓ Passed the gate", "model"))
    selection = {"selection": {"rows": [place], "columns": [], "cells": []}}
    router.session_state[list_of(router).key] = selection
    router.run()
    assert not router.exception
    said = words(router).replace("\\", "")
    for part in ("result by a model", "1 model call: $0.040", "one use taken", "request request-1",
                 "trace ", "Nobody has cancelled or retried it"):  # fmt: skip
        assert part in said, part
    tables = [each.value for each in router.dataframe]
    [stages] = [each for each in tables if "Attempt" in each.columns]
    assert len(stages) == 6
    [quality] = [each for each in tables if "Wanted" in each.columns]
    assert list(quality.columns) == ["Figure", "Round 0 (passed, chosen)", "Wanted"]
    assert dict(zip(quality["Figure"], quality.iloc[:, 1], strict=True))["Geometry"] == "97 % ✓"
    [ledger] = [each for each in tables if "Row" in each.columns]
    assert list(ledger["What"]) == ["Model call", "End of the run"]


def test_support_is_asked_for_a_reason_before_a_run_is_retried_or_cancelled(
    router: AppTest, buddy: Buddy, designer: Designer
) -> None:
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "pipelines")
    for state, act in (("✕ Failed", "retry"), ("▸ Read", "cancel")):
        pick(router, state)
        router.button(key=f"pipeline_{act}").click().run()
        assert router.text_input(key="pipeline_reason").label == "Reason"
        assert not router.exception
        open_page(router, "live")
        open_page(router, "pipelines")
    assert buddy.rows("select 1 from public.audit_log where table_name = 'pipelines'") == []


def test_a_retry_that_would_end_the_same_way_is_not_offered(
    router: AppTest, buddy: Buddy, designer: Designer
) -> None:
    gone = designer.start(designer.user)
    designer.fail(gone, "read", "node_gone")
    sign_in(router, buddy.make_operator("support"))
    router.query_params["pipeline"] = gone
    open_page(router, "pipelines")
    assert "A retry would end the same way" in words(router)
    assert not [each for each in router.button if each.key == "pipeline_retry"]


def test_an_address_opens_one_and_an_old_or_odd_one_is_said(
    router: AppTest, buddy: Buddy, designer: Designer
) -> None:
    sign_in(router, buddy.make_operator("support"))
    [(failed,)] = buddy.rows("select id::text from public.pipelines where code = 'unexpected'")
    router.query_params["pipeline"] = failed
    open_page(router, "pipelines")
    assert tell("unexpected").why in words(router).replace("\\", "")
    # Alone, and so without scrolling.
    assert router.header[0].value == "One run" and not router.metric
    router.query_params["pipeline"] = "00000000-0000-0000-0000-000000000001"
    router.run()
    assert "kept for 400 days" in words(router)
    router.query_params["pipeline"] = "no id"
    router.run()
    assert router.metric
    router.query_params["pipeline"] = failed
    router.run()
    [back] = [each for each in router.button if each.label == "All pipelines"]
    back.click().run()
    assert router.metric and "One run" not in [each.value for each in router.header]
    assert not router.exception and not router.error


def test_the_file_of_the_list_has_every_run(
    router: AppTest, buddy: Buddy, designer: Designer
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "pipelines")
    [prepare] = [each for each in router.button if each.label == "Prepare CSV of these runs"]
    prepare.click().run()
    assert not router.exception
    assert "Download 7 rows" in [each.label for each in router.get("download_button")]


def test_its_last_line_adds_up() -> None:
    row = {
        "id": "1", "started_at": "2026-11-01T00:00:00Z", "ended_at": None, "state": "gated",
        "cause": "", "stage": "", "source": "api", "component": "=evil()", "handle": "Ada",
        "team": "", "plan_code": "pro", "rounds": 1, "calls": 2, "run_ms": 5, "with_model": True,
        "unpriced": 1, "cost_microusd": 1_250_000,
    }  # fmt: skip
    page = [row, row | {"id": "2", "state": "failed", "with_model": False, "cost_microusd": 1}]

    def ask(function: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        assert function == "pipeline_rows"
        return page if parameters["p_before_id"] is None else []

    for with_cost in (True, False):
        target = BytesIO()
        about = (view_of(), run_list.Filter())
        write(run_list.export_of(with_cost=with_cost), ask, about, target)
        head, first, _, last = target.getvalue().decode("utf-8-sig").splitlines()
        totals = dict(zip(head.split(","), last.split(","), strict=True))
        sums = [totals[each] for each in ("Model calls", "Runs", "Gated", "Failed")]
        assert sums == ["4", "2", "1", "1"]
        assert totals.get("Cost (USD)") == ("1.250001" if with_cost else None)
        assert "'=evil()" in first


def test_the_story_of_a_person_tells_of_components(
    router: AppTest, buddy: Buddy, designer: Designer
) -> None:
    sign_in(router, buddy.make_operator("support"))
    router.query_params["person"] = designer.user
    open_page(router, "people")
    assert not router.exception
    told = words(router).replace("\\", "")
    for title in ("Component built: passed the gate", "Component built: not tested",
                  "Component failed"):  # fmt: skip
        assert title in told, told


def test_other_pages_tell_of_components(router: AppTest, buddy: Buddy, designer: Designer) -> None:
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "overview")
    assert metrics(router)["Components built"] == "2"
    assert rows_behind(router, "pipelines", "with_model")["pipelines"].sum() == 2
    open_page(router, "reliability")
    assert metrics(router)["Error rate"] == "0 of 1"
    open_page(router, "ai_cost")
    assert not router.exception
    open_page(router, "dead_letters")
    assert not router.exception
    assert "Pipelines that failed are opened" in words(router)


def test_founders_set_the_limits_of_a_team(router: AppTest, buddy: Buddy) -> None:
    buddy.rows("insert into public.teams (name) values ('Umbrella') returning 1")
    sign_in(router, buddy.make_operator("founder"))
    router.query_params["section"] = "Team pipelines"
    open_page(router, "settings")
    assert not router.exception
    [field] = [each for each in router.number_input if each.label == "Runs at a time"]
    field.set_value(5)
    router.text_input(key="pipeline_limits_reason").set_value("as agreed")
    router.button[0].click().run() if not router.form_submit_button else (
        router.form_submit_button[0].click().run()
    )
    assert not router.exception
    [table] = [each.value for each in router.dataframe if "At a time" in each.value.columns]
    assert table.to_dict("records") == [
        {"Team": "Umbrella", "At a time": "5", "May wait": "as for everybody",
         "Files kept": "as for everybody", "Model money per run": "as for everybody",
         "Model": "as for everybody"},
    ]  # fmt: skip


def test_without_any_run_the_page_says_what_will_be_there(router: AppTest, buddy: Buddy) -> None:
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "pipelines")
    assert not router.exception
    assert [each.value.split(" on ")[0] for each in router.info] == ["Somebody gives a Figma link"]
    assert metrics(router)["Started"] == "0"


def test_a_database_that_is_away_is_one_sentence(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        [(name,)] = connection.execute(
            "select oid::regprocedure::text from pg_proc where proname = 'pipeline_course'"
        ).fetchall()
        connection.execute(f"revoke execute on function {name} from authenticated")
        try:
            refill_caches()
            open_page(router, "pipelines")
        finally:
            connection.execute(f"grant execute on function {name} to authenticated")
            st.cache_data.clear()
    assert not router.exception
    assert ["cannot be read right now" in each.value for each in router.error] == [True]


def test_few_steps_have_marks_and_nothing_is_a_note() -> None:
    at = pd.to_datetime(["2026-11-27"], utc=True)
    rows = pd.DataFrame({"at": at, "measure": ["apr"], "mean": [0.01]})
    drawn = charts.shares(rows, charts.CODE, "Day (UTC)", "UTC", LIGHT)
    assert drawn.data[0].mode == "lines+markers"
    empty = charts.shares(rows.head(0), charts.CODE, "Day (UTC)", "UTC", LIGHT)
    assert [each.text for each in empty.layout.annotations] == ["Nothing in this period"]


@pytest.mark.parametrize(
    ("total", "hours", "words"),
    [(1, 720, ""), (3, 720, ""), (8, 720, "1.9 a week"), (215, 715, "7.2 a day"),
     (48, 24, "2.0 an hour"), (5, 24, ""), (11, 2160, "3.7 in 30 days")],
)  # fmt: skip
def test_a_pace_is_of_less_time_than_the_period(total: int, hours: float, words: str) -> None:
    assert figures.pace(total, hours) == words


def test_what_was_not_measured_is_never_told_as_nothing() -> None:
    table = whole_run.to_quality([QUALITY | {"round": 0, "ssim": None}])
    told = dict(zip(table["Figure"], table.iloc[:, 1], strict=True))
    assert told["Picture likeness"] == "not measured"
    assert whole_run.to_quality([]).empty

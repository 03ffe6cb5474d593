"""Charts and tables: what they show, and that everybody can see it."""

import re
from datetime import UTC, datetime
from itertools import combinations

import pandas as pd
import plotly.graph_objects as go
import pytest
from coloraide import Color

from dashboard.ai_cost import charts as cost_charts
from dashboard.overview import charts
from dashboard.parts import answer_table, chart_style, delivery_chart
from dashboard.parts.chart_style import DARK, LIGHT, Palette
from dashboard.reliability import charts as reliability_charts
from local.stack.stack import ROOT

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def series(**columns: list[int]) -> pd.DataFrame:
    names = ("answers", "refused", "failed", "cost_microusd", "revenue_microusd")
    zeros = {name: [0, 0] for name in names}
    at = pd.date_range("2026-11-22", periods=2, freq="h", tz="UTC")
    return pd.DataFrame({"at": at, **zeros, **columns})


def test_outcomes_are_stacked_with_their_unit_and_time_zone() -> None:
    figure = charts.outcomes(
        series(answers=[3, 0], failed=[0, 2]), "hour", "Europe/Berlin", LIGHT, is_unfinished=True
    )
    assert {bar.name: list(bar.y) for bar in figure.data} == {
        "Answered": [3, 0],
        "Refused": [0, 0],
        "Failed": [0, 2],
    }
    assert figure.layout.barmode == "stack"
    assert figure.layout.xaxis.title.text == "Hour (Europe/Berlin)"
    assert figure.layout.yaxis.title.text == "Comments"
    assert figure.layout.annotations[0].text == "not over yet"


def test_revenue_and_cost_are_drawn_in_dollars() -> None:
    figure = charts.money(
        series(cost_microusd=[1_500_000, 0], revenue_microusd=[2_000_000, 0]), "day", "UTC", DARK
    )
    assert [list(bar.y) for bar in figure.data] == [[2.0, 0], [1.5, 0]]
    # Cost is a hundredth of revenue: in one panel it could not be seen.
    assert [bar.yaxis for bar in figure.data] == ["y", "y2"]
    assert (figure.layout.yaxis.title.text, figure.layout.yaxis2.title.text) == (
        "Revenue",
        "AI cost",
    )
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]
    assert figure.layout.xaxis.title.text == "Day (UTC)"


def test_an_empty_chart_has_no_lines_and_no_unfinished_step() -> None:
    days = pd.date_range("2026-11-20", periods=3, tz="UTC")
    rows = pd.DataFrame({"at": days, "reported_microusd": 0, "priced_microusd": 0})
    figure = cost_charts.course(rows, days, "Day (UTC)", LIGHT)
    chart_style.mark_unfinished(figure, days, LIGHT)
    assert [each.text for each in figure.layout.annotations] == ["Nothing in this period"]
    assert not figure.layout.shapes and figure.layout.yaxis.showgrid is False


def test_a_mark_without_neighbours_stands_at_its_time() -> None:
    figure = go.Figure(go.Scatter(x=[pd.Timestamp("2026-11-29", tz="UTC")], y=[1]))
    chart_style.span(figure, pd.date_range("2026-11-01", "2026-11-30", tz="UTC"))
    first, last = (pd.Timestamp(each) for each in figure.layout.xaxis.range)
    assert (first, last) == (
        pd.Timestamp("2026-10-31 12:00", tz="UTC"),
        pd.Timestamp("2026-11-30 12:00", tz="UTC"),
    )


def test_a_heat_map_of_the_first_weeks_has_room_for_more() -> None:
    for last, right in ((0, 5.5), (11, 11.5)):
        figure = go.Figure()
        chart_style.cohort_columns(figure, last)
        assert list(figure.layout.xaxis.range) == [-0.5, right]


def test_a_chart_of_nothing_says_so() -> None:
    figure = charts.money(series(), "day", "UTC", LIGHT, is_unfinished=True)
    assert [each.text for each in figure.layout.annotations] == ["Nothing in this period"]
    assert not charts.money(series(cost_microusd=[1, 0]), "day", "UTC", LIGHT).layout.annotations


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_mark_stands_out_from_the_background(palette: Palette) -> None:
    marks = (palette.answered, palette.refused, palette.failed, palette.cost)
    for colour in (*marks, *palette.series):
        assert Color(colour).contrast(palette.background) >= 3
    assert Color(palette.text).contrast(palette.background) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_the_colour_of_failure_is_for_failures_alone(palette: Palette) -> None:
    others = (*palette.series, palette.answered, palette.refused, palette.cost)
    assert min(Color(palette.failed).delta_e(each, method="2000") for each in others) > 10


def test_no_chart_lays_two_axes_over_each_other() -> None:
    for path in (ROOT / "dashboard").rglob("*.py"):
        text = path.read_text()
        assert "overlaying" not in text, path
        # 12 %, as everywhere else, and not 12%.
        assert not re.search(r"format=[^\n]*\d%", text), path


@pytest.mark.parametrize("palette", [LIGHT, DARK])
@pytest.mark.parametrize("blindness", ["protan", "deutan", "tritan"])
def test_outcomes_stay_apart_for_every_colour_vision(palette: Palette, blindness: str) -> None:
    shown = [
        Color(colour).filter(blindness)
        for colour in (palette.answered, palette.refused, palette.failed)
    ]
    assert min(a.delta_e(b, method="2000") for a, b in combinations(shown, 2)) > 10


def row(**changes: object) -> pd.DataFrame:
    values: dict[str, object] = {
        "received_at": pd.Timestamp("2026-11-22T11:57:00Z"), "state": "answered", "command": None,
        "reason": "", "failure_message": "", "author_handle": "Ada", "file_key": "KEY",
        "file_name": "Checkout", "provider": "openai", "model": "gpt-5-mini",
        "cost_microusd": 1200.0, "cost_state": "priced", "latency_ms": 3200.0,
    }  # fmt: skip
    return pd.DataFrame([{**values, **changes}])


def shown(**changes: object) -> dict[str, str]:
    return dict(answer_table.to_table(row(**changes), NOW).iloc[0])


def test_an_answer_is_told_in_plain_words() -> None:
    assert shown() == {
        "State": "✓ Answered", "When": "3 min ago", "Author": "Ada", "File": "Checkout",
        "Model": "gpt-5-mini", "Cost": "$0.0012", "Price": "priced", "Time": "3.2 s", "Why": "",
    }  # fmt: skip


def test_a_cost_that_is_not_known_is_never_shown_as_nothing_paid() -> None:
    assert shown(cost_microusd=None, cost_state="unpriced")["Cost"] == "–"
    assert shown(cost_microusd=None, cost_state="unpriced")["Price"] == "unpriced"
    assert shown(cost_microusd=0, cost_state="priced")["Cost"] == "free"
    assert shown(cost_microusd=None, cost_state=None)["Price"] == "–"


def test_a_measured_review_and_a_command_are_not_taken_for_a_model() -> None:
    assert shown(provider="measured-review", model="")["Model"] == "measured review"
    assert shown(provider="", model="", command="help")["Model"] == "command: help"


def test_what_asked_no_model_has_no_price() -> None:
    refused = shown(state="refused", provider="", model="", cost_microusd=0)
    assert (refused["Cost"], refused["Price"]) == ("–", "–")


def test_reasons_are_sentences_and_unknown_ones_still_readable() -> None:
    assert shown(state="refused", reason="trial_used_up")["Why"] == "All free uses are used up"
    assert shown(state="refused", reason="new_reason")["Why"] == "New reason"
    assert shown(state="failed", reason="x", failure_message="Figma is down.")["Why"] == (
        "Figma is down."
    )


def test_a_file_without_a_name_is_shown_by_its_key() -> None:
    assert shown(file_name="")["File"] == "KEY"


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_the_text_of_every_cell_of_a_heat_map_stands_out(palette: Palette) -> None:
    places, colours = zip(*palette.scale, strict=True)
    shade = Color.interpolate(
        [Color(colour) for colour in colours], space="srgb", domain=list(places)
    )
    pale, deep = palette.cell_text
    for share in (step / 100 for step in range(101)):
        ink = pale if share <= palette.turn else deep
        assert shade(share).contrast(ink, method="wcag21") >= 4.5, share


def test_few_comments_are_counted_in_whole_numbers() -> None:
    at = pd.date_range("2026-11-01", periods=2, tz="UTC")
    few = pd.DataFrame({"at": at, "answers": [0, 1], "refused": [0, 0], "failed": [0, 1]})
    many = few.assign(answers=[0, 40])
    assert charts.outcomes(few, "day", "UTC", LIGHT).layout.yaxis.dtick == 1
    assert charts.outcomes(many, "day", "UTC", LIGHT).layout.yaxis.dtick is None


def test_a_queue_nobody_waited_in_says_so_and_one_step_has_its_own_date() -> None:
    quiet = pd.DataFrame(
        {"at": pd.to_datetime(["2026-11-22T10:00Z"]), "waiting": [0], "oldest_seconds": [0.0]}
    )
    figure = reliability_charts.queue(quiet, "Time (UTC)", LIGHT)
    assert [each.text for each in figure.layout.annotations] == ["Nothing in this period"]
    assert list(figure.layout.xaxis.tickvals) == list(figure.data[0].x)
    assert figure.layout.yaxis2.dtick == 1
    busy = reliability_charts.queue(quiet.assign(waiting=3), "Time (UTC)", LIGHT)
    assert not busy.layout.annotations


def test_a_month_without_any_cost_says_so() -> None:
    days = pd.DataFrame(
        {
            "day": pd.date_range("2026-11-01", periods=3), "is_over": [True, True, False],
            "forecast_microusd": [0, 0, 0], "low_microusd": [0, 0, 0], "high_microusd": [0, 0, 0],
        }
    )  # fmt: skip
    empty = cost_charts.forecast(days, "UTC", LIGHT)
    assert [each.text for each in empty.layout.annotations] == ["Nothing in this period"]
    assert not cost_charts.forecast(
        days.assign(forecast_microusd=1), "UTC", LIGHT
    ).layout.annotations


def test_deliveries_stand_in_their_step_among_the_empty_ones() -> None:
    steps = pd.date_range("2026-11-19", periods=4, freq="D", tz="Europe/Berlin")
    # The period begins within the first step; the last row's day begins at 23:00 UTC.
    at = ["2026-11-19T05:00:00Z", "2026-11-20T23:00:00Z", "2026-11-20T23:00:00Z"]
    rows = pd.DataFrame(
        {"at": pd.to_datetime(at, utc=True), "outcome": ["ping", "ping", "ignored"],
         "deliveries": [1, 2, 7]}
    )  # fmt: skip
    figure = delivery_chart.deliveries(rows, steps, "Day (Europe/Berlin)", LIGHT)
    assert sorted(list(bar.y) for bar in figure.data) == [[0, 0, 7, 0], [1, 0, 2, 0]]
    assert all(list(bar.x) == list(steps) for bar in figure.data)
    apart = rows.assign(outcome=["ignored", *rows["outcome"][1:]], deliveries=1)
    few = delivery_chart.deliveries(apart, steps, "Day (Europe/Berlin)", LIGHT)
    assert few.layout.yaxis2.dtick == 1
    empty = delivery_chart.deliveries(rows[:0], steps, "Day (Europe/Berlin)", LIGHT)
    assert not empty.data

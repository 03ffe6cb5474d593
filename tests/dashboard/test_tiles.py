"""Tiles and tables with little in them: what a line, a height and a sum of money may say."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from dashboard.data import periods
from dashboard.data.view import View
from dashboard.parts import money_columns, tiles
from dashboard.parts.metric import Figure

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    "course",
    [
        [], [3.0], [1.0, 0.4], [None, 1.0, None, 0.4], [0.0] * 30, [2.0] * 30,
        # Five days of thirty are no course of a month.
        [None] * 25 + [1.6, 1.6, 5.5, 5.5, 2.6],
    ],
)  # fmt: skip
def test_a_tile_has_no_line_where_it_would_say_nothing(course: list[float | None]) -> None:
    assert tiles.course_of(Figure(1, course=course)) is None


def test_a_line_leaves_out_the_steps_without_a_value() -> None:
    week = [1.0, 2.0, 3.0, 2.0, 4.0, None, None]
    assert tiles.course_of(Figure(1, course=week)) == week[:5]
    assert tiles.course_of(Figure(1, course=[0.0] * 29 + [1.0])) == [0.0] * 29 + [1.0]


def test_a_course_has_every_step_of_the_view() -> None:
    """Of weeks the first may begin before the period, and so before its rows."""
    days = (date(2026, 6, 3), date(2026, 11, 15))
    now = datetime(2026, 11, 22, tzinfo=UTC)
    view = View(
        choice=periods.CUSTOM, dates=days, compare=False, span=periods.span_of(
            periods.CUSTOM, BERLIN, now, days
        ), zone=BERLIN, week_start="monday", plans=(), team=None, now=now,
    )  # fmt: skip
    assert view.step == "week"
    third = view.buckets()[2].tz_convert("UTC")
    at = pd.Series([pd.Timestamp(view.start), third, third]).dt.tz_convert("UTC")
    course = view.counts_of(at, pd.Series([1, 2, 3]))
    assert course == [1.0, 0.0, 5.0] + [0.0] * (len(view.buckets()) - 3)
    rates = view.values_of(at[:2], pd.Series([0.5, None]))
    assert rates == [0.5] + [None] * (len(view.buckets()) - 1)


def test_a_table_is_as_high_as_its_rows_until_there_are_many() -> None:
    assert [tiles.table_height(rows, 12) for rows in (1, 12, 13)] == ["content", "content", 470]


def test_money_below_a_dollar_keeps_the_digits_that_matter() -> None:
    table = pd.DataFrame(
        {"Payer": ["Ada", "Bo"], "Due": [0.0, 10.0], "AI cost": [0.0031, 0.02],
         "Margin": [-0.0031, 9.98], "Credits": [0.0, 0.0]}
    )  # fmt: skip
    shown, columns = money_columns.show(table, table.columns[1:])
    assert list(shown["AI cost"]) == ["$0.0031", "$0.020"]
    # A loss of a third of a cent is no "-$0.00".
    assert [str(each) for each in shown["Margin"]] == ["0.0", "9.98"]
    is_number = {label: columns[label] is money_columns.DOLLARS for label in columns}
    assert is_number == {"Due": True, "AI cost": False, "Margin": True, "Credits": True}
    assert list(table["AI cost"]) == [0.0031, 0.02]

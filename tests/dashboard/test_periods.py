"""Periods: whole hours, days of the reporting zone, and a fair stretch to compare with."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dashboard.data.periods import CUSTOM, PERIODS, span_of, start_of, steps

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize("choice", [choice for choice in PERIODS if choice != "Last month"])
@pytest.mark.parametrize("zone", ["UTC", BERLIN, "America/New_York"])
@pytest.mark.parametrize("clock", ["00:00:00", "12:34:56", "23:59:59"])
def test_a_period_ends_with_the_current_hour(choice: str, zone: str, clock: str) -> None:
    now = datetime.fromisoformat(f"2026-11-22T{clock}+00:00")
    today = now.astimezone(ZoneInfo(zone)).date()
    span = span_of(choice, zone, now, (today - timedelta(days=2), today))
    assert span.end - timedelta(hours=1) <= now < span.end
    assert (span.start.minute, span.end.minute) == (0, 0)
    assert span.shift_start < span.shift_end <= span.start


def test_days_are_those_of_the_zone_and_keep_their_length_over_a_change_of_the_clock() -> None:
    now = datetime(2026, 10, 25, 22, 30, tzinfo=UTC)
    span = span_of("7 days", BERLIN, now)
    assert span.start == datetime(2026, 10, 18, 22, tzinfo=UTC)
    assert span.end == datetime(2026, 10, 25, 23, tzinfo=UTC)
    # Seven days and the hour that came twice; the week before had none.
    assert span.end - span.start == timedelta(days=7, hours=1)
    assert (span.shift_end - span.shift_start, span.shift_end) == (timedelta(days=7), span.start)
    days = steps(span, BERLIN, "monday")
    assert [day.strftime("%d %H:%M") for day in days] == [f"{n} 00:00" for n in range(19, 26)]


def test_months_and_quarters_are_compared_with_the_same_share_of_the_one_before() -> None:
    now = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    month = span_of("This month", "UTC", now)
    assert (month.shift_start, month.shift_end) == (
        datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 22, 13, tzinfo=UTC),
    )  # fmt: skip
    last = span_of("Last month", "UTC", now)
    assert (last.start, last.end) == (
        datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC),
    )  # fmt: skip
    assert (last.shift_start, last.shift_end) == (
        datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC),
    )  # fmt: skip
    quarter = span_of("This quarter", "UTC", datetime(2027, 2, 3, tzinfo=UTC))
    assert quarter.start == datetime(2027, 1, 1, tzinfo=UTC)
    assert quarter.shift_start == datetime(2026, 10, 1, tzinfo=UTC)


def test_a_year_is_compared_with_the_same_days_of_the_year_before() -> None:
    now = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    months = span_of("12 months", BERLIN, now)
    assert (months.start, months.step) == (start_of(date(2025, 11, 23), BERLIN), "week")
    assert months.shift_start == start_of(date(2024, 11, 23), BERLIN)
    assert months.shift_end == datetime(2025, 11, 22, 13, tzinfo=UTC)
    year = span_of("This year", BERLIN, now)
    assert year.start == start_of(date(2026, 1, 1), BERLIN)
    assert (year.shift_start, year.shift_end) == (
        start_of(date(2025, 1, 1), BERLIN), datetime(2025, 11, 22, 13, tzinfo=UTC),
    )  # fmt: skip
    # After 29 February a year begins on 1 March, and it has 366 days.
    leap = span_of("12 months", "UTC", datetime(2028, 2, 29, 12, tzinfo=UTC))
    assert leap.start == datetime(2027, 3, 1, tzinfo=UTC)


def test_the_longer_the_period_the_longer_its_steps() -> None:
    now = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    today = date(2026, 11, 22)
    found = {
        days: span_of(CUSTOM, BERLIN, now, (today - timedelta(days), today)).step
        for days in (0, 1, 91, 92, 300, 420)
    }
    assert found == {0: "hour", 1: "day", 91: "day", 92: "week", 300: "week", 420: "month"}


def test_weeks_start_on_the_day_of_the_settings() -> None:
    now = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    span = span_of(CUSTOM, "UTC", now, (date(2026, 7, 1), date(2026, 11, 22)))
    assert set(steps(span, "UTC", "monday").day_of_week) == {0}
    assert set(steps(span, "UTC", "sunday").day_of_week) == {6}
    assert steps(span, "UTC", "sunday")[0] == pd.Timestamp("2026-06-28", tz="UTC")


def test_dates_that_were_picked_badly_still_make_a_period() -> None:
    now = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    span = span_of(CUSTOM, "UTC", now, (date(2026, 12, 1), date(2026, 12, 2)))
    assert span.start == start_of(date(2026, 12, 1), "UTC") < span.end

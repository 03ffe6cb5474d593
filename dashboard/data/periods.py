"""Turns the name of a period into its start and end, in the reporting zone, DST included."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pandas as pd

CUSTOM = "Own dates"
DEFAULT = "30 days"
# Length in days by name; the name is also in the URL. 0: computed from the calendar.
PERIODS = {
    "24 hours": 1,
    "7 days": 7,
    "30 days": 30,
    "90 days": 90,
    "This month": 0,
    "Last month": 0,
    "This quarter": 0,
    "12 months": 0,
    "This year": 0,
    CUSTOM: 0,
}
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LONGEST_BY_DAY = 92 * DAY
LONGEST_BY_WEEK = 370 * DAY

Step = Literal["hour", "day", "week", "month"]


@dataclass(frozen=True)
class Span:
    """Whole UTC hours in [start, end), the stretch to compare with, and the step to show."""

    start: datetime
    end: datetime
    shift_start: datetime
    shift_end: datetime
    step: Step

    def before(self) -> "Span":
        back = self.start - self.shift_start
        return Span(
            self.shift_start, self.shift_end, self.shift_start - back, self.shift_start, self.step
        )


def local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))


def start_of(day: date, zone: str) -> datetime:
    """The first moment of a day, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def span_of(choice: str, zone: str, now: datetime, dates: tuple[date, date] | None = None) -> Span:
    """The start and end of a choice of PERIODS; the current hour is included.

    A period that is not over is compared with the same part of the one before.
    """
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR
    if choice == "24 hours":
        return Span(end - DAY, end, end - 2 * DAY, end - DAY, "hour")
    first, last, before = _days(choice, local(end - HOUR, zone).date(), dates)
    start = start_of(first, zone)
    until = min(end, start_of(last + DAY, zone))
    # A day picked in the future would end before it starts.
    until = max(until, start + HOUR)
    shift_start = start_of(before, zone)
    # In local wall time, so that 15:00 is compared with 15:00 over a DST change.
    wall = local(until, zone).replace(tzinfo=None) - local(start, zone).replace(tzinfo=None)
    shifted = datetime.combine(before, time()) + wall
    shift_end = min(shifted.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), start)
    return Span(start, until, shift_start, max(shift_end, shift_start + HOUR), _step(until - start))


def _days(choice: str, today: date, dates: tuple[date, date] | None) -> tuple[date, date, date]:
    """First and last day, and the first day of the stretch to compare with."""
    month = today.replace(day=1)
    last_month = (month - DAY).replace(day=1)
    if choice == "This month":
        return month, today, last_month
    if choice == "Last month":
        return last_month, month - DAY, (last_month - DAY).replace(day=1)
    if choice == "This quarter":
        quarter = month.replace(month=month.month - (month.month - 1) % 3)
        before = quarter.replace(year=quarter.year - (quarter.month == 1))
        return quarter, today, before.replace(month=(quarter.month - 4) % 12 + 1)
    if choice == "This year":
        return today.replace(month=1, day=1), today, date(today.year - 1, 1, 1)
    if choice == "12 months":
        first = _years_before(today, 1) + DAY
        return first, today, _years_before(first, 1)
    if choice == CUSTOM and dates:
        first, last = dates
        return first, last, first - (last - first + DAY)
    days = PERIODS[choice] or PERIODS[DEFAULT]
    first = today - (days - 1) * DAY
    return first, today, first - days * DAY


def _years_before(day: date, years: int) -> date:
    """The same day of an earlier year; of 29 February the 28th."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - years, day=28 if is_leap_day else day.day)


def _step(length: timedelta) -> Step:
    if length <= DAY + HOUR:
        return "hour"
    if length <= LONGEST_BY_DAY:
        return "day"
    return "week" if length <= LONGEST_BY_WEEK else "month"


def steps(span: Span, zone: str, week_start: str) -> pd.DatetimeIndex:
    """The start of each step of a span, in the zone; the first may lie before the span."""
    start, end = (pd.Timestamp(at).tz_convert(zone) for at in (span.start, span.end))
    if span.step == "hour":
        return pd.date_range(start, end, freq="h", inclusive="left")
    start = start.normalize()
    if span.step == "week":
        start -= pd.DateOffset(days=(start.day_of_week + (week_start == "sunday")) % 7)
    if span.step == "month":
        start = start.replace(day=1)
    offset = pd.DateOffset(**{f"{span.step}s": 1})
    return pd.date_range(start, end, freq=offset, inclusive="left")

"""Numbers, money, times and periods as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard import formats
from dashboard.filters import PERIODS, period_of


@pytest.mark.parametrize(
    ("microusd", "text"),
    [
        (None, "no price"), (0, "$0"), (1, "$0.000001"), (1_234, "$0.0012"), (9_960, "$0.0100"),
        (34_400, "$0.034"), (99_900, "$0.100"), (340_000, "$0.34"), (12_300_000, "$12.30"),
        (999_990_000, "$999.99"), (1_234_500_000, "$1,234"), (2_000_000_000_000, "$2,000,000"),
    ],
)  # fmt: skip
def test_money_shows_the_digits_that_matter(microusd: int | None, text: str) -> None:
    assert formats.money(microusd) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "–"), (0, "0 ms"), (999, "999 ms"), (999.6, "1.0 s"), (3_240, "3.2 s"),
        (9_949, "9.9 s"), (9_960, "9 s"), (59_999, "59 s"), (60_000, "1 min"), (7_200_000, "2 h"),
    ],
)  # fmt: skip
def test_durations_use_the_unit_that_fits(ms: float | None, text: str) -> None:
    assert formats.duration(ms) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "just now"), (-5, "just now"), (45, "45 s ago"), (200, "3 min ago"),
     (7_200, "2 h ago"), (4 * 86_400, "4 days ago")],
)  # fmt: skip
def test_moments_are_told_by_their_age(seconds: float, text: str) -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert formats.ago(now - timedelta(seconds=seconds), now) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, "–"), (1, 1, "1 of 1"), (2, 19, "2 of 19"), (0, 20, "0 %"), (1, 20, "5.0 %"),
     (1, 1000, "0.1 %"), (3, 20, "15 %"), (20, 20, "100 %")],
)  # fmt: skip
def test_a_rate_of_few_cases_is_told_as_cases(part: int, whole: int, text: str) -> None:
    assert formats.rate(part, whole) == text


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [(10, 0, None), (10, None, None), (None, 10, None), (10, 10, 0), (112, 100, "+12 %"),
     (0, 4, "-100 %"), (5000, 100, "+4,900 %")],
)  # fmt: skip
def test_a_change_needs_something_to_compare_with(
    now: float | None, before: float | None, text: str | int | None
) -> None:
    assert formats.change(now, before) == text


def test_points_compare_shares() -> None:
    assert formats.points(0.05, 0.03) == "+2.0 pts"
    assert formats.points(0.03, 0.03) == 0
    assert formats.points(None, 0.03) is None


@pytest.mark.parametrize("choice", PERIODS)
@pytest.mark.parametrize("clock", ["00:00:00", "12:34:56", "23:59:59"])
def test_periods_are_whole_hours_with_the_current_one_last(choice: str, clock: str) -> None:
    now = datetime.fromisoformat(f"2026-11-22T{clock}+00:00")
    period = period_of(choice, now)
    assert period.end - timedelta(hours=1) <= now < period.end
    assert (period.start.minute, period.end.minute) == (0, 0)
    before = period.before()
    assert before[1] - before[0] == period.end - period.start
    assert before[1] <= period.start
    assert period.end - period.start <= timedelta(days=PERIODS[choice])


def test_days_start_at_midnight_utc_and_include_today() -> None:
    period = period_of("7 days", datetime.fromisoformat("2026-11-23T00:30:00+02:00"))
    assert period.start == datetime(2026, 11, 16, tzinfo=UTC)
    assert period.end == datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert period.step == "day"

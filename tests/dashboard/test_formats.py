"""Numbers, money, times and periods as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.parts import formats


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
        (9_949, "9.9 s"), (19_960, "20.0 s"), (59_999, "1 min"), (119_400, "1 min 59 s"),
        (7_200_000, "2 h"), (7_140_000, "1 h 59 min"), (190_800_000, "2 d 5 h"),
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
     (1, 1000, "0.1 %"), (3, 20, "15 %"), (20, 20, "100 %"),
     # Only nothing is 0 %, and only all of it is 100 %.
     (1, 9000, "< 0.1 %"), (996, 1000, "99.6 %"), (8999, 9000, "> 99.9 %"), (199, 201, "99 %"),
     (99, 100, "99 %"), (3, 2000, "0.1 %"), (30, 20, "150 %")],
)  # fmt: skip
def test_a_rate_of_few_cases_is_told_as_cases(part: int, whole: int, text: str) -> None:
    assert formats.rate(part, whole) == text


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [(10, 0, None), (10, None, None), (None, 10, None), (10, 10, "±0 %"), (112, 100, "+12 %"),
     (0, 4, "-100 %"), (5000, 100, "+4,900 %")],
)  # fmt: skip
def test_a_change_needs_something_to_compare_with(
    now: float | None, before: float | None, text: str | None
) -> None:
    assert formats.change(now, before) == text


def test_one_is_no_plural() -> None:
    assert [formats.counted(number, "row") for number in (0, 1, 1200)] == [
        "0 rows", "1 row", "1,200 rows",
    ]  # fmt: skip


def test_a_loss_has_as_many_digits_as_a_gain() -> None:
    assert [formats.percent(each) for each in (-0.5, -1.5, -0.052)] == ["-50 %", "-150 %", "-5.2 %"]


def test_what_stands_under_a_share_is_its_cases_or_of_few_their_interval() -> None:
    assert [formats.cases(*each) for each in ((0, 0), (3, 12), (30, 1200))] == [
        "", "9–53 % likely", "30 of 1,200",
    ]  # fmt: skip
    assert formats.cases(6, 24, "trials") == "6 of 24 trials"
    assert formats.share(3, 12) == "3 of 12 (9–53 %)"


def test_points_compare_shares() -> None:
    assert formats.points(0.05, 0.03) == "+2.0 pts"
    assert formats.points(0.03, 0.03) == "±0 pts"
    assert formats.points(None, 0.03) is None


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    # Worked examples of Newcombe 1998, Statistics in Medicine 17, table I (method 3).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_the_interval_is_wilsons(part: int, whole: int, low: float, high: float) -> None:
    assert formats.interval(part, whole) == pytest.approx((low, high), abs=0.00006)


def test_a_share_of_few_cases_is_told_with_its_interval() -> None:
    assert formats.share(3, 12) == "3 of 12 (9–53 %)"
    assert formats.share(30, 120) == "25 %"
    assert formats.share(0, 0) == "–"
    assert formats.interval(0, 0) == (0, 1)

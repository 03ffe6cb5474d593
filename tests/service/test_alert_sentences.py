"""Alerts are said in today's words where this version knows them, and as they are stored elsewhere.

What is said of what SQL raises: tests/sql/test_alerts.py.
"""

from typing import Any

import pytest

from dashboard.settings.alert_kinds import KINDS as NAMES
from service.alert_sentences import KINDS, alert_words

STORED = ("dead letter", "")
BUDGET = {
    "threshold": 80,
    "scope": "global",
    "name": None,
    "month": "2026-11-01",
    "spent_microusd": 1_234_500_000,
    "monthly_microusd": 1_500_000_000,
}


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        # Of an older version, of a newer one, and of a kind that only a newer one has.
        ("dead_letter", None),
        ("dead_letter", {"reason": "figma_down"}),
        ("dead_letter", {}),
        ("budget", {**BUDGET, "scope": "galaxy"}),
        ("budget", {**BUDGET, "month": None}),
        ("weather", {"rain": True}),
    ],
)
def test_what_this_version_cannot_word_is_said_as_it_is_stored(
    kind: str, parameters: dict[str, Any] | None
) -> None:
    assert alert_words(kind, parameters, *STORED) == STORED


@pytest.mark.parametrize(
    ("scope", "name", "whose"),
    [
        ("global", None, "everything"),
        ("user", "Ada", "Ada"),
        ("user", None, "one person"),
        ("team", "Checkout", "Checkout"),
        ("team", None, "one team"),
        ("plan", "pro", "plan pro"),
    ],
)
def test_a_budget_is_named_by_what_it_is_for(scope: str, name: str | None, whose: str) -> None:
    assert alert_words("budget", {**BUDGET, "scope": scope, "name": name}, *STORED) == (
        f"80 % of a budget reached: {whose}",
        "AI cost of November 2026 is $1,234.50 of $1,500.00. Nobody is refused: look at the page "
        "AI cost.",
    )


def test_one_and_many_are_told_apart_and_times_are_in_utc() -> None:
    stuck = {"comments": 1, "since": "2026-11-22T11:30:00+02:00", "workers": 2}
    title, detail = alert_words("queue_stuck", stuck, *STORED)
    assert title == "A comment waits for an answer for over five minutes"
    assert detail.startswith("The oldest waits since 09:30 UTC although 2 of our workers run.")
    title, _ = alert_words("queue_stuck", {**stuck, "comments": 7}, *STORED)
    assert title == "7 comments wait for an answer for over five minutes"
    for comments, analyses, waits in (
        (0, 1, "An analysis waits"),
        (0, 3, "3 analyses wait"),
        (2, 3, "5 comments and analyses wait"),
    ):
        both = {**stuck, "comments": comments, "analyses": analyses}
        title, _ = alert_words("queue_stuck", both, *STORED)
        assert title == f"{waits} for an answer for over five minutes"


def test_an_objective_is_a_share_of_a_hundred() -> None:
    burn = {"objective": "in_time", "hours": 6, "missed": 9, "cases": 70, "target": 0.995}
    title, detail = alert_words("error_budget", {**burn, "burn_rate": 25.7}, *STORED)
    assert title == "Too many answers are late"
    assert detail.startswith(
        "In the last 6 hours 9 of 70 comments missed the objective of 99.5 %: the error budget "
        "burns 25.7 times too fast."
    )


def test_every_kind_has_a_name_on_the_page_and_words_for_its_end() -> None:
    assert NAMES.keys() == KINDS
    of_a_day = {"budget", "weekly_report"}
    for kind in KINDS - of_a_day:
        over = {"kind": kind, "parameters": None, "title": "A title", "detail": ""}
        times = {"at": "2026-11-22T11:30:00+00:00", "ended_at": "2026-11-22T12:00:00+00:00"}
        title, detail = alert_words("recovered", {"over": over | times}, *STORED)
        assert title == "Over: A title"
        assert not detail.startswith("Told on"), kind
        assert detail.endswith("Told on 22 Nov 2026, 11:30 UTC, over on 22 Nov 2026, 12:00 UTC.")


def test_a_test_says_that_it_is_one() -> None:
    title, detail = alert_words("test", {}, "test", "")
    assert title == "This is a test"
    assert "nothing to do" in detail

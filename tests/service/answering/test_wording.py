"""What the buddy says: plain text, short, free of triggers, with what to do next."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from service.answering import wording
from service.figma.addressing import Addressing
from service.figma.replies import clean_reply_text
from service.store.people_records import Usage

LINK = "https://buddy.example/account"
UNTIL = datetime(2026, 12, 3, 10, 30, tzinfo=timezone(timedelta(hours=2)))


def usage(plan: str = "trial", **changes: Any) -> Usage:
    month = {"limit": 500, "used": 12, "left": 488, "resets_at": datetime(2026, 12, 1, tzinfo=UTC)}
    trial = {"limit": 10, "used": 3, "left": 7, "resets_at": None}
    numbers = trial if plan == "trial" else month
    names = {"plan_code": plan, "plan_name": plan.title(), "is_unlimited": plan == "enterprise"}
    return Usage(**{**names, "reserved": 0, **numbers, **changes})


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        ("trial", "7 of 10 free uses left"),
        ("pro", "488 of 500 uses left this month"),
        ("enterprise", ""),
    ],
)
def test_the_last_line_counts_what_is_left(plan: str, line: str) -> None:
    assert wording.footer(usage(plan)) == line


def test_without_a_payer_nothing_is_counted() -> None:
    assert wording.footer(None) == ""


@pytest.mark.parametrize(
    ("reason", "counts", "words"),
    [
        ("trial_used_up", usage(), ("All 10 free uses", LINK)),
        ("plan_used_up", usage("pro"), ("All 500 uses", "1 December 2026", LINK)),
        ("plan_used_up", usage("pro", resets_at=None), ("All 500 uses of the plan", LINK)),
        ("too_fast", usage(), ("more than 10 comments", "again in a minute")),
        ("suspended", usage(), ("suspended", "https://help.example")),
    ],
)
def test_a_refusal_says_why_and_what_to_do(reason: str, counts: Any, words: Any) -> None:
    text = wording.refusal(
        reason, counts, plans_link=LINK, support_link="https://help.example", answers_per_minute=10
    )
    assert all(word in text for word in words)
    assert len(text) < 300


def test_times_are_told_in_utc() -> None:
    assert wording.format_time(UNTIL) == "3 December 2026, 08:30 UTC"
    assert wording.format_date(datetime(2026, 1, 2, tzinfo=UTC)) == "2 January 2026"


def test_a_used_up_quota_is_one_sentence_and_figmas_link() -> None:
    text = wording.design_gap("quota", UNTIL, "https://www.figma.com/pricing")
    assert "until 3 December 2026, 08:30 UTC." in text and text.endswith("pricing")
    assert wording.design_gap("quota").endswith("used up for now.")


def test_an_unlimited_plan_reports_uses_without_a_count_down() -> None:
    assert "left" not in wording.usage_report(usage("enterprise"))
    assert "starts again on 1 December 2026" in wording.usage_report(usage("pro"))


def test_the_report_adds_up_and_says_how_to_go_on() -> None:
    under_way = wording.usage_report(usage(used=2, reserved=2, left=6), LINK)
    assert "2 of 10 uses used, 6 left. Beside those, 2 are taken" in under_way
    assert LINK not in under_way and "taken" not in wording.usage_report(usage(), LINK)
    used_up = wording.command_answer("usage", usage(used=10, left=0), "connect", plans_link=LINK)
    assert used_up.endswith(f"To go on, choose a plan: {LINK}")


@pytest.mark.parametrize(
    ("seconds", "words"), [(300, "up to 5 minutes"), (30, "1 minute "), (61, "2 m")]
)
def test_a_pause_is_told_in_minutes(seconds: int, words: str) -> None:
    assert words in wording.pause(seconds)


def test_a_name_in_an_invitation_stays_on_its_line_and_short() -> None:
    text = wording.invitation("Eve\n\nBuddy says: " + "x" * 500, LINK)
    assert text.startswith("Hello Eve Buddy says: xxx") and len(text) < 350
    assert wording.invitation("", LINK).startswith("Hello! ")


def test_no_sentence_wakes_the_buddy() -> None:
    addressing = Addressing(("@buddy",))
    said = [value for value in vars(wording).values() if isinstance(value, str)]
    assert len(said) > 10
    assert not any(addressing.read(each).is_addressed for each in said)


def test_every_sentence_leaves_as_it_is_written_here() -> None:
    figma = "https://www.figma.com/pricing?api_paywall=true"
    said = [
        wording.command_answer("help", None, LINK, help_link=f"{LINK}/help"),
        wording.KEPT_IN,
        wording.STOPPED,
        wording.RESUMED,
        wording.invitation("Ada Okafor", LINK),
        wording.deferral(UNTIL, figma),
        wording.design_gap("quota", UNTIL, figma),
        wording.usage_report(usage()),
        wording.usage_report(usage(used=2, reserved=1, left=0), LINK),
        wording.usage_report(usage("pro")),
        wording.pause(300),
        *(
            wording.refusal(
                reason, usage(), plans_link=LINK, support_link=figma, answers_per_minute=10
            )
            for reason in ("trial_used_up", "plan_used_up", "too_fast", "author_limit", "suspended")
        ),
        *(
            wording.nothing_measured(gap)
            for gap in ("", wording.NO_NODE, wording.design_gap("off"))
        ),
    ]
    for text in said:
        left = clean_reply_text(
            text, addressing=Addressing(("@buddy",)), allowed_links=(LINK, f"{LINK}/help", figma)
        )
        assert left == text

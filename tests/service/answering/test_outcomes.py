"""What becomes of an attempt that did not answer."""

from datetime import UTC, datetime, timedelta

import pytest

from service.answering.outcomes import (
    LONGEST_BACKOFF_SECONDS,
    GiveUp,
    NotYetVisible,
    Wait,
    WindowClosed,
    backoff_seconds,
    code_of,
    decide,
    lost_attempts,
)
from service.errors import ServiceError, Unavailable
from service.figma.errors import FigmaCode, FigmaError
from tests.service.answering.jobs import make_job

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def outcome(error: Exception, failures: int = 1, since: datetime = NOW) -> Wait | GiveUp:
    return decide(error, failures=failures, limit=6, since=since, now=NOW)


def seconds(wait: Wait | GiveUp) -> float:
    assert isinstance(wait, Wait)
    return (wait.at - NOW).total_seconds()


@pytest.mark.parametrize("failures", range(1, 12))
def test_waits_grow_with_full_jitter_and_stop_growing(failures: int) -> None:
    waits = [backoff_seconds(failures) for _ in range(200)]
    ceiling = min(LONGEST_BACKOFF_SECONDS, 2**failures)
    assert 0 <= min(waits) < ceiling * 0.2
    assert ceiling * 0.8 < max(waits) <= ceiling


def test_a_wait_figma_asks_for_is_kept() -> None:
    assert all(backoff_seconds(1, 20) >= 20 for _ in range(50))


def test_trouble_at_figma_is_tried_again_and_counts() -> None:
    wait = outcome(FigmaError("figma_down", "post"))
    assert isinstance(wait, Wait) and wait.is_failure and wait.reason == "figma_figma_down"


def test_the_last_failure_ends_the_answer() -> None:
    end = outcome(FigmaError("unreadable_answer", "post the reply"), failures=6)
    assert isinstance(end, GiveUp) and end.reason == "figma_unreadable_answer"


@pytest.mark.parametrize("code", ["figma_down", "timeout"])
def test_an_outage_of_figma_is_waited_for_and_the_wait_grows_with_it(code: FigmaCode) -> None:
    error = FigmaError(code, "read the thread")
    for minutes, most in ((0, 1), (2, 120), (60, 300), (350, 300)):
        wait = outcome(error, failures=6, since=NOW - timedelta(minutes=minutes))
        assert isinstance(wait, Wait) and not wait.is_failure and not wait.is_long
        assert most / 2 <= seconds(wait) <= most and wait.reason == f"figma_{code}"
    end = outcome(error, failures=6, since=NOW - timedelta(hours=6))
    assert isinstance(end, GiveUp) and end.reason == f"figma_{code}"


def test_a_post_that_may_stand_is_never_given_up_without_a_look() -> None:
    assert isinstance(outcome(FigmaError("timeout", "post", maybe_done=True), failures=6), Wait)


def test_a_short_limit_is_waited_for_and_does_not_count() -> None:
    wait = outcome(FigmaError("rate_limited", "read", retry_after=40), failures=6)
    assert isinstance(wait, Wait) and not wait.is_failure and not wait.is_long
    assert 40 <= seconds(wait) <= 50


def test_a_limit_of_days_is_a_long_wait_with_figmas_link() -> None:
    link = "https://www.figma.com/pricing"
    wait = outcome(FigmaError("rate_limited", "read", retry_after=396_749, upgrade_link=link))
    assert isinstance(wait, Wait) and wait.is_long and wait.upgrade_link == link
    assert 396_749 <= seconds(wait) <= 396_749 + 30


def test_nobody_waits_for_more_than_a_week() -> None:
    since = NOW - timedelta(days=5)
    end = outcome(FigmaError("rate_limited", "read", retry_after=3 * 86_400), since=since)
    assert isinstance(end, GiveUp) and end.reason == "figma_rate_limited"


def test_a_refusal_for_good_ends_the_answer_at_once() -> None:
    end = outcome(FigmaError("bad_request", "post the reply"))
    assert isinstance(end, GiveUp) and end.reason == "figma_bad_request"


@pytest.mark.parametrize("error", [Unavailable("away"), WindowClosed()])
def test_our_own_trouble_never_ends_an_answer(error: Exception) -> None:
    wait = outcome(error, failures=100)
    assert isinstance(wait, Wait) and not wait.is_failure


def test_a_comment_figma_does_not_list_is_looked_for_twice() -> None:
    assert isinstance(outcome(NotYetVisible(), failures=1), Wait)
    end = outcome(NotYetVisible(), failures=2)
    assert isinstance(end, GiveUp) and end.reason == "comment_deleted"


def test_an_unexpected_error_keeps_its_words_to_itself() -> None:
    end = outcome(RuntimeError("postgresql://user:password@host"), failures=6)
    assert isinstance(end, GiveUp) and end.reason == "unexpected" and "host" not in end.message


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FigmaError("timeout", "read"), "figma_timeout"),
        (NotYetVisible(), "comment_not_visible"),
        (ServiceError("no", code="odd"), "odd"),
        (KeyError("x"), "unexpected"),
    ],
)
def test_every_error_has_a_code(error: Exception, code: str) -> None:
    assert code_of(error) == code


def test_only_attempts_that_ended_without_a_word_are_lost() -> None:
    assert lost_attempts(make_job(attempt=9, failures=3, excused=4)) == 1

"""How an attempt without an answer ends: retried, put off, or given up. No I/O here."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from service.answering import wording
from service.database_clock import database_now
from service.errors import ServiceError, Unavailable
from service.figma.errors import FigmaError
from service.store.analysis_records import AnalysisTask
from service.store.answer_records import Job

log = structlog.get_logger(__name__)

# A wait up to this stays in the queue. For a longer one, the thread gets a notice.
LONG_WAIT_SECONDS = 60
LONGEST_DEFERRAL = timedelta(days=7)
# How long a question waits for somebody to sign in again.
LONGEST_WAIT_FOR_SIGN_IN = timedelta(days=1)
# How long a question waits for Figma to come back: the limit of attempts is used up in a minute.
# No question should be lost to an outage of an afternoon.
LONGEST_OUTAGE = timedelta(hours=6)
FIRST_BACKOFF_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 300.0
# A worker that dies loses all its jobs, and only one of them may be the cause.
LOST_PER_ATTEMPT = 5
# Figma may list a comment a moment after it sent the delivery.
LOOKS_FOR_COMMENT = 2


class GiveUp(Exception):
    """This answer cannot succeed. ``reason`` is a code, ``message`` a sentence for operators.
    ``is_failure``: the answer becomes a dead letter."""

    def __init__(self, reason: str, message: str, *, is_failure: bool = True):
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.is_failure = is_failure


class RetryAt(Exception):
    """Not now: the queue runs the job again at ``at``, under ``lock`` if one is given."""

    def __init__(self, at: datetime, reason: str, *, lock: str | None = None):
        super().__init__(f"{reason}: again at {at.isoformat()}")
        self.at = at
        self.reason = reason
        self.lock = lock


class NotConfirmed(Exception):
    """Figma does not confirm what a delivery claims. ``reason``: not_confirmed or foreign_file;
    webhook_paused where Figma was not asked."""

    def __init__(self, reason: str, message: str):
        super().__init__(message)
        self.reason = reason
        self.message = message


class ConnectionLost(GiveUp):
    """No account that could read or write there has a good connection to Figma. The answer goes on
    once one of these people has signed in again."""

    def __init__(self, message: str):
        super().__init__("no_account", message)


class NotYetVisible(Exception):
    """Figma does not list the comment that it announced. It may be deleted, or not readable yet."""


class WindowClosed(Exception):
    """This worker was too slow: the window in which only it may post has ended."""


@dataclass(frozen=True)
class Wait:
    """Try again at ``at``. ``is_failure``: it counts towards the limit of attempts."""

    at: datetime
    reason: str
    is_failure: bool
    is_long: bool = False
    upgrade_link: str = ""


def decide(
    error: Exception, *, failures: int, limit: int, since: datetime, now: datetime
) -> Wait | GiveUp:
    """Decide what follows from ``error``. ``failures`` includes this one. ``since`` is when this
    run began.

    While Figma is away, an answer that has used up its attempts waits on for ``LONGEST_OUTAGE``.
    Unavailable means that the database is away. It never counts as a failure and never ends the
    answer.
    """
    if isinstance(error, ConnectionLost):
        end = since + LONGEST_WAIT_FOR_SIGN_IN
        return Wait(end, error.reason, is_failure=False) if now < end else error
    if isinstance(error, GiveUp):
        return error
    if isinstance(error, Unavailable):
        return Wait(now + timedelta(seconds=random.uniform(1, 6)), error.code, is_failure=False)
    if isinstance(error, WindowClosed):
        return Wait(now + timedelta(seconds=random.uniform(0.5, 3)), "too_slow", is_failure=False)
    if isinstance(error, FigmaError) and error.code == "rate_limited":
        return _after_limit(error, since, now)
    if isinstance(error, FigmaError) and error.permanent:
        return GiveUp(f"figma_{error.code}", error.message)
    if isinstance(error, NotYetVisible) and failures >= LOOKS_FOR_COMMENT:
        return _end(error)
    # If the reply may have been posted, look for it once more before giving up.
    may_stand = isinstance(error, FigmaError) and error.maybe_done
    if failures >= limit and not may_stand:
        if _is_away(error) and now - since < LONGEST_OUTAGE:
            return Wait(now + _outage_wait(now - since), code_of(error), is_failure=False)
        return _end(error)
    wait = backoff_seconds(failures, error.retry_after if isinstance(error, FigmaError) else None)
    return Wait(now + timedelta(seconds=wait), code_of(error), is_failure=True)


def backoff_seconds(failures: int, retry_after: int | None = None) -> float:
    """Exponential backoff with full jitter, never earlier than the other side asked for.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    ceiling = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2 ** max(0, failures))
    return (retry_after or 0) + random.uniform(0, ceiling)


def _is_away(error: Exception) -> bool:
    return isinstance(error, FigmaError) and error.code in ("figma_down", "timeout")


def _outage_wait(age: timedelta) -> timedelta:
    """Up to as long as it has waited already, which doubles the time between attempts as backoff
    does."""
    seconds = max(FIRST_BACKOFF_SECONDS, min(LONGEST_BACKOFF_SECONDS, age.total_seconds()))
    return timedelta(seconds=seconds * random.uniform(0.5, 1))


def lost_attempts(job: Job | AnalysisTask) -> int:
    """Earlier attempts that ended without storing anything: their worker was killed."""
    return job.attempt - 1 - job.failures - job.excused


def log_failed(event: str, wait: Wait, error: Exception) -> None:
    """Our own errors explain themselves. Anything else is a bug and gets a traceback."""
    is_known = wait.reason != "unexpected"
    log.warning(event, reason=wait.reason, exc_info=None if is_known else error)


def code_of(error: Exception) -> str:
    if isinstance(error, FigmaError):
        return f"figma_{error.code}"
    if isinstance(error, NotYetVisible):
        return "comment_not_visible"
    return error.code if isinstance(error, ServiceError) else "unexpected"


def _after_limit(error: FigmaError, since: datetime, now: datetime) -> Wait | GiveUp:
    seconds = 30 if error.retry_after is None else error.retry_after
    at = now + timedelta(seconds=seconds + random.uniform(0, min(30.0, 1 + seconds / 10)))
    if at - since > LONGEST_DEFERRAL:
        days = LONGEST_DEFERRAL.days
        return GiveUp("figma_rate_limited", wording.WAITED_TOO_LONG.format(days=days))
    return Wait(
        at,
        "figma_rate_limited",
        is_failure=False,
        is_long=seconds > LONG_WAIT_SECONDS,
        upgrade_link=error.upgrade_link or "",
    )


def _end(error: Exception) -> GiveUp:
    if isinstance(error, NotYetVisible):
        return GiveUp("comment_deleted", wording.COMMENT_DELETED)
    if isinstance(error, ServiceError):
        return GiveUp(code_of(error), error.message)
    return GiveUp("unexpected", wording.UNEXPECTED)


def again_soon(error: Unavailable) -> RetryAt:
    """The database is away, so nothing can be stored there. Only the queue knows of the retry."""
    outcome = decide(error, failures=1, limit=1, since=database_now(), now=database_now())
    assert isinstance(outcome, Wait)
    return RetryAt(outcome.at, outcome.reason)

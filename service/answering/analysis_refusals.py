"""Why an analysis is refused, in the words that comments get too."""

from datetime import UTC, datetime, timedelta

from service.answering import wording
from service.config import Settings
from service.errors import Forbidden, NoUsesLeft, ServiceError, TooManyRequests
from service.store.people_records import Usage


def refusal_of(reason: str, usage: Usage, settings: Settings) -> ServiceError:
    """The error for a reason of ``private.place_analysis``."""
    message = wording.refusal(
        reason,
        usage,
        plans_link=settings.plans_url or f"{settings.public_url}/account",
        support_link=settings.support_url,
        answers_per_minute=settings.answers_per_minute,
    )
    if reason == "suspended":
        return Forbidden(message, code="suspended")
    if reason == "unbilled_limit":
        return TooManyRequests(message, code="unbilled_limit", retry_after=_until_midnight())
    return NoUsesLeft(message)


def _until_midnight() -> int:
    """Seconds until the UTC day is over: the limit is one of a day."""
    now = datetime.now(UTC)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, round((midnight - now).total_seconds()))

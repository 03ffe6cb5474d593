"""After an account is deleted, its webhooks are removed at Figma, then its connection is deleted.

A webhook that its owner removed while Figma was unreachable is handled the same way; then the
connection stays. Deleting is safe to repeat, so a killed job simply runs again.
"""

from datetime import UTC, datetime, timedelta

import structlog

from service.answering.outcomes import RetryAt
from service.errors import ServiceError, Unavailable
from service.figma.errors import FigmaError
from service.secrets.figma_tokens import FigmaSignInNeeded
from service.store.secret_records import DepartingWebhook, StoredToken
from service.wiring import Services

FIRST_WAIT_SECONDS = 60
LONGEST_WAIT_SECONDS = 6 * 3600
DATABASE_WAIT_SECONDS = 10
NO_CONNECTION = "Figma no longer accepted their connection."
# Only the person could fix these.
HOPELESS = ("forbidden", "scope_missing", "token_invalid", "token_expired")

log = structlog.get_logger(__name__)


def is_hopeless(error: ServiceError) -> bool:
    """Whether a removal with this error is given up at once."""
    return isinstance(error, FigmaSignInNeeded) or error.code in HOPELESS


class Departure:
    """One person's webhooks that are to be removed. ``run`` blocks: call it in its own thread."""

    def __init__(self, services: Services, user_id: str):
        self._services = services
        self._user_id = user_id

    def run(self) -> None:
        """Remove what is left at Figma. Raises ``RetryAt`` while something has to wait."""
        try:
            departing = self._services.database.departing_webhooks(self._user_id)
            waits = [self._remove(departing.token, row) for row in departing.webhooks]
        except Unavailable as error:
            raise _later(DATABASE_WAIT_SECONDS, error.code) from error
        open_waits = [wait for wait in waits if wait is not None]
        if open_waits:
            raise _later(min(open_waits), "webhooks_left_at_figma")

    def _remove(self, token: StoredToken | None, row: DepartingWebhook) -> float | None:
        """Returns None if it is finished, removed or not. Otherwise the seconds to wait."""
        try:
            self._delete(token, row.figma_webhook_id)
        except FigmaSignInNeeded:
            self._note(row, "left", NO_CONNECTION)
        except FigmaError as error:
            if error.code in HOPELESS:
                self._note(row, "left", error.message)
            else:
                self._note(row, None, error.message)
                return _wait(row.tries, error)
        else:
            self._note(row, "removed", "")
        return None

    def _delete(self, token: StoredToken | None, figma_webhook_id: str) -> None:
        if token is None or token.is_revoked:
            raise FigmaSignInNeeded
        figma = self._services.figma
        try:
            self._services.tokens.call(
                token, lambda usable: figma.delete_webhook(usable, figma_webhook_id)
            )
        except FigmaError as error:
            # Already gone: removed by a killed attempt, or by somebody else.
            if error.code != "not_found":
                raise

    def _note(self, row: DepartingWebhook, outcome: str | None, problem: str) -> None:
        self._services.database.note_departed_webhook(row.id, outcome, problem)
        log.info("departed_webhook", webhook_id=row.id, outcome=outcome or "again")


def _wait(tries: int, error: FigmaError) -> float:
    """Twice as long each time, or as long as Figma says, but at most six hours."""
    backoff = FIRST_WAIT_SECONDS * 2 ** min(tries, 10)
    return float(min(LONGEST_WAIT_SECONDS, max(backoff, error.retry_after_seconds or 0)))


def _later(seconds: float, reason: str) -> RetryAt:
    return RetryAt(datetime.now(UTC) + timedelta(seconds=seconds), reason)

"""The look at Figma before anything is decided. It asks two questions: may this webhook speak for
the file, and is the comment there? An answer that is not confirmed is closed and counted, and costs
nobody anything."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from service.answering import wording
from service.answering.accounts import Accounts
from service.answering.confirming import Confirmed, confirm
from service.answering.outcomes import (
    LONG_WAIT_SECONDS,
    LOOKS_FOR_COMMENT,
    ConnectionLost,
    GiveUp,
    NotConfirmed,
    NotYetVisible,
    RetryAt,
    Wait,
    again_soon,
    decide,
    log_failed,
)
from service.answering.posting import retry_while_away
from service.answering.worker_state import WorkerState
from service.database_clock import database_now
from service.errors import Unavailable
from service.figma.errors import FigmaError
from service.figma.records import Comment, FigmaToken
from service.observing.metrics import ANSWERS, UNCONFIRMED
from service.store.answer_records import ClosedLook, Look, Readers

Result = TypeVar("Result")
# Figma logs what it sent, but perhaps a moment after it sent it. So look this often.
LOOKS_FOR_FILE = 4
# Figma's errors for its log: the webhook is gone, or its owner may not see it.
_NO_LOG = ("not_found", "forbidden", "scope_missing", "bad_request")

log = structlog.get_logger(__name__)


class NotListed(NotYetVisible):
    """Figma's log has no event of this file for this webhook, or not yet."""


@dataclass
class Looking:
    """One look for one answer. After success, ``comments`` are those of the file."""

    worker: WorkerState
    answer_id: str
    look: Look

    def __post_init__(self) -> None:
        self._database = self.worker.services.database
        self.comments: list[Comment] = []
        self.milliseconds = 0.0

    async def run(self) -> Confirmed | None:
        """The comment as Figma has it, for begin_answer. None if the answer was closed.

        Raises RetryAt if the look has to be repeated.
        """
        try:
            try:
                return await self._confirm()
            except RetryAt:
                raise
            except NotConfirmed as error:
                await self._refuse(error)
            except Exception as error:
                await self._fail(error)
        except Unavailable as error:
            raise again_soon(error) from error
        return None

    async def _confirm(self) -> Confirmed:
        worker, look = self.worker, self.look
        if look.webhook_id in worker.shut and (await self._readers()).state == "paused":
            raise NotConfirmed("webhook_paused", wording.PAUSED_MEANWHILE)
        if look.context != "file":
            await self._check_file()
        self.comments = await self._read_comments()
        return confirm(
            self.comments,
            look,
            worker.addressing,
            marker=worker.marker,
            bot=worker.bot_mention,
        )

    async def _read_comments(self) -> list[Comment]:
        """Read with the buddy's own account if possible: that needs no token from the database."""
        worker, look = self.worker, self.look

        async def fetch(token: FigmaToken) -> list[Comment]:
            return await worker.read_comments(token, look.file_key, look.received_at)

        if worker.bot_token and look.context == "file" and look.file_key not in worker.shut_out:
            try:
                return await self._call(Accounts(worker, look.file_key), fetch)
            except (GiveUp, FigmaError) as error:
                if not _may_another(error):
                    raise
        try:
            return await self._call(self._accounts(await self._readers()), fetch)
        except (GiveUp, FigmaError) as error:
            if not _may_another(error):
                raise
            with_author = await self._find_readers(self.answer_id)
            if all(each.is_owner for each in with_author.tokens):
                raise
            return await self._call(self._accounts(with_author), fetch)

    async def _call(
        self, accounts: Accounts, fetch: Callable[[FigmaToken], Awaitable[Result]]
    ) -> Result:
        try:
            return await accounts.call("look", fetch)
        finally:
            self.milliseconds += accounts.milliseconds

    def _accounts(self, readers: Readers) -> Accounts:
        return Accounts.of(self.worker, readers)

    async def _readers(self) -> Readers:
        """Who may read the file for this webhook: its owner."""
        key = (self.look.webhook_id, self.look.file_key)
        known = self.worker.readers.get(key)
        if known is None:
            known = await self._find_readers()
            # Not cached with rate limits: they end, and another worker may learn of new ones.
            if not known.figma_limits:
                self.worker.readers[key] = known
        return known

    async def _find_readers(self, answer_id: str | None = None) -> Readers:
        find, look = self._database.find_readers, self.look
        found = await self.worker.ask_database(find, look.webhook_id, look.file_key, answer_id)
        if found is None:
            raise NotConfirmed("not_confirmed", wording.NO_WEBHOOK)
        return found

    async def _check_file(self) -> None:
        """Check that the file belongs to the webhook. A webhook of a team or project speaks only
        for files of which Figma has sent it events."""
        readers = await self._readers()
        if readers.is_covered is None:
            await self._ask_log(readers)
        elif not readers.is_covered:
            raise NotConfirmed("foreign_file", wording.FOREIGN_FILE)

    async def _ask_log(self, readers: Readers) -> None:
        webhook_id = readers.figma_webhook_id
        if not webhook_id:
            raise NotListed(wording.FOREIGN_FILE)

        async def fetch(token: FigmaToken) -> frozenset[str]:
            return await self.worker.read_sent_files(token, webhook_id)

        accounts = self._accounts(readers)
        try:
            files = await accounts.call_as_owner(fetch)
        except FigmaError as error:
            if error.code in _NO_LOG:
                raise NotConfirmed("foreign_file", wording.FOREIGN_FILE) from error
            raise
        if self.look.file_key not in files:
            raise NotListed(wording.FOREIGN_FILE)
        await self._note_file(True)

    async def _note_file(self, is_covered: bool) -> None:
        look = self.look
        note = self._database.note_webhook_file
        await self.worker.ask_database(note, look.webhook_id, look.file_key, is_covered)
        self.worker.readers.pop((look.webhook_id, look.file_key), None)

    # After a failed look

    async def _fail(self, error: Exception) -> None:
        failures = 1
        if _is_failure(error):
            failures = await self._count(error)
        since, now = self.look.since, database_now()
        if isinstance(error, NotYetVisible):
            self.worker.doubtful[self.look.file_key] = True
            is_file = isinstance(error, NotListed)
            if failures >= (LOOKS_FOR_FILE if is_file else LOOKS_FOR_COMMENT):
                if is_file:
                    await self._note_file(False)
                reason = "foreign_file" if is_file else "not_confirmed"
                await self._refuse(NotConfirmed(reason, str(error)))
                return
            outcome: Wait | GiveUp = decide(error, failures=1, limit=9, since=since, now=now)
        else:
            limit = self.worker.values.job_attempts
            outcome = decide(error, failures=failures, limit=limit, since=since, now=now)
        if isinstance(outcome, GiveUp):
            await self._give_up(outcome)
            return
        if isinstance(error, ConnectionLost) or outcome.is_long:
            defer = self._database.defer_look
            await retry_while_away(
                self.worker.ask_database, defer, self.answer_id, outcome.at, outcome.reason
            )
            ANSWERS.labels("deferred").inc()
        log_failed("look_failed", outcome, error)
        raise RetryAt(outcome.at, outcome.reason) from error

    async def _count(self, error: Exception) -> int:
        reason = getattr(error, "code", "comment_not_visible")
        message = getattr(error, "message", type(error).__name__)
        count = self._database.fail_look
        failures: int = await retry_while_away(
            self.worker.ask_database, count, self.answer_id, reason, message
        )
        return max(1, failures)

    async def _refuse(self, error: NotConfirmed) -> None:
        """Close the answer. Raises RetryAt if another delivery of the comment came meanwhile: then
        look once more."""
        self.worker.doubtful[self.look.file_key] = True
        log.warning("delivery_not_confirmed", reason=error.reason, message=error.message)
        closed = await self._close(error.reason, error.message)
        UNCONFIRMED.labels(error.reason).inc()
        if not closed:
            raise RetryAt(database_now(), "told_again")
        ANSWERS.labels("ignored").inc()

    async def _give_up(self, end: GiveUp) -> None:
        log.error("answer_given_up", reason=end.reason, message=end.message)
        await self._close(end.reason, end.message)
        ANSWERS.labels("failed").inc()

    async def _close(self, reason: str, message: str) -> bool:
        close = self._database.close_look
        closed: ClosedLook = await retry_while_away(
            self.worker.ask_database,
            close,
            self.answer_id,
            self.look.webhook_id,
            reason,
            message,
        )
        if closed.is_paused and self.look.webhook_id not in self.worker.shut:
            self.worker.shut[self.look.webhook_id] = True
            log.warning("webhook_paused", webhook_id=self.look.webhook_id)
        return closed.closed


def _may_another(error: GiveUp | FigmaError) -> bool:
    """Whether to try another account. A short rate limit is waited for instead."""
    if isinstance(error, GiveUp):
        return True
    return error.code == "rate_limited" and (error.retry_after or 30) > LONG_WAIT_SECONDS


def _is_failure(error: Exception) -> bool:
    """Whether the error counts towards the limit of attempts. Waiting for others does not count."""
    if isinstance(error, Unavailable | ConnectionLost):
        return False
    return not (isinstance(error, FigmaError) and error.code == "rate_limited")

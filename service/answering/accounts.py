"""Which Figma account acts for an answer: the bot's if it sees the file, else the owner's or
author's."""

import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Self, TypeVar

import structlog

from service.answering import wording
from service.answering.outcomes import (
    LONG_WAIT_SECONDS,
    ConnectionLost,
    GiveUp,
    WindowClosed,
)
from service.answering.worker_state import WorkerState
from service.database_clock import database_now
from service.errors import ServiceError
from service.figma.errors import FigmaError
from service.figma.records import FigmaToken
from service.secrets.figma_tokens import FigmaSignInNeeded
from service.store.answer_records import FigmaLimit, Job, Readers
from service.store.secret_records import ActingToken, StoredToken

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")
Kind = Literal["bot", "owner", "author"]
# "look" reads before anything is decided. It is not visible to others, so any account may do it.
Purpose = Literal["look", "read", "post", "design"]

TIERS: dict[Purpose, int] = {"look": 2, "read": 2, "post": 2, "design": 1}
# After these errors another account may succeed where this one cannot.
NOT_THIS_ACCOUNT = ("forbidden", "not_found", "token_invalid", "token_expired", "scope_missing")


@dataclass(frozen=True)
class Account:
    """A Figma account and its stored token (None: the bot, whose token is a setting)."""

    kind: Kind
    figma_user_id: str
    token: StoredToken | None = None


@dataclass
class Accounts:
    """The accounts for one attempt in one file. ``milliseconds`` sums the time of all calls,
    ``acted`` has the account that last did something for a purpose."""

    worker: WorkerState
    file_key: str
    tokens: tuple[ActingToken, ...] = ()
    limits: list[FigmaLimit] = field(default_factory=list)
    milliseconds: float = 0.0
    acted: dict[Purpose, Account] = field(default_factory=dict)

    @classmethod
    def of(cls, worker: WorkerState, known: Job | Readers) -> Self:
        """The accounts that the database knows for a job or a look."""
        return cls(worker, known.file_key, known.tokens, list(known.figma_limits))

    def __iter__(self) -> Iterator[Account]:
        if self.worker.bot_token:
            yield Account("bot", self.worker.bot_user_id or "bot")
        for token in self.tokens:
            kind: Kind = "owner" if token.is_owner else "author"
            yield Account(kind, token.figma_user_id, token)

    async def call(
        self,
        purpose: Purpose,
        action: Callable[[FigmaToken], Awaitable[Answer]],
        *,
        deadline: float | None = None,
        doubt: Callable[[], Awaitable[None]] | None = None,
    ) -> Answer:
        """Run ``action`` with the first account that may do it.

        The next account is tried if one cannot see the file or is rate-limited for long. The
        author's account is used only if the others cannot see the file at all. No call begins after
        ``deadline`` (monotonic). Before a 400 or 404 is blamed on an account, ``doubt`` may raise
        another cause. Raises FigmaError, GiveUp, or WindowClosed.
        """
        limited: FigmaError | None = None
        refused: ServiceError | None = None
        is_lost = not any(token.is_owner for token in self.tokens)
        for account in self:
            if account.kind == "author" and limited and purpose in ("read", "post"):
                break
            if self._is_denied(account, purpose):
                refused = refused or FigmaError("not_found", "see the file")
                continue
            try:
                answer = await self._use(account, purpose, action, deadline)
                self.acted[purpose] = account
                return answer
            except FigmaSignInNeeded as error:
                refused, is_lost = error, True
            except FigmaError as error:
                if doubt and error.figma_status in (400, 404):
                    await doubt()
                if error.code in NOT_THIS_ACCOUNT:
                    refused = self._deny(account, purpose, error)
                elif error.code != "rate_limited" or (
                    # For a short wait, do not post under another name.
                    purpose != "design" and _seconds(error) <= LONG_WAIT_SECONDS
                ):
                    raise
                elif limited is None or _seconds(error) < _seconds(limited):
                    limited = error
        raise limited or _last_refusal(refused, purpose, is_lost)

    async def call_as_owner(self, action: Callable[[FigmaToken], Awaitable[Answer]]) -> Answer:
        """Run ``action`` with the account of the webhook's owner, to read something that only the
        owner may. Raises FigmaError, or ConnectionLost without a good connection."""
        owner = next((each for each in self if each.kind == "owner"), None)
        if owner is None:
            raise ConnectionLost(wording.NO_ACCOUNT)
        try:
            return await self._use(owner, "look", action, None)
        except FigmaSignInNeeded as error:
            raise ConnectionLost(f"{wording.NO_ACCOUNT} (last refusal: {error.code})") from error

    async def call_unlimited(
        self, action: Callable[[FigmaToken], Awaitable[Answer]]
    ) -> Answer | None:
        """Run ``action`` with any account that may write at Figma now. None if there is none."""
        for account in self:
            if self._is_denied(account, "post"):
                continue
            try:
                return await self._use(account, "post", action, None)
            except (FigmaError, FigmaSignInNeeded) as error:
                log.info("notice_not_posted", account=account.kind, reason=error.code)
                if isinstance(error, FigmaError) and error.maybe_done:
                    return None
        return None

    def limit_of(self, account: Account, purpose: Purpose) -> FigmaError | None:
        """The rate limit that Figma reported for this account and file, if it still holds."""
        for limit in self.limits:
            if (limit.figma_user_id, limit.tier) == (account.figma_user_id, TIERS[purpose]):
                left = (limit.limited_until - database_now()).total_seconds()
                if left > 0:
                    return FigmaError(
                        "rate_limited",
                        "go on",
                        retry_after=int(left) + 1,
                        plan_tier=limit.plan_tier or None,
                        rate_limit_type=limit.limit_type or None,
                        upgrade_link=limit.upgrade_link or None,
                    )
        return None

    async def _use(
        self,
        account: Account,
        purpose: Purpose,
        action: Callable[[FigmaToken], Awaitable[Answer]],
        deadline: float | None,
    ) -> Answer:
        known = self.limit_of(account, purpose)
        if known:
            raise known

        async def in_time(token: FigmaToken) -> Answer:
            # Checked here, because the call may have waited for a fresh token.
            if deadline is not None and time.monotonic() > deadline:
                raise WindowClosed
            return await action(token)

        started = time.monotonic()
        try:
            return await self._with_token(account, in_time)
        except FigmaError as error:
            if error.code == "rate_limited":
                await self._note_limit(account, purpose, error)
            raise
        finally:
            self.milliseconds += (time.monotonic() - started) * 1000

    async def _with_token(
        self, account: Account, action: Callable[[FigmaToken], Awaitable[Answer]]
    ) -> Answer:
        if account.token is None:
            assert self.worker.bot_token is not None
            return await action(self.worker.bot_token)
        return await self.worker.services.tokens.call_async(account.token, action)

    def _is_denied(self, account: Account, purpose: Purpose) -> bool:
        """Whether the account could not see the file a moment ago. Only a refusal by Figma restarts
        this time. Otherwise it would never end while comments keep coming."""
        return self._denial(account, purpose) in self.worker.denied

    def _denial(self, account: Account, purpose: Purpose) -> tuple[str, str, str]:
        asked = "read" if purpose == "look" else purpose
        return self.file_key, account.figma_user_id, asked

    def _deny(self, account: Account, purpose: Purpose, error: FigmaError) -> FigmaError:
        self.worker.denied[self._denial(account, purpose)] = True
        log.info("account_passed_over", account=account.kind, purpose=purpose, reason=error.code)
        return error

    async def _note_limit(self, account: Account, purpose: Purpose, error: FigmaError) -> None:
        tier, seconds = TIERS[purpose], _seconds(error)
        if tier == 2 and seconds <= LONG_WAIT_SECONDS:
            return
        what = (error.plan_tier or "", error.rate_limit_type or "", error.upgrade_link or "")
        note = self.worker.services.database.note_figma_limit
        await self.worker.ask_database(
            note, account.figma_user_id, self.file_key, tier, seconds, *what
        )
        until = database_now() + timedelta(seconds=seconds)
        # This attempt knows the limit at once. The next attempt gets it from begin_answer.
        known = FigmaLimit(account.figma_user_id, self.file_key, tier, until, *what)
        self.limits.append(known)
        if account.kind == "bot" and tier == 2:
            self.worker.shut_out[self.file_key] = True


def _seconds(error: FigmaError) -> int:
    return 30 if error.retry_after is None else error.retry_after


def _last_refusal(
    refused: ServiceError | None, purpose: Purpose, is_lost: bool
) -> ServiceError | GiveUp:
    """``is_lost``: the person who switched the buddy on there could help by signing in again."""
    if purpose == "design" and isinstance(refused, FigmaError):
        return refused
    reason = refused.code if refused else "no_account"
    message = f"{wording.NO_ACCOUNT} (last refusal: {reason})"
    return ConnectionLost(message) if is_lost else GiveUp("no_account", message)

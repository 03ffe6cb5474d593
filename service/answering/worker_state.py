"""What all jobs of a worker share: clients, the model chain, caches, and the bot's identity."""

import asyncio
import random
import time
from collections.abc import Callable, Container, MutableMapping
from concurrent.futures import Executor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal, TypeVar, overload

from cachetools import LRUCache, TTLCache

from service.answering.batching import Batcher
from service.answering.outcomes import LONG_WAIT_SECONDS, RetryAt
from service.database_clock import database_now
from service.figma.addressing import Addressing, Mention, reply_marker
from service.figma.async_client import AsyncFigmaClient
from service.figma.errors import FigmaError
from service.figma.records import Comment, FigmaToken
from service.guidance import FIELDS as GUIDANCE
from service.llm import Guidance, ModelChain, PromptPicture
from service.observing import metrics
from service.observing.tracing import database_span
from service.store.answer_records import Closed, Job, Readers, Settled, Window
from service.store.live_settings import LiveSettings, LiveValues
from service.store.people_records import ContextVersion
from service.wiring import Services

# For how long an account is skipped for a file that it could not see.
DENIED_SECONDS = 120
# For how long these are cached: who may read for a webhook, and what Figma sent for it.
READERS_SECONDS = 30
SENT_SECONDS = 5
# If something in a file was not confirmed in the last minute, it is read at most this often.
DOUBTFUL_SECONDS = 4
DOUBT_LASTS_SECONDS = 60
# Allowed difference between the clocks of the database and the worker.
CLOCKS_DIFFER = timedelta(seconds=3)
# For how long the state of a just paused webhook is looked up before Figma is asked for it.
SHUT_SECONDS = 600
# After a long rate limit of the bot in a file, the database is asked about it first.
SHUT_OUT_SECONDS = 600
# Pictures kept in memory, in characters as they are sent.
PICTURE_CHARS = 64_000_000
# Steps in one call to the database: a tenth of a second, far below its time limit. Hundreds of
# answers that were begun together also come back together from the model, and wait in line here.
STEPS = 100
# Answers begin one by one, as Figma's response for each arrives.
STEP_TURNS = 5
# Little beside the seconds that a model takes, and long enough to gather a busy worker's steps.
STEP_PAUSE_SECONDS = 0.03
# How many looks can share one reading of a file's comments.
TOGETHER = 1_000
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Context:
    """What an answer may use of one version of a designer's context, and the model chosen in it.

    ``fields`` names the fields of the context that ``guidance`` holds.
    """

    guidance: Guidance = field(default_factory=Guidance)
    model: str | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """The comments of a file, when Figma was asked, and when it had answered (``at``,
    monotonic)."""

    began_at: datetime
    at: float
    comments: list[Comment]


def replace_wait(error: FigmaError, seconds: float) -> FigmaError:
    """The same 429 error, with the rest of its wait."""
    return FigmaError(
        "rate_limited",
        "read the comments",
        retry_after=max(1, round(seconds)),
        plan_tier=error.plan_tier,
        rate_limit_type=error.rate_limit_type,
        upgrade_link=error.upgrade_link,
    )


@dataclass
class WorkerState:
    """Shared by the jobs of one event loop. ``bot_user_id`` is empty until Figma has returned it.

    ``readers``: who may read a file for a webhook, by webhook and file. ``shut``: webhooks paused
    because of what they delivered. ``shut_out``: files where the bot is rate-limited for long.
    ``doubtful``: files where something was not confirmed lately. Each is a cache of what this
    worker learned, to avoid further requests.

    ``database_threads`` is small: hundreds of threads on one connection pool would mostly wait for
    its lock.
    """

    services: Services
    chain: ModelChain
    bot_user_id: str = ""
    bot_handle: str = ""
    database_threads: Executor | None = None
    denied: MutableMapping[tuple[str, str, str], bool] = field(
        default_factory=lambda: TTLCache(maxsize=20_000, ttl=DENIED_SECONDS)
    )
    contexts: MutableMapping[tuple[str, int], ContextVersion] = field(
        default_factory=lambda: LRUCache(maxsize=5_000)
    )
    readers: MutableMapping[tuple[str, str], Readers] = field(
        default_factory=lambda: TTLCache(maxsize=20_000, ttl=READERS_SECONDS)
    )
    doubtful: MutableMapping[str, bool] = field(
        default_factory=lambda: TTLCache(maxsize=10_000, ttl=DOUBT_LASTS_SECONDS)
    )
    shut: MutableMapping[str, bool] = field(
        default_factory=lambda: TTLCache(maxsize=10_000, ttl=SHUT_SECONDS)
    )
    shut_out: MutableMapping[str, bool] = field(
        default_factory=lambda: TTLCache(maxsize=20_000, ttl=SHUT_OUT_SECONDS)
    )
    # By file, node and the file's version, which changes with each change of the design.
    pictures: MutableMapping[tuple[str, str, str], PromptPicture] = field(
        default_factory=lambda: LRUCache(PICTURE_CHARS, getsizeof=lambda each: len(each.url))
    )
    # When an account last drew pictures (monotonic).
    drawn: MutableMapping[str, list[float]] = field(default_factory=lambda: LRUCache(20_000))

    def __post_init__(self) -> None:
        settings = self.services.settings
        # Refreshed by the worker's upkeep, so that no job waits for it.
        self.live = LiveSettings(settings, self.services.database)
        self.figma = AsyncFigmaClient(settings, observer=metrics.observe_figma_call)
        self.marker = reply_marker(settings.buddy_name)
        self._steps: Batcher[dict[str, Any], Any] = Batcher(
            self._take_steps, limit=STEPS, turns=STEP_TURNS, pause=STEP_PAUSE_SECONDS
        )
        # Separate from the other steps: those wait for balances and the ledger, a draft does not.
        self._drafts: Batcher[dict[str, Any], Any] = Batcher(
            self._take_steps, limit=STEPS, turns=STEP_TURNS, pause=STEP_PAUSE_SECONDS
        )
        self._comments: MutableMapping[tuple[str, str], Batcher[FigmaToken, list[Comment]]] = (
            LRUCache(maxsize=2_000)
        )
        self._refusals: MutableMapping[tuple[str, str], tuple[float, FigmaError]] = LRUCache(2_000)
        self._readings: MutableMapping[tuple[str, str], Reading] = TTLCache(500, DOUBTFUL_SECONDS)
        self._sent: MutableMapping[str, asyncio.Task[frozenset[str]]] = TTLCache(
            maxsize=2_000, ttl=SENT_SECONDS
        )

    async def close(self) -> None:
        """Close the connections to Figma and to the models; those of ``services`` stay open."""
        await asyncio.gather(self.figma.close(), self.chain.close())

    @property
    def values(self) -> LiveValues:
        """Triggers and limits in force."""
        return self.live.values

    @property
    def addressing(self) -> Addressing:
        return self.live.values.addressing

    @property
    def bot_token(self) -> FigmaToken | None:
        secret = self.services.settings.figma_bot_token
        return FigmaToken(secret.get_secret_value(), "pat") if secret else None

    @property
    def bot_mention(self) -> Mention | None:
        """The account of the bot's token, with the name that Figma gives it."""
        return Mention(self.bot_user_id, self.bot_handle) if self.bot_user_id else None

    @property
    def connect_link(self) -> str:
        return f"{self.services.settings.public_url}/"

    @property
    def plans_link(self) -> str:
        settings = self.services.settings
        return settings.plans_url or f"{settings.public_url}/account"

    @property
    def help_link(self) -> str:
        return f"{self.services.settings.public_url}/help"

    @property
    def own_links(self) -> tuple[str, ...]:
        """Our own addresses that replies may contain."""
        support = self.services.settings.support_url
        return self.connect_link, self.plans_link, self.help_link, support

    async def ask_database(
        self, function: Callable[..., Answer], *arguments: Any, **named: Any
    ) -> Answer:
        """Call one method of ``Database`` in a thread, with this task's log context."""
        with database_span(function.__name__):
            call = partial(copy_context().run, function, *arguments, **named)
            return await asyncio.get_running_loop().run_in_executor(self.database_threads, call)

    async def read_comments(
        self, token: FigmaToken, file_key: str, received_at: datetime
    ) -> list[Comment]:
        """The comments of a file, read after ``received_at``.

        Callers that come during a read share the next one, so a burst in one file costs few
        requests of Figma's quota. A file where something was not confirmed is read less often. If
        the last reading is new enough for a caller, it gets that reading; others have to retry.
        While Figma answers 429, no request is sent. Raises RetryAt and FigmaError.
        """
        key = (file_key, token.value)
        now = time.monotonic()
        refused = self._refusals.get(key)
        if refused and refused[0] > now:
            raise replace_wait(refused[1], refused[0] - now)
        last = self._readings.get(key)
        if last and file_key in self.doubtful and now - last.at < DOUBTFUL_SECONDS:
            if last.began_at - received_at > CLOCKS_DIFFER:
                return last.comments
            wait = DOUBTFUL_SECONDS - (now - last.at) + random.uniform(0, 0.5)
            raise RetryAt(database_now() + timedelta(seconds=wait), "read_a_moment_ago")
        if key not in self._comments:

            async def read(tokens: list[FigmaToken]) -> list[list[Comment]]:
                comments = await self._read_comments(tokens[0], file_key)
                return [comments] * len(tokens)

            self._comments[key] = Batcher(read, limit=TOGETHER)
        return await self._comments[key].submit(token)

    async def _read_comments(self, token: FigmaToken, file_key: str) -> list[Comment]:
        key, began_at = (file_key, token.value), database_now()
        try:
            comments = await self.figma.comments(token, file_key)
        except FigmaError as error:
            # The database knows the long limits, and whether one was lifted meanwhile.
            seconds = error.retry_after or 30
            if error.code == "rate_limited" and seconds <= LONG_WAIT_SECONDS:
                self._refusals[key] = (time.monotonic() + seconds, error)
            raise
        if file_key in self.doubtful:
            self._readings[key] = Reading(began_at, time.monotonic(), comments)
        return comments

    async def read_sent_files(self, token: FigmaToken, figma_webhook_id: str) -> frozenset[str]:
        """The files whose events Figma sent for a webhook within the last seven days."""
        known = self._sent.get(figma_webhook_id)
        if known is None:

            async def read() -> frozenset[str]:
                sent = await self.figma.webhook_requests(token, figma_webhook_id)
                return frozenset(each.file_key for each in sent)

            known = self._sent[figma_webhook_id] = asyncio.create_task(read())
        # If one caller is cancelled, the others still get the result.
        return await asyncio.shield(known)

    @overload
    async def take_step(self, step: Literal["begin_answer"], **parameters: Any) -> Job | Closed: ...

    @overload
    async def take_step(self, step: Literal["start_posting"], **parameters: Any) -> Window: ...

    @overload
    async def take_step(self, step: Literal["settle_answer"], **parameters: Any) -> Settled: ...

    async def take_step(self, step: str, **parameters: Any) -> Any:
        """Call one of the functions that ``Database.take_steps`` knows, batched with others."""
        with database_span(step):
            steps = self._drafts if step == "start_posting" else self._steps
            return await steps.submit({"step": step, **parameters})

    async def _take_steps(self, steps: list[dict[str, Any]]) -> list[Any]:
        take = self.services.database.take_steps
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.database_threads, take, steps)

    async def context_of(
        self, user_id: str | None, version: int | None, *, is_askers_own: bool
    ) -> Context:
        """The context that was in force when the answer was decided. A version never changes.

        The asker can find out what the prompt contains. So from somebody else's guidance the prompt
        gets only what that person shares with guests. The model is the payer's choice.
        """
        if not user_id or not version:
            return Context()
        key = (user_id, version)
        if key not in self.contexts:
            read = self.services.database.get_context_version
            found = await self.ask_database(read, user_id, version)
            self.contexts[key] = found or ContextVersion(version)
        content = self.contexts[key]
        return read_context(content, GUIDANCE if is_askers_own else content.shared_with_guests)


def read_context(content: ContextVersion, fields: Container[str] = GUIDANCE) -> Context:
    """What a prompt may use of a version of a context: these fields, and the model."""
    given = {
        name: value for name in GUIDANCE if name in fields and (value := getattr(content, name))
    }
    guidance = Guidance(
        instructions=given.get("instructions", ""),
        tone=given.get("tone", ""),
        brand=given.get("brand", ""),
        design_system=given.get("design_system_rules", ""),
        language=given.get("language", ""),
        focus=tuple(given.get("focus_areas", ())),
    )
    return Context(guidance, content.model or None, tuple(given))

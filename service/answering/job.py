"""One attempt at one answer, step by step. Any step can be the last. The next attempt continues
from what is stored, so that nothing is charged or posted twice."""

import inspect
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

import structlog

from service.answering import wording
from service.answering.accounts import Accounts
from service.answering.booked_usage import kept_usage, unknown_usage
from service.answering.build_command import BuildCommand, BuildRuns, BuildStep
from service.answering.confirming import Confirmed
from service.answering.design import read_design
from service.answering.drafting import Draft, plain_reply, review, stored_draft
from service.answering.looking import Looking
from service.answering.outcomes import (
    LOST_PER_ATTEMPT,
    GiveUp,
    RetryAt,
    Wait,
    again_soon,
    decide,
    log_failed,
    lost_attempts,
)
from service.answering.posting import Posting, reply_json, retry_while_away
from service.answering.thread import Thread, find_thread
from service.answering.worker_state import WorkerState
from service.database_clock import database_now
from service.errors import Conflict, NotFound, Unavailable
from service.figma.records import Comment, FigmaToken
from service.observing.metrics import ANSWER_LATENCY, ANSWERS
from service.observing.tracing import note_current, span
from service.review import Options, with_house_rules
from service.store.answer_records import BookedUsage, Closed, Job, Look, Settled, TraceJson

Step = Literal[
    "confirmed",
    "begun",
    "thread_read",
    "design_read",
    "model_asked",
    "posting",
    "posted",
    "settled",
]
# Called right after each step. It may stop the attempt there, or delay it.
StepObserver = Callable[[Step | BuildStep], Awaitable[None] | None]

# How long a draft waits for the owner of its webhook.
PREVIEW_SECONDS = 24 * 3600

log = structlog.get_logger(__name__)


class AwaitsOwner(Exception):
    """The draft waits for the owner of its webhook, until ``until`` at most."""

    def __init__(self, until: datetime):
        super().__init__(f"awaits its owner until {until.isoformat()}")
        self.until = until


def _ignore(_step: Step | BuildStep) -> None:
    """The default observer: does nothing."""


class AnswerJob:
    """Run it once. It returns when the answer is closed or no longer belongs to this attempt. It
    raises RetryAt when the job has to run again."""

    def __init__(
        self,
        worker: WorkerState,
        answer_id: str,
        *,
        look: Look | None = None,
        lock: str | None = None,
        on_step: StepObserver = _ignore,
    ):
        """``look``: where to look at Figma before the database is asked; None: the database says
        where. ``lock`` is the queue's lock for this job; it keeps the replies of a thread in
        order."""
        self.worker = worker
        self.answer_id = answer_id
        self._look = look
        self._lock = lock
        self._comments: list[Comment] = []
        self._looked_ms = 0.0
        self._on_step = on_step
        self._settings = worker.services.settings
        self._database = worker.services.database
        self.job: Job
        self._steps: list[dict[str, Any]] = []
        self._began = time.monotonic()
        self._draft: Draft | None = None

    async def run(self) -> None:
        try:
            begun = await self._begin()
        except NotFound:
            log.warning("answer_gone", answer_id=self.answer_id)
            return
        if not isinstance(begun, Job):
            return
        self.job, decision = begun, begun.decision
        with (
            structlog.contextvars.bound_contextvars(
                request_id=self.job.request_id,
                answer_id=self.answer_id,
                attempt=self.job.attempt,
            ),
            span(
                "answer_comment",
                {"decision": decision},
                parent=self.job.trace_parent,
                kind="CONSUMER",
            ),
        ):
            await self._observe("begun")
            if decision == "ignore":
                self._count(self.job.state)
                return
            await self._attempt()

    async def _begin(self) -> Job | Closed | None:
        """Begin the answer. Nothing is decided before Figma has confirmed who asked and what."""
        if self._look is None:
            begun = await self._take_begin(None)
            if isinstance(begun, Job) or begun.look is None:
                return begun
            self._look = begun.look
        with (
            structlog.contextvars.bound_contextvars(
                request_id=self._look.request_id, answer_id=self.answer_id
            ),
            span("confirm_comment", parent=self._look.trace_parent),
        ):
            looking = Looking(self.worker, self.answer_id, self._look)
            comment = await looking.run()
            if comment is None:
                return None
            self._comments, self._looked_ms = looking.comments, looking.milliseconds
            self._check_lock(comment.root_comment_id)
            await self._observe("confirmed")
        return await self._take_begin(comment)

    def _check_lock(self, root_comment_id: str) -> None:
        """A delivery named a wrong thread, so its job has that thread's lock: fix it."""
        assert self._look is not None
        lock = f"thread:{self._look.file_key}:{root_comment_id}"
        if self._lock and self._lock.startswith("thread:") and self._lock != lock:
            raise RetryAt(database_now(), "other_thread", lock=lock)

    async def _take_begin(self, comment: Confirmed | None) -> Job | Closed:
        values = self.worker.values
        try:
            return await self.worker.take_step(
                "begin_answer",
                answer_id=self.answer_id,
                answers_per_minute=values.answers_per_minute,
                loop_replies=values.loop_breaker_replies,
                loop_window_seconds=values.loop_breaker_window_seconds,
                lease_seconds=self._settings.worker_lease_seconds,
                comment=comment and comment.to_json(),
                author_replies=values.author_replies_per_day,
                unbilled_microusd=values.unbilled_microusd_per_day,
            )
        except Unavailable as error:
            raise again_soon(error) from error

    async def _attempt(self) -> None:
        """Finish the answer, or decide what happens after an error."""
        self.accounts = Accounts.of(self.worker, self.job)
        stored = stored_draft(self.worker, self.job)
        looks = self.job.attempt > 1 or self.job.run > 1 or self.job.draft is not None
        self.posting = Posting(self.accounts, self.job, looks=looks)
        try:
            try:
                self._check_attempts()
                await self._finish(stored)
            except (Conflict, BuildRuns, AwaitsOwner):
                raise
            except Exception as error:
                await self._fail(error)
        except BuildRuns as error:
            self._count("deferred")
            raise RetryAt(error.until, "pipeline_runs") from error
        except AwaitsOwner as error:
            self._count("deferred")
            raise RetryAt(error.until, "awaiting_owner") from error
        except Conflict:
            log.info("attempt_superseded")
        except Unavailable as error:
            raise again_soon(error) from error

    async def _finish(self, stored: Draft | None) -> None:
        await self._end_without_owner()
        self._draft = stored or await self._make_draft()
        if self._draft.trace is not None:
            self._draft = replace(self._draft, trace={**self._draft.trace, "steps": self._steps})
        if self.job.preview in ("ask", "waiting"):
            await self._hold(self._draft)
        deadline = await self.posting.open_window(self._draft)
        await self._observe("posting")
        reply = await self._post_once(deadline)
        await self._observe("posted")
        await self._settle(reply)
        await self._observe("settled")

    async def _end_without_owner(self) -> None:
        """Give up a draft that its webhook's owner dropped, or never decided on."""
        if self.job.preview == "drop":
            # Who was told that an answer is drafted is told what became of it.
            if self.job.notice_comment_id and not self.posting.is_muted:
                await self.posting.post_word("dropped", wording.PREVIEW_DROPPED)
            raise GiveUp("dropped_by_owner", "", is_failure=False)
        if self.job.preview == "expired":
            if not self.posting.is_muted:
                await self.posting.post_word("expired", wording.PREVIEW_EXPIRED)
            raise GiveUp("preview_expired", "", is_failure=False)

    async def _hold(self, draft: Draft) -> None:
        """Keep the draft until the owner of its webhook decides. Raises AwaitsOwner."""
        notice_id = self.job.notice_comment_id
        is_told = notice_id or self.job.thread_is_told or self.posting.is_muted
        if not is_told and not self._is_owners_own:
            notice_id = await self.posting.post_word("preview", wording.PREVIEW_WAITS)
        until = await retry_while_away(
            self.worker.ask_database,
            self._database.hold_answer,
            self.answer_id,
            self.job.attempt,
            draft.to_json(),
            PREVIEW_SECONDS,
            notice_id,
        )
        raise AwaitsOwner(until)

    @property
    def _is_owners_own(self) -> bool:
        """Whether the asker is the webhook's owner, who sees the draft on the account page."""
        return any(
            each.is_owner and each.figma_user_id == self.job.author_figma_id
            for each in self.job.tokens
        )

    async def _make_draft(self) -> Draft:
        if self.job.decision == "command" and self.job.command == "build":
            build = BuildCommand(self.worker, self.job, self._read_thread, self._observe)
            return await build.draft()
        if self.job.decision != "answer":
            return plain_reply(self.worker, self.job)
        thread = await self._read_thread()
        await self._observe("thread_read")
        design = await read_design(
            self.accounts,
            thread.node_id,
            is_allowed=self.job.flags.design_reading,
            options=await self._options(),
            question=self.job.question,
        )
        await self._observe("design_read")
        draft = await review(self.accounts, self.job, thread, design)
        await self._observe("model_asked")
        return draft

    async def _options(self) -> Options:
        """How to measure, as the guidance in force and what is ignored in the file say."""
        job = self.job
        context = await self.worker.context_of(
            job.context_user_id, job.context_version, is_askers_own=job.author_is_connected
        )
        options = Options(ignored=frozenset(job.ignored))
        return with_house_rules(options, context.guidance.design_system)

    async def _read_thread(self) -> Thread:
        figma, key = self.worker.figma, self.job.file_key

        async def fetch(token: FigmaToken) -> list[Comment]:
            return await figma.comments(token, key)

        comments = self._comments or await self.accounts.call("read", fetch)
        return find_thread(comments, self.job)

    async def _post_once(self, deadline: float) -> Comment:
        assert self._draft is not None
        if self.posting.looks:
            found = await self.posting.find()
            if found:
                log.info("reply_found", comment_id=found.id)
                return found
        if self.posting.is_muted:
            raise GiveUp("thread_muted", "", is_failure=False)
        if self.job.failures >= self.worker.values.job_attempts:
            raise GiveUp("post_unclear", wording.POST_UNCLEAR)
        return await self.posting.post(self._draft, deadline)

    async def _settle(self, reply: Comment) -> None:
        usage = self._usage()

        async def settle() -> Settled:
            return await self.worker.take_step(
                "settle_answer", answer_id=self.answer_id, reply=reply_json(reply), usage=usage
            )

        settled = await retry_while_away(settle)
        note_current(answer__state=settled.state, answer__cost_microusd=usage.get("cost_microusd"))
        self._count(settled.state)
        seconds = (database_now() - self.job.received_at).total_seconds()
        if self.job.command != "build":
            # A build waits for its run.
            ANSWER_LATENCY.observe(max(0.0, seconds))
        log.info("answer_settled", state=settled.state, comment_id=reply.id, seconds=seconds)

    async def _fail(self, error: Exception) -> None:
        """Handle a failed attempt. Raises RetryAt unless the answer is given up."""
        outcome = decide(
            error,
            failures=self.job.failures + 1,
            limit=self.worker.values.job_attempts,
            # In a replay, the time the replay began, however old the comment is.
            since=self.job.decided_at,
            now=database_now(),
        )
        if isinstance(outcome, GiveUp):
            await self._give_up(outcome)
            return
        log_failed("attempt_failed", outcome, error)
        if isinstance(error, Unavailable):
            raise RetryAt(outcome.at, outcome.reason) from error
        if outcome.is_failure:
            await self._count_failure(outcome, error)
        else:
            await self._put_off(outcome)
        raise RetryAt(outcome.at, outcome.reason) from error

    async def _count_failure(self, outcome: Wait, error: Exception) -> None:
        message = getattr(error, "message", type(error).__name__)
        await retry_while_away(
            self.worker.ask_database,
            self._database.fail_attempt,
            self.answer_id,
            self.job.attempt,
            outcome.reason,
            message,
            self._unkept_usage(),
        )

    async def _put_off(self, wait: Wait) -> None:
        notice_id = await self.posting.post_notice(wait) if wait.is_long else None
        until, reason = wait.at, wait.reason
        draft = self._draft.to_json() if self._draft else None

        def defer() -> None:
            self._database.defer_answer(
                self.answer_id,
                self.job.attempt,
                until=until,
                reason=reason,
                draft=draft,
                notice_comment_id=notice_id,
            )

        await retry_while_away(self.worker.ask_database, defer)
        self._count("deferred")

    async def _give_up(self, end: GiveUp) -> None:
        if end.is_failure:
            log.error("answer_given_up", reason=end.reason, message=end.message)
        usage = self._usage()
        if end.reason == "worker_lost" and self.job.decision == "answer":
            # Each lost attempt may have asked a model, and died before it could store that.
            usage = {**unknown_usage(lost_attempts(self.job)), **usage}
        usage = {**usage, "trace": self._untold_trace()}
        await retry_while_away(
            self.worker.ask_database,
            self._database.release_use,
            self.answer_id,
            self.job.attempt,
            end.reason,
            end.message,
            usage,
        )
        self._count("failed" if end.is_failure else "ignored")

    def _check_attempts(self) -> None:
        """An answer may kill its worker each time. This limits how often."""
        lost = lost_attempts(self.job)
        if lost >= LOST_PER_ATTEMPT * self.worker.values.job_attempts:
            raise GiveUp("worker_lost", wording.WORKER_LOST.format(count=lost))

    def _usage(self) -> BookedUsage:
        """What is booked with the answer: the draft's model usage, and the time Figma took."""
        used = self._draft.usage if self._draft else kept_usage(self.job)
        milliseconds = self.accounts.milliseconds + self._looked_ms
        return {**used, "figma_latency_ms": round(milliseconds)}

    def _unkept_usage(self) -> BookedUsage:
        """The model usage of this attempt, if its draft is not in the database."""
        if self._draft is None or self.posting.is_draft_kept:
            return {"trace": {"steps": self._steps}}
        return {**self._draft.usage, "trace": self._untold_trace()}

    def _untold_trace(self) -> TraceJson:
        """What this attempt sent and took, if no draft has told it."""
        made = self._draft.trace if self._draft else None
        return made or {"steps": self._steps}

    async def _observe(self, step: Step | BuildStep) -> None:
        ms = round((time.monotonic() - self._began) * 1000)
        self._steps.append({"step": step, "ms": ms})
        waiting = self._on_step(step)
        if inspect.isawaitable(waiting):
            await waiting

    @staticmethod
    def _count(outcome: str) -> None:
        ANSWERS.labels(outcome).inc()

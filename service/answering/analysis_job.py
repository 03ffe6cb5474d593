"""One attempt at one analysis: measure, ask the model for words, settle. Any step can be the last;
the next attempt begins anew, and nothing is charged twice."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import structlog

from service.analysis.canonical import Prepared, prepare
from service.analysis.request import AnalysisRequest
from service.analysis.suggestions import to_stored
from service.analysis.words import Analysis, write
from service.answering.analysis_usage import usage_of
from service.answering.booked_usage import carry, unknown_usage
from service.answering.day_spend import allow
from service.answering.design import work_on
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
from service.answering.posting import retry_while_away
from service.answering.worker_state import WorkerState
from service.database_clock import database_now
from service.errors import Conflict, NotFound, Unavailable
from service.llm import Prompt
from service.observing.metrics import ANALYSIS_JOBS, ANALYSIS_LATENCY, observe_model_calls
from service.observing.tracing import note_current, span
from service.store.analysis_records import AnalysisTask
from service.store.answer_records import BookedUsage

Step = Literal["analysis_begun", "analysis_measured", "analysis_written", "analysis_settled"]
# Called right after each step. It may stop the attempt there, or delay it.
StepObserver = Callable[[Step], Awaitable[None] | None]
# For operators, with a dead letter.
_LOST = "The worker stopped {count} times in the middle of this analysis."
_FORGOTTEN = "Its asker has deleted the account."

log = structlog.get_logger(__name__)


def _ignore(_step: Step) -> None:
    """The default observer: does nothing."""


class AnalysisJob:
    """Run it once. It returns when the analysis has ended or no longer belongs to this attempt. It
    raises RetryAt when the job has to run again."""

    def __init__(self, worker: WorkerState, analysis_id: str, *, on_step: StepObserver = _ignore):
        self.worker = worker
        self.analysis_id = analysis_id
        self._on_step = on_step
        self._database = worker.services.database
        self._settings = worker.services.settings
        self.task: AnalysisTask
        self._used: BookedUsage = {}

    async def run(self) -> None:
        try:
            begun = await self.worker.ask_database(
                self._database.begin_analysis,
                self.analysis_id,
                self._settings.worker_lease_seconds,
            )
        except NotFound:
            log.warning("analysis_gone", analysis_id=self.analysis_id)
            return
        except Unavailable as error:
            raise again_soon(error) from error
        if not isinstance(begun, AnalysisTask):
            return
        self.task = begun
        with (
            structlog.contextvars.bound_contextvars(
                request_id=begun.request_id,
                analysis_id=self.analysis_id,
                attempt=begun.attempt,
            ),
            span("analyse", parent=begun.trace_parent, kind="CONSUMER"),
        ):
            await self._observe("analysis_begun")
            await self._attempt()

    async def _attempt(self) -> None:
        """Finish the analysis, or decide what happens after an error."""
        try:
            try:
                self._check()
                await self._finish()
            except Conflict:
                raise
            except Exception as error:
                await self._fail(error)
        except Conflict:
            log.info("attempt_superseded")
        except Unavailable as error:
            raise again_soon(error) from error

    def _check(self) -> None:
        """An analysis may kill its worker each time. This limits how often."""
        lost = lost_attempts(self.task)
        if lost >= LOST_PER_ATTEMPT * self.worker.values.job_attempts:
            raise GiveUp("worker_lost", _LOST.format(count=lost))
        if self.task.request is None:
            raise GiveUp("account_deleted", _FORGOTTEN)

    async def _finish(self) -> None:
        context = await self.worker.context_of(
            self.task.user_id, self.task.context_version, is_askers_own=True
        )
        model = context.model if self.task.flags.model_choice else None
        rules, design = context.guidance.design_system, self._design
        prepared = await work_on(design, _read, self.task.request, model, rules)
        # Measured in a thread, where no other job waits for it.
        await work_on(design, _measure, prepared)
        await self._observe("analysis_measured")
        written = await write(
            self.worker.chain,
            prepared,
            context.guidance,
            addressing=self.worker.addressing,
            may_ask=self.task.flags.model_answers,
            allowing=self._allow,
            cost_ceiling_microusd=self.worker.values.model_cost_ceiling_microusd,
        )
        observe_model_calls(written.attempts)
        self._used = usage_of(written, guidance=context.fields)
        await self._observe("analysis_written")
        await self._settle(written, prepared)
        await self._observe("analysis_settled")

    async def _settle(self, written: Analysis, prepared: Prepared) -> None:
        result = await work_on(self._design, to_stored, written.to_json(), prepared)
        state = await retry_while_away(
            self.worker.ask_database,
            self._database.settle_analysis,
            self.analysis_id,
            self.task.attempt,
            written.source,
            result,
            self._usage(),
        )
        seconds = (database_now() - self.task.received_at).total_seconds()
        cost = self._usage().get("cost_microusd")
        note_current(analysis__source=written.source, analysis__cost_microusd=cost)
        ANALYSIS_JOBS.labels(written.source).inc()
        ANALYSIS_LATENCY.observe(max(0.0, seconds))
        log.info("analysis_settled", state=state, source=written.source, seconds=seconds)

    async def _fail(self, error: Exception) -> None:
        """Handle a failed attempt. Raises RetryAt unless the analysis is given up."""
        outcome = decide(
            error,
            failures=self.task.failures + 1,
            limit=self.worker.values.job_attempts,
            since=self.task.queued_at,
            now=database_now(),
        )
        if isinstance(outcome, GiveUp):
            await self._give_up(outcome)
            return
        log_failed("attempt_failed", outcome, error)
        if not isinstance(error, Unavailable):
            await self._count_failure(outcome, error)
        raise RetryAt(outcome.at, outcome.reason) from error

    async def _count_failure(self, outcome: Wait, error: Exception) -> None:
        message = getattr(error, "message", type(error).__name__)
        await retry_while_away(
            self.worker.ask_database,
            self._database.fail_analysis_attempt,
            self.analysis_id,
            self.task.attempt,
            outcome.reason,
            message,
            self._used and self._usage(),
        )

    async def _give_up(self, end: GiveUp) -> None:
        log.error("analysis_given_up", reason=end.reason, message=end.message)
        usage = self._usage()
        if end.reason == "worker_lost":
            # Each lost attempt may have asked a model, and died before it could store that.
            usage = {**unknown_usage(lost_attempts(self.task)), **usage}
        await retry_while_away(
            self.worker.ask_database,
            self._database.give_up_analysis,
            self.analysis_id,
            self.task.attempt,
            end.reason,
            end.message,
            usage,
        )
        ANALYSIS_JOBS.labels("failed").inc()

    async def _allow(self, prompt: Prompt, most_tokens: int) -> int | None:
        allowance = await allow(
            self.worker, self.analysis_id, prompt, max_output_tokens=most_tokens
        )
        if allowance == "stopped":
            return None
        return allowance.microusd if allowance.is_hard else 0

    @property
    def _design(self) -> dict[str, Any]:
        """The selection as one layer: by its size ``work_on`` decides where to work."""
        return {"children": self.task.request["data"]["elements"]}

    def _usage(self) -> BookedUsage:
        """What is booked: of this attempt, and of those before."""
        kept = self.task.kept_usage or {}
        return carry(kept, self._used, lost_attempts(self.task)) if self._used else kept

    async def _observe(self, step: Step) -> None:
        waiting = self._on_step(step)
        if inspect.isawaitable(waiting):
            await waiting


def _read(request: object, model: str | None, house_rules: str) -> Prepared:
    read = AnalysisRequest.model_validate(request)
    return prepare(read, model=model, house_rules=house_rules)


def _measure(prepared: Prepared) -> None:
    """``facts`` is kept by the object once it was asked for."""
    _ = prepared.facts

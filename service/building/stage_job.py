"""One attempt at one stage: begin, work, end. Any step can be the last; the next attempt begins
anew, nothing is charged twice, and no model call that was booked is made again."""

import asyncio
import contextlib
import inspect
import random
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Literal
from uuid import uuid4

import structlog

from service.answering.outcomes import again_soon, backoff_seconds
from service.answering.posting import retry_while_away
from service.building import (
    gate_stage,
    generate_stage,
    package_stage,
    push_stage,
    read_stage,
    repair_stage,
    spec_stage,
    tests_stage,
)
from service.building.builder_state import BuilderState
from service.building.stage_results import StageFailed, StageResult
from service.building.stage_work import StorageAway, Work
from service.database_clock import database_now
from service.errors import Conflict, NotFound, Unavailable
from service.observing.metrics import PIPELINE_STAGE_SECONDS, PIPELINE_STAGES
from service.observing.tracing import note, span
from service.pipelines.gate import Sandbox
from service.store.pipeline_records import StageEnd, StageTask

Step = Literal["stage_begun", "stage_worked", "stage_stored", "stage_ended"]
# Called right after each step with the stage's name. It may stop the attempt there, or delay it.
StageObserver = Callable[[str, Step], Awaitable[None] | None]
STAGES: dict[str, Callable[[Work], Awaitable[StageResult]]] = {
    "read": read_stage.run,
    "spec": spec_stage.run,
    "generate": generate_stage.run,
    "test": tests_stage.run,
    "gate": gate_stage.run,
    "repair": repair_stage.run,
    "package": package_stage.run,
    "push": push_stage.run,
}
# Of one stage and round, in one run.
MOST_FAILURES = 4
# A runner that dies loses all its stages, and only one of them may be the cause.
MOST_LOST = 4
LONGEST_WAIT = timedelta(days=1)

log = structlog.get_logger(__name__)


def ignore(_stage: str, _step: Step) -> None:
    """The default observer: does nothing."""


class StageJob:
    """Run it once. It raises RetryAt only while the database is away."""

    def __init__(
        self,
        state: BuilderState,
        pipeline_id: str,
        stage: str,
        round: int,
        *,
        on_step: StageObserver = ignore,
    ):
        self.state = state
        self.pipeline_id = pipeline_id
        self.stage = stage
        self.round = round
        self._on_step = on_step
        self._lease = state.settings.worker_lease_seconds
        self.task: StageTask
        self.work: Work

    async def run(self) -> None:
        begun = await self._begin()
        if begun is None:
            return
        self.task = begun
        self.work = Work(self.state, begun, Sandbox(self.state.tools))
        about: dict[str, str | int] = {
            "pipeline.id": begun.id,
            "pipeline.stage": begun.stage,
            "pipeline.round": begun.round,
            "pipeline.attempt": begun.attempt,
        }
        started = time.monotonic()
        with (
            structlog.contextvars.bound_contextvars(
                request_id=begun.request_id,
                pipeline_id=begun.id,
                stage=begun.stage,
                round=begun.round,
                attempt=begun.attempt,
            ),
            span(
                f"pipeline {begun.stage}", about, parent=begun.trace_parent, kind="CONSUMER"
            ) as traced,
        ):
            outcome = await self._attempt()
            note(
                traced,
                pipeline__outcome=outcome,
                pipeline__cost_microusd=self.work.cost_microusd,
            )
            PIPELINE_STAGES.labels(begun.stage, outcome).inc()
            PIPELINE_STAGE_SECONDS.labels(begun.stage).observe(time.monotonic() - started)

    async def _begin(self) -> StageTask | None:
        try:
            return await self.state.ask_database(
                self.state.database.begin_stage,
                self.pipeline_id,
                self.stage,
                self.round,
                self._lease,
                f"{self.state.runner}:{uuid4().hex[:8]}",
            )
        except Unavailable as error:
            raise again_soon(error) from error

    async def _attempt(self) -> str:
        """Work while the lease is kept; how it ended."""
        working = asyncio.ensure_future(self._work_and_end())
        beating = asyncio.ensure_future(self._beat())
        try:
            await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                # The heartbeat ends only when the attempt no longer counts.
                await self._kill(working)
                log.info("attempt_superseded", is_cancelled=beating.result())
                return "cancelled" if beating.result() else "superseded"
            return working.result()
        except asyncio.CancelledError:
            # This process is stopped: somebody else goes on at once.
            await self._kill(working)
            await asyncio.shield(self._give_back())
            return "given_back"
        except (Conflict, NotFound):
            # Another attempt has the stage, or the pipeline is gone with its account.
            log.info("attempt_superseded")
            return "superseded"
        except Unavailable as error:
            raise again_soon(error) from error
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    async def _kill(self, working: "asyncio.Future[str]") -> None:
        self.work.sandbox.stop()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    async def _work_and_end(self) -> str:
        await self._observe("stage_begun")
        try:
            if self.task.lost >= MOST_LOST:
                raise StageFailed("worker_lost", {"times": self.task.lost})
            result = await STAGES[self.stage](self.work)
            await self._observe("stage_worked")
            rows = await self.work.store(result.made)
            await self._observe("stage_stored")
        except (Conflict, NotFound):
            raise
        except Exception as error:
            return await self._fail(error)
        told = {
            "next": result.next,
            "artifacts": rows,
            "quality": result.quality,
            "facts": result.facts,
            "stage_facts": result.stage_facts,
        }
        ended: StageEnd = await retry_while_away(
            self.state.ask_database, self.state.database.end_stage, *self.work.key, told
        )
        log.info("stage_ended", next=ended.state)
        await self._observe("stage_ended")
        return "done"

    async def _fail(self, error: Exception) -> str:
        failed = self._decide(error)
        is_known = failed.code != "unexpected"
        log.warning("stage_failed", code=failed.code, exc_info=None if is_known else error)
        await self._tell_failed(failed)
        return "failed" if failed.retry_at is None else "retried"

    def _decide(self, error: Exception) -> StageFailed:
        """What becomes of the pipeline after this error."""
        now = database_now()
        is_late = now - self.task.queued_at > LONGEST_WAIT
        if isinstance(error, StageFailed):
            if error.is_excused and is_late:
                return StageFailed(error.code, error.params)
            if error.retry_at is None or error.is_excused:
                return error
            code, params, at = error.code, error.params, error.retry_at
        elif isinstance(error, StorageAway | Unavailable):
            # The database away ends nothing either.
            code = "storage_away" if isinstance(error, StorageAway) else error.code
            soon = now + timedelta(seconds=random.uniform(2, 10))
            return StageFailed(code, retry_at=None if is_late else soon, is_excused=True)
        else:
            code, params = "unexpected", {}
            at = now + timedelta(seconds=backoff_seconds(self.task.failures + 1))
        if self.task.failures + 1 >= MOST_FAILURES:
            return StageFailed(code, params)
        return StageFailed(code, params, retry_at=at)

    async def _tell_failed(self, failed: StageFailed) -> None:
        await retry_while_away(
            self.state.ask_database,
            self.state.database.fail_stage,
            *self.work.key,
            failed.code,
            failed.params,
            failed.retry_at,
            failed.is_excused,
        )

    async def _give_back(self) -> None:
        log.info("stage_given_back")
        stopped = StageFailed("runner_stopped", retry_at=database_now(), is_excused=True)
        with contextlib.suppress(Conflict, NotFound, Unavailable):
            await self._tell_failed(stopped)

    async def _beat(self) -> bool:
        """Keep the lease. Ends when the attempt no longer counts: whether it was cancelled."""
        while True:
            await asyncio.sleep(self.state.settings.worker_heartbeat_seconds)
            try:
                beat = await self.state.ask_database(
                    self.state.database.beat_stage, *self.work.key, self._lease
                )
            except Unavailable:
                # Whoever takes over is fenced off from this attempt by its number.
                continue
            if not beat.is_mine:
                return beat.is_cancelled

    async def _observe(self, step: Step) -> None:
        waiting = self._on_step(self.stage, step)
        if inspect.isawaitable(waiting):
            await waiting

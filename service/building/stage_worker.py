"""Takes stages of pipelines from one queue: ``pipelines`` in a worker, ``builds`` in a builder."""

from collections.abc import Callable, Coroutine
from typing import Any

import procrastinate
import structlog

from service.answering.queue import FencedJobManager, RetryDecisions, make_connector
from service.answering.queue_worker import QueueWorker
from service.building.builder_state import BuilderState
from service.building.stage_job import StageJob, StageObserver, ignore
from service.store.artifact_upkeep import remove_expired, remove_orphans
from service.upkeep import repeat

WORKER_QUEUE = "pipelines"
BUILDER_QUEUE = "builds"
TASK = "run_stage"
EXPIRE_SECONDS = 600
# Files without a row are rare, and looked for among all of the bucket.
ORPHANS_SECONDS = 24 * 3600

# In one statement: nobody takes it for a worker that answers, not even for a moment.
_REGISTER = """
with made as (select worker_id from procrastinate_register_worker_v1())
insert into public.pipeline_runners (worker_id, queue) select worker_id, %(queue)s from made
returning worker_id
"""

log = structlog.get_logger(__name__)


class StageJobManager(FencedJobManager):
    """Its workers are told apart from those that answer, and by their queue."""

    def __init__(self, connector: Any, room: Callable[[], int], queue: str):
        super().__init__(connector, room)
        self._queue_name = queue

    async def register_worker(self) -> int:
        row = await self.connector.execute_query_one_async(_REGISTER, queue=self._queue_name)
        return int(row["worker_id"])


class StageWorker:
    """Runs stages, at most ``concurrency`` at once, until it is stopped. ``on_step``: see
    ``StageJob``."""

    def __init__(
        self,
        state: BuilderState,
        queue: str,
        concurrency: int,
        *,
        on_step: StageObserver = ignore,
    ):
        self.state = state
        self._on_step = on_step
        self._app = procrastinate.App(connector=make_connector(state.settings))
        self._queue = QueueWorker(
            state.settings, self._app, queue, name=queue, concurrency=concurrency
        )
        self._app.job_manager = StageJobManager(
            self._app.connector, lambda: concurrency - self._queue.running, queue
        )

        @self._app.task(name=TASK, queue=queue, pass_context=True, retry=RetryDecisions())
        async def run_stage(
            context: procrastinate.JobContext, pipeline_id: str, stage: str, round: int
        ) -> None:
            assert context.job.id is not None
            with self._queue.at(context.job.id):
                await StageJob(state, pipeline_id, stage, round, on_step=self._on_step).run()

    @property
    def running(self) -> int:
        return self._queue.running

    def stop(self) -> None:
        """Take no more stages. Call it in the event loop's own thread."""
        self._queue.stop()

    async def run(self) -> None:
        await self._queue.run()

    def tasks_beside(self) -> list[Coroutine[Any, Any, None]]:
        """What runs beside the stages until it is cancelled."""
        seconds = self.state.settings.worker_heartbeat_seconds
        return [
            repeat(self._queue.beat, seconds),
            repeat(self._recover, seconds),
            repeat(self._expire, EXPIRE_SECONDS),
            repeat(self._remove_orphans, ORPHANS_SECONDS),
        ]

    async def _recover(self) -> None:
        recover = self.state.database.recover_stages
        lease = self.state.settings.worker_lease_seconds
        recovered = await self.state.ask_database(recover, lease)
        if recovered.stages or recovered.promoted:
            log.warning("stages_recovered", **recovered.to_json())

    async def _expire(self) -> None:
        """Remove files that nobody wants any more: first the bytes, then the rows."""
        removed = await self.state.in_thread(
            remove_expired, self.state.database, self.state.artifacts
        )
        await self.state.ask_database(self.state.database.note_removed, "artifacts", removed)
        if removed:
            log.info("artifacts_expired", files=removed)

    async def _remove_orphans(self) -> None:
        removed = await self.state.in_thread(
            remove_orphans, self.state.database, self.state.artifacts
        )
        await self.state.ask_database(self.state.database.note_removed, "orphans", removed)
        if removed:
            log.warning("orphaned_artifacts_removed", files=removed)

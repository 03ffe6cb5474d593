"""Takes jobs of one queue from procrastinate, as long as it is not stopped: after the database was
away too, and without keeping a job that it does not run."""

import asyncio
import contextlib
from collections.abc import Iterator

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import ProcrastinateException
from procrastinate.worker import Worker

from service.answering.queue import FencedJobManager
from service.config import Settings

RESTART_SECONDS = 1.0
# A job that this worker holds but does not run: its end could not be stored. If it is seen in more
# rounds than this, it goes back to the queue.
ORPHAN_ROUNDS = 2

log = structlog.get_logger(__name__)


class QueueWorker:
    """``run`` returns after ``stop``. The jobs say by ``at`` that they are run."""

    def __init__(
        self,
        settings: Settings,
        app: procrastinate.App,
        queue: str,
        *,
        name: str,
        concurrency: int,
    ):
        self._settings = settings
        self._app = app
        self._queue = queue
        self._name = name
        self._concurrency = concurrency
        self._stopping = asyncio.Event()
        self._worker: Worker | None = None
        self._running: set[int] = set()
        self._orphans: dict[int, int] = {}

    @property
    def running(self) -> int:
        """How many jobs it runs."""
        return len(self._running)

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """Take no more jobs. Call it in the event loop's own thread."""
        self._stopping.set()
        if self._worker:
            self._worker.stop()  # type: ignore[no-untyped-call]

    @contextlib.contextmanager
    def at(self, job_id: int) -> Iterator[None]:
        """Around one job."""
        self._running.add(job_id)
        try:
            yield
        finally:
            self._running.discard(job_id)

    async def run(self) -> None:
        """Run procrastinate's worker; after the database was away, a new one with a new id."""
        while not self._stopping.is_set():
            try:
                if await self._open():
                    await self._manager.tell_time()
                    # It may have been stopped meanwhile, when there was no worker to be told.
                    if not self._stopping.is_set():
                        self._worker = self._make_worker()
                        await self._worker.run()  # type: ignore[no-untyped-call]
            except (ProcrastinateException, psycopg.Error, OSError) as error:
                # psycopg's text may name hosts and users, so only the type is logged.
                log.warning("queue_away", error=type(error.__cause__ or error).__name__)
            finally:
                self._worker = None
                # Also after a failed open, otherwise the next one would reuse the dead pool.
                await self._app.close_async()
            if not self._stopping.is_set():
                await self._rest(RESTART_SECONDS)

    async def beat(self) -> None:
        """Send a heartbeat. It also runs while jobs finish at shutdown, when procrastinate's own
        has stopped. Then give back jobs that this worker holds but does not run."""
        worker_id = self._worker.worker_id if self._worker else None
        if worker_id is None:
            return
        manager = self._manager
        await manager.update_heartbeat(worker_id)
        await manager.tell_time()
        orphans = await manager.held_by(worker_id) - self._running
        self._orphans = {job_id: self._orphans.get(job_id, 0) + 1 for job_id in orphans}
        for job_id, rounds in list(self._orphans.items()):
            if rounds > ORPHAN_ROUNDS:
                await manager.give_back(job_id, worker_id)
                log.warning("job_given_back", job_id=job_id)

    @property
    def _manager(self) -> FencedJobManager:
        assert isinstance(self._app.job_manager, FencedJobManager)
        return self._app.job_manager

    async def _open(self) -> bool:
        """Connect to the queue, unless the worker is stopped first."""
        opening = asyncio.ensure_future(self._app.open_async())
        stopping = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({opening, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (opening, stopping):
            task.cancel()
        # A cancelled connect raises CancelledError here; a failed one raises its error.
        await asyncio.gather(stopping, return_exceptions=True)
        with contextlib.suppress(asyncio.CancelledError):
            await opening
        return not self._stopping.is_set()

    def _make_worker(self) -> Worker:
        return Worker(
            self._app,
            queues=[self._queue],
            name=self._name,
            concurrency=self._concurrency,
            fetch_job_polling_interval=0.5,
            abort_job_polling_interval=60,
            shutdown_graceful_timeout=self._settings.worker_shutdown_seconds,
            delete_jobs="successful",
            install_signal_handlers=False,
            update_heartbeat_interval=self._settings.worker_heartbeat_seconds,
            stalled_worker_timeout=max(60, 2 * self._settings.worker_lease_seconds),
        )

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

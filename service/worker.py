"""The worker: takes jobs from the queue and answers them, hundreds at once in one event loop.

``python -m service.worker``. Any number may run. If one is killed, the others take over its jobs. A
worker that is stopped finishes what it can and gives back the rest.
"""

import asyncio
import contextlib
import gc
import json
import logging
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import structlog
from procrastinate.exceptions import ProcrastinateException
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from service.alerts.delivery import Deliveries
from service.answering.analysis_job import AnalysisJob
from service.answering.job import AnswerJob, StepObserver
from service.answering.queue import QUEUE, FencedJobManager, make_app
from service.answering.worker_state import WorkerState
from service.config import Settings, load_settings
from service.llm import ModelChain
from service.observing.logs import configure_logs
from service.observing.metrics import serve_metrics
from service.observing.tracing import start_tracing, stop_tracing
from service.store.answer_records import Look
from service.switching.departures import Departure
from service.upkeep import Upkeep, repeat
from service.wiring import Services, build_services

RESTART_SECONDS = 1.0
FIRST_READ_SECONDS = 5
# The threshold for Python's cycle collector: objects made minus objects freed. Python's default is
# 700. With hundreds of concurrent answers, most objects live long enough to be scanned by every
# collection. The higher value takes a tenth less CPU, and 30 MB more memory.
GARBAGE_THRESHOLD = 100_000
# A job that this worker holds but does not run: its end could not be stored. If it is seen in more
# rounds than this, it goes back to the queue.
ORPHAN_ROUNDS = 2
DATABASE_THREADS = 12
# For blocking work: departures, alerts, renewing a token, measuring a large frame.
BLOCKING_THREADS = 16

log = structlog.get_logger(__name__)


class BuddyWorker:
    """One worker process. ``run`` returns after ``stop``. ``on_step`` is called at every step."""

    def __init__(
        self,
        settings: Settings,
        services: Services | None = None,
        *,
        on_step: StepObserver | None = None,
    ):
        self.settings = settings
        self.services = services or build_services(settings, connections=DATABASE_THREADS)
        self._threads = ThreadPoolExecutor(BLOCKING_THREADS, "blocking")
        self._database_threads = ThreadPoolExecutor(DATABASE_THREADS, "database")
        chain = ModelChain(settings)
        self.state = WorkerState(self.services, chain, database_threads=self._database_threads)
        self.app = make_app(
            settings.database_url.get_secret_value(),
            self._answer,
            self._analyse,
            self._depart,
            self._deliver,
            lambda: settings.worker_concurrency - len(self._running),
        )
        self._upkeep = Upkeep(self.state)
        self._deliveries = Deliveries(self.services)
        self._on_step = on_step
        self._stopping = asyncio.Event()
        self._worker: Worker | None = None
        self._running: set[int] = set()
        self._orphans: dict[int, int] = {}

    def stop(self) -> None:
        """Take no more jobs. Call it in the event loop's own thread."""
        if not self._stopping.is_set():
            log.info("worker_stopping", running=len(self._running))
        self._stopping.set()
        if self._worker:
            self._worker.stop()  # type: ignore[no-untyped-call]

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(self._threads)
        # Do not start with the environment's triggers and limits if founders have set others.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._upkeep.read_settings(), FIRST_READ_SECONDS)
        upkeep = [asyncio.create_task(each) for each in self._tasks_beside()]
        log.info("worker_started", concurrency=self.settings.worker_concurrency)
        try:
            await self._work()
        finally:
            for task in upkeep:
                task.cancel()
            await asyncio.gather(*upkeep, return_exceptions=True)
            await self.state.close()
            for threads in (self._threads, self._database_threads):
                threads.shutdown(wait=False, cancel_futures=True)
            log.info("worker_stopped")

    async def _work(self) -> None:
        """Run procrastinate's worker; after the database was away, a new one with a new id."""
        while not self._stopping.is_set():
            try:
                if await self._open():
                    self._worker = self._make_worker()
                    await self._worker.run()  # type: ignore[no-untyped-call]
            except (ProcrastinateException, psycopg.Error, OSError) as error:
                # psycopg's text may name hosts and users, so only the type is logged.
                log.warning("queue_away", error=type(error.__cause__ or error).__name__)
            finally:
                self._worker = None
                # Also after a failed open, otherwise the next one would reuse the dead pool.
                await self.app.close_async()
            if not self._stopping.is_set():
                await self._rest(RESTART_SECONDS)

    async def _open(self) -> bool:
        """Connect to the queue, unless the worker is stopped first."""
        opening = asyncio.ensure_future(self.app.open_async())
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
            self.app,
            queues=[QUEUE],
            name="buddy",
            concurrency=self.settings.worker_concurrency,
            fetch_job_polling_interval=0.5,
            abort_job_polling_interval=60,
            shutdown_graceful_timeout=self.settings.worker_shutdown_seconds,
            delete_jobs="successful",
            install_signal_handlers=False,
            update_heartbeat_interval=self.settings.worker_heartbeat_seconds,
            stalled_worker_timeout=max(60, 2 * self.settings.worker_lease_seconds),
        )

    async def _answer(self, job: Job, answer_id: str, look: str | None) -> None:
        assert job.id is not None
        options: dict[str, Any] = {"on_step": self._on_step} if self._on_step else {}
        if look and not job.attempts:
            # On a retry the database knows better where to look, and whether to look at all.
            options["look"] = Look.from_json(json.loads(look))
        with self._at(job.id):
            await AnswerJob(self.state, answer_id, lock=job.lock, **options).run()

    async def _analyse(self, job_id: int, analysis_id: str) -> None:
        options: dict[str, Any] = {"on_step": self._on_step} if self._on_step else {}
        with self._at(job_id):
            await AnalysisJob(self.state, analysis_id, **options).run()

    async def _depart(self, job_id: int, user_id: str) -> None:
        with self._at(job_id):
            await asyncio.to_thread(Departure(self.services, user_id).run)

    async def _deliver(self, job_id: int, delivery_id: str) -> None:
        with self._at(job_id):
            await asyncio.to_thread(self._deliveries.run, delivery_id)

    @contextlib.contextmanager
    def _at(self, job_id: int) -> Iterator[None]:
        self._running.add(job_id)
        try:
            yield
        finally:
            self._running.discard(job_id)

    # Beside the jobs

    def _tasks_beside(self) -> list[Any]:
        seconds = self.settings.worker_heartbeat_seconds
        return [
            repeat(self._recover, seconds),
            repeat(self._beat, seconds),
            *self._upkeep.tasks(),
        ]

    async def _recover(self) -> None:
        lease = self.settings.worker_lease_seconds
        recovered = await self.state.ask_database(self.services.database.recover_stalled, lease)
        if recovered.jobs or recovered.answers or recovered.analyses:
            log.warning("jobs_recovered", **recovered.to_json())

    async def _beat(self) -> None:
        """Send a heartbeat. It also runs while jobs finish at shutdown, when procrastinate's own
        has stopped. Then give back jobs that this worker holds but does not run."""
        worker_id = self._worker.worker_id if self._worker else None
        if worker_id is None:
            return
        manager = self.app.job_manager
        assert isinstance(manager, FencedJobManager)
        await manager.update_heartbeat(worker_id)
        orphans = await manager.held_by(worker_id) - self._running
        self._orphans = {job_id: self._orphans.get(job_id, 0) + 1 for job_id in orphans}
        for job_id, rounds in list(self._orphans.items()):
            if rounds > ORPHAN_ROUNDS:
                await manager.give_back(job_id, worker_id)
                log.warning("job_given_back", job_id=job_id)

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


async def run_until_signalled(worker: BuddyWorker) -> None:
    """Run ``worker`` until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    # So the first question need not wait for the import of the model client.
    worker.state.chain.warm_up()
    # Everything loaded so far stays for good, so the collector need not scan it again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, *gc.get_threshold()[1:])
    await worker.run()


async def _main(settings: Settings) -> None:
    worker = BuddyWorker(settings)
    if settings.worker_metrics_port:
        database = worker.services.database
        serve_metrics(settings.worker_metrics_port, database, settings.metrics_token)
    await run_until_signalled(worker)


def main() -> None:
    settings = load_settings()
    configure_logs(settings)
    # Log lines for each job's start and end would cost more than the job's own bookkeeping.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    start_tracing(settings, "figma-ai-buddy-worker")
    asyncio.run(_main(settings))
    stop_tracing()


if __name__ == "__main__":
    main()

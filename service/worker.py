"""The worker: takes jobs from the queue and answers them, hundreds at once in one event loop.

``python -m service.worker``. Any number may run. If one is killed, the others take over its jobs. A
worker that is stopped finishes what it can and gives back the rest.
"""

import asyncio
import contextlib
import ctypes
import gc
import json
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from procrastinate.jobs import Job

from service.alerts.delivery import Deliveries
from service.answering.analysis_job import AnalysisJob
from service.answering.job import AnswerJob, StepObserver
from service.answering.queue import QUEUE, make_app
from service.answering.queue_worker import QueueWorker
from service.answering.rehearsal_job import RehearsalJob
from service.answering.worker_state import WorkerState
from service.building.builder_state import BuilderState
from service.building.stage_job import StageObserver, ignore
from service.building.stage_worker import WORKER_QUEUE, StageWorker
from service.config import Settings, load_settings
from service.llm import ModelChain
from service.observing.logs import configure_logs
from service.observing.metrics import serve_metrics
from service.observing.pulse import Pulse
from service.observing.tracing import start_tracing, stop_tracing
from service.store.answer_records import Look
from service.switching.departures import Departure
from service.upkeep import Upkeep, repeat
from service.wiring import Services, build_services

FIRST_READ_SECONDS = 5
# The threshold for Python's cycle collector: objects made minus objects freed. Python's default is
# 700. With hundreds of concurrent answers, most objects live long enough to be scanned by every
# collection. The higher value takes a tenth less CPU, and 30 MB more memory.
GARBAGE_THRESHOLD = 100_000
# So what waits for the collector is what a minute leaves, not what thousands of answers do: without
# this a worker grew for hours until it stayed as large as it was.
GARBAGE_SECONDS = 60
# glibc keeps freed memory in pieces between what still lives: 2 MB more a minute under load, though
# what is used stays the same. This gives whole free pages back; other C libraries need no call.
# https://man7.org/linux/man-pages/man3/malloc_trim.3.html
_GIVE_BACK = getattr(ctypes.CDLL(None), "malloc_trim", None)
DATABASE_THREADS = 12
# For blocking work: departures, alerts, renewing a token, measuring a large frame.
BLOCKING_THREADS = 16

log = structlog.get_logger(__name__)


class BuddyWorker:
    """One worker process. ``run`` returns after ``stop``. ``on_step`` is called at every step of an
    answer or analysis, ``on_stage`` at every step of a stage."""

    def __init__(
        self,
        settings: Settings,
        services: Services | None = None,
        *,
        on_step: StepObserver | None = None,
        on_stage: StageObserver = ignore,
    ):
        self.settings = settings
        self.services = services or build_services(settings, connections=DATABASE_THREADS)
        self._threads = ThreadPoolExecutor(BLOCKING_THREADS, "blocking")
        self._database_threads = ThreadPoolExecutor(DATABASE_THREADS, "database")
        chain = ModelChain(settings)
        self.state = WorkerState(self.services, chain, database_threads=self._database_threads)
        self.app = make_app(
            settings,
            self._answer,
            self._analyse,
            self._depart,
            self._deliver,
            self._rehearse,
            lambda: settings.worker_concurrency - self._queue.running,
        )
        self._queue = QueueWorker(
            settings, self.app, QUEUE, name="buddy", concurrency=settings.worker_concurrency
        )
        # Stages of pipelines have a queue and a number of their own: comments never wait for them.
        self._stages = StageWorker(
            BuilderState.of_worker(self.state),
            WORKER_QUEUE,
            settings.pipelines_concurrency,
            on_step=on_stage,
        )
        self._upkeep = Upkeep(self.state)
        self._deliveries = Deliveries(self.services)
        self._on_step = on_step

    def stop(self) -> None:
        """Take no more jobs. Call it in the event loop's own thread."""
        if not self._queue.is_stopping:
            log.info("worker_stopping", running=self._queue.running)
        self._queue.stop()
        self._stages.stop()

    def close(self) -> None:
        """Close the services, once ``run`` has returned and no thread is at work with them: a call
        that is cut off would open connections that nobody closes."""
        for threads in (self._threads, self._database_threads, self._stages.state.threads):
            threads.shutdown()
        self.services.close()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(self._threads)
        # Do not start with the environment's triggers and limits if founders have set others.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._upkeep.read_settings(), FIRST_READ_SECONDS)
        upkeep = [asyncio.create_task(each) for each in self._tasks_beside()]
        log.info("worker_started", concurrency=self.settings.worker_concurrency)
        try:
            await self._take_jobs()
        finally:
            for task in upkeep:
                task.cancel()
            await asyncio.gather(*upkeep, return_exceptions=True)
            await self.state.close()
            self._stages.state.close()
            for threads in (self._threads, self._database_threads):
                threads.shutdown(wait=False, cancel_futures=True)
            log.info("worker_stopped")

    async def _take_jobs(self) -> None:
        await asyncio.gather(self._queue.run(), self._stages.run())

    async def _answer(self, job: Job, answer_id: str, look: str | None) -> None:
        assert job.id is not None
        options: dict[str, Any] = {"on_step": self._on_step} if self._on_step else {}
        if look and not job.attempts:
            # On a retry the database knows better where to look, and whether to look at all.
            options["look"] = Look.from_json(json.loads(look))
        with self._queue.at(job.id):
            await AnswerJob(self.state, answer_id, lock=job.lock, **options).run()

    async def _analyse(self, job_id: int, analysis_id: str) -> None:
        options: dict[str, Any] = {"on_step": self._on_step} if self._on_step else {}
        with self._queue.at(job_id):
            await AnalysisJob(self.state, analysis_id, **options).run()

    async def _depart(self, job_id: int, user_id: str) -> None:
        with self._queue.at(job_id):
            await asyncio.to_thread(Departure(self.services, user_id).run)

    async def _deliver(self, job_id: int, delivery_id: str) -> None:
        with self._queue.at(job_id):
            await asyncio.to_thread(self._deliveries.run, delivery_id)

    async def _rehearse(self, job_id: int, rehearsal_id: str) -> None:
        with self._queue.at(job_id):
            await RehearsalJob(self.state, rehearsal_id).run()

    # Beside the jobs

    def _tasks_beside(self) -> list[Any]:
        seconds = self.settings.worker_heartbeat_seconds
        return [
            repeat(self._recover, seconds),
            repeat(self._queue.beat, seconds),
            repeat(collect_garbage, GARBAGE_SECONDS, after=GARBAGE_SECONDS),
            *self._stages.tasks_beside(),
            *self._upkeep.tasks(),
        ]

    async def _recover(self) -> None:
        lease = self.settings.worker_lease_seconds
        recovered = await self.state.ask_database(self.services.database.recover_stalled, lease)
        if any(recovered.to_json().values()):
            log.warning("jobs_recovered", **recovered.to_json())


async def collect_garbage() -> None:
    """Free what only cycles hold, and give memory back to the system. Takes milliseconds, as what
    was loaded at the start is frozen."""
    gc.collect()
    if _GIVE_BACK is not None:
        _GIVE_BACK(0)


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
        pulse = Pulse()
        pulse.start()
        serve_metrics(settings.worker_metrics_port, database, settings.metrics_token, pulse)
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

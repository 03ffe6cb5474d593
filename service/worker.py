"""The worker: takes jobs from the queue and answers them, hundreds at once in one event loop.

``python -m service.worker``. Any number may run. One that is killed leaves its jobs to the others;
one that is told to stop finishes what it can and gives the rest back.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import psycopg
import structlog
from procrastinate.exceptions import ProcrastinateException
from procrastinate.worker import Worker

from service.answering.desk import Desk
from service.answering.job import AnswerJob, StepObserver
from service.answering.queue import QUEUE, FencedJobManager, make_app
from service.errors import ServiceError
from service.figma.errors import FigmaError
from service.llm import ModelChain, PriceRow
from service.logs import configure_logs
from service.metrics import serve_metrics
from service.settings import Settings, load_settings
from service.tracing import start_tracing, stop_tracing
from service.wiring import Services, build_services

PRICES_SECONDS = 60
SAMPLE_SECONDS = 60
BUDGETS_SECONDS = 300
PURGE_SECONDS = 24 * 3600
BOT_RETRY_SECONDS = 30
RESTART_SECONDS = 1.0
# A job of ours that nobody is at: its end could not be written down. Seen twice, it goes back.
ORPHAN_ROUNDS = 2
DATABASE_THREADS = 12
FIGMA_THREADS = 96

log = structlog.get_logger(__name__)


class BuddyWorker:
    """One worker process. ``run`` returns after ``stop``; ``on_step`` is told of every step."""

    def __init__(
        self,
        settings: Settings,
        services: Services | None = None,
        *,
        on_step: StepObserver | None = None,
    ):
        self.settings = settings
        self.services = services or build_services(settings, connections=DATABASE_THREADS)
        self._threads = ThreadPoolExecutor(FIGMA_THREADS, "figma")
        self._database_threads = ThreadPoolExecutor(DATABASE_THREADS, "database")
        chain = ModelChain(settings)
        self.desk = Desk(self.services, chain, database_threads=self._database_threads)
        self.app = make_app(settings.database_url.get_secret_value(), self._answer)
        self._on_step = on_step
        self._stopping = asyncio.Event()
        self._worker: Worker | None = None
        self._running: set[int] = set()
        self._orphans: dict[int, int] = {}

    def stop(self) -> None:
        """Take no more jobs. Call it in the loop's own thread."""
        if not self._stopping.is_set():
            log.info("worker_stopping", running=len(self._running))
        self._stopping.set()
        if self._worker:
            self._worker.stop()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(self._threads)
        upkeep = [asyncio.create_task(each) for each in self._upkeep()]
        log.info("worker_started", concurrency=self.settings.worker_concurrency)
        try:
            await self._work()
        finally:
            for task in upkeep:
                task.cancel()
            await asyncio.gather(*upkeep, return_exceptions=True)
            await self.desk.chain.close()
            for threads in (self._threads, self._database_threads):
                threads.shutdown(wait=False, cancel_futures=True)
            log.info("worker_stopped")

    async def _work(self) -> None:
        """Run procrastinate's worker; a new one, with a new id, after the database was away."""
        while not self._stopping.is_set():
            try:
                if await self._open():
                    self._worker = self._make_worker()
                    await self._worker.run()
            except (ProcrastinateException, psycopg.Error, OSError) as error:
                # psycopg's text may name hosts and users; the type says enough.
                log.warning("queue_away", error=type(error.__cause__ or error).__name__)
            finally:
                self._worker = None
                # Also after a failed opening, or the next one would find the dead pool.
                await self.app.close_async()
            if not self._stopping.is_set():
                await self._rest(RESTART_SECONDS)

    async def _open(self) -> bool:
        """Connect to the queue, for as long as nobody wants this worker to stop."""
        opening = asyncio.ensure_future(self.app.open_async())
        stopping = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({opening, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (opening, stopping):
            task.cancel()
        # A cancelled wait for a connection says so here, a failed one says why.
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

    async def _answer(self, job_id: int, answer_id: str) -> None:
        self._running.add(job_id)
        options: dict[str, Any] = {"on_step": self._on_step} if self._on_step else {}
        try:
            await AnswerJob(self.desk, answer_id, **options).run()
        finally:
            self._running.discard(job_id)

    # Beside the jobs

    def _upkeep(self) -> list[Any]:
        seconds = self.settings.worker_heartbeat_seconds
        return [
            self._repeat(self._recover, seconds),
            self._repeat(self._beat, seconds),
            self._repeat(self._refresh_prices, PRICES_SECONDS),
            self._repeat(self._sample_queue, SAMPLE_SECONDS),
            self._repeat(self._check_budgets, BUDGETS_SECONDS),
            self._repeat(self._purge, PURGE_SECONDS),
            self._introduce_bot(),
        ]

    async def _repeat(self, action: Callable[[], Awaitable[None]], seconds: float) -> None:
        """Run ``action`` now and then every so many seconds, whatever happens to one run."""
        while True:
            try:
                await action()
            except (ServiceError, ProcrastinateException) as error:
                log.warning("upkeep_failed", action=action.__name__, error=type(error).__name__)
            except Exception:
                log.exception("upkeep_failed", action=action.__name__)
            await asyncio.sleep(seconds)

    async def _recover(self) -> None:
        lease = self.settings.worker_lease_seconds
        recovered = await self.desk.ask_database(self.services.database.recover_stalled, lease)
        if recovered["jobs"] or recovered["answers"]:
            log.warning("jobs_recovered", **recovered)

    async def _beat(self) -> None:
        """A heartbeat that goes on while jobs finish at the end, when procrastinate's own has
        stopped; and a look at jobs that are ours and that nobody is at."""
        worker_id = self._worker.worker_id if self._worker else None
        if worker_id is None:
            return
        await self.app.job_manager.update_heartbeat(worker_id)
        held = await self.app.job_manager.list_jobs_async(status="doing", worker_id=worker_id)
        orphans = {job.id: job for job in held if job.id and job.id not in self._running}
        self._orphans = {job_id: self._orphans.get(job_id, 0) + 1 for job_id in orphans}
        for job_id, rounds in list(self._orphans.items()):
            if rounds > ORPHAN_ROUNDS:
                assert isinstance(self.app.job_manager, FencedJobManager)
                await self.app.job_manager.give_back(orphans[job_id])
                log.warning("job_given_back", job_id=job_id)

    async def _refresh_prices(self) -> None:
        rows = await self.desk.ask_database(self.services.database.price_overrides)
        self.desk.chain.set_price_rows([price_row(row) for row in rows])

    async def _sample_queue(self) -> None:
        await self.desk.ask_database(self.services.database.sample_queue)

    async def _check_budgets(self) -> None:
        for alert in await self.desk.ask_database(self.services.database.check_budgets):
            log.warning("budget_reached", **alert)

    async def _purge(self) -> None:
        purged = await self.desk.ask_database(self.services.database.purge_expired)
        log.info("expired_purged", **purged)

    async def _introduce_bot(self) -> None:
        """Learn whose account FIGMA_BOT_TOKEN is: a mention of it addresses the buddy."""
        token = self.desk.bot_token
        while token:
            try:
                bot = await asyncio.to_thread(self.services.figma.me, token)
                register = self.services.database.register_bot
                await self.desk.ask_database(register, bot.id, bot.handle)
            except ServiceError as error:
                log.warning("bot_unknown", reason=error.code)
                if isinstance(error, FigmaError) and error.permanent:
                    log.error("bot_token_refused", message=error.message)
                await asyncio.sleep(BOT_RETRY_SECONDS)
            else:
                self.desk.bot_user_id = bot.id
                return

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


def price_row(row: dict[str, Any]) -> PriceRow:
    """One row of model_prices as the chain wants it."""
    until = row["valid_to"]
    return PriceRow(
        provider=row["provider"],
        model=row["model"],
        valid_from=datetime.fromisoformat(row["valid_from"]),
        valid_to=datetime.fromisoformat(until) if until else None,
        input_microusd=row["input_microusd_per_million"],
        cached_input_microusd=row["cached_input_microusd_per_million"],
        output_microusd=row["output_microusd_per_million"],
        name=f"override {row['id']}",
    )


async def run_until_signalled(worker: BuddyWorker) -> None:
    """Run ``worker`` until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    # The first question need not wait for the import of the model client.
    worker.desk.chain.warm_up()
    await worker.run()


async def _main(settings: Settings) -> None:
    worker = BuddyWorker(settings)
    if settings.worker_metrics_port:
        serve_metrics(settings.worker_metrics_port, worker.services.database)
    await run_until_signalled(worker)


def main() -> None:
    settings = load_settings()
    configure_logs(settings)
    # One line for each job's start and end would cost more than the job's own bookkeeping.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    start_tracing(settings, "figma-ai-buddy-worker")
    asyncio.run(_main(settings))
    stop_tracing()


if __name__ == "__main__":
    main()

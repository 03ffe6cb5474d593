"""How we use procrastinate: five tasks, jobs fenced by their worker, retries decided by the job.

The queue's tables are in the schema ``queue``. The web process adds jobs there in SQL
(record_events).
"""

from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import procrastinate
import structlog
from procrastinate import jobs, manager, retry
from procrastinate.connector import BaseConnector
from psycopg import AsyncConnection, AsyncCursor
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow

from service.answering.batching import Batcher
from service.answering.outcomes import LONG_WAIT_SECONDS, LONGEST_BACKOFF_SECONDS, RetryAt
from service.config import Settings
from service.database_clock import database_now, tell_time

QUEUE = "answers"
TASK = "answer_comment"
ANALYSIS_TASK = "analyse"
DEPARTURE_TASK = "remove_webhooks"
DELIVERY_TASK = "deliver_alert"
REHEARSAL_TASK = "rehearse"
_CONNECTIONS = 4
# Jobs taken in one statement, and jobs finished in one statement.
TAKEN = 20
ENDS = 100
# Nobody waits for the end of a job but the next question in the same thread.
END_PAUSE_SECONDS = 0.05
End = tuple[jobs.Job, jobs.Status, bool]

log = structlog.get_logger(__name__)

# The statements below touch a job only while this worker holds it. A worker that was taken for dead
# and comes back would otherwise end a job that another worker is running.
_TAKE = "select * from private.take_jobs(%(queues)s::varchar[], %(worker_id)s, %(most)s)"
_FINISH = """
select procrastinate_finish_job_v1(held.id, held.end_status, held.delete_job)
from (
    select jobs.id, ended.end_status, ended.delete_job
    from unnest(
        %(ids)s::bigint[], %(workers)s::bigint[], %(statuses)s::procrastinate_job_status[],
        %(deletions)s::boolean[]
    ) as ended (id, worker_id, end_status, delete_job)
    join procrastinate_jobs as jobs on jobs.id = ended.id and jobs.worker_id = ended.worker_id
    where jobs.status = 'doing' order by jobs.id for update of jobs
) as held
"""
_SEARCH_PATH = "set {}search_path = queue, public"
_TIME = "select clock_timestamp() as now"
_HELD = "select id from procrastinate_jobs where worker_id = %(worker_id)s and status = 'doing'"
_RETRY = """
select procrastinate_retry_job_v2(held.id, %(retry_at)s, null, null, %(lock)s)
from (
    select id from procrastinate_jobs
    where id = %(job_id)s and worker_id = %(worker_id)s and status = 'doing' for update
) as held
"""


class FencedJobManager(manager.JobManager):
    """Ends or reschedules a job only while it belongs to the worker that took it.

    Takes and ends several jobs in one statement. ``room`` returns how many more could run now.
    """

    def __init__(self, connector: BaseConnector, room: Callable[[], int]):
        super().__init__(connector)
        self._room = room
        self._taken: deque[jobs.Job] = deque()
        self._ends = Batcher(self._finish, limit=ENDS, pause=END_PAUSE_SECONDS)

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> jobs.Job | None:
        """The next job of those taken together. If none is left, it takes more.

        There is room for all of them, so they are fetched right after each other. If the worker
        dies in between, the rest are recovered like the jobs of any dead worker.
        """
        while self._taken:
            job = self._taken.popleft()
            if job.worker_id == worker_id:
                return job
        rows = await self.connector.execute_query_all_async(
            _TAKE, queues=queues, worker_id=worker_id, most=max(1, min(TAKEN, self._room()))
        )
        self._taken.extend(map(jobs.Job.from_row, rows))
        return self._taken.popleft() if self._taken else None

    async def finish_job(self, job: jobs.Job, status: jobs.Status, delete_job: bool) -> None:
        await self._ends.submit((job, status, delete_job))

    async def _finish(self, ends: list[End]) -> list[None]:
        finished, statuses, deletions = zip(*ends, strict=True)
        await self.connector.execute_query_async(
            _FINISH,
            ids=[job.id for job in finished],
            workers=[job.worker_id for job in finished],
            statuses=[status.value for status in statuses],
            deletions=list(deletions),
        )
        return [None] * len(ends)

    async def retry_job(
        self,
        job: jobs.Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        await self._put_back(job.id, job.worker_id, retry_at or database_now(), lock)

    async def held_by(self, worker_id: int) -> set[int]:
        """The ids of the jobs that a worker holds. Only the ids are read: there are hundreds, and
        this is called every few seconds."""
        rows = await self.connector.execute_query_all_async(_HELD, worker_id=worker_id)
        return {row["id"] for row in rows}

    async def tell_time(self) -> None:
        """Have this process go by the database's clock."""
        row = await self.connector.execute_query_one_async(_TIME)
        tell_time(row["now"])

    async def give_back(self, job_id: int, worker_id: int) -> None:
        """Put a job of this worker back into the queue at once."""
        await self._put_back(job_id, worker_id, database_now())

    async def _put_back(
        self, job_id: int | None, worker_id: int | None, at: datetime, lock: str | None = None
    ) -> None:
        """``lock`` replaces the job's own lock; None keeps it."""
        await self.connector.execute_query_async(
            _RETRY, job_id=job_id, worker_id=worker_id, retry_at=at, lock=lock
        )


class RetryDecisions(retry.BaseRetryStrategy):
    """No job ever fails here: it is done, or it comes back. Dead letters are rows in answers.

    A job that waits for long gives up its thread's lock and gets its own, so that later questions
    in the thread are not blocked. The lock only keeps replies in the order of their questions. That
    order no longer matters then: the thread has a notice that this answer comes later, and "stop",
    "resume" and the reserved use took effect when the answer was begun. The lock is never what
    prevents double posts: attempts and receipts do.
    """

    def get_retry_decision(
        self, *, exception: BaseException, job: jobs.Job
    ) -> retry.RetryDecision | None:
        now = database_now()
        if isinstance(exception, RetryAt):
            return _again(job, exception.at, now, exception.lock)
        if isinstance(exception, Exception):
            log.error("job_failed", job_id=job.id, exc_info=exception)
            wait = min(LONGEST_BACKOFF_SECONDS, 5.0 * 2 ** min(job.attempts, 10))
            return _again(job, now + timedelta(seconds=wait), now)
        # Cancelled, because the worker shuts down.
        return _again(job, now, now)


def _again(
    job: jobs.Job, at: datetime, now: datetime, lock: str | None = None
) -> retry.RetryDecision:
    is_long = at - now > timedelta(seconds=LONG_WAIT_SECONDS)
    return retry.RetryDecision(retry_at=at, lock=f"waiting:{job.id}" if is_long else lock)


Doing = Callable[[int, str], Awaitable[None]]
Answering = Callable[[jobs.Job, str, str | None], Awaitable[None]]


def make_app(
    settings: Settings,
    answer: Answering,
    analyse: Doing,
    depart: Doing,
    deliver: Doing,
    rehearse: Doing,
    room: Callable[[], int],
) -> procrastinate.App:
    """The queue's app, not open yet.

    ``answer`` gets the job, the answer's id and where to look for its comment. The others get the
    id of the job, and that of an analysis (``analyse``), a user (``depart``), an alert's delivery
    (``deliver``) or a rehearsal (``rehearse``).
    ``room`` returns how many more jobs could run.
    """
    app = procrastinate.App(connector=make_connector(settings))
    app.job_manager = FencedJobManager(app.connector, room)

    @app.task(name=TASK, queue=QUEUE, pass_context=True, retry=RetryDecisions())
    async def answer_comment(
        context: procrastinate.JobContext, answer_id: str, look: str | None = None
    ) -> None:
        await answer(context.job, answer_id, look)

    @app.task(name=ANALYSIS_TASK, queue=QUEUE, pass_context=True, retry=RetryDecisions())
    async def analyse_selection(context: procrastinate.JobContext, analysis_id: str) -> None:
        assert context.job.id is not None
        await analyse(context.job.id, analysis_id)

    @app.task(name=DEPARTURE_TASK, queue=QUEUE, pass_context=True, retry=RetryDecisions())
    async def remove_webhooks(context: procrastinate.JobContext, user_id: str) -> None:
        assert context.job.id is not None
        await depart(context.job.id, user_id)

    @app.task(name=DELIVERY_TASK, queue=QUEUE, pass_context=True, retry=RetryDecisions())
    async def deliver_alert(context: procrastinate.JobContext, delivery_id: str) -> None:
        assert context.job.id is not None
        await deliver(context.job.id, delivery_id)

    @app.task(name=REHEARSAL_TASK, queue=QUEUE, pass_context=True, retry=RetryDecisions())
    async def rehearse_context(context: procrastinate.JobContext, rehearsal_id: str) -> None:
        assert context.job.id is not None
        await rehearse(context.job.id, rehearsal_id)

    return app


def make_connector(settings: Settings) -> procrastinate.PsycopgConnector:
    """Connections that find the queue's tables, including those that LISTEN. Statements go through
    the transaction pooler if there is one."""
    session = _conninfo(settings.database_url.get_secret_value())
    pool: dict[str, Any] = {"min_size": 1, "max_size": _CONNECTIONS, "timeout": 10}
    if settings.database_pooler_url is None:
        return procrastinate.PsycopgConnector(conninfo=session, configure=_find_the_queue, **pool)
    return PooledConnector(
        session,
        conninfo=_conninfo(settings.database_pooler_url.get_secret_value()),
        # The next statement may run on another connection, which has prepared others.
        kwargs={"prepare_threshold": None},
        **pool,
    )


def _conninfo(database_url: str) -> str:
    return make_conninfo(
        database_url,
        application_name="figma-ai-buddy-worker",
        connect_timeout=5,
        # This notices a dead server within half a minute.
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
    )


async def _find_the_queue(connection: AsyncConnection) -> None:
    """Set it by a statement: not every pooler passes on the options of a new connection."""
    await connection.execute(_SEARCH_PATH.format(""))
    await connection.commit()


class PooledConnector(procrastinate.PsycopgConnector):
    """The queue through a pooler that lends a connection for one transaction: nothing that is set
    for a session holds there, and nobody hears a NOTIFY. So each transaction says where the queue
    is, and LISTEN has a connection of its own past the pooler, at ``session``.

    Both methods are procrastinate's own; tests/service/test_pooler.py holds that they are used.
    """

    def __init__(self, session: str, **pool: Any):
        super().__init__(**pool)
        self._session = session

    @asynccontextmanager
    async def _get_cursor(
        self, connection: AsyncConnection | None = None
    ) -> AsyncGenerator[AsyncCursor[DictRow]]:
        async with super()._get_cursor(connection) as cursor:
            await cursor.execute(_SEARCH_PATH.format("local "))
            yield cursor

    @asynccontextmanager
    async def _get_standalone_connection(self) -> AsyncGenerator[AsyncConnection]:
        async with await AsyncConnection.connect(self._session, autocommit=True) as connection:
            yield connection

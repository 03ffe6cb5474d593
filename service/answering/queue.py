"""procrastinate as we use it: three tasks, jobs fenced by their worker, retries decided by the job.

The queue's tables live in the schema ``queue``; web puts jobs there in SQL (record_events).
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import procrastinate
import structlog
from procrastinate import jobs, manager, retry
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from service.answering.outcomes import LONGEST_BACKOFF_SECONDS, RetryAt

QUEUE = "answers"
TASK = "answer_comment"
DEPARTURE_TASK = "remove_webhooks"
DELIVERY_TASK = "deliver_alert"
_CONNECTIONS = 4

log = structlog.get_logger(__name__)

# Neither touches a job that another worker has been given meanwhile: a worker that was taken for
# dead and comes back would otherwise end a job somebody is at.
_FINISH = """
select procrastinate_finish_job_v1(held.id, %(status)s, %(delete_job)s)
from (
    select id from procrastinate_jobs
    where id = %(job_id)s and worker_id = %(worker_id)s and status = 'doing' for update
) as held
"""
_RETRY = """
select procrastinate_retry_job_v2(held.id, %(retry_at)s, null, null, null)
from (
    select id from procrastinate_jobs
    where id = %(job_id)s and worker_id = %(worker_id)s and status = 'doing' for update
) as held
"""


class FencedJobManager(manager.JobManager):
    """Ends or reschedules a job only while it belongs to the worker that was given it."""

    async def finish_job(self, job: jobs.Job, status: jobs.Status, delete_job: bool) -> None:
        await self.connector.execute_query_async(
            _FINISH,
            job_id=job.id,
            worker_id=job.worker_id,
            status=status.value,
            delete_job=delete_job,
        )

    async def retry_job(
        self,
        job: jobs.Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        await self._give_back(job, retry_at or datetime.now(UTC))

    async def give_back(self, job: jobs.Job) -> None:
        """Put a job back into the queue at once."""
        await self._give_back(job, datetime.now(UTC))

    async def _give_back(self, job: jobs.Job, at: datetime) -> None:
        await self.connector.execute_query_async(
            _RETRY, job_id=job.id, worker_id=job.worker_id, retry_at=at
        )


class RetryDecisions(retry.BaseRetryStrategy):
    """No job ever fails here: it is done, or it comes back. Dead letters are rows in answers."""

    def get_retry_decision(
        self, *, exception: BaseException, job: jobs.Job
    ) -> retry.RetryDecision | None:
        if isinstance(exception, RetryAt):
            return retry.RetryDecision(retry_at=exception.at)
        if isinstance(exception, Exception):
            log.error("job_failed", job_id=job.id, exc_info=exception)
            wait = min(LONGEST_BACKOFF_SECONDS, 5.0 * 2 ** min(job.attempts, 10))
            return retry.RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=wait))
        # Cancelled, because the worker shuts down.
        return retry.RetryDecision(retry_at=datetime.now(UTC))


Doing = Callable[[int, str], Awaitable[None]]


def make_app(database_url: str, answer: Doing, depart: Doing, deliver: Doing) -> procrastinate.App:
    """The queue's app, not open yet.

    ``answer`` gets the job's id and the answer's, ``depart`` the job's and a deleted user's,
    ``deliver`` the job's and that of an alert's delivery.
    """
    app = procrastinate.App(connector=make_connector(database_url))
    app.job_manager = FencedJobManager(app.connector)

    @app.task(name=TASK, queue=QUEUE, pass_context=True, retry=RetryDecisions())
    async def answer_comment(context: procrastinate.JobContext, answer_id: str) -> None:
        assert context.job.id is not None
        await answer(context.job.id, answer_id)

    @app.task(name=DEPARTURE_TASK, queue=QUEUE, pass_context=True, retry=RetryDecisions())
    async def remove_webhooks(context: procrastinate.JobContext, user_id: str) -> None:
        assert context.job.id is not None
        await depart(context.job.id, user_id)

    @app.task(name=DELIVERY_TASK, queue=QUEUE, pass_context=True, retry=RetryDecisions())
    async def deliver_alert(context: procrastinate.JobContext, delivery_id: str) -> None:
        assert context.job.id is not None
        await deliver(context.job.id, delivery_id)

    return app


def make_connector(database_url: str) -> procrastinate.PsycopgConnector:
    # Already in the address, there may be other options.
    given = conninfo_to_dict(database_url).get("options") or ""
    conninfo = make_conninfo(
        database_url,
        options=f"{given} -c search_path=queue,public".strip(),
        application_name="figma-ai-buddy-worker",
        connect_timeout=5,
        # A server that vanished without a word is noticed within half a minute.
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
    )
    pool: dict[str, Any] = {"min_size": 1, "max_size": _CONNECTIONS, "timeout": 10}
    return procrastinate.PsycopgConnector(conninfo=conninfo, **pool)

"""An answer that waits for long, in the real queue: nobody else in its thread waits with it."""

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from procrastinate import jobs

from service.answering.outcomes import LONG_WAIT_SECONDS, RetryAt
from service.answering.queue import RetryDecisions
from service.store.answer_records import Recovered
from service.worker import BuddyWorker
from tests.exactly_once.processes import work_here
from tests.exactly_once.scene import ADA, Scene

DAYS = 3 * 86_400
WAITING = "select state = 'deferred' from public.answers where id = '{}'"
ANSWERED = "select state = 'answered' from public.answers where id = '{}'"
LOCKS = "select lock from queue.procrastinate_jobs order by id"


def shut_figma(scene: Scene) -> None:
    for handle in ("Buddy", ADA):
        scene.sandbox.quota(handle, 2, 0, retry_after=DAYS)


def open_figma(scene: Scene) -> None:
    for handle in ("Buddy", ADA):
        scene.sandbox.quota(handle, 2, None)
    scene.rows("update public.figma_quotas set limited_until = now()")


def change_jobs(scene: Scene, change: str) -> None:
    """The queue's triggers name its tables without a schema."""
    with psycopg.connect(scene.store.admin_url, options="-c search_path=queue") as connection:
        connection.execute(f"update procrastinate_jobs set {change}")  # type: ignore[arg-type]


def test_a_comment_after_one_that_waits_for_days_is_answered_at_once(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    root = scene.say(ADA, "A thread")["id"]
    shut_figma(scene)
    first = scene.ask(hook, ADA, "@buddy contrast?", root=root)

    async def act(_: BuddyWorker) -> None:
        await asyncio.to_thread(scene.wait_until, WAITING.format(first))
        # Written down by the job itself; the queue has it again only a moment later.
        held = "select not exists (select from queue.procrastinate_jobs where status = 'doing')"
        await asyncio.to_thread(scene.wait_until, held)
        open_figma(scene)
        later = [
            scene.ask(hook, ADA, "@buddy and now?", root=root),
            scene.ask(hook, ADA, "@buddy help", root=root, command="help"),
        ]
        for each in later:
            await asyncio.to_thread(scene.wait_until, ANSWERED.format(each))
        assert scene.answer(first)["state"] == "deferred"
        change_jobs(scene, "scheduled_at = now()")
        await asyncio.to_thread(scene.wait_until_closed)
        order = [scene.answer(each)["reply_comment_id"] for each in (*later, first)]
        assert [reply["id"] for reply in scene.replies(root)] == order

    work_here(scene, act)
    assert (scene.books()["used"], scene.books()["held"]) == (2, 0)


def test_a_waiting_job_of_a_dead_worker_is_recovered_beside_its_thread(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    root = scene.say(ADA, "A thread")["id"]
    shut_figma(scene)
    first = scene.ask(hook, ADA, "@buddy contrast?", root=root)

    async def wait(_: BuddyWorker) -> None:
        await asyncio.to_thread(scene.wait_until, WAITING.format(first))

    work_here(scene, wait)
    open_figma(scene)
    second = scene.ask(hook, ADA, "@buddy and now?", root=root)
    own, shared = (row["lock"] for row in scene.rows(LOCKS))
    assert own != shared and root in shared
    # Both were given to a worker that is gone.
    change_jobs(scene, "status = 'doing', worker_id = null")
    assert scene.database.recover_stalled(1) == Recovered(jobs=2, answers=0)
    assert [row["lock"] for row in scene.rows(LOCKS)] == [own, shared]

    async def close(_: BuddyWorker) -> None:
        await asyncio.to_thread(scene.wait_until_closed)

    work_here(scene, close)
    assert [scene.answer(each)["state"] for each in (first, second)] == ["answered"] * 2
    assert scene.books()["used"] == 2


@pytest.mark.parametrize(
    ("error", "attempts", "leaves"),
    [
        (RetryAt(datetime.max.replace(tzinfo=UTC), "figma_rate_limited"), 0, True),
        (RetryAt(datetime.now(UTC) + timedelta(seconds=LONG_WAIT_SECONDS), "slow"), 0, False),
        (RuntimeError("a fault of the program"), 1, False),
        (RuntimeError("a fault that comes back for ever"), 9, True),
        (asyncio.CancelledError(), 9, False),
    ],
)
def test_only_a_long_wait_leaves_the_line_of_its_thread(
    error: BaseException, attempts: int, leaves: bool
) -> None:
    job = jobs.Job(
        id=7, status="doing", queue="answers", lock="thread:a:b", queueing_lock=None,
        task_name="answer_comment", attempts=attempts,
    )  # fmt: skip
    decision = RetryDecisions().get_retry_decision(exception=error, job=job)
    assert decision is not None
    assert (decision.lock is not None) is leaves

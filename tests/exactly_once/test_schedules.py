"""Five hundred random schedules: deliveries, kills, sleepers, faults of Figma and of Supabase."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any, get_args

import httpx
import pytest

from local.model import ModelStandIn
from local.sandbox import Sandbox, SandboxConfig
from local.sandbox.faults import Fault
from local.stack import Database, Stack
from service.answering.job import AnswerJob, Step
from service.answering.outcomes import RetryAt
from service.answering.worker_state import WorkerState
from tests.exactly_once.scene import ADA, CHECKOUT, JONAS, Json, Scene, make_scene

SEED = 20_261_122
SCHEDULES = 500
# Figma lists all comments of a file at once: one file for all would be slow to read.
FILES = (CHECKOUT, "DsgnSys3Kd9HbNc6uTe1Wq", "JamBrd5Fg8JzXo2pMi7Sv4")
AT_ONCE = 60
STEPS: tuple[str, ...] = get_args(Step)
FAULTS: tuple[Json, ...] = (
    {"kind": "429", "retry_after": 0},
    {"kind": "500", "method": "GET"},
    {"kind": "500", "method": "POST"},
    {"kind": "500", "method": "POST", "after_store": True},
    {"kind": "reply_lost", "method": "POST"},
    {"kind": "reply_lost", "method": "GET"},
    {"kind": "slow", "method": "POST", "seconds": 1.3, "after_store": True},
)


class Killed(BaseException):
    """The process is gone: nothing of ours may catch this."""


@dataclass
class LossyTransport(httpx.BaseTransport):
    """The database's API does what it is asked, and now and then its answer never arrives."""

    inner: httpx.BaseTransport
    random: Random
    lost: int = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.inner.handle_request(request)
        if self.random.random() < 0.03:
            answer.close()
            self.lost += 1
            raise httpx.ReadError("lost", request=request)
        return answer

    def close(self) -> None:
        self.inner.close()


@pytest.fixture
def busy_scene(database: Database, stack: Stack, model: ModelStandIn) -> Iterator[Scene]:
    """Without the sandbox's checks of its own answers, which take most of its time."""
    with (
        Sandbox.start(SandboxConfig()) as sandbox,
        make_scene(database, stack, sandbox, model) as scene,
    ):
        yield scene


class Schedule:
    """One comment and everything that happens to it, all of it drawn from one seed."""

    def __init__(
        self,
        scene: Scene,
        worker: WorkerState,
        hooks: dict[str, list[str]],
        seed: int,
        met: Counter[str],
    ):
        self.scene, self.worker, self.hooks, self.met = scene, worker, hooks, met
        self.random = Random(seed)
        self.answer_id = ""

    async def run(self) -> None:
        file_key = self.random.choice(FILES)
        comment = await asyncio.to_thread(
            self.scene.say, ADA, "@buddy is this right?", file_key=file_key
        )
        events = [
            self.scene.event(self.random.choice(self.hooks[file_key]), comment)
            for _ in range(self.random.randint(1, 4))
        ]
        await asyncio.gather(*(self.deliver(each) for each in events))
        workers = 2 if self.random.random() < 0.3 else 1
        await asyncio.gather(*(self.work() for _ in range(workers)))
        await self.deliver(self.random.choice(events))
        await self.work()

    async def deliver(self, event: Json) -> None:
        await asyncio.sleep(self.random.uniform(0, 0.02))
        while True:
            try:
                (result,) = await asyncio.to_thread(
                    self.worker.services.delivery_store.record_events, [event]
                )
                break
            except Exception:
                # The receiver answered 503, so Figma delivers again.
                await asyncio.sleep(0.01)
        assert result.outcome in ("queued", "duplicate")
        self.answer_id = result.answer_id

    async def work(self) -> None:
        """A worker, and those that take over after it: attempts until the job ends quietly."""
        troubles = self.random.choice((0, 0, 1, 1, 2, 3))
        while True:
            on_step = self.trouble() if troubles > 0 else _undisturbed
            troubles -= 1
            try:
                await AnswerJob(self.worker, self.answer_id, on_step=on_step).run()
                return
            except Killed:
                self.met["killed"] += 1
            except RetryAt:
                self.met["put back"] += 1
                await asyncio.sleep(self.random.uniform(0, 0.05))

    def trouble(self) -> Any:
        chosen, kills = self.random.choice(STEPS), self.random.random() < 0.6
        seconds = self.random.uniform(0, 0.5)

        async def on_step(step: str) -> None:
            if step == chosen and kills:
                raise Killed
            if step == chosen:
                await asyncio.sleep(seconds)

        return on_step


def _undisturbed(_step: str) -> None:
    return None


async def blow(scene: Scene, random: Random) -> None:
    """The weather at Figma: a new fault, or none, many times a second."""
    assert scene.sandbox.app is not None
    faults = scene.sandbox.app.extensions["sandbox"].faults
    while True:
        chosen = random.choice(FAULTS)
        is_fair = random.random() < 0.5
        faults.replace([] if is_fair else [Fault(path="/comments", times=2, **chosen)])
        await asyncio.sleep(random.uniform(0.02, 0.1))


async def play_all(
    scene: Scene, worker: WorkerState, hooks: dict[str, list[str]], met: Counter[str]
) -> None:
    places = asyncio.Semaphore(AT_ONCE)
    weather = asyncio.create_task(blow(scene, Random(SEED)))

    async def play(number: int) -> None:
        async with places:
            await Schedule(scene, worker, hooks, SEED + number, met).run()

    await asyncio.gather(*(play(number) for number in range(SCHEDULES)))
    weather.cancel()
    with suppress(asyncio.CancelledError):
        await weather


def test_five_hundred_random_schedules_each_end_in_one_reply_one_receipt_one_row(
    busy_scene: Scene,
) -> None:
    scene = busy_scene
    scene.configure(
        answers_per_minute=100_000,
        author_replies_per_day=100_000,
        job_attempts=20,
        figma_timeout_seconds=1,
        log_level="ERROR",
    )
    ada = scene.connect(ADA)
    owners = (ada, scene.connect(JONAS))
    hooks = {key: [scene.switch_on(owner, key) for owner in owners] for key in FILES}
    scene.rows(
        "insert into public.subscriptions (user_id, plan_code, starts_at)"
        " values (%s, 'pro', now() - interval '1 day')",
        ada,
    )
    api = scene.services.database._postgrest.session
    api._transport = lossy = LossyTransport(api._transport, Random(SEED))
    met: Counter[str] = Counter()

    scene.play(lambda worker: play_all(scene, worker, hooks, met))
    # Calm runs would prove nothing.
    met["database answers lost"] = lossy.lost
    for each in scene.sandbox.requests():
        met[each["fault"] or f"status {each['status'] // 100}xx"] += 1
    troubles = ("killed", "put back", "database answers lost", "reply_lost", "slow", "500",
                "status 4xx", "status 5xx")  # fmt: skip
    assert min(met[each] for each in troubles) >= 5, met

    stored = scene.rows("select root_comment_id, reply_comment_id, state from public.answers")
    replies = [reply for key in FILES for reply in scene.replies(file_key=key)]
    assert {each["state"] for each in stored} == {"answered"}
    assert len(stored) == len(replies) == SCHEDULES
    assert {(each["root_comment_id"], each["reply_comment_id"]) for each in stored} == {
        (reply["parent_id"], reply["id"]) for reply in replies
    }
    assert scene.books() == {
        "reserved": 0, "settled": SCHEDULES, "released": 0, "usage_rows": SCHEDULES,
        "used": SCHEDULES, "held": 0, "answered": SCHEDULES, "open": 0,
    }  # fmt: skip
    assert scene.rows("select sum(uses)::integer as uses from public.usage_hourly") == [
        {"uses": SCHEDULES}
    ]
    assert scene.sandbox.violations() == []

"""What can go wrong between two systems that each remember their half of the story."""

import asyncio
from datetime import datetime, timedelta, tzinfo

import pytest

from service import database_clock
from service.answering.job import AnswerJob
from service.answering.outcomes import RetryAt
from service.answering.worker_state import WorkerState
from service.worker import BuddyWorker
from tests.exactly_once.processes import work_here
from tests.exactly_once.scene import ADA, JONAS, MEI, Scene


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "reply_lost"},
        {"kind": "500", "after_store": True},
        {"kind": "slow", "seconds": 3, "after_store": True},
    ],
    ids=["connection lost", "answered 500", "too slow"],
)
def test_a_reply_stored_without_a_receipt_is_found_again(scene: Scene, fault: dict) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    scene.sandbox.faults({**fault, "path": "/comments", "method": "POST", "times": 1})
    answer_id = scene.ask(hook, ADA, "@buddy contrast?")
    with pytest.raises(RetryAt):
        scene.attempt(answer_id)
    answer = scene.finish(answer_id)
    (reply,) = scene.replies()
    assert (answer["state"], answer["reply_comment_id"]) == ("answered", reply["id"])
    assert len(scene.model.requests) == 1
    assert (scene.books()["used"], scene.books()["usage_rows"]) == (1, 1)


def test_a_reply_that_stands_is_found_even_after_the_last_attempt(scene: Scene) -> None:
    scene.configure(job_attempts=1)
    hook = scene.switch_on(scene.connect(ADA))
    scene.sandbox.faults({"kind": "reply_lost", "path": "/comments", "method": "POST", "times": 1})
    assert scene.finish(scene.ask(hook, ADA, "@buddy contrast?"))["state"] == "answered"
    assert scene.books()["settled"] == 1


def test_an_older_attempt_that_wakes_up_posts_nothing(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    answer_id = scene.ask(hook, ADA, "@buddy contrast?")

    async def act(worker: WorkerState) -> None:
        wake = asyncio.Event()

        async def sleep_at_model(step: str) -> None:
            if step == "model_asked":
                await wake.wait()

        older = asyncio.create_task(AnswerJob(worker, answer_id, on_step=sleep_at_model).run())
        while not scene.model.requests:
            await asyncio.sleep(0.02)
        await AnswerJob(worker, answer_id).run()
        wake.set()
        await older

    scene.play(act)
    assert len(scene.replies()) == 1
    assert scene.books()["usage_rows"] == 1


def test_a_newer_attempt_waits_while_an_older_one_may_be_posting(scene: Scene) -> None:
    # The longer the lease, the later an attempt may begin to post.
    scene.configure(worker_lease_seconds=8)
    hook = scene.switch_on(scene.connect(ADA))
    answer_id = scene.ask(hook, ADA, "@buddy contrast?")

    async def act(worker: WorkerState) -> None:
        let_in = asyncio.Event()

        async def dawdle(step: str) -> None:
            if step == "posting":
                let_in.set()
                await asyncio.sleep(0.8)

        older = asyncio.create_task(AnswerJob(worker, answer_id, on_step=dawdle).run())
        await let_in.wait()
        await AnswerJob(worker, answer_id).run()
        await older

    scene.play(act)
    assert len(scene.replies()) == 1
    assert scene.books()["usage_rows"] == 1


def test_an_attempt_that_sleeps_through_its_window_does_not_post(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    answer_id = scene.ask(hook, ADA, "@buddy contrast?")

    async def oversleep(step: str) -> None:
        if step == "posting":
            await asyncio.sleep(1.2)

    with pytest.raises(RetryAt):
        scene.attempt(answer_id, oversleep)
    assert scene.replies() == []
    answer = scene.finish(answer_id)
    assert (answer["state"], answer["failures"]) == ("answered", 0)


def test_fifty_questions_with_one_use_left_get_one_answer_and_49_refusals(scene: Scene) -> None:
    scene.configure(figma_timeout_seconds=20, worker_lease_seconds=20, author_replies_per_day=1000)
    hook = scene.switch_on(scene.connect(ADA))
    scene.finish(scene.ask(hook, ADA, "@buddy the first?"))
    scene.rows("update public.use_balances set used = 9")
    answers = [scene.ask(hook, ADA, f"@buddy number {number}?") for number in range(50)]

    async def act(worker: WorkerState) -> None:
        await asyncio.gather(*(AnswerJob(worker, each).run() for each in answers))

    scene.play(act)
    states = scene.rows("select state, reason, count(*) from public.answers group by 1, 2")
    assert {(each["state"], each["reason"]): each["count"] for each in states} == {
        ("answered", ""): 2,
        ("refused", "trial_used_up"): 49,
    }
    assert scene.rows("select used, reserved from public.use_balances") == [
        {"used": 10, "reserved": 0}
    ]
    assert len(scene.replies()) == 51


def test_a_failure_gives_its_use_back(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    scene.sandbox.faults({"kind": "403", "path": "/comments", "method": "POST"})
    answer = scene.finish(scene.ask(hook, ADA, "@buddy contrast?"))
    assert (answer["state"], answer["reason"]) == ("failed", "no_account")
    assert scene.rows("select used, reserved from public.use_balances") == [
        {"used": 0, "reserved": 0}
    ]


def test_two_buddies_that_mention_each_other_stop_after_three_replies(scene: Scene) -> None:
    scene.configure(answers_per_minute=100)
    hook = scene.switch_on(scene.connect(ADA))
    scene.connect(MEI)
    root = scene.say(ADA, "@buddy what does the other one think?")
    scene.finish(scene.record(hook, root))
    for _ in range(6):
        echo = scene.say(MEI, "✦ Other bot\n\n@buddy and what do you think?", root=root["id"])
        answer = scene.finish(scene.record(hook, echo))
    assert len(scene.replies(root["id"])) == 3
    assert (answer["state"], answer["reason"]) == ("refused", "loop_breaker")


def test_replies_of_a_thread_come_in_the_order_of_the_questions(scene: Scene) -> None:
    scene.configure(answers_per_minute=100, loop_breaker_replies=50)
    hook = scene.switch_on(scene.connect(ADA))
    scene.connect(JONAS)
    root = scene.say(ADA, "A thread")["id"]
    asked = [scene.ask(hook, ADA, f"@buddy number {n}?", root=root) for n in range(6)]
    others = [scene.ask(hook, JONAS, f"@buddy elsewhere {n}?") for n in range(6)]
    # The first question has to be tried twice; the others wait for it.
    scene.sandbox.faults({"kind": "500", "path": "/comments", "method": "GET", "times": 1})
    work_until_closed(scene)
    in_order = [scene.answer(each)["reply_comment_id"] for each in asked]
    assert in_order == [reply["id"] for reply in scene.replies(root)]
    assert all(scene.answer(each)["state"] == "answered" for each in others)


class AnHourAhead(datetime):
    """What a machine says whose clock is wrong."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(hours=1)


def test_a_worker_whose_clock_is_wrong_tries_again_when_it_should(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_clock, "_told", None)
    monkeypatch.setattr(database_clock, "datetime", AnHourAhead)
    assert database_clock.database_now() > datetime.now().astimezone() + timedelta(minutes=50)
    hook = scene.switch_on(scene.connect(ADA))
    answer_id = scene.ask(hook, ADA, "@buddy contrast?")
    scene.sandbox.faults({"kind": "500", "path": "/comments", "method": "GET", "times": 1})
    # Else it would be tried again in an hour.
    work_until_closed(scene)
    answer = scene.answer(answer_id)
    assert (answer["state"], len(scene.replies())) == ("answered", 1)


def work_until_closed(scene: Scene) -> None:
    """Run a worker in this process until nothing is left to do."""

    async def act(_: BuddyWorker) -> None:
        await asyncio.to_thread(scene.wait_until_closed)

    work_here(scene, act)

"""Who is put down as unable to see a file, for how long, and when nobody is."""

from typing import Any

import pytest
from cachetools import TTLCache

from service.answering.job import AnswerJob
from service.answering.outcomes import RetryAt
from service.answering.worker_state import DENIED_SECONDS, WorkerState
from service.figma.async_client import AsyncFigmaClient
from service.figma.errors import FigmaError
from service.figma.records import Comment
from service.observing import metrics
from tests.exactly_once.scene import ADA, CHECKOUT, Json, Scene

DRAFT = "Draft02Wc7MsPh4vGj8Lt6"


class Vague(AsyncFigmaClient):
    """Figma, where it says no more than 404 about a thread that is gone."""

    async def post_comment(self, *arguments: Any, **named: Any) -> Comment:
        try:
            return await super().post_comment(*arguments, **named)
        except FigmaError as error:
            if error.figma_status != 400:
                raise
            raise FigmaError("not_found", "post the reply", figma_status=404) from error


async def run_to_the_end(scene: Scene, worker: WorkerState, answer_id: str) -> None:
    while True:
        scene.end_window(answer_id)
        try:
            await AnswerJob(worker, answer_id).run()
            return
        except RetryAt:
            continue


def asked_by_the_bot(scene: Scene) -> list[tuple[str, int]]:
    bot = scene.people["Buddy"]["id"]
    asked = [each for each in scene.sandbox.requests() if each["person_id"] == bot]
    return [(each["method"], each["status"]) for each in asked]


def test_an_account_is_asked_again_in_time_however_many_comments_come(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA), DRAFT)
    now = [0.0]

    async def act(worker: WorkerState) -> None:
        worker.denied = TTLCache(maxsize=9, ttl=DENIED_SECONDS, timer=lambda: now[0])
        for now[0] in (0, DENIED_SECONDS - 1, DENIED_SECONDS + 1):
            answer_id = scene.ask(hook, ADA, f"@buddy at {now[0]}?", file_key=DRAFT)
            await AnswerJob(worker, answer_id).run()

    scene.play(act)
    assert asked_by_the_bot(scene) == [("GET", 404), ("POST", 404)] * 2
    assert scene.books()["answered"] == 3


def delete_before_posting(scene: Scene, comment: Json) -> Any:
    def on_step(step: str) -> None:
        if step == "posting":
            scene.delete_comment(comment)

    return on_step


@pytest.mark.parametrize("command", [None, "help"])
@pytest.mark.parametrize("figma", [AsyncFigmaClient, Vague])
def test_a_reply_to_a_thread_that_is_gone_is_given_up_and_no_account_is_to_blame(
    scene: Scene, figma: type[AsyncFigmaClient], command: str | None
) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    comment = scene.say(ADA, f"@buddy {command or 'contrast?'}")
    first = scene.record(hook, comment)
    second = scene.ask(hook, ADA, "@buddy and this?")

    async def act(worker: WorkerState) -> None:
        await worker.figma.close()
        worker.figma = figma(scene.settings, observer=metrics.observe_figma_call)
        with pytest.raises(RetryAt):
            gone = delete_before_posting(scene, comment)
            await AnswerJob(worker, first, on_step=gone).run()
        await run_to_the_end(scene, worker, first)
        assert not worker.denied
        await run_to_the_end(scene, worker, second)

    scene.play(act)
    answer = scene.answer(first)
    # A model that was asked is paid for by whoever withdraws the question; help costs nothing.
    withdrawn = ("failed", "comment_deleted") if command else ("ignored", "withdrawn")
    assert (answer["state"], answer["reason"]) == withdrawn
    assert scene.answer(second)["state"] == "answered"
    assert [each["user"]["handle"] for each in scene.replies(file_key=CHECKOUT)] == ["Buddy"]
    assert scene.books()["held"] == 0


def test_a_thread_is_read_only_once_a_reply_was_refused(scene: Scene) -> None:
    scene.configure(figma_bot_token=scene.people["Victor Hale"]["token"])
    hook = scene.switch_on(scene.connect(ADA), DRAFT)
    scene.finish(scene.ask(hook, ADA, "@buddy help", command="help", file_key=DRAFT))
    asked = [(each["method"], each["status"]) for each in scene.sandbox.requests()]
    assert asked == [("GET", 404), ("GET", 200), ("POST", 404), ("GET", 200), ("POST", 200)]

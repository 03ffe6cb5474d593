"""Somebody writes "stop" while an answer of the thread is put off."""

import pytest

from service.answering.job import AnswerJob
from service.answering.outcomes import RetryAt
from service.answering.worker_state import WorkerState
from tests.exactly_once.scene import ADA, JONAS, Json, Scene

DAYS = 3 * 86_400
LIMITED = {"kind": "429", "path": "/comments", "retry_after": DAYS}


@pytest.fixture
def hook(scene: Scene) -> str:
    # Short windows to post in: a later attempt waits until they are over.
    scene.configure(figma_timeout_seconds=0.5)
    scene.connect(JONAS)
    return scene.switch_on(scene.connect(ADA))


def put_off(scene: Scene, hook: str, root: str, *faults: Json) -> str:
    """A question whose first attempts meet these faults, one after the other."""
    answer_id = scene.ask(hook, JONAS, "@buddy contrast?", root=root)
    for fault in faults:
        scene.sandbox.faults({"path": "/comments", **fault})
        with pytest.raises(RetryAt):
            scene.attempt(answer_id)
    scene.sandbox.faults()
    scene.rows("update public.figma_quotas set limited_until = now()")
    return answer_id


def stop(scene: Scene, hook: str, root: str) -> None:
    scene.finish(scene.ask(hook, ADA, "@buddy stop", root=root, command="stop"))


@pytest.mark.parametrize(
    ("faults", "asked"),
    [
        ([LIMITED], 0),
        ([LIMITED | {"method": "POST"}], 1),
        ([{"kind": "500", "method": "POST"}, LIMITED | {"method": "GET"}], 1),
    ],
    ids=["before it was drafted", "when it was posted", "when an unclear post was looked for"],
)
def test_after_stop_nothing_that_was_put_off_is_posted(
    scene: Scene, hook: str, faults: list[Json], asked: int
) -> None:
    root = scene.say(ADA, "A thread")["id"]
    answer_id = put_off(scene, hook, root, *faults)
    stop(scene, hook, root)
    answer = scene.finish(answer_id)
    # What was withdrawn after a model had been asked is a use; before, it costs nothing.
    reason = "withdrawn" if asked else "thread_muted"
    assert (answer["state"], answer["reason"]) == ("ignored", reason)
    assert "silent" in scene.replies(root)[-1]["message"]
    assert len(scene.model.requests) == asked
    books = scene.books()
    assert [books[each] for each in ("released", "held", "used", "open")] == [0, 0, asked, 0]
    costs = "select coalesce(cost_microusd, 0) > 0 as is_paid, error_code from public.usage_logs"
    rows = [{"is_paid": True, "error_code": "withdrawn"}] if asked else []
    assert scene.rows(f"{costs} where feature = 'comment'") == rows


def test_after_stop_a_reply_that_stands_is_still_settled(scene: Scene, hook: str) -> None:
    root = scene.say(ADA, "A thread")["id"]
    lost = {"kind": "reply_lost", "method": "POST", "times": 1}
    answer_id = put_off(scene, hook, root, lost, LIMITED)
    stop(scene, hook, root)
    answer = scene.finish(answer_id)
    assert answer["state"] == "answered"
    assert answer["reply_comment_id"] == scene.replies(root)[0]["id"]
    assert (scene.books()["used"], scene.books()["held"]) == (1, 0)


@pytest.mark.parametrize(
    ("step", "state", "replies"),
    [("model_asked", "ignored", ["stop"]), ("posting", "answered", ["stop", "answer"])],
)
def test_stop_while_the_answer_is_made_holds_it_back_until_it_is_let_in_to_post(
    scene: Scene, hook: str, step: str, state: str, replies: list[str]
) -> None:
    root = scene.say(ADA, "A thread")["id"]
    answer_id = put_off(scene, hook, root, LIMITED)
    stopping = scene.ask(hook, ADA, "@buddy stop", root=root, command="stop")

    async def act(worker: WorkerState) -> None:
        async def stop_now(at: str) -> None:
            if at == step:
                await AnswerJob(worker, stopping).run()

        await AnswerJob(worker, answer_id, on_step=stop_now).run()

    scene.play(act)
    assert scene.answer(answer_id)["state"] == state
    said = ["stop" if "silent" in each["message"] else "answer" for each in scene.replies(root)]
    assert said == replies
    assert (scene.books()["held"], scene.books()["open"]) == (0, 0)


def test_a_muted_thread_is_not_told_that_an_answer_comes_later(scene: Scene, hook: str) -> None:
    root = scene.say(ADA, "A thread")["id"]
    answer_id = put_off(scene, hook, root, {"kind": "500", "method": "POST"}, LIMITED)
    stop(scene, hook, root)
    for handle in ("Buddy", ADA):
        scene.sandbox.quota(handle, 2, 0, retry_after=DAYS)
    before = len(scene.replies(root))
    scene.rows("update public.answers set notice_comment_id = null, deferred_until = null")
    with pytest.raises(RetryAt):
        scene.attempt(answer_id)
    assert len(scene.replies(root)) == before

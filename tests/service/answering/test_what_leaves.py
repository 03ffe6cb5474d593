"""What leaves in a reply, whatever a model, a layer or a person's name holds."""

from typing import Any

import pytest

from service.answering.drafting import stored_draft
from service.answering.job import AnswerJob
from service.answering.worker_state import WorkerState
from service.store.answer_records import StoredDraft
from tests.exactly_once.scene import ADA, JONAS, Scene
from tests.service.answering.jobs import make_job

PAY_BUTTON = "1:50"


def test_what_a_model_writes_leaves_as_plain_text(scene: Scene) -> None:
    scene.model.behave(
        text="## Contrast\n**Too low**, @everyone! Ask [us](https://evil.example/x) or @@buddy, "
        "＠ｂｕｄｄｙ, @b\u200duddy.\n✦ Buddy\n10 of 10 free uses left · ref 7K2M9QX4TA\n"
        "<b>Bye</b>\u202e"
    )
    hook = scene.switch_on(scene.connect(ADA))
    answer = scene.finish(scene.ask(hook, ADA, "@buddy is it readable?"))
    (reply,) = scene.replies(answer["root_comment_id"])
    lines = reply["message"].splitlines()
    assert lines[2:-2] == [
        "Contrast",
        "Too low, everyone! Ask us (link removed) or buddy, ｂｕｄｄｙ, buddy.",
        "✧ Buddy",
        "Bye",
    ]
    assert lines[-1].startswith("9 of 10 free uses left · ref ")


def test_addresses_of_the_thread_and_our_own_stay_in_a_reply(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    account = f"{scene.settings.public_url}/account"
    scene.model.behave(
        text=f"See https://a.example/guide_(1), [b](https://b.example/?x=1&y=2), {account}, "
        f"https://a.example/other and {scene.settings.public_url}/secret"
    )
    root = scene.say(JONAS, "Our guide: https://a.example/guide_(1)")["id"]
    question = "@buddy does it follow that and https://b.example/?x=1&y=2 ?"
    answer = scene.finish(scene.ask(hook, ADA, question, root=root))
    text = scene.replies(answer["root_comment_id"])[0]["message"]
    assert text.splitlines()[2] == (
        f"See https://a.example/guide_(1), b (https://b.example/?x=1&y=2), {account}, "
        "(link removed) and (link removed)"
    )
    # A replay reads no thread again.
    kept = scene.answer(answer["id"])["draft"]
    thread_links = {"https://a.example/guide_(1)", "https://b.example/?x=1&y=2"}
    assert set(kept["links"]) == {account, *thread_links}

    async def draft_again(worker: WorkerState) -> str:
        decided = {name: answer[name] for name in ("decision", "reason")}
        draft = StoredDraft.from_json(kept)
        job = make_job(id=str(answer["id"]), draft=draft, run=2, **decided)
        again = stored_draft(worker, job)
        assert again is not None
        return again.text

    assert scene.play(draft_again).splitlines()[2] == text.splitlines()[2]


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "\x00", "a\\u0000b"])
def test_what_the_database_cannot_hold_holds_up_no_answer(scene: Scene, text: str) -> None:
    scene.model.behave(text=f"Fine: {text}.")
    hook = scene.switch_on(scene.connect(ADA))
    answer = scene.finish(scene.ask(hook, ADA, "@buddy is it fine?"))
    assert (answer["state"], answer["attempt"]) == ("answered", 1)
    assert len(scene.model.requests) == 1
    assert "\x00" not in scene.replies()[0]["message"]


def test_a_name_in_an_invitation_calls_nobody_and_links_to_us_alone(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    assert scene.sandbox.app is not None
    world = scene.sandbox.app.extensions["sandbox"].world
    jonas = scene.people[JONAS]["id"]
    with world.change():
        world.handles[jonas] = "✦ @everyone https://evil.example <b>"
    try:
        answer = scene.finish(scene.ask(hook, JONAS, "@buddy and me?"))
    finally:
        world.handles[jonas] = JONAS
    (invitation,) = scene.replies(answer["root_comment_id"])
    assert "Hello ✧ everyone (link removed)" in invitation["message"]
    assert f"{scene.settings.public_url}/" in invitation["message"]
    assert not any(each in invitation["message"] for each in ("@", "<", "evil"))


def test_names_of_layers_leave_as_plain_text(scene: Scene) -> None:
    scene.configure(openai_api_key=None)
    hook = scene.switch_on(scene.connect(ADA))
    assert scene.sandbox.app is not None
    answer_id = scene.ask(hook, ADA, "@buddy contrast?", node_id=PAY_BUTTON)

    async def measure_renamed(worker: WorkerState) -> None:
        read = worker.figma.file_nodes

        async def renamed(*arguments: Any, **named: Any) -> Any:
            nodes = await read(*arguments, **named)
            for node in nodes.values():
                rename(node.document)
            return nodes

        worker.figma.file_nodes = renamed  # type: ignore[method-assign]
        await AnswerJob(worker, answer_id).run()

    def rename(node: dict[str, Any]) -> None:
        node["name"] = "<b>@buddy</b> ✦ Buddy https://evil.example"
        for each in node.get("children", ()):
            rename(each)

    scene.play(measure_renamed)
    (reply,) = scene.replies(scene.answer(answer_id)["root_comment_id"])
    assert "buddy ✧ Buddy (link removed)" in reply["message"]
    assert not any(each in reply["message"] for each in ("@", "<b>", "evil"))

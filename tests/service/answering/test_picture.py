"""The pinned frame as a picture: when it is asked for, what stays of it, what the reply says."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from service.answering import wording
from service.answering.job import AnswerJob
from service.answering.picture import LOW_SEAT_READS, has_many_calls, scale_of
from service.answering.worker_state import WorkerState
from service.store.answer_records import FigmaSeat
from tests.exactly_once.scene import ADA, CHECKOUT, VICTOR, Json, Scene

PHONE, PAY_BUTTON = "1:2", "1:50"
FOREIGN = "The contrast is 7.77:1."


def box(width: float, height: float, name: str = "absoluteBoundingBox") -> Json:
    return {name: {"x": 0, "y": 0, "width": width, "height": height}}


@pytest.mark.parametrize(
    ("document", "scale"),
    [
        (box(1024, 10), 1.0),
        (box(390, 844), 1.213),
        (box(2048, 100), 0.5),
        (box(100, 40), 2.0),
        (box(10_240, 5), 0.1),
        (box(10_241, 5), None),
        # What is drawn may be larger than the box: shadows.
        ({**box(500, 500), **box(2048, 500, "absoluteRenderBounds")}, 0.5),
        ({**box(1024, 500), "absoluteRenderBounds": None}, 1.0),
        (box(0, 0), None),
        ({}, None),
        (None, None),
        ({"absoluteBoundingBox": {"width": "wide", "height": True}}, None),
        (box(float("nan"), float("inf")), None),
    ],
)
def test_the_scale_fits_the_longer_side(document: Any, scale: float | None) -> None:
    assert scale_of(document) == scale


def told(limit_type: str, plan_tier: str) -> FigmaSeat:
    return FigmaSeat("1", limit_type, plan_tier)


@pytest.mark.parametrize(
    ("seat", "reads", "accounts", "many"),
    [
        (told("high", "pro"), 0, 1, True),
        (told("high", "starter"), 100, 1, False),
        (told("low", "enterprise"), 100, 1, False),
        (None, LOW_SEAT_READS, 1, False),
        (None, LOW_SEAT_READS + 1, 1, True),
        # One of two accounts may have made half of them.
        (None, LOW_SEAT_READS + 1, 2, False),
        (None, 2 * LOW_SEAT_READS + 1, 2, True),
    ],
)
def test_many_calls_are_known_not_guessed(
    seat: FigmaSeat | None, reads: int, accounts: int, many: bool
) -> None:
    assert has_many_calls(seat, reads, accounts=accounts) is many


def ask(scene: Scene, node_id: str = PAY_BUTTON, **settings: Any) -> Json:
    scene.configure(**{"figma_pictures": "always", **settings})
    hook = scene.switch_on(scene.connect(ADA))
    return scene.finish(scene.ask(hook, ADA, "@buddy is it clear?", node_id=node_id))


def drawings(scene: Scene) -> list[int]:
    """The statuses of the calls for a picture."""
    asked = [each for each in scene.sandbox.requests() if "/v1/images/" in each["path"]]
    return [each["status"] for each in asked]


def reply(scene: Scene, number: int = 0) -> str:
    return scene.replies()[number]["message"]


def has_picture(scene: Scene, number: int = -1) -> bool:
    content = scene.model.requests[number]["body"]["messages"][1]["content"]
    return isinstance(content, list)


def test_the_model_gets_the_frame_as_figma_draws_it_and_the_reply_says_so(scene: Scene) -> None:
    with capture_logs() as logs:
        answer = ask(scene, PHONE)
    assert (answer["state"], answer["design_state"]) == ("answered", "read")
    assert has_picture(scene) and wording.PICTURE_SEEN in reply(scene)
    assert drawings(scene) == [200]
    # Neither the address nor the picture is anywhere else.
    kept = str(scene.rows("select * from public.answers")) + str(logs)
    assert "sandbox/pictures" not in kept and "base64" not in kept
    assert scene.sandbox.violations() == []


def test_the_second_question_at_the_same_version_needs_no_drawing(scene: Scene) -> None:
    scene.configure(figma_pictures="always")
    hook = scene.switch_on(scene.connect(ADA))
    answers = [scene.ask(hook, ADA, "@buddy clear?", node_id=PAY_BUTTON) for _ in range(2)]
    versions = ["1", "1", "2"]
    answers.append(scene.ask(hook, ADA, "@buddy and now?", node_id=PAY_BUTTON))

    async def answer_all(worker: WorkerState) -> None:
        read = worker.figma.file_nodes

        async def of_version(*arguments: Any, **named: Any) -> Any:
            nodes = await read(*arguments, **named)
            version = versions.pop(0)
            return {
                key: node and type(node)(node.document, node.components, node.styles, "F", version)
                for key, node in nodes.items()
            }

        worker.figma.file_nodes = of_version  # type: ignore[method-assign]
        for each in answers:
            await AnswerJob(worker, each).run()

    scene.play(answer_all)
    assert [has_picture(scene, at) for at in range(3)] == [True] * 3
    assert drawings(scene) == [200, 200]


@pytest.mark.parametrize(
    ("settings", "gap"),
    [
        ({"figma_pictures": "never"}, "off"),
        ({"figma_pictures": "auto"}, "quota"),
        ({"openai_pictures": False}, "model"),
    ],
)
def test_without_one_no_call_is_spent_and_the_reply_says_why(
    scene: Scene, settings: Json, gap: Any
) -> None:
    ask(scene, **settings)
    assert drawings(scene) == [] and not has_picture(scene)
    assert wording.no_picture(gap) in reply(scene)


@pytest.mark.parametrize("flag", ["design_pictures", "design_reading", "model_answers"])
def test_what_a_team_keeps_in_is_not_drawn(scene: Scene, flag: str) -> None:
    scene.rows("update public.feature_flags set is_on = false where code = %s", flag)
    try:
        ask(scene)
    finally:
        scene.rows("update public.feature_flags set is_on = true where code = %s", flag)
    assert drawings(scene) == []
    if flag == "model_answers":
        assert scene.model.requests == []
    else:
        assert not has_picture(scene)
    assert (wording.no_picture("team") in reply(scene)) is (flag == "design_pictures")


def test_a_seat_that_figma_called_high_is_asked_in_auto(scene: Scene) -> None:
    buddy = scene.people["Buddy"]["id"]
    for plan, kind in (("pro", "high"), ("starter", "low")):
        scene.rows("delete from public.figma_quotas returning 1")
        scene.services.database.note_figma_limit(buddy, CHECKOUT, 1, 0, plan, kind, "")
        ask(scene, figma_pictures="auto")
    assert drawings(scene) == [200]


def test_an_account_that_read_more_than_a_low_seat_could_is_asked_in_auto(scene: Scene) -> None:
    # The bot and Ada may have made them.
    scene.rows(
        "insert into public.answers (file_key, comment_id, root_comment_id, author_figma_id,"
        " state, design_state) select %s, 'old' || n, 'old', '1', 'ignored', 'read'"
        " from generate_series(1, %s) as n returning 1",
        CHECKOUT, 2 * LOW_SEAT_READS + 1,
    )  # fmt: skip
    ask(scene, figma_pictures="auto")
    assert drawings(scene) == [200]


def test_a_quota_that_is_used_up_costs_the_picture_and_not_the_answer(scene: Scene) -> None:
    scene.sandbox.faults({"kind": "429", "path": "/v1/images", "retry_after": 3600})
    answer = ask(scene)
    assert (answer["state"], answer["design_state"]) == ("answered", "read")
    assert wording.no_picture("quota") in reply(scene)
    assert scene.rows("select distinct tier from public.figma_quotas") == [{"tier": 1}]


@pytest.mark.parametrize("path", ["/v1/images", "/sandbox/pictures"])
def test_a_picture_that_does_not_come_is_done_without(scene: Scene, path: str) -> None:
    if path.startswith("/v1"):
        scene.sandbox.faults({"kind": "500", "path": path})
        ask(scene)
    else:
        assert scene.sandbox.app is not None
        rules = scene.sandbox.app.view_functions
        kept = rules["control.show_picture"]
        rules["control.show_picture"] = lambda **_: ("<html>", 200, {"Content-Type": "text/html"})
        try:
            ask(scene)
        finally:
            rules["control.show_picture"] = kept
    assert wording.no_picture("failed") in reply(scene)
    assert not has_picture(scene)


def test_no_more_than_a_few_pictures_are_drawn_in_a_minute(scene: Scene) -> None:
    scene.configure(figma_pictures="always")
    hook = scene.switch_on(scene.connect(ADA))
    nodes = ["1:2", "1:3", "1:10", "1:20", "1:30"]
    answers = [scene.ask(hook, ADA, "@buddy clear?", node_id=each) for each in nodes]

    async def answer_all(worker: WorkerState) -> None:
        for each in answers:
            await AnswerJob(worker, each).run()

    scene.play(answer_all)
    assert drawings(scene) == [200] * 3
    assert [has_picture(scene, at) for at in range(5)] == [True] * 3 + [False] * 2


def test_a_repair_sees_the_picture_too(scene: Scene) -> None:
    scene.model.behave(texts=[FOREIGN, "Make it larger."])
    answer = ask(scene)
    assert answer["grounding"] == "repaired"
    assert has_picture(scene, 0) and has_picture(scene, 1)
    assert wording.PICTURE_SEEN in reply(scene) and drawings(scene) == [200]


def test_a_measured_review_speaks_of_no_picture(scene: Scene) -> None:
    ask(scene, openai_api_key=None)
    assert drawings(scene) == []
    assert "picture" not in reply(scene)


def test_another_model_that_takes_none_is_said_so(scene: Scene) -> None:
    scene.model.behave(pictures=False)
    ask(scene)
    assert wording.no_picture("model") in reply(scene)


def test_victor_who_only_views_keeps_his_few_calls(scene: Scene) -> None:
    """Without a bot the owner's own account reads, and nothing is known of it."""
    scene.configure(figma_bot_token=None)
    hook = scene.switch_on(scene.connect(VICTOR))
    scene.finish(scene.ask(hook, VICTOR, "@buddy clear?", node_id=PAY_BUTTON))
    assert drawings(scene) == []

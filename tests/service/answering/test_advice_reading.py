"""Later looks at threads: what they cost at Figma, and what they find."""

from dataclasses import replace
from typing import Any

import pytest

from service.answering.advice_reading import AdviceReading, gone_and_still, thumbs
from service.answering.worker_state import WorkerState
from service.review import Facts
from service.review.facts import Fact
from service.store.advice_records import Finding
from tests.exactly_once.scene import ADA, JONAS, Json, Scene

PHONE = "1:2"


def fact(rule: str, cause: str, verdict: Any = "problem") -> Fact:
    return Fact(
        "1:1", "a", "contrast", "2:1", "4:1", verdict, "s", "u", "d", rule=rule, cause=cause
    )


def test_a_finding_is_gone_when_its_rule_finds_no_problem_in_its_cause_any_more() -> None:
    told = [Finding("size", "a"), Finding("size", "b"), Finding("contrast", "a")]
    now = Facts((fact("size", "a"), fact("size", "b", "ok"), fact("contrast", "c")))
    assert gone_and_still(told, now) == {"size": [1, 1], "contrast": [1, 0]}
    assert gone_and_still(told, replace(now, scope="only the first 4 levels were read")) is None


@pytest.mark.parametrize(
    ("emoji", "up", "down"),
    [
        (":thumbsup:", 1, 0),
        (":+1::skin-tone-3:", 1, 0),
        ("👎🏽", 0, 1),
        (":thumbsdown:", 0, 1),
        (":-1:", 0, 1),
        (":heart:", 0, 0),
        (":-100:", 0, 0),
        ("", 0, 0),
    ],
)
def test_thumbs_are_known_in_every_tone(emoji: str, up: int, down: int) -> None:
    assert (thumbs([emoji], is_up=True), thumbs([emoji], is_up=False)) == (up, down)


def paths(scene: Scene) -> list[str]:
    return [each["path"].rsplit("/", 1)[-1].split("?")[0] for each in scene.sandbox.requests()]


def look_again(scene: Scene, days: int, change: Any = None) -> list[str]:
    """One go of the upkeep so many days later; the calls of Figma it made."""
    for column in (
        "advice_outcomes set settled_at = settled_at",
        "advice_reads set due_at = due_at",
    ):
        scene.rows(f"update public.{column} - make_interval(days => %s)", days)

    async def go(worker: WorkerState) -> None:
        read = worker.figma.file_nodes

        async def changed(*given: Any, **more: Any) -> Json:
            nodes = await read(*given, **more)
            return {name: change(node) for name, node in nodes.items()}

        if change:
            worker.figma.file_nodes = changed  # type: ignore[method-assign]
        await AdviceReading(worker).run()
        await AdviceReading(worker).run()

    before = len(paths(scene))
    scene.play(go)
    return paths(scene)[before:]


def outcomes(scene: Scene) -> list[tuple[str, str]]:
    told = scene.rows("select outcome, because from public.advice_outcomes order by settled_at")
    return [(each["outcome"], each["because"]) for each in told]


def test_one_call_a_file_answers_all_that_is_due_and_frames_wait_for_a_seat_with_many_calls(
    scene: Scene,
) -> None:
    scene.configure(figma_pictures="auto")
    hook = scene.switch_on(scene.connect(ADA))
    asked = [
        scene.finish(scene.ask(hook, ADA, f"@buddy is it clear {each}?", node_id=PHONE))
        for each in range(2)
    ]
    posted = len(scene.replies())
    scene.ask(hook, ADA, "@buddy why?", root=asked[1]["root_comment_id"])
    assert look_again(scene, 0) == []
    # The frames are left alone: whether this account has many calls is not known.
    assert look_again(scene, 1) == ["comments"]
    assert outcomes(scene) == [("unknown", "")] * 2
    follow_ups = "select follow_ups from public.advice_outcomes order by settled_at"
    assert [each["follow_ups"] for each in scene.rows(follow_ups)] == [0, 1]
    scene.configure(figma_pictures="always")
    assert look_again(scene, 6) == ["comments", "nodes"]
    assert outcomes(scene) == [("ignored", "measured")] * 2
    assert look_again(scene, 3) == [] and len(scene.replies()) == posted
    assert scene.sandbox.violations() == []


def test_what_is_gone_was_taken_and_a_word_against_it_disputes_it(scene: Scene) -> None:
    scene.configure(figma_pictures="always")
    hook = scene.switch_on(scene.connect(ADA))
    answer = scene.finish(scene.ask(hook, ADA, "@buddy is it clear?", node_id=PHONE))
    root, used = answer["root_comment_id"], scene.books()["used"]
    look_again(scene, 0)

    def emptied(node: Any) -> Any:
        return replace(node, document={**node.document, "children": []})

    assert look_again(scene, 1, emptied) == ["comments", "nodes"]
    assert outcomes(scene) == [("taken", "measured")]
    asked = len(scene.model.requests)
    said = scene.finish(
        scene.ask(hook, JONAS, "@buddy bad: the grey is our brand", root=root, command="bad")
    )
    assert (
        said["state"] == "answered" and "Nothing was charged" in scene.replies(root)[-1]["message"]
    )
    assert (len(scene.model.requests), scene.books()["used"]) == (asked, used)
    look_again(scene, 0)
    assert outcomes(scene) == [("disputed", "thumb")]

"""A bot that opens a new thread for each call draws a reply each time, because refusals are replies
too: all that one author draws in a file and a day is bounded."""

import pytest

from tests.exactly_once.scene import ADA, JONAS, Scene

LIMIT = 4
DRAFT = "Draft02Wc7MsPh4vGj8Lt6"


@pytest.fixture
def hook(scene: Scene) -> str:
    scene.configure(author_replies_per_day=LIMIT, answers_per_minute=1)
    return scene.switch_on(scene.connect(ADA))


def call(scene: Scene, hook: str, handle: str, number: int, text: str = "") -> str:
    """In a thread of its own; what was decided and why."""
    answer = scene.finish(scene.ask(hook, handle, f"@buddy {text or f'call {number}'}"))
    return answer["reason"] or answer["decision"]


def test_calls_in_ever_new_threads_end_in_silence_that_is_said_once(
    scene: Scene, hook: str
) -> None:
    decided = [call(scene, hook, ADA, number) for number in range(LIMIT + 4)]
    assert decided == ["answer", *["too_fast"] * (LIMIT - 1), *["author_limit"] * 4]
    replies = [each["message"] for each in scene.replies()]
    assert len(replies) == LIMIT + 1
    assert [f"{LIMIT} replies from me in this file" in each for each in replies] == [
        *[False] * LIMIT, True,
    ]  # fmt: skip
    assert scene.books()["used"] == 1 and scene.books()["open"] == 0
    (alert,) = [a for a in scene.database.check_alerts() if a.kind == "author_limit"]
    assert "a day's replies in one file" in alert.headline


def test_commands_count_and_help_is_no_way_round(scene: Scene, hook: str) -> None:
    scene.configure(author_replies_per_day=LIMIT, answers_per_minute=1000)
    decided = [call(scene, hook, ADA, n, "help") for n in range(LIMIT + 2)]
    assert decided == [*["command"] * LIMIT, *["author_limit"] * 2]
    assert len(scene.replies()) == LIMIT + 1


def test_others_in_the_file_and_the_same_person_elsewhere_go_on(scene: Scene, hook: str) -> None:
    scene.configure(author_replies_per_day=LIMIT, answers_per_minute=1000)
    scene.connect(JONAS)
    for number in range(LIMIT + 2):
        call(scene, hook, ADA, number, "help")
    assert call(scene, hook, JONAS, 1) == "answer"
    draft = scene.switch_on(scene.connect(ADA), DRAFT)
    asked = scene.ask(draft, ADA, "@buddy help", file_key=DRAFT)
    assert scene.finish(asked)["decision"] == "command"


def test_the_day_after_it_goes_on(scene: Scene, hook: str) -> None:
    scene.configure(author_replies_per_day=LIMIT, answers_per_minute=1000)
    for number in range(LIMIT + 1):
        call(scene, hook, ADA, number, "help")
    scene.rows("update public.answers set received_at = received_at - interval '25 hours'")
    scene.rows("update public.author_limits set reached_at = reached_at - interval '25 hours'")
    assert call(scene, hook, ADA, 1) == "answer"


def test_stop_takes_effect_beyond_the_limit(scene: Scene, hook: str) -> None:
    scene.configure(author_replies_per_day=1, answers_per_minute=1000)
    root = scene.say(ADA, "A thread")["id"]
    scene.finish(scene.ask(hook, ADA, "@buddy help", root=root))
    scene.finish(scene.ask(hook, ADA, "@buddy help", root=root))
    scene.finish(scene.ask(hook, ADA, "@buddy stop", root=root))
    assert scene.rows("select root_comment_id from public.thread_mutes") == [
        {"root_comment_id": root}
    ]

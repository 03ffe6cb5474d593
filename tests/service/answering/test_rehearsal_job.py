"""A guidance that is tried: what is asked, booked and left alone. Real database, model stand-in."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from service.answering.rehearsal_job import RehearsalJob
from service.answering.worker_state import WorkerState
from service.errors import Conflict
from service.store.rehearsal_records import CEILING_MICROUSD, Rehearsal
from tests.exactly_once.scene import ADA, JONAS, Scene

GUIDANCE = {
    "instructions": "", "tone": "as-a-pirate", "brand": "", "design_system_rules": "",
    "focus_areas": [], "language": "", "model": "", "shared_with_guests": [],
}  # fmt: skip
PAY_BUTTON = "1:50"


def asked(scene: Scene, count: int = 2) -> str:
    """Ada, after so many answered questions of hers and one of a guest whom she paid for."""
    ada = scene.connect(ADA)
    hook = scene.switch_on(ada, guest_rule="owner_pays")
    scene.finish(scene.ask(hook, JONAS, "@buddy the question of a guest"))
    for number in range(1, count + 1):
        scene.finish(scene.ask(hook, ADA, f"@buddy is contrast {number} ok?", node_id=PAY_BUTTON))
    return ada


def start(scene: Scene, ada: str, questions: int = 5, ceiling: int = CEILING_MICROUSD) -> str:
    return scene.database.start_rehearsal(ada, GUIDANCE, questions, ceiling, "request-1")


def run(scene: Scene, rehearsal_id: str) -> None:
    async def act(worker: WorkerState) -> None:
        await RehearsalJob(worker, rehearsal_id).run()

    scene.play(act)


def found(scene: Scene, ada: str, rehearsal_id: str) -> Rehearsal:
    rehearsal = scene.database.get_rehearsal(ada, rehearsal_id)
    assert rehearsal is not None
    return rehearsal


def lines(scene: Scene) -> list[dict[str, Any]]:
    return scene.rows(
        "select status, error_code, receipt_id, cost_microusd, unknown_calls, request_id"
        " from public.usage_logs where feature = 'rehearsal' order by id"
    )


def figures(scene: Scene) -> list[dict[str, Any]]:
    """What counts uses, answers and active people."""
    return scene.rows(
        "select (select coalesce(sum(answered), 0) from public.usage_daily_users)::int as answered,"
        " (select coalesce(sum(uses), 0) from public.feature_days)::int as uses,"
        " (select coalesce(sum(answers), 0) from public.active_periods)::int as active,"
        " (select coalesce(sum(answers), 0) from public.grounding_hourly)::int as grounding"
    )


def test_the_latest_questions_are_answered_with_the_new_guidance_and_nothing_else_happens(
    scene: Scene,
) -> None:
    ada = asked(scene)
    before, books, replies = figures(scene), scene.books(), scene.replies()
    requests = len(scene.model.requests)
    offer = scene.database.offer_rehearsal(ada)
    assert (offer.left, offer.questions) == (5, 2)
    assert (
        offer.cost_of(2)
        == scene.rows(
            "select sum(cost_microusd)::int as cost from public.usage_logs as line"
            " join public.answers on answers.id = line.answer_id where question like '%%contrast%%'"
        )[0]["cost"]
    )
    rehearsal_id = start(scene, ada)
    run(scene, rehearsal_id)
    rehearsal = found(scene, ada, rehearsal_id)
    assert (rehearsal.state, rehearsal.unpriced) == ("done", 0)
    assert [each.question for each in rehearsal.answers] == [
        "is contrast 2 ok?", "is contrast 1 ok?"
    ]  # fmt: skip
    assert all(
        each.said and each.would_say and each.source == "model" for each in rehearsal.answers
    )
    prompts = [str(each["body"]["messages"]) for each in scene.model.requests[requests:]]
    assert len(prompts) == 2 and all("as-a-pirate" in each for each in prompts)
    assert all("[would pass]" in each or "contrast:" in each for each in prompts)
    booked = lines(scene)
    assert sum(line["cost_microusd"] for line in booked) == rehearsal.cost_microusd > 0
    assert {(each["status"], each["receipt_id"], each["request_id"]) for each in booked} == {
        ("answered", None, "request-1")
    }
    # Two rows of the ledger more, and nothing else.
    books["usage_rows"] += 2
    assert (figures(scene), scene.books(), scene.replies()) == (before, books, replies)
    assert scene.database.get_context(ada).tone == ""
    # The job again: it is over, and nobody else may read it.
    run(scene, rehearsal_id)
    assert len(lines(scene)) == 2
    assert scene.database.get_rehearsal(str(uuid4()), rehearsal_id) is None


def test_a_question_over_which_a_worker_died_is_booked_as_unknown_and_not_asked_again(
    scene: Scene,
) -> None:
    ada = asked(scene)
    rehearsal_id = start(scene, ada)
    requests = len(scene.model.requests)

    async def act(worker: WorkerState) -> None:
        task = worker.services.database.begin_rehearsal(rehearsal_id)
        taken = worker.services.database.take_rehearsed(rehearsal_id, task.attempt, 1)
        assert (taken.is_mine, taken.left_microusd) == (True, CEILING_MICROUSD)
        await RehearsalJob(worker, rehearsal_id).run()
        # The first attempt wakes up: nothing is its own any more.
        late = worker.services.database.take_rehearsed(rehearsal_id, task.attempt, 2)
        assert not late.is_mine

    scene.play(act)
    first, second = found(scene, ada, rehearsal_id).answers
    assert (first.state, first.code, first.cost_microusd) == ("failed", "worker_lost", None)
    # What it may have cost counts whole, so nothing is left for the second.
    assert (second.state, second.code) == ("failed", "ceiling_reached")
    assert len(scene.model.requests) == requests
    assert [(line["status"], line["unknown_calls"]) for line in lines(scene)] == [
        ("failed", 1), ("failed", 0)
    ]  # fmt: skip


@pytest.mark.parametrize("ceiling", [0, 1])
def test_no_model_is_asked_beyond_the_ceiling(scene: Scene, ceiling: int) -> None:
    ada = asked(scene, 1)
    requests = len(scene.model.requests)
    rehearsal_id = start(scene, ada, ceiling=ceiling)
    run(scene, rehearsal_id)
    [answer] = found(scene, ada, rehearsal_id).answers
    assert (answer.state, answer.code) == ("failed", "ceiling_reached")
    assert len(scene.model.requests) == requests


def test_without_a_model_it_is_what_measuring_alone_would_say(scene: Scene) -> None:
    ada = asked(scene, 1)
    scene.configure(openai_api_key=None)
    rehearsal_id = start(scene, ada)
    run(scene, rehearsal_id)
    [answer] = found(scene, ada, rehearsal_id).answers
    assert (answer.source, answer.cost_microusd) == ("measured", 0)
    assert answer.would_say.startswith("Measured")


def test_five_trials_in_a_day_and_none_without_a_question(scene: Scene) -> None:
    jonas = scene.connect(JONAS)
    with pytest.raises(Conflict, match="no answered question yet"):
        start(scene, jonas)
    ada = asked(scene, 1)
    for _ in range(5):
        start(scene, ada)
    with pytest.raises(Conflict, match="five times in 24 hours"):
        start(scene, ada)
    assert scene.database.offer_rehearsal(ada).left == 0


def test_nothing_of_it_stays_when_its_person_leaves(scene: Scene) -> None:
    ada = asked(scene)
    rehearsal_id = start(scene, ada)

    async def act(worker: WorkerState) -> None:
        database = worker.services.database
        task = database.begin_rehearsal(rehearsal_id)
        database.take_rehearsed(rehearsal_id, task.attempt, 1)
        await asyncio.to_thread(database.delete_account, ada, "hash")
        # A model was at it: its words are dropped, its cost is booked.
        usage = {"cost_microusd": 70, "cost_state": "priced", "provider": "openai"}
        database.book_rehearsed(rehearsal_id, 1, "words", "model", "", usage)

    scene.play(act)
    assert scene.rows("select content, state, request_id from public.rehearsals") == [
        {"content": {}, "state": "done", "request_id": ""}
    ]
    items = scene.rows("select state, code, body from public.rehearsed_answers order by number")
    assert [tuple(each.values()) for each in items] == [
        ("done", "", ""),
        ("failed", "forgotten", ""),
    ]
    assert [line["cost_microusd"] for line in lines(scene)] == [70]

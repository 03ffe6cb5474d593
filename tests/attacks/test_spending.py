"""Every way in which a model is paid and no reply is posted: who pays, what the ledger says, and
how much of it one person, one webhook or one file may cause in a day."""

from collections.abc import Callable
from typing import Any

import pytest

from service.answering import job as jobs
from service.answering.outcomes import RetryAt
from service.answering.posting import Posting
from service.errors import ServiceError
from tests.exactly_once.scene import ADA, JONAS, Json, Scene

LEDGER = """
    select status, error_code, cost_microusd, cost_state, unknown_calls from public.usage_logs
    order by id
"""
SPENT = "select scope, calls, cost_microusd from public.unbilled_spending order by scope"
REFUSES = {"kind": "403", "path": "/comments", "method": "POST"}


@pytest.fixture
def hook(scene: Scene) -> str:
    scene.configure(answers_per_minute=1000)
    return scene.switch_on(scene.connect(ADA))


def uses(scene: Scene) -> Json:
    books = scene.books()
    return {name: books[name] for name in ("used", "held")}


def at(step: str, act: Callable[[], None]) -> Any:
    def on_step(now: str) -> None:
        if now == step:
            act()

    return on_step


def withdraw(scene: Scene, hook: str, step: str) -> Json:
    """Ask, and delete the comment at this step of its answer."""
    comment = scene.say(ADA, "@buddy contrast?")
    answer_id = scene.record(hook, comment)
    with pytest.raises(RetryAt):
        scene.attempt(answer_id, at(step, lambda: scene.delete_comment(comment)))
    return scene.finish(answer_id)


class Killed(BaseException):
    """As kill -9: nothing is written down after it."""


def die(scene: Scene, answer_id: str, step: str) -> None:
    def kill() -> None:
        raise Killed

    with pytest.raises(Killed):
        scene.attempt(answer_id, at(step, kill))


def test_ten_questions_that_are_deleted_while_the_model_thinks_are_ten_uses(
    scene: Scene, hook: str
) -> None:
    ends = [withdraw(scene, hook, "model_asked") for _ in range(10)]
    assert {(each["state"], each["reason"]) for each in ends} == {("ignored", "withdrawn")}
    assert uses(scene) == {"used": 10, "held": 0}
    receipts = "select state, reason, count(*) as n from public.use_receipts group by 1, 2"
    assert scene.rows(receipts) == [{"state": "withdrawn", "reason": "comment_deleted", "n": 10}]
    ledger = scene.rows(LEDGER)
    assert {(each["status"], each["error_code"]) for each in ledger} == {("refused", "withdrawn")}
    assert len(scene.model.requests) == 10 and all(each["cost_microusd"] for each in ledger)
    assert scene.rows(SPENT) == []
    asked = scene.finish(scene.ask(hook, ADA, "@buddy one more?"))
    assert asked["reason"] == "trial_used_up" and len(scene.model.requests) == 10
    shown = scene.database.get_account(str(ends[0]["payer_id"])).answers
    assert [each.is_withdrawn for each in shown[:3]] == [False, True, True]


def test_what_is_withdrawn_before_a_model_was_asked_costs_nothing(scene: Scene, hook: str) -> None:
    comment = scene.say(ADA, "@buddy contrast?")
    answer_id = scene.record(hook, comment)

    def stop() -> None:
        scene.delete_comment(comment)
        raise RuntimeError("the worker stops here")

    with pytest.raises(RetryAt):
        scene.attempt(answer_id, at("thread_read", stop))
    answer = scene.finish(answer_id)
    assert (answer["state"], answer["reason"]) == ("failed", "comment_deleted")
    assert uses(scene) == {"used": 0, "held": 0} and scene.model.requests == []
    assert scene.rows(SPENT) == []


def test_a_thread_that_is_muted_or_resolved_meanwhile_is_withdrawn_as_well(
    scene: Scene, hook: str
) -> None:
    scene.connect(JONAS)
    root = scene.say(ADA, "A thread")["id"]
    asked = scene.ask(hook, ADA, "@buddy contrast?", root=root)
    stopping = scene.ask(hook, JONAS, "@buddy stop", root=root)

    async def act(worker: Any) -> None:
        async def stop_now(step: str) -> None:
            if step == "model_asked":
                await jobs.AnswerJob(worker, stopping).run()

        await jobs.AnswerJob(worker, asked, on_step=stop_now).run()

    scene.play(act)
    assert (scene.answer(asked)["state"], scene.answer(asked)["reason"]) == ("ignored", "withdrawn")
    assert uses(scene) == {"used": 1, "held": 0}


def test_a_reply_that_figma_refuses_costs_us_and_is_bounded_for_the_day(
    scene: Scene, hook: str
) -> None:
    scene.configure(answers_per_minute=1000, unbilled_microusd_per_day=1)
    scene.sandbox.faults(REFUSES)
    answer = scene.finish(scene.ask(hook, ADA, "@buddy contrast?"))
    assert (answer["state"], answer["reason"]) == ("failed", "no_account")
    assert uses(scene) == {"used": 0, "held": 0}
    (row,) = scene.rows(LEDGER)
    cost = row["cost_microusd"]
    assert (row["status"], row["error_code"]) == ("failed", "no_account") and cost > 0
    assert scene.rows(SPENT) == [
        {"scope": scope, "calls": 1, "cost_microusd": cost}
        for scope in ("author", "file", "webhook")
    ]
    scene.sandbox.faults()
    scene.connect(ADA)
    refused = scene.finish(scene.ask(hook, ADA, "@buddy and now?"))
    assert (refused["state"], refused["reason"]) == ("refused", "unbilled_limit")
    assert "again tomorrow" in scene.replies()[-1]["message"]
    assert len(scene.model.requests) == 1 and uses(scene) == {"used": 0, "held": 0}
    scene.database.announce_service("x" * 44, {"unbilled_microusd_per_day": 1})
    alerts = [each.kind for each in scene.database.check_alerts()]
    assert alerts.count("unbilled") == 3
    scene.rows("update public.unbilled_spending set day = day - 1")
    assert scene.finish(scene.ask(hook, ADA, "@buddy and today?"))["state"] == "answered"


def test_a_replay_asks_no_model_again_and_takes_the_use_when_it_posts(
    scene: Scene, hook: str
) -> None:
    scene.sandbox.faults(REFUSES)
    answer_id = scene.ask(hook, ADA, "@buddy contrast?")
    scene.finish(answer_id)
    scene.sandbox.faults()
    scene.connect(ADA)
    scene.rows("select public.replay_answer(%s)", answer_id)
    assert scene.finish(answer_id)["state"] == "answered"
    assert len(scene.model.requests) == 1 and uses(scene) == {"used": 1, "held": 0}
    assert [each["status"] for each in scene.rows(LEDGER)] == ["failed", "answered"]


def test_a_draft_that_could_not_be_kept_is_booked_with_the_next_attempt(
    scene: Scene, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_id = scene.ask(hook, ADA, "@buddy contrast?")
    keep, times = Posting.open_window, []

    async def refuse(self: Posting, draft: Any) -> float:
        times.append(1)
        if len(times) == 1:
            raise ServiceError("The draft was refused.", code="refused")
        return await keep(self, draft)

    monkeypatch.setattr(Posting, "open_window", refuse)
    with pytest.raises(RetryAt):
        scene.attempt(answer_id)
    first = scene.answer(answer_id)["draft"]["usage"]["cost_microusd"]
    assert first > 0
    assert scene.finish(answer_id)["state"] == "answered"
    (row,) = scene.rows(LEDGER)
    assert row["cost_microusd"] == 2 * first and len(scene.model.requests) == 2
    assert uses(scene) == {"used": 1, "held": 0}


def test_workers_that_die_over_a_question_are_counted_as_calls_that_may_be_billed(
    scene: Scene, hook: str
) -> None:
    answer_id = scene.ask(hook, ADA, "@buddy contrast?")
    die(scene, answer_id, "design_read")
    die(scene, answer_id, "model_asked")
    assert scene.finish(answer_id)["state"] == "answered"
    (row,) = scene.rows(LEDGER)
    assert (row["unknown_calls"], row["status"]) == (2, "answered")
    assert uses(scene) == {"used": 1, "held": 0}


def test_an_answer_that_loses_all_its_workers_is_unpriced_and_counts_towards_the_bound(
    scene: Scene, hook: str
) -> None:
    scene.configure(job_attempts=1)
    answer_id = scene.ask(hook, ADA, "@buddy contrast?")
    for _ in range(5):
        die(scene, answer_id, "model_asked")
    answer = scene.finish(answer_id)
    assert answer["reason"] == "worker_lost"
    (row,) = scene.rows(LEDGER)
    assert (row["cost_state"], row["cost_microusd"], row["unknown_calls"]) == ("unpriced", None, 5)
    assert {each["cost_microusd"] for each in scene.rows(SPENT)} == {5 * 20_000}
    assert uses(scene) == {"used": 0, "held": 0}


def test_a_fallback_after_a_time_out_says_that_a_call_may_be_billed(
    scene: Scene, hook: str
) -> None:
    scene.configure(model_timeout_seconds=0.3)
    scene.model.behave(fault="timeout", times=1)
    answer = scene.finish(scene.ask(hook, ADA, "@buddy contrast?"))
    assert answer["state"] == "answered"
    (row,) = scene.rows(LEDGER)
    assert row["unknown_calls"] >= 1

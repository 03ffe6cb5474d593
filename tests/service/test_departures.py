"""A deleted person's webhooks leave Figma too, and then the connection is destroyed."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from service.answering.outcomes import RetryAt
from service.errors import Unavailable
from service.figma.errors import FigmaError
from service.figma.records import FigmaToken
from service.switching.departures import NO_CONNECTION, Departure, _wait
from service.worker import BuddyWorker
from tests.exactly_once.processes import work_here
from tests.exactly_once.scene import ADA, CHECKOUT, Scene, model, sandbox, scene

__all__ = ["model", "sandbox", "scene"]

DELETE = {"path": "/v2/webhooks", "method": "DELETE"}


def switch_on(scene: Scene, user_id: str) -> str:
    """A real webhook at Figma and our row for it; its id there."""
    made = scene.services.figma.create_webhook(
        FigmaToken(scene.people[ADA]["token"], "pat"),
        context="file",
        context_id=CHECKOUT,
        endpoint="http://127.0.0.1:9/hook",
        passcode="passcode",
        description="",
    )
    row = scene.database.start_webhook(
        user_id=user_id, context="file", context_id=CHECKOUT, label="Checkout",
        guest_rule="invite", passcode_encrypted="x", passcode_hash=uuid4().hex,
    )  # fmt: skip
    scene.database.confirm_webhook(row.id, made.id)
    return made.id


@pytest.fixture
def leaver(scene: Scene) -> str:
    """Somebody whose account was deleted while a webhook of theirs is at Figma; their id."""
    user_id = scene.connect(ADA)
    switch_on(scene, user_id)
    scene.database.delete_account(user_id, "hash")
    return user_id


def at_figma(scene: Scene) -> list[Any]:
    assert scene.sandbox.app is not None
    return list(scene.sandbox.app.extensions["sandbox"].world.webhooks)


def tokens(scene: Scene) -> int:
    return scene.rows("select count(*) from public.figma_tokens")[0]["count"]


def removal(scene: Scene) -> dict[str, Any]:
    return scene.rows("select outcome, tries, problem from public.webhook_removals")[0]


def asked(scene: Scene) -> int:
    return sum(each["method"] == "DELETE" for each in scene.sandbox.requests())


def test_a_worker_removes_them_and_destroys_the_connection(scene: Scene, leaver: str) -> None:
    assert (len(at_figma(scene)), tokens(scene)) == (1, 1)

    async def act(_: BuddyWorker) -> None:
        await asyncio.to_thread(scene.wait_until_closed)

    work_here(scene, act)
    assert (at_figma(scene), tokens(scene)) == ([], 0)
    assert removal(scene) == {"outcome": "removed", "tries": 0, "problem": ""}
    logged = "select person_id::text, after ->> 'outcome' as came from public.audit_log"
    [row] = scene.rows(f"{logged} where table_name = 'webhook_removals'")
    assert row == {"person_id": leaver, "came": "removed"}


def test_while_figma_is_away_it_is_tried_again_and_nobody_else_gets_the_connection(
    scene: Scene, leaver: str
) -> None:
    scene.sandbox.faults({"kind": "500", **DELETE}, rate_limits=False)
    for tries in (1, 2):
        with pytest.raises(RetryAt):
            Departure(scene.services, leaver).run()
        assert (removal(scene)["tries"], removal(scene)["outcome"]) == (tries, None)
    assert "Figma has trouble" in removal(scene)["problem"]
    assert tokens(scene) == 1
    assert scene.database.get_figma_token(leaver) is None
    scene.sandbox.faults(rate_limits=False)
    Departure(scene.services, leaver).run()
    assert (at_figma(scene), tokens(scene)) == ([], 0)


def test_one_that_was_killed_after_figma_answered_runs_again(
    scene: Scene, leaver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(scene.database, "note_departed_webhook", lost)
        with pytest.raises(RetryAt):
            Departure(scene.services, leaver).run()
    assert (at_figma(scene), tokens(scene)) == ([], 1)
    Departure(scene.services, leaver).run()
    Departure(scene.services, leaver).run()
    assert (removal(scene)["outcome"], tokens(scene)) == ("removed", 0)


def test_what_only_they_could_cure_ends_it_with_the_reason(
    scene: Scene, leaver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise FigmaError("forbidden", "switch itself off there")

    monkeypatch.setattr(scene.services.figma, "delete_webhook", refuse)
    Departure(scene.services, leaver).run()
    assert (removal(scene)["outcome"], tokens(scene)) == ("left", 0)
    assert "Figma does not let this account" in removal(scene)["problem"]


def test_a_connection_that_died_meanwhile_ends_it(scene: Scene, leaver: str) -> None:
    scene.rows("update public.figma_tokens set revoked_at = now()")
    Departure(scene.services, leaver).run()
    assert removal(scene) == {"outcome": "left", "tries": 0, "problem": NO_CONNECTION}
    assert tokens(scene) == 0


def test_after_seven_days_it_is_given_up_without_asking_again(scene: Scene, leaver: str) -> None:
    scene.rows("update public.webhook_removals set asked_at = now() - interval '8 days'")
    before = asked(scene)
    Departure(scene.services, leaver).run()
    assert asked(scene) == before
    assert (removal(scene)["outcome"], tokens(scene)) == ("left", 0)
    assert "Given up after seven days" in removal(scene)["problem"]


def test_one_that_a_returned_person_uses_again_is_left_alone(scene: Scene, leaver: str) -> None:
    [figma_id] = at_figma(scene)
    back = scene.connect(ADA)
    row = scene.database.start_webhook(
        user_id=back, context="file", context_id=CHECKOUT, label="Checkout",
        guest_rule="invite", passcode_encrypted="x", passcode_hash=uuid4().hex,
    )  # fmt: skip
    scene.database.confirm_webhook(row.id, figma_id)
    Departure(scene.services, leaver).run()
    assert at_figma(scene) == [figma_id]
    assert removal(scene)["outcome"] == "taken_over"
    assert scene.database.get_figma_token(back) is not None and tokens(scene) == 1


def test_a_lost_job_is_queued_again_and_what_is_too_old_forgotten(
    scene: Scene, leaver: str
) -> None:
    jobs = "select args from queue.procrastinate_jobs where task_name = 'remove_webhooks'"
    scene.rows("set search_path = queue, public; delete from procrastinate_jobs")
    scene.database.purge_expired()
    scene.database.purge_expired()
    assert [each["args"] for each in scene.rows(jobs)] == [{"user_id": leaver}]
    scene.rows("update public.webhook_removals set asked_at = now() - interval '8 days'")
    scene.database.purge_expired()
    assert (removal(scene)["outcome"], tokens(scene)) == ("left", 0)


def test_without_webhooks_or_without_a_connection_nothing_is_kept(scene: Scene) -> None:
    plain = scene.connect(ADA)
    scene.database.delete_account(plain, "hash")
    assert tokens(scene) == 0
    cut_off = scene.connect(ADA)
    switch_on(scene, cut_off)
    scene.rows("update public.figma_tokens set revoked_at = now()")
    scene.database.delete_account(cut_off, "hash")
    assert (removal(scene)["outcome"], tokens(scene)) == ("left", 0)
    assert scene.rows("select 1 from queue.procrastinate_jobs") == []


def test_waits_grow_follow_figma_and_have_an_end() -> None:
    down, limited = FigmaError("figma_down", "x"), FigmaError("rate_limited", "x", retry_after=900)
    assert [_wait(tries, down) for tries in (0, 1, 50)] == [60, 120, 21_600]
    assert _wait(0, limited) == 900
    assert _wait(0, FigmaError("rate_limited", "x", retry_after=10**8)) == 21_600

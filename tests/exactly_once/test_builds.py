"""A "build" in a comment: one run and one reply, wherever a worker is killed, and whenever it
ends."""

import signal
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.answering.outcomes import RetryAt
from service.store.pipeline_records import PipelineView
from tests.exactly_once.processes import doomed_worker, worker
from tests.exactly_once.scene import ADA, JONAS, Scene
from tests.service.answering.test_pipeline import PAY_BUTTON
from tests.service.pipeline_play import ROW, Player

WAITING = "select count(*) = {count} from public.answers where state = 'deferred'"
CLOSED = """
    select not exists (select from public.answers where state in ('queued', 'working', 'deferred'))
"""


def ask_build(
    scene: Scene, hook: str, handle: str = ADA, words: str = "build", **where: Any
) -> str:
    where = {"node_id": PAY_BUTTON, **where}
    return scene.ask(hook, handle, f"@buddy {words}", command="build", **where)


def put_off(scene: Scene, answer_id: str, on_step: Any = None) -> None:
    with pytest.raises(RetryAt) as retry:
        scene.attempt(answer_id, on_step)
    assert retry.value.reason == "pipeline_runs"
    assert scene.answer(answer_id)["state"] == "deferred"


def runs(scene: Scene) -> list[dict[str, Any]]:
    return scene.rows(
        "select id::text, user_id::text, state from public.pipelines order by created_at"
    )


def jobs_of(scene: Scene, answer_id: str) -> int:
    """How many jobs of an answer may run now."""
    [row] = scene.rows(
        "select count(*)::int as jobs from queue.procrastinate_jobs where status = 'todo'"
        " and args ->> 'answer_id' = %s and coalesce(scheduled_at, now()) <= now()",
        answer_id,
    )
    return int(row["jobs"])


def test_a_build_is_answered_once_with_its_link_and_its_figures(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    answer_id = ask_build(scene, hook, words="build PayCard")
    put_off(scene, answer_id)
    put_off(scene, answer_id)
    [run] = runs(scene)
    shown: PipelineView = scene.database.show_pipeline(run["user_id"], run["id"])
    assert (shown.source, shown.node_id, shown.component) == ("comment", PAY_BUTTON, "PayCard")
    assert scene.replies() == []

    before = jobs_of(scene, answer_id)
    Player(scene.services, run["id"]).to_done()
    assert jobs_of(scene, answer_id) == before + 1
    assert scene.finish(answer_id)["state"] == "answered"
    [reply] = scene.replies()
    assert f"{scene.settings.public_url}/build/{run['id']}" in reply["message"]
    for words in ("PayCard", "geometry 98 %", "18 of 20", "One use was taken."):
        assert words in reply["message"]
    assert (scene.books()["settled"], scene.books()["held"], len(runs(scene))) == (1, 0, 1)
    # The job that was put off finds it done.
    scene.attempt(answer_id)
    assert len(scene.replies()) == 1
    assert scene.sandbox.violations() == []


@pytest.mark.parametrize("step", ["build_started", "build_awaited"])
def test_a_run_that_ends_just_then_is_not_missed(scene: Scene, step: str) -> None:
    ada = scene.connect(ADA)
    answer_id = ask_build(scene, scene.switch_on(ada))
    before = jobs_of(scene, answer_id)

    def end(reached: str) -> None:
        if reached == step:
            scene.database.cancel_pipeline(ada, runs(scene)[0]["id"])

    if step == "build_started":
        scene.attempt(answer_id, end)
    else:
        put_off(scene, answer_id, end)
        assert jobs_of(scene, answer_id) == before + 1
        scene.attempt(answer_id)
    [reply] = scene.replies()
    assert "was cancelled" in reply["message"]


@pytest.mark.parametrize(
    ("quality", "words"),
    [
        (None, "nothing has proven it"),
        ({**ROW, "is_passed": False, "style_killed": 3}, "fails some of the checks"),
    ],
)
def test_what_has_not_passed_is_called_so(scene: Scene, quality: Any, words: str) -> None:
    answer_id = ask_build(scene, scene.switch_on(scene.connect(ADA)))
    put_off(scene, answer_id)
    Player(scene.services, runs(scene)[0]["id"]).to_done(quality)
    scene.finish(answer_id)
    [reply] = scene.replies()
    assert words in reply["message"] and "No use was taken." in reply["message"]


def test_why_a_run_failed_is_said(scene: Scene) -> None:
    answer_id = ask_build(scene, scene.switch_on(scene.connect(ADA)))
    put_off(scene, answer_id)
    Player(scene.services, runs(scene)[0]["id"]).fail("read", "figma_forbidden")
    scene.finish(answer_id)
    [reply] = scene.replies()
    assert "does not let your account read this file" in reply["message"]
    assert scene.books()["held"] == 0


def test_who_cannot_build_is_told_why_and_nothing_starts(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    for handle, where, words in (
        (JONAS, {}, "have connected their Figma account"),
        (ADA, {"node_id": None}, "pinned to none"),
        (ADA, {"words": "build <b>x</b> now"}, "no name for one"),
        (ADA, {"words": "build React"}, "the code itself needs"),
    ):
        assert scene.finish(ask_build(scene, hook, handle, **where))["state"] == "answered"
        assert words in scene.replies()[-1]["message"]
    scene.rows("update public.feature_flags set is_on = false where code = 'pipelines' returning 1")
    scene.finish(ask_build(scene, hook))
    assert "switched off for your team" in scene.replies()[-1]["message"]
    scene.rows("update public.feature_flags set is_on = true where code = 'pipelines' returning 1")
    scene.rows("update public.plans set uses = 0 where code = 'trial' returning 1")
    scene.finish(ask_build(scene, hook))
    assert "All uses of the plan are used" in scene.replies()[-1]["message"]
    assert (runs(scene), len(scene.replies())) == ([], 6)


def test_stop_while_it_runs_means_no_reply(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    answer_id = ask_build(scene, hook)
    put_off(scene, answer_id)
    root = scene.answer(answer_id)["root_comment_id"]
    scene.finish(scene.ask(hook, ADA, "@buddy stop", root=root, command="stop"))
    Player(scene.services, runs(scene)[0]["id"]).to_done()
    assert scene.finish(answer_id)["reason"] == "thread_muted"
    assert len(scene.replies()) == 1


def test_a_dead_letter_that_is_replayed_starts_no_second_run(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    answer_id = ask_build(scene, hook)
    put_off(scene, answer_id)
    Player(scene.services, runs(scene)[0]["id"]).to_done()
    attempt = scene.answer(answer_id)["attempt"]
    scene.rows("update public.answers set state = 'working' returning 1")
    scene.database.release_use(answer_id, attempt, "figma_forbidden", "", {})
    scene.rows("select public.replay_answer(%s)", answer_id)
    assert scene.finish(answer_id)["state"] == "answered"
    assert (len(runs(scene)), len(scene.replies())) == (1, 1)


def test_a_worker_killed_at_any_step_starts_one_run_and_replies_once(scene: Scene) -> None:
    scene.rows("update public.plans set uses = 100 returning 1")
    ada = scene.connect(ADA)
    hook = scene.switch_on(ada)
    comments = [scene.say(ADA, "@buddy build", node_id=PAY_BUTTON) for _ in range(4)]
    deliver = [scene.event(hook, each, command="build") for each in comments]
    scene.services.delivery_store.record_events(deliver)

    doom(scene, "confirmed", "begun", "build_started", "build_awaited")
    with worker(scene):
        scene.wait_until(WAITING.format(count=len(comments)))
    assert len(runs(scene)) == len(comments)
    results = scene.services.delivery_store.record_events(deliver)
    assert {each.outcome for each in results} == {"duplicate"}

    for run in runs(scene):
        scene.database.cancel_pipeline(ada, run["id"])
    doom(scene, "posting", "posted", "settled")
    with worker(scene), worker(scene):
        scene.wait_until(CLOSED)
        # What was put off comes up again, and finds everything done.
        scene.rows(
            "set search_path = queue, public; update procrastinate_jobs set scheduled_at = now()"
        )
        scene.wait_until(
            "select not exists (select from queue.procrastinate_jobs where args ? 'answer_id')"
        )
    for comment in comments:
        assert len(scene.replies(comment["id"])) == 1
    assert len(runs(scene)) == len(comments)
    books = scene.books()
    assert (books["held"], books["used"], books["open"]) == (0, 0, 0)
    assert scene.sandbox.violations() == []


def doom(scene: Scene, *steps: str) -> None:
    """Workers that die at these steps, each at work on one answer."""
    with ExitStack() as running:
        for process in [running.enter_context(doomed_worker(scene, step)) for step in steps]:
            assert process.wait(60) == -signal.SIGKILL


def test_the_thread_goes_on_while_a_build_runs(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    answer_id = ask_build(scene, hook)
    with worker(scene):
        scene.wait_until(WAITING.format(count=1))
        root = scene.answer(answer_id)["root_comment_id"]
        scene.ask(hook, ADA, "@buddy usage", root=root, command="usage")
        scene.wait_until("select exists (select from public.answers where state = 'answered')")
    assert scene.answer(answer_id)["deferred_until"] - datetime.now(UTC) > timedelta(minutes=1)
    assert len(scene.replies()) == 1

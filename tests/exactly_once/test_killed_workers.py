"""kill -9 of real worker processes, at every step of a job: one reply, one receipt, one row."""

import signal
from contextlib import ExitStack
from typing import get_args

from service.answering.job import Step
from service.config import Settings
from tests.exactly_once.processes import doomed_worker, worker
from tests.exactly_once.scene import ADA, JONAS, Scene

STEPS: tuple[str, ...] = get_args(Step)


def test_a_worker_killed_at_any_step_leaves_one_reply_one_receipt_one_row(scene: Scene) -> None:
    hooks = [scene.switch_on(scene.connect(ADA)), scene.switch_on(scene.connect(JONAS))]
    comments = [scene.say(ADA, f"@buddy question {number}?") for number, _ in enumerate(STEPS)]
    deliver = [scene.event(hook, each) for each in comments for hook in hooks]
    scene.services.delivery_store.record_events(deliver)

    with ExitStack() as running:
        doomed = [running.enter_context(doomed_worker(scene, step)) for step in STEPS]
        for process in doomed:
            assert process.wait(60) == -signal.SIGKILL
    for _ in range(3):
        results = scene.services.delivery_store.record_events(deliver)
        assert {each.outcome for each in results} == {"duplicate"}

    with worker(scene), worker(scene):
        scene.wait_until_closed()
    for comment in comments:
        assert len(scene.replies(comment["id"])) == 1
    assert scene.books() == {
        "reserved": 0, "settled": 8, "released": 0, "usage_rows": 8, "used": 8, "held": 0,
        "answered": 8, "open": 0,
    }  # fmt: skip
    assert scene.sandbox.violations() == []


def test_by_default_what_a_killed_worker_was_at_ends_within_half_a_minute(scene: Scene) -> None:
    fields = Settings.model_fields
    defaults = {
        name: fields[name].default
        for name in ("worker_lease_seconds", "worker_heartbeat_seconds", "figma_timeout_seconds")
    }
    scene.configure(**defaults)
    hook = scene.switch_on(scene.connect(ADA))
    scene.ask(hook, ADA, "@buddy contrast?")
    with doomed_worker(scene, "posted") as doomed:
        assert doomed.wait(60) == -signal.SIGKILL
    with worker(scene):
        scene.wait_until_closed(seconds=30)
    assert len(scene.replies()) == 1
    assert (scene.books()["settled"], scene.books()["usage_rows"]) == (1, 1)


def test_a_worker_told_to_stop_finishes_what_it_is_at(scene: Scene) -> None:
    scene.model.behave(delay_ms=1500)
    hook = scene.switch_on(scene.connect(ADA))
    with worker(scene) as stopped:
        scene.ask(hook, ADA, "@buddy contrast?")
        scene.wait_until("select exists (select from public.answers where state = 'working')")
        stopped.terminate()
        assert stopped.wait(30) == 0
    scene.wait_until_closed(seconds=1)
    assert len(scene.replies()) == 1
    assert len(scene.model.requests) == 1


def test_a_worker_out_of_time_gives_its_jobs_back_and_the_next_one_answers(scene: Scene) -> None:
    scene.model.behave(delay_ms=20_000)
    hook = scene.switch_on(scene.connect(ADA))
    with worker(scene, worker_shutdown_seconds=1) as stopped:
        scene.ask(hook, ADA, "@buddy contrast?")
        scene.wait_until("select exists (select from public.answers where state = 'working')")
        stopped.terminate()
        assert stopped.wait(15) == 0
    jobs = scene.rows("select status, worker_id from queue.procrastinate_jobs")
    assert jobs == [{"status": "todo", "worker_id": None}]
    scene.model.behave()
    with worker(scene):
        scene.wait_until_closed()
    assert len(scene.replies()) == 1
    assert scene.books()["used"] == 1

"""kill -9 of real worker processes, at every step of an analysis: one result, one receipt, one
row."""

import signal
from contextlib import ExitStack
from typing import get_args

from service.answering.analysis_job import Step
from tests.exactly_once.analyses import request
from tests.exactly_once.processes import doomed_worker, worker
from tests.exactly_once.scene import ADA, Scene

STEPS: tuple[str, ...] = get_args(Step)
CLOSED = """
    select not exists (select from public.analyses where state in ('queued', 'working'))
        and not exists (select from queue.procrastinate_jobs)
"""


def test_a_worker_killed_at_any_step_leaves_one_result_one_receipt_one_row(scene: Scene) -> None:
    ada = scene.connect(ADA)
    asked = [request(scene, ada, f"{number}", f"q{number}") for number, _ in enumerate(STEPS)]
    joined = [request(scene, ada, f"9{number}", f"q{number}") for number, _ in enumerate(STEPS)]
    assert [each.leader_id for each in joined] == [each.id for each in asked]

    with ExitStack() as running:
        doomed = [running.enter_context(doomed_worker(scene, step)) for step in STEPS]
        for process in doomed:
            assert process.wait(60) == -signal.SIGKILL
    with worker(scene), worker(scene):
        scene.wait_until(CLOSED)

    states = scene.rows("select state, source, count(*) from public.analyses group by 1, 2")
    assert states == [{"state": "done", "source": "model", "count": 8}]
    books = scene.books()
    assert (books["reserved"], books["settled"], books["released"]) == (0, 4, 0)
    assert (books["used"], books["held"]) == (4, 0)
    # Four written by a model, four shown to who asked for the same.
    lines = scene.rows("select provider, count(*) from public.usage_logs group by 1 order by 1")
    assert [each["count"] for each in lines] == [4, 4]
    for own, other in zip(asked, joined, strict=True):
        shown = scene.services.analyses.get_analysis(ada, other.id)
        assert shown and shown.result == scene.services.analyses.get_analysis(ada, own.id).result


def test_calls_of_workers_that_died_are_booked_as_unknown(scene: Scene) -> None:
    """A call that was billed before its worker could say so costs us, and the ledger says that."""
    asked = request(scene, scene.connect(ADA))
    with doomed_worker(scene, "analysis_written") as doomed:
        assert doomed.wait(60) == -signal.SIGKILL
    with worker(scene):
        scene.wait_until(CLOSED)
    [line] = scene.rows("select answer_id::text, status, unknown_calls from public.usage_logs")
    assert line == {"answer_id": asked.id, "status": "answered", "unknown_calls": 1}

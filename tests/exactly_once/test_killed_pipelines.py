"""kill -9 of real workers and builders, at every step of every stage: one result, one charge."""

import signal
from contextlib import ExitStack
from typing import get_args

from local.github import GitHubStandIn
from service.building.stage_job import Step
from tests.exactly_once.pipelines import CARD, CLOSED, start
from tests.exactly_once.runners import runner
from tests.exactly_once.scene import ADA, Scene
from tests.service.github.hubs import PLACE, TOKEN, make_hub, repository_of

# Before the first one nothing has been done.
STEPS: tuple[str, ...] = get_args(Step)[1:]
STAGES = ("read", "spec", "generate", "test", "gate", "package")
BY_BUILDER = ("spec", "test", "gate", "package")


def test_runners_killed_at_every_step_of_every_stage_leave_one_result_and_one_charge(
    scene: Scene,
) -> None:
    ada = scene.connect(ADA)
    # Each is killed at another step, in every stage.
    for _ in STEPS:
        start(scene, ada, CARD, at_once=len(STEPS))
    with ExitStack() as running:
        for stage in STAGES:
            kind = "builder" if stage in BY_BUILDER else "worker"
            doomed = [running.enter_context(runner(scene, kind, step)) for step in STEPS]
            for process in doomed:
                assert process.wait(90) == -signal.SIGKILL
            # It goes no further, so that each of the next ones finds work.
            with runner(scene, kind, only=stage):
                scene.wait_until(
                    f"select not exists (select from public.pipelines where state = '{stage}')",
                    seconds=90,
                )
        # The jobs of runners that died after their stage had ended are ended by the living.
        with runner(scene, "worker"), runner(scene, "builder"):
            scene.wait_until(CLOSED, seconds=90)
    pipelines = scene.rows("select state, verdict, is_charged from public.pipelines")
    assert pipelines == [{"state": "done", "verdict": "passed", "is_charged": True}] * len(STEPS)
    books = scene.books()
    assert (books["reserved"], books["settled"], books["released"]) == (0, len(STEPS), 0)
    assert (books["used"], books["held"]) == (len(STEPS), 0)
    ends = scene.rows(
        "select pipeline_id, stage, count(*) filter (where state = 'done') as done"
        " from public.pipeline_stages group by 1, 2"
    )
    assert len(ends) == len(STEPS) * len(STAGES) and {each["done"] for each in ends} == {1}
    assert_each_call_is_booked(scene)


def test_runners_killed_in_repairs_and_pushes_leave_one_pull_request_for_each(
    scene: Scene,
) -> None:
    hub = make_hub()
    with GitHubStandIn(hub) as github:
        scene.configure(github_api_url=github.url)
        ada = scene.connect(ADA)
        token = scene.services.vault.encrypt(TOKEN)
        scene.database.set_target(ada, PLACE.full_name, "main", "src", token, None)
        for _ in STEPS:
            start(scene, ada, CARD, at_once=len(STEPS), options={"push": True})
        path = (*STAGES[:5], "repair", "test", "gate", "package", "push")
        with ExitStack() as running:
            for stage in path:
                kind = "builder" if stage in BY_BUILDER else "worker"
                if stage in ("repair", "push"):
                    doomed = [
                        running.enter_context(runner(scene, kind, step, needs_repair=True))
                        for step in STEPS
                    ]
                    for process in doomed:
                        assert process.wait(90) == -signal.SIGKILL
                with runner(scene, kind, only=stage, needs_repair=True):
                    scene.wait_until(
                        f"select not exists (select from public.pipelines where state = '{stage}')",
                        seconds=90,
                    )
            with runner(scene, "worker"), runner(scene, "builder"):
                scene.wait_until(CLOSED, seconds=90)
        pulls = repository_of(hub).pulls
        assert github.service.violations == []
    pipelines = scene.rows(
        "select state, verdict, is_charged, round, facts #>> '{pull_request,url}' as url"
        " from public.pipelines"
    )
    ends = {
        (each["state"], each["verdict"], each["is_charged"], each["round"]) for each in pipelines
    }
    assert ends == {("done", "passed", True, 1)}
    assert sorted(each["url"].rsplit("/", 1)[1] for each in pipelines) == sorted(
        str(each.number) for each in pulls
    )
    assert (len(pulls), scene.books()["used"]) == (len(STEPS), len(STEPS))
    assert_each_call_is_booked(scene)


def assert_each_call_is_booked(scene: Scene) -> None:
    """Each model call is in the ledger once, and none was made again by the next attempt."""
    asked = len(scene.model.requests)
    [lines] = scene.rows(
        "select count(*) as calls, sum(unknown_calls)::int as unknown from public.usage_logs"
        " where feature = 'pipeline'"
    )
    assert asked >= len(STEPS) and lines == {"calls": asked, "unknown": 0}

"""Stages with the real parts: Figma's sandbox, storage, a model stand-in."""

import asyncio
import threading
from dataclasses import replace
from typing import Any, get_args

import pytest

from local.github import GitHubStandIn
from service.answering.worker_state import WorkerState
from service.building import gate_stage, repair_stage
from service.building.builder_state import BuilderState
from service.building.stage_job import MOST_FAILURES, StageJob, Step
from service.llm import ModelChain
from service.pipelines.editing import Edited, repair
from service.pipelines.gate import Failure, GateRequest, GateResult, QualityRow, Sandbox
from service.pipelines.gate.sandbox import SandboxStopped
from tests.exactly_once.pipelines import CARD, play, start
from tests.exactly_once.runners import PASSED
from tests.exactly_once.scene import ADA, Scene
from tests.service.github.hubs import PLACE, TOKEN, make_hub, repository_of

INES = "Inês Duarte"


class Killed(BaseException):
    """The process was killed here."""


LACK = "bubblewrap is missing: install it."


@pytest.fixture
def no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lack(_state: BuilderState) -> str:
        return LACK

    monkeypatch.setattr(BuilderState, "lack", lack)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> list[GateResult]:
    """What the gate says, one after another; the last one for good."""
    results = [PASSED]

    async def lack(_state: BuilderState) -> str:
        return ""

    def check(_request: GateRequest, _sandbox: Sandbox, _tools: Any) -> GateResult:
        return results.pop(0) if len(results) > 1 else results[0]

    monkeypatch.setattr(BuilderState, "lack", lack)
    monkeypatch.setattr(gate_stage, "check", check)
    return results


def failing(share: float) -> GateResult:
    failures = (Failure("overflow", "It scrolls at 360 px."),)
    return GateResult(False, failures, QualityRow(geometry_share=share))


def calls_of(scene: Scene) -> list[dict]:
    return scene.rows(
        "select stage, round, number, outcome, cost_microusd is not null as is_priced"
        " from public.pipeline_calls order by ledger_run"
    )


def test_without_a_sandbox_the_draft_is_given_labelled_not_tested(
    scene: Scene, no_sandbox: None
) -> None:
    ada = scene.connect(ADA)
    scene.configure(openai_api_key=None)
    view = play(scene, start(scene, ada, CARD).id, ada)
    assert (view.state, view.verdict, view.code) == ("done", "not_tested", "sandbox_unavailable")
    assert view.params == {"missing": LACK}
    assert (view.is_charged, view.quality, view.model_calls) == (False, None, 0)
    kinds = {each.kind for each in view.artifacts}
    assert kinds == {"design", "image", "picture", "spec", "candidate", "tests", "zip", "report"}
    assert scene.books()["released"] == 1


def test_the_same_version_of_a_layer_is_read_from_figma_once(
    scene: Scene, gate: list[GateResult]
) -> None:
    ada = scene.connect(ADA)
    scene.configure(openai_api_key=None)
    first = play(scene, start(scene, ada, CARD).id, ada)
    # Figma gives nothing of it any more but its version.
    scene.sandbox.faults({"kind": "500", "method": "GET", "path": "/nodes", "times": 9})
    second = play(scene, start(scene, ada, CARD).id, ada)
    assert (first.verdict, second.verdict) == ("passed", "passed")
    assert second.facts["is_cached"] is True
    hashes = [
        {(each.kind, each.sha256) for each in view.artifacts if each.kind in ("spec", "design")}
        for view in (first, second)
    ]
    assert hashes[0] == hashes[1]
    assert first.facts["code_sha256"] == second.facts["code_sha256"]


def test_what_figma_gave_is_not_asked_for_again_when_the_rest_fails(
    scene: Scene, gate: list[GateResult]
) -> None:
    ada = scene.connect(ADA)
    scene.configure(openai_api_key=None)
    scene.sandbox.faults({"kind": "500", "method": "GET", "path": "/v1/images", "times": 1})
    pipeline = start(scene, ada, CARD).id
    play_once(scene, pipeline, "read")
    [stage] = scene.rows("select state, code, retry_at is not null as again from pipeline_stages")
    assert stage == {"state": "failed", "code": "figma_down", "again": True}
    scene.sandbox.faults({"kind": "500", "method": "GET", "path": "/nodes", "times": 9})
    assert play(scene, pipeline, ada).verdict == "passed"


def test_only_the_starters_own_account_reads(scene: Scene, gate: list[GateResult]) -> None:
    """The bot may see files that this person may not."""
    ines = scene.connect(INES)
    pipeline = start(scene, ines, CARD, file_key="DsgnSys3Kd9HbNc6uTe1Wq").id
    view = play(scene, pipeline, ines)
    assert view.state == "failed" and view.code in ("figma_not_found", "figma_forbidden")
    assert view.failed_stage == "read" and scene.books()["released"] == 1


def test_a_layer_that_is_gone_is_said_so(scene: Scene) -> None:
    ada = scene.connect(ADA)
    view = play(scene, start(scene, ada, "99:99").id, ada)
    assert (view.state, view.code) == ("failed", "node_gone")


def test_a_limit_of_figma_is_noted_and_waited_for(scene: Scene) -> None:
    ada = scene.connect(ADA)
    scene.sandbox.faults({"kind": "429", "method": "GET", "path": "/nodes", "times": 1})
    pipeline = start(scene, ada, CARD).id
    play_once(scene, pipeline, "read")
    [stage] = scene.rows("select code, is_excused, retry_at > now() as later from pipeline_stages")
    assert stage == {"code": "figma_rate_limited", "is_excused": True, "later": True}
    assert scene.rows("select tier from public.figma_quotas") == [{"tier": 1}]
    [job] = scene.rows(
        "select scheduled_at > now() as later from queue.procrastinate_jobs where scheduled_at"
        " is not null"
    )
    assert job["later"]
    # Tried too early, or by another run in this file, it asks Figma nothing.
    asked = len(scene.sandbox.requests())
    play_once(scene, pipeline, "read")
    scene.rows(
        "update public.figma_quotas set limited_until = now() + interval '2 days' returning 1"
    )
    play_once(scene, pipeline, "read")
    view = scene.database.show_pipeline(ada, pipeline)
    assert (view.state, view.code) == ("failed", "figma_rate_limited")
    assert [each.code for each in view.stages] == ["figma_rate_limited"] * 3
    assert len(scene.sandbox.requests()) == asked


def play_once(scene: Scene, pipeline: str, stage: str, round: int = 0) -> None:
    """One attempt at one stage."""

    async def run() -> None:
        worker = WorkerState(scene.services, ModelChain(scene.settings))
        state = BuilderState.of_worker(worker)
        try:
            await StageJob(state, pipeline, stage, round).run()
        finally:
            await worker.close()
            state.close()
            # Before the scene closes what they call.
            state.threads.shutdown()

    asyncio.run(run())


def test_each_model_call_is_booked_once_and_not_made_again(
    scene: Scene, gate: list[GateResult]
) -> None:
    ada = scene.connect(ADA)
    pipeline = start(scene, ada, CARD).id

    def stop(stage: str, step: str) -> None:
        if (stage, step) == ("generate", "stage_worked") and not killed:
            killed.append(True)
            raise Killed

    killed: list[bool] = []
    with pytest.raises(Killed):
        play(scene, pipeline, ada, on_step=stop)
    asked = len(scene.model.requests)
    assert asked and [each["is_priced"] for each in calls_of(scene)] == [True] * asked
    scene.rows("update public.pipeline_stages set lease_until = '2020-01-01' returning 1")
    view = play(scene, pipeline, ada)
    assert (view.verdict, len(scene.model.requests)) == ("passed", asked)
    assert view.model_calls == asked and view.unknown_calls == 0
    # By the gate's figures it is no worse than the draft, so it is taken.
    assert view.facts["is_by_model"] is (view.facts["model"] == "edited")


def test_a_draft_is_gated_unless_its_candidate_surely_loses_nothing(
    scene: Scene, gate: list[GateResult]
) -> None:
    ada = scene.connect(ADA)
    row = QualityRow(
        text_share=1.0, behaviour_mutants=9, behaviour_killed=9, style_mutants=9, style_killed=9,
        axe_violations=0, console_errors=0, overflow_widths=(), type_errors=0, failed_tests=0,
    )  # fmt: skip
    loses = replace(row, text_share=0.5)
    for first, gates, is_by_model in ((row, 1, True), (loses, 2, False)):
        gate[:] = [GateResult(True, (), first, floor=row), GateResult(True, (), row)]
        view = play(scene, start(scene, ada, CARD).id, ada)
        assert (view.verdict, view.facts["model"]) == ("passed", "edited")
        assert view.facts["is_by_model"] is is_by_model
        assert [each.text_share for each in view.qualities] == [1.0]
        stages = scene.rows(
            "select facts -> 'gates' as gates from public.pipeline_stages where stage = 'gate'"
            " order by began_at"
        )
        assert stages[-1] == {"gates": gates}


def test_a_candidate_that_fails_is_repaired_twice_and_the_best_is_given(
    scene: Scene, gate: list[GateResult]
) -> None:
    ada = scene.connect(ADA)
    gate[:] = [failing(0.9)]
    view = play(scene, start(scene, ada, CARD).id, ada)
    assert (view.state, view.verdict, view.code) == ("done", "not_passed", "not_gated")
    assert not view.is_charged and scene.books()["released"] == 1
    assert max(each.round for each in view.stages) <= 2
    # None was better than the draft.
    assert [each.round for each in view.qualities if each.is_chosen] == [0]


def test_a_runner_that_dies_anywhere_in_repair_and_push_leaves_one_result(
    scene: Scene, gate: list[GateResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in tests/exactly_once/test_killed_pipelines.py, without a process for each death."""

    async def mended(chain: Any, spec: Any, files: Any, *more: Any, **named: Any) -> Edited:
        asked = await repair(chain, spec, files, *more, **named)
        assert asked.attempts
        return replace(asked, files={**files, "types.ts": "export type A = 1;\n"}, reason="edited")

    def die(stage: str, step: str) -> None:
        if (stage, step) in left:
            left.remove((stage, step))
            raise Killed

    monkeypatch.setattr(repair_stage, "repair", mended)
    gate[:] = [failing(0.5), failing(0.5), PASSED]
    left = [(stage, step) for stage in ("repair", "push") for step in get_args(Step)]
    hub = make_hub()
    with GitHubStandIn(hub) as github:
        scene.configure(github_api_url=github.url)
        ada = scene.connect(ADA)
        token = scene.services.vault.encrypt(TOKEN)
        scene.database.set_target(ada, PLACE.full_name, "main", "src", token, None)
        pipeline = start(scene, ada, CARD, options={"push": True}).id
        while left:
            with pytest.raises(Killed):
                play(scene, pipeline, ada, on_step=die)
            scene.rows("update public.pipeline_stages set lease_until = '2020-01-01' returning 1")
        view = play(scene, pipeline, ada)
        again = scene.database.push_pipeline(ada, pipeline)
        pushed = play(scene, pipeline, ada)
        [pull] = repository_of(hub).pulls
        assert github.service.violations == []
    assert (view.state, view.verdict, view.is_charged, view.round) == ("done", "passed", True, 1)
    assert (again.is_new, pushed.state, pushed.facts) == (True, "done", view.facts)
    assert view.facts["pull_request"]["url"].endswith(f"/{pull.number}")
    assert scene.books()["settled"] == 1
    # None of the models was asked again by the next attempt.
    assert len(scene.model.requests) == len(calls_of(scene)) == view.model_calls
    assert view.unknown_calls == 0 and {"repair"} < {each["stage"] for each in calls_of(scene)}


def test_a_repair_that_passes_is_what_the_customer_gets(
    scene: Scene, gate: list[GateResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mended(_chain: Any, _spec: Any, files: Any, *_: Any, **__: Any) -> Edited:
        return Edited({**files, "types.ts": "export type Mended = true;\n"})

    monkeypatch.setattr(repair_stage, "repair", mended)
    ada = scene.connect(ADA)
    gate[:] = [failing(0.5), failing(0.5), PASSED]
    view = play(scene, start(scene, ada, CARD).id, ada)
    assert (view.verdict, view.round, view.is_charged) == ("passed", 1, True)
    assert [each.round for each in view.qualities if each.is_chosen] == [1]
    assert view.facts["is_by_model"] is True
    found = scene.database.find_artifact(ada, view.id, "candidate")
    assert found and found.round == 1


def test_no_model_is_asked_where_there_is_no_money(scene: Scene, gate: list[GateResult]) -> None:
    ada = scene.connect(ADA)
    view = play(scene, start(scene, ada, CARD, ceiling_microusd=0).id, ada)
    assert (view.verdict, view.model_calls, len(scene.model.requests)) == ("passed", 0, 0)


def test_models_never_cost_more_than_the_ceiling(scene: Scene, gate: list[GateResult]) -> None:
    gate[:] = [failing(0.9)]
    ada = scene.connect(ADA)
    ceiling = 3000
    view = play(scene, start(scene, ada, CARD, ceiling_microusd=ceiling).id, ada)
    [pipeline] = scene.rows("select spent_microusd, reserved_microusd from public.pipelines")
    assert pipeline["spent_microusd"] <= ceiling and pipeline["reserved_microusd"] == 0
    assert view.cost_microusd <= ceiling


RESERVED = "select microusd, is_booked from public.spend_reservations"


def test_the_days_limit_holds_for_builds_and_is_given_back(
    scene: Scene, gate: list[GateResult]
) -> None:
    gate[:] = [failing(0.5), failing(0.5), PASSED]
    scene.configure(service_microusd_per_day=900_000)
    ada = scene.connect(ADA)
    view = play(scene, start(scene, ada, CARD).id, ada)
    assert view.model_calls > 1 and scene.rows(RESERVED) == []
    # What is left of the day is less than a run may cost: it goes on without a model.
    scene.configure(service_microusd_per_day=view.cost_microusd + 1000)
    asked = len(scene.model.requests)
    view = play(scene, start(scene, ada, CARD).id, ada)
    assert (view.state, view.model_calls, len(scene.model.requests)) == ("done", 0, asked)
    assert scene.rows(RESERVED) == []
    [stop] = scene.rows("select limit_microusd - spent_microusd as left from public.spend_stops")
    assert stop["left"] == 1000


def test_a_mistake_of_ours_is_tried_again_and_then_said(
    scene: Scene, gate: list[GateResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> GateResult:
        raise RuntimeError("a bug")

    monkeypatch.setattr(gate_stage, "check", broken)
    ada = scene.connect(ADA)
    scene.configure(openai_api_key=None)
    view = play(scene, start(scene, ada, CARD).id, ada)
    assert (view.state, view.code, view.failed_stage) == ("failed", "unexpected", "gate")
    assert [each.state for each in view.stages].count("failed") == MOST_FAILURES
    assert scene.books()["released"] == 1


def waiting_gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A gate that runs until it is stopped; the event is set when it has begun."""
    begun = threading.Event()

    def check(_request: GateRequest, sandbox: Sandbox, _tools: Any) -> GateResult:
        begun.set()
        sandbox._stopped.wait(60)
        raise SandboxStopped

    monkeypatch.setattr(gate_stage, "check", check)
    return begun


def test_a_cancelled_stage_is_killed_within(
    scene: Scene, gate: list[GateResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = waiting_gate(monkeypatch)
    ada = scene.connect(ADA)
    scene.configure(openai_api_key=None)
    pipeline = start(scene, ada, CARD).id

    def cancel() -> None:
        assert begun.wait(60)
        scene.database.cancel_pipeline(ada, pipeline)

    helper = threading.Thread(target=cancel)
    helper.start()
    view = play(scene, pipeline, ada)
    helper.join()
    assert (view.state, view.stages[-1].state) == ("cancelled", "cancelled")
    assert scene.books()["released"] == 1


def test_a_runner_that_is_stopped_gives_its_stage_back(
    scene: Scene, gate: list[GateResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = waiting_gate(monkeypatch)
    ada = scene.connect(ADA)
    scene.configure(openai_api_key=None)
    pipeline = start(scene, ada, CARD).id
    for stage in ("read", "spec", "generate", "test"):
        play_once(scene, pipeline, stage)

    async def run() -> None:
        worker = WorkerState(scene.services, ModelChain(scene.settings))
        state = BuilderState.of_worker(worker)
        job = asyncio.ensure_future(StageJob(state, pipeline, "gate", 0).run())
        assert await asyncio.to_thread(begun.wait, 60)
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        await worker.close()
        state.close()

    asyncio.run(run())
    [stage] = scene.rows(
        "select state, code, is_excused from public.pipeline_stages where stage = 'gate'"
    )
    assert stage == {"state": "failed", "code": "runner_stopped", "is_excused": True}
    monkeypatch.setattr(gate_stage, "check", lambda *_: PASSED)
    assert play(scene, pipeline, ada).verdict == "passed"

"""One attempt at an analysis: against the real database and a stand-in for the model."""

import asyncio
from typing import Any

import pytest

from service.answering.analysis_job import AnalysisJob
from service.answering.outcomes import RetryAt
from service.answering.worker_state import WorkerState
from service.store.analysis_records import Standing
from tests.exactly_once.analyses import attempt, request, row
from tests.exactly_once.scene import ADA, Scene


def lines(scene: Scene) -> list[dict[str, Any]]:
    return scene.rows(
        "select status, provider, receipt_id is not null as pays, cost_microusd is not null"
        " as is_priced, unknown_calls, prompt_version from public.usage_logs order by id"
    )


def test_a_model_writes_and_a_use_is_taken(scene: Scene) -> None:
    asked = request(scene, scene.connect(ADA))
    attempt(scene, asked.id)
    found = row(scene, asked.id)
    assert (found["state"], found["source"], found["provider"]) == ("done", "model", "openai")
    ids = {each["element_id"] for each in found["result"]["suggestions"]}
    assert not any(":" in each for each in ids), "the ids of the asker are not stored"
    assert len(scene.model.requests) == 1
    [line] = lines(scene)
    assert (line["status"], line["provider"], line["pays"]) == ("answered", "openai", True)
    assert line["prompt_version"].startswith("analysis-")
    attempt(scene, asked.id)
    assert (len(scene.model.requests), len(lines(scene))) == (1, 1)


def test_without_a_model_the_review_is_measured_and_free(scene: Scene) -> None:
    scene.configure(openai_api_key=None)
    asked = request(scene, scene.connect(ADA))
    attempt(scene, asked.id)
    found = row(scene, asked.id)
    assert (found["state"], found["source"], found["is_charged"]) == ("done", "measured", False)
    assert scene.books()["used"] == 0
    assert lines(scene)[0]["provider"] == "measured-review"


def test_a_team_without_models_is_measured_at_once(scene: Scene) -> None:
    ada = scene.connect(ADA)
    scene.rows(
        "with made as (insert into public.teams (name, feature_flags)"
        " values ('T', '{\"model_answers\": false}') returning id)"
        " update public.users set team_id = made.id from made"
    )
    asked = request(scene, ada)
    assert (asked.state, asked.source) == ("done", "measured")


def test_an_older_attempt_that_wakes_up_settles_nothing(scene: Scene) -> None:
    asked = request(scene, scene.connect(ADA))

    async def act(worker: WorkerState) -> None:
        wake = asyncio.Event()

        async def sleep(step: str) -> None:
            if step == "analysis_written":
                await wake.wait()

        older = asyncio.create_task(AnalysisJob(worker, asked.id, on_step=sleep).run())
        while not scene.model.requests:
            await asyncio.sleep(0.02)
        await AnalysisJob(worker, asked.id).run()
        wake.set()
        await older

    scene.play(act)
    assert (len(lines(scene)), scene.books()["used"]) == (1, 1)


def test_what_fails_again_and_again_is_a_dead_letter_and_replayed_on_demand(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.configure(job_attempts=2)
    asked = request(scene, scene.connect(ADA))

    async def broken(*_: Any, **__: Any) -> Any:
        raise ValueError("a bug of ours")

    with monkeypatch.context() as patched:
        patched.setattr("service.answering.analysis_job.write", broken)
        with pytest.raises(RetryAt):
            attempt(scene, asked.id)
        attempt(scene, asked.id)
    found = row(scene, asked.id)
    assert (found["state"], found["reason"]) == ("failed", "unexpected")
    assert (scene.books()["held"], scene.books()["released"]) == (0, 1)
    assert lines(scene)[0]["status"] == "failed"
    scene.rows("select private.replay_analysis(analyses) from public.analyses")
    attempt(scene, asked.id)
    assert row(scene, asked.id)["state"] == "done"
    assert (scene.books()["used"], len(lines(scene))) == (1, 2)


def test_words_that_were_paid_for_are_booked_also_where_settling_fails(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = request(scene, scene.connect(ADA))
    with monkeypatch.context() as patched:
        patched.setattr("service.answering.analysis_job.to_stored", _raise)
        with pytest.raises(RetryAt):
            attempt(scene, asked.id)
    kept = row(scene, asked.id)["kept_usage"]
    assert kept["input_tokens"] > 0
    attempt(scene, asked.id)
    [line] = scene.rows("select input_tokens, unknown_calls from public.usage_logs")
    assert (line["input_tokens"] > kept["input_tokens"], line["unknown_calls"]) == (True, 0)


def _raise(*_: Any, **__: Any) -> Any:
    raise ValueError("a bug of ours")


def test_somebody_who_left_meanwhile_costs_nobody_a_model(scene: Scene) -> None:
    ada = scene.connect(ADA)
    asked = request(scene, ada)
    assert isinstance(asked, Standing)
    scene.database.delete_account(ada, "hash")
    attempt(scene, asked.id)
    assert scene.model.requests == []
    assert row(scene, asked.id)["reason"] == "account_deleted"

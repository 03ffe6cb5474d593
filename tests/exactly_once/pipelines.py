"""Pipelines in tests: started by somebody, worked on in this process, and what came of them."""

import asyncio
from typing import Any

from service.answering.worker_state import WorkerState
from service.building.builder_state import BuilderState
from service.building.stage_job import StageJob, StageObserver, ignore
from service.llm import ModelChain
from service.store.pipeline_records import ENDED, PipelineView
from tests.exactly_once.scene import CHECKOUT, Scene

CARD = "1:2"
CLOSED = """
    select not exists (
            select from public.pipelines where state not in ('done', 'failed', 'cancelled')
        )
        and not exists (select from queue.procrastinate_jobs where task_name = 'run_stage')
"""


def start(scene: Scene, user_id: str, node_id: str, *, key: str | None = None, **more: Any) -> Any:
    fields: dict[str, Any] = {
        "request_id": "request",
        "trace_parent": "",
        "at_once": 3,
        "ceiling_microusd": 400_000,
        "unbilled_microusd": None,
        **more,
    }
    options = fields.pop("options", {})
    file_key = fields.pop("file_key", CHECKOUT)
    return scene.database.start_pipeline(
        user_id, "api", file_key, node_id, "", options, idempotency_key=key, **fields
    )


def play(
    scene: Scene, pipeline_id: str, user_id: str, *, on_step: StageObserver = ignore, most: int = 30
) -> PipelineView:
    """Work on a pipeline in this process, stage by stage, until it has ended."""

    async def run() -> PipelineView:
        worker = WorkerState(scene.services, ModelChain(scene.settings))
        state = BuilderState.of_worker(worker)
        try:
            for _ in range(most):
                view = scene.database.show_pipeline(user_id, pipeline_id)
                assert view is not None
                if view.state in ENDED:
                    return view
                await StageJob(state, pipeline_id, view.state, view.round, on_step=on_step).run()
            raise AssertionError(f"it stays in {view.state}")
        finally:
            await worker.close()
            state.close()
            # Before the scene closes what they call.
            state.threads.shutdown()

    return asyncio.run(run())

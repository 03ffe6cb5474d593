"""Real workers and builders for pipelines, and those that kill themselves. Their gate is a
stand-in: what is tried here is who does what, and how often."""

import asyncio
import os
import signal
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from service.builder import Builder, builder_settings
from service.builder import run_until_signalled as build
from service.building import gate_stage, repair_stage
from service.building.builder_state import BuilderState
from service.building.stage_job import StageJob, StageObserver
from service.config import load_settings
from service.observing.logs import configure_logs
from service.pipelines.editing import Edited, repair
from service.pipelines.gate import Failure, GateRequest, GateResult, QualityRow
from service.store.pipeline_records import StageTask
from service.worker import BuddyWorker
from service.worker import run_until_signalled as work
from tests.exactly_once.processes import Forked, forked

PASSED = GateResult(True, quality=QualityRow(text_share=1.0), renders={360: b"png"})
_FAILED = GateResult(
    False, (Failure("overflow", "It scrolls at 360 px."),), QualityRow(geometry_share=0.5)
)
# What a repair of this process writes.
_MENDED = "export type Mended = true;\n"


def stand_in_gate(*, needs_repair: bool) -> None:
    """The gate of this process lets everything pass, or only what was repaired."""

    async def lacks_nothing(_state: BuilderState) -> str:
        return ""

    BuilderState.lack = lacks_nothing  # type: ignore[method-assign]

    def check(request: GateRequest, *_: Any) -> GateResult:
        is_mended = request.files.get("types.ts") == _MENDED
        return PASSED if is_mended or not needs_repair else _FAILED

    async def mend(chain: Any, spec: Any, files: Any, *more: Any, **named: Any) -> Edited:
        asked = await repair(chain, spec, files, *more, **named)
        return replace(asked, files={**files, "types.ts": _MENDED}, reason="edited")

    gate_stage.check = check  # type: ignore[attr-defined]
    repair_stage.repair = mend  # type: ignore[attr-defined]


def runner(
    scene: Any, kind: str, step: str = "", only: str = "", *, needs_repair: bool = False
) -> AbstractContextManager[Forked]:
    """A worker or builder that takes one stage at a time and is killed at ``step``. Without a step
    it takes several, and begins none but those of the stage ``only``."""
    many = 1 if step else 8
    return forked(
        scene, run, kind, step, only, needs_repair,
        pipelines_concurrency=many, builder_concurrency=many,
    )  # fmt: skip


def hold_all_but(only: str) -> None:
    begin = StageJob._begin

    async def begin_or_wait(job: StageJob) -> StageTask | None:
        if job.stage != only:
            await asyncio.Event().wait()
        return await begin(job)

    StageJob._begin = begin_or_wait  # type: ignore[method-assign]


async def run(kind: str, step: str, only: str, needs_repair: bool) -> None:
    def stop(_stage: str, reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    stand_in_gate(needs_repair=needs_repair)
    if only:
        hold_all_but(only)
    observer: StageObserver = stop
    if kind == "builder":
        settings = builder_settings(None)
        configure_logs(settings)
        await build(Builder(settings, on_step=observer))
    else:
        settings = load_settings(None)
        configure_logs(settings)
        await work(BuddyWorker(settings, on_stage=observer))

"""Analyses asked for as web does, and one step at a time as a worker does."""

from typing import Any
from uuid import uuid4

from service.analysis.canonical import prepare
from service.analysis.request import AnalysisRequest
from service.answering.analysis_job import AnalysisJob
from service.answering.worker_state import WorkerState
from service.store.analysis_records import Standing
from service.web.analysis_answers import OwnIds
from tests.exactly_once.scene import Scene

Json = dict[str, Any]
WORKER = "insert into queue.procrastinate_workers default values"


def grey_text(identity: str) -> Json:
    """A text that is too pale on white."""
    fill = {"type": "SOLID", "color": {"r": 0.7, "g": 0.7, "b": 0.7, "a": 1}}
    return {
        "id": identity, "name": "Pay", "type": "TEXT", "characters": "Pay now", "fills": [fill],
        "absoluteBoundingBox": {"x": 10, "y": 10, "width": 80, "height": 20},
        "style": {"fontSize": 14, "fontWeight": 400, "fontFamily": "Inter"},
    }  # fmt: skip


def selection(prefix: str = "1", question: str = "") -> Json:
    """The body of a request: a white card with a grey text, whose ids begin with the prefix."""
    white = {"type": "SOLID", "color": {"r": 1, "g": 1, "b": 1, "a": 1}}
    card = {
        "id": f"{prefix}:1", "name": "Card", "type": "FRAME", "fills": [white],
        "absoluteBoundingBox": {"x": 0, "y": 0, "width": 100, "height": 40},
        "children": [grey_text(f"{prefix}:2")],
    }  # fmt: skip
    return {"type": "design-analysis", "question": question, "data": {"elements": [card]}}


def request(
    scene: Scene, user_id: str, prefix: str = "1", question: str = "", trace_parent: str = ""
) -> Standing:
    """Ask for an analysis, with a worker that seems to live."""
    scene.rows(WORKER)
    prepared = prepare(AnalysisRequest.model_validate(selection(prefix, question)))
    item = {
        "id": str(uuid4()),
        "type": prepared.request.type,
        "key": prepared.cache_key,
        "request": prepared.request.model_dump(mode="json"),
        "refs": OwnIds.of(prepared).to_json(),
        "request_id": f"r-{prefix}",
        "trace_parent": trace_parent,
    }
    found = scene.services.analyses.request_analysis(
        user_id, item, limit=1_000, window_seconds=900, unbilled_microusd=1_000_000
    )
    assert isinstance(found, Standing)
    return found


def attempt(scene: Scene, analysis_id: str, on_step: Any = None) -> None:
    """One attempt in an event loop of its own; raises RetryAt when it has to run again."""
    options = {"on_step": on_step} if on_step else {}

    async def once(worker: WorkerState) -> None:
        await AnalysisJob(worker, analysis_id, **options).run()

    scene.play(once)


def row(scene: Scene, analysis_id: str) -> Json:
    return scene.rows("select * from public.analyses where id = %s", analysis_id)[0]

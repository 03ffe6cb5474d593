"""Pipelines as their workers and builders move them, for tests of what is counted and shown."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

CALL = {
    "provider": "openai", "model": "gpt-5-mini", "cost_microusd": 40_000, "cost_state": "priced",
    "input_tokens": 8000, "output_tokens": 5000, "model_latency_ms": 9000,
}  # fmt: skip
QUALITY = {
    "metric_version": 1, "is_passed": True, "is_chosen": True, "geometry_share": 0.97,
    "text_share": 1.0, "apr": 0.01, "avu": 0.0, "str": 0.4, "single_use_tokens": 0.05, "mae": 0.02,
    "behaviour_mutants": 10, "behaviour_killed": 9, "style_mutants": 20, "style_killed": 17,
    "overflow_widths": [],
}  # fmt: skip
STAGES = ("read", "spec", "generate", "test", "gate", "package")


class Builder:
    """Calls SQL functions as the service: `call(name, *values)`. Lists and objects are JSON."""

    def __init__(self, call: Callable[..., Any], wrap: Callable[[Any], Any] = lambda value: value):
        self._call, self._wrap = call, wrap

    def start(self, user: str, source: str = "page", **named: Any) -> str:
        asked = (user, source, "FILE", "1:2", named.get("component", "Card"), self._wrap({}))
        started = self._call("start_pipeline", *asked, "request-1", TRACE)
        assert started["code"] == "", started
        return str(started["id"])

    def begin(self, pipeline: str, stage: str, round_: int = 0) -> int:
        task = self._call("begin_stage", pipeline, stage, round_, 60.0, "a-runner")
        assert task is not None, (stage, round_)
        return int(task["attempt"])

    def end(self, pipeline: str, stage: str, next_: str, round_: int = 0, **more: Any) -> None:
        attempt = self.begin(pipeline, stage, round_)
        if more.pop("with_call", False):
            self.book(pipeline, stage, round_, attempt)
        result = {"next": next_, "artifacts": [], **more}
        self._call("end_stage", pipeline, stage, round_, attempt, self._wrap(result))

    def book(self, pipeline: str, stage: str, round_: int, attempt: int, **usage: Any) -> None:
        key = (pipeline, stage, round_, attempt)
        self._call("reserve_stage_call", *key, 100_000)
        booked = self._wrap({**CALL, **usage})
        self._call("book_stage_call", *key, 1, "answered", booked, True)

    def fail(self, pipeline: str, stage: str, code: str) -> None:
        attempt = self.begin(pipeline, stage)
        self._call("fail_stage", pipeline, stage, 0, attempt, code, self._wrap({}))

    def build(self, user: str, *, with_call: bool = True, **quality: Any) -> str:
        """A whole run; `quality` changes its quality row."""
        pipeline = self.start(user)
        self.finish(pipeline, with_call=with_call, **quality)
        return pipeline

    def finish(
        self, pipeline: str, first: str = "read", *, with_call: bool = False, **quality: Any
    ) -> None:
        stages = STAGES[STAGES.index(first) :]
        for stage, next_ in zip(stages, (*stages[1:], "done"), strict=True):
            more: dict[str, Any] = {"with_call": with_call and stage == "generate"}
            if stage == "gate":
                more |= {"quality": QUALITY | quality, "facts": {"is_by_model": with_call}}
            self.end(pipeline, stage, next_, **more)

    def unproven(self, user: str) -> str:
        """A run where generated code may not run: no quality row."""
        pipeline = self.start(user)
        for stage, next_ in zip(STAGES, (*STAGES[1:], "done"), strict=True):
            self.end(pipeline, stage, next_)
        return pipeline


TRACE = f"00-{uuid4().hex}-{uuid4().hex[:16]}-01"

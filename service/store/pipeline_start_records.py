"""What SQL tells before a pipeline is started, and to the answer that waits for one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.store.people_records import Usage
from service.store.pipeline_records import PipelineState
from service.store.record import Record


@dataclass(frozen=True, slots=True)
class Forecast(Record):
    """What is known before somebody starts a pipeline in a file.

    ``limited``: the parameters of ``figma_limited`` while there is a ``limited_until``.
    ``known_layers``: those of the file that the team's pipelines have read and keep.
    ``refusal``: the ``code`` and ``params`` of why it would be refused now. ``limit_type`` and
    ``plan_tier``: what Figma said of this person's seat with its last refusal, or empty.
    ``design_reads``: by this person's pipelines of the file in 28 days, at most 100.
    """

    usage: Usage
    refusal: Mapping[str, Any] | None
    is_connected: bool
    running: int
    queued: int
    limit_type: str
    plan_tier: str
    limited_until: datetime | None
    design_reads: int
    limited: Mapping[str, Any]
    known_layers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AwaitedPipeline(Record):
    """The pipeline that an answer has started, or None of both."""

    pipeline_id: str | None
    state: PipelineState | None

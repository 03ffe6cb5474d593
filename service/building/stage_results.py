"""What a stage makes, and how it fails."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.store.pipeline_records import Kind

JSON, PNG, ZIP, HTML = "application/json", "image/png", "application/zip", "text/html"
ENDINGS = {JSON: "json", PNG: "png", ZIP: "zip", HTML: "html"}


@dataclass(frozen=True)
class Made:
    """A file to keep. ``name`` tells several of a kind apart. ``round``: None for the stage's."""

    kind: Kind
    content: bytes = field(repr=False)
    media_type: str = JSON
    name: str = ""
    round: int | None = None


@dataclass(frozen=True)
class StageResult:
    """``next``: the stage that follows, or done. ``facts`` are kept with the pipeline,
    ``stage_facts`` with the attempt. ``quality``: a row of ``pipeline_quality``."""

    next: str
    made: tuple[Made, ...] = ()
    quality: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    stage_facts: Mapping[str, Any] = field(default_factory=dict)


class StageFailed(Exception):
    """The stage cannot end. ``code`` and ``params`` become a sentence for people.

    ``retry_at``: when it is worth another try, None for never. ``is_excused``: others were at
    fault, and it does not count as a failure.
    """

    def __init__(
        self,
        code: str,
        params: Mapping[str, Any] | None = None,
        *,
        retry_at: datetime | None = None,
        is_excused: bool = False,
    ):
        super().__init__(code)
        self.code = code
        self.params = dict(params or {})
        self.retry_at = retry_at
        self.is_excused = is_excused

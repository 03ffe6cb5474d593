"""The JSON of analyses as pydantic models. Requests are described here, and read by
``service.analysis.request``: nodes have far more fields than a description should list."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from service.web.design_bodies import MAX_BATCH
from service.web.routes.shapes import ErrorAnswer, Id, Strict, text

Type = Literal["design-analysis", "color-suggestion", "layout-optimization"]
FileKey = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,128}$")]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Reason, Name, Rule = text(500), text(200), text(60)
_NODES = "Nodes as `exportAsync({format: 'JSON_REST_V1'})` gives them."


class DesignIn(BaseModel):
    elements: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=50,
        description=f"The selected layers. {_NODES} Three more fields are read: `detachedInfo`, "
        "`inferredVariables`, and `writable` (false: locked, in an instance, or without fonts). "
        "At most 2,000 layers in all, 60 levels deep.",
    )
    ancestors: list[dict[str, Any]] = Field(
        default=[],
        max_length=60,
        description="The layers around all of them, the page first, without children.",
    )
    palette: list[dict[str, Any]] = Field(
        default=[],
        max_length=500,
        description="Colours of the file: `{id, name, color: '#1e1e1e', kind: 'variable' or "
        "'style'}`.",
    )
    ignored: list[Fingerprint] = Field(default=[], max_length=500)


class WishesIn(BaseModel):
    instructions: str = Field(default="", max_length=4_000)
    platform: Literal["web", "ios", "android"] = "web"


class AnalysisIn(BaseModel):
    """What to analyse. Unknown fields are dropped. The body may have 1 MB."""

    type: Type
    data: DesignIn
    question: str = Field(default="", max_length=2_000)
    context: WishesIn = Field(default=WishesIn(), description="For this request only.")


class AnalysisBatchIn(BaseModel):
    """Several at once, in 4 MB."""

    items: list[AnalysisIn] = Field(min_length=1, max_length=MAX_BATCH)


class FieldProblem(BaseModel):
    path: str = Field(examples=["data.elements[3].fills[0].color"])
    message: str


class InvalidAnswer(ErrorAnswer):
    fields: list[FieldProblem] = Field(default=[], description="What is wrong, up to 20 places.")


class FactOut(BaseModel):
    value: str
    threshold: str
    source: str
    source_url: str
    detail: str


class ChangeOut(BaseModel):
    element_id: str
    property: str
    old: Any
    new: Any
    token: dict[str, Any] | None


class PatchOut(BaseModel):
    changes: list[ChangeOut]
    measured: dict[str, Any] = Field(description="The fact, measured with these changes.")


class Finding(BaseModel):
    ref: int = Field(description="Its number in this answer.")
    element_id: str
    element_name: str
    element_ids: list[str]
    count: int
    rule: str
    kind: str
    severity: Literal["problem", "hint", "info"]
    sure: Literal["A", "B", "C"]
    fact: FactOut
    words: str
    fingerprint: str | None


class Suggestion(Finding):
    patch: PatchOut | None = Field(
        description="What would remove the finding and add none, as measured; null: nothing that "
        "rules can tell."
    )


class FileOut(BaseModel):
    grid: float | None
    palette: list[str]
    type_sizes: list[float]


class UseOut(BaseModel):
    charged: bool
    left: int | None = Field(description="Null: the plan has no limit.")
    limit: int | None
    plan: str


class AnalysisMeasured(BaseModel):
    """Facts with fixed words. Free."""

    state: Literal["done"]
    type: Type
    source: Literal["measured"]
    model: None
    cached: Literal[False]
    summary: str
    suggestions: list[Suggestion]
    not_measurable: list[Finding]
    notes: list[str]
    file: FileOut
    use: UseOut


class AnalysisDone(BaseModel):
    id: str
    state: Literal["done"]
    type: Type
    source: Literal["model", "measured"] = Field(
        description="Who wrote the words. Without a model they are fixed, and free."
    )
    model: str | None
    cached: bool = Field(description="An equal request was answered so before. Free.")
    summary: str
    suggestions: list[Suggestion]
    not_measurable: list[Finding]
    notes: list[str]
    file: FileOut
    use: UseOut


class AnalysisWaiting(BaseModel):
    id: str
    state: Literal["queued", "running"]


class BatchBegun(BaseModel):
    id: str


class Counts(BaseModel):
    total: int
    done: int
    failed: int
    cancelled: int


class BatchItem(BaseModel):
    index: int
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    result: AnalysisDone | None = None
    error: dict[str, str] | None = Field(default=None, description="As in other refusals.")


class BatchOut(BaseModel):
    id: str
    state: Literal["queued", "running", "done", "cancelled"]
    counts: Counts
    items: list[BatchItem]


class OutcomeIn(Strict):
    ref: int = Field(ge=1, le=10_000)
    outcome: Literal["applied", "undone", "ignored"]
    reason: Reason = ""  # type: ignore[valid-type]


class OutcomesIn(Strict):
    outcomes: list[OutcomeIn] = Field(min_length=1, max_length=200)


class AnalysisPath(BaseModel):
    id: Id


class IgnoresQuery(BaseModel):
    file_key: FileKey


class IgnoredIn(Strict):
    fingerprint: Fingerprint
    rule: Rule = ""  # type: ignore[valid-type]
    reason: Reason = ""  # type: ignore[valid-type]
    element_name: Name = ""  # type: ignore[valid-type]


class IgnoresIn(Strict):
    file_key: FileKey
    items: list[IgnoredIn] = Field(max_length=500)


class IgnoredOut(BaseModel):
    fingerprint: str
    rule: str
    reason: str
    element_name: str
    ignored_at: datetime


class IgnoresOut(BaseModel):
    file_key: str
    items: list[IgnoredOut]

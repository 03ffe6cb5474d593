"""The JSON of pipelines as pydantic models."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from service.pipelines.spec import BadOverride, read_layer, read_tag
from service.pipelines.spec.overruling import MOST_OVERRIDES, OVERRULING
from service.web.routes.shapes import Id, Strict

Framework = Literal["react"]
Kind = Literal["picture", "render", "zip", "report", "spec", "candidate", "tests", "gate"]


def _read_by(read: Callable[[object], str]) -> BeforeValidator:
    """Refuses with the sentence of a ``BadOverride``."""

    def check(given: object) -> str:
        try:
            return read(given)
        except BadOverride as error:
            raise PydanticCustomError("bad_override", "{told}", {"told": str(error)}) from None

    return BeforeValidator(check)


LayerId = Annotated[str, _read_by(read_layer)]
Tag = Annotated[str, _read_by(read_tag), Field(json_schema_extra={"enum": sorted(OVERRULING)})]
_LINK = (
    "A link to one frame or component: in Figma select it, then Copy link to selection. Links of "
    "the browser, of the desktop app, of embeds, prototypes and branches are read alike."
)


class OptionsIn(Strict):
    framework: Framework = Field(default="react", description="React with Tailwind 4.")
    tests: bool = Field(default=True, description="Whether the tests are part of the result.")
    push: bool = Field(
        default=False,
        description="Open a pull request; a target must be set. Not by a plugin's token.",
    )
    overrides: dict[LayerId, Tag] = Field(
        default={},
        max_length=MOST_OVERRIDES,
        description="What elements are, by the id of their layer: `{'1:23': 'button'}`. Overrules "
        "what the plan guessed.",
    )


class PipelineIn(Strict):
    """What to build."""

    figma_url: str = Field(min_length=1, max_length=2048, description=_LINK)
    component: str = Field(
        default="",
        max_length=60,
        pattern=r"^[^\x00]*$",
        description="Its name, as code can bear it: `PayCard`. Of plain words one is made, which "
        "`name_note` then says. Left out: that of the layer.",
    )
    options: OptionsIn = OptionsIn()


class PreflightQuery(BaseModel):
    figma_url: str = Field(min_length=1, max_length=2048, description=_LINK)


class PipelinePath(BaseModel):
    id: Id


class ArtifactPath(BaseModel):
    id: Id
    kind: Kind


class ArtifactQuery(BaseModel):
    round: int | None = Field(default=None, ge=0, le=2, description="Left out: the chosen one.")
    width: int | None = Field(default=None, ge=1, le=4096, description="Of a render, in px.")


class PipelinesQuery(BaseModel):
    limit: int = Field(default=20, ge=1, le=100)
    cursor: str | None = Field(
        default=None, max_length=200, description="`next_cursor` of the page before."
    )


class PipelineBegun(BaseModel):
    id: str
    state: str
    is_new: bool = Field(description="False: the same Idempotency-Key had begun it before.")


class StageOut(BaseModel):
    stage: str
    round: int = Field(description="0: the first candidate; 1 and 2: after repairs.")
    attempt: int
    state: str
    began_at: datetime | None
    ended_at: datetime | None
    seconds: float | None
    code: str | None = Field(description="Why it failed, for programs.")
    message: str | None = Field(
        description="Why this attempt failed, for people. What becomes of the run: `failure`."
    )
    model: str | None = Field(description="What came of asking a model there, for people.")


class FigureOut(BaseModel):
    label: str
    value: str
    meaning: str
    wanted: str = Field(description="When it is good; empty: for comparison only.")
    verdict: Literal["good", "bad", "info", "not_measured"]


class FailureOut(BaseModel):
    code: str
    happened: str
    why: str
    next: str


class ArtifactOut(BaseModel):
    kind: str
    round: int
    width: int | None = Field(description="Of a render, in px.")
    bytes: int
    media_type: str
    sha256: str
    href: str


class CostOut(BaseModel):
    uses: int = Field(description="Uses taken of the plan: 1 for a component that passed.")
    model_microusd: int | None = Field(
        description="What models cost, in millionths of a dollar; null: not all is known."
    )
    model_calls: int
    ceiling_microusd: int | None = Field(description="What models may cost at most.")


class PipelineShort(BaseModel):
    id: str
    state: str
    verdict: Literal["passed", "not_passed", "not_tested"] | None = Field(
        description="Of one that is done: whether its component has passed the checks."
    )
    source: str
    file_key: str
    node_id: str
    component: str
    created_at: datetime
    ended_at: datetime | None
    code: str | None
    href: str
    page: str


class PipelineOut(PipelineShort):
    options: dict[str, Any]
    seconds: float | None = Field(description="From its start to its end, or to now.")
    stages: list[StageOut]
    quality: dict[str, Any] | None = Field(description="The chosen row; see `figures`.")
    figures: list[FigureOut]
    cost: CostOut
    failure: FailureOut | None
    name_note: str | None = Field(
        description="What became of the name that was asked for, where it is called otherwise."
    )
    next: str = Field(description="What a person does now, in one sentence.")
    artifacts: list[ArtifactOut]
    pull_request: str | None
    push_failure: FailureOut | None = Field(
        description="Why the component of a finished run could not be pushed."
    )


class PipelineList(BaseModel):
    pipelines: list[PipelineShort]
    next_cursor: str | None


class FigmaQuotaOut(BaseModel):
    calls: int = Field(
        description="Of Figma's costliest kind, at most; a file version read before: 0."
    )
    seat: Literal["low", "high", "unknown"] = Field(
        description="low: 6 calls a month (View, Collab). high: many a minute (Dev, Full)."
    )
    read_in_28_days: int = Field(description="Designs of this file that were read for anybody.")
    limited_until: datetime | None
    message: str


class PreflightOut(BaseModel):
    file_key: str
    node_id: str
    uses: int
    left: int | None = Field(description="Null: the plan has no limit.")
    plan: str
    running: int
    queued: int
    has_target: bool = Field(description="Whether a GitHub repository is set.")
    figma: FigmaQuotaOut
    can_start: bool
    failure: FailureOut | None
    message: str

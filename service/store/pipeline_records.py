"""The records that SQL returns about pipelines: how one stands, a runner's task, files, money."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from service.store.people_records import Flags
from service.store.record import Record

Source = Literal["page", "api", "comment"]
Stage = Literal["read", "spec", "generate", "test", "gate", "repair", "package", "push"]
# Where a pipeline stands: it waits, is in a stage, or has ended.
PipelineState = Literal[
    "queued", "read", "spec", "generate", "test", "gate", "repair", "package", "push", "done",
    "failed", "cancelled",
]  # fmt: skip
# What the gate said of what the customer gets. Only ``passed`` takes a use.
Verdict = Literal["passed", "not_passed", "not_tested"]
Kind = Literal[
    "design", "image", "picture", "spec", "candidate", "tests", "gate", "render", "zip", "report"
]
ENDED = frozenset({"done", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class PipelineStart(Record):
    """A pipeline was started, was there before, or was refused (``code``; there is no id then)."""

    id: str | None
    state: str
    is_new: bool
    code: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Artifact(Record):
    """A file of a pipeline. ``name`` tells several of a kind apart: the width of a render."""

    kind: Kind
    round: int
    name: str
    bytes: int
    sha256: str
    media_type: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredArtifact(Artifact):
    """The same with its place in the bucket, for runners alone."""

    path: str


@dataclass(frozen=True, slots=True)
class FoundArtifact(Record):
    """Where a file is that somebody may have, and what it is called after."""

    path: str
    bytes: int
    sha256: str
    media_type: str
    round: int
    created_at: datetime
    component: str


@dataclass(frozen=True, slots=True)
class StageTask(Record):
    """All that an attempt at a stage needs to know.

    ``failures`` and ``lost`` count the attempts at it before this one in this run: those that
    failed, and those whose runner went silent. ``left_microusd`` is what models may still cost,
    ``model`` the one that is set for the team (empty: the chain's).
    """

    id: str
    user_id: str
    team_id: str | None
    owner_id: str
    source: Source
    file_key: str
    node_id: str
    component: str
    options: Mapping[str, Any]
    run: int
    stage: Stage
    round: int
    attempt: int
    failures: int
    lost: int
    artifacts: tuple[StoredArtifact, ...]
    chosen_round: int | None
    facts: Mapping[str, Any]
    cost_microusd: int
    unknown_calls: int
    model_calls: int
    input_tokens: int
    output_tokens: int
    ceiling_microusd: int
    left_microusd: int
    model: str
    flags: Flags
    created_at: datetime
    queued_at: datetime
    started_at: datetime
    moved_at: datetime
    request_id: str
    trace_parent: str

    def artifact(
        self, kind: Kind, name: str = "", round: int | None = None
    ) -> StoredArtifact | None:
        """The file of this kind: of ``round``, else the newest of any."""
        found = [
            each
            for each in self.artifacts
            if each.kind == kind and each.name == name and round in (None, each.round)
        ]
        return max(found, key=lambda each: (each.round, each.created_at), default=None)


@dataclass(frozen=True, slots=True)
class StageBeat(Record):
    """Whether an attempt still counts, and if not, whether its pipeline was cancelled."""

    is_mine: bool
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class StageEnd(Record):
    """Where the pipeline is after an attempt ended."""

    state: PipelineState
    round: int


@dataclass(frozen=True, slots=True)
class Reserved(Record):
    """Model money for the next call, in micro-dollars."""

    granted_microusd: int
    left_microusd: int
    is_mine: bool


@dataclass(frozen=True, slots=True)
class BookedCall(Record):
    """``is_booked`` is False where the call was booked before."""

    is_booked: bool
    left_microusd: int


@dataclass(frozen=True, slots=True)
class RecoveredStages(Record):
    stages: int
    promoted: int


@dataclass(frozen=True, slots=True)
class Quality(Record):
    """What the gate measured of one candidate; None: not measured. The columns of
    ``pipeline_quality`` say what each figure is."""

    round: int
    at: datetime
    metric_version: int
    is_passed: bool
    is_chosen: bool
    seed: int | None
    geometry_share: float | None
    text_share: float | None
    colour_delta_e_p95: float | None
    mae: float | None
    ssim: float | None
    rur: float | None
    apr: float | None
    str: float | None
    avu: float | None
    single_use_tokens: float | None
    behaviour_mutants: int | None
    behaviour_killed: int | None
    style_mutants: int | None
    style_killed: int | None
    axe_violations: int | None
    console_errors: int | None
    overflow_widths: tuple[int, ...] | None
    type_errors: int | None
    failed_tests: int | None
    model_calls: int
    input_tokens: int
    output_tokens: int
    cost_microusd: int
    seconds: float


@dataclass(frozen=True, slots=True)
class PipelineSummary(Record):
    """A pipeline in a list. ``before``: how many wait before it. ``quality``: of the candidate that
    the customer gets."""

    id: str
    user_id: str
    team_id: str | None
    source: Source
    file_key: str
    node_id: str
    component: str
    options: Mapping[str, Any]
    state: PipelineState
    round: int
    run: int
    verdict: Verdict | None
    code: str
    params: Mapping[str, Any]
    facts: Mapping[str, Any]
    failed_stage: Stage | None
    before: int | None
    is_charged: bool
    ceiling_microusd: int
    cost_microusd: int
    unknown_calls: int
    model_calls: int
    input_tokens: int
    output_tokens: int
    request_id: str
    created_at: datetime
    started_at: datetime | None
    moved_at: datetime
    ended_at: datetime | None
    files_until: datetime | None
    quality: Quality | None


@dataclass(frozen=True, slots=True)
class StageAttempt(Record):
    stage: Stage
    round: int
    attempt: int
    run: int
    state: Literal["running", "done", "failed", "lost", "cancelled"]
    began_at: datetime
    ended_at: datetime | None
    retry_at: datetime | None
    code: str
    params: Mapping[str, Any]
    facts: Mapping[str, Any]
    cost_microusd: int


@dataclass(frozen=True, slots=True)
class ModelCall(Record):
    """One model call. ``cost_microusd`` is None where nobody knows it."""

    stage: Stage
    round: int
    attempt: int
    number: int
    at: datetime
    outcome: str
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    cost_microusd: int | None
    latency_ms: int


@dataclass(frozen=True, slots=True)
class PipelineView(PipelineSummary):
    """A pipeline opened whole."""

    stages: tuple[StageAttempt, ...]
    qualities: tuple[Quality, ...]
    artifacts: tuple[Artifact, ...]
    calls: tuple[ModelCall, ...]


@dataclass(frozen=True, slots=True)
class OrphanPage(Record):
    """One page of the bucket: files that belong to no pipeline, and where the next page begins."""

    paths: tuple[str, ...]
    next: str | None

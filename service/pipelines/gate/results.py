"""What the gate is asked and what it answers: frozen records that go to JSON and come back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from pydantic import TypeAdapter

from service.pipelines.gate.quality import QualityRow
from service.pipelines.spec import Spec

# What is worth knowing, and mending, but stops nothing: of these the quality row has the figures.
# "contrast" is the design's own.
ADVICE = frozenset({"geometry", "text", "colour", "style", "contrast"})


@dataclass(frozen=True)
class Floor:
    """The draft that a candidate was made from, which the candidate may not be worse than."""

    spec: Spec
    files: Mapping[str, str]


@dataclass(frozen=True)
class GateRequest:
    """A candidate, its tests, and the design to compare it with.

    ``files`` and ``tests`` are texts by path. ``picture``: a PNG of the design's root, in any
    scale. The same ``seed`` samples the same mutants. ``floor`` is looked at in the same browser.
    """

    spec: Spec
    files: Mapping[str, str]
    tests: Mapping[str, str]
    picture: bytes | None = None
    seed: int = 1
    floor: Floor | None = None


@dataclass(frozen=True)
class Failure:
    """Something that is not as it should be.

    ``kind``: "files", "code" (not on the allow-list), "weak_tests" (empty, tautological …),
    "types", "tests", "behaviour_mutants" and "style_mutants" (too few killed), "console",
    "overflow", "axe", "limits" (time, memory or output), "words" (lost ones), or one of
    ``ADVICE``. ``node_id``: the layer, "" if it is none in particular. ``is_value``,
    ``should_value``: what was found and what the spec demands.
    """

    kind: str
    message: str
    node_id: str = ""
    is_value: str = ""
    should_value: str = ""

    @property
    def is_advice(self) -> bool:
        """Whether a candidate passes in spite of it."""
        return self.kind in ADVICE


@dataclass(frozen=True)
class Mutant:
    """A change of the candidate that its tests should notice.

    ``kind``: "behaviour" or "style". ``change`` says in words what was done, ``line`` where.
    """

    kind: str
    operator: str
    path: str
    line: int
    node_id: str
    change: str


@dataclass(frozen=True)
class GateResult:
    """``renders``: PNGs by width in px; they are not part of the JSON. ``survivors``: mutants that
    nothing noticed. Times are per step, wall clock and CPU of all processes. ``floor``: what one
    look at the request's floor tells, None where there was none or the candidate did not come so
    far."""

    is_passed: bool
    failures: tuple[Failure, ...] = ()
    quality: QualityRow = field(default_factory=QualityRow)
    survivors: tuple[Mutant, ...] = ()
    renders: Mapping[int, bytes] = field(default_factory=dict)
    seconds_by_step: Mapping[str, float] = field(default_factory=dict)
    cpu_ms_by_step: Mapping[str, int] = field(default_factory=dict)
    seed: int = 1
    floor: QualityRow | None = None

    def to_json(self) -> str:
        """Everything but the pictures."""
        return _adapter().dump_json(replace(self, renders={})).decode()

    @staticmethod
    def from_json(text: str) -> "GateResult":
        """Raises ValueError for a text that is no result."""
        return _adapter().validate_json(text)


@cache
def _adapter() -> TypeAdapter[GateResult]:
    return TypeAdapter(GateResult)

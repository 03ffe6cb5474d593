"""Facts measured in a design: plain values, each with its node and the rule that judges it."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from service.review.scale import Scale

Verdict = Literal["ok", "problem", "info"]
Kind = Literal[
    "contrast",
    "non_text_contrast",
    "target_size",
    "type_size",
    "spacing",
    "layout",
    "colour",
    "tokens",
    "layers",
    "states",
]
Sure = Literal["A", "B", "C"]

NOT_MEASURABLE = "not measurable"
_SEVERITY = {"problem": 0, "info": 1, "ok": 2}
KINDS: frozenset[Kind] = frozenset(get_args(Kind))
_KINDS = get_args(Kind)
_NAME_LENGTH = 60


@dataclass(frozen=True)
class Source:
    """The rule that judges a fact, and where it is published."""

    name: str
    url: str


@dataclass(frozen=True)
class Fact:
    """One measured value.

    ``value`` and ``expected`` are printable ("2.84:1", "at least 4.5:1"). ``numbers`` has the same
    measurement for programs, in the unit of the kind (a ratio, or CSS pixels). ``weight`` orders
    the facts of one verdict: larger is worse.

    ``rule`` is the id of the rule, ``sure`` how sure it can be. One finding may stand for several
    layers: ``node_ids`` has all of them, ``count`` how many. ``cause`` is what they share: a
    component, a layer in a component, a token, or the layer itself; "" for facts about the whole.
    ``fingerprint`` names the finding as long as it stays the same.
    """

    node_id: str
    node_name: str
    kind: Kind
    value: str
    expected: str
    verdict: Verdict
    source: str
    source_url: str
    detail: str
    numbers: tuple[float, ...] = ()
    weight: float = 0
    rule: str = ""
    sure: Sure = "A"
    node_ids: tuple[str, ...] = ()
    count: int = 1
    cause: str = ""
    fingerprint: str = ""

    @property
    def is_measurable(self) -> bool:
        return self.value != NOT_MEASURABLE

    @property
    def where(self) -> str:
        """The layer with its id, and how many more are like it."""
        more = f" and {self.count - 1} more like it" if self.count > 1 else ""
        return f"{self.node_name} ({self.node_id}){more}"

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Fact":
        """The fact that ``to_json`` told, also by a version that knew fewer fields. Without its
        ``weight``. Raises TypeError and KeyError if it is none."""
        known = {each.name for each in fields(cls)}
        values = {name: value for name, value in told.items() if name in known}
        for name in ("numbers", "node_ids"):
            values[name] = tuple(values.get(name, ()))
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """The fact as JSON types; ``weight`` is only for sorting and is left out."""
        values = {**vars(self), "numbers": list(self.numbers), "node_ids": list(self.node_ids)}
        del values["weight"]
        return values

    def as_line(self) -> str:
        """One line for a prompt or a reply, without the rule's address."""
        return (
            f"[{self.verdict}] {self.kind}: {self.where}: {self.value}, "
            f"expected {self.expected} ({self.source}). {self.detail}"
        )


@dataclass(frozen=True)
class Facts:
    """Everything measured on one node, worst first, and notes on what could not be measured.

    ``scope`` says what the facts cover ("only the first 4 levels were read"); "" if everything.
    ``scale`` has the design's own grid, colours and text sizes.
    """

    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = field(default=())
    scope: str = ""
    scale: "Scale | None" = None

    @classmethod
    def ordered(
        cls,
        facts: Iterable[Fact],
        notes: Iterable[str] = (),
        scope: str = "",
        scale: "Scale | None" = None,
    ) -> "Facts":
        """Sort by verdict, kind and severity. The result does not depend on the input order."""
        key = sorted(
            facts,
            key=lambda fact: (
                _SEVERITY[fact.verdict],
                _KINDS.index(fact.kind),
                -fact.weight,
                fact.node_id,
                fact.detail,
            ),
        )
        return cls(tuple(key), tuple(dict.fromkeys(notes)), scope, scale)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Facts":
        """What ``to_json`` told, in the order in which it was told; without the design's scale."""
        return cls(tuple(map(Fact.from_json, told["facts"])), tuple(told.get("notes", ())))

    def __bool__(self) -> bool:
        return bool(self.facts or self.notes)

    def of(self, *kinds: str) -> tuple[Fact, ...]:
        """The facts of these kinds, still worst first."""
        return tuple(fact for fact in self.facts if fact.kind in kinds)

    def problems(self) -> tuple[Fact, ...]:
        return tuple(fact for fact in self.facts if fact.verdict == "problem")

    def to_json(self) -> dict[str, Any]:
        return {"facts": [fact.to_json() for fact in self.facts], "notes": list(self.notes)}

    def as_prompt_lines(self, limit: int = 40) -> list[str]:
        """At most ``limit`` lines: the facts, worst first, the notes, the design's own scales.

        One line counts the facts left out. What stays has the worst of every rule: many findings of
        one rule do not push out the others.
        """
        notes = [f"[note] {note}" for note in self.notes]
        notes += [f"[scale] {self.scale}"] if self.scale else []
        room = max(limit - len(notes), 0)
        told = self.facts
        if len(told) > room:
            room = max(room - 1, 0)
            told = self.most_useful(room)
            notes.insert(0, f"[note] {len(self.facts) - room} more facts are left off.")
        return [*(fact.as_line() for fact in told), *notes][:limit]

    def most_useful(self, room: int) -> tuple[Fact, ...]:
        """So many facts, in their order: all first ones of each verdict and rule, then all second
        ones …; problems before hints."""
        seen: Counter[tuple[str, str]] = Counter()
        ranks = []
        for at, fact in enumerate(self.facts):
            rule = (fact.verdict, fact.rule or fact.kind)
            ranks.append((_SEVERITY[fact.verdict], seen[rule], at))
            seen[rule] += 1
        return tuple(self.facts[at] for at in sorted(at for _, _, at in sorted(ranks)[:room]))


def hash_of(told: Mapping[str, Any]) -> str:
    """SHA-256 in hex of facts as JSON types: the same for the same measurements, whatever else
    changed."""
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def short_name(value: object) -> str:
    """A node's name on one line, without control characters, cut at 60 characters."""
    text = value if isinstance(value, str) else ""
    printable = "".join(char if char.isprintable() else " " for char in text)
    name = " ".join(printable.split())
    if not name:
        return "unnamed"
    return name if len(name) <= _NAME_LENGTH else name[: _NAME_LENGTH - 1] + "…"

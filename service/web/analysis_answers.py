"""How an analysis is shown to its asker: the result with their own ids, its source, their uses."""

from dataclasses import dataclass
from typing import Any, cast

from service.analysis.canonical import Prepared, prepare
from service.analysis.suggestions import from_stored, to_stored
from service.analysis.words import measured
from service.store.analysis_records import Source, Standing
from service.store.people_records import Usage

Answer = dict[str, Any]


@dataclass(frozen=True)
class OwnIds:
    """The asker's ids, as they are kept beside an analysis: all that ``from_stored`` needs of what
    was asked."""

    ids: tuple[str, ...]
    root: str

    @classmethod
    def of(cls, prepared: Prepared) -> "OwnIds":
        return cls(prepared.ids, prepared.document["id"])

    @classmethod
    def from_json(cls, kept: Answer) -> "OwnIds":
        return cls(tuple(kept["ids"]), kept["root"])

    def to_json(self) -> Answer:
        return {"ids": list(self.ids), "root": self.root}

    @property
    def refs(self) -> dict[str, int]:
        return {identity: at for at, identity in enumerate(self.ids, 1)}

    @property
    def document(self) -> Answer:
        return {"id": self.root}


def measured_answer(prepared: Prepared, house_rules: str) -> Answer:
    """The review by rules alone, with the asker's design-system rules. It takes about 0.1 ms per
    layer and pass."""
    return measured(_by(prepared, house_rules)).to_json()


def measured_for(prepared: Prepared, ids: OwnIds, house_rules: str) -> Answer:
    """As ``measured_answer``, of an equal request whose layers have other ids."""
    ruled = _by(prepared, house_rules)
    return own_answer(to_stored(measured(ruled).to_json(), ruled), ids)


def _by(prepared: Prepared, house_rules: str) -> Prepared:
    """They are known only once the request was counted, and change nothing in its form."""
    return prepare(prepared.request, house_rules=house_rules) if house_rules else prepared


def own_answer(stored: Answer, ids: OwnIds) -> Answer:
    """A stored result with the asker's ids."""
    # Of what was asked it takes only what OwnIds has.
    return from_stored(stored, cast(Prepared, ids))


def done_json(standing: Standing, answer: Answer, *, id: str | None = None) -> Answer:
    """The whole answer: 200. ``answer`` has the asker's ids."""
    source: Source = standing.source or "measured"
    is_written = source == "model"
    return {
        "id": id or standing.id,
        "state": "done",
        "type": standing.type,
        "source": source,
        "model": f"{standing.provider}/{standing.model}" if is_written else None,
        "cached": standing.is_cached,
        **content_of(answer),
        "use": use_json(standing.usage, is_charged=standing.is_charged),
    }


def content_of(answer: Answer) -> Answer:
    """The parts of an answer that come from the design."""
    parts = ("summary", "suggestions", "not_measurable", "notes", "file")
    return {name: answer[name] for name in parts}


def use_json(usage: Usage, *, is_charged: bool) -> Answer:
    """What it cost, and what is left. Without a limit, ``left`` and ``limit`` are None."""
    return {
        "charged": is_charged,
        "left": None if usage.is_unlimited else usage.left,
        "limit": None if usage.is_unlimited else usage.limit,
        "plan": usage.plan_code,
    }

"""Any other export: a person says which column means what, and the file's header remembers it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dashboard.provider_bills.bill import (
    Cells,
    Format,
    Found,
    Line,
    check_currency,
    dollars,
    moment,
    plain,
)

# What a column may mean, and how the page asks for it.
MEANINGS: Final = {
    "day": "Day or moment (UTC)",
    "model": "Model",
    "call_id": "Id of the call",
    "calls": "Number of calls",
    "input": "Input tokens",
    "cached": "Input tokens read from a cache",
    "write": "Input tokens written to a cache",
    "output": "Output tokens",
    "cost": "Amount in US dollars",
    "currency": "Currency",
}
NEEDED: Final = ("day", "model")
# Whether the column of input tokens includes those of the two columns about the cache.
INCLUDES: Final = "input_includes"


@dataclass(frozen=True)
class Mapping:
    """The name of a column for each meaning."""

    columns: dict[str, str]
    input_includes: bool = True

    @property
    def tells(self) -> tuple[str, ...]:
        names = ("calls", "input", "cached", "write", "output", "cost")
        told = tuple(name for name in names if name in self.columns)
        # A line of a single call counts as one.
        return ("calls", *told) if "call_id" in self.columns and "calls" not in told else told

    def to_json(self) -> dict[str, object]:
        return {**self.columns, INCLUDES: self.input_includes}

    @classmethod
    def from_json(cls, kept: dict[str, object]) -> "Mapping":
        named = {name: str(kept[name]) for name in MEANINGS if name in kept}
        return cls(named, bool(kept.get(INCLUDES, True)))


def format_of(mapping: Mapping) -> Format:
    """The mapping as a format. What it needs stands in the mapping."""
    at = {meaning: plain(column) for meaning, column in mapping.columns.items()}

    def read(cells: Cells) -> Found:
        model, when = cells.text(at["model"]), cells.text(at["day"])
        if not model or not when:
            return None
        if "currency" in at:
            check_currency(cells.text(at["currency"]))
        moment_of = moment(when)
        line = Line(moment_of.date(), model)
        if "call_id" in at:
            line.call_id, line.calls = cells.text(at["call_id"]), 1
            line.at = moment_of if line.call_id else None
        if "calls" in at:
            line.calls = cells.whole(at["calls"])
        for kind in ("input", "cached", "write", "output"):
            if kind in at:
                line.tokens[kind] = cells.whole(at[kind])
        if mapping.input_includes and "input" in line.tokens:
            beside = line.tokens.get("cached", 0) + line.tokens.get("write", 0)
            line.tokens["input"] = max(0, line.tokens["input"] - beside)
        if "cost" in at:
            text = cells.text(at["cost"])
            line.cost, line.amounts = (dollars(text) if text else Decimal()), 1
        return line

    return Format("by_hand", "Mapped by hand", "", (), lambda cells: mapping.tells, read)

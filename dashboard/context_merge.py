"""Two people changed one context: what each changed, what fits together, what must be chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Content = Mapping[str, Any]
Side = Literal["mine", "theirs"]

# Field, its name on the page, and its limit in characters (focus areas: of each; there may be 12).
FIELDS: dict[str, tuple[str, int]] = {
    "instructions": ("Instructions", 4000),
    "tone": ("Tone", 500),
    "brand": ("Brand", 4000),
    "design_system_rules": ("Design-system rules", 8000),
    "language": ("Language", 35),
    "focus_areas": ("Focus areas", 100),
    "model": ("Model", 100),
}
MAX_AREAS = 12


def changed(before: Content, after: Content) -> tuple[str, ...]:
    """Names of the fields that differ, in the order of the form."""
    return tuple(field for field in FIELDS if before.get(field) != after.get(field))


@dataclass(frozen=True)
class Merge:
    """The three sides. `conflicts` are fields that both changed, to different values."""

    base: Content
    theirs: Content
    mine: Content
    conflicts: tuple[str, ...]
    changed_by_them: tuple[str, ...]
    changed_by_me: tuple[str, ...]

    def content(self, choices: Mapping[str, Side]) -> dict[str, Any]:
        """The merged context. Raises KeyError while a conflict has no choice."""
        merged = {field: self.theirs.get(field) for field in FIELDS}
        for field in self.changed_by_me:
            if field not in self.conflicts or choices[field] == "mine":
                merged[field] = self.mine[field]
        return merged


def merge(base: Content, theirs: Content, mine: Content) -> Merge:
    """A three-way merge by whole fields: text inside one field is never mixed."""
    by_them, by_me = changed(base, theirs), changed(base, mine)
    both = tuple(f for f in by_me if f in by_them and mine.get(f) != theirs.get(f))
    return Merge(base, theirs, mine, both, by_them, by_me)


def as_text(field: str, value: Any) -> str:
    """A field's value as one text: focus areas one a line."""
    return "\n".join(value or ()) if field == "focus_areas" else str(value or "")


def from_text(field: str, text: str) -> Any:
    """The other way round; empty lines of focus areas do not count."""
    if field != "focus_areas":
        return text
    return [line.strip() for line in text.splitlines() if line.strip()]


def problems(content: Content) -> list[str]:
    """What is outside its limits, one sentence each; the database refuses the same."""
    found = []
    for field, (label, limit) in FIELDS.items():
        if field == "focus_areas":
            if len(content[field]) > MAX_AREAS or any(len(each) > limit for each in content[field]):
                found.append(f"{label}: up to {MAX_AREAS} lines of up to {limit} characters each.")
        elif len(content[field]) > limit:
            found.append(f"{label}: {len(content[field]):,} of {limit:,} characters. Shorten it.")
    return found

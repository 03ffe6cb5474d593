"""Merges two people's changes of one context: what each changed, and which fields conflict."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from service import guidance
from service.guidance import AREA_CHARS, CHARS, MOST_AREAS

Content = Mapping[str, Any]
Side = Literal["mine", "theirs"]

SHARED = "shared_with_guests"
# Field, its name on the page, and its limit in characters. Focus areas: the limit of each one.
# The field of what is shared contains names of the other fields.
FIELDS: dict[str, tuple[str, int]] = {
    **{field: (guidance.LABELS[field], CHARS.get(field, AREA_CHARS)) for field in guidance.FIELDS},
    "model": ("Model", CHARS["model"]),
    SHARED: ("Shared with guests", 0),
}


@dataclass(frozen=True)
class WholeContext:
    """All fields of a context by name."""

    instructions: str
    tone: str
    brand: str
    design_system_rules: str
    language: str
    focus_areas: list[str]
    model: str
    shared_with_guests: list[str]


def changed(before: Content, after: Content) -> tuple[str, ...]:
    """Names of the fields that differ, in the order of the form."""
    return tuple(field for field in FIELDS if before.get(field) != after.get(field))


@dataclass(frozen=True)
class Merge:
    """The three sides. `conflicts` are the fields that both changed to different values.

    The list of shared fields is also a conflict if one side shares a field whose text the other
    side changed: guests would get a text that nobody chose to share.
    """

    base: Content
    theirs: Content
    mine: Content
    conflicts: tuple[str, ...]
    changed_by_them: tuple[str, ...]
    changed_by_me: tuple[str, ...]

    def content(self, choices: Mapping[str, Side]) -> dict[str, Any]:
        """The merged context. Raises KeyError if a conflict has no choice yet."""
        merged = {field: self.theirs.get(field) for field in FIELDS}
        for field in FIELDS:
            if choices[field] == "mine" if field in self.conflicts else field in self.changed_by_me:
                merged[field] = self.mine[field]
        return merged


def merge(base: Content, theirs: Content, mine: Content) -> Merge:
    """A three-way merge by whole fields: text inside one field is never mixed."""
    by_them, by_me = changed(base, theirs), changed(base, mine)
    both = {f for f in by_me if f in by_them and mine.get(f) != theirs.get(f)}
    if mine.get(SHARED) != theirs.get(SHARED) and (
        newly_shared(base, theirs) & set(by_me) or newly_shared(base, mine) & set(by_them)
    ):
        both.add(SHARED)
    return Merge(base, theirs, mine, tuple(f for f in FIELDS if f in both), by_them, by_me)


def newly_shared(before: Content, after: Content) -> set[str]:
    """Fields that guests get after a change but did not get before it."""
    return set(after.get(SHARED) or ()) - set(before.get(SHARED) or ())


def as_text(field: str, value: Any) -> str:
    """A field's value as one text. Focus areas and names of shared fields: one per line."""
    if field == SHARED:
        return "\n".join(FIELDS[each][0] for each in value or ())
    return "\n".join(value or ()) if field == "focus_areas" else str(value or "")


def from_text(field: str, text: str) -> Any:
    """The reverse of `as_text`; ignores empty lines of focus areas."""
    if field != "focus_areas":
        return text
    return [line.strip() for line in text.splitlines() if line.strip()]


def problems(content: Content) -> list[str]:
    """One sentence for each field outside its limits; the database enforces the same limits."""
    found = []
    for field, (label, limit) in FIELDS.items():
        if field == SHARED:
            # Chosen from a list, so it has no limit.
            continue
        if field == "focus_areas":
            if len(content[field]) > MOST_AREAS or any(
                len(each) > limit for each in content[field]
            ):
                found.append(f"{label}: up to {MOST_AREAS} lines of up to {limit} characters each.")
        elif len(content[field]) > limit:
            found.append(f"{label}: {len(content[field]):,} of {limit:,} characters. Shorten it.")
    return found

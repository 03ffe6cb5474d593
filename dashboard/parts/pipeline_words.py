"""Pipelines in plain words: stages, states, how they end, and what is measured of a component."""

from collections.abc import Mapping
from typing import Any

from service.pipelines.sentences import STAGE_WORDS, tell

# A symbol and a word for each end, in the order of the charts: table cells cannot show icons.
OUTCOMES = {
    "gated": ("✓", "Passed the gate"),
    "not_passed": ("◩", "Did not pass"),
    "untested": ("▤", "Not tested"),
    "failed": ("✕", "Failed"),
    "refused": ("–", "Refused by Figma"),
    "cancelled": ("○", "Cancelled"),
}
OPEN = {"queued": ("◌", "Waiting"), "running": ("▸", "Running")}
SOURCES = {"page": "Page Build", "api": "API", "comment": "Comment"}


def stage_of(code: str) -> str:
    """The word that customers read too."""
    known = STAGE_WORDS.get(code)
    return known.word if known else code.replace("_", " ").capitalize()


def state_of(state: str) -> str:
    """An outcome, `queued`, or the stage that a run is in, with its symbol."""
    sign, word = OUTCOMES.get(state) or OPEN.get(state) or ("▸", stage_of(state))
    return f"{sign} {word}"


def cause_of(code: str, params: Mapping[str, Any] | None = None) -> str:
    """What happened and why, as the customer reads it, without what they are asked to do."""
    if not code:
        return ""
    told = tell(code, params)
    return f"{told.happened} {told.why}".strip()

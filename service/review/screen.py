"""What all rules look at: the layers of one design, and what is derived from them once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from service.review.controls import disabled_labels
from service.review.ground import Ground
from service.review.targets import Target, find_targets
from service.review.text_meetings import TextMeeting, meetings_of
from service.review.tree import Place, Walk, text

# Fills that are painted under texts: 600 texts, on ten each.
MAX_CONTRAST_STEPS = 6000
Platform = Literal["web", "ios", "android"]


@dataclass(frozen=True)
class Options:
    """How to measure.

    ``platform`` decides which target size is advised. ``off``: ids of rules that are switched off.
    ``ignored``: fingerprints of findings that somebody has ignored in this file. ``grid``: the
    spacing grid in px that a person has set, None: the file's own.
    """

    platform: Platform = "web"
    off: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    grid: float | None = None


@dataclass
class Screen:
    """A design while it is measured. Derived values are calculated when the first rule needs them.

    ``notes`` collects what the rules could not judge; ``is_whole``: nothing was left out.
    """

    found: Walk
    styles: Mapping[str, object]
    options: Options = Options()
    notes: list[str] = field(default_factory=list)
    is_whole: bool = True

    @property
    def places(self) -> list[Place]:
        """The visible layers in drawing order."""
        return self.found.places

    @cached_property
    def ground(self) -> Ground:
        return Ground([*self.found.places, *self.found.unread])

    @cached_property
    def text_meetings(self) -> list[TextMeeting]:
        """What the texts meet, in drawing order, within the limit of work."""
        found: list[TextMeeting] = []
        texts = [each for each in self.texts if each.is_text]
        for at, place in enumerate(texts):
            met = meetings_of(place, self.ground)
            if met:
                found.append(met)
            left = len(texts) - at - 1
            if left and self.ground.steps > MAX_CONTRAST_STEPS:
                are = "text was" if left == 1 else "texts were"
                note = f"The last {left} {are} not measured for contrast: too many layers."
                self.leave_out(note)
                break
        return found

    @cached_property
    def disabled_labels(self) -> set[Place]:
        """The labels beside disabled fields."""
        return disabled_labels(self.places)

    @cached_property
    def targets(self) -> list[Target]:
        """What can be tapped, without what a frame cuts off."""
        found = find_targets(self.places)
        return [each for each in found if not self.ground.is_cut_off(each.place)]

    @cached_property
    def texts(self) -> list[Place]:
        """The layers with text that is not blank."""
        return [each for each in self.places if text(each.node, "characters").strip()]

    def leave_out(self, note: str) -> None:
        """Say what was not measured."""
        self.notes.append(note)
        self.is_whole = False

"""What all rules look at: the layers of one design, and what is derived from them once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from service.review.controls import disabled_labels
from service.review.facts import short_name
from service.review.ground import Ground
from service.review.scale import Scale, grid_of, palette_of
from service.review.spacings import Spacing, spacings_of
from service.review.targets import Target, find_targets
from service.review.text_meetings import TextMeeting, meetings_of
from service.review.text_runs import Run, text_runs
from service.review.tree import Place, Walk, text
from service.review.uses import ColourUse, TextUse, colour_uses, style_name, text_use

# Fills that are painted under texts: 600 texts, on ten each.
MAX_CONTRAST_STEPS = 6000
Platform = Literal["web", "ios", "android"]


@dataclass(frozen=True)
class Options:
    """How to measure.

    ``platform`` decides which target size is advised. ``off``: ids of rules that are switched off.
    ``ignored``: fingerprints of findings that somebody has ignored in this file. ``grid``: the
    spacing grid in px that a person has set, None: the file's own. ``tokens``: names of the file's
    styles and variables by their ids; ``token_colours``: the values of those that are colours
    ("#1e1e1e"). The layers do not tell either.
    """

    platform: Platform = "web"
    off: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    grid: float | None = None
    tokens: Mapping[str, str] = field(default_factory=dict)
    token_colours: Mapping[str, str] = field(default_factory=dict)


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
            met = meetings_of(place, self.runs[place], self.ground)
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

    @cached_property
    def runs(self) -> Mapping[Place, list[Run]]:
        """The styles in each text, without those that have no size."""
        return {
            place: [run for run in text_runs(place.node) if run.size > 0] for place in self.texts
        }

    def token_name(self, token: str) -> str:
        """The name of a style or a variable, "" if it is not known."""
        name = self.options.tokens.get(token)
        return short_name(name) if name else style_name(token, self.styles)

    @cached_property
    def below(self) -> Mapping[Place, list[Place]]:
        """The visible children of each layer that has any."""
        below: dict[Place, list[Place]] = {}
        for place in self.places:
            if place.parent is not None:
                below.setdefault(place.parent, []).append(place)
        return below

    @cached_property
    def in_instances(self) -> frozenset[Place]:
        """The layers in an instance. Their names and their order belong to its component."""
        found: set[Place] = set()
        for place in self.places:
            parent = place.parent
            is_inside = parent is not None and (parent in found or parent.type == "INSTANCE")
            if is_inside or (place.id.startswith("I") and ";" in place.id):
                found.add(place)
        return frozenset(found)

    @cached_property
    def _of_type(self) -> Mapping[str, list[Place]]:
        found: dict[str, list[Place]] = {}
        for place in self.places:
            found.setdefault(place.type, []).append(place)
        return found

    def of_type(self, *types: str) -> Iterator[Place]:
        """The layers of these types: all of one type, then all of the next."""
        for each in types:
            yield from self._of_type.get(each, ())

    @cached_property
    def colours(self) -> Sequence[ColourUse]:
        return [use for place in self.places for use in colour_uses(place)]

    @cached_property
    def text_styles(self) -> Sequence[TextUse]:
        return [text_use(place) for place in self.places if place.is_text]

    @cached_property
    def spacings(self) -> Sequence[tuple[Place, list[Spacing]]]:
        """The layers with spacing between or around their children."""
        return [(place, found) for place in self.places if (found := spacings_of(place))]

    @cached_property
    def scale(self) -> Scale:
        """The design's own scales."""
        given = self.options.grid
        return Scale(
            given or grid_of(found for _, found in self.spacings),
            bool(given),
            palette_of(self.colours, self.token_name),
            Counter(
                size for runs in self.runs.values() for size in {round(run.size, 2) for run in runs}
            ),
        )

    def leave_out(self, note: str) -> None:
        """Say what was not measured."""
        self.notes.append(note)
        self.is_whole = False

"""What every text of a design meets: the colours of its letters, and those behind them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from service.review.effects import obstacle_of_text
from service.review.ground import Ground
from service.review.layers import is_mask
from service.review.meeting import Meeting
from service.review.paint import coats_of
from service.review.text_runs import Run
from service.review.tree import Box, Place, box_of, number

# As light and as dark as what is behind: nobody is meant to read it there.
_INVISIBLE = 1.005


@dataclass(frozen=True)
class TextMeeting:
    """The run of a text that misses its threshold by the most. ``obstacle`` says why the ratio
    cannot be known, or is empty."""

    place: Place
    run: Run
    meeting: Meeting
    obstacle: str

    @property
    def is_invisible(self) -> bool:
        """Whether the letters have the very colour of what is behind them."""
        is_known = not self.obstacle and self.meeting.outside < 0.01
        return is_known and self.meeting.range[1] < _INVISIBLE


def meetings_of(place: Place, runs: Iterable[Run], ground: Ground) -> TextMeeting | None:
    """None for a text that is not drawn: without a fill, without a size, or as a mask."""
    if any(is_mask(step) for step in place.path()):
        return None
    area = _ink_of(place)
    is_stroked = bool(coats_of(place.node, "strokes")) and number(place.node, "strokeWeight", 1) > 0
    own = obstacle_of_text(place, is_stroked=is_stroked)
    judged = list(_judge(place, runs, ground, area, own))
    return min(
        judged,
        key=lambda each: (bool(each.obstacle), each.meeting.range[0] / each.run.threshold),
        default=None,
    )


def _judge(
    place: Place, runs: Iterable[Run], ground: Ground, area: Box | None, own: str
) -> Iterator[TextMeeting]:
    for run in runs:
        if run.fills:
            meeting = ground.meeting_of(place, run.fills, area=area)
            yield TextMeeting(place, run, meeting, own or meeting.obstacle)


def _ink_of(place: Place) -> Box | None:
    """The part of its box that a text draws on: Figma tells it as ``absoluteRenderBounds``."""
    box, ink = place.box, box_of(place.node, "absoluteRenderBounds")
    return ink.cut_to(box) if box and ink else None

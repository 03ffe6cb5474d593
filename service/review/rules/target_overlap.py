"""Tap targets that something drawn later covers: what is left of them has to be 24 px wide."""

from collections.abc import Iterable, Iterator

from service.review.controls import is_disabled, name_words
from service.review.facts import Fact
from service.review.paint import coats_of, is_opaque
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.sources import TARGET_SIZE
from service.review.targets import MAX_TARGETS, MINIMUM_PX, Target
from service.review.tree import Box, Place, children

# A dot on the corner of a button marks it and does not take from it.
_MARK_PX = 12.0
_STACKED = {"avatar", "avatars", "stack", "facepile"}
_MAX_PIECES = 40


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each target that is large enough, but not what is left of it."""
    judged = [each for each in screen.targets[:MAX_TARGETS] if each.doubt != "part"]
    known = {each.place for each in judged}
    order = {place: at for at, place in enumerate(screen.places)}
    for target in judged:
        if target.doubt or target.shape.is_guess or is_disabled(target.place):
            continue
        if target.smallest < MINIMUM_PX - 0.01:
            # Too small as it is: see target-size.
            continue
        covers = [
            other.box
            for other in judged
            if order[other.place] > order[target.place]
            and other.box.overlaps(target.box)
            and not _is_related(target.place, other.place)
        ]
        covers += [
            place.box
            for place in screen.ground.drawn_over(target.place)
            if place.box and place not in known and _hides(place)
        ]
        left = largest_left(target.box, covers)
        if 0 < left < MINIMUM_PX - 0.01:
            yield _fact(rule, target, left)


def largest_left(box: Box, covers: Iterable[Box]) -> float:
    """The shorter side of the widest rectangle that the covers leave of a box, in px.

    https://github.com/dequelabs/axe-core/blob/develop/lib/commons/math/split-rects.js does the same
    """
    pieces = [box]
    for cover in covers:
        pieces = [part for piece in pieces for part in _around(piece, cover)]
        pieces = sorted(pieces, key=_thickness, reverse=True)[:_MAX_PIECES]
    return max(map(_thickness, pieces), default=0.0)


def _around(piece: Box, cover: Box) -> Iterator[Box]:
    """The parts of a box on the four sides of a cover, each as long as possible."""
    if not cover.overlaps(piece, slack=0):
        yield piece
        return
    right, bottom = piece.x + piece.width, piece.y + piece.height
    if cover.x > piece.x:
        yield Box(piece.x, piece.y, cover.x - piece.x, piece.height)
    if cover.x + cover.width < right:
        start = cover.x + cover.width
        yield Box(start, piece.y, right - start, piece.height)
    if cover.y > piece.y:
        yield Box(piece.x, piece.y, piece.width, cover.y - piece.y)
    if cover.y + cover.height < bottom:
        start = cover.y + cover.height
        yield Box(piece.x, start, piece.width, bottom - start)


def _thickness(box: Box) -> float:
    return min(box.width, box.height)


def _is_related(one: Place, other: Place) -> bool:
    return one in other.ancestors() or other in one.ancestors()


def _hides(place: Place) -> bool:
    """A plain opaque layer. What holds others is a dialog or a menu: it covers for a while."""
    box = place.box
    is_mark = box is None or _thickness(box) <= _MARK_PX
    return not is_mark and not children(place.node) and is_opaque(coats_of(place.node))


def _fact(rule: Rule, target: Target, left: float) -> Fact:
    words = {word for step in (target.place, target.place.parent) if step
             for word in name_words(step.name)}  # fmt: skip
    return rule.fact(
        target.place,
        f"{left:.4g} px left",
        "problem",
        f"Something drawn later covers a part of it; its box is {target.box.width:.4g}×"
        f"{target.box.height:.4g} px.",
        sure="C" if words & _STACKED else None,
        numbers=(round(left, 2),),
        weight=MINIMUM_PX / left,
    )


RULE = Rule(
    id="target-overlap",
    title="Covered tap targets",
    kind="target_size",
    measures="The widest rectangle that other targets and opaque layers drawn later leave of a tap "
    "target.",
    threshold="at least 24 px left",
    source=TARGET_SIZE,
    exemptions=(
        "Stacked avatars: a question only.",
        "Marks of up to 12 px.",
        "Dialogs, menus and other layers that hold layers.",
        "A target that is wholly covered.",
        "A disabled control.",
    ),
    sure="B",
    measuring=measure,
)

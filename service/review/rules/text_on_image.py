"""Text on a picture or a video without anything between them."""

from collections.abc import Iterator

from service.review.facts import Fact, Source
from service.review.paint import paint_colours, unit
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Box, Node, Place, children, is_visible, number, text

SCRIM = 0.6
_PICTURES = {"IMAGE", "VIDEO"}
_MAX_STEPS = 20_000


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each text that lies on a picture."""
    if not any(_pictures_in(place.node) for place in screen.places):
        return
    steps = 0
    for place in screen.texts:
        if place.box is None or not place.is_text:
            continue
        picture, taken = _picture_behind(screen, place, place.box)
        steps += taken
        if picture is not None:
            yield rule.fact(
                place,
                "on a picture",
                "info",
                f"It lies on {picture.name} ({picture.id}); where the picture is light or busy, it "
                "is hard to read.",
                weight=0.8,
            )
        if steps > _MAX_STEPS:
            screen.leave_out("Some texts were not checked for pictures behind them: too many.")
            return


def _pictures_in(node: Node) -> bool:
    fills = node.get("fills")
    return isinstance(fills, list) and any(text(each, "type") in _PICTURES for each in fills)


def _picture_behind(screen: Screen, place: Place, box: Box) -> tuple[Place | None, int]:
    """The topmost picture behind the text that no scrim covers; and how many layers were asked."""
    cover, steps = 0.0, 0
    step: Place = place
    while step.parent is not None:
        for each in reversed(screen.below.get(step.parent, ())):
            if each.position >= step.position:
                continue
            steps += 1
            found, cover = _meet(each, box, cover)
            if cover >= SCRIM:
                return None, steps
            if found:
                return each, steps
            for inner in reversed(screen.below.get(each, ())[:50]):
                steps += 1
                found, cover = _meet(inner, box, cover)
                if cover >= SCRIM:
                    return None, steps
                if found:
                    return inner, steps
        step = step.parent
        found, cover = _meet(step, box, cover)
        if cover >= SCRIM:
            return None, steps
        if found:
            return step, steps
    return None, steps


def _meet(place: Place, text_box: Box, cover: float) -> tuple[bool, float]:
    """Whether a layer shows a picture behind the text, and how much is covered after its fills."""
    box = place.box
    if box is None or place.is_text or not box.overlaps(text_box):
        return False, cover
    opacity = unit(number(place.node, "opacity", 1.0))
    for paint in reversed(children(place.node, "fills")):
        if not is_visible(paint):
            continue
        if text(paint, "type") in _PICTURES:
            return True, cover
        if box.contains(text_box):
            thinnest = min((each[3] for each in paint_colours(paint)), default=0)
            cover += (1 - cover) * thinnest * opacity
            if cover >= SCRIM:
                return False, cover
    return False, cover


RULE = Rule(
    id="text-on-image",
    title="Text on a picture",
    kind="colour",
    measures="Texts over a picture or a video, and what covers the picture between them.",
    threshold="something opaque or at least 60 % opaque between them",
    source=Source(
        "WCAG 2.2 SC 1.4.3 (ACT rule afw4f7)",
        "https://www.w3.org/WAI/standards-guidelines/act/rules/afw4f7/",
    ),
    exemptions=("A scrim of at least 60 %.",),
    sure="C",
    measuring=measure,
)

"""Size of tap targets: 24 x 24 px, with the spacing exception of WCAG; 44 is advised."""

from collections.abc import Iterator, Sequence

from service.review.controls import is_disabled
from service.review.facts import Fact, Source, Verdict
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.targets import MAX_TARGETS, MINIMUM_PX, Target
from service.review.tree import Box

ADVISED_PX = 44.0
ADVISED_SOURCE = Source(
    "WCAG 2.2 SC 2.5.5 (AAA)",
    "https://www.w3.org/WAI/WCAG22/Understanding/target-size-enhanced.html",
)


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each tap target."""
    judged = screen.targets[:MAX_TARGETS]
    boxes = [each.box for each in judged if each.doubt != "part"]
    for each in judged:
        yield _fact(rule, each, boxes)
    if left := len(screen.targets) - len(judged):
        screen.leave_out(f"{left} more tap targets were not measured.")


def _fact(rule: Rule, target: Target, boxes: Sequence[Box]) -> Fact:
    place, box, smallest = target.place, target.box, target.smallest
    size = f"{box.width:.4g}×{box.height:.4g} px"
    numbers = (round(box.width, 2), round(box.height, 2))
    # Canvas coordinates have float noise; 23.996 is drawn as 24.
    if smallest >= MINIMUM_PX - 0.01:
        is_wide = smallest >= ADVISED_PX - 0.01
        detail = "Large enough." if is_wide else "Passes; 44×44 is easier to hit by finger."
        return rule.fact(
            place,
            size,
            "ok" if is_wide else "info",
            detail,
            expected="24×24 px, 44×44 advised",
            source=ADVISED_SOURCE,
            numbers=numbers,
            weight=ADVISED_PX / smallest,
        )
    verdict: Verdict = "info"
    if is_disabled(place):
        detail = "Small, but it looks disabled."
    elif target.doubt:
        detail = "Too small if it can be tapped on its own."
    elif _is_spaced(box, boxes):
        detail = "Small, but passes by the free space around it."
    else:
        verdict, detail = "problem", "Too small to hit reliably."
    return rule.fact(
        place, size, verdict, detail, numbers=numbers, weight=MINIMUM_PX / max(smallest, 0.1)
    )


def _is_spaced(box: Box, boxes: Sequence[Box]) -> bool:
    """The exception: a 24 px circle on its centre touches no other target and no such circle."""
    x, y = box.centre
    for other in boxes:
        if other is box:
            continue
        if other.distance_to(x, y) < MINIMUM_PX / 2:
            return False
        centre_x, centre_y = other.centre
        is_small = min(other.width, other.height) < MINIMUM_PX
        if is_small and (x - centre_x) ** 2 + (y - centre_y) ** 2 < MINIMUM_PX**2:
            return False
    return True


RULE = Rule(
    id="target-size",
    title="Size of tap targets",
    kind="target_size",
    measures="The width and height of each layer that looks like something to tap, and the free "
    "space around it.",
    threshold="at least 24×24 px, 44×44 advised",
    source=Source(
        "WCAG 2.2 SC 2.5.8", "https://www.w3.org/WAI/WCAG22/Understanding/target-size-minimum.html"
    ),
    exemptions=(
        "A small target whose 24 px circle meets no other target.",
        "A disabled control.",
        "An icon or a part of a control that may be no target of its own.",
    ),
    sure="B",
    measuring=measure,
)

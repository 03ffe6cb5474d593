"""Size of tap targets: 24 x 24 px, with the spacing exception of WCAG; 44 is advised."""

import math
from collections.abc import Iterator, Sequence

from service.review.controls import is_disabled
from service.review.facts import Fact, Source, Verdict
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.sources import TARGET_SIZE
from service.review.targets import MAX_TARGETS, MINIMUM_PX, Target

ADVISED_PX = 44.0
ADVISED_SOURCE = Source(
    "WCAG 2.2 SC 2.5.5 (AAA)",
    "https://www.w3.org/WAI/WCAG22/Understanding/target-size-enhanced.html",
)


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each tap target."""
    judged = screen.targets[:MAX_TARGETS]
    whole = [each for each in judged if each.doubt != "part"]
    for each in judged:
        yield _fact(rule, each, whole)
    if left := len(screen.targets) - len(judged):
        screen.leave_out(f"{left} more tap targets were not measured.")


def _fact(rule: Rule, target: Target, others: Sequence[Target]) -> Fact:
    place, box = target.place, target.box
    smallest, shape = _smallest(target, others), ""
    size, numbers = f"{box.width:.4g}×{box.height:.4g} px", (box.width, box.height)
    # Canvas coordinates have float noise; 23.996 is drawn as 24.
    if smallest >= MINIMUM_PX - 0.01:
        return _advice(rule, target)
    if smallest < min(numbers) - 0.01:
        shape = f" The largest upright square in its shape counts; its box is {size}."
        size, numbers = f"{smallest:.4g}×{smallest:.4g} px", (smallest, smallest)
    rounded = tuple(round(each, 2) for each in numbers)
    verdict: Verdict = "info"
    if is_disabled(place):
        detail = "Small, but it looks disabled."
    elif target.doubt:
        detail = "Too small if it can be tapped on its own."
    elif _is_spaced(target, others):
        detail = "Small, but passes by the free space around it."
    else:
        verdict, detail = "problem", "Too small to hit reliably."
    return rule.fact(
        place,
        size,
        verdict,
        detail + shape,
        numbers=rounded,
        weight=MINIMUM_PX / max(smallest, 0.1),
    )


def _advice(rule: Rule, target: Target) -> Fact:
    """Passed. The vendors' 44 is about the box, since the system counts the corners too."""
    width, height = target.box.width, target.box.height
    shorter = target.smallest if target.shape.is_turned else min(width, height)
    is_wide = shorter >= ADVISED_PX - 0.01
    detail = "Large enough." if is_wide else "Passes; 44×44 is easier to hit by finger."
    side = "wide" if width < height else "high"
    return rule.fact(
        target.place,
        # Chips of one height are one finding, however long their labels are.
        f"{shorter:.4g} px {side}",
        "ok" if is_wide else "info",
        detail,
        expected="24×24 px, 44×44 advised",
        source=ADVISED_SOURCE,
        numbers=(round(width, 2), round(height, 2)),
        weight=ADVISED_PX / shorter,
    )


def _smallest(target: Target, others: Sequence[Target]) -> float:
    """The side of the largest upright square in a target.

    Turned by about 45 degrees, a box does not tell how thick its shape is. If another target lies
    so near that both would overlap, it is at most as thick as they are apart.
    """
    if not target.shape.is_guess:
        return target.smallest
    angle = target.place.angle
    upright = abs(math.cos(angle)) + abs(math.sin(angle))
    near = [
        math.dist(target.box.centre, other.box.centre) / upright
        for other in others
        if other is not target and other.shape.overlaps(target.box)
    ]
    return min([target.smallest, *near])


def _is_spaced(target: Target, others: Sequence[Target]) -> bool:
    """The exception: a 24 px circle on its centre touches no other target and no such circle."""
    x, y = target.box.centre
    for other in others:
        if other is target:
            continue
        if other.shape.distance_to(x, y) < MINIMUM_PX / 2:
            return False
        if other.smallest < MINIMUM_PX and math.dist((x, y), other.box.centre) < MINIMUM_PX:
            return False
    return True


RULE = Rule(
    id="target-size",
    title="Size of tap targets",
    kind="target_size",
    measures="The largest upright square in each layer that looks like something to tap, and the "
    "free space around it.",
    threshold="at least 24×24 px, 44×44 advised",
    source=TARGET_SIZE,
    exemptions=(
        "A small target whose 24 px circle meets no other target.",
        "A disabled control.",
        "An icon or a part of a control that may be no target of its own.",
    ),
    sure="B",
    measuring=measure,
)

"""Lightness contrast Lc, an extra beside WCAG: never a verdict.

The formula is that of APCA-W3 0.1.9 with its published constants and its sign (negative: light on
dark). It is under study for WCAG 3 and no part of WCAG 2. Its licence allows the name for exactly
this form of it, and its use for content of the web: so it is told for the platform "web" only.
"""

from collections.abc import Iterator

from service.review.facts import Fact, Source
from service.review.paint import RGB
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.text_runs import Run
from service.review.tree import Place, text

# https://github.com/Myndex/apca-w3
_SHARES = (0.2126729, 0.7151522, 0.0721750)
_BLACK_FROM, _BLACK_POWER = 0.022, 1.414
_LEAST_STEP, _LEAST = 0.0005, 0.1
_SCALE, _OFFSET = 1.14, 0.027
# Texts of at least so many characters are read, not glanced at.
_BODY_CHARS = 20


def lightness_contrast(front: RGB, behind: RGB) -> float:
    """Lc of text on its background: 106 for black on white, -108 for white on black."""
    text_light, back_light = _light(front), _light(behind)
    if abs(back_light - text_light) < _LEAST_STEP:
        return 0.0
    if back_light > text_light:
        raw = (back_light**0.56 - text_light**0.57) * _SCALE
        return 0.0 if raw < _LEAST else (raw - _OFFSET) * 100
    raw = (back_light**0.65 - text_light**0.62) * _SCALE
    return 0.0 if raw > -_LEAST else (raw + _OFFSET) * 100


def _light(colour: RGB) -> float:
    light = sum(share * float(channel**2.4) for share, channel in zip(_SHARES, colour, strict=True))
    return light + (_BLACK_FROM - light) ** _BLACK_POWER if light < _BLACK_FROM else light


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """One line for the text that WCAG passes and Lc finds the weakest, if there is one."""
    if screen.options.platform != "web":
        return
    weakest: tuple[float, str, Place, float, float] | None = None
    for place, level, value in _levels(screen):
        if abs(value) < level:
            rank = (abs(value) / level, place.id, place, value, level)
            weakest = min(weakest or rank, rank, key=lambda each: each[:2])
    if weakest:
        _, _, place, value, level = weakest
        yield rule.fact(
            place,
            f"Lc {value:.0f}",
            "info",
            "It passes WCAG 2; by this newer measure it is the weakest text here.",
            expected=f"Lc {level:g} or more for text of its size and weight",
            numbers=(round(value, 1),),
            weight=0.1,
        )


def _levels(screen: Screen) -> Iterator[tuple[Place, float, float]]:
    """Each body text that passes WCAG: the level that it should reach, and its Lc."""
    for met in screen.text_meetings:
        meeting, run = met.meeting, met.run
        if len(text(met.place.node, "characters")) < _BODY_CHARS or met.obstacle:
            continue
        if meeting.outside <= 0.01 and meeting.range[0] >= run.threshold:
            values = [lightness_contrast(front, behind) for behind, front in meeting.pairs]
            yield met.place, _level(run), min(values, key=abs)


def _level(run: Run) -> float:
    """75 for body text, 90 below 18 px, 60 for what is large or bold."""
    if run.is_large or (run.size >= 16 and run.weight >= 700):
        return 60.0
    return 75.0


RULE = Rule(
    id="apca",
    title="Lightness contrast Lc (APCA)",
    kind="colour",
    measures="The lightness contrast Lc of text that passes WCAG 2, and only the weakest one.",
    threshold="Lc 75 for text that is read, 60 if it is large or bold; 90 is preferred",
    source=Source("APCA-W3 0.1.9 (not WCAG)", "https://github.com/Myndex/apca-w3"),
    exemptions=(
        "Text that WCAG already calls a problem.",
        "Short texts.",
        "Designs for iOS and Android: its licence is for the web.",
    ),
    sure="C",
    measuring=measure,
)

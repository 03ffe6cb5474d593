"""The text sizes of a design: too many of them, and odd ones beside a usual one."""

from collections.abc import Iterator, Mapping

from service.review.facts import Fact, Source
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.text_runs import Run
from service.review.tree import Place
from service.review.uses import text_use

MANY_SIZES = 6
# Sizes from here on are set once, for show.
DISPLAY_PX = 40.0
_USUAL, _NEAR_PX, _NOISE_PX = 3, 1.0, 0.1
_MAX_LISTED = 12


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each size used once beside a usual one, and one with all sizes in use."""
    sizes = screen.scale.type_sizes
    if not sizes:
        return
    odd = dict(_odd(sizes))
    for place, runs in screen.runs.items() if odd else ():
        yield from _odd_facts(rule, place, runs, odd)
    yield _summary_fact(rule, screen.places[0], sizes)


def _odd(sizes: Mapping[float, int]) -> Iterator[tuple[float, float]]:
    """Each size used once, with the usual one that is near."""
    usual = [size for size, count in sizes.items() if count >= _USUAL]
    for size, count in sizes.items():
        near = [each for each in usual if _NOISE_PX < abs(each - size) <= _NEAR_PX + 0.001]
        if count == 1 and near:
            yield size, min(near, key=lambda each: (-sizes[each], each))


def _odd_facts(
    rule: Rule, place: Place, runs: list[Run], odd: Mapping[float, float]
) -> Iterator[Fact]:
    for run in runs:
        size = round(run.size, 2)
        if size in odd and not text_use(place).is_bound:
            yield rule.fact(
                place,
                f"{size:g} px",
                "problem",
                f"The only text of this size; others nearby are {odd[size]:g} px.",
                expected=f"{odd[size]:g} px, as elsewhere",
                numbers=(size, odd[size]),
                weight=1,
            )
            return


def _summary_fact(rule: Rule, place: Place, sizes: Mapping[float, int]) -> Fact:
    ordered = sorted(sizes.items())
    listed = ", ".join(f"{size:g} px ({count}×)" for size, count in ordered[:_MAX_LISTED])
    left = f", and {len(ordered) - _MAX_LISTED} more" if len(ordered) > _MAX_LISTED else ""
    many = sum(size < DISPLAY_PX for size in sizes) > MANY_SIZES
    return rule.fact(
        place,
        f"{len(sizes)} {'size' if len(sizes) == 1 else 'sizes'}: {listed}{left}",
        "info" if many else "ok",
        "Many sizes for one screen." if many else "A compact scale.",
        expected="a short, deliberate scale",
        sure="C",
        numbers=tuple(size for size, _ in ordered[:_MAX_LISTED]),
        weight=len(sizes),
        cause="",
    )


RULE = Rule(
    id="type-scale",
    title="Scale of text sizes",
    kind="type_size",
    measures="How many text sizes there are, and sizes that one text alone has while three or more "
    "have nearly the same.",
    threshold="at most 6 sizes a screen, and none that is within 1 px of a usual one",
    source=Source(
        "House rule, after Material's type scale",
        "https://m3.material.io/styles/typography/type-scale-tokens",
    ),
    exemptions=(
        "A size from a text style or a variable.",
        "Display sizes from 40 px are not counted.",
    ),
    sure="B",
    measuring=measure,
)

"""Seeds flaws into clean designs: for each rule of the review the ways in which a design breaks it.

The ways are written after the definitions of the rules, not after their code.
"""

import random
from collections.abc import Callable, Iterator, Sequence

from bench.review.designs import Design
from bench.review.flaws import kept, laid_out, seen
from bench.review.flaws.workshop import Change, Flaw, Workshop

Operator = Callable[[Workshop], Iterator[Change]]
SEED = 20261129

OPERATORS: dict[str, tuple[Operator, ...]] = {
    "contrast-text": (seen.grey_text, seen.see_through_text, seen.darker_ground),
    "contrast-control": (seen.faint_edge,),
    "target-size": (seen.small_targets, seen.close_in_chip),
    "target-overlap": (seen.covered_target,),
    "text-size": (laid_out.small_text,),
    "line-height": (laid_out.tight_lines,),
    "line-length": (laid_out.long_lines,),
    "type-scale": (laid_out.one_off_size,),
    "spacing-grid": (laid_out.off_grid_gap, laid_out.off_grid_padding),
    "alignment": (laid_out.off_by_a_pixel,),
    "radii": (laid_out.odd_radius, laid_out.nested_corners),
    "near-duplicate-colour": (seen.nearly_a_token,),
    "unbound-value": (kept.raw_colour, kept.raw_space),
    "wrong-token": (kept.wrong_token,),
    "detached": (kept.detached,),
    "auto-layout": (laid_out.no_auto_layout,),
    "hidden-layers": (kept.hidden_layers,),
    "empty-layer": (kept.empty_layer,),
    "overflow": (laid_out.cut_text, laid_out.wide_child),
    "touching": (laid_out.touching,),
    "heading-order": (laid_out.large_later,),
    "naming": (kept.default_name,),
    "states": (kept.missing_states,),
    "colour-alone": (seen.hue_alone,),
    "text-on-image": (seen.text_on_image,),
    "invisible-text": (seen.invisible_text,),
}


def seeded(rule: str, designs: Sequence[Design], most: int) -> list[Flaw]:
    """At most ``most`` flaws of one rule, the same ones in each run: all its ways and all designs
    get their turn."""
    ways: dict[str, list[Flaw]] = {}
    for design in designs:
        for operator in OPERATORS[rule]:
            chance = random.Random(f"{SEED} {rule} {operator.__name__} {design.name}")
            for change in operator(Workshop(design, chance)):
                ways.setdefault(change.what, []).append(Flaw(rule, design, change))
    chance = random.Random(f"{SEED} {rule}")
    for flaws in ways.values():
        chance.shuffle(flaws)
    chosen: list[Flaw] = []
    while len(chosen) < most and any(ways.values()):
        for flaws in ways.values():
            if flaws and len(chosen) < most:
                chosen.append(flaws.pop())
    return chosen

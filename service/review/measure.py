"""Measure a design: every rule over one walk of the node tree, without any network call."""

from collections.abc import Mapping

from service.review.facts import KINDS, Facts, Kind, short_name
from service.review.grouping import grouped
from service.review.rules import RULES
from service.review.screen import Options, Screen
from service.review.tree import walk

MAX_NODES = 2000
MAX_DEPTH = 60


def measure(
    document: object,
    components: object = None,
    styles: object = None,
    *,
    levels: int | None = None,
    options: Options = Options(),  # noqa: B008 it is frozen
    max_nodes: int = MAX_NODES,
    max_depth: int = MAX_DEPTH,
) -> Facts:
    """Measure one node as returned by ``GET /v1/files/:key/nodes``.

    ``document``, ``components`` and ``styles`` are the values of these keys under ``nodes[id]``.
    ``levels`` is the requested depth, None for all. Missing values and wrong types are ignored, so
    this never raises. ``Facts.notes`` has the limits that were reached and the rules that could not
    be judged. It takes about 0.1 ms per layer, and seconds for a design made to be slow: in an
    event loop, run it in a thread.
    """
    screen = look_at(
        document, components, styles, levels=levels, options=options, max_nodes=max_nodes,
        max_depth=max_depth,
    )  # fmt: skip
    return measure_screen(screen)


def look_at(
    document: object,
    components: object = None,
    styles: object = None,
    *,
    levels: int | None = None,
    options: Options = Options(),  # noqa: B008 it is frozen
    max_nodes: int = MAX_NODES,
    max_depth: int = MAX_DEPTH,
) -> Screen:
    """The design before it is measured, with the parameters of ``measure``."""
    found = walk(document, components, max_nodes, max_depth, levels)
    return Screen(found, styles if isinstance(styles, Mapping) else {}, options)


def measure_screen(screen: Screen, kinds: frozenset[Kind] = KINDS) -> Facts:
    """All rules about these topics that are not switched off."""
    found, options = screen.found, screen.options
    rules = [each for each in RULES if each.kind in kinds and each.id not in options.off]
    facts = [fact for rule in rules for fact in rule.measure(screen)]
    told, ignored = grouped(facts, options.ignored)
    notes = [*found.notes, *screen.notes, *_switched_off(options)]
    blind = sum(fact.count for fact in told if not fact.is_measurable)
    if blind:
        notes.append(f"Contrast of {blind} text layers could not be measured.")
    if ignored:
        are = "finding is" if ignored == 1 else "findings are"
        notes.append(f"{ignored} {are} ignored in this file.")
    scope = found.scope or ("" if screen.is_whole else "not all was measured")
    return Facts.ordered(told, notes, scope, screen.scale if screen.places else None)


def _switched_off(options: Options) -> list[str]:
    known = {rule.id for rule in RULES}
    off, unknown = sorted(options.off & known), sorted(options.off - known)
    notes = [f"Switched off by the guidance: {', '.join(off)}."] if off else []
    if unknown:
        named = ", ".join(short_name(each) for each in unknown[:5])
        notes.append(f"The guidance switches off {named}, but no rule has this name.")
    return notes

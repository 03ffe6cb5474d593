"""Measure a design: every rule over one walk of the node tree, without any network call."""

from collections.abc import Mapping

from service.review.contrast import measure_contrast
from service.review.facts import Facts
from service.review.spacing import measure_spacing
from service.review.targets import measure_targets
from service.review.tokens import measure_tokens
from service.review.tree import walk
from service.review.type_sizes import measure_type_sizes

MAX_NODES = 2000
MAX_DEPTH = 60
# Fills that are painted under texts: 600 texts, on ten each.
MAX_CONTRAST_STEPS = 6000


def measure(
    document: object,
    components: object = None,
    styles: object = None,
    *,
    levels: int | None = None,
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
    found = walk(document, components, max_nodes, max_depth, levels)
    places, notes = found.places, list(found.notes)
    facts, left_out = measure_contrast(places, found.unread, MAX_CONTRAST_STEPS)
    if left_out:
        notes.append(f"Contrast of the last {left_out} layers was not measured: too many layers.")
    targets, more_targets = measure_targets(places)
    facts += targets
    facts += measure_spacing(places)
    facts += measure_type_sizes(places)
    facts += measure_tokens(places, styles if isinstance(styles, Mapping) else {})
    blind = sum(fact.value == "not measurable" for fact in facts)
    if blind:
        notes.append(f"Contrast of {blind} text layers could not be measured.")
    if more_targets:
        notes.append(f"{more_targets} more tap targets were not measured.")
    is_whole = not (left_out or more_targets)
    return Facts.ordered(facts, notes, found.scope or ("" if is_whole else "not all was measured"))

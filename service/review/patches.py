"""Patches: what to change so that a finding goes away, worked out by rules and measured again.

A patch is given only if the design measured with it lacks the finding and has no other instead.
All patches of one sort are tried at once, and in halves only if something new was found. So a
design is usually measured once for each sort, and at most ``MAX_MEASURED`` layers in all.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from service.review import patch_colours as colours
from service.review import patch_sizes as sizes
from service.review.facts import KINDS, Fact, Facts, Kind
from service.review.measure import measure_screen
from service.review.palette import PaletteColour
from service.review.redrawing import Changes, changed, with_text_colours
from service.review.screen import Screen
from service.review.tree import Place, children, text

MAX_FACTS = 60
# Layers that are measured for patches: a large design four times, a small one twenty times.
MAX_MEASURED = 8000
_MOST_PASSES = 20
_ALTERNATIVES = 6

Sort = Literal["letters", "paint", "size"]
# The topics that a change of this sort can matter to: a colour moves nothing, and that of a text is
# no ground for anything.
_TOPICS: Mapping[Sort, frozenset[Kind]] = {
    "letters": frozenset({"contrast", "colour", "tokens"}),
    "paint": frozenset({"contrast", "non_text_contrast", "colour", "tokens"}),
    "size": KINDS,
}


@dataclass(frozen=True)
class Patch:
    """Changes that remove a finding. ``value`` is what was measured with them."""

    changes: Changes
    value: str

    def to_json(self) -> dict[str, Any]:
        return {
            "changes": [each.to_json() for each in self.changes],
            "measured": {"value": self.value},
        }


@dataclass(frozen=True)
class _Try:
    """A patch before it is measured; ``others`` are what to try instead."""

    fact: Fact
    sort: Sort
    changes: Changes
    others: tuple[Changes, ...] = ()

    @property
    def next(self) -> "_Try | None":
        return _Try(self.fact, self.sort, self.others[0], self.others[1:]) if self.others else None


def patches_for(
    facts: Facts,
    screen: Screen,
    palette: Sequence[PaletteColour],
    *,
    before: Facts | None = None,
) -> dict[Fact, Patch]:
    """The patches of the findings, for the 60 worst of them.

    ``palette`` has the colours of the file, tokens where it has any. It is empty if they are not
    known: then the colours in use stand for them. ``before`` is all that was measured on the
    screen, if that is known already.
    """
    if screen.found.unread:
        return {}
    drafts = _drafts(facts, screen, palette)
    found: dict[Fact, Patch] = {}
    if not drafts:
        return found
    scores = _scores(before or measure_screen(screen))
    budget = [MAX_MEASURED]
    while drafts:
        again: list[_Try] = []
        for few in _batches(drafts):
            held = _held(few, screen, scores, budget)
            found |= held
            again += [more for each in few if each.fact not in held and (more := each.next)]
        drafts = again
    return found


def _batches(drafts: Sequence[_Try]) -> list[list[_Try]]:
    """Patches of one sort that can be tried at once: no two of them change one layer."""
    batches: list[tuple[Sort, set[str], list[_Try]]] = []
    for each in drafts:
        ids = {change.element_id for change in each.changes}
        for sort, taken, few in batches:
            if sort == each.sort and not ids & taken:
                taken |= ids
                few.append(each)
                break
        else:
            batches.append((each.sort, ids, [each]))
    return [few for _, _, few in batches]


def _drafts(facts: Facts, screen: Screen, palette: Sequence[PaletteColour]) -> list[_Try]:
    by_id = {place.id: place for place in screen.places}
    made = []
    for fact in facts.facts[:MAX_FACTS]:
        maker = _MAKERS.get(fact.rule)
        places = [by_id[each] for each in fact.node_ids if each in by_id]
        if fact.verdict == "ok" or not fact.is_measurable or maker is None or not places:
            continue
        if len(places) < len(fact.node_ids) or not all(_is_writable(each) for each in places):
            continue
        sort, make = maker
        if sort == "paint" and all(each.is_text for each in places):
            sort = "letters"
        if fact.rule in _SHAPING and any(each in screen.in_instances for each in places):
            continue
        options = list(_first(make(fact, places, screen, palette), _ALTERNATIVES))
        if options:
            made.append(_Try(fact, sort, options[0], tuple(options[1:])))
    return made


def _held(
    drafts: Sequence[_Try], screen: Screen, before: "_Scores", budget: list[int]
) -> dict[Fact, Patch]:
    """Those that remove their findings and add none. If something is new, those that it may come
    from are tried again, half of them at a time."""
    budget[0] -= max(len(screen.places), MAX_MEASURED // _MOST_PASSES)
    if budget[0] < 0:
        return {}
    after = _measured_with(drafts, screen)
    scores = _scores(after)
    added = _added(before, scores)
    suspects: Sequence[_Try] = ()
    if added:
        touched = {key[1] for key in added}
        suspects = [each for each in drafts if touched & _around(each, screen)] or drafts
    held = {
        each.fact: Patch(each.changes, _value(each, after))
        for each in drafts
        if each not in suspects and _removes(each, before, scores)
    }
    if len(drafts) > 1 and suspects:
        middle = (len(suspects) + 1) // 2
        for half in (suspects[:middle], suspects[middle:]):
            held |= _held(half, screen, before, budget) if half else {}
    return held


def _measured_with(drafts: Sequence[_Try], screen: Screen) -> Facts:
    (sort,) = {each.sort for each in drafts}
    changes = [one for each in drafts for one in each.changes]
    redraw = with_text_colours if sort == "letters" else changed
    return measure_screen(redraw(screen, changes), _TOPICS[sort])


# How many problems and how many hints a rule has on a layer.
_Scores = Mapping[tuple[str, str], tuple[int, int]]


def _scores(facts: Facts) -> _Scores:
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for fact in facts.facts:
        if fact.verdict != "ok":
            for node_id in fact.node_ids or (fact.node_id,):
                counts[fact.rule, node_id][0 if fact.verdict == "problem" else 1] += 1
    return {key: (problems, hints) for key, (problems, hints) in counts.items()}


def _added(before: _Scores, after: _Scores) -> list[tuple[str, str]]:
    """What is worse than before: a finding where there was none, or a problem for a hint."""
    return [key for key, score in after.items() if score > before.get(key, (0, 0))]


def _removes(draft: _Try, before: _Scores, after: _Scores) -> bool:
    keys = [(draft.fact.rule, each) for each in draft.fact.node_ids]
    return all(after.get(key, (0, 0)) < before.get(key, (0, 0)) for key in keys)


def _around(draft: _Try, screen: Screen) -> set[str]:
    """The layers a patch can matter to: those changed, what is around and in them, and what lies
    beside them."""
    ids = {each.element_id for each in draft.changes}
    near = set(ids)
    for place in screen.places:
        if place.id in ids:
            near.update(each.id for each in place.ancestors())
            beside = children(place.parent.node) if place.parent else ()
            near.update(text(each, "id") for each in beside)
        elif any(each.id in ids for each in place.ancestors()):
            near.add(place.id)
    return near


def _value(draft: _Try, after: Facts) -> str:
    """What the rule measures with the patch; the new value itself if it has nothing to say."""
    changed_ids = set(draft.fact.node_ids)
    for fact in after.facts:
        if fact.rule == draft.fact.rule and changed_ids & {fact.node_id, *fact.node_ids}:
            return fact.value
    new = list(dict.fromkeys(each.new for each in draft.changes))
    shown = [each if isinstance(each, str) else f"{each:g} px" for each in new]
    return ", ".join(shown)


def _is_writable(place: Place) -> bool:
    return place.node.get("writable") is not False and place.node.get("locked") is not True


def _first(made: Iterator[Changes], limit: int) -> Iterator[Changes]:
    seen = set[Changes]()
    for each in made:
        if each and each not in seen and any(one.old != one.new or one.token for one in each):
            seen.add(each)
            yield each
        if len(seen) == limit:
            return


_Maker = Callable[[Fact, Sequence[Place], Screen, Sequence[PaletteColour]], Iterator[Changes]]
# What they change cannot be overridden in an instance; the component is the place for it.
_SHAPING = frozenset({"target-size", "spacing-grid", "alignment", "radii"})
_MAKERS: Mapping[str, tuple[Sort, _Maker]] = {
    "contrast-text": ("paint", colours.text_colour),
    "contrast-control": ("paint", colours.edge_colour),
    "near-duplicate-colour": ("paint", colours.one_of_two),
    "unbound-value": ("paint", colours.bound_colour),
    "target-size": ("size", sizes.larger_target),
    "text-size": ("size", sizes.font_size),
    "type-scale": ("size", sizes.font_size),
    "line-height": ("size", sizes.taller_lines),
    "spacing-grid": ("size", sizes.spacing_step),
    "alignment": ("size", sizes.lined_up),
    "radii": ("size", sizes.radius),
}

"""Patches: what to change so that a finding goes away, worked out by rules and measured again.

A patch is given only if the design measured with it lacks the finding and has no other instead.
All patches of colours are tried at once, then all others, and one by one only if something new was
found. So a design is usually measured two or three times, and at most ``MAX_MEASURED`` layers more.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from service.review.facts import Fact, Facts, Kind
from service.review.measure import measure_screen
from service.review.paint import RGB, coats_of, to_hex, unit
from service.review.palette import PaletteColour, TokenKind, adjusted_to_pass, passing_colours
from service.review.redrawing import Change, changed, hugs, value_of
from service.review.rules import RULES, contrast_control, text_size
from service.review.screen import Screen
from service.review.targets import MINIMUM_PX
from service.review.text_meetings import TextMeeting
from service.review.text_runs import text_runs
from service.review.tree import Node, Place, child, children, is_visible, number, text

MAX_FACTS = 60
# Layers that are measured again for single patches and second choices, in all.
MAX_MEASURED = 6000
_ALTERNATIVES = 3

Sort = Literal["colour", "size"]
# The topics that a change of this sort cannot matter to: a colour moves nothing, and no size has
# one.
_UNTOUCHED: Mapping[Sort, frozenset[Kind]] = {
    "colour": frozenset({"target_size", "type_size", "spacing", "layout", "layers", "states"}),
    "size": frozenset({"colour", "tokens", "states"}),
}
Changes = tuple[Change, ...]


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


def patch_for(fact: Fact, screen: Screen, palette: Sequence[PaletteColour]) -> Patch | None:
    """The patch of one finding, or None if there is none that holds."""
    return patches_for(Facts((fact,)), screen, palette).get(fact)


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
        drafts = again if budget[0] > 0 else []
        budget[0] -= len(screen.places)
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
        options = list(_first(make(fact, places, screen, palette), _ALTERNATIVES))
        if options:
            made.append(_Try(fact, sort, options[0], tuple(options[1:])))
    return made


def _held(
    drafts: Sequence[_Try], screen: Screen, before: "_Scores", budget: list[int]
) -> dict[Fact, Patch]:
    """Those that remove their findings and add none."""
    after = _measured_with(drafts, screen)
    scores = _scores(after)
    added = _added(before, scores)
    suspects = drafts if added else ()
    if added and len(drafts) > 1:
        touched = {key[1] for key in added}
        near = [each for each in drafts if touched & _around(each, screen)]
        suspects = near or drafts
    held: dict[Fact, Patch] = {}
    for each in drafts:
        if each not in suspects and _removes(each, before, scores):
            held[each.fact] = Patch(each.changes, _value(each, after))
    if len(drafts) == 1:
        return held
    for each in suspects:
        budget[0] -= len(screen.places)
        if budget[0] < 0:
            break
        held |= _held([each], screen, before, budget)
    return held


def _measured_with(drafts: Iterable[_Try], screen: Screen) -> Facts:
    drafts = list(drafts)
    redrawn = changed(screen, [one for each in drafts for one in each.changes])
    untouched = frozenset.intersection(*(_UNTOUCHED[each.sort] for each in drafts))
    off = frozenset(rule.id for rule in RULES if rule.kind in untouched)
    redrawn.options = replace(redrawn.options, off=redrawn.options.off | off)
    return measure_screen(redrawn)


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
        if each and each not in seen:
            seen.add(each)
            yield each
        if len(seen) == limit:
            return


# --- colours


@dataclass(frozen=True)
class _Painted:
    """The one solid paint of a field, and what it is bound to."""

    place: Place
    field: str
    at: int
    colour: str
    alpha: float
    bound: TokenKind | None


def _painted(place: Place, field: str) -> _Painted | None:
    """None if the colour of a field is not that of one solid paint."""
    paints = place.node.get(field)
    if not isinstance(paints, list) or not all(isinstance(each, Mapping) for each in paints):
        return None
    shown = [at for at, each in enumerate(paints) if is_visible(each)]
    if len(shown) != 1 or paints[shown[0]].get("type") != "SOLID":
        return None
    paint = paints[shown[0]]
    colour = child(paint, "color")
    red, green, blue = (unit(number(colour, key)) for key in "rgb")
    alpha = unit(number(paint, "opacity", 1.0)) * unit(number(colour, "a", 1.0))
    style_key = "fill" if field == "fills" else "stroke"
    bound: TokenKind | None = None
    if {style_key, f"{style_key}s"} & child(place.node, "styles").keys():
        bound = "style"
    elif child(paint, "boundVariables").get("color") or child(place.node, "boundVariables").get(
        field
    ):
        bound = "variable"
    return _Painted(place, field, shown[0], to_hex((red, green, blue)), alpha, bound)


def _recoloured(
    paints: Sequence[_Painted],
    against: Sequence[RGB],
    threshold: float,
    palette: Sequence[PaletteColour],
) -> Iterator[Changes]:
    """The nearest colours of the palette that pass, then the colour itself made to pass. What is
    bound to a token is only bound to another one."""
    first = paints[0]
    bound = {each.bound for each in paints}
    if len(bound) > 1 or any(each.colour != first.colour for each in paints):
        return
    usable = [
        each
        for each in palette
        if first.bound is None or (each.token and each.token.kind == first.bound)
    ]
    near = passing_colours(
        first.colour, against, threshold, usable, alpha=first.alpha, limit=2, same_family=True
    )
    for found in near:
        yield tuple(
            Change(each.place.id, f"{each.field}[{each.at}].color", each.colour, found.colour,
                   found.token)
            for each in paints
        )  # fmt: skip
    if first.bound is None and (
        adjusted := adjusted_to_pass(first.colour, tuple(against), threshold, first.alpha)
    ):
        yield tuple(
            Change(each.place.id, f"{each.field}[{each.at}].color", each.colour, adjusted.colour)
            for each in paints
        )


def _text_colour(
    _fact: Fact, places: Sequence[Place], screen: Screen, palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    met = _meeting_of(places[0], screen)
    paints = [_painted(each, "fills") for each in places]
    known = [each for each in paints if each]
    # A text of several styles would need a patch for each run.
    if met is None or met.obstacle or len(known) < len(paints):
        return
    if any(len(text_runs(each.node)) != 1 for each in places):
        return
    behind = tuple(dict.fromkeys(pair[0] for pair in met.meeting.pairs))
    yield from _recoloured(known, behind, met.run.threshold, palette or _in_use(screen))


def _meeting_of(place: Place, screen: Screen) -> TextMeeting | None:
    return next((each for each in screen.text_meetings if each.place is place), None)


def _edge_colour(
    _fact: Fact, places: Sequence[Place], screen: Screen, palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """The stroke of a control if it has one, else its fill."""
    for field in ("strokes", "fills"):
        paints = [_painted(each, field) for each in places]
        known = [each for each in paints if each]
        if len(known) < len(paints):
            continue
        if field == "strokes" and number(places[0].node, "strokeWeight", 1) <= 0:
            continue
        met = screen.ground.meeting_of(places[0], coats_of(places[0].node, field), at_edge=True)
        if met.obstacle:
            continue
        behind = tuple(dict.fromkeys(pair[0] for pair in met.pairs))
        yield from _recoloured(
            known, behind, contrast_control.THRESHOLD, palette or _in_use(screen)
        )
        return


def _in_use(screen: Screen) -> list[PaletteColour]:
    """The solid colours of the design itself."""
    found = (
        _painted(place, field)
        for place in screen.places
        for field in ("fills", "strokes")
        if place.node.get(field)
    )
    colours = dict.fromkeys(each.colour for each in found if each and each.alpha >= 1)
    return [PaletteColour(each) for each in colours]


# --- sizes and distances


_GAPS = ("itemSpacing", "counterAxisSpacing", "gridRowGap", "gridColumnGap")
_PADDINGS = ("paddingLeft", "paddingTop", "paddingRight", "paddingBottom")


def _spacing(
    fact: Fact, places: Sequence[Place], _screen: Screen, _palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """The next step of the grid for each value that is off it."""
    grid = 4.0
    changes = []
    for place in places:
        for name in (*_GAPS, *_PADDINGS):
            old = value_of(place.node, name)
            if not old or round(old, 2) not in fact.numbers:
                continue
            if child(place.node, "boundVariables").get(name):
                return
            changes.append(Change(place.id, name, old, next_step(old, grid)))
    yield tuple(changes)


def next_step(value: float, grid: float) -> float:
    """The multiple of the grid next to a value, the larger one of two; never 0."""
    return max(math.floor(value / grid + 0.5), 1) * grid


def _target(
    fact: Fact, places: Sequence[Place], _screen: Screen, _palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """More padding where auto layout makes the size, else the size itself."""
    if fact.verdict != "problem":
        return
    changes: list[Change] = []
    for place in places:
        for side, pads in (
            ("width", ("paddingLeft", "paddingRight")),
            ("height", ("paddingTop", "paddingBottom")),
        ):
            size = value_of(place.node, side)
            if size is None:
                return
            if size >= MINIMUM_PX - 0.01:
                continue
            if hugs(place.node, side):
                changes += _padded(place, pads, MINIMUM_PX - size)
            else:
                changes.append(Change(place.id, side, size, MINIMUM_PX))
    if not any(_is_bound(places, each.property) for each in changes):
        yield tuple(changes)


def _padded(place: Place, names: Sequence[str], missing: float) -> Iterator[Change]:
    """Half of what is missing on each side, on the grid where the padding was."""
    for name in names:
        old = value_of(place.node, name) or 0.0
        wanted = old + missing / 2
        step = 4.0 if old % 4 == 0 else 1.0
        yield Change(place.id, name, old, math.ceil(wanted / step - 0.001) * step)


def _font_size(
    _fact: Fact, places: Sequence[Place], _screen: Screen, _palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    if any(len(text_runs(each.node)) != 1 for each in places) or _is_bound(places, "fontSize"):
        return
    yield tuple(
        Change(each.id, "fontSize", value_of(each.node, "fontSize") or 0.0, text_size.SMALLEST_PX)
        for each in places
    )


def _is_bound(places: Iterable[Place], name: str) -> bool:
    """Whether a token gives this value: then it is a decision."""
    return any(_binds(each.node, name) for each in places)


def _binds(node: Node, name: str) -> bool:
    if name in ("fontSize", "lineHeight") and text(child(node, "styles"), "text"):
        return True
    style = child(child(node, "style"), "boundVariables")
    return bool(child(node, "boundVariables").get(name) or style.get(name))


_Maker = Callable[[Fact, Sequence[Place], Screen, Sequence[PaletteColour]], Iterator[Changes]]
_MAKERS: Mapping[str, tuple[Sort, _Maker]] = {
    "contrast-text": ("colour", _text_colour),
    "contrast-control": ("colour", _edge_colour),
    "spacing-grid": ("size", _spacing),
    "target-size": ("size", _target),
    "text-size": ("size", _font_size),
}

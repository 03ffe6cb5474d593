"""Patches: what to change so that a finding goes away, worked out by rules and measured again.

A patch is given only if the design measured with it lacks the finding and has no other instead.
All patches of colours are tried at once, then all others, and in halves only if something new was
found. A design is usually measured two or three times, and at most ``MAX_MEASURED`` layers in all.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from service.review.facts import KINDS, Fact, Facts, Kind
from service.review.measure import measure_screen
from service.review.paint import RGB, coats_of
from service.review.palette import (
    PaletteColour,
    Token,
    TokenKind,
    adjusted_to_pass,
    passing_colours,
)
from service.review.redrawing import Change, changed, hugs, value_of
from service.review.rules import contrast_control, line_height, text_size
from service.review.screen import Screen
from service.review.targets import MINIMUM_PX
from service.review.tree import Node, Place, child, children, is_visible, text
from service.review.uses import ColourUse, colour_uses

MAX_FACTS = 60
# Layers that are measured for patches: a large design four times, a small one as often as needed.
MAX_MEASURED = 8000
_ALTERNATIVES = 3

Sort = Literal["colour", "size"]
# The topics that a change of this sort can matter to: a colour moves nothing.
_TOPICS: Mapping[Sort, frozenset[Kind]] = {
    "colour": frozenset({"contrast", "non_text_contrast", "colour", "tokens"}),
    "size": KINDS - {"colour", "states"},
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
    budget[0] -= len(screen.places)
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
    redrawn = changed(screen, [one for each in drafts for one in each.changes])
    return measure_screen(redrawn, _TOPICS[sort])


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


# --- colours


def _painted(place: Place, field: str) -> ColourUse | None:
    """The one paint of a field, if it is solid."""
    shown = [each for each in children(place.node, field) if is_visible(each)]
    uses = [each for each in colour_uses(place) if each.field == field]
    return uses[0] if len(shown) == len(uses) == 1 else None


def _kind_of(use: ColourUse) -> TokenKind | None:
    """What gives the colour now."""
    if not use.is_bound:
        return None
    return "style" if use.is_style else "variable"


def _recolour(use: ColourUse, colour: str, token: Token | None) -> Change:
    return Change(use.place.id, f"{use.field}[{use.at}].color", use.colour, colour, token)


def _recoloured(
    uses: Sequence[ColourUse],
    against: Sequence[RGB],
    threshold: float,
    palette: Sequence[PaletteColour],
) -> Iterator[Changes]:
    """The nearest colours of the palette that pass, then the colour itself made to pass. What is
    bound to a token is only bound to another one."""
    first = uses[0]
    kind = _kind_of(first)
    if any((_kind_of(each), each.colour) != (kind, first.colour) for each in uses):
        return
    usable = [each for each in palette if kind is None or (each.token and each.token.kind == kind)]
    near = passing_colours(
        first.colour, against, threshold, usable, alpha=first.alpha, limit=2, same_family=True
    )
    for found in near:
        yield tuple(_recolour(each, found.colour, found.token) for each in uses)
    if kind is None and (
        adjusted := adjusted_to_pass(first.colour, tuple(against), threshold, first.alpha)
    ):
        yield tuple(_recolour(each, adjusted.colour, None) for each in uses)


def _text_colour(
    fact: Fact, places: Sequence[Place], screen: Screen, palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    met = next((each for each in screen.text_meetings if each.place is places[0]), None)
    uses = [use for each in places if (use := _painted(each, "fills"))]
    # A text of several styles would need a patch for each run.
    if met is None or met.obstacle or len(uses) < len(places):
        return
    # Another colour changes nothing about what is disabled, or lies on something unknown.
    if fact.verdict != "problem" and (met.meeting.outside > 0.01 or not met.meeting.gradient):
        return
    if any(len(screen.runs.get(each, ())) != 1 for each in places):
        return
    behind = tuple(dict.fromkeys(pair[0] for pair in met.meeting.pairs))
    known = palette or colours_in_use(screen)
    yield from _recoloured(uses, behind, met.run.threshold, known)


def _edge_colour(
    fact: Fact, places: Sequence[Place], screen: Screen, palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """The stroke of a control if it has one, else its fill."""
    if fact.verdict != "problem":
        return
    for field in ("strokes", "fills"):
        uses = [use for each in places if (use := _painted(each, field))]
        if len(uses) < len(places):
            continue
        met = screen.ground.meeting_of(places[0], coats_of(places[0].node, field), at_edge=True)
        if not met.obstacle:
            behind = tuple(dict.fromkeys(pair[0] for pair in met.pairs))
            known = palette or colours_in_use(screen)
            yield from _recoloured(uses, behind, contrast_control.THRESHOLD, known)
            return


def _one_of_two(
    fact: Fact, places: Sequence[Place], screen: Screen, palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """The usual one of two colours that look the same, with the token that gives it."""
    colour, _, usual = fact.value.partition(" beside ")
    uses = _set_by_hand(places, screen, colour)
    known = [*palette, *colours_in_use(screen)]
    tokens = [each.token for each in known if each.colour == usual and each.token]
    for token in dict.fromkeys(tokens):
        yield tuple(_recolour(each, usual, token) for each in uses)
    if not tokens:
        yield tuple(_recolour(each, usual, None) for each in uses)


def _bound(
    fact: Fact, places: Sequence[Place], screen: Screen, palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """The same value, bound to the one token that has it. Of several, a person has to choose."""
    if fact.expected.endswith("one of them"):
        return
    part, _, identity = fact.cause.partition(" ")
    if fact.numbers:
        name = screen.token_name(identity) or identity
        yield tuple(
            Change(each.id, part, value, value, Token(identity, name, "variable"))
            for each in places
            if (value := value_of(each.node, part))
        )
        return
    known = [*palette, *colours_in_use(screen)]
    token = next((each.token for each in known if each.token and each.token.id == identity), None)
    if token is None and identity.startswith("VariableID:"):
        token = Token(identity, screen.token_name(identity) or identity, "variable")
    uses = _set_by_hand(places, screen, fact.value.rpartition(" ")[2])
    if token:
        yield tuple(_recolour(each, each.colour, token) for each in uses if each.part == part)


def _set_by_hand(places: Sequence[Place], screen: Screen, colour: str) -> list[ColourUse]:
    wanted = set(places)
    return [
        each
        for each in screen.colours
        if each.place in wanted and each.colour == colour and not each.is_bound and each.alpha >= 1
    ]


def colours_in_use(screen: Screen) -> list[PaletteColour]:
    """The opaque solid colours of a design, each with the token that gives it there."""
    found: dict[PaletteColour, None] = {}
    for use in screen.colours:
        if use.alpha < 1:
            continue
        token: Token | None = None
        if kind := _kind_of(use):
            name = screen.token_name(use.token) or use.token
            token = Token(use.token, name, kind) if use.token != "?" else None
        found[PaletteColour(use.colour, token)] = None
    return list(found)


# --- sizes and distances


def _spacing(
    fact: Fact, places: Sequence[Place], screen: Screen, _palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """The next step of the grid for each value that is off it. Gaps placed by hand are left."""
    wanted = set(places)
    changes = []
    for place, found in screen.spacings:
        for each in found if place in wanted else ():
            if each.is_bound or round(each.value, 2) not in fact.numbers:
                continue
            if not each.field:
                return
            step = next_step(each.value, screen.scale.grid)
            changes.append(Change(place.id, each.field, each.value, step))
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
    fact: Fact, places: Sequence[Place], screen: Screen, _palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """The usual size nearby, or the smallest that reads well."""
    size = fact.numbers[1] if fact.rule == "type-scale" else text_size.SMALLEST_PX
    yield from _restyled(places, screen, "fontSize", size)


def _line_height(
    fact: Fact, places: Sequence[Place], screen: Screen, _palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    yield from _restyled(
        places, screen, "lineHeight", math.ceil(line_height.COMFORTABLE * fact.numbers[1])
    )


def _restyled(places: Sequence[Place], screen: Screen, name: str, new: float) -> Iterator[Changes]:
    """Another size for texts of one style each."""
    if any(len(screen.runs.get(each, ())) != 1 for each in places) or _is_bound(places, name):
        return
    yield tuple(Change(each.id, name, value_of(each.node, name) or 0.0, new) for each in places)


def _radius(
    fact: Fact, places: Sequence[Place], _screen: Screen, _palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """The radius of others of its kind, or the outer one less the padding."""
    old, other, *padding = fact.numbers
    new = other - padding[0] if padding else other
    yield tuple(Change(each.id, "cornerRadius", old, new) for each in places)


# How far along its side each line of a layer lies: its edges and its centre.
_LINES = {"left": 0.0, "right": 1.0, "centre": 0.5, "top": 0.0, "bottom": 1.0, "middle": 0.5}


def _line_up(
    fact: Fact, places: Sequence[Place], screen: Screen, _palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """Onto the line that it misses, on the side where its neighbours have it."""
    line = fact.value.split()[0]
    axis, side = ("x", "width") if line in ("left", "right", "centre") else ("y", "height")

    def at(place: Place) -> float:
        box = place.box
        return getattr(box, axis) + _LINES[line] * getattr(box, side) if box else math.nan

    changes = []
    for place in places:
        around = screen.below.get(place.parent, ()) if place.parent else ()
        ways = {by: sum(abs(at(each) - at(place) - by) < 0.3 for each in around)
                for by in (fact.numbers[0], -fact.numbers[0])}  # fmt: skip
        by = max(ways, key=lambda way: ways[way])
        old = _offset(place, axis)
        if old is None or not ways[by]:
            return
        changes.append(Change(place.id, axis, old, round(old + by, 2)))
    yield tuple(changes)


def _offset(place: Place, axis: str) -> float | None:
    """The place in the frame around, as Figma tells it: groups have no origin of their own."""
    around = next((each for each in place.ancestors() if each.type != "GROUP"), None)
    if place.box is None or around is None or around.box is None:
        return None
    return round(float(getattr(place.box, axis) - getattr(around.box, axis)), 2)


def _is_bound(places: Iterable[Place], name: str) -> bool:
    """Whether a token gives this value: then it is a decision."""
    return any(_binds(each.node, name) for each in places)


def _binds(node: Node, name: str) -> bool:
    if name in ("fontSize", "lineHeight") and text(child(node, "styles"), "text"):
        return True
    style = child(child(node, "style"), "boundVariables")
    return bool(child(node, "boundVariables").get(name) or style.get(name))


_Maker = Callable[[Fact, Sequence[Place], Screen, Sequence[PaletteColour]], Iterator[Changes]]
# What they change cannot be overridden in an instance; the component is the place for it.
_SHAPING = frozenset({"target-size", "spacing-grid", "alignment", "radii"})
_MAKERS: Mapping[str, tuple[Sort, _Maker]] = {
    "contrast-text": ("colour", _text_colour),
    "contrast-control": ("colour", _edge_colour),
    "near-duplicate-colour": ("colour", _one_of_two),
    "unbound-value": ("colour", _bound),
    "target-size": ("size", _target),
    "text-size": ("size", _font_size),
    "type-scale": ("size", _font_size),
    "line-height": ("size", _line_height),
    "spacing-grid": ("size", _spacing),
    "alignment": ("size", _line_up),
    "radii": ("size", _radius),
}

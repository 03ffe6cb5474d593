"""What a model may change in a file, held against the file as it was.

All but the few things below has to be the same, token by token: imports, expressions, types,
classes, words, the ids of layers. So nothing can come in that nobody thought of. A model may give

- other tags, among those of boxes and among those of texts;
- groups: a box without any look of its own (``className="contents"``) around neighbours;
- labels: ``aria-label``, ``alt``, ``aria-current``, and a few roles where there is none;
- names of constants, of functions and their props, and of stories, wherever they are used;
- classes of a layer, from a list, where a gate said that this layer is not as it should be.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

from service.pipelines.editing.allowances import (
    ADDED,
    BOXES,
    CURRENT,
    FLOWS,
    FORBIDDEN,
    LABEL_CHARS,
    LABELS,
    MAY_HOLD,
    NAME,
    NO_LABEL,
    ROLES,
    SIZES,
    TEXTS,
)
from service.pipelines.editing.tsx_shape import (
    is_group,
    label_props,
    part_roots,
    plain,
    scopes_of,
    structure,
)
from service.pipelines.editing.tsx_tree import (
    Code,
    Item,
    Node,
    Token,
    Unreadable,
    nodes_in,
    read_tsx,
    tokens_in,
)
from service.pipelines.generate.traces import without_traces
from service.pipelines.spec.code_names import RESERVED, TAKEN


class Refused(ValueError):
    """An answer that is not taken. ``code`` is for the books, the text is for the model."""

    def __init__(self, code: str, what: str):
        super().__init__(what)
        self.code = code


def check_edit(
    path: str,
    old: str,
    new: str,
    *,
    given: Mapping[str, Mapping[str, str]],
    opened: frozenset[str] = frozenset(),
) -> None:
    """Raises Refused if ``new`` differs from ``old`` in more than a model may change.

    ``given``: the attributes that each layer has by the spec, which stay. ``opened``: the layers
    whose classes may change.
    """
    before = read_tsx(old)
    try:
        after = read_tsx(new)
    except Unreadable as error:
        raise Refused("unreadable", f"{path} cannot be taken: {error}.") from None
    _check_names(path, before, after)
    _check_imports(path, before, after)
    _check_nodes(path, before, after)
    _Comparison(path, before, given, opened).all_of(before, after)
    _check_delivery(path, old, new)
    if problems := structure(after) - structure(before):
        raise Refused("refused_tag", f"{path}: {sorted(problems)[0]}.")


# --- The whole file, so that a refusal says what is wrong ---


def _check_names(path: str, before: Code, after: Code) -> None:
    known = {each.text for each in tokens_in(before) if each.kind == "name"}
    known |= {name for node in nodes_in(before) for name in (node.tag, *node.attributes)}
    found = {each.text for each in tokens_in(after) if each.kind == "name"}
    found |= {name for node in nodes_in(after) for name in (node.tag, *node.attributes)}
    if bad := sorted(found & FORBIDDEN - known):
        raise Refused("forbidden_name", f"{path} must not use {bad[0]}.")


def _check_imports(path: str, before: Code, after: Code) -> None:
    if list(_imports(before)) != list(_imports(after)):
        raise Refused("changed_import", f"The imports of {path} must stay as they are.")


def _imports(code: Code) -> Iterator[tuple[Item, ...]]:
    items = plain(code)
    for at, item in enumerate(items):
        if isinstance(item, Token) and item.kind == "name" and item.text in ("import", "from"):
            ends = (
                place
                for place in range(at, len(items))
                if isinstance(each := items[place], Token) and each.kind == "string"
            )
            yield items[at : next(ends, len(items)) + 1]


def _check_nodes(path: str, before: Code, after: Code) -> None:
    was, now = _traces(before), _traces(after)
    if lost := was - now:
        raise Refused("lost_node", f"{path} has lost data-node {_shown(lost)}.")
    if more := now - was:
        is_known = all(key in was for key in more)
        code = "doubled_node" if is_known else "foreign_node"
        raise Refused(code, f"{path} has data-node {_shown(more)} where there was none.")


def _check_delivery(path: str, old: str, new: str) -> None:
    """What is delivered has no traces, also of an edit that writes them in another way."""
    was, now = (_traces_delivered(path, text) for text in (old, new))
    if now is None or now != was:
        what = "each data-node and each nodes has to be written as it was, quotes and blanks too"
        raise Refused("changed_code", f"{path}: {what}.")


def _traces_delivered(path: str, text: str) -> "Counter[Code] | None":
    try:
        return _traces(read_tsx(without_traces({path: text})[path]))
    except Unreadable:
        return None


def _traces(code: Code) -> "Counter[Code]":
    values = (
        node.attributes.get(name) for node in nodes_in(code) for name in ("data-node", "nodes")
    )
    return Counter(value for value in values if value is not None)


def _shown(values: "Counter[Code]") -> str:
    return " ".join(each.text for each in tokens_in(next(iter(values))))[:80]


# --- Item by item ---


class _Comparison:
    def __init__(
        self,
        path: str,
        before: Code,
        given: Mapping[str, Mapping[str, str]],
        opened: frozenset[str],
    ):
        self.path = path
        self.given = given
        self.opened = opened
        self.before = plain(before)
        self.scopes = scopes_of(self.before, path.endswith(".stories.tsx"))
        self.labels = label_props(part_roots(before))
        self.classes = {
            name
            for each in tokens_in(before)
            if each.kind == "string"
            for name in each.text.split()
        }
        self.ids: dict[str, list[list[str]]] = {}
        for node in nodes_in(before):
            if (value := node.attributes.get("nodes")) is not None:
                ids = [each.text for each in tokens_in(value) if each.kind == "string"]
                self.ids.setdefault(node.tag, []).append(ids)
        self.renamed: dict[tuple[str, str], str] = {}
        self.scope = ""

    def all_of(self, before: Code, after: Code) -> None:
        was, now = plain(before), plain(after)
        self._same_length(was, now)
        for old, new, owner in zip(was, now, self.scopes.owner, strict=True):
            self.scope = owner
            self.item(old, new)
        self._check_new_names()

    def code(self, before: Code, after: Code) -> None:
        was, now = plain(before), plain(after)
        self._same_length(was, now)
        for old, new in zip(was, now, strict=True):
            self.item(old, new)

    def item(self, old: Item, new: Item) -> None:
        if isinstance(old, Node) and isinstance(new, Node):
            self.element(old, new)
        elif isinstance(old, Node) or isinstance(new, Node):
            self._refuse("changed_code", "elements stand where there were none, or the reverse")
        elif old.kind == new.kind == "name":
            self.name(self.scope, old.text, new.text)
        elif old != new:
            code = "changed_words" if old.kind == new.kind == "string" else "changed_code"
            self._refuse(code, f"{old.text[:60]!r} must stay, and is {new.text[:60]!r}")

    def name(self, scope: str, old: str, new: str) -> None:
        """Renamed as before, or now; or the same."""
        for inside in dict.fromkeys((scope, "")):
            if old in self.scopes.names.get(inside, ()):
                if self.renamed.setdefault((inside, old), new) != new:
                    self._refuse("refused_name", f"{old} is called differently in two places")
                return
        if old != new:
            self._refuse("changed_code", f"{old} must stay, and is {new}")

    def element(self, old: Node, new: Node) -> None:
        is_part = old.tag[:1].isupper()
        if is_part:
            self.name("", old.tag, new.tag)
            self.uses(old, new)
        else:
            self.tag(old, new)
            self.attributes(old, new)
        was, now = _ungrouped(old), list(self.grouped(new))
        if sum(map(_is_plain_box, now)) > sum(map(_is_plain_box, was)):
            what = 'a new element may only be a group with className="contents"'
            self._refuse("refused_group", what)
        if [isinstance(each, Node) for each in was] != [isinstance(each, Node) for each in now]:
            self._refuse("changed_code", f"the children of {_called(old)} are others")
        for one, other in zip(was, now, strict=True):
            if isinstance(one, Node) and isinstance(other, Node):
                self.element(one, other)
            elif not isinstance(one, Node) and not isinstance(other, Node):
                self.code(one, other)

    def grouped(self, node: Node) -> Iterator[Node | Code]:
        """The children without groups, once these are as they may be."""
        for each in node.children:
            if not isinstance(each, Node) or not is_group(each):
                yield each
                continue
            has_room = node.tag in MAY_HOLD and "role" not in node.attributes
            if not has_room or not any(isinstance(inner, Node) for inner in each.children):
                self._refuse("refused_group", f"there is no room for a group in {_called(node)}")
            self.label(each.attributes.get("aria-label", (Token("string", "group"),)))
            yield from self.grouped(each)

    def tag(self, old: Node, new: Node) -> None:
        if old.tag == new.tag:
            return
        may = any(old.tag in tags and new.tag in tags for tags in (BOXES, TEXTS))
        if not may or "data-node" not in old.attributes or "role" in old.attributes:
            self._refuse("refused_tag", f"{_called(old)} must not become {new.tag}")

    def uses(self, old: Node, new: Node) -> None:
        """The props that are given to a function of the file."""
        part = old.tag
        if len(old.attributes) != len(new.attributes):
            self._refuse("changed_code", f"the props of {part} are others")
        pairs = zip(old.attributes.items(), new.attributes.items(), strict=True)
        for (name, was), (other, now) in pairs:
            self.name(part, name, other)
            if name == "className":
                self.look(was, now, False)
            elif (part, name) in self.labels and was != now:
                self.label(now)
            else:
                self.code(was, now)

    def attributes(self, old: Node, new: Node) -> None:
        layers = self.layers(old)
        is_open = bool(layers) and layers <= self.opened
        for name, was in old.attributes.items():
            now = new.attributes.get(name)
            if now is None:
                given = [self.given.get(layer, {name: ""}) for layer in layers or {""}]
                if name not in ADDED or any(name in each for each in given):
                    code = "changed_layout" if name == "className" else "refused_attribute"
                    self._refuse(code, f"{_called(old)} has lost its {name}")
            elif name == "className":
                self.look(was, now, is_open)
            elif name in LABELS and _is_text(was) and was != now:
                self.label(now)
            else:
                self.code(was, now)
        for name, now in new.attributes.items():
            if name not in old.attributes:
                self.added(old, name, now)

    def layers(self, node: Node) -> set[str]:
        """The layers that an element stands for: in a function that is used often, several."""
        value = node.attributes.get("data-node", ())
        if _is_text(value):
            return {_text_of(value)}
        places = [int(each.text) for each in tokens_in(value) if each.text.isdecimal()]
        return {ids[at] for ids in self.ids.get(self.scope, ()) for at in places if at < len(ids)}

    def added(self, old: Node, name: str, now: Code) -> None:
        said = _text_of(now)
        fits = name == "aria-label" and old.tag in BOXES
        if "data-node" not in old.attributes or not (
            fits
            or (name == "aria-current" and said in CURRENT)
            or (name == "role" and said in ROLES and old.tag in BOXES)
        ):
            what = f"{_called(old)} must not get {name}"
            self._refuse("changed_layout" if name == "className" else "refused_attribute", what)
        if fits:
            self.label(now)

    def label(self, now: Code) -> None:
        said = _text_of(now)
        if (
            not _is_text(now)
            or not said.strip()
            or len(said) > LABEL_CHARS
            or NO_LABEL.search(said)
            or NO_LABEL.search(unicodedata.normalize("NFKC", said))
        ):
            self._refuse(
                "refused_attribute",
                f"a label is one plain string of 1 to {LABEL_CHARS} letters, without addresses, "
                "names with @, tags and what cannot be seen",
            )

    def look(self, was: Code, now: Code, is_open: bool) -> None:
        """The same classes, in any order; or others of the list, where they may change."""
        before, after = plain(was), plain(now)
        self._same_length(before, after)
        for old, new in zip(before, after, strict=True):
            if not isinstance(old, Token) or not isinstance(new, Token) or old.kind != "string":
                self.item(old, new)
                continue
            changed = Counter(new.text.split())
            changed.subtract(old.text.split())
            more = [name for name, count in changed.items() if count > 0]
            if new.kind != "string" or (any(changed.values()) and not is_open):
                self._refuse("changed_layout", f"the classes {old.text[:60]!r} must stay")
            for name in more:
                if not (name in self.classes or SIZES.fullmatch(name) or FLOWS.fullmatch(name)):
                    self._refuse("changed_layout", f"the class {name[:40]} must not be used")

    def _check_new_names(self) -> None:
        taken: set[tuple[str, str]] = set()
        outside = {new for (scope, _), new in self.renamed.items() if not scope}
        for (scope, old), new in self.renamed.items():
            if (scope, new) in taken:
                self._refuse("refused_name", f"two things are called {new}")
            taken.add((scope, new))
            if old == new:
                continue
            is_fit = NAME.fullmatch(new) and new[0].isupper() == old[0].isupper()
            is_taken = new in RESERVED | TAKEN | FORBIDDEN or (scope and new in outside)
            if not is_fit or is_taken or new in self._known_in(scope):
                self._refuse("refused_name", f"{old} must not be called {new[:40]}")

    def _known_in(self, scope: str) -> set[str]:
        """What the code of a function, or of the whole file, means by a name already."""
        owned = zip(self.before, self.scopes.owner, strict=True)
        items = tuple(item for item, owner in owned if not scope or owner == scope)
        known = {each.text for each in tokens_in(items) if each.kind == "name"}
        known |= {node.tag for item in items if isinstance(item, Node) for node in nodes_in(item)}
        return known | self.scopes.names[""]

    def _same_length(self, was: Code, now: Code) -> None:
        if len(was) == len(now):
            return
        pairs = zip(was, now, strict=False)
        at = next((at for at, (old, new) in enumerate(pairs) if not _alike(old, new)), len(was))
        near = _near(was[at : at + 1]) or _near(now[at : at + 1])
        self._refuse("changed_code", f"code was added or left out near {near or 'the end'!r}")

    def _refuse(self, code: str, what: str) -> None:
        raise Refused(code, f"{self.path}: {what}.")


def _ungrouped(node: Node) -> list[Node | Code]:
    found: list[Node | Code] = []
    for each in node.children:
        if isinstance(each, Node) and is_group(each):
            found += _ungrouped(each)
        else:
            found.append(each)
    return found


def _is_plain_box(child: Node | Code) -> bool:
    return isinstance(child, Node) and child.tag in BOXES and "data-node" not in child.attributes


def _alike(old: Item, new: Item) -> bool:
    if isinstance(old, Token) and isinstance(new, Token):
        return old == new or old.kind == new.kind == "name"
    return isinstance(old, Node) and isinstance(new, Node)


def _near(items: Code) -> str:
    return "".join(f"<{each.tag}>" if isinstance(each, Node) else each.text for each in items)[:60]


def _is_text(value: Code) -> bool:
    return len(value) == 1 and isinstance(value[0], Token) and value[0].kind == "string"


def _text_of(value: Code) -> str:
    return value[0].text if len(value) == 1 and isinstance(value[0], Token) else ""


def _called(node: Node) -> str:
    layer = " ".join(each.text for each in tokens_in(node.attributes.get("data-node", ())))
    return f"<{node.tag}>" + (f" of layer {layer[:40]}" if layer else "")

"""What a file of TSX declares, and how its elements stand in each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from service.pipelines.editing.allowances import BOXES, GROUPS, LABELS, PHRASING, TEXTS
from service.pipelines.editing.tsx_tree import Code, Item, Node, Token, nodes_in


def plain(code: Code) -> Code:
    """Without what formatting adds: semicolons, and commas before a bracket that closes."""
    found: list[Item] = []
    for item in code:
        if item == Token("mark", ";"):
            continue
        closes = isinstance(item, Token) and item.kind == "mark" and item.text in (")", "]", "}")
        if closes and found and found[-1] == Token("mark", ","):
            found.pop()
        found.append(item)
    return tuple(found)


def structure(code: Code) -> set[str]:
    """What of the tags HTML forbids, or a page has once."""
    roots = part_roots(code)
    found: set[str] = set()
    mains = 0
    for node in nodes_in(code):
        mains += node.tag == "main"
        inner = [_as_html(each, roots) for each in below(node)]
        if node.tag in ("ul", "ol") and any(tag != "li" for tag in inner):
            found.add(f"each child of {node.tag} has to be a li")
        if node.tag not in ("ul", "ol", "") and "li" in inner:
            found.add(f"a li stands in {node.tag}, and not in a ul or ol")
        if node.tag in ("header", "footer"):
            inside = {each.tag for each in nodes_in(node) if each is not node}
            if inside & {"header", "footer", "main"}:
                found.add(f"a {node.tag} holds another header, footer or main")
        if node.tag in PHRASING and any(tag in BOXES | TEXTS for tag in inner):
            found.add(f"a box stands in {node.tag}")
        if node.tag in BOXES - {"div"} and "main" in inner:
            found.add(f"main stands in {node.tag}")
    if mains > 1:
        found.add("there is more than one main")
    return found


def below(node: Node) -> Iterator[Node]:
    """The elements directly in another one, also under conditions and in fragments."""
    for child in node.children:
        for item in (child,) if isinstance(child, Node) else child:
            if isinstance(item, Node) and item.tag:
                yield item
            elif isinstance(item, Node):
                yield from below(item)


def _as_html(node: Node, roots: Mapping[str, Node]) -> str:
    for _ in range(5):
        if node.tag not in roots:
            break
        node = roots[node.tag]
    return node.tag


def is_group(node: Node) -> bool:
    """Whether an element is a group that a model made."""
    return (
        node.tag in GROUPS
        and node.attributes.get("className") == (Token("string", "contents"),)
        and {*node.attributes} <= {"className", "aria-label"}
    )


# --- What a file declares ---


@dataclass
class Scopes:
    """``owner``: for each item of a file, the function that it stands in, "" outside. ``names``:
    what may be called in another way, by function."""

    owner: list[str] = field(default_factory=list)
    names: dict[str, set[str]] = field(default_factory=dict)


def scopes_of(code: Code, is_story: bool) -> Scopes:
    """Which names of a file are its own: those it exports are others', but for a story's."""
    found = Scopes(names={"": set()})
    inside, depth = "", 0
    has_body = False
    for at, item in enumerate(code):
        text = item.text if isinstance(item, Token) and item.kind in ("name", "mark") else ""
        before = code[at - 1] if at else None
        is_exported = before == Token("name", "export")
        if not inside and depth == 0 and text in ("const", "function"):
            following = code[at + 1] if at + 1 < len(code) else None
            name = following.text if isinstance(following, Token) else ""
            if name and (not is_exported or (is_story and text == "const")):
                found.names[""].add(name)
            if name and text == "function" and not is_exported:
                found.names[name] = _parameters(code, at + 2)
            if name and text == "function":
                inside, has_body = name, False
        found.owner.append(inside)
        if text in ("(", "[", "{"):
            depth += 1
        elif text in (")", "]", "}"):
            depth -= 1
            # The parameters end first, then the body.
            if inside and depth == 0 and text == "}" and has_body:
                inside = ""
            has_body = has_body or (bool(inside) and depth == 0 and text == ")")
    return found


def _parameters(code: Code, at: int) -> set[str]:
    """The names in ``({ text, nodes }: …``."""
    if code[at : at + 2] != (Token("mark", "("), Token("mark", "{")):
        return set()
    names: set[str] = set()
    for item in code[at + 2 :]:
        if item == Token("mark", "}"):
            break
        if isinstance(item, Token) and item.kind == "name":
            names.add(item.text)
    return names - {"nodes", "className"}


def part_roots(code: Code) -> dict[str, Node]:
    """The outermost element of each function of a file."""
    items = plain(code)
    owner = scopes_of(items, False).owner
    found: dict[str, Node] = {}
    for item, inside in zip(items, owner, strict=True):
        if isinstance(item, Node) and inside:
            found.setdefault(inside, item)
    return found


def label_props(roots: Mapping[str, Node]) -> set[tuple[str, str]]:
    """(function, prop) of the props that are the label of something in that function."""
    return {
        (part, value[0].text)
        for part, root in roots.items()
        for node in nodes_in(root)
        for name in LABELS
        if len(value := node.attributes.get(name, ())) == 1
        and isinstance(value[0], Token)
        and value[0].kind == "name"
    }

"""Layers that do something although no name says button or link: by a prototype's connections, by
what a small layer in a bar is called, and by a short command in the colour of links."""

import re
from collections.abc import Mapping

from service.pipelines.spec.elements import Element
from service.pipelines.spec.lettering import SAFE_LINK
from service.review.tree import Node, child, children, text

# Where somebody is led, and where something is done, is not the same to who cannot see.
_LEADS = {
    "continue", "explore", "forgot", "learn", "more", "privacy", "read", "see", "terms", "view",
}  # fmt: skip
_DOES = {
    "add", "apply", "cancel", "change", "clear", "close", "copy", "delete", "done", "download",
    "edit", "remove", "reset", "resend", "retry", "save", "send", "share", "skip", "undo", "update",
}  # fmt: skip
_IN_BARS = {
    *_DOES, "back", "help", "info", "menu", "more", "next", "notifications", "previous", "profile",
    "search", "settings",
}  # fmt: skip
_BARS = {"header", "nav"}
# A command has few words; a mark in a bar is at most so large, in px.
_FEW, _MARK = 3, 64
# Ink with less than this between its strongest and its weakest channel is grey.
_COLOURED = 64
_MOST = 20_000


def connections(document: Node) -> dict[str, tuple[str, str]]:
    """By layer: the tag that a prototype's click gives it, and a link's address.

    https://developers.figma.com/docs/rest-api/file-property-types/#interaction-type
    """
    found: dict[str, tuple[str, str]] = {}
    below = [document]
    for _ in range(_MOST):
        if not below:
            break
        node = below.pop()
        below += children(node)
        if (made := _connection(node)) is not None:
            found[text(node, "id")[:80]] = made
    return found


def _connection(node: Node) -> tuple[str, str] | None:
    for each in children(node, "interactions"):
        if text(child(each, "trigger"), "type") not in ("ON_CLICK", "ON_PRESS"):
            continue
        for action in children(each, "actions"):
            url = text(action, "url")
            if text(action, "type") == "URL":
                return "a", url if SAFE_LINK.match(url) and len(url) < 2000 else "#"
            is_elsewhere = text(action, "navigation") in ("NAVIGATE", "SCROLL_TO")
            return ("a", "#") if is_elsewhere else ("button", "")
    return ("a", "#") if text(node, "transitionNodeID") else None


def tag_of_click(
    element: Element, parent: str, clicked: Mapping[str, tuple[str, str]]
) -> tuple[str, str, str]:
    """The tag of a layer that can be clicked, why, and a link's address; "" where nothing says so.

    ``parent``: the tag round it.
    """
    if element.id in clicked:
        tag, href = clicked[element.id]
        return tag, "a click on it does something in the prototype", href
    if element.kind == "text":
        tag = _command(element)
        return tag, "a short command in the colour of links", "#" if tag == "a" else ""
    if parent in _BARS and _is_mark(element):
        return "button", f"a small layer in a bar that is called {element.name.strip()}", ""
    return "", "", ""


def _command(element: Element) -> str:
    said = re.findall(r"[^\W_]+", element.texts[0].plain.lower()) if element.texts else []
    if not 1 <= len(said) <= _FEW or not _is_link_like(element):
        return ""
    return "a" if said[0] in _LEADS else "button" if said[0] in _DOES else ""


def _is_link_like(element: Element) -> bool:
    ink = element.value("color")
    if len(ink) != 7:
        return False
    channels = [int(ink[at : at + 2], 16) for at in (1, 3, 5)]
    is_marked = element.value("text-decoration-line") == "underline" or (
        element.value("font-weight").isdigit() and int(element.value("font-weight")) >= 500
    )
    return is_marked and max(channels) - min(channels) >= _COLOURED


def _is_mark(element: Element) -> bool:
    called = [each for each in re.findall(r"[a-z]+", element.name.lower()) if each != "icon"]
    small = max(element.bounds.width, element.bounds.height) <= _MARK
    return len(called) == 1 and called[0] in _IN_BARS and small and not _has_words(element)


def _has_words(element: Element) -> bool:
    return any(each.kind == "text" for each in element.walk())

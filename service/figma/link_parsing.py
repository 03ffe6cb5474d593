"""Parse what a person pastes as the place for the buddy: a link to a file, project or team."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from service.errors import BadRequest
from service.figma.records import Context

MAX_LINK_CHARS = 2_048
HOSTS = frozenset({"figma.com", "www.figma.com", "embed.figma.com"})
# The desktop app's scheme: figma://file/KEY, or the web's own link with that scheme.
APP_SCHEME = "figma"
FILE_KINDS = frozenset({"file", "design", "board", "slides", "deck", "proto", "buzz"})

_KEY = re.compile(r"[A-Za-z0-9]{6,128}")
# A bare key must look like a key, otherwise any word would match.
_BARE_KEY = re.compile(r"(?=.*[A-Za-z])(?:(?=.*[0-9])[A-Za-z0-9]{16,128}|[A-Za-z]{22})")
_NUMBER = re.compile(r"[0-9]{1,40}")
_NODE = re.compile(r"I?\d+[:-]\d+(?:;\d+[:-]\d+)*", re.ASCII)
# A link inside other copied text: a title, Markdown, an embed's HTML, a full stop.
_WITHIN = re.compile(r"\b(?:https?|figma)://[^\s<>\"“”|\[\]]+", re.IGNORECASE)
_ENCODED = re.compile(r"(?:https?|figma)%3A%2F%2F", re.IGNORECASE)
_AROUND = "<>\"'“”‘’«»`"
_AFTER = f"{_AROUND}.,;:!?)]}}…"
_HINT = "Open the file in Figma, choose Share, then Copy link, and paste that link here."
_REFUSED_KINDS = {
    "community": "This is a Community page, which takes no buddy. Open your own copy of the file "
    "and paste its link.",
    "make": "This is a Figma Make file, where the buddy cannot read along. Paste the link of a "
    "design, board or slides file.",
    "site": "This is a Figma Sites file, where the buddy cannot read along. Paste the link of a "
    "design, board or slides file.",
}


class LinkError(BadRequest):
    """A text that is no link to a Figma file, project or team. The message says what to paste."""

    code = "bad_link"


@dataclass(frozen=True)
class Target:
    """A place in Figma. ``id`` fits a webhook's ``context_id``; ``branch`` is the branch's key."""

    context: Context
    id: str
    branch: str | None = None
    node_id: str | None = None

    @property
    def file_key(self) -> str:
        """The key of the file that has the comments. A branch is a file of its own."""
        return self.branch or self.id


def parse_link(text: str, *, extra_hosts: Iterable[str] = ()) -> Target:
    """Read a pasted link or file key. Raises ``LinkError``.

    ``extra_hosts`` ("127.0.0.1:8100") count as figma.com, for a Figma that runs locally.
    """
    link = text.strip().strip(_AROUND).strip()
    if not link or len(link) > MAX_LINK_CHARS:
        raise LinkError(f"There is no Figma link here. {_HINT}")
    if _BARE_KEY.fullmatch(link):
        return Target("file", link)
    known = HOSTS | {host.lower() for host in extra_hosts}
    path, query = _read_address(_find_link(link), known)
    if path[:1] == ["embed"]:
        # An older embed has the address of the shown page in its query.
        shown = parse_qs(query).get("url", [""])[0]
        path, query = _read_address(_find_link(shown), known)
    return _read_path(path, query)


def _find_link(text: str) -> str:
    """The first link in a text, or the whole text if there is none."""
    plain = unquote(text) if _ENCODED.match(text) else text
    found = _WITHIN.search(plain)
    return (found[0] if found else plain).rstrip(_AFTER).replace("&amp;", "&")


def _read_address(link: str, known: frozenset[str]) -> tuple[list[str], str]:
    """The decoded path segments and the query of a link to Figma."""
    url = _split(link)
    if url is None:
        raise LinkError(f"This is not a link to Figma. {_HINT}")
    path = url.path.split("/")
    if _host(url) not in known:
        if url.scheme != APP_SCHEME:
            raise LinkError(f"This is not a link to Figma. {_HINT}")
        path = [url.netloc, *path]
    return [unquote(part) for part in path if part], url.query


def _host(url: SplitResult) -> str:
    """The host in the form of the known hosts: without the default port."""
    port = ":80" if url.scheme == "http" else ":443"
    return url.netloc.lower().removesuffix(port).rstrip(".")


def _split(link: str) -> SplitResult | None:
    """The parts of a web address. An address without a scheme counts as https."""
    has_scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", link)
    try:
        url = urlsplit(link if has_scheme else f"https://{link}")
    except ValueError:
        return None
    return url if url.scheme in ("http", "https", APP_SCHEME) else None


def _read_path(path: list[str], query: str) -> Target:
    kind = path[0].lower() if path else ""
    if kind in _REFUSED_KINDS:
        raise LinkError(_REFUSED_KINDS[kind])
    if kind in FILE_KINDS:
        return _read_file(path, query)
    if kind in ("files", "team", "project", "folder"):
        return _read_place(path)
    raise LinkError(f"This page of Figma is no file, project or team. {_HINT}")


def _read_file(path: list[str], query: str) -> Target:
    key = path[1] if len(path) > 1 else ""
    if not _KEY.fullmatch(key):
        raise LinkError(f"The key of the file is missing in this link. {_HINT}")
    named = parse_qs(query).get("branch-id", [None])[0]
    branch = path[3] if len(path) > 3 and path[2] == "branch" else named
    if branch is not None and not _KEY.fullmatch(branch):
        raise LinkError(f"The key of the branch is missing in this link. {_HINT}")
    return Target("file", key, branch, _read_node(query))


def _read_node(query: str) -> str | None:
    # A ";" is part of the id of a node inside an instance; parse_qs splits only at "&". A value
    # that was encoded twice is decoded twice.
    node = unquote(parse_qs(query).get("node-id", [""])[0])
    return node.replace("-", ":") if _NODE.fullmatch(node) else None


def _read_place(path: list[str]) -> Target:
    """The innermost place in the path: a project's path can contain its team too."""
    contexts: tuple[tuple[str, Context], ...] = (
        ("project", "project"),
        ("folder", "project"),
        ("team", "team"),
    )
    for word, context in contexts:
        if word in path[:-1]:
            place = path[path.index(word) + 1]
            if _NUMBER.fullmatch(place):
                return Target(context, place)
    raise LinkError(
        "This page of Figma shows no single team or project. Open the team or project in Figma "
        "and copy the address from there."
    )

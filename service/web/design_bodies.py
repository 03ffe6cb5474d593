"""Bodies that hold a design. Size, depth and the number of selected layers are checked before the
body is parsed, or the session looked up: refusing what is too large costs next to nothing."""

import json
import re
from typing import Any

from flask import g, request
from werkzeug.exceptions import BadRequest as UnreadableBody
from werkzeug.exceptions import RequestEntityTooLarge

from service.analysis.request import MAX_BODY_BYTES, MAX_DEPTH, MAX_ROOTS
from service.errors import BadRequest, TooLarge, Unprocessable, UnsupportedMedia
from service.figma.clean_text import storable_json

MAX_BATCH = 20
MAX_BATCH_BYTES = 4 * MAX_BODY_BYTES
# A layer lies in the list of its parent's children, so it is two levels of JSON. The rest is room
# for what is around the layers and in them.
MAX_NESTING = 2 * MAX_DEPTH + 20
# No body of allowed size with real layers has as many brackets.
MAX_BRACKETS = 250_000
_ALIKE = bytes.maketrans(b"[]", b"{}")
_OTHERS = bytes(set(range(256)) - set(b"{}[]"))
_OPEN = ord("{")
_BEGINNING = 32_768
_ELEMENTS = re.compile(rb'"elements"\s*:\s*\[')
# Half of a surrogate pair, or one of both halves: what a text has that was cut within an emoji.
_HALF = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")


class InvalidRequest(Unprocessable):
    """A body whose fields are wrong. ``fields`` names the path of each."""

    code = "invalid"

    def __init__(self, fields: list[dict[str, str]]):
        told = "; ".join(f"{each['path'] or 'the body'}: {each['message']}" for each in fields[:5])
        super().__init__(f"The request has mistakes. {told}")
        self.fields = fields


def read_design_body(*, is_batch: bool) -> None:
    """Put the parsed body into ``g.design``. Raises the error to answer with."""
    limit = MAX_BATCH_BYTES if is_batch else MAX_BODY_BYTES
    if not request.is_json:
        raise UnsupportedMedia("Send JSON, with the header Content-Type: application/json.")
    request.max_content_length = limit
    try:
        raw = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise TooLarge(
            f"The request is larger than the {limit // 1000:,} kB that are allowed here. Select "
            "fewer layers."
        ) from None
    except UnreadableBody:
        raise BadRequest("The body ended too early, or came too slowly.") from None
    if not is_batch:
        _check_roots(raw)
    _check_nesting(raw)
    try:
        g.design = _parse(raw)
    except ValueError:
        raise _bad_json() from None


def _parse(raw: bytes) -> Any:
    """The JSON. Half a surrogate pair, which nothing can encode, becomes a mark in its place: a
    designer cannot see which of a thousand layers has one. Raises ValueError."""
    text = raw.decode(json.detect_encoding(raw), "surrogatepass")
    body = json.loads(text)
    return storable_json(body) if _HALF.search(text) else body


def _check_roots(raw: bytes) -> None:
    """The cheapest of all mistakes in a large body to see, without parsing it. All others come
    after the session."""
    begin = _ELEMENTS.search(raw)
    if begin and has_more_items(raw[begin.end() :], MAX_ROOTS):
        said = f"At most {MAX_ROOTS} are allowed, and there are more."
        raise InvalidRequest([{"path": "data.elements", "message": said}])


def has_more_items(tail: bytes, limit: int) -> bool:
    """Whether a list of objects has more than so many. ``tail`` begins behind its bracket."""
    # Mostly the beginning tells. What is cut off there can only hide items.
    return _counts_over(tail[:_BEGINNING], limit) or _counts_over(tail, limit)


def _counts_over(tail: bytes, limit: int) -> bool:
    depth = items = 0
    for bracket in _brackets(tail):
        depth += 1 if bracket == _OPEN else -1
        if depth < 0:
            return False
        if depth == 0:
            items += 1
            if items > limit:
                return True
    return False


def _check_nesting(raw: bytes) -> None:
    depth = nesting(raw)
    if depth is None:
        raise _bad_json()
    if depth > MAX_NESTING:
        raise TooLarge(
            f"The layers are nested too deeply: at most {MAX_DEPTH} levels are allowed. Select "
            "layers further in.",
            code="too_deep",
        )


def nesting(raw: bytes) -> int | None:
    """How many levels of brackets there are, counted up to one more than allowed; None if they do
    not match, and the text cannot be JSON.

    Each pass takes the innermost brackets away, in C: parsing would take as long as the text is
    deep, or raise RecursionError.
    """
    left = _brackets(raw)
    if len(left) > MAX_BRACKETS:
        return MAX_NESTING + 1
    depth = 0
    while left:
        fewer = left.replace(b"{}", b"")
        if len(fewer) == len(left):
            return None
        left, depth = fewer, depth + 1
        if depth > MAX_NESTING:
            break
    return depth


def _brackets(raw: bytes) -> bytes:
    """The brackets outside of texts, all written as braces."""
    without_escapes = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    outside_texts = b"".join(without_escapes.split(b'"')[::2])
    return outside_texts.translate(_ALIKE, _OTHERS)


def _bad_json() -> BadRequest:
    return BadRequest("The body is not valid JSON.", code="bad_json")

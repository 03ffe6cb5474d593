"""Pictures in a request: which there are, and how many tokens they count."""

import base64
import binascii
import math
from typing import Any

Message = dict[str, Any]
_PNG = b"\x89PNG\r\n\x1a\n"
_URL = "data:image/png;base64,"
# As gpt-5-mini counts: https://platform.openai.com/docs/guides/images-vision#calculating-costs
_PATCH_PX, _PER_PATCH = 32, 1.62


def words_of(message: Message) -> str:
    """The words of a message, without its pictures."""
    content = message.get("content")
    if not isinstance(content, list):
        return str(content or "")
    return "\n".join(part["text"] for part in content if part.get("type") == "text")


def pictures_of(messages: list[Message]) -> list[tuple[int, int, bool]]:
    """Message, part, and whether it is a PNG, of each picture."""
    return [(at, part, png is not None) for at, part, png in _found(messages)]


def picture_tokens(messages: list[Message]) -> int:
    patches = 0
    for _, _, png in _found(messages):
        if png:
            width, height = (int.from_bytes(png[at : at + 4]) for at in (16, 20))
            patches += math.ceil(width / _PATCH_PX) * math.ceil(height / _PATCH_PX)
    return math.ceil(patches * _PER_PATCH)


def _found(messages: list[Message]) -> list[tuple[int, int, bytes | None]]:
    found = []
    for at, message in enumerate(messages):
        content = message.get("content")
        for number, part in enumerate(content if isinstance(content, list) else ()):
            if part.get("type") == "image_url":
                found.append((at, number, _png_of(part["image_url"]["url"])))
    return found


def _png_of(url: str) -> bytes | None:
    if not url.startswith(_URL):
        return None
    try:
        png = base64.b64decode(url.removeprefix(_URL), validate=True)
    except binascii.Error:
        return None
    return png if png.startswith(_PNG) and len(png) > 24 else None

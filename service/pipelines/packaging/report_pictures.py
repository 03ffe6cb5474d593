"""Pictures of a report: PNGs alone, embedded, and none that is too large to be opened."""

import base64
import struct
from collections.abc import Mapping
from dataclasses import dataclass

_PNG = b"\x89PNG\r\n\x1a\n"
# A picture of few bytes may claim a size that no browser has the memory for.
MOST_PIXELS = 60_000_000
# Bytes of all pictures of one report, before they are written as base64.
LARGEST_ALL = 12_000_000


@dataclass(frozen=True)
class Picture:
    """``url`` is a data URL; "" says that there is none, and ``reason`` why."""

    url: str
    width: int = 0
    height: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Pictures:
    design: Picture
    renders: tuple[tuple[int, Picture], ...]


def embed(design: bytes | None, renders: Mapping[int, bytes]) -> Pictures:
    """All pictures that fit, the design first and then from the narrowest."""
    room = LARGEST_ALL
    read: list[Picture] = []
    for content in (design, *(renders[width] for width in sorted(renders))):
        made = _picture(content, room)
        room -= len(content or b"") if made.url else 0
        read.append(made)
    return Pictures(read[0], tuple(zip(sorted(renders), read[1:], strict=True)))


def _picture(content: bytes | None, room: int) -> Picture:
    if not content:
        return Picture("", reason="There is no picture.")
    size = png_size(content)
    if size is None:
        return Picture("", reason="This picture is no PNG, so it is not shown.")
    if size[0] * size[1] > MOST_PIXELS or len(content) > room:
        return Picture("", reason="This picture is too large to be shown here.")
    return Picture(f"data:image/png;base64,{base64.b64encode(content).decode()}", *size)


def png_size(content: bytes) -> tuple[int, int] | None:
    """Width and height in px as the file claims them; None if it is no PNG."""
    if len(content) < 33 or not content.startswith(_PNG) or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", content[16:24])
    return (width, height) if width and height else None

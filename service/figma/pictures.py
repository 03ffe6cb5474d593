"""A frame as Figma draws it: a PNG behind an address that Figma's answer names.

The address is checked like one from a stranger: https to a public host, and no redirects. It is
pre-signed, so whoever has it has the picture: it stands in no log, and no token is sent to it.

https://developers.figma.com/docs/rest-api/file-endpoints/#get-image-endpoint
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import aiohttp
from yarl import URL

from service.figma.calls import CONNECT_SECONDS, Endpoint, Exchange, Observer, exchange
from service.public_addresses import AddressRefused, NameNotFound, check_address

# Pixels of the longer side. The rest is for Figma's rounding.
LONGEST_SIDE = 1_024
_ROUNDING = 2
MAX_PICTURE_BYTES = 3_000_000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_BYTES = 24
# Not an operation of Figma's API, and it counts against no quota.
_PICTURE = Endpoint("picture", "GET", "", 0, "see the frame")

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Picture:
    """A PNG and its size in pixels."""

    png: bytes = field(repr=False)
    width: int
    height: int


async def fetch_picture(
    session: aiohttp.ClientSession,
    url: str,
    *,
    is_local: bool,
    timeout: float,
    observer: Observer | None = None,
) -> Picture:
    """Fetch the picture. ``timeout`` is in seconds for all of it. ``is_local``: Figma is replaced
    by something on this machine, so loopback is allowed.

    Raises ``FigmaError``: "too_large", "timeout", "figma_down", or "unreadable_answer" for an
    address that may not be asked and for anything that is no PNG.
    """
    return await _fetch(session, url, _read, is_local, timeout, observer)


async def fetch_file(
    session: aiohttp.ClientSession,
    url: str,
    *,
    is_local: bool,
    most_bytes: int,
    timeout: float,
    observer: Observer | None = None,
) -> bytes:
    """Fetch what was exported, at most so many bytes, whatever it is. Raises as above."""

    async def read(current: Exchange, answer: aiohttp.ClientResponse) -> bytes:
        if answer.status != 200:
            raise current.failed("unreadable_answer", figma_status=answer.status)
        return await _body(current, answer, most_bytes)

    return await _fetch(session, url, read, is_local, timeout, observer)


async def _fetch(
    session: aiohttp.ClientSession,
    url: str,
    read: Callable[[Exchange, aiohttp.ClientResponse], Awaitable[Answer]],
    is_local: bool,
    timeout: float,
    observer: Observer | None,
) -> Answer:
    with exchange(_PICTURE, observer) as current:
        try:
            async with asyncio.timeout(timeout):
                address = await asyncio.to_thread(check_address, url, is_local=is_local)
                async with session.get(
                    # As it is: it is signed.
                    URL(address.url, encoded=True),
                    headers={"Host": address.host_header},
                    # The connection goes to the checked IP address, the certificate has the name.
                    server_hostname=address.host if address.scheme == "https" else None,
                    timeout=aiohttp.ClientTimeout(timeout, sock_connect=CONNECT_SECONDS),
                    allow_redirects=False,
                ) as answer:
                    current.status = answer.status
                    return await read(current, answer)
        except AddressRefused:
            raise current.failed("unreadable_answer") from None
        except TimeoutError:
            raise current.failed("timeout") from None
        except (NameNotFound, aiohttp.ClientError, OSError, ValueError):
            raise current.failed("figma_down") from None


async def _body(current: Exchange, answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > most_bytes:
            raise current.failed("too_large")
    return bytes(body)


async def _read(current: Exchange, answer: aiohttp.ClientResponse) -> Picture:
    if answer.status != 200 or not _is_png(answer.headers):
        raise current.failed("unreadable_answer", figma_status=answer.status)
    body = await _body(current, answer, MAX_PICTURE_BYTES)
    if len(body) < _HEADER_BYTES or not body.startswith(_SIGNATURE) or body[12:16] != b"IHDR":
        raise current.failed("unreadable_answer", figma_status=answer.status)
    width, height = (int.from_bytes(body[at : at + 4]) for at in (16, 20))
    if not 0 < min(width, height) <= max(width, height) <= LONGEST_SIDE + _ROUNDING:
        raise current.failed("too_large")
    return Picture(body, width, height)


def _is_png(headers: Mapping[str, str]) -> bool:
    return headers.get("Content-Type", "").partition(";")[0].strip().lower() == "image/png"

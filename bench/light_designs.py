"""What a pipeline reads of Figma, as cheap as possible: `python -m bench.light_designs PORT`.

Every file exists; the number in its key says which of the made-up designs of the tests it has. The
benchmark measures the product, not this server.
"""

import struct
import sys
import zlib
from functools import cache
from typing import Any

from aiohttp import web

from tests.service.pipelines.fixtures.designs import DESIGNS

NAMES = sorted(DESIGNS)
ICON = b'<svg viewBox="0 0 16 16" fill="none"><path d="M2 8h12M8 2v12" stroke="#344054"/></svg>'


def name_of(key: str) -> str:
    return NAMES[int(key.removeprefix("D")) % len(NAMES)]


@cache
def answer(name: str) -> dict[str, Any]:
    return DESIGNS[name]()


@cache
def white(width: int, height: int) -> bytes:
    """A white PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xff" * width) * height)
    return b"".join(
        (b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), chunk(b"IDAT", rows), chunk(b"IEND", b""))
    )


async def me(_: web.Request) -> web.Response:
    return web.json_response(
        {"id": "1", "handle": "Bench", "img_url": "", "email": "b@example.test"}
    )


async def meta(request: web.Request) -> web.Response:
    name = name_of(request.match_info["key"])
    return web.json_response({"file": {"name": name, "version": "1", "role": "owner"}})


async def nodes(request: web.Request) -> web.Response:
    name = name_of(request.match_info["key"])
    found = {request.query["ids"]: answer(name)}
    return web.json_response({"name": name, "version": "1", "nodes": found})


async def exports(request: web.Request) -> web.Response:
    """Addresses: of SVGs, of the root in its size, and of anything else as a small picture."""
    key, scale = request.match_info["key"], float(request.query.get("scale", 1))
    document = answer(name_of(key))["document"]
    box = document.get("absoluteBoundingBox") or {"width": 1, "height": 1}
    images = {}
    for node_id in request.query["ids"].split(","):
        if request.query.get("format") == "svg":
            path = "icon.svg"
        elif node_id == document["id"]:
            width, height = (max(1, round(box[side] * scale)) for side in ("width", "height"))
            path = f"{width}x{height}.png"
        else:
            path = "64x64.png"
        images[node_id] = f"{request.scheme}://{request.host}/drawn/{path}"
    return web.json_response({"err": None, "images": images})


async def fills(request: web.Request) -> web.Response:
    url = f"{request.scheme}://{request.host}/drawn/200x150.png"
    names = ("photo", *(f"photo-{number}" for number in range(9)))
    return web.json_response({"meta": {"images": dict.fromkeys(names, url)}})


async def drawn(request: web.Request) -> web.Response:
    path = request.match_info["path"]
    if path.endswith(".svg"):
        return web.Response(body=ICON, content_type="image/svg+xml")
    width, height = map(int, path.removesuffix(".png").split("x"))
    return web.Response(body=white(width, height), content_type="image/png")


def main() -> None:
    app = web.Application()
    app.router.add_get("/v1/me", me)
    app.router.add_get("/v1/files/{key}/meta", meta)
    app.router.add_get("/v1/files/{key}/nodes", nodes)
    app.router.add_get("/v1/files/{key}/images", fills)
    app.router.add_get("/v1/images/{key}", exports)
    app.router.add_get("/drawn/{path}", drawn)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, backlog=2048)


if __name__ == "__main__":
    main()

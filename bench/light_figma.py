"""The three Figma calls of an answer, as cheap as possible: `python -m bench.light_figma PORT`.

Every file exists and has one comment, ``c1``, just written and pinned to one frame. The number in
the file's key gives its author. The benchmark measures the worker, not this server.
"""

import itertools
import sys
from datetime import UTC, datetime

from aiohttp import web

FRAME = {
    "id": "1:2", "name": "Checkout", "type": "FRAME",
    "absoluteBoundingBox": {"x": 0, "y": 0, "width": 375, "height": 812},
    "fills": [{"type": "SOLID", "color": {"r": 1, "g": 1, "b": 1, "a": 1}}],
    "children": [{
        "id": "1:3", "name": "Pay", "type": "TEXT", "characters": "Pay now",
        "absoluteBoundingBox": {"x": 16, "y": 16, "width": 120, "height": 20},
        "style": {"fontFamily": "Inter", "fontSize": 12, "fontWeight": 400},
        "fills": [{"type": "SOLID", "color": {"r": 0.6, "g": 0.6, "b": 0.6, "a": 1}}],
    }],
}  # fmt: skip
PEOPLE = 100
BOT = {"id": "9", "handle": "Buddy", "img_url": ""}
STARTED = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
numbers = itertools.count(1)


def author(key: str) -> dict:
    number = int(key.removeprefix("F")) % PEOPLE
    return {"id": f"guest-{number}", "handle": f"Guest {number}", "img_url": ""}


def comment(key: str, number: str, parent: str, message: str) -> dict:
    pin = {"node_id": "1:2", "node_offset": {"x": 1, "y": 1}}
    return {
        "id": number, "uuid": number, "file_key": key, "parent_id": parent,
        "user": BOT if parent else author(key),
        "created_at": STARTED, "resolved_at": None, "message": message,
        "order_id": None, "client_meta": None if parent else pin, "reactions": [],
    }  # fmt: skip


async def me(request: web.Request) -> web.Response:
    return web.json_response({**BOT, "email": "buddy@example.test"})


async def comments(request: web.Request) -> web.Response:
    asked = comment(request.match_info["key"], "c1", "", "@buddy is the contrast ok?")
    return web.json_response({"comments": [asked]})


async def reply(request: web.Request) -> web.Response:
    body = await request.json()
    key = request.match_info["key"]
    return web.json_response(comment(key, f"r{next(numbers)}", "c1", body["message"]))


async def nodes(request: web.Request) -> web.Response:
    found = {"1:2": {"document": FRAME, "components": {}, "componentSets": {}, "styles": {}}}
    return web.json_response({"name": "Checkout", "version": "1", "nodes": found})


def main() -> None:
    app = web.Application()
    app.router.add_get("/v1/me", me)
    app.router.add_get("/v1/files/{key}/comments", comments)
    app.router.add_post("/v1/files/{key}/comments", reply)
    app.router.add_get("/v1/files/{key}/nodes", nodes)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, backlog=2048)


if __name__ == "__main__":
    main()

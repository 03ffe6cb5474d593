"""A light Figma for a crowd: `python -m bench.load.figma PORT`.

Whoever signs in is the person whose id is the code. Each person has a file of their own, named
after them. A comment is there once somebody has written it by `/load/comments`; a file keeps the
newest few, as its threads must not get longer during a soak.
"""

import itertools
import sys
from collections import defaultdict, deque
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bench.light_figma import BOT, nodes

KEPT = 20
EXPIRES_SECONDS = 7_776_000
numbers = itertools.count(1)
files: dict[str, deque[dict[str, Any]]] = defaultdict(lambda: deque(maxlen=KEPT))
counts = {"comments": 0, "replies": 0}


def file_of(person_id: str) -> str:
    return f"F{person_id}"


def person(person_id: str) -> dict[str, Any]:
    return {"id": person_id, "handle": f"Person {person_id}", "img_url": ""}


def _add(key: str, user: dict, message: str, parent: str = "", node: str | None = None) -> dict:
    number = str(next(numbers))
    pin = {"node_id": node, "node_offset": {"x": 1, "y": 1}} if node else None
    made = {
        "id": number, "uuid": number, "file_key": key, "parent_id": parent, "user": user,
        "created_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "resolved_at": None,
        "message": message, "order_id": None, "client_meta": pin, "reactions": [],
    }  # fmt: skip
    files[key].append(made)
    return made


async def token(request: web.Request) -> web.Response:
    """Figma's answer to a code, which is the person's id here."""
    code = str((await request.post())["code"])
    return web.json_response(
        {"user_id_string": code, "access_token": f"t-{code}", "token_type": "bearer",
         "expires_in": EXPIRES_SECONDS, "refresh_token": f"r-{code}"}
    )  # fmt: skip


async def me(request: web.Request) -> web.Response:
    given = request.headers.get("Authorization", "").removeprefix("Bearer t-")
    who = person(given) if given else BOT
    return web.json_response({**who, "email": f"{who['id']}@example.test"})


async def write(request: web.Request) -> web.Response:
    body = await request.json()
    counts["comments"] += 1
    key = file_of(body["person"])
    return web.json_response(_add(key, person(body["person"]), body["text"], node="1:2"))


async def comments(request: web.Request) -> web.Response:
    return web.json_response({"comments": list(files[request.match_info["key"]])})


async def reply(request: web.Request) -> web.Response:
    body = await request.json()
    counts["replies"] += 1
    made = _add(request.match_info["key"], BOT, body["message"], str(body["comment_id"]))
    return web.json_response(made)


async def told(_request: web.Request) -> web.Response:
    return web.json_response(counts)


def main() -> None:
    app = web.Application()
    app.router.add_post("/v1/oauth/token", token)
    app.router.add_get("/v1/me", me)
    app.router.add_get("/v1/files/{key}/comments", comments)
    app.router.add_post("/v1/files/{key}/comments", reply)
    app.router.add_get("/v1/files/{key}/nodes", nodes)
    app.router.add_post("/load/comments", write)
    app.router.add_get("/load/counts", told)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, backlog=2048)


if __name__ == "__main__":
    main()

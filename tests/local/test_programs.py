"""What a local run makes of the answers of ``/readyz`` while it waits for a program."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from local.loopback import LoopbackServer
from local.programs import Service
from local.stack.supervision import StackError

NO_KEY = "No key of TOKEN_ENCRYPTION_KEYS opens what is stored."


def web_that_says(status: int, body: Any) -> LoopbackServer:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_get("/readyz", answer)
    return LoopbackServer(app, "ready")


def service_at(url: str) -> Service:
    program: Any = SimpleNamespace(name="web")
    return Service(program, "web", url=url, health_path="/readyz")


@pytest.mark.parametrize(
    ("status", "body", "is_ready"),
    [
        (200, {"checks": {"database": "ok", "encryption": "ok"}}, True),
        (503, {"checks": {"database": "is away", "encryption": "is away"}}, False),
        (503, {"checks": {"database": "is away", "encryption": "ok"}}, False),
        (502, ["another program on this port"], False),
        (503, "starting", False),
        (503, {"checks": None}, False),
    ],
)
def test_what_may_become_ready_is_waited_for(status: int, body: Any, is_ready: bool) -> None:
    stack: Any = None
    with web_that_says(status, body) as server:
        assert service_at(server.origin).is_ready(stack) is is_ready


def test_nobody_waits_for_a_key_that_is_not_there() -> None:
    stack: Any = None
    checks = {"database": "ok", "deliveries": "ok", "encryption": NO_KEY}
    with web_that_says(503, {"checks": checks}) as server:
        service = service_at(server.origin)
        with pytest.raises(StackError, match="web cannot read what is stored"):
            service.is_ready(stack)
        assert service.complaint() == f"/readyz says 503:\n  encryption: {NO_KEY}"

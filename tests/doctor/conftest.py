"""Another service on loopback that answers as a test says, and worlds for checks to look at."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiohttp import web
from cryptography.fernet import Fernet

from doctor.checks import ALL
from doctor.finding import Finding
from doctor.running import run_all
from doctor.world import World
from local.loopback import LoopbackServer
from service.config import Settings

KEY = Fernet.generate_key().decode()
SECRET = "bH7x-9Qw2LmRt4vZk8YpDs6NfGj3Ac5E"


class Other(LoopbackServer):
    """``says["GET /path"] = (status, body, headers)``; everything else is a 404."""

    def __init__(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        super().__init__(app, "other")
        self.says: dict[str, tuple[int, Any, dict[str, str]]] = {}

    async def _answer(self, request: web.Request) -> web.Response:
        status, body, headers = self.says.get(
            f"{request.method} {request.path}", (404, {"message": "nothing here"}, {})
        )
        return web.json_response(body, status=status, headers=headers)


@pytest.fixture(scope="session")
def running_other() -> Iterator[Other]:
    with Other() as server:
        yield server


@pytest.fixture
def other(running_other: Other) -> Other:
    running_other.says.clear()
    return running_other


def public_settings(**changes: Any) -> Settings:
    """As of a product that strangers use. Nothing of it is reached."""
    values: dict[str, Any] = {
        "supabase_url": "https://project.example.com",
        "SUPABASE_ANON_KEY": "sb_publishable_one",
        "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_Rk3Vt8",
        "database_url": "postgresql://postgres:very-hidden-word@127.0.0.1:1/postgres",
        "figma_client_id": "client",
        "figma_client_secret": "Zp4Xw7",
        "figma_redirect_uri": "https://buddy.example.com/api/auth/figma-oauth",
        "webhook_url": "https://buddy.example.com/api/figma-comment-webhook",
        "token_encryption_keys": KEY,
        "session_secret": SECRET,
        "trusted_proxies": 1,
    }
    return Settings(_env_file=None, **{**values, **changes})


@pytest.fixture
def world_of() -> Iterator[Callable[..., World]]:
    """Makes worlds: of given settings, or of those of a public product with changes."""
    made = []

    def make(
        settings: Settings | None = None,
        environment: dict[str, str] | None = None,
        *,
        sends: bool = False,
        **changes: Any,
    ) -> World:
        world = World(settings or public_settings(**changes), environment or {}, sends=sends)
        made.append(world)
        return world

    yield make
    for world in made:
        world.close()


def look(name: str, world: World) -> Finding:
    """The worst finding of one check, as the command finds it."""
    [check] = [each for each in ALL if each.name == name]
    order = ["failed", "warning", "skipped", "ok"]
    results = run_all([check], world)
    return min((each.finding for each in results), key=lambda each: order.index(each.status))


def is_told(finding: Finding) -> bool:
    """What is wrong comes with why and what to do, each in a sentence."""
    sentences = (finding.what, finding.why, finding.do)
    return all(each and each[-1] in ".:)*" for each in sentences)

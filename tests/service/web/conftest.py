"""The web service as it runs: real HTTP, the real stack behind it, Figma's sandbox beside it."""

import copy
import functools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import psycopg
import pytest
from flask import Flask
from flask_openapi3 import utils
from psycopg.rows import dict_row
from werkzeug.serving import WSGIRequestHandler, make_server

from local.sandbox.client import Sandbox
from local.sandbox.config import SandboxConfig
from local.stack import Database, Stack
from local.stack.stack import free_port
from service.config import Settings
from service.web.app import create_app
from service.wiring import Services, build_services
from tests.conftest import make_settings

CLIENT_ID = "figma-ai-buddy-tests"
CHECKOUT = "ChkOut7Qm2VxLpR4tYw8Za"
HARBOUR_TEAM = "811000000000000001"


# An application describes some hundred models, most of them again and again: once is enough here,
# where each test makes an application.
_describe = functools.cache(utils.get_model_schema)
utils.get_model_schema = lambda *about, **more: copy.deepcopy(_describe(*about, **more))


def design_link(key: str) -> str:
    return f"https://www.figma.com/design/{key}/A-file?node-id=1-2"


@dataclass
class Person:
    """One person's browser (or plugin): keeps cookies, sends Origin as browsers do."""

    http: httpx.Client
    sandbox: Sandbox

    @property
    def url(self) -> str:
        return str(self.http.base_url).rstrip("/")

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Origin": self.url, **more.pop("headers", {})}
        return self.http.request(method, path, headers=headers, **more)

    def start_sign_in(self, query: str = "") -> str:
        answer = self.http.get(f"/api/auth/figma-oauth{query}")
        assert answer.status_code == 302
        return answer.headers["Location"]

    def sign_in(self, name: str = "Ada Okafor", query: str = "") -> httpx.Response:
        callback = self.sandbox.sign_in(name, self.start_sign_in(query))
        assert callback
        return self.http.get(callback)

    def switch_on(self, link: str, **more: Any) -> httpx.Response:
        return self.ask("POST", "/api/webhook/manage", json={"link": link, **more})

    def webhooks(self) -> list[dict[str, Any]]:
        return self.ask("GET", "/api/webhook/manage").json()["webhooks"]


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Keep the output of the tests clean."""


@dataclass
class Web:
    """The running service, and ways to look behind it."""

    url: str
    app: Flask
    services: Services
    database: Database
    sandbox: Sandbox
    people: list[httpx.Client] = field(default_factory=list)

    def person(self) -> Person:
        self.people.append(httpx.Client(base_url=self.url, trust_env=False, timeout=30))
        return Person(self.people[-1], self.sandbox)

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.database.admin_url, row_factory=dict_row) as connection:  # type: ignore[arg-type]
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type, return-value]

    def change(self, query: str, *values: Any) -> None:
        with psycopg.connect(self.database.admin_url) as connection:
            connection.execute(query, values)  # type: ignore[arg-type]


def at_figma(web: Web) -> list[Any]:
    """The webhooks Figma has, anybody's."""
    assert web.sandbox.app
    return list(web.sandbox.app.extensions["sandbox"].world.webhooks.values())


def lose_at_figma(web: Web) -> None:
    assert web.sandbox.app
    web.sandbox.app.extensions["sandbox"].world.webhooks.clear()


def signed_in(web: Web, name: str) -> Person:
    person = web.person()
    person.sign_in(name)
    return person


@pytest.fixture(scope="session")
def web_port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def running_sandbox(stack: Stack, web_port: int) -> Iterator[Sandbox]:
    config = SandboxConfig(
        client_id=CLIENT_ID,
        client_secret=stack.secrets.figma_client_secret,
        redirect_uris=(f"http://127.0.0.1:{web_port}/api/auth/figma-oauth",),
        strict=True,
    )
    with Sandbox.start(config) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def web_settings(database: Database, stack: Stack, web_port: int, sandbox: Sandbox) -> Settings:
    url = f"http://127.0.0.1:{web_port}"
    return make_settings(
        database,
        stack,
        figma_redirect_uri=f"{url}/api/auth/figma-oauth",
        webhook_url=f"{url}/api/figma-comment-webhook",
        figma_api_url=sandbox.url,
        figma_authorize_url=f"{sandbox.url}/oauth",
        rate_limit_public="10000/minute",
        figma_timeout_seconds=3,
    )


@pytest.fixture
def serve(
    web_settings: Settings, database: Database, web_port: int, sandbox: Sandbox
) -> Iterator[Callable[..., Web]]:
    """Runs the service: ``serve(services=…, **changed_settings)``; once per test."""
    undo: list[Callable[[], object]] = []

    def run(services: Services | None = None, **changes: Any) -> Web:
        settings = web_settings.model_copy(update=changes)
        services = services or build_services(settings)
        app = create_app(settings, replace(services, settings=settings))
        server = make_server("127.0.0.1", web_port, app, threaded=True, request_handler=Quiet)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        running = Web(f"http://127.0.0.1:{web_port}", app, services, database, sandbox)

        def stop() -> None:
            for person in running.people:
                person.close()
            server.shutdown()
            thread.join()
            server.server_close()
            services.close()

        undo.append(stop)
        return running

    yield run
    for each in undo:
        each()


@pytest.fixture
def web(serve: Callable[..., Web]) -> Web:
    return serve()


@pytest.fixture
def ada(web: Web) -> Person:
    """Signed in; owner of the checkout file and admin of its team."""
    person = web.person()
    person.sign_in("Ada Okafor")
    return person


@pytest.fixture(autouse=True)
def _as_before(logging_as_before: None) -> None:
    """``create_app`` sets up logging for its process."""

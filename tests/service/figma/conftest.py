"""A Figma on loopback that gives the answers a test has laid out, and keeps what it was asked."""

import asyncio
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet

from service.config import Settings
from service.figma.async_client import AsyncFigmaClient
from service.figma.calls import FigmaCall
from service.figma.client import FigmaClient
from service.figma.records import FigmaToken

KEY = "zH44k2FUM629Fa4EMShiHL"


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


@dataclass
class CannedFigma:
    """``say`` lays out the next answer; ``drop_next``, ``stall_next`` and ``drip_next`` fail it."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answers: deque[Any] = field(default_factory=deque)
    ended: threading.Event = field(default_factory=threading.Event)

    def say(self, body: object, status: int = 200, **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append((status, raw, headers))

    def drop_next(self) -> None:
        self.answers.append("drop")

    def stall_next(self) -> None:
        self.answers.append("stall")

    def drip_next(self) -> None:
        self.answers.append("drip")


class Server(ThreadingHTTPServer):
    request_queue_size = 128


@pytest.fixture
def figma() -> Iterator[CannedFigma]:
    canned = CannedFigma()
    server = Server(("127.0.0.1", 0), _handler(canned))
    canned.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield canned
    canned.ended.set()
    server.shutdown()
    thread.join()
    server.server_close()


def _handler(canned: CannedFigma) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            url = urlsplit(self.path)
            size = int(self.headers.get("Content-Length", 0))
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(size)
            canned.asked.append(Asked(self.command, url.path, query, headers, body))
            answer = canned.answers.popleft()
            if isinstance(answer, str):
                self.fail(answer)
            else:
                self.send(*answer)

        def send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def fail(self, way: str) -> None:
            self.close_connection = True
            if way == "stall":
                canned.ended.wait(10)
            elif way == "drip":
                self.send_response(200)
                self.end_headers()
                while not canned.ended.wait(0.02):
                    try:
                        self.wfile.write(b" ")
                    except OSError:
                        return

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            """Keep the output of the tests clean."""

    return Handler


@pytest.fixture
def figma_settings(figma: CannedFigma) -> Settings:
    return Settings(
        _env_file=None,
        supabase_url="http://127.0.0.1:1",
        SUPABASE_ANON_KEY="anon",
        SUPABASE_SERVICE_ROLE_KEY="service",
        database_url="postgresql://127.0.0.1:1/none",
        figma_client_id="client-id",
        figma_client_secret="client-secret",
        figma_redirect_uri="http://127.0.0.1:1/api/auth/figma-oauth",
        webhook_url="http://127.0.0.1:1/api/figma-comment-webhook",
        figma_api_url=figma.url,
        figma_refresh_url=f"{figma.url}/v1/oauth/refresh",
        token_encryption_keys=Fernet.generate_key().decode(),
        session_secret="s" * 32,
    )


@pytest.fixture
def calls() -> list[FigmaCall]:
    return []


@pytest.fixture
def client(figma_settings: Settings, calls: list[FigmaCall]) -> Iterator[FigmaClient]:
    figma_client = FigmaClient(figma_settings, observer=calls.append)
    yield figma_client
    figma_client.close()


class Waiting:
    """The asynchronous client for a test without an event loop: each call waits for its answer."""

    def __init__(self, client: AsyncFigmaClient):
        self._client = client
        self._runner = asyncio.Runner()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)
        return lambda *values, **options: self._runner.run(method(*values, **options))

    def end(self) -> None:
        self.close()
        self._runner.close()


@pytest.fixture
def worker_client(figma_settings: Settings, calls: list[FigmaCall]) -> Iterator[Waiting]:
    waiting = Waiting(AsyncFigmaClient(figma_settings, observer=calls.append))
    yield waiting
    waiting.end()


@pytest.fixture
def operation(client: FigmaClient, worker_client: Waiting) -> Callable[[str], Callable[..., Any]]:
    """The method of that name, of the client that has it: each operation belongs to one."""
    return lambda name: getattr(worker_client if hasattr(AsyncFigmaClient, name) else client, name)


@dataclass(frozen=True)
class Way:
    """One of the two clients, by a call that reads and one that writes."""

    read: Callable[..., Any]
    write: Callable[..., Any]
    reading: str
    writing: str
    listed: str
    action: str
    scope: str
    path: str


@pytest.fixture(params=["web", "worker"])
def way(
    request: pytest.FixtureRequest, client: FigmaClient, worker_client: Waiting, token: FigmaToken
) -> Way:
    if request.param == "web":
        return Way(
            lambda **options: client.webhooks(token, "team", "9", **options),
            lambda **options: client.update_webhook(token, "22", status="PAUSED", **options),
            "webhooks", "update_webhook", "webhooks", "see where it is switched on", "webhooks",
            "/v2/webhooks/22",
        )  # fmt: skip
    return Way(
        lambda **options: worker_client.comments(token, KEY, **options),
        lambda **options: worker_client.post_comment(token, KEY, "Fine.", "32", **options),
        "comments", "post_comment", "comments", "read the comments", "file_comments",
        f"/v1/files/{KEY}/comments",
    )  # fmt: skip


@pytest.fixture
def token() -> FigmaToken:
    return FigmaToken("figu_secret-token")

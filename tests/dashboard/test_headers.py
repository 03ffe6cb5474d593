"""What every answer of the dashboard's server carries."""

import asyncio
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from dashboard.access import remembered
from dashboard.access.cookies import PATTERN, SESSION, VISIT, new_id
from dashboard.access.headers import ALWAYS, Headers, content_security_policy, say_broken
from dashboard.access.uploads import MOST_BYTES, UPLOADS, Uploads
from local.stack.stack import free_port

ROOT = Path(__file__).resolve().parents[2]
LOG = "log"


async def page(_: Request) -> Response:
    return HTMLResponse("<p>page</p>", headers={"Cache-Control": "public, max-age=999"})


async def data(_: Request) -> Response:
    return JSONResponse({})


async def broken(_: Request) -> Response:
    raise RuntimeError("a secret of the inside")


def get(path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    app = Starlette(
        routes=[
            Route("/", page),
            Route("/data", data),
            Route("/static/file.js", data),
            Route("/broken", broken),
        ],
        middleware=[Middleware(Headers)],
        exception_handlers={Exception: say_broken},
    )

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://dashboard") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def test_a_page_gives_a_new_browser_a_visit_that_scripts_cannot_read() -> None:
    reply = get("/")
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith(f"{VISIT}=")
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert "Secure" not in cookie
    assert PATTERN.fullmatch(reply.cookies[VISIT])
    assert get("/").cookies[VISIT] != reply.cookies[VISIT]


def test_a_browser_keeps_its_visit() -> None:
    assert "set-cookie" not in get("/", {"Cookie": f"{VISIT}={new_id()}"}).headers


def test_over_https_the_visit_is_bound_to_this_host_whatever_was_planted() -> None:
    reply = get("/", {"X-Forwarded-Proto": "https", "Cookie": f"{VISIT}={new_id()}"})
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith(f"__Host-{VISIT}=")
    assert "Secure" in cookie and "Domain" not in cookie


@pytest.mark.parametrize("path", ["/data", "/static/file.js", "/broken", "/not-there"])
def test_only_pages_give_a_visit_and_every_answer_has_the_headers(path: str) -> None:
    reply = get(path)
    assert "set-cookie" not in reply.headers
    assert ALWAYS.items() <= {name.title(): value for name, value in reply.headers.items()}.items()
    assert "inside" not in reply.text


def test_https_is_insisted_on_only_where_there_is_https() -> None:
    assert "strict-transport-security" not in get("/").headers
    secure = get("/", {"X-Forwarded-Proto": "https"})
    assert secure.headers["strict-transport-security"] == "max-age=31536000"


def test_nothing_is_kept_but_what_never_changes() -> None:
    assert get("/").headers["cache-control"] == "no-store"
    assert get("/data").headers["cache-control"] == "no-store"
    assert "cache-control" not in get("/static/file.js").headers


def test_the_policy_lets_no_script_in_but_those_of_the_page_and_the_server() -> None:
    policy = content_security_policy("<script>a()</script><p></p><script src='x'></script>")
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    # printf 'a()' | openssl dgst -sha256 -binary | base64
    digest = "'sha256-qVpDBgj7bpq5hMAcGp3AOc79J3Y1Z4HvySTwKrWDoy4='"
    assert directives["script-src"] == f"'self' {digest}"
    assert directives["default-src"] == "'none'"
    assert directives["frame-ancestors"] == "'none'"
    assert directives["base-uri"] == directives["form-action"] == "'self'"
    assert directives["object-src"] == "'none'"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The true server, without anything behind it."""
    url = f"http://127.0.0.1:{free_port()}"
    log = (tmp_path_factory.mktemp("server") / LOG).open("wb")
    process = subprocess.Popen(
        [
            sys.executable, "-m", "streamlit", "run", "dashboard/server.py",
            "--server.port", str(urlsplit(url).port), "--server.address", "127.0.0.1",
        ],
        cwd=ROOT,
        env={**os.environ, "SUPABASE_URL": "http://127.0.0.1:9", "SUPABASE_ANON_KEY": "anon"},
        stdout=log,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    while not answers(f"{url}/_stcore/health"):
        assert process.poll() is None, Path(log.name).read_text()
        time.sleep(0.1)
    yield url
    process.terminate()
    process.wait()
    log.close()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False


def script_of(served: str) -> str:
    return httpx.get(served, trust_env=False).text.split('crossorigin src=".')[1].split('"')[0]


@pytest.mark.parametrize(
    "ask",
    [
        lambda url: httpx.get(url, trust_env=False),
        lambda url: httpx.get(f"{url}/trials", trust_env=False),
        lambda url: httpx.get(url + script_of(url), trust_env=False),
        lambda url: httpx.get(f"{url}/_stcore/health", trust_env=False),
        lambda url: httpx.get(f"{url}/files/unknown", trust_env=False),
        lambda url: httpx.get(f"{url}/hand-over.js", trust_env=False),
        lambda url: httpx.post(f"{url}/session", content="x", trust_env=False),
        lambda url: httpx.get(f"{url}/session", trust_env=False),
        lambda url: httpx.get(f"{url}//evil.example", trust_env=False),
        lambda url: httpx.get(
            f"{url}/_stcore/stream",
            headers={
                "Origin": "https://evil.example",
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            },
            trust_env=False,
        ),
    ],
    ids=[
        "page", "named page", "script", "health", "download", "own script", "ticket", "method",
        "bad path", "refused websocket",
    ],
)  # fmt: skip
def test_the_server_s_own_answers_have_them_too(
    served: str, ask: Callable[[str], httpx.Response]
) -> None:
    reply = ask(served)
    for name, value in ALWAYS.items():
        assert reply.headers[name] == value, name


def test_streamlit_s_scripts_may_be_kept_and_its_pages_not(served: str) -> None:
    assert "immutable" in httpx.get(served + script_of(served)).headers["cache-control"]
    assert httpx.get(served).headers["cache-control"] == "no-store"


def test_only_who_is_signed_in_sends_files(monkeypatch: pytest.MonkeyPatch) -> None:
    known = new_id()
    monkeypatch.setattr(remembered, "recall", lambda session: session == known or None)
    path = f"/below{UPLOADS}/page/file"
    route = Route(path, data, methods=["GET", "PUT", "DELETE"])
    app = Starlette(routes=[route], middleware=[Middleware(Uploads)])

    async def ask(method: str, cookie: str) -> int:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://dashboard") as client:
            headers = {"Cookie": f"{SESSION}={cookie}"}
            return (await client.request(method, path, headers=headers)).status_code

    codes = [asyncio.run(ask("PUT", cookie)) for cookie in (known, new_id(), "")]
    assert codes == [200, 403, 403]
    assert asyncio.run(ask("DELETE", "")) == 403 and asyncio.run(ask("GET", "")) == 200
    assert asyncio.run(ask("DELETE", known)) == 200


@pytest.mark.parametrize(
    ("said", "code"),
    [({"Content-Length": "10"}, 200), ({"Content-Length": str(MOST_BYTES)}, 200),
     ({"Content-Length": str(MOST_BYTES + 1)}, 413), ({"Transfer-Encoding": "chunked"}, 413),
     ({"Content-Length": "-1"}, 413), ({"Content-Length": "٣"}, 413)],
)  # fmt: skip
def test_a_file_that_is_too_large_or_of_no_said_size_is_refused_unread(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str], code: int
) -> None:
    monkeypatch.setattr(remembered, "recall", lambda _session: True)
    headers = {"Cookie": f"{SESSION}={new_id()}", **said}
    scope = {
        "type": "http", "method": "PUT", "path": f"{UPLOADS}/page/file", "scheme": "http",
        "headers": [(name.lower().encode(), each.encode()) for name, each in headers.items()],
    }  # fmt: skip
    told: list[Any] = []

    async def receive() -> Any:
        raise AssertionError("the body was read")

    async def send(message: Any) -> None:
        told.append(message)

    asyncio.run(Uploads(PlainTextResponse("kept"))(scope, receive, send))
    assert told[0]["status"] == code
    limit = tomllib.loads((ROOT / "dashboard/.streamlit/config.toml").read_text())["server"]
    assert (limit["maxUploadSize"] + 1) * 1024 * 1024 == MOST_BYTES

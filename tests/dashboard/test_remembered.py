"""The cookie that keeps a browser signed in."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from dashboard.remembered import COOKIE, ID_PATTERN, SECURE_COOKIE, BrowserCookie, browser_id


async def page(_: Request) -> Response:
    return HTMLResponse("<p>page</p>")


async def data(_: Request) -> Response:
    return JSONResponse({})


def get(path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    app = Starlette(
        routes=[Route("/", page), Route("/data", data)], middleware=[Middleware(BrowserCookie)]
    )

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://dashboard") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def test_a_page_gives_a_new_browser_an_id_that_scripts_cannot_read() -> None:
    reply = get("/")
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert "Secure" not in cookie
    assert ID_PATTERN.fullmatch(reply.cookies[COOKIE])


def test_behind_https_the_cookie_is_secure_and_bound_to_this_host() -> None:
    cookie = get("/", {"X-Forwarded-Proto": "https,http"}).headers["set-cookie"]
    assert cookie.startswith(f"{SECURE_COOKIE}=")
    assert "Secure" in cookie and "Domain" not in cookie


def test_two_browsers_get_different_ids() -> None:
    assert get("/").cookies[COOKIE] != get("/").cookies[COOKIE]


def test_a_browser_keeps_its_id() -> None:
    assert "set-cookie" not in get("/", {"Cookie": f"{COOKIE}={'a' * 43}"}).headers


@pytest.mark.parametrize("value", ["", "short", "a" * 44, "<script>" + "a" * 35])
def test_an_id_we_cannot_have_given_is_replaced_and_never_used(value: str) -> None:
    assert "set-cookie" in get("/", {"Cookie": f"{COOKIE}={value}"}).headers
    assert browser_id({COOKIE: value}) is None


def test_the_secure_cookie_goes_before_one_another_host_could_plant() -> None:
    assert browser_id({COOKIE: "p" * 43, SECURE_COOKIE: "s" * 43}) == "s" * 43


def test_only_pages_carry_the_cookie_and_all_replies_the_headers() -> None:
    reply = get("/data")
    assert "set-cookie" not in reply.headers
    assert reply.headers["x-frame-options"] == "DENY"
    assert reply.headers["x-content-type-options"] == "nosniff"

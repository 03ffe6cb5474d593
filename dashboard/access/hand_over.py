"""Gives the browser the cookie of a sign-in, because Streamlit's websocket cannot set one.

The signed-in page contains a ticket and posts it, in the body, to `session` on the same host. The
response sets the cookie. The ticket is never in a URL, so it is in no log and no history.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard.access import cookies, remembered

ADDRESS = "session"
SCRIPT_ADDRESS = "hand-over.js"
# A separate file, so that the content security policy need not allow inline scripts.
SCRIPT = f"""\
{{
  const {{ src, dataset }} = document.currentScript;
  fetch(new URL("{ADDRESS}", src), {{
    method: "POST", body: dataset.ticket, redirect: "error", keepalive: true,
  }}).catch(() => undefined);
}}
"""
REFUSED = "This sign-in was not kept: sign in again on the dashboard."
TICKET_BYTES = 43


def draw(ticket: str) -> None:
    """The part of the page that fetches the cookie. It shows nothing."""
    # Safe to insert: we generate the ticket, and it has no character that is special in HTML.
    st.html(
        f'<script src="{SCRIPT_ADDRESS}" data-ticket="{ticket}"></script>',
        unsafe_allow_javascript=True,
        width="content",
    )


async def serve_script(_: Request) -> Response:
    return Response(SCRIPT, media_type="text/javascript")


async def exchange(request: Request) -> Response:
    """Exchange a ticket for a cookie, and forget the browser's earlier sign-in."""
    https = cookies.is_https(request.headers, request.url.scheme)
    visit = cookies.read(request.cookies, cookies.VISIT, https)
    ticket = await _short_body(request)
    if not is_from_own_page(request.headers) or visit is None or ticket is None:
        return PlainTextResponse(REFUSED, status_code=403)
    session = remembered.redeem(ticket, visit)
    if session is None:
        return PlainTextResponse(REFUSED, status_code=403)
    if before := cookies.read(request.cookies, cookies.SESSION, https):
        remembered.forget(before)
    response = Response(status_code=204)
    cookies.write(response, cookies.SESSION, session, https)
    return response


def is_from_own_page(headers: Mapping[str, str]) -> bool:
    """Whether a post comes from a page of this dashboard, according to the browser.

    Over plain http browsers do not send `Sec-Fetch-Site`. They send `Origin` with every post.
    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
    """
    if site := headers.get("sec-fetch-site"):
        return site == "same-origin"
    return urlsplit(headers.get("origin", "")).netloc == headers.get("host")


async def _short_body(request: Request) -> str | None:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > TICKET_BYTES:
            return None
    return body.decode("latin-1")


ROUTES = [
    Route(f"/{ADDRESS}", exchange, methods=["POST"]),
    Route(f"/{SCRIPT_ADDRESS}", serve_script),
]

"""The security headers of every response of the dashboard's server.

Streamlit's page is a script application. What its content security policy has to allow, and why,
is written at each directive. https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CSP
"""

import base64
import hashlib
import re
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.access import cookies

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
# Streamlit names these files by a hash of their content. Everything else is private.
UNCHANGING = "/static/"
# The ASGI extension with which a websocket can be refused by an ordinary HTTP response.
# https://asgi.readthedocs.io/en/latest/extensions.html#websocket-denial-response
REFUSAL = "websocket.http.response"
HSTS_SECONDS = 365 * 86400


def content_security_policy(page: str) -> str:
    """The policy for Streamlit's page. It allows the page's own inline scripts by their hashes."""
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in INLINE_SCRIPT.findall(page))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {hashes}".rstrip(),
            # Streamlit and Plotly write their styles into the page as they draw it.
            "style-src 'self' 'unsafe-inline'",
            # Icons inside style sheets; charts that are saved as pictures.
            "img-src 'self' data: blob:",
            # Fonts for icons and formulas that are embedded in Streamlit's style sheets.
            "font-src 'self' data:",
            # The websocket too: https://www.w3.org/TR/CSP3/#match-url-to-source-expression
            "connect-src 'self'",
            "media-src 'self'",
            "manifest-src 'self'",
            "base-uri 'self'",
            "form-action 'self'",
            "object-src 'none'",
            "frame-ancestors 'none'",
        )
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


ALWAYS = {
    "Content-Security-Policy": content_security_policy(INDEX.read_text(encoding="utf-8")),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Headers:
    """Puts the headers on every response. Sets the VISIT cookie with a new browser's first page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        can_refuse = REFUSAL in (scope.get("extensions") or {})

        async def send_with_headers(message: Message) -> None:
            nonlocal can_refuse
            if message["type"] == "websocket.accept":
                can_refuse = False
            if message["type"] == "websocket.close" and can_refuse:
                # Otherwise the server refuses with its own response, without our headers.
                refusal = PlainTextResponse("Refused", status_code=403)
                await refusal(scope, receive, send_with_headers)
                return
            if message["type"] in ("http.response.start", f"{REFUSAL}.start"):
                _complete(MutableHeaders(scope=message), request)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _complete(headers: MutableHeaders, request: HTTPConnection) -> None:
    https = cookies.is_https(request.headers, request.scope["scheme"])
    headers.update(ALWAYS)
    if https:
        headers["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}"
    if not request.scope["path"].startswith(UNCHANGING):
        headers["Cache-Control"] = "no-store"
    is_page = headers.get("content-type", "").startswith("text/html")
    if is_page and cookies.read(request.cookies, cookies.VISIT, https) is None:
        carrier = Response()
        cookies.write(carrier, cookies.VISIT, cookies.new_id(), https)
        headers.append("Set-Cookie", carrier.headers["set-cookie"])


async def say_broken(request: HTTPConnection, _: Exception) -> Response:
    """The response when a route raises. Starlette sends it outside all middleware."""
    response = PlainTextResponse("Something went wrong here.", status_code=500)
    _complete(response.headers, request)
    return response

"""Keeps an operator signed in when the browser reloads the page.

Streamlit forgets everything on a reload. So each browser gets a random id in a cookie that scripts
cannot read, and this process remembers which sign-in belongs to which id. Tokens never leave the
process; a restart, or another process, asks for the password again.
"""

import hashlib
import re
import secrets
import threading
from collections.abc import Mapping

from cachetools import TTLCache
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response

from dashboard.auth import SignIn

COOKIE = "buddy_dashboard"
# Over https no other host can plant it and it never travels unencrypted.
# https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
SECURE_COOKIE = f"__Host-{COOKIE}"
ID_PATTERN = re.compile(r"[A-Za-z0-9_-]{43}")
HOURS = 12

_lock = threading.Lock()
_sign_ins: TTLCache[str, SignIn] = TTLCache(maxsize=1000, ttl=HOURS * 3600)


def browser_id(cookies: Mapping[str, str]) -> str | None:
    """The id this server gave the browser, or None (cookies off, or served without `server.py`)."""
    found = cookies.get(SECURE_COOKIE) or cookies.get(COOKIE) or ""
    return found if ID_PATTERN.fullmatch(found) else None


def remember(browser: str, signed_in: SignIn) -> None:
    with _lock:
        _sign_ins[_key(browser)] = signed_in


def recall(browser: str) -> SignIn | None:
    """The live sign-in of a browser."""
    with _lock:
        found = _sign_ins.get(_key(browser))
    return found if found and not found.is_over else None


def forget(browser: str) -> None:
    with _lock:
        _sign_ins.pop(_key(browser), None)


def _key(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()


class BrowserCookie(BaseHTTPMiddleware):
    """Gives each browser its id with the page, and sets the headers that keep others out of it."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Frame-Options"] = "DENY"
        is_page = response.headers.get("content-type", "").startswith("text/html")
        if is_page and browser_id(request.cookies) is None:
            # A proxy that ends TLS says so in this header; it only ever makes the cookie stricter.
            scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
            is_secure = scheme.split(",")[0].strip() == "https"
            response.set_cookie(
                SECURE_COOKIE if is_secure else COOKIE,
                secrets.token_urlsafe(32),
                httponly=True,
                samesite="lax",
                secure=is_secure,
                path="/",
            )
        return response

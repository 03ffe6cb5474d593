"""The two cookies of a browser. Scripts cannot read them.

`SESSION` identifies the sign-in of this browser. The server issues a new one at every sign-in.
`VISIT` is set before anybody signs in and gives no access. It ties a sign-in to the browser whose
page it was made on, and separates the password guesses of one browser from those of others.
"""

import re
import secrets
from collections.abc import Mapping

from starlette.responses import Response

SESSION = "buddy_dashboard"
VISIT = "buddy_dashboard_visit"
# With this prefix no other host can set the cookie, and it is never sent unencrypted.
# https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
HOST_ONLY = "__Host-"
PATTERN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_id() -> str:
    return secrets.token_urlsafe(32)


def is_https(headers: Mapping[str, str], scheme: str = "http") -> bool:
    """Whether the browser uses https, also where a proxy terminates TLS.

    A forged header can only make the cookies stricter. Browsers send the address of their page in
    `Origin` whenever they open a websocket or post.
    """
    forwarded = headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
    secure = ("https", "wss")
    return scheme in secure or forwarded in secure or headers.get("origin", "").startswith("https:")


def full_name(name: str, https: bool) -> str:
    return HOST_ONLY + name if https else name


def read(cookies: Mapping[str, str], name: str, https: bool) -> str | None:
    """The id in a cookie, or None. Over https only the prefixed name is read: see HOST_ONLY."""
    found = cookies.get(full_name(name, https), "")
    return found if PATTERN.fullmatch(found) else None


def write(response: Response, name: str, value: str, https: bool) -> None:
    """Set a cookie for this host only, until the browser is closed."""
    response.set_cookie(
        full_name(name, https), value, httponly=True, samesite="lax", secure=https, path="/"
    )

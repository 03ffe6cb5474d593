"""The two cookies of a browser, which scripts cannot read.

`SESSION` says which sign-in is this browser's; this server issues it, a new one at every sign-in.
`VISIT` is there before anybody signs in and opens nothing: it ties a sign-in to the browser whose
page it was made on, and lets guesses of one browser be told from those of others.
"""

import re
import secrets
from collections.abc import Mapping

from starlette.responses import Response

SESSION = "buddy_dashboard"
VISIT = "buddy_dashboard_visit"
# Over https no other host can plant it and it never travels unencrypted.
# https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
HOST_ONLY = "__Host-"
PATTERN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_id() -> str:
    return secrets.token_urlsafe(32)


def is_https(headers: Mapping[str, str], scheme: str = "http") -> bool:
    """Whether the browser speaks https, also where a proxy ends it.

    What a header says only ever makes the cookies stricter. Browsers name their page's address in
    `Origin` whenever they open a websocket or post.
    """
    forwarded = headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
    secure = ("https", "wss")
    return scheme in secure or forwarded in secure or headers.get("origin", "").startswith("https:")


def full_name(name: str, https: bool) -> str:
    return HOST_ONLY + name if https else name


def read(cookies: Mapping[str, str], name: str, https: bool) -> str | None:
    """The id in a cookie, or None. Over https the name that others can plant is not looked at."""
    found = cookies.get(full_name(name, https), "")
    return found if PATTERN.fullmatch(found) else None


def write(response: Response, name: str, value: str, https: bool) -> None:
    """Set a cookie until the browser is closed, for this host alone."""
    response.set_cookie(
        full_name(name, https), value, httponly=True, samesite="lax", secure=https, path="/"
    )

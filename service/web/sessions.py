"""Who is signed in: a browser by its cookie, the plugin by its bearer token.

Over https the cookie has the prefix __Host-. Browsers accept such a cookie only from this exact
host, over https. So neither another subdomain nor somebody on the network can plant one.

https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import g, request
from werkzeug.wrappers import Response

from service.config import Settings
from service.errors import Forbidden, SignInNeeded
from service.secrets.encryption import token_hash
from service.store.stored_sessions import StoredSessions
from service.web.devices import describe_device
from service.web.web_parts import web

_COOKIE = "buddy_session"
LIFETIME = timedelta(days=30)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_TOKEN_CHARS = 200


@dataclass(frozen=True)
class Session:
    """A signed-in person. ``is_browser``: identified by the cookie, which browsers send
    automatically."""

    id: str
    token_hash: str
    is_browser: bool
    user_id: str
    figma_user_id: str
    handle: str
    state: str


def find_session() -> Session | None:
    """The session of this request, or None. A bearer token takes precedence over a cookie."""
    if "session" not in g:
        g.session = _read_session()
    found: Session | None = g.session
    return found


def need_session() -> Session:
    """The session of this request. Raises ``SignInNeeded``, or ``Forbidden`` for a forged call."""
    session = find_session()
    if session is None:
        raise SignInNeeded("You are not signed in, or your session is over. Sign in with Figma.")
    if session.is_browser and request.method not in SAFE_METHODS:
        need_same_origin()
    return session


def need_browser() -> Session:
    """Like ``need_session``, but raises ``Forbidden`` for a plugin: it may not do this."""
    session = need_session()
    if not session.is_browser:
        raise Forbidden(
            "A plugin cannot do this. Sign in to this service in your browser and do it there.",
            code="browser_needed",
        )
    return session


def signed_in() -> Session:
    """The session of a route whose policy requires one. It was checked before the view."""
    session = find_session()
    assert session is not None, "the policy of this route lets in whoever is not signed in"
    return session


def need_same_origin() -> None:
    """Refuse a request that another site made the browser send with our cookie."""
    origin = request.headers.get("Origin")
    if origin is not None:
        # Never compare with the request's Host header: its sender may choose that.
        is_ours = origin == web().settings.public_url
    else:
        is_ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    if not is_ours:
        raise Forbidden(
            "This request did not come from a page of this service, so it was refused. "
            "Open the account page and try there.",
            code="foreign_origin",
        )


def given_token_hash() -> str | None:
    """The hash of the token that this request brings, valid or not; None if it brings none."""
    if "token_hash" not in g:
        token = _given_token()[0]
        g.token_hash = token_hash(token) if token and len(token) <= MAX_TOKEN_CHARS else None
    found: str | None = g.token_hash
    return found


def _given_token() -> tuple[str, bool]:
    """The token of this request, and whether it came as a bearer token."""
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return bearer.strip(), True
    return request.cookies.get(session_cookie(web().settings), ""), False


def _read_session() -> Session | None:
    hashed, is_bearer = given_token_hash(), _given_token()[1]
    if hashed is None:
        return None
    strangers = web().stranger_limits
    strangers.refuse(hashed)
    row = _store().get_session(hashed, idle_seconds())
    strangers.note_token(hashed, is_valid=row is not None)
    # Otherwise a plugin's token in a cookie would count as a browser's.
    if row is None or (row.kind == "plugin" and not is_bearer):
        return None
    return Session(
        id=row.session_id,
        token_hash=hashed,
        is_browser=not is_bearer,
        user_id=row.user_id,
        figma_user_id=row.figma_user_id,
        handle=row.handle,
        state=row.state,
    )


def _store() -> StoredSessions:
    """Analyses have a connection of their own, which is quicker."""
    services = web().services
    return services.analyses if "is_analysis" in g else services.database


def session_end() -> datetime:
    """When a session that begins now ends, even if it is used."""
    return datetime.now(UTC) + LIFETIME


def idle_seconds() -> int:
    """How long a session may go without a request before it ends."""
    return web().settings.session_idle_days * 86_400


def session_label() -> str:
    """The label by which the owner recognises the session of this request."""
    return describe_device(request.headers.get("User-Agent", ""))


def session_cookie(settings: Settings) -> str:
    """The cookie's name. The plain name is only for http, as on a developer's own machine."""
    return cookie_name(_COOKIE, settings)


def cookie_name(plain: str, settings: Settings) -> str:
    return f"__Host-{plain}" if settings.is_https else plain


def set_cookie(response: Response, token: str) -> None:
    settings = web().settings
    response.set_cookie(
        session_cookie(settings),
        token,
        max_age=LIFETIME,
        secure=settings.is_https,
        httponly=True,
        samesite="Lax",
    )


def clear_cookie(response: Response) -> None:
    settings = web().settings
    response.delete_cookie(
        session_cookie(settings), secure=settings.is_https, httponly=True, samesite="Lax"
    )

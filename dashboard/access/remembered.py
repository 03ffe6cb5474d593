"""Keeps an operator signed in when the browser reloads the page.

Streamlit forgets everything on a reload. So this process maps ids to sign-ins, and the browser has
its id in a cookie. Tokens never leave the process. After a restart, or in another process, people
enter their password again.

Streamlit signs in over a websocket, which cannot set a cookie. The page gets a ticket there and
exchanges it for the cookie (`hand_over.py`). A ticket works once, for a minute, and only in the
browser whose page it was made on. An id that this process did not issue is never accepted.
"""

import hashlib
import threading
from dataclasses import dataclass

from cachetools import TTLCache

from dashboard.access import cookies
from dashboard.access.auth import SignIn

HOURS = 12
TICKET_SECONDS = 60


@dataclass
class _Kept:
    """A sign-in, and whether its browser already has the id."""

    signed_in: SignIn
    is_handed_over: bool = False


@dataclass(frozen=True)
class _Ticket:
    """The id that a ticket gives, and the browser that may use the ticket."""

    session: str
    visit: str


_lock = threading.Lock()
_kept: TTLCache[str, _Kept] = TTLCache(maxsize=1000, ttl=HOURS * 3600)
_tickets: TTLCache[str, _Ticket] = TTLCache(maxsize=1000, ttl=TICKET_SECONDS)


def remember(signed_in: SignIn, visit: str) -> tuple[str, str]:
    """Return a new id for a sign-in, and the ticket with which this visit's browser fetches it."""
    session, ticket = cookies.new_id(), cookies.new_id()
    with _lock:
        _kept[_key(session)] = _Kept(signed_in)
        _tickets[_key(ticket)] = _Ticket(session, visit)
    return session, ticket


def redeem(ticket: str, visit: str) -> str | None:
    """The id behind a ticket. A ticket is used up by the first try, even by a wrong browser."""
    with _lock:
        found = _tickets.pop(_key(ticket), None)
        kept = _kept.get(_key(found.session)) if found else None
        if found is None or kept is None or found.visit != visit:
            return None
        kept.is_handed_over = True
        return found.session


def is_open(ticket: str) -> bool:
    """Whether a ticket is still unused and has not expired."""
    with _lock:
        return _key(ticket) in _tickets


def is_handed_over(session: str) -> bool:
    """Whether the browser has this id in its cookie."""
    with _lock:
        found = _kept.get(_key(session))
    return found is not None and found.is_handed_over


def recall(session: str) -> SignIn | None:
    """The live sign-in of an id; None if the id was not issued here or was forgotten."""
    with _lock:
        found = _kept.get(_key(session))
    return found.signed_in if found and not found.signed_in.is_over else None


def forget(session: str) -> None:
    with _lock:
        _kept.pop(_key(session), None)


def forget_others(signed_in: SignIn) -> None:
    """Forget, and end here, every other sign-in of this person."""
    with _lock:
        theirs = {
            session: kept.signed_in
            for session, kept in _kept.items()
            if kept.signed_in.user_id == signed_in.user_id and kept.signed_in is not signed_in
        }
        for session in theirs:
            del _kept[session]
    # Not while others wait for the lock: ending one asks the sign-in service.
    for other in theirs.values():
        other.end()


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

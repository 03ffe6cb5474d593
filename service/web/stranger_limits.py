"""How often an address may ask without a valid session, over all processes.

Only such requests count, as a whole company may share an address: for an analysis those without a
token, and everywhere those with one that nobody was given, since each costs a look-up. Whose
session was valid a moment ago is let through, whatever others at their address try.
"""

from cachetools import TTLCache
from flask import g
from limits import parse
from limits.strategies import RateLimiter

from service.errors import TooManyRequests
from service.web.shared_limits import client_key

STRANGERS, STRANGER_SECONDS = 300, 60
VALID_SECONDS = 900
_MOST = 20_000


class StrangerLimits:
    """``token_hash``: of the token that was given, if any."""

    def __init__(self, limiter: RateLimiter):
        self._limiter = limiter
        self._refused: TTLCache[str, bool] = TTLCache(_MOST, STRANGER_SECONDS)
        self._valid: TTLCache[str, bool] = TTLCache(_MOST, VALID_SECONDS)
        self._rate = parse(f"{STRANGERS}/{STRANGER_SECONDS} seconds")

    def refuse(self, token_hash: str | None) -> None:
        """Refuse an address that brought too many requests without a valid session."""
        if client_key() in self._refused and (token_hash or "") not in self._valid:
            g.stranger_left = 0
            raise TooManyRequests(
                "There were too many requests from your address without a valid session. Wait a "
                "minute, then try again.",
                retry_after=STRANGER_SECONDS,
            )

    def note_token(self, token_hash: str, *, is_valid: bool) -> None:
        """The token of this request was looked up."""
        if is_valid:
            self._valid[token_hash] = True
        else:
            self._valid.pop(token_hash, None)
            self.count()

    def count(self) -> None:
        """A request without a valid session."""
        key = client_key()
        if not self._limiter.hit(self._rate, "stranger", key):
            self._refused[key] = True

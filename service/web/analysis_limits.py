"""How many analyses a person may ask for, told in the headers of each answer.

A person's analyses are counted in the database, by the same call that asks for one. Whoever is
refused is remembered here until there is room again, so that their next tries cost the database
nothing. Addresses are counted only by their requests without a session: a whole company may share
one. So are the tokens that nobody was given, whatever they ask for: each costs a look-up. Whose
session was valid a moment ago is let through, whatever others at their address try.

https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-11
"""

import time
from collections.abc import Callable

from cachetools import TTLCache
from flask import Response, g
from limits import parse
from limits.strategies import RateLimiter

from service.errors import TooManyRequests
from service.store.analysis_records import LimitWindow
from service.web.sessions import given_token_hash
from service.web.shared_limits import client_key

WINDOW_SECONDS = 900
STRANGERS, STRANGER_SECONDS = 300, 60
_MOST = 20_000


class AnalysisLimits:
    """Thread-safe: each entry is written once, as a whole."""

    def __init__(
        self,
        per_person: int,
        limiter: RateLimiter,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.per_person = per_person
        self._limiter = limiter
        self._clock = clock
        self._used_up: TTLCache[str, float] = TTLCache(_MOST, 2 * WINDOW_SECONDS, clock)
        self._strangers: TTLCache[str, bool] = TTLCache(_MOST, STRANGER_SECONDS, clock)
        self._valid: TTLCache[str, bool] = TTLCache(_MOST, WINDOW_SECONDS, clock)
        self._rate = parse(f"{STRANGERS}/{STRANGER_SECONDS} seconds")

    def refuse_known(self, *, is_counted: bool) -> None:
        """Refuse who is known to be over a limit. ``is_counted``: whether this request would count
        for its person."""
        ends_at = self._used_up.get(given_token_hash() or "")
        if is_counted and ends_at is not None and ends_at > self._clock():
            raise self.refuse(LimitWindow(False, 0, max(1, round(ends_at - self._clock()))))
        self.refuse_stranger()

    def refuse_stranger(self) -> None:
        """Refuse an address that brought too many requests without a valid session."""
        if client_key() in self._strangers and (given_token_hash() or "") not in self._valid:
            g.stranger_left = 0
            raise TooManyRequests(
                "There were too many requests from your address without a valid session. Wait a "
                "minute, then try again.",
                retry_after=STRANGER_SECONDS,
            )

    def refuse(self, window: LimitWindow) -> TooManyRequests:
        """The refusal of a person; remembered."""
        g.rate_window = window
        token = given_token_hash()
        if token:
            self._used_up[token] = self._clock() + window.seconds
        minutes = WINDOW_SECONDS // 60
        return TooManyRequests(
            f"You asked for more than {self.per_person} analyses within {minutes} minutes. Wait "
            "until the time in Retry-After is over, then try again. Nothing was charged.",
            retry_after=window.seconds,
        )

    def note_token(self, *, is_valid: bool) -> None:
        """The token of this request was looked up."""
        token = given_token_hash() or ""
        if is_valid:
            self._valid[token] = True
        else:
            self._valid.pop(token, None)
            self.count_stranger()

    def count_stranger(self) -> None:
        """A request without a valid session."""
        key = client_key()
        if not self._limiter.hit(self._rate, "stranger", key):
            self._strangers[key] = True

    def add_headers(self, response: Response) -> None:
        headers = response.headers
        headers["RateLimit-Policy"] = (
            f'"user";q={self.per_person};w={WINDOW_SECONDS}, '
            f'"address";q={STRANGERS};w={STRANGER_SECONDS}'
        )
        window: LimitWindow | None = g.get("rate_window")
        if window is not None:
            headers["RateLimit"] = f'"user";r={window.left};t={window.seconds}'
        else:
            left = g.get("stranger_left", STRANGERS)
            headers["RateLimit"] = f'"address";r={left};t={STRANGER_SECONDS}'

"""How many analyses a person may ask for, told in the headers of each answer.

A person's analyses are counted in the database, by the same call that asks for one. Whoever is
refused is remembered here until there is room again, so that their next tries cost the database
nothing. Whoever has no session is counted by their address (stranger_limits.py).

https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-11
"""

import time
from collections.abc import Callable

from cachetools import TTLCache
from flask import Response, g

from service.errors import TooManyRequests
from service.store.analysis_records import LimitWindow
from service.web.sessions import given_token_hash
from service.web.stranger_limits import STRANGER_SECONDS, STRANGERS

WINDOW_SECONDS = 900
_MOST = 20_000


class AnalysisLimits:
    """Thread-safe: each entry is written once, as a whole."""

    def __init__(self, per_person: int, clock: Callable[[], float] = time.monotonic):
        self.per_person = per_person
        self._clock = clock
        self._used_up: TTLCache[str, float] = TTLCache(_MOST, 2 * WINDOW_SECONDS, clock)

    def refuse_known(self) -> None:
        """Refuse a person who is known to be over the limit."""
        ends_at = self._used_up.get(given_token_hash() or "")
        if ends_at is not None and ends_at > self._clock():
            raise self.refuse(LimitWindow(False, 0, max(1, round(ends_at - self._clock()))))

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

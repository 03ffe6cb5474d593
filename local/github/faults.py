"""Faults that can be switched on: what fails, for which operation, and how often."""

import time
from dataclasses import dataclass
from typing import Any, Literal, get_args

Kind = Literal[
    "401", "403", "404", "409", "422", "429", "500", "502",
    "rate_limit", "secondary", "unheard", "slow", "drop", "lost", "garbage",
]  # fmt: skip


@dataclass
class Fault:
    """``operation`` is an id of GitHub, as "git/create-tree" (None: each). The first ``skip`` calls
    pass; then it strikes ``times`` calls (None: all).

    ``drop`` closes the connection before the work is done, ``lost`` after it. ``slow`` waits for
    ``seconds`` first. ``rate_limit`` and ``secondary`` are GitHub's two kinds of limit. With
    ``unheard`` the server that is asked for a pull request has not heard of its branch yet.
    """

    kind: Kind
    operation: str | None = None
    times: int | None = 1
    skip: int = 0
    seconds: float = 30.0
    retry_after: int = 60

    def takes(self, operation: str) -> bool:
        """Whether it strikes this call; counts down."""
        if self.operation not in (None, operation) or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def answer(self) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Status, body and headers of an error.

        https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
        """
        if self.kind == "rate_limit":
            headers = {
                "x-ratelimit-limit": "5000",
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": str(int(time.time()) + self.retry_after),
            }
            return 403, {"message": "API rate limit exceeded for user ID 1."}, headers
        if self.kind in ("secondary", "429"):
            status = 429 if self.kind == "429" else 403
            words = "You have exceeded a secondary rate limit. Please wait a few minutes."
            return status, {"message": words}, {"retry-after": str(self.retry_after)}
        if self.kind == "unheard":
            error = {"resource": "PullRequest", "field": "head", "code": "invalid"}
            return 422, {"message": "Validation Failed", "errors": [error]}, {}
        return int(self.kind), {"message": _WORDS[self.kind]}, {}


_WORDS = {
    "401": "Bad credentials",
    "403": "Resource not accessible by personal access token",
    "404": "Not Found",
    "409": "Git Repository is empty.",
    "422": "Validation Failed",
    "500": "Server Error",
    "502": "Bad Gateway",
}


def parse_fault(raw: object) -> Fault:
    """A fault from JSON. Raises ValueError with the reason if it is invalid."""
    if not isinstance(raw, dict) or raw.get("kind") not in get_args(Kind):
        raise ValueError(f"a fault is an object with a kind: {', '.join(get_args(Kind))}")
    try:
        return Fault(**raw)
    except TypeError:
        raise ValueError("a fault has kind, operation, times, skip, seconds, retry_after") from None

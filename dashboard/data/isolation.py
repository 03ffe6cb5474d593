"""The nightly watch over the isolation of accounts: what it tried, and whether it held."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_all


@dataclass(frozen=True)
class Hole:
    """``visitor`` could do ``what``, and may not."""

    visitor: str
    what: str


@dataclass(frozen=True)
class Visitor:
    """Who tried, how often, and how often it did not hold."""

    visitor: str
    tried: int
    holes: int


@dataclass(frozen=True)
class IsolationRun:
    """``state``: green; red: something did not hold; failed: not everything could be tried."""

    id: int
    started_at: datetime
    ended_at: datetime | None
    state: str
    tried: int
    holes: list[Hole]
    by_visitor: list[Visitor]
    problem: str


@cached(ttl=30)
def read_runs(operator: Operator) -> list[IsolationRun]:
    """The latest 30, newest first: SQL function `isolation_list`."""
    return call_all(operator, "isolation_list", IsolationRun, {"p_limit": 30})

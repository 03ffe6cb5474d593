"""Reads of the audit log. Edits on other pages add rows to it."""

from dataclasses import dataclass
from typing import Any

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_all, call_one

AUDIT_PAGE = 30


@dataclass(frozen=True)
class Entry:
    """A row of the log. `before` and `after` map fields of the changed row to their values."""

    id: int
    at: str
    actor: str
    table_name: str
    row_key: str
    person_id: str | None
    operation: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str
    prev_hash: str
    row_hash: str
    # Whom it concerns: a person's or a team's name, where there is one. A database before it: none.
    subject: str | None = None


@dataclass(frozen=True)
class Choices:
    """The actors and tables that occur in the audit log."""

    actors: list[str]
    tables: list[str]


@dataclass(frozen=True)
class Verdict:
    """Whether the hash chain is intact, and where it breaks first. Empty log: the hash is None."""

    ok: bool
    rows: int
    first_broken_id: int | None
    last_id: int | None
    last_hash: str | None


@cached(ttl=5)
def read_audit(operator: Operator, parameters: dict[str, Any]) -> list[Entry]:
    """Rows of the audit log, newest first: SQL `audit_rows` with its own parameters."""
    return call_all(operator, "audit_rows", Entry, parameters)


@cached(ttl=60)
def read_audit_choices(operator: Operator) -> Choices:
    """SQL function `audit_choices`."""
    return call_one(operator, "audit_choices", Choices)


def verify_audit(operator: Operator) -> Verdict:
    """Check the whole chain again: SQL function `verify_audit_log`."""
    return call_one(operator, "verify_audit_log", Verdict)

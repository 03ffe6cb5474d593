"""Reads of the audit log. Edits on other pages make new rows of it."""

from typing import Any

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call

AUDIT_PAGE = 30


@cached(ttl=5)
def read_audit(operator: Operator, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of the audit log, newest first: SQL `audit_rows` with its own parameters."""
    rows: list[dict[str, Any]] = call(operator, "audit_rows", parameters)
    return rows


@cached(ttl=60)
def read_audit_choices(operator: Operator) -> dict[str, list[str]]:
    """{actors, tables} that occur in the audit log: SQL `audit_choices`."""
    choices: dict[str, list[str]] = call(operator, "audit_choices")
    return choices


def verify_audit(operator: Operator) -> dict[str, Any]:
    """{ok, rows, first_broken_id, last_id, last_hash}, computed anew: SQL `verify_audit_log`."""
    result: dict[str, Any] = call(operator, "verify_audit_log")
    return result

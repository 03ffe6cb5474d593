"""What is tried, and who may: each attempt at the API that a visitor may not make must fail.

A role that may read a table is asked to read the designer's row there too: a watch that sees
nothing because it is blind would be green for ever.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

STRANGER: Final = "a stranger"
NOBODY: Final = "somebody signed in without a role"
ROLES: Final = ("founder", "support", "finance")
VISITORS: Final = (STRANGER, NOBODY, *ROLES)

_SUPPORT: Final = frozenset({"founder", "support"})
_FINANCE: Final = frozenset({"founder", "finance"})
_FOUNDER: Final = frozenset({"founder"})
_NONE: Final = frozenset[str]()
# Who may read which table; in those of the first group a designer of the watch has a row.
_OWN: Final = {
    "users": ("id", _SUPPORT),
    "user_contexts": ("user_id", _SUPPORT),
    "user_context_versions": ("user_id", _SUPPORT),
    "sessions": ("user_id", _NONE),
}
_TABLES: Final = {
    "answers": _SUPPORT,
    "analyses": _SUPPORT,
    "pipelines": _SUPPORT,
    "audit_log": _SUPPORT,
    "user_webhooks": _SUPPORT,
    "usage_logs": _FINANCE,
    "model_calls": _FINANCE,
    "subscriptions": _FINANCE,
    "billing_statements": _FINANCE,
    "provider_bills": _FINANCE,
    "usage_daily_users": _FOUNDER,
    "product_settings": _FOUNDER,
    "alerts": _FOUNDER,
    "figma_tokens": _NONE,
    "alert_channel_secrets": _NONE,
    "plugin_handovers": _NONE,
}
# Columns that no operator reads, whatever else of the table they may.
_COLUMNS: Final = (
    ("users", "email"),
    ("users", "figma_user_hash"),
    ("answers", "question"),
    ("user_webhooks", "passcode_encrypted"),
    ("figma_tokens", "access_token_encrypted"),
    ("pipeline_targets", "token_encrypted"),
    ("operator_invitations", "token_hash"),
)
_FUNCTIONS: Final = {
    "person_card": ("p_user_id", _SUPPORT),
    "person_story": ("p_user_id", _SUPPORT),
    "get_context": ("p_user_id", _NONE),
    "get_account": ("p_user_id", _NONE),
    "get_figma_token": ("p_user_id", _NONE),
    "isolation_rows": ("p_user_id", _NONE),
}


@dataclass(frozen=True)
class Attempt:
    """A request to the API of the database. ``what`` follows "could" in a sentence. With
    ``may_succeed`` it is a control: the visitor may, and has to see the row."""

    what: str
    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    may_succeed: bool = False


def attempts_of(visitor: str, victim: str, own_account: str | None) -> Iterator[Attempt]:
    """What this visitor tries against the designer ``victim``, and to give itself another role."""
    for table, (column, who) in _OWN.items():
        theirs = {column: f"eq.{victim}"}
        # The columns that every reader may read.
        read = {"select": column, **theirs}
        yield Attempt(f"read {table}", "GET", table, read, may_succeed=visitor in who)
        yield Attempt(f"delete from {table}", "DELETE", table, theirs)
    for table, who in _TABLES.items():
        if visitor not in who:
            yield Attempt(f"read {table}", "GET", table, {"limit": "1"})
    for table, column in _COLUMNS:
        read = {"select": column, "limit": "1"}
        yield Attempt(f"read {table}.{column}", "GET", table, read)
    yield from _changes(victim)
    for function, (parameter, who) in _FUNCTIONS.items():
        if visitor not in who:
            body = {parameter: victim}
            yield Attempt(f"call {function}", "POST", f"rpc/{function}", body=body)
    account = own_account or victim
    seat = {"user_id": account, "email": "isolation-canary-seat@example.com", "role": "founder"}
    yield Attempt("make itself an operator", "POST", "operators", body=seat)
    promoted = {"user_id": f"eq.{account}"}
    yield Attempt("give itself a role", "PATCH", "operators", promoted, {"role": "founder"})


def _changes(victim: str) -> Iterator[Attempt]:
    changes: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("users", "id", {"handle": "changed"}),
        ("users", "id", {"state": "suspended"}),
        ("user_contexts", "user_id", {"tone": "changed"}),
        ("user_context_versions", "user_id", {"content": {}}),
        ("sessions", "user_id", {"label": "changed"}),
    )
    for table, column, change in changes:
        [name] = change
        yield Attempt(f"change {table}.{name}", "PATCH", table, {column: f"eq.{victim}"}, change)
    grant = {"user_id": victim, "plan_code": "pro"}
    yield Attempt("give a plan", "POST", "subscriptions", body=grant)

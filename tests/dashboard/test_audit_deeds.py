"""Each kind of entry that the database writes to the audit log is told as a deed."""

import re
from typing import Any

import pytest

from dashboard.audit import deeds
from dashboard.data.audit import Entry
from local.stack.stack import ROOT
from tests.dashboard.stage import Buddy

PLANS = {"pro": "Pro"}
# Bits of pg_trigger.tgtype.
OPERATIONS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16}
SHOWN = re.compile(r"note_access\(\s*'(REVEAL|EXPORT)', '(\w+)'")


def entry(table: str, operation: str, before: Any, after: Any, subject: str | None) -> Entry:
    return Entry(
        1, "2026-11-01T10:00:00+00:00", "a@example.com", table, "k", None, operation, before,
        after, "", "", "", subject,
    )  # fmt: skip


def test_no_kind_of_entry_is_told_in_names_of_tables(buddy: Buddy) -> None:
    audited = buddy.rows(
        "select tgrelid::regclass::text, tgtype::integer from pg_trigger"
        " where tgfoid = 'private.audit'::regproc"
    )
    kinds = {
        (table.removeprefix("public."), operation)
        for table, kind in audited
        for operation, bit in OPERATIONS.items()
        if kind & bit
    }
    for path in (ROOT / "sql" / "functions").rglob("*.sql"):
        kinds |= {(table, operation) for operation, table in SHOWN.findall(path.read_text())}
    assert len(kinds) > 40
    assert kinds - set(deeds.DEEDS) == set()
    assert {table for table, _ in kinds} - set(deeds.ABOUT) == set()
    codes = buddy.rows("select code from public.product_settings")
    assert {code for (code,) in codes} - set(deeds.SETTINGS) == set()
    # A real row of each table, as the trigger would log it; and a row of an older database.
    for table, operation in sorted(kinds):
        found = buddy.rows(f"select to_jsonb(t) from public.{table} as t limit 1")
        for row in ({}, found[0][0] if found else {}):
            told = deeds.sentence(entry(table, operation, row, row, "Ana"), PLANS)
            assert told and "_" not in told and "None" not in told, (table, operation, told)


@pytest.mark.parametrize(
    ("table", "operation", "before", "after", "subject", "told"),
    [
        ("billing_months", "INSERT", None, {"month": "2026-09-01"}, None, "closed September 2026"),
        ("subscriptions", "INSERT", None, {"user_id": "u", "plan_code": "pro", "seats": 1}, "Ana",
         "set Ana's plan to Pro"),
        ("subscriptions", "UPDATE", {"ends_at": None},
         {"plan_code": "pro", "ends_at": "2026-10-05T00:00:00+00:00"}, "Ana",
         "ended Ana's plan Pro on 5 Oct 2026"),
        ("users", "UPDATE", {"state": "active"}, {"state": "suspended"}, "Ana", "suspended Ana"),
        ("users", "REVEAL", None, {"what": ["email"]}, "Ana", "saw Ana's e-mail address"),
        ("budgets", "INSERT", None,
         {"scope": "team", "scope_key": "t", "monthly_microusd": 21_000_000}, "Acme",
         "set the budget of Acme to $21.00 a month"),
        ("operators", "UPDATE", {"role": "support"}, {"email": "b@example.com", "role": "founder"},
         None, "made b@example.com founder"),
        ("operators", "INSERT", None, {"role": "finance",
         "email": "isolation-canary-058f1f23be6e4e168fbd109bf6fa1171@example.com"}, None,
         "let the test account 058f1f23 of the isolation check in as finance"),
        ("reliability_targets", "UPDATE", {}, {"target": 0.95, "threshold_ms": 15_000}, None,
         "set the objective “answered within 15 s” to 95 %"),
        ("teams", "UPDATE", {"name": "A", "feature_flags": {}},
         {"name": "A", "feature_flags": {"pipelines": False}}, None,
         "set features of the team A (off: pipelines)"),
        ("holidays_of_teams", "UPDATE", {}, {}, None, "changed something in holidays of teams"),
    ],
)  # fmt: skip
def test_an_entry_is_told_as_a_deed(
    table: str, operation: str, before: Any, after: Any, subject: str | None, told: str
) -> None:
    assert deeds.sentence(entry(table, operation, before, after, subject), PLANS) == told

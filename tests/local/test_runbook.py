"""Every kind of alert has an entry in the runbook, every entry a kind, and its statements run."""

import re
from typing import Any

import psycopg
import pytest

from local.stack import Database
from local.stack.stack import ROOT
from service.alert_sentences import KINDS, runbook_entry

TEXT = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
ENTRIES: dict[str, str] = dict(re.findall(r"^### (\w+)\n(.+?)(?=^##|\Z)", TEXT, re.M | re.S))
# The report asks for nothing.
ASKED = KINDS - {"weekly_report"}
STATEMENTS = re.findall(r"```sql\n(.+?)```", TEXT, re.S)
ASPECTS = ["Noticed", "Look", "Do", "Over"]


def test_every_kind_has_an_entry_and_every_entry_a_kind() -> None:
    assert ENTRIES.keys() == ASKED
    assert len(re.findall(r"^### ", TEXT, re.M)) == len(ENTRIES)
    assert runbook_entry("disk") == "docs/runbook.md#disk"


@pytest.mark.parametrize("kind", sorted(ASKED))
def test_an_entry_says_all_that_is_asked_of_it(kind: str) -> None:
    assert re.findall(r"^- \*\*(\w+)\*\*: \S", ENTRIES[kind], re.M) == ASPECTS


def test_the_statements_run(database: Database) -> None:
    assert STATEMENTS
    with psycopg.connect(database.admin_url) as connection:
        for statement in STATEMENTS:
            found: Any = connection.execute(statement)
            assert found.description, statement

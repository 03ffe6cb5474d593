"""SECURITY.md, PRIVACY.md and docs/asvs.md say what is so: their tests, columns and times exist."""

import re
from pathlib import Path

from local.stack.stack import ROOT
from service.retention import KINDS
from tests.sql.personal_data import PERSONAL

ASVS_STATES = ("met", "not applicable", "gap")
PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)+|[A-Z]\w+\.md)`")


def rows_of(path: Path, cells: int) -> list[list[str]]:
    """Rows of every table with so many cells, without their heads."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        parts = [each.strip() for each in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(parts) == cells and not set(line) <= set("|- "):
            found.append(parts)
    heads = {"what", "what is protected", "kept", "no."}
    return [parts for parts in found if parts[0] not in heads]


def test_each_line_of_the_threat_model_has_its_test() -> None:
    rows = rows_of(ROOT / "SECURITY.md", 4)
    assert len(rows) >= 25
    for what, _, by, tests in rows:
        named = PATH.findall(tests)
        assert named and by, what
        for each in named:
            assert each.startswith("tests/") and (ROOT / each).is_file(), (what, each)
            assert "def test_" in (ROOT / each).read_text(encoding="utf-8"), each


def test_every_column_that_may_hold_something_of_a_person_is_told_and_no_other() -> None:
    told: dict[str, set[str]] = {}
    for _, columns, *rest in rows_of(ROOT / "PRIVACY.md", 5):
        assert all(rest)
        for table, names in re.findall(r"`(\w+)`: ((?:`\w+`(?: |(?=$|;)))+)", columns):
            told.setdefault(table, set()).update(re.findall(r"`(\w+)`", names))
    assert told == PERSONAL


def test_the_times_are_those_by_which_rows_are_removed() -> None:
    privacy = ROOT / "PRIVACY.md"
    told = [(what, table.strip("`"), long) for what, table, long in rows_of(privacy, 3)]
    assert told == [(each.what, each.table, each.long) for each in KINDS.values()]
    # What stands beside the columns is of the same times.
    for _, columns, _, long, _ in rows_of(privacy, 5):
        known = {each.long for each in KINDS.values() if f"`{each.table}`" in columns}
        known -= {"until they end"}
        assert not known or any(each in long for each in known), (columns, long, known)


def test_each_line_of_asvs_has_a_state_and_evidence_that_exists() -> None:
    rows = rows_of(ROOT / "docs" / "asvs.md", 4)
    numbers = [row[0] for row in rows]
    assert len(rows) >= 250 and len(set(numbers)) == len(numbers)
    for number, words, state, evidence in rows:
        assert re.fullmatch(r"V?\d+\.\d+\.\d+", number) and words, number
        assert state in ASVS_STATES, (number, state)
        paths = PATH.findall(evidence)
        assert all((ROOT / each).exists() for each in paths), (number, paths)
        assert paths if state == "met" else evidence, number

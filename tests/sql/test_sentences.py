"""What SQL refuses with is a code that has its sentence in Python, and no sentence is left over."""

import json
import re
from pathlib import Path
from string import Formatter

import pytest

from service.sentences import SENTENCES, sentence

FUNCTIONS = Path(__file__).parents[2] / "sql/functions"
STATES = {"22023", "42501", "PT400", "PT404", "PT409", "PT412", "PT422"}
# How a dry run is undone; nobody sees it.
SILENT = "raise exception sqlstate 'UNDO0'"


def raised() -> list[tuple[str, str]]:
    """(file and line, text) of each statement that raises."""
    found = []
    for path in sorted(FUNCTIONS.rglob("*.sql")):
        text = path.read_text()
        for match in re.finditer(r"raise exception\b[^;]*", text):
            line = text.count("\n", 0, match.start()) + 1
            found.append((f"{path.relative_to(FUNCTIONS)}:{line}", match[0]))
    return found


def parameters(statement: str) -> set[str]:
    """Names given in ``detail``: those before each value of jsonb_build_object."""
    _, _, detail = statement.partition("detail = jsonb_build_object(")
    names, depth, is_name = set(), 0, True
    for token in re.findall(r"'(?:[^']|'')*'|[(),]|[^'(),]+", detail):
        if token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
            if depth < 0:
                break
        elif token == "," and depth == 0:
            is_name = not is_name
        elif is_name and depth == 0 and token.startswith("'"):
            names.add(token.strip("'"))
    return names


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_every_code_has_a_sentence_with_exactly_its_parameters() -> None:
    codes = set()
    for place, statement in raised():
        if statement == SILENT:
            continue
        match = re.match(
            r"raise exception using errcode = '(\w+)', message = '([a-z][a-z0-9_]*)'", statement
        )
        assert match, f"{place} raises no code; its sentence belongs into service/sentences.py"
        state, code = match.groups()
        assert state in STATES, place
        assert code in SENTENCES, f"{place}: {code} has no sentence in service/sentences.py"
        assert parameters(statement) == fields(SENTENCES[code]), place
        codes.add(code)
    assert len(codes) > 80
    assert set(SENTENCES) == codes


def test_sentences_are_sentences() -> None:
    for code, template in SENTENCES.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", code)
        assert template[0].isupper() or template[0] == "{"
        assert template.endswith((".", "…"))


@pytest.mark.parametrize(
    ("message", "details", "shown"),
    [
        ("no_such_person", None, "There is no such person."),
        ("no_plan_called_so", {"plan": "max"}, "There is no plan called max."),
        ("only_these_may_see_this", {"roles": ["founder"]}, "Only founders may see this."),
        ("only_these_may_see_this", {"roles": ["founder", "finance"]},
         "Only founders and finance may see this."),
        # Of another version: parameters, codes and sentences that this one does not know.
        ("no_plan_called_so", {"name": "max"}, "The database refused this: no plan called so."),
        ("no_plan_called_so", None, "The database refused this: no plan called so."),
        ("something_new", {"a": 1}, "The database refused this: something new."),
        ("There is no such thing.", None, "There is no such thing."),
        ("permission denied for table plans", None, "permission denied for table plans"),
        ("", None, ""),
    ],
)  # fmt: skip
def test_what_is_shown(message: str, details: object, shown: str) -> None:
    given = json.dumps(details) if details is not None else None
    assert sentence(message, given) == shown


def test_details_that_are_no_parameters_are_passed_over() -> None:
    for details in ("Failing row contains (1).", "[1]", "3", {"plan": "max"}, 7):
        assert sentence("no_such_person", details) in (
            "There is no such person.",
            "The database refused this: no such person.",
        )

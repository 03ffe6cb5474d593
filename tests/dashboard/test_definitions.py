"""What a figure means is written once; tiles, help texts and the document read it from there."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.parts import definitions, metrics_document
from dashboard.parts.definitions import DEFINITIONS

DASHBOARD = Path(__file__).resolve().parents[2] / "dashboard"
WRITTEN_IN = sorted((DASHBOARD / "parts").glob("*definitions.py"))
OTHERS = [path for path in sorted(DASHBOARD.rglob("*.py")) if path not in WRITTEN_IN]
# What takes a definition, and where among its arguments.
TAKERS = {"Metric": (2, "definition"), "Explanation": (1, "definition")}
TAKERS |= {"draw": (2, "definition"), "header": (99, "help"), "metric": (99, "help")}
TAKERS |= {"Column": (99, "help"), "TextColumn": (99, "help"), "NumberColumn": (99, "help")}


def sentences(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.split(r"(?<=\.) ", node.value)


def test_the_document_says_what_the_dictionary_says() -> None:
    written = metrics_document.DOCUMENT.read_text(encoding="utf-8")
    assert written == metrics_document.document(), "Run `make metrics`."
    assert {name.split(".")[0] for name in DEFINITIONS} == set(metrics_document.PAGES)


def test_no_sentence_of_a_definition_stands_twice() -> None:
    found = Counter(
        sentence for path in WRITTEN_IN for sentence in sentences(path) if len(sentence) > 20
    )
    assert [sentence for sentence, count in found.items() if count > 1] == []
    elsewhere = {sentence for path in OTHERS for sentence in sentences(path)}
    assert [sentence for sentence in found if len(sentence) > 40 and sentence in elsewhere] == []


def test_no_page_writes_a_definition_of_its_own() -> None:
    own = [
        f"{path.relative_to(DASHBOARD)}:{node.lineno}"
        for path in OTHERS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and is_written_out(node)
    ]
    assert own == []


def is_written_out(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name not in TAKERS:
        return False
    place, keyword = TAKERS[name]
    given = [*call.args[place : place + 1], *(k.value for k in call.keywords if k.arg == keyword)]
    return any(isinstance(each, ast.Constant | ast.JoinedStr) for each in given)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_each_definition_is_shown_and_names_its_sql_function(name: str) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in OTHERS)
    page, _, what = name.partition(".")
    assert f'"{name}"' in code or (f'f"{page}.{{' in code and f'"{what}"' in code)
    sql = (path.read_text(encoding="utf-8") for path in (DASHBOARD.parent / "sql").rglob("*.sql"))
    function = f"function public.{DEFINITIONS[name].source}("
    assert any(function in text for text in sql)


def test_what_a_text_leaves_open_is_filled_in() -> None:
    said = definitions.explain("ai_cost.breakdown_hours", zone="Europe/Berlin")
    assert said.endswith("by the clock of Europe/Berlin.")

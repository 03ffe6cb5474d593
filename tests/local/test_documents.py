"""The documents lead somewhere, name every setting, and are found from the README in one click."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from local.stack.stack import ROOT

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
IGNORED = {".git"} | {
    line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
}
# Files and folders as text names them; `<page>` and the like stand for a name.
NAMED = re.compile(r"`((?:service|dashboard|sql|tests|local|bench|docs|\.ci|\.github)/[\w./-]*)`")
MADE_LATER = {"bench/results", "sql/migrations/NNNN_name.sql"}
# Somebody's own machine or network may get packages from elsewhere.
INDEXES = re.compile(r"pypi\.org|pythonhosted\.org|registry\.(npmjs\.org|yarnpkg\.com)", re.I)


def ours(folder: Path = ROOT) -> Iterator[Path]:
    """Every file of the product. A checkout without git has them all the same."""
    for path in sorted(folder.iterdir()):
        if path.name in IGNORED or path.relative_to(ROOT).as_posix() in IGNORED:
            continue
        if path.is_dir():
            yield from ours(path)
        else:
            yield path


DOCUMENTS = [path for path in ours() if path.suffix == ".md"]


def links_of(document: Path) -> list[str]:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.S)
    return [link for link in LINK.findall(text) if "://" not in link]


def anchors_of(document: Path) -> set[str]:
    """As GitHub makes them of the headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading_that_exist(document: Path):
    broken = []
    for link in links_of(document):
        name, _, anchor = unquote(link).partition("#")
        target = (document.parent / name).resolve() if name else document
        is_there = target.exists() and (not anchor or anchor in anchors_of(target))
        broken += [] if is_there else [link]
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_and_function_that_a_document_names_exists(document: Path):
    text = document.read_text(encoding="utf-8")
    named = [name for name in NAMED.findall(text) if name not in MADE_LATER]
    assert [name for name in named if not (ROOT / name).exists()] == []
    sql = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "sql").rglob("*.sql"))
    functions = re.findall(r"`((?:private|public)\.\w+)(?:\(\))?`", text)
    assert [name for name in functions if f"function {name}(" not in sql] == []


def test_the_readme_is_short_and_leads_to_every_document():
    readme = ROOT / "README.md"
    assert len(readme.read_text(encoding="utf-8").splitlines()) <= 80
    reached = {(ROOT / link.partition("#")[0]).resolve() for link in links_of(readme)}
    # The records of decisions are listed on a page of their own, and forms are found by GitHub.
    wanted = {path for path in DOCUMENTS
              if path.parent in (ROOT, ROOT / "docs")} - {readme}  # fmt: skip
    assert wanted - reached == set()
    decisions = ROOT / "docs" / "decisions"
    listed = {(decisions / link).resolve() for link in links_of(decisions / "README.md")}
    assert set(decisions.glob("0*.md")) <= listed


def test_no_paragraph_stands_in_two_documents():
    seen: dict[str, Path] = {}
    for document in DOCUMENTS:
        for paragraph in re.split(r"\n\s*\n", document.read_text(encoding="utf-8")):
            words = " ".join(paragraph.split())
            if len(words) > 120:
                assert words not in seen, f"{document} and {seen[words]}: {words[:80]} …"
                seen[words] = document


def test_every_setting_is_explained():
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    names = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", example, re.M))
    rows = re.findall(r"^\| (.+?) \|", (ROOT / "docs" / "settings.md").read_text("utf-8"), re.M)
    explained = {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row)}
    assert names - explained == set()


def test_one_command_checks_what_ci_checks():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.splitlines()[-1] == "make check"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^check: lint test\b", makefile, re.M)
    workflow = (ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8")
    assert "run: make check" in workflow


def test_no_package_index_is_named():
    """A machine decides for itself where it gets packages from."""
    named = [
        path.relative_to(ROOT)
        for path in ours()
        if path != Path(__file__) and INDEXES.search(path.read_text("utf-8", errors="ignore"))
    ]
    assert named == []

"""Which room may import which. A wrong arrow fails here, with the line that draws it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Top-level modules of a package (config, errors, wiring …) have no row: any room may use them.
DASHBOARD_ROOMS = {
    "access": set(),
    "exports": {"access"},
    "data": {"access", "exports"},
    "parts": {"access", "exports", "data"},
}
PAGE_MAY = {"access", "exports", "data", "parts"}
PAGES = {
    *("overview", "live", "answer", "reliability"),
    *("ai_cost", "revenue", "billing", "provider_bills"),
    *("growth", "trials", "analyses", "pipelines", "quality"),
    *("people", "team", "audit"),
    *("dead_letters", "webhooks"),
    *("settings", "your_sign_in"),
}
SERVICE_ROOMS = {
    "figma": {"observing"},
    "github": {"observing"},
    "review": set(),
    # Designs become components: of the review only what reads layers; models edit the drafts. They
    # are pushed to GitHub.
    "pipelines": {"github", "llm", "review", "secrets", "store"},
    "llm": {"observing", "review"},
    # What is said about a selection; the job that books it is in answering.
    "analysis": {"figma", "llm", "review"},
    # It counts calls of Figma and models, and asks the store how long the queue is.
    "observing": {"figma", "llm", "secrets", "store"},
    "store": {"figma"},
    "secrets": {"figma", "store"},
    "receiving": {"secrets", "store"},
    "answering": {
        *("analysis", "figma", "llm", "observing", "pipelines", "review", "secrets", "store"),
    },
    # Stages of pipelines, as jobs: in a worker's and a builder's process.
    "building": {
        *("answering", "figma", "github", "llm", "observing", "pipelines", "secrets", "store"),
    },
    # Names that look like addresses are found as in replies.
    "alerts": {"answering", "figma", "secrets", "store"},
    # The nightly watch asks the API from outside, as others do.
    "isolation": {"secrets", "store"},
    # Has Supabase Auth send the mails of invitations to the dashboard.
    "inviting": {"store"},
    "switching": {"answering", "figma", "secrets", "store"},
    # Of answering it takes the words of refusals, of pipelines their words and what was planned.
    "web": {
        *("alerts", "analysis", "answering", "figma", "github", "llm", "observing", "pipelines"),
        *("receiving", "review", "secrets", "store", "switching"),
    },
}
# The environment is read and checked alike, a guidance has the same limits on both sides, what SQL
# refuses and what it raises an alert about is said in the same words, and the editor of a guidance
# shows the very prompt.
DASHBOARD_BORROWS = (
    *("service.config", "service.config_checks", "service.passwords"),
    *("service.guidance", "service.sentences", "service.alert_sentences", "service.llm.prompt"),
    # Providers and Figma's plans have the same names in an alert and on a page.
    "service.outside_names",
    # How long what is kept.
    "service.retention",
    # A run is told in the words that its customer reads, its stages and its quality row too.
    *("service.pipelines.sentences", "service.pipelines.quality_words"),
)
# What a package may import of the others at all.
PACKAGES = {
    "service": {"service"},
    # Both sides meet in SQL; see DASHBOARD_BORROWS.
    "dashboard": {"dashboard"},
    "sql": {"sql", "service"},
    "local": {"local", "service", "sql", "dashboard", "backup"},
    # Made beside the product and without it: of the service only its store.
    "backup": {"backup", "service"},
    # Looks at everything, and nothing looks at it.
    "doctor": {"doctor", "service", "sql", "dashboard", "backup"},
}


def imports(package: str) -> Iterator[tuple[Path, int, str]]:
    """(file, line, full name) of everything imported from our own packages."""
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{each.name}" for each in node.names]
            for name in names:
                if name.split(".")[0] in PACKAGES:
                    yield path.relative_to(ROOT), node.lineno, name


def rooms_between(package: str) -> Iterator[tuple[Path, int, str, str]]:
    """(file, line, from room, to room) of imports from one folder of a package into another."""
    for path, line, name in imports(package):
        target = name.split(".")
        if len(path.parts) > 2 and target[0] == package and len(target) > 1:
            room = path.parts[1]
            if target[1] != room and (ROOT / package / target[1]).is_dir():
                yield path, line, room, target[1]


def folders(package: str) -> set[str]:
    return {each.parent.name for each in (ROOT / package).glob("*/*.py")}


def test_every_folder_has_its_place_in_the_plan() -> None:
    assert folders("dashboard") == {*DASHBOARD_ROOMS, *PAGES}
    assert folders("service") == set(SERVICE_ROOMS)


def test_a_page_is_one_folder_and_imports_no_other_page() -> None:
    allowed = {**DASHBOARD_ROOMS, **dict.fromkeys(PAGES, PAGE_MAY)}
    wrong = [
        f"{path}:{line}: {room} must not import {target}; what two pages share goes to parts/ or"
        " data/"
        for path, line, room, target in rooms_between("dashboard")
        if target not in allowed[room]
    ]
    assert not wrong, "\n".join(wrong)


def test_each_page_is_named_in_the_navigation() -> None:
    pages = (ROOT / "dashboard" / "pages.py").read_text()
    for page in PAGES:
        assert (ROOT / "dashboard" / page / "page.py").exists()
        assert f'folder="{page}"' in pages


def test_the_rooms_of_the_service_import_as_planned() -> None:
    wrong = [
        f"{path}:{line}: {room} must not import {target}"
        for path, line, room, target in rooms_between("service")
        if target not in SERVICE_ROOMS[room]
    ]
    assert not wrong, "\n".join(wrong)
    assert "web" not in set().union(*SERVICE_ROOMS.values())


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_meet_where_they_should(package: str) -> None:
    wrong = [
        f"{path}:{line}: {package} must not import {name}"
        for path, line, name in imports(package)
        if name.split(".")[0] not in PACKAGES[package]
        and not (package == "dashboard" and name.startswith(DASHBOARD_BORROWS))
    ]
    assert not wrong, "\n".join(wrong)


def test_one_name_means_one_thing() -> None:
    """Two modules may share a name only where it means the same in each folder."""
    alike = {
        # The parts that every page may have.
        *("page", "queries", "edits", "charts", "figures", "sections", "tables"),
        # Each package is started, set up and packed by one of these.
        *("__init__", "app", "config"),
        # A room with errors of its own beside those of the service.
        "errors",
        # What people read.
        *("words", "sentences"),
        # Records of what came back.
        "results",
    }
    seen: dict[str, list[Path]] = {}
    for package in ("service", "dashboard"):
        for path in (ROOT / package).rglob("*.py"):
            seen.setdefault(path.stem, []).append(path.relative_to(ROOT))
    doubled = {name: paths for name, paths in seen.items() if len(paths) > 1 and name not in alike}
    assert not doubled


def test_no_file_of_the_product_looks_like_a_test() -> None:
    looks = [
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name.startswith("test_") or path.name.endswith("_test.py")
    ]
    assert not looks

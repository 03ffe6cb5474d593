"""Which pages there are, in which section, and for whom."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).with_name("app_pages")
EVERYBODY = frozenset({"founder", "support", "finance"})


@dataclass(frozen=True)
class Entry:
    """A page of the navigation. `file` is its name in app_pages/ without .py."""

    file: str
    title: str
    icon: str
    help: str
    roles: frozenset[str] = EVERYBODY


SECTIONS: dict[str, tuple[Entry, ...]] = {
    "Watch": (
        Entry(
            file="overview",
            title="Overview",
            icon="monitoring",
            help="Answers, errors, cost, answer time, the queue and trials, live. "
            "The latest answers are below the charts.",
        ),
    ),
}


def for_role(role: str | None) -> dict[str, list[st.Page]]:
    """The sections for `st.navigation`; with None every page, for addresses alone."""
    sections = {
        section: [_page(entry) for entry in entries if role is None or role in entry.roles]
        for section, entries in SECTIONS.items()
    }
    return {section: shown for section, shown in sections.items() if shown}


def _page(entry: Entry) -> st.Page:
    return st.Page(
        FOLDER / f"{entry.file}.py",
        title=entry.title,
        icon=f":material/{entry.icon}:",
        help=entry.help,
    )

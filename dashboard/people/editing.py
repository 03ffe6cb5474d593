"""What is being edited of a context, and another change that it met: kept between runs."""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from dashboard.people.edits import Later

EDITING = "people_editing"


@dataclass(frozen=True)
class Clash:
    """Two changes of one context that meet. Contents map names of fields to their values.

    `version` is the newest one, and `theirs` what it holds. Of an undo, `undoes` is the version
    that is undone, and `blocked_by` the later ones that changed the same fields; else `changed_by`
    saved the newest one.
    """

    version: int
    base: dict[str, Any]
    theirs: dict[str, Any]
    mine: dict[str, Any]
    reason: str
    changed_by: str = ""
    undoes: int | None = None
    blocked_by: tuple[Later, ...] = ()


@dataclass(frozen=True)
class Editing:
    """The version that is edited, and the conflict that has to be settled first, if any."""

    user_id: str
    version: int
    content: dict[str, Any]
    conflict: Clash | None = None


def current() -> Editing | None:
    found: Editing | None = st.session_state.get(EDITING)
    return found


def keep(editing: Editing) -> Editing:
    st.session_state[EDITING] = editing
    return editing


def meet(clash: Clash) -> None:
    """What is edited met another change: the page shows both from the next run on."""
    if editing := current():
        keep(replace(editing, conflict=clash))


def end() -> None:
    st.session_state.pop(EDITING, None)

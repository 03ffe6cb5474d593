"""The current edit of a context and its conflict, if any; kept between Streamlit runs."""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from dashboard.people.edits import Later

EDITING = "people_editing"


@dataclass(frozen=True)
class Clash:
    """Two conflicting changes of one context. Contents map names of fields to their values.

    `version` is the newest one, and `theirs` its content. For an undo, `undoes` is the version to
    undo, and `blocked_by` the later versions that changed the same fields. For a save,
    `changed_by` is who saved the newest version.
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
    """The version that is edited, and the conflict to resolve first, if any."""

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
    """Store a conflict of the current edit: the next run shows both changes."""
    if editing := current():
        keep(replace(editing, conflict=clash))


def end() -> None:
    st.session_state.pop(EDITING, None)

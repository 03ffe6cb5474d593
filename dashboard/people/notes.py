"""Notes of operators on a person: written, changed and removed on the person's page."""

from collections.abc import Callable
from uuid import uuid4

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.writes import Refused
from dashboard.parts import words
from dashboard.people import edits, queries
from dashboard.people.person import Note

LONGEST = 2000


def draw(operator: Operator, user_id: str, zone: str, *, may_write: bool) -> None:
    """The notes, the newest first, behind a line that says how many there are."""
    notes = queries.read_notes(operator, user_id)
    if not notes and not may_write:
        return
    label = f"Notes ({len(notes)})" if notes else "Notes"
    with st.expander(label, icon=":material/sticky_note_2:", expanded=bool(notes)):
        for note in notes:
            _draw_note(operator, note, zone)
        if may_write:
            _draw_form(operator, user_id)


def _draw_note(operator: Operator, note: Note, zone: str) -> None:
    with st.container(border=True, gap="xsmall"):
        st.text(note.text)
        who = f"{note.written_by}, {words.moment(note.written_at, zone)} ({zone})"
        if note.changed_at and note.changed_by:
            who += f"; changed by {note.changed_by}, {words.moment(note.changed_at, zone)}"
        st.caption(words.plain(who))
        with st.container(horizontal=True):
            if st.button("Change", key=f"person_note_change_{note.id}", type="tertiary"):
                st.session_state["person_note_changed"] = note
                st.session_state["person_note_text"] = note.text
            if st.button("Remove", key=f"person_note_remove_{note.id}", type="tertiary"):
                _attempt(lambda: edits.remove_note(operator, note), "The note was removed.")


def _draw_form(operator: Operator, user_id: str) -> None:
    changed: Note | None = st.session_state.get("person_note_changed")
    # It may be of a person who was looked at before.
    changed = changed if changed and changed.user_id == user_id else None
    with st.form("person_note", border=False):
        text = st.text_area(
            "Note",
            max_chars=LONGEST,
            key="person_note_text",
            help="Other operators read it, and the person can ask for it. It goes with the "
            "account.",
        )
        label = "Save the change" if changed else "Add note"
        if st.form_submit_button(label, icon=":material/save:"):
            note_id, version = (changed.id, changed.version) if changed else (str(uuid4()), 0)
            _attempt(
                lambda: edits.save_note(operator, note_id, user_id, text or "", version),
                "The note was saved.",
            )


def _attempt(change: Callable[[], None], said: str) -> None:
    try:
        change()
    except Refused as refusal:
        st.error(str(refusal), icon=":material/block:")
        return
    for key in ("person_note_changed", "person_note_text"):
        st.session_state.pop(key, None)
    st.session_state["people_done"] = said
    st.rerun()

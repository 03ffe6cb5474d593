"""Shared by the forms of the page Settings: saving an edit and showing its result."""

from collections.abc import Callable

import streamlit as st

from dashboard.data.writes import Refused


def show_saved() -> None:
    """Show once what the last run saved. Clear the reason: the next edit needs its own."""
    saved = st.session_state.pop("settings_saved", None)
    if not saved:
        return
    for key in [key for key in st.session_state if str(key).endswith("_reason")]:
        del st.session_state[key]
    st.success(saved, icon=":material/check:")


def ask_reason(key: str) -> str:
    return st.text_input(
        "Why", key=key, max_chars=500, help="Kept in the audit log with your name."
    )


def save(change: Callable[[], object], said: str) -> None:
    """Make the change and rerun the page; show a refusal under the form."""
    try:
        change()
    except Refused as refusal:
        st.error(str(refusal).replace("$", r"\$"), icon=":material/block:")
        return
    st.session_state["settings_saved"] = said
    st.rerun()

"""What the forms of the page Settings share: how an edit is saved and what is said of it."""

from collections.abc import Callable

import streamlit as st

from dashboard.edits.sending import Refused


def ask_reason(key: str) -> str:
    return st.text_input(
        "Why", key=key, max_chars=500, help="Kept in the audit log with your name."
    )


def save(change: Callable[[], object], said: str) -> None:
    """Make the change and draw the page anew; a refusal is shown under the form."""
    try:
        change()
    except Refused as refusal:
        st.error(str(refusal).replace("$", r"\$"), icon=":material/block:")
        return
    st.session_state["settings_saved"] = said
    st.rerun()


def micro(dollars: float) -> int:
    """Dollars as whole micro-dollars."""
    return round(dollars * 1_000_000)

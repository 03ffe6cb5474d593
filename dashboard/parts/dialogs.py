"""Dialogs that ask for a reason before anything is shown or changed."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from dashboard.access import session
from dashboard.access.auth import SessionOver
from dashboard.data.writes import Refused
from dashboard.results import DataUnavailable

T = TypeVar("T")

REASON_LENGTH = 500
REASON_HELP = "It is kept in the audit log with your name."
UNKNOWN = (
    "The database did not answer, so it is not known whether this was done. "
    "Look at the story before you try again."
)


def reason_field(key: str) -> str:
    """The reason as typed, without spaces around it."""
    typed = st.text_input(
        "Reason",
        key=key,
        max_chars=REASON_LENGTH,
        help=REASON_HELP,
        placeholder="For example: ticket 4711",
    )
    return (typed or "").strip()


def attempt(reason: str, action: Callable[[], T]) -> T | None:
    """Run the action and return its result; on failure show why and return None."""
    if len(reason) < 3:
        st.error("Give a reason of at least three characters.", icon=":material/error:")
        return None
    try:
        return action()
    except Refused as refusal:
        st.error(str(refusal), icon=":material/block:")
    except DataUnavailable:
        st.error(UNKNOWN, icon=":material/cloud_off:")
    except SessionOver as over:
        session.end(notice=str(over))
        st.rerun()
    return None


def done(message: str) -> None:
    """Close the dialog, rerun the page and show there what was done."""
    st.session_state["people_done"] = message
    st.rerun()


def say_done() -> None:
    message = st.session_state.pop("people_done", "")
    if message:
        st.toast(message, icon=":material/check_circle:", duration="long")

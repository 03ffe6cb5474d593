"""Who is signed in in this browser: Streamlit's session, backed by what the server remembers."""

import streamlit as st

from dashboard import remembered
from dashboard.auth import SignIn

KEY = "signed_in"
NOTICE = "sign_in_notice"


def current() -> SignIn | None:
    """The sign-in of this session, or of the same browser before a reload."""
    found: SignIn | None = st.session_state.get(KEY)
    if found is None and (mine := browser()):
        found = remembered.recall(mine)
        if found:
            st.session_state[KEY] = found
    return found


def begin(signed_in: SignIn) -> None:
    st.session_state[KEY] = signed_in
    st.session_state.pop(NOTICE, None)
    if mine := browser():
        remembered.remember(mine, signed_in)


def end(notice: str = "") -> None:
    """Forget the sign-in everywhere; `notice` is shown above the sign-in form."""
    found: SignIn | None = st.session_state.get(KEY)
    if found:
        found.end()
    if mine := browser():
        remembered.forget(mine)
    st.session_state.clear()
    if notice:
        st.session_state[NOTICE] = notice


def last_notice() -> str:
    return st.session_state.get(NOTICE, "")


def browser() -> str | None:
    """The id of this browser, as the server knows it."""
    return remembered.browser_id(st.context.cookies)

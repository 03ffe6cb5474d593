"""The form with which the signed-in person changes their own password."""

import streamlit as st

from dashboard.access import auth, cookies, remembered, session
from dashboard.access.auth import AuthAway, SignIn, SignInRefused
from dashboard.access.guesses import Guesser, TooManyGuesses, guesses
from dashboard.config import load_settings
from service.passwords import LEAST, MOST_BYTES, weakness

DONE = "password_done"
CHANGED = "Your password is changed. Other browsers are signed out, at the latest within an hour."
WRONG = "Your present password is not right. Nothing was changed."
THE_SAME = "This is your present password. Choose another one."


def draw(signed_in: SignIn) -> None:
    if done := st.session_state.pop(DONE, None):
        st.success(done, icon=":material/check_circle:")
    with st.form("change_password", clear_on_submit=True):
        present = st.text_input(
            "Present password",
            type="password",
            autocomplete="current-password",
            max_chars=auth.MOST_PASSWORD,
            key="present_password",
        )
        chosen = new_password()
        pressed = st.form_submit_button(
            "Change the password", type="primary", icon=":material/password:"
        )
    if pressed:
        _try(signed_in, present or "", chosen)


def new_password() -> str:
    """The field for a password that is chosen."""
    chosen = st.text_input(
        "New password",
        type="password",
        autocomplete="new-password",
        max_chars=MOST_BYTES,
        help=f"At least {LEAST} characters; several words are easy to remember.",
        key="new_password",
    )
    return chosen or ""


def _try(signed_in: SignIn, present: str, chosen: str) -> None:
    if not present:
        problem = "Enter your present password, so that nobody else changes it at your screen."
    elif present == chosen:
        problem = THE_SAME
    else:
        problem = weakness(chosen, email=signed_in.email)
    if problem:
        st.error(problem, icon=":material/error:")
        return
    now = session.visitor()
    guesser = Guesser(signed_in.email, now.network, now.cookie(cookies.VISIT))
    try:
        guesses.take(guesser)
        _check(guesser, signed_in.email, present)
        auth.set_password(signed_in, chosen, present)
    except TooManyGuesses as refusal:
        st.error(str(refusal), icon=":material/schedule:")
    except SignInRefused as refusal:
        said = WRONG if str(refusal) == auth.WRONG else str(refusal)
        st.error(said, icon=":material/error:")
    except AuthAway:
        st.error(auth.AWAY, icon=":material/cloud_off:")
    else:
        remembered.forget_others(signed_in)
        st.session_state[DONE] = CHANGED
        st.rerun()


def _check(guesser: Guesser, email: str, present: str) -> None:
    """A guess counts once: taken back if it was right, or if nobody looked at it."""
    try:
        auth.check_password(load_settings(), email, present)
    except AuthAway:
        guesses.was_not_made(guesser)
        raise
    guesses.was_right(guesser)

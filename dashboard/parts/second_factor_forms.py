"""The screens for second factors: the code at sign-in, setting one up, the list."""

import streamlit as st

from dashboard.access import cookies, session
from dashboard.access.auth import SignIn
from dashboard.access.guesses import Guesser, TooManyGuesses, guesses
from dashboard.data import second_factor
from dashboard.data.second_factor import Enrolment, Factor, FactorRefused, WrongCode
from dashboard.parts import notices
from dashboard.parts.card import card
from dashboard.parts.words import DAY

ENROLMENT = "enrolment"
DONE = "second_factor_done"
OTHER_KIND = (
    "This account has a second factor of a kind that the dashboard cannot ask for. Whoever runs "
    "Supabase can remove it under Authentication, Users."
)


def draw_code(signed_in: SignIn) -> None:
    """Asks for the code, in a session that was made with a password only."""
    with card():
        st.title("Second factor", anchor=False)
        st.caption("Enter the code that your authenticator app shows now.")
        try:
            factors = second_factor.list_factors(signed_in)
        except FactorRefused as refusal:
            st.error(str(refusal), icon=":material/error:")
            factors = []
        else:
            if not factors:
                st.error(OTHER_KIND, icon=":material/error:")
        if factors:
            _ask_code(signed_in, factors)
        _draw_way_out()


def draw_required(signed_in: SignIn) -> None:
    """Sets up a second factor where one is required."""
    with card():
        st.title("Set up a second factor", anchor=False)
        st.caption(
            "This dashboard is open only to sign-ins with a second factor: a code from an "
            "authenticator app, such as your password manager's."
        )
        _draw_set_up(signed_in)
        _draw_way_out()


def draw_own(signed_in: SignIn) -> None:
    """The factors of the signed-in person, with forms to add and remove them."""
    if done := st.session_state.pop(DONE, None):
        st.success(done, icon=":material/check_circle:")
    try:
        factors = second_factor.list_factors(signed_in)
    except FactorRefused as refusal:
        st.error(str(refusal), icon=":material/error:")
        return
    if not factors:
        notices.say_empty(
            "No second factor yet",
            "With one, your password alone opens nothing: signing in asks for a code from an "
            "authenticator app as well.",
            icon="phonelink_lock",
        )
    for factor in factors:
        _draw_factor(signed_in, factor)
    st.header("Set up another one" if factors else "Set one up", anchor=False)
    _draw_set_up(signed_in)


def _draw_factor(signed_in: SignIn, factor: Factor) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        # Plain text: a name must not be read as Markdown.
        st.text(f"{factor.name}, since {factor.since:{DAY}}")
        with st.popover("Remove", icon=":material/delete:"):
            st.caption("Codes from this app no longer sign you in.")
            if st.button("Remove it", key=f"remove_{factor.id}", type="primary"):
                try:
                    second_factor.remove(signed_in, factor.id)
                except FactorRefused as refusal:
                    st.error(str(refusal), icon=":material/error:")
                else:
                    st.session_state[DONE] = "Removed."
                    st.rerun()


def _draw_set_up(signed_in: SignIn) -> None:
    begun: Enrolment | None = st.session_state.get(ENROLMENT)
    if begun is None:
        _draw_begin(signed_in)
    else:
        _draw_proof(signed_in, begun)


def _draw_begin(signed_in: SignIn) -> None:
    with st.form("enrol", border=False):
        name = st.text_input(
            "Name of the app or device", "Authenticator app", max_chars=second_factor.MOST_NAME
        )
        if not st.form_submit_button("Set up", type="primary", icon=":material/qr_code_2:"):
            return
    try:
        st.session_state[ENROLMENT] = second_factor.enrol(signed_in, name.strip() or "App")
    except FactorRefused as refusal:
        st.error(str(refusal), icon=":material/error:")
    else:
        st.rerun()


def _draw_proof(signed_in: SignIn, begun: Enrolment) -> None:
    st.markdown("1. Scan this with your authenticator app, or enter the key in it by hand.")
    st.image(begun.picture, width=200, alt="QR code of the key below")
    st.code(begun.secret, language=None, wrap_lines=True)
    st.markdown("2. Enter the code that the app shows.")
    if _draw_code_form(signed_in, begun.id, "Switch on"):
        st.session_state[DONE] = f"{begun.name} is switched on."
        _forget_enrolment()
        st.rerun()
    st.button("Begin again", on_click=_forget_enrolment, icon=":material/restart_alt:")


def _forget_enrolment() -> None:
    st.session_state.pop(ENROLMENT, None)


def _ask_code(signed_in: SignIn, factors: list[Factor]) -> None:
    picked = factors[0]
    if len(factors) > 1:
        picked = st.selectbox("App or device", factors, format_func=lambda each: each.name)
    if _draw_code_form(signed_in, picked.id, "Go on"):
        st.rerun()


def _draw_code_form(signed_in: SignIn, factor_id: str, label: str) -> bool:
    """Draw the field for a code; return whether a right code was entered."""
    with st.form(f"code_{factor_id}", border=False):
        code = st.text_input("Code", max_chars=9, autocomplete="one-time-code")
        if not st.form_submit_button(
            label, type="primary", icon=":material/login:", width="stretch"
        ):
            return False
    now = session.visitor()
    guesser = Guesser(f"code {signed_in.user_id}", now.network, now.cookie(cookies.VISIT))
    try:
        guesses.take(guesser)
        second_factor.confirm(signed_in, factor_id, code)
    except TooManyGuesses as refusal:
        st.error(str(refusal), icon=":material/schedule:")
    except WrongCode as refusal:
        st.error(str(refusal), icon=":material/error:")
    except FactorRefused as refusal:
        guesses.was_not_made(guesser)
        st.error(str(refusal), icon=":material/error:")
    else:
        guesses.was_right(guesser)
        return True
    return False


def _draw_way_out() -> None:
    st.button("Sign out", on_click=session.end, icon=":material/logout:", width="stretch")

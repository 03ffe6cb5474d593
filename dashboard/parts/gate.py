"""Lets only operators in: the sign-in form, and the refusal for everybody else."""

import streamlit as st

from dashboard.access import auth, cookies, session
from dashboard.access.auth import AuthAway, Operator, SignIn, SignInRefused
from dashboard.access.guesses import Guesser, TooManyGuesses, guesses
from dashboard.config import load_settings
from dashboard.data import operators, second_factor
from dashboard.pages import Entry
from dashboard.parts import accept_invitation, branding, second_factor_forms
from dashboard.parts.card import card

# https://www.rfc-editor.org/errata/eid1690; more than Supabase Auth accepts.
MOST_EMAIL = 254


def require_operator() -> Operator:
    """The signed-in operator. Without one it draws what is needed and stops the run."""
    signed_in = session.current()
    if signed_in is None:
        if accept_invitation.has_link():
            accept_invitation.draw()
        else:
            draw_sign_in()
        st.stop()
    if second_factor.is_due(signed_in):
        second_factor_forms.draw_code(signed_in)
        st.stop()
    operator = operators.find_operator(signed_in)
    if operator is None and accept_invitation.accept(signed_in):
        operator = operators.find_operator(signed_in)
    if operator is None:
        draw_refusal(signed_in.email)
        st.stop()
    if is_second_factor_missing(signed_in):
        second_factor_forms.draw_required(signed_in)
        st.stop()
    # From here on a reload stays signed in. Only operators get an id that the server remembers.
    session.keep()
    return operator


def recheck_operator() -> Operator:
    """The operator, for a fragment that reruns by itself. Without one it reruns the whole app."""
    signed_in = session.current()
    operator = None
    if signed_in and not second_factor.is_due(signed_in):
        operator = operators.find_operator(signed_in)
    if signed_in is None or operator is None or is_second_factor_missing(signed_in):
        st.rerun()
    return operator


def is_second_factor_missing(signed_in: SignIn) -> bool:
    """Whether every operator needs a second factor, and this session was made without one."""
    return load_settings().dashboard_require_mfa and not second_factor.is_given(signed_in)


def draw_sign_in() -> None:
    with card():
        st.image(branding.icon(), width=48, alt="")
        st.title("Figma AI Buddy", anchor=False)
        st.caption("The operators' dashboard. Sign in with the account a founder made for you.")
        if accept_invitation.is_invited():
            st.info(accept_invitation.WITH_PASSWORD, icon=":material/mail:")
        if notice := session.last_notice():
            st.warning(notice, icon=":material/schedule:")
        with st.form("sign_in", border=False):
            email = st.text_input(
                "E-mail", type="email", autocomplete="username", max_chars=MOST_EMAIL
            )
            password = st.text_input(
                "Password",
                type="password",
                autocomplete="current-password",
                max_chars=auth.MOST_PASSWORD,
            )
            pressed = st.form_submit_button(
                "Sign in", type="primary", icon=":material/login:", width="stretch"
            )
        if pressed:
            _try(email or "", password or "")


def _try(email: str, password: str) -> None:
    if not email.strip() or not password:
        st.error("Enter your e-mail address and your password.", icon=":material/error:")
        return
    now = session.visitor()
    guesser = Guesser(email, now.network, now.cookie(cookies.VISIT))
    try:
        guesses.take(guesser)
        signed_in = auth.sign_in(load_settings(), email, password)
    except TooManyGuesses as refusal:
        st.error(str(refusal), icon=":material/schedule:")
    except SignInRefused as refusal:
        st.error(str(refusal), icon=":material/error:")
    except AuthAway:
        guesses.was_not_made(guesser)
        st.error(auth.AWAY, icon=":material/cloud_off:")
    else:
        guesses.was_right(guesser)
        session.begin(signed_in)
        st.rerun()


def draw_refusal(email: str) -> None:
    with card():
        st.title("Not an operator", anchor=False)
        st.caption("Signed in as")
        st.text(email)
        st.error(
            "This account may not use the dashboard. "
            "Ask a founder to make you an operator, then sign in again.",
            icon=":material/block:",
        )
        st.button("Sign out", on_click=session.end, icon=":material/logout:", width="stretch")


def draw_closed(operator: Operator, page: Entry) -> None:
    """A page of other roles: who may see it, and whom to ask."""
    who = " and ".join(f"the role {role}" for role in sorted(page.roles))
    st.info(
        f"{page.title} is for {who}. Your role, as {operator.email}, is "
        f"{operator.role}. A founder can change your role, under Settings → Operators.",
        title="Not for your role",
        icon=":material/lock:",
    )


def draw_no_pages(email: str) -> None:
    with card():
        st.title("No pages for your role", anchor=False)
        st.text(email)
        st.info("A founder can change your role.", icon=":material/lock:")
        st.button("Sign out", on_click=session.end, icon=":material/logout:", width="stretch")

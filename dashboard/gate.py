"""Lets nobody but operators past: the sign-in form, and the refusal for everybody else."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import auth, branding, session
from dashboard.auth import AuthAway, Operator, SignInRefused
from dashboard.queries import operators
from dashboard.settings import load_settings


def require_operator() -> Operator:
    """The signed-in operator. Draws what is needed and stops the run when there is none."""
    signed_in = session.current()
    if signed_in is None:
        draw_sign_in()
        st.stop()
    operator = operators.find_operator(signed_in)
    if operator is None:
        draw_refusal(signed_in.email)
        st.stop()
    return operator


def recheck_operator() -> Operator:
    """The operator, for a part of a page that runs by itself; without one the router takes over."""
    signed_in = session.current()
    operator = operators.find_operator(signed_in) if signed_in else None
    if operator is None:
        st.rerun()
    return operator


def draw_sign_in() -> None:
    with _card():
        st.image(branding.icon(), width=48, alt="")
        st.title("Figma AI Buddy", anchor=False)
        st.caption("The operators' dashboard. Sign in with the account a founder made for you.")
        if notice := session.last_notice():
            st.warning(notice, icon=":material/schedule:")
        with st.form("sign_in", border=False):
            email = st.text_input("E-mail", type="email", autocomplete="username")
            password = st.text_input("Password", type="password", autocomplete="current-password")
            pressed = st.form_submit_button(
                "Sign in", type="primary", icon=":material/login:", width="stretch"
            )
        if pressed:
            _try(email or "", password or "")


def _try(email: str, password: str) -> None:
    if not email.strip() or not password:
        st.error("Enter your e-mail address and your password.", icon=":material/error:")
        return
    try:
        session.begin(auth.sign_in(load_settings(), email, password))
    except SignInRefused as refusal:
        st.error(str(refusal), icon=":material/error:")
    except AuthAway:
        st.error(auth.AWAY, icon=":material/cloud_off:")
    else:
        st.rerun()


def draw_refusal(email: str) -> None:
    with _card():
        st.title("Not an operator", anchor=False)
        st.caption("Signed in as")
        st.text(email)
        st.error(
            "This account may not use the dashboard. "
            "Ask a founder to make you an operator, then sign in again.",
            icon=":material/block:",
        )
        st.button("Sign out", on_click=session.end, icon=":material/logout:", width="stretch")


def draw_no_pages(email: str) -> None:
    with _card():
        st.title("No pages for your role", anchor=False)
        st.text(email)
        st.info("A founder can change your role.", icon=":material/lock:")
        st.button("Sign out", on_click=session.end, icon=":material/logout:", width="stretch")


def _card() -> DeltaGenerator:
    middle = st.container(horizontal_alignment="center")
    middle.space("large")
    return middle.container(width=420, border=True)

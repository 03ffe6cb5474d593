"""Coming in by the link of an invitation: a password is set, and the invitation accepted.

The link holds the invitation's own secret and Supabase Auth's, which works once. So the page asks
Supabase only when the person presses: a mail scanner that opens the link uses nothing up.
"""

from typing import cast, get_args

import streamlit as st

from dashboard.access import auth, session
from dashboard.access.auth import AuthAway, LinkKind, SessionOver, SignIn, SignInRefused
from dashboard.config import load_settings
from dashboard.data import operators
from dashboard.parts import branding, password_form
from dashboard.parts.card import card
from service.passwords import weakness

INVITATION, TOKEN, KIND = "invitation", "token_hash", "type"
# The sign-in of a link that is used up, while the person chooses a password that is taken.
OPENED = "opened_link"
WITH_PASSWORD = (
    "You were invited. Sign in with the password of your account, and you are in. If you never "
    "set one, ask a founder to send the invitation again: the mail's link has to end with "
    "“type=invite” (docs: Invite operators)."
)
NOT_OPEN = (
    "This invitation is not open any more, or it is for another address. Ask a founder to invite "
    "you again."
)


def is_invited() -> bool:
    """Whether the page was opened by the link of an invitation."""
    return bool(st.query_params.get(INVITATION))


def has_link() -> bool:
    """Whether that link signs in by itself."""
    kind = st.query_params.get(KIND)
    return is_invited() and (
        OPENED in st.session_state
        or (bool(st.query_params.get(TOKEN)) and kind in get_args(LinkKind))
    )


def accept(signed_in: SignIn) -> bool:
    """Accept the invitation that the page was opened with, if there is one."""
    token = st.query_params.get(INVITATION)
    if not token or not operators.accept_invitation(signed_in, token):
        return False
    st.query_params.clear()
    return True


def draw() -> None:
    with card():
        st.image(branding.icon(), width=48, alt="")
        st.title("You are invited", anchor=False)
        st.caption(
            "Choose a password for Figma AI Buddy's dashboard. You sign in with it and your e-mail "
            "address from now on."
        )
        with st.form("accept_invitation", border=False):
            password = password_form.new_password()
            pressed = st.form_submit_button(
                "Set the password and sign in",
                type="primary",
                icon=":material/login:",
                width="stretch",
            )
        if pressed:
            _try(password)


def _try(password: str) -> None:
    # Before the link is used, and once more when it has told whose it is.
    if weak := weakness(password):
        st.error(weak, icon=":material/error:")
        return
    try:
        signed_in = _open()
        if weak := weakness(password, email=signed_in.email):
            st.error(weak, icon=":material/error:")
            return
        # Before the invitation: whatever password the account had before opens nothing.
        auth.set_password(signed_in, password)
    except SignInRefused as refusal:
        st.error(str(refusal), icon=":material/error:")
        return
    except SessionOver:
        st.session_state.pop(OPENED, None)
        st.error(auth.LINK_OVER, icon=":material/error:")
        return
    except AuthAway:
        st.error(auth.AWAY, icon=":material/cloud_off:")
        return
    is_accepted = accept(signed_in)
    st.session_state.pop(OPENED, None)
    if not is_accepted:
        signed_in.end()
        st.query_params.clear()
        st.error(NOT_OPEN, icon=":material/error:")
        return
    session.begin(signed_in)
    st.rerun()


def _open() -> SignIn:
    """The link's sign-in; kept, because the link works once and a password may be refused."""
    if OPENED not in st.session_state:
        token, kind = st.query_params[TOKEN], cast(LinkKind, st.query_params[KIND])
        st.session_state[OPENED] = auth.open_link(load_settings(), token, kind)
    found: SignIn = st.session_state[OPENED]
    return found

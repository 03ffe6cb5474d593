"""Who is signed in in this browser: Streamlit's session, backed by the server's memory."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from dashboard.access import cookies, remembered
from dashboard.access.auth import SignIn
from dashboard.access.client_network import client_network
from dashboard.config import load_settings

KEY = "signed_in"
NOTICE = "sign_in_notice"
# The id under which the server remembers the sign-in, and the ticket of one made on this page.
KEPT = "kept_as"
TICKET = "ticket"


@dataclass(frozen=True)
class Visitor:
    """What the browser sent when it opened the page, and the network it is in."""

    cookies: Mapping[str, str]
    https: bool
    network: str

    def cookie(self, name: str) -> str | None:
        return cookies.read(self.cookies, name, self.https)


def visitor() -> Visitor:
    headers, settings = st.context.headers, load_settings()
    told = settings.client_address_header
    return Visitor(
        st.context.cookies,
        cookies.is_https(headers),
        client_network(
            st.context.ip_address,
            ",".join(headers.get_all("X-Forwarded-For")),
            settings.dashboard_trusted_proxies,
            ",".join(headers.get_all(told)) if told else "",
        ),
    )


def current() -> SignIn | None:
    """The sign-in of this session, or of the same browser before a reload."""
    found: SignIn | None = st.session_state.get(KEY)
    if found is None and (mine := visitor().cookie(cookies.SESSION)):
        found = remembered.recall(mine)
        if found:
            st.session_state[KEY], st.session_state[KEPT] = found, mine
    return found


def begin(signed_in: SignIn) -> None:
    """Sign in on this page, until it is reloaded."""
    st.session_state[KEY] = signed_in
    st.session_state.pop(NOTICE, None)
    st.session_state.pop(KEPT, None)
    # Any id in the browser's cookie, even a planted one, is not the id of this sign-in.
    if before := visitor().cookie(cookies.SESSION):
        remembered.forget(before)


def keep() -> None:
    """Keep the sign-in over reloads: give the page a ticket for a new cookie, once per sign-in."""
    if KEPT in st.session_state:
        return
    if visit := visitor().cookie(cookies.VISIT):
        found = remembered.remember(st.session_state[KEY], visit)
        st.session_state[KEPT], st.session_state[TICKET] = found


def ticket() -> str | None:
    """The ticket that the page must still exchange for its cookie."""
    found: str | None = st.session_state.get(TICKET)
    return found if found and remembered.is_open(found) else None


def end(notice: str = "") -> None:
    """Forget the sign-in everywhere; `notice` is shown above the sign-in form."""
    found: SignIn | None = st.session_state.get(KEY)
    if found:
        found.end()
    # Use this session's id: the browser may have a newer sign-in from another tab.
    if mine := st.session_state.get(KEPT):
        remembered.forget(mine)
    st.session_state.clear()
    if notice:
        st.session_state[NOTICE] = notice


def last_notice() -> str:
    return str(st.session_state.get(NOTICE, ""))


def browser() -> str | None:
    """The id in this browser's cookie, if the server knows it."""
    mine = st.session_state.get(KEPT) or visitor().cookie(cookies.SESSION)
    return mine if mine and remembered.is_handed_over(mine) else None

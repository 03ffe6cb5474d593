"""The signed-in operator, as stored in the database."""

from dataclasses import dataclass

import streamlit as st

from dashboard import results
from dashboard.access.auth import Operator, SessionOver, SignIn
from dashboard.data.reads import ask


@dataclass(frozen=True)
class OperatorRow:
    """An operator without the session."""

    user_id: str
    email: str
    role: str


def find_operator(sign_in: SignIn) -> Operator | None:
    """Who signed in; None if they are no operator. Read in each run, so that a new role counts."""
    if sign_in.is_over:
        raise SessionOver(sign_in.over_because)
    row = read_operator(sign_in.user_id, sign_in)
    return Operator(row.user_id, row.email, row.role, sign_in) if row else None


def accept_invitation(sign_in: SignIn, token: str) -> bool:
    """Become an operator by the secret of an invitation's link; False if it opens nothing."""
    accepted = ask(
        sign_in,
        lambda client: client.rpc("accept_invitation", {"p_token": token}).execute().data,
    )
    read_operator.clear()
    return results.read_one(bool, accepted, "accept_invitation")


# Long enough for the parts of one page to share one result.
@st.cache_data(ttl=2, max_entries=200, show_spinner=False)
def read_operator(user_id: str, _sign_in: SignIn) -> OperatorRow | None:
    """SQL function `current_operator`."""
    found = ask(_sign_in, lambda client: client.rpc("current_operator").execute().data)
    return found and results.read_one(OperatorRow, found, "current_operator")

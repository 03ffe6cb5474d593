"""Who is signed in, as the database knows them."""

import streamlit as st

from dashboard.access.auth import Operator, SessionOver, SignIn
from dashboard.data.reads import ask


def find_operator(sign_in: SignIn) -> Operator | None:
    """Who signed in, asked anew for each run so that a changed role counts; None: no operator."""
    if sign_in.is_over:
        raise SessionOver(sign_in.over_because)
    row = read_operator(sign_in.user_id, sign_in)
    return Operator(row["user_id"], row["email"], row["role"], sign_in) if row else None


# Long enough for the parts of one page to share one answer.
@st.cache_data(ttl=2, max_entries=200, show_spinner=False)
def read_operator(user_id: str, _sign_in: SignIn) -> dict[str, str] | None:
    """user_id, email and role: SQL function `current_operator`."""
    return ask(_sign_in, lambda client: client.rpc("current_operator").execute().data)

"""Warns while strangers can sign up at the sign-in service.

Such an account is no operator and sees nothing. But an attacker can use it to try things, and on
hosted Supabase sign-ups are on until somebody switches them off.
"""

import logging
import threading

import streamlit as st

from dashboard.access import auth
from dashboard.access.auth import Operator
from dashboard.access.sign_up_setting import WARNING, ask_whether_open, is_local
from dashboard.config import Settings, load_settings

logger = logging.getLogger(__name__)


def are_open(settings: Settings) -> bool | None:
    """What the sign-in service says; None when it does not answer in time.

    Also None when it runs on this machine: no strangers come, and `make operator` needs sign-ups.
    """
    if is_local(settings.supabase_url):
        return None
    key = settings.supabase_anon_key.get_secret_value()
    return ask_whether_open(auth.connections(), settings.supabase_url, key)


def warn_beside(settings: Settings) -> threading.Thread:
    """Check once in a thread and log the result, so that the start does not wait."""
    thread = threading.Thread(target=_warn, args=(settings,), name="sign-ups", daemon=True)
    thread.start()
    return thread


def _warn(settings: Settings) -> None:
    if are_open(settings):
        logger.warning(WARNING)


def draw_warning(operator: Operator) -> None:
    """Warn founders: they can have it changed."""
    if operator.role == "founder" and _look():
        st.warning(WARNING, title="Sign-ups are on", icon=":material/person_add_disabled:")


@st.cache_data(ttl=600, show_spinner=False)
def _look() -> bool | None:
    return are_open(load_settings())

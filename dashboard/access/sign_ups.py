"""Warns while strangers can sign up at the sign-in service.

Such an account is no operator and sees nothing. But an attacker can use it to try things, and on
hosted Supabase sign-ups are on until somebody switches them off.
"""

import logging
import threading
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
import streamlit as st

from dashboard.access import auth
from dashboard.access.auth import Operator
from dashboard.config import Settings, load_settings

logger = logging.getLogger(__name__)

SECONDS = 3
WARNING = (
    "Anybody can make themselves an account at the sign-in service. Switch sign-ups off in "
    "Supabase: Authentication, Sign In / Providers, Allow new users to sign up. `make operator` "
    "goes on working."
)


def are_open(settings: Settings) -> bool | None:
    """What the sign-in service says; None when it does not answer in time.

    Also None when it runs on this machine: no strangers come, and `make operator` needs sign-ups.

    https://supabase.com/docs/guides/auth/general-configuration
    """
    if is_local(settings.supabase_url):
        return None
    try:
        reply = auth.connections().get(
            f"{settings.supabase_url}/auth/v1/settings",
            headers={"apikey": settings.supabase_anon_key.get_secret_value()},
            timeout=SECONDS,
        )
        said = reply.raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return None
    is_off = said.get("disable_signup") if isinstance(said, dict) else None
    return not is_off if isinstance(is_off, bool) else None


def is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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

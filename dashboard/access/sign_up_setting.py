"""Whether strangers can sign up at the sign-in service, as it says itself.

https://supabase.com/docs/guides/auth/general-configuration
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

SECONDS = 3
WARNING = (
    "Anybody can make themselves an account at the sign-in service. Switch sign-ups off in "
    "Supabase: Authentication, Sign In / Providers, Allow new users to sign up. `make operator` "
    "goes on working."
)


def ask_whether_open(http: httpx.Client, url: str, key: str) -> bool | None:
    """None when it does not answer in time, or not in the form that is known."""
    try:
        reply = http.get(f"{url}/auth/v1/settings", headers={"apikey": key}, timeout=SECONDS)
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

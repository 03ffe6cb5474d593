"""Checks of settings. Their sentences never repeat the value: it may hold a secret.

Each raises ValueError with what stands after the setting's name: "must be …".
"""

import json
import re
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from service.alerts.public_addresses import is_public

_POSTGRES_SCHEMES = ("postgresql://", "postgres://")
# Names that only the own machine or network knows: RFC 6761, 6762, 8375 and 9476.
_PRIVATE_ENDINGS = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".test")
_FIGMA = ("figma.com", "figma-gov.com")


def check_http_address(url: str) -> str:
    """The address without a slash at its end; ValueError unless it is a full http(s) one."""
    try:
        parts = urlsplit(url)
    except ValueError:
        # Python's own words would quote it.
        raise ValueError("must be a full http(s) address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a full http(s) address")
    return url.rstrip("/")


def check_page_link(link: str) -> str:
    """The link as it is, for people to follow; ValueError unless it leads to a web page."""
    check_http_address(link)
    return link


def check_support_link(link: str) -> str:
    """The link as it is; ValueError unless it leads to a web page or begins a mail."""
    if re.fullmatch(r"mailto:[^@\s]+@[^@\s]+", link):
        return link
    try:
        return check_page_link(link)
    except ValueError:
        raise ValueError("must be a full http(s) address, or mailto: and one of mail") from None


def read_json_list(text: str) -> list[Any]:
    """The list; ValueError, without what it says, unless the text is one in JSON."""
    try:
        read = json.loads(text)
    except ValueError:
        read = None
    if not isinstance(read, list):
        raise ValueError(
            'must be a list in JSON, such as [{"name": "local", "base_url": "…", "model": "…"}]'
        )
    return read


def check_encryption_key(key: str) -> None:
    """ValueError unless it is a key as `make key` makes them."""
    from cryptography.fernet import Fernet

    try:
        Fernet(key)
    except ValueError:
        raise ValueError(
            "each key must be 32 bytes in URL-safe base64; make one with `make key`"
        ) from None


def check_postgres_address(url: str) -> str:
    """The same address; ValueError unless libpq reads a host and a port from it.

    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
    """
    # Imported here: the dashboard's settings come this way too, and have no such address.
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    if not url.startswith(_POSTGRES_SCHEMES):
        raise ValueError("must be a Postgres address that begins with postgresql://")
    try:
        read = conninfo_to_dict(url)
    except ProgrammingError:
        raise ValueError(_postgres_form()) from None
    # What a password's own @ or / leaves in these would be told by each failed connection.
    host, port = str(read.get("host") or ""), str(read.get("port") or "5432")
    is_host = bool(host) and "@" not in host
    if not (is_host and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(_postgres_form())
    return url


def _postgres_form() -> str:
    return (
        "must be postgresql://user:password@host:port/database; in the password write % as %25, "
        "@ as %40, / as %2F, : as %3A, ? as %3F, # as %23 and a space as %20"
    )


def check_rate(rate: str) -> str:
    """The same rate; ValueError unless it is one limit such as ``60/minute``.

    https://limits.readthedocs.io/en/stable/quickstart.html#rate-limit-string-notation
    """
    from limits import parse_many

    try:
        read = parse_many(rate)
    except ValueError:
        read = []
    if len(read) != 1 or read[0].amount < 1:
        raise ValueError("must be one limit such as 60/minute, 10/second or 500/hour")
    return rate


def is_figma(url: str) -> bool:
    """Whether this is Figma itself, and not something that stands in for it."""
    host = urlsplit(url).hostname or ""
    return host in _FIGMA or host.endswith(tuple(f".{name}" for name in _FIGMA))


def is_public_address(url: str) -> bool:
    """Whether others than this machine and its network may find the address; asks nobody."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return is_public(ip_address(host))
    except ValueError:
        return "." in host and not host.endswith(_PRIVATE_ENDINGS)

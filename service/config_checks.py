"""Checks of settings. Their messages never repeat the value, because it may contain a secret.

Each raises ValueError with the text that follows the setting's name: "must be …".
"""

import json
import os
import re
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from service.public_addresses import is_public

_POSTGRES_SCHEMES = ("postgresql://", "postgres://")
# What libpq may do without TLS or without noticing: disable, allow, prefer (its default).
# https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS
_ENCRYPTED = ("require", "verify-ca", "verify-full")
# Host names that exist only on this machine or network: RFC 6761, 6762, 8375 and 9476.
_PRIVATE_ENDINGS = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".test")
_FIGMA = ("figma.com", "figma-gov.com")


def check_http_address(url: str) -> str:
    """The address without a trailing slash. Raises ValueError unless it is a full http(s) one, and
    https if it may lead over the Internet."""
    try:
        parts = urlsplit(url)
    except ValueError:
        # Python's own message would quote it.
        raise ValueError("must be a full http(s) address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a full http(s) address")
    if parts.scheme == "http" and is_public_address(url):
        raise ValueError(
            "must begin with https://; http:// is for this machine, a private network, and names "
            "inside a cluster, such as service.namespace.svc"
        )
    return url.rstrip("/")


def check_page_link(link: str) -> str:
    """The unchanged link, for people to open. Raises ValueError unless it leads to a web page."""
    check_http_address(link)
    return link


def check_support_link(link: str) -> str:
    """The unchanged link. Raises ValueError unless it leads to a web page or is a mailto: link."""
    if re.fullmatch(r"mailto:[^@\s]+@[^@\s]+", link):
        return link
    if link.lower().startswith(("http://", "https://")):
        return check_page_link(link)
    raise ValueError("must be a full http(s) address, or mailto: and one of mail")


def check_smtp_address(url: str) -> str:
    """The unchanged address. Raises ValueError unless it is smtps:// or smtp:// and a host."""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in ("smtps", "smtp") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole:
        raise ValueError("must be smtps://user:password@host, or smtp:// for STARTTLS at port 587")
    return url


def check_mail_address(sender: str) -> str:
    """The unchanged sender: an address of mail, or a name and one in <>. Raises ValueError."""
    if not re.fullmatch(r"[^@<>\r\n]+@[^@<>\s]+|[^@<>\r\n]+ <[^@<>\s]+@[^@<>\s]+>", sender):
        raise ValueError("must be an address of mail, such as Buddy <buddy@example.com>")
    return sender


def check_receiver(address: str) -> str:
    """The unchanged address. Raises ValueError unless it is exactly one address of mail: no name,
    no list and no line break, which would be a header of its own.

    https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address
    """
    label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    mailbox = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    if len(address) > 254 or not re.fullmatch(rf"{mailbox}@{label}(?:\.{label})*", address):
        raise ValueError("must be one address of mail, such as ops@example.com")
    return address


def read_json_list(text: str) -> list[Any]:
    """The parsed list. Raises ValueError, without the content, unless the text is a JSON list."""
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
    """Raises ValueError unless the key has the form that `make key` produces."""
    from cryptography.fernet import Fernet

    try:
        Fernet(key)
    except ValueError:
        raise ValueError(
            "each key must be 32 bytes in URL-safe base64; make one with `make key`"
        ) from None


def check_private_key(pem: str) -> None:
    """Raises ValueError unless it is an RSA key in PEM form, with line breaks or with \\n."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("must be the private key of the App in PEM form, as GitHub gives it")


def check_postgres_address(url: str) -> str:
    """The same address. Raises ValueError unless libpq finds a host and a port in it, and TLS where
    it may lead over the Internet.

    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
    """
    # Imported here, because the dashboard's settings use this module too and have no such address.
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    if not url.startswith(_POSTGRES_SCHEMES):
        raise ValueError("must be a Postgres address that begins with postgresql://")
    try:
        read = conninfo_to_dict(url)
    except ProgrammingError:
        raise ValueError(_postgres_form()) from None
    # An unescaped @ or / in the password would put a part of it into host or port. Then the error
    # of each failed connection would show it.
    host, port = str(read.get("host") or ""), str(read.get("port") or "5432")
    is_host = bool(host) and "@" not in host
    if not (is_host and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(_postgres_form())
    mode = str(read.get("sslmode") or os.environ.get("PGSSLMODE") or "prefer")
    hosts = (host, str(read.get("hostaddr") or ""))
    if mode not in _ENCRYPTED and any(_is_public_host(each) for each in hosts):
        raise ValueError(
            "must end in ?sslmode=require (or verify-full) where the database is not in a private "
            "network: without it, what passes could be read on its way"
        )
    return url


def check_session_address(url: str) -> str:
    """The same address. Raises ValueError for Supabase's transaction pooler, through which nobody
    would hear a NOTIFY: https://supabase.com/docs/guides/database/connecting-to-postgres"""
    from psycopg.conninfo import conninfo_to_dict

    read = conninfo_to_dict(url)
    is_supabase = str(read.get("host")).endswith((".supabase.com", ".supabase.co"))
    if is_supabase and str(read.get("port")) == "6543":
        raise ValueError(
            "is the transaction pooler's (port 6543); it belongs into DATABASE_POOLER_URL. Here "
            "the session pooler's is needed (port 5432), or the direct one"
        )
    return url


def _postgres_form() -> str:
    return (
        "must be postgresql://user:password@host:port/database; in the password write % as %25, "
        "@ as %40, / as %2F, : as %3A, ? as %3F, # as %23 and a space as %20"
    )


def check_rate(rate: str) -> str:
    """The same rate. Raises ValueError unless it is one limit such as ``60/minute``.

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
    """Whether this is Figma itself, and not a replacement for it."""
    host = urlsplit(url).hostname or ""
    return host in _FIGMA or host.endswith(tuple(f".{name}" for name in _FIGMA))


def is_public_address(url: str) -> bool:
    """Whether the address may be reachable from outside this network. Makes no call."""
    return _is_public_host(urlsplit(url).hostname or "")


def _is_public_host(host: str) -> bool:
    host = host.rstrip(".").lower()
    try:
        return is_public(ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    # A path is a socket of this machine. A name of a cluster, such as service.namespace, has no
    # ending that is ever sold.
    if host.startswith("/") or "." not in host or host.endswith(_PRIVATE_ENDINGS):
        return False
    ending = host.rpartition(".")[2]
    return not ending.isascii() or ending in _sold_endings()


@cache
def _sold_endings() -> frozenset[str]:
    told = Path(__file__).with_name("figma") / "top_level_domains.txt"
    lines = told.read_text(encoding="utf-8").lower().splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))

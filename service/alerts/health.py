"""What SQL cannot see and alerts are raised of: how full this machine's disk is, how large the
database may become, and until when the certificate of our own address is valid."""

import os
import shutil
import socket
import ssl
import tempfile
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from service.config import Settings
from service.store.database import Database

CONNECT_SECONDS = 10
_GIGABYTE = 10**9


class Health:
    """Tells what it sees. ``tell_disks`` and ``tell_certificate`` block."""

    def __init__(self, settings: Settings, database: Database):
        self._settings, self._database = settings, database

    def tell_disks(self) -> None:
        """This machine's disk, where temporary files are; and the database's, if its size is
        known."""
        usage = shutil.disk_usage(temporary_folder())
        # As `df` has it: what is reserved for root is neither used nor free.
        facts = {"used_bytes": usage.used, "limit_bytes": usage.used + usage.free}
        self._database.tell_health("disk", socket.gethostname() or "machine", facts)
        if gigabytes := self._settings.database_max_gb:
            limit = {"limit_bytes": int(gigabytes * _GIGABYTE)}
            self._database.tell_health("disk", "database", limit)

    def tell_certificate(self) -> None:
        """That of our own address, unless this is a local run. Raises OSError if it cannot be
        reached from here, which says nothing about it."""
        if self._settings.is_https and not self._settings.is_local:
            parts = urlsplit(self._settings.public_url)
            host = parts.hostname or ""
            facts = read_certificate(host, parts.port or 443)
            self._database.tell_health("certificate", host, facts)


def temporary_folder() -> str:
    """Where temporary files should be. ``gettempdir`` passes over a folder in which nothing can be
    written, so a process that starts on a full disk would tell of another one."""
    named = os.environ.get("TMPDIR", "")
    return named if os.path.isdir(named) else tempfile.gettempdir()


def read_certificate(host: str, port: int, context: ssl.SSLContext | None = None) -> dict[str, Any]:
    """``not_after`` of the certificate that is shown there, in ISO 8601, or the ``problem`` for
    which browsers would refuse it, in words. Raises OSError if nobody answers."""
    trusting = context or ssl.create_default_context()
    try:
        with (
            socket.create_connection((host, port), CONNECT_SECONDS) as plain,
            trusting.wrap_socket(plain, server_hostname=host) as encrypted,
        ):
            shown = encrypted.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        words = error.verify_message.rstrip(".").capitalize()
        return {"not_after": None, "problem": f"{words}."}
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    return {"not_after": ends.isoformat(), "problem": ""}

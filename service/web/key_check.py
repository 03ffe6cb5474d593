"""Checks that TOKEN_ENCRYPTION_KEYS still decrypt what is stored. A part of ``/readyz``."""

import threading
import time

from service.errors import Unavailable
from service.secrets.encryption import UnreadableSecret, Vault
from service.store.database import Database

CHECK_SECONDS = 60


class KeyCheck:
    """Decrypts the oldest secrets, at most once a minute. Thread-safe."""

    def __init__(self, database: Database, vault: Vault):
        self._database = database
        self._vault = vault
        self._lock = threading.Lock()
        self._checked_at = float("-inf")
        self._problem = ""

    def ping(self) -> None:
        """Raises ``Unavailable`` if no key decrypts a stored secret, or the database is away.

        If nothing is stored yet, the check succeeds.
        """
        with self._lock:
            if time.monotonic() - self._checked_at > CHECK_SECONDS:
                self._problem = self._find_problem()
                self._checked_at = time.monotonic()
            if self._problem:
                raise Unavailable(self._problem, code="key_missing")

    def _find_problem(self) -> str:
        try:
            for secret in self._database.oldest_secrets():
                self._vault.decrypt(secret)
        except UnreadableSecret as error:
            return str(error)
        return ""

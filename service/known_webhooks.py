"""The webhooks deliveries come from, kept in memory for a minute: most need no look-up at all."""

import threading
from dataclasses import dataclass, field

from cachetools import TTLCache

from service.database import Database
from service.security import Vault, is_same

KNOWN_SECONDS = 60
UNKNOWN_SECONDS = 3
MAX_WEBHOOKS = 20_000
LOCKS = 64


@dataclass(frozen=True)
class KnownWebhook:
    """Our id of a webhook, the passcode its deliveries carry, and whether its owner let it go."""

    id: str
    passcode: str = field(repr=False)
    is_deleted: bool = False

    def accepts(self, passcode: str) -> bool:
        return is_same(self.passcode, passcode)


class KnownWebhooks:
    """Finds the webhook of a delivery by Figma's id and the passcode that came along."""

    def __init__(self, database: Database, vault: Vault):
        self._database = database
        self._vault = vault
        self._known: TTLCache[str, KnownWebhook] = TTLCache(MAX_WEBHOOKS, KNOWN_SECONDS)
        self._unknown: TTLCache[tuple[str, str], bool] = TTLCache(MAX_WEBHOOKS, UNKNOWN_SECONDS)
        self._lock = threading.Lock()
        # When an entry runs out, one thread reads it again and the others wait for that one.
        self._reading = [threading.Lock() for _ in range(LOCKS)]

    def find(self, figma_webhook_id: str, passcode: str) -> KnownWebhook | None:
        """The webhook, or None. Check ``accepts``: it may not be the one this passcode is for.

        A passcode that does not fit what is in memory is looked up again before it is refused:
        it may have been changed a moment ago.
        """
        found = self._remembered(figma_webhook_id)
        if found and found.accepts(passcode):
            return found
        key = (figma_webhook_id, self._vault.keyed_hash(passcode))
        with self._reading[hash(figma_webhook_id) % LOCKS]:
            again = self._remembered(figma_webhook_id)
            if again and again.accepts(passcode):
                return again
            with self._lock:
                if key in self._unknown:
                    return None
            return self._read(*key)

    def _remembered(self, figma_webhook_id: str) -> KnownWebhook | None:
        with self._lock:
            return self._known.get(figma_webhook_id)

    def _read(self, figma_webhook_id: str, passcode_hash: str) -> KnownWebhook | None:
        row = self._database.find_webhook(figma_webhook_id, passcode_hash)
        with self._lock:
            if row is None:
                self._known.pop(figma_webhook_id, None)
                self._unknown[figma_webhook_id, passcode_hash] = True
                return None
            passcode = self._vault.decrypt(row["passcode_encrypted"])
            found = KnownWebhook(row["id"], passcode, row["state"] == "deleted")
            self._known[figma_webhook_id] = found
            return found

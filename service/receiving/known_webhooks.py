"""The webhooks that deliveries come from, cached: most deliveries need no database read."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from cachetools import TTLCache

from service.errors import ServiceError, Unavailable
from service.secrets.encryption import UnreadableSecret, Vault, is_same
from service.store.webhook_records import FoundWebhook

# For how long a cached webhook is used without a check. Then one delivery reads it again.
KNOWN_SECONDS = 60
# For how long a webhook stays cached while it cannot be read again. This is harmless: a delivery is
# stored over our own connection to Postgres, and that call checks the webhook's state itself.
# Meanwhile an old passcode may still work, and the text for a deleted webhook may still be kept.
STALE_SECONDS = 3600
# After a failed read, cached webhooks are not read again for this time.
AWAY_SECONDS = 5
UNKNOWN_SECONDS = 3
MAX_WEBHOOKS = 20_000
LOCKS = 64

log = structlog.get_logger(__name__)


class PasscodeUnreadable(Unavailable):
    """No key decrypts a stored passcode. An operator has to fix it; Figma retries for hours."""

    code = "passcode_unreadable"


class FindsWebhooks(Protocol):
    def find_webhook(self, figma_webhook_id: str, passcode_hash: str) -> FoundWebhook | None: ...


@dataclass(frozen=True)
class KnownWebhook:
    """Our id of a webhook, the passcode in its deliveries, and whether its owner deleted it."""

    id: str
    passcode: str = field(repr=False)
    is_deleted: bool = False
    read_at: float = 0.0

    def accepts(self, passcode: str) -> bool:
        return is_same(self.passcode, passcode)


class KnownWebhooks:
    """Finds the webhook of a delivery by Figma's id and the delivery's passcode.

    ``hasty`` reads the same as ``database`` with a shorter timeout. It renews cached webhooks.
    """

    def __init__(
        self,
        database: FindsWebhooks,
        vault: Vault,
        hasty: FindsWebhooks | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._database = database
        self._hasty = hasty or database
        self._vault = vault
        self._clock = clock
        self._known: TTLCache[str, KnownWebhook] = TTLCache(MAX_WEBHOOKS, STALE_SECONDS, clock)
        self._unknown: TTLCache[tuple[str, str], bool] = TTLCache(
            MAX_WEBHOOKS, UNKNOWN_SECONDS, clock
        )
        self._lock = threading.Lock()
        # Concurrent requests with one unknown id make only one read.
        self._asking = [threading.Lock() for _ in range(LOCKS)]
        self._renewing: set[str] = set()
        self._renew_after = float("-inf")

    def find(
        self, figma_webhook_id: str, passcode: str, may_ask: Callable[[], None] = lambda: None
    ) -> KnownWebhook | None:
        """The webhook, or None. Check ``accepts``: the passcode may belong to another webhook.

        If a passcode does not fit the cached one, it is looked up before it is refused: it may have
        just been changed. ``may_ask`` is called before each look-up, and raises if that is not
        allowed. Raises Unavailable if the look-up fails.
        """
        found = self._remembered(figma_webhook_id)
        if found is None or not found.accepts(passcode):
            return self._look_up(figma_webhook_id, passcode, may_ask)
        if self._clock() - found.read_at < KNOWN_SECONDS:
            return found
        return self._renew(figma_webhook_id, passcode, found)

    def _remembered(self, figma_webhook_id: str) -> KnownWebhook | None:
        with self._lock:
            return self._known.get(figma_webhook_id)

    def _look_up(
        self, figma_webhook_id: str, passcode: str, may_ask: Callable[[], None]
    ) -> KnownWebhook | None:
        # Before waiting, and again before the read: by then, earlier requests are counted.
        may_ask()
        key = (figma_webhook_id, self._vault.keyed_hash(passcode))
        with self._asking[hash(figma_webhook_id) % LOCKS]:
            again = self._remembered(figma_webhook_id)
            if again and again.accepts(passcode):
                return again
            with self._lock:
                if key in self._unknown:
                    return None
            may_ask()
            return self._read(self._database, *key)

    def _renew(
        self, figma_webhook_id: str, passcode: str, found: KnownWebhook
    ) -> KnownWebhook | None:
        """Read it again. Meanwhile, and if that fails, others use the cached webhook."""
        with self._lock:
            if figma_webhook_id in self._renewing or self._clock() < self._renew_after:
                return found
            self._renewing.add(figma_webhook_id)
        try:
            return self._read(self._hasty, figma_webhook_id, self._vault.keyed_hash(passcode))
        except PasscodeUnreadable:
            return found
        except ServiceError as error:
            self._renew_after = self._clock() + AWAY_SECONDS
            log.warning("webhook_not_renewed", webhook_id=found.id, reason=error.code)
            return found
        finally:
            with self._lock:
                self._renewing.discard(figma_webhook_id)

    def _read(
        self, database: FindsWebhooks, figma_webhook_id: str, passcode_hash: str
    ) -> KnownWebhook | None:
        read_at = self._clock()
        row = database.find_webhook(figma_webhook_id, passcode_hash)
        found = self._open(row, read_at) if row else None
        with self._lock:
            if found is None:
                self._known.pop(figma_webhook_id, None)
                self._unknown[figma_webhook_id, passcode_hash] = True
            else:
                self._known[figma_webhook_id] = found
        return found

    def _open(self, row: FoundWebhook, read_at: float) -> KnownWebhook:
        try:
            passcode = self._vault.decrypt(row.passcode_encrypted)
        except UnreadableSecret as error:
            log.error("passcode_unreadable", webhook_id=row.id, reason=str(error))
            raise PasscodeUnreadable(
                "This delivery cannot be checked right now.", retry_after=60
            ) from error
        return KnownWebhook(row.id, passcode, row.state == "deleted", read_at)

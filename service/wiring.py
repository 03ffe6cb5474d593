"""Builds the real clients from settings, for web and worker alike."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.settings import Settings

if TYPE_CHECKING:
    from service.database import Database
    from service.delivery_store import DeliveryStore
    from service.figma.client import FigmaClient
    from service.figma_tokens import FigmaTokens
    from service.security import Vault

HASTY_SECONDS = 2
HASTY_CONNECTIONS = 20


@dataclass(frozen=True)
class Services:
    """What one process needs to reach the outside. Every part may be shared between threads."""

    settings: Settings
    database: "Database"
    # The same, giving up soon: for what a delivery waits for and can do without.
    hasty_database: "Database"
    delivery_store: "DeliveryStore"
    figma: "FigmaClient"
    vault: "Vault"
    tokens: "FigmaTokens"

    def close(self) -> None:
        self.figma.close()
        self.delivery_store.close()
        self.hasty_database.close()
        self.database.close()


def build_services(settings: Settings, *, connections: int = 100) -> Services:
    """Connect to nothing yet. ``connections`` bounds those to the database's API."""
    # Imported here, so that a command that needs settings alone starts at once.
    from service import database, metrics
    from service.delivery_store import DeliveryStore
    from service.figma.client import FigmaClient
    from service.figma_tokens import FigmaTokens
    from service.security import Vault

    connected = database.connect(settings, connections=connections)
    hasty = database.connect(settings, connections=HASTY_CONNECTIONS, timeout_seconds=HASTY_SECONDS)
    figma = FigmaClient(settings, observer=metrics.observe_figma_call)
    vault = Vault(settings)
    tokens = FigmaTokens(connected, figma, vault)
    store = DeliveryStore(settings)
    return Services(settings, connected, hasty, store, figma, vault, tokens)

"""Builds the real clients from settings, for web and worker alike."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.settings import Settings

if TYPE_CHECKING:
    from service.database import Database
    from service.figma.client import FigmaClient
    from service.figma_tokens import FigmaTokens
    from service.security import Vault


@dataclass(frozen=True)
class Services:
    """What one process needs to reach the outside. Every part may be shared between threads."""

    settings: Settings
    database: "Database"
    figma: "FigmaClient"
    vault: "Vault"
    tokens: "FigmaTokens"

    def close(self) -> None:
        self.figma.close()
        self.database.close()


def build_services(settings: Settings, *, connections: int = 100) -> Services:
    """Connect to nothing yet. ``connections`` bounds those to the database's API."""
    # Imported here, so that a command that needs settings alone starts at once.
    from service import database, metrics
    from service.figma.client import FigmaClient
    from service.figma_tokens import FigmaTokens
    from service.security import Vault

    connected = database.connect(settings, connections=connections)
    figma = FigmaClient(settings, observer=metrics.observe_figma_call)
    vault = Vault(settings)
    return Services(settings, connected, figma, vault, FigmaTokens(connected, figma, vault))

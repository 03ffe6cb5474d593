"""Builds the real clients from settings, for web and worker alike."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.config import Settings

if TYPE_CHECKING:
    from service.figma.client import FigmaClient
    from service.github.github_client import GitHubClient
    from service.secrets.encryption import Vault
    from service.secrets.figma_tokens import FigmaTokens
    from service.store.artifact_store import ArtifactStore
    from service.store.database import Database
    from service.store.delivery_store import DeliveryStore
    from service.store.direct_analyses import DirectAnalyses
    from service.store.endings import Endings

HASTY_SECONDS = 2
HASTY_CONNECTIONS = 20


@dataclass(frozen=True)
class Services:
    """The clients of one process. All of them may be shared between threads."""

    settings: Settings
    database: "Database"
    # The same with a short timeout, for calls that a delivery waits for but can do without.
    hasty_database: "Database"
    delivery_store: "DeliveryStore"
    # For web, past the API: the plugin waits for each call.
    analyses: "DirectAnalyses"
    endings: "Endings"
    figma: "FigmaClient"
    github: "GitHubClient"
    vault: "Vault"
    tokens: "FigmaTokens"
    # The files of pipelines.
    artifacts: "ArtifactStore"

    def close(self) -> None:
        self.artifacts.close()
        self.figma.close()
        self.github.close()
        self.delivery_store.close()
        self.endings.close()
        self.analyses.close()
        self.hasty_database.close()
        self.database.close()


def build_services(settings: Settings, *, connections: int = 100) -> Services:
    """Build the clients without connecting. ``connections`` limits those to the database's API."""
    # Imported here, so that a command that needs only the settings starts fast.
    from service.figma.client import FigmaClient
    from service.github.github_client import GitHubClient
    from service.observing import metrics
    from service.secrets.encryption import Vault
    from service.secrets.figma_tokens import FigmaTokens
    from service.store import database
    from service.store.artifact_store import ArtifactStore
    from service.store.delivery_store import DeliveryStore
    from service.store.direct_analyses import DirectAnalyses
    from service.store.endings import Endings

    connected = database.connect(settings, connections=connections)
    hasty = database.connect(settings, connections=HASTY_CONNECTIONS, timeout_seconds=HASTY_SECONDS)
    figma = FigmaClient(settings, observer=metrics.observe_figma_call)
    github = GitHubClient(settings)
    vault = Vault(settings)
    tokens = FigmaTokens(connected, figma, vault)
    store = DeliveryStore(settings)
    analyses = DirectAnalyses(settings)
    endings = Endings(settings, analyses.ended_analyses)
    artifacts = ArtifactStore.open(settings)
    return Services(
        settings,
        connected,
        hasty,
        store,
        analyses,
        endings,
        figma,
        github,
        vault,
        tokens,
        artifacts,
    )

"""What the routes of one web process share, stored in ``app.extensions["web"]``."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from authlib.integrations.flask_client import OAuth
from flask import current_app
from flask_limiter import Limiter

from service.config import Settings
from service.figma.addressing import Addressing
from service.observing.metrics import QueueCollector
from service.receiving.delivery_rate import DeliveryRate
from service.receiving.group_commit import GroupCommit
from service.receiving.known_webhooks import KnownWebhooks
from service.store.answer_records import Recorded
from service.store.delivery_store import NewEvent
from service.store.live_settings import LiveSettings
from service.store.public_records import PublicPlan, PublicStatus
from service.web.kept_facts import KeptFact
from service.web.key_check import KeyCheck
from service.web.stranger_limits import StrangerLimits
from service.wiring import Services

if TYPE_CHECKING:
    from service.web.analysis_limits import AnalysisLimits


@dataclass(frozen=True)
class WebParts:
    settings: Settings
    services: Services
    oauth: OAuth
    limiter: Limiter
    live: LiveSettings
    reply_marker: str
    delivery_rate: DeliveryRate
    known_webhooks: KnownWebhooks
    deliveries: GroupCommit[NewEvent, Recorded]
    queue: QueueCollector
    keys: KeyCheck
    status: KeptFact[PublicStatus]
    plans: KeptFact[list[PublicPlan]]
    analysis_limits: "AnalysisLimits"
    stranger_limits: StrangerLimits

    @property
    def addressing(self) -> Addressing:
        """From the triggers in force. The database recognises mentions of the bot's account."""
        return self.live.current().addressing

    @property
    def figma_oauth(self) -> Any:
        return self.oauth.create_client("figma")


def web() -> WebParts:
    parts: WebParts = current_app.extensions["web"]
    return parts

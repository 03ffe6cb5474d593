"""One delivery of an alert: taken, sent, result stored. A repeated call changes nothing."""

from datetime import datetime, timedelta

import structlog

from service.alerts.mail import NOT_SET, send
from service.alerts.messages import mail_message, slack_request, webhook_request
from service.alerts.sending import Outcome, post
from service.answering.outcomes import RetryAt
from service.config import Settings
from service.database_clock import database_now
from service.errors import Unavailable
from service.public_addresses import AddressRefused, NameNotFound, check_address
from service.secrets.encryption import UnreadableSecret
from service.secrets.unsealing import ChannelAddress, SealingKeys
from service.store.upkeep_records import Alert, AlertDelivery, HeldDelivery
from service.wiring import Services

# Waits after the first, second … failed attempt, in seconds. After the last one the delivery is
# given up (8.7 h).
WAITS = (5, 30, 120, 600, 1800, 7200, 21_600)
LONGEST_RETRY_AFTER = 3600
# Longer than the maximum time for a DNS look-up, a connection and a response together.
LEASE_SECONDS = 60
UNREADABLE = (
    "Its address cannot be opened with any of TOKEN_ENCRYPTION_KEYS: put the key back, or enter "
    "the address anew."
)

log = structlog.get_logger(__name__)


class Deliveries:
    """Delivers alerts to their channels. Thread-safe; one per process. ``run`` blocks."""

    def __init__(self, services: Services):
        self._database = services.database
        self._keys = SealingKeys(services.settings)
        self._settings = services.settings

    def run(self, delivery_id: str) -> None:
        """Make one attempt. Raises RetryAt if another has to follow."""
        try:
            self._attempt(delivery_id)
        except Unavailable as error:
            raise RetryAt(_in(10), error.code) from error

    def _attempt(self, delivery_id: str) -> None:
        begun = self._database.begin_alert_delivery(delivery_id, LEASE_SECONDS)
        if isinstance(begun, HeldDelivery):
            if begun.wait_seconds is not None:
                raise RetryAt(_in(begun.wait_seconds), "held_by_another")
            return
        outcome = self._send(begun)
        again = None if outcome.is_delivered else next_attempt(begun, outcome)
        state = "delivered" if outcome.is_delivered else "pending" if again else "failed"
        self._database.end_alert_delivery(
            delivery_id,
            begun.attempt,
            state=state,
            status=outcome.status,
            reason=outcome.reason,
            next_at=again,
            switch_off=outcome.is_unwanted,
        )
        log.log(
            20 if outcome.is_delivered else 30,
            "alert_delivery",
            delivery_id=delivery_id,
            kind=begun.alert.kind,
            attempt=begun.attempt,
            outcome=state,
            status=outcome.status,
            reason=outcome.reason,
        )
        if again:
            raise RetryAt(again, "receiver_failed")

    def _send(self, begun: AlertDelivery) -> Outcome:
        try:
            opened = self._keys.open(begun.channel_id, begun.sealed or "")
        except UnreadableSecret:
            return Outcome(False, reason=UNREADABLE, is_final=True)
        return send_to(self._settings, begun.channel_kind, opened, begun.id, begun.alert)


def send_to(
    settings: Settings, kind: str, opened: ChannelAddress, delivery_id: str, alert: Alert
) -> Outcome:
    """Send an alert to an opened channel of a kind, once. Blocks."""
    runbook = settings.runbook_url
    if kind == "mail":
        return _send_mail(settings, opened, delivery_id, alert)
    try:
        address = check_address(opened.url, is_local=settings.is_local)
    except AddressRefused as refusal:
        return Outcome(False, reason=f"The address is refused. {refusal}", is_final=True)
    except NameNotFound as error:
        return Outcome(False, reason=str(error))
    if kind == "slack":
        body, headers = slack_request(alert, runbook)
    else:
        body, headers = webhook_request(delivery_id, alert, opened.secret or "", runbook)
    return post(kind, address, body, headers)


def _send_mail(
    settings: Settings, opened: ChannelAddress, delivery_id: str, alert: Alert
) -> Outcome:
    if settings.smtp_url is None:
        return Outcome(False, reason=NOT_SET, is_final=True)
    receiver, sender = opened.url.removeprefix("mailto:"), settings.mail_from
    try:
        message = mail_message(delivery_id, alert, sender, receiver, settings.runbook_url)
    except ValueError:
        return Outcome(False, reason="It is not an address of mail.", is_final=True)
    return send(settings.smtp_url, message)


def next_attempt(begun: AlertDelivery, outcome: Outcome) -> datetime | None:
    """When to retry; None after the last attempt. A test is sent once: somebody waits for it."""
    attempt = begun.attempt
    if outcome.is_final or begun.alert.kind == "test" or attempt > len(WAITS):
        return None
    asked = min(outcome.retry_after or 0, LONGEST_RETRY_AFTER)
    return _in(max(WAITS[attempt - 1], asked))


def _in(seconds: float) -> datetime:
    return database_now() + timedelta(seconds=seconds)

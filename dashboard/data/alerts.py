"""Reads of alert channels, alerts and their deliveries. Nobody can read a channel's address."""

from dataclasses import dataclass, fields, replace
from typing import Any

from dashboard import results
from dashboard.access.auth import Operator
from dashboard.data.reads import ask, cached, call_all
from service.alert_sentences import alert_words

# Codes from SQL. Everything else that stands there is a sentence of the service.
REASONS = {
    "channel_removed": "The channel was removed.",
    "channel_switched_off": "The channel is switched off.",
}


@dataclass(frozen=True)
class Channel:
    """Where alerts go. `failed`: deliveries given up in the last seven days. Times in ISO 8601."""

    id: str
    version: int
    kind: str
    name: str
    host: str
    kinds: list[str]
    state: str
    state_reason: str
    delivered_at: str | None
    failed: int


@dataclass(frozen=True)
class Delivery:
    """The delivery of an alert to one channel; `reason`: why it did not arrive, in words."""

    id: str
    channel: str
    state: str
    attempts: int
    reason: str
    # Whether it says that the alert is over.
    is_recovery: bool


@dataclass(frozen=True)
class Alert:
    """One occurrence; `ended_at` is None while it goes on. `parameters`: what its words name."""

    kind: str
    title: str
    detail: str
    parameters: dict[str, Any] | None
    at: str
    ended_at: str | None
    deliveries: list[Delivery]


@dataclass(frozen=True)
class Attempt:
    """The state of one delivery; `status` is the receiver's HTTP status, `reason` is in words."""

    state: str
    status: int | None
    reason: str


@cached(ttl=10)
def read_channels(operator: Operator) -> list[Channel]:
    """Channels that are not removed, oldest first: SQL function `alert_channel_list`."""
    return call_all(operator, "alert_channel_list", Channel)


@cached(ttl=5)
def read_alerts(operator: Operator) -> list[Alert]:
    """The newest 100 alerts with their deliveries: SQL function `alert_list`."""
    return [_worded(each) for each in call_all(operator, "alert_list", Alert, {"p_limit": 100})]


def read_attempt(operator: Operator, delivery_id: str) -> Attempt | None:
    """The current state of one delivery; None if it does not exist. Not cached."""
    columns = ",".join(each.name for each in fields(Attempt))
    rows = ask(
        operator.sign_in,
        lambda client: (
            client.table("alert_deliveries").select(columns).eq("id", delivery_id).execute().data
        ),
    )
    if not rows:
        return None
    attempt = results.read_one(Attempt, rows[0], "alert_deliveries")
    return replace(attempt, reason=_reason(attempt.reason))


def _worded(alert: Alert) -> Alert:
    title, detail = alert_words(alert.kind, alert.parameters, alert.title, alert.detail)
    deliveries = [replace(each, reason=_reason(each.reason)) for each in alert.deliveries]
    return replace(alert, title=title, detail=detail, deliveries=deliveries)


def _reason(stored: str) -> str:
    return REASONS.get(stored, stored)

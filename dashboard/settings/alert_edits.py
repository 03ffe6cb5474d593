"""Writes of alert channels. Secret parts are encrypted before they leave this process."""

from dataclasses import dataclass
from typing import Any

from dashboard.access.auth import Operator
from dashboard.data import alerts
from dashboard.data.alerts import Channel
from dashboard.data.writes import send, send_for
from dashboard.settings.sealing import seal


@dataclass(frozen=True)
class Place:
    """Where alerts go. `secret` (whsec_…) signs them; only webhooks have one."""

    url: str
    host: str
    secret: str | None = None

    def __repr__(self) -> str:
        return f"Place({self.host})"


def add_channel(
    operator: Operator,
    sealing_key: str,
    channel_id: str,
    place: Place,
    reason: str,
    **fields: Any,
) -> None:
    """`fields`: kind, name, kinds (a list)."""
    parameters = {f"p_{name}": value for name, value in fields.items()} | {
        "p_id": channel_id,
        "p_host": place.host,
        "p_sealed": seal(sealing_key, channel_id, place.url, place.secret),
        "p_reason": reason,
    }
    send(operator, "add_alert_channel", parameters, clears=(alerts.read_channels,))


def change_channel(
    operator: Operator,
    seen: Channel,
    reason: str,
    *,
    place: Place | None = None,
    sealing_key: str = "",
    **fields: Any,
) -> None:
    """`seen`: the channel as shown; `fields`: name, kinds, is_on. `place`: the new address."""
    sealed = seal(sealing_key, seen.id, place.url, place.secret) if place else None
    parameters = {f"p_{name}": value for name, value in fields.items()} | {
        "p_id": seen.id,
        "p_host": place.host if place else None,
        "p_sealed": sealed,
        "p_version": seen.version,
        "p_reason": reason,
    }
    send(operator, "change_alert_channel", parameters, clears=(alerts.read_channels,))


def remove_channel(operator: Operator, seen: Channel, reason: str) -> None:
    parameters = {"p_id": seen.id, "p_version": seen.version, "p_reason": reason}
    clears = (alerts.read_channels, alerts.read_alerts)
    send(operator, "remove_alert_channel", parameters, clears=clears)


def test_channel(operator: Operator, channel_id: str) -> str:
    """Queue a test alert; return the id of its delivery."""
    clears = (alerts.read_alerts,)
    return send_for(operator, "test_alert_channel", str, {"p_id": channel_id}, clears=clears)


def resend(operator: Operator, delivery_id: str) -> None:
    send(operator, "resend_alert", {"p_delivery_id": delivery_id}, clears=(alerts.read_alerts,))

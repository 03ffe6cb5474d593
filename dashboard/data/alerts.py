"""Reads of alert channels, alerts and their deliveries. Addresses cannot be read by anybody."""

from typing import Any

from dashboard.access.auth import Operator
from dashboard.data.reads import ask, cached, call

DELIVERY_COLUMNS = "id,state,status,reason,attempts"


@cached(ttl=10)
def read_channels(operator: Operator) -> list[dict[str, Any]]:
    """Channels that are not removed, oldest first: SQL function `alert_channel_list`."""
    return call(operator, "alert_channel_list")


@cached(ttl=5)
def read_alerts(operator: Operator) -> list[dict[str, Any]]:
    """The newest 100 alerts with their deliveries: SQL function `alert_list`."""
    return call(operator, "alert_list", {"p_limit": 100})


def read_delivery(operator: Operator, delivery_id: str) -> dict[str, Any]:
    """What has become of one delivery by now; {} when there is none. Not cached."""
    rows = ask(
        operator.sign_in,
        lambda client: (
            client.table("alert_deliveries")
            .select(DELIVERY_COLUMNS)
            .eq("id", delivery_id)
            .execute()
            .data
        ),
    )
    return rows[0] if rows else {}

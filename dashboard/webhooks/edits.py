"""Operators' actions on webhooks: one SQL function with a reason, audited."""

from dataclasses import dataclass

from dashboard.access.auth import Operator
from dashboard.data import webhook_rows
from dashboard.data.writes import send_for
from dashboard.webhooks import queries

WEBHOOK_READS = (webhook_rows.read_webhooks, queries.read_webhook_rows)


@dataclass(frozen=True)
class Changed:
    """Whether the call changed the webhook's state."""

    changed: bool


def set_webhook_state(operator: Operator, webhook_id: str, state: str, reason: str) -> bool:
    """Pause a webhook on our side, or end such a pause; False if nothing changed."""
    parameters = {"p_webhook_id": webhook_id, "p_state": state, "p_reason": reason}
    done = send_for(
        operator, "operator_set_webhook_state", Changed, parameters, clears=WEBHOOK_READS
    )
    return done.changed

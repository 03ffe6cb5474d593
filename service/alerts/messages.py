"""The message of an alert: a signed webhook per Standard Webhooks, a text for Slack, or a mail."""

import json
from datetime import UTC, datetime
from email.message import EmailMessage
from html import escape

from standardwebhooks import Webhook

from service.alert_sentences import runbook_entry, runbook_words
from service.alerts.inert import inert_words
from service.alerts.mail import mail
from service.store.upkeep_records import Alert

JSON_TYPE = "application/json"
# What asks for nothing.
_TOLD = frozenset({"test", "weekly_report"})
_ICONS = {"weekly_report": ":bar_chart:", "recovered": ":white_check_mark:"}


def webhook_request(
    delivery_id: str, alert: Alert, secret: str, runbook: str = "", now: datetime | None = None
) -> tuple[str, dict[str, str]]:
    """Body and headers of a signed webhook; ``delivery_id`` is the same on every attempt,
    ``data.id`` that of the occurrence, raised and recovered. ``runbook``: RUNBOOK_URL.

    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    sent = now or datetime.now(UTC)
    title, detail = alert.words
    occurrence, kind = alert.occurrence
    body = json.dumps(
        {
            "type": f"alert.{alert.kind}",
            "timestamp": alert.at,
            "data": {
                "id": occurrence,
                "kind": kind,
                "state": "recovered" if alert.kind == "recovered" else "raised",
                "title": title,
                "detail": detail,
                "runbook": what_to_do(alert, runbook),
            },
        },
        ensure_ascii=False,
    )
    headers = {
        "Content-Type": JSON_TYPE,
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(sent.timestamp())),
        "webhook-signature": Webhook(secret).sign(delivery_id, sent, body),
    }
    return body, headers


def slack_request(alert: Alert, runbook: str = "") -> tuple[str, dict[str, str]]:
    """Body and headers for an incoming webhook of Slack, or of a compatible service.

    https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/
    """
    # Strangers choose the names of people and teams: no mention or link in them may work.
    # What Slack takes for a control character:
    # https://docs.slack.dev/messaging/formatting-message-text/#escaping
    title, detail = (escape(part, quote=False) for part in inert_words(alert))
    icon = _ICONS.get(alert.kind, ":warning:")
    text = f"{icon} *{title}*\n{detail}{_to_do(alert, runbook)}"
    return json.dumps({"text": text}, ensure_ascii=False), {"Content-Type": JSON_TYPE}


def mail_message(
    delivery_id: str, alert: Alert, sender: str, receiver: str, runbook: str = ""
) -> EmailMessage:
    """A mail in plain text. Raises ValueError for an address that is none."""
    title, detail = inert_words(alert)
    return mail(delivery_id, sender, receiver, title, f"{detail}{_to_do(alert, runbook)}\n")


def what_to_do(alert: Alert, runbook: str) -> str | None:
    """Where the runbook has the entry of this kind; None for what asks for nothing."""
    kind = alert.occurrence[1]
    return None if kind in _TOLD else runbook_entry(kind, runbook)


def _to_do(alert: Alert, runbook: str) -> str:
    kind = alert.occurrence[1]
    return "" if kind in _TOLD else f"\nWhat to do: {runbook_words(kind, runbook)}"

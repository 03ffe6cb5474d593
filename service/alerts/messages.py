"""The message of an alert: a signed webhook per Standard Webhooks, or a text for Slack."""

import json
from datetime import UTC, datetime
from html import escape

from standardwebhooks import Webhook

from service.store.upkeep_records import Alert

JSON_TYPE = "application/json"


def webhook_request(
    delivery_id: str, alert: Alert, secret: str, now: datetime | None = None
) -> tuple[str, dict[str, str]]:
    """Body and headers of a signed webhook; ``delivery_id`` is the same on every attempt.

    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    sent = now or datetime.now(UTC)
    title, detail = alert.words
    body = json.dumps(
        {
            "type": f"alert.{alert.kind}",
            "timestamp": alert.at,
            "data": {
                "id": alert.id,
                "kind": alert.kind,
                "title": title,
                "detail": detail,
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


def slack_request(alert: Alert) -> tuple[str, dict[str, str]]:
    """Body and headers for an incoming webhook of Slack, or of a compatible service.

    https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/
    """
    # Strangers choose the names of people and teams: no mention or link in them may work.
    # https://docs.slack.dev/messaging/formatting-message-text/#escaping
    title, detail = (escape(part, quote=False) for part in alert.words)
    icon = ":bar_chart:" if alert.kind == "weekly_report" else ":warning:"
    text = f"{icon} *{title}*\n{detail}"
    return json.dumps({"text": text}, ensure_ascii=False), {"Content-Type": JSON_TYPE}

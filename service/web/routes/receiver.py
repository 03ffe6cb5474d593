"""The receiver of Figma's webhooks: check the passcode, store the event, respond at once.

Figma treats only 200 as success, and retries later otherwise. A 400 stops the webhook for good. So
a 400 must only be sent for a wrong passcode of a live webhook.

https://developers.figma.com/docs/rest-api/webhooks-security/
"""

import json
from datetime import UTC, datetime
from typing import Any

import structlog
from flask import Flask, request
from limits import RateLimitItem, parse
from limits.strategies import RateLimiter
from werkzeug.exceptions import ClientDisconnected, HTTPException

from service.errors import (
    BadRequest,
    NotFound,
    ServiceError,
    TooManyRequests,
    Unprocessable,
    UnsupportedMedia,
)
from service.figma.addressing import Mention, is_marked
from service.figma.payloads import (
    CommentEvent,
    OtherEvent,
    PayloadError,
    payload_without_passcode,
    read_event,
    read_passcode,
    read_webhook_id,
)
from service.observing import metrics
from service.observing.tracing import database_span
from service.receiving.known_webhooks import KnownWebhook
from service.store.delivery_store import NewEvent
from service.web.request_cycle import request_id, trace_parent
from service.web.route_policy import policy
from service.web.shared_limits import client_key
from service.web.web_parts import web

log = structlog.get_logger(__name__)
PATH = "/api/figma-comment-webhook"
RETRY_SECONDS = 5
# At most this many mentions are stored. Further ones may be taken for typed names.
MAX_MENTIONS = 20


def register(app: Flask) -> None:
    # A plain route: validating the body against a model would cost more than all the rest here.
    app.add_url_rule(PATH, endpoint="receive_event", view_func=receive_event, methods=["POST"])


@policy(asked_by="machine", who="checked_inside", limit="counted_inside", body="read_inside")
def receive_event() -> dict[str, str]:
    """Store one delivery and queue its job. Responds 200 as soon as both are committed."""
    raw = _read_body()
    body = _read_json(raw)
    webhook_id, passcode = read_webhook_id(body), read_passcode(body)
    if not webhook_id or not passcode:
        raise _unreadable(body)
    webhook = web().known_webhooks.find(webhook_id, passcode, _refuse_crowds)
    if webhook is None or not webhook.accepts(passcode):
        raise _stranger(webhook)
    if not web().delivery_rate.allows(webhook.id):
        metrics.DELIVERIES.labels("limited").inc()
        raise TooManyRequests(
            "This webhook brings more deliveries than it may. Send this one again later.",
            retry_after=60,
        )
    event = make_event(webhook, webhook_id, body)
    with database_span("record_events"):
        result = web().deliveries.submit(event, len(raw))
    outcome = result.outcome
    metrics.DELIVERIES.labels(outcome).inc()
    if outcome == "unstorable":
        log.warning("unstorable_delivery", webhook_id=webhook.id, sqlstate=result.detail)
    return {"status": outcome}


def _read_body() -> bytes:
    try:
        return request.get_data(cache=False)
    except ClientDisconnected:
        raise Unprocessable(
            "The body ended too early, or came too slowly.", code="incomplete_body"
        ) from None
    except HTTPException as error:
        if error.code == 413:
            raise
        raise Unprocessable("The body could not be read.", code="incomplete_body") from None


def _read_json(raw: bytes) -> Any:
    """The parsed body, or None. Its content type does not matter: the passcode decides."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _unreadable(body: Any) -> ServiceError:
    _refuse_crowds()
    _count_stranger()
    metrics.DELIVERIES.labels("refused").inc()
    if request.mimetype != "application/json":
        return UnsupportedMedia("Send JSON, with the header Content-Type: application/json.")
    if body is None:
        return Unprocessable("The body is not valid JSON.", code="bad_json")
    return Unprocessable(
        "The payload names no webhook or carries no passcode, so it is not from Figma.",
        code="unreadable_payload",
    )


def _stranger(webhook: KnownWebhook | None) -> ServiceError:
    _count_stranger()
    # A deleted webhook may be in the middle of a takeover: Figma then has the new passcode before
    # we know its id.
    if webhook is None or webhook.is_deleted:
        metrics.DELIVERIES.labels("unknown_webhook").inc()
        return NotFound("This service has no such webhook.", code="unknown_webhook")
    metrics.DELIVERIES.labels("wrong_passcode").inc()
    log.warning("wrong_passcode", webhook_id=webhook.id)
    return BadRequest("The passcode is not the one of this webhook.", code="wrong_passcode")


def _refuse_crowds() -> None:
    """Called before a look-up. It refuses an address that sent too many requests without the
    passcode of a known webhook. Only such requests are counted, and cached webhooks need no
    look-up: Figma sends everything from few addresses."""
    if not _limiter().test(*_rate()):
        metrics.DELIVERIES.labels("limited").inc()
        raise TooManyRequests(
            "There were too many requests without a known webhook. Wait a minute, then try again.",
            retry_after=60,
        )


def _count_stranger() -> None:
    _limiter().hit(*_rate())


def _limiter() -> RateLimiter:
    return web().limiter.limiter


def _rate() -> tuple[RateLimitItem, str, str]:
    return parse(web().settings.rate_limit_public), "stranger", client_key()


def make_event(webhook: KnownWebhook, figma_webhook_id: str, body: Any) -> NewEvent:
    """The event that ``record_events`` takes for one delivery."""
    event: NewEvent = {
        "webhook_id": webhook.id,
        "figma_webhook_id": figma_webhook_id,
        # After its owner has left, no text from there is stored.
        "payload": {} if webhook.is_deleted else payload_without_passcode(body),
        "request_id": request_id(),
        "trace_parent": trace_parent(),
        "is_addressed": False,
        "mention_ids": [],
        "outcome": None,
    }
    try:
        read = read_event(body)
    except PayloadError as error:
        log.warning("unreadable_delivery", webhook_id=webhook.id, reason=error.message)
        return event | _unreadable_fields(body)
    return event | (_other(read) if isinstance(read, OtherEvent) else _comment(read))


def _unreadable_fields(body: Any) -> NewEvent:
    """A redelivery gets the same key, if the body has one."""
    named = body.get("comment_id") or body.get("timestamp") if isinstance(body, dict) else None
    key = named if isinstance(named, str) and named.isprintable() else request_id()
    return {"event_type": "UNREADABLE", "event_key": key[:128], "outcome": "unreadable"}


def _other(event: OtherEvent) -> NewEvent:
    moment = event.timestamp.isoformat() if event.timestamp else request_id()
    return {
        "event_type": event.event_type,
        "event_key": moment,
        "outcome": "ping" if event.is_ping else "other_event",
    }


def _comment(event: CommentEvent) -> NewEvent:
    parts = web()
    read = parts.addressing.read(event.parts)
    outcome = None
    if is_marked(event.text, parts.reply_marker):
        outcome = "own_reply"
    elif event.resolved_at is not None:
        outcome = "ignored"
    return {
        "event_type": event.event_type,
        "event_key": event.comment_id,
        "file_key": event.file_key,
        "file_name": event.file_name,
        "comment_id": event.comment_id,
        "root_comment_id": event.root_id,
        "author_figma_id": event.author_id,
        "asked_at": (event.created_at or event.timestamp or datetime.now(UTC)).isoformat(),
        "is_addressed": read.is_addressed,
        "mention_ids": list(event.mention_ids),
        "mentions": _mentions(event),
        "outcome": outcome,
    }


def _mentions(event: CommentEvent) -> list[dict[str, str]]:
    """The people picked from Figma's list, as the delivery says, in their order in the text."""
    picked = [each for each in event.parts if isinstance(each, Mention)]
    return [{"id": each.person_id, "handle": each.handle} for each in picked[:MAX_MENTIONS]]

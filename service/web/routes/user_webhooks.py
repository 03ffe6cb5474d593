"""Where the buddy is switched on: list, switch on, pause, resume, change, switch off."""

import re
from typing import Any

from flask import jsonify, request
from flask_openapi3 import OpenAPI, Tag
from werkzeug.wrappers import Response

from service.errors import BadRequest
from service.figma.link_parsing import parse_link
from service.store.webhook_records import PlacedWebhook, UserWebhook
from service.switching.switching_on import Switching
from service.web.figma_urls import local_figma_hosts
from service.web.route_policy import policy
from service.web.routes.shapes import (
    UUID,
    WebhookChange,
    WebhookChanged,
    WebhookDeleted,
    WebhookIn,
    WebhookList,
    WebhookMade,
    WebhookName,
    answers,
)
from service.web.routes.user import SESSION
from service.web.sessions import signed_in
from service.web.web_parts import web

TAG = Tag(name="Webhooks")
PATH = "/api/webhook/manage"
# Figma's errors are passed on: 403 not allowed, 404 not found, 409 slots used up or paused by an
# operator, 429, 5xx.
_FIGMA = (401, 403, 404, 409, 429, 500, 502, 503)


def register(app: OpenAPI) -> None:
    app.get(PATH, tags=[TAG], security=SESSION,
            responses=answers(401, 503, s200=WebhookList))(list_webhooks)  # fmt: skip
    app.post(PATH, tags=[TAG], security=SESSION,
             responses=answers(400, 413, 415, 422, *_FIGMA, s200=WebhookMade,
                               s201=WebhookMade))(switch_on)  # fmt: skip
    app.patch(PATH, tags=[TAG], security=SESSION,
              responses=answers(400, 413, 415, 422, *_FIGMA,
                                s200=WebhookChanged))(change_webhook)  # fmt: skip
    app.delete(PATH, tags=[TAG], security=SESSION,
               responses=answers(400, 401, 403, 404, 413, 422, 429, 500, 503,
                                 s200=WebhookDeleted))(delete_webhook)  # fmt: skip


@policy(asked_by="machine", who="person", plugins=True)
def list_webhooks() -> Response:
    """My webhooks, oldest first."""
    rows = web().services.database.list_webhooks(signed_in().user_id)
    return jsonify(webhooks=[webhook_json(row) for row in rows])


@policy(asked_by="machine", who="person", limit="changes_by_person", body="json", plugins=True)
def switch_on(body: WebhookIn) -> tuple[Response, int]:
    """Switch the buddy on for a file, project or team: 201 if created, 200 if it was already on."""
    session = signed_in()
    target = parse_link(body.link, extra_hosts=local_figma_hosts(web().settings))
    guest_rule = body.guest_rule or web().live.current().guest_rule
    result = Switching(web().services).switch_on(session.user_id, target, guest_rule)
    is_mine = result.webhook.user_id == session.user_id
    answer = {
        "status": result.status,
        "message": result.message,
        "webhook": webhook_json(result.webhook, is_mine),
    }
    return jsonify(answer), 201 if result.status == "created" else 200


@policy(asked_by="machine", who="person", limit="changes_by_person", body="json", plugins=True)
def change_webhook(body: WebhookChange) -> Response:
    """Pause or resume one of my webhooks, change its guest rule, or whether answers wait for me.

    A pause takes effect here at once, whatever Figma answers.
    """
    session = signed_in()
    if body.preview:
        web().services.database.set_webhook_preview(session.user_id, body.id.lower(), body.preview)
    changed = Switching(web().services).change(
        session.user_id, body.id.lower(), body.state, body.guest_rule
    )
    return jsonify(webhook=webhook_json(changed.webhook), message=changed.message)


@policy(
    asked_by="machine", who="person", limit="changes_by_person", body="read_inside", plugins=True
)
def delete_webhook(query: WebhookName) -> Response:
    """Switch the buddy off there, at Figma and here. The id comes in the query or a JSON body."""
    session = signed_in()
    message = Switching(web().services).delete(session.user_id, _named_id(query.id))
    return jsonify(WebhookDeleted(message=message).model_dump())


def _named_id(in_query: str | None) -> str:
    """The id of the query or of the body. Two different ones are refused: which is meant?"""
    body: Any = request.get_json(silent=True)
    given = body.get("id") if isinstance(body, dict) else None
    if in_query:
        if isinstance(given, str) and given.lower() != in_query.lower():
            raise BadRequest("The query and the body name two webhooks: send one id.")
        return in_query
    if not isinstance(given, str) or not re.fullmatch(UUID, given):
        raise BadRequest("Say which webhook: send its id in the query or the body.")
    return given.lower()


def webhook_json(row: UserWebhook, is_mine: bool = True) -> dict[str, Any]:
    names = ("context", "context_id", "label", "state", "guest_rule", "preview")
    more = ("created_at", "confirmed_at", "last_event_at", "is_paused_by_operator")
    ours = ("contact", "paused_because")
    told = row.to_json()
    is_told_whose = not is_mine and isinstance(row, PlacedWebhook)
    return {
        "id": row.id if is_mine else None,
        **{name: told[name] for name in (*names, *more, *ours)},
        "is_mine": is_mine,
        "owner_handle": told["owner_handle"] if is_told_whose else None,
    }

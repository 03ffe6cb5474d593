"""Figma's webhooks, version 2: who may make them, where and how many, and their deliveries."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, request

from local.sandbox.access import may_manage, plan_of_context
from local.sandbox.errors import FigmaError
from local.sandbox.gate import caller, parts
from local.sandbox.people import Plan
from local.sandbox.world import Webhook, World

bp = Blueprint("webhooks", __name__)
Json = dict[str, Any]
# https://developers.figma.com/docs/rest-api/webhooks/
SLOTS = {"TEAM": 20, "PROJECT": 5, "FILE": 3}
FILE_SLOTS_OF_PLAN = {"pro": 150, "org": 300, "enterprise": 600}
# Figma renamed project to folder in 2026; it accepts both words.
CONTEXTS = {"team": "TEAM", "project": "PROJECT", "folder": "PROJECT", "file": "FILE"}


@bp.post("/v2/webhooks")
def create_webhook() -> Json:
    """Make a webhook and send it a PING, unless it starts paused."""
    world, body = parts().world, request.get_json()
    context = _read_context(body["context"])
    plan = _check_place(world, context, body["context_id"])
    _check_event(body["event_type"])
    check_endpoint(body["endpoint"])
    with world.change():
        _check_slots(world, context, body["context_id"], plan)
        hook = Webhook(
            id=world.next_id(), event_type=body["event_type"], context=context,
            context_id=body["context_id"], plan_id=plan.id,
            team_id=body["context_id"] if context == "TEAM" else "", endpoint=body["endpoint"],
            passcode=body["passcode"], status=body.get("status", "ACTIVE"),
            description=body.get("description") or None, client_id=caller().client_id,
            owner_id=caller().person.id,
        )  # fmt: skip
        world.webhooks[hook.id] = hook
        world.touch_files()
    if hook.status == "ACTIVE":
        parts().courier.ping(hook)
    return webhook_json(hook, hook.passcode)


@bp.get("/v2/webhooks")
def list_webhooks() -> Json:
    """The webhooks of one context; with ``plan_api_id`` all in a plan that this person manages."""
    world, person = parts().world, caller().person
    plan_id = request.args.get("plan_api_id")
    if plan_id:
        if "context" in request.args or "context_id" in request.args:
            raise FigmaError(400, "plan_api_id cannot be combined with context and context_id")
        found = [
            each
            for each in world.webhooks.values()
            if each.plan_id == plan_id and may_manage(world, person, each.context, each.context_id)
        ]
        return {"webhooks": [webhook_json(each) for each in found], "pagination": {}}
    for name in ("context", "context_id"):
        if not request.args.get(name):
            raise FigmaError(400, f"Missing required parameter {name}")
    context, context_id = _read_context(request.args["context"]), request.args["context_id"]
    if not may_manage(world, person, context, context_id):
        raise FigmaError(403, f"You cannot see the webhooks of this {context.lower()}")
    return {"webhooks": [webhook_json(each) for each in hooks_in(world, context, context_id)]}


@bp.get("/v2/teams/<team_id>/webhooks")
def list_team_webhooks(team_id: str) -> Json:
    """Deprecated at Figma since 2025-05-28 in favour of ``?context=team``."""
    world = parts().world
    if not may_manage(world, caller().person, "TEAM", team_id):
        raise FigmaError(403, "You cannot see the webhooks of this team")
    return {"webhooks": [webhook_json(each) for each in hooks_in(world, "TEAM", team_id)]}


@bp.get("/v2/webhooks/<webhook_id>")
def get_webhook(webhook_id: str) -> Json:
    return webhook_json(_find(webhook_id))


@bp.put("/v2/webhooks/<webhook_id>")
def put_webhook(webhook_id: str) -> Json:
    """Change some fields; the context cannot change."""
    hook, body = _find(webhook_id), request.get_json()
    if "event_type" in body:
        _check_event(body["event_type"])
    if "endpoint" in body:
        check_endpoint(body["endpoint"])
    with parts().world.change():
        for name in ("event_type", "endpoint", "passcode", "status"):
            setattr(hook, name, body.get(name, getattr(hook, name)))
        if "description" in body:
            hook.description = body["description"] or None
        parts().world.touch_files()
    return webhook_json(hook, hook.passcode)


@bp.delete("/v2/webhooks/<webhook_id>")
def delete_webhook(webhook_id: str) -> Json:
    hook = _find(webhook_id)
    with parts().world.change():
        parts().world.webhooks.pop(webhook_id, None)
        parts().world.touch_files()
    return webhook_json(hook)


@bp.get("/v2/webhooks/<webhook_id>/requests")
def list_requests(webhook_id: str) -> Json:
    """The requests sent to this webhook and their responses."""
    hook = _find(webhook_id)
    with parts().world.lock:
        attempts = [each for each in parts().world.attempts if each["webhook_id"] == hook.id]
    return {"requests": [_request_json(each, hook) for each in attempts]}


def _request_json(attempt: Json, hook: Webhook) -> Json:
    answered = attempt["status"] is not None
    return {
        "webhook_id": attempt["webhook_id"],
        "request_info": {
            "id": attempt["delivery_id"],
            "endpoint": attempt["endpoint"],
            "payload": {**attempt["payload"], "passcode": hook.passcode},
            "sent_at": attempt["sent_at"],
        },
        "response_info": (
            {"status": str(attempt["status"]), "received_at": attempt["sent_at"]}
            if answered
            else None
        ),
        "error_msg": attempt["error"],
    }


def webhook_json(hook: Webhook, passcode: str = "") -> Json:
    """A webhook as in Figma's responses; only create and change return the passcode."""
    return {
        "id": hook.id,
        "event_type": hook.event_type,
        "team_id": hook.team_id,
        "context": hook.context,
        "context_id": hook.context_id,
        "plan_api_id": hook.plan_id,
        "status": hook.status,
        "client_id": hook.client_id,
        "passcode": passcode,
        "endpoint": hook.endpoint,
        "description": hook.description,
        "protocol_version": "2",
    }


def hooks_in(world: World, context: str, context_id: str) -> list[Webhook]:
    with world.lock:
        hooks = list(world.webhooks.values())
    return [each for each in hooks if (each.context, each.context_id) == (context, context_id)]


def check_endpoint(endpoint: str) -> None:
    """Allow only addresses of this machine: a sandbox must not post to other servers."""
    parts_of = urlsplit(endpoint)
    host = parts_of.hostname or ""
    try:
        is_local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_local = False
    if parts_of.scheme not in ("http", "https") or not is_local:
        raise FigmaError(
            400, "endpoint must be an http(s) address on this machine: the sandbox posts only there"
        )


def _read_context(word: str) -> str:
    context = CONTEXTS.get(word.lower())
    if context is None:
        raise FigmaError(400, "context must be team, project or file")
    return context


def _check_event(event_type: str) -> None:
    if event_type == "PING":
        raise FigmaError(400, "PING cannot be subscribed to")


def _check_place(world: World, context: str, context_id: str) -> Plan:
    plan = plan_of_context(world, context, context_id)
    if plan is None:
        raise FigmaError(400, f"There is no {context.lower()} with the id {context_id}")
    if not may_manage(world, caller().person, context, context_id):
        needed = "be an admin of the team" if context == "TEAM" else "be able to edit it"
        raise FigmaError(403, f"To create a webhook for this {context.lower()} you must {needed}")
    if plan.tier == "starter":
        raise FigmaError(403, "Webhooks are not available on the Starter plan")
    return plan


def _check_slots(world: World, context: str, context_id: str, plan: Plan) -> None:
    if len(hooks_in(world, context, context_id)) >= SLOTS[context]:
        raise FigmaError(
            400,
            f"This {context.lower()} already has {SLOTS[context]} webhooks, the most it can have",
        )
    total = sum(h.plan_id == plan.id and h.context == "FILE" for h in world.webhooks.values())
    if context == "FILE" and total >= FILE_SLOTS_OF_PLAN[plan.tier]:
        raise FigmaError(400, "This plan has as many file webhooks as it can have")


def _find(webhook_id: str) -> Webhook:
    """The webhook; 404 if it does not exist, and also if this person may not manage it."""
    world = parts().world
    hook = world.webhooks.get(webhook_id)
    if hook is None or not may_manage(world, caller().person, hook.context, hook.context_id):
        raise FigmaError(404, "Webhook not found")
    return hook

"""API to inspect and control the sandbox: people, faults, logs, reset. Not in the real Figma."""

from typing import Any

from flask import Blueprint, Response, request

from local.sandbox.comments import comments_answer, rendered, write_comment
from local.sandbox.drawing import MEDIA, draw_picture
from local.sandbox.errors import FigmaError
from local.sandbox.faults import parse_fault
from local.sandbox.fragments import split_text
from local.sandbox.gate import Parts, parts
from local.sandbox.limits import Quota
from local.sandbox.people import FigmaFile, Person, Plan
from local.sandbox.world import World

bp = Blueprint("control", __name__, url_prefix="/sandbox")
Json = dict[str, Any]


@bp.get("/health")
def show_health() -> Json:
    return {"status": "ok"}


@bp.get("/people")
def list_people() -> list[Json]:
    """Everybody, with a token that works at once (as Bearer and as X-Figma-Token)."""
    return [
        {
            "id": each.id,
            "handle": each.handle,
            "about": each.about,
            "email": each.email,
            "token": each.token,
            "seat": each.seats[each.plan.id],
            **_plan_json(each.plan),
            "admin_of_team": each.plan.team_id if each.id in each.plan.admins else None,
        }
        for each in parts().world.people.values()
    ]


@bp.get("/files")
def list_files() -> list[Json]:
    """Every file: its location, who can see it in which role, and its link."""
    return [_file_json(each) for each in parts().world.files.values()]


def _plan_json(plan: Plan) -> Json:
    return {"plan": plan.tier, "plan_id": plan.id, "plan_name": plan.name}


def _file_json(file: FigmaFile) -> Json:
    project, handles = file.project, parts().world.handles
    who = [{"id": each, "handle": handles[each], "role": r} for each, r in file.roles.items()]
    return {
        "key": file.key,
        "name": file.name,
        "editor_type": file.editor_type,
        **_plan_json(file.plan),
        "team_id": file.plan.team_id if project else None,
        "team_name": file.plan.team_name if project else None,
        "project_id": project.id if project else None,
        "project_name": project.name if project else None,
        "invite_only": project.invite_only if project else False,
        "who_can_see": who,
        "url": file.url,
        "page": f"{request.host_url}design/{file.key}",
        "frames": [{"id": each["id"], "name": each["name"]} for each in file.frames],
    }


@bp.get("/faults")
def show_faults() -> Json:
    here = parts()
    return {
        "faults": here.faults.to_json(),
        "rate_limits": here.limits.enabled,
        "clock": here.courier.clock.speed,
    }


@bp.put("/faults")
def put_faults() -> Json:
    """Replace all faults; ``rate_limits`` and ``clock`` change only if given."""
    here, body = parts(), _body()
    try:
        faults = [parse_fault(each) for each in body.get("faults", [])]
        clock = float(body.get("clock", here.courier.clock.speed))
    except (TypeError, ValueError) as error:
        raise FigmaError(400, str(error)) from error
    if clock <= 0:
        raise FigmaError(400, "clock must be more than 0; 1 is real time")
    if "faults" in body:
        here.faults.replace(faults)
    here.limits.enabled = bool(body.get("rate_limits", here.limits.enabled))
    here.courier.set_speed(clock)
    here.world.touch_files()
    return show_faults()


@bp.put("/quota")
def put_quota() -> Json:
    """``{person_id, tier, remaining, retry_after?}``: ``remaining`` more requests, then 429.

    ``remaining`` null restores the usual limits.
    """
    here, body = parts(), _body()
    person, tier = _person(here.world, body.get("person_id")), body.get("tier")
    if tier not in (1, 2, 3):
        raise FigmaError(400, "tier must be 1, 2 or 3")
    if body.get("remaining") is None:
        here.limits.quotas.pop((person.id, tier), None)
    else:
        quota = Quota(int(body["remaining"]), int(body.get("retry_after", 60)))
        here.limits.quotas[person.id, tier] = quota
    return {"status": "ok"}


@bp.get("/deliveries")
def list_deliveries() -> list[Json]:
    """Every webhook attempt with its response, oldest first; ``?comment_id=`` filters."""
    wanted = request.args.get("comment_id")
    with parts().world.lock:
        attempts = list(parts().world.attempts)
    return [each for each in attempts if wanted in (None, each["comment_id"])]


@bp.post("/redeliver")
def redeliver() -> Json:
    """Send an event again: one delivery by its id, or a comment to all its webhooks."""
    here, body = parts(), _body()
    with here.world.lock:
        attempts = list(here.world.attempts)
    if "delivery_id" in body:
        chosen = [a for a in attempts if a["delivery_id"] == str(body["delivery_id"])]
    else:
        about = [a for a in attempts if a["comment_id"] == str(body.get("comment_id"))]
        chosen = list({a["webhook_id"]: a for a in about}.values())
    if not chosen:
        raise FigmaError(404, "No such delivery; see GET /sandbox/deliveries")
    for each in chosen:
        here.courier.redeliver(each["webhook_id"], each["payload"], each["retries"] + 1)
    return {"sent": len(chosen)}


@bp.get("/requests")
def list_requests() -> list[Json]:
    """Calls of clients to Figma's API, oldest first, without tokens and bodies."""
    return list(parts().world.requests)


@bp.get("/violations")
def list_violations() -> list[Json]:
    """Requests that Figma's specification refuses. A correct product keeps this list empty."""
    return list(parts().world.violations)


@bp.post("/reset")
def reset() -> Json:
    """Back to the seed: no webhooks, no grants, no faults, real-time clock."""
    here = parts()
    here.courier.forget()
    here.faults.replace([])
    here.limits.reset()
    here.courier.set_speed(here.config.clock)
    here.world.reset()
    return {"status": "ok"}


@bp.post("/expire")
def expire_token() -> Json:
    """``{person_id}``: their OAuth access tokens expire, as after 90 days; a refresh helps."""
    return {"expired": _touch_grants(parts(), forget=False)}


@bp.post("/revoke")
def revoke_grant() -> Json:
    """``{person_id}``: they revoke the app's access in Figma's settings; a refresh fails too."""
    return {"revoked": _touch_grants(parts(), forget=True)}


def _touch_grants(here: Parts, forget: bool) -> int:
    person = _person(here.world, _body().get("person_id"))
    with here.world.change():
        mine = [key for key in here.world.grants if key[1] == person.id]
        for key in mine:
            if forget:
                del here.world.grants[key]
            else:
                here.world.grants[key].expires_at = 0.0
    return len(mine)


@bp.get("/comments/<file_key>")
def show_comments(file_key: str) -> Response:
    """A file's comments as in Figma's API, but without a token and without a log entry."""
    return comments_answer(parts().world, _file(parts().world, file_key))


@bp.post("/comments/<file_key>")
def write(file_key: str) -> Response:
    """``{person_id, text, root_id?, pin?}``: write a comment as a person would in Figma itself.

    Here ``@Handle`` of somebody who can see the file is a real mention, as if chosen from the
    menu. Through Figma's API it would stay plain text.
    """
    world, body = parts().world, _body()
    file, author = _file(world, file_key), _person(world, body.get("person_id"))
    if author.id not in file.roles:
        raise FigmaError(403, f"{author.handle} cannot see this file")
    fragments = split_text(str(body.get("text", "")), world.mentionable(file))
    comment = write_comment(file, author, fragments, body.get("root_id") or "", body.get("pin"))
    return Response(rendered(world, comment, request.host_url), mimetype="application/json")


@bp.get("/avatars/<person_id>.svg")
def show_avatar(person_id: str) -> Response:
    person = _person(parts().world, person_id)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><circle cx="32" cy="32" '
        f'r="32" fill="{person.color}"/><text x="32" y="41" font-family="sans-serif" '
        f'font-size="25" fill="#fff" text-anchor="middle">{person.initials}</text></svg>'
    )
    return Response(svg, mimetype="image/svg+xml")


@bp.get("/pictures/<file_key>/<node_id>.<kind>")
def show_picture(file_key: str, node_id: str, kind: str) -> Response:
    """A rendered node. It needs no token, like Figma's pre-signed URLs."""
    node = _file(parts().world, file_key).nodes.get(node_id.replace("-", ":"))
    if node is None or kind not in MEDIA:
        raise FigmaError(404, "Not found")
    scale = min(4.0, max(0.01, request.args.get("scale", 1.0, type=float)))
    return Response(draw_picture(node, kind, scale), mimetype=MEDIA[kind])


def _body() -> Json:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise FigmaError(400, "Send a JSON object")
    return body


def _person(world: World, person_id: object) -> Person:
    person = world.people.get(str(person_id))
    if person is None:
        raise FigmaError(404, "No such person; see GET /sandbox/people")
    return person


def _file(world: World, key: str) -> FigmaFile:
    if key not in world.files:
        raise FigmaError(404, "No such file; see GET /sandbox/files")
    return world.files[key]

"""A person's own sessions: list the browsers and plugins, and sign them out."""

from flask import jsonify
from flask_openapi3 import OpenAPI
from werkzeug.wrappers import Response

from service.errors import Conflict
from service.store.people_records import OpenSession
from service.web.route_policy import policy
from service.web.routes.shapes import (
    SessionEnded,
    SessionList,
    SessionPath,
    SessionsEnded,
    answers,
)
from service.web.routes.user import BROWSER, TAG
from service.web.sessions import Session, idle_seconds, signed_in
from service.web.web_parts import web

PATH = "/api/user/sessions"


class ThisSession(Conflict):
    code = "this_session"


def register(app: OpenAPI) -> None:
    app.get(PATH, tags=[TAG], security=BROWSER,
            responses=answers(401, 403, 503, s200=SessionList))(list_sessions)  # fmt: skip
    app.delete(PATH, tags=[TAG], security=BROWSER,
               responses=answers(401, 403, 503, s200=SessionsEnded))(end_others)  # fmt: skip
    app.delete(f"{PATH}/<id>", tags=[TAG], security=BROWSER,
               responses=answers(401, 403, 409, 422, 503, s200=SessionEnded))(end_one)  # fmt: skip


@policy(asked_by="machine", who="person_in_browser", plugins=True)
def list_sessions() -> Response:
    """My browsers and plugins, the last used first. Only for a browser: a plugin gets 403."""
    session = signed_in()
    rows = [{**row.to_json(), "is_this": row.id == session.id} for row in sessions_of(session)]
    return jsonify(sessions=rows)


# No limit per person on these two: an intruder could use up the limit to avoid being signed out.
@policy(asked_by="machine", who="person_in_browser", plugins=True)
def end_others() -> Response:
    """Sign out all my browsers and plugins except this browser."""
    session = signed_in()
    ended = web().services.database.end_other_sessions(session.user_id, session.token_hash)
    return jsonify(SessionsEnded(ended=ended).model_dump())


@policy(asked_by="machine", who="person_in_browser", plugins=True)
def end_one(path: SessionPath) -> Response:
    """Sign out one other browser or plugin of mine. It is fine if it has already ended."""
    session = signed_in()
    if path.id.lower() == session.id:
        raise ThisSession("This is the browser you are using: choose Sign out instead.")
    web().services.database.end_own_session(session.user_id, path.id.lower())
    return jsonify(SessionEnded().model_dump())


def sessions_of(session: Session) -> list[OpenSession]:
    """All sessions of this session's person, including this one."""
    return web().services.database.list_sessions(session.user_id, idle_seconds())

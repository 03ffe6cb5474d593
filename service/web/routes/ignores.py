"""Findings that a person does not want to hear of again in a file: answers in comments go by them
too."""

from flask import jsonify
from flask_openapi3 import OpenAPI, Tag
from werkzeug.wrappers import Response

from service.store.analysis_records import IgnoredFinding
from service.web.route_policy import policy
from service.web.routes.analysis_shapes import IgnoresIn, IgnoresOut, IgnoresQuery
from service.web.routes.shapes import answers
from service.web.routes.user import SESSION
from service.web.sessions import signed_in
from service.web.web_parts import web

TAG = Tag(name="Ignored findings")
PATH = "/api/ignores"


def register(app: OpenAPI) -> None:
    app.get(PATH, tags=[TAG], security=SESSION,
            responses=answers(401, 422, 503, s200=IgnoresOut))(list_ignores)  # fmt: skip
    app.put(PATH, tags=[TAG], security=SESSION,
            responses=answers(400, 401, 403, 413, 415, 422, 429, 503,
                              s200=IgnoresOut))(save_ignores)  # fmt: skip
    app.delete(PATH, tags=[TAG], security=SESSION,
               responses=answers(401, 403, 422, 429, 503,
                                 s200=IgnoresOut))(delete_ignores)  # fmt: skip


@policy(asked_by="machine", who="person", plugins=True)
def list_ignores(query: IgnoresQuery) -> Response:
    """What I ignore in a file."""
    key = query.file_key
    return _answer(key, web().services.database.list_ignored_findings(signed_in().user_id, key))


@policy(asked_by="machine", who="person", limit="changes_by_person", body="json", plugins=True)
def save_ignores(body: IgnoresIn) -> Response:
    """Replace what I ignore in a file: what is left out is told again. It counts for my team."""
    items = [each.model_dump() for each in body.items]
    key, database = body.file_key, web().services.database
    return _answer(key, database.save_ignored_findings(signed_in().user_id, key, items))


@policy(asked_by="machine", who="person", limit="changes_by_person", plugins=True)
def delete_ignores(query: IgnoresQuery) -> Response:
    """Ignore nothing in a file any more."""
    web().services.database.delete_ignored_findings(signed_in().user_id, query.file_key)
    return _answer(query.file_key, [])


def _answer(file_key: str, items: list[IgnoredFinding]) -> Response:
    return jsonify(file_key=file_key, items=[each.to_json() for each in items])

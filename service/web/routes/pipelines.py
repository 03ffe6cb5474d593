"""Pipelines over the API: started, followed, cancelled, tried again, and their files."""

import base64
import binascii
import hashlib
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request
from flask_openapi3 import OpenAPI, Tag
from pydantic import ValidationError

from service.analysis.request import field_problems
from service.errors import BadRequest, NotFound, ServiceError
from service.pipelines.component_names import BadName, read_name
from service.store.pipeline_records import PipelineView
from service.web.design_bodies import InvalidRequest
from service.web.pipeline_files import file_response
from service.web.pipeline_links import API, LinkError, NoFrame, api_of, page_of, read_frame
from service.web.pipeline_starts import (
    forecast,
    forecast_json,
    push_run,
    retry_run,
    start_run,
)
from service.web.pipeline_views import short_json, whole_json
from service.web.route_policy import policy
from service.web.routes.analyses import body_of
from service.web.routes.analysis_shapes import InvalidAnswer
from service.web.routes.pipeline_shapes import (
    ArtifactPath,
    ArtifactQuery,
    PipelineBegun,
    PipelineIn,
    PipelineList,
    PipelineOut,
    PipelinePath,
    PipelinesQuery,
    PreflightOut,
    PreflightQuery,
)
from service.web.routes.shapes import answers
from service.web.routes.user import BROWSER, SESSION
from service.web.sessions import need_browser, signed_in
from service.web.web_parts import web

TAG = Tag(name="Pipelines")
RETRY_SECONDS = 2
# The store keeps up to 200 characters, and the source stands before the key.
_MOST_KEY = 190
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key again gets the same run: nothing is begun twice where the answer "
    f"was lost. 1 to {_MOST_KEY} printable characters.",
    "schema": {"type": "string", "minLength": 1, "maxLength": _MOST_KEY},
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag that was read: 304 while nothing has changed.",
    "schema": {"type": "string"},
}
_BODY = (400, 413, 415)
_NOTHING_NEW: dict[str, Any] = {"description": "Nothing has changed."}
_FILE: dict[str, Any] = {
    "description": "The file, as a download.",
    "content": {
        kind: {"schema": {"type": "string", "format": "binary"}}
        for kind in ("application/zip", "application/json", "image/png", "text/html")
    },
}


def register(app: OpenAPI) -> None:
    app.post(API, tags=[TAG], security=SESSION,
             openapi_extensions={**body_of(PipelineIn), "parameters": [_KEY]},
             responses=answers(*_BODY, 401, 402, 403, 429, 503, s200=PipelineBegun,
                               s202=PipelineBegun, s422=InvalidAnswer))(begin_pipeline)  # fmt: skip
    app.get(f"{API}/preflight", tags=[TAG], security=SESSION,
            responses=answers(401, 503, s200=PreflightOut,
                              s422=InvalidAnswer))(preflight)  # fmt: skip
    app.get(API, tags=[TAG], security=SESSION,
            responses=answers(400, 401, 422, 503, s200=PipelineList))(list_pipelines)  # fmt: skip
    app.get(f"{API}/<id>", tags=[TAG], security=SESSION,
            openapi_extensions={"parameters": [_IF_NONE_MATCH]},
            responses=answers(401, 404, 422, 503, s200=PipelineOut,
                              s304=_NOTHING_NEW))(show_pipeline)  # fmt: skip
    app.delete(f"{API}/<id>", tags=[TAG], security=SESSION,
               responses=answers(401, 403, 404, 422, 429, 503,
                                 s200=PipelineOut))(cancel_pipeline)  # fmt: skip
    app.post(f"{API}/<id>/retry", tags=[TAG], security=SESSION,
             responses=answers(401, 402, 403, 404, 409, 422, 429, 503,
                               s202=PipelineBegun))(retry_pipeline)  # fmt: skip
    app.post(f"{API}/<id>/push", tags=[TAG], security=BROWSER,
             responses=answers(401, 402, 403, 404, 409, 422, 429, 503, s200=PipelineBegun,
                               s202=PipelineBegun))(push_pipeline)  # fmt: skip
    app.get(f"{API}/<id>/artifacts/<kind>", tags=[TAG], security=SESSION,
            responses=answers(401, 404, 422, 503, s200=_FILE))(show_artifact)  # fmt: skip


@policy(asked_by="machine", who="person", limit="pipelines_by_person", body="json", plugins=True)
def begin_pipeline() -> Response:
    """Build a component from a frame. Reserves a use, which is taken only if the component passes
    its checks. Answers 202, and 200 for a run that the same Idempotency-Key had begun before; ask
    at `Location` how it goes."""
    key = _read_key()
    asked, (file_key, node_id) = _read()
    if asked.options.push:
        need_browser()
    begun = start_run(
        source="api",
        file_key=file_key,
        node_id=node_id,
        component=asked.component,
        options=asked.options.model_dump(),
        key=f"api:{key}" if key else None,
    )
    return _begun(begun.id, begun.state, is_new=begun.is_new)


@policy(asked_by="machine", who="person", plugins=True)
def preflight(query: PreflightQuery) -> Response:
    """What a run of this frame would take: uses of the plan, and calls of the account at Figma, as
    far as its seat and quota are known. Starts nothing, and asks Figma nothing."""
    try:
        file_key, node_id = read_frame(query.figma_url)
    except (LinkError, NoFrame) as error:
        raise InvalidRequest([_problem(error)]) from None
    return jsonify(forecast_json(forecast(file_key), file_key, node_id))


@policy(asked_by="machine", who="person", plugins=True)
def list_pipelines(query: PipelinesQuery) -> Response:
    """Runs of mine and of my team, the newest first."""
    before, before_id = read_cursor(query.cursor)
    runs = web().services.database.list_pipelines(
        signed_in().user_id, before=before, before_id=before_id, limit=query.limit + 1
    )
    shown = runs[: query.limit]
    return jsonify(
        pipelines=[short_json(each) for each in shown],
        next_cursor=cursor_of(shown[-1]) if len(runs) > query.limit else None,
    )


@policy(asked_by="machine", who="person", plugins=True)
def show_pipeline(path: PipelinePath) -> Response:
    """A run of mine or of my team: its stages, figures, cost and files, and what comes next."""
    return _show(find_run(path.id))


@policy(asked_by="machine", who="person", limit="changes_by_person", plugins=True)
def cancel_pipeline(path: PipelinePath) -> Response:
    """Cancel a run; its use is given back. One that has ended stays as it is."""
    web().services.database.cancel_pipeline(signed_in().user_id, path.id.lower())
    return _show(find_run(path.id))


@policy(asked_by="machine", who="person", limit="pipelines_by_person", plugins=True)
def retry_pipeline(path: PipelinePath) -> Response:
    """Try a failed run again, from the stage that failed. Reserves a use."""
    if find_run(path.id).options.get("push"):
        need_browser()
    begun = retry_run(path.id.lower())
    return _begun(begun.id, begun.state, is_new=True)


@policy(asked_by="machine", who="person_in_browser", limit="pipelines_by_person", plugins=True)
def push_pipeline(path: PipelinePath) -> Response:
    """Open a pull request with the component of a run that has passed. Takes no use. However often
    it is asked for, there is one pull request; 200 while it is being pushed already. Nothing is
    pushed by a plugin's token."""
    begun = push_run(find_run(path.id).id)
    return _begun(begun.id, begun.state, is_new=begun.is_new)


@policy(asked_by="machine", who="person", plugins=True)
def show_artifact(path: ArtifactPath, query: ArtifactQuery) -> Response:
    """A file of a run of mine or of my team. HTML and pictures come as downloads too."""
    run = find_run(path.id)
    return file_response(run, path.kind, query.round, query.width)


def find_run(pipeline_id: str) -> PipelineView:
    """A run that this person may see. Raises NotFound alike for one of others and for none."""
    run = web().services.database.show_pipeline(signed_in().user_id, pipeline_id.lower())
    if run is None:
        raise NotFound(
            "You have no such run. Check its address, or sign in as the one who started it."
        )
    return run


def cursor_of(run: Any) -> str:
    """Where the next page begins: after this run."""
    return base64.urlsafe_b64encode(f"{run.created_at.isoformat()}|{run.id}".encode()).decode()


def read_cursor(cursor: str | None) -> tuple[datetime | None, str | None]:
    """Raises BadRequest for a text that is no cursor."""
    if not cursor:
        return None, None
    try:
        at, _, pipeline_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        moment = datetime.fromisoformat(at)
        PipelinePath(id=pipeline_id)
        if moment.tzinfo is None:
            raise ValueError
    except (ValueError, binascii.Error):
        raise BadRequest(
            "This cursor is not one that a page gave. Begin again without one.", code="bad_cursor"
        ) from None
    return moment, pipeline_id


def _problem(error: ServiceError) -> dict[str, str]:
    return {"path": "figma_url", "message": error.message}


def _read() -> tuple[PipelineIn, tuple[str, str]]:
    """The body, and the frame of its link. Raises InvalidRequest, which names each bad field."""
    problems: list[dict[str, str]] = []
    body = request.get_json()
    try:
        asked = PipelineIn.model_validate(body)
    except ValidationError as error:
        problems = field_problems(error)
    link = body.get("figma_url") if isinstance(body, dict) else None
    is_named = any(each["path"] == "figma_url" for each in problems)
    if isinstance(link, str) and not is_named:
        try:
            frame = read_frame(link)
        except (LinkError, NoFrame) as error:
            problems.append(_problem(error))
    name = body.get("component") if isinstance(body, dict) else None
    if isinstance(name, str) and not any(each["path"] == "component" for each in problems):
        try:
            read_name(name)
        except BadName as error:
            problems.append({"path": "component", "message": error.message})
    if problems:
        raise InvalidRequest(problems[:20])
    return asked, frame


def _read_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (1 <= len(key) <= _MOST_KEY and key.isascii() and key.isprintable()):
        raise BadRequest(f"An Idempotency-Key has 1 to {_MOST_KEY} printable characters.")
    return key


def _begun(pipeline_id: str, state: str, *, is_new: bool) -> Response:
    response = jsonify(id=pipeline_id, state=state, is_new=is_new, page=page_of(pipeline_id))
    response.status_code = 202 if is_new else 200
    response.headers["Location"] = api_of(pipeline_id)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _show(run: PipelineView) -> Response:
    told = whole_json(run)
    response = jsonify(told)
    response.set_etag(etag_of(response.get_data()))
    if request.method == "GET":
        response.make_conditional(request)
    return response


def etag_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]

"""Several selections as one job: asked for, how it stands, cancelled."""

import hashlib
import json
from typing import Any
from uuid import uuid4

from flask import Response, g, jsonify, request
from flask_openapi3 import OpenAPI
from pydantic import ValidationError

from service.analysis.canonical import Prepared, prepare
from service.analysis.request import AnalysisRequest, field_problems
from service.errors import BadRequest, NotFound, ServiceError, Unprocessable
from service.store.analysis_records import Batch, Standing
from service.web.analysis_limits import WINDOW_SECONDS
from service.web.design_bodies import MAX_BATCH, InvalidRequest
from service.web.off_loop import off_loop
from service.web.route_policy import policy
from service.web.routes.analyses import (
    PATH,
    REFUSALS,
    RETRY_SECONDS,
    TAG,
    body_of,
    finished,
    item_of,
)
from service.web.routes.analysis_shapes import (
    AnalysisBatchIn,
    AnalysisPath,
    BatchBegun,
    BatchOut,
    InvalidAnswer,
)
from service.web.routes.shapes import answers
from service.web.routes.user import SESSION
from service.web.sessions import signed_in
from service.web.web_parts import web

_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key again gets the same batch, for a day: nothing is begun twice "
    "where the answer was lost. 1 to 200 printable characters.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
_MOST_KEY = 200


def register(app: OpenAPI) -> None:
    app.post(f"{PATH}/batch", tags=[TAG], security=SESSION,
             openapi_extensions={**body_of(AnalysisBatchIn), "parameters": [_KEY]},
             responses=answers(*REFUSALS, s202=BatchBegun,
                               s422=InvalidAnswer))(begin_batch)  # fmt: skip
    app.get(f"{PATH}/batch/<id>", tags=[TAG], security=SESSION,
            responses=answers(401, 404, 422, 429, 503, s200=BatchOut))(show_batch)  # fmt: skip
    app.delete(f"{PATH}/batch/<id>", tags=[TAG], security=SESSION,
               responses=answers(401, 403, 404, 422, 429, 503,
                                 s200=BatchOut))(cancel_batch)  # fmt: skip


@policy(asked_by="machine", who="person", limit="analyses", body="designs", plugins=True)
def begin_batch() -> Response:
    """Analyse up to 20 selections. Each is a use, and is refused or fails by itself; none is begun
    where one has mistakes. Ask at `Location` how it goes. Results are kept for a day."""
    key = _read_key()
    prepared = off_loop(_read, g.design)
    limits = web().analysis_limits
    placed = web().services.analyses.request_analysis_batch(
        signed_in().user_id,
        str(uuid4()),
        [item_of(each) for each in prepared],
        idempotency_key=key,
        fingerprint=_fingerprint(g.design),
        limit=limits.per_person,
        window_seconds=WINDOW_SECONDS,
        unbilled_microusd=web().live.current().unbilled_microusd_per_day,
    )
    if placed.state == "limited":
        assert placed.window is not None
        raise limits.refuse(placed.window)
    if not placed.is_same:
        raise Unprocessable(
            "This Idempotency-Key was used for another request. Make a new key for a new request.",
            code="idempotency_key_reused",
        )
    g.rate_window = placed.window
    response = jsonify(id=placed.id)
    response.status_code = 202
    response.headers["Location"] = f"{PATH}/batch/{placed.id}"
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


@policy(asked_by="machine", who="person", plugins=True)
def show_batch(path: AnalysisPath) -> Response:
    """How a batch of mine stands, its items in the order in which they were sent."""
    batch = web().services.analyses.get_analysis_batch(signed_in().user_id, path.id)
    if batch is None:
        raise NotFound("You have no such batch, or it was more than a day ago.")
    return _answer(batch)


@policy(asked_by="machine", who="person", limit="changes_by_person", plugins=True)
def cancel_batch(path: AnalysisPath) -> Response:
    """Cancel what has not begun, and give its uses back. What has begun goes on."""
    return _answer(web().services.analyses.cancel_analysis_batch(signed_in().user_id, path.id))


def _read_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (1 <= len(key) <= _MOST_KEY and key.isascii() and key.isprintable()):
        raise BadRequest(f"An Idempotency-Key has 1 to {_MOST_KEY} printable characters.")
    return key


def _read(body: Any) -> list[Prepared]:
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_BATCH:
        said = f"This has to be a list of 1 to {MAX_BATCH} analyses."
        raise InvalidRequest([{"path": "items", "message": said}])
    read, problems = [], []
    for at, item in enumerate(items):
        try:
            read.append(prepare(AnalysisRequest.model_validate(item)))
        except ValidationError as error:
            problems += [
                {**each, "path": f"items[{at}].{each['path']}".removesuffix(".")}
                for each in field_problems(error)
            ]
    if problems:
        raise InvalidRequest(problems[:20])
    return read


def _fingerprint(body: Any) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _answer(batch: Batch) -> Response:
    items = [_item(at, each) for at, each in enumerate(batch.items)]
    states = [each["state"] for each in items]
    is_open = bool({"queued", "running"} & set(states))
    begun = {"queued"} != set(states)
    over = "cancelled" if batch.is_cancelled else "done"
    counts = {name: states.count(name) for name in ("done", "failed", "cancelled")}
    return jsonify(
        id=batch.id,
        state=("running" if begun else "queued") if is_open else over,
        counts={"total": len(items), **counts},
        items=items,
    )


def _item(at: int, standing: Standing) -> dict[str, Any]:
    if standing.state in ("queued", "working"):
        return {"index": at, "state": "running" if standing.state == "working" else "queued"}
    if standing.state == "cancelled":
        return {"index": at, "state": "cancelled"}
    try:
        return {"index": at, "state": "done", "result": finished(standing)}
    except ServiceError as error:
        return {"index": at, "state": "failed", "error": error.to_json()}

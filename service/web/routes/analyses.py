"""Analyses of a selection: asked for, waited for, read again, and what became of suggestions."""

from typing import Any
from uuid import uuid4

from flask import Response, g, jsonify
from flask_openapi3 import OpenAPI, Tag
from pydantic import ValidationError

from service.analysis.canonical import Prepared, prepare
from service.analysis.request import AnalysisRequest, field_problems
from service.answering.analysis_refusals import refusal_of
from service.errors import Conflict, NotFound
from service.observing import metrics
from service.store.analysis_records import OverLimit, Standing
from service.web.analysis_answers import (
    OwnIds,
    content_of,
    done_json,
    measured_answer,
    measured_for,
    own_answer,
    use_json,
)
from service.web.analysis_limits import WINDOW_SECONDS
from service.web.design_bodies import InvalidRequest
from service.web.off_loop import off_loop
from service.web.request_cycle import request_id, trace_parent
from service.web.route_policy import policy
from service.web.routes.analysis_shapes import (
    AnalysisDone,
    AnalysisIn,
    AnalysisMeasured,
    AnalysisPath,
    AnalysisWaiting,
    InvalidAnswer,
    OutcomesIn,
)
from service.web.routes.shapes import answers
from service.web.routes.user import SESSION
from service.web.sessions import signed_in
from service.web.web_parts import web

TAG = Tag(name="Analyses")
PATH = "/api/analyze"
RETRY_SECONDS = 2
# What these routes refuse alike; 422 names the fields.
REFUSALS = (400, 401, 403, 413, 415, 429, 503)


def register(app: OpenAPI) -> None:
    app.post(PATH, tags=[TAG], security=SESSION, openapi_extensions=body_of(AnalysisIn),
             responses=answers(402, 404, *REFUSALS, s200=AnalysisDone, s202=AnalysisWaiting,
                               s422=InvalidAnswer))(analyze)  # fmt: skip
    app.post(f"{PATH}/measure", tags=[TAG], security=SESSION,
             openapi_extensions=body_of(AnalysisIn),
             responses=answers(*REFUSALS, s200=AnalysisMeasured,
                               s422=InvalidAnswer))(measure_only)  # fmt: skip
    app.get(f"{PATH}/<id>", tags=[TAG], security=SESSION,
            responses=answers(401, 404, 409, 422, 429, 503, s200=AnalysisDone,
                              s202=AnalysisWaiting))(show_analysis)  # fmt: skip
    app.post(f"{PATH}/<id>/outcomes", tags=[TAG], security=SESSION,
             responses=answers(400, 401, 403, 404, 413, 415, 422, 429, 503,
                               s204=None))(note_outcomes)  # fmt: skip


def body_of(model: type) -> dict[str, Any]:
    """The description of a body that the view reads by itself. ``api_document`` adds the model."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@policy(asked_by="machine", who="person", limit="analyses", body="design", plugins=True)
def analyze() -> Response:
    """Analyse a selection: facts that rules measured, with words of a model, and with changes that
    would remove a finding.

    Takes a use of the plan for words of a model, and none where they are fixed or were there
    before. Answers 202 where it takes longer than 25 seconds: ask at `Location` again.
    """
    prepared = off_loop(read_design, g.design)
    found = _request(prepared)
    if isinstance(found, OverLimit):
        metrics.ANALYSES.labels("limited").inc()
        raise web().analysis_limits.refuse(found.window)
    g.rate_window = found.window
    metrics.ANALYSES.labels(_outcome(found)).inc()
    if found.state in ("queued", "working"):
        web().services.endings.wait(found.leader_id, web().settings.analysis_wait_seconds)
        # Without a change the row tells the same again.
        found = _find(found.id)
    return _answer(found, prepared)


@policy(asked_by="machine", who="person", limit="analyses", body="design", plugins=True)
def measure_only() -> Response:
    """Measure a selection, without words of a model. Free, also when no use is left."""
    prepared = off_loop(read_design, g.design)
    limits = web().analysis_limits
    measuring = web().services.analyses.count_measuring(
        signed_in().user_id, limit=limits.per_person, window_seconds=WINDOW_SECONDS
    )
    if not measuring.window.is_allowed:
        raise limits.refuse(measuring.window)
    g.rate_window = measuring.window
    return jsonify(
        state="done",
        type=prepared.request.type,
        source="measured",
        model=None,
        cached=False,
        **content_of(off_loop(measured_answer, prepared, measuring.house_rules)),
        use=use_json(measuring.usage, is_charged=False),
    )


@policy(asked_by="machine", who="person", plugins=True)
def show_analysis(path: AnalysisPath) -> Response:
    """An analysis of mine: the answer, or 202 while it is made. Kept for a day."""
    return _answer(_find(path.id), None)


@policy(asked_by="machine", who="person", limit="outcomes_by_person", body="json", plugins=True)
def note_outcomes(path: AnalysisPath, body: OutcomesIn) -> tuple[str, int]:
    """What became of suggestions: applied, undone or ignored. The latest word on each counts."""
    told = [each.model_dump() for each in body.outcomes]
    web().services.database.note_outcomes(signed_in().user_id, path.id, told)
    return "", 204


def read_design(body: Any) -> Prepared:
    """The request in its canonical form. Raises InvalidRequest."""
    try:
        return prepare(AnalysisRequest.model_validate(body))
    except ValidationError as error:
        raise InvalidRequest(field_problems(error)) from None


def item_of(prepared: Prepared) -> dict[str, Any]:
    """What SQL keeps of one analysis."""
    return {
        "id": str(uuid4()),
        "type": prepared.request.type,
        "key": prepared.cache_key,
        "request": prepared.request.model_dump(mode="json"),
        "refs": OwnIds.of(prepared).to_json(),
        "request_id": request_id(),
        "trace_parent": trace_parent(),
    }


def _request(prepared: Prepared) -> Standing | OverLimit:
    return web().services.analyses.request_analysis(
        signed_in().user_id,
        item_of(prepared),
        limit=web().analysis_limits.per_person,
        window_seconds=WINDOW_SECONDS,
        unbilled_microusd=web().live.current().unbilled_microusd_per_day,
    )


def _outcome(found: Standing) -> str:
    if found.is_cached:
        return "cached" if found.state == "done" else "joined"
    return "measured" if found.source == "measured" else found.state


def _find(analysis_id: str) -> Standing:
    found = web().services.analyses.get_analysis(signed_in().user_id, analysis_id)
    if found is None:
        raise NotFound(
            "You have no such analysis, or it was more than a day ago. Ask for it again."
        )
    return found


def _answer(found: Standing, prepared: Prepared | None) -> Response:
    if found.state in ("queued", "working"):
        state = "running" if found.state == "working" else "queued"
        response = jsonify(id=found.id, state=state)
        response.status_code = 202
        response.headers["Location"] = f"{PATH}/{found.id}"
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response
    return jsonify(finished(found, prepared))


def finished(found: Standing, prepared: Prepared | None = None) -> dict[str, Any]:
    """The whole answer of an analysis that has ended. ``prepared``: what was asked, if the process
    still has it. Raises the error of one that was refused or cancelled, or is no longer kept."""
    if found.state == "refused":
        raise refusal_of(found.reason, found.usage, web().settings)
    if found.state == "cancelled":
        raise Conflict("This analysis was cancelled before it began.", code="cancelled")
    ids = OwnIds.from_json(found.refs)
    if found.result is not None:
        answer = own_answer(found.result, ids)
    elif prepared is not None:
        answer = off_loop(measured_answer, prepared, found.house_rules or "")
    elif found.request is not None:
        # It failed for good. Rules can still tell what they measure.
        answer = off_loop(_measure_again, found.request, ids, found.house_rules or "")
    else:
        raise NotFound("This review was made by rules and is not kept. Ask for it again.")
    return done_json(found, answer)


def _measure_again(kept: Any, ids: OwnIds, house_rules: str) -> dict[str, Any]:
    return measured_for(prepare(AnalysisRequest.model_validate(kept)), ids, house_rules)

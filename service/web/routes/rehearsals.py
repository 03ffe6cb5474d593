"""What the buddy would have said: a guidance is tried on the person's latest questions before it is
saved."""

from datetime import datetime
from typing import Literal

from flask import jsonify
from flask_openapi3 import OpenAPI
from pydantic import BaseModel, Field
from werkzeug.wrappers import Response

from service.errors import NotFound
from service.store.rehearsal_records import CEILING_MICROUSD, Rehearsal
from service.web.request_cycle import request_id
from service.web.route_policy import policy
from service.web.routes.previews import as_posted
from service.web.routes.shapes import ContextIn, Id, Strict, answers
from service.web.routes.user import SESSION, TAG
from service.web.sessions import signed_in
from service.web.web_parts import web

PATH = "/api/user/rehearsals"
RETRY_SECONDS = 1
# How many questions the page offers to try.
CHOICES = (5, 10, 20)


class RehearsalChoice(BaseModel):
    questions: int
    cost_microusd: int | None = Field(
        description="What these cost to answer before, in micro-dollars; null: not known."
    )


class RehearsalOfferOut(BaseModel):
    left: int = Field(description="How many rehearsals may begin now: five in any 24 hours.")
    questions: int = Field(description="How many questions there are to try, at most 20.")
    choices: list[RehearsalChoice]


class RehearsalIn(Strict):
    guidance: ContextIn
    questions: int = Field(default=5, ge=1, le=20, description="The latest so many.")


class RehearsalBegun(BaseModel):
    id: str


class RehearsedOut(BaseModel):
    number: int = Field(description="From 1, the latest question first.")
    answer_id: str
    state: Literal["waiting", "asking", "done", "failed"]
    code: str = Field(description="Why it failed: ceiling_reached, day_spend, worker_lost.")
    question: str
    asked_at: datetime
    file_name: str
    said: str
    said_version: int = Field(description="Version of the guidance of then.")
    said_model: str
    would_say: str
    source: Literal["model", "measured"] | None
    provider: str
    model: str
    cost_microusd: int | None
    latency_ms: int


class RehearsalOut(BaseModel):
    id: str
    state: Literal["queued", "working", "done"]
    created_at: datetime
    ended_at: datetime | None
    ceiling_microusd: int = Field(description="The most that all its model calls may cost.")
    cost_microusd: int = Field(description="What they cost so far. It is ours, not yours.")
    unpriced: int = Field(description="Answers whose cost is not known.")
    answers: list[RehearsedOut]


class RehearsalPath(BaseModel):
    id: Id


def register(app: OpenAPI) -> None:
    app.get(f"{PATH}/offer", tags=[TAG], security=SESSION,
            responses=answers(401, 404, 503, s200=RehearsalOfferOut))(offer_rehearsal)  # fmt: skip
    app.post(PATH, tags=[TAG], security=SESSION,
             responses=answers(400, 401, 403, 404, 409, 413, 415, 422, 429, 503,
                               s202=RehearsalBegun))(start_rehearsal)  # fmt: skip
    app.get(f"{PATH}/<id>", tags=[TAG], security=SESSION,
            responses=answers(401, 404, 422, 503, s200=RehearsalOut))(show_rehearsal)  # fmt: skip


@policy(asked_by="machine", who="person", plugins=True)
def offer_rehearsal() -> Response:
    """How many of my questions a guidance can be tried on, and what that would cost the service."""
    offer = web().services.database.offer_rehearsal(signed_in().user_id)
    counts = [each for each in CHOICES if each < offer.questions]
    if offer.questions:
        counts.append(offer.questions)
    choices = [{"questions": each, "cost_microusd": offer.cost_of(each)} for each in counts]
    return jsonify(left=offer.left, questions=offer.questions, choices=choices)


@policy(asked_by="machine", who="person", limit="changes_by_person", body="json", plugins=True)
def start_rehearsal(body: RehearsalIn) -> Response:
    """Answer my latest questions with this guidance, without saving it.

    Nothing is posted and no use is taken. The answers are made from what was measured for these
    questions then. They stand at `Location`, as they come, for seven days.
    """
    rehearsal_id = web().services.database.start_rehearsal(
        signed_in().user_id,
        body.guidance.model_dump(),
        body.questions,
        CEILING_MICROUSD,
        request_id(),
    )
    response = jsonify(id=rehearsal_id)
    response.status_code = 202
    response.headers["Location"] = f"{PATH}/{rehearsal_id}"
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


@policy(asked_by="machine", who="person", plugins=True)
def show_rehearsal(path: RehearsalPath) -> Response:
    """What was said to each question, and what would be said."""
    found = web().services.database.get_rehearsal(signed_in().user_id, path.id.lower())
    if found is None:
        raise NotFound("There is no such rehearsal: they are kept for seven days.")
    return _answer(found)


def _answer(rehearsal: Rehearsal) -> Response:
    told = rehearsal.to_json()
    for each in told["answers"]:
        # As it stands, or would stand, in a thread.
        each |= {name: as_posted(each[name]) for name in ("said", "would_say")}
    response = jsonify(told)
    if rehearsal.state != "done":
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response

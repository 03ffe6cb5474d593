"""Drafted answers that wait for the owner of their webhook: list them, post, edit or drop one."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from flask import jsonify
from flask_openapi3 import OpenAPI
from pydantic import BaseModel, Field, StringConstraints
from werkzeug.wrappers import Response

from service.errors import BadRequest
from service.figma.replies import clean_reply_text
from service.store.answer_records import WaitingDraft
from service.web.route_policy import policy
from service.web.routes.shapes import Id, Strict, answers
from service.web.routes.user import SESSION
from service.web.routes.user_webhooks import TAG
from service.web.sessions import signed_in
from service.web.web_parts import web

PATH = "/api/previews"
# As long as what models write may be.
MAX_BODY_CHARS = 2_500
Words = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_BODY_CHARS, pattern=r"^[^\x00]*$")
]


class WaitingDraftOut(BaseModel):
    answer_id: str
    author_handle: str = Field(description="Who asked.")
    question: str
    file_key: str
    file_name: str
    root_comment_id: str
    body: str = Field(description="What would be posted, without the lines a reply ends with.")
    asked_at: datetime
    until: datetime = Field(description="When it expires, which is said in the thread.")


class WaitingDrafts(BaseModel):
    previews: list[WaitingDraftOut]


class PreviewPath(BaseModel):
    id: Id


class PreviewChoice(Strict):
    choice: Literal["post", "drop"]
    body: Words | None = Field(
        default=None, description="Other words to post; left out: those of the draft."
    )


class PreviewDecided(BaseModel):
    choice: Literal["post", "drop"]
    body: str | None = Field(
        description="What is posted of other words: without mentions, markup, and addresses that "
        "the draft did not have. Null: those of the draft."
    )


def register(app: OpenAPI) -> None:
    app.get(PATH, tags=[TAG], security=SESSION,
            responses=answers(401, 503, s200=WaitingDrafts))(list_previews)  # fmt: skip
    app.post(f"{PATH}/<id>", tags=[TAG], security=SESSION,
             responses=answers(400, 401, 403, 404, 409, 413, 415, 422, 429, 503,
                               s200=PreviewDecided))(decide_preview)  # fmt: skip


@policy(asked_by="machine", who="person", plugins=True)
def list_previews() -> Response:
    """Drafted answers that wait for me, oldest first."""
    return jsonify(previews=[preview_json(each) for each in waiting_drafts(signed_in().user_id)])


@policy(asked_by="machine", who="person", limit="changes_by_person", body="json", plugins=True)
def decide_preview(path: PreviewPath, body: PreviewChoice) -> Response:
    """Post a drafted answer, as it is or in other words, or drop it.

    A dropped one takes no use. Saying the same again is fine. The thread is told when the words
    are not the draft's.
    """
    words = None
    if body.body is not None and body.choice == "post":
        words = as_posted(body.body)
        if not any(each.isalnum() for each in words):
            raise BadRequest("Nothing is left of this to post. Write some words, or drop it.")
    choice = web().services.database.decide_preview(
        signed_in().user_id, path.id.lower(), body.choice, words
    )
    return jsonify(choice=choice, body=words)


def waiting_drafts(user_id: str) -> list[WaitingDraft]:
    """The drafts that wait for somebody, in the words that would be posted."""
    rows = web().services.database.list_previews(user_id)
    return [replace(each, body=as_posted(each.body, each.links)) for each in rows]


def as_posted(text: str, links: Iterable[str] = ()) -> str:
    """What of a text may stand in a thread."""
    addressing = web().live.current().addressing
    return clean_reply_text(text, addressing=addressing, allowed_links=links).strip()


def preview_json(draft: WaitingDraft) -> dict[str, Any]:
    told = draft.to_json()
    del told["links"]
    return told

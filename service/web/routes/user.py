"""The person's own account through the API: who I am, my guidance, sign out, delete everything."""

import re
from dataclasses import asdict
from typing import Any

from flask import jsonify, request
from flask_openapi3 import OpenAPI, Tag
from werkzeug.wrappers import Response

from service.errors import BadRequest, NotFound, PreconditionFailed, PreconditionRequired
from service.store.people_records import SavedContext
from service.switching.switching_on import Switching
from service.web.route_policy import policy
from service.web.routes.shapes import (
    AccountDeleted,
    ContextIn,
    ContextOut,
    Me,
    ModelSharingIn,
    ModelSharingState,
    SignedOut,
    StaleAnswer,
    WebhookLeft,
    answers,
)
from service.web.sessions import (
    clear_cookie,
    find_session,
    need_same_origin,
    signed_in,
)
from service.web.web_parts import web

TAG = Tag(name="Account")
BROWSER: list[dict[str, list[Any]]] = [{"cookie": []}]
SESSION: list[dict[str, list[Any]]] = [*BROWSER, {"bearer": []}]
_VERSION = re.compile(r'(?:W/)?"?v?(\d{1,9})"?')


class StaleContext(PreconditionFailed):
    """Carries the guidance in force, so that the person can choose."""

    def __init__(self, current: SavedContext):
        super().__init__(
            "Your guidance was changed elsewhere since you opened it. Look at the newer version, "
            "then save yours again or keep that one."
        )
        self.current = current


def register(app: OpenAPI) -> None:
    app.get("/api/user/me", tags=[TAG], security=SESSION,
            responses=answers(401, 503, s200=Me))(show_me)  # fmt: skip
    app.delete("/api/user/me", tags=[TAG], security=BROWSER,
               responses=answers(401, 403, 429, 503, s200=AccountDeleted))(delete_me)  # fmt: skip
    app.get("/api/user/context", tags=[TAG], security=SESSION,
            responses=answers(401, 404, 503, s200=ContextOut))(show_context)  # fmt: skip
    app.put("/api/user/context", tags=[TAG], security=SESSION,
            responses=answers(400, 401, 403, 404, 413, 415, 422, 428, 429, 503, s200=ContextOut,
                              s412=StaleAnswer),
            openapi_extensions={"parameters": [_IF_MATCH]})(save_context)  # fmt: skip
    shown = answers(401, 403, 404, 503, s200=ModelSharingState)
    app.get("/api/model-sharing", tags=[TAG], security=BROWSER,
            responses=shown)(show_model_sharing)  # fmt: skip
    app.put("/api/model-sharing", tags=[TAG], security=BROWSER,
            responses=answers(400, 401, 403, 404, 409, 413, 415, 422, 429, 503,
                              s200=ModelSharingState))(choose_model_sharing)  # fmt: skip
    app.post("/api/auth/logout", tags=[TAG], endpoint="sign_out", security=[{}, *SESSION],
             responses=answers(403, 429, 503, s200=SignedOut))(sign_out)  # fmt: skip


_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The one ETag that was read; `*` and lists are not understood (400). Without it "
    "nothing is saved (428).",
    "schema": {"type": "string"},
    "example": '"v3"',
}


@policy(asked_by="machine", who="person", plugins=True)
def show_me() -> Response:
    """Who is signed in, their plan and how many uses are left."""
    account = web().services.database.get_account(signed_in().user_id)
    if account is None:
        raise NotFound("This account does not exist any more.")
    return jsonify(
        user=account.user.to_json(),
        usage=account.usage.to_json(),
        model_sharing=account.sharing.level,
        needs_sign_in=account.needs_sign_in,
    )


@policy(asked_by="machine", who="person_in_browser", limit="changes_by_person", plugins=True)
def delete_me() -> Response:
    """Delete the account: webhooks at Figma, tokens, guidance, texts. It cannot be undone.

    The person's own plan ends too. Only for a browser: a plugin gets 403.
    """
    session = signed_in()
    services = web().services
    deleted, left = Switching(services).delete_all(session.user_id)
    hashed = services.vault.keyed_hash(session.figma_user_id)
    services.database.delete_account(session.user_id, hashed)
    report = AccountDeleted(
        webhooks_deleted=deleted, webhooks_left=[WebhookLeft(**asdict(each)) for each in left]
    )
    response = jsonify(report.model_dump())
    clear_cookie(response)
    return response


@policy(asked_by="machine", who="person", plugins=True)
def show_context() -> Response:
    """The guidance in force; its version is the ETag."""
    return _context_answer(_read_context(signed_in().user_id))


@policy(asked_by="machine", who="person", limit="changes_by_person", body="json", plugins=True)
def save_context(body: ContextIn) -> Response:
    """Replace the guidance, if the version in If-Match is still the one in force."""
    user_id = signed_in().user_id
    given = request.headers.get("If-Match")
    if given is None:
        raise PreconditionRequired(
            "Say which version you changed: send the ETag you read as If-Match."
        )
    version = _VERSION.fullmatch(given.strip())
    if version is None:
        raise BadRequest(
            'If-Match has to name one version: send the ETag you read, for instance "v3".'
        )
    try:
        saved = web().services.database.save_context(
            user_id, int(version[1]), body.model_dump(), "user"
        )
    except PreconditionFailed:
        raise StaleContext(_read_context(user_id)) from None
    return _context_answer(saved)


@policy(asked_by="machine", who="person_in_browser")
def show_model_sharing() -> Response:
    """What may leave for providers of AI models, for my team or for me without one."""
    found = web().services.database.show_model_sharing(signed_in().user_id)
    if found is None:
        raise NotFound("This account does not exist any more.")
    return jsonify(found.to_json())


@policy(asked_by="machine", who="person_in_browser", limit="changes_by_person", body="json")
def choose_model_sharing(body: ModelSharingIn) -> Response:
    """Choose it, for my whole team if I am in one. It counts from the next question on.

    Everybody in a team may let less out. More is let out only by whoever chose the present level,
    as far as the choices of others allow, or by support (409).
    """
    database = web().services.database
    return jsonify(database.set_model_sharing(signed_in().user_id, body.level).to_json())


@policy(asked_by="machine", who="checked_inside", plugins=True)
def sign_out() -> Response:
    """End this session. In the browser, this also ends the sessions of the person's plugins.

    Signing out twice is fine.
    """
    session = find_session()
    if session is not None:
        if session.is_browser:
            need_same_origin()
        web().services.database.end_session(session.token_hash, with_plugins=session.is_browser)
    response = jsonify(SignedOut().model_dump())
    clear_cookie(response)
    return response


def _read_context(user_id: str) -> SavedContext:
    context = web().services.database.get_context(user_id)
    if context is None:
        raise NotFound("This account has no guidance any more.")
    return context


def _context_answer(context: SavedContext) -> Response:
    response = jsonify(context.to_json())
    response.set_etag(f"v{context.version}")
    return response

"""Where the plugin collects the session that a person approved in the browser."""

from flask import jsonify
from flask_openapi3 import OpenAPI, Tag
from werkzeug.wrappers import Response

from service.errors import ServiceError
from service.secrets.encryption import challenge_of, new_token, token_hash
from service.web.route_policy import policy
from service.web.routes.shapes import PluginSecret, PluginSession, PluginWaiting, answers
from service.web.sessions import session_end, session_label
from service.web.web_parts import web

TAG = Tag(name="Plugin")


class HandoverOver(ServiceError):
    status, code = 410, "handover_over"


def register(app: OpenAPI) -> None:
    app.post(
        "/api/auth/plugin/session",
        tags=[TAG],
        responses=answers(
            400, 410, 413, 415, 422, 429, 503, s200=PluginSession, s202=PluginWaiting
        ),
    )(collect_session)


@policy(asked_by="machine", limit="by_address", body="json", plugins=True)
def collect_session(body: PluginSecret) -> tuple[Response, int]:
    """The plugin asks every few seconds: 202 until the person has agreed, then 200 once.

    The plugin sends its secret nowhere else. The browser was opened with
    `/api/auth/figma-oauth?plugin=` and base64url(sha256(secret)) without padding. Both sides show
    the first eight hex digits of sha256(that challenge), so that a person can compare them. The
    session ends at `expires_at`, or earlier if it is not used for SESSION_IDLE_DAYS.
    """
    token, expires_at = new_token(), session_end()
    outcome = web().services.database.collect_handover(
        challenge_of(body.secret), token_hash(token), expires_at, session_label()
    )
    if outcome == "collected":
        return jsonify(token=token, expires_at=expires_at.isoformat()), 200
    if outcome == "waiting":
        return jsonify(PluginWaiting().model_dump()), 202
    raise HandoverOver("This sign-in is over. Start a new one in the plugin.")

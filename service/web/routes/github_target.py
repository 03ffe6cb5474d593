"""Where finished components are pushed to at GitHub: see, set and remove it. Never its token."""

from typing import Any

from flask import jsonify
from flask_openapi3 import OpenAPI, Tag
from werkzeug.wrappers import Response

from service.pipelines.pushing.target_setting import GivenTarget, set_target
from service.store.target_records import ShownTarget
from service.web.route_policy import policy
from service.web.routes.github_shapes import (
    PushTargetAnswer,
    PushTargetIn,
    PushTargetRemoved,
    PushTargetSet,
)
from service.web.routes.shapes import answers
from service.web.routes.user import BROWSER
from service.web.sessions import signed_in
from service.web.web_parts import web

TAG = Tag(name="Pipelines")
PATH = "/api/push-target"


def register(app: OpenAPI) -> None:
    app.get(PATH, tags=[TAG], security=BROWSER,
            responses=answers(401, 403, 503, s200=PushTargetAnswer))(show_push_target)  # fmt: skip
    app.put(PATH, tags=[TAG], security=BROWSER,
            responses=answers(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 502, 503,
                              s200=PushTargetSet))(set_push_target)  # fmt: skip
    app.delete(PATH, tags=[TAG], security=BROWSER,
               responses=answers(401, 403, 429, 503,
                                 s200=PushTargetRemoved))(remove_push_target)  # fmt: skip


@policy(asked_by="machine", who="person_in_browser")
def show_push_target() -> Response:
    """Where my team's components go at GitHub, or mine if I am in no team. Never the token."""
    found = web().services.database.show_target(signed_in().user_id)
    return jsonify(target=target_json(found) if found else None, app_is_offered=app_is_offered())


@policy(asked_by="machine", who="person_in_browser", limit="changes_by_person", body="json")
def set_push_target(body: PushTargetIn) -> Response:
    """Set it, after the token was tried at GitHub: nothing is written to any branch by that.

    With an installation of the App, the token only shows that I may write to the repository; it is
    not kept.
    """
    services = web().services
    given = GivenTarget(
        body.repository,
        body.base_branch,
        body.folder,
        body.token.get_secret_value(),
        body.installation_id,
    )
    shown, told = set_target(
        given, signed_in().user_id, services.database, services.vault, services.github
    )
    return jsonify(target=target_json(shown), message=told)


@policy(asked_by="machine", who="person_in_browser", limit="changes_by_person")
def remove_push_target() -> Response:
    """Forget it and its token. Pull requests that were opened stay as they are."""
    removed = web().services.database.remove_target(signed_in().user_id)
    message = (
        "Components are no longer pushed to GitHub, and the token is forgotten here. Revoke it at "
        "GitHub as well if nothing else uses it."
        if removed
        else "There was no repository set."
    )
    return jsonify(removed=removed, message=message)


def app_is_offered() -> bool:
    """Whether this service has a GitHub App."""
    return web().services.github.app_tokens.is_set_up


def target_json(found: ShownTarget) -> dict[str, Any]:
    """A setting as the API and the page show it."""
    return {
        **found.to_json(),
        "signs_in_with": "token" if found.installation_id is None else "app",
    }

"""For operators and their tools: health, readiness, metrics, the API description. And the rules of
the review, for everybody."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, make_response, render_template, request
from flask_openapi3 import OpenAPI, Tag

from service.errors import ServiceError, SignInNeeded
from service.observing import metrics
from service.secrets.encryption import is_same
from service.web.route_policy import policy
from service.web.routes.shapes import ErrorAnswer, Health, Readiness, answers
from service.web.sessions import find_session
from service.web.web_parts import web

if TYPE_CHECKING:
    from service.review.facts import Kind, Sure

TAG = Tag(name="Operations")
_LOOPBACK = ("127.0.0.1", "::1")
# What the rules are about, and how sure they can be, in the words of their page.
_KINDS: Mapping["Kind", str] = {
    "contrast": "Contrast of text",
    "non_text_contrast": "Contrast of controls",
    "target_size": "Tap targets",
    "type_size": "Text",
    "spacing": "Spacing",
    "layout": "Layout",
    "colour": "Colour",
    "tokens": "Styles and variables",
    "layers": "Layers",
    "states": "States",
}
_SURENESS: Mapping["Sure", str] = {
    "A": "what it calls a problem is one.",
    "B": "with its exemptions it is right nearly always.",
    "C": "a question to a person, and never called a problem.",
}


def register(app: OpenAPI) -> None:
    app.get("/healthz", tags=[TAG], responses=answers(s200=Health))(show_health)
    app.get("/readyz", tags=[TAG], responses=answers(s200=Readiness, s503=Readiness))(
        show_readiness
    )
    prometheus = {"content": {"text/plain": {"schema": {"type": "string"}}}}
    app.get("/metrics", tags=[TAG], security=[{}, {"bearer": []}],
            responses=answers(s401=ErrorAnswer, s200=prometheus))(show_metrics)  # fmt: skip

    @policy(asked_by="machine")
    def openapi() -> Response:
        return jsonify(app.api_doc)

    @policy(asked_by="browser")
    def docs() -> Response:
        return show_docs(app.api_doc)

    app.add_url_rule("/openapi.json", view_func=openapi)
    app.add_url_rule("/docs", view_func=docs)
    app.add_url_rule("/docs/rules", view_func=show_rules, methods=["GET"])


@policy(asked_by="machine")
def show_health() -> Response:
    """The process is up. This does not check what it depends on."""
    return jsonify(Health().model_dump())


@policy(asked_by="machine")
def show_readiness() -> tuple[Response, int]:
    """Whether the service can do its work.

    Checks that the database is reached and its schema applied, that deliveries can be stored, and
    that the keys decrypt what is stored. Figma is not asked.
    """
    checks = {
        "database": _check(web().services.database.ping),
        "deliveries": _check(web().services.delivery_store.ping),
        "encryption": _check(web().keys.ping),
    }
    is_ready = all(result == "ok" for result in checks.values())
    status = "ready" if is_ready else "not_ready"
    return jsonify(status=status, checks=checks), 200 if is_ready else 503


def _check(ping: Callable[[], None]) -> str:
    try:
        ping()
    except ServiceError as error:
        return error.message
    return "ok"


@policy(asked_by="machine", who="checked_inside")
def show_metrics() -> Response:
    """Prometheus metrics. For loopback, or with METRICS_TOKEN as a bearer token."""
    token = web().settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token is None:
        is_allowed = request.remote_addr in _LOOPBACK and "X-Forwarded-For" not in request.headers
    else:
        is_allowed = is_same(given, token.get_secret_value())
    if not is_allowed:
        raise SignInNeeded("Send METRICS_TOKEN as a bearer token.", code="token_needed")
    body, content_type = metrics.render(web().queue)
    return Response(body, content_type=content_type)


def show_docs(document: dict[str, Any]) -> Response:
    """The API description as a page for people."""
    return make_response(render_template("docs.html", document=document))


@policy(asked_by="browser")
def show_rules() -> Response:
    """The measuring rules as a page, made from the rules themselves. People who are signed in see
    which are off by their own guidance."""
    from service.review import Options, with_house_rules
    from service.review.rules import RULES

    session = find_session()
    context = web().services.database.get_context(session.user_id) if session else None
    house = with_house_rules(Options(), context.design_system_rules if context else "")
    page = render_template(
        "rules.html",
        session=session,
        rules=RULES,
        kinds=_KINDS,
        sureness=_SURENESS,
        off=house.off,
        grid=house.grid,
    )
    return make_response(page)

"""What comes before and after every request for an analysis: the cheap refusals, the headers.

In this order: who is known to be over a limit, a body that is too large, the session, the window,
mistakes in the request, the plan. So a refusal costs less the earlier it can be made.
"""

from flask import Flask, Response, current_app, g, request

from service.web.design_bodies import read_design_body
from service.web.route_policy import policy_of
from service.web.sessions import given_token_hash
from service.web.web_parts import web

FOLDER = "/api/analyze"


def install(app: Flask) -> None:
    app.before_request(_refuse_cheaply)
    app.after_request(_tell_limits)


def _refuse_cheaply() -> None:
    needs = policy_of(current_app, request.endpoint if request.url_rule else None)
    if not needs or not _is_analysis() or request.method == "OPTIONS":
        return
    g.is_analysis = True
    if needs.limit == "analyses":
        web().analysis_limits.refuse_known()
    web().stranger_limits.refuse(given_token_hash())
    if needs.body in ("design", "designs"):
        read_design_body(is_batch=needs.body == "designs")


def _tell_limits(response: Response) -> Response:
    if _is_analysis() and request.method != "OPTIONS":
        # One that brought a token was counted when it was looked up.
        if response.status_code == 401 and given_token_hash() is None:
            web().stranger_limits.count()
        web().analysis_limits.add_headers(response)
    return response


def _is_analysis() -> bool:
    return request.path == FOLDER or request.path.startswith(FOLDER + "/")

"""Every failure as a response: JSON in one shape for the API, a plain page for people."""

import math
import time

import structlog
from flask import Flask, Response, jsonify, request
from flask_limiter import RateLimitExceeded
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from service.errors import (
    BadRequest,
    NotFound,
    PreconditionFailed,
    ServiceError,
    TooLarge,
    TooManyRequests,
    Unprocessable,
    UnsupportedMedia,
)
from service.web.design_bodies import InvalidRequest
from service.web.message_pages import page_for_error
from service.web.request_cycle import request_id
from service.web.route_policy import addresses, takes_json
from service.web.web_parts import web

log = structlog.get_logger(__name__)


class MethodNotAllowed(ServiceError):
    status, code = 405, "method_not_allowed"


def install(app: Flask) -> None:
    app.register_error_handler(ServiceError, answer_error)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_bug)
    app.before_request(_check_body)


def answer_error(error: ServiceError) -> Response:
    """The response for one refusal or failure."""
    if error.status >= 500:
        # The text of the cause may quote the request. Its type is enough here.
        cause = type(error.__cause__).__name__ if error.__cause__ else None
        log.warning("request_failed", code=error.code, reason=error.message, cause=cause)
    if addresses().is_page(request.path):
        response = page_for_error(error)
    else:
        response = jsonify(**error.to_json(), request_id=request_id(), **_more(error))
    response.status_code = error.status
    if error.status == 401:
        # https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2
        response.headers["WWW-Authenticate"] = "Bearer"
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, error.retry_after))
    return response


def _more(error: ServiceError) -> dict[str, object]:
    """The extra fields of some errors."""
    if isinstance(error, PreconditionFailed) and hasattr(error, "current"):
        return {"current": error.current.to_json()}
    if isinstance(error, InvalidRequest):
        return {"fields": error.fields}
    return {}


def _answer_http_error(error: HTTPException) -> Response:
    """An error raised by Flask, in our words."""
    response = answer_error(_translate(error))
    allowed = error.get_response().headers.get("Allow")
    if allowed:
        response.headers["Allow"] = allowed
    return response


def _translate(error: HTTPException) -> ServiceError:
    code = error.code or 500
    if code == 404:
        return NotFound("There is nothing at this address. Check it for a typing error.")
    if code == 405:
        return MethodNotAllowed(f"{request.method} is not possible at this address.")
    if code == 413:
        limit = web().settings.max_body_bytes // 1024
        return TooLarge(f"The request is larger than the {limit} KB that are allowed here.")
    if code == 415:
        return UnsupportedMedia("Send JSON, with the header Content-Type: application/json.")
    if code == 429:
        return TooManyRequests(
            _limit_sentence(error),
            retry_after=_seconds_left(),
        )
    if code < 500:
        return BadRequest("The request could not be read. Check it and try again.")
    return _bug()


def _limit_sentence(error: HTTPException) -> str:
    given = error.limit.error_message if isinstance(error, RateLimitExceeded) else None
    if isinstance(given, str):
        return given
    return "There were too many requests from your address. Wait a moment, then try again."


def _seconds_left() -> int:
    limit = web().limiter.current_limit
    return max(1, math.ceil(limit.reset_at - time.time())) if limit else 60


def _answer_bug(error: Exception) -> Response:
    log.error("unexpected_error", exc_info=error)
    return answer_error(_bug())


def _bug() -> ServiceError:
    return ServiceError(
        "Something went wrong on our side. It has been recorded; try again, and if it stays, "
        f"contact support with the number {request_id()}."
    )


def refuse_validation(error: ValidationError) -> Response:
    """flask-openapi3's hook for a body or query that does not fit its model."""
    problems = []
    for each in error.errors(include_input=False, include_url=False, include_context=False):
        place = ".".join(str(part) for part in each["loc"]) or "the body"
        problems.append(f"{place}: {each['msg'].removeprefix('Value error, ')}")
    raise Unprocessable(f"The request has mistakes. {'; '.join(problems[:5])}.", code="invalid")


def _check_body() -> None:
    """Routes that take JSON take nothing else."""
    if not takes_json():
        return
    if not request.is_json:
        raise UnsupportedMedia("Send JSON, with the header Content-Type: application/json.")
    try:
        request.get_json()
    except HTTPException as error:
        if error.code == 413:
            raise
        raise BadRequest("The body is not valid JSON.", code="bad_json") from None
    except RecursionError:
        raise BadRequest("The JSON is nested too deeply.", code="bad_json") from None

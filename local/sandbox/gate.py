"""Checks of every call to Figma's API: token, scopes, rate limits, the specification, faults."""

import json
import socket
import time
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException

from local.sandbox.access import Caller, authenticate, check_scopes
from local.sandbox.clock import timestamp
from local.sandbox.config import SandboxConfig
from local.sandbox.deliveries import Courier
from local.sandbox.errors import FigmaError
from local.sandbox.faults import Fault, Faults
from local.sandbox.limits import RateLimits, tier_of, too_many
from local.sandbox.people import Plan
from local.sandbox.spec import Operation, Spec, error_body
from local.sandbox.storage import Storage
from local.sandbox.world import World

API = ("/v1/", "/v2/")


@dataclass
class Parts:
    """The parts of one running sandbox, stored in ``app.extensions["sandbox"]``."""

    config: SandboxConfig
    world: World
    spec: Spec
    limits: RateLimits
    faults: Faults
    courier: Courier
    storage: Storage | None

    def close(self) -> None:
        """Stop the threads and write the state file a last time."""
        self.courier.close()
        if self.storage:
            self.storage.close()


def parts() -> Parts:
    return current_app.extensions["sandbox"]


def caller() -> Caller:
    return g.caller


def register(app: Flask) -> None:
    app.before_request(_enter)
    app.after_request(_leave)
    app.register_error_handler(FigmaError, _answer_error)
    app.register_error_handler(HTTPException, _answer_http_error)


def _enter() -> Response | None:
    g.started = time.monotonic()
    g.operation = g.fault = g.caller = None
    if not request.path.startswith(API):
        return None
    if request.path.startswith("/v1/oauth/"):
        _strike(None)
        return None
    operation = g.operation = _operation()
    if operation is None:
        record_violation("Figma's specification has no such endpoint")
        raise FigmaError(404, "Not found")
    g.caller = authenticate(parts().world, request.headers)
    _strike(g.caller)
    check_scopes(g.caller, operation.scopes)
    parts().limits.take(g.caller.person, _plan(g.caller), g.caller.app, tier_of(operation.id))
    reason = _check_request(operation)
    if reason:
        record_violation(reason)
        raise FigmaError(400, reason)
    return None


def _operation() -> Operation | None:
    rule = request.url_rule
    return parts().spec.operation(request.method, rule.rule) if rule else None


def _check_request(operation: Operation) -> str | None:
    if operation.check_body is None:
        return operation.check_request(request.args, None)
    body = request.get_json(silent=True) if request.is_json else None
    if body is None:
        return "The request needs a JSON body, sent as application/json"
    return operation.check_request(request.args, body)


def _plan(who: Caller) -> Plan:
    """The plan that owns the requested resource: Figma counts that plan, not the caller's."""
    found, names = parts().world, request.view_args or {}
    if names.get("file_key") in found.files:
        return found.files[names["file_key"]].plan
    hook = found.webhooks.get(names.get("webhook_id", ""))
    return found.plans[hook.plan_id] if hook else who.person.plan


def _strike(who: Caller | None) -> None:
    fault = parts().faults.strike_request(
        request.path, request.method, who.person.id if who else None
    )
    if fault is None:
        return
    if fault.after_store or fault.kind == "reply_lost":
        g.fault = fault
    elif fault.kind == "slow":
        time.sleep(fault.seconds)
    elif fault.kind == "429" and who:
        raise too_many(who.person, _plan(who), fault.retry_after)
    else:
        raise FigmaError(int(fault.kind), _FAULT_WORDS[fault.kind])


_FAULT_WORDS = {
    "429": "Rate limit exceeded",
    "403": "Invalid token",
    "500": "Internal server error",
}


def record_violation(reason: str) -> None:
    """Record a request that Figma would refuse; tests assert that there are none."""
    parts().world.violations.append(
        {
            "at": timestamp(),
            "method": request.method,
            "path": request.path,
            "operation": g.operation.id if g.operation else None,
            "reason": reason,
        }
    )


def _answer_error(error: FigmaError) -> Response:
    operation: Operation | None = g.operation
    if operation:
        body = operation.error_body(error.status, error.reason)
    else:
        key = "message" if request.path.startswith("/v1/oauth/") else "err"
        body = error_body(error.status, error.reason, key)
    answer = jsonify(body)
    answer.status_code = error.status
    answer.headers.update(error.headers)
    return answer


def _answer_http_error(error: HTTPException) -> Response:
    answer = jsonify(error="not_found" if error.code == 404 else "http_error", message=str(error))
    answer.status_code = error.code or 500
    return answer


def _leave(answer: Response) -> Response:
    if not request.path.startswith(API):
        return answer
    if parts().config.strict and g.operation:
        answer = _check_answer(g.operation, answer)
    if g.fault:
        answer = _strike_after(g.fault, answer)
    parts().world.requests.append(
        {
            "at": timestamp(),
            "method": request.method,
            "path": request.path,
            "status": answer.status_code,
            "person_id": g.caller.person.id if g.caller else None,
            "fault": g.fault.kind if g.fault else None,
            "duration_ms": round((time.monotonic() - g.started) * 1000, 2),
        }
    )
    return answer


def _check_answer(operation: Operation, answer: Response) -> Response:
    check = operation.answers.get(answer.status_code)
    # The file lacks some error statuses (429 of GET /v2/webhooks), but no success statuses.
    reason: str | None = None if answer.status_code >= 400 else "this status is not declared"
    if check:
        reason = check(json.loads(answer.get_data()))
    if reason is None:
        return answer
    return _plain(500, f"The sandbox's own answer to {operation.id} is invalid: {reason}")


def _strike_after(fault: Fault, answer: Response) -> Response:
    if fault.kind == "reply_lost":
        wire: Any = request.environ.get("werkzeug.socket") or request.environ.get("gunicorn.socket")
        if wire is not None:
            wire.shutdown(socket.SHUT_RDWR)
        return _plain(500, "The answer was lost on the way")
    if fault.kind == "slow":
        time.sleep(fault.seconds)
        return answer
    return _plain(int(fault.kind), _FAULT_WORDS[fault.kind])


def _plain(status: int, reason: str) -> Response:
    answer = jsonify(error_body(status, reason))
    answer.status_code = status
    return answer

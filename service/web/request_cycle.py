"""What happens around every request: its id, its trace, its log line, metrics, safe headers."""

import re
import secrets
import time

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from service.config import Settings
from service.observing import metrics, tracing
from service.web.route_policy import addresses

log = structlog.get_logger("service.web")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
# The plugin's page has no origin of its own, so any may call. Cookies are never sent along.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, Idempotency-Key, "
    "X-Request-Id",
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Expose-Headers": "ETag, Location, RateLimit, RateLimit-Policy, Retry-After, "
    "X-Request-Id",
    "Access-Control-Max-Age": "600",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def install(app: Flask, settings: Settings) -> None:
    always = {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        # No other site may embed our pages and files. CORS is separate from this.
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "X-Permitted-Cross-Domain-Policies": "none",
    }
    if settings.is_https:
        always["Strict-Transport-Security"] = "max-age=31536000"

    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        inbound = request.headers.get("X-Request-Id", "")
        is_sane = _REQUEST_ID.fullmatch(inbound) is not None
        g.request_id = inbound if is_sane else secrets.token_hex(12)
        clear_contextvars()
        bind_contextvars(request_id=g.request_id)
        parent = request.headers.get("traceparent", "")
        about = {"http.request.method": request.method, "http.route": _route()}
        name = f"{request.method} {_route()}"
        g.span = tracing.span(name, about, parent=parent, kind="SERVER")
        g.current_span = g.span.__enter__()

    @app.after_request
    def finish(response: Response) -> Response:
        headers = response.headers
        headers["X-Request-Id"] = request_id()
        for name, value in always.items():
            headers.setdefault(name, value)
        if addresses().is_open_to_plugins(request.path):
            headers.update(_CORS)
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        elif "v" not in request.args:
            # A script that another one imports: this address stays when the content changes.
            headers["Cache-Control"] = "no-cache"
        _record(response)
        return response

    @app.teardown_request
    def leave(error: BaseException | None) -> None:
        span = g.pop("span", None)
        if span is not None:
            span.__exit__(None, None, None)
        clear_contextvars()


def request_id() -> str:
    return str(g.get("request_id", ""))


def trace_parent() -> str:
    """The traceparent to pass on: our span's, or the caller's if tracing is off."""
    inbound = request.headers.get("traceparent", "")
    return tracing.trace_parent() or (inbound if tracing.is_trace_parent(inbound) else "")


def _route() -> str:
    """The rule, not the path: there are endlessly many paths, and they may contain private data."""
    return request.url_rule.rule if request.url_rule else "unknown"


def _record(response: Response) -> None:
    route, method = _route(), request.method if request.url_rule else "ANY"
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    metrics.HTTP_REQUESTS.labels(route, method, response.status_code).inc()
    metrics.HTTP_SECONDS.labels(route, method).observe(seconds)
    span = g.get("current_span")
    if span is not None:
        is_ours = response.status_code >= 500
        error = str(response.status_code) if is_ours else None
        tracing.note(span, http__response__status_code=response.status_code, error__type=error)
    write = log.debug if request.path in _QUIET_PATHS else log.info
    write(
        "request",
        method=request.method,
        route=route,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
    )

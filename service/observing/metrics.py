"""Metrics for Prometheus.

The web processes share their counts in the folder PROMETHEUS_MULTIPROC_DIR, which gunicorn_conf.py
makes. A worker counts for itself, unless it has the same folder.
"""

import os
import threading
import time
from collections.abc import Iterable, Iterator
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    make_wsgi_app,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import SecretStr

from service.errors import ServiceError
from service.secrets.encryption import is_same

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from service.figma.calls import FigmaCall
    from service.llm import Attempt
    from service.observing.pulse import Pulse
    from service.store.database import Database
    from service.store.upkeep_records import QueueStatus

log = structlog.get_logger(__name__)
MULTIPROC_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
QUEUE_SECONDS = 5
LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"
_FAST = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30)
# Wide: a percentile that Prometheus reads out of them is about right. Exact ones: Reliability.
_ABOUT = "Percentiles of it are about right."
_SLOW = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 900)

HTTP_REQUESTS = Counter("http_requests", "Requests answered by web.", ["route", "method", "status"])
HTTP_SECONDS = Histogram(
    "http_request_seconds", "Time to answer a request.", ["route", "method"], buckets=_FAST
)
DELIVERIES = Counter("webhook_deliveries", "Deliveries by what became of them.", ["outcome"])
BATCH_SIZE = Histogram(
    "webhook_batch_size",
    "Deliveries committed by one database call.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 100),
)
ANSWERS = Counter("answers", "Answers by how they ended.", ["outcome"])
UNCONFIRMED = Counter(
    "unconfirmed_deliveries", "Looks at Figma that did not confirm a delivery.", ["reason"]
)
ANSWER_LATENCY = Histogram(
    "answer_latency_seconds",
    f"From a comment's arrival to its posted reply. {_ABOUT}",
    buckets=_SLOW,
)
ANALYSES = Counter("analyses", "Analyses asked for, by what became of the request.", ["outcome"])
ANALYSIS_JOBS = Counter("analysis_jobs", "Analyses that workers ended, by how.", ["outcome"])
ANALYSIS_LATENCY = Histogram(
    "analysis_latency_seconds", f"From the request to the stored result. {_ABOUT}", buckets=_SLOW
)
PIPELINE_STAGES = Counter(
    "pipeline_stages", "Attempts at stages of pipelines, by how they ended.", ["stage", "outcome"]
)
PIPELINE_STAGE_SECONDS = Histogram(
    "pipeline_stage_seconds", f"Time of an attempt at a stage of a pipeline. {_ABOUT}", ["stage"],
    buckets=_SLOW,
)  # fmt: skip
MODEL_LATENCY = Histogram(
    "model_latency_seconds",
    f"Time a model took to answer or fail. {_ABOUT}",
    ["provider"],
    buckets=_SLOW,
)
MODEL_CALLS = Counter(
    "model_calls",
    "Models asked or passed over, by what came of it: ok, or a code such as server_error.",
    ["provider", "reason"],
)
MODEL_COST = Counter(
    "model_cost_usd", "What models have cost as far as it is known. Exact: AI cost.", ["provider"]
)
MODEL_TOKENS = Counter("model_tokens", "Tokens that were billed.", ["provider", "type"])
MODEL_SCHEMAS = Counter(
    "model_schemas",
    "JSON answers of models by what became of their schema: enforced, ignored, refused.",
    ["provider", "schema"],
)
FIGMA_REQUESTS = Counter("figma_requests", "Calls to Figma.", ["endpoint", "status"])
FIGMA_QUOTA_REFUSALS = Counter(
    "figma_quota_refusals", "Calls Figma refused with 429.", ["plan_tier", "limit_type"]
)
FIGMA_RETRY_AFTER = Gauge(
    "figma_retry_after_seconds",
    "The last wait Figma asked for.",
    multiprocess_mode="mostrecent",
)


def observe_figma_call(call: "FigmaCall") -> None:
    """Count one call to Figma. Every ``FigmaClient`` gets this as its observer."""
    FIGMA_REQUESTS.labels(call.endpoint, str(call.status or call.code or "none")).inc()
    if call.code == "rate_limited":
        FIGMA_QUOTA_REFUSALS.labels(call.plan_tier or "unknown", call.limit_type or "unknown").inc()
        FIGMA_RETRY_AFTER.set(call.retry_after or 0)


def observe_model_calls(attempts: "Iterable[Attempt]") -> None:
    """Count each call with its cost and tokens, time each provider that was asked, and count what
    became of schemas. A skipped one took no time."""
    for each in attempts:
        MODEL_CALLS.labels(each.provider, each.reason).inc()
        if each.cost and each.cost.microusd:
            MODEL_COST.labels(each.provider).inc(each.cost.microusd / 1_000_000)
        if each.usage:
            MODEL_TOKENS.labels(each.provider, "input").inc(each.usage.input)
            MODEL_TOKENS.labels(each.provider, "output").inc(each.usage.output)
        if each.outcome != "skipped":
            MODEL_LATENCY.labels(each.provider).observe(each.latency_ms / 1000)
        if each.schema:
            MODEL_SCHEMAS.labels(each.provider, each.schema).inc()


class QueueCollector(Collector):
    """The queue as the database sees it, read at most every few seconds.

    While the database is away, these figures are left out and ``queue_status_up`` is 0. The rest of
    /metrics still works, because it is needed most at that time.
    """

    _GAUGES = (
        ("queued", "queue_answers_queued", "Answers waiting for a worker."),
        ("working", "queue_answers_working", "Answers a worker is at."),
        ("deferred", "queue_answers_deferred", "Answers put off to a later time."),
        (
            "oldest_seconds",
            "queue_oldest_seconds",
            "Seconds the oldest answer waits or is in work.",
        ),
        ("dead_letters", "queue_dead_letters", "Answers that failed for good."),
        ("workers", "queue_workers", "Workers with a fresh heartbeat."),
        ("figma_limits", "queue_figma_limits", "Figma quotas used up right now."),
        ("builds_waiting", "queue_builds_waiting", "Stages waiting for a builder."),
        ("builds_working", "queue_builds_working", "Stages a builder is at."),
        (
            "builds_oldest_seconds",
            "queue_builds_oldest_seconds",
            "Seconds the oldest stage waits for a builder.",
        ),
        ("builders", "queue_builders", "Builders with a fresh heartbeat."),
    )

    def __init__(self, database: "Database"):
        self._database = database
        self._lock = threading.Lock()
        self._status: QueueStatus | None = None
        self._read_at = float("-inf")

    def collect(self) -> Iterator[Metric]:
        status = self._read()
        up = "Whether the database told the state of the queue."
        yield GaugeMetricFamily("queue_status_up", up, value=int(status is not None))
        for field, name, text in self._GAUGES if status else ():
            yield GaugeMetricFamily(name, text, value=float(getattr(status, field)))

    def _read(self) -> "QueueStatus | None":
        with self._lock:
            if time.monotonic() - self._read_at >= QUEUE_SECONDS:
                self._read_at = time.monotonic()
                try:
                    self._status = self._database.queue_status()
                except ServiceError as error:
                    log.warning("queue_status_failed", reason=error.message)
                    self._status = None
            return self._status


def make_registry(queue: QueueCollector | None = None) -> CollectorRegistry:
    """The figures of all processes if they share a folder, else of this one; plus the queue's."""
    registry = CollectorRegistry()
    if os.environ.get(MULTIPROC_VARIABLE):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Local())
    if queue:
        registry.register(queue)
    return registry


class _Local(Collector):
    """Passes on this process's own metrics, so that one response has both them and the queue's."""

    def collect(self) -> Iterator[Metric]:
        yield from REGISTRY.collect()


def render(queue: QueueCollector | None) -> tuple[bytes, str]:
    """The body and content type of a /metrics response."""
    return generate_latest(make_registry(queue)), CONTENT_TYPE_LATEST


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Reading metrics is not logged."""


def serve_metrics(
    port: int,
    database: "Database | None" = None,
    token: SecretStr | None = None,
    pulse: "Pulse | None" = None,
) -> WSGIServer:
    """Serve /metrics from its own thread, for processes without a web server; with a ``pulse``
    /healthz as well.

    Everybody who sends ``token`` as a bearer token gets them. Without a token, only this machine
    does. The library's own server does not support a token. Raises OSError if the port is taken.
    """
    app = make_wsgi_app(make_registry(QueueCollector(database) if database else None))
    host = LOOPBACK if token is None else EVERYWHERE
    guarded = app if token is None else _guard(app, token)
    served = pulse.beside(guarded) if pulse else guarded
    server = make_server(host, port, served, _Server, _Quiet)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def _guard(app: "WSGIApplication", token: SecretStr) -> "WSGIApplication":
    def guarded(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        given = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        if is_same(given, token.get_secret_value()):
            return app(environ, start_response)
        start_response("401 Unauthorized", [("Content-Type", "text/plain"),
                                            ("WWW-Authenticate", "Bearer")])  # fmt: skip
        return [b"Send METRICS_TOKEN as a bearer token.\n"]

    return guarded

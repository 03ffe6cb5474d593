"""OpenTelemetry traces, sent over OTLP if an endpoint is set. Otherwise nothing is loaded."""

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal

from service.config import Settings

# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACE_PARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
# https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
_OF_A_JOB = {"messaging.system": "procrastinate", "messaging.operation.type": "process"}
_state: dict[str, Any] = {}
# A span costs an answer nothing where nobody looks at traces.
_OFF = nullcontext()
Attribute = str | int | float | bool
Kind = Literal["INTERNAL", "SERVER", "CONSUMER", "CLIENT"]


def start_tracing(settings: Settings, service_name: str) -> None:
    """Start sending traces if OTEL_EXPORTER_OTLP_ENDPOINT is set. Call once per process."""
    if not settings.otel_exporter_otlp_endpoint or _state:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    endpoint = settings.otel_exporter_otlp_endpoint.rstrip("/") + "/v1/traces"
    # What the host adds in OTEL_RESOURCE_ATTRIBUTES comes with it.
    about = {"service.name": service_name, "service.namespace": "figma-ai-buddy"}
    provider = TracerProvider(resource=Resource.create(about))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    _state.update(provider=provider, tracer=provider.get_tracer("service"))


def stop_tracing() -> None:
    """Send what is left and stop."""
    provider = _state.get("provider")
    _state.clear()
    if provider:
        provider.shutdown()


def span(
    name: str,
    attributes: Mapping[str, Attribute] | None = None,
    *,
    parent: str = "",
    is_call: bool = False,
    kind: Kind = "INTERNAL",
) -> AbstractContextManager[Any]:
    """A span around a piece of work, or around a call to another service (``is_call``). ``kind``:
    SERVER around a request to us, CONSUMER around a job of the queue.

    ``parent`` is a W3C traceparent; "" continues the current span. Yields the span. Yields None if
    tracing is off, or for a call outside any trace, such as in the worker's upkeep. For an
    exception, only its type is recorded: its text may contain somebody's words.
    """
    tracer = _state.get("tracer")
    if tracer is None:
        return _OFF
    return _span(tracer, name, attributes, parent, "CLIENT" if is_call else kind)


def database_span(function: str) -> AbstractContextManager[Any]:
    """A span around a call of a SQL function, by OpenTelemetry's names.

    https://opentelemetry.io/docs/specs/semconv/db/postgresql/
    """
    if not _state:
        return _OFF
    about = {"db.system.name": "postgresql", "db.stored_procedure.name": function}
    return span(f"database {function}", about, is_call=True)


@contextmanager
def _span(
    tracer: Any, name: str, attributes: Mapping[str, Attribute] | None, parent: str, kind: Kind
) -> Iterator[Any]:
    from opentelemetry.trace import SpanKind, Status, StatusCode, get_current_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    if kind == "CONSUMER":
        attributes = {**(attributes or {}), **_OF_A_JOB}
    if kind == "CLIENT" and not get_current_span().get_span_context().is_valid:
        yield None
        return
    context = None
    if is_trace_parent(parent):
        context = TraceContextTextMapPropagator().extract({"traceparent": parent})
    with tracer.start_as_current_span(
        name,
        context=context,
        kind=SpanKind[kind],
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except BaseException as error:
            current.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def note(current: Any, **attributes: Attribute | None) -> None:
    """Add results to a span. In names, "__" stands for a dot. Values of None are skipped, and the
    span may be None."""
    if current is not None:
        for name, value in attributes.items():
            if value is not None:
                current.set_attribute(name.replace("__", "."), value)


def note_current(**attributes: Attribute | None) -> None:
    """As ``note``, for the span that this code runs in."""
    if _state:
        from opentelemetry.trace import get_current_span

        note(get_current_span(), **attributes)


def trace_parent() -> str:
    """The current span as a W3C traceparent, "" if there is none."""
    if not _state:
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent", "")


def is_trace_parent(value: str) -> bool:
    return bool(_TRACE_PARENT.fullmatch(value))

"""What all calls to Figma share, in both clients: endpoint, headers, parsing, timing, logs, traces,
and the observer."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import structlog

from service.figma.errors import FigmaCode, FigmaError, error_from_answer
from service.figma.records import FigmaToken, Json
from service.observing.tracing import Attribute, note, span

USER_AGENT = "figma-ai-buddy"
CONNECT_SECONDS = 5.0
# A page of a design is rarely above 2 MB. A process holds hundreds of responses at once.
MAX_ANSWER_BYTES = 16_000_000
_SEGMENT = re.compile(r"[A-Za-z0-9_:;-]{1,200}", re.ASCII)

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Endpoint:
    """One operation of Figma's API. ``action`` completes "the buddy could not …"."""

    name: str
    method: str
    path: str
    tier: int
    action: str
    scope: str | None = None

    @property
    def is_write(self) -> bool:
        return self.method != "GET"


@dataclass(frozen=True)
class FigmaCall:
    """What an observer gets about a call. ``status`` is None if no response came."""

    endpoint: str
    tier: int
    status: int | None
    code: str | None
    duration_ms: float
    plan_tier: str | None = None
    limit_type: str | None = None
    retry_after: int | None = None


Observer = Callable[[FigmaCall], None]


@dataclass
class Exchange:
    """One running call. ``status`` is None until Figma responds."""

    endpoint: Endpoint
    status: int | None = None

    def read(
        self, status: int, headers: Mapping[str, str], body: bytes, parse: Callable[[Json], Answer]
    ) -> Answer:
        """The parsed body. Raises FigmaError for an error status or an unreadable body."""
        self.status = status
        endpoint = self.endpoint
        if not 200 <= status < 300:
            raise error_from_answer(
                endpoint.action,
                status,
                headers,
                body,
                scope=endpoint.scope,
                is_write=endpoint.is_write,
            )
        try:
            content = json.loads(body) if body.strip() else {}
            if not isinstance(content, dict):
                raise ValueError("not an object")
            return parse(content)
        except (ValueError, RecursionError):
            raise self.failed("unreadable_answer", figma_status=status) from None

    def failed(
        self, code: FigmaCode, *, unsent: bool = False, figma_status: int | None = None
    ) -> FigmaError:
        """The error for a call without a usable response. ``unsent``: it never reached Figma."""
        return FigmaError(
            code,
            self.endpoint.action,
            figma_status=figma_status,
            maybe_done=self.endpoint.is_write and not unsent,
        )


@contextmanager
def exchange(endpoint: Endpoint, observer: Observer | None) -> Iterator[Exchange]:
    """A context around one call: its span, its log line, and the report to the observer."""
    about: dict[str, Attribute] = {
        "http.request.method": endpoint.method,
        "figma.tier": endpoint.tier,
    }
    current = Exchange(endpoint)
    started = time.monotonic()
    failure: FigmaError | None = None
    with span(f"figma {endpoint.name}", about, is_call=True) as traced:
        try:
            yield current
        except FigmaError as error:
            failure = error
            raise
        finally:
            code = failure.code if failure else None
            note(traced, http__response__status_code=current.status, error__type=code)
            _report(current, failure, time.monotonic() - started, observer)


def _report(
    current: Exchange, failure: FigmaError | None, seconds: float, observer: Observer | None
) -> None:
    call = FigmaCall(
        endpoint=current.endpoint.name,
        tier=current.endpoint.tier,
        status=current.status,
        code=failure.code if failure else None,
        duration_ms=round(seconds * 1000, 1),
        plan_tier=failure.plan_tier if failure else None,
        limit_type=failure.rate_limit_type if failure else None,
        retry_after=failure.retry_after if failure else None,
    )
    write = log.warning if failure else log.debug
    write("figma_call", **{name: value for name, value in vars(call).items() if value})
    if observer:
        observer(call)


def token_headers(token: FigmaToken, action: str) -> dict[str, str]:
    """The header for a token. OAuth tokens and personal tokens use different headers, and Figma
    refuses the wrong one."""
    value = token.value.strip()
    if not value or not value.isascii() or not value.isprintable():
        raise FigmaError("token_invalid", action)
    if token.kind == "pat":
        return {"X-Figma-Token": value}
    return {"Authorization": f"Bearer {value}"}


def fill_path(endpoint: Endpoint, **ids: str) -> str:
    """The path with its ids. Each id is checked, so that none can lead to another path."""
    for value in ids.values():
        if not isinstance(value, str) or not _SEGMENT.fullmatch(value):
            raise FigmaError("bad_request", endpoint.action)
    return endpoint.path.format(**ids)

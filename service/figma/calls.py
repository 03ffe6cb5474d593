"""One call to Figma over HTTP: sent, timed, measured, and its failure told as a FigmaError."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar

import httpx
import structlog

from service.figma.connections import GroupedTransport
from service.figma.errors import FigmaError, error_from_answer
from service.figma.records import FigmaToken, Json
from service.tracing import Attribute, note, span

# A page of a design is rarely above 2 MB; a process holds hundreds of answers at once.
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
    """What an observer learns of a call. ``status`` is None when no answer came."""

    endpoint: str
    tier: int
    status: int | None
    code: str | None
    duration_ms: float
    plan_tier: str | None = None
    limit_type: str | None = None
    retry_after: int | None = None


Observer = Callable[[FigmaCall], None]


def open_http() -> httpx.Client:
    """The one client of a process; any number of threads may share it."""
    return httpx.Client(
        transport=GroupedTransport(max_connections=2_000, max_keepalive_connections=200),
        # Calls of many people share this client: no cookie of one may travel with another's.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": "figma-ai-buddy"},
    )


class Caller:
    """Sends calls to one Figma API address. Retries of refused calls are the worker's to decide."""

    def __init__(self, http: httpx.Client, timeout: float, observer: Observer | None = None):
        self.http = http
        self.timeout = timeout
        self.observer = observer

    def call(
        self,
        endpoint: Endpoint,
        url: str,
        parse: Callable[[Json], Answer],
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **content: Any,
    ) -> Answer:
        """Send it and parse the answer. ``timeout`` is in seconds, for the whole call.

        ``content`` goes to httpx as it is: ``params``, ``json``, ``data``, ``auth``.
        Raises ``FigmaError``.
        """
        about: dict[str, Attribute] = {
            "http.request.method": endpoint.method,
            "figma.tier": endpoint.tier,
        }
        with span(f"figma {endpoint.name}", about, is_call=True) as current:
            return self._call(endpoint, url, parse, headers, timeout, content, current)

    def _call(
        self,
        endpoint: Endpoint,
        url: str,
        parse: Callable[[Json], Answer],
        headers: Mapping[str, str] | None,
        timeout: float | None,
        content: Mapping[str, Any],
        current: Any,
    ) -> Answer:
        started = time.monotonic()
        status: int | None = None
        failure: FigmaError | None = None
        try:
            status, answer_headers, body = self._send(
                endpoint, url, headers, timeout or self.timeout, content
            )
            if not 200 <= status < 300:
                raise error_from_answer(
                    endpoint.action,
                    status,
                    answer_headers,
                    body,
                    scope=endpoint.scope,
                    is_write=endpoint.is_write,
                )
            return _parse(endpoint, status, body, parse)
        except FigmaError as error:
            failure = error
            raise
        finally:
            code = failure.code if failure else None
            note(current, http__response__status_code=status, error__type=code)
            self._report(endpoint, status, failure, time.monotonic() - started)

    def _send(
        self,
        endpoint: Endpoint,
        url: str,
        headers: Mapping[str, str] | None,
        timeout: float,
        content: Mapping[str, Any],
    ) -> tuple[int, httpx.Headers, bytes]:
        limits = httpx.Timeout(timeout, connect=min(timeout, 5))
        deadline = time.monotonic() + timeout
        try:
            with self.http.stream(
                endpoint.method,
                url,
                headers=headers,
                timeout=limits,
                follow_redirects=False,
                **content,
            ) as answer:
                return answer.status_code, answer.headers, _read_body(endpoint, answer, deadline)
        except (httpx.ConnectTimeout, httpx.PoolTimeout):
            raise FigmaError("timeout", endpoint.action) from None
        except httpx.TimeoutException:
            raise FigmaError("timeout", endpoint.action, maybe_done=endpoint.is_write) from None
        except httpx.ConnectError:
            raise FigmaError("figma_down", endpoint.action) from None
        except httpx.DecodingError:
            raise FigmaError(
                "unreadable_answer", endpoint.action, maybe_done=endpoint.is_write
            ) from None
        except httpx.TransportError:
            raise FigmaError("figma_down", endpoint.action, maybe_done=endpoint.is_write) from None

    def _report(
        self, endpoint: Endpoint, status: int | None, failure: FigmaError | None, seconds: float
    ) -> None:
        call = FigmaCall(
            endpoint=endpoint.name,
            tier=endpoint.tier,
            status=status,
            code=failure.code if failure else None,
            duration_ms=round(seconds * 1000, 1),
            plan_tier=failure.plan_tier if failure else None,
            limit_type=failure.rate_limit_type if failure else None,
            retry_after=failure.retry_after if failure else None,
        )
        write = log.warning if failure else log.debug
        write("figma_call", **{name: value for name, value in vars(call).items() if value})
        if self.observer:
            self.observer(call)


def token_headers(token: FigmaToken, action: str) -> dict[str, str]:
    """OAuth tokens and personal tokens travel in different headers; Figma refuses a mix-up."""
    value = token.value.strip()
    if not value or not value.isascii() or not value.isprintable():
        raise FigmaError("token_invalid", action)
    if token.kind == "pat":
        return {"X-Figma-Token": value}
    return {"Authorization": f"Bearer {value}"}


def fill_path(endpoint: Endpoint, **ids: str) -> str:
    """The path with its ids, each checked so that none can lead to another path."""
    for value in ids.values():
        if not isinstance(value, str) or not _SEGMENT.fullmatch(value):
            raise FigmaError("bad_request", endpoint.action)
    return endpoint.path.format(**ids)


def _read_body(endpoint: Endpoint, answer: httpx.Response, deadline: float) -> bytes:
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise FigmaError("too_large", endpoint.action, maybe_done=endpoint.is_write)
        # httpx limits each read; an answer that drips would never end.
        if time.monotonic() > deadline:
            raise FigmaError("timeout", endpoint.action, maybe_done=endpoint.is_write)
    return bytes(body)


def _parse(endpoint: Endpoint, status: int, body: bytes, parse: Callable[[Json], Answer]) -> Answer:
    try:
        content = json.loads(body) if body.strip() else {}
        if not isinstance(content, dict):
            raise ValueError("not an object")
        return parse(content)
    except (ValueError, RecursionError):
        raise FigmaError(
            "unreadable_answer",
            endpoint.action,
            figma_status=status,
            maybe_done=endpoint.is_write,
        ) from None

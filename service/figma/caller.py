"""Calls to Figma from threads and greenlets: each makes one call at a time."""

import time
from collections.abc import Callable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar

import httpx

from service.figma import calls
from service.figma.calls import CONNECT_SECONDS, Endpoint, Exchange, Observer
from service.figma.records import Json

Answer = TypeVar("Answer")


def open_http() -> httpx.Client:
    """The HTTP client of a process. Any number of threads may share it."""
    return httpx.Client(
        transport=httpx.HTTPTransport(
            retries=1, limits=httpx.Limits(max_connections=500, max_keepalive_connections=50)
        ),
        # Many people's calls share this client, so no cookie may be kept.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": calls.USER_AGENT},
    )


class Caller:
    """Sends calls to one Figma API address. The worker decides about retries of refused calls."""

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
        """Send the request and parse the response. ``timeout`` is in seconds, for the whole call.

        ``content`` is passed to httpx: ``params``, ``json``, ``data``, ``auth``. Raises
        ``FigmaError``.
        """
        with calls.exchange(endpoint, self.observer) as current:
            answer = self._send(current, url, headers, timeout or self.timeout, content)
            return current.read(*answer, parse)

    def _send(
        self,
        current: Exchange,
        url: str,
        headers: Mapping[str, str] | None,
        timeout: float,
        content: Mapping[str, Any],
    ) -> tuple[int, httpx.Headers, bytes]:
        limits = httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS))
        deadline = time.monotonic() + timeout
        try:
            with self.http.stream(
                current.endpoint.method,
                url,
                headers=headers,
                timeout=limits,
                follow_redirects=False,
                **content,
            ) as answer:
                return answer.status_code, answer.headers, _read_body(current, answer, deadline)
        except (httpx.ConnectTimeout, httpx.PoolTimeout):
            raise current.failed("timeout", unsent=True) from None
        except httpx.TimeoutException:
            raise current.failed("timeout") from None
        except httpx.ConnectError:
            raise current.failed("figma_down", unsent=True) from None
        except httpx.DecodingError:
            raise current.failed("unreadable_answer") from None
        except httpx.TransportError:
            raise current.failed("figma_down") from None


def _read_body(current: Exchange, answer: httpx.Response, deadline: float) -> bytes:
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > calls.MAX_ANSWER_BYTES:
            raise current.failed("too_large")
        # httpx limits only each read. A response that trickles in would never end.
        if time.monotonic() > deadline:
            raise current.failed("timeout")
    return bytes(body)

"""Calls to Figma from an event loop: hundreds at once, at a third of the cost of threads."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import aiohttp
import httpx

from service.figma import calls
from service.figma.calls import CONNECT_SECONDS, Endpoint, Exchange, Observer
from service.figma.records import Json

MAX_CONNECTIONS = 2_000
# Parsing a response of this size takes about 3 ms. A larger one is parsed in a thread, so that all
# other answers do not wait.
LARGE_ANSWER_BYTES = 100_000
Answer = TypeVar("Answer")


class AsyncCaller:
    """Like Caller, for one event loop. The session is opened in the loop at the first call."""

    def __init__(self, timeout: float, observer: Observer | None = None):
        self.timeout = timeout
        self.observer = observer
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def call(
        self,
        endpoint: Endpoint,
        url: str,
        parse: Callable[[Json], Answer],
        *,
        headers: Mapping[str, str],
        timeout: float | None = None,
        **content: Any,
    ) -> Answer:
        """Send the request and parse the response. ``timeout`` is in seconds, for the whole call.

        ``content`` is passed to aiohttp: ``params``, ``json``. Raises ``FigmaError``.
        """
        with calls.exchange(endpoint, self.observer) as current:
            status, answer_headers, body = await self._send(
                current, url, headers, timeout or self.timeout, content
            )
            if len(body) < LARGE_ANSWER_BYTES:
                return current.read(status, answer_headers, body, parse)
            return await asyncio.to_thread(current.read, status, answer_headers, body, parse)

    async def _send(
        self,
        current: Exchange,
        url: str,
        headers: Mapping[str, str],
        timeout: float,
        content: Mapping[str, Any],
    ) -> tuple[int, Mapping[str, str], bytes]:
        limits = aiohttp.ClientTimeout(timeout, sock_connect=min(timeout, CONNECT_SECONDS))
        try:
            async with self.session.request(
                current.endpoint.method,
                url,
                headers=headers,
                timeout=limits,
                allow_redirects=False,
                **content,
            ) as answer:
                return answer.status, answer.headers, await _read_body(current, answer)
        except aiohttp.ConnectionTimeoutError:
            raise current.failed("timeout", unsent=True) from None
        except TimeoutError:
            raise current.failed("timeout") from None
        except aiohttp.ClientConnectorError:
            raise current.failed("figma_down", unsent=True) from None
        except aiohttp.ClientPayloadError as error:
            broken = isinstance(error.__cause__, aiohttp.http_exceptions.ContentEncodingError)
            raise current.failed("unreadable_answer" if broken else "figma_down") from None
        except (aiohttp.ClientError, OSError):
            raise current.failed("figma_down") from None

    @property
    def session(self) -> aiohttp.ClientSession:
        """Opened at the first use, in the running event loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                # The other client's CA certificates: a plain Python image has none installed.
                connector=aiohttp.TCPConnector(
                    limit=MAX_CONNECTIONS, ssl=httpx.create_ssl_context(trust_env=True)
                ),
                # Many people's calls share this session, so no cookie may be kept.
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": calls.USER_AGENT},
            )
        return self._session


async def _read_body(current: Exchange, answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > calls.MAX_ANSWER_BYTES:
            raise current.failed("too_large")
    return bytes(body)

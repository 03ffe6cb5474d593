"""One call to GitHub: its route, headers, time limit, parsing, span and log line."""

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar

import httpx
import structlog

from service.github.errors import GitHubCode, GitHubError, error_from_answer
from service.observing.tracing import note, span

USER_AGENT = "figma-ai-buddy"
# https://docs.github.com/en/rest/about-the-rest-api/api-versions
API_VERSION = "2022-11-28"
CONNECT_SECONDS = 5.0
# The tree of a large repository comes back with every file of its root.
MAX_ANSWER_BYTES = 16_000_000
# https://docs.github.com/en/get-started/using-git/dealing-with-special-characters-in-branch-and-tag-names
_SEGMENT = re.compile(r"(?!\.\.?$)[\w.@+-]{1,250}", re.ASCII)

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")
Json = dict[str, Any]


@dataclass(frozen=True)
class Route:
    """One operation of GitHub's API. ``action`` completes "the buddy could not …"."""

    name: str
    method: str
    path: str
    action: str

    @property
    def is_write(self) -> bool:
        return self.method != "GET"


@dataclass(frozen=True)
class GitHubCall:
    """What an observer gets about a call. ``status`` is None if no response came."""

    route: str
    status: int | None
    code: str | None
    duration_ms: float


Observer = Callable[[GitHubCall], None]


@dataclass(frozen=True)
class Sent:
    """What a call brings along. The bearer is a secret, and in no text about this."""

    repository: str
    bearer: str = field(repr=False)
    ids: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] | None = None
    body: Json | None = field(default=None, repr=False)


class GitHubCaller:
    """Sends calls to one address of GitHub's API. Any number of threads may share it.

    ``timeout`` is in seconds, for a whole call.
    """

    def __init__(self, api_url: str, timeout: float, observer: Observer | None = None):
        self._api_url = api_url
        self._timeout = timeout
        self._observer = observer
        self._opening = threading.Lock()
        self._opened: httpx.Client | None = None

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    @property
    def _http(self) -> httpx.Client:
        """Opened at the first call: reading the certificates takes a while, and few processes
        push."""
        with self._opening:
            if self._opened is None:
                self._opened = httpx.Client(
                    # Many people's calls share this client, so no cookie may be kept.
                    cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                    headers={
                        "User-Agent": USER_AGENT,
                        "Accept": "application/vnd.github+json",
                        "X-GitHub-Api-Version": API_VERSION,
                    },
                )
            return self._opened

    def call(
        self, route: Route, sent: Sent, parse: Callable[[Any, Mapping[str, str]], Answer]
    ) -> Answer:
        """Send a request and parse the response, given its body and headers.

        Raises ``GitHubError``.
        """
        url = self._api_url + _fill(route, sent)
        headers = {"Authorization": f"Bearer {_printable(route, sent)}"}
        started = time.monotonic()
        status: int | None = None
        failure: GitHubError | None = None
        about = {"http.request.method": route.method}
        with span(f"github {route.name}", about, is_call=True) as traced:
            try:
                status, answer_headers, body = self._send(route, sent, url, headers)
                return _read(route, sent, status, answer_headers, body, parse)
            except GitHubError as error:
                failure = error
                raise
            finally:
                code = failure.code if failure else None
                note(traced, http__response__status_code=status, error__type=code)
                self._report(GitHubCall(route.name, status, code, _ms_since(started)))

    def _send(
        self, route: Route, sent: Sent, url: str, headers: dict[str, str]
    ) -> tuple[int, httpx.Headers, bytes]:
        limits = httpx.Timeout(self._timeout, connect=min(self._timeout, CONNECT_SECONDS))
        deadline = time.monotonic() + self._timeout
        try:
            # A redirect would carry the token to another address.
            with self._http.stream(
                route.method,
                url,
                headers=headers,
                params=sent.query,
                json=sent.body,
                timeout=limits,
                follow_redirects=False,
            ) as answer:
                body = bytearray()
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > MAX_ANSWER_BYTES:
                        raise _failed("github_unreadable", route, sent)
                    # httpx limits only each read. A response that trickles in would never end.
                    if time.monotonic() > deadline:
                        raise _failed("github_timeout", route, sent)
                return answer.status_code, answer.headers, bytes(body)
        except (httpx.ConnectTimeout, httpx.PoolTimeout):
            raise _failed("github_timeout", route, sent, unsent=True) from None
        except httpx.TimeoutException:
            raise _failed("github_timeout", route, sent) from None
        except httpx.ConnectError:
            raise _failed("github_down", route, sent, unsent=True) from None
        except httpx.DecodingError:
            raise _failed("github_unreadable", route, sent) from None
        except httpx.TransportError:
            raise _failed("github_down", route, sent) from None

    def _report(self, call: GitHubCall) -> None:
        write = log.warning if call.code else log.debug
        write("github_call", **{name: value for name, value in vars(call).items() if value})
        if self._observer:
            self._observer(call)


def _read(
    route: Route,
    sent: Sent,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    parse: Callable[[Any, Mapping[str, str]], Answer],
) -> Answer:
    if not 200 <= status < 300:
        raise error_from_answer(
            route.action, sent.repository, status, headers, body, is_write=route.is_write
        )
    try:
        return parse(json.loads(body), headers)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _failed("github_unreadable", route, sent, status=status) from None


def _failed(
    code: GitHubCode, route: Route, sent: Sent, *, unsent: bool = False, status: int | None = None
) -> GitHubError:
    return GitHubError(
        code,
        route.action,
        sent.repository,
        github_status=status,
        maybe_done=route.is_write and not unsent,
    )


def _printable(route: Route, sent: Sent) -> str:
    """The bearer. An odd letter in it would end up in the text of httpx's own error."""
    bearer = sent.bearer.strip()
    if not bearer or not bearer.isascii() or not bearer.isprintable() or " " in bearer:
        raise _failed("github_token_invalid", route, sent, unsent=True)
    return bearer


def _fill(route: Route, sent: Sent) -> str:
    """The path with its ids. Each is checked, so that none can lead to another path."""
    for name, value in sent.ids.items():
        # Only a branch has parts.
        parts = value.split("/") if name == "branch" else [value]
        if not all(map(_SEGMENT.fullmatch, parts)):
            raise _failed("github_rejected", route, sent, unsent=True)
    return route.path.format(**sent.ids)


def _ms_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)

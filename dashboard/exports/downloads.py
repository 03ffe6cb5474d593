"""Serves large files from disk, so that a download needs no memory, whatever its size.

Streamlit's own download button holds a file in memory. Each file has a secret address that works
only in the browser it was made for, and only for an hour.
"""

import secrets
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cachetools import TTLCache
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from dashboard.access import cookies

SECONDS = 3600
ADDRESS = "files"
GONE = "This file is no longer there: prepare it again on the billing page."


@dataclass(frozen=True)
class Ready:
    """A finished file on disk, its download name, and the browser that may download it."""

    path: Path
    name: str
    browser: str


class _Files(TTLCache[str, Ready]):
    """Deletes a file from disk together with its address."""

    def popitem(self) -> tuple[str, Ready]:
        token, ready = super().popitem()
        ready.path.unlink(missing_ok=True)
        return token, ready

    def expire(self, time: float | None = None) -> Any:
        gone = super().expire(time)
        for _, ready in gone:
            ready.path.unlink(missing_ok=True)
        return gone


_files = _Files(maxsize=50, ttl=SECONDS)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="buddy-files-")


def new_path() -> Path:
    """A path for a new file to offer."""
    return Path(_folder().name) / secrets.token_hex(16)


def offer(path: Path, name: str, browser: str) -> str:
    """Offer a finished file; return its address, relative to the dashboard's."""
    token = secrets.token_urlsafe(32)
    _files[token] = Ready(path, name, browser)
    return f"{ADDRESS}/{token}"


async def serve(request: Request) -> Response:
    ready = _files.get(request.path_params["token"])
    https = cookies.is_https(request.headers, request.url.scheme)
    if ready is None or cookies.read(request.cookies, cookies.SESSION, https) != ready.browser:
        return PlainTextResponse(GONE, status_code=404)
    return FileResponse(ready.path, media_type="text/csv; charset=utf-8", filename=ready.name)


ROUTE = Route(f"/{ADDRESS}/{{token}}", serve)

"""Whether the event loop of a worker or builder still turns: /healthz beside its /metrics.

Nothing else is asked. A process that is restarted because the database is away would only be away
as well, and the queue takes over what a dead one held.
"""

import asyncio
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

BEAT_SECONDS = 1
# A loop that has not turned for so long hangs: long work is done in threads.
SILENT_SECONDS = 60


class Pulse:
    """Beats in the running event loop from ``start`` on. Its answers come from other threads."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def start(self) -> None:
        """Call it in the event loop's own thread."""
        self._beat(asyncio.get_running_loop())

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        self._last = time.monotonic()
        loop.call_later(BEAT_SECONDS, self._beat, loop)

    @property
    def is_there(self) -> bool:
        return time.monotonic() - self._last < SILENT_SECONDS

    def beside(self, app: "WSGIApplication") -> "WSGIApplication":
        """``app``, and /healthz before it: 200, or 503 once the loop hangs. It holds no secret and
        asks for no token."""

        def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            if environ.get("PATH_INFO") != "/healthz":
                return app(environ, start_response)
            status, body = ("200 OK", b"ok\n") if self.is_there else ("503 Hangs", b"hangs\n")
            start_response(status, [("Content-Type", "text/plain")])
            return [body]

        return answer

"""A stand-in on loopback for tests: an aiohttp app in a thread with an event loop of its own."""

import asyncio
import threading
from typing import Self

from aiohttp import web


class LoopbackServer:
    """Serves ``app`` on ``port`` (0: a free one) while its context lasts. Raises OSError if the
    port is taken."""

    def __init__(self, app: web.Application, name: str, port: int = 0):
        self.port = port
        self._app = app
        self._ready = threading.Event()
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        if self._error is not None:
            raise self._error
        return self

    def __exit__(self, *_exception: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", self.port, backlog=2048)
            await site.start()
            self.port = runner.addresses[0][1]
            self._ready.set()
            await self._stop.wait()
        except OSError as error:
            self._error = error
            self._ready.set()
        finally:
            await runner.cleanup()

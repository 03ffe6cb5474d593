"""The connections to Figma of one process, in groups: httpx looks through a whole pool, under its
lock, at the beginning and the end of each request, and with a hundred in use that costs more than
the request."""

import itertools
import threading

import httpx

GROUPS = 24


class GroupedTransport(httpx.BaseTransport):
    """Threads are shared out evenly among the pools; each keeps to its own."""

    def __init__(self, max_connections: int, max_keepalive_connections: int):
        limits = httpx.Limits(
            max_connections=max_connections // GROUPS,
            max_keepalive_connections=max_keepalive_connections // GROUPS,
        )
        trusted = httpx.create_ssl_context()
        self._pools = [
            httpx.HTTPTransport(verify=trusted, retries=1, limits=limits) for _ in range(GROUPS)
        ]
        self._turns = itertools.cycle(self._pools)
        self._own = threading.local()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not hasattr(self._own, "pool"):
            self._own.pool = next(self._turns)
        pool: httpx.HTTPTransport = self._own.pool
        return pool.handle_request(request)

    def close(self) -> None:
        for pool in self._pools:
            pool.close()

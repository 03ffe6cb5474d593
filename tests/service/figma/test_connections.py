"""Threads share a few pools of connections instead of one."""

import threading

import httpx
import pytest

from service.figma.connections import GROUPS, GroupedTransport


def test_threads_are_shared_out_evenly_and_each_keeps_to_its_pool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used: list[tuple[int, httpx.HTTPTransport]] = []
    closed: list[httpx.HTTPTransport] = []

    def answer(pool: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        used.append((threading.get_ident(), pool))
        return httpx.Response(204)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", answer)
    monkeypatch.setattr(httpx.HTTPTransport, "close", lambda pool: closed.append(pool))
    everybody = threading.Barrier(2 * GROUPS)

    def ask() -> None:
        for _ in range(3):
            client.get("https://api.figma.test/")
        everybody.wait()

    with httpx.Client(transport=GroupedTransport(2_000, 200)) as client:
        threads = [threading.Thread(target=ask) for _ in range(2 * GROUPS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    pools = [pool for _, pool in set(used)]
    assert len(used) == 6 * GROUPS and len(pools) == 2 * GROUPS
    assert {pools.count(pool) for pool in pools} == {2}
    assert set(closed) == set(pools)

"""Whose figures /metrics tells: those of all processes of web, and a worker's to who may ask."""

import os
import re
import runpy
import signal
import socket
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from local.stack.stack import ROOT
from service.config import Settings
from service.observing.metrics import serve_metrics
from tests.service.web.processes import environment_of, gunicorn, wait_for

HEALTH = r'^http_requests_total\{method="GET",route="/healthz",status="200"\} (\S+)$'
TOKEN = SecretStr("metrics-token")


@pytest.fixture
def environment(web_settings: Settings, tmp_path: Path) -> dict[str, str]:
    return environment_of(web_settings, tmp_path)


def pids(folder: Path) -> set[str]:
    """Of the processes that count there."""
    return {path.stem.partition("_")[2] for path in folder.glob("histogram_*.db")}


def get(port: int, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False, timeout=30)


def told(port: int) -> float:
    found = re.search(HEALTH, get(port, "/metrics").text, re.MULTILINE)
    return float(found[1]) if found else 0


def test_each_scrape_tells_all_processes_together(
    environment: dict[str, str], web_port: int, tmp_path: Path
) -> None:
    def folders() -> list[Path]:
        return list(tmp_path.glob("figma-ai-buddy-figures-*"))

    with gunicorn(environment, web_port, tmp_path) as process:
        wait_for(lambda: len(folders()) == 1 and len(pids(folders()[0])) == 2)
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda _: get(web_port, "/healthz"), range(40)))
        assert {told(web_port) for _ in range(10)} == {40}
        before = folders()
        # A reload has new processes, and goes on with what the old ones counted.
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: len(pids(before[0])) == 4)
        get(web_port, "/healthz")
        assert {told(web_port) for _ in range(5)} == {41}
        assert folders() == before
        process.terminate()
        assert process.wait(40) == 0
    assert folders() == []


def test_a_folder_that_was_set_is_used_and_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = tmp_path / "given"
    given.mkdir()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(given))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    loaded = runpy.run_path(str(ROOT / "service" / "web" / "gunicorn_conf.py"))
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(given)
    loaded["on_exit"](None)
    assert list(tmp_path.iterdir()) == [given]


# A worker's


@contextmanager
def served(token: SecretStr | None) -> Iterator[tuple[str, int]]:
    server = serve_metrics(0, None, token)
    try:
        yield server.server_address[:2]  # type: ignore[misc]
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [("", 401), ("Bearer wrong", 401), ("Bearer mëtrics", 401), ("Bearer metrics-token", 200)],
)
def test_a_worker_demands_the_token_on_every_address(sent: str, status: int) -> None:
    with served(TOKEN) as (host, port):
        assert host == "0.0.0.0"
        headers = {"Authorization": sent.encode()}
        url = f"http://127.0.0.1:{port}/metrics"
        answer = httpx.get(url, headers=headers, trust_env=False)
    assert answer.status_code == status
    assert ("answers_total" in answer.text) is (status == 200)


def test_a_worker_without_a_token_is_heard_on_its_own_machine_alone() -> None:
    with served(None) as (host, port):
        assert "answers_total" in get(port, "/metrics").text
        assert host == "127.0.0.1"
        # Elsewhere in the own network nobody listens: loopback has more than one address.
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", port)):
            pass

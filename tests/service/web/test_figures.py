"""Whose figures /metrics tells: those of all processes of web, and a worker's to who may ask."""

import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from local.stack.stack import ROOT
from service.metrics import serve_metrics
from service.settings import Settings

HEALTH = r'^http_requests_total\{method="GET",route="/healthz",status="200"\} (\S+)$'
TOKEN = SecretStr("metrics-token")


@pytest.fixture
def environment(web_settings: Settings, tmp_path: Path) -> dict[str, str]:
    """Of a process in production, with two workers and a place of its own for its files."""
    secrets = ("supabase_anon_key", "supabase_service_role_key", "database_url",
               "figma_client_secret", "session_secret")  # fmt: skip
    plain = ("supabase_url", "figma_client_id", "figma_redirect_uri", "webhook_url",
             "figma_api_url")  # fmt: skip
    return {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(tmp_path),
        "WEB_CONCURRENCY": "2",
        "LOG_LEVEL": "WARNING",
        "TOKEN_ENCRYPTION_KEYS": web_settings.token_encryption_keys[0].get_secret_value(),
        **{name.upper(): getattr(web_settings, name).get_secret_value() for name in secrets},
        **{name.upper(): getattr(web_settings, name) for name in plain},
    }


@contextmanager
def gunicorn(
    environment: dict[str, str], port: int, tmp_path: Path
) -> Iterator[subprocess.Popen[bytes]]:
    command = "-m gunicorn -c service/gunicorn_conf.py service.app:create_app()"
    output = (tmp_path / "output").open("wb")
    process = subprocess.Popen(
        [sys.executable, *command.split()],
        cwd=ROOT,
        env={**environment, "PORT": str(port), "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{port}"},
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        output.close()


def wait_for(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 40
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


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
    loaded = runpy.run_path(str(ROOT / "service" / "gunicorn_conf.py"))
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

"""A deploy under the running web and worker of an older version, which go on answering.

`make test-upgrade BASE=…`: the suite alone has no older version's code; what its processes rely on
is compared in tests/sql/test_signatures.py.
"""

import json
import os
import shlex
import subprocess
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from local.programs import read_procfile
from local.stack.stack import free_port
from local.stage import (
    ROOT,
    Stage,
    answers,
    build_stage,
    migrate,
    stop_process,
    unpack,
    wait_until,
)
from tests.upgrade.asker import Asker

BASE = os.environ.get("TEST_UPGRADE_BASE", "")
pytestmark = pytest.mark.skipif(not BASE, reason="`make test-upgrade` says from which version")


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Stage]:
    """A database of the older version's SQL, and its files in ``tmp_path``."""
    unpack(BASE, tmp_path)
    with build_stage(fast=True, checkout=tmp_path) as stage:
        stage.start_model(delay_ms=0)
        yield stage


def start_old(stage: Stage, checkout: Path) -> dict[str, subprocess.Popen]:
    """Start what its own Procfile says."""
    return {name: start(stage, name, checkout) for name in ("web", "worker")}


def start(
    stage: Stage, name: str, checkout: Path, log: str = "", url: str = ""
) -> subprocess.Popen:
    """Start one process of a checkout as its Procfile says, web at ``url``."""
    command = shlex.split(read_procfile(checkout / "Procfile")[name])
    if name == "web":
        url = url or stage.web_url
        env = {"PORT": url.rsplit(":", 1)[1], "GUNICORN_CMD_ARGS": "--graceful-timeout 5"}
        ready = partial(answers, f"{url}/readyz")
        return stage.start(log or name, "-m", *command, folder=checkout, env=env, ready=ready)
    said = stage.folder / f"{log or name}.log"
    return stage.start(
        log or name, *command[1:], folder=checkout,
        # The database is not asked: this version's client reads no older version's answers.
        ready=lambda: "worker_started" in said.read_text(encoding="utf-8"),
    )  # fmt: skip


def errors(stage: Stage) -> list[str]:
    """What the older version's processes logged as an error."""
    found = []
    for path in sorted(stage.folder.glob("*w*.log")):
        name = path.stem
        if "web" not in name and "worker" not in name:
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("{") or json.loads(line).get("level") in ("error", "critical"):
                found.append(f"{name}: {line}")
    return found


def answered(stage: Stage) -> int:
    found = stage.rows("select count(*) from public.usage_logs where status = 'answered'")
    return int(found[0][0])


def test_old_processes_go_on_answering_while_and_after_this_version_is_deployed(
    old: Stage, tmp_path: Path
) -> None:
    start_old(old, tmp_path)
    sandbox = old.start_sandbox()
    with httpx.Client(base_url=old.web_url, trust_env=False, timeout=30) as http:
        asker = Asker(old, sandbox, http)
        asker.sign_in()
        asker.switch_on()
        asker.ask("is this contrast enough?")
        migrate(old.settings.database_url.get_secret_value())
        asker.ask("and is it now?")
        asker.look_at_account()
        asker.sign_in()
        old.start("new-worker", "-m", "service.worker")
        asker.ask("and with a new worker beside the old one?")
        # The reply is at Figma a moment before it is in the books.
        wait_until(lambda: answered(old) == 3, 30, "the third line of the ledger")
    assert errors(old) == []


class Line:
    """A proxy's way in while blue gives way to green: asks whichever web is switched on, ten times
    a second, and keeps what people would have seen."""

    def __init__(self, url: str):
        self.url = url
        self.seen: list[int | str] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> "Line":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _ask(self) -> None:
        with httpx.Client(trust_env=False, timeout=30) as http:
            while not self._end.wait(0.1):
                try:
                    self.seen.append(http.get(f"{self.url}/readyz").status_code)
                except httpx.TransportError as error:
                    self.seen.append(type(error).__name__)


def test_blue_gives_way_to_green_and_green_to_blue_again(
    old: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Green is this version, blue the older one. Deliveries go to blue's address all the time: what
    blue stored green answers, and the other way round. Rolled back is code, and never SQL."""
    blue = start_old(old, tmp_path)
    sandbox = old.start_sandbox()
    green_url = f"http://127.0.0.1:{free_port()}"

    def say(what: str, since: float) -> None:
        with capsys.disabled():
            print(f"\n  {what}: {time.monotonic() - since:.1f} s", end="")

    def ask(asker: Asker, question: str, what: str) -> None:
        since = time.monotonic()
        asker.ask(question)
        say(what, since)

    with httpx.Client(base_url=old.web_url, trust_env=False, timeout=30) as http:
        asker = Asker(old, sandbox, http)
        asker.sign_in()
        asker.switch_on()
        ask(asker, "is this contrast enough?", "old code, old SQL: an answer")
        with Line(old.web_url) as line:
            since = time.monotonic()
            migrate(old.settings.database_url.get_secret_value())
            say("the new SQL under the running processes", since)
            ask(asker, "and now?", "old code, new SQL: an answer")
            green = [
                start(old, name, ROOT, f"green-{name}", green_url) for name in ("web", "worker")
            ]
            line.url = green_url
            # What a proxy does: people come to green, and blue ends what it has.
            stop_process(blue["worker"])
            assert blue["worker"].returncode == 0
            ask(asker, "and of green?", "new code, new SQL: an answer")
            with httpx.Client(base_url=green_url, trust_env=False, timeout=30) as new:
                for path in ("/healthz", "/readyz", "/openapi.json"):
                    assert new.get(path).is_success
            blue_worker = start(old, "worker", tmp_path, "blue-again-worker")
            line.url = old.web_url
            for process in reversed(green):
                stop_process(process)
            ask(asker, "and of blue again?", "rolled back, old code on new SQL: an answer")
            asker.look_at_account()
            asker.sign_in()
        wait_until(lambda: answered(old) == 4, 30, "the fourth line of the ledger")
        assert blue_worker.poll() is None
    with capsys.disabled():
        print(
            f"\n  asked at the way in: {len(line.seen)} times, all 200: {set(line.seen) == {200}}"
        )
    assert set(line.seen) == {200}
    assert errors(old) == []

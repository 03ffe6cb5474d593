"""A deploy under the running web and worker of an older version, which go on answering.

`make test-upgrade BASE=…`: the suite alone has no older version's code; what its processes rely on
is compared in tests/sql/test_signatures.py.
"""

import json
import os
import shlex
import subprocess
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest

from local.sandbox import Sandbox
from local.stage import ROOT, Stage, answers, build_stage, migrate, wait_until

BASE = os.environ.get("TEST_UPGRADE_BASE", "")
pytestmark = pytest.mark.skipif(not BASE, reason="`make test-upgrade` says from which version")

CHECKOUT_FILE = "ChkOut7Qm2VxLpR4tYw8Za"
ASKER = "Ada Okafor"


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Stage]:
    """The older version's web and worker, running on a database of its own SQL."""
    packed = subprocess.run(["git", "archive", BASE], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
        archive.extractall(tmp_path, filter="data")
    with build_stage(fast=True, checkout=tmp_path) as stage:
        stage.start_model(delay_ms=0)
        start_old(stage, tmp_path)
        yield stage


def start_old(stage: Stage, checkout: Path) -> None:
    """Start what its own Procfile says."""
    lines = (checkout / "Procfile").read_text(encoding="utf-8").splitlines()
    commands = {
        name: shlex.split(rest) for name, _, rest in (line.partition(":") for line in lines)
    }
    stage.start(
        "web", "-m", *commands["web"], folder=checkout,
        env={"PORT": stage.web_url.rsplit(":", 1)[1]},
        ready=lambda: answers(f"{stage.web_url}/healthz"),
    )  # fmt: skip
    _python, *command = commands["worker"]
    stage.start("worker", *command, folder=checkout)
    wait_until(lambda: stage.database.queue_status().workers > 0, 60, "the worker")


def errors(stage: Stage) -> list[str]:
    """What the older version's processes logged as an error."""
    found = []
    for name in ("web", "worker"):
        for line in (stage.folder / f"{name}.log").read_text(encoding="utf-8").splitlines():
            if not line.startswith("{") or json.loads(line).get("level") in ("error", "critical"):
                found.append(f"{name}: {line}")
    return found


def answered(stage: Stage) -> int:
    found = stage.rows("select count(*) from public.usage_logs where status = 'answered'")
    return int(found[0][0])


class Asker:
    """Somebody who uses the product as people do: signs in, switches it on, asks in the file."""

    def __init__(self, stage: Stage, sandbox: Sandbox, http: httpx.Client):
        self._stage, self._sandbox, self._http = stage, sandbox, http
        self._id = next(each["id"] for each in sandbox.people() if each["handle"] == ASKER)

    def sign_in(self) -> None:
        started = self._http.get("/api/auth/figma-oauth")
        callback = self._sandbox.sign_in(ASKER, started.headers["Location"])
        assert callback and self._http.get(callback).status_code == 302

    def switch_on(self) -> None:
        link = f"https://www.figma.com/design/{CHECKOUT_FILE}/A-file"
        headers = {"Origin": self._stage.web_url}
        answer = self._http.post("/api/webhook/manage", json={"link": link}, headers=headers)
        assert answer.is_success, answer.text

    def ask(self, question: str) -> None:
        """Ask and wait for the reply."""
        body = {"person_id": self._id, "text": f"@buddy {question}", "root_id": None, "pin": None}
        url = f"{self._stage.sandbox_url}/sandbox/comments/{CHECKOUT_FILE}"
        asked = httpx.post(url, json=body, trust_env=False).raise_for_status().json()
        wait_until(lambda: self._is_answered(asked["id"]), 90, f"the reply to {question!r}")

    def look_at_account(self) -> None:
        for path in ("/api/user/me", "/api/user/context", "/api/webhook/manage", "/readyz"):
            answer = self._http.get(path)
            assert answer.is_success, f"{path}: {answer.text}"

    def _is_answered(self, root_id: str) -> bool:
        comments = self._sandbox.comments(CHECKOUT_FILE)
        return any(each["parent_id"] == root_id for each in comments)


def test_old_processes_go_on_answering_while_and_after_this_version_is_deployed(old: Stage) -> None:
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

"""`make run` from an empty checkout: one command, a comment answered, and nothing left behind."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.ports import DEFAULTS
from local.stack.stack import ROOT, free_port
from local.stack.supervision import leftovers, wait_until

LEFT_OUT = (".git", ".venv", ".local", ".env", ".*_cache", "__pycache__", "node_modules", "tests")
PATIENCE = 120


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A copy without anybody's .env or data, in a folder as people name them, not programs; the npm
    packages are shared."""
    copy = tmp_path / "check out [50 %] #2"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
    for folder in (".", "plugin", "toolchain"):
        (copy / folder / "node_modules").symlink_to(ROOT / folder / "node_modules")
    yield copy
    command = [sys.executable, "-m", "local.run", "reset"]
    subprocess.run(command, cwd=copy, check=True, stdout=subprocess.DEVNULL)
    assert not (copy / ".local").exists()


class Run:
    """One `make run` in a checkout, with an environment that holds ports and nothing else."""

    def __init__(self, checkout: Path, ports: dict[str, int]) -> None:
        self.folder = checkout / ".local"
        self._output = checkout.parent / "output"
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment = kept | {name: str(port) for name, port in ports.items()}
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local.run"],
                cwd=checkout,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def text(self) -> str:
        return self._output.read_text()

    def wait_until_up(self) -> str:
        """The block that is printed at the end."""

        def is_up() -> bool:
            assert self.process.poll() is None, self.text()
            return "Start over: make reset" in self.text()

        wait_until(is_up, PATIENCE, self.text)
        return self.text().partition("Figma AI Buddy is running.")[2]

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def ports() -> dict[str, int]:
    return {name: free_port() for name in DEFAULTS}


def ask(figma: str) -> tuple[str, str]:
    """Write a comment as the owner of the first file; return its file's key and its id."""
    files = httpx.get(f"{figma}/sandbox/files", trust_env=False).json()
    people = httpx.get(f"{figma}/sandbox/people", trust_env=False).json()
    file = next(each for each in files if each["editor_type"] == "figma")
    owner = next(each["id"] for each in file["who_can_see"] if each["role"] == "owner")
    token = next(each["token"] for each in people if each["id"] == owner)
    answer = httpx.post(
        f"{figma}/v1/files/{file['key']}/comments",
        json={"message": "@buddy is the contrast fine here?"},
        headers={"X-Figma-Token": token},
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
    return file["key"], answer.json()["id"]


def replies(figma: str, file_key: str, comment_id: str) -> list[dict]:
    answer = httpx.get(f"{figma}/sandbox/comments/{file_key}", trust_env=False).json()
    return [each for each in answer["comments"] if each["parent_id"] == comment_id]


SHAPES = re.compile(
    r"\bsk-[\w-]{8,}|\bsb_(?:secret|publishable)_[\w-]{8,}|\beyJ[\w-]{5,}\.[\w-]{5,}\."
    r"|\bfig[a-z]{1,2}_[\w-]{8,}|\b(?:gh[oprsu]|github_pat)_\w{8,}"
    r"|\bgAAAA[\w=-]{20,}|\bwhsec_[\w+/=-]{8,}|://[^\s/:@]+:[^\s/@]+@"
)


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(errors="replace") for path in folder.iterdir()}


def secrets_in(logs: Path) -> list[tuple[str, str]]:
    """File and kind of each key, password or token of a run that stands in its logs."""
    known = json.loads((logs.parent / "secrets.json").read_text())
    kept = (logs.parent / "sandbox.json").read_text()
    # The sandbox keeps people's tokens and the passcodes of webhooks.
    known |= {found: found for found in re.findall(r'"([\w-]{24,})"', kept)}
    assert set(texts(logs)) >= {"web.log", "worker.log", "supabase.log", "postgres.log"}
    return [
        (name, kind)
        for name, text in texts(logs).items()
        for kind in [
            *(kind for kind, value in known.items() if value in text),
            *SHAPES.findall(text),
        ]
    ]


def test_one_command_runs_everything_and_a_comment_is_answered(checkout, ports):
    run = Run(checkout, ports)
    try:
        block = run.wait_until_up()
        figma = f"http://127.0.0.1:{ports['SANDBOX_PORT']}"
        for name in ("WEB_PORT", "DASHBOARD_PORT", "SUPABASE_PORT", "SANDBOX_PORT"):
            assert f"http://127.0.0.1:{ports[name]}" in block
        assert f"{figma}/plugin" in block
        assert 'id="plugin"' in httpx.get(f"{figma}/plugin", trust_env=False).text
        password = re.search(r"founder@example.com  password: (\S+)", block)
        assert password
        key, comment = ask(figma)
        wait_until(lambda: bool(replies(figma, key, comment)), PATIENCE, run.text)
        assert len(replies(figma, key, comment)) == 1
        assert run.interrupt() == 0
    finally:
        run.kill()
    assert leftovers(run.folder) == []
    # By now each program has written all it had to say, and the sandbox what it knows.
    assert secrets_in(run.folder / "logs") == []
    # A newcomer signs in with it, and it stands on their terminal alone.
    assert password[1] not in "".join(texts(run.folder / "logs").values())


def test_after_a_killed_run_the_next_one_ends_its_leftovers_and_keeps_the_data(checkout, ports):
    first = Run(checkout, ports)
    try:
        block = first.wait_until_up()
    finally:
        first.kill()
    second = Run(checkout, ports)
    try:
        assert second.wait_until_up() == block
        assert "the database is up to date" in second.text()
        assert second.interrupt() == 0
    finally:
        second.kill()
    assert leftovers(second.folder) == []

"""The product as a host runs it: each process is started again when it dies."""

import os
import shlex
import signal
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, LiteralString
from xmlrpc.client import Fault as SupervisorFault

import httpx
import psutil
import psycopg
from psycopg.rows import dict_row

from bench.chaos.disk import small_disk
from bench.chaos.skew import lacks_skew, skewed
from local.programs import read_procfile
from local.sandbox import Sandbox
from local.stack import Stack
from local.stack.postgres import find_data
from local.stack.supervision import Program, Supervisor
from local.stage import ROOT, Stage, answers, build_stage, unpack
from service.config import NOT_FOR_BUILDERS

Row = dict[str, Any]
# One worker's clock can be wrong; the other's is always right.
ROLES = ("web", "worker", "skewed-worker", "builder")
SETTINGS = {
    # Faults are short here, and what hangs has to be given up within one.
    "MODEL_TIMEOUT_SECONDS": "8",
    "FIGMA_TIMEOUT_SECONDS": "8",
    # Figma's pictures are one more call each, which fails as the others do.
    "FIGMA_PICTURES": "never",
    "WEB_CONCURRENCY": "2",
}
# So many times faster than Figma's retries: after 10 seconds, 70 seconds and 7 minutes.
RETRY_SPEED = 30
READY_SECONDS = 90
MODEL_MS = 400


@dataclass
class Product:
    """One running product and what stands in for others.

    ``no_disk`` and ``no_clock``: why those faults are not possible here, or nothing. ``clock``: the
    file that says by how much the skewed worker's clock is wrong. ``staff``: held by whoever
    starts, stops or kills a process.
    """

    stage: Stage
    sandbox: Sandbox
    disk: Path
    no_disk: str
    clock: Path
    no_clock: str
    checkout: Path
    names: dict[str, str] = field(default_factory=dict)
    visitors: dict[str, Any] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=dict)
    staff: threading.RLock = field(default_factory=threading.RLock)

    @property
    def supervisor(self) -> Supervisor:
        return self.stage.stack.supervisor

    @property
    def log_folder(self) -> Path:
        return self.stage.stack.folder / "logs"

    def start(self, *roles: str) -> None:
        """Start a process of each role, beside the one there is. It is the role's from now on."""
        for role in roles:
            _, _, number = self.names.get(role, f"{role}-0").rpartition("-")
            self.names[role] = f"{role}-{int(number) + 1}"
            self.supervisor.add(self._program(role, self.names[role]))
        for role in roles:
            self.supervisor.wait(self.names[role], partial(self._is_up, role), READY_SECONDS)

    def retire(self, names: Collection[str]) -> None:
        """Tell processes to stop, all at once, and wait until they have finished what they can."""
        with ThreadPoolExecutor() as threads:
            list(threads.map(self.halt, names))
        for name in names:
            self.supervisor.remove(name)

    def kill(self, role: str, *, child: bool = False) -> bool:
        """kill -9 of a role's process and all its children, or of one child alone. False if it is
        down just now."""
        name = self.names.get(role, role)
        pid = self.supervisor.pid(name)
        if not pid:
            return False
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            children = process.children(recursive=True)
            for each in children[:1] if child and children else [process, *children]:
                with suppress(psutil.Error):
                    each.send_signal(signal.SIGKILL)
        kind = role.removeprefix("skewed-")
        self.kills[kind] = self.kills.get(kind, 0) + 1
        return True

    def halt(self, name: str) -> None:
        # It may be down at this moment, about to be started again.
        with suppress(SupervisorFault):
            self.supervisor.halt(name)

    def resume(self, name: str) -> None:
        with suppress(SupervisorFault):
            self.supervisor.resume(name)

    def heal(self) -> None:
        """Nothing fails any more, and every process runs or is about to."""
        self.sandbox.faults(rate_limits=False)
        self.behave()
        for name in ("postgres", "supabase", *self.names.values()):
            if self.supervisor.state(name) in ("STOPPED", "FATAL", "EXITED"):
                self.resume(name)

    def behave(self, **fields: Any) -> None:
        """How the model answers; fields left out go back to their defaults."""
        url = f"{self.stage.model_url}/standin/behaviour"
        body = {"delay_ms": MODEL_MS, **fields}
        httpx.put(url, json=body, timeout=10, trust_env=False).raise_for_status()

    def completed_calls(self) -> int:
        """How many calls of the model got an answer that costs."""
        url = f"{self.stage.model_url}/standin/requests"
        return int(httpx.get(url, timeout=30, trust_env=False).json()["completed"])

    def rows(self, query: LiteralString, *values: Any) -> list[Row]:
        """What the database says, past all its rules."""
        with psycopg.connect(
            self.stage.admin_url, row_factory=dict_row, connect_timeout=5
        ) as connection:
            cursor = connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def _is_up(self, role: str) -> bool:
        is_up = self.supervisor.state(self.names[role]) == "RUNNING"
        return is_up and (role != "web" or answers(f"{self.stage.web_url}/healthz"))

    def _program(self, role: str, name: str) -> Program:
        kind = role.removeprefix("skewed-")
        path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
        environment = {**self.stage.environment, **SETTINGS, "PATH": path}
        if kind == "web":
            port = self.stage.web_url.rsplit(":", 1)[1]
            # The old and the new one of a deploy share the port, as behind a load balancer.
            arguments = f"--bind 127.0.0.1:{port} --reuse-port --graceful-timeout 10"
            environment |= {"PORT": port, "GUNICORN_CMD_ARGS": arguments}
        if kind == "builder":
            environment = {k: v for k, v in environment.items() if k not in NOT_FOR_BUILDERS}
        if kind != role and not self.no_clock:
            environment |= skewed(self.clock)
        command = shlex.split(read_procfile(self.checkout / "Procfile")[kind])
        return Program(
            name, ["/usr/bin/env", *command], environment, self.checkout, stop_seconds=30
        )


@contextmanager
def run_product(base: str = "") -> Iterator[Product]:
    """Everything started: this version, or another one that git has, on that one's SQL."""
    with ExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="buddy-chaos-")))
        # Postgres's account has to pass through.
        folder.chmod(0o711)
        checkout = ROOT
        if base:
            checkout = folder / "base"
            checkout.mkdir()
            unpack(base, checkout)
        stack_folder = folder / "stack"
        stack_folder.mkdir(mode=0o711)
        disk = find_data(stack_folder).parent
        no_disk = exits.enter_context(small_disk(disk, folder / "disk.img"))
        stage = exits.enter_context(build_stage(checkout=checkout, on=Stack(stack_folder)))
        sandbox = stage.start_sandbox(SANDBOX_CLOCK=str(RETRY_SPEED))
        stage.start_model(delay_ms=MODEL_MS)
        clock = folder / "clock"
        clock.write_text("+0\n")
        product = Product(stage, sandbox, disk, no_disk, clock, lacks_skew(), checkout)
        product.start(*ROLES)
        yield product

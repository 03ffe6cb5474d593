"""Runs programs under supervisor (https://supervisord.org): restarted when they die.

Every program has the variable BUDDY_STACK with the stack's folder. By it a later start finds and
ends the processes that a killed run left behind, and no others.
"""

import ctypes
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

import psutil
from supervisor.xmlrpc import SupervisorTransport

from local.stack.keys import write_private

MARK = "BUDDY_STACK"
# A Unix socket's path may have 108 bytes on Linux and 104 on macOS. While it starts, supervisor
# adds a dot and a process id to the path.
SOCKET_PATH_LIMIT = 90

# Paths are relative to the stack's folder or come from the environment: supervisor would read a
# space, `%`, `#` or bracket in a folder's name as syntax. So it does not include files either.
DAEMON = """\
[supervisord]
nodaemon = true
silent = true
logfile = logs/supervisord.log
pidfile = supervisord.pid
childlogdir = logs
umask = 077
{user}
[unix_http_server]
file = %(ENV_BUDDY_SOCKET)s
chmod = 0700
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
PROGRAM = """\
[program:{name}]
command = %(ENV_BUDDY_LAUNCH)s programs/{name}.json
autorestart = true
startsecs = 1
startretries = 1000
stopsignal = {stop_signal}
stopwaitsecs = {stop_seconds}
killasgroup = true
redirect_stderr = true
stdout_logfile = logs/{name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 1
"""


class StackError(SystemExit):
    """The stack cannot start or continue; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class Program:
    """One process to keep running. `user` only if we are root; `environment` is its whole one."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    directory: Path = Path("/")
    user: str | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 15


class Supervisor:
    """One supervisord and its programs; it ends when this process ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._daemon: subprocess.Popen[bytes] | None = None
        socket = folder / "supervisor.sock"
        if len(str(socket)) > SOCKET_PATH_LIMIT:
            name = "buddy-" + sha256(str(folder).encode()).hexdigest()[:16]
            socket = Path(tempfile.gettempdir()) / f"{name}.sock"
        self._socket = socket

    def _call(self, method: str, *arguments: str) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with closing(transport):
            remote = ServerProxy("http://127.0.0.1", transport=transport)
            return getattr(remote.supervisor, method)(*arguments)

    def start(self) -> None:
        """End leftover processes of an earlier run, then start supervisord without programs."""
        end_leftovers(self.folder)
        shutil.rmtree(self.folder / "programs", ignore_errors=True)
        (self.folder / "programs").mkdir(mode=0o700)
        (self.folder / "logs").mkdir(mode=0o700, exist_ok=True)
        config = self._write_config()
        launcher = str(Path(__file__).with_name("launch.py"))
        variables = {
            MARK: str(self.folder),
            "BUDDY_SOCKET": str(self._socket),
            "BUDDY_LAUNCH": shlex.join([sys.executable, launcher]),
        }
        self._daemon = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord", "-n", "-c", config],
            cwd=self.folder,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        wait_until(self._answers, 15, lambda: f"supervisor did not start; {self.last_lines()}")

    def _write_config(self) -> Path:
        """Write one file with the sections of supervisord and of every program."""
        parts = [DAEMON.format(user="user = root" if os.geteuid() == 0 else "")]
        parts += [path.read_text("utf-8") for path in _newest_first(self.folder / "programs")]
        config = self.folder / "supervisord.conf"
        write_private(config, "".join(parts))
        return config

    def _answers(self) -> bool:
        if self._daemon and self._daemon.poll() is not None:
            raise StackError(f"supervisor stopped at once; {self.last_lines()}")
        try:
            return bool(self._call("getState"))
        except OSError:
            return False

    def is_running(self) -> bool:
        return self._daemon is not None and self._daemon.poll() is None

    def add(self, program: Program) -> None:
        """Start a program and keep it running."""
        description = self.folder / "programs" / f"{program.name}.json"
        content = {
            "command": program.command,
            "environment": {**program.environment, MARK: str(self.folder)},
            "directory": str(program.directory),
            "user": program.user,
        }
        write_private(description, json.dumps(content))
        text = PROGRAM.format(
            name=program.name,
            stop_signal=program.stop_signal,
            stop_seconds=program.stop_seconds,
        )
        write_private(description.with_suffix(".conf"), text)
        self._write_config()
        self._call("reloadConfig")
        self._call("addProcessGroup", program.name)

    def remove(self, name: str) -> None:
        """Stop a program and do not start it again."""
        with suppress(Fault):
            # It may be down already.
            self._call("stopProcess", name)
        self._call("removeProcessGroup", name)
        for suffix in (".conf", ".json"):
            (self.folder / "programs" / name).with_suffix(suffix).unlink()

    def halt(self, name: str) -> None:
        """Stop a program in order, until `resume`."""
        self._call("stopProcess", name)

    def resume(self, name: str) -> None:
        """Start a program that was halted."""
        self._call("startProcess", name)

    def state(self, name: str) -> str:
        """supervisor's state of a program: STARTING, RUNNING, BACKOFF, STOPPED, FATAL …"""
        return str(self._call("getProcessInfo", name)["statename"])

    def pids(self) -> dict[str, int]:
        """The process id of every program; 0 if it is down."""
        return {each["name"]: int(each["pid"]) for each in self._call("getAllProcessInfo")}

    def pid(self, name: str) -> int:
        """The process id; 0 if the program is down."""
        return int(self._call("getProcessInfo", name)["pid"])

    def last_lines(self, name: str = "supervisord", count: int = 20) -> str:
        """The end of a program's log, to show to a person after a failure."""
        path = self.folder / "logs" / f"{name}.log"
        lines = (
            path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
        )
        return "\n".join([f"the end of {path}:", *(f"  {line}" for line in lines[-count:])])

    def wait(self, name: str, is_ready: Callable[[], bool], seconds: float) -> None:
        """Wait until a program is ready. Raises StackError with its log on timeout or failure."""

        def look() -> bool:
            if self.state(name) in ("BACKOFF", "FATAL", "EXITED"):
                raise StackError(f"{name} stopped while starting; {self.last_lines(name)}")
            return is_ready()

        def complain() -> str:
            return f"{name} did not answer within {seconds:.0f} seconds; {self.last_lines(name)}"

        wait_until(look, seconds, complain)

    def stop(self) -> None:
        """Stop every program, the newest first, then supervisord itself."""
        if self.is_running() and self._daemon:
            for path in _newest_first(self.folder / "programs"):
                # The program may be down already, and supervisord may be stopping.
                with suppress(Fault, OSError):
                    self._call("stopProcess", path.stem)
            self._daemon.terminate()
            try:
                self._daemon.wait(30)
            except subprocess.TimeoutExpired:
                self._daemon.kill()
                self._daemon.wait()
        end_leftovers(self.folder)


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.conf"), key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _die_with_parent() -> None:
    """In the child: ask Linux to send SIGTERM when the parent dies for any reason."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


def wait_until(is_so: Callable[[], bool], seconds: float, complain: Callable[[], str]) -> None:
    """Poll until true. Raises StackError(complain()) after `seconds`."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise StackError(complain())
        time.sleep(0.05)


def leftovers(folder: Path) -> list[psutil.Process]:
    """Processes with this stack's folder in BUDDY_STACK."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(folder) and process.pid != os.getpid():
                found.append(process)
        except (psutil.Error, OSError):
            continue  # Gone meanwhile, or not ours to look at.
    return found


def end_leftovers(folder: Path) -> None:
    """End processes that a killed run left: supervisord first, so that it restarts nothing."""
    processes = leftovers(folder)
    daemons = [each for each in processes if _is_daemon(each)]
    _end(daemons, patience=25)
    _end(leftovers(folder), patience=10)


def _is_daemon(process: psutil.Process) -> bool:
    try:
        return "supervisor.supervisord" in process.cmdline()
    except psutil.Error:
        return False


def _end(processes: list[psutil.Process], patience: float) -> None:
    for process in processes:
        try:
            # SIGINT is Postgres's fast shutdown; SIGTERM would wait for its clients.
            is_postgres = process.name() == "postgres"
            process.send_signal(signal.SIGINT if is_postgres else signal.SIGTERM)
        except psutil.NoSuchProcess:
            continue
    _, alive = psutil.wait_procs(processes, timeout=patience)
    for process in alive:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(alive, timeout=5)

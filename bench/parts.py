"""CPU time and memory of each part of a running stage, by process: which part spends how much."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

# The first match in the command line counts. Other processes belong to the benchmark.
_PARTS = {
    "service.worker": "worker",
    "service.builder": "builder",
    "gunicorn": "web",
    "bench.light_figma": "figma",
    "bench.light_designs": "figma",
    "bench.load.figma": "figma",
    "bench.load.crowd": "crowd",
    "local.sandbox": "figma",
    "local.model": "model",
    "lite": "api",
    "postgres": "postgres",
}


class Memory(NamedTuple):
    """Of one part, in bytes. ``share``: what it takes of the machine, with its share of what
    several processes hold together. ``own``: what it has allocated for itself, without files and
    without Postgres's shared buffers, which fill up as they should."""

    processes: int
    share: int
    own: int


def cpu_seconds() -> dict[str, float]:
    """CPU seconds (user + system) of each part since it began; includes children that ended."""
    spent: dict[str, float] = {}
    for part, process in _processes():
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        ended = times.children_user + times.children_system
        spent[part] = spent.get(part, 0.0) + times.user + times.system + ended
    return spent


def memory() -> dict[str, Memory]:
    """Memory of each part now."""
    held: dict[str, Memory] = {}
    for part, process in _processes():
        try:
            share, own = _memory_of(process)
        except (psutil.Error, OSError):
            continue
        before = held.get(part, Memory(0, 0, 0))
        held[part] = Memory(before.processes + 1, before.share + share, before.own + own)
    return held


def _memory_of(process: psutil.Process) -> tuple[int, int]:
    """https://www.kernel.org/doc/html/latest/filesystems/proc.html"""
    rollup = Path(f"/proc/{process.pid}/smaps_rollup")
    if not Path("/proc/self/smaps_rollup").exists():
        resident = process.memory_info().rss
        return resident, resident
    lines = dict(line.split(":", 1) for line in rollup.read_text().splitlines()[1:])
    share, own = (int(lines[name].split()[0]) * 1024 for name in ("Pss", "Anonymous"))
    return share, own


def _processes() -> Iterator[tuple[str, psutil.Process]]:
    for process in psutil.Process().children(recursive=True):
        try:
            part = _part_of(" ".join(process.cmdline()))
        except psutil.Error:
            continue
        if part:
            yield part, process


def _part_of(command: str) -> str | None:
    return next((part for sign, part in _PARTS.items() if sign in command), None)

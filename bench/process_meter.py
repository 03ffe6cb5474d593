"""CPU time of what a process starts, also of what is gone: the sandboxes of a builder.

Whoever ends inside a sandbox is waited for by nobody outside it, so no parent's account has its
time. The processes are looked at a few times a second; what each used after the last look is lost.
"""

import threading
import time
from typing import Self

import psutil

LOOK_SECONDS = 0.1


class ProcessMeter:
    """Watches the descendants of some processes until it is closed."""

    def __init__(self) -> None:
        self._watched: list[psutil.Process] = []
        self._seen: dict[tuple[int, float], float] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def watch(self, pid: int) -> None:
        self._watched.append(psutil.Process(pid))

    @property
    def seconds(self) -> float:
        """User and system, of all descendants so far; not of the watched processes themselves."""
        return sum(list(self._seen.values()))

    def _look_on(self) -> None:
        while not self._is_over.is_set():
            began = time.monotonic()
            for watched in list(self._watched):
                self._look(watched)
            # Looking may take long on a busy machine, and must not become its work.
            self._is_over.wait(max(LOOK_SECONDS, 3 * (time.monotonic() - began)))

    def _look(self, watched: psutil.Process) -> None:
        try:
            found = watched.children(recursive=True)
        except psutil.Error:
            return
        for each in found:
            try:
                times = each.cpu_times()
                self._seen[each.pid, each.create_time()] = times.user + times.system
            except psutil.Error:
                continue

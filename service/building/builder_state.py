"""What all stages of a process share. A builder has the sandbox and no secret; a worker has clients
of Figma, models and GitHub, and runs no generated code."""

import asyncio
import os
import socket
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from typing import Self, TypeVar
from uuid import uuid4

import structlog

from service.answering.worker_state import WorkerState
from service.config import Settings
from service.observing.tracing import database_span
from service.pipelines.gate import Sandbox, Tools, find_tools
from service.store.artifact_store import ArtifactStore
from service.store.database import Database

# Stages block in threads of their own: nothing that answers a comment waits for one.
THREADS = 16
# For so long it is remembered what the sandbox lacks.
LACK_SECONDS = 60.0
Answer = TypeVar("Answer")

log = structlog.get_logger(__name__)


def runner_name() -> str:
    """A name of this process, for the row of each attempt."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid4().hex[:6]}"


@dataclass
class BuilderState:
    """Shared by the jobs of one event loop. ``worker`` is None in a builder."""

    settings: Settings
    database: Database
    artifacts: ArtifactStore
    worker: WorkerState | None = None
    tools: Tools = field(default_factory=find_tools)
    runner: str = field(default_factory=runner_name)
    threads: Executor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "stages"))
    _lack: tuple[float, str] | None = None

    @classmethod
    def of_worker(cls, worker: WorkerState) -> Self:
        services = worker.services
        return cls(services.settings, services.database, services.artifacts, worker)

    async def in_thread(self, function: Callable[..., Answer], *arguments: object) -> Answer:
        """Call something that blocks, with this task's log context and trace."""
        call = partial(copy_context().run, function, *arguments)
        return await asyncio.get_running_loop().run_in_executor(self.threads, call)

    async def ask_database(
        self, function: Callable[..., Answer], *arguments: object, **named: object
    ) -> Answer:
        with database_span(function.__name__):
            return await self.in_thread(partial(function, *arguments, **named))

    async def lack(self) -> str:
        """What the sandbox lacks on this machine, in one sentence; "" if generated code can run."""
        if self._lack is None or time.monotonic() - self._lack[0] > LACK_SECONDS:
            missing = await self.in_thread(Sandbox(self.tools).missing)
            if missing and (self._lack is None or self._lack[1] != missing):
                log.warning("sandbox_unavailable", missing=missing)
            self._lack = (time.monotonic(), missing)
        return self._lack[1]

    def close(self) -> None:
        """End the threads; a builder's clients too, while a worker's stay open."""
        if self.worker is None:
            self.artifacts.close()
            self.database.close()
        self.threads.shutdown(wait=False, cancel_futures=True)

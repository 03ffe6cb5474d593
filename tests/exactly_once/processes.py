"""Real worker processes, and those that kill themselves at a chosen step."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import ModuleType
from typing import Any

from service.config import load_settings
from service.observing.logs import configure_logs
from service.worker import BuddyWorker, run_until_signalled

ROOT = Path(__file__).resolve().parents[2]
WARM = multiprocessing.get_context("forkserver")
# The latter are imported as late as a worker's start.
WARM.set_forkserver_preload(["tests.exactly_once.runners", "openai", "genai_prices"])


@contextmanager
def worker(
    scene: Any, *command: str, log: int | None = None, **changes: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process; killed at the end if it still runs. ``log``: where its log goes."""
    module = command or ("service.worker",)
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **scene.environment(**changes)},
        stdout=log,
        stderr=log and subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def work_here(scene: Any, act: Callable[[BuddyWorker], Awaitable[None]]) -> None:
    """Run a worker in this process while ``act`` goes on."""

    async def both() -> None:
        one = BuddyWorker(scene.settings)
        running = asyncio.create_task(one.run())
        try:
            await act(one)
        finally:
            one.stop()
            await running
            one.close()

    asyncio.run(both())


@dataclass
class Forked:
    """A process like those of ``worker``, without the seconds that each of them imports."""

    process: ForkServerProcess

    def wait(self, seconds: float) -> int | None:
        """Its exit code, negative if a signal ended it; None if it still runs."""
        self.process.join(seconds)
        return self.process.exitcode

    def terminate(self) -> None:
        self.process.terminate()


@contextmanager
def forked(
    scene: Any, run: Callable[..., Coroutine[Any, Any, None]], *arguments: str, **changes: Any
) -> Iterator[Forked]:
    """A process that runs ``run`` with these settings in its environment; killed at the end if it
    still runs. It is a fork of one that has imported the product and done nothing else."""
    environment = {"PATH": os.environ["PATH"], **scene.environment(**changes)}
    process = WARM.Process(target=_run, args=(environment, run, arguments), daemon=True)
    with _no_main():
        process.start()
    try:
        yield Forked(process)
    finally:
        process.kill()
        process.join()
        process.close()


@contextmanager
def _no_main() -> Iterator[None]:
    """A child runs its parent's main module again, which here is pytest, or a page of the dashboard
    that a test has run before."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _run(
    environment: dict[str, str], run: Callable[..., Coroutine[Any, Any, None]], arguments: Any
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    asyncio.run(run(*arguments))


def doomed_worker(scene: Any, step: str) -> Any:
    """A worker that takes one job at a time and is killed, as by kill -9, at ``step``."""
    return forked(scene, run_doomed, step, worker_concurrency=1)


async def run_doomed(step: str) -> None:
    def stop(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    settings = load_settings(None)
    configure_logs(settings)
    await run_until_signalled(BuddyWorker(settings, on_step=stop))

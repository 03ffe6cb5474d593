"""Real worker processes, and the entry point of one that kills itself at a chosen step.

``python -m tests.exactly_once.processes <step>``
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service.config import load_settings
from service.observing.logs import configure_logs
from service.worker import BuddyWorker, run_until_signalled

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def worker(scene: Any, *command: str, **changes: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process; killed at the end if it still runs."""
    module = command or ("service.worker",)
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **scene.environment(**changes)},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def doomed_worker(scene: Any, step: str) -> Any:
    """A worker that takes one job at a time and is killed, as by kill -9, at ``step``."""
    return worker(scene, "tests.exactly_once.processes", step, worker_concurrency=1)


async def _main(step: str) -> None:
    def stop(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    settings = load_settings(None)
    configure_logs(settings)
    await run_until_signalled(BuddyWorker(settings, on_step=stop))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))

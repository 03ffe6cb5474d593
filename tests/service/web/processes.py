"""Web as production runs it: the Procfile's command, with real processes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local.programs import read_procfile
from local.stack.stack import ROOT
from service.config import Settings

COMMAND = read_procfile(ROOT / "Procfile")["web"]
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def environment_of(settings: Settings, folder: Path) -> dict[str, str]:
    """Of a process in production, with two workers and a place of its own for its files."""
    secrets = ("supabase_anon_key", "supabase_service_role_key", "database_url",
               "figma_client_secret", "session_secret")  # fmt: skip
    plain = ("supabase_url", "figma_client_id", "figma_redirect_uri", "webhook_url",
             "figma_api_url")  # fmt: skip
    return {
        "PATH": PATH,
        "TMPDIR": str(folder),
        "WEB_CONCURRENCY": "2",
        "LOG_LEVEL": "WARNING",
        "TOKEN_ENCRYPTION_KEYS": settings.token_encryption_keys[0].get_secret_value(),
        **{name.upper(): getattr(settings, name).get_secret_value() for name in secrets},
        **{name.upper(): getattr(settings, name) for name in plain},
    }


@contextmanager
def gunicorn(
    environment: dict[str, str], port: int, folder: Path, options: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """What it writes goes into the folder's file ``output``."""
    output = (folder / "output").open("wb")
    process = subprocess.Popen(
        ["/bin/sh", "-c", f"exec {COMMAND}"],
        cwd=ROOT,
        env={
            **environment,
            "PORT": str(port),
            "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{port} {options}",
        },
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        output.close()


def wait_for(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 40
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)

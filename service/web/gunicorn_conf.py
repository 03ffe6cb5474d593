"""Gunicorn's settings for web; GUNICORN_CMD_ARGS overrides each."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import gevent
from gunicorn.glogging import Logger

from service.web.slow_senders import limit_body

# Where the processes of web count together; prometheus_client reads its name when it is imported,
# so it is set before. One that was set from outside is left to whoever set it.
FIGURES = "PROMETHEUS_MULTIPROC_DIR"
OWN_FOLDER = "figma-ai-buddy-figures-"
if not os.environ.get(FIGURES):
    os.environ[FIGURES] = tempfile.mkdtemp(prefix=OWN_FOLDER)


class OwnLines(Logger):  # type: ignore[misc]
    """Gunicorn's own lines look like all others: from the first one on, and after a reload."""

    def setup(self, cfg: Any) -> None:
        """Called before the port is open. Ends gunicorn when settings are missing or malformed.

        They are read in a process of its own: psycopg, imported before gevent has replaced what
        blocks, would hold up all requests of a worker while one of them waits for the database.
        """
        super().setup(cfg)
        if subprocess.run([sys.executable, "-m", "service.config"]).returncode:
            on_exit(self)
            raise SystemExit(1)
        from service.observing.logs import write_logs

        write_logs(os.environ.get("LOG_FORMAT") or "json", "INFO")


bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Hundreds of requests wait together for the database or for Figma, and cost nothing while they do.
worker_class = "gevent"
# So long a connection may wait for its next request, whose header is complete by then.
keepalive = 75
timeout = 60
graceful_timeout = 20
# Our own log line per request has more in it.
accesslog = None
errorlog = "-"
logger_class = OwnLines
control_socket_disable = True
# Each worker builds its own clients after the fork.
preload_app = False


def post_worker_init(worker: Any) -> None:
    """Somebody has to say so when no worker runs."""
    from service.alerts.watch import Watch

    Watch(worker.wsgi.extensions["web"].services).start()


def pre_request(worker: Any, req: Any) -> None:
    """Nobody holds a place by sending a body slowly."""
    limit_body(req, worker.wsgi.extensions["web"].settings.body_seconds)


def post_request(worker: Any, req: Any, environ: Any, resp: Any) -> None:
    """Let the others have their turn: nothing else ends that of a connection which always has more
    to say, and one that is busy would keep all others of its process waiting for seconds."""
    gevent.sleep(0)


def child_exit(server: Any, worker: Any) -> None:
    """Gauges of a process that is gone must not be counted on."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def worker_exit(server: Any, worker: Any) -> None:
    """Send the traces that are left."""
    from service.observing.tracing import stop_tracing

    stop_tracing()


def on_exit(server: Any) -> None:
    """By its name: after a reload this module no longer knows that it made the folder."""
    folder = Path(os.environ[FIGURES])
    if folder.name.startswith(OWN_FOLDER):
        shutil.rmtree(folder, ignore_errors=True)

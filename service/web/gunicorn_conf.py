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

# The folder where the web processes share their counts. prometheus_client reads this variable when
# it is imported, so it is set before. A folder set from outside is not deleted here.
FIGURES = "PROMETHEUS_MULTIPROC_DIR"
OWN_FOLDER = "figma-ai-buddy-figures-"
if not os.environ.get(FIGURES):
    os.environ[FIGURES] = tempfile.mkdtemp(prefix=OWN_FOLDER)


class OwnLines(Logger):  # type: ignore[misc]
    """Gunicorn's own log lines look like all others, from the first one on and after a reload."""

    def setup(self, cfg: Any) -> None:
        """Called before the port is open. Ends gunicorn if settings are missing or malformed.

        The settings are read in a separate process. If psycopg is imported before gevent has
        patched the blocking calls, one request that waits for the database blocks all requests of
        its worker.
        """
        super().setup(cfg)
        if subprocess.run([sys.executable, "-m", "service.config"]).returncode:
            on_exit(self)
            raise SystemExit(1)
        from service.observing.logs import write_logs

        write_logs(os.environ.get("LOG_FORMAT") or "json", "INFO")


bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Hundreds of requests can wait for the database or Figma at the same time, at almost no cost.
worker_class = "gevent"
# How long a connection may wait for its next request, with a complete header.
keepalive = 75
timeout = 60
graceful_timeout = 20
# Our own log line for each request contains more.
accesslog = None
errorlog = "-"
logger_class = OwnLines
control_socket_disable = True
# Each worker builds its own clients after the fork.
preload_app = False


def post_worker_init(worker: Any) -> None:
    """The watch runs here too, because it must raise an alert when no worker runs."""
    from service.alerts.watch import Watch

    Watch(worker.wsgi.extensions["web"].services).start()


def pre_request(worker: Any, req: Any) -> None:
    """Nobody may block a slot by sending a body slowly."""
    limit_body(req, worker.wsgi.extensions["web"].settings.body_seconds)


def post_request(worker: Any, req: Any, environ: Any, resp: Any) -> None:
    """Give other connections a turn. Nothing else interrupts a connection that always has more to
    send. One such connection would make all others of its process wait for seconds."""
    gevent.sleep(0)


def child_exit(server: Any, worker: Any) -> None:
    """Gauges of an ended process must not be counted any more."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def worker_exit(server: Any, worker: Any) -> None:
    """Send the remaining traces."""
    from service.observing.tracing import stop_tracing

    stop_tracing()


def on_exit(server: Any) -> None:
    """Delete the folder if its name shows that it is ours. After a reload this module no longer
    knows that it made the folder."""
    folder = Path(os.environ[FIGURES])
    if folder.name.startswith(OWN_FOLDER):
        shutil.rmtree(folder, ignore_errors=True)

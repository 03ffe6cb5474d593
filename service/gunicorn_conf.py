"""Gunicorn's settings for web; GUNICORN_CMD_ARGS overrides each."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import gevent
from gunicorn.glogging import Logger

# Where the processes of web count together; prometheus_client reads its name when it is imported,
# so it is set before. One that was set from outside is left to whoever set it.
FIGURES = "PROMETHEUS_MULTIPROC_DIR"
OWN_FOLDER = "figma-ai-buddy-figures-"
if not os.environ.get(FIGURES):
    os.environ[FIGURES] = tempfile.mkdtemp(prefix=OWN_FOLDER)


class OwnLines(Logger):
    """Gunicorn's own lines look like all others: from the first one on, and after a reload."""

    def setup(self, cfg: Any) -> None:
        """Called before the port is open. SettingsError ends gunicorn with its one message."""
        super().setup(cfg)
        # Asking for it lets gevent replace what it has to, before anything of ours is imported.
        _ = cfg.worker_class
        from service.logs import configure_logs
        from service.settings import load_settings

        configure_logs(load_settings())


bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Hundreds of requests wait together for the database or for Figma, and cost nothing while they do.
worker_class = "gevent"
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


def post_request(worker: Any, req: Any, environ: Any, resp: Any) -> None:
    """Let the others have their turn: nothing else ends that of a connection which always has more
    to say, and one that is busy would keep all others of its process waiting for seconds."""
    gevent.sleep(0)


def child_exit(server: Any, worker: Any) -> None:
    """Gauges of a process that is gone must not be counted on."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def worker_exit(server: Any, worker: Any) -> None:
    """Send the traces that are left."""
    from service.tracing import stop_tracing

    stop_tracing()


def on_exit(server: Any) -> None:
    """By its name: after a reload this module no longer knows that it made the folder."""
    folder = Path(os.environ[FIGURES])
    if folder.name.startswith(OWN_FOLDER):
        shutil.rmtree(folder, ignore_errors=True)

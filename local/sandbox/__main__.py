"""``python -m local.sandbox --port 8100``: serve the sandbox, one process with many threads."""

import argparse
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from local.sandbox.app import create_app


class Server(BaseApplication):
    """Gunicorn with a single worker: the state lives in memory, so there can only be one."""

    def __init__(self, host: str, port: int, threads: int):
        self._options = {
            "bind": f"{host}:{port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": threads,
            "keepalive": 30,
            "worker_exit": _close,
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app()


def _close(server: Any, worker: Any) -> None:
    """Write the state a last time when the worker exits."""
    if worker.wsgi is not None:
        worker.wsgi.extensions["sandbox"].close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--threads", type=int, default=64)
    asked = parser.parse_args()
    print(f"Figma sandbox on http://{asked.host}:{asked.port}", flush=True)
    Server(asked.host, asked.port, asked.threads).run()


if __name__ == "__main__":
    main()

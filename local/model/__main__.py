"""Run the stand-in: ``python -m local.model --port 8200``."""

import argparse

from aiohttp import web

from local.model.behaviour import Behaviour
from local.model.server import make_app


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.model", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8200)
    parser.add_argument("--delay-ms", type=int, default=0, help="how long each answer takes")
    parser.add_argument("--key", default="", help="the only key accepted (default: any)")
    chosen = parser.parse_args()
    app = make_app(Behaviour(delay_ms=chosen.delay_ms), chosen.key)
    try:
        web.run_app(app, host=chosen.host, port=chosen.port, access_log=None, backlog=2048)
    except OSError as error:
        raise SystemExit(
            f"The model stand-in cannot listen on {chosen.host}:{chosen.port} ({error.strerror}). "
            "Stop what uses that port, or choose another one with --port."
        ) from None


if __name__ == "__main__":
    main()

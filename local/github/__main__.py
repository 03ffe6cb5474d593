"""Run the stand-in: ``python -m local.github --port 8300``."""

import argparse

from aiohttp import web

from local.github.repositories import demo_hub
from local.github.server import make_app


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.github", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8300)
    chosen = parser.parse_args()
    try:
        web.run_app(make_app(demo_hub()), host=chosen.host, port=chosen.port, access_log=None)
    except OSError as error:
        raise SystemExit(
            f"The GitHub stand-in cannot listen on {chosen.host}:{chosen.port} ({error.strerror}). "
            "Stop what uses that port, or choose another one with --port."
        ) from None


if __name__ == "__main__":
    main()

"""``python -m doctor [--json] [--only NAME] [--send-test]`` (`make doctor`).

Ends with 0 if nothing failed, 1 if something did, and 2 if it could not run.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from doctor.checks import UnknownCheck, choose
from doctor.report import as_text
from doctor.running import run_all
from doctor.world import World
from service.observing.logs import write_logs

FINE, WRONG, NOT_RUN = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m doctor", description="What is wrong here?")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="one check or family; repeatable",
    )
    parser.add_argument(
        "--send-test", action="store_true", help="send a test to every channel of alerts"
    )
    given = parser.parse_args(arguments)
    try:
        checks = choose(given.only)
    except UnknownCheck as error:
        sys.stderr.write(f"{error}\n")
        return NOT_RUN
    # The clients log each call; what matters of them is in the findings.
    write_logs("console", "ERROR")
    env_file = Path(".env")
    began = time.monotonic()
    world = World.read(os.environ, env_file if env_file.exists() else None, sends=given.send_test)
    try:
        results = run_all(checks, world)
    finally:
        world.close()
    is_fine = all(result.status != "failed" for result in results)
    seconds = time.monotonic() - began
    if given.json:
        told = {
            "ok": is_fine,
            "seconds": round(seconds, 3),
            "checks": [result.to_json() for result in results],
        }
        sys.stdout.write(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(as_text(results, seconds))
    return FINE if is_fine else WRONG


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # At once: a check that hangs in a library must not keep the process.
    os._exit(code)

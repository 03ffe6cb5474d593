"""``python -m bench.alarms [--only silence,disk]``: see docs/runbook.md."""

import argparse
import signal

from bench import results
from bench.alarms.run import run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.alarms", description=__doc__)
    parser.add_argument("--only", default="", help="names of faults, separated by commas")
    chosen = parser.parse_args()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    rows, wrong = run(chosen.only)
    print()
    results.print_table(rows)
    results.keep({"alarms": rows})
    for each in wrong:
        print(f"MISSING: {each}")
    if wrong:
        raise SystemExit(1)
    print("Each was told once, and its end once.")


if __name__ == "__main__":
    main()

"""``python -m bench.chaos [--minutes 10] [--seed N] [--rate 1]``: see docs/reliability.md."""

import argparse
import secrets
import signal

from bench import results
from bench.chaos.report import report
from bench.chaos.run import run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long things fail (10)")
    parser.add_argument("--seed", type=int, help="what fails when; printed, to have it again")
    parser.add_argument("--rate", type=float, default=1, help="comments a second (1)")
    parser.add_argument("--only", default="", help="only faults whose name has these words")
    parser.add_argument("--base", default="", help="begin with this version, a git revision")
    chosen = parser.parse_args()
    # Also where it runs in the background, which ignores Ctrl-C: all that it started has to end.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    seed = secrets.randbelow(10_000) if chosen.seed is None else chosen.seed
    print(f"seed {seed}: the same faults at the same moments with --seed {seed}", flush=True)
    outcome = run(chosen.minutes * 60, seed, chosen.rate, chosen.only, chosen.base)
    tables = report(outcome)
    results.keep({"seed": [{"seed": seed, "minutes": chosen.minutes}], **tables})
    if outcome.breaches or outcome.troubles:
        raise SystemExit(1)


if __name__ == "__main__":
    main()

"""`python -m bench [webhook] [idle] [calls] [flight] [analyze]`: measure, print tables, save
JSON."""

import sys

from bench import analyze, answers, calls, results, webhook
from local.stage import build_stage

BENCHMARKS = {
    "webhook": webhook.measure,
    "idle": answers.measure_idle,
    "calls": calls.measure,
    "flight": answers.measure_flight,
    "analyze": analyze.measure,
}


def main(names: list[str]) -> None:
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        raise SystemExit(
            f"There is no benchmark {', '.join(unknown)}; choose from {', '.join(BENCHMARKS)}."
        )
    measured = {}
    for name in names or list(BENCHMARKS):
        print(f"measuring {name} …", flush=True)
        with build_stage() as stage:
            measured[name] = BENCHMARKS[name](stage)
        results.print_table(measured[name])
    results.keep(measured)


if __name__ == "__main__":
    main(sys.argv[1:])

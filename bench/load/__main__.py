"""`python -m bench.load [--minutes 4] [--soak 20]`: a thousand people at once, on loopback alone.

Web, worker, Postgres and the API are the real ones; Figma and the model are stand-ins. Operators'
pages are their reads, as `bench/pages.py` records them, without Streamlit's own work. The status
is 1 if a request failed, if an answer is missing or doubled, or, in a soak, if memory or tables
grew as they should not.
"""

import argparse
import dataclasses
import json
import logging
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from bench import results
from bench.load.figures import Sample, compare, complaints, processes, times
from bench.load.people import make_people
from bench.load.sizes import Sizes, computed_sizes, grown_tables, read_sizes
from bench.pages import record_pages
from bench.parts import cpu_seconds, memory
from local.stage import ROOT, Stage, answers, build_stage, wait_until

PEOPLE, AT_ONCE, OPERATORS = 1000, 100, 10
RAMP_SECONDS = 60
PACE_SECONDS = 120
SAMPLE_SECONDS = 5
# Until the last has come, and until all have their answers.
AROUND_SECONDS = 300
MODEL_MS = 2000
# What operators keep open, without what needs a person or a month to be chosen.
PAGES = ("overview", "live", "reliability", "ai_cost", "growth", "webhooks", "dead_letters")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--minutes", type=float, default=4, help="how long it is measured")
    parser.add_argument(
        "--soak", type=float, default=0, help="minutes; memory and sizes are judged"
    )
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument(
        "--pace", type=float, default=PACE_SECONDS,
        help="seconds in which each does one thing, on average",
    )  # fmt: skip
    parser.add_argument(
        "--ramp", type=float, default=RAMP_SECONDS, help="seconds until all are there"
    )
    parser.add_argument("--json", action="store_true", help="also keep the figures")
    chosen = parser.parse_args()
    # Streamlit's, for pages without a browser.
    logging.disable(logging.WARNING)
    with build_stage() as stage:
        return run(stage, chosen)


def run(stage: Stage, chosen: argparse.Namespace) -> int:
    start(stage)
    say(f"{chosen.people} people …")
    people = make_people(stage, chosen.people - OPERATORS)
    say("the pages of operators …")
    pages = [{"page": page, "reads": [_as_json(each) for each in reads]}
             for page, reads in record_pages(stage, PAGES)]  # fmt: skip
    seconds = (chosen.soak or chosen.minutes) * 60
    plan = {
        "web_url": stage.web_url, "figma_url": stage.sandbox_url, "seconds": seconds,
        "ramp_seconds": chosen.ramp, "pace_seconds": chosen.pace,
        "at_once": min(AT_ONCE, chosen.people // 4),
        "operators": OPERATORS, "pages": pages,
        "members": [dataclasses.asdict(each) for each in people],
    }  # fmt: skip
    path, mark = stage.folder / "plan.json", stage.folder / "measured"
    path.write_text(json.dumps({**plan, "mark": str(mark)}), encoding="utf-8")
    say(f"{seconds / 60:.0f} minutes, after {chosen.ramp:.0f} s in which they come …")
    seen, samples, sizes = watch(stage, path, mark, chosen.ramp + seconds + AROUND_SECONDS)
    wait_until(lambda: not waiting(stage), 120, "the last answer")
    return report(stage, seen, samples, sizes, is_soak=bool(chosen.soak), keep=chosen.json)


def start(stage: Stage) -> None:
    port = stage.sandbox_url.rsplit(":", 1)[1]
    stage.start(
        "figma", "-m", "bench.load.figma", port,
        ready=lambda: answers(f"{stage.sandbox_url}/v1/me"),
    )  # fmt: skip
    stage.start_model(delay_ms=MODEL_MS)
    # Each person comes from an address of their own, as behind a proxy.
    stage.environment["TRUSTED_PROXIES"] = "1"
    stage.start_web("bench.empty_route:create_app()")
    stage.start_worker()


def watch(
    stage: Stage, plan: Path, mark: Path, most_seconds: float
) -> tuple[dict[str, Any], list[Sample], tuple[Sizes, Sizes]]:
    """What the crowd saw, and what was seen of the processes once all were there."""
    samples: list[Sample] = []
    before: Sizes | None = None
    with subprocess.Popen(
        [sys.executable, "-m", "bench.load.crowd", str(plan)],
        cwd=ROOT, env=stage.environment, stdout=subprocess.PIPE, text=True,
    ) as crowd:  # fmt: skip
        try:
            end = time.monotonic() + most_seconds
            while crowd.poll() is None:
                if time.monotonic() > end:
                    raise SystemExit("The crowd did not end in time.")
                if mark.exists():
                    before = before or read_sizes(stage)
                    samples.append(Sample(time.monotonic(), cpu_seconds(), memory()))
                time.sleep(SAMPLE_SECONDS)
            assert crowd.stdout is not None
            said = crowd.stdout.read()
        finally:
            crowd.kill()
    if crowd.returncode or before is None:
        raise SystemExit(f"The crowd failed ({crowd.returncode}).")
    return json.loads(said.splitlines()[-1]), samples, (before, read_sizes(stage))


def waiting(stage: Stage) -> int:
    return int(
        stage.rows(
            "select (select count(*) from public.answers"
            "  where state in ('queued', 'working', 'deferred'))"
            " + (select count(*) from queue.procrastinate_jobs where status in ('todo', 'doing'))"
        )[0][0]
    )


def balance(stage: Stage) -> tuple[dict[str, int], list[str]]:
    """Every comment that was delivered has one reply, one receipt and one row of the ledger."""
    counts = httpx.get(f"{stage.sandbox_url}/load/counts", trust_env=False).json()
    found = {
        "comments": counts["comments"],
        "replies": counts["replies"],
        **{
            name: int(stage.rows(query)[0][0])
            for name, query in {
                "answers": "select count(*) from public.answers where state = 'answered'",
                "receipts": "select count(*) from public.use_receipts as r"
                " join public.answers as a on a.id = r.answer_id where r.state = 'settled'",
                "ledger rows": "select count(*) from public.usage_logs"
                " where feature = 'comment' and status = 'answered'",
            }.items()
        },
    }
    said = [] if len(set(found.values())) == 1 else [f"these differ: {found}"]
    return found, said


def report(
    stage: Stage, seen: dict[str, Any], samples: list[Sample], sizes: tuple[Sizes, Sizes],
    *, is_soak: bool, keep: bool,
) -> int:  # fmt: skip
    found, unbalanced = balance(stage)
    before, after = sizes
    logged = sum(each["requests"] for each in seen["entries"] if _is_of_web(each["name"]))
    grown = compare(*computed_sizes(before, dataclasses.replace(after, requests=logged)))
    tables = {
        "times": times(seen["entries"], seen["seconds"]),
        "processes": processes(samples),
        "tables": grown_tables(before, after),
        "sizes": grown,
    }
    for rows in tables.values():
        print()
        results.print_table(rows)
    asked = sum(each["requests"] for each in tables["times"])
    print(f"\n{seen['people']} people, {asked} requests in {seen['seconds']:.0f} s: "
          f"{asked * 60 / seen['seconds']:.0f} a minute; {seen['ramp']['requests']} before that, "
          f"{seen['ramp']['errors']} errors then.")  # fmt: skip
    print("  ".join(f"{name} {count}" for name, count in found.items()))
    ramp_errors = [f"{seen['ramp']['errors']} requests failed as they came"]
    said = complaints(seen["entries"], unbalanced, samples, is_soak=is_soak, sizes=grown)
    said += ramp_errors if seen["ramp"]["errors"] else []
    for each in seen["errors"]:
        print(f"  {each['times']} × {each['name']}: {each['error']}")
    if keep:
        results.keep({**tables, "books": [found]})
    for line in said:
        print(f"NOT AS IT SHOULD BE: {line}")
    print("0 errors, everything as it should be." if not said else "")
    return 1 if said else 0


def _is_of_web(name: str) -> bool:
    return not name.startswith(("(", "dashboard: "))


def _as_json(request: httpx.Request) -> dict[str, Any]:
    kept = ("apikey", "authorization", "content-type", "accept", "prefer", "accept-profile",
            "content-profile")  # fmt: skip
    return {
        "method": request.method,
        "url": str(request.url),
        "headers": {name: request.headers[name] for name in kept if name in request.headers},
        "body": request.content.decode(),
    }


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

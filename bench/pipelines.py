"""`python -m bench.pipelines [runs]`: what a pipeline costs in CPU, and what a machine carries.

Real worker and builders on made-up designs; Figma and the model are stand-ins, and the model edits
each draft. Of the runs, up to 100 at once go to one builder, as many to
two builders on the same machine, and the rest shows the throughput of two.

Trust CPU seconds, which miss a few percent of what browsers use at their ends. Wall times are those
of this machine at this hour; builders on machines of their own are computed from CPU seconds.

After every 25 runs a line says how far it is, and the results so far are kept; Ctrl-C ends it with
the tables of what has ended.
"""

import math
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from bench import results
from bench.answers import give_plan
from bench.light_designs import NAMES, answer
from bench.parts import cpu_seconds
from bench.process_meter import ProcessMeter
from local.stage import Stage, answers, build_stage, percentile
from service.pipelines.gate import Sandbox, find_tools
from service.pipelines.generate import generate
from service.pipelines.packaging import About, package
from service.pipelines.spec import build_spec
from service.pipelines.testing import write_tests

RUNS = 500
BURST = 100
# So many of one person run at once, which is the default of a team.
AT_ONCE = 3
MODEL_SECONDS = 2.0
CEILING_MICROUSD = 400_000
# What a machine is asked to carry for long.
CORES, LOAD = 2, 0.7
# Nobody is that slow.
PATIENCE_SECONDS = 180
# Parts of the stage that stand in for others.
STAND_INS = ("figma", "model")
# What a builder starts.
SANDBOXES = "sandboxes"
# All that the machine computes, whoever it is for: no account of a process misses more.
MACHINE = "the whole machine, all else included"
# How many ends are worth a line, and how often they are counted.
TOLD_EACH = 25
LOOK_SECONDS = 1.0
_ENDED = "select count(*) from public.pipelines where ended_at is not null"
Row = dict[str, Any]


def main(runs: int) -> None:
    missing = Sandbox(find_tools()).missing()
    if missing:
        raise SystemExit(f"Nothing can be measured here. {missing}")
    # Also where it runs in the background, which ignores Ctrl-C, or is told to end.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    with build_stage() as stage, ProcessMeter() as sandboxes:
        bench = Bench(stage, sandboxes, runs, max(1, min(BURST, runs // 4)))
        try:
            bench.run()
        except KeyboardInterrupt:
            print("Stopped. Of what has ended so far:\n", flush=True)
        measured = bench.tables()
    for rows in measured.values():
        results.print_table(rows)
        print()
    results.keep(measured, bench.path)


class Bench:
    """All runs of one measurement, in three parts. ``path``: where its results are kept so far."""

    def __init__(self, stage: Stage, sandboxes: ProcessMeter, runs: int, burst: int):
        self.stage, self.sandboxes, self.total = stage, sandboxes, runs
        self.people = Crowd(stage, self.tell)
        rest = max(1, runs - 2 * burst - 1)
        self.parts = [
            ("at once, one builder", burst),
            ("at once, two builders", burst),
            ("the rest, two builders", rest),
        ]
        self.path: Path | None = None
        self._before: dict[str, float] = {}
        self._began = time.monotonic()

    def run(self) -> None:
        self.start()
        for place, (what, count) in enumerate(self.parts):
            if place == 1:
                self.add_builder("builder-2")
            print(f"{count} {what} …", flush=True)
            self.people.batch(what, count)

    def start(self) -> None:
        """Everything but the second builder; a first run warms up what is slow once."""
        port = self.stage.sandbox_url.rsplit(":", 1)[1]
        self.stage.start(
            "figma", "-m", "bench.light_designs", port,
            ready=lambda: answers(f"{self.stage.sandbox_url}/v1/me"),
        )  # fmt: skip
        self.stage.start_model(delay_ms=round(MODEL_SECONDS * 1000))
        self.stage.start_worker(PIPELINES_CONCURRENCY="32")
        self.add_builder("builder")
        self.people.batch("", 1)
        self._before, self._began = self.spent(), time.monotonic()

    def add_builder(self, name: str) -> None:
        self.sandboxes.watch(self.stage.start_builder(name).pid)

    def spent(self) -> dict[str, float]:
        """CPU seconds by process until now."""
        machine = psutil.cpu_times()
        return {
            **cpu_seconds(),
            SANDBOXES: self.sandboxes.seconds,
            MACHINE: machine.user + machine.nice + machine.system,
        }

    def by_process(self) -> dict[str, float]:
        """CPU seconds a run. Those under way count in seconds and not in runs."""
        done = max(1, self.people.ended() - 1)
        spent = self.spent()
        return {part: (spent[part] - self._before.get(part, 0.0)) / done for part in spent}

    def tell(self, ended: int) -> None:
        """How far it is, and keep what is known by now."""
        seconds, own = time.monotonic() - self._began, ours(self.by_process())
        print(
            f"  {ended} of {self.total} ended after {seconds / 60:.1f} min:"
            f" {ended / seconds * 3600:.0f} an hour, {sum(own.values()):.2f} CPU s a run",
            flush=True,
        )
        self.path = results.keep(self.tables(), self.path, quietly=True)

    def tables(self) -> dict[str, list[Row]]:
        """Tables by name: runs, cpu by stage, cpu by process, what machines carry."""
        spent = self.by_process()
        return {
            "runs": [each.row() for each in self.people.batches() if each.what and each.runs],
            "stages": stage_rows(self.stage, spent[SANDBOXES]),
            "processes": [
                {"process": part, "cpu_s_a_run": round(seconds, 2)}
                for part, seconds in spent.items()
            ],
            "machines": machine_rows(ours(spent), gates_a_run(self.stage)),
        }


def ours(spent: Mapping[str, float]) -> dict[str, float]:
    """Without what stands in for others, and without all else on this machine."""
    return {part: each for part, each in spent.items() if part not in (*STAND_INS, MACHINE)}


@dataclass(frozen=True)
class Batch:
    """What became of runs that were asked for together. Times in seconds, from being asked."""

    what: str
    runs: int
    passed: int
    gated: int
    seconds: float
    took: Sequence[float]
    microusd: float

    def row(self) -> Row:
        return {
            "what": self.what,
            "runs": self.runs,
            "passed": self.passed,
            "gated": self.gated,
            "gated_share": round(self.gated / self.runs, 3),
            "p50_s": round(percentile(list(self.took), 0.5)),
            "p95_s": round(percentile(list(self.took), 0.95)),
            "an_hour": round(self.runs / self.seconds * 3600),
            "model_usd_a_run": round(self.microusd / self.runs / 1e6, 4),
        }


class Crowd:
    """People who ask for components, each for a few. ``tell`` hears of every 25 that ended."""

    def __init__(self, stage: Stage, tell: Callable[[int], None]):
        self.stage = stage
        self._tell = tell
        # What was asked for together: its name, and the first of it.
        self._parts: list[tuple[str, int]] = []
        self._asked = 0
        self._person = ""
        self._left = 0

    def batch(self, what: str, count: int) -> None:
        """Ask for so many at once, and wait until the last has ended."""
        self._parts.append((what, self._asked))
        self.ask(count)
        self.wait()

    def ended(self) -> int:
        return int(self.stage.rows(_ENDED)[0][0])

    def batches(self) -> list[Batch]:
        """What has ended of each part. Of a part that is under way: by its last end."""
        rows = self.stage.rows(
            "select substr(file_key, 2)::integer, verdict, cost_microusd,"
            " extract(epoch from ended_at - created_at)::double precision,"
            " extract(epoch from ended_at)::double precision,"
            " extract(epoch from created_at)::double precision"
            " from public.pipelines where ended_at is not null"
        )
        ends = [first for _, first in self._parts[1:]] + [self._asked]
        found = []
        for (what, first), end in zip(self._parts, ends, strict=True):
            mine = [row for row in rows if first <= row[0] < end]
            verdicts = [row[1] for row in mine]
            found.append(
                Batch(
                    what=what,
                    runs=len(mine),
                    passed=verdicts.count("passed"),
                    gated=verdicts.count("passed") + verdicts.count("not_passed"),
                    seconds=max((row[4] for row in mine), default=0.0)
                    - min((row[5] for row in mine), default=0.0),
                    took=[row[3] for row in mine],
                    microusd=sum(row[2] for row in mine),
                )
            )
        return found

    def ask(self, count: int) -> None:
        for _ in range(count):
            if not self._left:
                name = f"bench-{self._asked}"
                self._person = self.stage.sign_in(name, name, "token")
                give_plan(self.stage, self._person)
                self._left = AT_ONCE
            key = f"D{self._asked}"
            node_id = answer(NAMES[self._asked % len(NAMES)])["document"]["id"]
            started = self.stage.database.start_pipeline(
                self._person, "api", key, node_id, "", {},
                request_id="", trace_parent="", idempotency_key=key, at_once=AT_ONCE,
                ceiling_microusd=CEILING_MICROUSD, unbilled_microusd=None,
            )  # fmt: skip
            if started.id is None:
                raise SystemExit(f"A pipeline was refused: {started.code}.")
            self._asked += 1
            self._left -= 1

    def wait(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS * (1 + self._asked - self.ended())
        told = self.ended() // TOLD_EACH
        while (ended := self.ended()) < self._asked:
            if ended // TOLD_EACH > told:
                told = ended // TOLD_EACH
                self._tell(ended)
            if time.monotonic() > deadline:
                raise SystemExit("The last component was not there in time.")
            # Each look is work for the database that is measured.
            time.sleep(LOOK_SECONDS)


def stage_rows(stage: Stage, inside: float) -> list[Row]:
    """Wall time of each stage as the database saw it, and CPU seconds of what it computes.
    ``inside``: of the sandboxes, a run, with what the gate's own account of its steps does not
    have: how they start and end."""
    walls = stage.rows(
        "select stage, count(*), percentile_cont(array[0.5, 0.95]) within group (order by"
        " extract(epoch from ended_at - began_at)) from public.pipeline_stages"
        " where state = 'done' group by stage order by min(began_at)"
    )
    steps = stage.rows(
        "select step.key, sum(step.value::double precision) / count(distinct pipeline_id) / 1000"
        " from public.pipeline_stages, jsonb_each_text(facts -> 'cpu_ms_by_step') as step"
        " where state = 'done' group by step.key order by step.key"
    )
    cpu = {**computing_seconds(), "gate": inside}
    rows = [
        {
            "stage": name,
            "ran": count,
            "p50_s": round(float(times[0]), 2),
            "p95_s": round(float(times[1]), 2),
            "cpu_s_a_run": round(cpu[name], 3) if name in cpu else "",
        }
        for name, count, times in walls
    ]
    return rows + [
        {"stage": f"gate: {step}, its own account", "cpu_s_a_run": round(seconds, 3)}
        for step, seconds in steps
    ]


@cache
def computing_seconds() -> Mapping[str, float]:
    """CPU seconds of what the other stages compute, a run, over all designs."""
    spent = dict.fromkeys(("spec", "generate", "test", "package"), 0.0)

    def timed(stage: str, began: float) -> None:
        spent[stage] += (time.process_time() - began) / len(NAMES)

    for name in NAMES:
        began = time.process_time()
        spec = build_spec(answer(name))
        timed("spec", began)
        began = time.process_time()
        files = generate(spec, traced=True).files
        timed("generate", began)
        began = time.process_time()
        tests = write_tests(spec)
        timed("test", began)
        began = time.process_time()
        package(spec, files, tests, None, None, {}, About())
        timed("package", began)
    return spent


def gates_a_run(stage: Stage) -> float:
    """How often a run went through the whole gate: once for its candidate, once more where that was
    not surely better than its draft, and once for each repair."""
    (found,) = stage.rows(
        "select sum((facts ->> 'gates')::double precision) / count(distinct pipeline_id)"
        " from public.pipeline_stages where stage = 'gate' and state = 'done'"
    )[0]
    return round(float(found or 0), 2)


def machine_rows(own: Mapping[str, float], gates: float) -> list[Row]:
    """``own``: CPU seconds a run of each process of ours."""
    total = sum(own.values())
    builder = own.get("builder", 0.0) + own[SANDBOXES]
    elsewhere = total - builder
    machines = {
        f"one with {CORES} cores": [total],
        f"two with {CORES} cores, a builder on each": [total / 2],
        f"builders on two machines of {CORES} cores, all else on a third": [builder / 2, elsewhere],
    }
    return [
        {
            "machines": name,
            "gates_a_run": gates,
            "cpu_s_a_run": round(total, 2),
            "an_hour_at_70_%": min(map(hourly, busy)),
            "burst_of_100_p95_s": max(map(burst_seconds, busy)),
        }
        for name, busy in machines.items()
    ]


def hourly(seconds: float) -> int:
    """Runs an hour of a machine that computes so many CPU seconds for each."""
    return math.floor(3600 * CORES * LOAD / seconds) if seconds else 0


def burst_seconds(seconds: float) -> int:
    """When 95 of 100 that came at once are done, by a machine that does nothing else, at full
    load; the model's waiting runs beside the computing, and is added once."""
    return round(0.95 * BURST * seconds / CORES + MODEL_SECONDS)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)

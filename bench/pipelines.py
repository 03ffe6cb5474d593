"""`python -m bench.pipelines [runs]`: what a pipeline costs in CPU, and what a machine carries.

Real worker and builders on made-up designs; Figma and the model are stand-ins, and the model edits
each draft, so each run is gated twice. Of the runs, up to 100 at once go to one builder, as many to
two builders on the same machine, and the rest shows the throughput of two.

Trust CPU seconds, which miss a few percent of what browsers use at their ends. Wall times are those
of this machine at this hour; builders on machines of their own are computed from CPU seconds.
"""

import math
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench import results
from bench.answers import give_plan
from bench.light_designs import NAMES, answer
from bench.parts import cpu_seconds
from bench.process_meter import ProcessMeter
from local.stage import Stage, answers, build_stage, percentile, wait_until
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
# Where a pipeline stands when nobody is at it any more.
_OPEN = "select count(*) from public.pipelines where state not in ('done', 'failed', 'cancelled')"
Row = dict[str, Any]


def main(runs: int) -> None:
    missing = Sandbox(find_tools()).missing()
    if missing:
        raise SystemExit(f"Nothing can be measured here. {missing}")
    burst = max(1, min(BURST, runs // 4))
    with build_stage() as stage:
        measured = measure(stage, runs, burst)
    for rows in measured.values():
        results.print_table(rows)
        print()
    results.keep(measured)


def measure(stage: Stage, runs: int, burst: int) -> dict[str, list[Row]]:
    """Tables by name: runs, cpu by stage, cpu by process, what machines carry."""
    port = stage.sandbox_url.rsplit(":", 1)[1]
    stage.start(
        "figma", "-m", "bench.light_designs", port,
        ready=lambda: answers(f"{stage.sandbox_url}/v1/me"),
    )  # fmt: skip
    stage.start_model(delay_ms=round(MODEL_SECONDS * 1000))
    people = Crowd(stage)
    stage.start_worker(PIPELINES_CONCURRENCY="32")
    with ProcessMeter() as sandboxes:
        sandboxes.watch(stage.start("builder", "-m", "service.builder").pid)
        # A first one warms up what is slow once.
        people.batch(1)
        before, before_inside = cpu_seconds(), sandboxes.seconds
        print(f"{burst} at once, one builder …", flush=True)
        one = people.batch(burst)
        sandboxes.watch(stage.start("builder-2", "-m", "service.builder").pid)
        print(f"{burst} at once, two builders …", flush=True)
        two = people.batch(burst)
        rest = max(1, runs - 2 * burst - 1)
        print(f"{rest} more, two builders …", flush=True)
        more = people.batch(rest)
        after, inside = cpu_seconds(), sandboxes.seconds - before_inside
    done = one.runs + two.runs + more.runs
    spent = {part: (seconds - before.get(part, 0.0)) / done for part, seconds in after.items()}
    spent[SANDBOXES] = inside / done
    own = {part: seconds for part, seconds in spent.items() if part not in STAND_INS}
    return {
        "runs": [
            one.row("at once, one builder"),
            two.row("at once, two builders"),
            more.row("the rest, two builders"),
        ],
        "stages": stage_rows(stage, spent[SANDBOXES]),
        "processes": [
            {"process": part, "cpu_s_a_run": round(seconds, 2)} for part, seconds in spent.items()
        ],
        "machines": [
            *machine_rows("as measured", own),
            *machine_rows("gated once", {**own, SANDBOXES: own[SANDBOXES] / gates_a_run(stage)}),
        ],
    }


@dataclass(frozen=True)
class Batch:
    """What became of runs that were asked for together. Times in seconds, from being asked."""

    runs: int
    passed: int
    gated: int
    seconds: float
    took: Sequence[float]
    microusd: float

    def row(self, what: str) -> Row:
        return {
            "what": what,
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
    """People who ask for components, each for a few."""

    def __init__(self, stage: Stage):
        self.stage = stage
        self._asked = 0
        self._person = ""
        self._left = 0

    def batch(self, count: int) -> Batch:
        """Ask for so many at once, and wait until the last has ended."""
        first = self._asked
        began = time.monotonic()
        self.ask(count)
        self.wait()
        seconds = time.monotonic() - began
        rows = [
            row
            for row in self.stage.rows(
                "select substr(file_key, 2)::integer, state, verdict, cost_microusd,"
                " extract(epoch from ended_at - created_at)::double precision from public.pipelines"
            )
            if row[0] >= first
        ]
        verdicts = [verdict for _, _, verdict, _, _ in rows]
        return Batch(
            runs=len(rows),
            passed=verdicts.count("passed"),
            gated=verdicts.count("passed") + verdicts.count("not_passed"),
            seconds=seconds,
            took=[took for *_, took in rows],
            microusd=sum(cost for *_, cost, _ in rows),
        )

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
        left = self.stage.rows(_OPEN)[0][0]
        wait_until(
            lambda: not self.stage.rows(_OPEN)[0][0],
            PATIENCE_SECONDS + PATIENCE_SECONDS * left,
            "the last component",
        )


def stage_rows(stage: Stage, inside: float) -> list[Row]:
    """Wall time of each stage as the database saw it, and CPU seconds of what it computes.
    ``inside``: of the sandboxes, a run. The gate's own account of its steps does not have all
    processes of a browser."""
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
    """How often a run went through the gate: once for its candidate, once more for the draft of one
    that a model has edited, and once for each repair."""
    (gates,) = stage.rows(
        "select (select count(*) from public.pipeline_stages where stage = 'gate'"
        " and state = 'done')"
        " + (select count(*) from public.pipelines where facts ->> 'model' = 'edited')"
    )[0]
    (runs,) = stage.rows("select count(*) from public.pipelines")[0]
    return float(gates) / float(runs)


def machine_rows(what: str, own: Mapping[str, float]) -> list[Row]:
    """``own``: CPU seconds a run of each process of ours."""
    total, builder = sum(own.values()), own["builder"] + own[SANDBOXES]
    elsewhere = total - builder
    return [
        {
            "runs": what,
            "machines": f"one with {CORES} cores",
            "cpu_s_a_run": round(total, 2),
            "an_hour_at_70_%": hourly(total),
            "burst_of_100_p95_s": burst_seconds(total),
        },
        {
            "runs": what,
            "machines": f"two with {CORES} cores, a builder on each",
            "cpu_s_a_run": round(total, 2),
            "an_hour_at_70_%": hourly(total / 2),
            "burst_of_100_p95_s": burst_seconds(total / 2),
        },
        {
            "runs": what,
            "machines": f"builders on two machines of {CORES} cores, all else on a third",
            "cpu_s_a_run": round(total, 2),
            "an_hour_at_70_%": min(hourly(builder / 2), hourly(elsewhere)),
            "burst_of_100_p95_s": max(burst_seconds(builder / 2), burst_seconds(elsewhere)),
        },
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

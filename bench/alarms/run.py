"""Makes each fault, waits until it is told, cures it, waits until its end is told."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bench.alarms.catcher import Catcher, catching
from bench.alarms.faults import FAULTS, Fault
from bench.alarms.judging import Course, Row, Seen, judge
from bench.alarms.product import Drilled, run_drilled
from bench.chaos.people import ADA, CHECKOUT
from local.stage import ROOT

LOOK_SECONDS = 5.0
# The longest way to an alert: disks are looked at every five minutes, alerts every half.
RAISED_SECONDS = 600.0
# An alert is over ten minutes after it was last seen.
OVER_SECONDS = 1500.0
_ALERTS = """
    select id::text, kind, subject, extract(epoch from at)::float as at,
        extract(epoch from ended_at)::float as ended
    from public.alerts where kind <> 'recovered' order by at
"""
# What has to be quiet for half an hour or longer before it is over.
_QUIET = (
    "update public.answers set settled_at = settled_at - interval '31 minutes'"
    " where state = 'failed'"
)


def run(only: str = "") -> tuple[list[Row], list[str]]:
    """The table, and what is wrong. ``only``: words of a fault's name, separated by commas."""
    wanted = [each for each in FAULTS if not only or each.name in only.split(",")]
    with catching() as caught:
        say("starting the product …")
        with run_drilled(caught) as product:
            return Drill(product, caught, wanted).play()


class Drill:
    """One run over one product."""

    def __init__(self, product: Drilled, caught: Catcher, faults: list[Fault]):
        self._product, self._caught, self._faults = product, caught, faults
        self._courses = {each.name: course_of(each) for each in faults}
        self._complaints: dict[str, str] = {}
        self._is_busy = False

    def play(self) -> tuple[list[Row], list[str]]:
        for fault in self._faults:
            self._courses[fault.name].trouble = fault.lacks(self._product)
        for wave in sorted({each.wave for each in self._faults}):
            self._play_wave([each for each in self._faults if each.wave == wave])
        say("waiting for the ends, ten minutes after the last look at each …")
        self._wait(OVER_SECONDS, self._is_over, list(self._courses.values()))
        return self._report()

    def _play_wave(self, faults: list[Fault]) -> None:
        faults = [each for each in faults if not self._courses[each.name].trouble]
        for fault in faults:
            self._do(fault, "struck")
        self._wait(RAISED_SECONDS, self._is_told, [self._courses[each.name] for each in faults])
        self._ask_doctor(faults)
        for fault in faults:
            self._do(fault, "cured")
        # From now on people ask, as they do.
        self._is_busy = True

    def _do(self, fault: Fault, what: str) -> None:
        course = self._courses[fault.name]
        say(f"  {fault.name}: {fault.said if what == 'struck' else 'cured'}")
        setattr(course, what, time.time())
        try:
            (fault.strike if what == "struck" else fault.cure)(self._product)
        except Exception as error:
            course.trouble = f"could not be {what}: {type(error).__name__}: {error}"[:300]
            say(f"  trouble: {course.trouble}")

    def _wait(
        self, seconds: float, is_done: Callable[[Course, list[Seen]], bool], courses: list[Course]
    ) -> None:
        until = time.monotonic() + seconds
        said: set[str] = set()
        while time.monotonic() < until:
            seen = self._seen()
            done = {each.name for each in courses if each.trouble or is_done(each, seen)}
            for name in sorted(done - said):
                say(f"  {name}: {'over' if is_done == self._is_over else 'told'}")
            said |= done
            if len(done) == len(courses):
                return
            if self._is_busy:
                self._product.ask(ADA, CHECKOUT)
                self._product.rows(_QUIET)
            time.sleep(LOOK_SECONDS)

    def _seen(self) -> list[Seen]:
        return [Seen(**row) for row in self._product.rows(_ALERTS)]

    def _is_told(self, course: Course, seen: list[Seen]) -> bool:
        found = course.alerts(seen)
        row, wrong = judge(course, seen, self._caught.webhooks, self._caught.mails, {})
        return bool(found) and not wrong.startswith("told") and row["told"] == "1 + 1"

    def _is_over(self, course: Course, seen: list[Seen]) -> bool:
        return not judge(course, seen, self._caught.webhooks, self._caught.mails, {})[1]

    def _ask_doctor(self, faults: list[Fault]) -> None:
        """What `make doctor` says of the wave's faults while they last."""
        product = self._product
        done = subprocess.run(
            [sys.executable, "-m", "doctor", "--json"],
            cwd=ROOT, env={**product.stage.environment, **product.own.get("worker", {})},
            capture_output=True, text=True, timeout=180,
        )  # fmt: skip
        try:
            checks = json.loads(done.stdout)["checks"]
        except ValueError:
            say(f"  doctor could not run: {done.stderr[-300:]}")
            return
        asked = {each.doctor for each in faults}
        for each in checks:
            name, status = each["name"], each["status"]
            if name not in asked:
                continue
            if status in ("warning", "failed"):
                self._complaints[name] = status
            elif status == "skipped":
                self._complaints.setdefault(name, "skipped on a local run")

    def _report(self) -> tuple[list[Row], list[str]]:
        seen, rows, wrong = self._seen(), [], []
        caught = self._caught
        for course in self._courses.values():
            row, problem = judge(course, seen, caught.webhooks, caught.mails, self._complaints)
            rows.append(row)
            if problem:
                wrong.append(f"{course.name}: {problem}")
        expected = {each.id for course in self._courses.values() for each in course.alerts(seen)}
        for each in seen:
            if each.id not in expected:
                say(f"raised besides: {each.kind} ({each.subject})")
        return rows, wrong


def course_of(fault: Fault) -> Course:
    return Course(
        name=fault.name,
        kind=fault.kind,
        subject=fault.subject,
        fault=fault.said,
        set_back=fault.set_back,
        has_end=fault.has_end,
        doctor_check=fault.doctor,
    )


def say(line: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {line}", flush=True)

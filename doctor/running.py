"""Runs checks side by side, each within its time: a check that hangs is a finding, not a wait."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

from doctor.finding import Finding, Skip, Status, failed
from doctor.world import World, scrub

# Longer than a few calls in a row take when each just makes it in time.
SECONDS = 20.0

Run = Callable[[World], Finding | list[Finding]]


@dataclass(frozen=True)
class Check:
    """``name`` is what `--only` takes; so does ``family``, for all checks of one."""

    name: str
    family: str
    run: Run


@dataclass(frozen=True)
class Result:
    """A finding of a check, and how long the check took."""

    check: str
    family: str
    finding: Finding
    seconds: float

    @property
    def status(self) -> Status:
        return self.finding.status

    def to_json(self) -> dict[str, object]:
        finding = self.finding
        return {
            "name": self.check,
            "family": self.family,
            "about": finding.about,
            "status": finding.status,
            "what": finding.what,
            "why": finding.why,
            "do": finding.do,
            "seconds": round(self.seconds, 3),
        }


def run_all(checks: Sequence[Check], world: World, seconds: float = SECONDS) -> list[Result]:
    """The results of all checks in their order. Takes at most about ``seconds``."""
    done: SimpleQueue[tuple[Check, list[Finding], float]] = SimpleQueue()
    began = time.monotonic()
    for check in checks:
        # A daemon: Python does not wait at its end for one that hangs.
        threading.Thread(target=_run, args=(check, world, done, began), daemon=True).start()
    found: dict[Check, tuple[list[Finding], float]] = {}
    while len(found) < len(checks):
        try:
            check, findings, took = done.get(timeout=max(0, began + seconds - time.monotonic()))
        except Empty:
            break
        found[check] = findings, took
    for check in checks:
        found.setdefault(check, ([_hung(seconds)], seconds))
    return [
        Result(check.name, check.family, _without_secrets(finding), found[check][1])
        for check in checks
        for finding in found[check][0]
    ]


def _run(
    check: Check,
    world: World,
    done: "SimpleQueue[tuple[Check, list[Finding], float]]",
    began: float,
) -> None:
    try:
        found = check.run(world)
        findings = found if isinstance(found, list) else [found]
    except Skip as skip:
        findings = [Finding("skipped", str(skip))]
    except Exception as error:
        # Not the error's own words: they may contain anything.
        findings = [
            failed(
                f"The check itself failed ({type(error).__name__}).",
                "What it looks at is not known to be well.",
                "Run it alone with --only, and report it if it fails again.",
            )
        ]
    done.put((check, findings, time.monotonic() - began))


def _hung(seconds: float) -> Finding:
    return failed(
        f"There was no answer within {seconds:.0f} seconds.",
        "The product would wait for it as well.",
        "Look whether what it asks is up and reachable from this machine.",
    )


def _without_secrets(finding: Finding) -> Finding:
    return replace(finding, what=scrub(finding.what), why=scrub(finding.why), do=scrub(finding.do))

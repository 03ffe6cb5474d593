"""One run: traffic, faults by their schedule, an end in which all is well, and the books."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psycopg

from bench.chaos.accounting import Books, Breach, audit
from bench.chaos.books import read_books
from bench.chaos.days import let_days_pass
from bench.chaos.faults import FAULTS, KILLS
from bench.chaos.people import sign_in_again, visit
from bench.chaos.product import Product, run_product
from bench.chaos.recovery import Recovery, Sample, Struck, recoveries
from bench.chaos.schedule import Fault, Slot, plan_faults, plan_kills
from bench.chaos.traffic import Done, Traffic
from bench.chaos.watching import watching
from local.stage import answers

KILL_PAUSE_SECONDS = 22.0
# Figma's last retry comes at once then.
END_SPEED = 3_000
END_SECONDS = 240.0
_OPEN = """
    select (select count(*) from public.answers where state in ('queued', 'working', 'deferred'))
        + (select count(*) from public.analyses where state in ('queued', 'working'))
        + (select count(*) from public.pipelines where state not in ('done', 'failed', 'cancelled'))
        + (select count(*) from queue.procrastinate_jobs
            where status in ('todo', 'doing') and task_name <> 'deliver_alert') as open
"""


@dataclass
class Outcome:
    """What came of a run. ``troubles``: what could not be done to the product, and why."""

    books: Books
    breaches: list[Breach]
    recovered: list[Recovery]
    done: Done
    kills: dict[str, int]
    attempts: int
    unacknowledged: int
    skipped: dict[str, str]
    troubles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def run(seconds: float, seed: int, rate: float, only: str = "", base: str = "") -> Outcome:
    """``only``: faults whose name has these words. ``base``: the version before the deploy."""
    faults = [each for each in FAULTS if only in each.name]
    with ExitStack() as exits:
        say("starting the product …")
        product = exits.enter_context(run_product(base))
        visitors = visit(product)
        skipped = {each.name: why for each in faults if (why := each.lacks(product))}
        for name, why in skipped.items():
            say(f"  not tried: {name}: {why}")
        slots = plan_faults(
            [each for each in faults if each.name not in skipped], seconds, random.Random(seed)
        )
        kinds = [each for each in KILLS if only in each.name]
        kills = plan_kills(kinds, seconds, KILL_PAUSE_SECONDS, random.Random(seed + 1))
        traffic = Traffic(product, visitors, rate, random.Random(seed + 2))
        director = Director(product, seed)
        with watching(product) as samples:
            with traffic.running():
                director.play(seconds, slots, kills)
            end(product, director)
        say("reading the books …")
        books = read_books(product, traffic.done)
        return judge(product, books, traffic.done, director, samples, skipped)


class Director:
    """Makes things fail when they should."""

    def __init__(self, product: Product, seed: int):
        self.struck: list[Struck] = []
        self.troubles: list[str] = []
        self.notes: list[str] = []
        self._product, self._seed = product, seed

    def play(self, seconds: float, *parts: list[Slot]) -> None:
        """Each part in a thread of its own; returns when the time is over and all have ended."""
        self._began = time.monotonic()
        threads = [threading.Thread(target=self._play, args=(part,), daemon=True) for part in parts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        time.sleep(max(0.0, self._began + seconds - time.monotonic()))

    def _play(self, slots: list[Slot]) -> None:
        for number, slot in enumerate(slots):
            time.sleep(max(0.0, self._began + slot.begin - time.monotonic()))
            draw = random.Random(f"{self._seed} {number} {slot.fault.name}")
            try:
                self._strike(slot.fault, draw)
            except (Exception, SystemExit) as error:
                self.troubles.append(f"{slot.fault.name}: {type(error).__name__}: {error}")
                say(f"  trouble with {self.troubles[-1]}")

    def _strike(self, fault: Fault, draw: random.Random) -> None:
        say(f"  {fault.name}" + (f" for {fault.seconds:.0f} s" if fault.seconds else ""))
        begin = time.time()
        with fault.act(self._product, draw):
            time.sleep(fault.seconds)
        self.struck.append(Struck(fault.name, begin, time.time()))


def end(product: Product, director: Director) -> None:
    """Nothing fails any more, days pass, Figma sends again what was not taken, people sign in
    again; then wait until nothing is under way."""
    say("all is well again; waiting for the last answers …")
    product.heal()
    began = time.monotonic()
    wait(lambda: answers(f"{product.stage.web_url}/readyz"), "web is not ready", director)
    try:
        sign_in_again(product)
    except Exception as error:
        director.troubles.append(f"signing in at the end: {error}")
    product.sandbox.faults(clock=END_SPEED)
    wait(lambda: is_sent(product), "Figma still has something to send", director)

    def is_over() -> bool:
        try:
            let_days_pass(product)
            return not product.rows(_OPEN)[0]["open"]
        except psycopg.Error:
            return False

    wait(is_over, "something is still under way", director)
    director.notes.append(f"all had ended {time.monotonic() - began:.0f} s after the last fault")


def is_sent(product: Product) -> bool:
    """Whether each delivery was taken, or was tried for the last time."""
    last: dict[tuple[str, str], dict] = {}
    for each in product.sandbox.deliveries():
        if each["event_type"] == "FILE_COMMENT":
            key = each["webhook_id"], each["comment_id"]
            if last.get(key, {}).get("status") != 200:
                last[key] = each
    return all(each["status"] == 200 or each["retries"] >= 3 for each in last.values())


def wait(is_so: Callable[[], bool], trouble: str, director: Director) -> None:
    until = time.monotonic() + END_SECONDS
    while not is_so():
        if time.monotonic() > until:
            director.troubles.append(f"{trouble} after {END_SECONDS:.0f} s")
            return
        time.sleep(1)


def judge(
    product: Product,
    books: Books,
    done: Done,
    director: Director,
    samples: list[Sample],
    skipped: dict[str, str],
) -> Outcome:
    moments = [
        (row["received"], row["settled"])
        for row in books.answers
        if row["settled"] is not None and row["state"] in ("answered", "refused")
    ]
    tries = [each for each in product.sandbox.deliveries() if each["event_type"] == "FILE_COMMENT"]
    return Outcome(
        books=books,
        breaches=audit(books),
        recovered=recoveries(
            sorted(director.struck, key=lambda each: each.begin), moments, samples
        ),
        done=done,
        kills=dict(product.kills),
        attempts=len(tries),
        unacknowledged=sum(each["status"] != 200 for each in tries),
        skipped=skipped,
        troubles=director.troubles,
        notes=director.notes,
    )


def say(line: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {line}", flush=True)

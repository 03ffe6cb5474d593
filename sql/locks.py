"""How a deploy asks for locks: briefly, again and again, and saying who keeps it waiting.

A deploy that wants to lock a table in use waits in a queue. Everybody who comes later waits behind
it, the receiver of comments too. So each try waits for LOCK_TIMEOUT_MS at most, and then lets all
others pass before the next one.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

# Below the shortest time that a process of the product waits for the database, two seconds
# (HASTY_SECONDS in service/wiring.py): a process behind a deploy notices no more than a slow call.
LOCK_TIMEOUT_MS = 1000
# Longer than a report or an export should hold a table, and shorter than hosts wait for a release.
GIVE_UP_SECONDS = 600.0
# Between two tries, so that everybody who waited behind the last one is done before the next.
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 15.0
LOOK_SECONDS = 0.1
# Longer than any of our waits that blocks others.
SAY_SECONDS = 3 * LOCK_TIMEOUT_MS / 1000
# Errors that a retry can solve: a lock not free in time, a deadlock that we lost.
PASSING = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)

# Without the text of the statements, which may contain anything.
BLOCKERS = """
select
    holder.pid, holder.application_name as program, holder.state,
    extract(epoch from clock_timestamp() - holder.xact_start)::integer as seconds,
    (
        select min(asked.relation::regclass::text) from pg_locks as asked
        where asked.pid = %(pid)s and not asked.granted
    ) as relation
from pg_stat_activity as holder
where holder.pid = any (pg_blocking_pids(%(pid)s))
order by holder.xact_start nulls last
"""


class StillLocked(Exception):
    """A lock was not free within the whole time. The text says which and who holds it."""


@dataclass(frozen=True)
class Blocker:
    """A process that blocks a deploy. Fields that Postgres does not show us are None."""

    pid: int
    program: str | None
    state: str | None
    seconds: int | None
    relation: str | None

    @property
    def what(self) -> str:
        return self.relation or "the end of other transactions"

    def __str__(self) -> str:
        lasting = None if self.seconds is None else f"in one transaction for {self.seconds} s"
        known = [part for part in (self.program, self.state, lasting) if part]
        return f"process {self.pid}" + (f" ({', '.join(known)})" if known else "")


class LockWatch:
    """Looks from a second connection at who blocks `connection`, and remembers the last one.

    It reports a long wait itself: an index that is built beside the running product may have one.
    If the second connection fails, it knows nothing, and the deploy goes on.
    """

    def __init__(
        self, database_url: str, connection: psycopg.Connection, say: Callable[[str], None]
    ):
        self._database_url = database_url
        self._say = say
        self._pid = connection.info.backend_pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="lock-watch", daemon=True)
        self._blocker: Blocker | None = None

    def __enter__(self) -> "LockWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def take(self) -> Blocker | None:
        """Return the blocker that was seen last, and forget it."""
        blocker, self._blocker = self._blocker, None
        return blocker

    def _look(self) -> None:
        try:
            with psycopg.connect(
                self._database_url, autocommit=True, application_name="sql.apply watch"
            ) as connection:
                self._look_through(connection)
        except psycopg.Error:
            return

    def _look_through(self, connection: psycopg.Connection) -> None:
        since, seen = time.monotonic(), 0
        while not self._over.wait(LOOK_SECONDS):
            row = connection.execute(BLOCKERS, {"pid": self._pid}).fetchone()
            if row is None:
                seen = 0
                continue
            self._blocker = blocker = Blocker(*row)
            if blocker.pid != seen:
                since, seen = time.monotonic(), blocker.pid
            elif time.monotonic() - since > SAY_SECONDS:
                self._say(f"waits for {blocker.what}, kept by {blocker}; nobody waits for us")
                since = math.inf


def try_again(
    name: str,
    attempt: Callable[[], Any],
    watch: LockWatch,
    say: Callable[[str], None],
    give_up_seconds: float,
) -> None:
    """Run `attempt` until it gets its locks. A failed `attempt` must leave nothing behind.

    Raises StillLocked after about `give_up_seconds`, and whatever else `attempt` raises.
    """
    began, tries = time.monotonic(), 0
    for pause in _pauses():
        watch.take()
        try:
            attempt()
            return
        except PASSING as error:
            tries += 1
            reason = _reason(watch.take(), error)
            waited = time.monotonic() - began
            if waited + pause > give_up_seconds:
                raise StillLocked(
                    f"{name} {reason}. It was tried {tries} times in {waited:.0f} s"
                ) from error
        say(f"{name} {reason}; nothing of it was kept, trying again in {pause:.0f} s")
        time.sleep(pause)


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE_SECONDS
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def _reason(blocker: Blocker | None, error: psycopg.Error) -> str:
    if isinstance(error, psycopg.errors.DeadlockDetected):
        return "and another transaction waited for each other"
    if blocker is None:
        return "waits for a lock that another transaction holds"
    return f"waits for {blocker.what}, kept by {blocker}"

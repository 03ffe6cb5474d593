"""The database's time, as this process knows it: the clock of its own machine may be wrong or jump.

What the database compares with its ``now()`` is reckoned by it: when a job is tried again, until
when an answer is put off. By a clock that is an hour ahead, each retry would wait for an hour more;
by one that is behind, all attempts would be used up within a second.

Queue workers tell it at each heartbeat. In between it goes on by a clock that never jumps. Before
that, the machine's own time counts.
"""

import time
from datetime import UTC, datetime, timedelta

# The database's time, and when it was told (monotonic).
_told: tuple[datetime, float] | None = None


def tell_time(database_time: datetime) -> None:
    """Set the time to what the database has just said."""
    global _told
    _told = database_time.astimezone(UTC), time.monotonic()


def database_now() -> datetime:
    """The time at the database, in UTC."""
    if _told is None:
        return datetime.now(UTC)
    at, since = _told
    return at + timedelta(seconds=time.monotonic() - since)

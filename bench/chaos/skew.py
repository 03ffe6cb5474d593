"""A wrong clock for one process, by Debian's ``libfaketime``: the wall clock jumps, and what counts
seconds goes on, as when a host's clock is set."""

from pathlib import Path

_PLACES = (
    "/usr/lib/*/faketime/libfaketimeMT.so.1",
    "/usr/lib64/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
)


def lacks_skew() -> str:
    """Why no clock can be wrong here; empty: it can."""
    return "" if _library() else "needs libfaketime (apt-get install libfaketime)"


def skewed(clock: Path) -> dict[str, str]:
    """The environment of a process whose clock is wrong by what the file says ("+3600": an hour
    ahead), looked at every second."""
    return {
        "LD_PRELOAD": _library(),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        # A child starts by the same clock, not by that of its parent's start.
        "FAKETIME_DONT_RESET": "1",
    }


def _library() -> str:
    root = Path("/")
    found = (path for place in _PLACES for path in root.glob(place.lstrip("/")))
    return str(next(found, ""))

"""Numbers, money and times as people read them. Money is in micro-dollars, durations in ms."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from math import floor, log10, sqrt

NONE = "–"
# The sign of a change of zero.
SAME = "±"
# With fewer cases than this, a rate looks more certain than it is: show the cases.
SMALL_SAMPLE = 20


def count(number: int) -> str:
    return f"{number:,}"


def counted(number: int, what: str) -> str:
    """1 row, 2 rows: with an s for all but one."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def money(microusd: int | None) -> str:
    """Dollars with the digits that matter: $0.0012, $0.34, $12.30, $1,234."""
    if microusd is None:
        return "no price"
    if microusd < 0:
        return f"-{money(-microusd)}"
    dollars = microusd / 1_000_000
    if dollars == 0:
        return "$0"
    if dollars >= 1000:
        return f"${dollars:,.0f}"
    if dollars >= 0.1:
        return f"${dollars:.2f}"
    return f"${dollars:.{min(6, 1 - floor(log10(dollars)))}f}"


def duration(ms: float | None) -> str:
    if ms is None:
        return NONE
    if ms < 999.5:
        return f"{ms:.0f} ms"
    if ms < 59_950:
        return f"{ms / 1000:.1f} s"
    # With the next smaller unit: rounded down to minutes, a time could be half of what it is.
    seconds = round(ms / 1000)
    if seconds < 3600:
        return _both(seconds, 60, "min", 1, "s")
    if seconds < 48 * 3600:
        return _both(seconds, 3600, "h", 60, "min")
    return _both(seconds, 86400, "d", 3600, "h")


def _both(seconds: int, unit: int, name: str, part: int, name_of_part: str) -> str:
    rest = seconds % unit // part
    return f"{seconds // unit} {name}" + (f" {rest} {name_of_part}" if rest else "")


def limit(ms: float) -> str:
    """A limit as it was set: 15 s, 0.5 s."""
    return f"{ms / 1000:,g} s"


def age(seconds: float) -> str:
    """45 s, 3 min, 2 h, 4 days: the largest unit that fits, rounded down."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 48 * 3600:
        return f"{whole // 3600} h"
    return f"{whole // 86400} days"


def ago(moment: datetime, now: datetime | None = None) -> str:
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    return "just now" if seconds < 10 else f"{age(seconds)} ago"


def rate(part: float, whole: int) -> str:
    """A share in per cent, or the cases themselves when they are few (a mean with one decimal)."""
    if whole == 0:
        return NONE
    if whole < SMALL_SAMPLE:
        return f"{round(part, 1):g} of {whole}"
    return percent(part / whole)


def percent(share: float) -> str:
    """12 %, 1.2 %. Only nothing is 0 %, and only all of it is 100 %."""
    per_cent = share * 100
    if 0 < per_cent < 0.05:
        return "< 0.1 %"
    if 99.95 <= per_cent < 100:
        return "> 99.9 %"
    has_decimal = per_cent != 0 and (abs(per_cent) < 10 or 99.5 <= per_cent < 100)
    return f"{per_cent:.{int(has_decimal)}f} %"


def exact_percent(share: float) -> str:
    """A target as it was set: 95 %, 99.9 %."""
    return f"{share * 100:.4g} %"


def change(now: float | None, before: float | None) -> str | None:
    """+12 %, -3 %, ±0 %, or None when there is nothing to compare with."""
    if now is None or not before:
        return None
    ratio = now / before - 1
    if abs(ratio) < 0.005:
        return f"{SAME}0 %"
    return f"{ratio:+,.0%}".replace("%", " %")


def points(now: float | None, before: float | None) -> str | None:
    """The difference of two shares in percentage points."""
    if now is None or before is None:
        return None
    difference = (now - before) * 100
    return f"{SAME}0 pts" if abs(difference) < 0.05 else f"{difference:+.1f} pts"


def interval(part: float, whole: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, (0, 1) without cases.

    Wilson 1927; https://www.itl.nist.gov/div898/handbook/prc/section2/prc241.htm
    """
    if whole == 0:
        return 0.0, 1.0
    z = 1.959964
    share, spread = part / whole, z * z / whole
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / whole + spread / (4 * whole))
    return max(0.0, middle - half), min(1.0, middle + half)


def share(part: int, whole: int) -> str:
    """12 %, or with few cases 3 of 12 (9–53 %): the cases with their 95 % interval."""
    if whole == 0 or whole >= SMALL_SAMPLE:
        return rate(part, whole)
    return f"{part} of {whole} ({spread(part, whole)})"


def spread(part: float, whole: int) -> str:
    """The 95 % interval of a share: 9–53 %."""
    low, high = interval(part, whole)
    return f"{low * 100:.0f}–{high * 100:.0f} %"


def likely(part: float, whole: int) -> str:
    """The same as a note under a share: 9–53 % likely."""
    return f"{spread(part, whole)} likely"


def cases(part: int, whole: int, what: str = "") -> str:
    """The cases behind a share; of few, which the share tells itself, their 95 % interval."""
    if 0 < whole < SMALL_SAMPLE:
        return likely(part, whole)
    return f"{count(part)} of {count(whole)} {what}".strip() if whole else ""


def distinct(names: Iterable[str]) -> list[str]:
    """The names, with a number after repeated ones: Ada, Bo, Ada (2)."""
    seen: Counter[str] = Counter()
    told = []
    for name in names:
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told

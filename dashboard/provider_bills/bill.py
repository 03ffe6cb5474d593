"""What an export of a provider comes down to: lines of days and models, or of single calls.

Money is in micro-dollars with the fractions of the export. Days are UTC, as all four providers
bill. Tokens are told apart: ``input`` is without what was read from a cache or written to it, as
far as the export tells those.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

MICRO: Final = Decimal(1_000_000)
KINDS: Final = ("input", "cached", "write", "output")
STANDARD: Final = "standard"
# The most that is read of one cell; nothing we keep is longer.
CELL_CHARS: Final = 200
# Amounts of exports have at most 15 digits before the point and 15 behind it. A number of many more
# is none of a bill, and each sum with it would be slower than the one before.
MOST_DIGITS: Final = 30
_PLAIN_NUMBER = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_AMERICAN_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class BillProblem(Exception):
    """The file cannot be read as a bill. The message says why, and what to do, for people."""


@dataclass
class Line:
    """A call, or all calls of a day, model and tier. None: the export does not tell.

    ``costs`` is ``cost`` by kind of tokens. ``amounts`` is in how many rounded amounts of the
    export it was told.
    """

    day: date
    model: str
    at: datetime | None = None
    call_id: str = ""
    tier: str = ""
    calls: int | None = None
    tokens: dict[str, int] = field(default_factory=dict)
    cost: Decimal | None = None
    costs: dict[str, Decimal] = field(default_factory=dict)
    amounts: int = 0

    def add(self, other: "Line") -> None:
        """Add a line of the same day, model and tier."""
        if other.calls is not None:
            self.calls = (self.calls or 0) + other.calls
        for kind, number in other.tokens.items():
            self.tokens[kind] = self.tokens.get(kind, 0) + number
        if other.cost is not None:
            self.cost = (self.cost or Decimal()) + other.cost
        for kind, amount in other.costs.items():
            self.costs[kind] = self.costs.get(kind, Decimal()) + amount
        self.amounts += other.amounts


@dataclass(frozen=True)
class Aside:
    """A line that is not compared: a credit, tax, or something else than calls of models."""

    kind: Literal["credit", "tax", "other"]
    microusd: Decimal
    day: date | None = None


# None: a line that says nothing, such as a day without use.
Found = Line | Aside | None


class Cells:
    """One row of the file, by the names of its header, however they are written there."""

    def __init__(self, places: Mapping[str, int]):
        self._places = places
        self._row: Sequence[str] = ()

    def move_to(self, row: Sequence[str]) -> None:
        self._row = row

    def has(self, name: str) -> bool:
        return name in self._places

    def text(self, *names: str) -> str:
        """The first of these columns that is there and has something in this row."""
        for name in names:
            place = self._places.get(name)
            if place is not None and place < len(self._row):
                found = self._row[place].strip()[:CELL_CHARS]
                if found:
                    return found
        return ""

    def whole(self, name: str) -> int:
        """A count; 0 where the cell is empty. Exports write 59200.0 too."""
        text = self.text(name)
        return int(number(text)) if text else 0


@dataclass(frozen=True)
class Format:
    """An export that is known by its header. ``provider`` is what our own name of the provider
    often contains; ``needs`` are names of columns, as `plain` writes them, one of each group."""

    code: str
    label: str
    provider: str
    needs: tuple[tuple[str, ...], ...]
    tells: Callable[[Cells], tuple[str, ...]]
    read: Callable[[Cells], Found]
    # What is true of many a file only: what is missing if no line could be read.
    if_nothing: str = ""


def plain(name: str) -> str:
    """A column's name without what differs between exports: case, blanks, underscores."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def number(text: str) -> Decimal:
    """A number as exports write it, with a dollar sign or American thousands at most."""
    bare = text.strip().removeprefix("$")
    if _PLAIN_NUMBER.fullmatch(bare):
        bare = bare.replace(",", "")
    if sum(map(str.isdigit, bare)) > MOST_DIGITS:
        raise BillProblem(
            f"“{text[:40]}” has more than {MOST_DIGITS} digits, which no amount or count of a bill "
            "has. Look whether two columns have become one."
        )
    try:
        found = Decimal(bare)
    except InvalidOperation:
        found = Decimal("NaN")
    # A tiny one, such as 1e-999, would be written with as many digits.
    if found.is_finite() and int(found.as_tuple().exponent) < -MOST_DIGITS:
        raise BillProblem(f"“{text[:40]}” has more than {MOST_DIGITS} digits behind the point.")
    if not found.is_finite() or abs(found) > Decimal(10) ** 15:
        raise BillProblem(f"“{text[:40]}” is no number. Write 1234.56, without other signs.")
    return found


def dollars(text: str) -> Decimal:
    """An amount in dollars as micro-dollars."""
    return number(text) * MICRO


def check_currency(code: str) -> None:
    """Refuse amounts that are not US dollars: our books are in dollars, and rates would hide
    drift."""
    if code.strip().upper() not in ("USD", "US$", "$"):
        raise BillProblem(
            f"The amounts are in {code[:20] or 'an unnamed currency'}. Only US dollars can be "
            "compared: export the bill in USD, or the usage without amounts."
        )


def moment(text: str) -> datetime:
    """A moment or day in UTC: ISO 8601, with or without a zone, or seconds since 1970."""
    try:
        if re.fullmatch(r"\d{9,10}(\.0+)?", text):
            return datetime.fromtimestamp(int(float(text)), UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BillProblem(
            f"“{text[:40]}” is no day. Write 2026-10-31, or 2026-10-31T09:30:00Z, in UTC."
        ) from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def american_day(text: str) -> date:
    """A day as Azure writes it, 10/31/2026, or as ISO 8601."""
    if found := _AMERICAN_DAY.match(text):
        month, day, year = map(int, found.groups())
        try:
            return date(year, month, day)
        except ValueError:
            raise BillProblem(f"“{text[:40]}” is no day written as month/day/year.") from None
    return moment(text).date()

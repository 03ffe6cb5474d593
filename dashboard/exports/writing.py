"""Writes an export as CSV that a spreadsheet opens safely. Memory: one page of rows.

UTF-8, CRLF (RFC 4180). A file for people has a byte order mark, which Excel needs, and the totals
in its last line. A file that another program imports has neither: it would take the mark for a part
of the first column's name, and the totals for one more row.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

from dashboard.exports.csv_export import BOM, FORMULA_STARTS

Cell = str | int | None
Row = tuple[Cell, ...]
# Calls one SQL function with its parameters and returns its result.
Ask = Callable[[str, dict[str, Any]], Any]

PROGRESS_EVERY = 1000


@dataclass(frozen=True)
class Usd:
    """Millionths of a dollar, written as dollars with all six decimals."""

    microusd: int

    def __str__(self) -> str:
        sign, size = ("-" if self.microusd < 0 else ""), abs(self.microusd)
        return f"{sign}{size // 1_000_000}.{size % 1_000_000:06d}"


@dataclass(frozen=True)
class Export:
    """A kind of file. `sums` names the columns whose sums are in the last line, or only told if it
    is for another program (`is_imported`).

    `rows` reads what the file is about: a month, or the choice made in a filter.
    """

    name: str
    columns: tuple[str, ...]
    rows: Callable[[Ask, Any], Iterator[tuple[Any, ...]]]
    sums: tuple[str, ...] = ()
    is_imported: bool = False

    def file_name(self, month: date) -> str:
        return f"{self.name}-{month:%Y-%m}.csv"


@dataclass(frozen=True)
class Written:
    """A file's number of rows, and its sums; money in micro-dollars."""

    rows: int
    sums: dict[str, int]


def write(
    export: Export,
    ask: Ask,
    about: Any,
    target: BinaryIO,
    tell: Callable[[int], None] = lambda rows: None,
) -> Written:
    """Write the file about a month or choice to `target`.

    `tell` is called now and then with the number of rows written.
    """
    sums = dict.fromkeys(export.sums, 0)
    places = [(column, export.columns.index(column)) for column in export.sums]
    rows = 0
    if not export.is_imported:
        target.write(BOM.encode())
    text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=False)
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(export.columns)
        for row in export.rows(ask, about):
            writer.writerow([cell(each) for each in row])
            for column, place in places:
                sums[column] += _number(row[place])
            rows += 1
            if rows % PROGRESS_EVERY == 0:
                tell(rows)
        if not export.is_imported:
            writer.writerow(_last_line(export, rows, sums))
        text.flush()
    finally:
        text.detach()
    tell(rows)
    return Written(rows, sums)


def cell(value: Any) -> str | int:
    """One cell: text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA_STARTS) else value
    return value if isinstance(value, int) else str(value)


def pages(
    read: Callable[[Any], list[Any]], key_of: Callable[[Any], Any], start: Any, size: int = 0
) -> Iterable[Any]:
    """All rows of a keyset read: read the page after the last key until a page is empty.

    `size` is the length of a full page, where it is known: a shorter page is the last one.
    """
    key = start
    while page := read(key):
        yield from page
        if len(page) < size:
            return
        key = key_of(page[-1])


def _number(value: Any) -> int:
    return value.microusd if isinstance(value, Usd) else int(value or 0)


def _last_line(export: Export, rows: int, sums: dict[str, int]) -> list[str | int]:
    line: list[str | int] = [""] * len(export.columns)
    line[0] = f"Total of {rows} rows"
    for column, amount in sums.items():
        is_money = column.endswith(("(USD)", "Cost"))
        line[export.columns.index(column)] = str(Usd(amount)) if is_money else amount
    return line

"""A file of bytes becomes a bill: its format is known by its header, and each problem is said.

Nothing of the file is kept but days, model names, ids of calls and numbers.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from dashboard.provider_bills import (
    anthropic_bills,
    azure_bills,
    hand_mapped,
    openai_bills,
    openrouter_bills,
)
from dashboard.provider_bills.bill import (
    KINDS,
    MICRO,
    Aside,
    BillProblem,
    Cells,
    Format,
    Line,
    plain,
)
from dashboard.provider_bills.hand_mapped import Mapping

MOST_BYTES: Final = 32 * 1024 * 1024
MOST_LINES: Final = 300_000
# An export with this many decimals is not rounded in a way that matters.
EXACT_DECIMALS: Final = 5
FORMATS: Final[tuple[Format, ...]] = (
    *openai_bills.FORMATS,
    *anthropic_bills.FORMATS,
    *openrouter_bills.FORMATS,
    *azure_bills.FORMATS,
)
LABELS: Final = {each.code: each.label for each in FORMATS} | {"by_hand": "Mapped by hand"}


@dataclass(frozen=True)
class Table:
    """A file as rows of text. ``code`` is the hash of its header, ``file_hash`` of all of it."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    code: str
    file_hash: str

    @property
    def cells(self) -> Cells:
        return Cells({plain(name): place for place, name in enumerate(self.header)})


@dataclass(frozen=True)
class Bill:
    """What a file bills. ``left_out`` lines are of other services or other days."""

    format: str
    provider_hint: str
    tells: tuple[str, ...]
    first_day: date
    last_day: date
    lines: tuple[Line, ...]
    rounding: Decimal
    file_hash: str
    credits_microusd: int = 0
    tax_microusd: int = 0
    left_out: int = 0
    left_out_microusd: int = 0

    def within(self, first: date, last: date) -> "Bill":
        """The bill of these days alone."""
        inside = tuple(line for line in self.lines if first <= line.day <= last)
        outside = [line for line in self.lines if not first <= line.day <= last]
        cost = sum((line.cost or Decimal() for line in outside), Decimal())
        return replace(
            self,
            first_day=first,
            last_day=last,
            lines=inside,
            left_out=self.left_out + len(outside),
            left_out_microusd=self.left_out_microusd + round(cost),
        )

    def rows(self) -> Iterator[list[Any]]:
        """Each line as SQL takes it; see the SQL function `add_bill_lines`."""
        for line in self.lines:
            yield [
                f"{line.day}",
                line.at and line.at.isoformat(),
                line.call_id,
                line.model,
                line.tier,
                line.calls,
                *(line.tokens.get(kind) for kind in KINDS),
                _text(line.cost),
                *(_text(line.costs.get(kind)) for kind in KINDS),
                _text(self.rounding * line.amounts),
            ]


def check_size(size: int) -> None:
    """Raises BillProblem for a file that is too large. Asked before its content is."""
    if size > MOST_BYTES:
        raise BillProblem(
            f"The file has over {MOST_BYTES // 1024 // 1024} MB. Export fewer days at once."
        )


def read_table(content: bytes) -> Table:
    """The rows of a CSV file. Raises BillProblem."""
    check_size(len(content))
    if content[:2] in (b"PK", b"\x1f\x8b") or b"\x00" in content[:4096]:
        raise BillProblem("This is no CSV file. Unpack it, or save the table as CSV (UTF-8).")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BillProblem("The file is not in UTF-8. Save it as CSV (UTF-8).") from None
    first_line = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    rows: list[tuple[str, ...]] = []
    try:
        for row in csv.reader(io.StringIO(text.lstrip(), newline=""), delimiter=delimiter):
            if not any(cell.strip() for cell in row):
                continue
            # Counted here: a row takes far more memory than its line of the file.
            if len(rows) > MOST_LINES:
                raise BillProblem(
                    f"The file has over {MOST_LINES:,} lines. Export fewer days at once, or "
                    "grouped by day."
                )
            rows.append(tuple(row))
    except csv.Error as error:
        raise BillProblem(f"The file is no readable CSV: {error}.") from None
    if len(rows) < 2:
        raise BillProblem("The file has no line below its header.")
    header = tuple(name.strip() for name in rows[0])
    known = "\n".join(plain(name) for name in header)
    return Table(
        header,
        tuple(rows[1:]),
        sha256(known.encode()).hexdigest(),
        sha256(content).hexdigest(),
    )


def format_of(table: Table) -> Format | None:
    """The known format with this header, the one that asks for most of it first."""
    cells = table.cells
    fitting = [each for each in FORMATS if all(any(map(cells.has, group)) for group in each.needs)]
    return max(fitting, key=lambda each: len(each.needs), default=None)


def read_bill(table: Table, mapping: Mapping | None = None) -> Bill:
    """The bill in a table, by its header or by a mapping of its columns. Raises BillProblem."""
    found = hand_mapped.format_of(mapping) if mapping else format_of(table)
    if found is None:
        raise BillProblem("This header is not known. Say below which column means what.")
    cells, asides, sums = table.cells, list[Aside](), dict[tuple[Any, ...], Line]()
    singles, finest = dict[str, Line](), 0
    for place, row in enumerate(table.rows, 2):
        cells.move_to(row)
        try:
            line = found.read(cells)
        except BillProblem as problem:
            raise BillProblem(f"Line {place}: {problem}") from None
        except (ArithmeticError, ValueError, OverflowError):
            raise BillProblem(f"Line {place} cannot be read.") from None
        if isinstance(line, Aside):
            asides.append(line)
        elif line is not None:
            if line.cost is not None:
                # Dollars times a million keep the decimals that the export wrote.
                finest = min(finest, int(line.cost.as_tuple().exponent))
            if line.call_id:
                # The same call twice in one file is one call.
                singles[line.call_id] = line
            elif known := sums.get((line.day, line.model, line.tier)):
                known.add(line)
            else:
                sums[line.day, line.model, line.tier] = line
    lines = (*sums.values(), *singles.values())
    if not lines:
        raise BillProblem(f"No line names a model. {found.if_nothing}".strip())
    days = [line.day for line in lines]
    is_rounded = "cost" in found.tells(cells) and -finest < EXACT_DECIMALS
    return Bill(
        found.code,
        found.provider,
        found.tells(cells),
        min(days),
        max(days),
        tuple(sorted(lines, key=lambda line: (line.day, line.model, line.tier, line.call_id))),
        MICRO.scaleb(finest) / 2 if is_rounded else Decimal(),
        table.file_hash,
        credits_microusd=_sum_of("credit", asides),
        tax_microusd=_sum_of("tax", asides),
        left_out=sum(each.kind == "other" for each in asides),
        left_out_microusd=_sum_of("other", asides),
    )


def _sum_of(kind: str, asides: list[Aside]) -> int:
    return round(sum((each.microusd for each in asides if each.kind == kind), Decimal()))


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"

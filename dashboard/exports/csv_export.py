"""Tables as CSV that Excel opens correctly: UTF-8 with BOM, numbers as numbers.

A text that would start a formula gets a leading apostrophe, as OWASP advises:
https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

BOM = "\ufeff"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MONEY = "_microusd"
TOTAL = "Total"


def to_csv(
    frame: pd.DataFrame,
    footer: Mapping[str, Any] | None = None,
    *,
    money: tuple[str, ...] | None = None,
) -> bytes:
    """The rows, then one line of totals: `footer` maps columns to totals.

    Each column of `money` (None: all that end in _microusd) gets one in dollars next to it, with
    six decimals.
    """
    footer = footer or {}
    columns = [str(column) for column in frame.columns]
    if money is None:
        money = tuple(column for column in columns if column.endswith(MONEY))
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_spread(columns, columns, money, is_head=True))
    for row in frame.itertuples(index=False, name=None):
        writer.writerow(_spread(columns, row, money))
    if footer:
        totals = [footer.get(column) for column in columns]
        line = _spread(columns, totals, money)
        if columns and columns[0] not in footer:
            line[0] = TOTAL
        writer.writerow(line)
    return out.getvalue().encode("utf-8")


def _spread(
    columns: list[str], values: Any, money: tuple[str, ...], *, is_head: bool = False
) -> list[str]:
    """One line, with dollars next to each column of micro-dollars."""
    line = []
    for column, value in zip(columns, values, strict=True):
        line.append(cell(value))
        if column in money:
            line.append(cell(f"{column.removesuffix(MONEY)} (USD)") if is_head else dollars(value))
    return line


def cell(value: Any) -> str:
    """One cell: nothing for None and NaN, ISO 8601 for times, harmless text."""
    if isinstance(value, list | tuple | dict):
        return cell(str(value))
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA_STARTS) else value
    return str(value)


def dollars(microusd: Any) -> str:
    """Exact, not rounded: 1234567 is 1.234567."""
    if microusd is None or pd.isna(microusd):
        return ""
    return f"{Decimal(int(microusd)).scaleb(-6):.6f}"

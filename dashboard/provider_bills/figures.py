"""The figures of the page, and the rows that add up to them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

import pandas as pd

from dashboard.parts import definitions, formats
from dashboard.parts.metric import Figure, Metric, Rows
from dashboard.parts.tiles import Tile
from dashboard.provider_bills.queries import Totals

CAUSES = {
    "agrees": "agrees",
    "missing_calls": "we saw fewer calls or tokens",
    "extra_calls": "we booked more than was billed",
    "price": "another price",
    "calls_and_price": "calls and price differ",
    "unpriced": "we have no price",
    "kinds_of_tokens": "other kinds of tokens",
    "not_seen": "billed, never seen by us",
    "not_billed": "booked, never billed",
    "amount": "amount differs; the bill tells no calls",
}


def tiles(totals: Totals, read: Callable[[], pd.DataFrame]) -> list[Tile]:
    """`read` gives the rows behind them."""
    footer = {name: value for name, value in asdict(totals).items() if name not in ("days", "rows")}

    def opens() -> Rows:
        return Rows(rows_with_seen(read()), footer)

    drift = share(totals.difference_microusd, totals.billed_microusd)
    figures: Sequence[tuple[str, Figure]] = (
        ("calls", _of(totals.seen_calls, totals.billed_calls, "calls")),
        ("tokens", _of(totals.seen_tokens, totals.billed_tokens, "tokens")),
        ("dollars", Figure(share(totals.seen_microusd, totals.billed_microusd))),
        ("drift", Figure(None if drift is None else -drift, note="beyond ±2 %: alert")),
        ("billed", Figure(totals.billed_microusd)),
        ("ours", Figure(totals.our_microusd, note=_unpriced(totals))),
        ("quantity", Figure(totals.quantity_microusd)),
        ("price", Figure(totals.price_microusd)),
    )
    return [(_metric(name), figure, opens) for name, figure in figures]


def rows_with_seen(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with what both sides have of each: what coverage is the sum of."""
    seen = rows.assign(
        seen_calls=_least(rows, "calls").where(rows["matched_calls"] == 0, rows["matched_calls"]),
        seen_tokens=_least(rows, "tokens"),
        seen_microusd=_least(rows, "microusd"),
        compared_microusd=rows["our_microusd"].where(rows["billed_microusd"].notna()),
        differing=(rows["cause"] != "agrees").astype(int),
    )
    seen.loc[rows["billed_calls"].isna(), "seen_calls"] = None
    return seen


def _least(rows: pd.DataFrame, what: str) -> pd.Series:
    pair = rows[[f"billed_{what}", f"our_{what}"]].apply(pd.to_numeric)
    return pair.min(axis=1).where(pair.notna().all(axis=1))


def share(part: int | None, whole: int | None) -> float | None:
    return None if part is None or not whole else part / whole


def _of(seen: int | None, billed: int | None, what: str) -> Figure:
    note = f"of {formats.count(billed)} billed" if billed else f"the bill tells no {what}"
    return Figure(share(seen, billed), note=note)


def _unpriced(totals: Totals) -> str:
    return f"{formats.counted(totals.unpriced, 'call')} without a price" if totals.unpriced else ""


def _metric(name: str) -> Metric:
    return definitions.metric(f"provider_bills.{name}")

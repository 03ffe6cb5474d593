"""Reads of the page Provider bills. Days are UTC, as providers bill; money is in micro-dollars."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_one, call_table

ROW_COLUMNS = [
    "day", "model", "cause", "billed_calls", "our_calls", "matched_calls", "billed_input_tokens",
    "our_input_tokens", "billed_cached_tokens", "our_cached_tokens", "billed_write_tokens",
    "our_write_tokens", "billed_output_tokens", "our_output_tokens", "billed_tokens", "our_tokens",
    "unpriced", "unknown", "billed_microusd", "our_microusd", "difference_microusd",
    "quantity_microusd", "price_microusd",
]  # fmt: skip
LINE_COLUMNS = [
    "side", "at", "day", "model", "call_id", "service_tier", "calls", "input_tokens",
    "cached_tokens", "write_tokens", "output_tokens", "cost_microusd", "cost_state", "answer_id",
    "is_unmatched",
]  # fmt: skip


@dataclass(frozen=True)
class Upload:
    """An upload that is compared, without its lines."""

    id: str
    provider: str
    format: str
    first_day: date
    last_day: date
    tells: list[str]
    lines: int
    credits_microusd: int
    tax_microusd: int
    left_out_lines: int
    left_out_microusd: int
    uploaded_by: str
    uploaded_at: str


@dataclass(frozen=True)
class Name:
    """A model's name on a provider's bill, and which of ours it is; both in their short form."""

    provider: str
    billed: str
    model: str


@dataclass(frozen=True)
class Bills:
    """What is there. ``hashes`` of the files uploaded; ``headers``: mappings by hand."""

    uploads: list[Upload]
    hashes: list[str]
    providers: list[str]
    names: list[Name]
    headers: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Totals:
    """Sums of `read_rows`; a measure that no upload tells is None. ``compared_microusd`` is ours on
    the days of which an upload tells amounts."""

    days: int
    rows: int
    differing: int
    billed_calls: int | None
    our_calls: int
    seen_calls: int | None
    billed_tokens: int | None
    our_tokens: int | None
    seen_tokens: int | None
    billed_microusd: int | None
    our_microusd: int
    compared_microusd: int | None
    seen_microusd: int | None
    difference_microusd: int | None
    quantity_microusd: int | None
    price_microusd: int | None
    unpriced: int
    unknown: int


@cached(ttl=30)
def read_bills(operator: Operator) -> Bills:
    """SQL function `bill_uploads`."""
    return call_one(operator, "bill_uploads", Bills)


@cached(ttl=30)
def read_totals(operator: Operator, provider: str, first: date, last: date) -> Totals:
    """SQL function `bill_totals`."""
    return call_one(operator, "bill_totals", Totals, _of(provider, first, last))


@cached(ttl=30)
def read_rows(operator: Operator, provider: str, first: date, last: date) -> pd.DataFrame:
    """One row for each UTC day and model, the worst first: SQL function `bill_rows`."""
    return call_table(operator, "bill_rows", ROW_COLUMNS, _of(provider, first, last))


@cached(ttl=30)
def read_lines(
    operator: Operator, provider: str, first: date, last: date, model: str | None, unmatched: bool
) -> pd.DataFrame:
    """Lines of both sides, at most 500 of each: SQL function `bill_lines`."""
    more = {"p_model": model, "p_only_unmatched": unmatched, "p_limit": 500}
    of = _of(provider, first, last) | more
    return call_table(operator, "bill_lines", LINE_COLUMNS, of, ("at",))


def _of(provider: str, first: date, last: date) -> dict[str, Any]:
    return {"p_provider": provider, "p_first": f"{first}", "p_last": f"{last}"}

"""Recurring revenue and its movements, margins of a month, other prices. Formulas:
sql/functions/revenue.sql and revenue_margin.sql.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import ask, cached, call, frame
from dashboard.data.view import View
from dashboard.exports.writing import pages

KINDS = ("new", "expansion", "reactivation", "contraction", "churn")
PAGE = 1000


@dataclass(frozen=True)
class RevenueTotals:
    """Money in micro-dollars; losses are positive. Ratios are None without what they divide by."""

    mrr_start_microusd: int
    mrr_microusd: int
    paying: int
    new_microusd: int
    expansion_microusd: int
    reactivation_microusd: int
    contraction_microusd: int
    churn_microusd: int
    arpu_microusd: int | None
    members: int
    nrr: float | None
    grr: float | None
    quick_ratio: float | None


@cached(ttl=30)
def read_totals(operator: Operator, view: View) -> RevenueTotals:
    """SQL function `revenue_totals`."""
    return RevenueTotals(**call(operator, "revenue_totals", view.parameters()))


@cached(ttl=30)
def read_steps(operator: Operator, view: View) -> pd.DataFrame:
    """One row per step and column per movement, signed, none left out: `revenue_steps`."""
    rows = call(operator, "revenue_steps", {**view.parameters(), "p_step": view.step})
    table = frame(rows, ["at", "kind", "mrr_microusd"], ("at",))
    buckets = view.buckets()
    wide = table.pivot_table(
        index="at", columns="kind", values="mrr_microusd", aggfunc="sum", fill_value=0
    )
    wide.index = pd.DatetimeIndex(wide.index, tz="UTC").tz_convert(view.zone)
    wide = wide.reindex(index=buckets, columns=list(KINDS), fill_value=0)
    return wide.rename_axis(index="at", columns=None).reset_index()


MOVEMENTS = [
    "at", "payer_name", "payer_kind", "payer_id", "kind", "plan_before", "plan_code", "seats",
    "before_microusd", "after_microusd", "change_microusd",
]  # fmt: skip
PAYERS = [
    "payer_name", "payer_kind", "payer_id", "at_start_microusd", "mrr_microusd", "kept_microusd",
]  # fmt: skip


@cached(ttl=30)
def read_movements(operator: Operator, view: View) -> pd.DataFrame:
    """Every movement with its signed change, columns MOVEMENTS: `revenue_movements`."""
    found = _pages(operator, view, "revenue_movements")
    for row in found:
        row["change_microusd"] = row["after_microusd"] - row["before_microusd"]
    return frame(found, MOVEMENTS, ("at",))


@cached(ttl=30)
def read_payers(operator: Operator, view: View) -> pd.DataFrame:
    """Who pays at the start or the end of a period, columns PAYERS: `revenue_payers`."""
    return frame(_pages(operator, view, "revenue_payers"), PAYERS)


def _pages(operator: Operator, view: View, function: str) -> list[dict[str, Any]]:
    """All rows of a function that is read by key."""

    def read(after: str) -> list[dict[str, Any]]:
        parameters = {**view.parameters(), "p_after": after, "p_limit": PAGE}
        page: list[dict[str, Any]] = call(operator, function, parameters)
        return page

    return list(pages(read, lambda row: row["key"], ""))


@cached(ttl=30)
def read_plans(operator: Operator, view: View) -> pd.DataFrame:
    """MRR, payers and seats by plan at the end of the period: `revenue_plans`."""
    parameters = {name: value for name, value in view.parameters().items() if name != "p_from"}
    rows = call(operator, "revenue_plans", parameters)
    return frame(rows, ["plan_code", "payers", "seats", "mrr_microusd"])


@cached(ttl=30)
def read_margins(operator: Operator, month: date, by: str) -> pd.DataFrame:
    """Margins of a UTC month by "plan", "user" or "context", lowest first: `margin_by`."""
    rows = call(operator, "margin_by", {"p_month": f"{month}", "p_by": by})
    columns = ["name", "user_id", "plan_code", "context_version", "uses", "revenue_microusd"]
    money = ["ai_cost_microusd", "margin_microusd", "price_microusd"]
    return frame(rows, [*columns, *money, "break_even_uses"])


@cached(ttl=30)
def read_what_if(operator: Operator, month: date, plans: str) -> pd.DataFrame:
    """A UTC month by plan, as it was and with the `plans` of this JSON: `what_if`."""
    rows = call(operator, "what_if", {"p_month": f"{month}", "p_plans": json.loads(plans)})
    columns = ["plan_code", "payers", "people_cut", "uses_before", "uses_after"]
    sums = [f"{name}_{when}_microusd" for name in ("fee", "cost", "margin")
            for when in ("before", "after")]  # fmt: skip
    return frame(rows, [*columns, *sums])


@cached(ttl=30)
def read_prices(operator: Operator) -> pd.DataFrame:
    """Plans in force now, the dearest last: code, name, price_microusd, uses."""
    columns = ["code", "name", "price_microusd", "uses", "valid_from"]
    now = datetime.now(UTC).isoformat()
    rows = ask(
        operator.sign_in,
        lambda client: (
            client.table("plans").select(",".join(columns)).lte("valid_from", now)
            .order("valid_from").execute().data
        ),
    )  # fmt: skip
    plans = frame(rows, columns).drop_duplicates("code", keep="last")
    return plans.sort_values(["price_microusd", "code"], ignore_index=True)

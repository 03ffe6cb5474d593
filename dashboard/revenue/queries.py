"""Recurring revenue and its movements, margins of a month, what-if prices.

Formulas: sql/functions/revenue/.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pandas as pd

from dashboard import results
from dashboard.access.auth import Operator
from dashboard.data.reads import ask_rows, cached, call_one, call_pages, call_table
from dashboard.data.view import View

KINDS = ("new", "expansion", "reactivation", "contraction", "churn")
PAGE = 1000


@dataclass(frozen=True)
class RevenueTotals:
    """Money in micro-dollars; losses are positive. A ratio is None if its divisor is zero."""

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


@dataclass(frozen=True)
class Churn:
    """Rates are None without a divisor; money is in micro-dollars, losses are positive.

    `paid_seconds`: how long all payers of the period together paid.
    """

    arr_microusd: int
    customers: int
    customers_lost: int
    customer_churn: float | None
    lost_microusd: int
    regained_microusd: int
    gross_churn: float | None
    net_churn: float | None
    cancellations: int
    paid_seconds: int
    monthly_churn: float | None
    ltv_microusd: int | None


@cached(ttl=30)
def read_totals(operator: Operator, view: View) -> RevenueTotals:
    """SQL function `revenue_totals`."""
    return call_one(operator, "revenue_totals", RevenueTotals, view.parameters())


@cached(ttl=30)
def read_steps(operator: Operator, view: View) -> pd.DataFrame:
    """One row for every step, one column per movement, signed: `revenue_steps`."""
    parameters = {**view.parameters(), "p_step": view.step}
    columns = ["at", "kind", "mrr_microusd"]
    table = call_table(operator, "revenue_steps", columns, parameters, ("at",))
    buckets = view.buckets()
    wide = table.pivot_table(
        index="at", columns="kind", values="mrr_microusd", aggfunc="sum", fill_value=0
    )
    wide.index = pd.DatetimeIndex(wide.index, tz="UTC").tz_convert(view.zone)
    wide = wide.reindex(index=buckets, columns=list(KINDS), fill_value=0)
    return wide.rename_axis(index="at", columns=None).reset_index()


MOVEMENTS = [
    "at", "payer_name", "payer_kind", "payer_id", "kind", "plan_before", "plan_code", "seats",
    "before_microusd", "after_microusd",
]  # fmt: skip
PAYERS = [
    "payer_name", "payer_kind", "payer_id", "at_start_microusd", "mrr_microusd", "kept_microusd",
]  # fmt: skip
STANDING = [
    "payer_name", "payer_kind", "payer_id", "at_start_microusd", "mrr_microusd", "lost_microusd",
    "regained_microusd", "customers", "customers_lost", "cancellations", "paid_seconds",
]  # fmt: skip
COHORTS = ["cohort", "payers", "first_microusd", "number", "mrr_microusd", "paying", "is_over"]


@cached(ttl=30)
def read_movements(operator: Operator, view: View) -> pd.DataFrame:
    """Columns MOVEMENTS, and the signed change_microusd: `revenue_movements`."""
    parameters = view.parameters()
    rows = call_pages(operator, "revenue_movements", MOVEMENTS, parameters, PAGE, ("at",))
    return rows.assign(change_microusd=rows["after_microusd"] - rows["before_microusd"])


@cached(ttl=30)
def read_payers(operator: Operator, view: View) -> pd.DataFrame:
    """Payers at the start or the end of a period, columns PAYERS: `revenue_payers`."""
    return call_pages(operator, "revenue_payers", PAYERS, view.parameters(), PAGE)


@cached(ttl=30)
def read_churn(operator: Operator, view: View) -> Churn:
    """SQL function `revenue_churn`."""
    return call_one(operator, "revenue_churn", Churn, view.parameters())


@cached(ttl=30)
def read_churn_rows(operator: Operator, view: View) -> pd.DataFrame:
    """Who paid at some moment of the period, columns STANDING: `revenue_churn_rows`."""
    return call_pages(operator, "revenue_churn_rows", STANDING, view.parameters(), PAGE)


@cached(ttl=60)
def read_cohorts(operator: Operator, view: View) -> pd.DataFrame:
    """Columns COHORTS, a row for each cohort and month after it: `revenue_cohorts`."""
    return call_table(operator, "revenue_cohorts", COHORTS, _cohorts(view))


@cached(ttl=60)
def read_cohort_rows(operator: Operator, view: View) -> pd.DataFrame:
    """One row per payer, with a column for each month since their first: `revenue_cohort_rows`.

    Months that have not come yet are 0.
    """
    columns = ["payer_name", "payer_kind", "payer_id", "cohort", "first_microusd", "course"]
    rows = call_pages(operator, "revenue_cohort_rows", columns, _cohorts(view), PAGE)
    months = max(map(len, rows["course"]), default=0)
    courses = [[*course, *[0] * (months - len(course))] for course in rows["course"]]
    names = [month_column(number) for number in range(months)]
    course = pd.DataFrame(courses, columns=names, index=rows.index)
    return rows.drop(columns=["course"]).join(course)


def month_column(number: int) -> str:
    """The column with the MRR at the end of a month after the first payment; 0: its own month."""
    return f"month_{number}_microusd"


def _cohorts(view: View) -> dict[str, object]:
    """The month of the view's last day and the eleven before it."""
    first = pd.Timestamp(view.last_day).replace(day=1) - pd.DateOffset(months=11)
    return {
        "p_first": first.isoformat(),
        "p_last": f"{view.last_day}",
        "p_plans": list(view.plans) or None,
        "p_team": view.team,
    }


@cached(ttl=30)
def read_plans(operator: Operator, view: View) -> pd.DataFrame:
    """MRR, payers and seats by plan at the end of the period: `revenue_plans`."""
    parameters = {name: value for name, value in view.parameters().items() if name != "p_from"}
    columns = ["plan_code", "payers", "seats", "mrr_microusd"]
    return call_table(operator, "revenue_plans", columns, parameters)


@cached(ttl=30)
def read_margins(operator: Operator, month: date, by: str) -> pd.DataFrame:
    """Margins of a UTC month by "plan", "user" or "context", lowest first: `margin_by`."""
    columns = [
        "name", "user_id", "plan_code", "context_version", "uses", "revenue_microusd",
        "ai_cost_microusd", "margin_microusd", "price_microusd", "break_even_uses",
    ]  # fmt: skip
    return call_table(operator, "margin_by", columns, {"p_month": f"{month}", "p_by": by})


@cached(ttl=30)
def read_what_if(operator: Operator, month: date, plans: str) -> pd.DataFrame:
    """A UTC month by plan, real and with the `plans` given as JSON: `what_if`."""
    parameters = {"p_month": f"{month}", "p_plans": json.loads(plans)}
    columns = ["plan_code", "payers", "people_cut", "uses_before", "uses_after"]
    sums = [f"{name}_{when}_microusd" for name in ("fee", "cost", "margin")
            for when in ("before", "after")]  # fmt: skip
    return call_table(operator, "what_if", [*columns, *sums], parameters)


@cached(ttl=30)
def read_prices(operator: Operator) -> pd.DataFrame:
    """Plans in force now, the most expensive last: code, name, price_microusd, uses."""
    columns = ["code", "name", "price_microusd", "uses", "valid_from"]
    now = datetime.now(UTC).isoformat()
    rows = ask_rows(
        operator,
        lambda client: (
            client.table("plans").select(",".join(columns)).lte("valid_from", now)
            .order("valid_from").execute().data
        ),
    )  # fmt: skip
    plans = results.read_table(rows, columns, "plans").drop_duplicates("code", keep="last")
    return plans.sort_values(["price_microusd", "code"], ignore_index=True)

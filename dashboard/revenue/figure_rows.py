"""The rows behind each figure of the revenue page. The footer repeats the figure.

No Streamlit here: frames in, `Rows` out.
"""

from typing import Any

import pandas as pd

from dashboard.parts.metric import Rows
from dashboard.revenue.queries import KINDS, Churn, RevenueTotals, month_column

LOSSES = ("contraction", "churn")
WHO = ["payer_name", "payer_kind", "payer_id"]


def of_kind(movements: pd.DataFrame, kind: str, totals: RevenueTotals) -> Rows:
    """The movements of one kind; the column with the kind's name has the amount, never negative."""
    name = f"{kind}_microusd"
    found = movements[movements["kind"] == kind].drop(columns=["kind"])
    found = found.rename(columns={"change_microusd": name})
    found[name] = found[name].abs()
    return Rows(found.reset_index(drop=True), {name: getattr(totals, name)})


def of_all(movements: pd.DataFrame, totals: RevenueTotals) -> Rows:
    """All movements, signed: they lead from the MRR at the start to the MRR at the end."""
    change = totals.mrr_microusd - totals.mrr_start_microusd
    return Rows(movements, {"change_microusd": change})


def of_quick_ratio(movements: pd.DataFrame, totals: RevenueTotals) -> Rows:
    """Gains and losses in two columns; the figure is the ratio of their sums."""
    is_loss = movements["kind"].isin(LOSSES)
    amount = movements["change_microusd"].abs()
    found = movements.drop(columns=["change_microusd"]).assign(
        gain_microusd=amount.where(~is_loss, 0), loss_microusd=amount.where(is_loss, 0)
    )
    losses = totals.contraction_microusd + totals.churn_microusd
    footer: dict[str, Any] = {
        "gain_microusd": totals.new_microusd
        + totals.expansion_microusd
        + totals.reactivation_microusd,
        "loss_microusd": losses,
        "quick_ratio": totals.quick_ratio,
    }
    return Rows(found, footer)


def of_mrr(payers: pd.DataFrame, totals: RevenueTotals) -> Rows:
    """Payers at the end with their MRR, and 1 each: the mean MRR is the ARPU."""
    found = payers[payers["mrr_microusd"] > 0][[*WHO, "mrr_microusd"]].assign(paying=1)
    footer: dict[str, Any] = {"mrr_microusd": totals.mrr_microusd, "paying": totals.paying}
    return Rows(found.reset_index(drop=True), footer)


def of_arpu(payers: pd.DataFrame, totals: RevenueTotals) -> Rows:
    rows = of_mrr(payers, totals)
    return Rows(rows.frame, {**rows.footer, "arpu_microusd": totals.arpu_microusd})


def of_retention(payers: pd.DataFrame, totals: RevenueTotals, name: str) -> Rows:
    """Payers at the start, and what remains of their MRR at the end; `name` is nrr or grr."""
    column = "kept_microusd" if name == "grr" else "mrr_microusd"
    found = payers[payers["at_start_microusd"] > 0][[*WHO, "at_start_microusd", column]]
    rate = getattr(totals, name)
    at_end = None if rate is None else int(found[column].sum())
    footer: dict[str, Any] = {
        "at_start_microusd": totals.mrr_start_microusd,
        column: at_end,
        name: rate,
    }
    return Rows(found.reset_index(drop=True), footer)


def of_arr(payers: pd.DataFrame, churn: Churn) -> Rows:
    """Payers at the end, each with twelve times their MRR."""
    found = payers[payers["mrr_microusd"] > 0][[*WHO, "mrr_microusd"]]
    found = found.assign(arr_microusd=found["mrr_microusd"] * 12)
    return Rows(found.reset_index(drop=True), {"arr_microusd": churn.arr_microusd})


def of_customer_churn(standing: pd.DataFrame, churn: Churn) -> Rows:
    """Payers at the start, and 1 for each who pays nothing at the end."""
    found = standing[standing["customers"] > 0]
    columns = [*WHO, "at_start_microusd", "mrr_microusd", "customers", "customers_lost"]
    footer = {name: getattr(churn, name) for name in (*columns[-2:], "customer_churn")}
    return Rows(found[columns].reset_index(drop=True), footer)


def of_mrr_churn(standing: pd.DataFrame, churn: Churn, totals: RevenueTotals, name: str) -> Rows:
    """Who had MRR at the start or lost some; `name` is gross_churn or net_churn."""
    columns = ["at_start_microusd", "lost_microusd"]
    columns += ["regained_microusd"] if name == "net_churn" else []
    found = standing[(standing[columns] != 0).any(axis=1)][[*WHO, *columns]]
    footer: dict[str, Any] = {"at_start_microusd": totals.mrr_start_microusd}
    footer |= {each: getattr(churn, each) for each in (*columns[1:], name)}
    return Rows(found.reset_index(drop=True), footer)


def of_ltv(standing: pd.DataFrame, churn: Churn, totals: RevenueTotals) -> Rows:
    """Who paid in the period: how long, how often they cancelled, and what they pay at the end."""
    found = standing[[*WHO, "mrr_microusd", "cancellations", "paid_seconds"]]
    found = found.assign(paying=(found["mrr_microusd"] > 0).astype(int))
    footer: dict[str, Any] = {
        "mrr_microusd": totals.mrr_microusd,
        "paying": totals.paying,
        "cancellations": churn.cancellations,
        "paid_seconds": churn.paid_seconds,
        "monthly_churn": churn.monthly_churn,
        "ltv_microusd": churn.ltv_microusd,
    }
    return Rows(found.reset_index(drop=True), footer)


def of_course(course: pd.DataFrame, totals: RevenueTotals) -> Rows:
    """The steps of the chart; the movements' sums lead from the MRR at the start to the end."""
    moved = {kind: getattr(totals, f"{kind}_microusd") for kind in KINDS}
    found = course.rename(columns={kind: f"{kind}_microusd" for kind in KINDS})
    footer = {
        f"{kind}_microusd": -amount if kind in LOSSES else amount for kind, amount in moved.items()
    }
    return Rows(found, footer)


def of_cohorts(rows: pd.DataFrame, cells: pd.DataFrame) -> Rows:
    """Payers with their MRR at the end of each month; the footers are sums of the cells."""
    firsts = cells.drop_duplicates("cohort")
    sums = cells.groupby("number")["mrr_microusd"].sum()
    footer: dict[str, Any] = {"first_microusd": int(firsts["first_microusd"].sum())}
    footer |= {month_column(int(number)): int(total) for number, total in sums.items()}
    return Rows(rows, footer)

"""The parts of the revenue page: MRR and its movements, and the margins of a month."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data import billing_months
from dashboard.data.reporting import read_plans
from dashboard.data.view import View
from dashboard.parts import (
    chart_card,
    chart_style,
    definitions,
    formats,
    money_columns,
    notices,
    tiles,
)
from dashboard.parts.metric import Figure, Metric, Rows
from dashboard.revenue import charts, figure_rows, queries
from dashboard.revenue.queries import Churn, RevenueTotals

BREAK_EVEN = "break_even_uses"
NOTHING_THEN = "Nobody had a plan that costs something, and nobody used the buddy, in this month."
NOBODY = "nobody paid at the start"
COUNT = st.column_config.NumberColumn(format="localized")
# The choices in the picker; the same words are in the URL.
MARGINS_BY = {"Plan": "plan", "User": "user", "Context": "context"}
MRR = definitions.metric("revenue.mrr")
MOVEMENTS = {
    kind: definitions.metric(f"revenue.{kind}")
    for kind in ("new", "expansion", "reactivation", "contraction", "churn")
}
PAYING = definitions.metric("revenue.paying")
ARPU = definitions.metric("revenue.arpu")
QUICK = definitions.metric("revenue.quick_ratio")
NRR = definitions.metric("revenue.nrr")
GRR = definitions.metric("revenue.grr")
ARR = definitions.metric("revenue.arr")
CUSTOMER_CHURN = definitions.metric("revenue.customer_churn")
MRR_CHURN = (definitions.metric("revenue.gross_churn"), definitions.metric("revenue.net_churn"))
LTV = definitions.metric("revenue.ltv")
# A twelfth of 365.25 days, as revenue_churn() has it.
MONTH_SECONDS = 2_629_800
# What a cohort keeps; the same words are in the URL.
KEPT = {"MRR": "mrr", "Payers": "payers"}
MARGINS = (
    definitions.metric("revenue.attributed"),
    definitions.metric("revenue.ai_cost"),
    definitions.metric("revenue.margin"),
)


def draw_tiles(operator: Operator, view: View, now: RevenueTotals) -> None:
    before = view.before()
    past = queries.read_totals(operator, before) if before else None
    churn = queries.read_churn(operator, view)
    churned = queries.read_churn(operator, before) if before else None

    def figure(name: str, note: str = "") -> Figure:
        return Figure(getattr(now, name), getattr(past, name) if past else None, note=note)

    def payers(rows_of: Callable[[pd.DataFrame, RevenueTotals], Rows]) -> Callable[[], Rows]:
        return lambda: rows_of(queries.read_payers(operator, view), now)

    def moved(kind: str) -> Callable[[], Rows]:
        return lambda: figure_rows.of_kind(queries.read_movements(operator, view), kind, now)

    def quick() -> Rows:
        return figure_rows.of_quick_ratio(queries.read_movements(operator, view), now)

    def stayed(name: str) -> Callable[[], Rows]:
        return payers(lambda rows, totals: figure_rows.of_retention(rows, totals, name))

    def standing(rows_of: Callable[[pd.DataFrame], Rows]) -> Callable[[], Rows]:
        return lambda: rows_of(queries.read_churn_rows(operator, view))

    def arr() -> Rows:
        return figure_rows.of_arr(queries.read_payers(operator, view), churn)

    def mrr_churn(name: str) -> Callable[[], Rows]:
        return standing(lambda rows: figure_rows.of_mrr_churn(rows, churn, now, name))

    shown: list[tiles.Tile] = [(MRR, figure("mrr_microusd"), payers(figure_rows.of_mrr))]
    shown += [
        (ARR, Figure(churn.arr_microusd, churned.arr_microusd if churned else None), arr),
    ]
    shown += [(metric, figure(metric.name), moved(kind)) for kind, metric in MOVEMENTS.items()]
    shown += [(PAYING, figure("paying"), payers(figure_rows.of_mrr))]
    shown += [(ARPU, figure("arpu_microusd"), payers(figure_rows.of_arpu))]
    shown += [(QUICK, figure("quick_ratio"), quick)]
    shown += [(each, _retained(each.name, now), stayed(each.name)) for each in (NRR, GRR)]
    shown += [
        (
            CUSTOMER_CHURN,
            _customer_churn(churn, churned),
            standing(lambda rows: figure_rows.of_customer_churn(rows, churn)),
        ),
        *[(each, _mrr_churn(each.name, now, churn, past, churned), mrr_churn(each.name))
          for each in MRR_CHURN],
        (
            LTV,
            Figure(churn.ltv_microusd, churned.ltv_microusd if churned else None,
                   note=formats.counted(churn.cancellations, "cancellation")),
            standing(lambda rows: figure_rows.of_ltv(rows, churn, now)),
        ),
    ]  # fmt: skip
    tiles.draw(view, shown, columns=4)
    st.caption(_ltv_formula(now, churn))


def course_view(view: View) -> View:
    """The same period by months instead of weeks, as revenue is read."""
    return replace(view, span=replace(view.span, step="month")) if view.step == "week" else view


def draw_course(operator: Operator, view: View, totals: RevenueTotals) -> None:
    """MRR over time, and its movements: both from the same steps."""
    view = course_view(view)
    course = queries.read_steps(operator, view)
    moved = course[list(queries.KINDS)].sum(axis=1)
    course = course.assign(mrr_microusd=totals.mrr_start_microusd + moved.cumsum())
    palette = chart_style.palette_of(st.context.theme.type)
    axis = f"{view.step.capitalize()} ({view.zone})"
    for column, (name, chart, opens) in zip(
        st.columns(2),
        (
            ("course", charts.mrr, lambda: figure_rows.of_course(course, totals)),
            (
                "movements",
                charts.movements,
                lambda: figure_rows.of_all(queries.read_movements(operator, view), totals),
            ),
        ),
        strict=True,
    ):
        figure = chart(course, axis, palette, is_unfinished=view.is_unfinished)
        with column.container(border=True, height="stretch"):
            title = definitions.DEFINITIONS[f"revenue.{name}"].label
            definition = definitions.explain(f"revenue.{name}")
            chart_card.draw(f"mrr_{name}", title, definition, figure, opens, view)


def draw_cohorts(operator: Operator, view: View) -> None:
    st.header("Revenue retention", anchor=False, help=definitions.explain("revenue.cohorts"))
    picked = st.segmented_control(
        "What is kept",
        list(KEPT),
        default="MRR",
        required=True,
        key="revenue_kept",
        bind="query-params",
        label_visibility="collapsed",
    )
    cells = queries.read_cohorts(operator, view)
    if cells.empty:
        st.caption("Nobody paid for the first time in the last twelve months of this period.")
        return
    palette = chart_style.palette_of(st.context.theme.type)
    chart_card.chart(charts.cohorts(cells, KEPT.get(picked, "mrr"), palette), "Revenue retention")
    tiles.rows_of(
        "revenue_cohorts",
        "Revenue retention",
        lambda: figure_rows.of_cohorts(queries.read_cohort_rows(operator, view), cells),
        view,
    )


def _customer_churn(now: Churn, past: Churn | None) -> Figure:
    words = f"{formats.count(now.customers)} paid at the start" if now.customers else NOBODY
    return Figure(
        now.customer_churn,
        past.customer_churn if past else None,
        part=now.customers_lost,
        whole=now.customers,
        note=words,
    )


def _mrr_churn(
    name: str, totals: RevenueTotals, now: Churn, past_totals: RevenueTotals | None,
    past: Churn | None,
) -> Figure:  # fmt: skip
    """The rate, or None with too few payers at the start; the note gives the amounts."""
    few = totals.members < formats.SMALL_SAMPLE
    lost = now.lost_microusd - (now.regained_microusd if name == "net_churn" else 0)
    words = f"{formats.money(lost)} of {formats.money(totals.mrr_start_microusd)}"
    is_comparable = past_totals and past and past_totals.members >= formats.SMALL_SAMPLE
    return Figure(
        None if few else getattr(now, name),
        getattr(past, name) if is_comparable else None,
        note=(f"Too few: {words}" if totals.members else NOBODY) if few else words,
    )


def _sample(churn: Churn) -> str:
    """The sample behind the LTV."""
    if not churn.paid_seconds:
        return "nobody paid"
    months = f"{churn.paid_seconds / MONTH_SECONDS:,.1f} payer-months"
    if not churn.cancellations:
        return f"nobody cancelled in {months}"
    return f"{formats.counted(churn.cancellations, 'cancellation')} in {months}"


def _ltv_formula(totals: RevenueTotals, churn: Churn) -> str:
    """The LTV with its own numbers put in, or why there is none."""
    if churn.ltv_microusd is None or churn.monthly_churn is None:
        return f"LTV = ARPU ÷ customer churn of a month. There is none: {_no_ltv(churn)}."
    said = (
        f"LTV = ARPU {formats.money(totals.arpu_microusd)} ÷ customer churn "
        f"{formats.percent(churn.monthly_churn)} a month ({_sample(churn)}) = "
        f"{formats.money(churn.ltv_microusd)}."
    )
    if churn.cancellations < formats.SMALL_SAMPLE:
        said += " With so few cancellations it is a rough guess; pick a longer period."
    return said.replace("$", r"\$")


def _no_ltv(churn: Churn) -> str:
    if not churn.paid_seconds or churn.cancellations:
        return "nobody pays at the end" if churn.cancellations else "nobody paid"
    return _sample(churn)


def _retained(name: str, now: RevenueTotals) -> Figure:
    """The rate, or None with too few members; the note gives their number."""
    few = now.members < formats.SMALL_SAMPLE
    words = f"{formats.count(now.members)} paid at the start"
    if few:
        words = f"{words}: too few" if now.members else NOBODY
    return Figure(None if few else getattr(now, name), note=words)


def draw_plans(
    view: View, plans: pd.DataFrame, totals: RevenueTotals, names: dict[str, str]
) -> None:
    """`names` maps codes of plans to names."""
    if plans.empty:
        st.caption("Nobody pays at the end of this period.")
        return
    table = pd.DataFrame(
        {
            "Plan": plans["plan_code"].replace(names),
            "MRR": plans["mrr_microusd"] / 1_000_000,
            "Share": plans["mrr_microusd"] / max(1, plans["mrr_microusd"].sum()) * 100,
            "Payers": plans["payers"],
            "Seats": plans["seats"],
        }
    )
    counts = {"Payers": COUNT, "Seats": COUNT}
    share = st.column_config.NumberColumn(format="%.1f %%")
    st.dataframe(
        table,
        hide_index=True,
        column_config={"MRR": money_columns.DOLLARS, "Share": share} | counts,
        alt="MRR by plan",
    )
    footer: dict[str, Any] = {"mrr_microusd": totals.mrr_microusd}
    tiles.rows_of("plan_mix", "Plan mix", lambda: Rows(plans, footer), view)


def pick_month(operator: Operator) -> date:
    months = [each.month for each in billing_months.read_calendar(operator)]
    words = {f"{month:%B %Y}": month for month in months}
    picked = st.selectbox(
        "Month (UTC)",
        list(words),
        index=min(1, len(words) - 1),
        key="revenue_month",
        bind="query-params",
        width=260,
    )
    month = words.get(picked, months[0])
    if month == months[0]:
        st.caption("This month is not over: its figures still grow.")
    return month


def draw_margins(operator: Operator, month: date) -> None:
    plans = queries.read_margins(operator, month, "plan")
    if plans.empty:
        notices.say_empty("Nothing in this month", NOTHING_THEN, "hourglass_empty")
        return

    def rows_of(name: str, total: int) -> Callable[[], Rows]:
        return lambda: Rows(queries.read_margins(operator, month, "user"), {name: total})

    sums = [(metric, int(plans[metric.name].sum())) for metric in MARGINS]
    tiles.draw(
        None,
        [(metric, Figure(total), rows_of(metric.name, total)) for metric, total in sums],
        columns=3,
    )
    names = read_plans(operator)
    _draw_break_even(plans, names)
    picked = st.segmented_control(
        "Margin by",
        list(MARGINS_BY),
        default="Plan",
        required=True,
        key="revenue_by",
        bind="query-params",
    )
    by = MARGINS_BY.get(picked, "plan")
    rows = queries.read_margins(operator, month, by)
    table, columns = money_columns.show(
        to_margins(rows, by, names), ("Revenue", "AI cost", "Margin")
    )
    name = str(table.columns[0])
    st.dataframe(
        table,
        hide_index=True,
        # What it is sorted by first: a phone shows the first columns.
        column_order=[name, "Margin", *table.columns.drop([name, "Margin"])],
        column_config={"Uses": COUNT, **columns},
        alt=f"Margins by {by}, lowest first",
    )
    losing = int((rows["margin_microusd"] < 0).sum())
    st.caption(f"Lowest margin first. {_losing(losing)}")
    totals: dict[str, Any] = {metric.name: total for metric, total in sums}
    tiles.rows_of(f"margins_{by}_{month}", f"Margins by {by}", lambda: Rows(rows, totals))


def _losing(count: int) -> str:
    if not count:
        return "None of these costs more than it brings in."
    verbs = "costs more than it brings" if count == 1 else "cost more than they bring"
    return f"{formats.count(count)} of these {verbs} in."


def to_margins(rows: pd.DataFrame, by: str, names: dict[str, str]) -> pd.DataFrame:
    """Columns for the page: money in dollars, plans by their `names`."""
    named = rows["name"].replace(names) if by == "plan" else rows["name"]
    table = pd.DataFrame({by.capitalize(): named})
    if by == "context":
        table["Version"] = rows["context_version"]
    table["Uses"] = rows["uses"]
    for label, name in (("Revenue", "revenue"), ("AI cost", "ai_cost"), ("Margin", "margin")):
        table[label] = rows[f"{name}_microusd"] / 1_000_000
    return table


def _draw_break_even(plans: pd.DataFrame, names: dict[str, str]) -> None:
    """One tile and sentence per plan that costs something."""
    paid = plans.dropna(subset=["price_microusd"])
    if paid.empty:
        return

    def rows_of(row: pd.DataFrame) -> Callable[[], Rows]:
        columns = ["plan_code", "price_microusd", "uses", "ai_cost_microusd", BREAK_EVEN]
        uses = row[BREAK_EVEN].iloc[0]
        footer: dict[str, Any] = {BREAK_EVEN: None if pd.isna(uses) else int(uses)}
        return lambda: Rows(row[columns], footer)

    shown: list[tiles.Tile] = []
    for place, plan in paid.iterrows():
        code, uses = str(plan["plan_code"]), plan[BREAK_EVEN]
        metric = Metric(
            f"{BREAK_EVEN}_{code}",
            f"{names.get(code, code)} breaks even at",
            definitions.explain("revenue.break_even"),
        )
        figure = (
            Figure(None, note="no AI cost this month")
            if pd.isna(uses)
            else Figure(int(uses), note="answers a month")
        )
        shown.append((metric, figure, rows_of(paid.loc[[place]])))
    tiles.draw(None, shown, columns=3)
    for line in break_even(plans, names):
        st.caption(line)


def break_even(plans: pd.DataFrame, names: dict[str, str]) -> list[str]:
    """One sentence per paid plan with a mean cost."""
    found = plans.dropna(subset=[BREAK_EVEN]).replace({"plan_code": names})
    return [
        f"{row['plan_code']} breaks even at {formats.count(int(row[BREAK_EVEN]))} "
        f"answers a month: {formats.money(int(row['price_microusd']))} ÷ the mean AI cost of an "
        "answer this month.".replace("$", r"\$")
        for _, row in found.iterrows()
    ]

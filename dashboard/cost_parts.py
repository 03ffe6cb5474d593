"""Parts of the page AI cost: the breakdown, the month's forecast and its budgets."""

from datetime import date

import streamlit as st

from dashboard import charts, cost_tables, filters, formats, tiles
from dashboard.auth import Operator
from dashboard.charts import Palette
from dashboard.charts import ai_cost as cost_charts
from dashboard.metric import Rows
from dashboard.queries import ai_cost
from dashboard.queries.ai_cost import MEASURES, PEOPLE_MEASURES, Costs

# What is picked, which is also what stands in the URL.
GROUPS = {
    "Model": "model",
    "Provider": "provider",
    "Feature": "feature",
    "Plan": "plan",
    "Hour": "hour",
    "Person": "user",
    "Team": "team",
}
ROWS_SHOWN = 12
METHOD = (
    "Finished days of the month, plus for each day left (today included) the mean of the same "
    "weekdays among the last 56 finished days. The range takes their 10 % and 90 % quantiles on "
    "every day at once, so it is rather too wide than too narrow."
)
SCOPES = {"global": "Everything", "user": "Person", "team": "Team", "plan": "Plan"}


def composition(costs: Costs) -> str:
    adjusted = costs.total["adjustment_microusd"]
    if not adjusted:
        return "all from the ledger"
    # One dollar sign only: two would start a formula in Markdown.
    return f"ledger and adjustments of {cost_tables.signed(adjusted)}"


def draw_breakdown(operator: Operator, view: filters.View, costs: Costs, palette: Palette) -> None:
    with st.container(border=True):
        st.subheader("Where it comes from", anchor=False)
        picked = st.segmented_control(
            "Break down by",
            list(GROUPS),
            default="Model",
            key="by",
            required=True,
            bind="query-params",
            label_visibility="collapsed",
        )
        title = picked if picked in GROUPS else "Model"
        name = GROUPS[title]
        by_payer = name in ("user", "team")
        rows = ai_cost.read_people(operator, view, name) if by_payer else costs.by[name]
        axis = f"Hour of the day ({view.zone})" if name == "hour" else title
        st.plotly_chart(
            cost_charts.breakdown(rows, axis, palette, in_order=name == "hour"),
            theme=None,
            config=charts.CONFIG,
            key=f"ai_cost_by_{name}",
            alt=f"AI cost by {title.lower()}",
        )
        table = cost_tables.breakdown(rows, title)
        height = (min(len(table), ROWS_SHOWN) + 1) * 36 + 2
        st.dataframe(
            table, hide_index=True, row_height=36, height=height, alt=f"AI cost by {title.lower()}"
        )
        if by_payer:
            days = f"{view.first_day:%-d %b %Y} to {view.last_day:%-d %b %Y}"
            st.caption(f"By who paid, in whole days: {days} ({view.zone}).")
        measures = PEOPLE_MEASURES if by_payer else MEASURES
        footer: dict[str, int | float | None] = {each: int(rows[each].sum()) for each in measures}
        tiles.rows_of(
            f"ai_cost_by_{name}", f"AI cost by {title.lower()}", lambda: Rows(rows, footer)
        )


def draw_forecast(operator: Operator) -> None:
    found = ai_cost.read_forecast(operator)
    month = f"{date.fromisoformat(found.month):%B %Y}"
    with st.container(border=True):
        st.subheader(f"{month}: where it is heading", anchor=False)
        if found.forecast_microusd is None:
            st.metric("So far", cost_tables.money(found.spent_microusd))
            st.caption(f"A forecast needs 14 finished days of use; there are {found.history_days}.")
            return
        low, high = found.low_microusd or 0, found.high_microusd or 0
        so_far, ahead, span = st.columns(3)
        so_far.metric("So far", cost_tables.money(found.spent_microusd), help="Today included.")
        ahead.metric("Forecast", cost_tables.money(found.forecast_microusd), help=METHOD)
        span.metric("Range", f"{cost_tables.money(low)} – {cost_tables.money(high)}", help=METHOD)
        st.caption(f"{found.days_left} days left, today included. {METHOD}")


def draw_budgets(operator: Operator) -> None:
    with st.container(border=True):
        st.subheader("Budgets this month", anchor=False)
        budgets = ai_cost.read_budgets(operator)
        if not budgets:
            st.caption("No budget is set. A founder sets one on the page Settings.")
        for budget in budgets:
            spent, monthly = budget["spent_microusd"], budget["monthly_microusd"]
            reached = [each["threshold"] for each in budget["alerts"]]
            said = f"alerts given: {', '.join(f'{each} %' for each in reached)}" if reached else ""
            # Names are other people's words: text, never Markdown.
            label = SCOPES[budget["scope"]]
            st.text(label if budget["scope"] == "global" else f"{label}: {budget['name']}")
            st.progress(
                max(0.0, min(1.0, spent / monthly)),
                f"{cost_tables.money(spent)} of {formats.money(monthly)} "
                f"({formats.percent(max(0, spent) / monthly)}) {said}".replace("$", r"\$"),
            )
        st.caption("Alerts come at 50, 80 and 100 %, once each a month. Nobody is refused.")

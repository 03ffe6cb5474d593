"""Parts of the page AI cost about the current month: the forecast and the budgets."""

from dataclasses import asdict
from datetime import date

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.ai_cost import charts, queries
from dashboard.ai_cost.queries import Forecast
from dashboard.data import price_rows
from dashboard.data.price_rows import Budget
from dashboard.data.reporting import read_plans, read_reporting
from dashboard.parts import chart_card, cost_words, definitions, formats, tiles
from dashboard.parts.chart_style import Palette
from dashboard.parts.metric import Figure, Metric, Rows

SO_FAR = definitions.metric("ai_cost.so_far")
LIKELY = definitions.metric("ai_cost.forecast")
LOW = definitions.metric("ai_cost.forecast_low")
HIGH = definitions.metric("ai_cost.forecast_high")
SCOPES = {
    "global": "Everything",
    "user": "Person",
    "team": "Team",
    "plan": "Plan",
    "model": "Model",
}
BUDGET_COLUMNS = ["scope", "name", "month", "spent_microusd", "monthly_microusd", "alerts_given"]


def draw_forecast(operator: Operator, palette: Palette) -> None:
    found, zone = queries.read_forecast(operator), read_reporting(operator).time_zone
    title = f"{date.fromisoformat(found.month):%B %Y}: where it is heading"
    st.header(title, anchor=False, help=LIKELY.definition)
    if found.forecast_microusd is None:
        tiles.draw(None, [_tile(found, SO_FAR)])
        st.caption(f"A forecast needs 14 finished days of use; there are {found.history_days}.")
        return
    tiles.draw(None, [_tile(found, each) for each in (SO_FAR, LIKELY, LOW, HIGH)])
    with st.container(border=True):
        chart_card.draw(
            "ai_cost_month", "Cost of the month up to each day", LIKELY.definition,
            charts.forecast(found.days, zone, palette), lambda: Rows(found.days, _sums(found)),
        )  # fmt: skip
        st.caption(
            f"{formats.counted(found.days_left, 'day')} left, today included. {LIKELY.definition}"
        )


def _sums(found: Forecast) -> dict[str, int | float | None]:
    return {each.name: getattr(found, each.name) for each in (SO_FAR, LIKELY, LOW, HIGH)}


def _tile(found: Forecast, metric: Metric) -> tiles.Tile:
    rows = found.days[["day", "is_over", metric.name]]
    value = getattr(found, metric.name)
    return metric, Figure(value), lambda: Rows(rows, {metric.name: value})


def draw_budgets(operator: Operator) -> None:
    with st.container(border=True):
        st.header("Budgets this month", anchor=False, help=definitions.explain("ai_cost.budgets"))
        budgets = price_rows.read_budgets(operator)
        plans = read_plans(operator)
        if not budgets:
            st.caption("No budget is set. A founder sets one on the page Settings.")
        for budget in budgets:
            spent, monthly = budget.spent_microusd, budget.monthly_microusd
            given = _given(budget)
            said = f", alerts given: {given}" if given else ""
            # Names come from users: show them as text, never as Markdown.
            label, name = SCOPES[budget.scope], budget.name
            name = plans.get(name, name) if budget.scope == "plan" else name
            st.text(label if budget.scope == "global" else f"{label}: {name}")
            st.progress(
                max(0.0, min(1.0, spent / monthly)),
                f"{cost_words.money(spent)} of {formats.money(monthly)} "
                f"({formats.percent(max(0, spent) / monthly)}){said}".replace("$", r"\$"),
            )
        st.caption(
            "Alerts come at 50, 80 and 100 %, once each a month; what passes several at once is "
            "one alert, of the highest. Nobody is refused."
        )
        if budgets:
            rows = pd.DataFrame(
                [{**asdict(each), "alerts_given": _given(each)} for each in budgets],
                columns=BUDGET_COLUMNS,
            )
            tiles.rows_of("budgets", "Budgets this month", lambda: Rows(rows))


def _given(budget: Budget) -> str:
    return ", ".join(f"{each.threshold} %" for each in budget.alerts)

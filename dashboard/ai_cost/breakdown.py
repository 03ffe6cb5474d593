"""Parts of the page AI cost: cost over time, the breakdown, the cost states, and the tokens."""

from dataclasses import asdict

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.ai_cost import charts, queries, tables
from dashboard.ai_cost.queries import MEASURES, PAYERS, PEOPLE_MEASURES, Costs
from dashboard.data.reporting import read_plans
from dashboard.data.view import View
from dashboard.parts import chart_card, cost_words, definitions, tiles
from dashboard.parts.chart_style import Palette
from dashboard.parts.metric import Rows

# The choices in the picker; the same words are in the URL.
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


def composition(costs: Costs) -> str:
    adjusted = costs.total.adjustment_microusd
    if not adjusted:
        return "all from the ledger"
    # Only one dollar sign: Markdown reads two as a formula.
    return f"adjusted by {cost_words.signed(adjusted)}"


def cached_course(view: View, costs: Costs) -> list[float | None]:
    """The share of cached input per step; None without input."""
    steps = costs.course
    return view.values_of(steps["at"], steps["cached_input_tokens"] / steps["input_tokens"])


def draw_course(view: View, costs: Costs, palette: Palette) -> None:
    axis = f"{view.step.capitalize()} ({view.zone})"
    figure = charts.course(costs.course, view.buckets(), axis, palette)
    with st.container(border=True):
        chart_card.draw(
            "ai_cost_course",
            f"AI cost per {view.step}",
            definitions.explain("ai_cost.course"),
            figure,
            lambda: tables.of_ledger(Rows(costs.course, asdict(costs.total))),
            view,
            is_by_step=True,
        )


def draw_breakdown(operator: Operator, view: View, palette: Palette) -> None:
    with st.container(border=True):
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
        rows = queries.read_by(operator, view, name)
        names = tables.names(rows, title, read_plans(operator))
        earlier = view.before()
        before = queries.read_by(operator, earlier, name) if earlier else None
        axis = f"Hour of the day ({view.zone})" if name == "hour" else title
        measures = PEOPLE_MEASURES if name in PAYERS else MEASURES
        chart_card.draw(
            f"ai_cost_by_{name}",
            f"Where it comes from: {title.lower()}",
            _definition(view, name),
            charts.breakdown(rows.assign(name=names), axis, palette, in_order=name == "hour"),
            lambda: tables.of_ledger(
                Rows(rows, {each: int(rows[each].sum()) for each in measures})
            ),
            view,
        )
        if rows.empty:
            return
        table = tables.breakdown(rows, title, names, before)
        st.dataframe(
            table,
            hide_index=True,
            row_height=tiles.ROW_HEIGHT,
            height=tiles.table_height(len(table), ROWS_SHOWN),
            alt=f"AI cost by {title.lower()}",
        )
        if name in PAYERS:
            days = f"{view.first_day:%-d %b %Y} to {view.last_day:%-d %b %Y}"
            st.caption(f"By who paid, in whole days: {days} ({view.zone}).")


def _definition(view: View, name: str) -> str:
    if name == "hour":
        return definitions.explain("ai_cost.breakdown_hours", zone=view.zone)
    return definitions.explain(
        "ai_cost.breakdown_payers" if name in PAYERS else "ai_cost.breakdown"
    )


def draw_certainty(view: View, costs: Costs) -> None:
    left, right = st.columns(2)
    with left.container(border=True):
        st.header("How sure the cost is", anchor=False, help=definitions.explain("ai_cost.states"))
        st.dataframe(tables.states(costs), hide_index=True, alt="Calls and cost by state")
        total = costs.total
        sums: dict[str, int | float | None] = {
            "calls": total.calls,
            "cost_microusd": total.total_microusd,
        }
        rows = tables.state_rows(costs)
        tiles.rows_of(
            "cost_states",
            "Calls and cost by state",
            lambda: tables.of_ledger(Rows(rows, sums)),
            view,
        )
    with right.container(border=True):
        st.header("Tokens by kind", anchor=False, help=definitions.explain("ai_cost.tokens"))
        st.dataframe(tables.tokens(costs), hide_index=True, alt="Tokens by kind")
        kinds = tables.token_kinds(costs)
        whole: dict[str, int | float | None] = {"tokens": int(kinds["tokens"].sum())}
        tiles.rows_of("tokens", "Tokens by kind", lambda: Rows(kinds, whole), view)

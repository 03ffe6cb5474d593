"""What the models cost: by state, model, person and time, where it is heading, and re-pricing."""

import streamlit as st

from dashboard import charts, cost_month, cost_parts, filters, gate, notices, repricing, tiles
from dashboard.metric import Figure, Metric, Rows
from dashboard.queries import ai_cost

COST = Metric(
    "total_microusd",
    "AI cost",
    "Ledger plus later adjustments: what providers reported and what was priced from a list. "
    "Unpriced calls are in no sum; they are counted apart.",
    "money",
    "down",
)
CALLS = Metric("calls", "Model calls", "Ledger rows for which a provider was asked.", "count")
CACHED = Metric(
    "cached_share",
    "Cached input",
    "Input tokens read from the provider's cache ÷ all input tokens. They cost less.",
    "share",
    "up",
)
UNPRICED = Metric(
    "unpriced",
    "Unpriced calls",
    "Calls for which no price is known, re-pricing counted in: of the model, of a kind of tokens, "
    "or at the service tier that answered. Give them one below. A model that "
    "did not answer in time tells no tokens: what it bills can only be read on its invoice.",
    "count",
    "down",
)

operator = gate.require_operator()
palette = charts.palette_of(st.context.theme.type)
view = filters.pick_view(operator)
with notices.told_plainly():
    costs = ai_cost.read_costs(operator, view)
    earlier = view.before()
    before = ai_cost.read_costs(operator, earlier) if earlier else None
    footer = {**costs.total, "cached_share": costs.cached_share}

    def rows() -> Rows:
        return Rows(ai_cost.read_rows(operator, view), footer)

    def figure(name: str, note: str = "") -> Figure:
        course = tuple(costs.course[name].tolist())
        return Figure(costs.total[name], before and before.total[name], course, note=note)

    if not costs.total["calls"]:
        notices.say_empty(
            "No model was asked in this period",
            "Pick a longer period above. The first answered comment appears here within a minute.",
        )
    cached = Figure(
        costs.cached_share,
        before and before.cached_share,
        cost_parts.cached_course(costs),
        part=costs.total["cached_input_tokens"],
        whole=costs.total["input_tokens"],
    )
    tiles.draw(
        view,
        [
            (COST, figure("total_microusd", cost_parts.composition(costs)), rows),
            (CALLS, figure("calls"), rows),
            (CACHED, cached, rows),
            (UNPRICED, figure("unpriced"), rows),
        ],
        min_width=tiles.LONG_LABEL_WIDTH,
    )
    cost_parts.draw_course(view, costs, palette)
    cost_parts.draw_breakdown(operator, view, palette)
    cost_parts.draw_certainty(view, costs)

with notices.told_plainly(in_full=False):
    cost_month.draw_forecast(operator, palette)
    cost_month.draw_budgets(operator)
with notices.told_plainly(in_full=False):
    repricing.draw(operator, view.zone)

"""What the models cost: by state, model, person and time, the forecast, and re-pricing."""

from dataclasses import asdict
from functools import partial

import streamlit as st

from dashboard.ai_cost import breakdown, queries, repricing, tables, this_month
from dashboard.data import at_once, billing_months
from dashboard.parts import chart_style, closed_months, definitions, filters, gate, notices, tiles
from dashboard.parts.metric import Figure, Rows

COST = definitions.metric("ai_cost.total")
CALLS = definitions.metric("ai_cost.calls")
CACHED = definitions.metric("ai_cost.cached")
UNPRICED = definitions.metric("ai_cost.unpriced")

operator = gate.require_operator()
palette = chart_style.palette_of(st.context.theme.type)
view = filters.pick_view(operator)
with notices.show_errors():
    compared = [each for each in (view, view.before()) if each]
    at_once.warm(
        *(
            partial(read, operator, each)
            for read in (queries.read_costs, queries.read_calls)
            for each in compared
        ),
        lambda: queries.read_forecast(operator),
        lambda: queries.read_repricings(operator),
        lambda: billing_months.read_calendar(operator),
    )
    closed_months.say(operator, view.first_day, view.last_day)
    costs = queries.read_costs(operator, view)
    earlier = view.before()
    before = queries.read_costs(operator, earlier) if earlier else None
    footer = {**asdict(costs.total), "cached_share": costs.cached_share}

    def rows() -> Rows:
        return tables.of_ledger(Rows(queries.read_rows(operator, view), footer))

    calls = queries.read_calls(operator, view)
    calls_before = queries.read_calls(operator, earlier)["calls"].sum() if earlier else None

    def figure(name: str, note: str = "") -> Figure:
        course = view.counts_of(costs.course["at"], costs.course[name])
        past = getattr(before.total, name) if before else None
        return Figure(getattr(costs.total, name), past, course, note=note)

    if not costs.total.calls:
        notices.say_empty(
            "No model was asked in this period",
            "Pick a longer period above. The first answered comment appears here within a minute.",
        )
    cached = Figure(
        costs.cached_share,
        before.cached_share if before else None,
        breakdown.cached_course(view, costs),
        part=costs.total.cached_input_tokens,
        whole=costs.total.input_tokens,
    )
    tiles.draw(
        view,
        [
            (COST, figure("total_microusd", breakdown.composition(costs)), rows),
            (
                CALLS,
                Figure(
                    int(calls["calls"].sum()),
                    None if calls_before is None else int(calls_before),
                    view.counts_of(calls["at"], calls["calls"]),
                    note="of everybody" if view.plans or view.team else "",
                ),
                lambda: Rows(calls, {"calls": int(calls["calls"].sum())}),
            ),
            (CACHED, cached, rows),
            (UNPRICED, figure("unpriced"), rows),
        ],
    )
    breakdown.draw_course(view, costs, palette)
    breakdown.draw_breakdown(operator, view, palette)
    breakdown.draw_certainty(view, costs)

with notices.show_errors(in_full=False):
    this_month.draw_forecast(operator, palette)
    this_month.draw_budgets(operator)
with notices.show_errors(in_full=False):
    repricing.draw(operator, view.zone)

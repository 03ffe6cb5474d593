"""Recurring revenue, its movements, retention, and the margin per answer."""

import streamlit as st

from dashboard.data.reporting import read_plans
from dashboard.parts import closed_months, definitions, filters, gate, notices
from dashboard.revenue import queries, sections, what_if

operator = gate.require_operator()
if operator.role not in ("founder", "finance"):
    notices.say_not_for_your_role()
    st.stop()
view = filters.pick_view(operator)
with notices.show_errors():
    totals = queries.read_totals(operator, view)
    sections.draw_tiles(operator, view, totals)
    if not totals.mrr_microusd and not totals.mrr_start_microusd:
        notices.say_empty(
            "No recurring revenue yet",
            "MRR starts with the first subscription to a plan that costs something.",
            "payments",
        )
    sections.draw_course(operator, view, totals)
    left, right = st.columns([3, 2])
    with left.container(border=True, height="stretch"):
        sections.draw_cohorts(operator, view)
    with right.container(border=True, height="stretch"):
        st.header("Plan mix", anchor=False, help=definitions.explain("revenue.plan_mix"))
        plans = queries.read_plans(operator, view)
        sections.draw_plans(view, plans, totals, read_plans(operator))

    st.header("Margin of a month", anchor=False, help=definitions.explain("revenue.margins"))
    month = sections.pick_month(operator)
    closed_months.say(operator, month, month)
    sections.draw_margins(operator, month)

    st.header("What if", anchor=False)
    st.caption(
        "The month above with other prices and limits, over what was really used. Nobody is "
        "assumed to do anything else: uses beyond a new limit fall away with their cost, a higher "
        "limit adds none. Credits and adjustments are left out."
    )
    what_if.draw(operator, month, queries.read_prices(operator))

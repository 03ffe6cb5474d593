"""Analyses of selections: how they end, how long they take, and what people make of them."""

from functools import partial

import streamlit as st

from dashboard.analyses import figures, one, queries, sections
from dashboard.data import at_once
from dashboard.data.reporting import read_reporting
from dashboard.parts import chart_style, filters, gate, notices, tiles

operator = gate.require_operator()
if asked := one.asked_for():
    # Alone: at the end of the page, below every figure, nobody would find what a link opens.
    filters.say_zone(operator)
    st.button("All analyses", on_click=one.close, icon=":material/arrow_back:", type="tertiary")
    with notices.show_errors(offer_retry=True):
        one.draw(operator, asked, read_reporting(operator).time_zone)
    st.stop()
view = filters.pick_view(operator)
with notices.show_errors():
    compared = [each for each in (view, view.before()) if each]
    figures_of = [
        queries.read_course, queries.read_times, queries.read_batches, queries.read_suggestions,
        *([queries.read_costs] if operator.may_see_costs_of_answers else []),
    ]  # fmt: skip
    at_once.warm(*(partial(read, operator, each) for read in figures_of for each in compared))
    now = figures.board(operator, view)
    tiles.draw(
        view, figures.figures(operator, view), columns=4 if operator.role == "founder" else 5
    )
    if now.course.empty:
        notices.say_empty(
            "No analyses yet",
            "Somebody selects elements in the plugin and asks for an analysis: it appears here "
            "when it has ended.",
        )
    else:
        palette = chart_style.palette_of(st.context.theme.type)
        sections.over_time(now, palette)
        sections.suggestions(operator, view)
    picked = sections.latest(operator)
    if picked:
        one.draw(operator, picked, view.zone)

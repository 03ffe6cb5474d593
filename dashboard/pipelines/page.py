"""Pipelines: how many become a proven component, how long that takes, and each run opened whole."""

from datetime import UTC, datetime

import streamlit as st

from dashboard.data.reporting import read_reporting
from dashboard.parts import chart_style, filters, gate, notices, tiles
from dashboard.pipelines import figures, queries, run_list, sections, whole_run

operator = gate.require_operator()
whole_run.say_done()
if asked := whole_run.asked_for():
    # Alone: at the end of the page, below every figure, nobody would find what a link opens.
    filters.say_zone(operator)
    st.button(
        "All pipelines", on_click=whole_run.close, icon=":material/arrow_back:", type="tertiary"
    )
    with notices.show_errors(offer_retry=True):
        whole_run.draw(operator, asked, read_reporting(operator).time_zone)
    st.stop()
view = filters.pick_view(operator)
with notices.show_errors():
    now = figures.board(operator, view)
    queue = queries.read_queue(operator)
    tiles.draw(
        view,
        [
            *figures.figures(operator, view, now),
            *figures.queue_tiles(queue, datetime.now(UTC)),
        ],
        columns=5 if operator.role == "founder" else 4,
    )
    if now.course.empty and queue.empty:
        notices.say_empty(
            "No pipelines yet",
            "Somebody gives a Figma link on the page Build, over the API or with “build” in a "
            "comment: the run appears here at once.",
        )
    else:
        sections.over_time(now, chart_style.palette_of(st.context.theme.type))
        sections.queue(queue)
    picked = run_list.draw(operator, view, sorted(set(figures.causes(now)["cause"]) - {""}))
    if picked:
        whole_run.draw(operator, picked, view.zone)

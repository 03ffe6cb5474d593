"""The company at a glance: money, people, answers, errors, and what happens right now."""

import streamlit as st

from dashboard import (
    answer_table,
    attention,
    chart_card,
    charts,
    filters,
    gate,
    live_tiles,
    notices,
    sign_ups,
    tiles,
)
from dashboard.filters import View
from dashboard.overview_tiles import Board
from dashboard.queries import live, overview

LATEST_SHOWN = 8


@st.fragment(run_every="30s")
def figures(picked: View) -> None:
    with notices.told_plainly():
        operator = gate.recheck_operator()
        view = picked.refreshed()
        now = overview.read_overview(operator, view)
        earlier = view.before()
        before = overview.read_overview(operator, earlier).totals if earlier else None
        if now.totals.is_empty:
            notices.say_no_answers_yet()
        board = Board(operator, view, now, before)
        tiles.draw(view, board.business(), columns=3)
        tiles.draw(view, board.product())


@st.fragment(run_every="30s")
def course(picked: View) -> None:
    with notices.told_plainly(in_full=False):
        operator = gate.recheck_operator()
        view = picked.refreshed()
        now = overview.read_overview(operator, view)
        palette = charts.palette_of(st.context.theme.type)
        board = Board(operator, view, now, None)
        for column, (name, title, definition, chart, opens) in zip(
            st.columns(2), board.charts(), strict=True
        ):
            figure = chart(
                now.steps, view.step, view.zone, palette, is_unfinished=view.is_unfinished
            )
            with column.container(border=True):
                chart_card.draw(name, title, definition, figure, opens, view)


@st.fragment(run_every="30s")
def needs() -> None:
    with notices.told_plainly(in_full=False):
        operator = gate.recheck_operator()
        attention.draw(operator, overview.read_attention(operator), live.read_queue(operator))


@st.fragment(run_every="10s")
def right_now() -> None:
    with notices.told_plainly(in_full=False):
        operator = gate.recheck_operator()
        live_tiles.draw(operator, live.read_queue(operator))
        rows = live.read_answers(operator)
        if not rows.empty:
            answer_table.draw(rows.head(LATEST_SHOWN))
            st.caption(f"The latest {LATEST_SHOWN}; the page Live has more and refreshes faster.")


operator = gate.require_operator()
sign_ups.draw_warning(operator)
view = filters.pick_view(operator)
with st.skeleton(height=420):
    figures(view)
st.header("Needs attention now", anchor=False)
with st.skeleton(height=120):
    needs()
st.space("small")
with st.skeleton(height=340):
    course(view)
st.header("Right now", anchor=False)
with st.skeleton(height=300):
    right_now()

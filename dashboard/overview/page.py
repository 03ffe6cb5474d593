"""The company at a glance: money, people, answers, errors, and what happens now."""

from functools import partial

import streamlit as st

from dashboard.access import sign_ups
from dashboard.data import alerts, at_once, latest_answers
from dashboard.data.view import View
from dashboard.overview import attention, queries
from dashboard.overview.figures import Board
from dashboard.parts import (
    answer_table,
    chart_card,
    chart_style,
    closed_months,
    filters,
    gate,
    notices,
    queue_tiles,
    tiles,
)

LATEST_SHOWN = 8


@st.fragment(run_every="30s")
def figures(picked: View) -> None:
    with notices.show_errors():
        operator = gate.recheck_operator()
        view = picked.refreshed()
        now = queries.read_overview(operator, view)
        earlier = view.before()
        before = queries.read_overview(operator, earlier).totals if earlier else None
        if now.totals.is_empty:
            notices.say_no_answers_yet()
        board = Board(operator, view, now, before)
        tiles.draw(view, board.business(), columns=3)
        tiles.draw(view, board.product(), columns=3)


@st.fragment(run_every="30s")
def course(picked: View) -> None:
    with notices.show_errors(in_full=False):
        operator = gate.recheck_operator()
        view = picked.refreshed()
        now = queries.read_overview(operator, view)
        palette = chart_style.palette_of(st.context.theme.type)
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
    with notices.show_errors(in_full=False):
        operator = gate.recheck_operator()
        attention.draw(
            operator, queries.read_attention(operator), latest_answers.read_queue(operator)
        )


@st.fragment(run_every="10s")
def right_now() -> None:
    with notices.show_errors(in_full=False):
        operator = gate.recheck_operator()
        queue_tiles.draw(operator, latest_answers.read_queue(operator))
        rows = latest_answers.read_answers(operator)
        if not rows.empty:
            answer_table.draw(rows.head(LATEST_SHOWN))
            if len(rows) > LATEST_SHOWN:
                st.caption(
                    f"The latest {LATEST_SHOWN}; the page Live has more and refreshes faster."
                )


operator = gate.require_operator()
sign_ups.draw_warning(operator)
view = filters.pick_view(operator)
with notices.show_errors(in_full=False):
    closed_months.say(operator, view.first_day, view.last_day)
compared = [each for each in (view, view.before()) if each]
at_once.warm(
    lambda: queries.read_attention(operator),
    lambda: alerts.read_alerts(operator),
    *(
        partial(read, operator, each)
        for read in (queries.read_overview, queries.read_analyses, queries.read_pipelines)
        for each in compared
    ),
    lambda: latest_answers.read_queue(operator),
    lambda: latest_answers.read_answers(operator),
)
# First, so that it is seen without scrolling on a phone too.
st.header("Needs attention now", anchor=False)
with st.skeleton(height=120):
    needs()
st.space("small")
with st.skeleton(height=420):
    figures(view)
st.space("small")
with st.skeleton(height=340):
    course(view)
st.header("Right now", anchor=False)
with st.skeleton(height=300):
    right_now()

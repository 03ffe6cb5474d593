"""Answers, errors, cost, answer time, the queue and trials at a glance, and the latest answers."""

import streamlit as st

from dashboard import answer_table, charts, filters, gate, notices, queries, tiles


@st.fragment(run_every="10s")
def live_figures(choice: str) -> None:
    with notices.told_plainly():
        operator = gate.recheck_operator()
        period = filters.period_of(choice)
        now = queries.read_totals(operator, period.start, period.end)
        tiles.draw_totals(now, queries.read_totals(operator, *period.before()))
        if now.is_empty and not queries.has_any_use(operator):
            notices.say_no_answers_yet()
        st.subheader("Right now", anchor=False)
        tiles.draw_queue(queries.read_queue(operator))
        st.subheader("Free trial", anchor=False)
        tiles.draw_trials(queries.read_trials(operator))


@st.fragment(run_every="30s")
def course(choice: str) -> None:
    with notices.told_plainly(in_full=False):
        operator = gate.recheck_operator()
        period = filters.period_of(choice)
        series = queries.read_series(operator, period)
        palette = charts.palette_of(st.context.theme.type)
        for column, title, figure in zip(
            st.columns(2),
            (f"Comments per {period.step}", f"Cost per {period.step}"),
            (
                charts.outcomes(series, period.step, palette),
                charts.cost(series, period.step, palette),
            ),
            strict=True,
        ):
            with column.container(border=True):
                st.subheader(title, anchor=False)
                st.plotly_chart(figure, theme=None, config=charts.CONFIG, key=title, alt=title)


@st.fragment(run_every="30s")
def latest_answers(choice: str) -> None:
    with notices.told_plainly(in_full=False):
        operator = gate.recheck_operator()
        if not operator.may_see_answers:
            notices.say_not_for_your_role()
            return
        states = filters.pick_states()
        period = filters.period_of(choice)
        rows = queries.read_answers(operator, period.start, period.end, states)
        if rows.empty:
            notices.say_nothing_matches(bool(states))
            return
        answer_table.draw(rows)
        if len(rows) == queries.LATEST:
            st.caption(
                f"The latest {queries.LATEST}; narrow the period or the state to see others."
            )


choice = filters.pick_period()
st.caption(filters.period_of(choice).note)
with st.skeleton(height=420):
    live_figures(choice)
st.space("small")
with st.skeleton(height=340):
    course(choice)
st.subheader("Latest answers", anchor=False)
with st.skeleton(height=300):
    latest_answers(choice)

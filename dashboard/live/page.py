"""Answers as they happen: the queue, alerts and the latest answers, refreshed by themselves."""

from datetime import UTC, datetime

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data import alerts, latest_answers
from dashboard.parts import alert_list, answer_table, filters, gate, notices, queue_tiles


@st.fragment(run_every="3s")
def happening(states: tuple[str, ...]) -> None:
    with notices.show_errors():
        operator = gate.recheck_operator()
        if not operator.may_see_answers:
            notices.say_not_for_your_role()
            return
        queue_tiles.draw(operator, latest_answers.read_queue(operator))
        if operator.role == "founder":
            _draw_alerts(operator)
        st.caption("Who waits for a team's share of components: the page Pipelines.")
        rows = latest_answers.read_answers(operator, states)
        st.caption(f"As of {datetime.now(UTC):%H:%M:%S} UTC, again every 3 seconds.")
        if rows.empty and not states:
            notices.say_no_answers_yet()
        elif rows.empty:
            notices.say_nothing_matches(is_narrowed=True)
        else:
            answer_table.draw(rows)
            if len(rows) == latest_answers.LATEST:
                st.caption(f"The latest {latest_answers.LATEST}; narrow the state to see others.")


def _draw_alerts(operator: Operator) -> None:
    """What is open, and what was over within a day: nothing where there is none."""
    found = alert_list.recent(alerts.read_alerts(operator))
    if found:
        rows = alert_list.table(found)
        st.subheader(f"Alerts: {alert_list.counts(rows)}", anchor=False)
        alert_list.draw(rows, "Alerts that are open or were a day ago")


states = filters.pick_states()
with st.skeleton(height=420):
    happening(states)

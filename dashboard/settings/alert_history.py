"""The newest alerts and their delivery in every channel."""

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data import alerts
from dashboard.data.alerts import Alert, Delivery
from dashboard.data.writes import Refused
from dashboard.parts import alert_list, words
from dashboard.settings import alert_edits as edits

STATES = {"pending": "waiting", "delivered": "sent", "failed": "given up", "cancelled": "not sent"}


def draw(operator: Operator) -> None:
    st.header("Latest alerts", anchor=False)
    found = alerts.read_alerts(operator)
    if not found:
        st.caption("None so far.")
        return
    alert_list.draw(_table(found), "The latest alerts")
    given_up = [
        (each, alert) for alert in found for each in alert.deliveries if each.state == "failed"
    ]
    if given_up:
        _draw_given_up(operator, given_up)


def _draw_given_up(operator: Operator, given_up: list[tuple[Delivery, Alert]]) -> None:
    titles = {
        each.id: f"{each.channel}: {alert.title} ({words.minute(alert.at)} UTC)"
        for each, alert in given_up
    }
    reasons = {each.id: each.reason for each, _ in given_up}
    with st.form("resend", border=False):
        picked = st.selectbox(
            "Given up", list(titles), format_func=lambda each: titles[each], key="given_up"
        )
        st.caption(str(reasons[picked]))
        pressed = st.form_submit_button("Send it again", icon=":material/replay:")
    if pressed:
        try:
            edits.resend(operator, picked)
        except Refused as refusal:
            st.error(str(refusal), icon=":material/block:")
            return
        st.session_state["settings_saved"] = "It is sent again."
        st.rerun()


def _table(found: list[Alert]) -> pd.DataFrame:
    rows = alert_list.table(found)
    rows.insert(3, "Sent to", [_became(each.deliveries) for each in found])
    return rows


def _became(deliveries: list[Delivery]) -> str:
    """Each channel with the result of the delivery, and why it failed."""
    parts = []
    for each in deliveries:
        what = " that it is over" if each.is_recovery else ""
        why = f" ({each.reason})" if each.reason and each.state != "delivered" else ""
        tries = f", attempt {each.attempts}" if each.state == "pending" and each.attempts else ""
        parts.append(f"{each.channel}: {STATES[each.state]}{what}{tries}{why}")
    return "; ".join(parts) or "no channel wanted it"

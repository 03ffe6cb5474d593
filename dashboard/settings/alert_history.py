"""The newest alerts and their delivery in every channel."""

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data import alerts
from dashboard.data.alerts import Alert, Delivery
from dashboard.data.writes import Refused
from dashboard.settings import alert_edits as edits

STATES = {"pending": "waiting", "delivered": "sent", "failed": "given up", "cancelled": "not sent"}


def draw(operator: Operator) -> None:
    st.header("Latest alerts", anchor=False)
    found = alerts.read_alerts(operator)
    if not found:
        st.caption("None so far.")
        return
    st.dataframe(
        _table(found),
        hide_index=True,
        alt="The latest alerts",
        column_config={"Sent to": st.column_config.TextColumn(width="large")},
    )
    given_up = [
        (each, alert) for alert in found for each in alert.deliveries if each.state == "failed"
    ]
    if given_up:
        _draw_given_up(operator, given_up)


def _draw_given_up(operator: Operator, given_up: list[tuple[Delivery, Alert]]) -> None:
    titles = {
        each.id: f"{each.channel}: {alert.title} ({alert.at[:16].replace('T', ' ')} UTC)"
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
    return pd.DataFrame(
        {
            "At (UTC)": [each.at[:16].replace("T", " ") for each in found],
            "Alert": [each.title for each in found],
            "Sent to": [_became(each.deliveries) for each in found],
            "Over (UTC)": [
                str(each.ended_at or "goes on")[:16].replace("T", " ") for each in found
            ],
            "What it means": [each.detail for each in found],
        }
    )


def _became(deliveries: list[Delivery]) -> str:
    """Each channel with the result of the delivery, and why it failed."""
    parts = []
    for each in deliveries:
        why = f" ({each.reason})" if each.reason and each.state != "delivered" else ""
        tries = f", attempt {each.attempts}" if each.state == "pending" and each.attempts else ""
        parts.append(f"{each.channel}: {STATES[each.state]}{tries}{why}")
    return "; ".join(parts) or "no channel wanted it"

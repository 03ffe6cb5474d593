"""The test of an alert channel: a button, and the receiver's response."""

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data import alerts, latest_answers
from dashboard.data.alerts import Attempt, Channel
from dashboard.data.writes import Refused
from dashboard.parts import gate, notices
from dashboard.settings import alert_edits as edits

KEY = "alert_test"


def draw(operator: Operator, channel: Channel) -> None:
    """The button for one channel and, after it was pressed, the result."""
    is_on = channel.state == "on"
    if st.button("Send a test", icon=":material/send:", disabled=not is_on, key="send_test"):
        try:
            delivery_id = edits.test_channel(operator, channel.id)
        except Refused as refusal:
            st.error(str(refusal), icon=":material/block:")
            return
        st.session_state[KEY] = (channel.id, delivery_id, None)
    sent = st.session_state.get(KEY)
    if sent and sent[0] == channel.id:
        _result(sent[1], sent[2])


def _result(delivery_id: str, known: Attempt | None) -> None:
    if known:
        _say(known)
    else:
        _wait(delivery_id)


@st.fragment(run_every="1s")
def _wait(delivery_id: str) -> None:
    """Poll once a second until there is a result; then rerun the page without this part."""
    with notices.show_errors(in_full=False):
        operator = gate.recheck_operator()
        found = alerts.read_attempt(operator, delivery_id)
        if found and found.state != "pending":
            channel_id = st.session_state[KEY][0]
            st.session_state[KEY] = (channel_id, delivery_id, found)
            alerts.read_channels.clear()
            alerts.read_alerts.clear()
            st.rerun()
        if latest_answers.read_queue(operator).workers:
            st.info("On its way …", icon=":material/hourglass_top:")
        else:
            st.warning(
                "No worker is running, so the test waits. The web service sends what waits about "
                "once a minute.",
                icon=":material/hourglass_top:",
            )


def _say(found: Attempt) -> None:
    if found.state == "delivered":
        st.success(f"The receiver took the test (status {found.status}).", icon=":material/check:")
    else:
        st.error(f"The test did not arrive. {found.reason}", icon=":material/error:")

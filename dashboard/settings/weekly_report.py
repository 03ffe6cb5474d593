"""The weekly report on the page Settings: on or off, and on which day."""

from urllib.parse import urlsplit

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.reporting import read_reporting
from dashboard.parts.change_form import ask_reason, save
from dashboard.settings import edits, queries

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
INTRODUCTION = (
    "The figures of the seven days before, as Overview and Revenue show them, with a link to each "
    "page. It goes out on its day from 08:00 ({zone}), once, to every alert channel that wants "
    "the kind *Weekly report* (section Alerts). It is plain text."
)


def draw_report(operator: Operator) -> None:
    now = queries.read_report(operator)
    st.caption(INTRODUCTION.format(zone=read_reporting(operator).time_zone))
    if now.is_on and not now.channels:
        st.warning(
            "No channel wants it: nothing is sent. Tick *Weekly report* at a channel of the "
            "section Alerts.",
            icon=":material/notifications_off:",
        )
    with st.form(f"report_{now.is_on}_{now.weekday}"):
        is_on = st.checkbox("Send the weekly report", now.is_on, key="report_on")
        weekday = st.selectbox(
            "Day", range(1, 8), now.weekday - 1, format_func=lambda n: WEEKDAYS[n - 1]
        )
        reason = ask_reason("report_reason")
        if st.form_submit_button("Save", icon=":material/save:"):
            address = address_of(st.context.url or "")
            save(
                lambda: edits.set_weekly_report(operator, is_on, weekday or 1, address, reason),
                "Saved. The next report goes out by it.",
            )
    sent = f"Last one: {now.sent_at:%-d %b %Y, %H:%M} UTC." if now.sent_at else "None was sent yet."
    st.caption(f"{sent} What became of each stands in the section Alerts.")


def address_of(url: str) -> str:
    """Where the dashboard is, of the address of one of its pages; the report links to it."""
    parts = urlsplit(url)
    folder = parts.path.rstrip("/").rpartition("/")[0]
    return f"{parts.scheme}://{parts.netloc}{folder}" if parts.netloc else ""

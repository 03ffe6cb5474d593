"""Operators and the reporting time zone on the page Settings."""

from zoneinfo import available_timezones

import pandas as pd
import streamlit as st

from dashboard.access import sign_ups
from dashboard.access.auth import Operator
from dashboard.data import reporting
from dashboard.parts.change_form import ask_reason, save
from dashboard.parts.words import DAY
from dashboard.settings import edits, operator_invitations, queries
from dashboard.settings.edits import SeenOperator
from dashboard.settings.operator_invitations import ROLES


def draw_operators(operator: Operator) -> None:
    sign_ups.draw_warning(operator)
    rows = queries.read_operators(operator)
    st.dataframe(_operator_table(rows), hide_index=True, alt="Operators")
    _draw_change(operator, rows)
    operator_invitations.draw(operator)


def _draw_change(operator: Operator, rows: pd.DataFrame) -> None:
    others = rows[rows["user_id"] != operator.user_id]
    if others.empty:
        st.caption("There is nobody else. Nobody changes their own role.")
        return
    emails = dict(zip(others["user_id"], others["email"], strict=True))
    user_id = st.selectbox(
        "Change an operator", list(emails), format_func=lambda each: emails[each], key="operator_id"
    )
    row = others[others["user_id"] == user_id].iloc[0]
    seen = SeenOperator(user_id, row["role"], bool(pd.isna(row["disabled_at"])))
    with st.form(f"operator_{user_id}_{seen.role}_{seen.is_enabled}"):
        role = st.radio(
            "Role",
            list(ROLES),
            list(ROLES).index(seen.role),
            format_func=lambda each: ROLES[each],
        )
        is_enabled = st.checkbox("May use the dashboard", seen.is_enabled)
        reason = ask_reason("operator_reason")
        if st.form_submit_button("Save", icon=":material/save:"):
            save(
                lambda: edits.change_operator(operator, seen, role or "", is_enabled, reason),
                "Saved. It counts from their next click.",
            )


def draw_reporting(operator: Operator) -> None:
    now = reporting.read_reporting(operator)
    st.caption(
        "Days, weeks and months of every page are counted in this time zone. Another one counts "
        "every day anew from the ledger, which can take a minute. Billing months stay UTC."
    )
    zones = sorted({*available_timezones(), now.time_zone})
    weeks = ["monday", "sunday"]
    with st.form(f"reporting_{now.time_zone}_{now.week_start}"):
        zone = st.selectbox("Time zone", zones, zones.index(now.time_zone), key="zone")
        week = st.radio(
            "Weeks start on", weeks, weeks.index(now.week_start), format_func=str.capitalize
        )
        reason = ask_reason("reporting_reason")
        if st.form_submit_button("Save", icon=":material/save:"):
            save(
                lambda: edits.set_reporting(operator, zone, week or "monday", reason),
                "Saved. Every page counts by it now.",
            )


def _operator_table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "E-mail": rows["email"],
            "Role": rows["role"],
            "Since": rows["created_at"].dt.strftime(DAY),
            "Access": [
                "yes" if pd.isna(each) else f"ended {each:{DAY}}" for each in rows["disabled_at"]
            ],
        }
    )

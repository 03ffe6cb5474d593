"""The form with which founders change a service level objective."""

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.writes import Refused
from dashboard.parts.change_form import ask_reason
from dashboard.reliability import edits, tables

SAID = "reliability_target_saved"
# SQL refuses more, too.
LONGEST_SECONDS = 24 * 60.0


def draw(operator: Operator, rows: pd.DataFrame) -> None:
    """`rows`: the columns of `queries.reliability.SLO`; each objective's first row is enough."""
    if said := st.session_state.pop(SAID, ""):
        st.success(said, icon=":material/check:")
    targets = {tables.objective(row): row for _, row in rows.drop_duplicates("code").iterrows()}
    popover = st.popover(
        "Change an objective", icon=":material/edit:", type="tertiary", key="change_objective"
    )
    with popover:
        name = st.selectbox("Objective", list(targets), key="objective_picked")
        if name:
            _form(operator, targets[name])


def _form(operator: Operator, row: pd.Series) -> None:
    code = str(row["code"])
    with st.form(f"objective_{code}"):
        percent = st.number_input(
            "Target (%)", 0.0, 100.0, float(row["target"]) * 100, 0.1, format="%.3f",
            key=f"objective_target_{code}",
            help="Share of comments over 30 days. What is left to 100 % is the error budget.",
        )  # fmt: skip
        seconds = None
        if code == "in_time":
            seconds = st.number_input(
                "Within (seconds)", 1.0, LONGEST_SECONDS, float(row["threshold_ms"]) / 1000, 1.0,
                key="objective_seconds",
                help="From the arrival of Figma's webhook to the reply. At most 24 minutes.",
            )  # fmt: skip
        reason = ask_reason(f"objective_reason_{code}")
        pressed = st.form_submit_button("Save", type="primary", icon=":material/save:")
    if not pressed:
        return
    limit = None if seconds is None else round(seconds * 1000)
    try:
        edits.set_target(operator, code, percent, limit, reason)
    except Refused as refusal:
        st.error(str(refusal), icon=":material/block:")
        return
    st.session_state[SAID] = "The objective is changed, and judged by from now on."
    st.rerun()

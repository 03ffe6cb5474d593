"""Somebody of the lifecycle is taken over by an operator, or marked done."""

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.view import View
from dashboard.growth import figures
from dashboard.parts import follow_up_form

# Whom to talk to first.
ORDER = {"lost": 0, "new": 1, "resurrected": 2, "kept": 3}


def draw(operator: Operator, view: View, step: str, period: pd.Timestamp) -> None:
    popover = st.popover(
        "Take over or mark done",
        icon=":material/assignment_ind:",
        type="tertiary",
        key="lifecycle_talk",
        on_change="rerun",
    )
    if not popover.open:
        return
    with popover:
        rows = figures.lifecycle_people(operator, view, step, period)
        # Whoever deleted their account has no name any more.
        rows = rows[rows["handle"].notna()]
        if rows.empty:
            st.caption(f"Nobody in this {step}.")
            return
        order = rows["state"].map(ORDER)
        rows = rows.assign(order=order).sort_values(["is_done", "order", "handle"])
        rows = rows.assign(why=[_why(row) for row in rows.itertuples()]).reset_index(drop=True)
        follow_up_form.draw(operator, rows, view.zone, "lifecycle_talk")


def _why(row: object) -> str:
    state, is_done, who = (getattr(row, each) for each in ("state", "is_done", "assigned_to"))
    return f"{state}, done" if is_done else f"{state}, {who}" if who else str(state)

"""Answers that ended without a reply: why, what a replay would do, replay and discard."""

import streamlit as st

from dashboard import dead_letters, filters, gate, notices, replay_plan
from dashboard.queries import operations

operator = gate.require_operator()
filters.say_zone(operator)
with notices.told_plainly():
    dead_letters.say_done()
    by_cause = operations.read_causes(operator)
    total = int(by_cause["letters"].sum())
    if not total:
        notices.say_empty(
            "No dead letters", "Every comment was answered, refused or put off in order."
        )
        st.stop()
    reasons = dead_letters.pick_causes(by_cause)
    letters = operations.read_letters(operator, reasons)
    shown = int(by_cause[by_cause["reason"].isin(reasons)]["letters"].sum()) if reasons else total
    dead_letters.tile(operator, total, by_cause)
    picked = dead_letters.draw_table(letters)
    dead_letters.offer_rows(letters)
    if shown > len(letters):
        st.caption(f"The latest {len(letters)} of {shown}; narrow by cause to see others.")
    if not picked:
        st.caption("Pick one or more rows to see what a replay would do. Nothing runs by itself.")
        st.stop()
    plans = operations.read_plan(operator, picked)
    st.header("Dry run", anchor=False)
    replay_plan.draw(plans, dead_letters.names(letters))
    left, right = st.columns(2)
    with left:
        dead_letters.replay_form(operator, picked, replay_plan.estimate(plans))
    with right:
        dead_letters.discard_form(operator, picked)

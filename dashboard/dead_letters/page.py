"""Answers that ended without a reply: why, what a replay would do, replay and discard."""

import streamlit as st

from dashboard.dead_letters import queries, replay_plan, sections
from dashboard.parts import filters, gate, notices

operator = gate.require_operator()
filters.say_zone(operator)
with notices.show_errors():
    sections.say_done()
    sections.point_to_pipelines()
    by_cause = queries.read_causes(operator)
    total = int(by_cause["letters"].sum())
    if not total:
        notices.say_empty(
            "No dead letters", "Every comment was answered, refused or put off in order."
        )
        st.stop()
    reasons = sections.pick_causes(by_cause)
    letters = queries.read_letters(operator, reasons)
    shown = int(by_cause[by_cause["reason"].isin(reasons)]["letters"].sum()) if reasons else total
    sections.tile(operator, total, by_cause)
    picked = sections.draw_table(letters)
    sections.offer_rows(letters)
    if shown > len(letters):
        st.caption(f"The latest {len(letters)} of {shown}; narrow by cause to see others.")
    if not picked:
        st.caption("Pick one or more rows to see what a replay would do. Nothing runs by itself.")
        st.stop()
    plans = queries.read_plan(operator, picked)
    st.header("Dry run", anchor=False)
    replay_plan.draw(plans, sections.names(letters))
    left, right = st.columns(2)
    with left:
        sections.replay_form(operator, picked, replay_plan.estimate(plans))
    with right:
        sections.discard_form(operator, picked)

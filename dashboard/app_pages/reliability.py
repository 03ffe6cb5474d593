"""Errors by cause, answer times, providers, the queue, webhooks, Figma's quotas, objectives."""

import streamlit as st

from dashboard import charts, filters, gate, notices, reliability_sections, reliability_tiles, tiles
from dashboard import reliability_tables as tables
from dashboard.queries import reliability

operator = gate.require_operator()
view = filters.pick_view(operator)
with notices.told_plainly():
    now = reliability.read_reliability(operator, view)
    objectives = reliability.read_objectives(operator)
    for alarm in tables.alarms(objectives):
        st.warning(alarm, icon=":material/local_fire_department:")
    tiles.draw(view, reliability_tiles.figures(operator, view))
    if not now.cases:
        notices.say_empty(
            "Nothing to judge yet", "No comment was answered or failed in this period."
        )
    if view.plans or view.team:
        st.caption(
            "Plan and team narrow errors, causes and times. Objectives, providers, the queue, "
            "webhooks and Figma's quotas are of the whole service."
        )
    palette = charts.palette_of(st.context.theme.type)
    reliability_sections.objectives(operator, objectives, view, palette)
    reliability_sections.errors_and_times(now, view, palette)
    reliability_sections.providers_and_queue(operator, view, palette)
    reliability_sections.webhooks(operator, view, palette)
    reliability_sections.quotas(operator)

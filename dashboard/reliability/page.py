"""Errors by cause, answer times, providers, the queue, webhooks, Figma's quotas, objectives."""

import streamlit as st

from dashboard.parts import chart_style, filters, gate, notices, tiles
from dashboard.reliability import figures, queries, sections, tables

operator = gate.require_operator()
view = filters.pick_view(operator)
with notices.show_errors():
    now = queries.read_reliability(operator, view)
    objectives = queries.read_objectives(operator)
    for alarm in tables.alarms(objectives):
        st.warning(alarm, icon=":material/local_fire_department:")
    tiles.draw(view, figures.figures(operator, view), columns=3)
    if not now.cases:
        notices.say_empty(
            "Nothing to judge yet", "No comment was answered or failed in this period."
        )
    if view.plans or view.team:
        st.caption(
            "Plan and team narrow errors, causes and times. Objectives, providers, the queue, "
            "webhooks and Figma's quotas are of the whole service."
        )
    palette = chart_style.palette_of(st.context.theme.type)
    sections.objectives(operator, objectives, view, palette)
    sections.errors_and_times(now, view, palette)
    sections.providers_and_queue(operator, view, palette)
    sections.webhooks(operator, view, palette)
    sections.quotas(operator)

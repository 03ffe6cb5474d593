"""Errors by cause, answer times, providers, the queue, webhooks, Figma's quotas, objectives."""

from functools import partial

import streamlit as st

from dashboard.data import at_once, figma_quotas, grounding_course, webhook_rows
from dashboard.parts import chart_style, filters, gate, notices, tiles
from dashboard.reliability import figures, isolated, queries, retained, sections, tables

operator = gate.require_operator()
view = filters.pick_view(operator)
with notices.show_errors():
    compared = [each for each in (view, view.before()) if each]
    at_once.warm(
        *(
            partial(read, operator, each)
            for read in (
                queries.read_reliability, queries.read_providers, grounding_course.read_grounding,
                webhook_rows.read_deliveries,
            )
            for each in compared
        ),
        *(
            partial(read, operator)
            for read in (
                queries.read_objectives, queries.read_budget, webhook_rows.read_webhooks,
                figma_quotas.read_quotas,
            )
        ),
        lambda: queries.read_queue_course(operator, view),
    )  # fmt: skip
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
    isolated.draw(operator)
    retained.draw(operator)

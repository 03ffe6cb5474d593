"""Errors by cause, answer times, providers, the queue, deliveries, Figma's quotas, objectives."""

from datetime import UTC, datetime

import streamlit as st

from dashboard import charts, filters, gate, notices, reliability_sections, tiles
from dashboard import reliability_tables as tables
from dashboard.charts import reliability as reliability_charts
from dashboard.queries import reliability

operator = gate.require_operator()
view = filters.pick_view(operator, teams=False)
with notices.told_plainly():
    totals = reliability.read_totals(operator, view)
    course = reliability.read_course(operator, view)
    latencies = reliability.read_latencies(operator, view)
    providers = reliability.read_providers(operator, view)
    objectives = reliability.read_objectives(operator)
    for alarm in tables.alarms(objectives):
        st.warning(alarm, icon=":material/local_fire_department:")
    tiles.draw(view, reliability_sections.figures(operator, view))
    if not totals.cases:
        notices.say_empty(
            "Nothing to judge yet", "No comment was answered or failed in this period."
        )
    palette = charts.palette_of(st.context.theme.type)
    axis = f"{view.step.capitalize()} ({view.zone})"

    st.subheader("Objectives", anchor=False)
    st.dataframe(
        tables.objectives(objectives),
        hide_index=True,
        column_config={"Cases, 30 days": st.column_config.NumberColumn(format="localized")},
        alt="Objectives and error budget",
    )
    st.caption(reliability_sections.BURN_NOTE)

    left, right = st.columns(2)
    with left.container(border=True):
        st.subheader("Failures by cause", anchor=False)
        rows = reliability.read_causes(operator, view)
        figure = reliability_charts.failures(rows, palette)
        reliability_sections.chart(figure, "Failures by cause")
    with right.container(border=True):
        st.subheader("Answer time", anchor=False)
        figure = reliability_charts.latencies(course, axis, palette)
        reliability_sections.chart(figure, "Answer time", view)
    if len(latencies):
        st.dataframe(tables.latencies(latencies), hide_index=True, alt="Percentiles of times")

    left, right = st.columns(2)
    with left.container(border=True):
        st.subheader("Model providers", anchor=False)
        figure = reliability_charts.providers(providers, palette)
        reliability_sections.chart(figure, "Model providers")
    with right.container(border=True):
        st.subheader("Queue", anchor=False)
        queue = reliability.read_queue_course(operator, view)
        figure = reliability_charts.queue(queue, f"Time ({view.zone})", palette)
        reliability_sections.chart(figure, "Queue")
    if len(providers):
        number = st.column_config.NumberColumn(format="localized")
        st.dataframe(
            tables.providers(providers),
            hide_index=True,
            column_config=dict.fromkeys(("Answered", "Failed", "Passed over"), number),
            alt="Availability of providers",
        )

    with st.container(border=True):
        st.subheader("Webhook deliveries", anchor=False)
        deliveries = reliability.read_deliveries(operator, view)
        figure = reliability_charts.deliveries(deliveries, axis, palette)
        reliability_sections.chart(figure, "Webhook deliveries", view)

    st.subheader("Figma's quotas", anchor=False)
    quotas = reliability.read_quotas(operator)
    if quotas.empty:
        st.caption("Figma has refused no call in the last 30 days.")
    else:
        st.dataframe(
            tables.quotas(quotas, datetime.now(UTC)),
            hide_index=True,
            column_config={"Upgrade": st.column_config.LinkColumn(display_text="Figma's offer")},
            alt="Quotas Figma said were used up",
        )
        st.caption(reliability_sections.QUOTA_NOTE)

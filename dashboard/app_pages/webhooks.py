"""Every webhook: owner, state, last event, deliveries, silence; pause and resume on our side."""

import streamlit as st

from dashboard import charts, filters, gate, notices, webhooks
from dashboard.charts import reliability as reliability_charts
from dashboard.queries import operations, reliability

operator = gate.require_operator()
view = filters.pick_view(operator, plans=False, teams=False)
with notices.told_plainly():
    webhooks.say_done()
    # As if nothing were picked below, and written out so that it is the same cached read then.
    counts, everything = operations.read_webhooks(operator, "", (), False)
    if everything.empty:
        notices.say_empty(
            "No webhooks yet", "A designer switches the buddy on for a file, and it appears here."
        )
        st.stop()
    webhooks.draw_tiles(operator, counts)
    search, states, only_silent = webhooks.pick()
    found, rows = operations.read_webhooks(operator, search, states, only_silent)
    if rows.empty:
        st.caption("No webhook matches. Take a filter away to see more.")
        st.stop()
    picked = webhooks.draw_table(rows)
    if found["total"] > len(rows):
        st.caption(f"The latest {len(rows):,} of {found['total']:,}; search to see others.")
    if picked is None:
        st.caption("Pick a row to see its deliveries, and to pause or resume it.")
        st.stop()
    st.header("Deliveries", anchor=False, help=webhooks.DELIVERIES_HELP)
    st.text(webhooks.title(picked))
    palette = charts.palette_of(st.context.theme.type)
    course = reliability.read_deliveries(operator, view, picked["id"])
    if course.empty:
        st.caption("Nothing was delivered in this period.")
    else:
        axis = f"{view.step.capitalize()} ({view.zone})"
        figure = reliability_charts.deliveries(course, view.buckets(), axis, palette)
        st.plotly_chart(
            figure, theme=None, config=charts.CONFIG, key="deliveries", alt="Deliveries"
        )
        webhooks.draw_course_rows(view, course)
    webhooks.draw_deliveries(operations.read_deliveries(operator, picked["id"]))
    webhooks.state_form(operator, picked)

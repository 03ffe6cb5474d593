"""Every webhook: owner, state, last event, deliveries, silence; pause and resume on our side."""

import streamlit as st

from dashboard.data import webhook_rows
from dashboard.parts import chart_style, definitions, delivery_chart, filters, gate, notices
from dashboard.webhooks import queries, sections

operator = gate.require_operator()
view = filters.pick_view(operator, plans=False, teams=False)
with notices.show_errors():
    sections.say_done()
    # The read without any filter. All arguments are written out, so that the read below hits the
    # same cache entry when no filter is set.
    everything = webhook_rows.read_webhooks(operator, "", (), False)
    if everything.rows.empty:
        notices.say_empty(
            "No webhooks yet", "A designer switches the buddy on for a file, and it appears here."
        )
        st.stop()
    sections.draw_tiles(operator, everything)
    search, states, only_silent = sections.pick()
    found = webhook_rows.read_webhooks(operator, search, states, only_silent)
    rows = found.rows
    if rows.empty:
        st.caption("No webhook matches. Take a filter away to see more.")
        st.stop()
    picked = sections.draw_table(rows)
    if found.total > len(rows):
        st.caption(f"The latest {len(rows):,} of {found.total:,}; search to see others.")
    if picked is None:
        st.caption("Pick a row to see its deliveries, and to pause or resume it.")
        st.stop()
    st.header("Deliveries", anchor=False, help=definitions.explain("webhooks.deliveries"))
    st.text(sections.title(picked))
    palette = chart_style.palette_of(st.context.theme.type)
    course = webhook_rows.read_deliveries(operator, view, picked["id"])
    if course.empty:
        st.caption("Nothing was delivered in this period.")
    else:
        axis = f"{view.step.capitalize()} ({view.zone})"
        figure = delivery_chart.deliveries(course, view.buckets(), axis, palette)
        st.plotly_chart(
            figure, theme=None, config=chart_style.CONFIG, key="deliveries", alt="Deliveries"
        )
        sections.draw_course_rows(view, course)
    sections.draw_deliveries(queries.read_deliveries(operator, picked["id"]))
    sections.state_form(operator, picked)

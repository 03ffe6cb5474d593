"""What providers billed beside what we booked: coverage, drift, and the calls that are missing."""

import streamlit as st

from dashboard.parts import change_form, chart_card, chart_style, definitions, gate, notices, tiles
from dashboard.parts.metric import Rows
from dashboard.provider_bills import charts, figures, queries, sections, uploading

operator = gate.require_operator()
if operator.role not in ("founder", "finance"):
    notices.say_not_for_your_role()
    st.stop()
palette = chart_style.palette_of(st.context.theme.type)
with notices.show_errors():
    # In a place of its own: what stands below keeps its state when this goes.
    with st.container():
        change_form.show_saved()
    bills = queries.read_bills(operator)
    if not bills.uploads:
        notices.say_empty(
            "No bill yet",
            "Upload a provider's export of costs or usage below. It is compared with our books by "
            "day and model, and call by call where the export tells them.",
            "balance",
        )
        st.header("Upload a bill", anchor=False)
        uploading.draw(operator, bills)
        st.stop()
    provider, first, last = sections.pick(bills)
    totals = queries.read_totals(operator, provider, first, last)
    rows = queries.read_rows(operator, provider, first, last)
    sections.say_verdict(totals)
    tiles.draw(None, figures.tiles(totals, lambda: rows))

    st.header("Days and models", anchor=False, help=definitions.explain("provider_bills.rows"))
    sections.draw_rows(operator, provider, rows)

    if totals.billed_microusd is not None:
        days = charts.by_day(rows)
        with st.container(border=True):
            chart_card.draw(
                "provider_bills_course",
                "Difference per day",
                definitions.explain("provider_bills.course"),
                charts.course(days, palette),
                lambda: Rows(days, {name: int(days[name].sum()) for name in charts.PARTS}),
            )

    st.header(
        "Without a counterpart", anchor=False, help=definitions.explain("provider_bills.lines")
    )
    sections.draw_unmatched(operator, provider, first, last)

    with st.expander("Names on the bill", icon=":material/label:"):
        sections.draw_names(operator, provider, rows, bills)

    st.header("Uploads", anchor=False)
    sections.draw_uploads(operator, bills.uploads)
    with st.expander("Upload a bill", icon=":material/upload:"):
        uploading.draw(operator, bills)

"""What each payer owes for a month, closing the month, and the files for finance."""

import streamlit as st

from dashboard.billing import queries, sections
from dashboard.data.reporting import read_plans
from dashboard.parts import closed_months, definitions, gate, notices

operator = gate.require_operator()
if operator.role not in ("founder", "finance"):
    notices.say_not_for_your_role()
    st.stop()
with notices.show_errors():
    month = sections.pick_month(operator)
    totals = queries.read_totals(operator, month)
    sections.draw_state(month, totals)
    closed_months.say(operator, month, month)
    sections.draw_tiles(operator, month, totals)

    st.header("Statements", anchor=False, help=definitions.explain("billing.statements"))
    rows = queries.read_statements(operator, month)
    if rows.empty:
        notices.say_empty(
            "Nothing to bill", "Nobody had a plan or used the buddy in this month.", "receipt_long"
        )
    else:
        sections.draw_statements(rows, read_plans(operator))

    st.header("Files", anchor=False)
    sections.draw_files(operator, month, totals)

    st.header(
        "Credits, charges and late facts",
        anchor=False,
        help=definitions.explain("billing.late_facts"),
    )
    sections.draw_adjustments(queries.read_adjustments(operator, month))
    with st.expander("Give a credit or book a charge", icon=":material/add:"):
        sections.draw_adjusting(operator, month, rows)
    if totals.is_over and not totals.closed_at:
        st.header("Closing", anchor=False)
        sections.draw_closing(operator, month)

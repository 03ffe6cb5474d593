"""What each payer owes for a month, closing it, and the files finance takes away."""

import streamlit as st

from dashboard import billing_sections, gate, notices
from dashboard.queries import billing

operator = gate.require_operator()
if operator.role not in ("founder", "finance"):
    notices.say_not_for_your_role()
    st.stop()
with notices.told_plainly():
    month = billing_sections.pick_month(operator)
    totals = billing.read_totals(operator, month)
    billing_sections.draw_state(month, totals)
    billing_sections.draw_tiles(operator, month, totals)

    st.header("Statements", anchor=False, help=billing_sections.STATEMENTS_HELP)
    rows = billing.read_statements(operator, month)
    if rows.empty:
        notices.say_empty(
            "Nothing to bill", "Nobody had a plan or used the buddy in this month.", "receipt_long"
        )
    else:
        billing_sections.draw_statements(rows)

    st.header("Files", anchor=False)
    billing_sections.draw_files(operator, month, totals)

    st.header(
        "Credits, charges and late facts", anchor=False, help=billing_sections.ADJUSTMENTS_HELP
    )
    billing_sections.draw_adjustments(billing.read_adjustments(operator, month))
    with st.expander("Give a credit or book a charge", icon=":material/add:"):
        billing_sections.draw_adjusting(operator, month, rows)
    if totals.is_over and not totals.closed_at:
        st.header("Closing", anchor=False)
        billing_sections.draw_closing(operator, month)

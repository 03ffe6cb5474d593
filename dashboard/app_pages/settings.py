"""What founders set: plans, prices, budgets, operators and the reporting time zone."""

import streamlit as st

from dashboard import filters, gate, notices, operator_forms, plan_forms

SECTIONS = {
    "Plans": plan_forms.draw_plans,
    "Model prices": plan_forms.draw_prices,
    "Budgets": plan_forms.draw_budgets,
    "Operators": operator_forms.draw_operators,
    "Reporting": operator_forms.draw_reporting,
}
FIRST = "Plans"

operator = gate.require_operator()
filters.say_zone(operator)
picked = st.segmented_control(
    "Section",
    list(SECTIONS),
    default=FIRST,
    key="section",
    required=True,
    bind="query-params",
    label_visibility="collapsed",
)
if saved := st.session_state.pop("settings_saved", None):
    st.success(saved, icon=":material/check:")
with notices.told_plainly():
    # The value comes from the browser: anything else counts as the first.
    SECTIONS[picked if picked in SECTIONS else FIRST](operator)
st.caption(
    "Every change is kept in the audit log with your name and reason. Triggers, limits per minute "
    "and the loop breaker are environment settings of the service: see `.env.example`. The guest "
    "rule is chosen by each owner when they switch a webhook on."
)

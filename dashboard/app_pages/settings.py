"""What founders set: plans, prices, budgets, behaviour, alerts, flags, operators, the time zone."""

import streamlit as st

from dashboard import (
    alert_forms,
    behaviour_forms,
    filters,
    gate,
    notices,
    operator_forms,
    plan_forms,
    setting_form,
    team_forms,
)

SECTIONS = {
    "Plans": plan_forms.draw_plans,
    "Model prices": plan_forms.draw_prices,
    "Budgets": plan_forms.draw_budgets,
    "Triggers and limits": behaviour_forms.draw_behaviour,
    "Alerts": alert_forms.draw_alerts,
    "Team features": team_forms.draw_teams,
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
setting_form.show_saved()
with notices.told_plainly():
    # The value comes from the browser: anything else counts as the first.
    SECTIONS[picked if picked in SECTIONS else FIRST](operator)
st.caption("Every change is kept in the audit log with your name and reason.")

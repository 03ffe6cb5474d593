"""Founders' settings: plans, prices, budgets, behaviour, alerts, flags, operators, time zone."""

import streamlit as st

from dashboard.parts import change_form, filters, gate, notices
from dashboard.settings import (
    alert_channels,
    behaviour,
    models,
    operator_forms,
    plans,
    team_pipelines,
    teams,
    weekly_report,
)

SECTIONS = {
    "Plans": plans.draw_plans,
    "Model prices": plans.draw_prices,
    "Models": models.draw_models,
    "Budgets": plans.draw_budgets,
    "Triggers and limits": behaviour.draw_behaviour,
    "Alerts": alert_channels.draw_alerts,
    "Team features": teams.draw_teams,
    "Team pipelines": team_pipelines.draw_pipelines,
    "Operators": operator_forms.draw_operators,
    "Reporting": operator_forms.draw_reporting,
    "Weekly report": weekly_report.draw_report,
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
change_form.show_saved()
with notices.show_errors():
    # The value comes from the browser: treat anything unknown as the first.
    SECTIONS[picked if picked in SECTIONS else FIRST](operator)
st.caption("Every change is kept in the audit log with your name and reason.")

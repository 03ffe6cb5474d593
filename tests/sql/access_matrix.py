"""Which role may call which function, as the tests of access prove it at the API.

A function that operators may execute stands in exactly one of the two tables; all others are for
the service alone. Which tables a role may read stands in test_access.py.
"""

FOUNDER = frozenset({"founder"})
SUPPORT = frozenset({"founder", "support"})
FINANCE = frozenset({"founder", "finance"})
EVERYBODY = frozenset({"founder", "support", "finance"})

# Checked inside: everybody else is refused (42501).
GATED: dict[str, frozenset[str]] = {
    "queue_status": EVERYBODY,
}
# What they change, and what they look at behind a reason.
GATED |= dict.fromkeys(
    (
        "discard_answer",
        "operator_change_plan",
        "operator_delete_account",
        "operator_export_person",
        "operator_grant_uses",
        "operator_revoke_grant",
        "operator_save_context",
        "operator_set_state",
        "operator_set_webhook_state",
        "operator_undo_context",
        "plan_replay",
        "replay_answers",
        "reveal_answer",
        "reveal_person",
    ),
    SUPPORT,
)
GATED |= dict.fromkeys(
    (
        "add_alert_channel",
        "apply_repricing",
        "change_alert_channel",
        "change_operator",
        "remove_alert_channel",
        "resend_alert",
        "set_budget",
        "set_model_price",
        "set_plan",
        "set_product_setting",
        "set_reliability_target",
        "set_reporting",
        "set_team_flag",
        "test_alert_channel",
    ),
    FOUNDER,
)
GATED |= dict.fromkeys(("add_billing_adjustment", "close_month", "preview_repricing"), FINANCE)
# What they read.
GATED |= dict.fromkeys(
    (
        "audit_choices",
        "audit_rows",
        "find_people",
        "person_card",
        "person_story",
        "verify_audit_log",
    ),
    SUPPORT,
)
GATED |= dict.fromkeys(
    (
        "billing_adjustment_list",
        "billing_calendar",
        "billing_statement",
        "billing_totals",
        "export_costs",
        "export_ledger",
        "margin_by",
        "revenue_movements",
        "revenue_payers",
        "revenue_plans",
        "revenue_steps",
        "revenue_totals",
        "what_if",
    ),
    FINANCE,
)

# Answered for everybody who is signed in, from the rows their role may read: the answer to others
# is the same as if there were no data at all.
FILTERED: dict[str, frozenset[str]] = {
    "current_operator": EVERYBODY,
    "reporting": EVERYBODY,
}
FILTERED |= dict.fromkeys(
    (
        "ai_cost",
        "ai_cost_forecast",
        "ai_cost_hours",
        "ai_cost_people",
        "ai_cost_rows",
        "growth_features",
        "growth_sign_up_rows",
        "growth_sign_ups",
        "overview",
        "overview_attention",
        "overview_costly",
        "overview_nearly_used",
        "overview_people",
        "overview_subscriptions",
        "overview_unpriced",
        "reliability",
        "trial_convert_rows",
        "trial_standing",
        "trial_standing_rows",
        "trial_talk_today",
        "trial_time_to_convert",
    ),
    EVERYBODY,
)
FILTERED |= dict.fromkeys(
    (
        "dead_letter_causes",
        "dead_letters",
        "delivery_course",
        "figma_quota_list",
        "growth_active_rows",
        "growth_cohort_rows",
        "growth_cohorts",
        "growth_feature_rows",
        "growth_lifecycle_rows",
        "latest_answers",
        "overview_trials",
        "provider_calls",
        "queue_course",
        "slo_course",
        "slo_windows",
        "trial_conversion",
        "trial_conversion_rows",
        "trial_survival",
        "trial_survival_rows",
        "webhook_list",
        "webhook_rows",
    ),
    SUPPORT,
)
FILTERED |= dict.fromkeys(("budget_standing", "repricing_list"), FINANCE)
FILTERED |= dict.fromkeys(
    ("alert_channel_list", "alert_list", "growth_active_days", "growth_lifecycle"), FOUNDER
)
# Nothing that happens within one test changes these: they tell of oneself, or of weeks.
NEED_A_HISTORY = frozenset(
    {
        "current_operator",
        "overview_costly",
        "overview_nearly_used",
        "trial_convert_rows",
        "trial_time_to_convert",
    }
)

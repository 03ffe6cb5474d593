"""Who may call which function, and why: founder, support, finance, the service. Never anon.

Every function of the API stands here once; tests call each as everybody. Who may read which table
and column stands in access_columns.py.
"""

from dataclasses import dataclass

FOUNDER = frozenset({"founder"})
SUPPORT = frozenset({"founder", "support"})
FINANCE = frozenset({"founder", "finance"})
OPERATORS = frozenset({"founder", "support", "finance"})
SERVICE = frozenset({"service"})


@dataclass(frozen=True)
class Functions:
    """Functions of one kind: who may call them (everybody else is refused, 42501), and why."""

    who: frozenset[str]
    why: str
    names: tuple[str, ...]
    are_reads: bool = False


def reads(who: frozenset[str], why: str, names: str) -> Functions:
    """What a page reads. The service may too: it has all of it anyway."""
    return Functions(who | SERVICE, why, tuple(names.split()), are_reads=True)


def acts(who: frozenset[str], why: str, names: str) -> Functions:
    """What an operator does, or looks at behind a reason: an operator has to answer for it."""
    return Functions(who, why, tuple(names.split()))


def serves(why: str, names: str) -> Functions:
    """What web and worker call with the service's key."""
    return Functions(SERVICE, why, tuple(names.split()))


MATRIX = (
    # Whoever is signed in may ask: who is no operator is told nothing, and so shown the door.
    Functions(
        OPERATORS | SERVICE | {"nobody"},
        "who one is, and the names pages are narrowed by",
        ("current_operator", "reporting"),
    ),
    reads(OPERATORS, "how many wait and whether anybody works: nobody's name", "queue_status"),
    # Founders.
    reads(
        FOUNDER,
        "the company at a glance: money and people side by side",
        "overview overview_attention overview_costly overview_nearly_used overview_people"
        " overview_subscriptions overview_trials overview_unpriced",
    ),
    reads(
        FOUNDER,
        "growth: who comes, stays and leaves, which neither support nor finance work with",
        "growth_active_days growth_active_rows growth_cohort_rows growth_cohorts"
        " growth_feature_rows growth_features growth_lifecycle growth_lifecycle_rows"
        " growth_sign_up_rows growth_sign_ups",
    ),
    reads(FOUNDER, "what analyses cost, beside how they end", "analysis_costs"),
    reads(FOUNDER, "what pipelines cost, beside how they end", "pipeline_costs"),
    reads(
        FOUNDER,
        "alerts tell of money and people, and where they go founders set",
        "alert_channel_list alert_list",
    ),
    acts(
        FOUNDER,
        "settings of the product and of the dashboard",
        "add_alert_channel apply_repricing change_alert_channel change_operator"
        " remove_alert_channel resend_alert set_budget set_model_price set_pipeline_limits set_plan"
        " set_product_setting set_reliability_target set_reporting set_team_flag"
        " test_alert_channel",
    ),
    # Support.
    reads(
        SUPPORT,
        "answers as they go, with people's and files' names; what each cost founders alone",
        "latest_answers",
    ),
    reads(
        SUPPORT,
        "analyses: how they end, how suggestions fare, and single ones without their words",
        "analysis_batch_rows analysis_course analysis_detail analysis_suggestions analysis_times"
        " latest_analyses",
    ),
    reads(
        SUPPORT,
        "pipelines: how they end, who waits, and single ones without design and code; what many"
        " cost founders alone",
        "pipeline_course pipeline_detail pipeline_measures pipeline_queue pipeline_rows",
    ),
    reads(
        SUPPORT,
        "what failed, whom it hit and what it has cost, which decides on replaying it",
        "dead_letter_causes dead_letters",
    ),
    reads(
        SUPPORT,
        "how well answers work: errors, times, providers, quotas, deliveries",
        "delivery_course figma_quota_list grounding provider_calls queue_course reliability"
        " slo_course slo_windows",
    ),
    reads(SUPPORT, "people's webhooks, which support repairs", "webhook_list webhook_rows"),
    reads(
        SUPPORT,
        "where people stand of their free uses, and whom to talk to; no amounts",
        "trial_conversion trial_conversion_rows trial_convert_rows trial_standing"
        " trial_standing_rows trial_survival trial_survival_rows trial_talk_today"
        " trial_time_to_convert",
    ),
    reads(
        SUPPORT,
        "one person's story, uses and what their answers cost; e-mail masked",
        "find_people person_card person_days person_story",
    ),
    reads(
        SUPPORT,
        "who changed what, of the tables that one's role may read",
        "audit_choices audit_rows verify_audit_log",
    ),
    acts(
        SUPPORT,
        "helping a person, each time with a reason",
        "discard_answer operator_cancel_pipeline operator_change_plan operator_delete_account"
        " operator_export_person operator_grant_uses operator_retry_pipeline"
        " operator_revoke_grant operator_save_context operator_set_state"
        " operator_set_webhook_state operator_undo_context replay_answers reveal_analysis"
        " reveal_answer reveal_person",
    ),
    acts(SUPPORT, "what a replay would do and about what it would cost", "plan_replay"),
    # Finance.
    reads(
        FINANCE,
        "what the models cost, budgets and re-pricing",
        "ai_cost ai_cost_forecast ai_cost_hours ai_cost_people ai_cost_rows budget_standing"
        " repricing_list",
    ),
    reads(
        FINANCE,
        "what comes in and what is left of it",
        "margin_by revenue_movements revenue_payers revenue_plans revenue_steps revenue_totals"
        " what_if",
    ),
    reads(
        FINANCE,
        "what each payer owes, and files for the books",
        "billing_adjustment_list billing_calendar billing_statement billing_totals export_costs"
        " export_ledger",
    ),
    Functions(
        FINANCE | SERVICE,
        "closing a month and what comes after; the service closes nothing, but may",
        ("add_billing_adjustment", "close_month"),
    ),
    acts(FINANCE, "what other prices would make of a month", "preview_repricing"),
    # The service.
    serves(
        "signing in, sessions and accounts: secrets and people's own requests",
        "approve_handover collect_handover decline_handover delete_account departing_webhooks"
        " count_hits end_other_sessions end_own_session end_session get_account get_session"
        " list_sessions note_departed_webhook set_operator sign_in",
    ),
    serves(
        "tokens of Figma and passcodes, sealed",
        "claim_token_refresh fail_token_refresh get_figma_token oldest_secrets passcode_batch"
        " reencryption_batch save_reencrypted_passcode save_reencrypted_token"
        " save_refreshed_token",
    ),
    serves(
        "where components are pushed to, asked for by their owners, and sealed tokens of GitHub",
        "give_up_target read_target remove_target save_reencrypted_target set_target show_target"
        " target_batch",
    ),
    serves(
        "webhooks and their deliveries",
        "change_webhook confirm_webhook find_webhook leave_webhook list_webhooks"
        " note_webhook_file record_events start_webhook webhooks_of_context",
    ),
    serves(
        "answering: looking at the comment, deciding, posting, the books",
        "begin_answer close_look defer_answer defer_look fail_attempt fail_look"
        " find_readers note_figma_limit price_overrides recover_stalled register_bot release_use"
        " replay_answer settle_answer start_posting take_steps",
    ),
    serves(
        "analyses: asked for, worked on, read by their asker, and what became of them",
        "begin_analysis cancel_analysis_batch count_measuring delete_ignored_findings"
        " ended_analyses fail_analysis_attempt get_analysis get_analysis_batch give_up_analysis"
        " list_ignored_findings note_outcomes request_analysis"
        " request_analysis_batch save_ignored_findings settle_analysis",
    ),
    serves(
        "pipelines: asked for, worked on, shown to their people, forgotten",
        "beat_stage begin_stage book_stage_call cancel_pipeline end_stage expire_artifacts"
        " fail_stage find_artifact find_design forget_artifacts keep_stage_artifacts list_pipelines"
        " orphaned_artifacts recover_stages reserve_stage_call retry_pipeline show_pipeline"
        " start_pipeline",
    ),
    serves(
        "pipelines: before they start, and comments that wait for one",
        "await_pipeline forecast_pipeline",
    ),
    serves("people's own guidance", "get_context get_context_version save_context"),
    serves(
        "what is in force, and housekeeping",
        "announce_service live_settings purge_expired sample_queue",
    ),
    serves(
        "raising alerts and sending them",
        "alert_channel_seals begin_alert_delivery check_alerts check_budgets due_alert_deliveries"
        " end_alert_delivery save_alert_channel_seal",
    ),
)

FUNCTIONS: dict[str, Functions] = {name: kind for kind in MATRIX for name in kind.names}
READS = [name for name, kind in FUNCTIONS.items() if kind.are_reads]
# What operators of any role may call. Everything else is for the service alone.
OPERATOR_FUNCTIONS = {name for name, kind in FUNCTIONS.items() if kind.who & OPERATORS}
# Nothing that happens within one test changes what these say: they tell of weeks and months.
NEED_A_HISTORY = {
    "billing_calendar", "overview_costly", "overview_nearly_used", "trial_convert_rows",
    "trial_time_to_convert",
}  # fmt: skip

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
    # Whoever opened the link of an invitation; everybody else is told false.
    Functions(
        OPERATORS | SERVICE | {"nobody"},
        "who is invited is no operator yet",
        ("accept_invitation",),
    ),
    reads(OPERATORS, "how many wait and whether anybody works: nobody's name", "queue_status"),
    # Founders.
    reads(
        FOUNDER,
        "the company at a glance: money and people side by side",
        "overview overview_attention overview_costly overview_nearly_used overview_people"
        " overview_subscriptions overview_trials overview_unpriced overview_failed_pipelines",
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
    reads(FOUNDER, "teams: people beside what they owe and cost", "team_detail team_list"),
    acts(FOUNDER, "a team's plan and seats", "change_team_plan"),
    acts(
        FOUNDER,
        "settings of the product and of the dashboard",
        "add_alert_channel apply_repricing change_alert_channel change_operator"
        " invite_operator remove_invitation resend_invitation"
        " remove_alert_channel resend_alert set_budget set_model_price set_pipeline_limits set_plan"
        " set_product_setting set_reliability_target set_reporting set_team_flag set_team_sharing"
        " test_alert_channel",
    ),
    # Support.
    reads(
        SUPPORT,
        "answers as they go, with people's and files' names; what each cost founders alone",
        "answer_by_reference answer_detail latest_answers",
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
    reads(
        SUPPORT,
        "whether advice was taken: counts, and which answers are disputed; no words",
        "advice_by advice_course advice_disputes advice_disputes_latest",
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
    acts(
        SUPPORT,
        "a guidance tried on a person's questions, whose words the one who asked sees",
        "operator_offer_rehearsal operator_read_rehearsal operator_start_rehearsal",
    ),
    # Finance.
    reads(
        FINANCE,
        "what the models cost, budgets and re-pricing",
        "ai_cost ai_cost_forecast ai_cost_hours ai_cost_people ai_cost_rows budget_standing"
        " day_spend model_call_counts repricing_list",
    ),
    reads(
        FINANCE,
        "what comes in and what is left of it",
        "margin_by revenue_churn revenue_churn_rows revenue_cohort_rows revenue_cohorts"
        " revenue_movements revenue_payers revenue_plans revenue_steps revenue_totals what_if",
    ),
    reads(
        FINANCE,
        "what each payer owes, and files for the books",
        "billing_adjustment_list billing_calendar billing_statement billing_totals export_costs"
        " export_ledger",
    ),
    reads(
        FINANCE,
        "what providers billed, beside what was booked",
        "bill_lines bill_rows bill_totals bill_uploads",
    ),
    Functions(
        FINANCE | SERVICE,
        "uploading bills and saying what their names mean; the service uploads none, but may",
        (
            *("add_bill_lines", "finish_bill", "match_bills", "remove_bill", "set_bill_header"),
            *("set_bill_model", "start_bill"),
        ),
    ),
    reads(
        SUPPORT, "whether accounts are isolated: what was tried, nobody's name", "isolation_list"
    ),
    serves(
        "the watch over isolation: its own designers and what it found",
        "begin_isolation end_isolation isolation_rows",
    ),
    Functions(
        FINANCE | SERVICE,
        "closing a month and what comes after; the service closes nothing, but may",
        ("add_billing_adjustment", "close_month"),
    ),
    acts(FINANCE, "what other prices would make of a month", "preview_repricing"),
    # What operators write down, and names for views.
    reads(OPERATORS, "notes on days, which charts of every page show", "date_note_list"),
    reads(
        SUPPORT,
        "notes on people, and who talks to whom",
        "assignable_operators follow_up_history follow_up_list person_note_list",
    ),
    reads(FOUNDER, "when the weekly report goes out", "report_standing"),
    acts(
        SUPPORT,
        "notes and follow-ups, each under one's name",
        "remove_date_note remove_person_note save_date_note save_person_note set_follow_up",
    ),
    acts(FOUNDER, "when the weekly report goes out", "set_weekly_report"),
    reads(OPERATORS, "one's own named views", "saved_view_list"),
    acts(OPERATORS, "one's own named views", "remove_view save_view"),
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
        " figma_limit_left push_pipeline start_pipeline",
    ),
    serves(
        "pipelines: before they start, and comments that wait for one",
        "await_pipeline forecast_pipeline",
    ),
    serves(
        "drafts that wait for the owner of their webhook",
        "decide_preview hold_answer list_previews set_webhook_preview take_preview_mail",
    ),
    serves("model money within the day's limit", "reserve_spend"),
    serves("people's own guidance", "get_context get_context_version save_context"),
    serves("what people let out to models", "set_model_sharing show_model_sharing"),
    serves(
        "what became of advice, looked at later",
        "keep_advice_read take_due_advice tend_advice",
    ),
    serves(
        "a guidance tried before it is saved",
        "begin_rehearsal book_rehearsed get_rehearsal offer_rehearsal start_rehearsal"
        " take_rehearsed",
    ),
    serves(
        "what is in force, and housekeeping",
        "announce_models announce_prompts announce_service live_settings purge_expired"
        " sample_queue tend_partitions",
    ),
    serves("pages that anybody may read: no customer is in them", "public_plans public_status"),
    serves("that what is kept for a time is removed", "note_removed"),
    reads(SUPPORT, "whether what is kept for a time is removed in time: counts", "retention_list"),
    serves("invitations that wait to be sent", "close_invitation_send take_invitation"),
    serves(
        "raising alerts and sending them",
        "alert_channel_seals begin_alert_delivery check_alerts check_bills check_budgets"
        " due_alert_deliveries"
        " end_alert_delivery save_alert_channel_seal tell_health",
    ),
)

FUNCTIONS: dict[str, Functions] = {name: kind for kind in MATRIX for name in kind.names}
READS = [name for name, kind in FUNCTIONS.items() if kind.are_reads]
# What operators of any role may call. Everything else is for the service alone.
OPERATOR_FUNCTIONS = {name for name, kind in FUNCTIONS.items() if kind.who & OPERATORS}
# Nothing that happens within one test changes what these say: they tell of weeks and months.
NEED_A_HISTORY = {
    # Of one answer, by what its reply says of itself.
    "answer_by_reference",
    "assignable_operators", "billing_calendar", "follow_up_history", "overview_costly",
    "overview_failed_pipelines", "overview_nearly_used", "person_note_list", "report_standing",
    "saved_view_list",
    "trial_convert_rows", "trial_time_to_convert",
}  # fmt: skip

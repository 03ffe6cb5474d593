"""Who may read which table and column, and why: founder, support, finance; the service reads all.

Row level security hides rows from a role, not columns: a column is read by whoever may read its
table, or is closed to every operator. Every table, view and column of the API stands here once.
"""

from dataclasses import dataclass, field

from tests.sql.access_matrix import FINANCE, FOUNDER, OPERATORS, SUPPORT

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Table:
    """A table or view: which operators may read it, why, and its columns.

    `closed` are columns that no operator may read, by name, with the reason; `blank` are columns of
    a view that are NULL for all but some of its readers.
    """

    name: str
    who: frozenset[str]
    why: str
    columns: str
    closed: dict[str, str] = field(default_factory=dict)
    blank: dict[str, tuple[frozenset[str], str]] = field(default_factory=dict)

    @property
    def open_columns(self) -> list[str]:
        return self.columns.split() if self.who else []

    @property
    def closed_columns(self) -> list[str]:
        named = " ".join(self.closed).split()
        return named if self.who else self.columns.split()


MATRIX = (
    # Founders: money and people side by side, growth, settings.
    Table(
        "usage_hourly",
        FOUNDER,
        "money and people side by side: the overview's hours",
        "hour plan_code feature provider model status error_code uses unpriced input_tokens"
        " cached_input_tokens output_tokens reasoning_tokens cost_microusd latency_ms_sum"
        " model_latency_ms_sum latency_histogram model_latency_histogram figma_latency_ms_sum"
        " figma_latency_histogram"
        " cache_write_tokens",
    ),
    Table(
        "usage_daily",
        FOUNDER,
        "money and people side by side: the overview's days",
        "day plan_code feature provider model status error_code uses unpriced input_tokens"
        " cached_input_tokens output_tokens reasoning_tokens cost_microusd latency_ms_sum"
        " model_latency_ms_sum latency_histogram model_latency_histogram"
        " cache_write_tokens",
    ),
    Table(
        "usage_hourly_teams",
        FOUNDER,
        "money and people side by side: a team's hours",
        "team_id hour plan_code feature status uses unpriced input_tokens cached_input_tokens"
        " output_tokens reasoning_tokens cost_microusd latency_ms_sum model_latency_ms_sum"
        " latency_histogram"
        " cache_write_tokens",
    ),
    Table(
        "usage_daily_users",
        FOUNDER,
        "who was active and what they cost, everybody's days; support gets one person's",
        "day user_id plan_code answered refused failed unpriced input_tokens output_tokens"
        " cost_microusd",
    ),
    Table(
        "active_periods",
        FOUNDER,
        "growth: who was active in which day, week and month",
        "user_id step period plan_code team_id answers is_counted",
    ),
    Table(
        "feature_days",
        FOUNDER,
        "growth: what is used",
        "day feature plan_code team_id uses",
    ),
    Table(
        "growth_counts",
        FOUNDER,
        "growth: active, new and lost people",
        "step period plan_code team_id active new kept resurrected kept_from week_change"
        " month_change",
    ),
    Table(
        "alerts",
        FOUNDER,
        "they tell of money and of people",
        "id kind subject title detail parameters at seen_at ended_at",
    ),
    Table(
        "alert_channels",
        FOUNDER,
        "where alerts go, which founders set",
        "id kind name host kinds state state_reason version created_at",
    ),
    Table(
        "alert_deliveries",
        FOUNDER,
        "what became of alerts",
        "id alert_id channel_id state attempts status reason created_at lease_until next_at"
        " closed_at",
    ),
    Table(
        "feature_flags",
        FOUNDER,
        "set by founders",
        "code name description is_on",
    ),
    Table(
        "product_settings",
        FOUNDER,
        "set by founders",
        "code value version updated_at",
    ),
    Table(
        "service_profile",
        FOUNDER,
        "for the forms of the settings",
        "is_only sealing_key defaults told_at",
    ),
    # Money: founders and finance.
    Table(
        "usage_logs",
        FINANCE,
        "the ledger: what each answer cost; support sees it by person and by dead letter",
        "id at answer_id run feature status error_code user_id team_id plan_code receipt_id"
        " file_key provider model input_tokens cached_input_tokens output_tokens"
        " reasoning_tokens cost_microusd cost_state price_name latency_ms model_latency_ms"
        " figma_latency_ms fallbacks context_version prompt_version request_id unknown_calls"
        " cache_write_tokens token_classes service_tier",
    ),
    Table(
        "subscriptions",
        FINANCE,
        "who pays for what since when: the revenue; support sees one person's plan",
        "id user_id team_id plan_code seats starts_at ends_at created_at",
    ),
    Table(
        "ai_cost_hourly",
        FINANCE,
        "what the models cost",
        "hour plan_code feature provider model calls reported unpriced newly_priced"
        " input_tokens cached_input_tokens output_tokens reasoning_tokens cost_microusd"
        " reported_microusd adjustment_microusd"
        " cache_write_tokens",
    ),
    Table(
        "ai_cost_daily",
        FINANCE,
        "what the models cost",
        "day plan_code feature provider model calls reported unpriced newly_priced"
        " input_tokens cached_input_tokens output_tokens reasoning_tokens cost_microusd"
        " reported_microusd adjustment_microusd"
        " cache_write_tokens",
    ),
    Table(
        "ai_cost_hourly_teams",
        FINANCE,
        "what a team's model calls cost",
        "team_id hour plan_code feature provider model calls reported unpriced newly_priced"
        " input_tokens cached_input_tokens output_tokens reasoning_tokens cost_microusd"
        " reported_microusd adjustment_microusd"
        " cache_write_tokens",
    ),
    Table(
        "ai_cost_daily_users",
        FINANCE,
        "what a payer's model calls cost",
        "day user_id team_id plan_code calls reported unpriced newly_priced input_tokens"
        " cached_input_tokens output_tokens reasoning_tokens cost_microusd reported_microusd"
        " adjustment_microusd"
        " cache_write_tokens",
    ),
    Table(
        "adjustments",
        FINANCE,
        "corrections of costs",
        "id at kind for_at user_id team_id plan_code feature provider model calls"
        " newly_priced amount_microusd key repricing_id actor reason"
        " service_tier",
    ),
    Table(
        "repricings",
        FINANCE,
        "corrections of costs",
        "id provider model from_at to_at input_microusd_per_million"
        " cached_input_microusd_per_million output_microusd_per_million done_to calls"
        " newly_priced amount_microusd actor reason created_at finished_at"
        " cache_write_microusd_per_million class_microusd_per_million service_tier",
    ),
    Table(
        "model_prices",
        FINANCE,
        "what we pay for models",
        "id provider model valid_from valid_to input_microusd_per_million"
        " cached_input_microusd_per_million output_microusd_per_million source created_at"
        " cache_write_microusd_per_million class_microusd_per_million service_tier",
    ),
    Table(
        "budgets",
        FINANCE,
        "how much may be spent",
        "id scope scope_key monthly_microusd version created_at ended_at",
    ),
    Table(
        "budget_alerts",
        FINANCE,
        "what was spent of a budget",
        "id budget_id month threshold spent_microusd monthly_microusd at",
    ),
    Table(
        "unbilled_spending",
        FINANCE,
        "what calls cost for which nobody's use was taken",
        "day scope scope_key calls cost_microusd last_at",
    ),
    Table(
        "billing_adjustments",
        FINANCE,
        "the books of closed months",
        "id written_at month for_month dated kind payer_kind payer_id user_id plan_code"
        " amount_microusd calls uses unpriced cost_microusd provider model source_key actor"
        " reason",
    ),
    Table(
        "billing_months",
        FINANCE,
        "the books of closed months",
        "code month closed_at closed_by reason",
    ),
    Table(
        "billing_statements",
        FINANCE,
        "what each payer owed",
        "id month payer_kind payer_id plan_code seats uses included overage_uses fee_microusd"
        " overage_microusd credits_microusd adjustments_microusd ai_cost_microusd unpriced",
    ),
    Table(
        "billing_usage",
        FINANCE,
        "what each payer used and cost in a month, to bill it",
        "month user_id team_id plan_code context_version provider model calls uses refused"
        " unpriced input_tokens cached_input_tokens output_tokens cost_microusd"
        " repricing_microusd"
        " cache_write_tokens",
    ),
    Table(
        "model_calls",
        FINANCE,
        "single calls of models, to be compared with bills",
        "id at usage_id answer_id feature provider model call_id outcome service_tier input_tokens"
        " cached_input_tokens cache_write_tokens output_tokens cost_state cost_microusd is_billed",
    ),
    Table(
        "model_call_days",
        FINANCE,
        "sums of single calls, to be compared with bills",
        "day provider model service_tier calls unpriced unknown input_tokens cached_input_tokens"
        " cache_write_tokens output_tokens cost_microusd",
    ),
    Table(
        "provider_bills",
        FINANCE,
        "what providers billed",
        "id provider format first_day last_day tells state lines credits_microusd tax_microusd"
        " left_out_lines left_out_microusd file_hash uploaded_by uploaded_at matched_at",
    ),
    Table(
        "provider_bill_lines",
        FINANCE,
        "what providers billed",
        "bill_id line day at call_id model service_tier calls input_tokens cached_tokens"
        " write_tokens output_tokens cost_microusd input_microusd cached_microusd write_microusd"
        " output_microusd rounding_microusd model_call_id",
    ),
    Table(
        "provider_bill_days",
        FINANCE,
        "what providers billed",
        "bill_id day model calls input_tokens cached_tokens write_tokens output_tokens"
        " cost_microusd input_microusd cached_microusd write_microusd output_microusd"
        " rounding_microusd matched_calls matched_microusd matched_our_microusd",
    ),
    Table(
        "provider_bill_models",
        FINANCE,
        "what names on bills mean",
        "id provider billed model",
    ),
    Table(
        "provider_bill_headers",
        FINANCE,
        "what columns of bills mean",
        "code columns",
    ),
    Table(
        "provider_bill_drifts",
        FINANCE,
        "how far bills and our books are apart",
        "provider month billed_microusd our_microusd drift coverage measured_at",
    ),
    # People and how they are answered: founders and support.
    Table(
        "isolation_runs",
        SUPPORT,
        "whether accounts are isolated: what was tried, nobody's name",
        "id started_at ended_at state tried holes by_visitor problem",
    ),
    Table(
        "users",
        SUPPORT,
        "who comes and when; finance gets the names of payers alone",
        "id figma_user_id handle team_id state first_seen_at last_seen_at",
        closed={
            "email": "shown masked, and behind a reason",
            "image_url": "no page needs it",
            "figma_user_hash": "the service's own",
        },
    ),
    Table(
        "user_features",
        SUPPORT,
        "when a person first and last used what: the trial's course",
        "user_id feature plan_code first_at last_at uses",
    ),
    Table(
        "use_balances",
        SUPPORT,
        "a person's uses",
        "user_id plan_code period_start used reserved",
    ),
    Table(
        "use_receipts",
        SUPPORT,
        "a person's uses",
        "id answer_id run user_id plan_code period_start state reason reply_comment_id"
        " reserved_at closed_at",
    ),
    Table(
        "use_grants",
        SUPPORT,
        "uses that support gave a person",
        "id user_id plan_code period_start uses reason granted_by granted_at revoked_at revoked_by",
    ),
    Table(
        "activity",
        SUPPORT,
        "a person's story",
        "id at user_id kind detail",
    ),
    Table(
        "user_contexts",
        SUPPORT,
        "a person's guidance, which support edits for them",
        "user_id version instructions tone brand design_system_rules language focus_areas"
        " model updated_at"
        " shared_with_guests",
    ),
    Table(
        "user_context_versions",
        SUPPORT,
        "a person's guidance, which support edits for them",
        "user_id version content saved_by reason saved_at",
    ),
    Table(
        "audit_log",
        SUPPORT,
        "who changed what; support: of the tables it may read",
        "id at actor table_name row_key operation before after reason person_id prev_hash row_hash",
    ),
    Table(
        "answers",
        SUPPORT,
        "how each comment was answered, with names of people and files",
        "id webhook_id file_key file_name comment_id root_comment_id author_figma_id"
        " author_handle command asked_at received_at request_id state decision reason"
        " failure_message run attempt deferred_until payer_id plan_code context_user_id"
        " context_version reply_comment_id reply_created_at notice_comment_id provider model"
        " prompt_version node_id design_state settled_at queued_at confirmed_at"
        " guidance grounding",
        closed={
            "question": "people's words, shown behind a reason",
            "trace_parent decided_at failures": "the service's own",
            "excused lease_until posting_until": "the service's own",
            "draft": "people's words",
            "facts": "what was measured in somebody's design",
            "hint": "words of a delivery that nobody confirmed",
        },
    ),
    Table(
        "analyses",
        SUPPORT,
        "how each analysis of a selection went",
        "id user_id type batch_id batch_place leader_id state source is_cached is_charged reason"
        " failure_message run attempt received_at queued_at settled_at plan_code context_version"
        " provider model prompt_version request_id",
        closed={
            "request result refs": "people's designs, and what was said about them",
            "cache_scope cache_key kept_usage trace_parent": "the service's own",
            "failures excused lease_until": "the service's own",
        },
    ),
    Table(
        "answer_previews",
        SUPPORT,
        "why an answer waits, and what its webhook's owner decided; no words",
        "answer_id webhook_id state asked_at until decided_at is_edited",
    ),
    Table(
        "rehearsals",
        NOBODY,
        "guidance that people try; an operator sees by a function what they started themselves",
        "id user_id operator_id content state attempt ceiling_microusd spent_microusd request_id"
        " created_at ended_at",
    ),
    Table(
        "rehearsed_answers",
        NOBODY,
        "what would be said to people's questions",
        "id rehearsal_id number answer_id state code body source provider model cost_microusd"
        " latency_ms grounding ended_at",
    ),
    Table(
        "analysis_list",
        SUPPORT,
        "how each analysis went, with people's names",
        "id received_at user_id handle type state source is_cached leader_id batch_id reason"
        " failure_message run attempt plan_code provider model request_id cost_microusd cost_state"
        " latency_ms",
        blank={"cost_microusd": (FOUNDER, "all of them add up to what the company spends")},
    ),
    Table(
        "analysis_ends",
        SUPPORT,
        "how analyses end, long after they are forgotten; nobody's name",
        "analysis_id run at type state reason source is_cached batch_id plan_code team_id"
        " latency_ms shown",
    ),
    Table(
        "analysis_daily",
        SUPPORT,
        "how analyses end, by day",
        "day plan_code type outcome reason analyses in_batches counted_until",
    ),
    Table(
        "analysis_times_daily",
        SUPPORT,
        "how long analyses take",
        "plan_code day bucket analyses",
    ),
    Table(
        "analysis_rules_daily",
        SUPPORT,
        "which suggestions are taken",
        "day plan_code rule source shown with_change applied undone ignored",
    ),
    Table(
        "analysis_limited",
        SUPPORT,
        "how many analyses the limit refuses",
        "hour plan_code team_id refused",
    ),
    Table(
        "pipelines",
        SUPPORT,
        "how each pipeline goes",
        "id user_id team_id owner_id source file_key node_id component state next_stage round run"
        " verdict code params at_once ceiling_microusd spent_microusd reserved_microusd"
        " cost_microusd unknown_calls model_calls input_tokens output_tokens is_charged plan_code"
        " request_id created_at queued_at started_at moved_at ended_at files_until",
        closed={
            "options facts": "what people want built, and what their design is made of",
            "idempotency_key trace_parent ledger_rows": "the service's own",
        },
    ),
    Table(
        "pipeline_stages",
        SUPPORT,
        "each attempt at a stage",
        "pipeline_id stage round attempt run state runner began_at lease_until ended_at retry_at"
        " code is_excused params facts reserved_microusd cost_microusd",
    ),
    Table(
        "pipeline_artifacts",
        SUPPORT,
        "which files a pipeline has; not where they are",
        "pipeline_id kind round name bytes sha256 media_type created_at",
        closed={"path": "with it a file could be asked for"},
    ),
    Table(
        "pipeline_quality",
        SUPPORT,
        "what the gate measured of each candidate",
        "pipeline_id round at metric_version is_passed is_chosen seed geometry_share text_share"
        " colour_delta_e_p95 mae ssim rur apr str avu single_use_tokens behaviour_mutants"
        " behaviour_killed style_mutants style_killed axe_violations console_errors overflow_widths"
        " type_errors failed_tests model_calls input_tokens output_tokens cost_microusd seconds",
    ),
    Table(
        "pipeline_calls",
        SUPPORT,
        "each model call of a pipeline",
        "pipeline_id stage round attempt number at ledger_run outcome provider model input_tokens"
        " output_tokens cost_microusd latency_ms",
    ),
    Table(
        "pipeline_history",
        SUPPORT,
        "how pipelines end, long after they are forgotten; nobody's name",
        "pipeline_id started_at ended_at outcome cause stage source plan_code team_id with_model"
        " rounds calls run_ms stage_ms quality",
        closed={"cost_microusd unpriced": "what many cost is for founders"},
    ),
    Table(
        "pipeline_hourly",
        SUPPORT,
        "how many pipelines end, and how",
        "hour plan_code outcome cause stage pipelines with_model",
    ),
    Table(
        "pipeline_measures_hourly",
        SUPPORT,
        "how long they take and how good components are; what they cost founders alone",
        "hour plan_code measure bucket cases total",
    ),
    Table(
        "pipeline_daily",
        SUPPORT,
        "how many pipelines end, and how, by day",
        "plan_code day outcome cause stage pipelines with_model",
    ),
    Table(
        "pipeline_measures_daily",
        SUPPORT,
        "how long they take and how good components are; what they cost founders alone",
        "plan_code day measure cases total buckets uses p50 p95",
    ),
    Table(
        "pipeline_limits",
        SUPPORT,
        "what is set for a team's pipelines",
        "team_id at_once most_queued ceiling_microusd retention_days model version updated_at",
    ),
    Table(
        "analysis_batches",
        SUPPORT,
        "which analyses came together",
        "id user_id created_at cancelled_at",
        closed={"idempotency_key fingerprint": "the service's own"},
    ),
    Table(
        "analysis_claims",
        SUPPORT,
        "who is at work on which equal requests",
        "scope key analysis_id renew_by expires_at",
    ),
    Table(
        "ignored_findings",
        SUPPORT,
        "what people do not want to hear of",
        "user_id file_key fingerprint rule ignored_at",
        closed={"reason element_name": "people's words"},
    ),
    Table(
        "suggestion_outcomes",
        SUPPORT,
        "how suggestions fare",
        "analysis_id ref user_id plan_code source rule outcome at",
        closed={"reason": "people's words"},
    ),
    Table(
        "answer_list",
        SUPPORT,
        "how each comment was answered, with names of people and files",
        "id received_at author_handle payer_id file_key file_name state decision command"
        " reason failure_message attempt plan_code model provider design_state context_version"
        " reply_comment_id deferred_until request_id cost_microusd cost_state latency_ms"
        " model_latency_ms",
        blank={"cost_microusd": (FOUNDER, "all of them add up to what the company spends")},
    ),
    Table(
        "guest_invites",
        SUPPORT,
        "who was invited in which file",
        "file_key author_figma_id answer_id invited_at",
    ),
    Table(
        "thread_mutes",
        SUPPORT,
        "why a thread is silent",
        "file_key root_comment_id muted_by muted_at",
    ),
    Table(
        "author_limits",
        SUPPORT,
        "whom we answer no more in a file, and why",
        "file_key author_figma_id answer_id reached_at",
    ),
    Table(
        "figma_quotas",
        SUPPORT,
        "whose quota at Figma is used up",
        "figma_user_id file_key tier limited_until plan_tier limit_type upgrade_link refusals"
        " updated_at",
    ),
    Table(
        "provider_hourly",
        SUPPORT,
        "whether providers answer, without what they cost",
        "hour provider model outcome reason calls latency_ms_sum",
    ),
    Table(
        "queue_hourly",
        SUPPORT,
        "how long comments wait",
        "hour waiting deferred dead_letters oldest_seconds workers samples",
    ),
    Table(
        "queue_samples",
        SUPPORT,
        "how long comments wait",
        "at queued working deferred dead_letters oldest_seconds workers",
    ),
    Table(
        "grounding_hourly",
        SUPPORT,
        "how sound answers are",
        "team_id hour plan_code grounding answers",
    ),
    Table(
        "advice_outcomes",
        SUPPORT,
        "what became of answers' advice; no words",
        "answer_id settled_at file_key team_id plan_code provider model context_user_id"
        " context_version resolved_at thumbs_up thumbs_down follow_ups measured_round outcome"
        " because",
    ),
    Table(
        "advice_rules",
        SUPPORT,
        "which rules' advice is taken",
        "answer_id rule findings gone still outcome",
    ),
    Table(
        "advice_thumbs",
        SUPPORT,
        "what people think of answers",
        "answer_id thumb_answer_id is_good at is_counted",
        closed={"author_figma_id": "who wrote it stands with the comment"},
    ),
    Table(
        "advice_hourly",
        SUPPORT,
        "what became of answers' advice",
        "team_id kind hour plan_code name outcome answers",
    ),
    Table(
        "advice_daily",
        SUPPORT,
        "what became of answers' advice",
        "team_id kind day plan_code name outcome answers",
    ),
    Table(
        "advice_contexts_daily",
        SUPPORT,
        "what became of answers' advice",
        "day name plan_code outcome answers",
    ),
    Table(
        "advice_reads",
        NOBODY,
        "when workers look at threads again",
        "answer_id round file_key due_at tries lease_until taken_at read_at measured_at",
    ),
    Table(
        "reliability_daily",
        SUPPORT,
        "errors and times, without costs",
        "team_id day plan_code error_code answered without_model failed latency_histogram"
        " model_latency_histogram figma_latency_histogram",
    ),
    Table(
        "reliability_hourly_teams",
        SUPPORT,
        "errors and times, without costs",
        "team_id hour plan_code error_code answered without_model failed latency_histogram"
        " model_latency_histogram figma_latency_histogram",
    ),
    Table(
        "reliability_targets",
        SUPPORT,
        "what is promised",
        "code target threshold_ms updated_at",
    ),
    Table(
        "user_webhooks",
        SUPPORT,
        "people's webhooks, which support repairs",
        "id user_id figma_webhook_id context context_id label state guest_rule preview created_at"
        " confirmed_at last_event_at deleted_at operator_paused_at longest_pause pauses_until"
        " paused_because"
        " lifted_at refusals_hour refusals",
        closed={"passcode_encrypted passcode_hash": "secrets"},
    ),
    Table(
        "webhook_deliveries",
        SUPPORT,
        "what a webhook delivered, without its words",
        "id webhook_id event_type event_key outcome redelivered answer_id request_id"
        " received_at last_received_at",
        closed={"payload": "people's words"},
    ),
    Table(
        "webhook_hourly",
        SUPPORT,
        "how much a webhook delivers",
        "hour webhook_id outcome deliveries redeliveries",
    ),
    Table(
        "webhook_daily",
        SUPPORT,
        "how much a webhook delivers",
        "webhook_id day outcome deliveries redeliveries",
    ),
    Table(
        "webhook_files",
        SUPPORT,
        "which files a webhook may speak for",
        "webhook_id file_key is_covered checked_at",
    ),
    Table(
        "webhook_refusals",
        SUPPORT,
        "what Figma did not confirm",
        "webhook_id hour reason deliveries last_at",
    ),
    Table(
        "webhook_removals",
        SUPPORT,
        "what became of a webhook at Figma",
        "id user_id asked_at tries problem outcome closed_at",
    ),
    # Every operator.
    Table(
        "operators",
        OPERATORS,
        "oneself; founders: everybody who is let in",
        "user_id email role created_at disabled_at",
    ),
    Table(
        "plans",
        OPERATORS,
        "the price list, which every customer sees",
        "code valid_from name price_microusd per uses period is_unlimited overage_microusd",
    ),
    Table(
        "reporting_settings",
        OPERATORS,
        "how days are counted",
        "id time_zone week_start updated_at",
    ),
    Table(
        "teams",
        OPERATORS,
        "names to narrow a page by",
        "id name feature_flags",
        closed={"settings": "the service's own", "created_at": "growth, and no page needs it"},
    ),
    # Nobody but the service.
    Table(
        "health_facts",
        NOBODY,
        "alerts tell of it",
        "code subject facts told_at",
    ),
    Table(
        "preview_mails",
        NOBODY,
        "when somebody was told by mail that drafts wait",
        "user_id at",
    ),
    Table(
        "refresh_failures",
        NOBODY,
        "whose connection failed; alerts tell how many",
        "user_id at is_final",
    ),
    Table(
        "alert_channel_secrets",
        NOBODY,
        "sealed addresses",
        "channel_id sealed updated_at",
    ),
    Table(
        "operator_invitations",
        FOUNDER,
        "who is invited to the dashboard, which founders decide",
        "id email role state problem sends version invited_by requested_at sent_at expires_at"
        " closed_at",
        closed={
            "token_hash": "a secret",
            "address": "for the mail's link alone",
            "taken_at": "the worker's own",
        },
    ),
    Table(
        "pipeline_targets",
        FOUNDER,
        "where teams have their components pushed to, and who set it; support needs no names of it",
        "owner_id is_team user_id repository base_branch folder installation_id set_at",
        closed={"token_encrypted": "a secret"},
    ),
    Table(
        "model_sharing",
        FOUNDER,
        "what teams let out to models, and who chose it; support sees the answers that follow it",
        "id is_team level user_id set_at",
    ),
    Table(
        "sharing_choices",
        NOBODY,
        "the service's own: what of it counts stands in model_sharing",
        "team_id chooser_id level set_at",
    ),
    Table(
        "retention_runs",
        SUPPORT,
        "that what is kept for a time is removed: counts",
        "name since last_at removed_at removed total",
    ),
    Table(
        "pipeline_runners",
        NOBODY,
        "the service's own",
        "worker_id queue",
    ),
    Table(
        "analysis_windows",
        NOBODY,
        "how often somebody asked lately: the service's own",
        "user_id slot hits earlier",
    ),
    Table(
        "answer_traces",
        NOBODY,
        "what was sent to models, with people's words; one answer's calls are in answer_detail",
        "answer_id run attempt at feature ended reason rules prompt followed saw_picture calls"
        " steps",
    ),
    Table(
        "prompt_rules",
        NOBODY,
        "what all prompts begin with; shown with the rest of one, behind a reason",
        "hash version rules told_at",
    ),
    Table(
        "spend_reservations",
        NOBODY,
        "the service's own; day_spend tells the sum",
        "id answer_id at microusd is_booked",
    ),
    Table(
        "spend_stops",
        FINANCE,
        "days on which the spend on models was reached",
        "day reached_at limit_microusd spent_microusd refused",
    ),
    Table("chain_models", FINANCE, "which models are set up", "id place told_at"),
    Table(
        "bot_identity",
        NOBODY,
        "the service's own",
        "is_only figma_user_id handle updated_at",
    ),
    Table(
        "deleted_accounts",
        NOBODY,
        "hashes of who left, so that no trial is taken twice",
        "figma_user_hash trial_uses deleted_at",
    ),
    Table(
        "figma_tokens",
        NOBODY,
        "secrets",
        "user_id access_token_encrypted refresh_token_encrypted scopes expires_at version"
        " refresh_lease_until revoked_at updated_at",
    ),
    Table(
        "plugin_handovers",
        NOBODY,
        "secrets",
        "challenge user_id created_at expires_at approved_at collected_at",
    ),
    Table(
        "rate_windows",
        NOBODY,
        "how often somebody did what is limited, under a keyed hash: the service's own",
        "key_hash hits ends_at",
    ),
    Table(
        "sessions",
        NOBODY,
        "secrets",
        "token_hash user_id kind created_at expires_at id label last_used_at",
    ),
    # What operators write down.
    Table(
        "date_notes",
        OPERATORS,
        "notes on days, which charts of every page show",
        "id day text version written_by written_at changed_by changed_at",
    ),
    Table(
        "person_notes",
        SUPPORT,
        "notes on people",
        "id user_id text version written_by written_at changed_by changed_at",
    ),
    Table(
        "follow_ups",
        SUPPORT,
        "who talks to whom",
        "id user_id reason assigned_to is_done remark written_by written_at",
    ),
    Table(
        "saved_views",
        NOBODY,
        "each operator has their own, through saved_view_list",
        "id operator_id page name query saved_at",
    ),
    Table(
        "report_settings",
        FOUNDER,
        "when the weekly report goes out",
        "id is_on weekday address changed_at",
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in MATRIX}

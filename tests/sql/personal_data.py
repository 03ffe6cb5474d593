"""Which columns hold something of a designer: who they are, what they wrote, what they drew.

PRIVACY.md tells each of them; the test of erasure fills each, deletes the account, and searches the
whole database. A new column has to be named here, or have a name that says what it is.
"""

# By table. Ids that are ours (user_id and the like) are no more than a number once the account is
# gone, and are not named.
PERSONAL: dict[str, set[str]] = {
    "users": {"figma_user_id", "figma_user_hash", "handle", "email", "image_url"},
    "figma_tokens": {"access_token_encrypted", "refresh_token_encrypted"},
    "sessions": {"token_hash", "label"},
    "plugin_handovers": {"challenge"},
    "user_contexts": {"instructions", "tone", "brand", "design_system_rules", "language",
                      "focus_areas"},
    "user_context_versions": {"content"},
    "user_webhooks": {"label"},
    "webhook_deliveries": {"payload"},
    "answers": {"author_figma_id", "author_handle", "file_name", "question", "draft", "facts",
                "hint"},
    "answer_traces": {"prompt", "followed"},
    "advice_thumbs": {"author_figma_id"},
    "author_limits": {"author_figma_id"},
    "guest_invites": {"author_figma_id"},
    "thread_mutes": {"muted_by"},
    "unbilled_spending": {"scope_key"},
    "figma_quotas": {"figma_user_id"},
    "analyses": {"request", "result", "refs"},
    "ignored_findings": {"element_name", "reason"},
    "suggestion_outcomes": {"reason"},
    "rehearsals": {"content"},
    "rehearsed_answers": {"body"},
    "pipelines": {"component", "facts", "file_key", "node_id", "options", "params"},
    "pipeline_stages": {"facts", "params"},
    "pipeline_targets": {"repository", "base_branch", "folder", "token_encrypted"},
    "person_notes": {"text"},
    "follow_ups": {"remark"},
    # Titles of older versions too: tests/sql/test_deletion.py has those.
    "alerts": {"subject", "detail", "parameters"},
}  # fmt: skip
# Of operators, who are no designers, and of companies.
OPERATORS = {
    "operators": {"email"},
    "operator_invitations": {"email", "invited_by", "token_hash", "address"},
    "saved_views": {"name", "query"},
    "date_notes": {"text", "written_by", "changed_by"},
    "provider_bills": {"uploaded_by"},
    "billing_months": {"closed_by"},
    "teams": {"name", "settings"},
    "bot_identity": {"figma_user_id", "handle"},
    "report_settings": {"address"},
    "backups": {"file_name"},
    "health_facts": {"facts"},
}
# Kept as they are: what for stands in PRIVACY.md.
KEPT = {
    # A keyed hash, which tells nobody who it was, so that no second trial is taken.
    "deleted_accounts": {"figma_user_hash"},
    # Append-only, without names, addresses and words (hidden from the trigger). Reasons are an
    # operator's own words.
    "audit_log": {"before", "after", "reason", "actor", "row_key"},
    "rate_windows": {"key_hash"},
}
# Names of columns that hold no words of anybody: codes, ids of ours and of Figma, hashes, figures.
_NEUTRAL = """
    actor address after assigned_to base_branch because before billed by_visitor cache_key
    call_id calls cause changed_by checksum class_microusd_per_million closed_by code columns
    command comment_id component context context_id cost_state decision defaults description
    design_state detail email ended error_code event_key event_type failure_message feature
    feature_flags figma_webhook_id file_hash file_key fingerprint folder format granted_by
    grounding guest_rule guidance hash holes host id idempotency_key invited_by kept_usage key
    key_hash kind kinds last_hash level limit_type measure media_type model name next_stage
    node_id notice_comment_id operation options outcome page passcode_encrypted passcode_hash
    path paused_because payer_kind per period plan_code plan_tier prev_hash preview price_name
    problem prompt_version provider quality query queue reason reply_comment_id request_id
    revoked_by role root_comment_id row_hash row_key rule rules runner saved_by schema_version
    scope scope_key scopes sealed sealing_key service_tier settings sha256 shared_with_guests
    shown source source_key stage stage_ms state state_reason status step steps subject
    table_name tells text time_zone title token_classes trace_parent type upgrade_link
    uploaded_by value verdict version week_start written_by
"""
NEUTRAL = set(_NEUTRAL.split())

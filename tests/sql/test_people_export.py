"""What somebody is given of everything that is kept about them."""

from tests.sql.helping import ada, answered, edit, grant, operator, sql_comment, support

__all__ = ["ada", "operator", "support"]

# Where rows about a person stand, and under which name their export has them.
EXPORTED = {
    "users": "person", "figma_tokens": "connection", "sessions": "sessions",
    "plugin_handovers": "plugin_handovers", "user_contexts": "context",
    "user_context_versions": "context_versions", "user_webhooks": "webhooks",
    "webhook_removals": "webhooks", "activity": "activity", "audit_log": "changes",
    "figma_quotas": "figma_limits", "answers": "comments", "webhook_deliveries": "deliveries",
    "pipeline_targets": "push_targets", "model_sharing": "model_sharing",
    "sharing_choices": "sharing_choices",
    "author_limits": "silences", "guest_invites": "invitations",
    "thread_mutes": "muted_threads", "analyses": "analyses",
    "analysis_batches": "analysis_batches", "suggestion_outcomes": "suggestion_outcomes",
    "rehearsals": "rehearsals",
    "ignored_findings": "ignored_findings", "pipelines": "pipelines", "usage_logs": "usage",
    "use_receipts": "receipts", "use_balances": "balances", "subscriptions": "subscriptions",
    "use_grants": "grants", "billing_statements": "statements",
    "billing_adjustments": "billing_adjustments", "adjustments": "cost_adjustments",
    "person_notes": "notes", "follow_ups": "follow_ups", "advice_thumbs": "thumbs",
}  # fmt: skip
# Sums that follow from those rows; people who are no designers.
FOLLOWS = {
    "active_periods", "ai_cost_daily_users", "analysis_list", "answer_list", "billing_usage",
    "usage_daily_users", "user_features",
    # Counts of the last half hour, whether a renewal failed within a day, when a mail went out.
    "analysis_windows", "refresh_failures", "preview_mails",
}  # fmt: skip
OTHERS = {"bot_identity", "operators"}
PEOPLE_COLUMNS = """
    select distinct relname from pg_class join pg_attribute on attrelid = pg_class.oid
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and (
        attname in ('user_id', 'payer_id', 'person_id', 'figma_user_id', 'author_figma_id',
            'muted_by', 'chooser_id') or relname = 'webhook_deliveries')
"""


def test_the_export_holds_every_table_that_holds_something_about_a_person(sql, support, ada):
    webhook = sql.switch_on(ada)
    answered(sql, webhook)
    payload = {"triggered_by": {"id": "1", "handle": "Ada"}, "comment": "unaddressed words"}
    sql.ask_all(sql_comment(webhook, "c7") | {"payload": payload, "is_addressed": False})
    grant(support, ada, 5)
    sql.connection.execute("insert into public.thread_mutes values ('FILE', 'c1', '1')")
    tables = {name for (name,) in sql.rows(PEOPLE_COLUMNS)}
    assert tables == EXPORTED.keys() | FOLLOWS | OTHERS
    found = edit(support, "operator_export_person", user_id=ada)
    assert {*EXPORTED.values(), "exported_at", "team", "paid_for_others"} == found.keys()
    for name in ("connection", "sessions", "context", "context_versions", "webhooks", "activity",
                 "changes", "comments", "deliveries", "muted_threads", "usage", "receipts",
                 "balances", "grants"):  # fmt: skip
        assert found[name], name
    assert found["deliveries"][0]["payload"] == payload
    text = str(found)
    for secret in ("access", "refresh", "hash-1", "session-1", "passcode", "support@example.test"):
        assert secret not in text, secret


def test_after_a_deletion_the_export_holds_no_word_and_no_name(sql, support, ada):
    webhook = sql.switch_on(ada)
    answered(sql, webhook)
    payload = {"triggered_by": {"id": "1", "handle": "Ada"}, "comment": "unaddressed words"}
    sql.ask_all(sql_comment(webhook, "c7") | {"payload": payload, "is_addressed": False})
    sql.connection.execute("insert into public.thread_mutes values ('FILE', 'c1', '1')")
    sql.connection.execute(
        "insert into public.figma_quotas (figma_user_id, file_key, tier, limited_until)"
        " values ('1', 'FILE', 1, now())"
    )
    edit(support, "operator_delete_account", user_id=ada)
    everything = str(
        [edit(support, "operator_export_person", user_id=ada)]
        + [sql.rows(f"select each::text from public.{table} as each") for table in sorted(EXPORTED)]
    )
    for word in ("Person 1", "person@example.test", "contrast ok", "7.2 : 1", "unaddressed"):
        assert word not in everything, word
    for table, column in (("thread_mutes", "muted_by"), ("figma_quotas", "figma_user_id"),
                          ("answers", "author_figma_id")):  # fmt: skip
        assert sql.rows(f"select count(*) from public.{table} where {column} = '1'") == [(0,)]

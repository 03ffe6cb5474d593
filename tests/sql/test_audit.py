"""Changes are written down by the database itself, without secrets and without people's words."""


def log(sql, table):
    return sql.rows(
        "select operation, before, after, actor from public.audit_log where table_name = %s"
        " order by id",
        table,
    )


def test_a_changed_webhook_is_audited_without_its_passcode(sql):
    ada = sql.sign_in("1")
    webhook = sql.switch_on(ada)
    sql.ask(webhook, "c1")
    sql.call("change_webhook", ada, webhook, "paused", None)
    states = [
        (before["state"], after["state"]) for _, before, after, _ in log(sql, "user_webhooks")
    ]
    assert states == [("creating", "active"), ("active", "paused")]
    assert "passcode" not in str(log(sql, "user_webhooks"))


def test_a_context_is_audited_by_version_and_a_deletion_without_names(sql):
    ada = sql.sign_in("1")
    fields = dict.fromkeys(("instructions", "tone", "brand", "design_system_rules"), "secret plan")
    content = {**fields, "language": "", "focus_areas": [], "model": ""}
    sql.call("save_context", ada, 1, content, "user", "")
    sql.call("delete_account", ada, "hash")
    [(_, before, after, actor)] = log(sql, "user_contexts")
    assert (before["version"], after["version"], actor) == (1, 2, "service")
    [(_, before, after, _)] = log(sql, "users")
    assert (before["state"], after["state"]) == ("active", "deleted")
    everything = str(sql.rows("select * from public.audit_log"))
    assert "secret plan" not in everything and "Person 1" not in everything

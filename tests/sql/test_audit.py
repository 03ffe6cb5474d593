"""Changes are written down by the database itself, without secrets and without people's words."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.types.json import Jsonb


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
    content["shared_with_guests"] = ["brand"]
    sql.call("save_context", ada, 1, content, "user", "")
    sql.call("delete_account", ada, "hash")
    [(_, before, after, actor)] = log(sql, "user_contexts")
    assert (before["version"], after["version"], actor) == (1, 2, "service")
    assert (before["shared_with_guests"], after["shared_with_guests"]) == ([], ["brand"])
    [(_, before, after, _)] = log(sql, "users")
    assert (before["state"], after["state"]) == ("active", "deleted")
    everything = str(sql.rows("select * from public.audit_log"))
    assert "secret plan" not in everything and "Person 1" not in everything


def verified(sql):
    """What an operator's button says; called as the founder who pressed it."""
    founder = sql.rows("select gen_random_uuid()::text")[0][0]
    sql.call("set_operator", founder, f"{founder}@example.test", "founder")
    with sql.connection.transaction():
        sql.rows("select set_config('request.jwt.claim.sub', %s, true)", founder)
        sql.connection.execute("set local role authenticated")
        return sql.call("verify_audit_log")


@pytest.fixture
def superuser(database):
    """Past every trigger and policy, as somebody with the database's password could be."""
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection


def test_an_untouched_log_proves_itself(sql):
    webhook = sql.switch_on(sql.sign_in("1"))
    assert webhook
    result = verified(sql)
    assert result["ok"] and result["first_broken_id"] is None
    [(rows, last)] = sql.rows(
        "select count(*), (select row_hash from public.audit_log order by id desc limit 1)"
        " from public.audit_log"
    )
    assert (result["rows"], result["last_hash"]) == (rows, last)


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'nobody'", "reason = 'because'", "at = at + interval '1 microsecond'",
        "after = after || '{\"state\": \"deleted\"}'", "before = null", "row_key = 'x'",
        "person_id = gen_random_uuid()", "row_hash = repeat('0', 64)", "prev_hash = 'x'",
    ],
)  # fmt: skip
def test_a_superusers_change_of_any_field_is_found(sql, superuser, change):
    ada = sql.sign_in("1")
    for number in range(3):
        sql.switch_on(ada, f"FILE{number}")
    [(_,), (middle,), _] = superuser.execute(
        "select id from public.audit_log where table_name = 'user_webhooks' order by id"
    ).fetchall()
    superuser.execute(f"update public.audit_log set {change} where id = %s", [middle])
    assert verified(sql)["first_broken_id"] == middle


def test_rows_removed_in_the_middle_at_the_start_and_at_the_end_are_found(sql, superuser):
    ada = sql.sign_in("1")
    for number in range(4):
        sql.switch_on(ada, f"FILE{number}")
    verified(sql)
    ids = [each for (each,) in superuser.execute("select id from public.audit_log order by id")]
    kept = superuser.execute("select * from public.audit_log order by id").fetchall()
    for gone, broken in ((ids[0], ids[1]), (ids[-3], ids[-2]), (ids[-1], None)):
        superuser.execute("delete from public.audit_log where id = %s", [gone])
        [result] = superuser.execute(CHECK).fetchone()
        assert result["ok"] is False
        assert result["first_broken_id"] == (broken or gone)
        places = ", ".join(["%s"] * len(kept[0]))
        row = [Jsonb(v) if isinstance(v, dict) else v for v in kept[ids.index(gone)]]
        superuser.execute(
            f"insert into public.audit_log overriding system value values ({places})", row
        )
        assert superuser.execute(CHECK).fetchone()[0]["ok"]


# As a founder, without leaving the superuser's session.
CHECK = """
    with founder as (
        select set_config('request.jwt.claim.sub', (
            select user_id::text from public.operators where role = 'founder' limit 1
        ), false) as id
    )
    select public.verify_audit_log() from founder where id is not null
"""


def test_changes_at_the_same_moment_form_one_chain(sql, connect):
    ada = sql.sign_in("1")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: connect().switch_on(ada, f"FILE{number}"), range(24)))
    result = verified(sql)
    assert result["ok"] and result["rows"] >= 24


def test_nobody_can_write_history_through_the_service(sql):
    sql.sign_in("1")
    sql.rows(
        "insert into public.audit_log (id, actor, table_name, row_key, operation, prev_hash,"
        " row_hash) overriding system value values (1, 'x', 'x', 'x', 'x', 'x', 'x') returning 1"
    )
    assert verified(sql)["ok"]

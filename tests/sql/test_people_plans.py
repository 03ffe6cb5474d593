"""Granted uses, changed plans, suspending and deleting: each counts once and ends in time."""

from uuid import uuid4

import psycopg
import pytest

from tests.sql.helping import (
    ada,
    answered,
    call,
    edit,
    grant,
    operator,
    reason,
    refusal,
    story,
    support,
)
from tests.sql.old_migrations import old_migrations

__all__ = ["ada", "operator", "support"]

MIGRATION = old_migrations()["0027_plans_of_the_departed.sql"]
PLANS = """
    select plan_code, ends_at = at from public.subscriptions
    join public.activity using (user_id) where kind = 'account_deleted' order by starts_at
"""
CHANGES = "select detail from public.activity where kind = 'plan_changed'"


def subscribe(sql, user_id: str, starts: str, ends: str | None = None, plan: str = "pro") -> None:
    sql.connection.execute(
        "insert into public.subscriptions (user_id, plan_code, starts_at, ends_at)"
        " values (%s, %s, now() + %s::interval, now() + %s::interval)",
        (user_id, plan, starts, ends),
    )


def test_granted_uses_are_spent_and_can_be_taken_back(sql, support, ada):
    webhook = sql.switch_on(ada)
    sql.rows(
        "insert into public.use_balances values (%s, 'trial', '-infinity', 10) returning 1", ada
    )
    assert sql.begin(sql.ask(webhook, "c0")["answer_id"])["decision"] == "refuse"
    granted = grant(support, ada, 2)
    assert (granted["usage"]["limit"], granted["usage"]["left"]) == (12, 2)
    first = sql.begin(sql.ask(webhook, "c1")["answer_id"])
    assert (first["decision"], first["usage"]["left"]) == ("answer", 1)
    assert sql.begin(sql.ask(webhook, "c2")["answer_id"])["decision"] == "answer"
    assert sql.begin(sql.ask(webhook, "c3")["answer_id"])["decision"] == "refuse"
    usage = edit(support, "operator_revoke_grant", grant_id=granted["grant_id"])
    assert (usage["limit"], usage["left"]) == (10, 0)
    twice = {"grant_id": granted["grant_id"], **reason()}
    assert refusal(support, "operator_revoke_grant", twice) == "PT409"


def test_a_grant_sent_again_after_a_lost_reply_counts_once(sql, operator, ada):
    one, two, key = operator("support"), operator("founder"), str(uuid4())
    first = grant(one, ada, 5, key)
    assert first == grant(one, ada, 5, key) == grant(two, ada, 5, key)
    assert (first["grant_id"], first["usage"]["limit"]) == (key, 15)
    logged = sql.rows("select actor from public.audit_log where table_name = 'use_grants'")
    assert logged == [("support@example.test",)]
    other = {"grant_id": key, "user_id": ada, "uses": 7, **reason()}
    assert refusal(one, "operator_grant_uses", other) == "PT409"
    other |= {"user_id": sql.sign_in("2"), "uses": 5}
    assert refusal(one, "operator_grant_uses", other) == "PT409"


def test_a_grant_counts_in_its_plan_and_period_alone(sql, support, ada):
    grant(support, ada, 5)
    usage = edit(
        support, "operator_change_plan", user_id=ada, expected_plan="trial", plan_code="pro"
    )
    assert (usage["plan_code"], usage["limit"]) == ("pro", 500)
    assert grant(support, ada, 7)["usage"]["limit"] == 507
    sql.rows(
        "update public.use_grants set period_start = period_start - interval '1 month'"
        " where plan_code = 'pro' returning 1"
    )
    assert call(support, "person_card", user_id=ada)["usage"]["limit"] == 500


def test_a_changed_plan_is_one_dated_row_each_and_an_activity(sql, support, ada):
    change = {"user_id": ada, "expected_plan": "trial", "plan_code": "pro"}
    edit(support, "operator_change_plan", **change)
    assert refusal(support, "operator_change_plan", {**change, **reason()}) == "PT409"
    back = edit(
        support, "operator_change_plan", user_id=ada, expected_plan="pro", plan_code="trial"
    )
    assert back["plan_code"] == "trial"
    assert sql.rows("select plan_code, ends_at is null from public.subscriptions") == [
        ("pro", False)
    ]
    assert sql.rows(
        "select detail from public.activity where kind = 'plan_changed' order by id"
    ) == [
        ({"from": "trial", "to": "pro", "seats": 1},),
        ({"from": "pro", "to": "trial", "seats": 1},),
    ]
    who = "select distinct actor, reason from public.audit_log where table_name = 'subscriptions'"
    assert sql.rows(who) == [("support@example.test", "ticket 4711")]


def test_a_suspended_person_is_refused_without_a_charge_until_reactivated(sql, support, ada):
    webhook = sql.switch_on(ada)
    edit(support, "operator_set_state", user_id=ada, state="suspended")
    refused = sql.begin(sql.ask(webhook, "c1")["answer_id"])
    assert (refused["decision"], refused["reason"]) == ("refuse", "suspended")
    edit(support, "operator_set_state", user_id=ada, state="active")
    assert sql.begin(sql.ask(webhook, "c2")["answer_id"])["decision"] == "answer"


def test_a_deletion_forgets_the_person_ends_the_plan_and_remembers_the_trial(sql, support, ada):
    webhook = sql.switch_on(ada)
    answered(sql, webhook)
    edit(support, "operator_change_plan", user_id=ada, expected_plan="trial", plan_code="pro")
    deleted = edit(support, "operator_delete_account", user_id=ada)
    assert (deleted["webhooks_leaving"], deleted["webhooks_left"]) == (1, 0)
    card = call(support, "person_card", user_id=ada)
    assert (card["state"], card["email"], card["own_plan_code"]) == ("deleted", None, None)
    everything = str([story(support, ada), sql.rows("select * from public.audit_log")])
    assert "Person 1" not in everything and "hash-1" not in everything
    again = {"user_id": ada, **reason()}
    assert refusal(support, "operator_delete_account", again) == "PT409"
    assert refusal(support, "operator_grant_uses", {**again, "grant_id": ada, "uses": 1}) == "PT409"
    newcomer = sql.sign_in("1")
    assert call(support, "person_card", user_id=newcomer)["usage"]["used"] == 1


@pytest.mark.parametrize("by_operator", [True, False])
def test_a_deletion_ends_the_plan_in_force_and_those_to_come(sql, support, ada, by_operator):
    subscribe(sql, ada, "-90 days", "-60 days", "enterprise")
    subscribe(sql, ada, "-60 days", "30 days")
    subscribe(sql, ada, "30 days")
    if by_operator:
        edit(support, "operator_delete_account", user_id=ada)
    else:
        sql.call("delete_account", ada, "hash-1")
        sql.call("delete_account", ada, "hash-1")
    assert sql.rows(PLANS) == [("enterprise", False), ("pro", True)]
    assert sql.rows(CHANGES) == [({"from": "pro", "to": "trial", "seats": 1},)]
    assert sql.rows("select from private.paid_intervals where to_at > now()") == []
    actor = "support@example.test" if by_operator else "service"
    logged = "select distinct actor from public.audit_log where table_name = 'subscriptions'"
    assert sql.rows(f"{logged} and operation <> 'INSERT'") == [(actor,)]


def test_a_deletion_leaves_the_plans_of_others_and_notes_no_change_without_one(sql, ada):
    team = sql.rows("insert into public.teams (name) values ('Team') returning id")[0][0]
    sql.connection.execute("update public.users set team_id = %s", (team,))
    sql.connection.execute(
        "insert into public.subscriptions (team_id, plan_code) values (%s, 'enterprise')", (team,)
    )
    subscribe(sql, sql.sign_in("2"), "-1 day")
    subscribe(sql, ada, "1 day")
    sql.call("delete_account", ada, "hash-1")
    kept = "select plan_code, ends_at from public.subscriptions order by 1"
    assert sql.rows(kept) == [("enterprise", None), ("pro", None)]
    assert sql.rows(CHANGES) == []


def test_plans_that_outlived_their_accounts_end_when_those_were_deleted(sql, database, ada):
    subscribe(sql, ada, "-60 days")
    subscribe(sql, sql.sign_in("2"), "-60 days")
    subscribe(sql, ada, "30 days")
    sql.connection.execute(
        "insert into public.activity (at, user_id, kind)"
        " values (now() - interval '40 days', %s, 'account_deleted')",
        (ada,),
    )
    with psycopg.connect(database.admin_url) as owner:
        owner.execute(MIGRATION.encode())
    assert sql.rows(PLANS) == [("pro", True)]
    assert sql.rows("select count(*) from private.paid_intervals where to_at > now()") == [(1,)]

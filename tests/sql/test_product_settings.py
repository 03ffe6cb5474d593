"""Settings of the running service and feature flags of teams: who may set what, and what for."""

import json
from typing import Any

import psycopg
import pytest

from local.stack import Database
from tests.sql.acting import FOUNDER, Act, act
from tests.sql.conftest import refused

__all__ = ["act"]


def set_to(act: Act, code: str, value: object, version: int = 0, role: str = "founder") -> Any:
    return act(role, "set_product_setting", code, json.dumps(value), version, "as agreed")


def test_a_setting_is_set_changed_and_given_back_with_its_story(act: Act, sql: Any) -> None:
    assert sql.call("live_settings") == {}
    assert set_to(act, "triggers", ["@ink", "/Prüfe"])["version"] == 1
    assert set_to(act, "answers_per_minute", 3)["value"] == 3
    assert sql.call("live_settings") == {"triggers": ["@ink", "/Prüfe"], "answers_per_minute": 3}
    assert set_to(act, "triggers", None, 1)["version"] == 2
    assert sql.call("live_settings") == {"answers_per_minute": 3}
    log = sql.rows(
        "select actor, row_key, before -> 'value', after -> 'value', reason"
        " from public.audit_log where table_name = 'product_settings' order by id"
    )
    assert log[0] == ("founder@example.test", "triggers", None, ["@ink", "/Prüfe"], "as agreed")
    assert log[-1][2:] == (["@ink", "/Prüfe"], None, "as agreed")


def test_a_setting_somebody_else_changed_is_not_overwritten(act: Act) -> None:
    set_to(act, "job_attempts", 4)
    with pytest.raises(psycopg.Error) as caught:
        set_to(act, "job_attempts", 5)
    assert caught.value.sqlstate == "PT409"


@pytest.mark.parametrize("role", ["support", "finance", None])
def test_only_founders_set_anything(act: Act, role: str | None) -> None:
    for call in (
        ("set_product_setting", "job_attempts", "3", 0, "as agreed"),
        ("set_team_flag", FOUNDER, "model_answers", False, None, "as agreed"),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            act(role, *call)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("triggers", []),
        ("triggers", [""]),
        ("triggers", ["   "]),
        ("triggers", ["@two words"]),
        ("triggers", ["contrast"]),
        ("triggers", ["@"]),
        ("triggers", ["@a"]),
        ("triggers", ["@buddy", "@BUDDY"]),
        ("triggers", ["@x" * 30]),
        ("triggers", ["@ok", 7]),
        ("triggers", "@buddy"),
        ("triggers", {"a": 1}),
        ("triggers", [f"@word{number}" for number in range(11)]),
        ("guest_rule", "everybody"),
        ("guest_rule", 1),
        ("answers_per_minute", 0),
        ("answers_per_minute", 1001),
        ("answers_per_minute", 1.5),
        ("answers_per_minute", "7"),
        ("loop_breaker_replies", 51),
        ("loop_breaker_window_seconds", 9),
        ("job_attempts", 21),
        ("model_cost_ceiling_microusd", 99),
        ("max_body_bytes", 5000),
    ],
)
def test_what_the_service_could_not_work_with_is_refused(
    act: Act, sql: Any, code: str, value: object
) -> None:
    with pytest.raises(psycopg.Error) as caught:
        set_to(act, code, value)
    assert caught.value.sqlstate in ("22023", "PT404")
    assert sql.call("live_settings") == {}


def test_a_reason_is_needed(act: Act) -> None:
    with refused("Say why"):
        act("founder", "set_product_setting", "job_attempts", "3", 0, " ")


def test_a_flag_is_set_for_one_team_and_read_with_the_job(act: Act, sql: Any) -> None:
    ada = sql.sign_in("1")
    team, other = (
        row[0]
        for row in sql.rows("insert into public.teams (name) values ('A'), ('B') returning id")
    )
    sql.rows("update public.users set team_id = %s where id = %s returning 1", team, ada)
    webhook = sql.switch_on(ada)
    before = sql.begin(sql.ask(webhook, "c1")["answer_id"])["flags"]
    codes = (
        *("design_reading", "model_answers", "model_choice", "guest_invitations"),
        *("design_pictures", "pipelines"),
    )
    assert before == {**dict.fromkeys(codes, True), "model_sharing": "texts_and_pictures"}
    act("founder", "set_team_flag", team, "model_answers", False, None, "they asked for it")
    act("founder", "set_team_flag", other, "model_choice", False, None, "not these")
    after = sql.begin(sql.ask(webhook, "c2")["answer_id"])["flags"]
    assert after == before | {"model_answers": False}
    with refused("Somebody else"):
        act("founder", "set_team_flag", team, "model_answers", True, None, "stale")
    act("founder", "set_team_flag", team, "model_answers", None, False, "back to the default")
    assert sql.rows("select feature_flags from public.teams where id = %s", team) == [({},)]
    log = sql.rows("select actor, reason from public.audit_log where table_name = 'teams'")
    assert ("founder@example.test", "they asked for it") in log


def test_what_a_founder_lets_out_for_a_team_takes_the_place_of_what_members_chose(
    act: Act, sql: Any
) -> None:
    ada, jonas = sql.sign_in("1"), sql.sign_in("2")
    [(team,)] = sql.rows("insert into public.teams (name) values ('A') returning id")
    sql.rows("update public.users set team_id = %s returning 1", team)
    sql.call("set_model_sharing", ada, "nothing")
    with refused("Somebody changed meanwhile"):
        act("founder", "set_team_sharing", team, "texts", "texts_and_pictures", "as agreed")
    act("founder", "set_team_sharing", team, "texts", "nothing", "as agreed")
    for person in (ada, jonas):
        shown = sql.call("show_model_sharing", person)
        assert (shown["level"], shown["set_by"], shown["widest"]) == ("texts", "support", "texts")
    # Less, and back again to what the founder let out, but no further.
    sql.call("set_model_sharing", jonas, "nothing")
    for person in (ada, jonas):
        with refused("Somebody else in your team"):
            sql.call("set_model_sharing", person, "texts_and_pictures")
    assert sql.call("set_model_sharing", jonas, "texts")["set_by"] == "support"
    act("founder", "set_team_sharing", team, "texts_and_pictures", "texts", "they asked for it")
    assert sql.call("set_model_sharing", ada, "texts")["may_widen"]


def test_an_unknown_flag_or_team_is_refused(act: Act) -> None:
    for team, code in ((FOUNDER, "model_answers"), (FOUNDER, "telepathy")):
        with pytest.raises(psycopg.Error) as caught:
            act("founder", "set_team_flag", team, code, True, None, "as agreed")
        assert caught.value.sqlstate == "PT404"


def test_a_team_without_invitations_ignores_guests_where_the_rule_says_invite(
    act: Act, sql: Any
) -> None:
    ada = sql.sign_in("1")
    [(team,)] = sql.rows("insert into public.teams (name) values ('A') returning id")
    sql.rows("update public.users set team_id = %s where id = %s returning 1", team, ada)
    webhook, paying = sql.switch_on(ada), sql.switch_on(ada, "PAID", "owner_pays")
    act("founder", "set_team_flag", team, "guest_invitations", False, None, "internal files")
    ignored = sql.begin(sql.ask(webhook, "c1", author_figma_id="2")["answer_id"])
    assert (ignored["decision"], ignored["reason"]) == ("ignore", "guest_ignored")
    paid = sql.ask(paying, "c2", author_figma_id="2", file_key="PAID")
    assert sql.begin(paid["answer_id"])["decision"] == "answer"
    act("founder", "set_team_flag", team, "guest_invitations", None, False, "again")
    assert (
        sql.begin(sql.ask(webhook, "c3", author_figma_id="2")["answer_id"])["decision"] == "invite"
    )


def test_a_worker_tells_what_its_environment_says_and_founders_read_it(
    act: Act, sql: Any, database: Database
) -> None:
    sql.call("announce_service", "x" * 44, {"job_attempts": 6})
    sql.call("announce_service", "y" * 44, {"job_attempts": 7})
    told = sql.rows("select sealing_key, defaults from public.service_profile")
    assert told == [("y" * 44, {"job_attempts": 7})]

"""Where components are pushed to: one setting a team, its token sealed, and nobody else's."""

import psycopg
import pytest

from tests.sql.conftest import Sql, refused

PLACE = ("harbour/design-system", "main", "src/ui")


@pytest.fixture
def ada(sql: Sql) -> str:
    return sql.sign_in("1")


@pytest.fixture
def ben(sql: Sql) -> str:
    return sql.sign_in("2")


def join(sql: Sql, *people: str) -> str:
    team = sql.rows("insert into public.teams (name) values ('Harbour') returning id::text")[0][0]
    for each in people:
        sql.connection.execute("update public.users set team_id = %s where id = %s", (team, each))
    return team


def test_a_person_without_a_team_has_one_of_their_own(sql: Sql, ada: str, ben: str) -> None:
    shown = sql.call("set_target", ada, *PLACE, "gAAAAsealed", None)
    assert sql.call("show_target", ada) == shown
    assert (shown["repository"], shown["base_branch"], shown["folder"]) == PLACE
    assert (shown["is_team"], shown["set_by_handle"]) == (False, "Person 1")
    assert "gAAAAsealed" not in str(shown)
    assert sql.call("show_target", ben) is None and sql.call("read_target", ben) is None
    assert sql.call("remove_target", ben) is False
    assert sql.call("show_target", ada) == shown


def test_a_team_has_one_that_each_member_may_set(sql: Sql, ada: str, ben: str) -> None:
    join(sql, ada, ben)
    sql.call("set_target", ada, *PLACE, "gAAAAfirst", None)
    assert sql.call("show_target", ben)["set_by_handle"] == "Person 1"
    sql.call("set_target", ben, "harbour/other", "trunk", "", None, 4711)
    found = sql.call("read_target", ada)
    assert (found["repository"], found["installation_id"]) == ("harbour/other", 4711)
    assert found["token_encrypted"] is None
    assert sql.rows("select count(*) from public.pipeline_targets") == [(1,)]
    assert sql.call("remove_target", ada) is True
    assert sql.call("show_target", ben) is None


def test_another_teams_setting_is_out_of_reach(sql: Sql, ada: str, ben: str) -> None:
    join(sql, ada)
    join(sql, ben)
    sql.call("set_target", ada, *PLACE, "gAAAAsealed", None)
    for function in ("show_target", "read_target"):
        assert sql.call(function, ben) is None
    assert sql.call("remove_target", ben) is False
    sql.call("set_target", ben, "ben/own", "main", "", "gAAAAben", None)
    assert sql.call("read_target", ada)["token_encrypted"] == "gAAAAsealed"


def test_what_was_personal_is_not_the_teams(sql: Sql, ada: str, ben: str) -> None:
    sql.call("set_target", ada, *PLACE, "gAAAAsealed", None)
    join(sql, ada, ben)
    assert sql.call("show_target", ada) is None
    assert sql.call("show_target", ben) is None
    assert sql.call("remove_target", ada) is True
    assert sql.rows("select count(*) from public.pipeline_targets") == [(0,)]


def test_the_token_of_who_left_the_team_is_no_longer_used(sql: Sql, ada: str, ben: str) -> None:
    join(sql, ada, ben)
    sql.call("set_target", ada, *PLACE, "gAAAAsealed", None)
    assert sql.call("read_target", ben)["is_setter_gone"] is False
    sql.connection.execute("update public.users set team_id = null where id = %s", (ada,))
    assert sql.call("read_target", ben)["is_setter_gone"] is True
    assert sql.call("show_target", ben)["is_setter_gone"] is True
    sql.call("set_target", ben, *PLACE, None, 4711)
    assert sql.call("read_target", ben)["is_setter_gone"] is False


def test_a_deleted_account_takes_its_tokens_along(sql: Sql, ada: str, ben: str) -> None:
    join(sql, ada, ben)
    sql.call("set_target", ada, *PLACE, "gAAAAsealed", None)
    sql.call("delete_account", ada, "hash")
    assert sql.call("show_target", ben) is None
    assert "gAAAAsealed" not in str(sql.rows("select t::text from public.pipeline_targets as t"))
    with refused("no such person"):
        sql.call("set_target", ada, *PLACE, "gAAAAsealed", None)


def test_what_a_team_set_up_with_the_app_outlives_who_did_it(sql: Sql, ada: str, ben: str) -> None:
    join(sql, ada, ben)
    sql.call("set_target", ada, *PLACE, None, 4711)
    sql.call("delete_account", ada, "hash")
    found = sql.call("show_target", ben)
    assert (found["is_setter_gone"], found["set_by_handle"]) == (False, "Deleted user")


def test_each_setting_is_audited_without_its_token_and_a_rotation_is_none(
    sql: Sql, ada: str
) -> None:
    # One's own is personal, and the log is for ever: it has no name of it.
    sql.call("set_target", ada, *PLACE, "gAAAAown", None)
    assert "harbour" not in str(sql.rows("select after from public.audit_log"))
    owner = sql.rows(
        "with made as (insert into public.teams (name) values ('T') returning id)"
        " update public.users set team_id = made.id from made where users.id = %s"
        " returning team_id::text",
        ada,
    )[0][0]
    sql.call("set_target", ada, *PLACE, "gAAAAfirst", None)
    sql.call("set_target", ada, "harbour/other", "main", "", "gAAAAsecond", None)
    assert sql.call("save_reencrypted_target", owner, "gAAAAfirst", "gAAAAx") is False
    assert sql.call("save_reencrypted_target", owner, "gAAAAsecond", "gAAAAthird") is True
    sql.call("remove_target", ada)
    rows = sql.rows(
        "select operation, coalesce(after, before) ->> 'repository', person_id::text, "
        " before::text || after::text from public.audit_log where table_name = 'pipeline_targets'"
        " and coalesce(after, before) ->> 'owner_id' = %s order by id",
        owner,
    )
    assert [row[:3] for row in rows] == [
        ("INSERT", "harbour/design-system", ada),
        ("UPDATE", "harbour/other", ada),
        ("DELETE", "harbour/other", ada),
    ]
    assert "gAAAA" not in str(rows) and "token_encrypted" not in str(rows)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("repository", "a/b/c"),
        ("repository", "https://github.com/a/b"),
        ("repository", "a/b\n"),
        ("base_branch", ""),
        ("folder", "x" * 201),
    ],
)
def test_no_odd_place_is_stored(sql: Sql, ada: str, column: str, value: str) -> None:
    names = ("repository", "base_branch", "folder")
    place = dict(zip(names, PLACE, strict=True)) | {column: value}
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.call("set_target", ada, *place.values(), "gAAAAsealed", None)


@pytest.mark.parametrize(("token", "installation"), [(None, None), ("gAAAA", 1)])
def test_there_is_one_way_to_sign_in(sql: Sql, ada: str, token: str, installation: int) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.call("set_target", ada, *PLACE, token, installation)


def test_tokens_are_walked_in_batches(sql: Sql) -> None:
    people = [sql.sign_in(str(number)) for number in range(5)]
    for each in people[:4]:
        sql.call("set_target", each, *PLACE, f"gAAAA{each}", None)
    sql.call("set_target", people[4], *PLACE, None, 1)
    seen, after = [], None
    while batch := sql.call("target_batch", after, 3):
        seen += batch
        after = batch[-1]["owner_id"]
    assert {each["owner_id"] for each in seen} == set(people[:4]) and len(seen) == 4
    assert sql.call("give_up_target", people[0], "gAAAAother") is False
    assert sql.call("give_up_target", people[0], f"gAAAA{people[0]}") is True

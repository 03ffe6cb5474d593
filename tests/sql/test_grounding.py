"""What became of the numbers of models' answers: kept with each, and counted as a figure."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.sql.conftest import Sql, refused

STATES = ("grounded", "grounded", "repaired", "fell_back", "no_numbers", None)
COURSE = "select * from public.grounding(%s, %s, %s, %s)"


@pytest.fixture
def webhook(sql: Sql) -> str:
    return sql.switch_on(sql.sign_in("1"))


def answer_all(sql: Sql, webhook: str, states: tuple[str | None, ...] = STATES) -> None:
    for number, state in enumerate(states):
        answer = sql.ask(webhook, f"c{number}")["answer_id"]
        sql.begin(answer)
        sql.settle(answer, f"r{number}", provider="openai", model="m", grounding=state)


def course(sql: Sql, plans: list[str] | None = None, team: str | None = None) -> list[tuple]:
    """The figure of the last three hours as one step, without its moment."""
    end = datetime.now(UTC) + timedelta(hours=1)
    start = end.replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    return [row[1:] for row in sql.rows(COURSE, [start], end, plans, team)]


def test_each_answer_keeps_what_became_of_its_numbers(sql: Sql, webhook: str) -> None:
    answer_all(sql, webhook)
    kept = sql.rows("select grounding from public.answers order by comment_id")
    assert [state for (state,) in kept] == list(STATES)


def test_answers_of_a_model_are_counted_by_what_became_of_their_numbers(
    sql: Sql, webhook: str
) -> None:
    answer_all(sql, webhook)
    assert course(sql) == [(2, 1, 1, 1)]
    assert course(sql, ["trial"]) == [(2, 1, 1, 1)]
    assert course(sql, ["pro"]) == []
    sql.rows("select private.rebuild_grounding()")
    assert course(sql) == [(2, 1, 1, 1)]


def test_an_answer_that_is_settled_again_is_counted_once(sql: Sql, webhook: str) -> None:
    answer = sql.ask(webhook, "c")["answer_id"]
    sql.begin(answer)
    for _ in range(2):
        sql.settle(answer, "r", provider="openai", model="m", grounding="grounded")
    assert course(sql) == [(1, 0, 0, 0)]


def test_a_team_is_counted_apart_and_with_everybody(sql: Sql, webhook: str) -> None:
    answer_all(sql, webhook, ("grounded",))
    (team,) = sql.rows("insert into public.teams (name) values ('Ink') returning id")[0]
    sql.rows("update public.users set team_id = %s returning 1", team)
    other = sql.ask(webhook, "of the team")["answer_id"]
    sql.begin(other)
    sql.settle(other, "r9", provider="openai", model="m", grounding="repaired")
    assert course(sql) == [(1, 1, 0, 0)]
    assert course(sql, team=team) == [(0, 1, 0, 0)]


def test_steps_follow_one_another_and_those_without_an_answer_are_left_out(
    sql: Sql, webhook: str
) -> None:
    answer_all(sql, webhook, ("grounded", "no_numbers"))
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    starts = [now - timedelta(hours=each) for each in (3, 2, 1, 0)]
    sql.rows("update public.grounding_hourly set hour = hour - interval '2 hours'"
             " where grounding = 'no_numbers' returning 1")  # fmt: skip
    found = sql.rows(COURSE, starts, now + timedelta(hours=1), None, None)
    # The run may have passed a full hour since the answers were settled.
    assert [row[1:] for row in found] == [(0, 0, 0, 1), (1, 0, 0, 0)]
    assert found[1][0] - found[0][0] == timedelta(hours=2)


def test_a_process_of_the_version_before_says_nothing_and_settles(sql: Sql, webhook: str) -> None:
    answer = sql.ask(webhook, "c")["answer_id"]
    sql.begin(answer)
    assert sql.settle(answer, "r", provider="openai", model="m")["state"] == "answered"
    assert course(sql) == []


def test_no_other_state_is_kept(sql: Sql, webhook: str) -> None:
    answer = sql.ask(webhook, "c")["answer_id"]
    sql.begin(answer)
    with refused("", psycopg.errors.CheckViolation):
        sql.settle(answer, "r", provider="openai", model="m", grounding="guessed")

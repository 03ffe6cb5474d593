"""How many answers one author gets for the comments of a minute, commands included."""

from collections.abc import Callable

import pytest

from tests.sql.conftest import Sql

LIMIT = 3
Decide = Callable[..., tuple[str, str]]


@pytest.fixture
def webhook(sql: Sql) -> str:
    return sql.switch_on(sql.sign_in("1"))


@pytest.fixture
def decide(sql: Sql, webhook: str) -> Decide:
    """The decision on one more comment, and the reason for it."""
    count = iter(range(100))

    def once(command: str | None = None, author: str = "1", age: str = "0 s") -> tuple[str, str]:
        asked = sql.ask(webhook, f"c{next(count)}", command=command, author_figma_id=author)
        moved = "update public.answers set received_at = received_at - %s::interval where id = %s"
        sql.rows(f"{moved} returning 1", age, asked["answer_id"])
        begun = sql.begin(asked["answer_id"], LIMIT, 3, 300, 12)
        return begun["decision"], begun["reason"]

    return once


@pytest.mark.parametrize("author", ["1", "guest"])
def test_commands_beyond_the_limit_get_no_reply(decide, author):
    decisions = [decide("help", author) for _ in range(LIMIT + 2)]
    assert decisions == [("command", "")] * LIMIT + [("ignore", "too_fast")] * 2
    assert decide("help", author, age="61 s") == ("command", "")


def test_every_question_beyond_the_limit_is_refused_and_told_so(sql, decide):
    decisions = [decide() for _ in range(LIMIT + 3)]
    assert decisions == [("answer", "")] * LIMIT + [("refuse", "too_fast")] * 3
    assert decide("usage") == ("ignore", "too_fast")
    assert sql.rows("select sum(reserved) from public.use_balances") == [(LIMIT,)]


def test_whoever_has_no_use_left_is_told_each_time(sql, decide):
    decide()
    sql.rows("update public.use_balances set used = 10 returning 1")
    assert [decide() for _ in range(LIMIT + 3)] == [("refuse", "trial_used_up")] * (LIMIT + 3)


def test_commands_count_for_questions(decide):
    for _ in range(LIMIT):
        decide("usage")
    assert decide() == ("refuse", "too_fast")


def test_one_author_takes_nothing_from_another(sql, decide):
    sql.sign_in("2")
    for _ in range(LIMIT + 2):
        decide("help")
    assert decide("help", author="2") == ("command", "")
    assert decide(author="2") == ("answer", "")


@pytest.mark.parametrize(("command", "mutes"), [("stop", 1), ("resume", 0)])
def test_stop_and_resume_take_effect_beyond_the_limit(sql, webhook, decide, command, mutes):
    for _ in range(LIMIT):
        decide("help")
    if command == "resume":
        sql.rows("insert into public.thread_mutes values ('FILE', 'root', '1') returning 1")
    asked = sql.ask(webhook, "last", root_comment_id="root", command=command)
    begun = sql.begin(asked["answer_id"], LIMIT, 3, 300, 12)
    assert (begun["state"], begun["reason"]) == ("ignored", "too_fast")
    assert sql.rows("select count(*) from public.thread_mutes") == [(mutes,)]


def test_who_asked_at_leisure_while_no_worker_ran_is_answered(decide):
    ages = [f"{seconds} s" for seconds in range(600, 400, -25)]
    assert [decide(age=each) for each in ages] == [("answer", "")] * 8


def test_the_comments_of_an_author_are_found_among_those_of_many(sql, webhook, decide):
    read = (
        "select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::integer"
        " from pg_stat_xact_user_tables where relname = 'answers'"
    )
    # Undone with its statistics, which would mislead the plans of other tests.
    with sql.connection.transaction(force_rollback=True):
        sql.rows(
            "insert into public.answers (file_key, comment_id, root_comment_id, author_figma_id,"
            " received_at, decision, state) select 'F', n::text, n::text, 'other' || n %% 100,"
            " now(), 'answer', 'answered' from generate_series(1, 5000) as n returning 1"
        )
        sql.analyze("public.answers")
        before = sql.rows(read)[0][0]
        assert sql.rows(
            "select private.recent_replies(answers, 10) from public.answers"
            " where file_key = 'F' and comment_id = '7'"
        ) == [(10,)]
        assert sql.rows(read)[0][0] - before < 100

"""When two who answer each other are stopped, told by the times of their comments alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.sql.conftest import Sql

BEGINNING = datetime(2026, 11, 22, 10, tzinfo=UTC)
STOPPED = ["answer"] * 3 + ["loop_breaker"]
Say = Callable[[float, float | None], str]


@pytest.fixture
def say(sql: Sql) -> Say:
    """A comment in one thread, and our reply to it (None: not yet), in seconds from the beginning;
    what was decided."""
    webhook = sql.switch_on(sql.sign_in("1"))
    count = iter(range(1, 100))

    def once(asked: float, replied: float | None) -> str:
        number = next(count)
        at = (BEGINNING + timedelta(seconds=asked)).isoformat()
        answer = sql.ask(webhook, f"c{number}", root_comment_id="root", asked_at=at)["answer_id"]
        begun = sql.begin(answer, 1000, 3, 300, 12)
        if begun["decision"] == "answer" and replied is not None:
            at = (BEGINNING + timedelta(seconds=replied)).isoformat()
            sql.settle(answer, f"r{number}", at)
        return begun["reason"] or begun["decision"]

    return once


def converse(say: Say, ours: float, theirs: float) -> list[str]:
    """At most six comments, each so long after our reply to the one before, which took us so long;
    what was decided of them."""
    decisions, at = [], 0.0
    while len(decisions) < 6 and "loop_breaker" not in decisions:
        decisions.append(say(at, at + ours))
        at += ours + theirs
    return decisions


@pytest.mark.parametrize("ours", [0, 5, 61, 599])
@pytest.mark.parametrize("theirs", [1, 5, 61, 99])
def test_two_bots_are_stopped_however_long_the_buddy_takes(say, ours, theirs):
    assert converse(say, ours, theirs) == STOPPED


@pytest.mark.parametrize("ours", [0, 5, 61])
def test_a_person_who_takes_some_time_is_not_stopped_however_long_the_buddy_takes(say, ours):
    assert converse(say, ours, 100) == ["answer"] * 6


@pytest.mark.parametrize(("seconds", "decided"), [(299, "loop_breaker"), (300, "answer")])
def test_people_who_all_asked_at_once_can_ask_again_after_the_window(say, seconds, decided):
    for number in range(3):
        assert say(0, 61 * (number + 1)) == "answer"
    assert say(183 + seconds, None) == decided


def test_the_days_that_a_reply_was_put_off_are_not_left_out(say):
    day = 86_400
    assert say(0, 5) == "answer"
    assert say(60, 65) == "answer"
    assert say(62, day) == "answer"
    assert say(day + 30, None) == "answer"


def test_a_pause_ends_by_itself_at_most_a_window_after_the_last_reply(say):
    assert converse(say, 61, 61) == STOPPED
    last_reply = 2 * 122 + 61
    assert say(last_reply + 177, None) == "loop_breaker"
    assert say(last_reply + 178, None) == "answer"

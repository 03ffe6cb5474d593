"""Live: answers and the queue as they are at this moment."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access import auth
from dashboard.data import latest_answers, operators
from dashboard.parts import queue_tiles
from dashboard.parts.answer_table import reason_of
from tests.dashboard.stage import (
    Buddy,
    metrics,
    open_page,
    open_rows,
    refill_caches,
    sign_in,
    words,
)

QUEUE = latest_answers.QueueStatus(
    queued=0,
    working=0,
    deferred=0,
    dead_letters=0,
    oldest_seconds=14.2,
    workers=1,
    figma_limits=0,
    builds_waiting=0,
    builds_working=0,
    builds_oldest_seconds=0.0,
    builders=1,
)


@pytest.fixture
def page(router: AppTest, buddy: Buddy) -> Callable[[str], AppTest]:
    """Opens Live in a role."""

    def open_as(role: str) -> AppTest:
        sign_in(router, buddy.make_operator(role))
        return open_page(router, "live")

    return open_as


def test_answers_and_queue_are_shown_as_they_are(router: AppTest, buddy: Buddy, page) -> None:
    for _ in range(3):
        buddy.answer()
    buddy.answer(cost_microusd=None)
    buddy.fail()
    buddy.ask()
    page("support")
    assert not router.exception
    shown = metrics(router)
    assert (shown["Waiting"], shown["Dead letters"], shown["Live workers"]) == ("1", "1", "0")
    assert (shown["Builds waiting"], shown["Builds in work"], shown["Live builders"]) == ("0",) * 3
    assert any(each.value.startswith("oldest ") for each in router.caption)
    table = router.dataframe[0].value
    assert list(table["State"]) == ["◌ Waiting", "✕ Failed", *["✓ Answered"] * 4]
    assert table["Why"][1] == "Figma is down."
    assert list(table["Price"][2:]) == ["unpriced", "priced", "priced", "priced"]
    assert "secret" not in words(router) + table.to_csv()


def test_a_question_beside_a_command_names_its_model(router: AppTest, buddy: Buddy, page) -> None:
    buddy.answer()
    command = buddy.ask()
    buddy.rows(f"update public.answers set command = 'help' where id = '{command}' returning 1")
    page("support")
    assert not router.exception
    assert list(router.dataframe[0].value["Model"]) == ["command: help", "gpt-5-mini"]


@pytest.mark.parametrize("role", ["founder", "support"])
def test_alerts_that_are_open_or_were_a_day_ago_are_told_to_founders(
    router: AppTest, buddy: Buddy, page, role: str
) -> None:
    buddy.rows(
        "insert into public.alerts (kind, subject, title, parameters, at, ended_at)"
        " select 'dead_letter', reason, '', jsonb_build_object('comments', 1, 'reason', reason,"
        " 'failure_message', 'Words.'), now() - interval '3 days', ended from (values"
        " ('open', null), ('over', now() - interval '2 hours'), ('old', now() - interval '2 days'))"
        " as told (reason, ended) returning 1"
    )
    # A message to try a channel is not open: it asks for nothing.
    buddy.rows(
        "insert into public.alerts (kind, subject, title, parameters)"
        " values ('test', 'channel', '', '{}') returning 1"
    )
    page(role)
    assert not router.exception
    heads = [each.value for each in router.subheader]
    if role == "support":
        assert heads == []
        return
    assert heads == ["Alerts: 1 open, 1 told, 1 over within a day"]
    table = router.dataframe[0].value.sort_values("State")
    assert list(table["State"]) == ["• Told", "▲ Open", "✓ Recovered"]
    entry = "docs/runbook.md, entry dead_letter"
    assert list(table["What to do"]) == ["", entry, entry]


@pytest.mark.parametrize(("role", "is_told"), [("founder", True), ("support", False)])
def test_what_each_answer_cost_is_told_to_founders_alone(
    router: AppTest, buddy: Buddy, page, role: str, is_told: bool
) -> None:
    buddy.answer(cost_microusd=1200)
    buddy.fail()
    page(role)
    assert not router.exception
    assert ("Cost" in router.dataframe[0].value) == is_told
    open_rows(router, "dead_letters")
    assert ("cost_microusd" in router.dataframe[0].value) == is_told


def test_a_tile_of_the_queue_opens_the_answers_it_counts(
    router: AppTest, buddy: Buddy, page
) -> None:
    buddy.answer()
    buddy.ask()
    buddy.ask()
    buddy.fail()
    page("support")
    for tile, reasons in (("queued", ["", ""]), ("dead_letters", ["Figma was down"])):
        open_rows(router, tile)
        assert not router.exception
        rows = router.dataframe[0].value
        assert list(rows["reason"]) == reasons
        assert rows[tile].sum() == len(reasons)
        assert "secret" not in rows.to_csv()
        router.session_state[f"rows_{tile}"] = False


def test_a_dead_letter_of_long_ago_waits_since_its_replay(
    router: AppTest, buddy: Buddy, page
) -> None:
    answer_id = buddy.fail()
    buddy.rows("update public.answers set received_at = received_at - interval '20 days',"
               " queued_at = queued_at - interval '20 days' returning 1")  # fmt: skip
    buddy.call("replay_answer", answer_id)
    page("support")
    notes = [str(each.proto) for each in router.metric if each.label == "Waiting"]
    assert "oldest" in notes[0]
    assert "20 d" not in notes[0]


def test_a_new_answer_appears_with_the_next_refresh(router: AppTest, buddy: Buddy, page) -> None:
    buddy.answer()
    page("founder")
    assert len(router.dataframe[0].value) == 1
    buddy.answer()
    refill_caches()
    router.run()
    assert len(router.dataframe[0].value) == 2


def test_answers_can_be_narrowed_to_a_state(router: AppTest, buddy: Buddy, page) -> None:
    buddy.answer()
    buddy.fail()
    page("support")
    router.pills(key="state").set_value(["Failed"]).run()
    assert list(router.dataframe[0].value["State"]) == ["✕ Failed"]
    router.pills(key="state").set_value(["Refused"]).run()
    assert "in the picked states" in words(router)
    router.pills(key="state").set_value(["Refused", "Failed", "Answered"]).run()
    assert list(router.dataframe[0].value["State"]) == ["✕ Failed", "✓ Answered"]


def test_nothing_yet_says_what_to_do_first(router: AppTest, buddy: Buddy, page) -> None:
    page("support")
    assert not router.exception
    assert "@buddy" in router.info[0].value
    assert not router.dataframe


def test_a_role_that_is_lowered_shows_nothing_that_was_read_before(
    router: AppTest, buddy: Buddy
) -> None:
    buddy.answer()
    email = buddy.make_operator("founder")
    sign_in(router, email)
    open_page(router, "live")
    assert len(router.dataframe[0].value) == 1
    ((user_id,),) = buddy.rows(f"select user_id from public.operators where email = '{email}'")
    buddy.call("set_operator", user_id, email, "finance")
    operators.read_operator.clear()
    router.run()
    assert not router.exception
    assert "Live is for the role founder and the role support." in words(router)
    assert not router.dataframe and not router.metric


def test_only_the_live_part_runs_again() -> None:
    page = Path(latest_answers.__file__).parents[1] / "live" / "page.py"
    assert '@st.fragment(run_every="3s")' in page.read_text()


@pytest.mark.parametrize(
    ("queued", "working", "waiting", "in_work"),
    [(0, 0, "nobody waits", "none just now"), (0, 1, "nobody waits", "oldest 14 s"),
     (2, 0, "oldest 14 s", "none just now"), (2, 1, "oldest open one 14 s", "being answered")],
)  # fmt: skip
def test_the_age_stands_where_the_oldest_one_can_be(
    monkeypatch: pytest.MonkeyPatch, queued: int, working: int, waiting: str, in_work: str
) -> None:
    drawn: list[queue_tiles.Tile] = []
    monkeypatch.setattr(
        queue_tiles.tiles, "draw", lambda _view, tiles, columns: drawn.extend(tiles)
    )
    now = replace(QUEUE, queued=queued, working=working)
    queue_tiles.draw(auth.Operator("u", "a@example.com", "support", None), now)  # type: ignore[arg-type]
    assert [figure.note for _, figure, _ in drawn][:2] == [waiting, in_work]


def test_that_none_runs_is_a_problem_while_something_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[queue_tiles.Tile] = []
    monkeypatch.setattr(
        queue_tiles.tiles, "draw", lambda _view, tiles, columns: drawn.extend(tiles)
    )
    operator = auth.Operator("u", "a@example.com", "support", None)  # type: ignore[arg-type]

    def notes(**counts: int) -> list[str]:
        drawn.clear()
        queue_tiles.draw(operator, replace(QUEUE, **counts))  # type: ignore[arg-type]
        alive = (queue_tiles.WORKERS, queue_tiles.BUILDERS)
        return [figure.note for metric, figure, _ in drawn if metric in alive]

    usual = "within 30 s"
    assert notes(workers=0, builders=0) == [usual, usual]
    assert notes(queued=4, builds_waiting=1) == [usual, usual]
    none_runs = ":material/warning: **None is running, and "
    assert notes(queued=4, workers=0) == [f"{none_runs}4 wait**", usual]
    assert notes(builds_waiting=1, builders=0) == [usual, f"{none_runs}1 waits**"]


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        ("", "", ""),
        ("thread_muted", "", "The thread is muted"),
        ("rate_limited", "", "Too many analyses within 15 minutes"),
        ("", "rate_limited", "Figma's quota is used up for now"),
        ("", "awaiting_owner", "The webhook's owner looks at it first"),
        ("", "no_account", "Nobody's connection to Figma is good"),
        ("figma_timeout", "Figma did not answer.", "Figma did not answer."),
    ],
)
def test_why_is_told_in_words_and_never_as_a_code(code: str, message: str, told: str) -> None:
    assert reason_of(code, message) == told

"""A dry run foretells what its replay is then decided to, whatever people did before."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from psycopg.types.json import Jsonb

from local.stack import Database
from service.config import Settings

LIMITS = {
    "answers_per_minute": 3,
    "loop_breaker_replies": 2,
    "loop_breaker_window_seconds": 300,
    "author_replies_per_day": 6,
    "unbilled_microusd_per_day": 1000,
}
NUMBERS = count(1)
STATES = some.fixed_dictionaries(
    {
        "author": some.sampled_from(["active", "suspended", "deleted", "guest", "owner"]),
        "owner": some.sampled_from(["active", "suspended", "deleted"]),
        "guest_rule": some.sampled_from(["invite", "owner_pays", "ignore"]),
        "command": some.sampled_from([None, None, None, "help", "usage", "stop", "resume", "bad"]),
        "is_muted": some.sampled_from([False, False, False, True]),
        "invited_for": some.sampled_from([None, "this", "other"]),
        "used": some.integers(8, 12),
        "granted": some.sampled_from([0, 0, 1, 3]),
        "replies_in_thread": some.integers(0, 3),
        "seconds_between": some.sampled_from([20, 400]),
        "others_that_minute": some.integers(0, 4),
        "others_that_day": some.integers(0, 7),
        "is_silenced": some.booleans(),
        "unbilled": some.sampled_from([0, 0, 999, 1000]),
        "unbilled_scope": some.sampled_from(["author", "webhook", "file"]),
    }
)


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        yield connection


def make_dead_letter(owner: psycopg.Connection, sql: Any, state: dict[str, Any]) -> str:
    """A question that ended without a reply, and all that was there before it."""
    n = next(NUMBERS)
    file, thread = f"FILE{n}", f"root{n}"
    asked_at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    people = {"owner": sql.sign_in(f"o{n}")}
    figma_id = {"guest": f"g{n}", "owner": f"o{n}"}.get(state["author"], f"a{n}")
    if figma_id.startswith("a"):
        people["author"] = sql.sign_in(figma_id)
    webhook = sql.switch_on(people["owner"], file, state["guest_rule"])
    answer = sql.ask(
        webhook,
        f"c{n}",
        author_figma_id=figma_id,
        file_key=file,
        root_comment_id=thread,
        command=state["command"],
        asked_at=asked_at.isoformat(),
    )["answer_id"]
    owner.execute(
        "update public.answers set state = 'failed', decision = 'answer', author_figma_id = %s,"
        " command = %s, confirmed_at = %s, received_at = %s, asked_at = %s where id = %s",
        (figma_id, state["command"], *[asked_at] * 3, answer),
    )
    for who, user_id in people.items():
        owner.execute(
            "update public.users set state = %s where id = %s",
            (state["owner" if who == "owner" else "author"], user_id),
        )
        owner.execute(
            "insert into public.use_balances values (%s, 'trial', '-infinity', %s)",
            (user_id, state["used"]),
        )
        if state["granted"]:
            owner.execute(
                "insert into public.use_grants (user_id, plan_code, period_start, uses, reason,"
                " granted_by) values (%s, 'trial', '-infinity', %s, 'a test', 'a test')",
                (user_id, state["granted"]),
            )
    if state["is_muted"]:
        owner.execute("insert into public.thread_mutes values (%s, %s, 'x')", (file, thread))
    if state["invited_for"]:
        first = answer if state["invited_for"] == "this" else people["owner"]
        owner.execute(
            "insert into public.guest_invites values (%s, %s, %s)", (file, figma_id, first)
        )
    if state["is_silenced"]:
        owner.execute(
            "insert into public.author_limits values (%s, %s, %s)",
            (file, figma_id, people["owner"]),
        )
    keys = {"author": figma_id, "webhook": webhook, "file": file}
    owner.execute(
        "insert into public.unbilled_spending (day, scope, scope_key, cost_microusd)"
        " values ((now() at time zone 'UTC')::date, %s, %s, %s)",
        (state["unbilled_scope"], keys[state["unbilled_scope"]], state["unbilled"]),
    )
    add_others(owner, state, file, thread, figma_id, webhook, asked_at)
    return answer


def add_others(
    owner: psycopg.Connection, state: dict[str, Any], file: str, thread: str, figma_id: str,
    webhook: str, asked_at: datetime,
) -> None:  # fmt: skip
    others: list[tuple[str, str, datetime, datetime | None]] = []
    for back in range(state["replies_in_thread"]):
        at = asked_at - timedelta(seconds=1 + back * state["seconds_between"])
        others.append((thread, f"someone{file}", at - timedelta(seconds=1), at))
    for back in range(state["others_that_minute"]):
        others.append((f"{thread}m", figma_id, asked_at - timedelta(seconds=1 + back), None))
    for back in range(state["others_that_day"]):
        others.append((f"{thread}d", figma_id, asked_at - timedelta(hours=1 + back), None))
    for number, (root, author, at, replied_at) in enumerate(others):
        owner.execute(
            "insert into public.answers (webhook_id, file_key, comment_id, root_comment_id,"
            " author_figma_id, author_handle, question, received_at, asked_at, decision, state,"
            " reply_created_at)"
            " values (%s, %s, %s, %s, %s, '', '', %s, %s, 'answer', 'failed', %s)",
            (webhook, file, f"{thread}-{number}", root, author, at, at, replied_at),
        )


@given(STATES)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_replay_is_decided_as_its_dry_run_foretold(
    sql: Any, owner: psycopg.Connection, state: dict[str, Any]
) -> None:
    for code, value in LIMITS.items():
        owner.execute(
            "insert into public.product_settings (code, value) values (%s, %s)"
            " on conflict (code) do nothing",
            (code, Jsonb(value)),
        )
    answer = make_dead_letter(owner, sql, state)
    before = written(owner)
    [(told,)] = owner.execute(
        "select private.expect_decision(a) from public.answers as a where id = %s", (answer,)
    ).fetchall()
    assert written(owner) == before
    sql.call("replay_answer", answer)
    begun = sql.rows(
        "select public.begin_answer(%s, %s, %s, %s, 60, null, %s, %s)", answer, *LIMITS.values()
    )[0][0]
    assert (told["decision"], told["reason"]) == (begun["decision"], begun["reason"])
    [(handle,)] = owner.execute(
        "select (select handle from public.users where id = payer_id) from public.answers"
        " where id = %s", (answer,)
    ).fetchall()  # fmt: skip
    assert told.get("payer") == handle


def written(owner: psycopg.Connection) -> list[Any]:
    """All that a decision may write."""
    tables = ("use_balances", "use_receipts", "thread_mutes", "guest_invites", "author_limits")
    return [
        owner.execute(f"select each::text from public.{table} as each order by 1").fetchall()  # type: ignore[arg-type]
        for table in (*tables, "answers", "activity")
    ]


def test_limits_that_nobody_set_are_those_of_the_service(owner: psycopg.Connection) -> None:
    [(limits,)] = owner.execute("select private.decision_limits()").fetchall()
    assert limits == {name: Settings.model_fields[name].default for name in LIMITS}
    owner.execute(
        "insert into public.product_settings (code, value) values ('loop_breaker_replies', '7')"
    )
    owner.execute(
        "insert into public.product_settings (code, value) values ('answers_per_minute', null)"
    )
    [(changed,)] = owner.execute("select private.decision_limits()").fetchall()
    assert changed == limits | {"loop_breaker_replies": 7}


def test_a_build_says_what_its_run_takes(sql: Any, owner: psycopg.Connection) -> None:
    state = {
        "author": "active", "owner": "active", "guest_rule": "invite", "command": "build",
        "is_muted": False, "invited_for": None, "used": 9, "granted": 0, "replies_in_thread": 0,
        "seconds_between": 400, "others_that_minute": 0, "others_that_day": 0, "is_silenced": False,
        "unbilled": 0, "unbilled_scope": "author",
    }  # fmt: skip
    answer = make_dead_letter(owner, sql, state)
    [(ada,)] = owner.execute(
        "update public.answers set payer_id = (select id from public.users where figma_user_id ="
        " answers.author_figma_id) where id = %s returning payer_id::text",
        (answer,),
    ).fetchall()

    def plan() -> tuple[bool, bool, list[str]]:
        [(told,)] = owner.execute(
            "select private.planned_replay(a) from public.answers as a where id = %s", (answer,)
        ).fetchall()
        codes = [each["code"] for each in told["steps"] if each["step"] in ("Use", "Model")]
        return told["takes_use"], told["asks_model"], codes

    assert plan() == (True, True, ["build_reserves_a_use", "build_may_ask_models"])
    owner.execute("update public.use_balances set used = 10 where user_id = %s", (ada,))
    assert plan() == (False, False, ["build_has_no_use", "not_needed"])
    owner.execute("update public.use_balances set used = 9 where user_id = %s", (ada,))
    start = (ada, "comment", "FILE", "1:2", "", {}, "request", "", f"answer:{answer}")
    assert sql.call("start_pipeline", *start)["state"] == "read"
    assert plan() == (False, False, ["build_is_begun", "not_needed"])

"""A service's view of the database, and short ways to people, webhooks and comments in it."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from local.stack import Database
from service.sentences import sentence
from tests.conftest import clean

LIMITS = (10, 3, 300, 12)
# What Figma would confirm of each answer, whichever connection recorded its comment.
TOLD: dict[str, dict] = {}


# Their tests are run twice: the second time the three large tables have partitions.
IN_BOTH_SHAPES = {
    *("test_access", "test_answers", "test_billing", "test_deletion", "test_deliveries"),
    *("test_dry_runs", "test_erasure", "test_ledger", "test_retention", "test_settling"),
    "test_steps",
}
# Two who write to the ledger at once, past the functions that let one in at a time: with partitions
# a trigger does.
PLAIN_ALONE = {"test_late_facts_of_two_writers_do_not_wait_for_each_other_in_a_circle"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    is_listed = metafunc.module.__name__.rpartition(".")[2] in IN_BOTH_SHAPES
    is_listed = is_listed and metafunc.function.__name__ not in PLAIN_ALONE
    if is_listed and "database" in metafunc.fixturenames:
        metafunc.parametrize("database", ("plain", "partitioned"), indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Database:
    """As everywhere; in the files of IN_BOTH_SHAPES also with partitions."""
    is_plain = getattr(request, "param", "plain") == "plain"
    name = "shared_database" if is_plain else "partitioned_database"
    found: Database = request.getfixturevalue(name)
    clean(found)
    return found


class Sql:
    """Calls our SQL functions as service_role, over one connection of its own."""

    def __init__(self, url: str):
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute("set role service_role; set search_path = queue, public")

    def call(self, function: str, *arguments: Any) -> Any:
        values = [Jsonb(each) if isinstance(each, dict | list) else each for each in arguments]
        places = ", ".join(["%s"] * len(values))
        return self.rows(f"select public.{function}({places})", *values)[0][0]

    def rows(self, statement: str, *values: Any) -> list[tuple]:
        return self.connection.execute(statement, values).fetchall()

    def sign_in(self, figma_user_id: str) -> str:
        secrets = ("access", "refresh", "{file_comments:write}", "2099-01-01")
        session = (f"session-{figma_user_id}", "2099-01-01")
        person = (figma_user_id, f"hash-{figma_user_id}", f"Person {figma_user_id}")
        user = self.call("sign_in", *person, "person@example.test", None, *secrets, *session)
        return user["user_id"]

    def switch_on(self, user_id: str, file_key: str = "FILE", guest_rule: str = "invite") -> str:
        passcode = f"{user_id}-{file_key}"
        webhook = self.call(
            "start_webhook", user_id, "file", file_key, "", guest_rule, passcode, passcode
        )
        self.call("confirm_webhook", webhook["id"], f"figma-{webhook['id']}")
        return webhook["id"]

    def ask(self, webhook_id: str, comment_id: str, **fields: Any) -> dict:
        return self.ask_all(comment(webhook_id, comment_id, **fields))[0]

    def ask_all(self, *comments: dict) -> list[dict]:
        results = self.call("record_events", list(comments))
        for each, result in zip(comments, results, strict=True):
            if result.get("answer_id"):
                TOLD.setdefault(result["answer_id"], as_at_figma(each))
        return results

    def begin(
        self, answer_id: str, answers_per_minute: int = LIMITS[0], *limits: int, **more: Any
    ) -> dict:
        """Begin an answer whose comment stands at Figma as it was delivered."""
        numbers = (answers_per_minute, *(limits or LIMITS[1:]))
        comment = Jsonb(TOLD[answer_id]) if answer_id in TOLD else None
        named = "".join(f", p_{name} => {int(value)}" for name, value in more.items())
        call = f"select public.begin_answer(%s, %s, %s, %s, %s, %s{named})"
        return self.rows(call, answer_id, *numbers, comment)[0][0]

    def settle(
        self, answer_id: str, reply_id: str, at: str = "2026-11-22T10:00:02Z", **usage: Any
    ) -> dict:
        reply = {"comment_id": reply_id, "created_at": at}
        return self.call("settle_answer", answer_id, reply, usage)

    def analyze(self, table: str) -> None:
        """As the owner of the tables: for the service Postgres passes over it with a warning."""
        self.connection.execute(f"reset role; analyze {table}; set role service_role")

    def deadlocks(self) -> int:
        query = "select deadlocks from pg_stat_database where datname = current_database()"
        return self.rows(query)[0][0]


@contextmanager
def refused(
    words: str, error: type[psycopg.Error] = psycopg.Error
) -> Iterator[pytest.ExceptionInfo[psycopg.Error]]:
    """Expects a refusal that people read so: ``words`` is searched in its sentence."""
    with pytest.raises(error) as caught:
        yield caught
    diagnosis = caught.value.diag
    assert re.search(words, sentence(diagnosis.message_primary or "", diagnosis.message_detail))


def comment(webhook_id: str, comment_id: str, **fields: Any) -> dict:
    """One event as the receiver sends it to record_events."""
    return {
        "webhook_id": webhook_id,
        "event_type": "FILE_COMMENT",
        "event_key": comment_id,
        "payload": {},
        "file_key": "FILE",
        "file_name": "Checkout",
        "comment_id": comment_id,
        "root_comment_id": comment_id,
        "author_figma_id": "1",
        "author_handle": "Ada",
        "question": "is this contrast ok?",
        "asked_at": "2026-11-22T10:00:00Z",
        "is_addressed": True,
        "mention_ids": [],
        **fields,
    }


def as_at_figma(event: dict) -> dict:
    """What a worker finds at Figma when the delivery was true."""
    return {
        "author_figma_id": event["author_figma_id"],
        "author_handle": event["author_handle"],
        "root_comment_id": event["root_comment_id"],
        "question": event["question"],
        "command": event.get("command"),
        "created_at": event["asked_at"],
    }


@pytest.fixture
def new_comment() -> Callable[..., dict]:
    return comment


@pytest.fixture
def connect(database: Database) -> Iterator[Callable[[], Sql]]:
    made: list[Sql] = []

    def make() -> Sql:
        made.append(Sql(database.database_url))
        return made[-1]

    yield make
    for each in made:
        each.connection.close()


@pytest.fixture
def sql(connect: Callable[[], Sql]) -> Sql:
    return connect()


@pytest.fixture
def until_blocked(database: Database) -> Iterator[Callable[[psycopg.Connection, Future], None]]:
    """Returns once what a connection was asked for waits for another's lock, or is over."""
    query = "select cardinality(pg_blocking_pids(%s)) > 0"
    with psycopg.connect(database.admin_url, autocommit=True) as watcher:

        def wait(connection: psycopg.Connection, asked: Future) -> None:
            process = (connection.info.backend_pid,)
            while not asked.done() and watcher.execute(query, process).fetchone() == (False,):
                continue

        yield wait

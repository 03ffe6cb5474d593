"""The database of all tests here that change no schema: its three tables have partitions."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future

import psycopg
import pytest

from local.stack import Database
from tests.conftest import clean
from tests.sql.conftest import Sql


@pytest.fixture
def partitioned(partitioned_database: Database) -> Database:
    clean(partitioned_database)
    return partitioned_database


@pytest.fixture
def connect_to() -> Iterator[Callable[[Database], Sql]]:
    made: list[Sql] = []

    def make(database: Database) -> Sql:
        made.append(Sql(database.database_url))
        return made[-1]

    yield make
    for each in made:
        each.connection.close()


@pytest.fixture
def until_blocked_in() -> Callable[[Database, psycopg.Connection, Future], None]:
    """Returns once what a connection was asked for waits for another's lock, or is over."""

    def wait(database: Database, connection: psycopg.Connection, asked: Future) -> None:
        query = "select cardinality(pg_blocking_pids(%s)) > 0"
        process = (connection.info.backend_pid,)
        with psycopg.connect(database.admin_url, autocommit=True) as watcher:
            while not asked.done() and watcher.execute(query, process).fetchone() == (False,):
                continue

    return wait

"""How web learns that an analysis has ended: at once, and also where a notification is lost."""

import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from local.stack import Database
from service.config import Settings
from service.errors import Unavailable
from service.store.endings import CHANNEL, Endings

LISTENS = "select pid from pg_stat_activity where query ilike %s and datname = current_database()"


@pytest.fixture
def ended() -> set[str]:
    return set()


@pytest.fixture
def endings(settings: Settings, ended: set[str]) -> Iterator[Endings]:
    made = Endings(settings, lambda ids: [each for each in ids if each in ended])
    yield made
    made.close()


def in_thread(wait: Callable[[], bool]) -> tuple[threading.Thread, list[bool]]:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(wait()))
    thread.start()
    return thread, found


def listeners(database: Database) -> list[int]:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        return [pid for (pid,) in connection.execute(LISTENS, (f"listen {CHANNEL}",)).fetchall()]


def notify(database: Database, analysis_id: str) -> None:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("select pg_notify(%s, %s)", (CHANNEL, analysis_id))


def until(is_so: Callable[[], object]) -> None:
    while not is_so():
        time.sleep(0.02)


def test_all_who_wait_are_told_over_one_connection(endings: Endings, database: Database) -> None:
    waits = [in_thread(lambda: endings.wait("a", 60)) for _ in range(5)]
    other, found = in_thread(lambda: endings.wait("b", 0.5))
    until(lambda: listeners(database))
    notify(database, "a")
    for thread, _ in waits:
        thread.join()
    other.join()
    assert [each for _, each in waits] == [[True]] * 5
    assert found == [False]
    assert len(listeners(database)) == 1
    # One that was faster than the answer of the call that asked for it.
    assert endings.wait("a", 0)


def test_a_lost_notification_is_found_by_looking(endings: Endings, ended: set[str]) -> None:
    thread, found = in_thread(lambda: endings.wait("a", 60))
    ended.add("a")
    thread.join()
    assert found == [True]


def test_a_lost_connection_is_made_again(endings: Endings, database: Database) -> None:
    thread, found = in_thread(lambda: endings.wait("a", 60))
    until(lambda: listeners(database))
    [first] = listeners(database)
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(%s)", (first,))
    until(lambda: listeners(database) not in ([], [first]))
    notify(database, "a")
    thread.join()
    assert found == [True]


def test_while_the_database_is_away_people_wait_no_longer_than_they_would(
    settings: Settings,
) -> None:
    def away(_: list[str]) -> list[str]:
        raise Unavailable("away")

    endings = Endings(settings, away)
    assert endings.wait("a", 0.3) is False
    endings.close()

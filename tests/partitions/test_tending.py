"""Partitions are made ahead and dropped when they are over; no row is ever without one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from pydantic import SecretStr

from doctor.world import World
from local.stack import Database
from sql.partitions import partition, states
from sql.swap import Swap
from tests.doctor.conftest import look
from tests.partitions.shapes import convert

DELIVERED = (
    "insert into public.webhook_deliveries (webhook_id, event_type, event_key, outcome, payload,"
    " received_at) select id, 'PING', %s, 'ping', '{}', %s from public.user_webhooks"
)
OWNED = (
    "with owner as (insert into public.users (figma_user_id, handle) values ('1', 'Ada')"
    " returning id) insert into public.user_webhooks (user_id, context, context_id,"
    " passcode_encrypted, passcode_hash) select id, 'file', 'FILE', 'x', 'x' from owner"
)


@pytest.fixture
def owner(fresh_database: Callable[..., Database]):
    """The owner's connection to a database of its own, with a webhook."""
    database = fresh_database()
    with psycopg.connect(database.database_url, autocommit=True) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(OWNED)
        yield database, connection


def tend(connection: psycopg.Connection) -> list[str]:
    """All that there was to do."""
    did = []
    while True:
        row = connection.execute("select public.tend_partitions()").fetchone()
        assert row
        if not row[0]["is_more"]:
            return did
        did.append(f"{row[0]['did']} {row[0]['name']}")


def test_without_partitions_there_is_nothing_to_do(owner):
    assert tend(owner[1]) == []


def make_from(connection: psycopg.Connection, days_ago: int) -> datetime:
    """Partitions of deliveries that begin so many days ago: the moment."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    until = midnight - timedelta(days=days_ago)
    connection.execute(
        "alter table public.webhook_deliveries add constraint webhook_deliveries_partition_bound"
        f" check (received_at < '{until.isoformat()}')"
    )
    swap = Swap(connection, "webhook_deliveries", "received_at", until)
    swap.prepare()
    swap.run()
    return until


def test_a_day_of_deliveries_is_dropped_as_a_whole_before_any_is_older_than_promised(owner):
    _, connection = owner
    moment = datetime.now(UTC)
    for days in (50, 41):
        connection.execute(DELIVERED, [f"days {days}", moment - timedelta(days=days)])
    make_from(connection, 40)
    made = [each for each in tend(connection) if each.startswith("made")]
    assert len(made) == 51
    # The first of them were over at once; what came before them as well.
    [(first,)] = connection.execute(
        "select min(from_at) from private.partitions_of('webhook_deliveries')"
    ).fetchall()
    assert moment - timedelta(days=30) <= first < moment - timedelta(days=29)
    assert connection.execute("select count(*) from public.webhook_deliveries").fetchone() == (0,)


def test_a_long_partition_that_caught_rows_keeps_the_young_ones(owner):
    _, connection = owner
    moment = datetime.now(UTC)
    make_from(connection, 40)
    for days in (39, 31, 29, 1):
        connection.execute(DELIVERED, [f"days {days}", moment - timedelta(days=days)])
    tend(connection)
    connection.execute("select public.purge_expired()")
    kept = connection.execute(
        "select event_key from public.webhook_deliveries order by received_at"
    ).fetchall()
    assert kept == [("days 29",), ("days 1",)]


def test_rows_without_a_partition_are_caught_and_their_catcher_becomes_their_partition(owner):
    database, connection = owner
    partition(database.database_url, "webhook_deliveries", say=lambda _: None)
    [(until,)] = connection.execute(
        "select made_until from private.partition_states() where name = 'webhook_deliveries'"
    ).fetchall()
    late = [until + timedelta(hours=1), until + timedelta(days=2, hours=1)]
    for each in late:
        connection.execute(DELIVERED, [str(each), each])
    assert states(connection)["webhook_deliveries"].has_strays
    connection.execute(
        "select private.make_next('webhook_deliveries',"
        " 'private.webhook_deliveries_rest', 'webhook_deliveries_next')"
    )
    connection.execute(
        "select private.add_partition('webhook_deliveries', %s, 'received_at', interval '1 day')",
        [until],
    )
    state = states(connection)["webhook_deliveries"]
    assert not state.has_strays
    assert state.made_until == until + timedelta(days=3)
    assert connection.execute("select count(*) from public.webhook_deliveries").fetchone() == (2,)
    # And the key is still one.
    again = connection.execute(DELIVERED, [str(late[0]), until + timedelta(days=4)])
    assert again.rowcount == 0


def test_the_doctor_tells_of_partitions_that_nobody_makes(owner, settings):
    database, connection = owner
    make_from(connection, 0)
    of_its_own = settings.model_copy(update={"database_url": SecretStr(database.database_url)})
    world = World(of_its_own, {})
    assert look("partitions", world).status == "failed"
    tend(connection)
    assert look("partitions", world).what == "Made ahead: webhook_deliveries."
    [(until,)] = connection.execute(
        "select made_until from private.partition_states() where is_partitioned"
    ).fetchall()
    connection.execute(DELIVERED, ["stray", until])
    assert look("partitions", world).status == "failed"
    world.close()


def test_a_table_that_somebody_keeps_is_let_alone_until_the_next_time(owner):
    _, connection = owner
    make_from(connection, 1)
    with psycopg.connect(owner[0].admin_url) as other:
        other.execute("select count(*) from public.webhook_deliveries")
        other.execute("lock table private.webhook_deliveries_rest in access share mode")
        assert tend(connection) == ["prepared webhook_deliveries"]
        assert tend(connection) == []
    made = [each.split()[0] for each in tend(connection)]
    assert (made.count("made"), made.count("prepared")) == (12, 11)


def test_who_began_and_never_came_back_is_given_up_before_rows_are_refused(owner):
    _, connection = owner
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    connection.execute(
        "alter table public.answers add constraint answers_partition_bound"
        f" check (received_at < '{soon}') not valid"
    )
    assert states(connection)["answers"].begun_until is not None
    assert tend(connection) == ["gave_up answers"]
    assert states(connection)["answers"].begun_until is None
    connection.execute(
        "insert into public.answers (file_key, comment_id, root_comment_id, author_figma_id,"
        " received_at) values ('F', 'c', 'c', 'a', now() + interval '2 days')"
    )


def test_nobody_but_the_owner_reaches_a_partition(fresh_database):
    database = fresh_database()
    convert(database)
    with psycopg.connect(database.admin_url) as connection:
        reached = connection.execute(
            "select parts.partition, role, privilege from private.partition_kinds() as kinds"
            " cross join lateral private.partitions_of(kinds.name) as parts"
            " cross join unnest(array['anon', 'authenticated', 'service_role']) as role"
            " cross join unnest(array['select', 'insert', 'update', 'delete']) as privilege"
            " where has_table_privilege(role, parts.partition::oid, privilege)"
            " or privilege <> 'delete' and"
            " has_any_column_privilege(role, parts.partition::oid, privilege)"
        ).fetchall()
        bare = connection.execute(
            "select parts.partition from private.partition_kinds() as kinds"
            " cross join lateral private.partitions_of(kinds.name) as parts"
            " join pg_class on pg_class.oid = parts.partition where not relrowsecurity"
        ).fetchall()
        keys = connection.execute(
            "select parts.partition, string_agg(conname, ' ' order by conname)"
            " from private.partitions_of('answers') as parts"
            " join pg_constraint on conrelid = parts.partition and contype = 'f' group by 1"
        ).fetchall()
        leaves = connection.execute("select count(*) from private.partitions_of('answers')")
        assert leaves.fetchone() == (len(keys),)
    assert reached == []
    assert bare == []
    assert {key for _, key in keys} == {"answers_payer_id_fkey answers_webhook_id_fkey"}

"""Everything but LISTEN goes through a real pgbouncer in transaction mode, and works as without."""

import asyncio
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from pydantic import SecretStr, ValidationError

from local.pgbouncer import find_pgbouncer
from local.stack import Database
from local.stack.stack import free_port
from service.config import Settings
from service.config_checks import check_session_address
from service.observing.logs import secrets_of
from service.store.direct_connection import DirectConnection
from service.store.endings import CHANNEL, Endings
from service.worker import BuddyWorker
from tests.exactly_once.processes import work_here
from tests.exactly_once.scene import ADA, Scene, model, sandbox, scene

__all__ = ["model", "sandbox", "scene"]

PGBOUNCER = find_pgbouncer()
needs_pgbouncer = pytest.mark.skipif(
    PGBOUNCER is None, reason="pgbouncer is not installed: apt-get install pgbouncer"
)
# One connection for everybody: whatever a transaction leaves behind, the next one meets.
CONFIGURATION = """
[databases]
{name} = host=127.0.0.1 port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
auth_type = plain
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 1
unix_socket_dir =
logfile = {folder}/pgbouncer.log
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a plain account can look, which it cannot below root's ``tmp_path``."""
    with tempfile.TemporaryDirectory(prefix="pooler-") as path:
        yield Path(path)


@pytest.fixture
def pooler_url(shared_database: Database, folder: Path) -> Iterator[str]:
    """The address of a pgbouncer before the tests' database."""
    assert PGBOUNCER
    address, port = urlsplit(shared_database.database_url), free_port()
    (folder / "users.txt").write_text(f'"{address.username}" "{address.password}"\n')
    (folder / "pgbouncer.ini").write_text(
        CONFIGURATION.format(
            name=address.path.strip("/"), server_port=address.port, port=port, folder=folder
        )
    )
    command = [PGBOUNCER, "-q", str(folder / "pgbouncer.ini")]
    options: dict[str, Any] = {}
    if os.geteuid() == 0:
        # It refuses to run as root.
        shutil.chown(folder, "nobody")
        options = {"user": "nobody", "extra_groups": []}
    url = f"postgresql://{address.username}:{address.password}@127.0.0.1:{port}{address.path}"
    with subprocess.Popen(command, **options) as process:
        try:
            while not is_up(url):
                assert process.poll() is None, (folder / "pgbouncer.log").read_text()
                time.sleep(0.05)
            yield url
        finally:
            process.terminate()


def is_up(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def until(is_so: Callable[[], object]) -> None:
    while not is_so():
        time.sleep(0.02)


def names(database: Database) -> dict[str, str]:
    """What each connection of ours to the tests' database said last, by where it comes from."""
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        rows = connection.execute(
            "select query, application_name from pg_stat_activity"
            " where datname = current_database() and application_name like 'figma-ai-buddy%%'"
            " and query ilike 'listen%%'"
        ).fetchall()
    return {query: name for query, name in rows}


@needs_pgbouncer
def test_a_worker_is_woken_past_the_pooler_and_does_all_else_through_it(
    scene: Scene, pooler_url: str
) -> None:
    scene.configure(database_pooler_url=SecretStr(pooler_url))
    hook = scene.switch_on(scene.connect(ADA))

    async def act(_: BuddyWorker) -> None:
        await asyncio.to_thread(
            scene.wait_until,
            "select count(*) = 2 from pg_stat_activity"
            " where starts_with(lower(query), 'listen') and datname = current_database()"
            " and application_name = 'figma-ai-buddy-worker'",
        )
        # More than the number of runs after which psycopg would prepare a statement.
        for number in range(8):
            await asyncio.to_thread(scene.ask, hook, ADA, f"@buddy contrast {number}?")
        await asyncio.to_thread(scene.wait_until_closed)

    work_here(scene, act)
    assert scene.books()["answered"] == scene.books()["usage_rows"] == 8
    # Nothing that our transactions set stays with the connection that others get next.
    with psycopg.connect(pooler_url, prepare_threshold=None) as connection:
        assert _shown(connection, "search_path") == '"$user", public'
        assert _shown(connection, "statement_timeout") == "0"


def _shown(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute("select current_setting(%s)", (name,)).fetchone()
    assert row
    return str(row[0])


@needs_pgbouncer
def test_web_hears_ends_past_the_pooler_and_its_calls_have_their_time_limit(
    settings: Settings, database: Database, pooler_url: str
) -> None:
    pooled = settings.model_copy(update={"database_pooler_url": SecretStr(pooler_url)})
    direct = DirectConnection(pooled)
    limits = [direct.ask("", "select current_setting('statement_timeout')") for _ in range(2)]
    assert limits == ["10s", "10s"]
    endings, heard = Endings(pooled, lambda _: []), []
    waiting = threading.Thread(target=lambda: heard.append(endings.wait("a", 60)))
    waiting.start()
    until(lambda: f"listen {CHANNEL}" in names(database))
    direct.ask("", "select pg_notify(%s, 'a')::text", CHANNEL)
    waiting.join()
    assert heard == [True]
    endings.close()
    # A refusal ends its transaction, and the connection serves the next call.
    with pytest.raises(Exception, match="refused"):
        direct.ask("f", "select 1 / 0")
    assert direct.ask("", "select 1") == 1
    direct.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://postgres.ref:pw@aws-0-eu-central-1.pooler.supabase.com:6543/postgres",
        "postgresql://postgres:pw@db.ref.supabase.co:6543/postgres",
    ],
)
def test_the_transaction_pooler_is_refused_where_listen_is_needed(url: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_POOLER_URL"):
        check_session_address(url)
    assert check_session_address(url.replace("6543", "5432"))


def test_its_password_is_in_no_log_and_its_address_is_checked(settings: Settings) -> None:
    url = SecretStr("postgresql://someone:very%20secret@127.0.0.1:6543/postgres")
    pooled = settings.model_copy(update={"database_pooler_url": url})
    assert {"very%20secret", "very secret"} <= secrets_of(pooled)
    with pytest.raises(ValidationError, match="database_pooler_url"):
        Settings(_env_file=None, **{**_given(settings), "database_pooler_url": "http://x"})  # type: ignore[arg-type]


def _given(settings: Settings) -> dict[str, Any]:
    given = settings.model_dump()
    renamed = {"supabase_anon_key": "SUPABASE_ANON_KEY",
               "supabase_service_role_key": "SUPABASE_SERVICE_ROLE_KEY"}  # fmt: skip
    return {renamed.get(name, name): value for name, value in given.items() if value is not None}

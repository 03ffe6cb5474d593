"""A deploy on a full database, while the product writes, answers and exports.

Every connection of the product gives up on a lock a little later than a deploy does: whatever a
deploy keeps waiting for longer fails, in the open, as it would for a person. The suite fills a few
thousand rows; `make test-deploy` a million.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from local.model import ModelStandIn
from local.sandbox import Sandbox
from local.stack import Database, Stack
from service.web.app import create_app
from sql.apply import FOLDER, apply
from sql.locks import LOCK_TIMEOUT_MS
from sql.scripts import functions_text, locking_parts
from tests.deploy.load import Load, raw_writes
from tests.exactly_once.scene import make_scene, model, sandbox
from tests.sql.deploys import Deploy
from tests.sql.test_migration_rules import LAST_BEFORE_RULES, SAMPLES

__all__ = ["model", "sandbox"]

ROWS = int(os.environ.get("TEST_DEPLOY_ROWS", "5000"))
FILL = Path(__file__).with_name("fill.sql")
# What a deploy needs to commit once it has its lock, on the slowest machine.
MARGIN_MS = 4000
NEWER = sorted(
    path
    for path in (FOLDER / "migrations").glob("*.sql")
    if int(path.name.partition("_")[0]) > LAST_BEFORE_RULES
)


@pytest.fixture(autouse=True)
def _as_before(logging_as_before: None) -> None:
    """``create_app`` sets up logging for its process."""


def impatient(database: Database) -> None:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        limit = LOCK_TIMEOUT_MS + MARGIN_MS
        connection.execute(f"alter database {database.name} set lock_timeout = {limit}")


def fill(database: Database) -> None:
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(FILL.read_text(encoding="utf-8").format(rows=ROWS))
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("analyze")


@pytest.fixture
def full(
    stack: Stack, template: Database, sandbox: Sandbox, model: ModelStandIn
) -> Iterator[tuple[Database, Load]]:
    """The product on a full database of its own, and what keeps it busy."""
    database = stack.create_database(f"full_{uuid4().hex[:8]}", template=template.name)
    impatient(database)
    served = stack.serve(database)
    with make_scene(served, stack, sandbox, model) as scene:
        scene.configure(webhook_deliveries_rate="1000000/minute")
        client = create_app(scene.settings, scene.services).test_client()
        load = Load(scene, client)
        # The counts that triggers keep exist from here on, as they do wherever the product is used.
        load.answer_once()
        fill(served)
        yield served, load
        load.close()
    stack.stop_serving(served)
    stack.drop_database(served.name)


def product_with(folder: Path, *migrations: Path, text: str) -> Path:
    shutil.copytree(FOLDER / "baseline", folder / "baseline")
    (folder / "migrations").mkdir()
    (folder / "functions").mkdir()
    for path in migrations:
        (folder / "migrations" / path.name).write_bytes(path.read_bytes())
    if text:
        (folder / "functions" / "all.sql").write_text(text, encoding="utf-8")
    return folder


def all_changed() -> str:
    """All functions, views and triggers, each as a new text that does what it did."""
    text = functions_text(FOLDER)
    for part in reversed(list(locking_parts(text))):
        text = f"{text[: part.end - 1]}\n-- as before\n;{text[part.end :]}"
    return text


def test_nobody_waits_for_a_deploy_of_every_kind_of_change(full, tmp_path):
    database, load = full
    ours = sorted((FOLDER / "migrations").glob("*.sql"))
    samples = sorted(SAMPLES.glob("*.sql"))
    folder = product_with(tmp_path, *ours, *samples, text=all_changed())
    with load.running(), reader(database) as hear:
        deploy = Deploy(database, folder, hear)
        names = deploy.result()
        load.wait_for_more()
    assert load.failures == []
    assert [name for name in names if name.startswith("migrations/")] == [
        f"migrations/{path.name}" for path in samples
    ]
    assert names.count("functions") == 1
    assert sum(name.startswith("functions: ") for name in names) > 10
    assert any("trying again" in line for line in deploy.said)
    assert any("nobody waits for us" in line for line in deploy.said)


def test_nobody_waits_for_our_own_newest_migrations(stack, tmp_path):
    """Their functions cannot be called before they are there: the load is plain statements."""
    database = stack.create_database(f"newer_{uuid4().hex[:8]}")
    ours = sorted((FOLDER / "migrations").glob("*.sql"))
    (tmp_path / "before").mkdir()
    (tmp_path / "after").mkdir()
    old = product_with(tmp_path / "before", *(set(ours) - set(NEWER)), text="")
    apply(database.database_url, old, say=lambda _: None)
    impatient(database)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "with owner as (insert into public.users (figma_user_id, handle) values ('1', 'Ada')"
            " returning id) insert into public.user_webhooks (user_id, context, context_id,"
            " passcode_encrypted, passcode_hash) select id, 'file', 'FILE', 'x', 'x' from owner"
        )
    fill(database)
    with raw_writes(database) as load, reader(database) as hear:
        names = Deploy(database, product_with(tmp_path / "after", *ours, text=""), hear).result()
    assert load.failures == []
    assert names == [f"migrations/{path.name}" for path in NEWER]
    stack.drop_database(database.name)


@contextmanager
def reader(database: Database) -> Iterator[Callable[[str], None]]:
    """One export after the other. Each script of a deploy that hears it meets a new one.

    An export ends as soon as the deploy says that it waits.
    """
    with psycopg.connect(database.admin_url, application_name="an export") as connection:

        def read() -> None:
            for table in ("public.answers", "public.usage_logs", "public.webhook_deliveries"):
                connection.execute(f"select count(*) from {table} where request_id = 'filled'")

        def hear(line: str) -> None:
            connection.commit()
            if line.startswith("applied"):
                read()

        read()
        yield hear

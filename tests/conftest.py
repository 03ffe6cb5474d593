"""What every test may ask for: the stack, a clean database with its API, and matching settings.

One Postgres and one API server serve the whole run. A test that uses `database` finds it as our
migrations leave it; one that changes the schema itself asks for a `fresh_database` of its own.
"""

import functools
import logging
import os
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import certifi
import hypothesis
import psycopg
import pytest
import structlog

from local.stack import Database, Stack
from service.config import Settings
from sql.apply import apply
from tests.partitions.shapes import convert

TEMPLATE = "template_buddy"
# A slow machine is no failure.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

# Copies what the migrations put into the tables, to be put back after each test.
KEEP_ROWS = """
create schema pristine;
do $$
declare
    v_table record;
    v_count bigint;
begin
    for v_table in
        select nspname, relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where relkind = 'r' and nspname in ('public', 'queue', 'private')
    loop
        execute format('select count(*) from %I.%I', v_table.nspname, v_table.relname) into v_count;
        if v_count > 0 then
            execute format('create table pristine.%I as table %I.%I',
                v_table.nspname || '.' || v_table.relname, v_table.nspname, v_table.relname);
        end if;
    end loop;
end $$;
"""
# `replica` switches triggers and foreign keys off: some tables refuse every delete.
PUT_BACK = """
set session_replication_role = replica;
set lock_timeout = '10s';
do $$
declare
    v_table record;
begin
    for v_table in
        select nspname, relname, format('%I.%I', nspname, relname) as name,
            format('pristine.%I', nspname || '.' || relname) as kept
        from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where relkind = 'r' and nspname in ('public', 'queue', 'private', 'auth', 'storage')
    loop
        execute format('delete from %s', v_table.name);
        if to_regclass(v_table.kept) is not null then
            execute format('insert into %s overriding system value table %s',
                v_table.name, v_table.kept);
        end if;
    end loop;
end $$;
"""


def write_plain_tracebacks() -> None:
    """structlog as it is by default, but for the tracebacks: with rich installed, as it is for
    tests, each is drawn with all local values, which takes seconds."""
    structlog.reset_defaults()
    *others, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(processors=[*others, plain])


write_plain_tracebacks()

_create_context = ssl.create_default_context


@functools.cache
def _context_of(authorities: str) -> ssl.SSLContext:
    return _create_context(cafile=authorities)


def share_context(purpose: ssl.Purpose = ssl.Purpose.SERVER_AUTH, **more: Any) -> ssl.SSLContext:
    """Each HTTP client reads all certificate authorities of the world, in 25 ms. Every test makes
    several clients, and none calls anybody outside: these share one context."""
    usual = ({"cafile": certifi.where()}, {"cafile": os.environ.get("SSL_CERT_FILE")})
    if purpose is ssl.Purpose.SERVER_AUTH and more in usual:
        return _context_of(more["cafile"])
    return _create_context(purpose, **more)


ssl.create_default_context = share_context


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Postgres and supervisor for the whole run, without safety against power loss."""
    with Stack(fast=True) as running:
        yield running


@pytest.fixture(scope="session")
def template(stack: Stack) -> Database:
    """A database with our SQL applied, to be copied."""
    served = stack.serve(stack.create_database(TEMPLATE))
    apply(served.database_url, say=lambda _: None)
    stack.stop_serving(served)
    with psycopg.connect(served.admin_url) as connection:
        connection.execute(KEEP_ROWS)
    return served


@pytest.fixture(scope="session")
def shared_database(stack: Stack, template: Database) -> Database:
    """The one database behind `database`. Use that instead, which is clean in every test."""
    return stack.serve(stack.create_database("tests", template=template.name))


@pytest.fixture(scope="session")
def partitioned_database(stack: Stack, template: Database) -> Database:
    """As ``shared_database``, with partitions of the tables that may have them."""
    database = stack.create_database("partitioned", template=template.name)
    convert(database)
    return stack.serve(database)


def clean(database: Database) -> None:
    """Bring every row of a copied database back to what our migrations left (about 20 ms)."""
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(PUT_BACK)


@pytest.fixture
def database(shared_database: Database) -> Database:
    """A database as our migrations leave it, and its API. Shared by all tests, one at a time."""
    clean(shared_database)
    return shared_database


@pytest.fixture
def fresh_database(stack: Stack, template: Database) -> Iterator[Callable[..., Database]]:
    """Makes databases that only this test sees: `fresh_database(served=True)` adds the API."""
    made: list[Database] = []

    def make(*, served: bool = False) -> Database:
        database = stack.create_database(f"fresh_{len(made)}", template=template.name)
        made.append(database)
        if served:
            made[-1] = stack.serve(database)
        return made[-1]

    yield make
    for database in made:
        if database.supabase_url:
            stack.stop_serving(database)
        stack.drop_database(database.name)


@pytest.fixture
def settings(database: Database, stack: Stack) -> Settings:
    """Settings of a service on the clean database. Figma and models are left to each test."""
    return make_settings(database, stack)


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """For tests that set up logging, which is one for the whole process: they give it back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    write_plain_tracebacks()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own keys never reach a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for alias in ("SUPABASE_PUBLISHABLE_KEY", "SUPABASE_SECRET_KEY"):
        monkeypatch.delenv(alias, raising=False)


def make_settings(database: Database, stack: Stack, **changes: object) -> Settings:
    """Settings for a database; `changes` are fields of Settings."""
    values: dict[str, object] = {
        "supabase_url": database.supabase_url,
        "SUPABASE_ANON_KEY": database.anon_key,
        "SUPABASE_SERVICE_ROLE_KEY": database.service_role_key,
        "database_url": database.database_url,
        "figma_client_id": "figma-ai-buddy-tests",
        "figma_client_secret": stack.secrets.figma_client_secret,
        "figma_redirect_uri": "http://127.0.0.1:8000/api/auth/figma-oauth",
        "webhook_url": "http://127.0.0.1:8000/api/figma-comment-webhook",
        "token_encryption_keys": stack.secrets.encryption_key,
        "session_secret": stack.secrets.session_secret,
        # Nobody: no test reaches the real one.
        "github_api_url": "http://127.0.0.1:1",
    }
    return Settings(_env_file=None, **{**values, **changes})

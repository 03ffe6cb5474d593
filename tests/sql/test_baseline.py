"""The baseline makes what the migrations before it made, and takes their databases over."""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from local.schema import dump
from local.stack import Database, Stack
from sql.apply import FOLDER, ApplyError, apply
from sql.scripts import replaced_migrations
from tests.sql.old_migrations import old_migrations, write_old_migrations

Make = Callable[[], Database]


@pytest.fixture
def make(stack: Stack) -> Iterator[Make]:
    made: list[Database] = []

    def new() -> Database:
        made.append(stack.create_database(f"baseline_{uuid4().hex[:8]}"))
        return made[-1]

    yield new
    for database in made:
        stack.drop_database(database.name)


@pytest.fixture
def old_product(tmp_path: Path) -> Path:
    write_old_migrations(tmp_path / "old")
    return tmp_path / "old"


@pytest.fixture
def new_product(tmp_path: Path) -> Path:
    """The baseline and nothing after it."""
    shutil.copytree(FOLDER / "baseline", tmp_path / "new" / "baseline")
    return tmp_path / "new"


def catalogue(database: Database) -> str:
    """All that pg_dump knows of it: columns in their order, constraints, triggers, grants …"""
    schemas = ("public", "private", "queue")
    return re.sub(r"^\\(un)?restrict .*\n", "", dump(database, schemas), flags=re.M)


def rows(database: Database) -> dict[str, list[str]]:
    """Every row of every table, without the moments at which it was written."""
    found = {}
    with psycopg.connect(database.admin_url) as connection:
        tables = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname in ('public', 'private', 'queue')"
            " and tablename <> 'schema_migrations'"
        ).fetchall()
        for (table,) in tables:
            read = f"select (to_jsonb(t) - 'updated_at' - 'created_at')::text from {table} as t"
            found[table] = sorted(row for (row,) in connection.execute(read))
    return found


def recorded(database: Database) -> list[str]:
    with psycopg.connect(database.admin_url) as connection:
        found = connection.execute("select name from private.schema_migrations order by name")
        return [name for (name,) in found]


def test_the_old_migrations_here_are_those_that_the_baseline_replaces():
    assert replaced_migrations(FOLDER) == {
        name.removesuffix(".sql"): hashlib.sha256(text.encode()).hexdigest()
        for name, text in old_migrations().items()
    }


def test_the_baseline_makes_the_same_catalogue_and_the_same_rows(make, old_product, new_product):
    old, new = make(), make()
    apply(old.database_url, old_product, lambda _: None)
    names = apply(new.database_url, new_product, lambda _: None)
    assert names == ["queue/schema.sql", "baseline"]
    assert catalogue(new).splitlines() == catalogue(old).splitlines()
    assert rows(new) == rows(old)
    assert rows(new)["public.plans"] and rows(new)["public.feature_flags"]


def test_a_database_that_has_the_old_migrations_is_taken_over_as_it_is(make, old_product):
    old = make()
    apply(old.database_url, old_product, lambda _: None)
    with psycopg.connect(old.admin_url) as connection:
        connection.execute("insert into public.users (figma_user_id, handle) values ('1', 'Ada')")
    names = apply(old.database_url, say=lambda _: None)
    assert names[0] == "baseline (already there)" and names[-1] == "functions"
    with psycopg.connect(old.admin_url) as connection:
        assert connection.execute("select handle from public.users").fetchall() == [("Ada",)]
    assert apply(old.database_url, say=lambda _: None) == []
    new = make()
    apply(new.database_url, say=lambda _: None)
    assert catalogue(new).splitlines() == catalogue(old).splitlines()
    assert set(recorded(new)) == set(recorded(old)) - replaced_migrations(FOLDER).keys()


def test_a_database_that_stopped_midway_is_refused_and_told_what_to_deploy_first(
    make, old_product, tmp_path
):
    midway = make()
    write_old_migrations(tmp_path / "half", until="0030")
    apply(midway.database_url, tmp_path / "half", lambda _: None)
    before = recorded(midway)
    with pytest.raises(ApplyError) as refused:
        apply(midway.database_url, say=lambda _: None)
    said = str(refused.value)
    assert said.startswith("This database stopped midway through the migrations that sql/baseline")
    assert "0030_token_classes_and_tiers" in said and "0029_confirmed_comments" not in said
    assert "the last version that still has sql/migrations/0035_guidance_for_guests.sql" in said
    assert recorded(midway) == before
    apply(midway.database_url, old_product, lambda _: None)
    assert apply(midway.database_url, say=lambda _: None)[0] == "baseline (already there)"


def test_an_old_migration_with_another_text_is_refused(make, old_product):
    other = make()
    apply(other.database_url, old_product, lambda _: None)
    with psycopg.connect(other.admin_url) as connection:
        connection.execute(
            "update private.schema_migrations set checksum = 'x' where name = '0007_access'"
        )
    with pytest.raises(ApplyError, match="has no 0007_access, or another text of it"):
        apply(other.database_url, say=lambda _: None)


def test_a_changed_baseline_is_refused(make, new_product):
    database = make()
    apply(database.database_url, new_product, lambda _: None)
    first = new_product / "baseline" / "02_people.sql"
    first.write_text(first.read_text() + "-- more\n")
    with pytest.raises(ApplyError, match="baseline was changed after it was applied"):
        apply(database.database_url, new_product, lambda _: None)


def test_a_mistake_in_the_baseline_is_named_with_its_file_and_line(make, new_product):
    second = new_product / "baseline" / "03_contexts.sql"
    second.write_text(f"-- one\nselect nonsense;\n{second.read_text()}")
    with pytest.raises(ApplyError, match=re.escape("baseline/03_contexts.sql:2: ")):
        apply(make().database_url, new_product, lambda _: None)

"""What a guidance may hold stands once in Python, and the database refuses exactly what is more."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from local.stack import Database
from service import guidance

EMPTY: dict[str, Any] = {
    **dict.fromkeys(guidance.CHARS, ""),
    "focus_areas": [],
    "shared_with_guests": [],
}
SHARED = "shared_with_guests"


@pytest.fixture
def owner(database: Database, sql: Any) -> Iterator[psycopg.Connection]:
    """The owner of the tables, in a database with one person in it."""
    sql.sign_in("ada")
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        yield connection


def is_taken(owner: psycopg.Connection, **fields: Any) -> tuple[bool, bool]:
    """Whether an operator's save takes it, and whether the table does."""
    taken = []
    names = ", ".join(f"{name} = %s" for name in fields)
    for statement, values in (
        ("select private.check_context(%s)", [Jsonb(EMPTY | fields)]),
        (f"update public.user_contexts set {names}", list(fields.values())),
    ):
        try:
            owner.execute(statement, values)  # type: ignore[arg-type]
            taken.append(True)
        except psycopg.Error:
            taken.append(False)
    return taken[0], taken[1]


@pytest.mark.parametrize(("field", "most"), guidance.CHARS.items())
def test_texts_are_as_long_as_the_database_takes(
    owner: psycopg.Connection, field: str, most: int
) -> None:
    assert is_taken(owner, **{field: "☃" * most}) == (True, True)
    assert is_taken(owner, **{field: "☃" * (most + 1)}) == (False, False)


def test_there_are_as_many_focus_areas_as_the_database_takes(owner: psycopg.Connection) -> None:
    assert is_taken(owner, focus_areas=["x"] * guidance.MOST_AREAS) == (True, True)
    assert is_taken(owner, focus_areas=["x"] * (guidance.MOST_AREAS + 1)) == (False, False)
    assert is_taken(owner, focus_areas=["☃" * guidance.AREA_CHARS])[0]
    assert not is_taken(owner, focus_areas=["☃" * (guidance.AREA_CHARS + 1)])[0]


def test_what_may_be_shared_is_what_guidance_consists_of(owner: psycopg.Connection) -> None:
    assert is_taken(owner, shared_with_guests=list(guidance.FIELDS)) == (True, True)
    for more in ("model", "version"):
        assert is_taken(owner, shared_with_guests=[more]) == (False, False)


def test_every_field_of_a_context_is_named(owner: psycopg.Connection) -> None:
    columns = owner.execute(
        "select column_name from information_schema.columns"
        " where table_schema = 'public' and table_name = 'user_contexts'"
    ).fetchall()
    fields = {name for (name,) in columns} - {"user_id", "version", "updated_at"}
    assert fields == {*guidance.FIELDS, *guidance.CHARS, SHARED}
    assert set(guidance.LABELS) == set(guidance.FIELDS)

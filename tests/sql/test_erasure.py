"""Deleting an account leaves nothing of a person but anonymous rows for the books: each column that
may hold something of theirs is filled, and afterwards the whole database is searched."""

import json
from typing import Any

import psycopg
import pytest

from local.stack import Database
from tests.sql.conftest import Sql
from tests.sql.personal_data import KEPT, NEUTRAL, OPERATORS, PERSONAL
from tests.sql.test_access import add_one_row_each

COLUMNS = """
    select c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
    from pg_attribute as a join pg_class as c on c.oid = a.attrelid
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
        and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped
        and format_type(a.atttypid, a.atttypmod) in ('text', 'text[]', 'jsonb', 'jsonb[]', 'bytea')
    order by 1, 2
"""
FIGMA_ID, HANDLE, MAIL = "4711000123", "Zq7 Okafor", "zq7@erase.example"
MARK = "Zq7 words"
# Where a value has to have a form of its own.
FORMS: dict[tuple[str, str], Any] = {
    ("users", "figma_user_id"): FIGMA_ID,
    ("users", "handle"): HANDLE,
    ("users", "email"): MAIL,
    ("figma_quotas", "figma_user_id"): FIGMA_ID,
    ("thread_mutes", "muted_by"): FIGMA_ID,
    ("unbilled_spending", "scope_key"): FIGMA_ID,
    ("plugin_handovers", "challenge"): f"{MARK} ".ljust(43, "x"),
    ("pipeline_targets", "repository"): "Zq7words/design",
    ("alerts", "subject"): f"{FIGMA_ID} FILE",
    ("alerts", "parameters"): {"figma_user_id": FIGMA_ID, "file_key": "FILE"},
    ("webhook_deliveries", "payload"): {
        "triggered_by": {"id": FIGMA_ID, "handle": HANDLE}, "comment": MARK, "file_key": "FILE",
    },
    ("answers", "hint"): {"author_id": FIGMA_ID},
    ("answers", "draft"): {"text": MARK, "body": MARK, "usage": {}},
}  # fmt: skip


def test_each_column_is_known_to_hold_something_of_a_person_or_not(sql: Sql) -> None:
    known = {"audit_log", *PERSONAL, *OPERATORS, *KEPT}
    columns = sql.rows(COLUMNS)
    assert known <= {table for table, _, _ in columns}
    undecided = [
        f"{table}.{column}"
        for table, column, _ in columns
        if column not in NEUTRAL
        and not any(column in each.get(table, ()) for each in (PERSONAL, OPERATORS, KEPT))
    ]
    assert undecided == [], "name them in tests/sql/personal_data.py, and in PRIVACY.md"
    real = {(table, column) for table, column, _ in columns}
    named = {(table, each) for table, columns in PERSONAL.items() for each in columns}
    assert named <= real


def fill(connection: psycopg.Connection) -> set[tuple[str, str]]:
    """A marker in each column that may hold something of a person; which could not be filled."""
    left = set()
    kinds = {(table, column): kind for table, column, kind in connection.execute(COLUMNS)}
    for table, columns in PERSONAL.items():
        for column in sorted(columns):
            value = FORMS.get((table, column), f"{MARK} {table}.{column}")
            if column == "author_figma_id":
                value = FIGMA_ID
            kind = kinds[table, column]
            if kind == "jsonb":
                value = json.dumps(value if isinstance(value, dict) else {"words": value})
            elif kind == "text[]":
                value = [value]
            statement = f"update public.{table} set {column} = %s::{kind}"
            try:
                with connection.transaction():
                    if not connection.execute(statement, (value,)).rowcount:
                        left.add((table, column))
            except psycopg.Error:
                left.add((table, column))
    return left


@pytest.fixture
def person(database: Database) -> str:
    """Somebody of whom every table knows something; their id."""
    with psycopg.connect(database.admin_url) as connection:
        add_one_row_each(connection)
        connection.execute(
            """
            update public.answers set state = 'answered', settled_at = now(),
                payer_id = (select id from public.users);
            update public.analyses set state = 'done', source = 'measured';
            update public.pipelines set state = 'cancelled', ended_at = now();
            update public.unbilled_spending set scope = 'author';
            update public.alerts set kind = 'author_limit';
            update public.plugin_handovers set user_id = (select id from public.users);
            -- What was to be removed at Figma is.
            update public.webhook_removals set outcome = 'removed', closed_at = now();
            insert into public.budgets (scope, scope_key, monthly_microusd)
                select 'user', id, 1 from public.users;
            """
        )
        assert fill(connection) == set()
        return str(connection.execute("select id from public.users").fetchall()[0][0])


def found_in(database: Database, needles: tuple[str, ...]) -> list[str]:
    """Each table.column of the whole database that holds one of them, in any form."""
    hits = []
    with psycopg.connect(database.admin_url) as connection:
        tables = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname in ('public', 'private', 'queue', 'storage') order by 1"
        ).fetchall()
        for (table,) in tables:
            for (row,) in connection.execute(f"select to_jsonb(each) from {table} as each"):
                for column, value in row.items():
                    text = json.dumps(value, ensure_ascii=False)
                    hits += [f"{table}.{column}: {each}" for each in needles if each in text]
    return sorted(set(hits))


def test_of_somebody_who_left_the_whole_database_holds_no_id_name_or_word(
    sql: Sql, database: Database, person: str
) -> None:
    needles = (FIGMA_ID, HANDLE, MAIL, MARK, "Zq7words")
    before = found_in(database, needles)
    assert {each.split(":")[0].removeprefix("public.") for each in before} >= {
        f"{table}.{column}" for table, columns in PERSONAL.items() for column in columns
    }
    sql.call("delete_account", person, "kept-hash")
    left = found_in(database, needles)
    assert not left, "\n".join(left)
    # What stays of them: a number, for the books.
    [(state, name)] = sql.rows("select state, handle from public.users")
    assert (state, name) == ("deleted", "Deleted user")
    assert sql.rows("select user_id from public.use_receipts") != []

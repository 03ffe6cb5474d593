"""Operators of each role, calling SQL functions as the dashboard's API does."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from local.stack import Database

FOUNDER = "00000000-0000-4000-8000-00000000000f"
PEOPLE = {"founder": FOUNDER, "support": "00000000-0000-4000-8000-000000000005"}
PEOPLE["finance"] = "00000000-0000-4000-8000-000000000006"
NOBODY = "00000000-0000-4000-8000-000000000000"
Act = Callable[..., Any]


@pytest.fixture
def act(database: Database) -> Iterator[Act]:
    """Calls a SQL function as an operator of a role (None: nobody): act(role, function, …)."""
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        for role, user_id in PEOPLE.items():
            connection.execute(
                "insert into public.operators (user_id, email, role) values (%s, %s, %s)",
                (user_id, f"{role}@example.test", role),
            )

        def call(role: str | None, function: str, *values: object) -> Any:
            marks = ", ".join(["%s"] * len(values))
            claims = {"role": "authenticated", "sub": PEOPLE.get(role or "", NOBODY)}
            with connection.transaction():
                connection.execute("set local role authenticated")
                for name, value in claims.items():
                    key = f"request.jwt.claim.{name}"
                    connection.execute("select set_config(%s, %s, true)", (key, value))
                row = connection.execute(f"select public.{function}({marks})", values).fetchone()
            assert row is not None
            return row[0]

        yield call

"""Fills the running local stack with a made-up company: `make seed`, once per database."""

import os
import sys
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

LOCAL = ("127.0.0.1", "localhost", "::1")


class SeedError(SystemExit):
    """Why nothing was made up."""


def seed(database_url: str) -> int:
    """Return how many uses were made up; 0 where that was done before. Local databases only."""
    if conninfo_to_dict(database_url).get("host") not in LOCAL:
        raise SeedError("Demo data is for local databases; DATABASE_URL points to another machine.")
    with psycopg.connect(database_url) as connection:
        seeded = "select count(*) from public.usage_logs where file_key like 'seed-%'"
        if _count(connection, seeded):
            return 0
        connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
        made = _count(connection, seeded)
        _rebuild_rollups(connection)
        connection.commit()
        connection.autocommit = True
        connection.execute("analyze")
        return made


def _rebuild_rollups(connection: psycopg.Connection) -> None:
    """Count every rollup anew from what was inserted past the functions that keep them."""
    names = connection.execute(
        "select proname from pg_proc where pronamespace = 'private'::regnamespace and pronargs = 0"
        " and proname like 'rebuild\\_%' order by proname"
    ).fetchall()
    for (name,) in names:
        connection.execute(sql.SQL("select private.{}()").format(sql.Identifier(name)))


def _count(connection: psycopg.Connection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def main() -> None:
    database_url = os.environ.get("DATABASE_URL", "")
    if not database_url:
        raise SeedError("There is no local stack yet: start `make run` in another terminal first.")
    try:
        made = seed(database_url)
    except psycopg.OperationalError as error:
        raise SeedError(
            f"The local stack does not answer; is `make run` running? ({str(error).strip()})"
        ) from error
    done = (
        f"made up {made:,} uses by 1,200 people over 14 months"
        if made
        else "demo data is there already"
    )
    sys.stdout.write(f"{done}\n")


if __name__ == "__main__":
    main()

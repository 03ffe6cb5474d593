"""Fills the running local stack with a made-up company: `make seed`, once per database."""

import os
import sys
from pathlib import Path

import psycopg
from cryptography.fernet import Fernet
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

LOCAL = ("127.0.0.1", "localhost", "::1")
PEOPLE = 1200
FOLDER = Path(__file__).parent


class SeedError(SystemExit):
    """No demo data was made; the message says why."""


def seed(database_url: str, people: int = PEOPLE) -> int:
    """Make demo data; return its number of uses, or 0 if it exists already. Only local databases.

    Raises SeedError for any other database. The same `people` do the same in every database.
    """
    if conninfo_to_dict(database_url).get("host") not in LOCAL:
        raise SeedError("Demo data is for local databases; DATABASE_URL points to another machine.")
    # Without it a seed that was stopped goes on in the database for minutes, and its locks keep
    # everybody from signing in.
    alive = "-c client_connection_check_interval=2s"
    with psycopg.connect(database_url, options=alive) as connection:
        seeded = "select count(*) from public.usage_logs where request_id = 'seed'"
        if _count(connection, seeded):
            return 0
        connection.execute(
            "select set_config('seed.people', %s, true), set_config('seed.token', %s, true)",
            [str(people), _token()],
        )
        for part in (
            "seed.sql",
            "seed_analyses.sql",
            "seed_pipelines.sql",
            "seed_traces.sql",
            "seed_advice.sql",
        ):
            connection.execute((FOLDER / part).read_text(encoding="utf-8"))
        made = _count(connection, seeded)
        # Without statistics about so many new rows, some rollups are counted by plans for few.
        connection.execute("analyze")
        for name in rebuilds(connection):
            connection.execute(sql.SQL("select private.{}()").format(sql.Identifier(name)))
        connection.execute((FOLDER / "seed_operators.sql").read_text(encoding="utf-8"))
        connection.commit()
        connection.autocommit = True
        connection.execute("analyze")
        return made


def rebuilds(connection: psycopg.Connection) -> list[str]:
    """The functions in `private` that recompute every rollup, independently of the triggers."""
    names = connection.execute(
        "select proname from pg_proc where pronamespace = 'private'::regnamespace and pronargs = 0"
        " and proname like 'rebuild\\_%' order by proname"
    ).fetchall()
    return [name for (name,) in names]


def _token() -> str:
    """A value for every Figma token and passcode; the stack can decrypt it like a real one."""
    key = os.environ.get("TOKEN_ENCRYPTION_KEYS", "").partition(",")[0].strip()
    return Fernet(key or Fernet.generate_key()).encrypt(b"made up").decode()


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
        f"made up {made:,} uses by {PEOPLE:,} people over 14 months"
        if made
        else "demo data is there already"
    )
    sys.stdout.write(f"{done}\n")


if __name__ == "__main__":
    main()

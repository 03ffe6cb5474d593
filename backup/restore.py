"""``python -m backup.restore FILE --key KEYFILE`` (`make restore`): bring a backup back.

Only into an empty project, and only what was read whole and unchanged before. Everything is then
compared with the manifest: rows, content, numbers, rights.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from backup import contents
from backup.checking import ACCOUNTS_DUMP, DATABASE, check
from backup.clients import complaint, environment_for, find_clients
from backup.container import members, parts_of
from backup.errors import BackupError
from backup.sealing import opened_reader, read_identities
from backup.settings import BackupSettings, load_settings
from service.errors import ServiceError
from service.store.artifact_store import BUCKET, ArtifactStore

# Made by every project itself. Its comment and rights may not be ours to change.
_NOT_OURS = (" SCHEMA - public ", " COMMENT - SCHEMA public ", " ACL - SCHEMA public ")
_DEFAULTS = """
select nspname, defaclobjtype::text, array(
    select distinct case grantee when 0 then 'public' else pg_get_userbyid(grantee)::text end
    from aclexplode(defaclacl) where grantee <> defaclrole)
from pg_catalog.pg_default_acl join pg_catalog.pg_namespace on pg_namespace.oid = defaclnamespace
where pg_get_userbyid(defaclrole) = current_user and nspname = any (%s)
"""
UNSIGNED = (
    "BACKUP_SIGNING_KEY is not set, so nobody checked who made this backup. It was sealed for your "
    "key, which everybody may do who has the public one, and restoring runs what stands in it."
)
_KINDS = {"r": "tables", "S": "sequences", "f": "functions", "T": "types"}


@dataclass(frozen=True)
class Restored:
    """What was brought back. ``different``: a sentence for each thing that is not as it was."""

    manifest: dict[str, Any]
    different: list[str]
    open_answers: int
    seconds: float

    def report(self) -> str:
        tables = self.manifest["tables"]
        rows = sum(table["rows"] for table in tables.values())
        lines = [
            f"  {table['rows']:>12,}  {name}" for name, table in tables.items() if table["rows"]
        ]
        empty = sum(not table["rows"] for table in tables.values())
        lines.append(f"  {empty} further tables are empty, as they were")
        lines += [f"  DIFFERENT: {each}" for each in self.different]
        lines.append(
            f"{len(tables)} tables with {rows:,} rows and {len(self.manifest['files'])} files "
            f"as of {self.manifest['moment']}, restored in {self.seconds:.1f} s and compared: "
            + (f"{len(self.different)} differ." if self.different else "all is as it was.")
        )
        lost = len(self.manifest["files_missing"])
        if lost:
            lines.append(f"{lost} files had lost their bytes before the backup.")
        lines.append(
            f"{self.open_answers} questions were open; each is looked for in its thread before it "
            "is answered."
        )
        return "\n".join([*lines, *_needed_keys(self.manifest)])


def _needed_keys(manifest: dict[str, Any]) -> list[str]:
    return [
        f"It needs {name} with the fingerprint {', '.join(prints)}."
        for name, prints in manifest["keys"].items()
        if prints
    ]


def restore(
    settings: BackupSettings,
    path: Path,
    identities: Sequence[Any],
    say: Callable[[str], None] = print,
) -> Restored:
    """Raises BackupError. Until the file was read whole, nothing is changed; and what was begun
    then is taken back, except stored files."""
    began = time.monotonic()
    if not path.is_file():
        raise BackupError(f"There is no file {path}.")
    with _connected(settings) as connection:
        refuse_unless_empty(connection)
        say("checking the backup …")
        manifest = check(path, identities, settings.backup_signing_key)
        if settings.backup_signing_key is None:
            say(UNSIGNED)
        _refuse_older_server(connection, manifest)
        for line in _key_warnings(settings, manifest):
            say(line)
        target = _Target(settings, path, identities, manifest["server_major"])
        say("restoring accounts …")
        if any(name in contents.ACCOUNTS for name in manifest["tables"]):
            target.restore(ACCOUNTS_DUMP)
        say("restoring the database …")
        try:
            with _no_default_rights(connection):
                target.restore(DATABASE)
        except BaseException:
            # Nobody had an account here, so all there are came with the backup.
            connection.execute("delete from auth.users")
            raise
        if manifest["files"]:
            say("restoring files …")
            _put_files(settings, path, identities, manifest["files"])
        say("comparing …")
        different = contents.differences(manifest, connection)
        row = connection.execute("select private.after_restore()").fetchone()
        connection.execute("notify pgrst, 'reload schema'")
        return Restored(manifest, different, row[0] if row else 0, time.monotonic() - began)


@contextmanager
def _connected(settings: BackupSettings) -> Iterator[psycopg.Connection]:
    conninfo = make_conninfo(
        settings.database_url.get_secret_value(), application_name="restore", connect_timeout=10
    )
    try:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            contents.prepare(connection)
            yield connection
    except psycopg.OperationalError as error:
        raise BackupError(
            f"The database does not answer, or hung up: check DATABASE_URL. ({str(error).strip()})"
        ) from error
    except psycopg.Error as error:
        said = error.diag.message_primary or type(error).__name__
        raise BackupError(f"The database refuses: {said} ({error.sqlstate}).") from error


def refuse_unless_empty(connection: psycopg.Connection) -> None:
    """Raises BackupError, with what is there, unless nobody ever used this project."""
    found = []
    tables = connection.execute(
        "select relnamespace::regnamespace::text, count(*) from pg_catalog.pg_class"
        " where relkind in ('r', 'p') and relnamespace::regnamespace::text = any (%s)"
        " and not exists (select from pg_catalog.pg_depend where objid = pg_class.oid"
        " and deptype = 'e') group by 1 order by 1",
        [list(contents.SCHEMAS)],
    ).fetchall()
    found += [f"{count} tables in the schema {schema}" for schema, count in tables]
    if not _exists(connection, "auth.users"):
        raise BackupError(
            "This database has no accounts of Supabase Auth (auth.users). Start the project's API "
            "once: it makes them."
        )
    found += _count(connection, "accounts of Supabase Auth", "auth.users", "")
    if _exists(connection, "storage.objects"):
        where = f"where bucket_id = '{BUCKET}'"
        found += _count(connection, "stored files of pipelines", "storage.objects", where)
    if found:
        raise BackupError(
            f"This project is not empty: it has {', '.join(found)}. A backup is restored into a "
            "new project only, so that it can never overwrite one in use. Nothing was changed."
        )


def _exists(connection: psycopg.Connection, table: str) -> bool:
    row = connection.execute("select to_regclass(%s)", [table]).fetchone()
    return bool(row and row[0])


def _count(connection: psycopg.Connection, what: str, table: str, where: str) -> list[str]:
    # Our own words: no outside text reaches this statement.
    row = connection.execute(f"select count(*) from {table} {where}").fetchone()
    return [f"{row[0]} {what}"] if row and row[0] else []


def _refuse_older_server(connection: psycopg.Connection, manifest: dict[str, Any]) -> None:
    major = connection.info.server_version // 10000
    if major < manifest["server_major"]:
        raise BackupError(
            f"The backup is of PostgreSQL {manifest['server_major']}, and this project has "
            f"{major}, which does not understand all of it. Make a project of that version or a "
            "newer one. Nothing was changed."
        )


def _key_warnings(settings: BackupSettings, manifest: dict[str, Any]) -> Iterator[str]:
    """Where the environment has other keys than the product had: nothing stored would open."""
    for name, here in settings.fingerprints().items():
        wanted = set(manifest["keys"].get(name, []))
        if here and wanted and not wanted <= set(here):
            yield (
                f"note: {name} here is not the one of this backup. Put that one into the "
                "environment before the product starts, or nothing that is stored opens."
            )


@contextmanager
def _no_default_rights(connection: psycopg.Connection) -> Iterator[None]:
    """Supabase grants every new table of ``public`` to the API's roles. A dump knows nothing of
    that, so each restored table would be open to everybody. The dump makes them anew at its end."""
    found = connection.execute(_DEFAULTS, [list(contents.SCHEMAS)]).fetchall()
    for schema, kind, roles in found:
        for role in roles:
            statement = (
                f"alter default privileges in schema {{}} revoke all on {_KINDS[kind]} from {{}}"
            )
            names = sql.Identifier(schema), sql.Identifier(role)
            connection.execute(sql.SQL(statement).format(*names))
    yield


class _Target:
    """Sends the dumps of one backup into the database of the settings."""

    def __init__(
        self, settings: BackupSettings, path: Path, identities: Sequence[Any], server_major: int
    ):
        self._path, self._identities = path, identities
        self._pg_restore = str(find_clients(server_major) / "pg_restore")
        self._environment = environment_for(settings.database_url.get_secret_value())

    def restore(self, dump: str) -> None:
        """All of a dump in one transaction, or nothing of it."""
        with tempfile.NamedTemporaryFile("w", suffix=".list") as wanted:
            wanted.write(self._list(dump))
            wanted.flush()
            database = self._environment.get("PGDATABASE", "postgres")
            self._run(
                dump, "--single-transaction", "--exit-on-error", "--no-password", "--no-owner",
                f"--use-list={wanted.name}", f"--dbname={database}",
            )  # fmt: skip

    def _list(self, dump: str) -> str:
        """What is in the dump, without what each project has by itself."""
        listed = self._run(dump, "--list").decode()
        lines = listed.splitlines(keepends=True)
        return "".join(line for line in lines if not any(each in line for each in _NOT_OURS))

    def _run(self, dump: str, *options: str) -> bytes:
        with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [self._pg_restore, *options],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=told,
                stderr=said,
            )
            assert process.stdin
            try:
                self._feed(dump, process.stdin)
            finally:
                code = process.wait()
            if code:
                said.seek(0)
                raise BackupError(
                    f"pg_restore failed, and nothing of {dump} was kept: {complaint(said.read())}"
                )
            told.seek(0)
            return told.read()

    def _feed(self, dump: str, target: Any) -> None:
        try:
            with (
                self._path.open("rb") as source,
                opened_reader(source, self._identities) as stream,
            ):
                for part in parts_of(dump, members(stream)):
                    target.write(part)
        except BrokenPipeError:
            # It has read enough (--list), or failed and says why.
            pass
        finally:
            with suppress(BrokenPipeError):
                target.close()


def _put_files(
    settings: BackupSettings, path: Path, identities: Sequence[Any], types: dict[str, str]
) -> None:
    try:
        with (
            closing(ArtifactStore.open(settings)) as store,
            path.open("rb") as source,
            opened_reader(source, identities) as stream,
        ):
            for name, content in members(stream):
                folder, _, place = name.partition("/")
                if folder == "files":
                    store.put(place, content, types[place])
    except ServiceError as error:
        raise BackupError(
            f"The database is restored, but not all files of pipelines: {error.message} Their "
            "components can be made again; to have the files too, restore into another new project."
        ) from error


def main(
    arguments: Sequence[str] | None = None,
    settings: BackupSettings | None = None,
    then: str = "`make migrate` with this version, then start the product.",
) -> None:
    parser = argparse.ArgumentParser(description="Restore a backup into an empty project.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", type=Path, required=True, help="the private key's file, or -")
    given = parser.parse_args(arguments)
    done = restore(
        settings or load_settings(),
        given.file,
        read_identities(given.key),
        lambda line: print(line, flush=True),
    )
    sys.stdout.write(done.report() + "\n")
    age = datetime.now(UTC) - datetime.fromisoformat(done.manifest["moment"])
    sys.stdout.write(
        f"The backup is {age.total_seconds() / 3600:.1f} hours old: what came later is lost. Next: "
        f"{then}\n"
    )
    sys.exit(1 if done.different else 0)


if __name__ == "__main__":
    main()

"""``python -m backup.make_backup`` (`make backup`): one sealed and checked file with everything.

The dumps and the figures of the manifest are of one snapshot, so the product may be at work. The
file is sealed for BACKUP_RECIPIENTS, and for a key that lives only as long as this process: with it
the file is read back once it is written. Only then does it get its name, and is it recorded.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from backup import contents
from backup.checking import ACCOUNTS_DUMP, DATABASE, FORMAT, check
from backup.clients import complaint, environment_for, find_clients
from backup.container import Writer
from backup.errors import BackupError
from backup.old_backups import DRAFT, UNCHECKED, file_name, remove_old
from backup.sealing import new_identity, recipient_of, sealed_writer
from backup.settings import BackupSettings, load_settings
from service.config import SettingsError
from service.errors import NotFound, ServiceError
from service.store.artifact_store import ArtifactStore

_VERSION = "select coalesce(max(name), '') from private.schema_migrations where name ~ '^\\d{4}_'"
_MIGRATIONS = "select name, checksum from private.schema_migrations order by name"
_FILES = "select distinct path, media_type from public.pipeline_artifacts order by path"


@dataclass(frozen=True)
class Made:
    """A backup that was made and read back."""

    path: Path
    moment: datetime
    manifest: dict[str, Any]
    bytes: int
    seconds: float

    @property
    def rows(self) -> int:
        return sum(table["rows"] for table in self.manifest["tables"].values())


def make_backup(settings: BackupSettings, say: Callable[[str], None] = print) -> Made:
    """Make, check and record one. Raises BackupError; then nothing is left of it."""
    if not settings.backup_recipients:
        raise BackupError(
            "BACKUP_RECIPIENTS is not set, so nobody could open the backup. Make a pair of keys "
            "with `make backup-key`, set the public one, and keep the private one elsewhere."
        )
    began = time.monotonic()
    folder = settings.backup_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _draft_in(folder) as draft, _connected(settings) as connection:
        own_key = new_identity()
        say("writing …")
        manifest = _write(settings, connection, draft, own_key)
        say("reading it back …")
        moment = datetime.fromisoformat(manifest["moment"])
        name = file_name(moment, manifest["schema_version"], manifest["server_major"])
        named = draft.with_name(f"{name}{UNCHECKED}")
        draft.rename(named)
        try:
            check(named, [own_key], settings.backup_signing_key)
            path = _give_name(named, folder / name)
        finally:
            named.unlink(missing_ok=True)
        made = Made(path, moment, manifest, path.stat().st_size, time.monotonic() - began)
        _record(connection, made)
    for old in remove_old(folder, settings.backup_keep_days, datetime.now(UTC)):
        say(f"removed {old.name}")
    return made


@contextmanager
def _draft_in(folder: Path) -> Iterator[Path]:
    """A file of our own beside the finished ones. Nobody else may read it."""
    handle, name = tempfile.mkstemp(prefix=DRAFT, dir=folder)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def _connected(settings: BackupSettings) -> Iterator[psycopg.Connection]:
    url = settings.database_url.get_secret_value()
    try:
        with psycopg.connect(
            make_conninfo(url, application_name="backup", connect_timeout=10), autocommit=True
        ) as connection:
            contents.prepare(connection)
            yield connection
    except psycopg.OperationalError as error:
        raise BackupError(
            "The database does not answer, or hung up. For the local stack start `make run` in "
            f"another terminal first; else check DATABASE_URL. ({str(error).strip()})"
        ) from error
    except psycopg.Error as error:
        said = error.diag.message_primary or type(error).__name__
        raise BackupError(f"The database refuses: {said} ({error.sqlstate}).") from error


def _write(
    settings: BackupSettings, connection: psycopg.Connection, draft: Path, own_key: Any
) -> dict[str, Any]:
    recipients = [recipient_of(each) for each in settings.backup_recipients]
    major = connection.info.server_version // 10000
    try:
        with draft.open("wb") as target:
            with (
                sealed_writer(target, [*recipients, own_key.to_public()]) as sealed,
                _snapshot(connection) as snapshot,
            ):
                writer = Writer(sealed)
                manifest = _describe(settings, connection, major)
                _dump(settings, major, snapshot, writer, manifest)
                # Stored files never change, so they need no snapshot; which there are is of it.
                manifest["files"], manifest["files_missing"] = (
                    _copy_files(settings, connection, writer) if settings.backup_files else ({}, [])
                )
                key = settings.backup_signing_key
                writer.end(manifest, key.get_secret_value() if key else "")
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        raise BackupError(
            f"The backup cannot be written to {draft.parent}: {error.strerror or error}. Make "
            "room, or set BACKUP_FOLDER to another disk."
        ) from error
    return manifest


@contextmanager
def _snapshot(connection: psycopg.Connection) -> Iterator[str]:
    """One moment of the database, which others can look at too."""
    connection.execute("begin transaction isolation level repeatable read, read only")
    try:
        row = connection.execute("select pg_export_snapshot()").fetchone()
        assert row
        yield row[0]
    finally:
        if not connection.closed:
            connection.execute("rollback")


def _describe(
    settings: BackupSettings, connection: psycopg.Connection, major: int
) -> dict[str, Any]:
    moment, version = connection.execute(f"select now(), ({_VERSION})").fetchone() or (None, "")
    if not version:
        raise BackupError("This database has no product in it: `make migrate` comes first.")
    return {
        "format": FORMAT,
        "moment": moment.astimezone(UTC).isoformat(),
        "schema_version": version,
        "server_major": major,
        "migrations": dict(connection.execute(_MIGRATIONS).fetchall()),
        "tables": {name: asdict(each) for name, each in contents.read_tables(connection).items()},
        "sequences": contents.read_sequences(connection),
        "rights": contents.read_rights(connection),
        "keys": settings.fingerprints(),
    }


def _dump(
    settings: BackupSettings, major: int, snapshot: str, writer: Writer, manifest: dict[str, Any]
) -> None:
    accounts = [f"--table={name}" for name in contents.ACCOUNTS if name in manifest["tables"]]
    if accounts:
        _run_dump(settings, major, snapshot, writer, ACCOUNTS_DUMP, ["--data-only", *accounts])
    schemas = [f"--schema={name}" for name in contents.SCHEMAS]
    _run_dump(settings, major, snapshot, writer, DATABASE, schemas)


def _run_dump(
    settings: BackupSettings, major: int, snapshot: str, writer: Writer, name: str, what: list[str]
) -> None:
    command = [str(find_clients(major) / "pg_dump"), "--format=custom", "--no-password"]
    command += [f"--snapshot={snapshot}", "--lock-wait-timeout=60000", *what]
    environment = environment_for(settings.database_url.get_secret_value())
    # Its complaints go to a file: a pipe that nobody reads could fill up.
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=said, stdin=subprocess.DEVNULL
        )
        try:
            assert process.stdout
            with process.stdout:
                writer.add_stream(name, process.stdout)
        except BaseException:
            process.kill()
            raise
        finally:
            code = process.wait()
        if code:
            said.seek(0)
            raise BackupError(f"pg_dump failed, so there is no backup: {complaint(said.read())}")


def _copy_files(
    settings: BackupSettings, connection: psycopg.Connection, writer: Writer
) -> tuple[dict[str, str], list[str]]:
    """Media types by path, and the paths whose bytes are gone."""
    copied: dict[str, str] = {}
    missing = []
    store = ArtifactStore.open(settings)
    try:
        for path, media_type in connection.execute(_FILES).fetchall():
            try:
                writer.add(f"files/{path}", store.get(path))
            except NotFound:
                # The upkeep removed it after the snapshot, or it was lost before.
                missing.append(path)
            else:
                copied[path] = media_type
    except ServiceError as error:
        raise BackupError(
            f"The files of pipelines cannot be copied: {error.message} Try again, or leave them "
            "out with BACKUP_FILES=false; components can be made again."
        ) from error
    finally:
        store.close()
    return copied, missing


def _give_name(draft: Path, path: Path) -> Path:
    """Never overwrites: a link is refused where a file is."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise BackupError(f"{path} is there already; nothing was overwritten.") from None
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return path


def _record(connection: psycopg.Connection, made: Made) -> None:
    manifest = made.manifest
    told = {
        "moment": manifest["moment"],
        "file_name": made.path.name,
        "bytes": made.bytes,
        "seconds": round(made.seconds, 3),
        "schema_version": manifest["schema_version"],
        "tables": len(manifest["tables"]),
        "row_count": made.rows,
        "files": len(manifest["files"]),
        "files_missing": len(manifest["files_missing"]),
    }
    connection.execute("select private.record_backup(%s)", [Jsonb(told)])


def main() -> None:
    try:
        settings = load_settings()
    except SettingsError:
        # Together with what restoring does not need, so that nothing is missing afterwards.
        settings = load_settings(to_seal=True)
    made = make_backup(settings, lambda line: print(line, flush=True))
    manifest = made.manifest
    missing = len(manifest["files_missing"])
    sys.stdout.write(
        f"{made.path}: {made.bytes / 1e6:.1f} MB, {len(manifest['tables'])} tables with "
        f"{made.rows:,} rows and {len(manifest['files'])} files as of {manifest['moment']}, "
        f"schema {manifest['schema_version']}. Sealed, read back and complete after "
        f"{made.seconds:.1f} s.\n"
    )
    if missing:
        sys.stdout.write(f"{missing} files of pipelines have a row, but their bytes are gone.\n")


if __name__ == "__main__":
    main()

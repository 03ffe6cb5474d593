"""Reading a backup from its first byte to its last: nothing changed, nothing missing, each table
with the rows that its manifest names. What pg_restore could not read would be no backup."""

import contextlib
import hashlib
import hmac
import json
import re
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from pydantic import SecretStr

from backup.clients import complaint, find_clients
from backup.container import MANIFEST, SIGNATURE, members, signature_of
from backup.errors import BackupError
from backup.sealing import opened_reader

FORMAT = 1
DATABASE, ACCOUNTS_DUMP = "database.dump", "accounts.dump"
_COPY = re.compile(rb"COPY (\S+) \(.*\) FROM stdin;\n")
_END = b"\\.\n"


class RowCount:
    """Feeds a dump to pg_restore, which writes SQL to us, and counts the rows of each table."""

    def __init__(self, server_major: int):
        command = [str(find_clients(server_major) / "pg_restore"), "--data-only", "--file=-"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.rows: dict[str, int] = {}
        self._said = b""
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._count, self._listen)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def input(self) -> IO[bytes]:
        assert self._process.stdin
        return self._process.stdin

    def feed(self, content: bytes) -> None:
        try:
            self.input.write(content)
        except BrokenPipeError:
            # It has ended; `finish` says why.
            return

    def finish(self, name: str) -> dict[str, int]:
        with contextlib.suppress(BrokenPipeError):
            self.input.close()
        code = self._process.wait()
        for thread in self._threads:
            thread.join()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream
            stream.close()
        if code:
            raise BackupError(f"{name} in the backup cannot be read: {complaint(self._said)}")
        return self.rows

    def _listen(self) -> None:
        assert self._process.stderr
        self._said = self._process.stderr.read()

    def _count(self) -> None:
        assert self._process.stdout
        table = ""
        for line in self._process.stdout:
            if table:
                if line == _END:
                    table = ""
                else:
                    self.rows[table] += 1
            elif found := _COPY.fullmatch(line):
                table = found[1].decode().replace('"', "")
                self.rows[table] = 0


def check(
    path: Path, identities: Sequence[Any], signing_key: SecretStr | None = None
) -> dict[str, Any]:
    """The manifest of a backup, after all of it was read. Raises BackupError if it is damaged, of
    another version, or not signed with this key. Without a key nobody knows who wrote it."""
    hashes: dict[str, str] = {}
    manifest: dict[str, Any] = {}
    with path.open("rb") as source, opened_reader(source, identities) as stream:
        counts: dict[str, RowCount] = {}
        major = _major_from_name(path)
        for name, content in members(stream):
            if name == MANIFEST:
                manifest = json.loads(content)
                continue
            hashes[name] = hashlib.sha256(content).hexdigest()
            dump = name.partition("/")[0]
            if dump in (DATABASE, ACCOUNTS_DUMP):
                if dump not in counts:
                    counts[dump] = RowCount(major)
                counts[dump].feed(content)
        while stream.read(1024 * 1024):
            # The padding at the end of the archive: only then was the seal read to its end.
            pass
        rows: dict[str, int] = {}
        for dump, count in counts.items():
            rows |= count.finish(dump)
    _compare(manifest, hashes, rows)
    if signing_key:
        _check_signature(manifest, signing_key.get_secret_value())
    return manifest


def _check_signature(manifest: dict[str, Any], signing_key: str) -> None:
    told = manifest.get(SIGNATURE)
    if not told:
        raise BackupError(
            "This backup is not signed: it was made without BACKUP_SIGNING_KEY, or by somebody "
            "else. Restoring runs what stands in it. If you know where it comes from, restore it "
            "without BACKUP_SIGNING_KEY."
        )
    if not hmac.compare_digest(str(told), signature_of(manifest, signing_key)):
        raise BackupError(
            "This backup was not signed with this BACKUP_SIGNING_KEY: somebody else made or "
            "changed it, or the key is another one. Nothing was restored."
        )


def _major_from_name(path: Path) -> int:
    """The version of the server that a backup is of: it stands in its name, as the manifest comes
    last. 0, which any client fits, for a file that was renamed."""
    found = re.search(r"-pg(\d+)\.", path.name)
    return int(found[1]) if found else 0


def _compare(manifest: dict[str, Any], hashes: dict[str, str], rows: dict[str, int]) -> None:
    if not manifest:
        raise BackupError("This is no backup of this product: it has no manifest.")
    if manifest.get("format") != FORMAT:
        raise BackupError(
            "This backup was made by another version of the product, in a form that this one does "
            f"not know ({manifest.get('format')}). Restore it with that version."
        )
    if hashes != manifest["hashes"]:
        raise BackupError("The backup is damaged: parts of it are not as its manifest says.")
    wrong = [
        f"{name} has {rows.get(name, 0)} rows instead of {table['rows']}"
        for name, table in manifest["tables"].items()
        if rows.get(name, 0) != table["rows"]
    ]
    if wrong:
        raise BackupError(f"The backup does not have all rows: {'; '.join(wrong[:5])}.")

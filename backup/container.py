"""The inside of a backup: a tar archive that is written and read as a stream.

A tar's member begins with its length, which nobody knows of a dump before it ends. So streams are
stored in parts: ``database.dump/000000``, ``database.dump/000001`` … Without this program:
``age -d -i KEY FILE | tar -x``, then ``cat database.dump/* > database.dump``.
"""

import hashlib
import hmac
import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

PART_BYTES = 8 * 1024 * 1024
MANIFEST = "manifest.json"
SIGNATURE = "signature"


class Writer:
    """Adds members to an archive and remembers the hash of each."""

    def __init__(self, stream: IO[bytes]):
        self._tar = tarfile.TarFile.open(mode="w|", fileobj=stream, format=tarfile.PAX_FORMAT)
        self.hashes: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content), 0o600
        self._tar.addfile(member, io.BytesIO(content))
        self.hashes[name] = hashlib.sha256(content).hexdigest()

    def add_stream(self, name: str, source: IO[bytes]) -> None:
        """Add all that a stream gives, in parts. A full part is in memory at a time."""
        number = 0
        while content := _read_full(source, PART_BYTES):
            self.add(f"{name}/{number:06}", content)
            number += 1

    def end(self, manifest: dict[str, Any], signing_key: str = "") -> None:
        """The manifest is the last member: only then is everything known that stands in it."""
        manifest = {**manifest, "hashes": dict(self.hashes)}
        if signing_key:
            manifest[SIGNATURE] = signature_of(manifest, signing_key)
        self.add(MANIFEST, json.dumps(manifest, indent=1).encode())
        self._tar.close()


def signature_of(manifest: dict[str, Any], signing_key: str) -> str:
    """The HMAC of a manifest, which has the hash of every part: so it is of the whole backup."""
    # As it is read back: JSON has no other keys than text.
    signed = json.loads(json.dumps({**manifest, SIGNATURE: None}))
    content = json.dumps(signed, sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(signing_key.encode(), content, "sha256").hex()


def _read_full(source: IO[bytes], count: int) -> bytes:
    """``count`` bytes, or fewer only at the end: a pipe gives what it has."""
    pieces = []
    while count and (piece := source.read(count)):
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def members(stream: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each member, in order. A member is at most as large as a part or a file of
    pipelines (32 MB)."""
    with tarfile.open(mode="r|", fileobj=stream) as tar:
        for member in tar:
            file = tar.extractfile(member)
            if file is not None:
                yield member.name, file.read()


def parts_of(name: str, found: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The content of the parts of one stream."""
    return (content for each, content in found if each.startswith(f"{name}/"))

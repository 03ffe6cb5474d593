"""Sealing a stream for public keys, and opening it: age (https://age-encryption.org/v1).

age encrypts in authenticated pieces of 64 KB, so nothing has to fit into memory, and a file that
was cut off or changed does not open. Any tool that speaks age opens our files. The library takes
one stream and gives another; a pipe and a thread turn that into something to write to or to read
from.
"""

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyrage

from backup.errors import BackupError

NO_KEY = (
    "None of the given keys opens this backup: give the file with the private key it was made for."
)


def recipient_of(text: str) -> Any:
    """A public key. Raises ValueError unless it is one of age."""
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise ValueError(
            "each must be a public key of age (age1…); make a pair with `make backup-key`"
        ) from None


def new_identity() -> Any:
    """A new pair of keys: ``str()`` of it is the private key, ``to_public()`` the other."""
    return pyrage.x25519.Identity.generate()


def read_identities(path: Path) -> list[Any]:
    """The private keys in a file as `make backup-key` or `age-keygen` writes it; `-` is standard
    input, for a container that may not read the file."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        lines = text.split("\n")
    except (OSError, UnicodeDecodeError):
        raise BackupError(f"The file with the private key cannot be read: {path}.") from None
    found = []
    for line in (each.strip() for each in lines):
        if line.startswith("AGE-SECRET-KEY-"):
            try:
                found.append(pyrage.x25519.Identity.from_str(line))
            except pyrage.IdentityError:
                raise BackupError(f"A private key in {path} is cut off or mistyped.") from None
    if not found:
        raise BackupError(
            f"{path} has no private key of age: a line that begins with AGE-SECRET-KEY-."
        )
    return found


class _Side(threading.Thread):
    """The library's work in a thread of its own, with the error that ended it."""

    def __init__(self, work: Any, *ends: IO[bytes]):
        super().__init__(name="age", daemon=True)
        self._work, self._ends = work, ends
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self._work()
        except Exception as error:
            self.error = error
        finally:
            for end in self._ends:
                # The other side sees the end of the stream, or that nobody reads any more.
                try:
                    end.close()
                except OSError as error:
                    self.error = self.error or error


@contextmanager
def sealed_writer(target: IO[bytes], recipients: Sequence[Any]) -> Iterator[IO[bytes]]:
    """What is written to the stream arrives in ``target``, sealed. Raises OSError if ``target``
    takes no more."""
    reading, writing = _pipe()
    side = _Side(lambda: pyrage.encrypt_io(reading, target, list(recipients)), reading)
    try:
        yield writing
        writing.close()
    except BrokenPipeError:
        # The other side has ended, and says why.
        pass
    finally:
        _close(writing)
        side.join()
    if side.error:
        # The library tells the target's own error in words of its own.
        raise OSError(str(side.error).removeprefix("OSError: ")) from side.error


@contextmanager
def opened_reader(source: IO[bytes], identities: Sequence[Any]) -> Iterator[IO[bytes]]:
    """The content of a sealed stream. Raises BackupError if no key opens it, or if it was cut off
    or changed: at the end at the latest. Read to its end, it was whole."""
    reading, writing = _pipe()
    side = _Side(lambda: pyrage.decrypt_io(source, writing, list(identities)), writing)
    try:
        yield reading
    except Exception as error:
        # A stream that ends too early makes whatever reads it fail: this is the reason.
        _close(reading)
        side.join()
        raise _reason(side.error) or error from None
    is_whole = not reading.read(1)
    _close(reading)
    side.join()
    reason = _reason(side.error)
    if is_whole and reason:
        raise reason


def _reason(error: Exception | None) -> BackupError | None:
    if error is None or isinstance(error, BrokenPipeError):
        return None
    if isinstance(error, pyrage.DecryptError) and "matching" in str(error):
        return BackupError(NO_KEY)
    return BackupError(
        "The backup is damaged: it was cut off or changed after it was written. Take another copy "
        "of it, or the backup before it."
    )


def _pipe() -> tuple[IO[bytes], IO[bytes]]:
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb"), os.fdopen(writing, "wb")


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except OSError:
        return

"""The files of pipelines: designs, candidates, pictures, the finished ZIP. Their bytes are in
Supabase Storage, in one private bucket; where each one is stands in ``pipeline_artifacts``.

A path ends in the hash of its content, so a file never changes, and storing it twice is one file.
The bytes are stored first and the row is written second: what stays without a row is removed by
the upkeep. Only the service's own key reaches the bucket; it has no policy for anybody else.
"""

import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, TypeVar

import httpx
from storage3.exceptions import StorageApiError
from supabase import Client

from service.errors import NotFound, ServiceError, TooLarge, Unavailable
from service.store.sql_calls import Project, open_client

BUCKET = "pipelines"
# One file. The picture of a large design at double size has about 10 MB.
MAX_BYTES = 32 * 1024 * 1024
# Paths in one request; Storage takes up to 1,000.
REMOVED_AT_ONCE = 500
# A whole file has this long on its way.
TIMEOUT_SECONDS = 60
# `owner/pipeline/hash.ending`: nothing in it is a person's word.
PATH = re.compile(r"[0-9a-z_-]{1,64}/[0-9a-z_-]{1,64}/(?P<hash>[0-9a-f]{64})\.[a-z0-9]{1,8}")
MISSING, TAKEN, TOO_LARGE = 404, 409, 413
# Storage has too much to do, or waited too long for its own database.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 544})

Result = TypeVar("Result")


class StorageError(ServiceError):
    """Storage refused a call for a reason that a retry will not mend."""

    code = "storage_error"


def artifact_path(owner: str, pipeline_id: str, content: bytes, ending: str) -> str:
    """Where a file of a pipeline is kept. ``owner`` is the team's id, or the person's if there is
    no team; ``ending`` comes without its dot."""
    return f"{owner}/{pipeline_id}/{sha256(content).hexdigest()}.{ending}"


class ArtifactStore:
    """The bucket, as service_role. Thread-safe; make one for each process."""

    def __init__(self, client: Client):
        self._storage = client.storage
        self._files = client.storage.from_(BUCKET)
        self._is_prepared = False

    @classmethod
    def open(cls, settings: Project, connections: int = 4) -> "ArtifactStore":
        return cls(open_client(settings, connections, TIMEOUT_SECONDS))

    def close(self) -> None:
        self._storage.session.close()

    def put(self, path: str, content: bytes, media_type: str) -> None:
        """Store one file under a path of ``artifact_path``; the same file again is fine.

        Raises TooLarge above MAX_BYTES, Unavailable if Storage is away, and ValueError if the path
        is not the one of this content.
        """
        found = PATH.fullmatch(path)
        if not found or found["hash"] != sha256(content).hexdigest():
            raise ValueError("This is not the path of this content.")
        if len(content) > MAX_BYTES:
            raise _too_large()
        if not self._is_prepared:
            self._prepare_bucket()
        if self._upload(path, content, media_type) == MISSING:
            # Somebody deleted the bucket while this process ran.
            self._prepare_bucket()
            if self._upload(path, content, media_type) == MISSING:
                raise StorageError(f"Storage has no bucket {BUCKET}, although it was just made.")

    def get(self, path: str) -> bytes:
        """The bytes of a file. Raises NotFound if it is not there (any more), StorageError if they
        are not the bytes that were stored, Unavailable if Storage is away."""
        found = PATH.fullmatch(path)
        if not found:
            raise NotFound("There is no such file.")
        try:
            content = _ask(lambda: self._files.download(path))
        except StorageApiError as error:
            if _status(error) == MISSING:
                raise NotFound("This file is not there any more.") from error
            raise _refusal(error) from error
        if sha256(content).hexdigest() != found["hash"]:
            raise StorageError("Storage gives another content than was stored.")
        return content

    def remove(self, paths: Sequence[str]) -> None:
        """Remove files for good. Those that are gone already are no error."""
        for start in range(0, len(paths), REMOVED_AT_ONCE):
            some = list(paths[start : start + REMOVED_AT_ONCE])
            try:
                _ask(lambda some=some: self._files.remove(some))  # type: ignore[misc]
            except StorageApiError as error:
                # Without the bucket all of them are gone.
                if _status(error) != MISSING:
                    raise _refusal(error) from error

    def _upload(self, path: str, content: bytes, media_type: str) -> int:
        """0, or the status of what is no failure: TAKEN by the same file, or a bucket MISSING."""
        try:
            _ask(lambda: self._files.upload(path, content, {"content-type": media_type}))
        except StorageApiError as error:
            status = _status(error)
            if status not in (TAKEN, MISSING):
                raise _refusal(error) from error
            return status
        return 0

    def _prepare_bucket(self) -> None:
        """Make the bucket, or make an existing one private and give it our limit."""
        options: Any = {"public": False, "file_size_limit": MAX_BYTES}
        try:
            _ask(lambda: self._storage.create_bucket(BUCKET, options=options))
        except StorageApiError as error:
            if _status(error) != TAKEN:
                raise _refusal(error) from error
            try:
                _ask(lambda: self._storage.update_bucket(BUCKET, options))
            except StorageApiError as refused:
                raise _refusal(refused) from refused
        self._is_prepared = True


def _ask(call: Callable[[], Result]) -> Result:
    """Every call is safe to repeat, so one whose connection broke is sent once more."""
    for is_last in (False, True):
        try:
            return call()
        except httpx.TransportError as error:
            if is_last or isinstance(error, httpx.TimeoutException):
                raise _away() from error
    raise AssertionError("unreachable")


def _status(error: StorageApiError) -> int:
    """The status in the body: hosted Storage sends most refusals with the HTTP status 400."""
    text = str(error.status)
    return int(text) if text.isdecimal() else 500


def _refusal(error: StorageApiError) -> ServiceError:
    """Storage's own sentence may name the file and the host, so it is not repeated."""
    status = _status(error)
    if status == TOO_LARGE:
        return _too_large()
    if status in PASSING:
        return _away()
    return StorageError(f"Storage refused a file (status {status}).")


def _away() -> Unavailable:
    return Unavailable("The storage of files cannot be reached right now.", retry_after=5)


def _too_large() -> TooLarge:
    return TooLarge(f"A file of a pipeline has at most {MAX_BYTES // 1024 // 1024} MB.")

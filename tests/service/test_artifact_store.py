"""Files of pipelines: kept under the hash of their content, and nobody else's to read."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import psycopg
import pytest
from storage3 import SyncStorageClient
from storage3.exceptions import StorageApiError
from supabase import Client, ClientOptions, create_client

from local.stack import Database as Stored
from local.stack import Stack
from service.config import Settings
from service.errors import NotFound, ServiceError, TooLarge, Unavailable
from service.store.artifact_store import (
    BUCKET,
    MAX_BYTES,
    ArtifactStore,
    StorageError,
    artifact_path,
)

ZIP = "application/zip"
CONTENT = b"PK what a customer downloads"
OWNER = "00000000-0000-4000-8000-00000000000a"
PIPELINE = "00000000-0000-4000-8000-00000000000b"
PATH = artifact_path(OWNER, PIPELINE, CONTENT, "zip")


@pytest.fixture
def store(settings: Settings) -> Iterator[ArtifactStore]:
    opened = ArtifactStore.open(settings)
    yield opened
    opened.close()


@contextmanager
def client(database: Stored, key: str) -> Iterator[Client]:
    with httpx.Client(timeout=20, trust_env=False) as http:
        options = ClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=http)
        yield create_client(database.supabase_url, key, options)


@pytest.fixture
def storage(database: Stored) -> Iterator[SyncStorageClient]:
    """Storage as its owner sees it, past our store."""
    with client(database, database.service_role_key) as owner:
        yield owner.storage


@pytest.fixture
def visitor(database: Stored) -> Iterator[Client]:
    with client(database, database.anon_key) as made:
        yield made


def test_what_is_put_is_got_and_gone_once_removed(store: ArtifactStore) -> None:
    store.put(PATH, CONTENT, ZIP)
    store.put(PATH, CONTENT, ZIP)
    assert store.get(PATH) == CONTENT
    other = artifact_path(OWNER, PIPELINE, b"", "json")
    store.put(other, b"", "application/json")
    assert store.get(other) == b""
    store.remove([PATH, artifact_path(OWNER, PIPELINE, b"never stored", "zip")])
    with pytest.raises(NotFound):
        store.get(PATH)
    assert store.get(other) == b""
    store.remove([PATH])
    store.put(PATH, CONTENT, ZIP)
    assert store.get(PATH) == CONTENT


def test_many_are_removed_in_few_calls(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.store.artifact_store.REMOVED_AT_ONCE", 2)
    contents = [bytes([number]) for number in range(5)]
    paths = [artifact_path(OWNER, PIPELINE, each, "png") for each in contents]
    for path, content in zip(paths, contents, strict=True):
        store.put(path, content, "image/png")
    store.remove(paths[:4])
    for path in paths[:4]:
        with pytest.raises(NotFound):
            store.get(path)
    assert store.get(paths[4]) == contents[4]
    store.remove([])


@pytest.mark.parametrize(
    "path",
    [
        artifact_path(OWNER, PIPELINE, b"other content", "zip"),
        f"{OWNER}/../{PATH.rpartition('/')[2]}",
        f"../{PATH}",
        f"/{PATH}",
        f"{PATH}\n",
        PATH.replace("zip", "ZIP/../x"),
        "a.zip",
        "",
    ],
)
def test_a_path_is_the_hash_of_its_content_or_none(store: ArtifactStore, path: str) -> None:
    with pytest.raises(ValueError, match="path of this content"):
        store.put(path, CONTENT, ZIP)
    with pytest.raises(NotFound):
        store.get(path)


def test_a_file_has_a_largest_size_on_both_sides(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(PATH, CONTENT, ZIP)
    large = bytes(MAX_BYTES + 1)
    with pytest.raises(TooLarge, match="at most 32 MB"):
        store.put(artifact_path(OWNER, PIPELINE, large, "zip"), large, ZIP)
    monkeypatch.setattr("service.store.artifact_store.MAX_BYTES", len(large))
    with pytest.raises(TooLarge):
        store.put(artifact_path(OWNER, PIPELINE, large, "zip"), large, ZIP)


def test_the_bucket_is_made_private_whatever_it_was(
    store: ArtifactStore, storage: SyncStorageClient
) -> None:
    storage.create_bucket(BUCKET, options={"public": True})
    store.put(PATH, CONTENT, ZIP)
    found = storage.get_bucket(BUCKET)
    assert (found.public, found.file_size_limit) == (False, MAX_BYTES)


def test_a_bucket_that_was_deleted_is_made_again(
    store: ArtifactStore, storage: SyncStorageClient
) -> None:
    with pytest.raises(NotFound):
        store.get(PATH)
    store.remove([PATH])
    store.put(PATH, CONTENT, ZIP)
    storage.empty_bucket(BUCKET)
    storage.delete_bucket(BUCKET)
    store.remove([PATH])
    with pytest.raises(NotFound):
        store.get(PATH)
    store.put(PATH, CONTENT, ZIP)
    assert store.get(PATH) == CONTENT


def test_other_bytes_than_were_stored_are_never_given_out(
    store: ArtifactStore, stack: Stack
) -> None:
    store.put(PATH, CONTENT, ZIP)
    (file,) = (stack.folder / "files").rglob(PATH.rpartition("/")[2])
    file.write_bytes(CONTENT[:-1])
    with pytest.raises(StorageError, match="another content"):
        store.get(PATH)


@pytest.mark.parametrize("is_signed_in", [False, True], ids=["anon", "authenticated"])
def test_nobody_else_reaches_a_file(
    store: ArtifactStore, visitor: Client, is_signed_in: bool
) -> None:
    store.put(PATH, CONTENT, ZIP)
    if is_signed_in:
        visitor.auth.sign_up({"email": "stranger@example.com", "password": "correct-horse-9"})
        assert visitor.auth.get_session() is not None
    files = visitor.storage.from_(BUCKET)
    mine = artifact_path(OWNER, PIPELINE, b"a stranger's", "zip")
    for attempt in (
        lambda: files.download(PATH),
        lambda: files.info(PATH),
        lambda: files.create_signed_url(PATH, 60),
        lambda: files.upload(mine, b"a stranger's"),
        lambda: files.upload(PATH, b"a stranger's", {"upsert": "true"}),
        lambda: files.update(PATH, b"a stranger's"),
        lambda: files.move(PATH, mine),
        lambda: files.copy(PATH, mine),
        lambda: visitor.storage.get_bucket(BUCKET),
        lambda: visitor.storage.update_bucket(BUCKET, {"public": True}),
        lambda: visitor.storage.create_bucket("strangers"),
    ):
        with pytest.raises(StorageApiError):
            attempt()
    assert files.list(OWNER) == []
    assert files.remove([PATH]) == []
    assert visitor.storage.list_buckets() == []
    address = files.get_public_url(PATH)
    assert not httpx.get(address, trust_env=False).is_success
    assert store.get(PATH) == CONTENT


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_row_level_security_hides_every_file(
    store: ArtifactStore, database: Stored, role: str
) -> None:
    store.put(PATH, CONTENT, ZIP)
    with psycopg.connect(database.admin_url) as connection:
        assert connection.execute("select count(*) from storage.objects").fetchone() == (1,)
        connection.execute(f"set local role {role}")
        assert connection.execute("select count(*) from storage.objects").fetchone() == (0,)
        assert connection.execute("select count(*) from storage.buckets").fetchone() == (0,)


Answer = tuple[int, bytes]


@pytest.fixture
def answering(settings: Settings) -> Iterator[Callable[..., ArtifactStore]]:
    """Makes a store whose Storage gives these answers, and from then on the last of them."""
    said: list[Answer] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = said.pop(0) if len(said) > 1 else said[0]
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made: list[ArtifactStore] = []

    def open_store(*answers: Answer) -> ArtifactStore:
        said[:] = answers
        changed = settings.model_copy(
            update={"supabase_url": f"http://127.0.0.1:{server.server_port}"}
        )
        made.append(ArtifactStore.open(changed))
        return made[-1]

    yield open_store
    for each in made:
        each.close()
    server.shutdown()
    server.server_close()


def refusal(status: int, error: str, http: int = 400) -> Answer:
    """As hosted Storage sends it: the true status is in the body."""
    text = f'{{"statusCode":"{status}","error":"{error}","message":"see {PATH} on db.example"}}'
    return http, text.encode()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal(404, "not_found"), NotFound),
        (refusal(404, "not_found", 404), NotFound),
        (refusal(403, "Unauthorized"), StorageError),
        (refusal(400, "InvalidRequest"), StorageError),
        (refusal(429, "too_many"), Unavailable),
        (refusal(544, "DatabaseTimeout"), Unavailable),
        (refusal(500, "Internal", 500), Unavailable),
        ((503, b"<html>upstream db.example</html>"), Unavailable),
        ((429, b"slow down"), Unavailable),
        ((413, b"<html>too large</html>"), TooLarge),
        ((401, b"{}"), StorageError),
        ((0, b""), Unavailable),
    ],
)
def test_each_refusal_has_its_error_and_tells_no_address(
    answering: Callable[..., ArtifactStore], answer: Answer, expected: type[ServiceError]
) -> None:
    with pytest.raises(ServiceError) as caught:
        answering(answer).get(PATH)
    assert type(caught.value) is expected
    for secret in (PATH, OWNER, "db.example", "127.0.0.1", "eyJ"):
        assert secret not in str(caught.value)


def test_a_broken_connection_is_tried_once_more(answering: Callable[..., ArtifactStore]) -> None:
    assert answering((0, b""), (200, CONTENT)).get(PATH) == CONTENT
    store = answering((200, b'{"name":"pipelines"}'), (0, b""), refusal(409, "Duplicate"))
    store.put(PATH, CONTENT, ZIP)
    answering((0, b""), (200, b"[]")).remove([PATH])


def test_a_key_that_storage_refuses_is_no_outage(answering: Callable[..., ArtifactStore]) -> None:
    with pytest.raises(StorageError, match="status 403"):
        answering(refusal(403, "Unauthorized")).put(PATH, CONTENT, ZIP)
    with pytest.raises(StorageError):
        answering(refusal(403, "Unauthorized")).remove([PATH])
    with pytest.raises(StorageError, match="no bucket"):
        answering(
            (200, b"{}"), refusal(404, "Bucket not found"), (200, b"{}"), refusal(404, "x")
        ).put(PATH, CONTENT, ZIP)

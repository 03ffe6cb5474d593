"""Expired files and files without a row leave the bucket, and no others."""

from collections.abc import Iterator
from itertools import count
from uuid import uuid4

import psycopg
import pytest

from local.stack import Database as Stored
from service.config import Settings
from service.errors import NotFound
from service.store.artifact_store import ArtifactStore, artifact_path
from service.store.artifact_upkeep import remove_expired, remove_orphans
from service.store.database import Database, connect

NUMBERS = count()


@pytest.fixture
def store(settings: Settings) -> Iterator[ArtifactStore]:
    opened = ArtifactStore.open(settings)
    yield opened
    opened.close()


@pytest.fixture
def service(settings: Settings) -> Iterator[Database]:
    connected = connect(settings, connections=4)
    yield connected
    connected.close()


class Scene:
    """Pipelines and their files, at any age."""

    def __init__(self, connection: psycopg.Connection, store: ArtifactStore):
        self.connection, self.store = connection, store
        self.user = str(uuid4())
        connection.execute(
            "insert into public.users (id, figma_user_id, figma_user_hash, handle)"
            " values (%s, 'figma-1', 'hash-1', 'Ada')",
            (self.user,),
        )

    def pipeline(
        self, state: str = "done", ended: str | None = "-2 days", kept: str = "28 days"
    ) -> str:
        verdict = "passed" if state == "done" else None
        row = self.connection.execute(
            "insert into public.pipelines (user_id, owner_id, source, file_key, node_id, state,"
            " verdict, at_once, ceiling_microusd, ended_at, files_until) values"
            " (%s, %s, 'api', 'f', '1:2', %s, %s, 3, 400000, now() + %s::interval,"
            " case when %s::interval is not null then now() + %s::interval end) returning id",
            (self.user, self.user, state, verdict, ended, ended, kept),
        ).fetchone()
        assert row is not None
        return str(row[0])

    def file(self, pipeline: str, *, has_row: bool = True, age: str = "2 days") -> str:
        content = f"file {next(NUMBERS)}".encode()
        path = artifact_path(self.user, pipeline, content, "zip")
        self.store.put(path, content, "application/zip")
        self.connection.execute(
            "update storage.objects set created_at = now() - %s::interval where name = %s",
            (age, path),
        )
        if has_row:
            self.connection.execute(
                "insert into public.pipeline_artifacts (pipeline_id, kind, round, path, bytes,"
                " sha256, media_type) values (%s, 'zip', 0, %s, 1, %s, 'application/zip')",
                (pipeline, path, path.rpartition("/")[2].removesuffix(".zip")),
            )
        return path

    def rows(self) -> set[str]:
        found = self.connection.execute("select path from public.pipeline_artifacts")
        return {path for (path,) in found}

    def has(self, path: str) -> bool:
        try:
            return bool(self.store.get(path))
        except NotFound:
            return False


@pytest.fixture
def scene(database: Stored, store: ArtifactStore) -> Iterator[Scene]:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        yield Scene(connection, store)


def test_expired_files_and_their_rows_go_and_the_rest_stays(
    scene: Scene, service: Database, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.store.artifact_upkeep.AT_ONCE", 2)
    old, kept, running = (
        scene.pipeline(kept="-1 minute"),
        scene.pipeline(),
        scene.pipeline("gate", ended=None),
    )
    expired = [scene.file(old) for _ in range(5)]
    others = [scene.file(kept), scene.file(running)]
    assert remove_expired(service, store) == 5
    assert not any(map(scene.has, expired))
    assert all(map(scene.has, others))
    assert scene.rows() == set(others)
    assert remove_expired(service, store) == 0


def test_files_that_are_gone_already_do_not_stop_it(
    scene: Scene, service: Database, store: ArtifactStore
) -> None:
    """As after a process that died between the files and the rows."""
    old = scene.pipeline(kept="-1 minute")
    paths = [scene.file(old), scene.file(old)]
    store.remove(paths)
    assert remove_expired(service, store) == 2
    assert scene.rows() == set()


def test_a_file_without_a_row_goes_once_it_is_a_day_old(
    scene: Scene, service: Database, store: ArtifactStore
) -> None:
    ended = scene.pipeline()
    row = scene.file(ended)
    orphan = scene.file(ended, has_row=False)
    young = scene.file(ended, has_row=False, age="1 hour")
    of_nobody = scene.file(str(uuid4()), has_row=False)
    odd = scene.file("not-an-id", has_row=False)
    assert remove_orphans(service, store) == 3
    assert [scene.has(each) for each in (row, orphan, young, of_nobody, odd)] == [
        *(True, False, True, False, False)
    ]
    assert remove_orphans(service, store) == 0


@pytest.mark.parametrize(
    ("state", "ended"), [("gate", None), ("queued", None), ("failed", "-1 hour")]
)
def test_what_a_run_may_still_need_stays(
    scene: Scene, service: Database, store: ArtifactStore, state: str, ended: str | None
) -> None:
    """A runner uploads first and writes the row second; a retry uploads to the names of then."""
    uploaded = scene.file(scene.pipeline(state, ended=ended), has_row=False, age="30 days")
    assert remove_orphans(service, store) == 0
    assert scene.has(uploaded)


def test_every_page_of_the_bucket_is_looked_at(
    scene: Scene, service: Database, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = scene.pipeline()
    files = {scene.file(ended, has_row=number % 2 == 0): number % 2 == 0 for number in range(9)}
    ask = service.orphaned_artifacts
    asked: list[str] = []

    def ask_little(after: str = "", most: int = 2) -> object:
        asked.append(after)
        return ask(after, most)

    monkeypatch.setattr(service, "orphaned_artifacts", ask_little)
    assert remove_orphans(service, store) == 4
    assert {path: scene.has(path) for path in files} == files
    assert len(asked) == 5
    assert asked == sorted(asked)


def test_another_bucket_is_not_touched(
    scene: Scene, service: Database, store: ArtifactStore
) -> None:
    ended = scene.pipeline()
    orphan = scene.file(ended, has_row=False)
    scene.connection.execute(
        "insert into storage.buckets (id, name, public) values ('avatars', 'avatars', true)"
    )
    scene.connection.execute(
        "update storage.objects set bucket_id = 'avatars' where name = %s", (orphan,)
    )
    assert remove_orphans(service, store) == 0
    left = scene.connection.execute("select name from storage.objects").fetchall()
    assert left == [(orphan,)]


def test_a_project_without_storage_has_no_orphans(scene: Scene, service: Database) -> None:
    with scene.connection.transaction(force_rollback=True):
        scene.connection.execute("drop schema storage cascade")
        found = scene.connection.execute("select public.orphaned_artifacts()").fetchone()
    assert found == ({"paths": [], "next": None},)


def test_files_of_somebody_who_left_leave_the_bucket_with_the_next_look(
    scene: Scene, service: Database, store: ArtifactStore
) -> None:
    files = [scene.file(scene.pipeline()), scene.file(scene.pipeline("gate", ended=None))]
    assert all(map(scene.has, files))
    service.delete_account(scene.user, "kept-hash")
    remove_expired(service, store)
    assert not any(map(scene.has, files)) and scene.rows() == set()
    scene.connection.execute("update public.pipelines set ended_at = now() - interval '2 days'")
    assert service.purge_expired().pipelines == 2

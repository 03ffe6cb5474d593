"""A backup of a database in use, restored into an empty project: everything is there and works."""

import errno
import io
import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from supabase import ClientOptions, create_client

from backup import contents
from backup.checking import FORMAT, check
from backup.clients import find_clients
from backup.container import PART_BYTES, Writer, signature_of
from backup.errors import BackupError
from backup.make_backup import make_backup
from backup.make_key import write_key
from backup.old_backups import backups_in, file_name, remove_old
from backup.restore import UNSIGNED, restore
from backup.sealing import new_identity, read_identities, sealed_writer
from local.schema import dump
from local.stack import Database, Stack
from service.config import Settings
from service.secrets.encryption import Vault
from service.store.artifact_store import ArtifactStore, artifact_path
from sql.set_operator import ProjectSettings, set_operator
from tests.backup.conftest import quiet, settings_of
from tests.sql.conftest import Sql


def project_of(database: Database) -> ProjectSettings:
    return ProjectSettings(
        _env_file=None,
        supabase_url=database.supabase_url,
        SUPABASE_ANON_KEY=database.anon_key,
        SUPABASE_SERVICE_ROLE_KEY=database.service_role_key,
    )


PASSWORD = "correct horse battery staple"
# Whatever a dump writes in a special way.
ODD = 'Ada\t\\N "x"\n\\.\nCOPY public.users (id) FROM stdin;\n\r üñ 🎨'
ZIP = b"PK " + os.urandom(3000)


def fill(database: Database, vault: Vault) -> str:
    """People, a sealed token, questions that are answered and open, a file, an operator."""
    set_operator(project_of(database), "ada@example.test", "founder", PASSWORD)
    sql = Sql(database.admin_url)
    ada = sql.sign_in("figma-ada")
    hook = sql.switch_on(ada)
    done = sql.ask(hook, "c1")["answer_id"]
    sql.begin(done)
    sql.settle(done, "reply-1")
    sql.ask(hook, "c2")
    sql.connection.execute("reset role")
    sql.rows("update public.users set handle = %s returning 1", ODD)
    sealed = vault.encrypt("the token")
    sql.rows("update public.figma_tokens set access_token_encrypted = %s returning 1", sealed)
    sql.rows(
        "insert into public.person_notes (id, user_id, text, written_by)"
        " select gen_random_uuid(), %s, repeat('long ', n), 'ada@example.test'"
        " from generate_series(1, 300) as n returning 1",
        ada,
    )
    run = sql.rows(
        "insert into public.pipelines (user_id, owner_id, source, file_key, node_id, at_once,"
        " ceiling_microusd) values (%s, %s, 'page', 'FILE', '1:2', 3, 0) returning id::text",
        *(ada, ada),
    )[0][0]
    store = ArtifactStore.open(settings_of(database, Path()))
    for content in (ZIP, b"lost"):
        path = artifact_path(ada, run, content, "zip")
        if content == ZIP:
            store.put(path, content, "application/zip")
        sql.rows(
            "insert into public.pipeline_artifacts (pipeline_id, kind, round, path, bytes, sha256,"
            " media_type) values (%s, 'zip', 1, %s, %s, encode(sha256(%s), 'hex'),"
            " 'application/zip') returning 1",
            *(run, path, len(content), content),
        )
    store.close()
    sql.connection.close()
    return artifact_path(ada, run, ZIP, "zip")


def schema_of(database: Database) -> str:
    """All that pg_dump knows of it, without the word that protects each dump, and without brackets:
    Postgres writes fewer of them for what it has read from a dump."""
    return re.sub(r"^\\(un)?restrict \w+$|[()]", "", dump(database, contents.SCHEMAS), flags=re.M)


def test_a_backup_brings_everything_back(
    database: Database, empty: Database, settings: Settings, stack: Stack, tmp_path: Path
):
    path = fill(database, Vault(settings))
    key = new_identity()
    given = settings_of(
        database,
        tmp_path / "backups",
        backup_recipients=str(key.to_public()),
        token_encryption_keys=stack.secrets.encryption_key,
    )
    made = make_backup(given, quiet)

    assert made.path.stat().st_mode & 0o777 == 0o600
    assert [each for _, each in backups_in(given.backup_folder)] == [made.path]
    assert list(given.backup_folder.iterdir()) == [made.path]
    assert len(made.manifest["files_missing"]) == 1
    with psycopg.connect(database.admin_url) as connection:
        [row] = connection.execute("select file_name, bytes from private.last_backup()").fetchall()
    assert row == (made.path.name, made.bytes)
    # Nothing of it can be read without the key.
    content = made.path.read_bytes()
    assert content.startswith(b"age-encryption.org/v1") and b"example.test" not in content

    # What fails midway leaves the project as empty as it was.
    with psycopg.connect(empty.admin_url, autocommit=True) as connection:
        connection.execute("create schema private")
        with pytest.raises(BackupError, match=r"nothing of database\.dump was kept: .*private"):
            restore(settings_of(empty, tmp_path), made.path, [key], quiet)
        assert connection.execute("select count(*) from auth.users").fetchone() == (0,)
        connection.execute("drop schema private")

    done = restore(settings_of(empty, tmp_path), made.path, [key], quiet)

    assert done.different == []
    assert done.open_answers == 1
    assert schema_of(empty) == schema_of(database)
    store = ArtifactStore.open(settings_of(empty, tmp_path))
    assert store.get(path) == ZIP
    store.close()
    with psycopg.connect(empty.admin_url) as connection:
        [(handle, sealed)] = connection.execute(
            "select handle, access_token_encrypted from public.users"
            " join public.figma_tokens on user_id = users.id"
        ).fetchall()
        # An answer that may stand in its thread already is looked for before anything is posted.
        attempts = connection.execute(
            "select attempt, excused from public.answers where state = 'queued'"
        )
        assert attempts.fetchall() == [(1, 1)]
        contents.prepare(connection)
        connection.execute("delete from public.person_notes where length(text) = 5")
        connection.execute("grant select on public.users to anon")
        found = contents.differences(done.manifest, connection)
    assert handle == ODD
    assert Vault(settings).decrypt(sealed) == "the token"
    assert any(each == "public.person_notes: 299 rows instead of 300" for each in found)
    [rights] = [each for each in found if each.startswith("table public.users: ")]
    assert "SELECT to anon" in rights
    with httpx.Client(trust_env=False) as http:
        options = ClientOptions(httpx_client=http, auto_refresh_token=False)
        client = create_client(empty.supabase_url, empty.anon_key, options)
        who = {"email": "ada@example.test", "password": PASSWORD}
        client.auth.sign_in_with_password(who)
        assert client.rpc("current_operator").execute().data["role"] == "founder"

    with pytest.raises(BackupError, match=r"not empty: it has \d+ tables in the schema private"):
        restore(settings_of(empty, tmp_path), made.path, [key], quiet)


@pytest.fixture
def sealed(tmp_path: Path):
    """A small archive, sealed as a backup is, and the key that opens it."""
    key = new_identity()
    path = tmp_path / "small.backup.age"
    with path.open("wb") as target, sealed_writer(target, [key.to_public()]) as stream:
        writer = Writer(stream)
        writer.add_stream("files/any", io.BytesIO(os.urandom(PART_BYTES + 5)))
        writer.end({"format": FORMAT, "tables": {}, "files": {}})
    return path, key


def test_a_whole_backup_is_read_to_its_end(sealed):
    path, key = sealed
    assert set(check(path, [key])["hashes"]) == {"files/any/000000", "files/any/000001"}


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.999_999])
def test_a_backup_that_was_cut_off_is_refused(sealed, kept: float):
    path, key = sealed
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(BackupError, match="damaged: it was cut off or changed"):
        check(path, [key])


def test_a_changed_byte_is_noticed(sealed):
    path, key = sealed
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(BackupError, match="damaged: it was cut off or changed"):
        check(path, [key])


def test_another_key_is_told_so(sealed):
    with pytest.raises(BackupError, match="None of the given keys opens this backup"):
        check(sealed[0], [new_identity()])


def test_another_file_is_no_backup(tmp_path: Path):
    key, path = new_identity(), tmp_path / "other"
    with path.open("wb") as target, sealed_writer(target, [key.to_public()]) as stream:
        Writer(stream)._tar.close()
    with pytest.raises(BackupError, match="no backup of this product"):
        check(path, [key])


def test_a_full_disk_is_told_as_such(sealed):
    class Full(io.RawIOBase):
        def writable(self):
            return True

        def write(self, _data):
            raise OSError(errno.ENOSPC, "No space left on device")

    with (
        pytest.raises(OSError, match="No space left"),
        sealed_writer(Full(), [sealed[1].to_public()]) as stream,
    ):
        stream.write(os.urandom(1_000_000))


def test_old_backups_go_but_never_the_newest_three(tmp_path: Path):
    now = datetime(2026, 11, 30, tzinfo=UTC)
    names = [file_name(now - timedelta(days=days), "0089_x", 16) for days in (1, 20, 40, 50, 60)]
    for name in (*names, "keys.txt", ".backup-killed", f"{names[0]}.unchecked"):
        (tmp_path / name).write_text("")
    (tmp_path / ".backup-under_way").write_text("")
    os.utime(tmp_path / ".backup-under_way", (now.timestamp(), now.timestamp()))
    for name in (".backup-killed", f"{names[0]}.unchecked"):
        os.utime(tmp_path / name, (now.timestamp() - 90_000, now.timestamp() - 90_000))
    gone = [each.name for each in remove_old(tmp_path, 30, now)]
    assert gone == [*names[3:], ".backup-killed", f"{names[0]}.unchecked"]
    kept = {*names[:3], "keys.txt", ".backup-under_way"}
    assert {each.name for each in tmp_path.iterdir()} == kept
    remove_old(tmp_path, 30, now + timedelta(days=1000))
    assert {each.name for each in tmp_path.iterdir()} == kept - {".backup-under_way"}


def test_without_a_key_to_seal_for_there_is_no_backup(database: Database, tmp_path: Path):
    with pytest.raises(BackupError, match="BACKUP_RECIPIENTS is not set"):
        make_backup(settings_of(database, tmp_path), quiet)


def test_a_pair_of_keys_is_written_for_its_owner_alone(tmp_path: Path, capsys, monkeypatch):
    path = tmp_path / "key.txt"
    write_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    public = capsys.readouterr().out.strip().split("BACKUP_RECIPIENTS=")[1]
    monkeypatch.setattr("sys.stdin", io.StringIO(path.read_text()))
    for place in (path, Path("-")):
        assert [str(each.to_public()) for each in read_identities(place)] == [public]
    with pytest.raises(BackupError, match="is there already"):
        write_key(path)
    path.write_text("nothing")
    with pytest.raises(BackupError, match="has no private key"):
        read_identities(path)


def test_a_version_of_postgres_without_clients_says_what_to_install():
    with pytest.raises(BackupError, match="postgresql-client-99"):
        find_clients(99)


SIGNING_KEY = "one-of-forty-letters-that-nobody-else-has"


def test_only_what_was_signed_with_our_key_is_restored(
    database: Database, empty: Database, tmp_path: Path
):
    """Whoever has the public key can seal a file for it: what it was sealed for says nothing."""
    key = new_identity()
    sealed_for_us = {"backup_recipients": str(key.to_public())}
    ours = settings_of(database, tmp_path / "ours", backup_signing_key=SIGNING_KEY, **sealed_for_us)
    signed = make_backup(ours, quiet).path
    unsigned = make_backup(settings_of(database, tmp_path / "other", **sealed_for_us), quiet).path
    theirs = settings_of(
        database, tmp_path / "theirs", backup_signing_key="their own key of thirty-two letters",
        **sealed_for_us,
    )  # fmt: skip
    foreign = make_backup(theirs, quiet).path

    given = settings_of(empty, tmp_path, backup_signing_key=SIGNING_KEY)
    for path, said in ((unsigned, "is not signed"), (foreign, "was not signed with this")):
        with pytest.raises(BackupError, match=said):
            restore(given, path, [key], quiet)
    with psycopg.connect(empty.admin_url) as connection:
        query = "select count(*) from pg_tables where schemaname = 'public'"
        assert connection.execute(query).fetchone() == (0,)

    told: list[str] = []
    assert restore(given, signed, [key], told.append).different == []
    assert UNSIGNED not in told


def test_without_the_key_a_restore_says_that_nobody_checked_who_made_it(
    database: Database, empty: Database, tmp_path: Path
):
    key = new_identity()
    given = {"backup_recipients": str(key.to_public()), "backup_signing_key": SIGNING_KEY}
    signed = make_backup(settings_of(database, tmp_path / "backups", **given), quiet).path
    told: list[str] = []
    assert restore(settings_of(empty, tmp_path), signed, [key], told.append).different == []
    assert UNSIGNED in told


def test_a_signature_is_of_everything_that_the_manifest_says():
    manifest = {"hashes": {"a": "1"}, "tables": {"x": {"rows": 1}}, "n": {10: 1, 9: 2}}
    signature = signature_of(manifest, SIGNING_KEY)
    assert signature_of({**manifest, "signature": signature}, SIGNING_KEY) == signature
    assert signature_of({**manifest, "hashes": {"a": "2"}}, SIGNING_KEY) != signature
    assert signature_of(manifest, SIGNING_KEY + "x") != signature
    assert signature_of(json.loads(json.dumps(manifest)), SIGNING_KEY) == signature

"""What compose.yaml's own Postgres begins with is enough for sql/ and for backups, as a hosted
project's is."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from backup.make_backup import make_backup
from backup.restore import restore
from backup.sealing import new_identity
from backup.settings import BackupSettings
from local.stack import Stack
from local.stack.postgres import ADMIN, find_binaries
from local.stack.stack import ROOT, Database
from sql.apply import apply

# What Auth and Storage make when they start, as far as sql/ names it.
AUTH = """
create table auth.users (id uuid primary key, email text);
create function auth.uid() returns uuid language sql stable
    as $$ select (current_setting('request.jwt.claims', true)::jsonb ->> 'sub')::uuid $$;
create function auth.jwt() returns jsonb language sql stable
    as $$ select current_setting('request.jwt.claims', true)::jsonb $$;
"""
STORAGE = """
create table storage.buckets (id text primary key, name text);
create table storage.objects (
    id uuid primary key, bucket_id text, name text, created_at timestamptz, metadata jsonb
);
alter table storage.objects enable row level security;
"""


class SelfHosted(Stack):
    """A new Postgres that is set up by the script that its image runs."""

    def _furnish(self, database: Database) -> None:
        subprocess.run(
            ["sh", ROOT / "deploy" / "self_hosted" / "init.sh"],
            check=True,
            stdout=subprocess.DEVNULL,
            env={
                "PATH": f"{find_binaries()}:{os.environ['PATH']}",
                "PGHOST": "127.0.0.1",
                "PGPORT": str(self._cluster.port),
                "PGPASSWORD": self.secrets.admin_password,
                "POSTGRES_USER": ADMIN,
                "POSTGRES_DB": "postgres",
                "POSTGRES_PASSWORD": self.secrets.postgres_password,
            },
        )

    def started(self) -> str:
        """Auth and Storage have started once; the address for sql/."""
        self.url = self.database().database_url
        self.run("supabase_auth_admin", AUTH)
        self.run("supabase_storage_admin", STORAGE)
        return self.url

    def run(self, user: str, script: str) -> list[tuple]:
        with psycopg.connect(self.url.replace("//postgres:", f"//{user}:")) as connection:
            cursor = connection.execute(script)  # type: ignore[arg-type]
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else []


def test_sql_is_applied_to_it_and_the_api_acts_as_its_roles() -> None:
    with SelfHosted(fast=True) as stack:
        apply(stack.started(), say=lambda _: None)
        run = stack.run
        [(plans,)] = run("authenticator", "set role service_role; select count(*) from plans")
        assert plans
        for table in ("usage_logs", "users"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                run("authenticator", f"set role anon; select * from public.{table}")
        supers = run("postgres", "select rolname from pg_roles where rolsuper")
        assert supers == [(ADMIN,)]


OPERATOR = """
insert into public.operators (user_id, email, role)
select id, email, 'founder' from auth.users
"""


def test_a_backup_of_it_is_restored_into_a_new_one(tmp_path: Path) -> None:
    key = new_identity()

    def settings(url: str) -> BackupSettings:
        return BackupSettings(
            _env_file=None,  # type: ignore[call-arg]
            supabase_url="http://gateway:8000",
            SUPABASE_SERVICE_ROLE_KEY=SecretStr("key"),
            database_url=SecretStr(url),
            backup_folder=tmp_path,
            backup_recipients=(str(key.to_public()),),
            backup_files=False,
        )

    with SelfHosted(fast=True) as stack:
        url = stack.started()
        apply(url, say=lambda _: None)
        ada = "insert into auth.users values (gen_random_uuid(), 'ada@example.com') returning id"
        stack.run("supabase_auth_admin", ada)
        stack.run("postgres", OPERATOR)
        made = make_backup(settings(url), lambda _: None)
    with SelfHosted(fast=True) as stack:
        done = restore(settings(stack.started()), made.path, [key], lambda _: None)
        assert done.different == []
        both = "select email, role from auth.users join public.operators using (email)"
        assert stack.run("postgres", both) == [("ada@example.com", "founder")]
